"""What a picture of clay shows, from its place in a folder alone: its Face, and what no label tells."""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np

from facegen.clay.face import Face
from facegen.clay.render import mask
from facegen.clay.writer import read_note
from facegen.utils.errors import FacegenError

FORMATS = ("celeba", "rafd", "yaleb")


def format_of(note: Mapping) -> ModuleType:
    """The module that draws the sets of a note's format."""
    if note["fixed"].get("format") not in FORMATS:
        raise FacegenError(
            f"clay's note: expected one of the formats {', '.join(FORMATS)}, found {note['fixed']}"
        )
    return import_module(f"facegen.clay.as_{note['fixed']['format']}")


def note_of(path: Path) -> dict:
    """The note of the folder that a picture of clay lies in, or in a folder of it."""
    for folder in list(path.absolute().parents)[:2]:
        if (note := read_note(folder)) is not None:
            return note
    raise FacegenError(f"{path}: expected a picture in a folder that clay has drawn.")


def shown(path: str | os.PathLike) -> Face:
    """The Face that a picture of clay shows, with its pose and light.

    Raises:
        FacegenError: the picture lies in no folder of clay.

    Example:
        >>> from facegen import clay
        >>> folder = clay.rafd("heads", people=1, angles=[90], width=16, progress=False)
        >>> clay.shown(folder / "Rafd090_01_Caucasian_female_happy_frontal.jpg") == clay.model(1, "happy")
        True
    """
    note = note_of(Path(path))
    return format_of(note).shown(note, Path(path).name)


def mask_of(path: str | os.PathLike) -> np.ndarray:
    """Which pixels of a picture of clay show the person: bool, at the picture's size (see `mask`).

    Raises:
        FacegenError: the picture lies in no folder of clay.

    Example:
        >>> from facegen import clay
        >>> folder = clay.rafd("heads", people=1, angles=[90], width=16, progress=False)
        >>> person = clay.mask_of(folder / "Rafd090_01_Caucasian_female_happy_frontal.jpg")
        >>> person.shape, bool(person[12, 8]), bool(person[0, 0])
        ((24, 16), True, False)
    """
    note = note_of(Path(path))
    module = format_of(note)
    return mask(module.shown(note, Path(path).name), *module.size(note))
