"""The network of flow matching: a small U-Net that says where each pixel of a half-noisy picture is to go.

After Ronneberger et al. (arXiv 1505.04597) and Ho et al. (arXiv 2006.11239): a picture is made smaller and
larger again, and what was seen on the way down is handed over to the way up. Each block hears of the time and
of the conditions by a scale and a shift of its features (Perez et al., arXiv 1709.07871).
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from facegen.models.layers import depth_to_space, space_to_depth
from facegen.utils.errors import FacegenError

FREQUENCIES = np.exp(np.linspace(0, np.log(100), 16)).astype("float32")  # of the time, in radians
HEARD = 192  # numbers that each block hears of time and conditions


def check_size(size: int, widths: Sequence[int], patch: int) -> None:
    """Refuse pictures that cannot be cut and halved.

    Raises:
        FacegenError: naming what a side must be a multiple of.

    Example:
        >>> check_size(36, widths=(32, 64, 96), patch=2)
        Traceback (most recent call last):
        ...
        facegen.utils.errors.FacegenError: size=36: expected a multiple of 8, as 3 widths and patch=2 need.
    """
    if not widths or patch < 1:
        raise FacegenError(f"Expected one width or more, and patch from 1 on: {list(widths)}, {patch}.")
    unit = patch * 2 ** (len(widths) - 1)
    if size < unit or size % unit:
        raise FacegenError(
            f"size={size}: expected a multiple of {unit}, as {len(widths)} widths and patch={patch} need."
        )


def unet(
    size: int,
    channels: int,
    columns: int,
    widths: Sequence[int],
    patch: int = 1,
    spread: float = 0.5,
    deep: bool = True,
    name: str = "unet",
) -> keras.Model:
    """A half-noisy picture, the time and the conditions in, the velocity of each pixel out.

    Untrained, it is the exact flow to pictures whose pixels are independent, normal, with mean 0: what is
    learned is how faces differ from that.

    Args:
        size, channels: of the picture.
        columns: numbers that tell the conditions.
        widths: channels of each level, the next one of half the side; the last one has attention.
        patch: side of the squares of pixels that the first layer takes as one.
        spread: standard deviation of true pixels.
        deep: two convolutions in each block; with one, a step takes less time.
        name: of the model, and the beginning of its layers' names.

    Returns:
        A model from {"picture": (b, size, size, channels), "time": (b, 1), "known": (b, columns)} to
        (b, size, size, channels).

    Example:
        >>> net = unet(size=16, channels=3, columns=4, widths=(8, 16), patch=2)
        >>> net.output_shape
        (None, 16, 16, 3)
    """
    check_size(size, widths, patch)
    picture = keras.Input((size, size, channels), name="picture")
    time, known = keras.Input((1,), name="time"), keras.Input((columns,), name="known")
    heard = layers.Concatenate(name=f"{name}_told")([TimeFeatures(name=f"{name}_time")(time), known])
    for i in (1, 2):
        heard = layers.Dense(HEARD, activation="silu", name=f"{name}_heard_{i}")(heard)
    x = Standardised(spread, patch, dtype="float32", name=f"{name}_patches")([picture, time])
    x = layers.Conv2D(widths[0], 3, padding="same", name=f"{name}_first")(x)
    seen = []
    for i, width in enumerate(widths):  # 32x32 => 16x16 => 8x8
        x = _block(x, heard, width, deep, f"{name}_down_{i}")
        seen.append(x)
        if i < len(widths) - 1:
            x = layers.Conv2D(widths[i + 1], 3, strides=2, padding="same", name=f"{name}_halved_{i}")(x)
    x = _attention(x, f"{name}_attention")
    for i in reversed(range(len(widths))):  # 8x8 => 16x16 => 32x32
        x = layers.Concatenate(name=f"{name}_joined_{i}")([x, seen[i]])
        x = _block(x, heard, widths[i], deep, f"{name}_up_{i}")
        if i:
            x = layers.UpSampling2D(name=f"{name}_doubled_{i}")(x)
    x = layers.Activation("silu", name=f"{name}_last")(_normed(x, f"{name}_last_norm"))
    x = layers.Conv2D(channels * patch**2, 3, padding="same", **_exact(f"{name}_pixels"))(x)
    x = GaussianFlow(spread, patch, dtype="float32", name=f"{name}_velocity")([x, picture, time])
    return keras.Model({"picture": picture, "time": time, "known": known}, x, name=name)


def _exact(name: str) -> dict:
    """What the last layer has of its own: it begins as nothing, and computes in float32 by any policy."""
    return {"kernel_initializer": "zeros", "dtype": "float32", "name": name}


def _normed(x, name: str):
    return layers.LayerNormalization(center=False, scale=False, epsilon=1e-5, name=name)(x)


def _block(x, heard, width: int, deep: bool, name: str):
    """A residual block: one or two convolutions of features scaled and shifted by what is heard."""
    straight = x if x.shape[-1] == width else layers.Conv2D(width, 1, name=f"{name}_straight")(x)
    x = Modulated(name=f"{name}_modulated")([_normed(x, f"{name}_norm"), heard])
    x = layers.Activation("silu", name=f"{name}_silu")(x)
    if deep:
        x = layers.Conv2D(width, 3, padding="same", activation="silu", name=f"{name}_conv_1")(x)
    x = layers.Conv2D(width, 3, padding="same", kernel_initializer="zeros", name=f"{name}_conv_2")(x)
    return layers.Add(name=f"{name}_sum")([straight, x])


def _attention(x, name: str, heads: int = 4):
    """Each place of a small picture looks at all others."""
    _, h, w, c = x.shape
    places = layers.Reshape((h * w, c), name=f"{name}_places")(_normed(x, f"{name}_norm"))
    looked = layers.MultiHeadAttention(heads, max(1, c // heads), name=name)(places, places)
    return layers.Add(name=f"{name}_sum")([x, layers.Reshape((h, w, c), name=f"{name}_back")(looked)])


@keras.saving.register_keras_serializable("facegen")
class TimeFeatures(layers.Layer):
    """Times (b, 1) as sines and cosines of 16 frequencies, (b, 32).

    Example:
        >>> np.asarray(TimeFeatures()(np.array([[0.0]])))[0, [0, 16]].tolist()
        [0.0, 1.0]
    """

    def call(self, time):
        angles = time * ops.cast(FREQUENCIES, time.dtype)
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2 * len(FREQUENCIES))


@keras.saving.register_keras_serializable("facegen")
class Modulated(layers.Layer):
    """Features (b, h, w, c), scaled and shifted by what a vector (b, n) says; untrained, left as they are.

    Example:
        >>> features, heard = np.ones((1, 2, 2, 3), "float32"), np.ones((1, 4), "float32")
        >>> np.asarray(Modulated()([features, heard])).mean()
        np.float32(1.0)
    """

    def build(self, shapes):
        features, heard = shapes[0][-1], shapes[1][-1]
        self.kernel = self.add_weight(shape=(heard, 2 * features), initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(2 * features,), initializer="zeros", name="bias")

    def call(self, inputs):
        x, heard = inputs
        scale, shift = ops.split(ops.matmul(heard, self.kernel) + self.bias, 2, axis=-1)
        return x * (1 + scale[:, None, None]) + shift[:, None, None]

    def compute_output_shape(self, shapes):
        return shapes[0]


class _Gaussian(layers.Layer):
    """What is known of noise on its straight way to normal pixels of a standard deviation `spread`."""

    def __init__(self, spread: float = 0.5, patch: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.spread, self.patch = spread, patch

    def deviation(self, time):
        """Standard deviation of a pixel at a time (b, 1), (b, 1, 1, 1)."""
        t = ops.cast(time, "float32")[:, None, None]
        return ops.sqrt(ops.square(1 - t) + ops.square(self.spread * t))

    def get_config(self):
        return {**super().get_config(), "spread": self.spread, "patch": self.patch}


@keras.saving.register_keras_serializable("facegen")
class Standardised(_Gaussian):
    """A half-noisy picture brought to standard deviation 1, each square of pixels as the channels of one.

    Example:
        >>> tuple(Standardised(patch=2)([np.zeros((1, 8, 8, 3)), np.zeros((1, 1))]).shape)
        (1, 4, 4, 12)
    """

    def call(self, inputs):
        picture, time = inputs
        return space_to_depth(picture / self.deviation(time), self.patch)

    def compute_output_shape(self, shapes):
        (batch, h, w, c), p = shapes[0], self.patch
        return (batch, h // p, w // p, c * p * p)


@keras.saving.register_keras_serializable("facegen")
class GaussianFlow(_Gaussian):
    """The velocity that independent normal pixels would have, and what a network has to add to it.

    Of such pixels x at time t, the expected velocity is (spread² t - (1 - t)) x / deviation², and what is
    left unknown has the standard deviation spread / deviation (the preconditioning of Karras et al., arXiv
    2206.00364, for straight paths): the network's own numbers are all of one size.

    Example:
        >>> half = [np.zeros((1, 1, 1, 3)), np.ones((1, 1, 1, 3)), np.array([[0.5]])]
        >>> np.asarray(GaussianFlow(spread=1.0)(half)).ravel().tolist()  # between likes, nothing has to move
        [0.0, 0.0, 0.0]
    """

    def call(self, inputs):
        learned, picture, time = inputs
        t, deviation = ops.cast(time, "float32")[:, None, None], self.deviation(time)
        usual = (self.spread**2 * t - (1 - t)) / ops.square(deviation) * picture
        return usual + self.spread / deviation * depth_to_space(learned, picture.shape[-1], self.patch)

    def compute_output_shape(self, shapes):
        return shapes[1]
