"""The two recipes of the deconvolution network, trained for the same time, compared on held-out pictures.

    python benchmarks/recipes.py data/clay-rafd --people 16 --depth 2 --kernels 64 48 --minutes 2
    python benchmarks/recipes.py data/clay-rafd --depth 4 --kernels 128 128 96 96 --minutes 120
    python benchmarks/recipes.py data/clay-rafd --recipes today --shallow --depth 3 --kernels 64 48 32 \\
        --dense 256 --batch 8 --epochs 90        what notebook 4 trains

Every tenth combination of person, emotion and angle is held out. How long a step takes is measured first,
of both in turn; from that follows how many epochs fit into the time. Stopped at any moment, the same command
goes on. Beside PSNR, SSIM and sharpness (as a share of the truth's) stands what the emotion alone changes:
the cosine of the drawn and the true change, which is 0 for the mean of a person's other emotions; and how
many drawn emotions a classifier reads as asked, how many true ones (the ceiling), and how often that which it
reads worst. The table goes to the terminal, and with pictures and figures to build/recipes/.
"""

import argparse
import json
import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras
import numpy as np

from facegen import metrics
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.data.reader import read
from facegen.metrics import detail
from facegen.models import saving
from facegen.models.deconv import KERNELS, Deconv
from facegen.training import precision, trainer
from facegen.training.recipes import RECIPES as ALL
from facegen.utils import files
from facegen.utils.arrays import evenly
from facegen.viz import plots

RECIPES = {name: ALL["deconv"][name] for name in ("original", "today")}
START = (5, 4)
PARTS = ("held out", "seen")


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="a face set in RaFD's format")
    add("-o", "--output", type=Path, default=Path("build/recipes"))
    add("--people", type=int, help="the first N of them (default: all)")
    add("--depth", type=int, default=4, help="layers; 4 draw 160x128 pixels (default: 4)")
    add("--kernels", type=int, nargs="+", default=KERNELS)
    add("--dense", type=int, default=512, help="units that read one condition (default: 512)")
    add("--batch", type=int, default=16)
    add("--shallow", action="store_true", help="one convolution in each layer instead of two")
    add("--minutes", type=float, default=10, help="of each training (default: 10)")
    add("--epochs", type=int, help="of each training, whatever time that takes, instead of --minutes")
    add("--seed", type=int, default=1)
    add("--precision", choices=precision.POLICIES, default="float32", help="of the training")
    add("--recipes", nargs="+", choices=RECIPES, default=[*RECIPES])
    add("--quiet", action="store_true", help="no progress bars")
    return parser.parse_args()


def some(faces, people: int | None):
    """The faces of the first so many people, every tenth combination held out."""
    if people:
        first = faces.conditions["identity"][:, :people]
        faces = faces.select(first.any(axis=1))
        conditions = {**faces.conditions, "identity": faces.conditions["identity"][:, :people]}
        names = {**faces.names, "identity": faces.names["identity"][:people]}
        faces = replace(faces, conditions=conditions, names=names)
    return faces.hold_out(0.1, seed=0)


def network(recipe: str, chosen: argparse.Namespace, faces, batches: Batches, steps: int) -> Deconv:
    """A new network, compiled, by a recipe."""
    keras.utils.set_random_seed(chosen.seed)
    settings = {"depth": chosen.depth, "kernels": chosen.kernels, "dense": chosen.dense}
    settings |= {"deep": False} if chosen.shallow else {}
    with precision.using(chosen.precision):
        model = RECIPES[recipe].build(faces.names, START, channels=faces.channels, **settings)
    model.adapt(batches.pixels, batches.conditions)
    RECIPES[recipe].compile(model, steps)
    return model


def seconds_a_step(chosen: argparse.Namespace, faces, batches: Batches, rounds: int = 5) -> dict[str, float]:
    """Of each recipe, the median over some rounds in which they take turns."""
    models = {name: network(name, chosen, faces, batches, 1000) for name in chosen.recipes}
    times = {name: [] for name in models}
    for _ in range(rounds + 1):
        for name, model in models.items():
            rows = [(batches.rows(batches.order(0)[step]),) for step in range(4)]
            start = time.monotonic()
            for row in rows:
                model.train_on_batch(*row)
            times[name].append((time.monotonic() - start) / len(rows))
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def planned(chosen: argparse.Namespace, faces, batches: Batches) -> dict[str, int]:
    """Epochs of each recipe; measured once, so that a run that is gone on with keeps them."""
    if chosen.epochs:
        return dict.fromkeys(chosen.recipes, chosen.epochs)
    path = chosen.output / "plan.json"
    if not path.is_file():
        steps = seconds_a_step(chosen, faces, batches)
        epochs = {
            name: max(1, round(60 * chosen.minutes / value / batches.steps)) for name, value in steps.items()
        }
        chosen.output.mkdir(parents=True, exist_ok=True)
        files.write_text(path, json.dumps({"seconds a step": steps, "epochs": epochs}, indent=1) + "\n")
    return json.loads(path.read_text())["epochs"]


