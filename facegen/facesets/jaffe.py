"""JAFFE: ten Japanese women, each picture rated by 60 people for six emotions (Lyons et al., 1998).

A picture is called KA.AN1.39.tiff: person KA, posing anger for the first time, number 39. What it shows
stands in the table of semantic ratings, by that number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from facegen.errors import FacegenError
from facegen.facesets import rows, store
from facegen.facesets.faceset import WHOLE, FaceSet

EMOTIONS = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
# The table's columns, in its order: N or # (number), these, PIC (the picture's name without its number).
COLUMNS = {"HAP": "happy", "SAD": "sad", "SUR": "surprised", "ANG": "angry", "DIS": "disgusted"}
COLUMNS["FEA"] = "fearful"
TABLES = ("semantic-ratings.csv", "semantic-ratings.txt", "readme_first.txt", "a_readme_first.txt")
LOOKED_FOR = f"JAFFE: pictures named like KA.AN1.39.tiff, with {TABLES[0]} beside them"
NAME = re.compile(r"(?P<person>[A-Z]{2})\.(?P<pose>(?:AN|DI|FE|HA|NE|SA|SU)\d)\.(?P<number>\d+)")
MISPRINTS = 0.1  # of the rows may name another picture; beyond that the numbers do not belong together


def found(path: Path) -> bool:
    """Whether any picture has a name of JAFFE's form."""
    return any(map(_parse, store.pictures(path)))


def read(path: Path, missing: str = "raise") -> FaceSet:
    """Read JAFFE, from a folder (pictures down to two folders below it) or a .zip.

    The conditions are identity (one column for each person present, by her initials) and emotion, as
    it was seen and not as it was posed: ratings from 1 to 5 become 0 to 1, neutral is 1 minus the
    strongest, and the seven together are of unit length. Everybody looks into the camera.

    The table is the authors' README_FIRST.txt, or that table copied from it: semantic-ratings.csv with
    the columns N,HAP,SAD,SUR,ANG,DIS,FEA,PIC. Some of its numbers have no picture; they are left out.
    The pictures are grey, 256 x 256, and are looked at whole.

    Args:
        path: the folder or archive.
        missing: what to do about pictures without a rating or with another name: "raise", or "skip"
            to leave them out with a warning.

    Raises:
        FacegenError: no table of ratings, a malformed line in it (naming it), a table of other pictures.
    """
    parsed = {name: _parse(name) for name in store.pictures(path)}
    table, ratings = _ratings(path)
    taken = {name: part for name, part in parsed.items() if part and int(part["number"]) in ratings}
    strays = tuple(name for name in parsed if name not in taken)
    rows.settle(table, (), strays, missing)
    if not taken:
        raise FacegenError(f"{table}: rates none of the pictures.")
    wrong = _misnamed(taken.values(), ratings)
    if len(wrong) > max(1, MISPRINTS * len(taken)):
        raise FacegenError(f"{table}: its numbers are those of other pictures: {'; '.join(wrong[:3])}.")
    people, person = np.unique([part["person"].upper() for part in taken.values()], return_inverse=True)
    return FaceSet(
        kind="jaffe",
        root=path,
        paths=tuple(taken),
        conditions={
            "identity": np.eye(len(people), dtype=np.float32)[person],
            "emotion": _emotion(np.array([ratings[int(part["number"])][1] for part in taken.values()])),
        },
        names={"identity": tuple(map(str, people)), "emotion": EMOTIONS},
        partition=np.zeros(len(taken), np.int8),
        identity=person.astype(np.int32),
        crop=WHOLE,
        channels=1,
        strays=strays,
    )


def doubts(faces: FaceSet) -> list[str]:
    """Pictures that the table calls otherwise."""
    return _misnamed(map(_parse, faces.paths), _ratings(faces.root)[1])


def _parse(name: str) -> re.Match | None:
    return NAME.fullmatch(PurePosixPath(name).stem.upper())


def _emotion(scores: np.ndarray) -> np.ndarray:
    """Ratings (n, 6) from 1 to 5, in the order of the table -> float32 (n, 7) of unit length."""
    seen = dict(zip(COLUMNS.values(), (scores.T - 1) / 4, strict=True))
    seen["neutral"] = 1 - np.max([*seen.values()], axis=0)
    values = np.stack([seen[emotion] for emotion in EMOTIONS], axis=1)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def _ratings(path: Path) -> tuple[Path, dict[int, tuple[str, list[float]]]]:
    """The table of ratings, and in it number -> (name of the picture, its six scores)."""
    tables = [name for name in store.files(path) if PurePosixPath(name).name.lower() in TABLES]
    for name in sorted(tables, key=lambda name: TABLES.index(PurePosixPath(name).name.lower())):
        content = store.data(path, name)
        if store.is_page(content):
            raise FacegenError(f"{path / name}: {store.WEB_PAGE}; download it again.")
        if ratings := _table(path / name, content.decode("utf-8-sig", "replace")):
            return path / name, ratings
    raise FacegenError(
        f"{path}: has JAFFE's pictures but no table of ratings. Copy the authors' README_FIRST.txt to them, "
        f"or its table as {TABLES[0]}, whose first line is N,{','.join(COLUMNS)},PIC."
    )


def _table(table: Path, text: str) -> dict[int, tuple[str, list[float]]]:
    ratings: dict[int, tuple[str, list[float]]] = {}
    for line, cells in _rows(text):
        number = int(cells[0])
        if len(cells) != len(COLUMNS) + 2:
            raise FacegenError(
                f"{table}, line {line}: expected a number, {len(COLUMNS)} ratings and a name, "
                f"found {' '.join(cells)!r}."
            )
        if number in ratings:
            raise FacegenError(f"{table}, line {line}: a second row for number {number}; expected one.")
        ratings[number] = cells[-1], [_score(table, line, cell) for cell in cells[1:-1]]
    return ratings


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of the rows below the first header: the lines that begin with a number.

    A README has other text before the table, and after it a second one, of ratings without fear.
    """
    header, began = [*COLUMNS, "PIC"], None
    for line, content in enumerate(text.splitlines(), 1):
        cells = re.split(r"[\s,;]+", content.replace('"', "").strip(" \t,;"))
        if cells[0].isdigit() and began is not None:
            began = True
            yield line, cells
        elif began and cells[0]:
            return
        elif [cell.upper() for cell in cells[1:]] == header:
            began = False


def _score(table: Path, line: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 5:
        raise FacegenError(f"{table}, line {line}: expected ratings from 1 to 5, found {cell!r}.")
    return value


def _misnamed(parts: Iterable[re.Match], ratings: Mapping[int, tuple[str, list[float]]]) -> list[str]:
    """Numbers that have another name in the table; a few misprints are the authors' own."""
    wrong = []
    for part in parts:
        here, there = f"{part['person']}-{part['pose']}", ratings[int(part["number"])][0]
        if re.sub(r"\W", "-", there.upper()) != here:
            wrong.append(f"{part['number']} is {there} there and {here} here")
    return wrong
