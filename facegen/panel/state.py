"""What a panel asks a model for, and how one wish follows from another. Arrays; no widgets, no networks."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from facegen.conditions.attributes import EXCLUSIVE
from facegen.conditions.base import Kind
from facegen.conditions.words import shown
from facegen.utils.errors import FacegenError

LEGAL, FREE = (0.0, 1.0), (-2.0, 3.0)  # range of a number that the model has seen; beyond, on request
SEEDS = 2**32
STRIP = 10  # faces to go back to


@dataclass(frozen=True)
class PanelState:
    """All that one picture is drawn from. Never changed: each change is another Look.

    Attributes:
        rows: condition -> float32 (columns,).
        noise: a GAN's, float32 (n,); None for a model without.
        seed: that the noise was drawn from; None for noise between two.
        truncation: how much of the noise is used, 1 for all; at 0 it is the mean.
        free: numbers beyond 0 and 1, and mixtures of any length, are allowed.

    Example:
        >>> happy, neutral = np.array([1, 0], "float32"), np.array([0, 1], "float32")
        >>> look = PanelState({"emotion": neutral})
        >>> look.with_row("emotion", happy).rows["emotion"].tolist(), look.rows["emotion"].tolist()
        ([1.0, 0.0], [0.0, 1.0])
    """

    rows: Mapping[str, np.ndarray]
    noise: np.ndarray | None = None
    seed: int | None = None
    truncation: float = 1.0
    free: bool = False

    def with_row(self, name: str, row: np.ndarray) -> "PanelState":
        """The same with another row of one condition."""
        return replace(self, rows={**self.rows, name: row})

    def with_free(self, free: bool, kinds: Mapping[str, Kind]) -> "PanelState":
        """The same, beyond what a model has seen or not; what is then out of range is brought back.

        Args:
            kinds: of the conditions, constrained.
        """
        rows = self.rows if free else {name: kinds[name].legal(row) for name, row in self.rows.items()}
        return replace(self, free=free, rows=rows)


def number(value: object, what: str, low: float, high: float) -> float:
    """A number from low to high.

    Raises:
        FacegenError: it is something else, nan included.

    Example:
        >>> number("0.5", "Strength", 0, 1)
        0.5
        >>> number(7, "Strength", 0, 1)
        Traceback (most recent call last):
        ...
        facegen.utils.errors.FacegenError: Strength: expected a number from 0 to 1, found 7.
    """
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        found = np.nan
    if not low <= found <= high:
        raise FacegenError(f"{what}: expected a number from {low:g} to {high:g}, found {shown(value)}.")
    return found


def seed(text: str) -> int:
    """The seed that somebody has typed.

    Raises:
        FacegenError: it is no whole number from 0 to 2^32 - 1.

    Example:
        >>> seed(" 4,711 ")
        4711
    """
    cleaned = text.strip().replace(",", "").replace(" ", "")
    if cleaned.isascii() and cleaned.isdecimal() and len(cleaned) <= 10 and int(cleaned) < SEEDS:
        return int(cleaned)
    raise FacegenError(f"Seed: expected a whole number from 0 to {SEEDS - 1:,}, found {shown(text)}.")


def switched(row: np.ndarray, columns: Sequence[str], name: str, value: float) -> np.ndarray:
    """A row of attributes in which one has another value, and what excludes it makes room.

    Of two attributes that exclude each other (`attributes.EXCLUSIVE`), the values add up to at most
    one: where this one comes, the others go, and no two of them are more than half on.

    Args:
        row: float32 (columns,), left as it is.
        columns: names of the attributes.

    Example:
        >>> columns = ["Bald", "Blond_Hair", "Smiling"]
        >>> switched(np.array([0, 1, 1]), columns, "Bald", 1).tolist()
        [1.0, 0.0, 1.0]
    """
    row = np.array(row, "float32")
    row[columns.index(name)] = value
    for group in EXCLUSIVE:
        for other in group if name in group else ():
            if other != name and other in columns:
                i = columns.index(other)
                row[i] = min(row[i], max(0.0, 1.0 - value))
    return row


def interpolate(
    start: PanelState, end: PanelState, t: float, kinds: Mapping[str, Kind], noise: Kind | None = None
) -> PanelState:
    """The look at t from 0 (start) to 1 (end): every condition goes the way that a film goes, and noise too.

    Args:
        kinds: of the conditions; unconstrained, where one of the looks is free.
        noise: the kind of a model's noise.

    Example:
        >>> from facegen.conditions.kinds import kinds
        >>> off, on = (PanelState({"attributes": np.array([value], "float32")}) for value in (0, 1))
        >>> interpolate(off, on, 0.25, kinds({"attributes": ["Smiling"]})).rows["attributes"].tolist()
        [0.25]
    """
    if t in (0, 1):
        return end if t else start
    rows = {name: _on_the_way(kinds[name], row, end.rows[name], t) for name, row in start.rows.items()}
    mixed = None if start.noise is None else _on_the_way(noise, start.noise, end.noise, t)
    truncation = (1 - t) * start.truncation + t * end.truncation
    same_noise = start.seed is not None and start.seed == end.seed
    return PanelState(rows, mixed, start.seed if same_noise else None, truncation, start.free or end.free)


def _on_the_way(kind: Kind, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
    return kind.row(kind.interpolate(kind.state(start), kind.state(end), t))


@dataclass
class Snapshot:
    """A look that was drawn, with its number and its picture, uint8 (height, width, channels).

    Example:
        >>> face = Snapshot(3, PanelState({}), np.zeros((16, 16, 3), "uint8"))
        >>> face.number, face.image.shape
        (3, (16, 16, 3))
    """

    number: int
    look: PanelState
    image: np.ndarray


@dataclass
class History:
    """The last faces, the newest first.

    Example:
        >>> history, look, image = History(), PanelState({}), np.zeros((16, 16, 3), "uint8")
        >>> for source in ("", "slider", "slider", "slider"):
        ...     _ = history.keep(look, image, source)
        >>> [face.number for face in history.faces]
        [2, 1]
    """

    faces: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=STRIP))
    count: int = 0
    source: str = ""

    def keep(self, look: PanelState, image: np.ndarray, source: str = "") -> Snapshot:
        """Add a face; one from the same source as the one before, such as a moving slider, replaces it."""
        if source and source == self.source and self.faces:
            self.faces.popleft()
        else:
            self.count += 1
        self.source = source
        self.faces.appendleft(Snapshot(self.count, look, image))
        return self.faces[0]
