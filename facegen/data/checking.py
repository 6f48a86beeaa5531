"""Will a training on this data set run to its end? And if not: what to do, and doing it."""

import logging
import os
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from types import ModuleType

from facegen.data import storage
from facegen.data.dataset import FaceSet
from facegen.data.reader import recognised
from facegen.data.validation import Report, names_and_numbers, validate
from facegen.utils.errors import FacegenError
from facegen.utils.logging import at_least


def check(
    folder: str | Path, workers: int | None = None, progress: bool = True, processes: bool = False
) -> Report:
    """Read a data set, with all that its reader would leave out by default, and look at every picture.

    Args:
        folder: as for `facegen.read`.
        workers: pictures decoded at a time; as many as there are cores if not given.
        progress: show a progress bar.
        processes: decode many pictures in processes, not threads, so that Python's global lock holds
            nobody up; the main program has to be one that may be imported.

    Raises:
        FacegenError: the set cannot be read at all; the message says where its tables are at fault.
    """
    reader, faces = _read(folder)
    doubts = reader.doubts(faces) if hasattr(reader, "doubts") else ()
    return validate(faces, workers, progress, doubts, processes)


def quarantine(folder: str | Path, report: Report) -> tuple[Report, int]:
    """Move what is broken, and pictures without a row, into `.quarantine` in the set's folder.

    They keep their folders and names there, and moving them back undoes it. Nothing else is touched:
    no table changes, and `facegen.read` passes over the rows of pictures in quarantine.

    Returns:
        The report as it is now, and how many pictures were moved.

    Raises:
        FacegenError: the pictures are in a .zip, or cannot be moved.
    """
    bad = (*report.broken, *report.strays)
    with at_least(logging.ERROR):  # it has been said
        root = _read(folder)[1].root
    if bad and root.is_file():
        raise FacegenError(
            f"{root}: {bad[0]} is in a .zip, and nothing is moved out of that; unpack it, move the .zip "
            "away, and check again."
        )
    for name in bad:
        target = _free(root / storage.ASIDE / name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(root / name, target)
        except OSError as error:  # no right to, or another disk behind a link
            raise FacegenError(
                f"{root / name}: cannot be moved to {target} ({error.strerror}). It stays where it is; move "
                "it out of the set yourself."
            ) from error
    with at_least(logging.ERROR):
        return replace(report, broken={}, **names_and_numbers(_read(folder)[1])), len(bad)


def _read(folder: str | Path) -> tuple[ModuleType, FaceSet]:
    """A set's reader, and all of the set: what fits together of it, the rest in `missing` and `strays`."""
    reader, path = recognised(Path(folder))
    return reader, reader.read(path, missing="skip", **getattr(reader, "EVERYTHING", {}))


def _free(path: Path) -> Path:
    """This path, or one like it that is not taken by what was moved here before."""
    names = chain([path], (path.with_stem(f"{path.stem}~{number}") for number in count(2)))
    return next(name for name in names if not name.exists())
