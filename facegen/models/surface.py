"""A head as one surface around a vertical axis, and how a camera that stands still sees it turned.

The surface is a map, as if the head were rolled out flat: rows are those of the picture, columns are angles
around the axis. For each point it says how far from the axis it is, and what colour it has. To turn the head
is to shift the map; where two views are known, there is nothing else that could be faded between them.

Lengths are in half-widths of the picture, the axis runs through its middle. Column i of n stands at the angle
phi = (i + 1/2) / n * 2 pi - pi; a head turned by theta shows that point at x = r sin(phi + theta) and has it
z = r cos(phi + theta) in front of the axis. The camera is orthographic: a row of the picture shows one row of
the map, its contour. A turn is given as sine and cosine of theta, of any length. Everything computes in
float32, whatever the policy: half a column is half a pixel.

A contour may be told from a middle that is not the axis. A camera that follows the eyes makes a head turn
about a place far in front: seen from there, a neck is all in one direction.
"""

import keras
import numpy as np
from keras import ops

REACH = 1.1  # half-widths: no point is further from the axis
LEAST = 0.06  # half-widths: of a contour that is narrower, next to nothing is seen
FAR = 1e-30  # of a share: a pixel beside the head sees next to nothing, and no number is divided by 0
DENSE = 4.0  # a point in the middle of a pixel covers all of it but exp(-4)
SMOOTH = (1 / 40, 1 / 21)  # of the height, and of a whole turn: over so much a shape is smoothed
DETAIL = 0.2  # of what that takes away stays in front, where nose and mouth are
SWIFT = 10.0  # half-widths to a weight's unit: by Adam's steps of a weight alone, a middle moves too slowly


def smoothed(x, rows: float, columns: float):
    """Maps (b, h, n) under Gaussians: down, where the first and last rows end, and around, where none does.

    Args:
        rows, columns: standard deviations, as shares of the height and of a whole turn.

    Example:
        >>> point = np.zeros((1, 3, 4), "float32")
        >>> point[0, 1, 0] = 1
        >>> (100 * np.asarray(smoothed(point, 1 / 10, 1 / 4))[0, 1]).round().tolist()
        [42.0, 26.0, 6.0, 26.0]
    """
    _, height, width = x.shape
    down, around = _gaussian(height, rows * height), _gaussian(width, columns * width, ring=True)
    return ops.matmul(ops.matmul(down, x), around)


def _gaussian(size: int, spread: float, ring: bool = False) -> np.ndarray:
    """The weights, float32 (size, size), with which each point is the mean of those near it."""
    distance = np.abs(np.arange(size)[:, None] - np.arange(size))
    distance = np.minimum(distance, size - distance) if ring else distance
    weight = np.exp(-np.square(distance / spread) / 2)
    return (weight / weight.sum(axis=1, keepdims=True)).astype("float32")


def shaped(x):
    """Maps (b, h, n) as the shape of a head may be: smoothed by `SMOOTH`, with some `DETAIL` in front.

    Example:
        >>> spikes = np.zeros((1, 40, 80), "float32")
        >>> spikes[0, 20, [0, 40]] = 1  # behind, and in front
        >>> [f"{height:.2f}" for height in np.asarray(shaped(spikes))[0, 20, [0, 40]]]
        ['0.04', '0.23']
    """
    coarse = smoothed(x, *SMOOTH)
    in_front = np.cos(directions(x.shape[-1])).clip(0).astype("float32")  # 0 from the ears to the back
    return coarse + (x - coarse) * (DETAIL * in_front)


def directions(columns: int) -> np.ndarray:
    """The angles around the axis at which the columns of a map stand, in radians, float64 (columns,).

    Example:
        >>> np.degrees(directions(4)).tolist()
        [-135.0, -45.0, 45.0, 135.0]
    """
    return ((np.arange(columns) + 0.5) / columns * 2 - 1) * np.pi


class _Exact(keras.layers.Layer):
    """A layer that computes in float32."""

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})

    def penalise(self, loss) -> None:
        """Add to the loss of a training; where only symbols are followed, as for an export, there is none."""
        if not isinstance(loss, keras.KerasTensor):
            self.add_loss(loss)


def unit(turn):
    """Sine and cosine of the same angle, (b, 2), of length 1; of no angle at all, (0, 0), the front's.

    Example:
        >>> turns = np.asarray(unit(np.array([[3.0, 4], [0, 0]], "float32")))
        >>> [[f"{x:.1f}" for x in turn] for turn in turns]
        [['0.6', '0.8'], ['0.0', '1.0']]
    """
    turn = turn + ops.convert_to_tensor([[0.0, 1e-6]], turn.dtype)
    return turn / ops.sqrt(ops.sum(ops.square(turn), axis=1, keepdims=True))


