"""Words and numbers <-> the vectors that a model reads.

A request names each condition of a model: `{"identity": "03", "emotion": "sad+happy",
"orientation": 45}` becomes float32 rows, and `decode` turns rows into words again. What a word
means depends on the condition's columns (kinds.py has the ways between two, chance, bounds):

- Columns that come in pairs, ("sin", "cos") or ("sin azimuth", "cos azimuth", ...), are angles in
  degrees: 45, or "30 -10".
- The condition "attributes" is a row of switches, each on or off by itself: "Smiling+Male",
  `{"Smiling": "on", "Male": 0}`, "none".
- All others are mixtures: "happy", "0.7*happy+0.3*sad". Constrained mixtures have unit length, as
  every vector that a network was trained on has: a mixture of two people lies on the arc between
  them. Unconstrained ones are whatever the sum says, "illegal" inputs included.
"""

import difflib
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from facegen.attributes import NAMES as ATTRIBUTES
from facegen.errors import FacegenError
from facegen.interpolation import angles, direction

Names = Mapping[str, Sequence[str]]  # condition -> its columns
SWITCHES = "attributes"  # the condition whose columns are switched on and off one by one
Word = str | int | float | Mapping[str, float | str] | Sequence[float] | Sequence[str] | np.ndarray
STATES = {"on": 1.0, "yes": 1.0, "true": 1.0, "off": 0.0, "no": 0.0, "false": 0.0}
LARGEST = 1e6  # of any number: far beyond, float32 has no decimals left


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


def decode(names: Names, rows: Mapping[str, np.ndarray]) -> list[dict[str, str]]:
    """Rows as requests again, to two decimals: the inverse of `encode`, for titles and labels.

    Args:
        names: condition -> its columns; a model's `names`.
        rows: condition -> (n, columns); what is no condition (a GAN's noise) is left out.
    """
    known = [name for name in rows if name in names]
    count = len(rows[known[0]]) if known else 0
    return [{name: words(name, names[name], rows[name][i]) for name in known} for i in range(count)]


def vector(condition: str, columns: Sequence[str], word: Word, constrained: bool = True) -> np.ndarray:
    """One word as a vector, float32 (columns,).

    A word may be the name of a column (`"happy"`, `"03"`, or the number `3`), a sum (`"sad+happy"`,
    `"0.7*happy+0.3*sad"`), a list of names, a mapping (`{"happy": 0.7}`), the vector itself, or, of
    angles, degrees (0 is frontal). Unconstrained angles may be given as "sin cos", too.

    Raises:
        FacegenError: an unknown name (with the nearest), a malformed word, a mixture that cancels
            out, a constrained attribute outside 0 to 1.
    """
    columns = list(columns)
    if isinstance(word, list | tuple) and word and all(isinstance(part, str) for part in word):
        word = "+".join(word)
    if angles(columns):
        return _turned(condition, columns, word, constrained)
    if isinstance(word, np.ndarray | list | tuple):
        values = _floats(word)
        if values is None or len(values) != len(columns):
            raise FacegenError(f"{condition}: expected {len(columns)} numbers, found {shown(word)}.")
        return values.astype("float32")
    values = np.zeros(len(columns))
    for name, weight in weights(condition, columns, word).items():
        values[_column(condition, columns, name)] += weight
    if condition == SWITCHES:
        return _switched(columns, values, constrained)
    length = np.linalg.norm(values)
    if not length <= LARGEST or (constrained and length == 0):
        raise FacegenError(
            f"{condition}: {shown(word)} has no direction: expected weights that do not cancel out."
        )
    return (values / length if constrained else values).astype("float32")


def words(condition: str, columns: Sequence[str], row: np.ndarray) -> str:
    """A vector (columns,) as the word that `vector` reads: "0.7*happy+0.3*sad", "30 -10", "Smiling"."""
    if angles(columns):
        pairs = np.reshape(row, (-1, 2))
        on_circle = np.allclose(np.linalg.norm(pairs, axis=1), 1, atol=0.01)
        turned = np.degrees(np.arctan2(pairs[:, 0], pairs[:, 1])) if on_circle else np.ravel(pairs)
        return " ".join(_decimal(value, 1 if on_circle else 2) for value in turned)
    weights = [(_decimal(value, 2), name) for value, name in zip(row, columns, strict=True)]
    if condition != SWITCHES:
        weights.sort(key=lambda pair: -abs(float(pair[0])))
    terms = [name if weight == "1" else f"{weight}*{name}" for weight, name in weights if weight != "0"]
    return "+".join(terms) or ("none" if condition == SWITCHES else f"0*{columns[0]}")


