"""What a short training in bfloat16 learns, beside the same in float32: it should be as good.

    python benchmarks/precision.py [--epochs 30] [--seeds 3] [--count 512]

A small deconvolution network learns clay of RaFD's kind, and is scored by PSNR on every tenth combination,
held out; a small GAN learns clay of CelebA's kind, and is scored by its losses and by how far the mean of
what it draws is from the mean of the photographs, in grey levels. Each with several seeds: what differs
between precisions is to be seen beside what differs between seeds. What was learned is always drawn in
float32.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np

import facegen
from benchmarks import pictures
from benchmarks.report import table
from facegen import clay, metrics
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.gan import GAN, TTURAdam
from facegen.training import precision, trainer
from facegen.training.recipes import RECIPES


def learned(model, batches: Batches, epochs: int) -> tuple[dict, object]:
    """The last row of a training's log, and what it has left, in float32."""
    with tempfile.TemporaryDirectory() as folder:
        log = trainer.train(model, batches, epochs, folder, progress=False)
        return log[-1], saving.load(Path(folder) / "model")


def deconv(kind: str, seed: int, epochs: int, count: int) -> dict:
    """PSNR on what was held out."""
    faces = facegen.read(clay.rafd(pictures.folder() / "precision-rafd", people=8, width=80)).hold_out(
        0.1, seed=0
    )
    kept, out = faces.partition == 0, faces.partition == 2
    images = load_pixels(faces, (80, 64), progress=False)
    rows = [{name: values[part] for name, values in faces.conditions.items()} for part in (kept, out)]
    batches = Batches(images[kept], rows[0], 16, seed)
    recipe = RECIPES["deconv"]["today"]
    keras.utils.set_random_seed(seed)
    with precision.using(kind):
        model = Deconv(faces.names, depth=3, kernels=[48, 32, 24], dense=128, **recipe.network)
    model.adapt(images[kept], rows[0])
    recipe.compile(model, epochs * batches.steps)
    log, model = learned(model, batches, epochs)
    psnr = metrics.psnr(model.draw(rows[1]), images[out]).mean()
    return {"loss": float(log["loss"]), "PSNR held out": float(psnr), "seconds": log["seconds"]}


def gan(kind: str, seed: int, epochs: int, count: int) -> dict:
    """Losses, and how far the mean picture is off."""
    faces = facegen.read(pictures.crowd(count, count))
    images = load_pixels(faces, 32, progress=False)
    batches = Batches(images, faces.conditions, 32, seed)
    keras.utils.set_random_seed(seed)
    with precision.using(kind):
        model = GAN(
            faces.names, 32, width=16, discriminator_width=16, latent_dim=16, spectral=True, loss="hinge",
            centred=True, dropout=0.0, ema=0.99, conditioning="classifier", label_sampling="shuffled",
            seed=seed,
        )  # fmt: skip
    model.compile(TTURAdam(discriminator_lr_ratio=4.0))
    log, model = learned(model, batches, epochs)
    drawn = model.draw({**faces.conditions, "noise": model.sample_noise(len(faces), seed)})
    off = np.abs(drawn.mean(axis=0, dtype="float64") - images.mean(axis=0, dtype="float64")).mean()
    losses = {name: float(log[name]) for name in ("d_loss", "g_loss", "read_real", "read_fake")}
    return {**losses, "mean off by": float(off), "seconds": log["seconds"]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--count", type=int, default=512, help="pictures of the GAN (default: 512)")
    chosen = parser.parse_args()
    for train in (deconv, gan):
        rows = []
        for seed in range(chosen.seeds):
            for kind in precision.POLICIES:
                found = train(kind, seed, chosen.epochs, chosen.count)
                rows.append({"variant": f"{train.__name__}, {kind}, seed {seed}", **found})
                print(rows[-1], file=sys.stderr, flush=True)
        print(table(rows), flush=True)


if __name__ == "__main__":
    main()
