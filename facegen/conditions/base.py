"""What all kinds of conditions have in common, and numbers of which anything may be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from facegen.conditions.interpolation import lerp
from facegen.conditions.words import LARGEST, Word, floats, shown, weights
from facegen.utils.errors import FacegenError

Names = Mapping[str, Sequence[str]]  # condition -> its columns
Ranges = Mapping[str, Sequence[Sequence[float]]]  # condition -> (least, most) of each of its columns
ATTRIBUTES = "attributes"  # the condition whose columns are switched on and off one by one
TAKEN = ("image", "noise")  # what else goes into a network, or comes with a batch
NUMBERS = "numbers"  # the condition whose columns keep the units of their table


def check_names(names: Names) -> None:
    """Refuse names of conditions that networks and batches have for something else.

    Raises:
        FacegenError: naming the one at fault.
    """
    for name in names:
        if name in TAKEN:
            raise FacegenError(f"A condition cannot be called {name!r}: networks call something else so.")


def checked_ranges(names: Names, ranges: Ranges | None) -> dict[str, list[list[float]]]:
    """Ranges as plain lists, one (least, most) for each column of the numbers and for nothing else.

    Raises:
        FacegenError: numbers have no ranges, or other than they need.

    Example:
        >>> checked_ranges({"numbers": ["age"]}, {"numbers": [(18, 80)]})
        {'numbers': [[18.0, 80.0]]}
    """
    wanted = {name: columns for name, columns in names.items() if name == NUMBERS}
    found = {name: np.array(pairs, "float64") for name, pairs in (ranges or {}).items()}
    fits = found.keys() == wanted.keys() and all(
        pairs.shape == (len(wanted[name]), 2) and np.isfinite(pairs).all() and (np.diff(pairs) >= 0).all()
        for name, pairs in found.items()
    )
    if not fits:
        raise FacegenError(
            f"ranges={ranges}: expected the least and the largest in the training rows for each column of "
            f"{NUMBERS!r}, which are {[*wanted.get(NUMBERS, [])]}, and nothing else: `ranges=faces.ranges`."
        )
    return {name: pairs.tolist() for name, pairs in found.items()}


@dataclass(frozen=True)
class Kind:
    """What all kinds have in common, and unconstrained numbers do.

    Attributes:
        name: of the condition.
        columns: of the condition.
        scale: what words and chance give is multiplied by it.
        stride: a drunk step moves each number by at most this.
        low, high: bounds of each number; infinite for none.
    """

    name: str
    columns: tuple[str, ...]
    scale: float = 1.0
    stride: float = 0.1
    low: float = -np.inf
    high: float = np.inf

    shares_bounds: ClassVar[bool] = True  # whether one pair of bounds can be for it and others alike

    @property
    def width(self) -> int:
        """How many numbers a state has."""
        return len(self.columns)

    @property
    def extent(self) -> np.ndarray:
        """The least and the largest number of each column in a table, float64 (2, columns)."""
        return np.tile([[0.0], [1.0]], len(self.columns))

    @property
    def meaning(self) -> str:
        """What its numbers are, for a person: "an angle in degrees"."""
        raise NotImplementedError

    def encode(self, word: Word) -> np.ndarray:
        """The state that a word means.

        Raises:
            FacegenError: it means nothing here, or nothing that is allowed.
        """
        return self.clip(self.scale * self.read(word))

    def filled(self, word: Word) -> np.ndarray:
        """The state that a word means, with the default for what it leaves out."""
        state = self.encode(word)
        return np.where(np.isnan(state), self.default(), state) if np.isnan(state).any() else state

    def read(self, word: Word) -> np.ndarray:
        """The state in a word, whether or not it is allowed."""
        raise NotImplementedError

    def decode(self, row: np.ndarray) -> str:
        """A row (columns,) as a word that means it, to two decimals."""
        raise NotImplementedError

    def default(self) -> np.ndarray:
        """The state where no word is given."""
        raise NotImplementedError

    def sample(self, random: np.random.Generator) -> np.ndarray:
        """Any state."""
        edges = np.clip([-self.scale, self.scale], self.low, self.high)
        return self.clip(random.uniform(*edges, self.width))

    def pick(self, random: np.random.Generator) -> np.ndarray:
        """Any state such as a table has, or nearly."""
        return self.sample(random)

    def step(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The state after a drunk step of the numbers that are `free` (bool)."""
        return self.clip(state + np.where(free, random.uniform(-self.stride, self.stride, self.width), 0))

    def interpolate(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        """The state on the way, from start (t = 0) to end (1), both of which are met exactly."""
        if t in (0, 1):
            return end if t else start
        return self.clip(self.between(start, end, t))

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        """The point of the way, before it is clipped."""
        return lerp(start, end, t)

    def clip(self, state: np.ndarray) -> np.ndarray:
        """The nearest state that is allowed."""
        return np.clip(state, self.low, self.high)

    def row(self, state: np.ndarray) -> np.ndarray:
        """What the model reads, float32 (columns,)."""
        return state.astype("float32")

    def state(self, row: np.ndarray) -> np.ndarray:
        """The state of a row: the inverse of `row`."""
        return np.asarray(row, "float64")

    def legal(self, row: np.ndarray) -> np.ndarray:
        """The nearest row that is allowed, float32 (columns,)."""
        return self.row(self.clip(self.state(row)))

    def _numbers(self, word: Word) -> np.ndarray | None:
        """The numbers of all columns where a word is a list or an array; None where it is none."""
        names = isinstance(word, list | tuple) and word and all(isinstance(part, str) for part in word)
        if names or not isinstance(word, np.ndarray | list | tuple):
            return None
        values = floats(word)
        if values is None or len(values) != len(self.columns):
            raise FacegenError(f"{self.name}: expected {len(self.columns)} numbers, found {shown(word)}.")
        return values

    def _summed(self, word: Word) -> np.ndarray:
        """The weights in a word, side by side."""
        values = self._numbers(word)
        if values is None:
            values = np.zeros(len(self.columns))
            for column, weight in weights(self.name, self.columns, word).items():
                values[column] = weight
        if not (np.abs(values) <= LARGEST).all():  # nan isn't
            raise FacegenError(f"{self.name}: {shown(word)} has no direction: expected finite weights.")
        return values


@dataclass(frozen=True)
class Free(Kind):
    """Any numbers in the columns of another kind, "illegal" inputs included; ways between are straight.

    Attributes:
        of: the kind, whose words these numbers have.
    """

    of: Kind | None = None

    @property
    def meaning(self) -> str:
        return self.of.meaning

    @property
    def extent(self) -> np.ndarray:
        return self.of.extent

    def read(self, word: Word) -> np.ndarray:
        """What the other kind reads; of angles, the row itself may be given as well, "0.5 1.2"."""
        values = floats(word) if self.of.width < self.width else None
        if values is not None and len(values) == self.width:
            return values
        return self.of.row(self.of.read(word)).astype("float64")

    def decode(self, row: np.ndarray) -> str:
        return self.of.decode(row)

    def default(self) -> np.ndarray:
        return self.encode(self.of.row(self.of.default()))


def angles(columns: Sequence[str]) -> list[str]:
    """The angles that columns are the sines and cosines of; empty if they aren't.

    ("sin", "cos") is one angle without a name, Yale B's lighting is ["azimuth", "elevation"].

    Example:
        >>> angles(("sin azimuth", "cos azimuth"))
        ['azimuth']
    """
    pairs = list(zip(columns[::2], columns[1::2], strict=False))
    found = [sine[3:].strip() for sine, cosine in pairs if sine[:3] == "sin" and cosine == "cos" + sine[3:]]
    return found if found and 2 * len(found) == len(columns) else []
