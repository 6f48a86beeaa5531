"""Batches: which rows a model sees at which step, as a function of (seed, epoch) alone.

Nothing here reads an image file: pixels come as one (memory-mapped) uint8 array, see pixels.py.
"""

import hashlib
from collections.abc import Mapping

import keras
import numpy as np

from facegen.utils.errors import FacegenError

PAGE = 4096  # bytes of a memory map that are read together, at least


class Batches:
    """The batches of a face set, epoch by epoch.

    Every epoch visits each row at most once, in an order drawn from (seed, epoch); the rows that
    do not fill a last batch are left out, so that every batch has the same shape. A training that
    is cut off at (epoch, step) can therefore go on with exactly the batches it has not seen.

    Args:
        pixels: uint8 array (n, height, width, channels), usually the memory map of `pixels.pixels`.
        conditions: name -> float32 array (n, width of that condition).
        batch_size: rows in a batch.
        seed: of the order.

    Raises:
        FacegenError: the arrays disagree about n, or n is smaller than a batch.

    Example:
        >>> pixels, ages = np.zeros((7, 8, 8, 3), "uint8"), np.ones((7, 1), "float32")
        >>> batches = Batches(pixels, {"age": ages}, batch_size=3)
        >>> batches.steps, batches.order(epoch=0).tolist()
        (2, [[2, 4, 3], [6, 5, 0]])
        >>> {name: rows.shape for name, rows in batches.rows(np.array([0, 4])).items()}
        {'age': (2, 1), 'image': (2, 8, 8, 3)}
    """

    def __init__(
        self, pixels: np.ndarray, conditions: Mapping[str, np.ndarray], batch_size: int, seed: int = 0
    ):
        for name, rows in conditions.items():
            if len(rows) != len(pixels):
                raise FacegenError(
                    f"Condition {name!r} has {len(rows)} rows, but there are {len(pixels)} images: "
                    "both must come from the same face set."
                )
        if not 1 <= batch_size <= len(pixels):
            raise FacegenError(
                f"A batch of {batch_size} does not fit a set of {len(pixels)} images: "
                f"expected a number from 1 to {len(pixels)}."
            )
        self.pixels, self.conditions = pixels, dict(conditions)
        self.batch_size, self.seed = batch_size, seed

    @property
    def steps(self) -> int:
        """Batches in one epoch."""
        return len(self.pixels) // self.batch_size

    @property
    def fingerprint(self) -> dict:
        """What decides the content of every batch, as JSON."""
        digest = hashlib.sha256()
        for name in sorted(self.conditions):
            digest.update(name.encode() + np.ascontiguousarray(self.conditions[name]).tobytes())
        seen = self.pixels[:: max(1, len(self.pixels) // 64)]  # some pictures speak for all
        return {
            "images": list(self.pixels.shape),
            "conditions": digest.hexdigest(),
            "pixels": hashlib.sha256(np.ascontiguousarray(seen).tobytes()).hexdigest(),
            "batch_size": self.batch_size,
            "seed": self.seed,
        }

    def order(self, epoch: int) -> np.ndarray:
        """The rows of one epoch, int64 (steps, batch_size)."""
        rows = np.random.default_rng([self.seed, epoch]).permutation(len(self.pixels))
        return rows[: self.steps * self.batch_size].reshape(self.steps, self.batch_size)

    def epoch(
        self, epoch: int, start: int = 0, part: int = 0, parts: int = 1, workers: int | None = None
    ) -> "Epoch":
        """The batches of one epoch, from step `start` on, as something that `fit` reads.

        Of `parts` processes that train together, each reads an equal part of every batch: the
        `part`-th, from 0. `workers` are those of the `Epoch`.
        """
        rows = self.batch_size // parts
        return Epoch(self, self.order(epoch)[start:, part * rows : (part + 1) * rows], workers)

    def rows(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """One batch: the conditions and, under "image", the uint8 pixels of these rows."""
        step = max(1, PAGE // self.pixels[0, 0].nbytes)  # lines of a picture to the page
        _ = self.pixels[np.sort(rows), ::step, 0, 0]  # a disk is read fastest in file order, page by page
        batch = {name: values[rows] for name, values in self.conditions.items()}
        return {**batch, "image": self.pixels[rows]}


class Epoch(keras.utils.PyDataset):
    """One epoch of `Batches`: a value, so that no thread can see it half changed.

    With one worker, Keras reads through a tf.data pipeline whose tuning sleeps twice as long each time, and
    cannot be ended meanwhile: an epoch of 2.6 seconds took 5.1. Two workers need no such pipeline.

    Args:
        workers: threads that read; default: two under TensorFlow. Under JAX there is no tf.data, and Keras
            looks at the first batch of a new model, which two workers would not hand out a second time.
    """

    def __init__(self, batches: Batches, order: np.ndarray, workers: int | None = None):
        super().__init__(workers=workers or (2 if keras.backend.backend() == "tensorflow" else 1))
        self.batches, self.order = batches, order

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, step: int) -> tuple[dict[str, np.ndarray]]:
        return (self.batches.rows(self.order[step]),)
