"""Which data set a folder is, and reading it: a folder of pictures on disk -> `FaceSet`.

A new data set is one module with `found(path)`, `read(path, **options)` and `LOOKED_FOR`, named below. It
may have `doubts(faces)`, which names labels that contradict each other, and `EVERYTHING`, the options with
which nothing is left out.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from facegen.data import celeba, custom, hints, jaffe, rafd, storage, yaleb
from facegen.data.dataset import FaceSet
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

READERS = (custom, celeba, rafd, yaleb, jaffe)


def read(folder: str | Path, **options) -> FaceSet:
    """Read a data set of faces, recognised by what is in it.

    Args:
        folder: the folder or .zip of CelebA, RaFD, Extended Yale B or JAFFE, or a folder of your own
            pictures with a conditions.csv.
        **options: of the reader: `celeba.read`, `rafd.read`, `yaleb.read`, `jaffe.read` or `custom.read`
            of `facegen.data`.

    Raises:
        FacegenError: it is none of these, an option does not exist, or the set has a fault.

    Example:
        >>> read("celeba")
        <FaceSet celeba: 8 faces of celeba (5 train, 1 validation, 2 test); attributes 40>
        >>> read("rafd").names["orientation"]
        ('sin', 'cos')
    """
    chosen, path = recognised(Path(folder))
    known = [*inspect.signature(chosen.read).parameters][1:]
    if unknown := options.keys() - {*known}:
        name = chosen.__name__.rpartition(".")[2]
        raise FacegenError(
            f"{path} ({name}): no option {', '.join(sorted(unknown))}; there are {', '.join(known)}."
        )
    return chosen.read(path, **options)


def recognised(path: Path) -> tuple[ModuleType, Path]:
    """The module that reads the data set there, and where it is: a set may lie in a folder of its own.

    Raises:
        FacegenError: there is none, or there are several.
    """
    if not path.is_dir() and not (path.is_file() and storage.is_archive(path)):
        raise FacegenError(f"{path}: {hints.of_file(path)}")
    if module := _reader(path):
        return module, path
    inside = [*_below(path)]
    if len(inside) == 1:
        logger.info("%s: the set in it is read, %s.", path, inside[0][1].relative_to(path))
        return inside[0]
    if inside:
        names = ", ".join(str(place.relative_to(path)) for _, place in inside)
        raise FacegenError(f"{path}: has several data sets of faces in it: name one of {names}.")
    wanted = "\n".join(f"- {module.LOOKED_FOR}" for module in READERS)
    told = " ".join(
        filter(None, ["no data set of faces is recognised.", hints.of_folder(path), "Looked for"])
    )
    raise FacegenError(f"{path}: {told}\n{wanted}")


def _reader(path: Path) -> ModuleType | None:
    return next((module for module in READERS if module.found(path)), None)


def _below(folder: Path, depth: int = storage.DEPTH) -> Iterator[tuple[ModuleType, Path]]:
    """The sets in a folder, in folders of their own or in an archive; none that is a part of another."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        packed = depth == storage.DEPTH and path.is_file() and storage.is_archive(path)
        if path.name.startswith(".") or not (path.is_dir() or packed):
            continue
        if module := _reader(path):
            yield module, path
        elif path.is_dir() and depth > 1:
            yield from _below(path, depth - 1)
