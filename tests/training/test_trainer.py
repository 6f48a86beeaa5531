"""Training: the same bits whether interrupted or not; a log, sheets and a model that can be used."""

import csv
import functools
import resource
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from tiny import COLUMNS, assert_same_bits, deconv, flow, gan, state, train, unrolled

from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.training import checkpoints, diagnosis, trainer
from facegen.utils import files
from facegen.utils.errors import FacegenError


@pytest.fixture(scope="module")
def unbroken_run(tmp_path_factory):
    """make -> (model, log) of three epochs in one go, trained once."""
    return functools.cache(lambda make: train(make, tmp_path_factory.mktemp("unbroken")))


class StopAt(trainer.TrackPosition):
    """Meets an interrupt after a given step of the whole training."""

    at = None

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        if self.position.epoch * self.steps + self.position.step == self.at:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("make", [gan, deconv, unrolled, flow])
@pytest.mark.parametrize("at", [5, 8])
def test_stopped_and_resumed_is_bit_for_bit_the_unbroken_run(tmp_path, monkeypatch, unbroken_run, make, at):
    unbroken, log = unbroken_run(make)
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "TrackPosition", StopAt)
        patch.setattr(StopAt, "at", at)
        with pytest.raises(KeyboardInterrupt, match=rf"after {at // 5} of 3 epochs"):  # five steps an epoch
            train(make, tmp_path / "broken")
    resumed, resumed_log = train(make, tmp_path / "broken", seed=99)  # other weights, until restored
    assert_same_bits(unbroken, resumed)
    without_time = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in rows] for rows in (log, resumed_log)
    ]
    assert without_time[0] == without_time[1]


def test_killed_and_resumed_is_the_unbroken_run(request):
    """A few of the kills that tests/long/kills.py does by the dozen."""
    command = [sys.executable, "tests/long/kills.py", "--kills", "2"]
    done = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count("after 2 of 2 kills") == 2


def test_interrupt_finishes_the_step_and_saves(tmp_path, request):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in background jobs
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    model, batches = deconv()

    def interrupt():
        if model.optimizer.iterations.numpy() == 5:  # the sheet of the first epoch
            signal.raise_signal(signal.SIGINT)
        return np.zeros((1, 8, 8, 3), "uint8")

    with pytest.raises(KeyboardInterrupt, match="Stopped after 1 of 4 epochs and 0 steps; all is saved"):
        trainer.train(model, batches, 4, tmp_path, samples=interrupt, progress=False)
    assert saving.about(tmp_path / "model")["card"] == {"epochs": 1, "steps": 0}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert saving.load(tmp_path / "model").settings == model.settings
    assert len(train(deconv, tmp_path, epochs=4)[1]) == 4


def test_leaves_a_log_sheets_and_a_usable_model(tmp_path):
    model, batches = deconv()
    conditions = {"attributes": np.eye(3, dtype="float32")}
    trainer.train(model, batches, 3, tmp_path, samples=lambda: model.draw(conditions), progress=False)
    with open(tmp_path / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert all(float(row["loss"]) > 0 and float(row["seconds"]) >= 0 for row in rows)
    assert [p.name for p in sorted((tmp_path / "samples").iterdir())] == [f"{i:04d}.png" for i in range(4)]
    assert len(checkpoints.found(tmp_path / "checkpoints")) == checkpoints.KEEP
    np.testing.assert_array_equal(saving.load(tmp_path / "model").draw(conditions), model.draw(conditions))


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
        trainer.train(other, batches, 2, tmp_path, progress=False)
    model, batches = deconv()
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, 20)),
        loss="mean_absolute_error",
        jit_compile=False,
    )
    with pytest.raises(FacegenError, match=r"training.loss was.*logarithmic.*is now.*absolute"):
        trainer.train(model, batches, 2, tmp_path, progress=False)
    model, batches = deconv()
    batches.pixels = 255 - batches.pixels
    with pytest.raises(FacegenError, match=r"data.pixels was"):
        trainer.train(model, batches, 2, tmp_path, progress=False)
    model, batches = deconv()
    batches.seed = 6
    with pytest.raises(FacegenError, match=r"data.seed was 5"):
        trainer.train(model, batches, 2, tmp_path, progress=False)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "0007.png").touch()
    rows = trainer.train(model, batches, 1, tmp_path, resume=False, progress=False)
    assert len(rows) == 1 and not (tmp_path / "samples" / "0007.png").exists()


def test_what_was_damaged_falls_back_to_the_checkpoint_before(tmp_path, caplog, unbroken_run):
    unbroken, _ = unbroken_run(deconv)
    train(deconv, tmp_path / "run", epochs=2)
    newest = checkpoints.found(tmp_path / "run" / "checkpoints")[-1]
    newest.write_bytes(newest.read_bytes()[:-900])
    resumed, _ = train(deconv, tmp_path / "run", seed=99)
    assert f"{newest} is damaged" in caplog.text
    assert_same_bits(unbroken, resumed)


def test_it_saves_by_step_too(tmp_path, monkeypatch):
    saved, save = [], checkpoints.save
    monkeypatch.setattr(checkpoints, "save", lambda model, position, *args: saved.append(
        (position.epoch, position.step)
    ) or save(model, position, *args))  # fmt: skip
    train(deconv, tmp_path, epochs=2, every=2)
    assert saved == [(0, 0), (0, 2), (0, 4), (1, 0), (1, 2), (1, 4), (2, 0)]


