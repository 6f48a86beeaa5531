"""A folder of clay in RaFD's format: 8 emotions of each person, any camera angle, three gazes.

Rafd090_01_Caucasian_female_angry_frontal.jpg: angle, person, group, sex, emotion, gaze; 681x1024 by default.
"""

import os
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from facegen.clay import writer
from facegen.clay.face import Face
from facegen.clay.rafd_people import ADULTS, EMOTIONS, GAZES, GROUP, KINDS, NUMBERS, model
from facegen.clay.render import draw
from facegen.utils.errors import FacegenError

ANGLES = (0, 45, 90, 135, 180)
WIDTH, HEIGHT = 681, 1024
NAME = re.compile(r"Rafd([\d.]+)_(\d\d)_[A-Za-z]+_[a-z]+_([a-z]+)_([a-z]+)\.jpg")
SHARP = 240  # wider pictures are drawn at this width, or at half their own, and enlarged


def file_name(number: int, emotion: str, angle: float, gaze: str = "frontal") -> str:
    """Return the name of a picture; angles that aren't whole have a decimal point: Rafd022.5_..."""
    degrees = f"{angle:03.0f}" if angle == round(angle) else f"{angle:05.1f}"
    group, sex = GROUP[KINDS[number]]
    return f"Rafd{degrees}_{number:02d}_{group}_{sex}_{emotion}_{gaze}.jpg"


def chosen(people: int, children: bool) -> tuple[int, ...]:
    """Return the numbers of the first `people` adults and, if asked for, of the children among them."""
    if not 1 <= people <= len(ADULTS):
        raise FacegenError(f"people: expected 1 to {len(ADULTS)}, got {people}")
    last = NUMBERS[-1] if people == len(ADULTS) else ADULTS[people - 1]
    return tuple(n for n in NUMBERS if n <= last and (children or n in ADULTS))


def check(angles: Sequence[float], width: int, gazes: Sequence[str]) -> None:
    for angle in angles:
        if not 0 <= angle <= 180 or round(angle, 1) != angle:
            raise FacegenError(f"angles: expected 0 to 180 degrees with at most one decimal, got {angle}")
    for gaze in gazes:
        if gaze not in GAZES:
            raise FacegenError(f"gazes: expected some of {', '.join(GAZES)}, got {gaze!r}")
    if not angles or not gazes:
        raise FacegenError("angles and gazes: expected at least one of each")
    if width < 16:
        raise FacegenError(f"width: expected 16 pixels or more, got {width}")


def picture(
    number: int,
    emotion: str | Mapping[str, float],
    angle: float,
    gaze: str = "frontal",
    seed: int = 0,
    width: int = WIDTH,
) -> np.ndarray:
    """Return a picture as a set of that seed and width shows it; it may also be one that no set has.

    emotion: one of the eight, or a mixture {name: weight}: the sum of what each does to the face's muscles.
    angle: any.
    """
    height, detail = round(width * HEIGHT / WIDTH), min(1.0, max(SHARP / width, 0.5))
    return draw(model(number, emotion, angle, gaze, seed), width, height, detail=detail)


def shown(note: Mapping, name: str) -> Face:
    """The Face that a picture of a folder with this note shows."""
    angle, number, emotion, gaze = NAME.fullmatch(name).groups()
    return model(int(number), emotion, float(angle), gaze, note["fixed"]["seed"])


def size(note: Mapping) -> tuple[int, int]:
    """(width, height) of the pictures of a folder with this note."""
    return note["fixed"]["width"], round(note["fixed"]["width"] * HEIGHT / WIDTH)


def rafd(
    folder: str | os.PathLike,
    people: int = len(ADULTS),
    angles: Sequence[float] = ANGLES,
    width: int = WIDTH,
    gazes: Sequence[str] = ("frontal",),
    children: bool = False,
    seed: int = 0,
    workers: int = 2,
    progress: bool = True,
) -> Path:
    """Write the first `people` adults in RaFD's format (and the children numbered among them) and return the
    folder.

    A picture depends on its name, the seed and the width alone. So a folder may be made again with more
    people, angles or gazes, which only adds pictures, and goes on where it stopped when interrupted.

    Raises:
        FacegenError: a value out of its range; a folder that was begun with another seed or width, or with
            more than is asked for now, or that clay didn't begin.

    Example:
        >>> import facegen
        >>> folder = facegen.clay.rafd("heads", people=1, angles=[90], width=16, progress=False)
        >>> heads = facegen.read(folder)
        >>> len(heads), heads.names["emotion"][:3]
        (8, ('angry', 'contemptuous', 'disgusted'))
    """
    angles = [float(angle) for angle in angles]
    check(angles, width, gazes)
    numbers = chosen(people, children)
    folder = Path(folder)
    fixed = {"format": "rafd", "seed": int(seed), "width": int(width)}
    extent = {"people": people, "children": bool(children), "angles": sorted(angles), "gazes": sorted(gazes)}
    if writer.open_folder(folder, fixed, extent):
        return folder
    shots = list(product(numbers, EMOTIONS, sorted(set(angles)), sorted(set(gazes))))

    def one(i: int) -> np.ndarray:
        return picture(*shots[i], seed=seed, width=width)

    writer.fill(folder, [file_name(*shot) for shot in shots], one, workers, progress)
    writer.close_folder(folder, fixed, extent)
    return folder
