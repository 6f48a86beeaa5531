"""A head as a volume that is turned: what one would try before a surface, for `benchmarks/turning.py`.

As in HoloGAN (Nguyen-Phuoc et al., 2019, arXiv 1904.01326, section 3), features in space are turned, and then
looked at; here with a density each, composited along the line of sight as in a volume rendering. All else is
the unrolled network's: its decoder, its backdrop, its outlines, its retouching, its loss.
"""

import keras
import numpy as np
from keras import layers, ops

from facegen.conditions.kinds import kinds
from facegen.models.deconv import decoder
from facegen.models.layers import condition_inputs
from facegen.models.surface import FAR, Backdrop, unit
from facegen.models.unrolled import EXTRA, TURN, Studio, UnrolledDeconv, retouched

DEEP = 16  # layers of the volume from front to back


class Turned(layers.Layer):
    """A volume turned around its vertical axis, each point the mean of the four that it comes to lie between.

    Input: volume (batch, rows, columns, depth, features), as deep as wide, back to front; turn (batch, 2).
    Output shape: that of the volume. Beyond its sides there is nothing.
    """

    def call(self, volume, turn):
        _, rows, columns, depth, features = volume.shape
        flat = ops.reshape(ops.transpose(volume, (0, 2, 3, 1, 4)), (-1, columns * depth, rows * features))
        x, z = (np.float32((np.arange(n) + 0.5) * 2 / n - 1) for n in (columns, depth))
        x, z = (axis.reshape(1, -1) for axis in np.meshgrid(x, z, indexing="ij"))  # (1, columns * depth)
        sine, cosine = ops.split(unit(turn), 2, axis=1)  # (b, 1)
        column = (cosine * x - sine * z + 1) * columns / 2 - 0.5  # where each point comes from
        layer = (sine * x + cosine * z + 1) * depth / 2 - 0.5
        turned = 0.0
        for right in (0, 1):
            for ahead in (0, 1):
                i, j = ops.floor(column) + right, ops.floor(layer) + ahead
                share = (1 - ops.abs(column - i)) * (1 - ops.abs(layer - j))
                inside = (i >= 0) & (i < columns) & (j >= 0) & (j < depth)
                place = ops.cast(ops.clip(i, 0, columns - 1) * depth + ops.clip(j, 0, depth - 1), "int32")
                share = ops.where(inside, share, 0.0)[..., None]
                turned += share * ops.take_along_axis(flat, place[..., None], axis=1)
        return ops.transpose(ops.reshape(turned, (-1, columns, depth, rows, features)), (0, 3, 1, 2, 4))


class Composite(layers.Layer):
    """What a camera sees of a volume: each layer as far as those in front of it let through.

    Input: volume (batch, rows, columns, depth, 1 + channels), back to front, the first feature a density
    before its softplus. Output: the picture (batch, rows, columns, channels), and its cover (..., 1).
    """

    def call(self, volume):
        density = ops.softplus(volume[..., :1])
        before = ops.flip(ops.cumsum(ops.flip(density, axis=3), axis=3), axis=3) - density
        weight = ops.exp(-before) * (1 - ops.exp(-density))  # (b, h, w, d, 1)
        cover = ops.sum(weight, axis=3)
        return ops.sum(weight * volume[..., 1:], axis=3) / (cover + FAR**0.5), cover


class VolumeDeconv(UnrolledDeconv):
    """A `Deconv` whose orientation turns a volume of half the picture's height and width."""

    def network(
        self, names, start, depth, kernels, dense, channels, normalized, canvas, linear, deep, ranges
    ) -> keras.Model:
        inputs, exact = condition_inputs(names), {"dtype": "float32"}
        read = {name: kind for name, kind in kinds(names, ranges).items() if name != TURN}
        x = decoder(inputs, read, start, depth, kernels, dense, normalized, linear, deep)
        rows, columns, _ = x.shape[1:]
        features = 1 + channels + EXTRA
        x = layers.Conv2D(DEEP * features, 3, padding="same", name="volume", **exact)(x)
        x = layers.Reshape((rows, columns, DEEP, features), **exact)(x)
        seen, cover = Composite(**exact)(Turned(**exact)(x, inputs[TURN]))
        seen = Backdrop(name="backdrop")(seen, cover)
        picture = retouched(seen, cover, channels, enlarged=1)
        self.view = keras.Model(inputs, {"picture": picture, "cover": cover}, name="view")
        self.studio = Studio((picture.shape[1], 1, channels), name="studio")
        return keras.Model(inputs, picture, name="generator")
