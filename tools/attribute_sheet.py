"""Write contact sheets of clay: every attribute off and on, a crowd, RaFD's emotions by angle and its people.

python tools/attribute_sheet.py build/sheets
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from facegen import clay
from facegen.clay.rafd_people import EMOTIONS, KINDS
from facegen.conditions.attributes import EXCLUSIVE, NAMES

PLAIN = {
    "yaw": 8.0, "pitch": 0.0, "body_yaw": 3.0, "backdrop_seed": 0.0,
    "backdrop_top": (0.45, 0.55, 0.65), "backdrop_bottom": (0.30, 0.38, 0.45),
}  # fmt: skip


def grid(
    pictures: list[np.ndarray], columns: int, labels: list[str] | None = None, gap: int = 2
) -> Image.Image:
    """Return the pictures, all of one size, in rows, with a line of text over each if there are labels."""
    height, width = pictures[0].shape[:2]
    line = 12 if labels else 0
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + gap), rows * (height + gap + line)), (30, 30, 30))
    pen = ImageDraw.Draw(sheet)
    for i, picture in enumerate(pictures):
        x, y = i % columns * (width + gap), i // columns * (height + gap + line)
        sheet.paste(Image.fromarray(picture), (x, y + line))
        if labels:
            pen.text((x + 1, y), labels[i], fill=(255, 255, 255))
    return sheet


def pair(name: str, male: bool, seed: int, size: int) -> np.ndarray:
    """Return one person without and with an attribute, side by side."""
    on = {"Male": male, "Young": 1, "No_Beard": 1, "Brown_Hair": 1, "Attractive": 1}
    both = []
    for value in (0, 1):
        rivals = {other: 0 for group in EXCLUSIVE if value and name in group for other in group}
        face = clay.person({**on, **rivals, name: value}, seed)
        both.append(clay.draw(face._replace(**PLAIN), size, size))
    return np.concatenate(both, axis=1)


def attributes(male: bool, seed: int, size: int = 96, columns: int = 8) -> Image.Image:
    return grid([pair(name, male, seed, size) for name in NAMES], columns, list(NAMES), gap=4)


def crowd(count: int, columns: int, width: int, height: int, seed: int = 0, zoom: int = 1) -> Image.Image:
    people = clay.Population(4 * count, seed)
    pictures = [
        clay.draw(people.face(4 * i), width, height).repeat(zoom, 0).repeat(zoom, 1) for i in range(count)
    ]
    return grid(pictures, columns)


def emotions(number: int, step: float, width: int = 114) -> Image.Image:
    angles = np.arange(0, 180.1, step)
    size = width, round(width * 1024 / 681)
    pictures = [clay.draw(clay.model(number, e, a), *size) for e in EMOTIONS for a in angles]
    return grid(pictures, len(angles))


def people(columns: int = 14, width: int = 100) -> Image.Image:
    size = width, round(width * 1024 / 681)
    pictures = [clay.draw(clay.model(number, "neutral"), *size) for number in KINDS]
    return grid(pictures, columns, [f"{number:02d} {kind}" for number, kind in KINDS.items()])


SHEETS = {
    "attributes_man": lambda: attributes(True, seed=5),
    "attributes_woman": lambda: attributes(False, seed=3),
    "crowd_64": lambda: crowd(64, 8, 64, 64, zoom=2),
    "crowd_large": lambda: crowd(18, 6, 256, 320, seed=1),
    "rafd_woman": lambda: emotions(1, 22.5),
    "rafd_man": lambda: emotions(2, 22.5),
    "rafd_people": people,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the PNG files go; made if it isn't there")
    parser.add_argument(
        "--only", nargs="+", choices=SHEETS, default=list(SHEETS), help="which sheets (default: all)"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        SHEETS[name]().save(options.folder / f"{name}.png")


if __name__ == "__main__":
    main()
