"""Optimizers and their learning rates: one small network, trained by each, at each rate, from several seeds.

    python benchmarks/optimizers.py data/clay-rafd

The network, its batches and its loss are those of notebook 7, which shows what this has found: the course's
file is models/clay-deconv/optimizers.json, written by `--output` there. One process, one thread a training;
a training that is in the file is not done again, so that the same command goes on where it was stopped.
Noted is the PSNR in decibels of held-out pictures at the end; null where a loss was no longer a number.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras
import numpy as np
from keras.optimizers import SGD, Adagrad, Adam, AdamW, Muon, RMSprop

from facegen import metrics
from facegen.data.dataset import FaceSet
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.data.reader import read
from facegen.models.deconv import Deconv
from facegen.utils import files

# with the rate at which notebook 7 races each; tried are these, and about three and ten times less and more
OPTIMIZERS: dict[str, tuple[Callable, float]] = {
    "SGD": (SGD, 1.0),
    "momentum": (lambda rate: SGD(rate, momentum=0.9), 0.3),
    "AdaGrad": (lambda rate: Adagrad(rate, initial_accumulator_value=0.0), 1e-2),
    "RMSprop": (RMSprop, 1e-3),
    "Adam": (Adam, 3e-3),
    "AdamW": (AdamW, 3e-3),
    "Muon": (Muon, 3e-3),
}
FACTORS = {"1/10": 0.1, "3/10": 0.3, "1": 1.0, "3": 3.0, "10": 10.0}
NETWORK = {"start": (5, 4), "depth": 2, "kernels": (48, 32), "dense": 128, "normalized": False}


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="a face set in RaFD's format; notebook 7 takes 16 people of clay")
    add("-o", "--output", type=Path, default=Path("build/optimizers.json"))
    add("--steps", type=int, default=200, help="of each training (default: 200)")
    add("--batch", type=int, default=16)
    add("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of weights and batches (default: 0 1 2)")
    add("--optimizers", nargs="+", choices=OPTIMIZERS, default=[*OPTIMIZERS])
    add("--factors", nargs="+", choices=FACTORS, default=[*FACTORS], help="of each optimizer's own rate")
    return parser.parse_args()


def psnr(faces: FaceSet, optimizer: keras.optimizers.Optimizer, steps: int, batch: int, seed: int) -> float:
    """Train a fresh network; how near it draws held-out pictures, in decibels, NaN where it diverged."""
    keras.utils.set_random_seed(seed)
    model = Deconv(faces.names, **NETWORK)
    images = load_pixels(faces, model.image_shape[:2], progress=False)
    seen, unseen = faces.part("train"), faces.part("test")
    batches = Batches(images[faces.partition == 0], seen.conditions, batch, seed)
    model.compile(optimizer, loss="mean_squared_error", jit_compile=False)  # compiling takes longer
    for step in range(steps):
        epoch, place = divmod(step, batches.steps)
        loss = model.train_on_batch(batches.rows(batches.order(epoch)[place]))
        if not np.isfinite(loss):
            return float("nan")
    return float(metrics.psnr(model.draw(unseen.conditions), images[faces.partition == 2]).mean())


def spreads(found: dict) -> dict[str, dict]:
    """Of each optimizer: its best rate's mean over the seeds, and what a factor of ten in the rate costs.

    Returns:
        name -> {"rate", "best", "seeds", "tenth", "tenfold"}: the rate; its decibels; how far its seeds lie
        apart; decibels lost at a tenth, and at ten times of it, null where that was not tried.
    """
    about = {}
    for name, rates in found.items():
        means = {rate: _mean(values) for rate, values in rates.items()}
        best = max(means, key=lambda rate: means[rate])
        lost = {word: _lost(means, best, factor) for word, factor in (("tenth", 0.1), ("tenfold", 10.0))}
        seeds = [value for value in rates[best].values() if value is not None]
        numbers = {"best": means[best], "seeds": max(seeds, default=0.0) - min(seeds, default=0.0), **lost}
        about[name] = {
            "rate": float(best),
            **{k: v if v is None else round(v, 2) for k, v in numbers.items()},
        }
    return about


def _mean(values: dict[str, float | None]) -> float:
    """A training that diverged draws nothing: 0 decibels, so that no luck of other seeds hides it."""
    return float(np.mean([0.0 if value is None else value for value in values.values()]))


def _lost(means: dict[str, float], best: str, factor: float) -> float | None:
    near = [mean for rate, mean in means.items() if np.isclose(float(rate) / float(best), factor, rtol=0.02)]
    return means[best] - near[0] if near else None


def main() -> None:
    chosen = options()
    faces = read(chosen.data).hold_out(0.1, seed=0)
    command = " ".join(["python benchmarks/optimizers.py", *sys.argv[1:]])
    about = f"{faces!r}, {chosen.steps} steps of {chosen.batch} pictures, {metrics.machine()}"
    old = json.loads(chosen.output.read_text())["psnr"] if chosen.output.is_file() else {}
    for seed, factor, name in product(chosen.seeds, chosen.factors, chosen.optimizers):
        make, own = OPTIMIZERS[name]
        rate = f"{own * FACTORS[factor]:.3g}"
        found = old.setdefault(name, {}).setdefault(rate, {})
        if str(seed) in found:
            continue
        value = psnr(faces, make(float(rate)), chosen.steps, chosen.batch, seed)
        found[str(seed)] = round(value, 2) if np.isfinite(value) else None
        print(f"{name:9} rate {rate:8} seed {seed}  {value:.2f} dB", flush=True)
        written = {"command": command, "about": about, "psnr": old, "spreads": spreads(old)}
        files.write_text(chosen.output, json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
