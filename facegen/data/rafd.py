"""The Radboud Faces Database: 67 people, 8 emotions, 3 gazes, 5 camera angles (Langner et al., 2010).

A picture's name says everything: Rafd090_01_Caucasian_female_angry_frontal.jpg.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from facegen.data import named
from facegen.data.dataset import FaceSet
from facegen.utils.errors import FacegenError

EMOTIONS = ("angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
GAZES = ("left", "frontal", "right")
LOOKED_FOR = "RaFD: pictures named like Rafd090_01_Caucasian_female_angry_frontal.jpg"
NAME = re.compile(
    r"Rafd(?P<angle>\d+(?:\.\d+)?)_(?P<person>\d+)_(?P<group>Caucasian|Moroccan|Kid)_(?P<sex>male|female)"
    rf"_(?P<emotion>{'|'.join(EMOTIONS)})_(?P<gaze>{'|'.join(GAZES)})"
)
EVERYTHING = {"people": "all", "gazes": GAZES}  # options of `read` that leave nothing out
# 24 of 681 pixels off either side, 48 of 1024 off the top, then height : width = 5 : 4.
CROP = (24 / 681, 48 / 1024, 657 / 681, (48 + 633 * 5 / 4) / 1024)


def found(path: Path) -> bool:
    """Whether any picture has a name of RaFD's form."""
    return named.found(path, _parse)


def read(
    path: Path,
    people: str = "adults",
    gazes: Sequence[str] = ("frontal",),
    missing: str = "raise",
) -> FaceSet:
    """Read RaFD, from a folder (pictures at most five folders below it) or a .zip.

    The conditions are identity (one column for each person present, in the order of RaFD's numbers),
    emotion (always eight) and orientation: sine and cosine of the camera's angle minus 90 degrees.
    Combinations of person, emotion and angle may be absent.

    Args:
        path: the folder or archive.
        people: "adults", or "all" to have the ten children too.
        gazes: which of "left", "frontal", "right" to take.
        missing: what to do about pictures whose name does not tell what they show: "raise", or
            "skip" to leave them out with a warning.
    """
    gazes = (gazes,) if isinstance(gazes, str) else tuple(gazes)
    if people not in ("adults", "all") or not gazes or not {*gazes} <= {*GAZES}:
        raise FacegenError(
            f"people={people!r}, gazes={gazes}: expected 'adults' or 'all', and some of {', '.join(GAZES)}."
        )
    parsed, strays = named.parsed(path, _parse, missing)
    taken = {
        name: part
        for name, part in parsed.items()
        if part["gaze"] in gazes and (people == "all" or part["group"] != "Kid")
    }
    if not taken:
        raise FacegenError(f"{path}: no picture of {people} with gaze {', '.join(gazes)}.")
    return named.faces("rafd", path, [*taken], strays, *_conditions([*taken.values()]), crop=CROP)


def doubts(faces: FaceSet) -> Iterator[str]:
    """People whom different names describe differently."""
    described: dict[str, dict[str, str]] = {}
    for path in faces.paths:
        part = _parse(path)
        described.setdefault(part["person"], {}).setdefault(f"{part['group']} {part['sex']}", path)
    for person, found in described.items():
        if len(found) > 1:
            yield f"person {person} is " + " and ".join(f"{who} ({path})" for who, path in found.items())


def _parse(name: str) -> re.Match | None:
    return NAME.fullmatch(PurePosixPath(name).stem)


def _conditions(
    parts: Sequence[re.Match],
) -> tuple[dict[str, tuple[np.ndarray, Sequence[str]]], np.ndarray]:
    identity = np.array([int(part["person"]) for part in parts])
    emotion = [EMOTIONS.index(part["emotion"]) for part in parts]
    angle = np.radians(np.array([float(part["angle"]) for part in parts]) - 90)
    people, person = np.unique(identity, return_inverse=True)
    conditions = {
        "identity": (named.one_hot(person, len(people)), [f"{number:02d}" for number in people]),
        "emotion": (named.one_hot(emotion, len(EMOTIONS)), EMOTIONS),
        "orientation": (np.stack([np.sin(angle), np.cos(angle)], axis=1), ("sin", "cos")),
    }
    return conditions, identity
