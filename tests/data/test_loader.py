"""Batches: a function of (seed, epoch), each row at most once, exact from any step on."""

import os
import subprocess
import sys

import numpy as np
import pytest

from facegen.data.loader import Batches
from facegen.utils.errors import FacegenError


def some(count=23, batch_size=5, seed=0):
    pixels = np.arange(count, dtype="uint8").reshape(count, 1, 1, 1)
    return Batches(pixels, {"number": np.arange(count, dtype="float32")[:, None]}, batch_size, seed)


def test_every_row_at_most_once_and_all_batches_of_one_shape():
    order = some().order(0)
    assert order.shape == (4, 5)
    assert len(np.unique(order)) == 20 and order.min() >= 0 and order.max() < 23


def test_order_depends_on_seed_and_epoch_alone():
    assert (some().order(3) == some().order(3)).all()
    assert (some().order(3) != some().order(4)).any()
    assert (some(seed=1).order(3) != some(seed=2).order(3)).any()


def test_an_epoch_entered_late_is_the_rest_of_the_whole_one():
    whole, rest = some().epoch(2), some().epoch(2, start=3)
    assert (len(whole), len(rest)) == (4, 1)
    np.testing.assert_array_equal(whole[3][0]["image"], rest[0][0]["image"])


def test_images_stay_with_their_conditions_and_stay_bytes():
    for step in range(4):
        (batch,) = some().epoch(0)[step]
        assert batch["image"].dtype == np.uint8
        np.testing.assert_array_equal(batch["image"][:, 0, 0, 0], batch["number"][:, 0])


def test_a_batch_comes_in_random_order():
    seen = np.concatenate([some(200, 20).epoch(0)[step][0]["number"][:, 0] for step in range(5)])
    assert 0.3 < (np.diff(seen) > 0).mean() < 0.7


def test_a_memory_map_is_read_batch_by_batch(tmp_path):
    path = tmp_path / "pixels.npy"
    np.save(path, np.arange(23, dtype="uint8").reshape(23, 1, 1, 1))
    mapped = np.load(path, mmap_mode="r")
    batches = Batches(mapped, {"number": np.arange(23, dtype="float32")[:, None]}, 5)
    assert batches.pixels is mapped
    assert not isinstance(batches.epoch(0)[0][0]["image"], np.memmap)


def test_what_does_not_fit_together_is_named():
    with pytest.raises(FacegenError, match="'number' has 3 rows, but there are 4 images"):
        Batches(np.zeros((4, 1, 1, 1), "uint8"), {"number": np.zeros((3, 1))}, 2)
    for size in (0, 24):
        with pytest.raises(FacegenError, match=f"A batch of {size} .*1 to 23"):
            some(batch_size=size)


def test_fingerprint_sees_every_change_of_content():
    prints = [
        some().fingerprint,
        some(count=24).fingerprint,
        some(batch_size=4).fingerprint,
        some(seed=1).fingerprint,
    ]
    changed = some()
    changed.conditions["number"] = changed.conditions["number"] + 1
    prints.append(changed.fingerprint)
    assert len({str(p) for p in prints}) == 5
    assert some().fingerprint == prints[0]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_fit_reads_every_batch_once_and_in_order(backend):
    """A new model too, whose first batch Keras looks at before; its weight is a hash of the order."""
    program = """if True:
        import keras, numpy as np
        from keras import ops
        from facegen.data.loader import Batches

        class Reader(keras.Model):
            def __init__(self):
                super().__init__()
                self.order = self.add_weight(shape=(), initializer="zeros", trainable=False)
                self.scale = self.add_weight(shape=(), initializer="zeros")

            def call(self, batch, training=None):
                image = ops.cast(batch["image"], "float32")
                if training:
                    self.order.assign((31.0 * self.order + ops.sum(image)) % 9973.0)
                return image * self.scale

            def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
                return ops.mean(y_pred)

        batches = Batches(np.arange(40, dtype="uint8").reshape(40, 1, 1, 1), {}, 4, seed=3)
        model, expected = Reader(), 0
        model.compile("sgd", jit_compile=False)
        for epoch in range(3):
            model.fit(batches.epoch(epoch), shuffle=False, verbose=0)
            for rows in batches.order(epoch):
                expected = (31 * expected + rows.sum()) % 9973
            assert float(model.order) == expected, epoch
    """
    environ = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-c", program], env=environ, check=True)
