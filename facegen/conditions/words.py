"""Arithmetic in words: "happy", "0.7*happy+0.3*sad", {"Smiling": "on"}, "age: 45", and back.

A word that is the name of a column is taken whole before it is read as arithmetic: "salt+pepper", "1.50"
and "a*b" are themselves where a column is called so, alone and within a sum.
"""

import difflib
import re
from collections.abc import Mapping, Sequence

import numpy as np

from facegen.utils.errors import FacegenError

Word = str | int | float | Mapping[str, float | str] | Sequence[float] | Sequence[str] | np.ndarray
STATES = {"on": 1.0, "yes": 1.0, "true": 1.0, "off": 0.0, "no": 0.0, "false": 0.0}
LARGEST = 1e6  # of any weight or angle: far beyond, float32 has no decimals left


def weights(condition: str, columns: Sequence[str], word: Word) -> dict[int, float]:
    """The weight of each column that a word names: of a name, a sum, a list of names, or a mapping.

    Raises:
        FacegenError: an unknown name (with the nearest), or a weight that is no number.

    Example:
        >>> weights("emotion", ["happy", "sad"], "0.7*happy+0.3*sad")
        {0: 0.7, 1: 0.3}
        >>> weights("hair", ["salt", "salt+pepper"], "2*salt+pepper+salt")
        {1: 2.0, 0: 1.0}
    """
    if isinstance(word, Mapping):
        terms = [(str(name), weight) for name, weight in word.items()]
    elif isinstance(word, list | tuple):
        terms = [term for part in word for term in _terms(columns, text(part))]
    else:
        terms = _terms(columns, text(word))
    found: dict[int, float] = {}
    for name, weight in terms:
        column = column_of(condition, columns, name)
        found[column] = found.get(column, 0.0) + _weight(condition, word, weight)
    return found


def _terms(columns: Sequence[str], sum_: str) -> list[tuple[str, object]]:
    """A sum's names and weights; where names have a "+" of their own, the longest that fits is meant."""
    parts, terms = sum_.split("+"), []
    while parts:
        for size in range(len(parts), 0, -1):
            name, weight = _term(columns, "+".join(parts[:size]))
            if size == 1 or (name in columns and floats(weight) is not None):
                break
        terms.append((name, weight))
        del parts[:size]
    return terms


def _term(columns: Sequence[str], term: str) -> tuple[str, object]:
    """(name, weight) of "0.7*happy" or "happy"."""
    term = term.strip()
    if term in columns or "*" not in term:
        return term, 1
    weight, _, name = term.partition("*")
    return name.strip(), weight


def _weight(condition: str, word: Word, weight: object) -> float:
    state = STATES.get(weight.strip().lower()) if isinstance(weight, str) else None
    try:
        return float(weight) if state is None else state
    except (TypeError, ValueError, OverflowError):
        wanted = "a number, on or off" if isinstance(word, Mapping) else "a number before '*'"
        raise FacegenError(
            f"{condition}: expected {wanted}, found {shown(weight)} in {shown(word)}."
        ) from None


def column_of(condition: str, columns: Sequence[str], name: str) -> int:
    """The column that a name or a number means; "3" finds "03", or the third of persons without numbers.

    Raises:
        FacegenError: there is none; the message names the nearest.

    Example:
        >>> column_of("identity", ["01", "03"], "3")
        1
    """
    if name in columns:
        return list(columns).index(name)
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


def sum_of(columns: Sequence[str], row: np.ndarray) -> str:
    """The sum that `weights` reads as this row, to two decimals; "" for a row of zeros.

    Example:
        >>> sum_of(["happy", "sad"], np.array([1, 0.25]))
        'happy+0.25*sad'
    """
    numbers = [(decimal(value, 2), name) for value, name in zip(row, columns, strict=True)]
    numbers = [(weight, name) for weight, name in numbers if weight != "0"]
    brief = [name if weight == "1" else f"{weight}*{name}" for weight, name in numbers]
    plain = len(brief) == 1 or not any("+" in name or "*" in name for name in columns)
    return "+".join(brief if plain else [f"{weight}*{name}" for weight, name in numbers])


def amounts(condition: str, columns: Sequence[str], word: Word) -> dict[int, float]:
    """The number of each column that a word gives: "age: 45, height: 180", or a mapping.

    Raises:
        FacegenError: an unknown name (with the nearest), or what is no finite number.

    Example:
        >>> amounts("numbers", ["age", "height"], "height: 180")
        {1: 180.0}
    """
    if not isinstance(word, Mapping):
        word = _assignments(columns, text(word))
    found = {}
    for name, value in word.items():
        column = column_of(condition, columns, str(name))
        try:
            number = np.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = np.nan
        if not abs(number) <= float(np.finfo("float32").max):
            raise FacegenError(f"{condition}: expected {columns[column]} as a number, found {shown(value)}.")
        found[column] = number
    return found


def _assignments(columns: Sequence[str], words: str) -> dict[str, str]:
    """{"age": "45"} of "age: 45", or of "45" where there is one column alone."""
    if ":" not in words and len(columns) == 1:
        return {columns[0]: words.strip()}
    known = "|".join(re.escape(name) for name in sorted(columns, key=len, reverse=True))
    pairs = re.split(rf",\s*(?=(?:{known})\s*:)", words)  # names may have a comma, too
    named = (re.fullmatch(rf"\s*({known})\s*:(.*)", pair, re.DOTALL) for pair in pairs)
    split = (
        match.groups() if match else pair.rpartition(":")[::2]
        for match, pair in zip(named, pairs, strict=True)
    )
    return {name.strip(): value.strip() for name, value in split}


def floats(word: Word) -> np.ndarray | None:
    """The numbers in a text, a list, an array, or the one number; None if there is anything else.

    Example:
        >>> floats("30 -10").tolist()
        [30.0, -10.0]
    """
    parts = word.split() if isinstance(word, str) else word
    parts = parts if isinstance(parts, np.ndarray | list | tuple) else [parts]
    if any(isinstance(part, bool) for part in parts):
        return None
    try:
        values = np.array([float(part) for part in parts])
    except (TypeError, ValueError, OverflowError):
        return None
    return values if np.isfinite(values).all() else None


def decimal(value: float, places: int) -> str:
    """A number to some decimals, without zeros at its end."""
    return f"{round(float(value), places) + 0.0:.{places}f}".rstrip("0").rstrip(".")


def text(value: object) -> str:
    """`str(value)`, or what a message may say instead."""
    try:
        return str(value)
    except ValueError:  # Python writes no number of over 4300 digits
        return "a number of thousands of digits"


def shown(value: object, most: int = 80) -> str:
    """A value as a message quotes it."""
    quoted = repr(value) if isinstance(value, str) else text(value)
    return quoted if len(quoted) <= most else quoted[:most] + "..."


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names as a message lists them.

    Example:
        >>> listed(["a", "b", "c", "d"], most=3)
        'a, b, c, ... (4)'
    """
    return ", ".join([*names[:most], f"... ({len(names):,})"] if len(names) > most else names)
