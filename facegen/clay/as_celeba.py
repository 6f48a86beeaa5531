"""A folder of clay in CelebA's format, to the byte: whatever reads CelebA reads it.

    img_align_celeba/000001.jpg ...   178x218
    list_attr_celeba.txt              a count, the names, -1 or 1 for each
    list_eval_partition.txt           0 train, 1 validation, 2 test: in a row, no person in two of them
    identity_CelebA.txt               a number for each person
    list_attr_celeba_true.txt         with label noise only: the labels without it
    odds.yaml, README.md              which attributes these people have and why; what the set is

The tables are written last: a folder without them isn't finished.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from facegen.clay import card, noise, writer
from facegen.clay.face import Face
from facegen.clay.odds import default
from facegen.clay.population import MOST, Population
from facegen.clay.render import draw
from facegen.conditions.attributes import NAMES
from facegen.utils import files
from facegen.utils.errors import FacegenError

WIDTH, HEIGHT = 178, 218
DETAIL = 0.5  # pictures are drawn at half their size and enlarged: photographs are no sharper
FEWEST = 2 * MOST + 1  # so that there are three people, one for each partition
PICTURES = "img_align_celeba"
TRUE, ODDS = "list_attr_celeba_true.txt", "odds.yaml"
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


def attribute_table(names: Sequence[str], values: np.ndarray) -> str:
    """CelebA's table of attributes, values (n, 40), with its padding, trailing blank and line ends (CRLF)."""
    rows = (
        f"{name} " + " ".join(f"{1 if on else -1:2d}" for on in row)
        for name, row in zip(names, values, strict=True)
    )
    return _lines([str(len(names)), " ".join(NAMES) + " ", *rows])


def tables(crowd: Population, names: Sequence[str], label_noise: float = 0.0) -> dict[str, str]:
    """Return the text of each table of a folder."""
    true = np.array([[*crowd.attributes(i).values()] for i in range(len(names))])
    values = noise.noisy(true, label_noise, crowd.seed) if label_noise else true
    part = partitions(crowd.identity)
    beside = {TRUE: attribute_table(names, true)} if label_noise else {}
    return beside | {
        TABLES[0]: attribute_table(names, values),
        TABLES[1]: _lines(f"{name} {number}" for name, number in zip(names, part, strict=True)),
        TABLES[2]: _lines(f"{name} {person}" for name, person in zip(names, crowd.identity, strict=True)),
    }


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def crowd_of(note: Mapping) -> Population:
    """The people of a folder with this note."""
    fixed = note["fixed"]
    return Population(note["extent"]["count"], fixed["seed"], fixed.get("odds"), fixed["backdrops"])


def shown(note: Mapping, name: str) -> Face:
    """The Face that a picture of a folder with this note shows."""
    return crowd_of(note).face(int(Path(name).stem) - 1)


def size(note: Mapping) -> tuple[int, int]:
    """(width, height) of the pictures of a folder with this note."""
    return WIDTH, HEIGHT


def celeba(
    folder: str | os.PathLike,
    count: int,
    seed: int = 0,
    workers: int = 2,
    progress: bool = True,
    backdrops: str = "varied",
    label_noise: float = 0.0,
    odds: Mapping | None = None,
) -> Path:
    """Write `count` pictures in CelebA's format and return the folder.

    Picture i depends on (seed, i) alone: the number of workers changes nothing, and a folder may be made
    again with a larger count, which only adds pictures. When interrupted it goes on where it stopped.

    Args:
        folder: where to.
        count: of pictures.
        seed: other people for another number.
        workers: pictures drawn at a time.
        progress: show a progress bar.
        backdrops: "varied", so that a face has to be told from what is behind it, or "plain".
        label_noise: the share of labels that are wrong, most where people disagree most (see `noise`); 0.09
            is about CelebA's. The true ones are then in list_attr_celeba_true.txt.
        odds: which attributes people have and which go together (see `odds.read`); default: clay's own.

    Raises:
        FacegenError: fewer than 13 pictures, or another value out of its range; a folder that was begun with
            other settings or a larger count, or that clay didn't begin.

    Example:
        >>> import facegen
        >>> folder = facegen.clay.celeba("people", 13, progress=False)
        >>> faces = facegen.read(folder)
        >>> faces.kind, len(faces), len(faces.names["attributes"])
        ('celeba', 13, 40)
    """
    if count < FEWEST:
        raise FacegenError(f"count: expected {FEWEST} or more (three people at least), got {count}")
    if not 0 <= label_noise <= noise.MOST:
        raise FacegenError(f"label_noise: expected 0 to {noise.MOST}, got {label_noise}")
    crowd, names = Population(count, seed, odds, backdrops), [f"{i:06d}.jpg" for i in range(1, count + 1)]
    folder = Path(folder)
    fixed = {"format": "celeba", "seed": int(seed), "backdrops": backdrops, "label_noise": float(label_noise)}
    fixed |= {"odds": dict(odds)} if odds and odds != default() else {}
    extent = {"count": int(count)}
    if writer.open_folder(folder, fixed, extent):
        return folder
    for table in TABLES:
        (folder / table).unlink(missing_ok=True)
    pictures = folder / PICTURES
    pictures.mkdir(exist_ok=True)

    def picture(i: int) -> np.ndarray:
        return draw(crowd.face(i), WIDTH, HEIGHT, detail=DETAIL)

    files.write_text(folder / ODDS, card.odds_text(crowd.odds))
    files.write_text(folder / "README.md", card.celeba(fixed, extent, crowd.odds))
    writer.fill(pictures, names, picture, workers, progress)
    for table, text in tables(crowd, names, label_noise).items():
        files.write_text(folder / table, text)
    writer.close_folder(folder, fixed, extent)
    return folder
