"""What does each remedy of a collapsing GAN do? All of them, none, and all but one, for the same time.

    python benchmarks/remedies.py data/clay-celeba
    python benchmarks/remedies.py data/clay-celeba --seeds 0 --variants all "without spectral norm"

Measured as everywhere in the course: how well the network obeys, how far its faces lie from real ones, and
how far from each other. The time is the processor's. Each network is measured when it has learned; what is
finished is not done again; the table goes to the terminal, with all figures to build/remedies/.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras
import numpy as np

from benchmarks.switches import learn
from benchmarks.timing import machine
from facegen import metrics
from facegen.data import Batches, load_pixels
from facegen.data.reader import read
from facegen.metrics.gan_report import gan_report
from facegen.models import TTURAdam
from facegen.training.recipes import RECIPES
from facegen.utils import files

SIZE, WIDTH, BATCH = 32, 16, 32
ALL, NONE = "all", "none: the original"
WITHOUT = {  # one remedy: what the original has in its place
    "centred inputs": {"centred": False},
    "64 numbers of noise": {"latent_dim": 1},
    "spectral norm": {"spectral": False, "dropout": 0.25},
    "the hinge loss": {"loss": "logistic"},
    "a moving average": {"ema": 0.0},
    "rows of the table": {"label_sampling": "bernoulli"},
    "a faster discriminator": {},
    "a discriminator that reads": {"conditioning": "none"},
}
VARIANTS = {ALL: {}, **{f"without {name}": change for name, change in WITHOUT.items()}, NONE: {}}
SLOW = ("without a faster discriminator", NONE)  # at half of the generator's rate, not four times


def build(variant: str, names, seed: int):
    """A GAN with the remedies of a variant, compiled."""
    keras.utils.set_random_seed(seed)
    recipe = RECIPES["gan"]["original" if variant == NONE else "today"]
    sides = {"size": SIZE, "width": WIDTH, "discriminator_width": WIDTH}
    model = recipe.build(names, **sides, **VARIANTS[variant], seed=seed)
    model.compile(TTURAdam(discriminator_lr_ratio=0.5 if variant in SLOW else 4.0))
    return model


def train(variant: str, faces, seconds: float, seed: int):
    """A GAN of a variant, trained for so many seconds of the processor."""
    keras.utils.clear_session()
    model, learned = build(variant, faces.names, seed), faces.part("train")
    pictures = load_pixels(learned, SIZE, progress=False)
    learn(model, Batches(pictures, learned.conditions, BATCH, seed), seconds)
    return model


def measure(model, faces, seed: int) -> dict[str, float]:
    """How far its faces lie from each other and from real ones, and how well it obeys."""
    held = faces.part("test")
    some = {name: rows[:500] for name, rows in held.conditions.items()}
    drawn = model.draw({**some, "noise": model.sample_noise(len(some["attributes"]), seed)})
    real = load_pixels(held, SIZE, progress=False)[:500]
    report = gan_report(model, faces, people=16, seeds=1, progress=False)
    return {
        "steps": int(model.steps),
        "spread": metrics.diversity(drawn) / metrics.diversity(real),
        "frechet": report["fidelity"]["frechet_ratio"],
        "coverage": report["fidelity"]["drawn"]["coverage"],
        "control": report["control"]["f1_of_ceiling"],
        "chance": report["control"]["f1_floor_mean"] / report["control"]["f1_ceiling_mean"],
    }


def table(rows: dict[str, list[dict]]) -> str:
    """A line of each variant: mean over the seeds, least and most."""
    head = ["remedies", "steps", "spread", "Frechet", "coverage", "control"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, found in rows.items():
        cells = [f"{np.mean([one['steps'] for one in found]):,.0f}"]
        for key, form in (("spread", ".2f"), ("frechet", ".1f"), ("coverage", ".2f"), ("control", ".2f")):
            values = [one[key] for one in found]
            span = f" ({min(values):{form}} to {max(values):{form}})" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):{form}}{span}")
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="clay in CelebA's format")
    add("-o", "--output", type=Path, default=Path("build/remedies"))
    add("--seconds", type=float, default=60, help="of the processor, for each training (default: 60)")
    add("--seeds", type=int, nargs="+", default=[0, 1, 2])
    add("--variants", nargs="+", choices=VARIANTS, default=[*VARIANTS])
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    faces, rows = read(chosen.data), {name: [] for name in chosen.variants}
    for seed in chosen.seeds:
        for name in chosen.variants:
            file = chosen.output / f"{name.partition(':')[0]}-{seed}.json"
            if not file.is_file():
                figures = measure(train(name, faces, chosen.seconds, seed), faces, seed)
                files.write_text(file, json.dumps(figures, indent=1) + "\n")
            rows[name].append(json.loads(file.read_text()))
            print(name, seed, {key: round(value, 3) for key, value in rows[name][-1].items()}, flush=True)
    about = (
        f"{len(faces.part('train')):,} faces of {SIZE} x {SIZE} pixels, width {WIDTH}, batches of {BATCH}, "
        f"{chosen.seconds:g} seconds of a processor for each, seeds: {len(chosen.seeds)}, "
        f"{machine()['processor']}"
    )
    print(about, table(rows), sep="\n")
    text = json.dumps({"about": about, "rows": rows, "table": table(rows)}, indent=1) + "\n"
    files.write_text(chosen.output / "remedies.json", text)


if __name__ == "__main__":
    sys.exit(main())
