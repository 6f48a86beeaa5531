"""Tables as people have them: pandas splits them into text, and what a cell means is decided here.

A table is text in UTF-8, or in UTF-16 or UTF-32 with their marks. Its separator is what its first line
has most of, outside quotation marks: tab, semicolon or comma; else, where a reader admits it, blanks.
Quoted cells may have separators and line breaks in them. What a column is, all its cells decide together:

- True and False, in any case, are 1 and 0.
- Numbers are numbers: 3, 3.0, -.5, 1e3. Where semicolons separate, `0,5` is 0.5; elsewhere it is refused.
- Whole numbers of which one begins with a needless 0, like 007, are words: names, not quantities.
- All else are words, NA among words too. Numbers mixed with words, or with NA, and empty cells are refused.
- A column without a name that only counts the rows is passed over, and that is said.

Each refusal names the file, its line, the column, what was found and what was expected.
"""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facegen.data import storage
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

if TYPE_CHECKING:
    from pandas import DataFrame

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BLANKS = r"\s+"  # pandas' name for "blanks separate"
WHOLE = re.compile(r"([+-]?\d{1,18})(\.0*)?", re.ASCII)
KINDS = {  # the first that fits a whole cell is its kind; else it is a word
    "empty": re.compile(r""),
    "truth": re.compile(r"true|false", re.IGNORECASE),
    "code": re.compile(r"0\d+", re.ASCII),
    "digits": re.compile(r"\d+", re.ASCII),
    "number": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE),
    "comma": re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.ASCII | re.IGNORECASE),
    "missing": re.compile(r"<?n\.?/?a\.?>?|#n/a|nan|null|none|inf|-inf|[?-]+", re.IGNORECASE),
}
NUMBERS = {"digits", "number", "comma"}
LARGEST = float(np.finfo(np.float32).max)


