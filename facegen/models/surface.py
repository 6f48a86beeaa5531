"""A head as one surface around a vertical axis, and how a camera that stands still sees it turned.

The surface is a map, as if the head were rolled out flat: rows are those of the picture, columns are angles
around the axis. For each point it says how far from the axis it is, and what colour it has. To turn the head
is to shift the map; where two views are known, there is nothing else that could be faded between them.

Lengths are in half-widths of the picture, the axis runs through its middle. Column i of n stands at the angle
phi = (i + 1/2) / n * 2 pi - pi; a head turned by theta shows that point at x = r sin(phi + theta) and has it
z = r cos(phi + theta) in front of the axis. The camera is orthographic: a row of the picture shows one row of
the map, its contour. Everything computes in float32, whatever the policy: half a column is half a pixel.
"""

import keras
import numpy as np
from keras import ops

REACH = 1.1  # half-widths: no point is further from the axis
DENSE = 4.0  # a point in the middle of a pixel covers all of it but exp(-4)
HARMONICS = 9  # of a sphere, up to the second order


class _Exact(keras.layers.Layer):
    """A layer that computes in float32."""

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})


@keras.saving.register_keras_serializable("facegen")
class Radius(_Exact):
    """How far from the axis each point of a map is: between 0 and `REACH`.

    Where no view tells, a head is smooth, and nearly its own mirror image. Both are penalties, so that hair
    may have edges and a smile may be crooked.

    Args:
        smooth: weight of the mean step from a point to the next, around and down.
        mirror: weight of the mean difference between the left and the right half.

    Input and output shape: (batch, rows, columns, 1).
    """

    def __init__(self, smooth: float = 0.3, mirror: float = 2.0, **kwargs):
        super().__init__(**kwargs)
        self.smooth, self.mirror = smooth, mirror

    def call(self, x):
        radius = REACH * ops.sigmoid(x)
        around, down = radius - ops.roll(radius, 1, axis=2), radius[:, 1:] - radius[:, :-1]
        self.add_loss(self.smooth * (ops.mean(ops.abs(around)) + ops.mean(ops.abs(down))))
        self.add_loss(self.mirror * ops.mean(ops.abs(radius - ops.flip(radius, axis=2))))
        return radius

    def get_config(self):
        return {**super().get_config(), "smooth": self.smooth, "mirror": self.mirror}


@keras.saving.register_keras_serializable("facegen")
class Normals(_Exact):
    """Which way a surface faces: unit vectors that point outwards.

    r = R(phi, y) has the normal (1, -R_phi / r, -R_y) along the axes "away from the axis", "around it, the
    way phi grows" and "up", here of differences between neighbours.

    Args:
        width: of the picture in pixels, as high as wide: a row is 2 / width half-widths.

    Input shape: radius (batch, rows, columns, 1).
    Output shape: (batch, rows, columns, 3).
    """

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.width = width

    def call(self, radius):
        columns, rows = radius.shape[2], ops.pad(radius, [[0, 0], [1, 1], [0, 0], [0, 0]], mode="symmetric")
        up = (rows[:, :-2] - rows[:, 2:]) * (self.width / 4)
        along = (ops.roll(radius, -1, axis=2) - ops.roll(radius, 1, axis=2)) * (columns / (4 * np.pi))
        along = along / ops.maximum(radius, 0.05)
        size = ops.rsqrt(1 + ops.square(along) + ops.square(up))
        return ops.concatenate([size, -along * size, -up * size], axis=-1)

    def get_config(self):
        return {**super().get_config(), "width": self.width}


@keras.saving.register_keras_serializable("facegen")
class Near(_Exact):
    """The part of a map that is near the camera once the head is turned, and where each of its columns is.

    What lies behind is hidden, and not worth computing.

    Args:
        share: of the columns that are taken, around the one that faces the camera.

    Input: map (batch, rows, columns, features), turn (batch, 2): sine and cosine of theta, of any length.
    Output: the part (batch, rows, near, features), and phi + theta of its columns (batch, near).
    """

    def __init__(self, share: float = 0.625, **kwargs):
        super().__init__(**kwargs)
        self.share = share

    def near(self, columns: int) -> int:
        """How many columns are taken: an even number, so that half of them are on either side."""
        return min(columns, 2 * round(self.share * columns / 2))

    def call(self, x, turn):
        _, rows, columns, features = x.shape
        near, step = self.near(columns), 2 * np.pi / columns
        theta = ops.arctan2(turn[:, 0], turn[:, 1])
        first = ops.cast(ops.round((columns - near) / 2 - theta / step), "int32")  # (b,)
        index = first[:, None] + np.arange(near, dtype="int32")  # (b, near), beyond 0..columns
        angle = (ops.cast(index, "float32") + 0.5) * step - np.pi + theta[:, None]
        # a head is a row of columns * rows * features: neighbours in memory are taken together
        flat = ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, rows * features))
        head = columns * ops.arange(ops.shape(x)[0], dtype="int32")[:, None]
        taken = ops.take(flat, ops.mod(index, columns) + head, axis=0)  # (b, near, rows * features)
        taken = ops.transpose(ops.reshape(taken, (-1, near, rows, features)), (0, 2, 1, 3))
        return taken, angle

    def get_config(self):
        return {**super().get_config(), "share": self.share}