@keras.saving.register_keras_serializable("facegen")
class Radius(_Exact):
    """How far from the middle of its row each point of a map is: between 0 and `REACH`.

    Where no view tells, a head is smooth, and nearly its own mirror image. Both are penalties, so that hair
    may have edges and a smile may be crooked.

    Args:
        bend: weight of the mean second difference, around and down: a slope is free, an edge is not.
        mirror: weight of the mean difference between the left and the right half.
        smooth: what comes in is smoothed first (`shaped`). A penalty alone lets neighbouring rows each find a
            shape of their own that explains the views seen, and no other view.

    Input and output shape: (batch, rows, columns, 1).
    """

    def __init__(self, bend: float = 0.5, mirror: float = 2.0, smooth: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.bend, self.mirror, self.smooth = bend, mirror, smooth

    def call(self, x):
        x = shaped(x[..., 0])[..., None] if self.smooth else x
        radius = REACH * ops.sigmoid(x)
        around = ops.roll(radius, 1, axis=2) + ops.roll(radius, -1, axis=2) - 2 * radius
        down = radius[:, 2:] + radius[:, :-2] - 2 * radius[:, 1:-1]
        self.penalise(self.bend * (ops.mean(ops.abs(around)) + ops.mean(ops.abs(down))))
        self.penalise(self.mirror * ops.mean(ops.abs(radius - ops.flip(radius, axis=2))))
        return radius

    def get_config(self):
        own = {"bend": self.bend, "mirror": self.mirror, "smooth": self.smooth}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("facegen")
class Shade(_Exact):
    """What a point looks like once the head is turned, under a light that stays with the camera.

    A matt surface takes from one lamp what the cosine between lamp and normal says; the normal turns with the
    head, so a colour is a constant, a sine and a cosine part of the turn (the harmonics of first order of
    Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps", 2001). All is
    before the last sigmoid.

    Args:
        flat: weight of the mean square of sine and cosine parts: the more freely a colour may change, the
            less has to be explained by shape.

    Input: paint (batch, rows, columns, 3 * features): constant, sine and cosine parts; turn (batch, 2).
    Output shape: (batch, rows, columns, features).
    """

    def __init__(self, flat: float = 0.02, **kwargs):
        super().__init__(**kwargs)
        self.flat = flat

    def call(self, paint, turn):
        features = paint.shape[-1] // 3
        constant, sine, cosine = (paint[..., i * features : (i + 1) * features] for i in range(3))
        self.penalise(self.flat * (ops.mean(ops.square(sine)) + ops.mean(ops.square(cosine))) / 2)
        turn = unit(turn)[:, None, None]  # (b, 1, 1, 2)
        return constant + sine * turn[..., :1] + cosine * turn[..., 1:]

    def get_config(self):
        return {**super().get_config(), "flat": self.flat}


@keras.saving.register_keras_serializable("facegen")
class Sight(_Exact):
    """What a camera sees of a surface, pixel by pixel: an attention over the points of a row's contour.

    A pixel looks at the points that are near it, and in front: the share of each is the softmax of
    -(distance / spread)^2 / 2 + z / softness. So everything moves smoothly with the points, and a gradient
    says where each of them should go.

    Args:
        width: of the picture in pixels.
        spread: pixels from a point at which it counts by exp(-1/2).
        softness: half-widths in front that count like a distance of sqrt(2) spreads.
        off_axis: each row learns how far in front of the axis the middle of its contour is; otherwise, 0.

    Input: radius (batch, rows, columns, 1), colour (batch, rows, columns, channels), turn (batch, 2).
    Output: the picture (batch, rows, width, channels), and how much of it is covered (batch, rows, width, 1).
    """

    def __init__(
        self, width: int, spread: float = 0.5, softness: float = 0.05, off_axis: bool = False, **kwargs
    ):
        super().__init__(**kwargs)
        self.width, self.spread, self.softness, self.off_axis = width, spread, softness, off_axis

    def build(self, radius_shape, colour_shape, turn_shape):
        self.axis = self.add_weight(shape=(), initializer="zeros", name="axis")
        if self.off_axis:
            self.ahead = self.add_weight(shape=(radius_shape[1], 1), initializer="zeros", name="ahead")

    def call(self, radius, colour, turn):
        radius, turn = radius[..., 0], unit(turn)[:, None]
        sine, cosine = turn[..., :1], turn[..., 1:]  # (b, 1, 1)
        phi = self.directions(radius.shape[2])
        sin, cos = np.sin(phi).astype("float32"), np.cos(phi).astype("float32")
        right, ahead = radius * sin, radius * cos + self.middle  # not turned yet
        x = cosine * right + sine * ahead + self.axis  # (b, h, n), half-widths to the right
        z = cosine * ahead - sine * right  # to the front
        # the softmax of a sum is a product: what is near is the same for all that is asked of a pixel
        pixels = (np.arange(self.width, dtype="float32")[:, None] + 0.5) * 2 / self.width - 1
        near = ops.exp(-0.5 * ops.square((x[:, :, None] - pixels) * (self.width / 2 / self.spread)))
        front = ops.exp((z - ops.max(z, axis=-1, keepdims=True)) / self.softness)[..., None]
        there = ops.square(ops.square(radius / LEAST))
        there = (there / (1 + there))[..., None]  # nothing stands where a row is all axis, above the crown
        seen = ops.matmul(near, ops.concatenate([colour * front, front, there], axis=-1))  # (b, h, w, c + 2)
        share, covered = seen[..., -2:-1], seen[..., -1:]
        return seen[..., :-2] / (share + FAR), 1 - ops.exp(-DENSE * covered)

    def directions(self, columns: int) -> np.ndarray:
        """The angle at which each column of its maps stands, in radians."""
        return directions(columns)

    @property
    def middle(self):
        """How far in front of the axis the middle of each row is, half-widths: (rows, 1), or 0 of all."""
        return SWIFT * self.ahead if self.off_axis else 0.0

    def get_config(self):
        own = {name: getattr(self, name) for name in ("width", "spread", "softness", "off_axis")}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("facegen")
class Backdrop(_Exact):
    """Puts what is seen of a head in front of a learnt picture, the same for all.

    Input: picture (batch, rows, width, channels), cover (batch, rows, width, 1).
    Output shape: that of the picture.
    """

    def build(self, seen_shape, cover_shape):
        self.picture = self.add_weight(shape=seen_shape[1:], initializer="zeros", name="picture")

    def call(self, seen, cover):
        return seen * cover + (1 - cover) * self.picture
