"""What to do with what is there instead of a face set."""

from collections.abc import Iterator
from pathlib import Path

from facegen.data import celeba, conversion, custom, storage
from facegen.data.custom import TABLE

TABLES = (".csv", ".csv.txt", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".jsonl")


def of_file(path: Path) -> str:
    """What is wrong with a path that is neither a folder nor a .zip archive."""
    if not path.exists():
        return "there is no such folder or .zip archive."
    if storage.PACKED.search(path.name):
        return "is an archive of a kind that is not read: unpack it, and name the folder that comes of it."
    return "is a file: expected a folder with pictures and their table, or a .zip archive of them."


def of_folder(path: Path) -> str:
    """What could become a set in a folder or .zip archive, and how, in a sentence ("": nothing is known)."""
    return next(_sentences(path), "")


def _sentences(path: Path) -> Iterator[str]:
    names, pictures = storage.files(path), storage.pictures(path)
    tables = [name for name in names if "/" not in name and name.lower().endswith(TABLES)]
    known = [name for name in names if name.rpartition("/")[2].startswith(celeba.ATTRIBUTES)]
    command = f"`facegen data table {path}`" if path.is_dir() else "Once it is unpacked, `facegen data table`"
    if conversion.parquet_files(names):
        yield f"{command} unpacks the parquet files in it."
    if described := conversion.metadata_files(names):
        yield f"{command} writes {TABLE}, of {described[0]}."
    if known:
        yield f"{known[0]} looks like CelebA's table: call it {celeba.ATTRIBUTES[0]}.txt, or .csv."
    if pictures and path.is_dir() and any(reader.found(path.parent) for reader in (custom, celeba)):
        yield f"Its table lies in {path.parent}: name that folder."
    if packed := storage.packed(path):
        yield f"{packed}."
    if any(f"{celeba.PICTURES}/" in f"/{name}" for name in pictures):
        yield f"It has CelebA's pictures without their table: put {celeba.ATTRIBUTES[0]}.txt beside them."
    if tables and pictures:
        yield f"If {tables[0]} says what the pictures show: save it as {TABLE}, in UTF-8."
    if any("/" in name for name in pictures):
        yield f"Its pictures lie in folders: if these say what they show, {command} writes that table."
    if pictures:
        yield f"It has pictures ({len(pictures):,}), and no table that says what they show: {TABLE}."
