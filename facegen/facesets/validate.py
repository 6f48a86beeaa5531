"""Is a data set whole? Every picture is really decoded, and everything odd is named."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from facegen.errors import FacegenError
from facegen.facesets import store
from facegen.facesets.faceset import PARTITIONS, FaceSet
from facegen.facesets.parallel import ordered


@dataclass(frozen=True)
class Report:
    """What `validate` found. Printed, it is a table; `ok` says whether nothing is wrong.

    Attributes:
        faces: the set, described in one line.
        pictures: how many were decoded, broken ones included.
        partitions: name -> rows.
        sizes: (width, height) -> pictures of that size.
        grey: pictures without any colour. No fault.
        broken: path -> what is wrong: empty, cut off, a web page in disguise, ...
        missing: rows without a picture.
        strays: pictures without a row.
        twins: groups of pictures of one file name, in different folders.
    """

    faces: str
    pictures: int
    partitions: dict[str, int]
    sizes: dict[tuple[int, int], int]
    grey: tuple[str, ...]
    broken: dict[str, str]
    missing: tuple[str, ...]
    strays: tuple[str, ...]
    twins: tuple[tuple[str, ...], ...]

    @property
    def ok(self) -> bool:
        """Whether every row has its one picture, and every picture is whole."""
        return not (self.broken or self.missing or self.strays or self.twins)

    def __str__(self) -> str:
        sizes = [f"{width} x {height} ({count:,} pictures)" for (width, height), count in self.sizes.items()]
        parts = [f"{name} {count:,}" for name, count in self.partitions.items()]
        broken = [f"{path} {reason}" for path, reason in self.broken.items()]
        twins = [" = ".join(paths) for paths in self.twins]
        rows = (
            ("pictures", f"{self.pictures:,}"),
            ("partitions", ", ".join(parts)),
            ("sizes", _some(sizes)),
            ("grey", _some(self.grey)),
            ("broken", _some(broken)),
            ("rows without picture", _some(self.missing)),
            ("pictures without row", _some(self.strays)),
            ("names used twice", _some(twins)),
            ("", "everything is in order" if self.ok else "NOT IN ORDER"),
        )
        return "\n".join([self.faces, *(f"{name:>21}  {value}" for name, value in rows)])

    __repr__ = __str__


def _some(things: Sequence[str], most: int = 3) -> str:
    """How many things there are, and the first of them, a line each."""
    if not things:
        return "none"
    lines = [*things[:most], *(["..."] if len(things) > most else [])]
    return ("\n" + " " * 23).join([f"{len(things):,}:", *lines])


def validate(faces: FaceSet, workers: int = 2, progress: bool = True) -> Report:
    """Decode every picture of a set, at full size, and report.

    Args:
        faces: read it with `missing="skip"` to have rows and pictures that do not fit in the report.
        workers: threads (decoding runs in parallel).
        progress: show a progress bar.
    """
    sizes, grey, broken = Counter(), [], {}
    looks = ordered(lambda path: _look(faces.root, path), faces.paths, workers)
    bar = tqdm(looks, "pictures decoded", len(faces), unit="", disable=not progress)
    for path, (size, colourless, fault) in zip(faces.paths, bar, strict=True):
        if fault:
            broken[path] = fault
            continue
        sizes[size] += 1
        if colourless:
            grey.append(path)
    return Report(
        faces=repr(faces),
        pictures=len(faces),
        partitions=dict(zip(PARTITIONS, np.bincount(faces.partition, minlength=3).tolist(), strict=True)),
        sizes=dict(sizes.most_common()),
        grey=tuple(grey),
        broken=broken,
        missing=faces.missing,
        strays=faces.strays,
        twins=_twins(faces.paths),
    )


def _look(root: Path, path: str) -> tuple[tuple[int, int], bool, str]:
    """Size, whether the picture has no colour, and what is wrong with it ("": nothing)."""
    try:
        picture = store.decode(store.data(root, path), "", "RGB")
    except FacegenError as error:
        return (0, 0), False, str(error).removeprefix(": ").removesuffix(".")
    return picture.size, _colourless(picture), ""


def _colourless(picture: Image.Image) -> bool:
    red, green, blue = (band.tobytes() for band in picture.split())
    return red == green == blue


def _twins(paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    return tuple(tuple(group) for group in by_name.values() if len(group) > 1)
