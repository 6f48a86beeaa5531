"""Train the flow that comes with the course.

python tools/train_flow.py                              # goes on where it was stopped
python tools/train_flow.py --start models/clay-flow     # begins with the weights of an earlier one
python tools/train_flow.py --epochs 6                   # shorter: another training, in a folder of its own

It learns from 20,000 pictures of clay, in bfloat16. `python tools/ship.py clay-flow` then measures it and
puts it into models/, and `python benchmarks/flow.py` adds what steps and guidance change.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras
from train_gan import begin, clay

from facegen import course
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.training import precision, trainer
from facegen.training.recipes import RECIPES

EPOCHS = 26
RECIPE = RECIPES["flow"]["straight"]
SETTINGS = {"size": 64}
BATCH = 32


def folder(epochs: int = EPOCHS) -> Path:
    """Where it is trained; after `clay`, which sets the scale."""
    return course.run("clay-flow" if epochs == EPOCHS else f"clay-flow-{epochs}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("--epochs", type=int, default=EPOCHS, help=f"in all (default: {EPOCHS})")
    add("--start", type=Path, metavar="BUNDLE", help="a finished one to begin with")
    add("--precision", choices=(*precision.POLICIES, precision.AUTO), default="bfloat16")
    options = parser.parse_args()
    faces = clay()
    learned = faces.part("train")
    keras.utils.set_random_seed(0)
    place = folder(options.epochs)
    with precision.using(precision.of_training(options.precision, place)):
        model = RECIPE.build(faces.names, **SETTINGS)
    if options.start:
        begin(model, options.start, place)
    batches = Batches(load_pixels(learned, SETTINGS["size"]), learned.conditions, BATCH)
    RECIPE.compile(model, options.epochs * batches.steps)
    trainer.train(model, batches, options.epochs, place)


if __name__ == "__main__":
    main()
