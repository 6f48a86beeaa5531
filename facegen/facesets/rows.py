"""Rows of text tables, and the pictures they belong to: joined by name, never by order."""

import re
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from facegen.errors import FacegenError
from facegen.facesets import store
from facegen.logs import logger

LONGEST = 64  # characters of a name in a table of numbers


def lines(path: Path) -> Iterable[tuple[int, list[str]]]:
    """The number (from 1) and the cells of each line: split at commas in a .csv, else at blanks."""
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            yield number, [cell.strip() for cell in line.split(_separator(path))]


def _separator(path: Path) -> str | None:
    return "," if path.suffix.lower() == ".csv" else None


def load(path: Path, skip: int, width: int) -> tuple[list[str], np.ndarray]:
    """Read a table of whole numbers: each row is the name of a picture and `width` numbers.

    Args:
        path: a .csv, or a text file with blanks between the columns.
        skip: lines before the first row.
        width: numbers in a row.

    Returns:
        The names, and int32 (rows, width).

    Raises:
        FacegenError: naming the line, and the column, of the first cell that is not as expected.
    """
    row = np.dtype([("name", f"U{LONGEST}"), ("values", np.int32, (width,))])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an empty table: said below
            table = np.loadtxt(
                path, row, None, _separator(path), skiprows=skip, ndmin=1, encoding="utf-8-sig"
            )
    except (ValueError, OverflowError) as error:
        raise FacegenError(_fault(path, skip, width)) from error
    if not len(table):
        raise FacegenError(f"{path}: has no rows.")
    names = np.char.strip(table["name"]).tolist()
    if len(set(names)) < len(names):
        raise FacegenError(_twice(path, names))
    return names, table["values"]


def _fault(path: Path, skip: int, width: int) -> str:
    for number, cells in lines(path):
        if number <= skip or not any(cells):
            continue
        if len(cells) != width + 1:
            return (
                f"{path}, line {number}: expected a name and {width} numbers, "
                f"found {len(cells) - 1} after {cells[0]!r}."
            )
        for column, cell in enumerate(cells[1:], 2):
            if not re.fullmatch(r"[+-]?\d{1,9}", cell):
                return f"{path}, line {number}, column {column}: expected a whole number, found {cell!r}."
    return f"{path}: expected a table of names and whole numbers."


def _twice(path: Path, names: list[str]) -> str:
    seen: set[str] = set()
    name = next(name for name in names if name in seen or seen.add(name))
    places = [number for number, cells in lines(path) if cells and cells[0] == name]
    return f"{path}, lines {places[0]} and {places[1]}: two rows for {name!r}; expected one."


def line_of(path: Path, name: str) -> int:
    """The number of the line that begins with a name."""
    return next(number for number, cells in lines(path) if cells and cells[0] == name)


def join(
    table: Path,
    names: Sequence[str],
    pictures: Mapping[str, str],
    missing: str,
    aside: Collection[str] = (),
) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """Join the rows of a table to the pictures of the same name.

    Args:
        table: for the message.
        names: of the rows, each once.
        pictures: name -> path.
        missing: "raise" or "skip", see `settle`.
        aside: names of pictures in quarantine; their rows are left out without a word.

    Returns:
        The paths of the joined pictures (sorted), their row numbers int64 (n,), the names of the
        rows without a picture, the paths of the pictures without a row.
    """
    row = {name: number for number, name in enumerate(names)}
    without = tuple(name for name in names if name not in pictures and name not in aside)
    strays = tuple(sorted(path for name, path in pictures.items() if name not in row))
    settle(table, without, strays, missing)
    joined = sorted((path, row[name]) for name, path in pictures.items() if name in row)
    paths = tuple(path for path, _ in joined)
    return paths, np.array([number for _, number in joined], np.int64), without, strays


def settle(where: Path, without: Sequence[str], strays: Sequence[str], missing: str) -> None:
    """Decide about rows without a picture and pictures without a row.

    With missing="raise" either is an error; with "skip" they are left out, and a warning says so.
    """
    if missing not in ("raise", "skip"):
        raise FacegenError(f"missing={missing!r}: expected 'raise' or 'skip'.")
    found = [
        f"{what}: {len(names):,} (first: {', '.join(names[:3])})"
        for names, what in ((without, "rows without a picture"), (strays, "pictures without a row"))
        if names
    ]
    if not found:
        return
    if missing == "raise":
        raise FacegenError(
            f"{where}: {'; '.join(found)}. Complete the folder, or leave them out with missing='skip'."
        )
    logger.warning(f"{where}: {'; '.join(found)}: left out.")


def column(path: Path | None, skip: int, names: Sequence[str], default: int) -> np.ndarray:
    """A table's one number for each of these names, int32 (n,); `default` where there is no table.

    Raises:
        FacegenError: one of the names has no row.
    """
    if path is None:
        return np.full(len(names), default, np.int32)
    _page(path)
    keys, values = load(path, skip, 1)
    row = {name: number for number, name in enumerate(keys)}
    without = [name for name in names if name not in row]
    if without:
        raise FacegenError(
            f"{path}: pictures without a row: {len(without):,} (first: {', '.join(without[:3])}). "
            "Complete the table, or take it away."
        )
    return values[[row[name] for name in names], 0]


def _page(path: Path) -> None:
    """Refuse a web page that was saved under a table's name."""
    with open(path, "rb") as file:
        if store.is_page(file.read(256)):
            raise FacegenError(f"{path}: {store.WEB_PAGE}; download it again.")


def header(path: Path) -> tuple[int, list[str], int | None]:
    """The head of a table of attributes.

    Returns:
        How many lines it takes, the names of the number columns, the count of rows if it is told.
    """
    _page(path)
    count = None
    for number, cells in lines(path):
        if number == 1 and len(cells) == 1 and cells[0].isdigit():
            count = int(cells[0])
            continue
        return number, cells[1:] if _separator(path) else cells, count
    raise FacegenError(f"{path}: is empty; expected a line of column names.")
