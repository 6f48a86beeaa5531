"""FaceSet: what is known about each picture of a data set. Pixels are read only on demand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from facegen.conditions.base import NUMBERS, check_names
from facegen.data import storage
from facegen.utils.errors import FacegenError

PARTITIONS = ("train", "validation", "test")
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class FaceSet:
    """The pictures of a data set, and for each of them its conditions.

    Attributes:
        kind: "celeba", "rafd", "yaleb", "jaffe" or "table".
        root: the folder, or the .zip archive.
        paths: the n pictures' names below `root`, sorted.
        conditions: name -> float32 (n, width); read-only.
        names: name of a condition -> the names of its columns.
        partition: int8 (n,): 0 train, 1 validation, 2 test.
        identity: int32 (n,): who is seen; -1 where nobody knows.
        crop: left, top, right, bottom as fractions of the picture: the window that `pixels` looks at.
        channels: 3 for colour, 1 for grey.
        missing: rows of the table that have no picture (`missing="skip"` left them out).
        strays: pictures of which the table says nothing (left out likewise).
        whole, rows: where this is a selection: the set as it was read, and the rows taken of it.

    Example:
        >>> faces = facegen.read("celeba")
        >>> faces
        <FaceSet celeba: 8 faces of celeba (5 train, 1 validation, 2 test); attributes 40>
        >>> faces.conditions["attributes"].shape, faces.names["attributes"][31]
        ((8, 40), 'Smiling')
    """

    kind: str
    root: Path
    paths: tuple[str, ...]
    conditions: dict[str, np.ndarray]
    names: dict[str, tuple[str, ...]]
    partition: np.ndarray
    identity: np.ndarray
    crop: tuple[float, float, float, float] = WHOLE
    channels: int = 3
    missing: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    whole: "FaceSet | None" = None
    rows: np.ndarray | None = None

    def __post_init__(self):
        count = len(self.paths)
        if not count:
            raise FacegenError(f"{self.root}: no pictures are left in this {self.kind} set.")
        if self.conditions.keys() != self.names.keys():
            raise FacegenError(f"Conditions {[*self.conditions]} do not go with names {[*self.names]}.")
        check_names(self.names)
        for name, values in self.conditions.items():
            _check(f"conditions[{name!r}]", values, np.float32, (count, len(self.names[name])))
        _check("partition", self.partition, np.int8, (count,))
        _check("identity", self.identity, np.int32, (count,))
        check_crop(self.crop)
        if self.channels not in (1, 3):
            raise FacegenError(f"channels={self.channels}: expected 3 (colour) or 1 (grey).")

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        widths = ", ".join(f"{name} {len(columns)}" for name, columns in self.names.items())
        counts = zip(PARTITIONS, np.bincount(self.partition, minlength=3), strict=True)
        parts = ", ".join(f"{count:,} {part}" for part, count in counts if count)
        return f"<FaceSet {self.kind}: {len(self):,} faces of {self.root.name} ({parts}); {widths}>"

    def select(self, rows: np.ndarray | slice | Sequence[int]) -> "FaceSet":
        """The faces of some rows, in that order.

        Args:
            rows: row numbers, a slice, or a bool array (n,).

        Example:
            >>> faces.select([2, 0]).paths
            ('img_align_celeba/000003.jpg', 'img_align_celeba/000001.jpg')
        """
        rows = np.arange(len(self))[rows]
        return replace(
            self,
            paths=tuple(self.paths[row] for row in rows),
            conditions={name: values[rows] for name, values in self.conditions.items()},
            partition=self.partition[rows],
            identity=self.identity[rows],
            missing=(),
            strays=(),
            whole=self.whole or self,
            rows=rows if self.rows is None else self.rows[rows],
        )

    def part(self, name: str) -> "FaceSet":
        """The faces of one partition: "train", "validation" or "test".

        Example:
            >>> len(faces), len(faces.part("train"))
            (8, 5)
        """
        if name not in PARTITIONS:
            raise FacegenError(f"There is no partition {name!r}: expected one of {', '.join(PARTITIONS)}.")
        rows = np.flatnonzero(self.partition == PARTITIONS.index(name))
        if not len(rows):
            raise FacegenError(
                f"{self!r} has no {name} faces; hold_out(fraction, seed) makes some rows test rows."
            )
        return self.select(rows)

    def hold_out(self, fraction: float, seed: int) -> "FaceSet":
        """The same faces, of which some training rows, drawn at random, have become test rows.

        Args:
            fraction: of the training rows, between 0 and 1; at least one row goes and one stays.
            seed: of the draw.

        Example:
            >>> np.bincount(heads.hold_out(0.25, seed=0).partition).tolist()
            [14, 0, 4]
        """
        train = np.flatnonzero(self.partition == 0)
        if not 0 < fraction < 1 or len(train) < 2:
            raise FacegenError(
                f"hold_out({fraction}) of {len(train)} training rows: expected a fraction between 0 and 1, "
                "and two rows or more."
            )
        count = min(max(round(fraction * len(train)), 1), len(train) - 1)
        partition = self.partition.copy()
        partition[np.random.default_rng(seed).choice(train, count, replace=False)] = 2
        return replace(self, partition=partition)

    def image(self, row: int) -> Image.Image:
        """One whole picture, upright, as an RGB or (one channel) L image.

        Raises:
            FacegenError: it is missing, broken or no picture; the message names it.

        Example:
            >>> faces.image(0).size
            (178, 218)
        """
        name = self.paths[row]
        return storage.decode(storage.data(self.root, name), str(self.root / name), self.mode)

    @property
    def mode(self) -> str:
        """Pillow's name for the channels: "RGB" or "L"."""
        return "RGB" if self.channels == 3 else "L"

    @property
    def ranges(self) -> dict[str, list[list[float]]]:
        """Least and largest of each column of the condition "numbers" in the training rows (of a selection
        without any, in those of the whole set), by which a network scales; empty where there are none."""
        train = self.partition == PARTITIONS.index("train")
        if not train.any() and self.whole:
            return self.whole.ranges
        taken = train if train.any() else slice(None)
        known = {name: values[taken] for name, values in self.conditions.items() if name == NUMBERS}
        return {name: np.stack([v.min(axis=0), v.max(axis=0)], 1).tolist() for name, v in known.items()}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of kind, names, file sizes and conditions, as hex digits; reads no picture."""
        digest = hashlib.sha256(repr((self.kind, self.names)).encode())
        digest.update("\n".join(self.paths).encode(errors="surrogateescape"))  # names need not be UTF-8
        digest.update(storage.stamps(self.root, self.paths)[:, 0].astype("<i8").tobytes())
        for values in self.conditions.values():
            digest.update(values.astype("<f4", copy=False).tobytes())
        return digest.hexdigest()


def _check(what: str, array: np.ndarray, dtype: type, shape: tuple[int, ...]) -> None:
    """Check one array of a face set, and protect it from being written to."""
    if array.dtype != dtype or array.shape != shape:
        raise FacegenError(
            f"FaceSet.{what}: expected {np.dtype(dtype)}{shape}, found {array.dtype}{array.shape}."
        )
    array.flags.writeable = False


def check_crop(crop: Sequence[float]) -> None:
    """Refuse a crop that leaves nothing of a picture, or reaches beyond it.

    Raises:
        FacegenError: with what was expected.
    """
    left, top, right, bottom = crop
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise FacegenError(f"crop={crop}: expected fractions 0 <= left < right <= 1, top < bottom.")
