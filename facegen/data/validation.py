"""Is a data set whole? Every picture is really decoded, and everything odd is named."""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import ExifTags, Image

from facegen.conditions.kinds import kinds
from facegen.data import storage
from facegen.data.dataset import PARTITIONS, FaceSet
from facegen.data.parallel import ordered_map
from facegen.utils.errors import FacegenError
from facegen.utils.progress import bar

MANY = 10_000  # pictures that are worth the start of processes
BUNCH = 100  # pictures

Image.init()
FORMATS = Image.registered_extensions()  # ".jpg" -> "JPEG"


@dataclass(frozen=True)
class Report:
    """What `validate` found. Printed, it is a table; `ok` says whether it can be trained on.

    Attributes:
        faces: the set, described in one line.
        conditions: what each one is read as, and the range of numbers in the training rows.
        pictures: how many were decoded, broken ones included.
        partitions: name -> rows.
        sizes: (width, height) -> pictures of that size.
        grey: pictures without any colour, in a set of colour. No fault.
        broken: path -> what is wrong: empty, cut off, a web page in disguise, ...
        missing: rows without a picture.
        spare: whether these are no fault, as where somebody has a part of CelebA and its whole table.
        strays: pictures without a row.
        twins: groups of pictures of one file name, in different folders; not where rows name those.
        odd: what is odd -> the pictures that are: animated, of 16 bits, turned, ... No fault.
        copies: groups of pictures of the same content. No fault.
        doubtful: labels that contradict each other, or the names. No fault: real sets have such.
        aside: pictures in quarantine.

    Example:
        >>> report = validate(faces, progress=False)
        >>> report.ok, report.pictures, report.sizes
        (True, 8, {(178, 218): 8})
    """

    faces: str
    conditions: tuple[str, ...]
    pictures: int
    partitions: dict[str, int]
    sizes: dict[tuple[int, int], int]
    grey: tuple[str, ...]
    broken: dict[str, str]
    missing: tuple[str, ...]
    strays: tuple[str, ...]
    twins: tuple[tuple[str, ...], ...]
    odd: dict[str, tuple[str, ...]] = field(default_factory=dict)
    copies: tuple[tuple[str, ...], ...] = ()
    doubtful: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    spare: bool = False

    @property
    def ok(self) -> bool:
        """Whether every row has its one picture, every picture is whole, and some are for training."""
        faults = self.broken or (self.missing and not self.spare) or self.strays or self.twins
        return not faults and self.partitions["train"] > 0

    def __str__(self) -> str:
        sizes = [f"{width} x {height} ({count:,} pictures)" for (width, height), count in self.sizes.items()]
        parts = [f"{name} {count:,}" for name, count in self.partitions.items()]
        rows = (
            ("conditions", _some(self.conditions, 12)),
            ("pictures", f"{self.pictures:,}"),
            ("partitions", ", ".join(parts)),
            ("sizes", _some(sizes)),
            ("grey", _some(self.grey)),
            *((name, _some(paths)) for name, paths in self.odd.items()),
            ("same content", _some([" = ".join(paths) for paths in self.copies])),
            ("labels in doubt", _some(self.doubtful)),
            *([("in quarantine", _some(self.aside))] if self.aside else []),
            ("broken", _some([f"{path} {reason}" for path, reason in self.broken.items()])),
            ("rows not used" if self.spare else "rows without picture", _some(self.missing)),
            ("pictures without row", _some(self.strays)),
            ("names used twice", _some([" = ".join(paths) for paths in self.twins])),
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


def validate(
    faces: FaceSet,
    workers: int | None = None,
    progress: bool = True,
    doubtful: Iterable[str] = (),
    processes: bool = False,
) -> Report:
    """Read and decode every picture of a set once, at full size, and report.

    Args:
        faces: read it with `missing="skip"` to have rows and pictures that do not fit in the report.
        workers: pictures decoded at a time; as many as there are cores if not given.
        progress: show a progress bar.
        doubtful: what is known already to be doubtful, for the report.
        processes: decode many pictures in processes, see `parallel.ordered`; else in threads.

    Example:
        >>> _ = Path("celeba/img_align_celeba/000003.jpg").write_bytes(b"")
        >>> report = validate(faces, progress=False)
        >>> report.ok, report.broken
        (False, {'img_align_celeba/000003.jpg': 'is empty (0 bytes)'})
    """
    workers = workers or os.cpu_count() or 1
    bunches = [faces.paths[first : first + BUNCH] for first in range(0, len(faces), BUNCH)]
    seen: dict[str, _Scan] = {}
    with bar(len(faces), "pictures decoded", "", show=progress) as decoded:
        look = partial(_look_all, faces.root, faces.mode)
        for looks in ordered_map(look, bunches, workers, processes and len(faces) >= MANY):
            seen |= looks
            decoded.update(len(looks))
    whole = {path: look for path, look in seen.items() if not look.fault}
    sizes = Counter(look.size for look in whole.values())
    odd = defaultdict(list)
    for path, look in whole.items():
        for name in (*look.odd, *(["of another size"] if _unusual(faces, look.size, sizes) else [])):
            odd[name].append(path)
    grey = odd.pop("grey", [])
    copies = _groups((look.digest, path) for path, look in whole.items())
    return Report(
        sizes=dict(sizes.most_common()),
        grey=tuple(grey),
        broken={path: look.fault for path, look in seen.items() if look.fault},
        odd={name: tuple(paths) for name, paths in sorted(odd.items())},
        copies=copies,
        doubtful=(*doubtful, *_contradictions(faces, copies)),
        **names_and_numbers(faces),
    )


def names_and_numbers(faces: FaceSet) -> dict[str, object]:
    """What of a report is known without a look at the pictures."""
    own = faces.kind == "table"  # whose rows name the folders, too
    return {
        "faces": repr(faces),
        "conditions": tuple(f"{k.name}: {k.meaning}" for k in kinds(faces.names, faces.ranges).values()),
        "pictures": len(faces),
        "partitions": dict(zip(PARTITIONS, np.bincount(faces.partition, minlength=3).tolist(), strict=True)),
        "missing": faces.missing,
        "strays": faces.strays,
        "twins": () if own else _groups((path.rpartition("/")[2], path) for path in faces.paths),
        "spare": faces.kind == "celeba",
        "aside": tuple(storage.quarantined(faces.root)),
    }


@dataclass(frozen=True, slots=True)
class _Scan:
    """What one picture is like; `fault` says what is wrong with it ("": nothing)."""

    size: tuple[int, int] = (0, 0)
    odd: tuple[str, ...] = ()
    digest: bytes = b""
    fault: str = ""


def _look_all(root: Path, mode: str, paths: Sequence[str]) -> dict[str, _Scan]:
    return {path: _look(root, mode, path) for path in paths}


def _look(root: Path, mode: str, path: str) -> _Scan:
    odd: list[str] = []
    try:
        content = storage.data(root, path)
        picture = storage.decode(content, "", mode, look=lambda raw: odd.extend(_oddities(raw, path)))
    except FacegenError as error:
        fault = str(error).removeprefix(f"{root / path}").removeprefix(": ").removesuffix(".")
        return _Scan(fault=fault)
    if _colourless(picture):
        odd.append("grey")
    return _Scan(picture.size, tuple(odd), hashlib.blake2b(content, digest_size=16).digest())


def _oddities(picture: Image.Image, path: str) -> Iterator[str]:
    """What is odd about a file, of which one picture is used, upright, on white, in 8 bits, RGB or grey."""
    kind = "JPEG" if picture.format == "MPO" else picture.format  # a telephone's JPEG
    if kind != FORMATS.get(PurePosixPath(path).suffix.lower()):
        yield "not what the name says"
    if picture.mode == "CMYK":
        yield "CMYK"
    if picture.mode.startswith("I"):
        yield "of 16 bits"
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
        yield "animated"
    if picture.has_transparency_data and picture.convert("RGBA").getextrema()[3][0] < 255:
        yield "transparent"
    if picture.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        yield "turned by EXIF"


def _colourless(picture: Image.Image) -> bool:
    def grey(some: Image.Image) -> bool:
        red, green, blue = (band.tobytes() for band in some.split())
        return red == green == blue

    # A few pixels tell nearly always.
    return picture.mode == "RGB" and grey(picture.resize((4, 4), Image.Resampling.NEAREST)) and grey(picture)


def _unusual(faces: FaceSet, size: tuple[int, int], sizes: Counter) -> bool:
    """Whether this is not the size of a set that has one."""
    return faces.kind != "table" and size != sizes.most_common(1)[0][0]


def _groups(pairs: Iterable[tuple[object, str]]) -> tuple[tuple[str, ...], ...]:
    """The paths that have the same key, where that is more than one."""
    by_key: dict[object, list[str]] = defaultdict(list)
    for key, path in pairs:
        by_key[key].append(path)
    return tuple(tuple(group) for group in by_key.values() if len(group) > 1)


def _contradictions(faces: FaceSet, copies: Iterable[Sequence[str]]) -> Iterator[str]:
    """Copies of one picture of which different things are said."""
    row = {path: number for number, path in enumerate(faces.paths)}
    for first, *others in copies:
        for name, values in faces.conditions.items():
            same = [np.array_equal(values[row[first]], values[row[other]]) for other in others]
            if not all(same):
                yield f"{first} = {others[same.index(False)]}, but not of the same {name}"
