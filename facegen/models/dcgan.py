"""The two networks of a deep convolutional GAN whose generator reads conditions.

After Radford et al., "Unsupervised Representation Learning with Deep Convolutional GANs"
(arXiv 1511.06434). How they are trained against each other is gan.py's concern.
"""

from collections.abc import Mapping

import keras
from keras import layers, ops

from facegen.conditions.base import NUMBERS, Names, Ranges
from facegen.conditions.kinds import kinds
from facegen.models.layers import SpectralConv2D, SpectralDense, UpsampleConv2D, condition_inputs, scaled
from facegen.utils.errors import FacegenError


def start_grid(size: int) -> tuple[int, int]:
    """(side, doublings): halve a picture's side while it is over 10 and even; 64 -> (8, 3).

    Example:
        >>> start_grid(64), start_grid(96)
        ((8, 3), (6, 4))
    """
    side, doublings = size, 0
    while side > 10 and side % 2 == 0:
        side, doublings = side // 2, doublings + 1
    if doublings == 0 or side > 10:
        raise FacegenError(
            f"size={size} cannot be grown from a small grid by doubling: expected a side such as "
            "32, 64, 96 or 128 (1 to 10 pixels, doubled one or more times)."
        )
    return side, doublings


def generator(
    names: Names,
    size: int,
    channels: int,
    width: int,
    latent_dim: int,
    centred: bool = False,
    name: str = "generator",
    ranges: Ranges | None = None,
) -> keras.Model:
    """Conditions and noise in, a face out.

    Args:
        names: condition -> its columns; all are concatenated, then the noise.
        size: side of the picture; see `start_grid`.
        channels: 3 for colour, 1 for grey.
        width: unit of the channels (64 in the original): width * 2^doublings on the start grid,
            half as many on each larger one.
        latent_dim: how many numbers of noise follow the conditions (1 in the original).
        centred: read conditions as -1 to 1 instead of 0 to 1, and normalise what the first layer
            makes of them, so that two requests differ from the start.
        name: of the model, and the beginning of its layers' names.
        ranges: of the numbers, which are scaled by them.

    Returns:
        A model from {condition: (b, columns), "noise": (b, latent_dim)} to (b, size, size, channels)
        in -1..1.

    Example:
        >>> made = generator({"attributes": ["Smiling"]}, size=16, channels=3, width=2, latent_dim=1)
        >>> made.output_shape
        (None, 16, 16, 3)
    """
    side, doublings = start_grid(size)
    inputs = condition_inputs(names)
    inputs["noise"] = keras.Input((latent_dim,), name="noise")
    extent = {key: kind.extent for key, kind in kinds(names, ranges).items()}
    if centred:
        conditions = [scaled(inputs[key], extent[key]) for key in names]
    else:
        conditions = [scaled(inputs[key], extent[key], 0) if key == NUMBERS else inputs[key] for key in names]
    x = layers.Concatenate(name=f"{name}_input")([*conditions, inputs["noise"]])
    x = layers.Dense(width * 2**doublings * side * side, name=f"{name}_dense")(x)
    x = layers.BatchNormalization(momentum=0.8, name=f"{name}_norm")(x) if centred else x
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.Reshape((side, side, width * 2**doublings), name=f"{name}_grid")(x)
    for level in range(doublings, 0, -1):  # 8x8 => 16x16 => 32x32 => 64x64
        x = UpsampleConv2D(width * 2**level, 5, name=f"{name}_up_{level}")(x)
        x = layers.BatchNormalization(momentum=0.8, name=f"{name}_norm_{level}")(x)
        x = layers.ReLU(name=f"{name}_relu_{level}")(x)
    x = layers.Conv2D(channels, 5, padding="same", name=f"{name}_pixels")(x)
    x = layers.Activation("tanh", dtype="float32", name=f"{name}_tanh")(x)
    return keras.Model(inputs, x, name=name)


def discriminator(
    names: Names,
    size: int,
    channels: int,
    width: int,
    dropout: float,
    spectral: bool = False,
    conditioning: str = "none",
    seed: int = 0,
) -> keras.Model:
    """A picture in, one logit out: above zero where the network believes it is a photograph.

    Args:
        names: condition -> its columns, which a conditional discriminator reads.
        size, channels: of the picture (b, size, size, channels), in -1..1.
        width: filters of the first layer (64 in the original): width, 2, 4 and 8 times width.
        dropout: rate after each convolution (0.25 in the original).
        spectral: normalise every kernel by its spectral norm (not in the original).
        conditioning: see `GAN`.
        seed: of the dropout.

    Returns:
        A model from {"image"} to {"logit": (b, 1)} and, by the
        kind of conditioning, {"projection": (b, columns)} and {"class_logits": (b, columns)}, all logits.

    Example:
        >>> names = {"emotion": ["happy", "sad"]}
        >>> made = discriminator(names, 16, 3, width=2, dropout=0.0, conditioning="projection")
        >>> made.output["logit"].shape, made.output["projection"].shape
        ((None, 1), (None, 2))
    """
    convolution, dense = (SpectralConv2D, SpectralDense) if spectral else (layers.Conv2D, layers.Dense)
    columns = sum(len(of_one) for of_one in names.values())
    x = image = keras.Input((size, size, channels), name="image")
    for i, (factor, stride) in enumerate(((1, 2), (2, 2), (4, 2), (8, 1))):  # 64 => 32 => 16 => 8 => 8
        name = f"discriminator_conv_{i}"
        x = convolution(width * factor, 4, strides=stride, padding="same", name=name)(x)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"discriminator_relu_{i}")(x)
        x = layers.Dropout(dropout, seed=seed + i, name=f"discriminator_drop_{i}")(x)
    x = layers.Flatten(name="discriminator_flat")(x)
    outputs = {"logit": dense(1, dtype="float32", name="discriminator_logit")(x)}
    if conditioning in ("projection", "both"):
        outputs["projection"] = dense(columns, dtype="float32", name="discriminator_answers")(x)
    if conditioning in ("classifier", "both"):
        outputs["class_logits"] = layers.Dense(columns, dtype="float32", name="discriminator_reading")(x)
    return keras.Model({"image": image}, outputs, name="discriminator")


def plus_minus(conditions: Mapping, names: Names, ranges: Ranges | None = None):
    """All conditions side by side, what is 0 to 1 or a number in its range as -1 to 1: (b, columns).

    Example:
        >>> names = {"attributes": ["Bald", "Male", "Young"]}
        >>> np.asarray(plus_minus({"attributes": np.array([[0, 1, 0.5]])}, names)).tolist()
        [[-1.0, 1.0, 0.0]]
    """
    known = kinds(names, ranges)
    return ops.concatenate([scaled(conditions[name], known[name].extent) for name in names], axis=1)
