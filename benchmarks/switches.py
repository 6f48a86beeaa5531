"""Does a switch obey? Variants of the GAN's training for the same seconds of a core, measured by the course.

    python benchmarks/switches.py data/clay-celeba --seconds 240 --seeds 0 1 2
    facegen data clay-celeba data/noisy --count 5600 --label-noise 0.08
    python benchmarks/switches.py data/noisy --variants today pairs
    python benchmarks/switches.py data/clay-celeba-gpu --start models/clay-gan --variants today pairs

The time is the processor's, so that what else the machine does counts for nothing. Each variant is kept when
it is done, so the same command goes on where it was stopped; the table goes to the terminal, all measures and
a sheet of faces of each to build/switches/. Networks and games of other papers are in candidates.py.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras
import numpy as np

from benchmarks import candidates
from benchmarks.timing import machine
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.data.reader import read
from facegen.metrics.controllability import ratio
from facegen.metrics.formatting import as_json
from facegen.metrics.gan_report import gan_report
from facegen.metrics.image_quality import diversity
from facegen.models import GAN, dcgan, saving
from facegen.training import precision
from facegen.training.recipes import RECIPES
from facegen.utils import files
from facegen.viz.plots import contact_sheet

RECIPE = RECIPES["gan"]["today"]


@dataclass(frozen=True)
class Variant:
    """A GAN of the recipe "today" but for its own settings, networks or game."""

    settings: dict = field(default_factory=dict)
    networks: dict = field(default_factory=dict)  # arguments of those of candidates.py, by name
    kind: type[GAN] = GAN

    def build(self, names, seed: int, **sides) -> GAN:
        """The network, compiled."""
        networks = {
            name: partial(getattr(candidates, name), **self.networks[name])
            if name in self.networks
            else getattr(dcgan, name)
            for name in ("generator", "discriminator")
        }
        with patch.multiple("facegen.models.gan", **networks):
            model = self.kind(names, **{**RECIPE.network, **sides, **self.settings}, seed=seed)
        RECIPE.compile(model, 1)
        return model


def both(**arguments) -> dict:
    """The same change in both networks."""
    return {"generator": arguments, "discriminator": arguments}


VARIANTS = {
    "today": Variant(),
    "pairs": Variant({"pairs": 0.25}),
    "one number of noise": Variant({"latent_dim": 1}),
    "eight numbers of noise": Variant({"latent_dim": 8}),
    "quieter noise": Variant(networks={"generator": {"loudness": 0.25}}),
    "augmented": Variant(networks={"discriminator": {"augmented": True}}),
    "residual": Variant(networks=both(residual=True)),
    "attention": Variant(networks=both(attention=True)),
    "answers in two depths": Variant(networks={"discriminator": {"deep": True}}),
    "R3GAN": Variant({"spectral": False}, kind=candidates.Relativistic),
}
COLUMNS = {
    "steps": ",.0f",
    "control": ".2f",
    "seen": ".2f",
    "others": ".3f",
    "frechet": ".1f",
    "coverage": ".2f",
    "asymmetry": ".2f",
    "spread": ".2f",
}


class StopAfter(keras.callbacks.Callback):
    """Ends a training after some seconds of the processor."""

    def __init__(self, seconds: float):
        super().__init__()
        self.end = time.process_time() + seconds

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = time.process_time() > self.end


def trained(variant: Variant, faces, seed: int, chosen: argparse.Namespace) -> GAN:
    """A GAN that has learned for the given time."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    learned = faces.part("train")
    sides = {"size": chosen.size, "width": chosen.width, "discriminator_width": chosen.width}
    begun = saving.load(chosen.start) if chosen.start else None
    if begun:
        sides = {name: begun.settings[name] for name in sides}
    with precision.using(chosen.precision):
        model = variant.build(faces.names, seed, **sides)
    if begun:
        model.begin_with(begun)
    pictures = load_pixels(learned, sides["size"], progress=False)
    learn(model, Batches(pictures, learned.conditions, min(32, len(learned)), seed), chosen.seconds)
    return model


