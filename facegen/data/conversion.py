"""What is not a face set yet, and becomes one by a table: a folder for each class; Hugging Face's sets.

Hugging Face passes sets on as parquet files, which hold the bytes of pictures and what is said of them,
read with pyarrow, which `pip install facegen[parquet]` brings; or as folders of pictures, each with a
metadata.csv or metadata.jsonl whose `file_name` is a picture below it.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath

from facegen.conditions import attributes
from facegen.data import celeba, custom, storage, tables
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.progress import bar

PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test", "eval": "test"}
PARTS |= dict.fromkeys(("val", "valid", "validation", "dev"), "validation")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # and bytes that are no UTF-8
SURROGATE = re.compile(r"[\ud800-\udfff]")  # that JSON may have, and no text
ROWS = 256  # of a parquet file that are in memory at a time
KINDS = {b"\xff\xd8": ".jpg", b"\x89PNG": ".png", b"RIFF": ".webp", b"GIF8": ".gif", b"BM": ".bmp"}
METADATA = ("metadata.csv", "metadata.jsonl")
NAME = "file_name"  # of a picture, in these
Row = dict[str, object]


def write_table(folder: str | Path, progress: bool = True) -> Path:
    """Write the table that makes a face set of a folder.

    Pictures in folders get a row each, with the folder's name as its class, or what a metadata.csv or
    metadata.jsonl says of it; folders called train, validation, test or the like are the partition.
    Parquet files are unpacked beside it; where they have CelebA's 40 attributes, into a folder in CelebA's
    format.

    Args:
        folder: with the pictures or parquet files in it.
        progress: show a progress bar.

    Returns:
        The table.

    Raises:
        FacegenError: there is a table already; the folders do not say what the pictures show; a parquet
            file has no pictures, or pyarrow is missing.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FacegenError(f"{root}: there is no such folder.")
    for name in (custom.TABLE, f"{celeba.ATTRIBUTES[0]}.csv"):
        if (root / name).exists():
            raise FacegenError(f"{root / name} is there already: move it away to have another one written.")
    names = storage.files(root)
    if packed := parquet_files(names):
        rows = _unpacked(root, packed, progress)
    elif described := metadata_files(names):
        rows = [row for name in described for row in _described(root, name)]
    else:
        rows = _classes(root)
    if not rows:
        raise FacegenError(f"{root / (packed or described)[0]}: has no rows.")
    labelled = attributes.NAMES[0] in rows[0] and {*attributes.NAMES} <= rows[0].keys()
    path = root / (f"{celeba.ATTRIBUTES[0]}.csv" if labelled else custom.TABLE)
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, [*columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())
    return path


def parquet_files(names: Iterable[str]) -> list[str]:
    """The parquet files among these."""
    return [name for name in names if name.lower().endswith(".parquet")]


def metadata_files(names: Iterable[str]) -> list[str]:
    """Hugging Face's tables among these."""
    return [name for name in names if PurePosixPath(name).name.lower() in METADATA]


def _described(root: Path, name: str) -> Iterator[Row]:
    """The rows of one of Hugging Face's tables, with the name of the picture below `root` before the rest."""
    folder = "".join(name.rpartition("/")[:2])
    split = PARTS.get(folder.partition("/")[0].casefold())
    for line, row in _lines(root, name):
        if not isinstance(row.get(NAME), str):
            raise FacegenError(f"{root / name}, line {line}: expected {NAME}, found {', '.join(row)}.")
        told = _plain({key: value for key, value in row.items() if key not in ("file", NAME)})
        yield {"file": folder + row[NAME]} | ({"partition": split} if split else {}) | told


def _lines(root: Path, name: str) -> Iterator[tuple[int, Row]]:
    """What each row of a .csv or .jsonl says, with its line."""
    path = root / name
    if name.lower().endswith(".csv"):
        table = tables.read(root, name)
        for number, cells in enumerate(
            zip(*(column.cells for column in table.columns.values()), strict=True)
        ):
            yield table.line(number), dict(zip(table.columns, cells, strict=True))
        return
    for line, text in enumerate(tables.decode(path, storage.data(root, name)).splitlines(), 1):
        try:
            row = json.loads(text) if text.strip() else None
        except (ValueError, RecursionError) as error:
            raise FacegenError(f"{path}, line {line}: expected a row in JSON ({error}).") from None
        if not isinstance(row, dict | None) or SURROGATE.search(json.dumps(row, ensure_ascii=False)):
            raise FacegenError(f"{path}, line {line}: expected names and values, found {text[:80]}.")
        if row is not None:
            yield line, row


