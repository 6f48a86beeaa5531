"""Training, for both models: `fit`, with checkpoints, sample sheets, a log and safe stops."""

import csv
import io
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from facegen import bundle, checkpoints, files, show
from facegen.batches import Batches
from facegen.checkpoints import Position
from facegen.errors import FacegenError
from facegen.model import FaceModel
from facegen.progress import bar


def train(
    model: FaceModel,
    batches: Batches,
    epochs: int,
    folder: str | Path,
    samples: Callable[[], np.ndarray] | None = None,
    resume: bool = True,
    minutes: float = 5.0,
    progress: bool = True,
) -> list[dict]:
    """Train a compiled model, or go on with a training that was cut off.

    The folder receives `checkpoints/` (at the end of each epoch and every few minutes), `log.csv`
    (a row an epoch), `samples/0000.png`, ... (a sheet an epoch; 0000 is the untrained model) and, at
    the end, `model/`, the trained model as a bundle. A run that was killed at any instant and begun
    again with the same arguments goes on from the very same state and batches; where the arithmetic
    itself is repeatable, as on a CPU, it ends with the same bits as one that was not.

    An interrupt (Ctrl-C, or the stop button of a notebook) lets the current step finish and saves
    everything, a usable model too, before it is raised; a second one stops at once.

    Args:
        model: compiled.
        batches: the data.
        epochs: how many in all, those done before included.
        folder: of this training.
        samples: draws the pictures of a sample sheet, uint8 (n, h, w, channels); from fixed inputs,
            so that the sheets can be compared.
        resume: go on where the folder's checkpoints end; False begins anew.
        minutes: between checkpoints within an epoch.
        progress: show a progress bar.

    Returns:
        The log: a dict per finished epoch, with "epoch", "seconds" and the mean of each metric.

    Raises:
        FacegenError: the folder holds another training, or a loss is no longer a number.
        KeyboardInterrupt: there was an interrupt, and everything is saved.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    setting = _setting(model, batches)
    if not resume:
        for old in [*checkpoints.found(folder / "checkpoints"), *(folder / "samples").glob("[0-9]*.png")]:
            old.unlink()
        (folder / "log.csv").unlink(missing_ok=True)
    position = checkpoints.restore(model, folder / "checkpoints", setting) or Position()
    watch = _Watch(model, position, folder, setting, batches.steps, minutes * 60)
    if position == Position():
        watch.sheet(samples)
    done = position.epoch * batches.steps + position.step
    with bar(epochs * batches.steps, "training", "step", done, progress) as watch.bar, _interrupts(watch):
        while position.epoch < epochs and not watch.stopped:
            data = batches.epoch(position.epoch, position.step)
            model.fit(data, shuffle=False, verbose=0, callbacks=[watch])
            if position.step == batches.steps:
                watch.finish_epoch(samples)
    watch.write_log()
    bundle.save(model, folder / "model", epochs=position.epoch, steps=position.step)
    if position.epoch < epochs:
        raise KeyboardInterrupt(
            f"Stopped after {position.epoch} of {epochs} epochs and {position.step} steps; all is saved in "
            f"{folder}. The same call (run this cell again) goes on from here."
        )
    return position.rows


class _Watch(keras.callbacks.Callback):
    """Follows a training step by step: position, progress bar, checkpoints, interrupts."""

    def __init__(self, model, position, folder, setting, steps, seconds):
        super().__init__()
        self.position, self.folder, self.setting = position, folder, setting
        self.steps, self.seconds = steps, seconds
        self.stopped, self.bar = False, None
        self.trained = model
        self.means = _values(model.metrics_variables) if position.step else None
        self.saved = self.counted = time.monotonic()

    def on_epoch_begin(self, epoch, logs=None):
        if self.means is not None:  # fit has just reset them; this epoch goes on
            for variable, value in zip(self.trained.metrics_variables, self.means, strict=True):
                variable.assign(value)
            self.means = None

    def on_train_batch_end(self, batch, logs=None):
        self.position.step += 1
        self.bar.update()
        self.bar.set_postfix({name: f"{float(value):.3f}" for name, value in (logs or {}).items()})
        bad = [name for name, value in (logs or {}).items() if not np.isfinite(float(value))]
        if bad:
            self._diverged(bad[0])
        stopped = self.stopped  # a signal may come at any moment: one look decides
        # the end of an epoch has a checkpoint of its own, taken when its row is in the log
        if self.position.step < self.steps and (stopped or time.monotonic() > self.saved + self.seconds):
            self.checkpoint()
            self.model.stop_training = stopped
        self.last = {name: float(value) for name, value in (logs or {}).items()}

    def checkpoint(self):
        """Save the state as of now."""
        now = time.monotonic()
        self.position.seconds += now - self.counted
        model = self.model or self.trained  # asking for self.model fetches its state from JAX
        checkpoints.save(model, self.position, self.folder / "checkpoints", self.setting)
        self.saved = self.counted = time.monotonic()

    def finish_epoch(self, samples):
        """Log the epoch that has just ended, draw its sheet, and save."""
        seconds = self.position.seconds + time.monotonic() - self.counted
        row = {"epoch": self.position.epoch + 1, "seconds": round(seconds, 1), **self.last}
        self.position.rows.append(row)
        self.position.epoch, self.position.step = self.position.epoch + 1, 0
        self.sheet(samples)
        self.write_log()
        self.checkpoint()

    def write_log(self):
        """Write the log of all finished epochs."""
        if self.position.rows:
            files.write_text(self.folder / "log.csv", _csv(self.position.rows))

    def sheet(self, samples):
        """Write the sample sheet of this epoch."""
        if samples is not None:
            path = self.folder / "samples" / f"{self.position.epoch:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, lambda file: show.sheet(samples()).save(file, "PNG"))

    def _diverged(self, name: str):
        kept = checkpoints.found(self.folder / "checkpoints")
        last = f"The last good state is in {kept[-1]}." if kept else "No state was saved before."
        raise FacegenError(
            f"{name} is no longer a number, at epoch {self.position.epoch + 1}, step {self.position.step}: "
            f"the training has diverged. {last} Try a smaller learning rate, into another folder."
        )


@contextmanager
def _interrupts(watch: _Watch) -> Iterator[None]:
    """Turn the first Ctrl-C into a stop after the current step; the second one is let through."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return

    def stop(number, frame):
        watch.stopped = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _values(variables) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables]


def _setting(model: FaceModel, batches: Batches) -> dict:
    """What two runs must have in common for the second to go on with the first, as flat JSON."""
    optimizer = keras.saving.serialize_keras_object(model.optimizer)
    parts = {
        "model": {"class": type(model).__name__, **model.settings},
        "optimizer": {"class": optimizer["class_name"], **optimizer["config"]},
        "training": {"loss": keras.saving.serialize_keras_object(model.loss)},
        "data": batches.fingerprint,
    }
    flat = {f"{part}.{key}": value for part, values in parts.items() for key, value in values.items()}
    del flat["optimizer.name"]  # numbered by Keras, says nothing
    return flat


def _csv(rows: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
