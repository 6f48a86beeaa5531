"""Whether a training waits for its batches."""

import keras
import numpy as np

from benchmarks import pictures
from benchmarks.timing import Variant, compare, times_as_fast
from benchmarks.training import fitted
from facegen.conditions.attributes import NAMES
from facegen.data.loader import Batches
from facegen.models.gan import GAN, TTURAdam

READ, HELD = "trained on batches from the file", "trained on one batch, again and again"
ALONE = "the batches alone"


def waiting(small: bool = False) -> dict:
    """A training of small steps that reads its batches, and the same with a batch that is there already."""
    count, steps, width = (64, 2, 2) if small else (20_000, 20, 16)
    path = pictures.folder() / "waiting.npy"
    conditions = {"attributes": np.zeros((count, len(NAMES)), "float32")}
    data = Batches(pictures.noise((count, 32, 32, 3), path), conditions, 32)
    model = GAN({"attributes": list(NAMES)}, 32, width=width, discriminator_width=width)
    model.compile(TTURAdam())
    held, order, images = Held(data, steps), data.order(0)[:steps], steps * data.batch_size
    calls = {
        READ: fitted(model, data, steps).call,
        HELD: lambda: model.fit(held, shuffle=False, verbose=0),
        ALONE: lambda: [data.rows(rows) for rows in order],
    }
    variants = {name: Variant(call, images, steps) for name, call in calls.items()}
    result = compare(variants, 1 if small else 9)
    path.unlink()
    return result | {"ratios": {f"images/s, {READ} / {HELD}": times_as_fast(result["seconds"], READ, HELD)}}


class Held(keras.utils.PyDataset):
    """An epoch of one batch, which is read once.

    Args:
        data: batches, of which the first rows are taken.
        steps: of the epoch.
    """

    def __init__(self, data: Batches, steps: int):
        super().__init__(workers=1)
        self.batch, self.steps = (data.rows(np.arange(data.batch_size)),), steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> tuple[dict[str, np.ndarray]]:
        return self.batch