class Table:
    """The cells of a table as text, with the line of the file that each row begins in.

    Attributes:
        path: of the file, for messages.
        separator: tab, semicolon, comma or `BLANKS`.
        columns: name -> column, in the file's order; the first one names pictures.
        head: the line with the columns' names; 0 where there is none.
        promised: how many rows the first line says there are; None where it says nothing.
    """

    def __init__(self, path: Path, separator: str, raw: "DataFrame", named: bool | None):
        self.path, self.separator, self._raw, self.head = path, separator, raw, 0
        empty = raw.index[raw[0].to_numpy(object) == ""]
        blank = empty[(raw.loc[empty] == "").all(axis=1).to_numpy(bool)]
        self._frame = raw.drop(index=blank) if len(blank) else raw
        self.promised = self._promise()
        header = self._header(named)
        if not len(self._frame):
            raise FacegenError(f"{path}: has no rows; expected one for each picture.")
        self.columns = self._columns(header)

    def __len__(self) -> int:
        return len(self._frame)

    def line(self, row: int) -> int:
        """The line of the file that a row begins in, from 1."""
        place = self._frame.index[row]
        before = self._raw.iloc[:place]
        return place + 1 + sum(cell.count("\n") for name in before for cell in before[name])

    @property
    def first(self) -> "Column":
        """The column that names pictures."""
        return next(iter(self.columns.values()))

    def names(self, key: Callable[[str], str] = str) -> dict[str, str]:
        """What the first column says, in its order: key -> cell; refused where two have the same key."""
        cells = [cell.strip() for cell in self.first.cells]
        first: dict[str, int] = {}
        for row, name in enumerate(map(key, cells)):
            if not name:
                raise FacegenError(f"{self.path}, line {self.line(row)}: expected a name, found none.")
            if first.setdefault(name, row) != row:
                lines = f"lines {self.line(first[name])} and {self.line(row)}"
                raise FacegenError(f"{self.path}, {lines}: two rows for {cells[row]!r}; expected one.")
        return dict(zip(first, cells, strict=True))

    def _promise(self) -> int | None:
        """Take off the line with the number of rows that CelebA's tables begin with."""
        if not len(self._frame):
            return None
        first, *others = self._frame.iloc[0]
        if not first.strip().isdecimal() or any(others) or len(first) > 9:
            return None
        self._frame = self._frame.iloc[1:]
        return int(first)

    def _header(self, named: bool | None) -> list[str]:
        """Take off the line with the columns' names; without one they are called by their numbers."""
        if not len(self._frame):
            raise FacegenError(f"{self.path}: is empty; expected a line of column names, and rows.")
        names = [" ".join(cell.split()) for cell in self._frame.iloc[0]]
        if named is None:
            named = not WHOLE.fullmatch(names[1])
        if not named:
            return [str(number) if name else "" for number, name in enumerate(names, 1)]
        self.head = self.line(0)
        self._frame = self._frame.iloc[1:]
        shifted = self.separator == BLANKS and self._used(len([*filter(None, names)]))
        return ["", *names[:-1]] if shifted else names  # CelebA's first column has no name

    def _used(self, column: int) -> bool:
        return bool((self._frame[column].to_numpy(object) != "").any())

    def _columns(self, header: list[str]) -> "dict[str, Column]":
        columns: dict[str, Column] = {}
        for place, name in enumerate(header):
            column = Column(self, name, self._frame[place].to_numpy(object))
            nameless = not name or re.fullmatch(r"Unnamed: \d+(_level_\d+)?", name)
            if place and not name and not self._used(place):
                continue  # separators at the lines' ends
            if nameless and column.counts:
                logger.info("%s: a column without a name only numbers the rows: passed over.", self.path)
            elif place and not name:
                line = self.line(int(np.argmax(column.cells != "")))
                raise FacegenError(f"{self.path}, line {line}: expected {place} columns, found more.")
            elif name in columns:
                raise FacegenError(
                    f"{self.path}, line {self.head}: every column needs a name of its own, and two are "
                    f"called {name!r}."
                )
            else:
                columns[name] = column
        return columns


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of one column of a table, object (n,), as they stand there."""

    table: Table
    name: str
    cells: np.ndarray

    @cached_property
    def coded(self) -> tuple[np.ndarray, list[str]]:
        """The different cells, stripped, as they come; and before them, which one each is, int (n,)."""
        import pandas

        codes, different = pandas.factorize(self.cells)  # none is missing: all are text
        return codes, [str(cell).strip() for cell in different]

    @property
    def counts(self) -> bool:
        """Whether every cell is another whole number, or there is none at all."""
        whole = (re.fullmatch(r"(0|[1-9]\d*)?(\.0)?", cell.strip()) for cell in self.cells)
        return all(whole) and len({*self.cells} - {""}) in (0, len(self.cells))

    def refuse(self, row: int, expected: str) -> FacegenError:
        """The error of a cell that is not as expected."""
        found = f"{self.cells[row].strip()!r} ({expected})"
        return FacegenError(
            f"{self.table.path}, line {self.table.line(row)}, column {self.name!r}: found {found}."
        )

    def convert(self, read: Callable[[str], float], dtype: type = np.float64) -> np.ndarray:
        """The cells as numbers (n,); `read` refuses one by a ValueError that says what it expected."""
        codes, cells = self.coded
        values = np.empty(len(cells), dtype)
        for code, cell in enumerate(cells):
            try:
                values[code] = read(cell)
            except ValueError as error:
                raise self.refuse(int(np.argmax(codes == code)), str(error)) from None
        return values[codes]

    def numbers(self) -> np.ndarray | None:
        """The cells as numbers, float64 (n,), or None for a column of words; by this module's rules.

        Raises:
            FacegenError: there are numbers and words in it, an empty cell, or a decimal comma.
        """
        codes, cells = self.coded
        kinds = [_kind(cell) for cell in cells]
        if "empty" in kinds:
            row = int(np.argmax(codes == kinds.index("empty")))
            raise self.refuse(row, "expected a number or a word in every row; is the row too short?")
        if "code" in kinds:  # beside 007, 12 is a name as well
            kinds = ["code" if kind == "digits" else kind for kind in kinds]
        numeric = np.array([kind in NUMBERS for kind in kinds])
        if {*kinds} == {"truth"}:
            return self.convert(lambda cell: float(cell.lower() == "true"))
        if {*kinds} == {"truth", "missing"}:
            raise self._mixed(np.array([kind == "truth" for kind in kinds])[codes])
        if numeric.any() and not numeric.all():
            raise self._mixed(numeric[codes])
        if not numeric.any():
            return None
        if "comma" in kinds and self.table.separator == ";":
            logger.info("%s, column %r: 0,5 is read as 0.5.", self.table.path, self.name)
        return self.convert(self._number)

    def words(self) -> np.ndarray:
        """The cells as words, object (n,)."""
        codes, cells = self.coded
        return np.array([re.sub(r"\s*\n\s*", " ", cell) for cell in cells], object)[codes]

    def _number(self, cell: str) -> float:
        if "," in cell and self.table.separator != ";":
            raise ValueError("expected a number with a decimal point: write 0.5 for 0,5")
        value = float(cell.replace(",", "."))
        if abs(value) > LARGEST:
            raise ValueError(f"expected a number that can be computed with, up to {LARGEST:g}")
        return value

    def _mixed(self, numeric: np.ndarray) -> FacegenError:
        """The error of a column of numbers and words: what is rarer is at fault."""
        words = numeric.mean() < 0.5
        row, other = int(np.argmax(numeric == words)), int(np.argmax(numeric != words))
        wanted = "a word" if words else "a number"
        example = f"{self.cells[other].strip()!r} in line {self.table.line(other)}"
        return self.refuse(row, f"expected {wanted}, as {example}; a column has either, in every row")


def whole(low: int, high: int, what: str = "a whole number") -> Callable[[str], int]:
    """How to read a cell with a whole number from low to high, for `Column.convert`.

    Example:
        >>> whole(0, 9)("3.0")
        3
    """

    def read(cell: str) -> int:
        match = WHOLE.fullmatch(cell)
        if not match or not low <= int(match[1]) <= high:
            raise ValueError(f"expected {what} from {low:,} to {high:,}")
        return int(match[1])

    return read


def _kind(cell: str) -> str:
    return next((kind for kind, form in KINDS.items() if form.fullmatch(cell)), "word")


def read(root: Path, name: str, blanks: bool = False, named: bool | None = True) -> Table:
    """Read a table of a folder or of a .zip archive.

    Args:
        root: the folder or archive.
        name: of the file in it.
        blanks: whether blanks may separate columns, where nothing else does.
        named: whether its first line names the columns; None: that line tells, by its second cell.

    Raises:
        FacegenError: it is no text, or no table.
    """
    path = root / name
    return parse(path, decode(path, storage.data(root, name)), blanks, named)


def decode(path: Path, content: bytes) -> str:
    """The text of a file, with `\\n` at the end of lines.

    Raises:
        FacegenError: it is a web page in disguise, or in an encoding that is not known.
    """
    if storage.is_page(content):
        raise FacegenError(f"{path}: {storage.WEB_PAGE}; download it again.")
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = content[max(0, error.start - 10) : error.start + 10]
        raise FacegenError(
            f"{path}, line {line}: expected text in UTF-8, found {found!r}. Save it as 'CSV UTF-8'."
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise FacegenError(f"{path}, line {line}: expected text, found a zero byte. Save it as 'CSV UTF-8'.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(path: Path, text: str, blanks: bool = False, named: bool | None = True) -> Table:
    """The table that a text is; for the arguments see `read`.

    Example:
        >>> table = parse(Path("a.csv"), "file;age\\na.jpg;0,5\\n")
        >>> table.columns["age"].numbers()
        array([0.5])
    """
    import pandas

    if told := re.match(r'"?sep=(.)"?;*\n', text):  # Excel's
        text, separator = text[told.end() - 1 :], told[1]
    else:
        separator = _separator(text, blanks)
    width = max(_widths(text, separator), default=0)
    if width < 2:
        raise FacegenError(
            f"{path}: expected a line of column names (the file's, then one or more), and a row for each "
            "picture, with commas, semicolons or tabs between the columns."
        )
    try:
        raw = pandas.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(width + 1),
            dtype=object,  # text, and no conversion back and forth
            keep_default_na=False,
            skip_blank_lines=False,  # so that a row's number is a line's
            skipinitialspace=True,
            quoting=csv.QUOTE_NONE if separator == BLANKS else csv.QUOTE_MINIMAL,
            low_memory=False,
        )
    except pandas.errors.ParserError as error:
        raise FacegenError(_fault(path, text, separator, width, str(error))) from error
    return Table(path, separator, raw, named)


def _separator(text: str, blanks: bool) -> str:
    """What separates the columns, told by the first line that has more than a number in it."""
    lines = io.StringIO(text[: 1 << 16])
    line = next((line for line in lines if line.strip() and not line.strip().isdigit()), "")
    bare = re.sub(r'"[^"]*"', "", line.rstrip())
    best = max("\t;,", key=bare.count)
    return best if best in bare else BLANKS if blanks else ","


def _widths(text: str, separator: str, lines: int = 3) -> list[int]:
    """The number of cells in each of the first lines that have any."""
    rows = (cells for _, cells in _rows(text[: 1 << 16], separator) if any(cells))
    return [len(cells) for cells in islice(rows, lines)]


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row, and the line it begins in: slowly, and only to say what is wrong."""
    if separator == BLANKS:
        yield from enumerate(map(str.split, text.split("\n")), 1)
        return
    reader, line = csv.reader(io.StringIO(text), delimiter=separator), 1
    with contextlib.suppress(csv.Error):  # a cell without end
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1


def _fault(path: Path, text: str, separator: str, width: int, error: str) -> str:
    """Where a text is no table, in the file's own lines."""
    if found := re.search(r"EOF inside string starting at row (\d+)", error):
        return f"{path}, near line {int(found[1]) + 1}: a quotation mark is not closed."
    for line, cells in _rows(text, separator):
        if len(cells) > width + 1:
            return f"{path}, line {line}: expected {width} columns, found more."
    return f"{path}: is no table ({error.strip()})."
