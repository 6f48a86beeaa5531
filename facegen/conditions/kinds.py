"""The kinds of conditions: what each one's words mean, its default, chance, steps, and the ways between.

    Mixture  people, emotions, hair: weights of its columns, together of unit length
    Angle    pairs of sine and cosine: angles in degrees, each on its own circle
    Binary   attributes: each column off (0) or on (1) by itself
    Number   numbers in the units of their table, within the range that the training rows have
    Latent   the noise of a GAN or a flow, drawn from a seed
    Free     any numbers in the columns of a mixture, angle or binary condition: what is not constrained

`kind` chooses once, by the name and the columns of a condition. A state is a float64 array (width,) that its
kind knows how to make, move and turn into the row that a model reads. Numbers that nobody has set are NaN in
what a word gives: chance or a default fills them in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegen.conditions.base import ATTRIBUTES, NUMBERS, Free, Kind, Names, Ranges, angles
from facegen.conditions.interpolation import direction, slerp
from facegen.conditions.words import LARGEST, Word, amounts, decimal, floats, listed, shown, sum_of, weights
from facegen.utils.errors import FacegenError

FRONT = 90.0  # degrees: chance turns a head, or moves a light, from -90 to 90
HALF = 180.0  # degrees: half a circle


class Mixture(Kind):
    """Weights of columns: a vector as long as `scale`, unless its bounds forbid that.

    Example:
        >>> mixture = Mixture("emotion", ("happy", "sad"))
        >>> mixture.encode("happy+sad").round(3).tolist()
        [0.707, 0.707]
        >>> mixture.decode([0.6, 0.8])
        '0.8*sad+0.6*happy'
    """

    @property
    def meaning(self) -> str:
        return f"a mixture of {listed(self.columns)}"

    def encode(self, word: Word) -> np.ndarray:
        values = self.read(word)
        if not values.any():
            raise FacegenError(
                f"{self.name}: {shown(word)} has no direction: expected weights that do not cancel out."
            )
        return self.clip(values)

    def read(self, word: Word) -> np.ndarray:
        return self._summed(word)

    def decode(self, row: np.ndarray) -> str:
        order = np.argsort(-np.abs(np.round(np.asarray(row, "float64"), 2)), kind="stable")
        columns = [self.columns[i] for i in order]
        return sum_of(columns, [row[i] for i in order]) or f"0*{self.columns[0]}"

    def default(self) -> np.ndarray:
        return self.encode(["neutral" if "neutral" in self.columns else self.columns[0]])

    def pick(self, random: np.random.Generator) -> np.ndarray:
        """One column, or two in equal parts."""
        chosen = random.choice(self.width, min(self.width, random.integers(1, 3)), replace=False)
        return self.clip(np.eye(self.width)[chosen].sum(axis=0))

    def step(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        state_after = super().step(state, free, random)
        return state_after if state_after.any() else state  # nobody is no mixture

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        return slerp(start, end, t)

    def clip(self, state: np.ndarray) -> np.ndarray:
        state = np.clip(state, self.low, self.high)
        length = np.linalg.norm(state)
        if not length or np.isclose(length, self.scale, rtol=1e-12, atol=0):
            return state
        scaled = np.clip(state * (self.scale / length), self.low, self.high)
        if np.isclose(np.linalg.norm(scaled), self.scale, rtol=1e-9):
            return scaled
        return self._stretched(state)

    def _stretched(self, state: np.ndarray) -> np.ndarray:
        """What is as long as `scale`, or as near as the bounds allow: some numbers stop at them."""
        state = np.where(np.abs(state) < 1e-9 * np.abs(state).max(), 0, state / np.abs(state).max())
        least, most = 0.0, (self.scale + 1) / np.abs(state[state != 0]).min()
        for _ in range(100):  # halves the factor's interval: the length grows with it
            factor = (least + most) / 2
            long = np.linalg.norm(np.clip(factor * state, self.low, self.high)) > self.scale
            least, most = (least, factor) if long else (factor, most)
        return np.clip(most * state, self.low, self.high)


class Angle(Kind):
    """Angles: the state is in degrees, and so are its bounds; the row lies on the circle.

    `stride` is a way along the circle, whose radius is 1: 0.1 is 5.7 degrees. Between angles from -180 to
    180 the way is the short one (from 170 to -170 by way of 180), unless there are bounds to keep to;
    beyond, it is as far as is written: from 0 to 360 is a full turn.

    Example:
        >>> angle = Angle("orientation", ("sin", "cos"))
        >>> angle.interpolate(angle.encode(-90), angle.encode("90"), 0.5).tolist()
        [0.0]
        >>> angle.row(angle.encode(90)).round(3).tolist()
        [1.0, 0.0]
    """

    shares_bounds = False  # they are degrees

    @property
    def width(self) -> int:
        return len(self.columns) // 2

    @property
    def extent(self) -> np.ndarray:
        return np.tile([[-1.0], [1.0]], len(self.columns))

    @property
    def meaning(self) -> str:
        names = angles(self.columns)
        return f"{' and '.join(names)} in degrees" if len(names) > 1 else "an angle in degrees"

    def encode(self, word: Word) -> np.ndarray:
        return self.clip(self.read(word))

    def read(self, word: Word) -> np.ndarray:
        """The degrees in a word (45, "30 -10", [30, -10]), or those of a row of sines and cosines."""
        values = floats(word)
        if values is not None and not isinstance(word, str) and len(values) == len(self.columns):
            return self.state(values)
        if values is None or len(values) != self.width or (np.abs(values) > LARGEST).any():
            raise FacegenError(f"{self.name}: expected {self.meaning}, found {shown(word)}.")
        return values

    def decode(self, row: np.ndarray) -> str:
        """In degrees; off the circle, the sines and cosines themselves."""
        pairs = np.reshape(row, (-1, 2))
        if not np.allclose(np.linalg.norm(pairs, axis=1), 1, atol=0.01):
            return " ".join(decimal(value, 2) for value in np.ravel(pairs))
        return " ".join(decimal(value, 1) for value in self.state(row))

    def default(self) -> np.ndarray:
        """Frontal."""
        return self.clip(np.zeros(self.width))

    def sample(self, random: np.random.Generator) -> np.ndarray:
        low = self.low if np.isfinite(self.low) else min(-FRONT, self.high)
        high = self.high if np.isfinite(self.high) else max(FRONT, self.low)
        return random.uniform(low, high, self.width)

    def step(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        turn = np.degrees(random.uniform(-self.stride, self.stride, self.width))
        return self.clip(state + np.where(free, turn, 0))

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        way = end - start
        both_small = np.maximum(np.abs(start), np.abs(end)) <= HALF
        short = (way + HALF) % (2 * HALF) - HALF
        bounded = np.isfinite(self.low) or np.isfinite(self.high)
        return start + t * np.where((np.abs(way) > HALF) & both_small & (not bounded), short, way)

    def row(self, state: np.ndarray) -> np.ndarray:
        return self.scale * direction(state).ravel()

    def state(self, row: np.ndarray) -> np.ndarray:
        sines, cosines = np.reshape(np.asarray(row, "float64"), (-1, 2)).T
        return np.degrees(np.arctan2(sines, cosines))


class Binary(Kind):
    """Attributes: between off (0) and on (1), and never scaled to unit length.

    Example:
        >>> binary = Binary("attributes", ("Male", "Smiling"))
        >>> binary.encode({"Smiling": "on"}).tolist(), binary.encode("Male+0.5*Smiling").tolist()
        ([0.0, 1.0], [1.0, 0.5])
        >>> binary.decode([0, 0])
        'none'
    """

    @property
    def meaning(self) -> str:
        return f"each off (0) or on (1): {listed(self.columns)}"

    def encode(self, word: Word) -> np.ndarray:
        values = self.read(word)
        for name, value in zip(self.columns, values, strict=True):
            if not 0 <= value <= 1:
                raise FacegenError(
                    f"{self.name}: {name} is {value:g}: expected on, off, or a number from 0 (off) to 1 (on)."
                )
        return self.clip(self.scale * values)

    def read(self, word: Word) -> np.ndarray:
        none = isinstance(word, str) and word.strip() == "none" and "none" not in self.columns
        return np.zeros(len(self.columns)) if none else self._summed(word)

    def decode(self, row: np.ndarray) -> str:
        return sum_of(self.columns, row) or "none"

    def default(self) -> np.ndarray:
        """All off."""
        return self.clip(np.zeros(len(self.columns)))

    def sample(self, random: np.random.Generator) -> np.ndarray:
        return self.clip(self.scale * random.integers(0, 2, self.width))

    def completed(self, word: Word, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The state that a word means, with all that it does not name as in an example that agrees with it.

        Args:
            word: such as "Smiling+Male"; a whole row or "none" names everything.
            examples: (n, columns), of which one is taken that contradicts the word as little as possible.
        """
        wanted = self.encode(word)
        whole = self._numbers(word) is not None or (isinstance(word, str) and word.strip() == "none")
        if whole or not len(examples):
            return wanted
        named = [*weights(self.name, self.columns, word)]
        apart = np.abs(examples[:, named] - wanted[named]).sum(axis=1)
        state = examples[random.choice(np.flatnonzero(apart == apart.min()))].astype("float64")
        state[named] = wanted[named]
        return state


