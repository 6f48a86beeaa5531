"""Training: the same bits whether interrupted or not; a log, sheets and a model that can be used."""

import csv
import functools
import signal
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from facegen import bundle, checkpoints, training
from facegen.batches import Batches
from facegen.checkpoints import Position
from facegen.deconv import Deconv
from facegen.errors import FacegenError
from facegen.gan import GAN, PlayersAdam

COLUMNS = ["Bald", "Male", "Smiling"]


def data(count=40, height=8, width=8, batch_size=8, seed=0):
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, height, width, 3), dtype="uint8")
    rows = random.integers(0, 2, (count, 3)).astype("float32")
    return Batches(images, {"attributes": rows}, batch_size, seed=5)


def gan(seed=0):
    keras.utils.set_random_seed(seed)
    remedies = {
        "spectral": True,
        "averaging": 0.9,
        "loss": "hinge",
        "conditioning": "both",
        "requests": "rows",
    }  # each has state of its own
    model = GAN({"attributes": COLUMNS}, size=16, width=2, discriminator_width=2, noise=3, **remedies)
    model.compile(PlayersAdam(), jit_compile=False)
    return model, data(height=16, width=16)


def deconv(seed=0):
    keras.utils.set_random_seed(seed)
    model = Deconv({"attributes": COLUMNS}, start=(2, 2), depth=1, kernels=[4], dense=8)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, 20)
    model.compile(keras.optimizers.Adam(rate), loss="mean_squared_logarithmic_error", jit_compile=False)
    return model, data()


def state(model):
    return [np.array(keras.ops.convert_to_numpy(v)) for v in checkpoints.variables(model)]


def assert_same_bits(one, two):
    for v, a, b in zip(checkpoints.variables(one), state(one), state(two), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=v.path)


def train(make, folder, epochs=3, seed=0, **kwargs):
    model, batches = make(seed)
    rows = training.train(model, batches, epochs, folder, progress=False, **kwargs)
    return model, rows


@pytest.fixture(scope="module")
def unbroken_run(tmp_path_factory):
    """make -> (model, log) of three epochs in one go, trained once."""
    return functools.cache(lambda make: train(make, tmp_path_factory.mktemp("unbroken")))


class StopAt(training._Watch):
    """A watch that meets an interrupt at a given step of the whole training."""

    at = None

    def on_train_batch_end(self, batch, logs=None):
        self.stopped = self.position.epoch * self.steps + self.position.step + 1 == self.at
        super().on_train_batch_end(batch, logs)


@pytest.mark.parametrize("make", [gan, deconv])
@pytest.mark.parametrize("at", [1, 5, 8])
def test_stopped_and_resumed_is_bit_for_bit_the_unbroken_run(tmp_path, monkeypatch, unbroken_run, make, at):
    unbroken, log = unbroken_run(make)
    with monkeypatch.context() as patch:
        patch.setattr(training, "_Watch", StopAt)
        patch.setattr(StopAt, "at", at)
        with pytest.raises(KeyboardInterrupt, match=rf"after {at // 5} of 3 epochs"):  # five steps an epoch
            train(make, tmp_path / "broken")
    resumed, resumed_log = train(make, tmp_path / "broken", seed=99)  # other weights, until restored
    assert_same_bits(unbroken, resumed)
    without_time = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in rows] for rows in (log, resumed_log)
    ]
    assert without_time[0] == without_time[1]


KILLED = """
    import os, signal, sys
    sys.path.insert(0, "tests")
    from facegen import checkpoints, training
    from test_training import gan, train
    save, written = checkpoints.save, []
    def then_die(*args):
        save(*args)
        written.append(1)
        if len(written) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    checkpoints.save = then_die
    train(gan, sys.argv[1])
"""


def test_killed_and_resumed_in_another_process_is_the_unbroken_run(tmp_path, request, unbroken_run):
    unbroken, _ = unbroken_run(gan)
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path / "killed")]
    died = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, timeout=300)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    assert not (tmp_path / "killed" / "model").exists()
    resumed, rows = train(gan, tmp_path / "killed", seed=99)
    assert_same_bits(unbroken, resumed)
    assert [row["epoch"] for row in rows] == [1, 2, 3]


def test_interrupt_finishes_the_step_and_saves(tmp_path, request):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in background jobs
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    model, batches = deconv()

    def interrupt():
        if model.optimizer.iterations.numpy() == 5:  # the sheet of the first epoch
            signal.raise_signal(signal.SIGINT)
        return np.zeros((1, 8, 8, 3), "uint8")

    with pytest.raises(KeyboardInterrupt, match="Stopped after 1 of 4 epochs and 0 steps; all is saved"):
        training.train(model, batches, 4, tmp_path, samples=interrupt, progress=False)
    assert bundle.about(tmp_path / "model")["card"] == {"epochs": 1, "steps": 0}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert bundle.load(tmp_path / "model").settings == model.settings
    assert len(train(deconv, tmp_path, epochs=4)[1]) == 4


