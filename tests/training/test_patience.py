"""A training that no longer gets better stops, and the best it was is kept; killed or not."""

import keras
import numpy as np
import pytest
from tiny import STEPS, deconv

from facegen.models import saving
from facegen.training import trainer

TURN = 3  # epochs until the loss begins to rise


@keras.saving.register_keras_serializable("tests")
class Valley(keras.losses.Loss):
    """A loss that falls for `TURN` epochs and rises afterwards, whatever is drawn."""

    model = None

    def call(self, y_true, y_pred):
        step = keras.ops.cast(Valley.model.optimizer.iterations, "float32")
        middle = (TURN - 0.5) * STEPS - 0.5  # of the best epoch
        return keras.ops.abs(step - middle) + 0 * keras.ops.mean(y_pred, axis=(1, 2, 3))


def trained(folder, epochs, **more):
    model, batches = deconv()
    Valley.model = model
    model.compile(keras.optimizers.SGD(0.1), loss=Valley(name="valley"), jit_compile=False)
    return trainer.train(model, batches, epochs, folder, progress=False, **more)


def test_it_stops_when_patience_ends_and_stays_stopped(tmp_path):
    rows = trained(tmp_path, 20, patience=2)
    losses = [row["loss"] for row in rows]
    assert losses.index(min(losses)) == TURN - 1 and len(rows) == TURN + 2
    assert (tmp_path / "model").is_dir() and not (tmp_path / "best").exists()
    assert trained(tmp_path, 20, patience=2) == rows
    assert len(trained(tmp_path, 20, patience=4)) == TURN + 4  # more patience goes on
    assert len(trained(tmp_path, TURN + 6)) == TURN + 6  # and none at all to the end


def test_the_best_epoch_is_kept(tmp_path):
    rows = trained(tmp_path, TURN + 2, best=True)
    card = saving.about(tmp_path / "best")["card"]
    assert card == {"epochs": TURN, "loss": pytest.approx(rows[TURN - 1]["loss"])}


def test_the_best_is_found_again_after_a_stop(tmp_path):
    trained(tmp_path, TURN - 1, best=True)
    trained(tmp_path, TURN + 2, best=True)
    assert saving.about(tmp_path / "best")["card"]["epochs"] == TURN
    rows = {"attributes": np.eye(3)}
    drawn = saving.load(tmp_path / "best").draw(rows)
    assert drawn.shape[0] == 3