@dataclass(frozen=True)
class Number(Kind):
    """Numbers in the units of their table: an age of 45 is 45. `stride` is a share of the range.

    Attributes:
        ranges: least and largest of each column; without, no number is known to be too large or too small,
            and chance asks for 0 to 1.
        constrained: whether the ranges are bounds.

    Example:
        >>> number = Number("numbers", ("age", "height"), ranges=((18, 80), (150, 200)))
        >>> number.encode("age: 45").tolist(), number.default().tolist()
        ([45.0, nan], [49.0, 175.0])
        >>> number.decode([45, 170])
        'age: 45, height: 170'
    """

    ranges: tuple[tuple[float, float], ...] | None = None
    constrained: bool = True
    shares_bounds = False

    @property
    def meaning(self) -> str:
        spans = zip(self.columns, *self.extent, strict=True)
        return listed([f"{name} from {least:.6g} to {most:.6g}" for name, least, most in spans])

    @property
    def extent(self) -> np.ndarray:
        return super().extent if self.ranges is None else np.array(self.ranges, "float64").T

    def encode(self, word: Word) -> np.ndarray:
        values = self.scale * self.read(word)
        for name, value, least, most in zip(self.columns, values, *self._bounds(), strict=True):
            if value < least or value > most:
                raise FacegenError(
                    f"{self.name}: {name} is {value:g}: expected a number from {least:g} to {most:g}, as in "
                    "training; unconstrained, it may be any."
                )
        return values

    def read(self, word: Word) -> np.ndarray:
        values = self._numbers(word)
        if values is None:
            values = np.full(len(self.columns), np.nan)
            for column, value in amounts(self.name, self.columns, word).items():
                values[column] = value
        return values

    def decode(self, row: np.ndarray) -> str:
        return ", ".join(f"{name}: {value:.6g}" for name, value in zip(self.columns, row, strict=True))

    def default(self) -> np.ndarray:
        """The middle of the range."""
        return self.clip(self.extent.mean(axis=0))

    def sample(self, random: np.random.Generator) -> np.ndarray:
        return self.clip(self.scale * random.uniform(*self.extent))

    def step(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        span = np.ptp(self.extent, axis=0)
        move = span * random.uniform(-self.stride, self.stride, self.width)
        return self.clip(state + np.where(free, move, 0))

    def clip(self, state: np.ndarray) -> np.ndarray:
        return np.clip(state, *self._bounds())

    def _bounds(self) -> np.ndarray:
        known = self.constrained and self.ranges is not None
        least, most = self.extent if known else np.tile([[-np.inf], [np.inf]], len(self.columns))
        return np.clip([least, most], self.low, self.high)


def kind(
    name: str,
    columns: Sequence[str],
    constrained: bool = True,
    ranges: Sequence[Sequence[float]] | None = None,
) -> Kind:
    """The kind of a condition, chosen by its name and columns.

    Args:
        constrained: keep to what a network was trained on.
        ranges: (least, most) of each column in the units of the table; of numbers alone.

    Example:
        >>> type(kind("orientation", ("sin", "cos"))).__name__
        'Angle'
        >>> kind("emotion", ("happy", "sad"), constrained=False).encode("2*sad").tolist()
        [0.0, 2.0]
    """
    columns = tuple(columns)
    if name == NUMBERS:
        ranges = None if ranges is None else tuple((float(least), float(most)) for least, most in ranges)
        return Number(name, columns, ranges=ranges, constrained=constrained)
    if angles(columns):
        made = Angle(name, columns)
    elif name == ATTRIBUTES:
        made = Binary(name, columns, low=0.0, high=1.0)
    else:
        made = Mixture(name, columns)
    return made if constrained else Free(name, columns, of=made)


def kinds(names: Names, ranges: Ranges | None = None, constrained: bool = True) -> dict[str, Kind]:
    """The kind of each condition of a model or a face set.

    Args:
        names: condition -> its columns.
        ranges: condition -> (least, most) of each column; of "numbers" alone.

    Example:
        >>> found = kinds({"identity": ["01", "03"], "orientation": ["sin", "cos"]})
        >>> {name: type(kind).__name__ for name, kind in found.items()}
        {'identity': 'Mixture', 'orientation': 'Angle'}
    """
    return {
        name: kind(name, columns, constrained, (ranges or {}).get(name)) for name, columns in names.items()
    }
