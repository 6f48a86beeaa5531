"""Tiny folders in exactly the formats of CelebA, RaFD and one's own pictures.

Every picture is of one colour, `colour(number)`, so that a test can tell which picture it sees.
"""

import shutil
import zipfile
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from facegen.attributes import NAMES


def colour(number: int) -> tuple[int, int, int]:
    return 40 + 13 * number % 200, 60 + 37 * number % 150, 200 - 29 * number % 170


def picture(path: Path, number: int, size: tuple[int, int], **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour(number)).save(path, **options)


def signs(count: int) -> np.ndarray:
    """The attributes of row i (from 0), -1 or 1: int (count, 40)."""
    return np.where(np.random.default_rng(0).random((count, len(NAMES))) < 0.5, -1, 1)


def celeba(
    folder: Path,
    count: int = 12,
    pictures: str = "img_align_celeba",
    zipped: bool = False,
    csv: bool = False,
    no: int = -1,
    ending: str = "\r\n",
    order: list[int] | None = None,
) -> Path:
    """CelebA. Picture i (from 1) is `colour(i)`; partitions 2/3, 1/6, 1/6; identity i // 3.

    Args:
        pictures: their folder.
        zipped: as img_align_celeba.zip instead.
        csv: Kaggle's tables instead of the authors'.
        no: what stands for "no" in the table: -1 or 0.
        ending: of the lines.
        order: of the rows in the tables (numbers from 1).
    """
    for i in range(1, count + 1):
        picture(folder / pictures / f"{i:06d}.jpg", i, (178, 218))
    if zipped:
        with zipfile.ZipFile(folder / "img_align_celeba.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((folder / pictures).iterdir()):
                archive.write(path, f"img_align_celeba/{path.name}")
        shutil.rmtree(folder / pictures.split("/")[0])
    order = order or list(range(1, count + 1))
    values = {i: [no if sign < 0 else 1 for sign in row] for i, row in enumerate(signs(count), 1)}
    partition = {i: 0 if i <= count * 2 // 3 else 1 if i <= count * 5 // 6 else 2 for i in order}
    if csv:
        tables = {
            "list_attr_celeba.csv": [
                ",".join(("image_id", *NAMES)),
                *(",".join([f"{i:06d}.jpg", *map(str, values[i])]) for i in order),
            ],
            "list_eval_partition.csv": [
                "image_id,partition",
                *(f"{i:06d}.jpg,{partition[i]}" for i in order),
            ],
        }
    else:
        tables = {
            "list_attr_celeba.txt": [
                str(count),
                " ".join(NAMES) + " ",
                *(f"{i:06d}.jpg " + " ".join(f"{value:2d}" for value in values[i]) for i in order),
            ],
            "list_eval_partition.txt": [f"{i:06d}.jpg {partition[i]}" for i in order],
            "identity_CelebA.txt": [f"{i:06d}.jpg {i // 3}" for i in order],
        }
    for name, lines in tables.items():
        (folder / name).write_text("".join(line + ending for line in lines), newline="")
    return folder


RAFD_PEOPLE = {7: "Caucasian_male", 12: "Moroccan_male", 3: "Caucasian_female", 40: "Kid_female"}


def rafd(
    folder: Path,
    people: dict[int, str] | None = None,
    emotions: tuple[str, ...] = ("happy", "sad"),
    angles: tuple[str, ...] = ("000", "022.5", "090"),
    gazes: tuple[str, ...] = ("frontal", "left"),
    size: tuple[int, int] = (68, 102),
    suffix: str = ".jpg",
) -> Path:
    """RaFD. A picture's colour is that of its person's number."""
    combinations = product((people or RAFD_PEOPLE).items(), emotions, angles, gazes)
    for (number, group), emotion, angle, gaze in combinations:
        name = f"Rafd{angle}_{number:02d}_{group}_{emotion}_{gaze}{suffix}"
        picture(folder / name, number, size, **({"format": "JPEG"} if suffix.lower() == ".jpg" else {}))
    return folder


def own(folder: Path, table: str, pictures: tuple[str, ...] = ("a.jpg", "b.png", "more/c.jpg")) -> Path:
    """One's own pictures, of colours 0, 1, 2 ..., and the text of conditions.csv."""
    for number, name in enumerate(pictures):
        picture(folder / name, number, (40, 50))
    (folder / "conditions.csv").write_text(table, newline="")
    return folder
