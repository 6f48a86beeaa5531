"""Whole requests <-> the float32 rows that a model reads."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from facegen.conditions.base import Names, Ranges
from facegen.conditions.kinds import kind, kinds
from facegen.conditions.words import Word
from facegen.utils.errors import FacegenError


def encode(
    names: Names, request: Mapping[str, Word], constrained: bool = True, ranges: Ranges | None = None
) -> dict[str, np.ndarray]:
    """One row for each condition of a model, float32 (1, columns).

    Args:
        names: condition -> its columns; a model's `names`.
        request: condition -> word; see `vector`.
        constrained: keep to what a network was trained on: mixtures of unit length, attributes from 0 to 1.
        ranges: of the numbers of a model, its `ranges`.

    Raises:
        FacegenError: a condition is missing or unknown, or a word cannot be read.

    Example:
        >>> encode({"emotion": ["happy", "sad"]}, {"emotion": "sad"})["emotion"].tolist()
        [[0.0, 1.0]]
    """
    unknown = [name for name in request if name not in names]
    missing = [name for name in names if name not in request]
    if unknown or missing:
        what = f"there is no condition {unknown[0]!r}" if unknown else f"condition {missing[0]!r} is missing"
        raise FacegenError(f"In {dict(request)}: {what}. This model reads {', '.join(names)}.")
    of = (ranges or {}).get
    return {
        name: vector(name, columns, request[name], constrained, of(name))[None]
        for name, columns in names.items()
    }


def grid(names: Names, **words: Sequence[Word]) -> dict[str, np.ndarray]:
    """Every combination of the words listed for each condition, the last one changing fastest.

    Returns:
        Condition -> float32 (product of the lengths, columns).

    Example:
        >>> grid({"emotion": ["happy", "sad"]}, emotion=["sad", "happy"])["emotion"].tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    requests = [dict(zip(words, choice, strict=True)) for choice in product(*words.values())]
    return stack([encode(names, request) for request in requests])


def stack(rows: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Several requests' rows one after the other.

    Example:
        >>> stack([{"x": np.zeros((1, 2))}, {"x": np.ones((2, 2))}])["x"].shape
        (3, 2)
    """
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def decode(names: Names, rows: Mapping[str, np.ndarray]) -> list[dict[str, str]]:
    """Rows as requests again, to two decimals: the inverse of `encode`, for titles and labels.

    Args:
        names: condition -> its columns; a model's `names`.
        rows: condition -> (n, columns); what is no condition (a GAN's noise) is left out.

    Example:
        >>> decode({"emotion": ["happy", "sad"]}, {"emotion": np.array([[0.25, 1]])})
        [{'emotion': 'sad+0.25*happy'}]
    """
    of = {name: made for name, made in kinds(names).items() if name in rows}
    count = len(rows[next(iter(of))]) if of else 0
    return [{name: of[name].decode(rows[name][i]) for name in rows if name in of} for i in range(count)]


def vector(
    condition: str,
    columns: Sequence[str],
    word: Word,
    constrained: bool = True,
    ranges: Sequence[Sequence[float]] | None = None,
) -> np.ndarray:
    """One word as a vector, float32 (columns,).

    A word may be the name of a column (`"happy"`, `"03"`, or the number `3`), a sum (`"sad+happy"`,
    `"0.7*happy+0.3*sad"`), a list of names, a mapping (`{"happy": 0.7}`, `{"age": 45}`), the vector itself,
    or, of angles, degrees (0 is frontal). Unconstrained angles may be given as "sin cos", too. Numbers that
    a word leaves out are in the middle of their range.

    Raises:
        FacegenError: an unknown name (with the nearest), a malformed word; constrained, a mixture that
            cancels out, an attribute outside 0 to 1, a number outside its range.

    Example:
        >>> vector("orientation", ["sin", "cos"], 90).round(3).tolist()
        [1.0, 0.0]
    """
    of = kind(condition, columns, constrained, ranges)
    return of.row(of.filled(word))


def words(condition: str, columns: Sequence[str], row: np.ndarray) -> str:
    """A vector (columns,) as the word that `vector` reads.

    Example:
        >>> words("orientation", ["sin", "cos"], np.array([0.5, 0.75**0.5]))
        '30'
    """
    return kind(condition, columns).decode(row)
