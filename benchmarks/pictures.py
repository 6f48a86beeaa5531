"""What is measured on: clay, drawn once into build/bench/pictures, and as many links to it as are wanted."""

import os
import shutil
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from facegen import course
from facegen.clay.as_celeba import PICTURES, TABLES
from facegen.clay.as_rafd import ANGLES, file_name
from facegen.clay.rafd_people import ADULTS, EMOTIONS
from facegen.conditions.attributes import NAMES

DRAWN = 256  # pictures of the crowd that are drawn; the others are links to these


def folder() -> Path:
    """Where they lie."""
    return course.build() / "bench" / "pictures"


def crowd(count: int, drawn: int = DRAWN) -> Path:
    """A folder in CelebA's format with so many pictures of 178x218."""
    from facegen import clay

    source = clay.celeba(folder() / f"clay-celeba-{drawn}", drawn)
    return source if count == drawn else linked_crowd(source, folder() / f"linked-celeba-{count}", count)


def linked_crowd(source: Path, target: Path, count: int) -> Path:
    """A folder of `count` pictures like those of another in CelebA's format, of which each is a link."""
    if (target / TABLES[0]).exists():  # written last
        return target
    shutil.rmtree(target, ignore_errors=True)
    (target / PICTURES).mkdir(parents=True)
    head, *rows = (source / TABLES[0]).read_text().splitlines()[1:]
    names = [row.split()[0] for row in rows]
    lines = [str(count), head]
    for i in range(count):
        link, row = f"{i + 1:06d}.jpg", i % len(rows)
        os.link(source / PICTURES / names[row], target / PICTURES / link)
        lines.append(f"{link} {rows[row].split(maxsplit=1)[1]}")
    (target / TABLES[0]).write_text("\n".join(lines) + "\n")
    return target


def rows(count: int) -> Path:
    """A folder with CelebA's three tables of so many rows, made up, and the picture of one."""
    target = folder() / f"rows-{count}"
    on = np.random.default_rng(0).random((count, len(NAMES))) < 0.3
    names = [f"{i:06d}.jpg" for i in range(1, count + 1)]
    labels = [f"{name} {' '.join(np.where(row, ' 1', '-1'))}" for name, row in zip(names, on, strict=True)]
    (target / PICTURES).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (178, 218)).save(target / PICTURES / names[0])
    for name, lines in (
        (TABLES[0], [str(count), " ".join(NAMES) + " ", *labels]),
        ("list_eval_partition.txt", [f"{name} {i * 3 // count}" for i, name in enumerate(names)]),
        ("identity_CelebA.txt", [f"{name} {i // 20 + 1}" for i, name in enumerate(names)]),
    ):
        (target / name).write_text("\r\n".join(lines) + "\r\n", newline="")
    return target


def people(count: int = len(ADULTS), width: int = 681) -> Path:
    """A folder in RaFD's format: so many people, 8 emotions, 5 angles; 681x1024 as the original's.

    The first is drawn, the others are links to his pictures.
    """
    from facegen import clay

    source = clay.rafd(folder() / f"clay-rafd-{width}", people=1, width=width)
    target = folder() / f"linked-rafd-{width}-{count}"
    target.mkdir(exist_ok=True)
    for number, emotion, angle in product(ADULTS[:count], EMOTIONS, ANGLES):
        link = target / file_name(number, emotion, angle)
        if not link.exists():
            os.link(source / file_name(ADULTS[0], emotion, angle), link)
    return target


def noise(shape: tuple[int, ...], path: Path) -> np.ndarray:
    """A memory-mapped uint8 array of random pixels, in place of a pixel cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    random = np.random.default_rng(0)
    for first in range(0, len(array), 256):
        array[first : first + 256] = random.integers(0, 256, array[first : first + 256].shape, "uint8")
    array.flush()
    return np.load(path, mmap_mode="r")
