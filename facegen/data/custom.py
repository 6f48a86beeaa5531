"""One's own pictures: a folder (or .zip) of them and a `conditions.csv` that says what each shows.

The first column is a picture's file name (below the folder, "/" between folders); every other
column has a name of its own:

    file,          age,  beard, hair,  partition
    anna.jpg,      31,   0,     long,  train
    more/ben.png,  45,   1,     short, test

What a column is, its cells decide together, as `tables` says. Columns that hold only 0 and 1 (beard), True
and False, or -1 and 1, are the condition "attributes", as 0 and 1. Other columns of numbers (age) are the
condition "numbers", in the table's own units. A column of words (hair) is a condition with one 0/1 column
for each word that is in use. Two names are special, and may be left out: `partition` (train, validation or
test, or CelebA's 0, 1, 2) and `identity` (a whole number for each person).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from facegen.conditions.base import ATTRIBUTES, NUMBERS, TAKEN
from facegen.data import joining, storage, tables
from facegen.data.dataset import PARTITIONS, WHOLE, FaceSet
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

TABLE = "conditions.csv"
LOOKED_FOR = f"your own pictures: {TABLE}"
LARGEST = np.iinfo(np.int32).max  # number of a person
WORDS = 1000  # that a column may have; each becomes an input of the network
EXACT = 1 << 24  # beyond, float32 does not tell one whole number from the next
RESERVED = {ATTRIBUTES, NUMBERS, *TAKEN}  # what conditions and the inputs of networks are called already
SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing", "dev", "eval"}
SPLIT = {"split", "subset", "set", "fold", "part"}  # what such a column is called, other than partition
AMOUNT = re.compile(r"[+-]?\d+(([.,]\d+){2,}|([.,]\d+)?\s*(%|[^\W\d]{1,6}\.?))")  # 1.000,50 and 31 years
PEOPLE = re.compile(
    r"((person|subject|identity|celeb|people|user)?[ _-]?id|person|subject|identity)", re.IGNORECASE
)


def found(path: Path) -> bool:
    """Whether the folder or archive has a conditions.csv."""
    return _folder(path) is not None


def read(
    path: Path,
    missing: str = "raise",
    channels: int = 3,
    crop: tuple[float, float, float, float] = WHOLE,
) -> FaceSet:
    """Read a folder of pictures with a conditions.csv (its format: see this module's docstring).

    Args:
        path: the folder, or a .zip of it.
        missing: what to do about rows without a picture and pictures without a row: "raise", or
            "skip" to leave them out with a warning.
        channels: 3 for colour, 1 for grey.
        crop: the part of each picture that shows the face: left, top, right, bottom as fractions.

    Raises:
        FacegenError: naming the table's line and column that is not as expected.
    """
    folder = _folder(path)
    table = tables.read(path, folder + TABLE)
    below = [name for name in storage.pictures(path) if name.startswith(folder)]
    pictures = joining.by_key(path, below, lambda name: joining.key(name[len(folder) :]))
    _check_first(table, pictures)
    aside = {*map(joining.key, storage.quarantined(path))}
    joined = joining.join(path, table.path, table.names(joining.key), pictures, missing, aside)
    columns = dict([*table.columns.items()][1:])
    partition, identity = columns.pop("partition", None), columns.pop("identity", None)
    conditions, names = _conditions(table.path, columns, joined.rows)
    count = len(joined.paths)
    return FaceSet(
        kind="table",
        root=path,
        paths=joined.paths,
        conditions=conditions,
        names=names,
        partition=parts(partition)[joined.rows] if partition else np.zeros(count, np.int8),
        identity=people(identity)[joined.rows] if identity else np.full(count, -1, np.int32),
        crop=tuple(crop),
        channels=channels,
        missing=joined.missing,
        strays=joined.strays,
    )


def parts(column: tables.Column) -> np.ndarray:
    """The partition of each row, by its name or number, int8 (n,)."""

    def number(cell: str) -> int:
        if cell in PARTITIONS:
            return PARTITIONS.index(cell)
        try:
            return tables.whole(0, 2)(cell)
        except ValueError:
            raise ValueError(f"expected one of {', '.join(PARTITIONS)}, or 0, 1, 2") from None

    return column.convert(number, np.int8)


def people(column: tables.Column) -> np.ndarray:
    """The person of each row, int32 (n,)."""

    def number(cell: str) -> int:
        try:
            return tables.whole(-1, LARGEST)(cell)
        except ValueError as error:
            raise ValueError(f"{error}; names belong in a column that is called otherwise") from None

    return column.convert(number, np.int32)


def doubts(faces: FaceSet) -> Iterator[str]:
    """What a person would doubt in a table."""
    for name, columns in faces.names.items():
        values = faces.conditions[name]
        if name == NUMBERS:
            for column, numbers in zip(columns, values.T, strict=True):
                yield from (f"column {column!r} {doubt}" for doubt in _odd_numbers(column, numbers))
        elif name == ATTRIBUTES:
            constant = np.flatnonzero(np.ptp(values, axis=0) == 0) if len(values) > 1 else ()
            yield from (f"column {columns[place]!r} is the same in every row" for place in constant)
        else:
            yield from (f"column {name!r} {doubt}" for doubt in _odd_words(columns, len(values)))


def _odd_numbers(name: str, values: np.ndarray) -> Iterator[str]:
    """What is odd about a column of numbers (n,)."""
    if np.abs(values).max() > EXACT:
        yield f"has numbers beyond {EXACT:,}, which are not told apart: a date, or a file's number?"
        return
    middle = np.median(values.astype(np.float64))
    off = np.abs(values - middle)
    spread = 1.5 * np.median(off) or np.mean(off)  # of a normal distribution, its standard deviation
    outside = values[off > 10 * max(spread, 0.05 * abs(middle))]
    if len(outside):
        yield f"has numbers far out of line ({len(outside):,}), such as {outside[0]:g} beside {middle:g}"
    whole = not (values % 1).any()
    steps = np.diff(np.sort(values))
    if PEOPLE.fullmatch(name) and whole:
        yield "looks like persons' numbers: call it identity"
    elif name.casefold() in SPLIT and whole:
        yield f"looks like a partition: call it partition, with {', '.join(PARTITIONS)}"
    elif whole and len(values) > 3 and (steps == 1).all():
        yield "only numbers the rows"
    elif len(values) > 1 and not steps.any():
        yield "is the same in every row"


def _odd_words(words: tuple[str, ...], rows: int) -> Iterator[str]:
    """What is odd about a column of words."""
    if len(words) > max(4, rows / 2):
        yield f"has nearly as many words ({len(words):,}) as rows ({rows:,}); each becomes an input"
    if {word.casefold() for word in words} <= SPLITS:
        yield f"looks like a partition: call it partition, with {', '.join(PARTITIONS)}"
    if all(map(AMOUNT.fullmatch, words)):
        yield f"has numbers that are read as words, such as {words[0]!r}: write bare numbers, such as 0.5"
    if len(words) == 1 and rows > 1:
        yield "is the same in every row"
    alike = defaultdict(list)
    for word in words:
        alike["".join(joining.key(word).casefold().split())].append(word)
    for group in alike.values():
        if len(group) > 1:
            yield f"has words that differ in case or blanks alone: {', '.join(map(repr, group))}"


def _folder(path: Path) -> str | None:
    """The folder of the table, with a "/" at its end; in an archive it may be below others."""
    if not storage.is_archive(path):
        return "" if (path / TABLE).is_file() else None
    there = [name for name in storage.files(path) if f"/{name}".endswith(f"/{TABLE}")]
    return min(there, key=len).removesuffix(TABLE) if there else None


def _conditions(
    table: Path, columns: dict[str, tables.Column], rows: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """The conditions of these rows of the table, and the names of their columns."""
    numeric: dict[str, dict[str, np.ndarray]] = {ATTRIBUTES: {}, NUMBERS: {}}
    words, signs = {}, []
    for name, column in columns.items():
        _check_name(table, name)
        values = column.numbers()
        if values is None:
            words[name] = column.words()[rows]
        elif np.isin(values, (-1, 1)).all():
            numeric[ATTRIBUTES][name] = values[rows] > 0
            signs += [name] if (values < 0).any() else []
        else:
            kind = ATTRIBUTES if np.isin(values, (0, 1)).all() else NUMBERS
            numeric[kind][name] = values[rows]
    if signs:
        logger.info("%s: -1 and 1 are read as 0 and 1 in %s.", table, ", ".join(signs))
    filled = {kind: found for kind, found in numeric.items() if found}
    conditions = {k: np.stack([*found.values()], axis=1).astype(np.float32) for k, found in filled.items()}
    names = {kind: tuple(found) for kind, found in filled.items()}
    for name, cells in words.items():
        conditions[name], names[name] = _one_hot(table, name, cells)
    if not conditions:
        raise FacegenError(f"{table}: expected a column besides the file's name, partition and identity.")
    return conditions, names


def _one_hot(table: Path, name: str, cells: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """A column of 0 and 1 for each word in use, float32 (n, words), and the words."""
    words, place = np.unique(cells.astype(np.str_), return_inverse=True)
    if len(words) > WORDS:
        raise FacegenError(
            f"{table}, column {name!r}: expected at most {WORDS:,} different words, each of which becomes an "
            f"input of the network; found {len(words):,}, such as {words[0]!r} and {words[1]!r}. Take the "
            "column out; persons go by number in a column called identity."
        )
    return np.eye(len(words), dtype=np.float32)[place], tuple(map(str, words))


def _check_first(table: tables.Table, pictures: Mapping[str, str]) -> None:
    """Refuse a table that names its pictures elsewhere than below the first column's name."""

    def named(cells: Iterable[str]) -> bool:
        return any(joining.key(cell) in pictures for cell in cells)

    first, *others = table.columns.values()
    if named([first.name]):
        raise FacegenError(
            f"{table.path}, line {table.head}: expected names of columns, found a picture's, {first.name!r}."
        )
    if other := [] if named(first.cells) else [column.name for column in others if named(column.cells)]:
        raise FacegenError(f"{table.path}: column {other[0]!r} names the pictures: put it first.")


def _check_name(table: Path, name: str) -> None:
    """Refuse a name that is taken, or cannot be shown."""
    if name in RESERVED:
        raise FacegenError(
            f"{table}: a column may not be called {name!r}, which means something else to networks: call it "
            "otherwise."
        )
    if re.search(r"[\x00-\x1f\x7f-\x9f]", name):
        raise FacegenError(f"{table}: a column is called {name!r}: expected letters that can be shown.")
