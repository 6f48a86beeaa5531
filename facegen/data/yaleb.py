"""The Extended Yale Face Database B: up to 38 people, poses and lights (Georghiades et al., 2001).

A picture's name says everything: yaleB01_P00A+035E-20.pgm is person 01 in pose 00, lit from 35 degrees
to the right and 20 degrees below.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from facegen.data import named, storage
from facegen.data.dataset import FaceSet
from facegen.utils.errors import FacegenError

POSES = tuple(f"{pose:02d}" for pose in range(10))
LIGHTING = ("sin azimuth", "cos azimuth", "sin elevation", "cos elevation")
LOOKED_FOR = "Extended Yale B: pictures named like yaleB01_P00A+035E-20.pgm"
NAME = re.compile(
    r"yaleB(?P<person>\d+)_P(?P<pose>0\d)A(?P<azimuth>[+-]\d+)E(?P<elevation>[+-]\d+)", re.IGNORECASE
)
FOLDER = re.compile(r"yaleB(\d+)/", re.IGNORECASE)
AMBIENT = re.compile(r"yaleB\d+_P\d+_Ambient", re.IGNORECASE)


def found(path: Path) -> bool:
    """Whether any picture has a name of Yale B's form."""
    return named.found(path, _parse)


def read(path: Path, missing: str = "raise") -> FaceSet:
    """Read Yale B, from a folder (pictures at most five folders below it) or a .zip.

    The conditions are identity (one column for each person present, in the order of Yale's numbers),
    pose (always ten: 00 is frontal) and lighting: sine and cosine of the light's azimuth, then of its
    elevation. Combinations may be absent. Left out are the pictures without a flash (`_Ambient.pgm`),
    whose light has no direction and some of which are of another size, and the files that Yale marked
    as damaged (`.pgm.bad`).

    The pictures are grey and are looked at whole: 168 x 192 in the cropped set, which shows the face
    and nothing else; 640 x 480 in the original one.

    Args:
        path: the folder or archive.
        missing: what to do about pictures whose name does not tell what they show: "raise", or
            "skip" to leave them out with a warning.
    """
    lit = [name for name in storage.pictures(path) if not _ambient(name)]
    taken, strays = named.parsed(path, _parse, missing, lit)
    if not taken:
        raise FacegenError(f"{path}: no picture of Yale B whose light has a direction.")
    return named.faces("yaleb", path, [*taken], strays, *_conditions([*taken.values()]), channels=1)


def doubts(faces: FaceSet) -> Iterator[str]:
    """Pictures in the folder of another person."""
    for path, person in zip(faces.paths, faces.identity, strict=True):
        if (folder := FOLDER.search(path)) and int(folder[1]) != person:
            yield f"{path}: person {person:02d} in the folder of {folder[1]}"


def _parse(name: str) -> re.Match | None:
    return NAME.fullmatch(PurePosixPath(name).stem)


def _ambient(name: str) -> bool:
    return AMBIENT.fullmatch(PurePosixPath(name).stem) is not None


def _conditions(
    parts: Sequence[re.Match],
) -> tuple[dict[str, tuple[np.ndarray, Sequence[str]]], np.ndarray]:
    identity = np.array([int(part["person"]) for part in parts])
    pose = [int(part["pose"]) for part in parts]
    light = np.radians([[float(part["azimuth"]), float(part["elevation"])] for part in parts])
    people, person = np.unique(identity, return_inverse=True)
    turns = np.stack([np.sin(light), np.cos(light)], axis=-1)  # (n, azimuth and elevation, sin and cos)
    conditions = {
        "identity": (named.one_hot(person, len(people)), [f"{number:02d}" for number in people]),
        "pose": (named.one_hot(pose, len(POSES)), POSES),
        "lighting": (turns.reshape(-1, 4), LIGHTING),
    }
    return conditions, identity
