"""The deconvolution network: a face from identity, emotion and orientation.

Dosovitskiy et al., "Learning to Generate Chairs with Convolutional Neural Networks" (arXiv
1411.5928), network "1s-S-deep", adapted to people: each condition passes a fully connected layer
of its own, together they become a small grid of features, and upsampling and convolution make that
grid a picture.
"""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers

from facegen.conditions.base import NUMBERS, Kind, Names, Ranges
from facegen.conditions.kinds import kinds
from facegen.models.base import FaceModel
from facegen.models.layers import MeanImage, UpsampleConv2D, condition_inputs, layer_name, scaled, unit
from facegen.utils.errors import FacegenError

FAINT = 25.0  # variance, in squared grey levels, of a pixel in which next to nothing changes
KERNELS = (128, 128, 96, 96, 32, 32, 16)  # filters of the 1st, 2nd, ... deconvolution layer
LAST = 8  # features of each pixel, of which its colours are made


def decoder(
    inputs: Mapping[str, keras.KerasTensor],
    kinds: Mapping[str, Kind],
    start: tuple[int, int],
    depth: int,
    kernels: Sequence[int],
    dense: int,
    normalized: bool = True,
    linear: Sequence[str] = (),
    deep: bool = True,
):
    """Conditions in, features of half the picture's size out: see `Deconv` for the arguments.

    Args:
        inputs: those of the conditions to read, (b, columns).
        kinds: what each of these conditions means.

    Returns:
        The features (b, start[0] * 2^depth, start[1] * 2^depth, kernels of the last layer).

    Example:
        >>> names = {"emotion": ["happy", "sad"]}
        >>> decoder(condition_inputs(names), kinds(names), (5, 4), depth=1, kernels=[4], dense=8).shape
        (None, 10, 8, 4)
    """
    towers = []
    for i, (name, kind) in enumerate(kinds.items()):
        x = scaled(inputs[name], kind.extent) if name == NUMBERS else inputs[name]
        layer = f"read_{layer_name(name, i)}"
        towers.append(layers.Dense(dense, name=layer)(x) if name in linear else _dense(x, dense, layer))
    x = layers.Concatenate(name="joined")(towers) if len(towers) > 1 else towers[0]
    x = _dense(x, 2 * dense, "mixed")
    x = _dense(x, start[0] * start[1] * kernels[0], "spread")
    x = layers.Reshape((*start, kernels[0]), name="grid")(x)
    for i in range(depth):  # 5x4 => 10x8 => 20x16 => ...
        filters = kernels[min(i, len(kernels) - 1)]
        x = refined(x, filters, f"deconv_{i + 1}", deep)
        x = layers.BatchNormalization(name=f"deconv_{i + 1}_norm")(x) if normalized else x
    return x


def generator(
    names: Names,
    start: tuple[int, int],
    depth: int,
    kernels: Sequence[int],
    dense: int,
    channels: int,
    normalized: bool = True,
    canvas: bool = False,
    linear: Sequence[str] = (),
    deep: bool = True,
    ranges: Ranges | None = None,
) -> keras.Model:
    """Conditions in, a picture out: see `Deconv` for the arguments.

    Returns:
        A model from {condition: (b, columns)} to (b, height, width, channels) in 0..1.

    Example:
        >>> names = {"emotion": ["happy", "sad"]}
        >>> generator(names, start=(5, 4), depth=1, kernels=[4], dense=8, channels=3).output_shape
        (None, 20, 16, 3)
    """
    inputs = condition_inputs(names)
    x = decoder(inputs, kinds(names, ranges), start, depth, kernels, dense, normalized, linear, deep)
    x = refined(x, LAST, "last", deep)
    # whatever the policy, the last steps are exact: half a grey level is more than bfloat16 can tell
    x = layers.Conv2D(channels, 3, padding="same", dtype="float32", name="pixels")(x)
    x = MeanImage(dtype="float32", name="canvas")(x) if canvas else x
    x = layers.Activation("sigmoid", dtype="float32", name="sigmoid")(x)
    return keras.Model(inputs, x, name="generator")