def test_leaves_a_log_sheets_and_a_usable_model(tmp_path):
    model, batches = deconv()
    conditions = {"attributes": np.eye(3, dtype="float32")}
    training.train(model, batches, 3, tmp_path, samples=lambda: model.draw(conditions), progress=False)
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert all(float(row["loss"]) > 0 and float(row["seconds"]) >= 0 for row in rows)
    assert [p.name for p in sorted((tmp_path / "samples").iterdir())] == [f"{i:04d}.png" for i in range(4)]
    assert len(checkpoints.found(tmp_path / "checkpoints")) == checkpoints.KEEP
    np.testing.assert_array_equal(bundle.load(tmp_path / "model").draw(conditions), model.draw(conditions))


def test_more_epochs_go_on_and_a_finished_training_is_left_alone(tmp_path, unbroken_run):
    whole, _ = unbroken_run(deconv)
    train(deconv, tmp_path / "parts", epochs=2)
    parts, rows = train(deconv, tmp_path / "parts", epochs=3)
    assert_same_bits(whole, parts)
    again, rows_again = train(deconv, tmp_path / "parts", epochs=3, seed=99)
    assert_same_bits(parts, again)
    assert rows == rows_again
    (tmp_path / "parts" / "log.csv").unlink()  # killed just before it was written
    train(deconv, tmp_path / "parts", epochs=3)
    assert len((tmp_path / "parts" / "log.csv").read_text().splitlines()) == 4


def test_another_model_or_data_set_is_refused_with_the_reason(tmp_path):
    train(deconv, tmp_path, epochs=1)
    other, batches = deconv()
    other = Deconv({"attributes": COLUMNS}, start=(2, 2), depth=1, kernels=[4], dense=9)
    other.compile(keras.optimizers.Adam(1e-3), loss="mse", jit_compile=False)
    with pytest.raises(FacegenError, match=r"model.dense was 8 and is now 9.*resume=False"):
        training.train(other, batches, 2, tmp_path, progress=False)
    model, batches = deconv()
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, 20)),
        loss="mean_absolute_error",
        jit_compile=False,
    )
    with pytest.raises(FacegenError, match=r"training.loss was.*logarithmic.*is now.*absolute"):
        training.train(model, batches, 2, tmp_path, progress=False)
    model, batches = deconv()
    batches.pixels = 255 - batches.pixels
    with pytest.raises(FacegenError, match=r"data.pixels was"):
        training.train(model, batches, 2, tmp_path, progress=False)
    model, batches = deconv()
    batches.seed = 6
    with pytest.raises(FacegenError, match=r"data.seed was 5"):
        training.train(model, batches, 2, tmp_path, progress=False)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "0007.png").touch()
    rows = training.train(model, batches, 1, tmp_path, resume=False, progress=False)
    assert len(rows) == 1 and not (tmp_path / "samples" / "0007.png").exists()


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b[:900] + bytes(300) + b[1200:], lambda b: b""]
)
def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path, capsys, unbroken_run, damage):
    unbroken, _ = unbroken_run(deconv)
    train(deconv, tmp_path / "run", epochs=2)
    newest = checkpoints.found(tmp_path / "run" / "checkpoints")[-1]
    newest.write_bytes(damage(newest.read_bytes()))
    resumed, _ = train(deconv, tmp_path / "run", seed=99)
    assert f"{newest} is damaged" in capsys.readouterr().out
    assert_same_bits(unbroken, resumed)


def test_a_failed_write_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    model, _ = deconv()
    kept = checkpoints.save(model, Position(epoch=1), tmp_path, {})

    def full(file, **arrays):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match=r"No space"):
        patch.setattr(np, "savez", full)
        checkpoints.save(model, Position(epoch=2), tmp_path, {})
    assert list(tmp_path.iterdir()) == [kept]
    assert checkpoints.restore(model, tmp_path, {}).epoch == 1


def test_a_state_that_is_no_number_is_never_saved(tmp_path):
    model, _ = deconv()
    model.trainable_variables[0].assign(np.full(model.trainable_variables[0].shape, np.nan))
    with pytest.raises(FacegenError, match="is no longer a number, so this state was not saved"):
        checkpoints.save(model, Position(epoch=1), tmp_path, {})
    assert not list(tmp_path.iterdir())


def test_divergence_stops_and_names_the_last_good_state(tmp_path):
    train(deconv, tmp_path, epochs=1)
    model, batches = deconv()
    checkpoint = checkpoints.found(tmp_path / "checkpoints")[-1]
    poison = np.full_like(batches.conditions["attributes"], np.inf)
    draw = batches.rows
    batches.rows = lambda rows: {**draw(rows), "attributes": poison[rows]}
    with pytest.raises(FacegenError, match=rf"loss is no longer a number.*{checkpoint.name}"):
        training.train(model, batches, 2, tmp_path, progress=False)