def test_a_folder_is_for_one_training_at_a_time(tmp_path):
    with (
        files.locked(tmp_path, "trains"),
        pytest.raises(FacegenError, match="another process trains there"),
    ):
        train(deconv, tmp_path)


def test_what_killed_trainings_left_half_written_is_removed(tmp_path):
    left = [tmp_path / ".log.csv.7.part", tmp_path / "checkpoints" / ".000001-00000000.npz.7.part"]
    (tmp_path / "checkpoints").mkdir()
    for path in left:
        path.touch()
    (tmp_path / ".model.x.part").mkdir()
    (tmp_path / ".model.x.part" / "weights.npz").touch()
    train(deconv, tmp_path, epochs=1)
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".part"]


def test_what_has_not_learned_anything_is_not_insisted_on(tmp_path):
    model, batches = deconv()
    with pytest.raises(ZeroDivisionError):
        trainer.train(model, batches, 1, tmp_path, samples=lambda: 1 / 0, progress=False)
    assert checkpoints.found(tmp_path / "checkpoints")
    train(gan, tmp_path, epochs=1)


def test_a_log_from_before_a_column_was_added_is_gone_on_with(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(diagnosis.Probe, "__call__", lambda probe: {})
        train(deconv, tmp_path, epochs=1)
    train(deconv, tmp_path, epochs=2)
    with open(tmp_path / "log.csv", newline="") as file:
        assert [row["spread"] != "" for row in csv.DictReader(file)] == [False, True]


# Full disks


def at_most(size):
    """Let no file of this process grow beyond so many bytes: writing more fails, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture
def small_disk():
    yield at_most
    at_most(resource.RLIM_INFINITY)


def test_a_full_disk_leaves_the_checkpoints_before_and_says_how_to_go_on(tmp_path, small_disk, unbroken_run):
    unbroken, _ = unbroken_run(deconv)
    train(deconv, tmp_path, epochs=1)
    kept = {path: path.read_bytes() for path in (tmp_path / "checkpoints").iterdir()}
    small_disk(min(map(len, kept.values())) // 2)
    with pytest.raises(FacegenError, match=r"cannot be written \(.*File too large.*make room"):
        train(deconv, tmp_path, seed=99)
    assert {path: path.read_bytes() for path in (tmp_path / "checkpoints").iterdir()} == kept
    small_disk(resource.RLIM_INFINITY)
    assert_same_bits(unbroken, train(deconv, tmp_path, seed=99)[0])


# Divergence


def poisoned(batches, name="attributes", value=np.inf):
    """Batches whose conditions no network survives."""
    rows = batches.rows
    batches.rows = lambda wanted: {**(good := rows(wanted)), name: np.full_like(good[name], value)}
    return batches


def test_a_state_that_is_no_number_is_never_saved(tmp_path):
    model, _ = deconv()
    model.trainable_variables[0].assign(np.full(model.trainable_variables[0].shape, np.nan))
    with pytest.raises(checkpoints.Diverged, match="read_attributes/kernel is no longer a number"):
        checkpoints.save(model, checkpoints.TrainingPosition(epoch=1), tmp_path, {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("make", [gan, deconv])
@pytest.mark.parametrize("value", [np.inf, 1e30])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_divergence_goes_back_to_the_last_good_state(tmp_path, make, value):
    good, _ = train(make, tmp_path, epochs=1)
    model, batches = make(seed=99)
    probe = diagnosis.Probe(model, batches)
    poisoned(batches, value=value)
    with pytest.raises(FacegenError, match=r"at .*epoch 2.*The last good state, the end of epoch 1") as error:
        trainer.train(model, batches, 2, tmp_path, progress=False)
    assert "learning rate" in str(error.value) and str(tmp_path / "model") in str(error.value)
    assert_same_bits(good, model)
    saved = saving.load(tmp_path / "model")
    assert (saved.draw(probe.inputs) == good.draw(probe.inputs)).all()
    assert saving.about(tmp_path / "model")["card"] == {"epochs": 1, "steps": 0}


def test_divergence_before_the_first_checkpoint_of_an_epoch(tmp_path):
    model, batches = deconv()
    before = state(model)
    with pytest.raises(FacegenError, match="The last good state, the very beginning"):
        trainer.train(model, poisoned(batches), 2, tmp_path, progress=False)
    assert all((a == b).all() for a, b in zip(before, state(model), strict=True))


# Memory


def test_a_batch_without_room_is_told_which_would_fit(tmp_path, monkeypatch):
    model, batches = deconv()
    before, fit, tried = state(model), Deconv.fit, []

    def fit_in_a_small_memory(self, data, **options):
        tried.append(data.order.shape[1])
        if tried[-1] > 3:
            self.trainable_variables[0].assign(np.full(self.trainable_variables[0].shape, np.nan))
            raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes")
        return fit(self, data, **options)

    monkeypatch.setattr(Deconv, "fit", fit_in_a_small_memory)
    with pytest.raises(
        FacegenError, match=r"with 8 pictures does not fit into memory; a batch of 2 was tried"
    ):
        trainer.train(model, batches, 2, tmp_path, progress=False)
    assert tried == [8, 4, 2]
    assert all((a == b).all() for a, b in zip(before, state(model), strict=True))