def before_sigmoid(picture: np.ndarray) -> np.ndarray:
    """What a sigmoid makes a picture of: float64, from grey levels 0..255; black and white only nearly.

    Example:
        >>> before_sigmoid(np.array([127.5, 0.0])).round(1).tolist()
        [0.0, -4.6]
    """
    share = (np.asarray(picture, "float64") / 255).clip(0.01, 0.99)
    return np.log(share / (1 - share))


def _leaky(name: str) -> layers.Layer:
    return layers.LeakyReLU(negative_slope=0.3, name=name)  # the slope of Keras 1, as in the original


def _dense(x, units: int, name: str):
    return _leaky(f"{name}_relu")(layers.Dense(units, name=name)(x))


def refined(x, filters: int, name: str, deep: bool = True):
    """Features of twice the size: "unpooling + convolution" of the paper's section 3.1, and one more.

    Args:
        x: features (b, height, width, c).
        filters: channels out.
        name: the beginning of the layers' names.
        deep: with a second convolution.

    Example:
        >>> refined(keras.Input((5, 4, 8)), filters=6, name="layer").shape
        (None, 10, 8, 6)
    """
    x = _leaky(f"{name}_up_relu")(UpsampleConv2D(filters, 5, name=f"{name}_up")(x))
    if not deep:
        return x
    return _leaky(f"{name}_conv_relu")(layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv")(x))


@keras.saving.register_keras_serializable("facegen")
class Deconv(FaceModel):
    """The network and its loss, trained by `fit()`.

    `fit` is given batches of {"image": uint8 (b, height, width, channels), condition: (b, columns)};
    `compile(loss=...)` takes any Keras loss between pictures in 0..1 (the original's is
    "mean_squared_logarithmic_error"); recipes.py has some that go together with the rest.

    Args:
        names: condition -> its columns, e.g. {"identity": [...57], "emotion": [...8],
            "orientation": ["sin", "cos"]}. The network is built from this table alone.
        start: (rows, columns) of the first grid: (5, 4) for RaFD, (6, 8) Yale B, (4, 4) JAFFE.
        depth: deconvolution layers; the picture is start * 2^(depth + 1).
        kernels: filters of each deconvolution layer, the last repeats.
        dense: units of the layer that reads one condition; the joint one has twice as many.
        channels: 3 for colour, 1 for grey.
        normalized: batch normalisation after each layer, as in the original.
        canvas: a learnt picture is added before the last sigmoid; see `adapt`.
        linear: conditions (where the table has them) whose own layer has no LeakyReLU: a half of each of
            two is then read as exactly half-way between them, and what is drawn there becomes truer
            (`facegen.metrics.interpolation`).
        deep: a second convolution in each layer, as in the paper's "1s-S-deep" and in the original; without
            it, "1s-S", a step takes less time.
        focus: a condition (where the table has it) that changes few pixels, and those little: half of the
            loss then weighs each pixel by how much of its variance that condition makes; see `adapt`.
        smooth: of heads that turn (`UnrolledDeconv`): their shape is smooth, and each row of a head has its
            own middle; see `surface.Radius` and `surface.Sight`.
        ranges: least and largest of each column of "numbers", a face set's `ranges`.

    Raises:
        FacegenError: an empty table, no kernels, a depth under 1.

    Example:
        >>> model = Deconv({"emotion": ["happy", "sad"]}, start=(5, 4), depth=1, kernels=[4], dense=8)
        >>> model.generate(emotion="0.7*happy+0.3*sad").shape
        (1, 20, 16, 3)
    """

    later = ("normalized", "canvas", "linear", "focus", "deep", "smooth")

    def __init__(
        self,
        names: Names,
        start: tuple[int, int] = (5, 4),
        depth: int = 5,
        kernels: Sequence[int] = KERNELS,
        dense: int = 512,
        channels: int = 3,
        normalized: bool = True,
        canvas: bool = False,
        linear: Sequence[str] = (),
        ranges: Ranges | None = None,
        focus: str = "",
        deep: bool = True,
        smooth: bool = False,
        **kwargs,
    ):
        if not names or depth < 1 or not kernels:
            raise FacegenError(
                "A deconvolution network needs at least one condition, one layer and one number of "
                f"kernels: found conditions {sorted(names)}, depth={depth}, kernels={list(kernels)}."
            )
        super().__init__(locals(), **kwargs)
        shape = (tuple(start), depth, kernels, dense, channels)
        self.generator = self.network(self.names, *shape, normalized, canvas, linear, deep, self.ranges)
        self.batch_independent = not normalized
        self.focus = focus if focus in self.names and len(self.names) > 1 else ""
        # no weight of the model: each training measures it, and what only draws needs none
        self.weighing = np.ones((*self.image_shape[:2], 1), "float32")
        self.built = True  # the network is

    def network(self, *settings) -> keras.Model:
        """What draws: see `generator` for the arguments."""
        return generator(*settings)

    def call(self, batch, training=None):
        """Pictures in 0..1 for the conditions of a batch; its "image", if there, is not looked at."""
        return self.generator({name: batch[name] for name in self.names}, training=training)

    def adapt(self, pictures: np.ndarray, conditions: Mapping[str, np.ndarray] | None = None) -> None:
        """Take from the pictures to learn from the mean, for a canvas still empty, and what to focus on.

        Args:
            pictures: to learn from, uint8 (n, height, width, channels).
            conditions: theirs, name -> (n, columns).

        Raises:
            FacegenError: there is no telling what to focus on, for conditions were not given.
        """
        if self.focus:
            if conditions is None:
                raise FacegenError(f"adapt: expected conditions, too; this network focuses on {self.focus}.")
            self.weighing = np.sqrt(variance_share(pictures, conditions, self.focus))
        if "canvas" not in self.settings:
            return
        picture = self.generator.get_layer("canvas").picture
        if not keras.ops.convert_to_numpy(picture).any():
            some = pictures[:: max(1, len(pictures) // 1000)]
            picture.assign(before_sigmoid(some.mean(axis=0, dtype="float64")))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The compiled loss between the batch's pictures and the drawn ones; half of it sees the focus."""
        image, loss = unit(x["image"]), super().compute_loss
        if not self.focus:
            return loss(x, image, y_pred, sample_weight, training)
        weighed = loss(x, image * self.weighing, y_pred * self.weighing, sample_weight, training)
        return (loss(x, image, y_pred, sample_weight, training) + weighed) / 2


def variance_share(pictures: np.ndarray, conditions: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """How much of each pixel's variance one condition makes: what is left of it where all others agree.

    A pixel of the mouth changes with the emotion, and little else does; one of the hair with the person.

    Args:
        pictures: uint8 (n, height, width, channels).
        conditions: name -> (n, columns).
        name: of the condition.

    Returns:
        float32 (height, width, 1), with mean 1. Where hardly anything changes (less than about five grey
        levels), there is hardly anything to see: such pixels get little.

    Example:
        >>> who, mood = np.eye(2)[[0, 0, 1, 1]], np.eye(2)[[0, 1, 0, 1]]
        >>> left, right = who[:, 0], mood[:, 0]  # the left pixel shows who it is, the right one the mood
        >>> pictures = np.uint8(200 * np.stack([left, right], axis=1)).reshape(4, 1, 2, 1)
        >>> variance_share(pictures, {"who": who, "mood": mood}, "mood").round(1).ravel().tolist()
        [0.0, 2.0]
    """
    others = np.concatenate([rows for key, rows in conditions.items() if key != name], axis=1)
    _, group = np.unique(others.round(4), axis=0, return_inverse=True)
    mean, within = pictures.mean(axis=0, dtype="float64"), np.zeros(pictures.shape[1:])
    total = np.zeros_like(within)
    for number in range(group.max() + 1):
        some = pictures[group.ravel() == number].astype("float64")
        total += np.square(some - mean).sum(axis=0)
        within += np.square(some - some.mean(axis=0)).sum(axis=0)
    within, total = (x.mean(axis=-1, keepdims=True) / len(pictures) for x in (within, total))
    share = (within + FAINT / 12) / (total + FAINT)
    return (share / share.mean()).astype("float32")