def degrees(condition: str, columns: Sequence[str], word: Word) -> np.ndarray:
    """The angles in a word (45, "30 -10", [30, -10]), in degrees, float64 (angles,).

    Raises:
        FacegenError: it is something else.
    """
    names, values = angles(columns), _floats(word)
    if values is None or len(values) != len(names):
        what = f"{' and '.join(names)} in degrees" if len(names) > 1 else "an angle in degrees"
        raise FacegenError(f"{condition}: expected {what}, found {shown(word)}.")
    return values


def _turned(condition: str, columns: list[str], word: Word, constrained: bool) -> np.ndarray:
    values = _floats(word)
    free = not (constrained and isinstance(word, str))  # a vector is taken as it is
    if free and values is not None and len(values) == len(columns):
        return values.astype("float32")
    return direction(degrees(condition, columns, word)).ravel()


def _switched(columns: list[str], values: np.ndarray, constrained: bool) -> np.ndarray:
    for name, value in zip(columns, values, strict=True):
        if not abs(value) <= LARGEST or (constrained and name in ATTRIBUTES and not 0 <= value <= 1):
            raise FacegenError(f"{SWITCHES}: {name} is {value:g}: expected on, off, or a number from 0 to 1.")
    return values.astype("float32")


def _floats(word: Word) -> np.ndarray | None:
    """The numbers in a text, a list, an array, or the one number; None if there is anything else."""
    parts = word.split() if isinstance(word, str) else word
    parts = parts if isinstance(parts, np.ndarray | list | tuple) else [parts]
    if any(isinstance(part, bool) for part in parts):
        return None
    try:
        values = np.array([float(part) for part in parts])
    except (TypeError, ValueError, OverflowError):
        return None
    return values if (np.abs(values) <= LARGEST).all() else None  # nan isn't


def weights(condition: str, columns: Sequence[str], word: Word) -> dict[str, float]:
    """{"name": weight} of "0.7*happy+0.3*sad", of a mapping, or of a single name or number.

    What is a column's name as it stands is that column, "salt+pepper" and "1.50" included.
    """
    if isinstance(word, Mapping):
        terms = [(_named(columns, name), weight) for name, weight in word.items()]
    elif (name := _named(columns, word)) in columns:
        terms = [(name, 1)]
    elif condition == SWITCHES and word == "none":
        terms = []
    else:
        pairs = [term.strip().rpartition("*") for term in _text(word).split("+")]
        terms = [(name.strip(), weight if star else 1) for weight, star, name in pairs]
    weights: dict[str, float] = {}
    for name, weight in terms:
        weights[name] = weights.get(name, 0.0) + _weight(condition, word, weight)
    return weights


def _named(columns: Sequence[str], word: object) -> str:
    """A word as a text; where YAML has made a truth value of a column called no, on or yes, that column."""
    if isinstance(word, bool):
        return next((name for name in columns if STATES.get(name.lower()) == word), str(word))
    return _text(word)


def _weight(condition: str, word: Word, weight: object) -> float:
    state = STATES.get(weight.strip().lower()) if isinstance(weight, str) else None
    try:
        return float(weight) if state is None else state
    except (TypeError, ValueError, OverflowError):
        wanted = "a number, on or off" if isinstance(word, Mapping) else "a number before '*'"
        raise FacegenError(
            f"{condition}: expected {wanted}, found {shown(weight)} in {shown(word)}."
        ) from None


def _column(condition: str, columns: Sequence[str], name: str) -> int:
    """The column that a name or a number means; "3" finds "03", or the third of persons without numbers."""
    if name in columns:
        return columns.index(name)
    number = int(name) if name.isdecimal() and len(name) < 10 else None
    numbers = {int(column): i for i, column in enumerate(columns) if column.isdecimal()}
    if not numbers and condition == "identity":
        numbers = {i + 1: i for i in range(len(columns))}
    if number in numbers:
        return numbers[number]
    if number is not None and numbers:
        near = [columns[numbers[min(numbers, key=lambda other: abs(other - number))]]]
    else:
        near = difflib.get_close_matches(name, columns, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    raise FacegenError(f"{condition}: there is no {shown(name)} among {known}.{hint}")


def _decimal(value: float, places: int) -> str:
    return f"{round(float(value), places) + 0.0:.{places}f}".rstrip("0").rstrip(".")


def _text(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no number of over 4300 digits
        return "a number of thousands of digits"


def shown(value: object, most: int = 80) -> str:
    """A value as a message quotes it."""
    text = repr(value) if isinstance(value, str) else _text(value)
    return text if len(text) <= most else text[:most] + "..."
