"""Heads that turn otherwise: what was tried beside the recipe "turning", for `benchmarks/turning.py`.

A variant is the package's network with a part of it exchanged while it is built:

    volume        features in space, looked through, in place of a surface (volume.py)
    two surfaces  hair may stand in front of a cheek (surfaces.py)
    symmetric     a head's halves must be alike, four times as strictly
    plain light   a colour that changes while the head turns costs ten times as much
    fine          three columns of the map to a pixel for two, each seen from less far: nearly exact edges
    shared        the shape of a head is a mean and twelve numbers, whose meaning all people share
    round         half-way between the views a row reaches as far as a smooth curve through the views says
    lively        at angles never seen, edges must be as many and as strong as in the picture that was seen
"""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

import keras
import numpy as np
from keras import layers, ops

from benchmarks.outlines import closed_curve
from benchmarks.surfaces import view as two_surfaces
from benchmarks.volume import VolumeDeconv
from facegen import models
from facegen.models import unrolled
from facegen.models.surface import Radius, Shade, Sight, directions, unit
from facegen.models.unrolled import TURN, UnrolledDeconv
from facegen.training.recipes import RECIPES, Recipe

CODE = 12  # numbers that tell a shape
TURNS = 16  # sides that are looked from: every second one is a view 45 degrees from the next, or its back
ROUND = 75.0  # decibels that a half-width off the curve costs
BANDS, LIVELY = 10, 3.0  # of rows, in which edges are counted; decibels that having none costs
AWAY = np.pi / 8  # radians: as far from a view seen as 45 degrees between views allow


class Shared(Radius):
    """A `Radius` whose maps are sums of `CODE` maps, the same for everybody."""

    def build(self, shape):
        _, rows, columns, _ = shape
        self.told = layers.Dense(CODE)
        self.maps = layers.Dense(rows * columns, kernel_initializer="zeros")
        self.told.build((None, rows * columns))
        self.maps.build((None, CODE))

    def call(self, x):
        flat = ops.reshape(x, (-1, x.shape[1] * x.shape[2]))
        return super().call(ops.reshape(self.maps(self.told(flat)), (-1, *x.shape[1:])))


def reaches(radius):
    """How far to the right each row (b, h, n, 1) reaches, from `TURNS` sides: (b, h, TURNS), half-widths.

    From its own middle: one that is not the axis adds a cosine of the turn, which a smooth curve has anyway.

    Example:
        >>> np.ptp(np.asarray(reaches(np.full((1, 1, 64, 1), 0.5, "float32"))).round(2), axis=2).tolist()
        [[0.0]]
    """
    turns = np.arange(TURNS) / TURNS * 2 * np.pi
    return ops.max(radius * np.sin(directions(radius.shape[2])[:, None] + turns).astype("float32"), axis=2)


class Round(Radius):
    """A `Radius` whose outlines, half-way between the views, are drawn to the curve through the views."""

    def call(self, x):
        radius = super().call(x)
        reached, half_way = reaches(radius), np.arange(TURNS // 2) + 0.5
        curve = ops.matmul(reached[..., ::2], closed_curve(TURNS // 2, half_way).T.astype("float32"))
        self.penalise(ROUND * ops.mean(ops.abs(reached[..., 1::2] - ops.stop_gradient(curve))))
        return radius


def edges(pictures):
    """How much neighbours differ, across and down, in each band of rows: (b, h, w, c) to (b, BANDS, 2)."""
    across = ops.mean(ops.abs(pictures[:, :, 1:] - pictures[:, :, :-1]), axis=(2, 3))
    down = ops.pad(ops.mean(ops.abs(pictures[:, 1:] - pictures[:, :-1]), axis=(2, 3)), [[0, 0], [0, 1]])
    both = ops.stack([across, down], axis=-1)
    return ops.mean(ops.reshape(both, (-1, BANDS, pictures.shape[1] // BANDS, 2)), axis=2)


@keras.saving.register_keras_serializable("benchmarks")
class Lively(UnrolledDeconv):
    """An `UnrolledDeconv` that also draws each head turned by chance, and compares its edges.

    What a shape costs (`Radius`, `Shade`) counts twice in it, once for each of the two pictures.
    """

    def call(self, batch, training=None):
        drawn = dict(super().call(batch, training=training))
        if training:
            away = keras.random.uniform((ops.shape(batch[TURN])[0], 1), -AWAY, AWAY)
            sine, cosine = ops.split(unit(batch[TURN]), 2, axis=1)
            turn = [
                sine * ops.cos(away) + cosine * ops.sin(away),
                cosine * ops.cos(away) - sine * ops.sin(away),
            ]
            turned = {**batch, TURN: ops.concatenate(turn, axis=1)}
            drawn["turned"] = super().call(turned, training=training)["picture"]
        return drawn

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if "turned" not in y_pred:
            return loss
        true, drawn = edges(ops.cast(x["image"], "float32") / 255), edges(y_pred["turned"])
        return loss + LIVELY * ops.mean(ops.abs(drawn - true) / (true + 0.01))


@dataclass(frozen=True)
class Variant(Recipe):
    """The recipe "turning", whose network is built with other parts.

    Attributes:
        parts: of each, the module, the name there, and what takes its place while the network is built.
    """

    parts: tuple = ()

    def build(self, *arguments, **chosen) -> UnrolledDeconv:
        with ExitStack() as stack:
            for part in self.parts:
                stack.enter_context(patch.object(*part))
            return super().build(*arguments, **chosen)


PARTS = {
    "volume": [(models, "UnrolledDeconv", VolumeDeconv)],
    "two surfaces": [(unrolled, "view", two_surfaces)],
    "symmetric": [(unrolled, "Radius", partial(Radius, mirror=8.0))],
    "plain light": [(unrolled, "Shade", partial(Shade, flat=0.2))],
    "fine": [(unrolled, "AROUND", 3), (unrolled, "Sight", partial(Sight, spread=0.35))],
    "shared": [(unrolled, "Radius", Shared)],
    "round": [(unrolled, "Radius", Round)],
    "lively": [(models, "UnrolledDeconv", Lively)],
}
VARIANTS = {name: Variant(**vars(RECIPES["deconv"]["turning"]), parts=parts) for name, parts in PARTS.items()}
