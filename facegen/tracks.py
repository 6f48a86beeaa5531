"""How one input of a model goes through a film: what words make of it, chance, steps, and the way between.

A state is a float64 array that its track knows how to draw, move and turn into the row that a model
reads. Numbers that nobody has set are NaN in what a word gives: chance or a default fills them in.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facegen import conditions
from facegen.conditions import Word
from facegen.errors import FacegenError
from facegen.paths import FRONT

HALF = 180.0  # degrees: half a circle
ABOUT = 2.0  # standard deviations that noise wanders to


@dataclass(frozen=True)
class Track:
    """One unconstrained condition: any numbers. The other kinds of track are made of it.

    Attributes:
        name: of the condition.
        columns: of the condition.
        scale: what words and chance give is multiplied by it.
        step: a drunk step moves each number by at most this.
        low, high: bounds of each number; infinite for none.
    """

    name: str
    columns: tuple[str, ...]
    scale: float = 1.0
    step: float = 0.1
    low: float = -np.inf
    high: float = np.inf

    @property
    def width(self) -> int:
        """How many numbers a state has."""
        return len(self.columns)

    def given(self, word: Word) -> np.ndarray:
        """The state that a word means."""
        return self.legal(self.scale * self.vector(word))

    def vector(self, word: Word) -> np.ndarray:
        return conditions.vector(self.name, self.columns, word, constrained=False).astype("float64")

    def default(self) -> np.ndarray:
        """The state where no word is given: frontal, neutral, all switches off, the first person."""
        if conditions.angles(self.columns):
            return self.given([0.0] * (len(self.columns) // 2))
        if self.name == conditions.SWITCHES:
            return self.given("none")
        return self.given("neutral" if "neutral" in self.columns else self.columns[0])

    def chance(self, random: np.random.Generator) -> np.ndarray:
        """Any state."""
        edges = np.clip([-self.scale, self.scale], self.low, self.high)
        return self.legal(random.uniform(*edges, self.width))

    def moved(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The state after a drunk step of the numbers that are `free` (bool)."""
        return self.legal(state + np.where(free, random.uniform(-self.step, self.step, self.width), 0))

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        """The state on the way, from start (t = 0) to end (1)."""
        return self.legal((1 - t) * start + t * end)

    def legal(self, state: np.ndarray) -> np.ndarray:
        """The state within the bounds."""
        return np.clip(state, self.low, self.high)

    def row(self, state: np.ndarray) -> np.ndarray:
        """What the model reads, float32 (columns,)."""
        return state.astype("float32")


class Mixture(Track):
    """A constrained mixture: a vector as long as `scale`, unless its bounds forbid that."""

    def vector(self, word: Word) -> np.ndarray:
        vector = conditions.vector(self.name, self.columns, word).astype("float64")
        if not vector.any():
            raise FacegenError(f"{self.name}: expected numbers that are not all zero.")
        return vector

    def moved(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        state_after = super().moved(state, free, random)
        return state_after if state_after.any() else state  # nobody is no mixture

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        return self.legal(conditions.arc(start, end, np.array([t])))

    def legal(self, state: np.ndarray) -> np.ndarray:
        state = np.clip(state, self.low, self.high).astype("float64")
        return np.clip(conditions.constrain(state) * self.scale, self.low, self.high).astype("float64")


class Turn(Track):
    """Constrained angles: the state is in degrees, and so are its bounds; the row lies on the circle.

    `step` is a way along the circle, whose radius is 1: 0.1 is 5.7 degrees. Between angles from -180 to
    180 the way is the short one (from 170 to -170 by way of 180), unless there are bounds to keep to;
    beyond, it is as far as is written: from 0 to 360 is a full turn.
    """

    @property
    def width(self) -> int:
        return len(self.columns) // 2

    def given(self, word: Word) -> np.ndarray:
        return self.legal(conditions.degrees(self.name, self.columns, word))

    def chance(self, random: np.random.Generator) -> np.ndarray:
        low = self.low if np.isfinite(self.low) else min(-FRONT, self.high)
        high = self.high if np.isfinite(self.high) else max(FRONT, self.low)
        return random.uniform(low, high, self.width)

    def moved(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        turn = np.degrees(random.uniform(-self.step, self.step, self.width))
        return self.legal(state + np.where(free, turn, 0))

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        way = end - start
        both_small = np.maximum(np.abs(start), np.abs(end)) <= HALF
        short = (way + HALF) % (2 * HALF) - HALF
        bounded = np.isfinite(self.low) or np.isfinite(self.high)
        way = np.where((np.abs(way) > HALF) & both_small & (not bounded), short, way)
        return self.legal(start + t * way)

    def row(self, state: np.ndarray) -> np.ndarray:
        return self.scale * conditions.direction(state).ravel()


class Switches(Track):
    """Constrained attributes: between off (0) and on (1), and never scaled to unit length."""

    def vector(self, word: Word) -> np.ndarray:
        return conditions.vector(self.name, self.columns, word).astype("float64")

    def chance(self, random: np.random.Generator) -> np.ndarray:
        return self.legal(self.scale * random.integers(0, 2, self.width))


@dataclass(frozen=True)
class Noise(Track):
    """A GAN's noise. Its words are seeds.

    Attributes:
        sample: (count, seed) -> float32 (count, width), as `GAN.sample_noise`.
        seed: of the noise that is taken where no word is given.
        normal: go from noise to noise by the arc and don't wander far out, as suits normal noise.
    """

    sample: Callable[[int, int], np.ndarray] | None = None
    seed: int = 0
    normal: bool = False

    def vector(self, word: Word) -> np.ndarray:
        return self.sample(1, word)[0].astype("float64")

    def default(self) -> np.ndarray:
        return self.given(self.seed)

    def chance(self, random: np.random.Generator) -> np.ndarray:
        return self.given(int(random.integers(2**32)))

    def moved(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        far = np.maximum(ABOUT * self.scale, np.abs(state)) if self.normal else np.inf
        return np.clip(super().moved(state, free, random), -far, far)

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        if not self.normal:
            return super().between(start, end, t)
        return self.legal(conditions.arc(start, end, np.array([t])))
