"""How well do heads turn, by how far apart the views are that a network has seen? Every guess, one table.

    python benchmarks/turning.py data/clay-rafd --apart 45 --recipes original today turning --epochs 30
    python benchmarks/turning.py data/clay-rafd --apart 45 30 22.5 15 --epochs 10

A network of each recipe, and a volume that is turned (volume.py), or any of variants.py, learns the same
number of pictures (of random people, emotions and angles) from views so many degrees apart, between the two
profiles. Then heads are turned in steps of 2.5 degrees, in truth and by the network; beside it stand the
nearest true view and the cross-fade of the two true views on either side. Stopped at any moment, the same
command goes on. The table goes to the terminal, and with pictures, a chart (turning.png) and all figures to
build/turning/.
"""

import argparse
import json
import os
import sys
from itertools import cycle, product
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

import keras
import numpy as np
from matplotlib.figure import Figure

from benchmarks.variants import VARIANTS
from facegen import conditions, metrics
from facegen.data.loader import Batches
from facegen.data.reader import read
from facegen.metrics.ground_truth import true_views
from facegen.metrics.turning import turn_report, turned
from facegen.training import trainer
from facegen.training.recipes import RECIPES as ALL
from facegen.utils import files
from facegen.viz import plots

RECIPES = {**ALL["deconv"], **VARIANTS}
SETTINGS = {"start": (5, 4), "depth": 3, "dense": 256}  # 80 x 64 pixels
WIDE = (96, 64, 40)  # features of each layer, where a map is twice as wide as a picture
KERNELS = dict.fromkeys(("turning", *VARIANTS), WIDE)
PLAIN = (64, 48, 32)
PATIENT = 4  # times as many epochs of a plain network: as long, for its steps take a quarter of the time
LEARNED, HELD_OUT, BATCH = 576, 64, 8  # pictures


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="clay in RaFD's format, 16 people")
    add("-o", "--output", type=Path, default=Path("build/turning"))
    add("--apart", type=float, nargs="+", default=[45.0], help="degrees between views (default: 45)")
    add("--recipes", nargs="+", choices=RECIPES, default=[*ALL["deconv"], "volume"])
    add("--epochs", type=int, default=30, help="of the unrolled network (default: 30)")
    add("--seed", type=int, default=1)
    add("--step", type=float, default=2.5, help="degrees between the views that are measured (default: 2.5)")
    add("--quiet", action="store_true", help="no progress bars")
    return parser.parse_args()


def seen_from(faces, apart: float, size: tuple[int, int], progress: bool) -> tuple[np.ndarray, dict]:
    """Pictures at views so far apart, of random triples, and their conditions; the last are held out."""
    angles = np.arange(-90.0, 90.1, apart)
    triples = [*product(faces.names["identity"], faces.names["emotion"], map(float, angles))]
    chosen = np.random.default_rng(0).permutation(len(triples))[: LEARNED + HELD_OUT]
    asked = [triples[i] for i in chosen]
    words = [dict(zip(("identity", "emotion", "orientation"), one, strict=True)) for one in asked]
    rows = conditions.stack([conditions.encode(faces.names, one) for one in words])
    return true_views(faces, asked, size, progress=progress), rows


def trained(recipe: str, faces, pictures, rows, chosen: argparse.Namespace, folder: Path):
    """A network of a recipe, trained or gone on with, and how long that took in minutes."""
    keras.utils.set_random_seed(chosen.seed)
    model = RECIPES[recipe].build(faces.names, **SETTINGS, kernels=KERNELS.get(recipe, PLAIN))
    model.adapt(pictures, rows)
    batches = Batches(pictures, rows, BATCH, chosen.seed)
    epochs = chosen.epochs if recipe in KERNELS else round(PATIENT * chosen.epochs)
    RECIPES[recipe].compile(model, epochs * batches.steps)
    log = trainer.train(model, batches, epochs, folder, progress=not chosen.quiet)
    return model, log[-1]["seconds"] / 60


def likeness(drawn, truth) -> dict[str, float]:
    return {
        "psnr": float(metrics.psnr(drawn, truth).mean()),
        "ssim": float(metrics.ssim(drawn, truth).mean()),
    }


