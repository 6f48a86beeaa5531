"""The layers that both networks are made of."""

import logging
import re
from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import ops

logger = logging.getLogger("facegen")
CONVENTIONS = {"image_data_format": "channels_last", "floatx": "float32", "epsilon": 1e-7}


def _keep_conventions() -> None:
    """Compute as the course is written, whatever the keras.json of this machine says."""
    for name, wanted in CONVENTIONS.items():
        if (found := getattr(keras.config, name)()) != wanted:
            logger.info(f"keras.json says {name} {found!r}: the course's networks take {wanted!r}")
            getattr(keras.config, f"set_{name}")(wanted)


_keep_conventions()


@keras.saving.register_keras_serializable("facegen")
class UpsampleConv2D(keras.layers.Layer):
    """Nearest-neighbour upsampling by two, then a `same` convolution with an odd kernel.

    Both networks of the course grow their picture with this pair. After the upsampling, many taps
    of a k x k kernel read one and the same small pixel. So the taps that do are added up first,
    and four small convolutions, one for each phase (even or odd row, even or odd column) of an
    output pixel, run as one on the small image: for k = 5, 9 multiplications an output instead of
    25. For k = 3 there are 9 either way, five of them by zero, but no enlarged input is ever held.
    The numbers are those of `UpSampling2D` followed by `Conv2D`, borders included, and so are the
    weights: a kernel (k, k, channels in, filters) and a bias (filters,).

    Args:
        filters: channels out.
        kernel_size: odd, 1 or more.
        folded: compute on the small image (True) or as written, upsample and convolve (False).

    Input shape: (batch, height, width, channels).
    Output shape: (batch, 2 * height, 2 * width, filters).

    Example:
        >>> layer, x = UpsampleConv2D(filters=8), np.ones((1, 4, 4, 3), "float32")
        >>> y = np.asarray(layer(x))
        >>> layer.folded = False
        >>> y.shape, np.allclose(y, layer(x), atol=1e-5)
        ((1, 8, 8, 8), True)
    """

    def __init__(self, filters: int, kernel_size: int = 5, folded: bool = True, **kwargs):
        super().__init__(**kwargs)
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f"Expected an odd kernel_size of at least 1. Received: kernel_size={kernel_size}"
            )
        self.filters, self.kernel_size, self.folded = filters, kernel_size, folded
        self.taps = polyphase(kernel_size)

    def build(self, input_shape):
        k = self.kernel_size
        self.kernel = self.add_weight(shape=(k, k, input_shape[-1], self.filters), name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x):
        return (self._on_small(x) if self.folded else self._as_written(x)) + self.bias

    def _as_written(self, x):
        x = ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)  # (b, 2h, 2w, c)
        return ops.conv(x, self.kernel, padding="same")

    def _on_small(self, x):
        taps = ops.cast(self.taps, self.compute_dtype)  # (2, t, k)
        kernel = ops.einsum("yst,tqio->ysqio", taps, ops.cast(self.kernel, self.compute_dtype))
        kernel = ops.einsum("xrq,ysqio->sriyxo", taps, kernel)  # (t, t, c, 2, 2, f)
        kernel = ops.reshape(kernel, (*kernel.shape[:3], 4 * self.filters))
        return depth_to_space(ops.conv(x, kernel, padding="same"), self.filters)

    def compute_output_shape(self, input_shape):
        batch, h, w, _ = input_shape
        return (batch, h and 2 * h, w and 2 * w, self.filters)

    def get_config(self):
        own = {"filters": self.filters, "kernel_size": self.kernel_size, "folded": self.folded}
        return {**super().get_config(), **own}


