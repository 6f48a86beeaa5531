"""Does a switch obey? Variants of the GAN's training for the same seconds of a core, measured by the course.

    python benchmarks/switches.py data/clay-celeba --seconds 180
    facegen data clay-celeba data/noisy --count 5600 --label-noise 0.08
    python benchmarks/switches.py data/noisy --seconds 180
    python benchmarks/switches.py data/clay-celeba-gpu --start models/clay-gan --seconds 300

The time is the processor's, so that what else the machine does counts for nothing. Each variant is kept when
it is done, so the same command goes on where it was stopped; the table goes to the terminal, and with all
measures to build/switches/.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras

from facegen import metrics
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.data.reader import read
from facegen.models import saving
from facegen.training import precision
from facegen.training.recipes import RECIPES
from facegen.utils import files

VARIANTS = {"today": {}, "pairs": {"pairs": 0.25}}


class StopAfter(keras.callbacks.Callback):
    """Ends a training after some seconds of the processor."""

    def __init__(self, seconds: float):
        super().__init__()
        self.end = time.process_time() + seconds

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = time.process_time() > self.end


def trained(variant: dict, faces, chosen: argparse.Namespace):
    """A GAN that has learned for the given time."""
    learned = faces.part("train")
    keras.utils.set_random_seed(chosen.seed)
    recipe = RECIPES["gan"]["today"]
    sides = {"size": chosen.size, "width": chosen.width, "discriminator_width": chosen.width}
    begun = saving.load(chosen.start) if chosen.start else None
    if begun:
        sides = {name: begun.settings[name] for name in sides}
    with precision.using(chosen.precision):
        model = recipe.build(faces.names, **{**sides, **variant}, seed=chosen.seed)
    if begun:
        model.begin_with(begun)
    recipe.compile(model, 1)
    pictures = load_pixels(learned, sides["size"])
    learn(model, Batches(pictures, learned.conditions, 32, chosen.seed), chosen.seconds)
    return model


def learn(model, batches: Batches, seconds: float) -> None:
    """Train for so many seconds of the processor."""
    stop, epoch = StopAfter(seconds), 0
    while not model.stop_training:
        model.fit(batches.epoch(epoch), verbose=0, callbacks=[stop], shuffle=False)
        epoch += 1


def scores(report: dict, steps: int) -> dict[str, float]:
    """A row of the table."""
    toggle, likeness = report["toggle"], report["fidelity"]
    return {
        "steps": steps,
        "control": report["control"]["f1_of_ceiling"],
        "f1": report["control"]["f1_mean"],
        "seen": toggle["flipped_mean"],
        "truth": toggle.get("flipped_truth_mean", float("nan")),
        "others": toggle["others_mean"],
        "change": toggle["change_mean"],
        "frechet": likeness["frechet_ratio"],
        "coverage": likeness["drawn"]["coverage"],
        "asymmetry": likeness["drawn"]["asymmetry"] / likeness["real"]["asymmetry"],
    }


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="clay in CelebA's format")
    add("-o", "--output", type=Path, default=Path("build/switches"))
    add("--start", type=Path, help="a finished GAN to begin with, instead of new ones (sizes are its own)")
    add("--size", type=int, default=32)
    add("--width", type=int, default=24)
    add("--seconds", type=float, default=180, help="of the processor, for each (default: 180)")
    add("--seed", type=int, default=0)
    add("--precision", choices=precision.POLICIES, default="bfloat16", help="of the training")
    add("--variants", nargs="+", choices=VARIANTS, default=[*VARIANTS])
    chosen = parser.parse_args()
    faces, rows = read(chosen.data), {}
    for name in chosen.variants:
        folder = chosen.output / Path(chosen.data).name / f"{name}-{chosen.seed}"
        if not (folder / "scores.json").is_file():
            model = trained(VARIANTS[name], faces, chosen)
            saving.save(model.exported(), folder / "model")
            report = metrics.report(saving.load(folder / "model"), faces, progress=False)
            files.write_text(folder / "measures.json", metrics.as_json(report))
            files.write_text(folder / "scores.json", json.dumps(scores(report, int(model.steps))))
        rows[name] = json.loads((folder / "scores.json").read_text())
        print(name, {key: round(value, 3) for key, value in rows[name].items()}, flush=True)


if __name__ == "__main__":
    sys.exit(main())
