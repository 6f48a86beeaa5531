"""Tiny folders in exactly the formats of CelebA, RaFD, Yale B, JAFFE and one's own pictures.

Every picture is of one colour, `colour(number)`, so that a test can tell which picture it sees.
"""

import shutil
import zipfile
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from facegen.conditions.attributes import NAMES


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


def grey(path: Path, number: int, size: tuple[int, int], mode: str = "L") -> None:
    """A picture of one grey, 7 * number, in one channel or three."""
    path.parent.mkdir(parents=True, exist_ok=True)
    formats = {".pgm": "PPM", ".tiff": "TIFF"}
    level = 7 * number % 256
    Image.new(mode, size, level if mode == "L" else (level,) * 3).save(path, formats[path.suffix.lower()])


# Person, pose, azimuth, elevation; picture i is of grey i. Not all combinations are there, as in the set.
YALEB = ((1, 0, 0, 0), (1, 0, -35, 15), (1, 9, 130, 20), (13, 0, 0, 90), (15, 0, 0, -35), (39, 3, -110, 65))


def yaleb(folder: Path, suffix: str = ".pgm", nested: str = "") -> Path:
    """Extended Yale B with what its authors' archive has besides the pictures."""
    for number, (person, pose, azimuth, elevation) in enumerate(YALEB):
        name = f"yaleB{person:02d}/yaleB{person:02d}_P{pose:02d}A{azimuth:+04d}E{elevation:+03d}{suffix}"
        grey(folder / nested / name, number, (16, 19))
    place = folder / nested / "yaleB01"
    grey(place / f"yaleB01_P00_Ambient{suffix}", 30, (64, 48))
    (place / f"yaleB01_P00A+070E+45{suffix}.bad").write_bytes(b"P5 damaged")
    (place / "yaleB01_P00.info").write_text(f"yaleB01_P00_Ambient{suffix}\nyaleB01_P00A+000E+00{suffix}\n")
    return folder


# Number -> person, pose, and the ratings HAP SAD SUR ANG DIS FEA. 3 and 6 have no picture.
JAFFE = {
    1: ("KM", "NE1", (2.87, 2.52, 2.10, 1.97, 1.97, 2.06)),
    2: ("KM", "HA1", (5.00, 1.00, 1.00, 1.00, 1.00, 1.00)),
    3: ("KM", "HA2", (4.00, 1.00, 1.00, 1.00, 1.00, 1.00)),
    4: ("KA", "AN1", (1.10, 2.20, 1.30, 4.60, 3.10, 1.40)),
    5: ("YM", "FE3", (1.00, 1.50, 2.00, 2.50, 3.00, 3.50)),
    6: ("YM", "SU1", (1.00, 1.00, 4.40, 1.00, 1.00, 1.00)),
    7: ("KA", "SA2", (1.00, 1.00, 1.00, 1.00, 1.00, 1.00)),
}
README = """Please read this first.

Semantic Ratings Data
---------------------

# HAP SAD SUR ANG DIS FEA PIC
----------------------------------------------
{rows}

Semantic Ratings Data (fear excluded)

# HAP SAD SUR ANG DIS PIC
1 3.00 1.00 1.00 1.00 1.00 KM-NE1
"""


def jaffe(folder: Path, readme: bool = False, suffix: str = ".tiff", ending: str = "\n") -> Path:
    """JAFFE; even numbers are of three channels. The table is that of a README, or as .csv."""
    for number, (person, pose, _) in JAFFE.items():
        if number not in (3, 6):
            mode = "L" if number % 2 else "RGB"
            grey(folder / f"{person}.{pose}.{number}{suffix}", number, (26, 26), mode)
    cells = [
        [str(number), *(f"{score:.2f}" for score in scores), f"{person}-{pose}"]
        for number, (person, pose, scores) in JAFFE.items()
    ]
    if readme:
        (folder / "README_FIRST.txt").write_text(README.format(rows="\n".join(map(" ".join, cells))))
    else:
        table = ["N,HAP,SAD,SUR,ANG,DIS,FEA,PIC", *map(",".join, cells)]
        (folder / "semantic-ratings.csv").write_text("".join(row + ending for row in table), newline="")
    return folder


def own(folder: Path, table: str, pictures: tuple[str, ...] = ("a.jpg", "b.png", "more/c.jpg")) -> Path:
    """One's own pictures, of colours 0, 1, 2 ..., and the text of conditions.csv."""
    for number, name in enumerate(pictures):
        picture(folder / name, number, (40, 50))
    (folder / "conditions.csv").write_text(table, newline="")
    return folder
