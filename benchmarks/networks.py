"""The three kinds of network at one size, trained for the same time, measured in the same way.

    python benchmarks/networks.py data/clay-celeba data/clay-rafd
    python benchmarks/networks.py data/clay-celeba data/clay-rafd --seconds 60 --networks flow

On the first set (40 attributes): control, switches, likeness, coverage, the time of a picture in a panel, and
how much memory a training holds. A deconvolution network has no noise: it draws one face for a request. On
the second one (people, emotions, angles): is a face half-way between two emotions nearer to the truth than
the cross-fade of the network's own two?

The time is the processor's, each training has a process of its own, and what is finished is not done again.
The table goes to the terminal, all figures to build/networks/.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

from benchmarks.timing import alone, machine, peak

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SIZE, BATCH = 32, 32
WARM = 20  # steps whose time tells how many there will be
NETWORKS = {
    "GAN": ("gan", "today", {"size": SIZE, "width": 24, "discriminator_width": 24}),
    "flow": ("flow", "brief", {"size": SIZE, "widths": (64, 128), "patch": 4}),
    "deconvolution": ("deconv", "today", {"start": (4, 4), "depth": 2, "kernels": (64, 48), "dense": 256}),
}


def build(network: str, faces, steps: int):
    """A network of its recipe for so many steps, and batches for it."""
    import keras

    from facegen.data import Batches, load_pixels
    from facegen.training.recipes import RECIPES

    keras.utils.set_random_seed(1)
    kind, recipe, settings = NETWORKS[network]
    learned = faces.part("train")
    batches = Batches(load_pixels(learned, SIZE, progress=False), learned.conditions, BATCH, 1)
    model = RECIPES[kind][recipe].build(faces.names, **settings)
    model.adapt(batches.pixels, batches.conditions)
    RECIPES[kind][recipe].compile(model, steps)
    return model, batches


def train(network: str, data: str, seconds: float, folder: str) -> dict:
    """Train for about so many seconds of the processor, and keep the model."""
    import numpy as np

    from facegen.data.reader import read
    from facegen.models import saving

    faces = read(data)
    faces = faces if faces.kind == "celeba" else faces.hold_out(0.1, seed=0)
    model, batches = build(network, faces, WARM)
    batch, times = batches.rows(batches.order(0)[0]), []
    for _ in range(WARM):
        start = time.process_time()
        model.train_on_batch(batch)
        times.append(time.process_time() - start)
    steps = max(1, round(seconds / float(np.median(times))))
    model, batches = build(network, faces, steps)  # a new one: the rate falls to nothing at the last step
    start, done = time.process_time(), 0
    for epoch in range(steps):
        for rows in batches.order(epoch)[: steps - done]:
            model.train_on_batch(batches.rows(rows))
            done += 1
        if done == steps:
            break
    took, held = time.process_time() - start, peak()
    saving.save(model if network == "deconvolution" else model.exported(), folder)
    return {"seconds": round(took), "steps": steps, "held": held}


def attributes(folder: Path, data: str) -> dict:
    """Control, switches, likeness and time of a network that reads attributes."""
    import numpy as np

    from benchmarks.flow import milliseconds
    from facegen.data.reader import read
    from facegen.metrics.formatting import plain
    from facegen.metrics.gan_report import gan_report
    from facegen.models import saving

    model, faces = saving.load(folder), read(data)
    if not model.reads_noise:
        model.sample_noise = lambda count, seed: np.zeros((count, 1), "float32")  # which it does not read
    found = plain(gan_report(model, faces, people=32, seeds=1, progress=False))
    toggle, likeness = found["toggle"], found["fidelity"]
    return {
        "control": found["control"]["f1_of_ceiling"],
        "seen": toggle["flipped_mean"],
        "truth": toggle["flipped_truth_mean"],
        "others": toggle["others_mean"],
        "frechet": likeness["frechet_ratio"],
        "coverage": likeness["drawn"]["coverage"],
        "ms": milliseconds(model),
    }


def emotions(folder: Path, data: str) -> dict:
    """How a network of people, emotions and angles draws what lies between two emotions."""
    from facegen.data.reader import read
    from facegen.metrics.interpolation import midpoint_report, midpoints
    from facegen.models import saving

    model = saving.load(folder)
    if model.reads_noise:
        draw, noise = model.draw, model.sample_noise(1, 0)  # the same for all: only what is asked changes
        model.draw = lambda rows: draw({**rows, "noise": noise.repeat(len(rows["emotion"]), axis=0)})
    found = midpoint_report(midpoints(model, read(data), people=8, progress=False))
    return {key: found[key] for key in ("nearer", "nearer_true", "cosine", "error")}


def row(name: str, figures: dict) -> str:
    """A line of the table."""
    one, two = figures["attributes"], figures["emotions"]
    cells = [
        name, f"{one['control']:.2f}", f"{one['seen']:.0%} ({one['truth']:.0%})", f"{one['others']:.1%}",
        f"{one['frechet']:.1f}", f"{one['coverage']:.2f}", f"{one['ms']:.1f} ms",
        f"{one['held'] / 1e9:.1f} GB", f"{one['steps']:,}", f"{two['nearer']:.0%}", f"{two['cosine']:.2f}",
        f"{two['error']['drawn']:.1f}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "network", "control", "seen (truth)", "others", "Frechet", "coverage", "a picture", "memory", "steps",
    "nearer than the fade", "cosine", "error, grey levels",
)  # fmt: skip


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("celeba", help="clay in CelebA's format")
    parser.add_argument("rafd", help="clay in RaFD's format")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/networks"))
    parser.add_argument("--seconds", type=float, default=180, help="of each training (default: 180)")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=[*NETWORKS])
    chosen = parser.parse_args()
    rows = {name: measured(name, chosen) for name in chosen.networks}
    head = "| " + " | ".join(HEAD) + " |\n" + "|" + "---|" * len(HEAD)
    table = "\n".join([head, *(row(name, figures) for name, figures in rows.items())])
    about = (
        f"Pictures of {SIZE} x {SIZE} pixels, {chosen.seconds:g} seconds of a processor for each training, "
        f"batches of {BATCH}, one seed, cores: {machine()['cores']}, {machine()['processor']}"
    )
    print(about, table, sep="\n")
    text = json.dumps({"about": about, "rows": rows, "table": table}, indent=1) + "\n"
    (chosen.output / "networks.json").write_text(text)


def measured(name: str, chosen: argparse.Namespace) -> dict[str, dict]:
    """What a network reaches on both sets; kept after each."""
    file = (chosen.output / name / "figures.json").resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    figures = json.loads(file.read_text()) if file.is_file() else {}
    for part, data, measure in (
        ("attributes", chosen.celeba, attributes),
        ("emotions", chosen.rafd, emotions),
    ):
        if part not in figures:
            folder, data = file.parent / part, str(Path(data).resolve())
            took = alone(train, network=name, data=data, seconds=chosen.seconds, folder=str(folder))
            figures[part] = {**took, **measure(folder, data)}
            file.write_text(json.dumps(figures, indent=1) + "\n")
    return figures


if __name__ == "__main__":
    from benchmarks import networks  # the trainings' processes find its functions by this name

    networks.main()