def polyphase(kernel_size: int) -> np.ndarray:
    """Which small pixel each kernel tap reads, for even and odd output pixels.

    Output pixel 2i + a, tap t reads upsampled pixel 2i + a + t - (k - 1) / 2, that is small pixel
    i + floor((a + t - (k - 1) / 2) / 2).

    Returns:
        float32 (2, small taps, k), one where tap t of phase a falls on that small tap; the small
        taps are an odd number, the middle one being pixel i.

    Example:
        >>> polyphase(3)[0].tolist()  # of an even row: tap 0 reads the pixel before, taps 1 and 2 its own
        [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    """
    reads = (np.arange(2)[:, None] + np.arange(kernel_size) - (kernel_size - 1) // 2) // 2  # (2, k)
    margin = reads.max()
    taps = np.arange(-margin, margin + 1)[None, :, None] == reads[:, None, :]
    return taps.astype("float32")


def depth_to_space(x, filters: int, side: int = 2):
    """The phases of each output pixel in place: (b, h, w, side² f) to (b, side * h, side * w, f).

    Example:
        >>> np.asarray(depth_to_space(np.arange(4.0).reshape(1, 1, 1, 4), filters=1))[0, :, :, 0].tolist()
        [[0.0, 1.0], [2.0, 3.0]]
    """
    _, h, w, _ = x.shape
    x = ops.reshape(x, (-1, h, w, side, side, filters))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))  # (b, h, side, w, side, f)
    return ops.reshape(x, (-1, side * h, side * w, filters))


def space_to_depth(x, side: int):
    """Squares of pixels as channels, the inverse: (b, h, w, c) to (b, h / side, w / side, side^2 * c).

    Example:
        >>> np.asarray(space_to_depth(np.arange(4.0).reshape(1, 2, 2, 1), side=2)).ravel().tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    _, h, w, c = x.shape
    x = ops.reshape(x, (-1, h // side, side, w // side, side, c))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))  # (b, h / side, w / side, side, side, c)
    return ops.reshape(x, (-1, h // side, w // side, side * side * c))


@keras.saving.register_keras_serializable("facegen")
class MeanImage(keras.layers.Layer):
    """Adds a learnt picture, the same for all: what is drawn on it is only how each one differs.

    Input and output shape: (batch, height, width, channels).

    Example:
        >>> layer, x = MeanImage(), np.zeros((2, 1, 1, 3))
        >>> layer.build(x.shape)
        >>> _ = layer.picture.assign([[[0.25, 0.5, 0.75]]])
        >>> np.asarray(layer(x))[:, 0, 0].tolist()
        [[0.25, 0.5, 0.75], [0.25, 0.5, 0.75]]
    """

    def build(self, input_shape):
        self.picture = self.add_weight(shape=input_shape[1:], initializer="zeros", name="picture")

    def call(self, x):
        return x + self.picture


class _Spectral:
    """Divides a layer's kernel by its largest singular value, estimated by power iteration.

    Miyato et al., "Spectral Normalization for GANs" (arXiv 1802.05957), algorithm 1: one iteration
    for each training pass. The kernel variable itself is left alone; the estimate's vector `u` is a
    weight that no gradient moves. Keras's wrapper, `SpectralNormalization`, is not used since it overwrites
    the kernel in `call`: `GAN` hands kernels over frozen (`stateless_call`).
    """

    def build(self, input_shape):
        super().build(input_shape)
        start = keras.initializers.RandomNormal(seed=1)
        self.u = self.add_weight(
            shape=(1, self.kernel.shape[-1]), initializer=start, trainable=False, name="u"
        )

    def normalized(self, training: bool):
        """The kernel with its largest singular value near 1, in the layer's compute type."""
        kernel = ops.convert_to_tensor(self.kernel)
        matrix = ops.cast(ops.reshape(kernel, (-1, kernel.shape[-1])), "float32")  # (inputs, outputs)
        fixed = ops.stop_gradient(matrix)
        v = _direction(ops.matmul(ops.cast(self.u, "float32"), ops.transpose(fixed)))  # (1, inputs)
        u = _direction(ops.matmul(v, fixed))  # (1, outputs)
        if training:
            self.u.assign(u)
        sigma = ops.sum(ops.matmul(v, matrix) * u)
        return ops.cast(kernel / ops.cast(sigma, kernel.dtype), self.compute_dtype)


def _direction(vector):
    return vector / (ops.sqrt(ops.sum(ops.square(vector))) + 1e-12)


@keras.saving.register_keras_serializable("facegen")
class SpectralConv2D(_Spectral, keras.layers.Conv2D):
    """A Conv2D whose kernel, as a matrix (height * width * channels in, filters), has spectral norm 1.

    Example:
        >>> layer = SpectralConv2D(1, kernel_size=2)
        >>> tuple(layer(np.ones((1, 4, 4, 3)), training=True).shape)
        (1, 3, 3, 1)
        >>> round(float(np.linalg.norm(layer.normalized(training=False))), 3)
        1.0
    """

    def call(self, x, training=False):
        y = ops.conv(x, self.normalized(training), strides=list(self.strides), padding=self.padding)
        return y + self.bias


