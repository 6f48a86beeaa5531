"""CelebA: 202,599 faces with 40 attributes; and CelebA-HQ and CelebAMask-HQ, which are made of it.

Read from the tables and pictures as the authors publish them, as Kaggle, torchvision and others pass them
on, or from anything in the same format.

Source: Liu, Luo, Wang, Tang, "Deep learning face attributes in the wild", ICCV 2015.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegen.conditions import attributes
from facegen.data import custom, joining, storage, tables
from facegen.data.dataset import PARTITIONS, FaceSet
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

ATTRIBUTES = ("list_attr_celeba", "CelebAMask-HQ-attribute-anno")
# Names of further tables, and of columns that some have merged into the one of attributes.
PARTITION = ("list_eval_partition", "partition")
IDENTITY = ("identity_CelebA", "identity", "celeb_id", "person_id")
FOLDERS, ENDINGS = ("", "Anno/", "Eval/"), (".txt", ".csv")
PICTURES = "img_align_celeba"
LOOKED_FOR = f"CelebA: {ATTRIBUTES[0]}.txt or .csv (in it, in Anno/, or beside the .zip)"


@dataclass(frozen=True)
class _Place:
    """Where tables lie: a folder or archive, and a folder in it with a "/" at its end, or ""."""

    root: Path
    folder: str = ""

    def table(self, names: tuple[str, ...]) -> str | None:
        """The first table of one of these names."""
        places = (f"{self.folder}{f}{name}{end}" for end in ENDINGS for f in FOLDERS for name in names)
        return next((place for place in places if storage.exists(self.root, place)), None)


def found(path: Path) -> bool:
    """Whether there is a table of attributes in CelebA's format."""
    return _place(path) is not None


def read(path: Path, missing: str = "raise") -> FaceSet:
    """Read CelebA. Of its 202,599 rows, those are used whose picture is there; the others are counted.

    Args:
        path: the folder with the tables (also in Anno/ and Eval/) and the pictures, in
            img_align_celeba/, img_align_celeba.zip or another folder or .zip; a .zip of all that; or
            img_align_celeba.zip itself, with the tables beside it. Without a partition table all rows
            are training rows, without an identity table every identity is -1.
        missing: what to do about pictures without a row: "raise", or "skip" to leave them out with a
            warning.

    Raises:
        FacegenError: a table that is cut off or malformed (naming its line), no pictures.
    """
    place = _place(path)
    labels = tables.read(place.root, place.table(ATTRIBUTES), blanks=True)
    names = labels.names(_stem)
    if labels.promised not in (None, len(names)):
        raise FacegenError(
            f"{labels.path}: line 1 promises {labels.promised:,} rows, there are {len(names):,}; "
            "download it again."
        )
    root, pictures = _pictures(place, {*names}) if place.root == path else (path, storage.pictures(path))
    by_key = joining.by_key(root, pictures, _stem)
    aside = {_stem(name) for name in storage.quarantined(root)}
    joined = joining.join(root, labels.path, names, by_key, missing, aside, spare=True)
    return FaceSet(
        kind="celeba",
        root=root,
        paths=joined.paths,
        conditions={"attributes": _values(labels)[joined.rows]},
        names={"attributes": attributes.NAMES},
        partition=_column(place, PARTITION, labels, joined.rows, custom.parts, 0).astype(np.int8),
        identity=_column(place, IDENTITY, labels, joined.rows, custom.people, -1).astype(np.int32),
        missing=joined.missing,
        strays=joined.strays,
    )


def doubts(faces: FaceSet) -> Iterator[str]:
    """Labels that contradict each other: attributes that exclude one another, people in two partitions."""
    for group in attributes.EXCLUSIVE:
        columns = [attributes.index(name) for name in group]
        held = faces.conditions["attributes"][:, columns] > 0.5
        for row in np.flatnonzero(held.sum(axis=1) > 1):
            both = [name for name, holds in zip(group, held[row], strict=True) if holds]
            yield f"{faces.paths[row]}: {' and '.join(both)}"
    known = faces.identity >= 0
    pairs = np.unique(np.stack([faces.identity[known], faces.partition[known]], axis=1), axis=0)
    people, parts = np.unique(pairs[:, 0], return_counts=True)
    for person in people[parts > 1]:
        inside = [PARTITIONS[part] for part in pairs[pairs[:, 0] == person, 1]]
        yield f"person {person} is in {' and '.join(inside)}"


def _stem(name: str) -> str:
    """What a picture and its row have in common: there are copies as .png, or with other folders."""
    last = joining.key(name).rpartition("/")[2]
    return last.rpartition(".")[0] or last


