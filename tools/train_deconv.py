"""Train the deconvolution network that comes with the course.

python tools/train_deconv.py                # goes on where it was stopped

It learns from 57 clay people, eight emotions and five angles; a tenth of the pictures is held out.
`python tools/ship.py clay-deconv` then measures it and puts it into models/. With `--precision bfloat16`
it takes half of the time on a processor that has units for it.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before

import keras

from facegen import clay, course
from facegen.data.dataset import FaceSet
from facegen.data.loader import Batches
from facegen.data.pixels import load_pixels
from facegen.data.reader import read
from facegen.training import precision, trainer
from facegen.training.recipes import RECIPES

EPOCHS = 50
WIDTH = 170  # pixels of the pictures that are drawn, somewhat larger than what is learned
SETTINGS = {"start": (5, 4), "depth": 4, "dense": 256}  # 160 x 128 pixels
SETTINGS |= {"kernels": (64, 64, 40), "deep": True}  # as the recipe was when the shipped one was trained
RECIPE = RECIPES["deconv"]["turning"]
FOLDER = course.build() / "runs" / "clay-deconv"


def faces() -> FaceSet:
    """The faces it learns from; a tenth of the combinations of person, emotion and angle is held out."""
    folder: Path = course.data() / "clay-rafd-57"
    clay.rafd(folder, width=WIDTH)
    return read(folder).hold_out(0.1, seed=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("--epochs", type=int, default=EPOCHS, help=f"in all (default: {EPOCHS})")
    add("--precision", choices=(*precision.POLICIES, precision.AUTO), default="float32")
    options = parser.parse_args()
    learned = faces().part("train")
    keras.utils.set_random_seed(1)
    with precision.using(precision.of_training(options.precision, FOLDER)):
        model = RECIPE.build(learned.names, **SETTINGS)
    pictures = load_pixels(learned, model.image_shape[:2])
    model.adapt(pictures, learned.conditions)
    batches = Batches(pictures, learned.conditions, 16, seed=1)
    RECIPE.compile(model, options.epochs * batches.steps)
    shown = {name: values[:: len(learned) // 32][:32] for name, values in learned.conditions.items()}
    trainer.train(model, batches, options.epochs, FOLDER, samples=lambda: model.draw(shown))


if __name__ == "__main__":
    main()
