"""The deconvolution network with a head that turns: it draws the head unrolled, and orientation shifts it.

A network that draws pictures can fade between the views that it has seen: nothing in its loss forbids it.
This one makes a map of the head from everything but the orientation (surface.py), and every view is a view
of that one surface. Where the backdrop is plain, outlines read off the pictures (silhouettes.py) carve it.
"""

from collections.abc import Mapping

import keras
import numpy as np
from keras import layers, ops

from facegen.conditions.base import angles
from facegen.conditions.kinds import kinds
from facegen.models.deconv import Deconv, before_sigmoid, decoder, refined
from facegen.models.layers import MeanImage, UpsampleConv2D, condition_inputs
from facegen.models.silhouettes import plain_backdrop, silhouettes
from facegen.models.surface import Backdrop, Radius, Shade, Sight
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

TURN = "orientation"  # the condition that turns the head
AROUND = 2  # columns of the map for each of the picture: in front, a column or more to the pixel
SIGHT = (
    96  # rows that a camera sees at most: what an attention costs grows with the cube of the picture's side
)
MAP, RETOUCH, ENLARGED = (
    24,
    24,
    16,
)  # features of each point of the map and pixel of the picture, until the last
EXTRA = 8  # features that are seen beside the colours, where the picture is enlarged
OUTLINE = 80.0  # decibels that a wholly wrong outline costs


def view(
    names, start, depth, kernels, dense, channels, normalized, linear, deep, ranges, smooth
) -> keras.Model:
    """Conditions in, a picture and an outline out: see `Deconv` for the arguments.

    Returns:
        A model from {condition: (b, columns)} to {"picture": (b, height, width, channels), "cover": (b,
        rows, width, 1)}, both in 0..1; the outline has half as many rows and columns where the picture is
        too large to be seen at once, or fewer.
    """
    inputs, enlarged = condition_inputs(names), enlargements(start[0] * 2 ** (depth + 1))
    read = {name: kind for name, kind in kinds(names, ranges).items() if name != TURN}
    grid, depth = (start[0], AROUND * start[1]), depth - enlarged
    x = decoder(inputs, read, grid, depth, kernels, dense, normalized, linear, deep)
    seen, last = channels + EXTRA * bool(enlarged), {"dtype": "float32", "name": "map"}
    if deep:
        x = layers.Conv2D(1 + 3 * seen, 3, padding="same", **last)(refined(x, MAP, "last"))
    else:
        x = UpsampleConv2D(1 + 3 * seen, 5, **last)(x)
    x = MeanImage(dtype="float32", name="canvas")(x)  # the head that all of them vary
    radius = Radius(smooth=smooth, name="radius")(x[..., :1])
    colour = Shade(name="shade")(x[..., 1:], inputs[TURN])
    sight = Sight(start[1] * 2 ** (depth + 1), off_axis=smooth, name="sight")
    seen, cover = sight(radius, colour, inputs[TURN])
    picture = retouched(Backdrop(name="backdrop")(seen, cover), cover, channels, enlarged)
    return keras.Model(inputs, {"picture": picture, "cover": cover}, name="view")


def enlargements(rows: int) -> int:
    """How often a picture of so many rows is made twice as large after it was seen.

    Example:
        >>> [enlargements(rows) for rows in (80, 96, 160, 320)]
        [0, 0, 1, 2]
    """
    return max(0, int(np.ceil(np.log2(rows / SIGHT))))


def retouched(picture, cover, channels: int, enlarged: int):
    """A few convolutions that know the picture, and not the angle; then the sigmoid."""
    x = layers.Concatenate(dtype="float32", name="looked_at")([picture, cover])
    picture = picture[..., :channels]
    for i in range(2):
        x = layers.Conv2D(RETOUCH, 3, padding="same", name=f"retouch_{i + 1}")(x)
        x = layers.LeakyReLU(negative_slope=0.3, name=f"retouch_{i + 1}_relu")(x)
    for i in range(enlarged):
        x = UpsampleConv2D(ENLARGED, 5, name=f"enlarge_{i + 1}")(x)
        x = layers.LeakyReLU(negative_slope=0.3, name=f"enlarge_{i + 1}_relu")(x)
        picture = layers.UpSampling2D(dtype="float32", name=f"enlarge_{i + 1}_picture")(picture)
    last = {"kernel_initializer": "zeros", "dtype": "float32", "name": "pixels"}
    more = layers.Conv2D(channels, 3, padding="same", **last)(x)
    picture = layers.Add(dtype="float32", name="retouched")([picture, more])
    return layers.Activation("sigmoid", dtype="float32", name="sigmoid")(picture)


