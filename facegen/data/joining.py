"""Rows of a table and the pictures they belong to: joined by name, never by order; and what is left over."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from facegen.data import storage
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger


@dataclass(frozen=True)
class Joined:
    """What fits together, and what does not.

    Attributes:
        paths: of the pictures that have a row, sorted.
        rows: the number of each one's row, int64 (n,).
        missing: names of rows without a picture.
        strays: paths of pictures without a row, sorted.
    """

    paths: tuple[str, ...]
    rows: np.ndarray
    missing: tuple[str, ...]
    strays: tuple[str, ...]


def key(name: str) -> str:
    """What two names have in common that mean the same picture, however they are written.

    Example:
        >>> key(".\\\\more\\\\a\\u0308.jpg") == key("more/\\u00e4.jpg")
        True
    """
    plain = name.replace("\\", "/").removeprefix("./").strip()
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


def by_key(root: Path, pictures: Iterable[str], key: Callable[[str], str] = key) -> dict[str, str]:
    """Key -> path of each picture.

    Raises:
        FacegenError: two pictures have the same key.
    """
    paths: dict[str, str] = {}
    for path in pictures:
        other = paths.setdefault(key(path), path)
        if other != path:
            raise FacegenError(f"{root}: two pictures of one name: {other} and {path}; take one away.")
    return paths


def join(
    root: Path,
    table: Path,
    names: Mapping[str, str],
    pictures: Mapping[str, str],
    missing: str,
    aside: Collection[str] = (),
    spare: bool = False,
) -> Joined:
    """Join the rows of a table to the pictures of the same name.

    Args:
        root: where the pictures lie, to look there for what is missing.
        table: for messages.
        names: of the rows, key -> as it is written.
        pictures: key -> path.
        missing: "raise" or "skip", see `settle`.
        aside: keys of pictures in quarantine; their rows are left out without a word.
        spare: whether a row may have no picture, as where a table is of more than one has.

    Raises:
        FacegenError: some do not fit, and missing is "raise"; or none fits.
    """
    row = {name: number for number, name in enumerate(names)}
    without = tuple(names[name] for name in names if name not in pictures and name not in aside)
    strays = tuple(sorted(path for name, path in pictures.items() if name not in row))
    joined = sorted((path, row[name]) for name, path in pictures.items() if name in row)
    if spare and joined and without:
        logger.info("%s: %s of its rows have no picture here: not used.", table, f"{len(without):,}")
        check_unmatched(root, table, (), strays, missing)
    else:
        check_unmatched(root, table, without, strays, missing if joined else "raise")
    paths = tuple(path for path, _ in joined)
    return Joined(paths, np.array([number for _, number in joined], np.int64), without, strays)


def check_unmatched(
    root: Path, where: Path, without: Sequence[str], strays: Sequence[str], missing: str
) -> None:
    """Decide about rows without a picture and pictures without a row.

    With missing="raise" either is an error; with "skip" they are left out, and that is said. The message
    tells what seems to be the reason.
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
    text = f"{where}: {'; '.join(found)}{_reason(root, without, strays)}"
    if missing == "raise":
        raise FacegenError(f"{text}. Complete the folder, or leave them out with missing='skip'.")
    logger.warning("%s: left out.", text)


def _reason(root: Path, without: Sequence[str], strays: Sequence[str]) -> str:
    """Why names seem not to meet ("" if that is not known): what is alike in them, or lies there."""
    alike: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("only the case of the names differs", str.casefold),
        ("only the endings differ", lambda name: name.rpartition(".")[0] or name),
        ("only the folders differ", lambda name: name.rpartition("/")[2]),
        ("only the endings and folders differ", _bare),
        ("only zeros before the number differ", lambda name: _bare(name).lstrip("0")),
    )
    for what, part in alike:
        here = {part(key(path)): path for path in reversed(strays)}
        for name in without:
            if other := here.get(part(key(name))):
                return f". Of {name} and {other}, {what}"
    there = [reason for name in without[:100] if (reason := storage.why_not(root, name))]
    reason = there[0] if there else storage.packed(root) if without else ""
    return f". {reason}" if reason else ""


def _bare(name: str) -> str:
    return PurePosixPath(name).stem
