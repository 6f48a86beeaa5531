"""CelebA: 202,599 faces with 40 attributes.

Read from the tables and pictures as the authors publish them or as Kaggle's copy has them; or from
anything in the same format.

Source: Liu, Luo, Wang, Tang, "Deep learning face attributes in the wild", ICCV 2015.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from facegen import attributes
from facegen.errors import FacegenError
from facegen.facesets import rows, store
from facegen.facesets.faceset import PARTITIONS, FaceSet

ATTRIBUTES, PARTITION, IDENTITY = "list_attr_celeba", "list_eval_partition", "identity_CelebA"
PLACES = ("img_align_celeba", "Img/img_align_celeba", "img_align_celeba.zip", "Img/img_align_celeba.zip")
LOOKED_FOR = f"CelebA: {ATTRIBUTES}.txt or .csv (in it, in Anno/, or beside the .zip)"


def found(path: Path) -> bool:
    """Whether there is a table of attributes in CelebA's format."""
    return _table(_base(path), ATTRIBUTES) is not None


def read(path: Path, missing: str = "raise") -> FaceSet:
    """Read CelebA.

    Args:
        path: the folder with the tables (also in Anno/ and Eval/) and the pictures, in
            img_align_celeba/ (nested once more or not) or img_align_celeba.zip; or that .zip itself,
            with the tables beside it. Without a partition table all rows are training rows, without
            an identity table every identity is -1.
        missing: what to do about rows without a picture and pictures without a row: "raise", or
            "skip" to leave them out with a warning.

    Raises:
        FacegenError: a table that is cut off or malformed (naming its line), no pictures.
    """
    base = _base(path)
    table = _table(base, ATTRIBUTES)
    names, values = _attributes(table)
    root, pictures = _pictures(base) if path.is_dir() else (path, store.pictures(path))
    aside = {name.rpartition("/")[2] for name in store.aside(root)}
    paths, taken, without, strays = rows.join(table, names, _by_name(root, pictures), missing, aside)
    names = [names[row] for row in taken]
    partition = _numbers(base, PARTITION, names, 0)
    if not np.isin(partition, (0, 1, 2)).all():
        raise FacegenError(f"{_table(base, PARTITION)}: expected partitions 0, 1 or 2, found others.")
    return FaceSet(
        kind="celeba",
        root=root,
        paths=paths,
        conditions={"attributes": values[taken]},
        names={"attributes": attributes.NAMES},
        partition=partition.astype(np.int8),
        identity=_numbers(base, IDENTITY, names, -1),
        missing=without,
        strays=strays,
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


def _base(path: Path) -> Path:
    """The folder that a set's tables lie in or below."""
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name == "Img" else path.parent


def _table(base: Path, name: str) -> Path | None:
    places = (
        base / folder / f"{name}{suffix}" for suffix in (".txt", ".csv") for folder in ("", "Anno", "Eval")
    )
    return next(filter(Path.is_file, places), None)


def _numbers(base: Path, name: str, names: Sequence[str], default: int) -> np.ndarray:
    table = _table(base, name)
    return rows.column(table, int(table is not None and table.suffix == ".csv"), names, default)


def _attributes(table: Path) -> tuple[list[str], np.ndarray]:
    """The names of the rows, and their attributes as 0 or 1, float32 (n, 40), in the package's order."""
    head, columns, count = rows.header(table)
    if sorted(columns) != sorted(attributes.NAMES):
        unknown = sorted({*columns} ^ {*attributes.NAMES}) or ["a name twice"]
        raise FacegenError(
            f"{table}, line {head}: expected the 40 names of CelebA's attributes; "
            f"missing or unknown: {', '.join(unknown[:5])}."
        )
    names, values = rows.load(table, head, len(columns))
    if count not in (None, len(names)):
        raise FacegenError(
            f"{table}: line 1 promises {count:,} rows, there are {len(names):,}; download it again."
        )
    _check_signs(table, names, values, columns)
    order = [columns.index(name) for name in attributes.NAMES]
    return names, (values > 0).astype(np.float32)[:, order]


def _check_signs(table: Path, names: list[str], values: np.ndarray, columns: list[str]) -> None:
    """Attributes are -1 or 1 throughout, or 0 or 1 throughout."""
    no = -1 if (values == -1).any() else 0
    wrong = (values != 1) & (values != no)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise FacegenError(
            f"{table}, line {rows.line_of(table, names[row])}, {columns[column]}: "
            f"expected {no} or 1, found {values[row, column]}."
        )


def _pictures(base: Path) -> tuple[Path, list[str]]:
    """The root of the pictures, and their paths below it: the first of `PLACES` that has any."""
    for place in PLACES:
        if place.endswith(".zip"):
            if (base / place).is_file():
                return base / place, store.pictures(base / place)
        elif (base / place).is_dir() and (found := store.pictures(base / place)):
            return base, [f"{place}/{name}" for name in found]
    raise FacegenError(f"{base}: has CelebA's table but no pictures: looked for {', '.join(PLACES)}.")


def _by_name(root: Path, pictures: list[str]) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for path in pictures:
        other = by_name.setdefault(path.rpartition("/")[2], path)
        if other != path:
            raise FacegenError(f"{root}: two pictures of one name: {other} and {path}; take one away.")
    return by_name
