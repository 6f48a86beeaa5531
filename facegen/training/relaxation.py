"""Conditions as free numbers: whatever gradient descent makes of them, the rows they stand for are legal.

    Simplex    a mixture: the softmax of its numbers, scaled to unit length
    Circle     angles: the sine and cosine of each number
    Interval   attributes, numbers of a table, uniform noise: a sigmoid between the bounds of each column
    Normal     a GAN's normal noise as it is, which is likelier near nought

Each knows, too, from which rows to start. An optimizer's first steps are equally long in all numbers: `steep`
tells how much such a step is of a mixture, an angle or an interval.
"""

import numpy as np
from keras import ops

from facegen.conditions.base import Kind
from facegen.conditions.interpolation import direction
from facegen.conditions.kinds import FRONT, Angle, Binary, Mixture
from facegen.conditions.latent import Latent

LEAST = 0.1  # of a mixture lies on all columns together, of an interval at either end: without a little
# weight there is no gradient that would bring anything back
TURN = 15  # degrees between angles to start from
CHANCE = 48  # rows of attributes, and of noise, to start from


class Normal:
    """Numbers without bounds, as normal noise is.

    Args:
        kind: of the condition.
        examples: rows that a training had of it, (n, columns), if any are known.
    """

    steep = 1.0

    def __init__(self, kind: Kind, examples: np.ndarray | None = None):
        self.kind, self.examples = kind, examples

    @property
    def width(self) -> int:
        """How many numbers stand for a row."""
        return len(self.kind.columns)

    def trials(self, row: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Rows to try in the place of one: (n, columns)."""
        return np.stack([row, *(self.kind.row(self.kind.sample(random)) for _ in range(CHANCE))])

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """The numbers (n, width) that stand for rows (n, columns), or nearly."""
        return rows / self.steep

    def rows(self, numbers):
        """The rows (n, columns) that numbers (n, width) stand for."""
        return numbers * self.steep

    def prior(self, numbers):
        """How unlikely numbers are, (n,): what is usual has 1. Nought where all are as likely."""
        return ops.mean(ops.square(numbers), axis=1)


class Interval(Normal):
    """Numbers between the least and the largest of their columns."""

    steep = 4.0

    def trials(self, row: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A few examples or rows by chance, and the row with one column at its least, middle or largest."""
        if isinstance(self.kind, Latent):
            return super().trials(row, random)
        some = [row] if self.examples is None else random.permutation(self.examples)[:CHANCE]
        levels = self.kind.extent if isinstance(self.kind, Binary) else np.linspace(*self.kind.extent, 3)
        ones = [np.where(column, level, row) for level in levels for column in np.eye(self.width)]
        return np.stack([*some, *ones]).astype("float32")

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        least, most = self.kind.extent
        share = (rows - least) / np.where(most > least, most - least, 1)
        share = np.clip(share, LEAST / 2, 1 - LEAST / 2)
        return np.log(share / (1 - share)) / self.steep

    def rows(self, numbers):
        least, most = self.kind.extent.astype("float32")
        return least + (most - least) * ops.sigmoid(self.steep * numbers)

    def prior(self, numbers):
        return 0.0


class Simplex(Interval):
    """Weights of a mixture, none of them below nought, together of unit length."""

    def trials(self, row: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Each column alone."""
        return np.eye(self.width, dtype="float32")

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        weights = rows / rows.sum(axis=1, keepdims=True)
        return np.log((1 - LEAST) * weights + LEAST / self.width) / self.steep

    def rows(self, numbers):
        weights = ops.softmax(self.steep * numbers, axis=1)
        return weights / ops.norm(weights, axis=1, keepdims=True)


class Circle(Interval):
    """Angles, each on its circle."""

    steep = 0.5  # radians

    @property
    def width(self) -> int:
        return self.kind.width

    def trials(self, row: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The row with one angle turned from profile to profile: what fades in between has many minima."""
        degrees = np.arange(-FRONT, FRONT + 1, TURN)
        angles = np.tile(self.kind.state(row), (self.width, len(degrees), 1))
        for i in range(self.width):
            angles[i, :, i] = degrees
        return direction(angles).reshape(-1, 2 * self.width)

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        return np.arctan2(rows[:, ::2], rows[:, 1::2]) / self.steep

    def rows(self, numbers):
        angles = self.steep * numbers
        return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=2), (-1, 2 * self.width))


def relaxation(kind: Kind, examples: np.ndarray | None = None) -> Normal:
    """The numbers for a kind of condition; the arguments are those of `Normal`.

    Example:
        >>> from facegen.conditions.kinds import kind
        >>> angle = relaxation(kind("orientation", ["sin", "cos"]))
        >>> angle.numbers(np.array([[1.0, 0.0]])).round(2).tolist()  # 90 degrees, in halves of a radian
        [[3.14]]
    """
    free = isinstance(kind, Latent) and kind.normal
    made = Normal if free else {Mixture: Simplex, Angle: Circle}.get(type(kind), Interval)
    return made(kind, examples)