def measured(faces, apart: float, chosen: argparse.Namespace) -> list[dict]:
    """One row of each recipe, for views so far apart."""
    size, found = (80, 64), []
    pictures, rows = seen_from(faces, apart, size, not chosen.quiet)
    learned, held = slice(None, -HELD_OUT), slice(-HELD_OUT, None)
    for recipe in chosen.recipes:
        folder = chosen.output / f"{recipe}-{apart:g}-{chosen.epochs}-{chosen.seed}"
        part = {name: values[learned] for name, values in rows.items()}
        model, minutes = trained(recipe, faces, pictures[learned], part, chosen, folder)
        seen = np.arange(-90.0, 90.1, apart)
        turn = turned(model, faces, step=chosen.step, seen=seen, progress=not chosen.quiet)
        drawn = model.draw({name: values[held] for name, values in rows.items()})
        found.append(
            {
                "recipe": recipe,
                "apart": apart,
                "minutes": round(minutes, 1),
                "held_out": likeness(drawn, pictures[held]),
                **turn_report(turn),
            }
        )
        few = np.linspace(0, len(turn.degrees) - 1, 9).round().astype(int)
        strips = np.concatenate(
            [x[i][few] for i in range(0, len(turn.truth), 3) for x in (turn.truth, turn.drawn)]
        )
        plots.contact_sheet(strips, len(few)).save(folder / "turn.png")
    return found


def table(found: list[dict]) -> str:
    """PSNR / SSIM at the angles seen, half-way to the hardest, and there."""
    head = ["views every", "guess", "minutes", "held out", "seen", "half-way", "hardest", "sharpness"]
    head.append("doubled (truth)")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in found:
        if row is first_of(found, row["apart"]):
            lines += [_line(row["apart"], guess, row, guess) for guess in ("nearest", "fade")]
        doubled = f"{row['doubled']['drawn']:.3f} ({row['doubled']['truth']:.3f})"
        more = (str(row["minutes"]), _both(row["held_out"]), f"{row['sharpness'][-1]:.2f}", doubled)
        lines.append(_line(row["apart"], row["recipe"], row, "drawn", *more))
    return "\n".join(lines)


def _line(apart, name, row, guess, minutes="", held_out="", sharp="", doubled="") -> str:
    at = [0, len(row["off"]) // 2, -1]
    values = [_both({key: row[guess][key][i] for key in ("psnr", "ssim")}) for i in at]
    return "| " + " | ".join([f"{apart:g}", name, minutes, held_out, *values, sharp, doubled]) + " |"


def _both(score: dict) -> str:
    return f"{score['psnr']:.1f} / {score['ssim']:.3f}"


def chart(found: list[dict]) -> Figure:
    """PSNR by how far an angle is from the nearest one seen, a panel for each distance of views."""
    every = {apart: [row for row in found if row["apart"] == apart] for apart in (r["apart"] for r in found)}
    figure = Figure(figsize=(3.6 * len(every), 3.8), layout="constrained", dpi=80)
    panels = figure.subplots(1, len(every), sharey=True, squeeze=False)[0]
    for axis, (apart, rows) in zip(panels, every.items(), strict=True):
        guesses = {"nearest true view": rows[0]["nearest"], "cross-fade": rows[0]["fade"]}
        guesses |= {row["recipe"]: row["drawn"] for row in rows}
        for (name, score), style in zip(guesses.items(), cycle(plots.STYLES), strict=False):
            axis.plot(rows[0]["off"], score["psnr"], style, markersize=4, label=name)
        axis.set(title=f"views every {apart:g} degrees", xlabel="degrees from a view seen", ylim=(14, 35))
    panels[0].set(ylabel="PSNR in dB")
    panels[0].legend(fontsize="small")
    return figure


def first_of(found: list[dict], apart: float) -> dict:
    return next(row for row in found if row["apart"] == apart)


def main() -> None:
    chosen = options()
    faces = read(chosen.data)
    found = [row for apart in chosen.apart for row in measured(faces, apart, chosen)]
    about = (
        f"{len(faces.names['identity'])} people, {LEARNED} pictures of 80x64 pixels, {chosen.epochs} epochs "
        f"(plain networks: {PATIENT:g} times as many), {metrics.machine()}"
    )
    print(about, table(found), sep="\n")
    text = json.dumps({"about": about, "rows": found, "table": table(found)}, indent=1) + "\n"
    files.write_text(chosen.output / "turning.json", text)
    files.write(chosen.output / "turning.png", lambda file: chart(found).savefig(file, format="png"))


if __name__ == "__main__":
    sys.exit(main())