def _plain(row: Row) -> Row:
    """What a table can hold of a row: words and numbers, no lists of boxes."""
    return {name: value for name, value in row.items() if isinstance(value, str | int | float)}


def _classes(root: Path) -> list[Row]:
    """A row for each picture, of the folders it lies in."""
    pictures = storage.pictures(root)
    if not pictures:
        raise FacegenError(f"{root}: has neither pictures nor parquet files.")
    levels = [PurePosixPath(name).parts[:-1] for name in pictures]
    for name, parts in zip(pictures, levels, strict=True):
        if len(parts) != len(levels[0]) or not parts:
            found = " and ".join(dict.fromkeys((pictures[0], name)))
            raise FacegenError(
                f"{root}: expected every picture in a folder of what it shows, at one depth; found {found}."
            )
        if CONTROL.search(name):
            raise FacegenError(f"{root}: {name!r} cannot be written into a table: give it another name.")
    columns = list(zip(*levels, strict=True))
    split = [{name.casefold() for name in column} <= PARTS.keys() for column in columns]
    classes = [column for column, is_split in zip(columns, split, strict=True) if not is_split]
    if not classes:
        raise FacegenError(f"{root}: its folders say which part a picture is of, and not what it shows.")
    names = ["class", *(f"class {number}" for number in range(2, len(classes) + 1))]
    named = {"file": pictures, **dict(zip(names, map(list, classes), strict=True))}
    if any(split):
        named["partition"] = [PARTS[name.casefold()] for name in columns[split.index(True)]]
    return [dict(zip(named, cells, strict=True)) for cells in zip(*named.values(), strict=True)]


def _unpacked(root: Path, names: list[str], progress: bool) -> list[Row]:
    """Write the pictures of parquet files as files, and return what is said of each."""
    rows: list[Row] = []
    with bar(len(names), "parquet files unpacked", "", show=progress) as done:
        for name in names:
            for row in _rows(root / name):
                rows.append(_unpack(root, name, len(rows), row))
            done.update()
    return rows


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a parquet file, with words for the numbers of classes."""
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise FacegenError(
            f"{path}: parquet files are read with pyarrow, which is not installed: pip install pyarrow."
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            words = _words(file.schema_arrow.metadata or {})
            rows = chain.from_iterable(batch.to_pylist() for batch in file.iter_batches(ROWS))
            for row in rows:
                yield {name: _word(words.get(name), value) for name, value in row.items()}
    except (ArrowInvalid, OSError) as error:
        raise FacegenError(f"{path}: is no whole parquet file ({error}).") from error


def _word(words: list[str] | None, value: object) -> object:
    return words[value] if words and isinstance(value, int) and 0 <= value < len(words) else value


def _words(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """The names of the classes that Hugging Face writes as numbers."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {name: about["names"] for name, about in features.items() if "names" in about}
    except (KeyError, TypeError, ValueError):
        return {}


def _unpack(root: Path, source: str, number: int, row: Row) -> Row:
    """Write the picture of a row; return the rest, and the name of the picture before it."""
    is_celeba = {*attributes.NAMES} <= row.keys()
    pictures = {name: content for name, value in row.items() if (content := _content(value))}
    if len(pictures) != 1:
        raise FacegenError(
            f"{root / source}: expected one column of pictures, found {', '.join(pictures) or 'none'} "
            f"among {', '.join(row)}."
        )
    ((image, content),) = pictures.items()
    kind = next((kind for magic, kind in KINDS.items() if content.startswith(magic)), ".jpg")
    stem = f"{number + 1:06d}{kind}"
    name = f"{celeba.PICTURES if is_celeba else 'pictures'}/{stem}"
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_bytes(content)  # half of one may stay there, but then no table does
    told = _plain({key: value for key, value in row.items() if key != image})
    split = PARTS.get(PurePosixPath(source).name.partition("-")[0].casefold())
    told |= {"partition": split} if split else {}
    return {"file": stem if is_celeba else name} | {key: told[key] for key in told if key != "file"}


def _content(value: object) -> bytes | None:
    """The bytes of a picture in a cell, if it is one."""
    if isinstance(value, dict):
        value = value.get("bytes")
    return value if isinstance(value, bytes) else None