def learn(model, batches: Batches, seconds: float) -> None:
    """Train for so many seconds of the processor."""
    stop, epoch = StopAfter(seconds), 0
    while not model.stop_training:
        model.fit(batches.epoch(epoch), verbose=0, callbacks=[stop], shuffle=False)
        epoch += 1


def spread(model: GAN, rows: np.ndarray, real: np.ndarray) -> float:
    """How far faces of one request lie from each other, on average over requests; of those of real faces."""
    count = 16
    noise = model.sample_noise(count, seed=1)
    asked = [{"attributes": row[None].repeat(count, 0), "noise": noise} for row in rows]
    return float(np.mean([diversity(model.draw(one)) for one in asked]) / diversity(real))


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
        "asymmetry": ratio(likeness["drawn"]["asymmetry"], likeness["real"]["asymmetry"]),
    }


def measure(name: str, faces, seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    """A variant's row for a seed: made, or taken from where it was kept if it was made in the same way."""
    folder = chosen.output / Path(chosen.data).name / f"{name}-{seed}"
    made = {
        key: str(getattr(chosen, key)) for key in ("seconds", "size", "width", "people", "precision", "start")
    }
    kept = folder / "scores.json"
    if not kept.is_file() or json.loads(kept.read_text()).get("made") != made:
        folder.mkdir(parents=True, exist_ok=True)
        model = trained(VARIANTS[name], faces, seed, chosen)
        report = gan_report(model, faces, people=chosen.people, seeds=1, progress=False)
        held = faces.part("test").conditions["attributes"][:64]
        drawn = model.draw({"attributes": held, "noise": model.sample_noise(len(held), 0)})
        contact_sheet(drawn, columns=16).save(folder / "sheet.png")
        files.write_text(folder / "measures.json", as_json(report))
        real = load_pixels(faces.part("test"), model.image_shape[0], progress=False)[:500]
        row = scores(report, int(model.steps)) | {"spread": spread(model, held[::8], real)}
        files.write_text(kept, json.dumps(row | {"made": made}))
    return {key: value for key, value in json.loads(kept.read_text()).items() if key != "made"}


def table(rows: dict[str, list[dict]]) -> str:
    """A line of each variant: mean over the seeds, least and most."""
    lines = ["| " + " | ".join(["variant", *COLUMNS]) + " |", "|" + "---|" * (1 + len(COLUMNS))]
    for name, found in rows.items():
        cells = [name]
        for key, form in COLUMNS.items():
            values = [one[key] for one in found if key in one]
            span = f" ({min(values):{form}} to {max(values):{form}})" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):{form}}{span}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="clay in CelebA's format")
    add("-o", "--output", type=Path, default=Path("build/switches"))
    add("--start", type=Path, help="a finished GAN to begin with, instead of new ones (sizes are its own)")
    add("--size", type=int, default=32)
    add("--width", type=int, default=16)
    add("--seconds", type=float, default=180, help="of the processor, for each (default: 180)")
    add("--seeds", type=int, nargs="+", default=[0])
    add("--people", type=int, default=64, help="whose attributes are switched (default: 64)")
    add("--precision", choices=precision.POLICIES, default="float32", help="of the training")
    add("--variants", nargs="+", choices=VARIANTS, default=[*VARIANTS])
    chosen = parser.parse_args()
    faces, rows = read(chosen.data), {name: [] for name in chosen.variants}
    for seed in chosen.seeds:
        for name in chosen.variants:
            rows[name].append(measure(name, faces, seed, chosen))
            print(name, seed, {key: round(value, 3) for key, value in rows[name][-1].items()}, flush=True)
    about = (
        f"{len(faces.part('train')):,} faces of {chosen.size} x {chosen.size} pixels, width {chosen.width}, "
        f"{chosen.seconds:g} seconds of a processor, seeds: {len(chosen.seeds)}, {machine()['processor']}"
    )
    truth = np.mean([row["truth"] for found in rows.values() for row in found])
    print(about, f"a switch is seen in {truth:.2f} of true pairs", table(rows), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
