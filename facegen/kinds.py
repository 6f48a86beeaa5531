"""The kinds of condition: what words mean, the default, chance, a drunk step, the way between two, bounds.

Each input of a model is one of five kinds, which `kind` chooses by its columns: a `Mixture` (of people, of
emotions), an `Angle` (or several), `Binary` attributes, a GAN's `Latent` noise, or, where nothing is
constrained, any numbers (`Condition`). Parameter files, panels and training ask here, and nowhere else.

A state is a float64 array that a kind knows how to draw, move and turn into the row that a model reads.
Numbers that nobody has set are NaN in a state: chance or a default fills them in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from facegen import conditions
from facegen.attributes import NAMES as ATTRIBUTES
from facegen.conditions import SWITCHES, Word
from facegen.errors import FacegenError
from facegen.interpolation import direction, normalized, slerp

FRONT = 90.0  # degrees: chance turns a head, or moves a light, from -90 to 90
HALF = 180.0  # degrees: half a circle
ABOUT = 2.0  # standard deviations that noise wanders to


@dataclass(frozen=True)
class Condition:
    """An unconstrained condition: any numbers. The other kinds are made of it.

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

    def encode(self, word: Word) -> np.ndarray:
        """The state that a word means."""
        return self.clip(self.scale * self.vector(word))

    def vector(self, word: Word) -> np.ndarray:
        return conditions.vector(self.name, self.columns, word, constrained=False).astype("float64")

    def default(self) -> np.ndarray:
        """The state where no word is given: frontal, neutral, all switches off, the first person."""
        if conditions.angles(self.columns):
            return self.encode([0.0] * (len(self.columns) // 2))
        if self.name == SWITCHES:
            return self.encode("none")
        return self.encode("neutral" if "neutral" in self.columns else self.columns[0])

    def sample(self, random: np.random.Generator) -> np.ndarray:
        """Any state."""
        edges = np.clip([-self.scale, self.scale], self.low, self.high)
        return self.clip(random.uniform(*edges, self.width))

    def step_from(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The state after a drunk step of the numbers that are `free` (bool)."""
        return self.clip(state + np.where(free, random.uniform(-self.step, self.step, self.width), 0))

    def interpolate(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        """The state on the way, from start (t = 0) to end (1)."""
        return self.clip((1 - t) * start + t * end)

    def clip(self, state: np.ndarray) -> np.ndarray:
        """The state within the bounds."""
        return np.clip(state, self.low, self.high)

    def row(self, state: np.ndarray) -> np.ndarray:
        """What the model reads, float32 (columns,)."""
        return state.astype("float32")

    def state(self, row: np.ndarray) -> np.ndarray:
        """The state that such a row stands for: the inverse of `row`."""
        return np.asarray(row, "float64")

    def pick(self, random: np.random.Generator) -> np.ndarray:
        """A state by chance as the training set could have it; `sample` draws from all that is allowed."""
        return self.sample(random)


class Mixture(Condition):
    """A constrained mixture: a vector as long as `scale`, unless its bounds forbid that."""

    def vector(self, word: Word) -> np.ndarray:
        vector = conditions.vector(self.name, self.columns, word).astype("float64")
        if not vector.any():
            raise FacegenError(f"{self.name}: expected numbers that are not all zero.")
        return vector

    def step_from(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        state_after = super().step_from(state, free, random)
        return state_after if state_after.any() else state  # nobody is no mixture

    def interpolate(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        return self.clip(slerp(start, end, np.array([t])))

    def pick(self, random: np.random.Generator) -> np.ndarray:
        """One or two of the columns."""
        state = np.zeros(self.width)
        count = min(self.width, int(random.integers(1, 3)))
        state[random.choice(self.width, count, replace=False)] = 1
        return self.clip(state)

    def clip(self, state: np.ndarray) -> np.ndarray:
        state = np.clip(state, self.low, self.high).astype("float64")
        return np.clip(normalized(state) * self.scale, self.low, self.high).astype("float64")


class Angle(Condition):
    """Constrained angles: the state is in degrees, and so are its bounds; the row lies on the circle.

    `step` is a way along the circle, whose radius is 1: 0.1 is 5.7 degrees. Between angles from -180 to
    180 the way is the short one (from 170 to -170 by way of 180), unless there are bounds to keep to;
    beyond, it is as far as is written: from 0 to 360 is a full turn.
    """

    @property
    def width(self) -> int:
        return len(self.columns) // 2

    def encode(self, word: Word) -> np.ndarray:
        return self.clip(conditions.degrees(self.name, self.columns, word))

    def sample(self, random: np.random.Generator) -> np.ndarray:
        low = self.low if np.isfinite(self.low) else min(-FRONT, self.high)
        high = self.high if np.isfinite(self.high) else max(FRONT, self.low)
        return random.uniform(low, high, self.width)

    def step_from(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        turn = np.degrees(random.uniform(-self.step, self.step, self.width))
        return self.clip(state + np.where(free, turn, 0))

    def interpolate(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        way = end - start
        both_small = np.maximum(np.abs(start), np.abs(end)) <= HALF
        short = (way + HALF) % (2 * HALF) - HALF
        bounded = np.isfinite(self.low) or np.isfinite(self.high)
        way = np.where((np.abs(way) > HALF) & both_small & (not bounded), short, way)
        return self.clip(start + t * way)

    def row(self, state: np.ndarray) -> np.ndarray:
        return self.scale * direction(state).ravel()

    def state(self, row: np.ndarray) -> np.ndarray:
        pairs = np.reshape(row, (-1, 2)).astype("float64")
        return np.degrees(np.arctan2(pairs[:, 0], pairs[:, 1]))


class Binary(Condition):
    """Constrained attributes: between off (0) and on (1), and never scaled to unit length."""

    def vector(self, word: Word) -> np.ndarray:
        return conditions.vector(self.name, self.columns, word).astype("float64")

    def sample(self, random: np.random.Generator) -> np.ndarray:
        return self.clip(self.scale * random.integers(0, 2, self.width))

    def completed(self, word: Word, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The state that a word means, with all that it does not name as in an example that agrees with it.

        Args:
            word: such as "Smiling+Male"; a whole row or "none" names everything.
            examples: (n, columns), of which one is taken that contradicts the word as little as possible.
        """
        wanted = self.encode(word)
        if isinstance(word, list | tuple) and all(isinstance(name, str) for name in word):
            word = "+".join(word)
        if isinstance(word, np.ndarray | list | tuple) or word == "none" or not len(examples):
            return wanted
        named = [self.columns.index(name) for name in conditions.weights(self.name, self.columns, word)]
        apart = np.abs(examples[:, named] - wanted[named]).sum(axis=1)
        state = examples[random.choice(np.flatnonzero(apart == apart.min()))].astype("float64")
        state[named] = wanted[named]
        return state


@dataclass(frozen=True)
class Latent(Condition):
    """A GAN's noise. Its words are seeds.

    Attributes:
        draw: (count, seed) -> float32 (count, width), as `GAN.sample_noise`.
        seed: of the noise that is taken where no word is given.
        normal: go from noise to noise by the arc and don't wander far out, as suits normal noise.
    """

    draw: Callable[[int, int], np.ndarray] | None = None
    seed: int = 0
    normal: bool = False

    def vector(self, word: Word) -> np.ndarray:
        return self.draw(1, word)[0].astype("float64")

    def default(self) -> np.ndarray:
        return self.encode(self.seed)

    def sample(self, random: np.random.Generator) -> np.ndarray:
        return self.encode(int(random.integers(2**32)))

    def step_from(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        far = np.maximum(ABOUT * self.scale, np.abs(state)) if self.normal else np.inf
        return np.clip(super().step_from(state, free, random), -far, far)

    def interpolate(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        if not self.normal:
            return super().interpolate(start, end, t)
        return self.clip(slerp(start, end, np.array([t])))


def kind(name: str, columns: Sequence[str], constrained: bool = True, **settings) -> Condition:
    """The kind of a condition, chosen by its columns.

    Args:
        name: of the condition.
        columns: their names. Pairs of sine and cosine are angles, the condition "attributes" is binary,
            all others are mixtures.
        constrained: False for any numbers, "illegal" ones included.
        **settings: `scale`, `step`, `low`, `high` of the kind.

    Example:
        >>> turn = kind("orientation", ["sin", "cos"])
        >>> turn.interpolate(turn.encode(-90), turn.encode(90), 0.5).tolist()  # by way of the front
        [0.0]
        >>> kind("emotion", ["sad", "happy"]).encode("sad+happy").round(2).tolist()
        [0.71, 0.71]
    """
    if not constrained:
        chosen = Condition
    elif conditions.angles(columns):
        chosen = Angle
    elif name == SWITCHES and set(columns) <= set(ATTRIBUTES):
        chosen, settings = Binary, {"low": 0.0, "high": 1.0, **settings}
    else:
        chosen = Condition if name == SWITCHES else Mixture
    return chosen(name, tuple(columns), **settings)
