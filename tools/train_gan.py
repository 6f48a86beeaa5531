"""Train the two GANs that come with the course: one whose discriminator reads the attributes, and its twin.

python tools/train_gan.py clay-gan                  # goes on where it was stopped
python tools/train_gan.py clay-gan --start models/clay-gan     # begins with the weights of an earlier one
python tools/train_gan.py clay-gan-unconditional    # the same, but for a discriminator that never sees them

They learn from 20,000 pictures of clay. `python tools/ship.py NAME` then measures them and puts them
into models/.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras

from facegen import course
from facegen.data.dataset import FaceSet
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.models import saving
from facegen.models.base import FaceModel
from facegen.training import precision, trainer
from facegen.training.recipes import RECIPES
from facegen.utils import files
from facegen.utils.arrays import evenly

RECIPE = RECIPES["gan"]["today"]
CONDITIONINGS = {"clay-gan": "both", "clay-gan-unconditional": "none"}
EPOCHS = 10
BEGAN = "began.json"  # in the folder of a training: the card of what it began with
SETTINGS = {"size": 64, "width": 16, "discriminator_width": 32, "pairs": 0.25}


def folder(name: str) -> Path:
    """Where a GAN is trained; after `clay`, which sets the scale."""
    return course.run(name)


def clay() -> FaceSet:
    """The faces that both learn from, and the flow.

    Raises:
        SystemExit: data/celeba holds photographs: models of real people are not shipped.
    """
    os.environ["FACEGEN_SCALE"] = "gpu"  # whose set of clay is the larger one
    faces = course.faces("celeba")
    if not course.is_clay(faces):
        raise SystemExit("Only models of clay people are shipped: data/celeba holds photographs.")
    return faces


def begin(model: FaceModel, bundle: Path, run: Path) -> None:
    """Give a model the weights of an earlier one, whose card is kept beside the training for its own."""
    model.begin_with(saving.load(bundle))
    run.mkdir(parents=True, exist_ok=True)
    files.write_text(run / BEGAN, json.dumps(saving.about(bundle)["card"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=CONDITIONINGS)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"in all (default: {EPOCHS})")
    parser.add_argument("--start", type=Path, metavar="BUNDLE", help="a finished one to begin with")
    parser.add_argument("--precision", choices=precision.POLICIES, default="float32", help="of the training")
    options = parser.parse_args()
    faces = clay()
    learned, held_out = faces.part("train"), faces.part("test")
    keras.utils.set_random_seed(0)
    with precision.using(options.precision):
        conditioning = CONDITIONINGS[options.name]
        model = RECIPE.build(faces.names, **SETTINGS, conditioning=conditioning)
    run = folder(options.name)
    if options.start:
        begin(model, options.start, run)
    batches = Batches(load_pixels(learned, SETTINGS["size"]), learned.conditions, 32)
    RECIPE.compile(model, options.epochs * batches.steps)
    shown = evenly(len(held_out), 64)
    inputs = {"attributes": held_out.conditions["attributes"][shown], "noise": model.sample_noise(64, 0)}
    trainer.train(model, batches, options.epochs, run, samples=lambda: model.draw(inputs))


if __name__ == "__main__":
    main()
