"""Words and numbers <-> the vectors that a model reads.

A request names each condition of a model: `{"identity": "03", "emotion": "sad+happy",
"orientation": 45}` becomes float32 rows. Constrained vectors have unit length, as every vector that
a network was trained on has: a mixture of two people lies on the arc between them. Unconstrained
ones are whatever the sum says, "illegal" inputs included.
"""

import difflib
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from facegen.errors import FacegenError

Names = Mapping[str, Sequence[str]]
Word = str | int | float | Mapping[str, float] | Sequence[float] | np.ndarray
CIRCLE = ["sin", "cos"]  # the columns of a condition that is an angle


def encode(names: Names, request: Mapping[str, Word], constrained: bool = True) -> dict[str, np.ndarray]:
    """One row for each condition of a model, float32 (1, columns).

    Args:
        names: condition -> its columns; a model's `names`.
        request: condition -> word; see `vector`.
        constrained: scale mixtures to unit length.

    Raises:
        FacegenError: a condition is missing or unknown, or a word cannot be read.
    """
    unknown = [name for name in request if name not in names]
    missing = [name for name in names if name not in request]
    if unknown or missing:
        what = f"there is no condition {unknown[0]!r}" if unknown else f"condition {missing[0]!r} is missing"
        raise FacegenError(f"In {dict(request)}: {what}. This model reads {', '.join(names)}.")
    return {name: vector(name, list(names[name]), request[name], constrained)[None] for name in names}


def grid(names: Names, **words: Sequence[Word]) -> dict[str, np.ndarray]:
    """Every combination of the words listed for each condition, the last one changing fastest.

    Returns:
        Condition -> float32 (product of the lengths, columns).
    """
    requests = [dict(zip(words, choice, strict=True)) for choice in product(*words.values())]
    return stack([encode(names, request) for request in requests])


def stack(rows: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Several requests' rows one after the other."""
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def vector(condition: str, columns: Sequence[str], word: Word, constrained: bool = True) -> np.ndarray:
    """One word as a vector, float32 (columns,).

    A word may be the name of a column (`"happy"`, `"03"`, or the number `3`), a sum (`"sad+happy"`,
    `"0.7*happy+0.3*sad"`), a mapping (`{"happy": 0.7}`), the vector itself, or, where the columns are
    sin and cos, an angle in degrees (0 is frontal).
    """
    if isinstance(word, np.ndarray | list | tuple):
        values = np.asarray(word, "float32")
        if values.shape != (len(columns),) or not np.isfinite(values).all():
            raise FacegenError(f"{condition}: expected {len(columns)} numbers, found {word!r}.")
        return values
    if list(columns) == CIRCLE:
        return direction(_degrees(condition, word))
    values = np.zeros(len(columns), "float32")
    for name, weight in _weights(condition, word).items():
        values[_column(condition, columns, name)] += weight
    length = np.linalg.norm(values)
    if not np.isfinite(length) or (constrained and length == 0):
        raise FacegenError(
            f"{condition}: {word!r} has no direction: expected weights that do not cancel out."
        )
    return (values / length if constrained else values).astype("float32")


def direction(degrees: float | np.ndarray) -> np.ndarray:
    """(sin, cos) of angles in degrees, float32 (..., 2)."""
    radians = np.radians(degrees)
    return np.stack([np.sin(radians), np.cos(radians)], axis=-1).astype("float32")


def _degrees(condition: str, word: Word) -> float:
    try:
        degrees = float(word)
    except (TypeError, ValueError):
        degrees = np.nan
    if not np.isfinite(degrees):
        raise FacegenError(f"{condition}: expected an angle in degrees, found {word!r}.")
    return degrees


def _weights(condition: str, word: Word) -> dict[str, float]:
    """{"name": weight} of "0.7*happy+0.3*sad", of a mapping, or of a single name or number."""
    if isinstance(word, Mapping):
        terms = [(str(name), weight) for name, weight in word.items()]
    else:
        pairs = [term.strip().rpartition("*") for term in str(word).split("+")]
        terms = [(name.strip(), weight if star else 1) for weight, star, name in pairs]
    weights: dict[str, float] = {}
    for name, weight in terms:
        try:
            weights[name] = weights.get(name, 0.0) + float(weight)
        except (TypeError, ValueError):
            raise FacegenError(
                f"{condition}: expected a number before '*', found {weight!r} in {word!r}."
            ) from None
    return weights


def _column(condition: str, columns: Sequence[str], name: str) -> int:
    """The column that a name or a number means; "3" finds "03"."""
    if name in columns:
        return columns.index(name)
    if name.isdecimal():
        same = [i for i, column in enumerate(columns) if column.isdecimal() and int(column) == int(name)]
        if same:
            return same[0]
    near = difflib.get_close_matches(name, columns, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    raise FacegenError(f"{condition}: there is no {name!r} among {shown}.{hint}")


def constrain(row: np.ndarray) -> np.ndarray:
    """Vectors (..., columns) scaled to unit length; a zero vector stays zero."""
    length = np.linalg.norm(row, axis=-1, keepdims=True)
    return (row / np.where(length == 0, 1, length)).astype("float32")


def interpolate(start: Mapping, end: Mapping, count: int, constrained: bool = True) -> dict[str, np.ndarray]:
    """`count` steps from one row of every condition to another, both ends included.

    Constrained steps run along the arc, at constant angular speed (angles the short way round);
    unconstrained ones along the straight line.

    Args:
        start, end: condition -> (1, columns).

    Returns:
        Condition -> float32 (count, columns).
    """
    t = np.linspace(0, 1, count)[:, None]
    return {name: (_arc if constrained else _line)(start[name][0], end[name][0], t) for name in start}


def _line(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    return ((1 - t) * a + t * b).astype("float32")


def _arc(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Spherical interpolation (Shoemake 1985), lengths interpolated as well."""
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        return _line(a, b, t)
    angle = np.arccos(np.clip(a @ b / (lengths[0] * lengths[1]), -1, 1))
    if np.sin(angle) < 1e-4:  # the same direction, or opposite ones: no arc is the short one
        return _line(a, b, t)
    arc = np.sin((1 - t) * angle) * a / lengths[0] + np.sin(t * angle) * b / lengths[1]
    return (arc / np.sin(angle) * ((1 - t) * lengths[0] + t * lengths[1])).astype("float32")


def wander(
    start: Mapping[str, np.ndarray],
    count: int,
    seed: int,
    step: float | Mapping[str, float] = 0.1,
    bounds: tuple[float, float] | None = (0.0, 1.0),
    constrained: bool = False,
) -> dict[str, np.ndarray]:
    """A drunk walk: each frame moves every number by a uniform step in [-step, step].

    Args:
        start: condition -> (1, columns).
        count: frames, the start included.
        seed: two walks with one seed are the same.
        step: of all conditions, or of each; 0 stands still.
        bounds: every moving number stays within; None for no bounds.
        constrained: scale each frame to unit length.
    """
    random, paths = np.random.default_rng(seed), {}
    for name in sorted(start):
        size = step.get(name, 0.0) if isinstance(step, Mapping) else step
        moves = random.uniform(-size, size, (count - 1, start[name].shape[1]))
        path = [start[name][0]]
        for move in moves:
            moved = path[-1] + move
            path.append(np.clip(moved, *bounds) if bounds and size else moved)
        path = np.array(path, "float32")
        paths[name] = constrain(path) if constrained and size else path
    return paths
