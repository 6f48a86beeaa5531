"""A long training of the original, as notebook 2 shows it: some of its sheets side by side, and its log.

    facegen train gan data/clay-celeba --recipe original --size 32 --width 16 --seed 1 -v -o build/runs/long
    python benchmarks/collapse.py build/runs/long

Written are collapse.jpg and collapse.json beside the shipped GAN, or to another folder (-o).
"""

import argparse
import csv
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

from benchmarks.timing import machine
from facegen.models import zoo
from facegen.utils import files
from facegen.viz import plots

SHEETS, SIDE = 8, 240  # as many, each so many pixels wide
KEPT = ("d_loss", "g_loss", "d_real", "d_fake", "spread")


def rows(log: Path) -> list[dict[str, float]]:
    """What is told of each epoch, with three digits.

    Example:
        >>> head = "epoch,seconds,d_loss,g_loss,d_real,d_fake,spread"
        >>> _ = Path("log.csv").write_text(head + "\\n1,9,.7,.7,.5,.5,.2\\n")
        >>> rows(Path("log.csv"))
        [{'epoch': 1, 'd_loss': 0.7, 'g_loss': 0.7, 'd_real': 0.5, 'd_fake': 0.5, 'spread': 0.2}]
    """
    with log.open(newline="", encoding="utf-8") as lines:
        return [
            {"epoch": int(row["epoch"])} | {key: round(float(row[key]), 3) for key in KEPT}
            for row in csv.DictReader(lines)
        ]


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("run", type=Path, help="folder of the training, with its sheets (-v)")
    parser.add_argument("-o", "--output", type=Path, default=zoo.shipped() / "clay-gan")
    chosen = parser.parse_args()
    log = rows(chosen.run / "log.csv")
    files.write_text(
        chosen.output / "collapse.json",
        json.dumps({"about": f"{len(log)} epochs, {machine()['processor']}", "rows": log}) + "\n",
    )
    strip = plots.strip(chosen.run / "samples", most=SHEETS, columns=SHEETS // 2, side=SIDE)
    strip.save(chosen.output / "collapse.jpg", quality=85)


if __name__ == "__main__":
    main()
