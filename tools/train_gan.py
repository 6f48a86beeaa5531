"""Train the two GANs that come with the course: one whose discriminator reads the attributes, and its twin.

python tools/train_gan.py clay-gan                  # goes on where it was stopped
python tools/train_gan.py clay-gan-unconditional    # the same, but for a discriminator that never sees them

They learn from 20,000 clay people. `python tools/ship.py NAME` then measures them and puts them into models/.
"""

import argparse
import os
from pathlib import Path

import keras

from facegen import course
from facegen.data.dataset import FaceSet
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.models.gan import GAN, TTURAdam
from facegen.training import trainer
from facegen.utils.arrays import evenly

CONDITIONINGS = {"clay-gan": "both", "clay-gan-unconditional": "none"}
EPOCHS = 10
SETTINGS = {
    "size": 64,
    "width": 16,
    "latent_dim": 64,
    "centred": True,
    "discriminator_width": 32,
    "dropout": 0.0,
    "spectral": True,
    "loss": "hinge",
    "classifier_weight": 2.0,
    "label_sampling": "shuffled",
    "ema": 0.999,
}


def folder(name: str) -> Path:
    """Where a GAN is trained; after `clay`, which sets the scale."""
    return course.run(name)


def clay() -> FaceSet:
    """The faces that both learn from.

    Raises:
        SystemExit: data/celeba holds photographs: models of real people are not shipped.
    """
    os.environ["FACEGEN_SCALE"] = "gpu"  # whose set of clay is the larger one
    faces = course.faces("celeba")
    if not course.is_clay(faces):
        raise SystemExit("Only models of clay people are shipped: data/celeba holds photographs.")
    return faces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=CONDITIONINGS)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"in all (default: {EPOCHS})")
    options = parser.parse_args()
    faces = clay()
    learned, held_out = faces.part("train"), faces.part("test")
    keras.utils.set_random_seed(0)
    model = GAN(faces.names, **SETTINGS, conditioning=CONDITIONINGS[options.name])
    model.compile(TTURAdam(2e-4, discriminator_lr_ratio=4.0))
    shown = evenly(len(held_out), 64)
    inputs = {"attributes": held_out.conditions["attributes"][shown], "noise": model.sample_noise(64, 0)}
    batches = Batches(load_pixels(learned, SETTINGS["size"]), learned.conditions, 32)
    trainer.train(model, batches, options.epochs, folder(options.name), samples=lambda: model.draw(inputs))


if __name__ == "__main__":
    main()
