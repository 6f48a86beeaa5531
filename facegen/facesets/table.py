"""One's own pictures: a folder of them and a `conditions.csv` that says what each shows.

The first column is a picture's file name (below the folder, "/" between folders); every other
column has a name of its own:

    file,          age,  beard, hair,  partition
    anna.jpg,      0.3,  0,     long,  train
    more/ben.png,  0.45, 1,     short, test

Its first row decides what a column is. Columns of numbers (age, beard) together are the condition
"attributes"; a column of words (hair) is a condition with one 0/1 column for each word. Two names are
special, and may be left out: `partition` (train, validation or test) and `identity` (a whole number
for each person).
"""

import csv
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from facegen.errors import FacegenError
from facegen.facesets import rows, store
from facegen.facesets.faceset import PARTITIONS, WHOLE, FaceSet

TABLE = "conditions.csv"
LOOKED_FOR = f"your own pictures: {TABLE}"


def found(path: Path) -> bool:
    """Whether the folder has a conditions.csv."""
    return (path / TABLE).is_file()


def read(
    path: Path,
    missing: str = "raise",
    channels: int = 3,
    crop: tuple[float, float, float, float] = WHOLE,
) -> FaceSet:
    """Read a folder of pictures with a conditions.csv (its format: see this module's docstring).

    Args:
        path: the folder.
        missing: what to do about rows without a picture and pictures without a row: "raise", or
            "skip" to leave them out with a warning.
        channels: 3 for colour, 1 for grey.
        crop: the part of each picture that shows the face: left, top, right, bottom as fractions.

    Raises:
        FacegenError: naming the table's line and column that is not as expected.
    """
    table = path / TABLE
    header, cells, places = _cells(table)
    names = [row[0].replace("\\", "/") for row in cells]
    _check_once(table, names, places)
    pictures = {name: name for name in store.pictures(path)}
    paths, taken, without, strays = rows.join(table, names, pictures, missing, {*store.aside(path)})
    columns = {
        name: _Column(table, name, [row[i] for row in cells], places) for i, name in enumerate(header) if i
    }
    partition = columns.pop("partition", None)
    identity = columns.pop("identity", None)
    conditions, labels = _conditions(table, columns)
    return FaceSet(
        kind="table",
        root=path,
        paths=paths,
        conditions={name: values[taken] for name, values in conditions.items()},
        names=labels,
        partition=partition.parse(_partition, np.int8)[taken] if partition else np.zeros(len(paths), np.int8),
        identity=identity.parse(int, np.int32)[taken] if identity else np.full(len(paths), -1, np.int32),
        crop=tuple(crop),
        channels=channels,
        missing=without,
        strays=strays,
    )


class _Column:
    """The cells of one column, with the line of each."""

    def __init__(self, table: Path, name: str, cells: Sequence[str], places: Sequence[int]):
        self.table, self.name, self.cells, self.places = table, name, cells, places

    @property
    def numeric(self) -> bool:
        try:
            float(self.cells[0])
        except ValueError:
            return False
        return True

    def parse(self, convert: Callable[[str], object], dtype: type) -> np.ndarray:
        """The cells as an array (n,); `convert` refuses a cell by a ValueError that says what it expected."""
        values = []
        for cell, line in zip(self.cells, self.places, strict=True):
            try:
                values.append(convert(cell))
            except ValueError as error:
                raise FacegenError(
                    f"{self.table}, line {line}, column {self.name!r}: found {cell!r} ({error})."
                ) from None
        return np.array(values, dtype)


def _cells(table: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows, and the line number of each row."""
    cells, places = [], []
    with open(table, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True, strict=True)
        try:
            for row in reader:
                if any(row):
                    cells.append([cell.strip() for cell in row])
                    places.append(reader.line_num)
        except (csv.Error, UnicodeDecodeError) as error:
            place = f"{table}, near line {reader.line_num}"
            raise FacegenError(f"{place}: not a table in UTF-8 and csv ({error}).") from error
    if len(cells) < 2 or len(cells[0]) < 2:
        raise FacegenError(
            f"{table}: expected a line of column names (the file's, then one or more), with commas between "
            "them, and a row for each picture."
        )
    header = cells[0]
    if len({*header}) < len(header) or "" in header[1:]:
        raise FacegenError(f"{table}, line {places[0]}: every column needs a name of its own: {header}.")
    for row, line in zip(cells[1:], places[1:], strict=True):
        if len(row) != len(header):
            raise FacegenError(f"{table}, line {line}: expected {len(header)} columns, found {len(row)}.")
    return header, cells[1:], places[1:]


def _check_once(table: Path, names: Sequence[str], places: Sequence[int]) -> None:
    first: dict[str, int] = {}
    for name, line in zip(names, places, strict=True):
        if first.setdefault(name, line) != line:
            raise FacegenError(
                f"{table}, lines {first[name]} and {line}: two rows for {name!r}; expected one."
            )


def _conditions(
    table: Path, columns: dict[str, _Column]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    numeric = [column for column in columns.values() if column.numeric]
    conditions, names = {}, {}
    if numeric:
        values = [column.parse(_number, np.float32) for column in numeric]
        conditions["attributes"] = np.stack(values, axis=1)
        names["attributes"] = tuple(column.name for column in numeric)
    for column in columns.values():
        if column.numeric:
            continue
        if column.name in conditions:
            raise FacegenError(f"{table}: a column of words may not be called {column.name!r}.")
        words = column.parse(_word, np.str_)
        names[column.name], place = np.unique(words, return_inverse=True)
        conditions[column.name] = np.eye(len(names[column.name]), dtype=np.float32)[place]
        names[column.name] = tuple(map(str, names[column.name]))
    if not conditions:
        raise FacegenError(f"{table}: expected a column besides the file's name, partition and identity.")
    return conditions, names


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("expected a number, as in this column's first row")
    return value


def _word(cell: str) -> str:
    if not cell:
        raise ValueError("expected a word")
    return cell


def _partition(cell: str) -> int:
    if cell not in PARTITIONS:
        raise ValueError(f"expected one of {', '.join(PARTITIONS)}")
    return PARTITIONS.index(cell)