@keras.saving.register_keras_serializable("facegen")
class Studio(layers.Layer):
    """What is known of the place where the pictures were taken: the backdrop, if it is plain.

    Args:
        shape: (height, 1, channels) of the backdrop.
    """

    def __init__(self, shape: tuple[int, int, int], **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})
        new = {"initializer": "zeros", "trainable": False}
        self.backdrop = self.add_weight(shape=shape, name="backdrop", **new)
        self.plain = self.add_weight(shape=(), name="plain", **new)
        self.built = True

    def missed(self, pictures, cover):
        """How wrong outlines are, on average over the pixels; 0 where the backdrop is not plain."""
        truth = silhouettes(pictures, self.backdrop)
        if (side := truth.shape[1] // cover.shape[1]) > 1:
            truth = ops.average_pool(truth, side)
        return self.plain * ops.mean(ops.abs(cover - truth))


@keras.saving.register_keras_serializable("facegen")
class UnrolledDeconv(Deconv):
    """A `Deconv` whose orientation turns one surface, so that it also draws the angles between the views.

    It is trained, saved and asked like its parent. `start` is that of the picture; the grid of the map has
    twice as many columns.

    Its arguments are those of its parent; `canvas` makes no difference, there is one always.

    Raises:
        FacegenError: there is no condition "orientation" that is one angle, or nothing else.

    Example:
        >>> names = {"identity": ["01", "02"], "orientation": ["sin", "cos"]}
        >>> model = UnrolledDeconv(names, start=(5, 4), depth=1, kernels=[4], dense=8)
        >>> model.generate(identity="01+02", orientation=22.5).shape
        (1, 20, 16, 3)
    """

    read_late: Mapping[str, str] = {TURN: "canvas"}

    def network(
        self, names, start, depth, kernels, dense, channels, normalized, canvas, linear, deep, ranges
    ) -> keras.Model:
        if angles(names.get(TURN, ())) != [""] or len(names) < 2:
            raise FacegenError(
                f"A head that turns needs the condition {TURN!r}, sine and cosine of one angle, and another "
                f"that says whose head: found {', '.join(names)}. The plain network learns those."
            )
        shape = (start, depth, kernels, dense, channels, normalized, linear, deep)
        self.view = view(names, *shape, ranges, self.settings.get("smooth", False))
        picture = self.view.output["picture"]
        self.studio = Studio((picture.shape[1], 1, channels), name="studio")
        return keras.Model(self.view.input, picture, name="generator")

    def call(self, batch, training=None):
        """{"picture", "cover"} in 0..1 for the conditions of a batch."""
        return self.view({name: batch[name] for name in self.names}, training=training)

    def unroll(self, inputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The heads rolled out flat, from -180 to 180 degrees around them, as seen from the front.

        Args:
            inputs: every condition, float (n, columns), as for `draw`; the orientation makes no difference.

        Returns:
            How far from the middle of its row each point is, in half-widths of the picture, float32 (n, rows,
            columns); and its colour before retouching, uint8 (n, rows, columns, channels).

        Example:
            >>> names = {"identity": ["01"], "orientation": ["sin", "cos"]}
            >>> model = UnrolledDeconv(names, start=(5, 4), depth=1, kernels=[4], dense=8)
            >>> radius, colour = model.unroll({"identity": [[1.0]], "orientation": [[0.0, 1.0]]})
            >>> radius.shape, colour.shape
            ((1, 20, 32), (1, 20, 32, 3))
        """
        outputs = [self.generator.get_layer(name).output for name in ("radius", "shade")]
        front = np.tile(np.array([[0, 1]], "float32"), (len(inputs[TURN]), 1))
        arrays = {name: np.asarray(values, "float32") for name, values in {**inputs, TURN: front}.items()}
        radius, colour = keras.Model(self.generator.input, outputs).predict_on_batch(arrays)
        colour = 1 / (1 + np.exp(-colour[..., : self.image_shape[-1]]))
        return radius[..., 0], np.round(255 * colour).astype("uint8")

    def adapt(self, pictures: np.ndarray, conditions: Mapping[str, np.ndarray] | None = None) -> None:
        """Find out about the backdrop, before the first step, and what to focus on: see `Deconv.adapt`."""
        super().adapt(pictures, conditions)
        if ops.convert_to_numpy(self.generator.get_layer("backdrop").picture).any():
            return
        some = pictures[:: max(1, len(pictures) // 1000)]
        backdrop = plain_backdrop(some)
        if backdrop is None:
            logger.warning(
                "The backdrop is not plain, so outlines cannot be read off the pictures: the network learns "
                "without them, and heads will turn less well (SSIM 0.65 instead of 0.81 half-way between "
                "clay's views)."
            )
            backdrop = some.mean(axis=0, dtype="float64")
        else:
            self.studio.backdrop.assign(backdrop)
            self.studio.plain.assign(1.0)
        self._show_behind(np.broadcast_to(before_sigmoid(backdrop), self.image_shape))

    def _show_behind(self, backdrop: np.ndarray) -> None:
        """Begin with a backdrop, before its sigmoid, as large as the pictures."""
        behind = self.generator.get_layer("backdrop").picture
        rows, columns, features = behind.shape
        side = len(backdrop) // rows
        small = backdrop.reshape(rows, side, columns, side, -1).mean(axis=(1, 3))
        behind.assign(np.pad(small, [(0, 0), (0, 0), (0, features - small.shape[-1])]))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The compiled loss between the pictures, and what the outlines miss."""
        loss = super().compute_loss(x, y, y_pred["picture"], sample_weight, training)
        return loss + OUTLINE * self.studio.missed(x["image"], y_pred["cover"])
