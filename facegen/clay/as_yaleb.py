"""A folder of clay in the format of the Extended Yale Face Database B: one person under many lights, grey.

yaleB01/yaleB01_P00A+035E-20.pgm is person 01 in pose 00; the lamp stands 35 degrees to the right of the
picture and 20 degrees below. 168x192, as the cropped set. There are no pictures without a lamp (`_Ambient`).

The lights are Yale's 64. Which way its poses look is clay's own choice: 00 to the front, 01 to 05 turned by
12 degrees and 06 to 08 by 24, each towards another side.
"""

import os
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from facegen.clay import writer
from facegen.clay.celeba_people import SEX, add, identity
from facegen.clay.face import Face, face
from facegen.clay.rafd_people import grooming
from facegen.clay.render import draw
from facegen.utils.errors import FacegenError

WIDTH, HEIGHT = 168, 192
NUMBERS = tuple(n for n in range(1, 40) if n != 14)  # Yale has no 14, either
Light = tuple[int, int]  # degrees of azimuth, to the right of the picture, and of elevation
_RIGHT = {
    5: (10, -10), 10: (0, -20), 15: (20,), 20: (10, -10, -40), 25: (0,), 35: (15, 40, 65, -20), 50: (0, -40),
    60: (20, -20), 70: (0, 45, -35), 85: (20, -20), 95: (0,), 110: (15, 40, 65, -20), 120: (0,), 130: (20,),
}  # fmt: skip
LIGHTS: tuple[Light, ...] = (
    *((0, elevation) for elevation in (0, 20, 45, 90, -20, -35)),
    *((side * azimuth, e) for azimuth, all_e in _RIGHT.items() for e in all_e for side in (1, -1)),
)
POSES = (  # (yaw, pitch) in degrees
    (0, 0), (0, 12), (8, 8), (12, 0), (8, -8), (0, -12), (17, 17), (24, 0), (17, -17),
)  # fmt: skip
GREY = np.array([0.299, 0.587, 0.114])
NAME = re.compile(r"yaleB(\d\d)_P(\d\d)A([+-]\d{3})E([+-]\d\d)\.pgm")
LAMP = {
    "flash": 1.0, "key": 0.95, "ambient": 0.06, "track": 0.6, "zoom": 0.56, "eye_row": 0.34,
    "backdrop_top": (0.10, 0.10, 0.10), "backdrop_bottom": (0.06, 0.06, 0.06),
    "shirt_colour": (0.25, 0.25, 0.27), "neckline": 0.2,
}  # fmt: skip


def file_name(number: int, pose: int, light: Light) -> str:
    """The name of a picture.

    Example:
        >>> file_name(1, 0, (35, -20))
        'yaleB01_P00A+035E-20.pgm'
    """
    return f"yaleB{number:02d}_P{pose:02d}A{light[0]:+04d}E{light[1]:+03d}.pgm"


def sitter(number: int, pose: int = 0, light: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> Face:
    """Return the Face of one of Yale's people under a lamp.

    Args:
        number: 1 to 39, without 14.
        pose: 0 (frontal) to 8.
        light: azimuth to the right of the picture and elevation in degrees; any, not only one of `LIGHTS`.
        seed: other people.

    Raises:
        FacegenError: there is no such person or pose.

    Example:
        >>> from facegen import clay
        >>> left, right = (clay.sitter(1, light=(azimuth, 0)).light for azimuth in (-90, 90))
        >>> left[0], right[0]
        (-1.0, 1.0)
    """
    if number not in NUMBERS:
        raise FacegenError(f"no person {number} in Yale B: expected 1 to 39 without 14")
    if not 0 <= pose < len(POSES):
        raise FacegenError(f"no pose {pose}: expected 0 to {len(POSES) - 1}")
    rng = np.random.default_rng([seed, 8, number])
    fields, u = identity(rng, spread=1.5), rng.random(12)
    fields = {**fields, **grooming("M" if number % 2 else "F", u), "skin": fields["skin"]}
    add(fields, SEX[bool(number % 2)])
    azimuth, elevation = np.radians(light)
    toward = (np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation))
    yaw, pitch = POSES[pose]
    return face(**{**fields, **LAMP, "light": toward, "yaw": yaw, "body_yaw": yaw, "pitch": pitch})


def picture(face: Face, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return a face as the set shows it: uint8 (height, width), grey."""
    return np.round(draw(face, width, height) @ GREY).astype(np.uint8)


def shown(note: Mapping, name: str) -> Face:
    """The Face that a picture of a folder with this note shows."""
    number, pose, azimuth, elevation = map(int, NAME.fullmatch(name).groups())
    return sitter(number, pose, (azimuth, elevation), note["fixed"]["seed"])


def size(note: Mapping) -> tuple[int, int]:
    """(width, height) of the pictures of a folder with this note."""
    return WIDTH, HEIGHT


def yaleb(
    folder: str | os.PathLike,
    people: int = len(NUMBERS),
    poses: Sequence[int] = (0,),
    seed: int = 0,
    workers: int = 2,
    progress: bool = True,
) -> Path:
    """Write the first `people` of Yale B's numbers, each pose under each of the 64 lights, and return the
    folder.

    A picture depends on its name and the seed alone, so a folder may be made again with more people or
    poses, which only adds pictures, and goes on where it stopped when interrupted.

    Raises:
        FacegenError: a value out of its range; a folder that was begun with another seed or with more than is
            asked for now, or that clay didn't begin.

    Example:
        >>> from facegen import clay
        >>> clay.yaleb("lights", people=40)
        Traceback (most recent call last):
        ...
        facegen.utils.errors.FacegenError: people: expected 1 to 38, got 40
    """
    if not 1 <= people <= len(NUMBERS):
        raise FacegenError(f"people: expected 1 to {len(NUMBERS)}, got {people}")
    if not poses or any(pose not in range(len(POSES)) for pose in poses):
        raise FacegenError(f"poses: expected some of 0 to {len(POSES) - 1}, got {poses}")
    folder, poses = Path(folder), sorted({int(pose) for pose in poses})
    fixed, extent = {"format": "yaleb", "seed": int(seed)}, {"people": int(people), "poses": poses}
    if writer.open_folder(folder, fixed, extent):
        return folder
    shots = list(product(NUMBERS[:people], poses, LIGHTS))
    for number in NUMBERS[:people]:
        (folder / f"yaleB{number:02d}").mkdir(exist_ok=True)
    names = [f"yaleB{shot[0]:02d}/{file_name(*shot)}" for shot in shots]
    writer.fill(folder, names, lambda i: picture(sitter(*shots[i], seed=seed)), workers, progress)
    writer.close_folder(folder, fixed, extent)
    return folder
