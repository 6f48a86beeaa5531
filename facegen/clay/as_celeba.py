"""A folder of clay in CelebA's format, to the byte: whatever reads CelebA reads it.

    img_align_celeba/000001.jpg ...   178x218
    list_attr_celeba.txt              a count, the names, -1 or 1 for each
    list_eval_partition.txt           0 train, 1 validation, 2 test: in a row, no person in two of them
    identity_CelebA.txt               a number for each person

The tables are written last: a folder without them isn't finished.
"""

import os
from pathlib import Path

import numpy as np

from facegen import files
from facegen.attributes import NAMES
from facegen.clay import studio
from facegen.clay.camera import draw
from facegen.clay.crowd import MOST, Crowd
from facegen.errors import FacegenError

WIDTH, HEIGHT = 178, 218
DETAIL = 0.5  # pictures are drawn at half their size and enlarged: photographs are no sharper
QUALITY = 92
FEWEST = 2 * MOST + 1  # so that there are three people, one for each partition
PICTURES = "img_align_celeba"
TABLES = ("list_attr_celeba.txt", "list_eval_partition.txt", "identity_CelebA.txt")


def partitions(identity: np.ndarray) -> np.ndarray:
    """Return 0, 1 or 2 for each picture: about 80, 10 and 10 per cent, cut only between two people.

    identity: ascending numbers of at least three people.
    """
    starts = np.flatnonzero(np.diff(identity, prepend=0))  # first picture of each person
    nearest = [int(np.abs(starts - share * len(identity)).argmin()) for share in (0.8, 0.9)]
    test = max(nearest[1], 2)
    validation = min(max(nearest[0], 1), test - 1)
    return np.searchsorted(starts[[validation, test]], np.arange(len(identity)), side="right")


def tables(crowd: Crowd, names: list[str]) -> dict[str, str]:
    """Return the text of each table, with CelebA's padding, trailing blank and line ends (CRLF)."""
    rows = []
    for i, name in enumerate(names):
        on = crowd.attributes(i)
        rows.append(f"{name} " + " ".join(f"{1 if on[attribute] else -1:2d}" for attribute in NAMES))
    identity = crowd.identity
    lines = {
        TABLES[0]: [str(len(names)), " ".join(NAMES) + " ", *rows],
        TABLES[1]: [f"{name} {part}" for name, part in zip(names, partitions(identity), strict=True)],
        TABLES[2]: [f"{name} {person}" for name, person in zip(names, identity, strict=True)],
    }
    return {name: "\r\n".join(text) + "\r\n" for name, text in lines.items()}


def celeba(
    folder: str | os.PathLike, count: int, seed: int = 0, workers: int = 2, progress: bool = True
) -> Path:
    """Write `count` pictures in CelebA's format and return the folder.

    Picture i depends on (seed, i) alone: the number of workers changes nothing, and a folder may be made
    again with a larger count, which only adds pictures. When interrupted it goes on where it stopped.

    Raises:
        FacegenError: fewer than 13 pictures; a folder that was begun with another seed or a larger count,
            or that clay didn't begin.
    """
    if count < FEWEST:
        raise FacegenError(f"count: expected {FEWEST} or more (three people at least), got {count}")
    folder = Path(folder)
    fixed, extent = {"format": "celeba", "seed": int(seed)}, {"count": int(count)}
    if studio.open_folder(folder, fixed, extent):
        return folder
    for table in TABLES:
        (folder / table).unlink(missing_ok=True)
    pictures = folder / PICTURES
    pictures.mkdir(exist_ok=True)
    crowd, names = Crowd(count, seed), [f"{i:06d}.jpg" for i in range(1, count + 1)]

    def picture(i: int) -> np.ndarray:
        return draw(crowd.face(i), WIDTH, HEIGHT, detail=DETAIL)

    studio.fill(pictures, names, picture, workers, progress, QUALITY)
    for table, text in tables(crowd, names).items():
        files.write_text(folder / table, text)
    studio.close_folder(folder, fixed, extent)
    return folder
