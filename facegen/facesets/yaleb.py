"""The Extended Yale Face Database B: up to 38 people, poses and lights (Georghiades et al., 2001).

A picture's name says everything: yaleB01_P00A+035E-20.pgm is person 01 in pose 00, lit from 35 degrees
to the right and 20 degrees below.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from facegen.errors import FacegenError
from facegen.facesets import rows, store
from facegen.facesets.faceset import WHOLE, FaceSet

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
    return any(map(_parse, store.pictures(path)))


def read(path: Path, missing: str = "raise") -> FaceSet:
    """Read Yale B, from a folder (pictures down to two folders below it) or a .zip.

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
    parsed = {name: _parse(name) for name in store.pictures(path) if not _ambient(name)}
    strays = tuple(name for name, parts in parsed.items() if not parts)
    rows.settle(path, (), strays, missing)
    taken = {name: parts for name, parts in parsed.items() if parts}
    if not taken:
        raise FacegenError(f"{path}: no picture of Yale B whose light has a direction.")
    conditions, names, identity = _conditions([*taken.values()])
    return FaceSet(
        kind="yaleb",
        root=path,
        paths=tuple(taken),
        conditions=conditions,
        names=names,
        partition=np.zeros(len(taken), np.int8),
        identity=identity,
        crop=WHOLE,
        channels=1,
        strays=strays,
    )


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
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]], np.ndarray]:
    identity = np.array([int(part["person"]) for part in parts], np.int32)
    pose = [int(part["pose"]) for part in parts]
    light = np.radians([[float(part["azimuth"]), float(part["elevation"])] for part in parts])
    people, person = np.unique(identity, return_inverse=True)
    turns = np.stack([np.sin(light), np.cos(light)], axis=-1)  # (n, azimuth and elevation, sin and cos)
    conditions = {
        "identity": np.eye(len(people), dtype=np.float32)[person],
        "pose": np.eye(len(POSES), dtype=np.float32)[pose],
        "lighting": turns.reshape(-1, 4).astype(np.float32),
    }
    names = {"identity": tuple(f"{number:02d}" for number in people), "pose": POSES, "lighting": LIGHTING}
    return conditions, names, identity
