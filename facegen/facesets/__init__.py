"""Face sets: a folder of pictures on disk -> `FaceSet`, whatever the data set's own format.

A new data set is one module with `found(path)`, `read(path, **options)` and `LOOKED_FOR`, named below. It
may have `doubts(faces)`, which names labels that contradict each other, and `EVERYTHING`, the options with
which nothing is left out.
"""

import inspect
from pathlib import Path
from types import ModuleType

from facegen.errors import FacegenError
from facegen.facesets import celeba, jaffe, rafd, table, yaleb
from facegen.facesets.faceset import PARTITIONS, FaceSet
from facegen.facesets.validate import Report, validate

__all__ = ["PARTITIONS", "FaceSet", "Report", "read", "validate"]

READERS = (table, celeba, rafd, yaleb, jaffe)


def read(folder: str | Path, **options) -> FaceSet:
    """Read a data set of faces, recognised by what is in it.

    Args:
        folder: the folder or .zip of CelebA, RaFD, Extended Yale B or JAFFE, or a folder of your own
            pictures with a conditions.csv.
        **options: of the reader: `celeba.read`, `rafd.read`, `yaleb.read`, `jaffe.read` or `table.read`
            of `facegen.facesets`.

    Raises:
        FacegenError: it is none of these, an option does not exist, or the set has a fault.
    """
    path = Path(folder)
    chosen = reader(path)
    known = [*inspect.signature(chosen.read).parameters][1:]
    if unknown := options.keys() - {*known}:
        name = chosen.__name__.rpartition(".")[2]
        raise FacegenError(
            f"{path} ({name}): no option {', '.join(sorted(unknown))}; there are {', '.join(known)}."
        )
    return chosen.read(path, **options)


def reader(path: Path) -> ModuleType:
    """The module that reads the data set there; FacegenError where there is none."""
    if not path.is_dir() and not (path.is_file() and path.suffix.lower() == ".zip"):
        raise FacegenError(f"{path}: there is no such folder or .zip archive.")
    for module in READERS:
        if module.found(path):
            return module
    wanted = "\n".join(f"- {module.LOOKED_FOR}" for module in READERS)
    raise FacegenError(f"{path}: no data set of faces is recognised. Looked for\n{wanted}")