@keras.saving.register_keras_serializable("facegen")
class Lamp(_Exact):
    """Colours under a light that stays with the camera, as it does in a studio where people turn.

    A matt surface takes from far-away lamps what the spherical harmonics of its normal up to the second
    order say (Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps", 2001);
    what they weigh is learnt, once for all pictures. It is added before the sigmoid, where dark colours are
    multiplied by it. So shading tells of the shape. What else a point does when it turns, it may do a little
    of: as sine and cosine of its angle.

    Args:
        flat: weight of the mean square of these sines and cosines.

    Input: paint (batch, rows, near, 3 * channels): colour, sine and cosine part of each channel; normals
        (batch, rows, near, 3); angle (batch, near).
    Output shape: (batch, rows, near, channels), in 0..1.
    """

    def __init__(self, flat: float = 0.02, **kwargs):
        super().__init__(**kwargs)
        self.flat = flat

    def build(self, paint_shape, normals_shape, angle_shape):
        shape = (HARMONICS, paint_shape[-1] // 3)
        self.light = self.add_weight(shape=shape, initializer="zeros", name="light")

    def call(self, paint, normals, angle):
        colour, sine, cosine = ops.split(paint, 3, axis=-1)
        self.add_loss(self.flat * (ops.mean(ops.square(sine)) + ops.mean(ops.square(cosine))))
        s, c = ops.sin(angle)[:, None, :, None], ops.cos(angle)[:, None, :, None]
        out, along, up = ops.split(normals, 3, axis=-1)
        normal = out * s + along * c, up, out * c - along * s  # right, up and to the front of the picture
        lit = ops.matmul(harmonics(*normal), self.light)
        return ops.sigmoid(colour + lit + sine * s + cosine * c)

    def get_config(self):
        return {**super().get_config(), "flat": self.flat}


def harmonics(x, y, z):
    """The spherical harmonics of order 0 to 2 of unit vectors, but for constant factors: (..., 9).

    Args:
        x, y, z: each (..., 1).
    """
    first = [ops.ones_like(x), x, y, z]
    second = [x * y, x * z, y * z, ops.square(x) - ops.square(y), 3 * ops.square(z) - 1]
    return ops.concatenate(first + second, axis=-1)


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

    Input: radius (batch, rows, near, 1), colour (batch, rows, near, channels), angle (batch, near).
    Output: the picture (batch, rows, width, channels), and how much of each pixel is covered (batch, rows,
        width, 1).
    """

    def __init__(self, width: int, spread: float = 0.5, softness: float = 0.05, **kwargs):
        super().__init__(**kwargs)
        self.width, self.spread, self.softness = width, spread, softness

    def build(self, radius_shape, colour_shape, angle_shape):
        self.axis = self.add_weight(shape=(), initializer="zeros", name="axis")

    def call(self, radius, colour, angle):
        radius, angle = radius[..., 0], angle[:, None]
        x = (radius * ops.sin(angle) + self.axis + 1) * (self.width / 2)  # pixels from the left, (b, h, m)
        z = radius * ops.cos(angle)
        pixels = np.arange(self.width, dtype="float32")[:, None] + 0.5
        near = -0.5 * ops.square((pixels - x[:, :, None]) / self.spread)  # (b, h, w, m)
        cover = 1 - ops.exp(-DENSE * ops.sum(ops.exp(near), axis=-1, keepdims=True))
        share = ops.softmax(near + z[:, :, None] / self.softness, axis=-1)
        return ops.matmul(share, colour), cover

    def get_config(self):
        own = {"width": self.width, "spread": self.spread, "softness": self.softness}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("facegen")
class Backdrop(_Exact):
    """Puts what is seen of a head in front of a learnt picture, the same for all.

    Input: picture (batch, rows, width, channels) in 0..1, cover (batch, rows, width, 1).
    Output shape: that of the picture.
    """

    def build(self, seen_shape, cover_shape):
        self.picture = self.add_weight(shape=seen_shape[1:], initializer="zeros", name="picture")

    def call(self, seen, cover):
        return seen * cover + ops.sigmoid(self.picture) * (1 - cover)


@keras.saving.register_keras_serializable("facegen")
class Retouch(_Exact):
    """Adds to a picture in 0..1 before its sigmoid, black and white being as far as they can be told apart.

    Input: picture and what to add, both (batch, rows, width, channels).
    Output shape: the same.
    """

    def call(self, picture, more):
        share = ops.clip(picture, 1 / 255, 254 / 255)
        return ops.sigmoid(ops.log(share) - ops.log(1 - share) + more)