@keras.saving.register_keras_serializable("facegen")
class SpectralDense(_Spectral, keras.layers.Dense):
    """A Dense layer whose kernel has spectral norm 1.

    Example:
        >>> layer, x = SpectralDense(2), np.ones((1, 2))
        >>> layer.build(x.shape)
        >>> _ = layer.kernel.assign([[4.0, 0.0], [0.0, 2.0]])
        >>> for _ in range(20):
        ...     y = layer(x, training=True)
        >>> np.asarray(layer.normalized(training=False)).round(3).tolist()
        [[1.0, 0.0], [0.0, 0.5]]
    """

    def call(self, x, training=False):
        return ops.matmul(x, self.normalized(training)) + self.bias


def scaled(x, extent: np.ndarray, low: float = -1.0, high: float = 1.0):
    """Columns (b, columns) from the range of each to low..high, in float32 whatever the policy.

    Args:
        extent: least and largest of each column, (2, columns). Where they are the same, nothing is to be told
            apart: the column becomes the middle.

    Example:
        >>> np.asarray(scaled(np.array([[18.0, 3.0], [80.0, 3.0]]), np.array([[18, 3], [80, 3]]))).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
    """
    least, most = np.asarray(extent, "float64")
    span, middle = most - least, ((least + most) / 2).astype("float32")
    factor = ((high - low) * (span > 0) / np.where(span > 0, span, 1)).astype("float32")
    return (ops.cast(x, "float32") - middle) * factor + (low + high) / 2


def unit(image):
    """uint8 pixels 0..255 -> float 0..1, in float32 whatever the policy.

    Example:
        >>> np.asarray(unit(np.array([0, 255], "uint8"))).tolist()
        [0.0, 1.0]
    """
    return ops.cast(image, "float32") / 255.0


def symmetric(image):
    """uint8 pixels 0..255 -> float -1..1, in float32 whatever the policy.

    Example:
        >>> np.asarray(symmetric(np.array([0, 255], "uint8"))).tolist()
        [-1.0, 1.0]
    """
    return unit(image) * 2.0 - 1.0


def follow(average: keras.Model, learner: keras.Model, kept: float, steps) -> None:
    """Move an average of weights, and of norms, a step towards those of the network that learns.

    Keras's own, `use_ema` of an optimizer with `SwapEMAWeights`, knows nothing of the norms (batch
    statistics), and would average everything that learns.

    Args:
        average, learner: of one architecture.
        kept: share of itself that the average keeps (0.999, say), and less at the beginning, when there is
            nothing to keep.
        steps: that have been done, this one included: a number or a variable.

    Example:
        >>> average = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> learner = keras.models.clone_model(average)
        >>> average.set_weights([np.zeros((1, 1)), np.zeros(1)])
        >>> learner.set_weights([np.ones((1, 1)), np.ones(1)])
        >>> follow(average, learner, kept=0.75, steps=91.0)
        >>> [float(w.item()) for w in average.get_weights()]
        [0.25, 0.25]
    """
    steps = ops.convert_to_tensor(steps)
    kept = ops.minimum(kept, steps / (steps + 9))
    for mean, value in zip(average.weights, learner.weights, strict=True):
        mean.assign(kept * mean + (1 - kept) * ops.stop_gradient(value))


def layer_name(condition: str, number: int) -> str:
    """What a layer is called after a condition: its name where a layer can have it, else its number.

    Example:
        >>> layer_name("emotion", 1), layer_name("hair colour", 2)
        ('emotion', '2')
    """
    return condition if re.fullmatch(r"[A-Za-z0-9_]+", condition) else str(number)


def condition_inputs(names: Mapping[str, Sequence[str]]) -> dict[str, keras.KerasTensor]:
    """One input for each condition, (b, columns); whatever the conditions are called.

    Example:
        >>> {name: x.shape for name, x in condition_inputs({"a/b": ["no", "yes"]}).items()}
        {'a/b': (None, 2)}
    """
    return {
        name: keras.Input((len(columns),), name=layer_name(name, i) if "/" in name else name)
        for i, (name, columns) in enumerate(names.items())
    }
