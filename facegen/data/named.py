"""What the sets have in common whose pictures' names say what they show: RaFD, Yale B, JAFFE."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from facegen.data import joining, storage
from facegen.data.dataset import FaceSet

Parse = Callable[[str], re.Match | None]


def found(path: Path, parse: Parse) -> bool:
    """Whether any picture has a name of the set's form."""
    return any(map(parse, storage.pictures(path)))


def parsed(
    path: Path, parse: Parse, missing: str, pictures: Sequence[str] | None = None, where: Path | None = None
) -> tuple[dict[str, re.Match], tuple[str, ...]]:
    """What the names of a set's pictures say.

    Args:
        path: the folder or archive.
        parse: a picture's name -> its parts, or None where it says nothing.
        missing: what to do about the latter, see `joining.settle`.
        pictures: those to take; all if not given.
        where: what to name in messages; the folder if not given.

    Returns:
        Name -> its parts, and the names that say nothing.
    """
    found = {name: parse(name) for name in (storage.pictures(path) if pictures is None else pictures)}
    strays = tuple(name for name, part in found.items() if not part)
    joining.check_unmatched(path, where or path, (), strays, missing)
    return {name: part for name, part in found.items() if part}, strays


def faces(
    kind: str,
    path: Path,
    paths: Sequence[str],
    strays: tuple[str, ...],
    conditions: Mapping[str, tuple[np.ndarray, Sequence[str]]],
    identity: np.ndarray,
    **more,
) -> FaceSet:
    """The face set of training rows; `conditions` are name -> (values (n, width), names of the columns)."""
    return FaceSet(
        kind=kind,
        root=path,
        paths=tuple(paths),
        conditions={name: values.astype(np.float32) for name, (values, _) in conditions.items()},
        names={name: tuple(columns) for name, (_, columns) in conditions.items()},
        partition=np.zeros(len(paths), np.int8),
        identity=identity.astype(np.int32),
        strays=strays,
        **more,
    )


def one_hot(places: Sequence[int] | np.ndarray, width: int) -> np.ndarray:
    """A row for each place, with 1 there and else 0, float32 (n, width).

    Example:
        >>> one_hot([1, 0], 2).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.eye(width, dtype=np.float32)[places]
