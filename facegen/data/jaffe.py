"""JAFFE: ten Japanese women, each picture rated by 60 people for six emotions (Lyons et al., 1998).

A picture is called KA.AN1.39.tiff: person KA, posing anger for the first time, number 39. What it shows
stands in the table of semantic ratings, by that number.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from facegen.data import named, storage, tables
from facegen.data.dataset import FaceSet
from facegen.utils.errors import FacegenError

EMOTIONS = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
# The table's columns, in its order: N or # (number), these, PIC (the picture's name without its number).
COLUMNS = {"HAP": "happy", "SAD": "sad", "SUR": "surprised", "ANG": "angry", "DIS": "disgusted"}
COLUMNS["FEA"] = "fearful"
MOST = 9999  # number of a picture
TABLES = ("semantic-ratings.csv", "semantic-ratings.txt", "readme_first.txt", "a_readme_first.txt")
LOOKED_FOR = f"JAFFE: pictures named like KA.AN1.39.tiff, with {TABLES[0]} beside them"
NAME = re.compile(r"(?P<person>[A-Z]{2})\.(?P<pose>(?:AN|DI|FE|HA|NE|SA|SU)\d)\.(?P<number>\d+)")
MISPRINTS = 0.1  # of the rows may name another picture; beyond that the numbers do not belong together


def found(path: Path) -> bool:
    """Whether any picture has a name of JAFFE's form."""
    return named.found(path, _parse)


def read(path: Path, missing: str = "raise") -> FaceSet:
    """Read JAFFE, from a folder (pictures at most five folders below it) or a .zip.

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
    table, ratings = _ratings(path)

    def rated(name: str) -> re.Match | None:
        part = _parse(name)
        return part if part and int(part["number"]) in ratings else None

    taken, strays = named.parsed(path, rated, missing, where=table)
    if not taken:
        raise FacegenError(f"{table}: rates none of the pictures.")
    wrong = _misnamed(taken.values(), ratings)
    if len(wrong) > max(1, MISPRINTS * len(taken)):
        raise FacegenError(f"{table}: its numbers are those of other pictures: {'; '.join(wrong[:3])}.")
    people, person = np.unique([part["person"].upper() for part in taken.values()], return_inverse=True)
    scores = np.array([ratings[int(part["number"])][1] for part in taken.values()])
    conditions = {
        "identity": (named.one_hot(person, len(people)), [*map(str, people)]),
        "emotion": (_emotion(scores), EMOTIONS),
    }
    return named.faces("jaffe", path, [*taken], strays, conditions, person, channels=1)


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
    named_so = [name for name in storage.files(path) if PurePosixPath(name).name.lower() in TABLES]
    for name in sorted(named_so, key=lambda name: TABLES.index(PurePosixPath(name).name.lower())):
        text = _table(tables.decode(path / name, storage.data(path, name)))
        if text.strip():
            return path / name, _scores(tables.parse(path / name, text, blanks=True))
    raise FacegenError(
        f"{path}: has JAFFE's pictures but no table of ratings. Copy the authors' README_FIRST.txt to them, "
        f"or its table as {TABLES[0]}, whose first line is N,{','.join(COLUMNS)},PIC."
    )


def _table(text: str) -> str:
    """The first table of a text that has its columns, the other lines empty.

    A README has other text before the table, and after it a second one, of ratings without fear.
    """
    header, kept = [*COLUMNS, "PIC"], []
    for line in text.split("\n"):
        cells = re.split(r"[\s,;]+", line.replace('"', "").strip(" \t,;"))
        rows = len([*filter(None, kept)])
        if not rows:
            wanted = [cell.upper() for cell in cells[1:]] == header
        elif rows > 1 and cells[0] and not cells[0].isdigit():
            break
        else:
            wanted = cells[0].isdigit()  # below the names there may be a rule
        kept.append(line if wanted else "")
    return "\n".join(kept)


def _scores(table: tables.Table) -> dict[int, tuple[str, list[float]]]:
    number = tables.whole(0, MOST)
    table.first.convert(number)  # refuses what is none, with its line
    numbers = map(int, table.names(lambda cell: str(number(cell))))
    columns = [*table.columns.values()]
    scores = np.stack([column.convert(_score) for column in columns[1:-1]], axis=1)
    return dict(zip(numbers, zip(columns[-1].words(), scores.tolist(), strict=True), strict=True))


def _score(cell: str) -> float:
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        value = 0.0
    if not 1 <= value <= 5:
        raise ValueError("expected ratings from 1 to 5")
    return value


def _misnamed(parts: Iterable[re.Match], ratings: Mapping[int, tuple[str, list[float]]]) -> list[str]:
    """Numbers that have another name in the table; a few misprints are the authors' own."""
    wrong = []
    for part in parts:
        here, there = f"{part['person']}-{part['pose']}", ratings[int(part["number"])][0]
        if re.sub(r"\W", "-", there.upper()) != here:
            wrong.append(f"{part['number']} is {there} there and {here} here")
    return wrong