def _place(path: Path) -> _Place | None:
    """Where the tables of a set are."""
    if storage.is_archive(path):
        inside = {"".join(name.rpartition("/")[:2]) for name in storage.files(path)}
        inside |= {name.removesuffix(folder) for name in inside for folder in FOLDERS}
        beside = path.parent.parent if path.parent.name == "Img" else path.parent
        places = [*(_Place(path, folder) for folder in sorted(inside, key=len)), _Place(beside)]
    else:
        places = [_Place(path)]
    return next((place for place in places if place.table(ATTRIBUTES)), None)


def _column(
    place: _Place,
    sources: tuple[str, ...],
    labels: tables.Table,
    rows: np.ndarray,
    read: Callable[[tables.Column], np.ndarray],
    default: int,
) -> np.ndarray:
    """A number for each of these rows: of a table of its own, or of a column of the other; or the default."""
    own = place.table(sources[:1])
    source = tables.read(place.root, own, blanks=True, named=None) if own else labels
    columns = dict([*source.columns.items()][1:])
    column = next((found for name, found in columns.items() if own or name.casefold() in sources), None)
    if column is None:
        return np.full(len(rows), default)
    if np.array_equal(source.first.cells, labels.first.cells):  # as the authors have them
        return read(column)[rows]
    place_of = {name: number for number, name in enumerate(source.names(_stem))}
    wanted = labels.first.cells[rows]
    without = [name for name in wanted if _stem(name) not in place_of]
    if without:
        raise FacegenError(
            f"{source.path}: pictures without a row: {len(without):,} (first: {', '.join(without[:3])}). "
            "Complete the table, or take it away."
        )
    return read(column)[[place_of[_stem(name)] for name in wanted]]


def _values(labels: tables.Table) -> np.ndarray:
    """The attributes of each row as 0 or 1, float32 (n, 40), in the package's order."""
    columns = {name.casefold(): column for name, column in [*labels.columns.items()][1:]}
    wanted = [name.casefold() for name in attributes.NAMES]
    if absent := [name for name in attributes.NAMES if name.casefold() not in columns]:
        others = [column.name for name, column in columns.items() if name not in wanted]
        raise FacegenError(
            f"{labels.path}, line {labels.head}: expected the 40 names of CelebA's attributes; missing: "
            f"{', '.join(absent[:5])}; unknown: {', '.join(others[:5]) or 'none'}."
        )
    others = [c.name for name, c in columns.items() if name not in {*wanted, *PARTITION, *IDENTITY}]
    if others:
        logger.info("%s: passed over, as no attributes: %s.", labels.path, ", ".join(others[:5]))
    values = np.stack([columns[name].convert(_sign, np.int8) for name in wanted], axis=1)
    if (values < 0).any() and (values == 0).any():
        row, place = np.argwhere(values == 0)[0]
        raise columns[wanted[place]].refuse(row, "expected -1 or 1, as in other rows")
    return (values > 0).astype(np.float32)


def _sign(cell: str) -> int:
    """-1, 0 or 1, whatever it was written as."""
    truth = {"true": 1, "false": 0}.get(cell.casefold())
    try:
        return tables.whole(-1, 1)(cell) if truth is None else truth
    except ValueError:
        raise ValueError("expected -1 or 1, in every row; or 0 or 1; or True or False") from None


def _pictures(place: _Place, names: set[str]) -> tuple[Path, list[str]]:
    """The root of the pictures, and their paths below it.

    Of several folders the authors' own is taken, else the one that most rows have a picture in; without
    any that meets the rows, an archive in the folder. What else is there is said, and not looked at.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for path in storage.pictures(place.root):
        if path.startswith(place.folder):
            below = path[len(place.folder) :].removeprefix("Img/")
            groups[below.rpartition("/")[0].partition("/")[0]].append(path)
    if PICTURES in groups:
        return place.root, groups[PICTURES]
    fitting = {group: len({*map(_stem, paths)} & names) for group, paths in groups.items()}
    best = max(fitting, key=fitting.get, default="")
    archives = [] if storage.is_archive(place.root) else _archives(place.root)
    if fitting.get(best):
        logger.info("%s: the pictures are taken from %s/.", place.root, best or ".")
        return place.root, groups[best]
    if archives:
        return archives[0], storage.pictures(archives[0])
    if best in groups:
        return place.root, groups[best]  # none of which has a row: to be said
    packed = storage.packed(place.root)
    raise FacegenError(
        f"{place.root}: has CelebA's table but no pictures: looked for {PICTURES}/, {PICTURES}.zip, or any "
        f"folder or .zip of them.{f' {packed}.' if packed else ''}"
    )


def _archives(folder: Path) -> list[Path]:
    """Archives beside the tables, the authors' own first."""
    paths = [path for place in (folder, folder / "Img") if place.is_dir() for path in place.glob("*.zip")]
    return sorted(paths, key=lambda path: (path.stem != PICTURES, path.name))