def likeness(images: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    return {
        "PSNR": float(metrics.psnr(images, truth).mean()),
        "SSIM": float(detail.ssim(images, truth).mean()),
        "sharpness": float(detail.sharpness(images).mean() / detail.sharpness(truth).mean()),
    }


def emotion(drawn: dict, truth: dict, rows: dict) -> float:
    """What the emotion alone changes, of held-out pictures: cosine of the drawn and the true change."""
    view = ["identity", "orientation"]
    changes = [
        images["held out"] - metrics.mean_of_same(images["seen"], rows["seen"], rows["held out"], view)
        for images in (drawn, truth)
    ]
    return float(metrics.similarity(*changes).mean())


def legible(faces, drawn: np.ndarray, truth: np.ndarray, rows: dict) -> dict[str, float]:
    """How many emotions are read as asked; of true pictures; and of the emotion that is read worst."""
    guesses = {"drawn": drawn, "ceiling": truth, "floor": truth}
    found = metrics.recognition_report(faces, rows["emotion"], guesses, {}, progress=False)
    worst = min(found["columns"].items(), key=lambda item: item[1]["drawn"])
    shares = {"read": found["drawn"], "ceiling": found["ceiling"]}
    return shares | {"worst": worst[1]["drawn"], "worst is": worst[0]}


def table(scores: dict[str, dict]) -> str:
    columns = ["", "minutes"] + [f"{what} {part}" for what in ("PSNR", "SSIM", "sharpness") for part in PARTS]
    head = "| " + " | ".join([*columns, "emotion", "read", "ceiling", "worst"]) + " |\n|" + "---|" * 12
    rows = [head]
    for name, score in scores.items():
        values = [
            f"{score[part][what]:.{places}f}" if part in score else ""
            for what, places in (("PSNR", 2), ("SSIM", 3), ("sharpness", 2))
            for part in PARTS
        ]
        values = [name, str(score.get("minutes", "")), *values, f"{score.get('emotion', 0):.2f}"]
        values += [f"{score[name]:.2f}" if name in score else "" for name in ("read", "ceiling", "worst")]
        rows.append("| " + " | ".join(values) + " |")
    return "\n".join(rows)


def main() -> None:
    chosen = options()
    faces = some(read(chosen.data), chosen.people)
    size = tuple(side * 2 ** (chosen.depth + 1) for side in START)
    pictures = load_pixels(faces, size, progress=not chosen.quiet)
    parts = {"seen": np.flatnonzero(faces.partition == 0), "held out": np.flatnonzero(faces.partition == 2)}
    rows = {name: {k: v[part] for k, v in faces.conditions.items()} for name, part in parts.items()}
    truth = {name: pictures[part] for name, part in parts.items()}
    batches = Batches(truth["seen"], rows["seen"], chosen.batch, chosen.seed)
    guess = metrics.mean_of_same(truth["seen"], rows["seen"], rows["held out"], ["identity", "orientation"])
    scores = {
        "mean of same person and angle": {
            "held out": likeness(guess.round().astype("uint8"), truth["held out"])
        }
    }
    drawn = {"truth": truth["held out"]}
    for name, epochs in planned(chosen, faces, batches).items():
        model = network(name, chosen, faces, batches, epochs * batches.steps)
        log = trainer.train(model, batches, epochs, chosen.output / name, progress=not chosen.quiet)
        trained = saving.load(chosen.output / name / "model")  # computes in float32, as everybody's will
        images = {part: trained.draw(values) for part, values in rows.items()}
        scores[name] = {part: likeness(images[part], truth[part]) for part in rows}
        scores[name]["emotion"] = emotion(images, truth, rows)
        scores[name] |= legible(faces, images["held out"], truth["held out"], rows["held out"])
        scores[name]["minutes"] = round(log[-1]["seconds"] / 60, 1)
        drawn[name] = images["held out"]
    people, sides = len(faces.names["identity"]), "x".join(map(str, size))
    about = (
        f"{len(faces):,} pictures of {people} people, a tenth held out, {sides} pixels, {chosen.precision}, "
        f"{metrics.machine()}"
    )
    print(about, table(scores), sep="\n")
    few = evenly(len(parts["held out"]), 8)
    sheet = plots.contact_sheet(
        np.concatenate([images[few] for images in drawn.values()]), 8, left=[*drawn], side=160
    )
    sheet.save(chosen.output / "held_out.png")
    found = {"about": about, "scores": scores, "table": table(scores)}
    files.write_text(chosen.output / "scores.json", json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
