"""Training, for both models: `fit`, with checkpoints, sample sheets, a log, warnings and safe stops."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import keras
import numpy as np

from facegen import bundle, checkpoints, devices, diagnosis, files, log, mark, show
from facegen.batches import Batches, Epoch
from facegen.checkpoints import Diverged, Position
from facegen.errors import FacegenError
from facegen.logs import logger
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
    every: int | None = None,
    patience: int | None = None,
    best: bool = False,
) -> list[dict]:
    """Train a compiled model, or go on with a training that was cut off.

    The folder receives `checkpoints/` (at the start, at the end of each epoch and every few minutes),
    `log.csv` (a row an epoch), `samples/0000.png`, ... (a sheet an epoch; 0000 is the untrained model),
    `warnings.txt` where something goes wrong that training on would not mend (see diagnosis.py), and at
    the end `model/`, the trained model as a bundle. A run that was killed at any instant and begun
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
        every: steps between checkpoints within an epoch, besides those by time.
        patience: stop when the loss has not been lower than before for so many epochs (Keras's
            EarlyStopping, but one that survives a kill).
        best: also keep, in `best/`, the model as it was after the epoch of the lowest loss.

    Returns:
        The log: a dict per finished epoch, with "epoch", "seconds", the mean of each metric, and what
        `diagnosis.Probe` sees.

    Raises:
        FacegenError: the folder holds another training, or one that is at work; a loss is no longer a
            number; a step does not fit into memory, or a checkpoint onto the disk. Each time the last good
            state is kept, and the message says how to go on.
        KeyboardInterrupt: there was an interrupt, and everything is saved.
    """
    folder = Path(folder)
    devices.check(model, batches.batch_size)
    writes = devices.first()
    progress = progress and writes
    lock = files.locked(folder, partial(_refuse, folder), needed=False) if writes else nullcontext()
    with lock, devices.together(folder / "checkpoints"):
        if writes:
            _tidy(folder, resume)
        model.remember(batches.conditions)
        watch = _Watch(model, batches, folder, samples, minutes * 60, every)
        watch.patience, watch.keeps_best = patience, best
        if warning := diagnosis.shortage(model, batches.batch_size):
            logger.warning(warning)
        try:
            watch.begin()
            done = watch.position.epoch * batches.steps + watch.position.step
            with (
                bar(epochs * batches.steps, "training", "step", done, progress) as watch.bar,
                _interrupts(watch),
            ):
                _fit(model, batches, epochs, watch)
            watch.finish()
        except Diverged as error:
            raise FacegenError(watch.go_back(error)) from None
        except BrokenPipeError:  # of a bar that nobody reads any more: no fault of the disk
            raise
        except OSError as error:
            raise FacegenError(
                f"{folder} cannot be written ({error}). The state that was saved there last is whole: make "
                "room, and the same call or command goes on from it."
            ) from error
    position = watch.position
    if position.epoch < epochs and not watch.stalled():
        raise KeyboardInterrupt(
            f"Stopped after {position.epoch} of {epochs} epochs and {position.step} steps; all is saved in "
            f"{folder}. The same cell, call or command goes on from here."
        )
    return position.rows


def _refuse(folder: Path) -> None:
    raise FacegenError(
        f"{folder}: another training is at work there. Wait for its end, or name another folder."
    )


def _tidy(folder: Path, resume: bool) -> None:
    """Remove what killed trainings have left half written; and, to begin anew, all that is theirs."""
    for place in (folder, folder / "checkpoints", folder / "samples"):
        files.sweep(place)
    if not resume:
        made = [folder / "log.csv", folder / "warnings.txt", *(folder / "samples").glob("[0-9]*.png")]
        for old in [*checkpoints.found(folder / "checkpoints"), *made]:
            old.unlink(missing_ok=True)


def _fit(model: FaceModel, batches: Batches, epochs: int, watch: "_Watch") -> None:
    """The epochs that are left, until there is an interrupt."""
    position = watch.position
    while position.epoch < epochs and not watch.ends and not watch.stalled():
        data = batches.epoch(position.epoch, position.step, devices.number(), devices.processes())
        try:
            model.fit(data, shuffle=False, verbose=0, callbacks=[watch])
        except Exception as error:  # each backend has a class of its own for this one
            if not diagnosis.is_out_of_memory(error) or devices.processes() > 1:
                raise
            raise FacegenError(_too_large(model, batches, watch)) from error
        if position.step == batches.steps:
            watch.finish_epoch()


def _too_large(model: FaceModel, batches: Batches, watch: "_Watch") -> str:
    """What to say of a batch without room in memory: which half, quarter, ... has room is found by trying."""
    size = batches.batch_size // 2
    while size and not size % devices.count() and not _fits(model, batches, size, watch):
        size //= 2
    watch.restore()
    size = 0 if size % devices.count() else size
    advice = f"a batch of {size} was tried, and fits" if size else "not even one does: take a smaller network"
    return (
        f"A step with {batches.batch_size} pictures does not fit into memory; {advice}. What was trained so "
        f"far is kept in {watch.folder}; with another batch size, train into another folder."
    )


def _fits(model: FaceModel, batches: Batches, size: int, watch: "_Watch") -> bool:
    watch.restore()  # the step that failed may have left half a state
    try:
        model.fit(Epoch(batches, batches.order(0)[:1, :size]), shuffle=False, verbose=0)
    except Exception as error:
        if diagnosis.is_out_of_memory(error):
            return False
        raise
    return True


class _Watch(keras.callbacks.Callback):
    """Follows a training step by step: position, progress bar, checkpoints, log, interrupts."""

    def __init__(self, model, batches, folder, samples, seconds, every):
        super().__init__()
        self.trained, self.folder, self.samples = model, folder, samples
        self.steps, self.seconds, self.every = batches.steps, seconds, every
        self.setting = _setting(model, batches)
        self.position = self.restore() or Position()
        self.probe = diagnosis.Probe(model, batches)
        self.told = {*self.findings()}
        self.means = _values(model.metrics_variables) if self.position.step else None
        self.stopped, self.ends = False, False  # what was asked for here; what all processes do
        self.bar, self.start, self.writes = None, 0, devices.first()
        self.saved = self.counted = time.monotonic()

    def restore(self) -> Position | None:
        """Put the last good state into the model."""
        return checkpoints.restore(self.trained, self.folder / "checkpoints", self.setting)

    def begin(self):
        """Save the untrained model, and draw with it."""
        if self.position.epoch == self.position.step == 0:
            self.checkpoint()
            self.sheet()

    def on_epoch_begin(self, epoch, logs=None):
        self.start = self.position.step
        if self.means is not None:  # fit has just reset them; this epoch goes on
            for variable, value in zip(self.trained.metrics_variables, self.means, strict=True):
                variable.assign(value)
            self.means = None

    def on_train_batch_end(self, batch, logs=None):
        before, self.position.step = self.position.step, self.start + batch + 1
        self.bar.update(self.position.step - before)
        self.last = {name: float(value) for name, value in (logs or {}).items()}
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in self.last.items()})
        if fault := diagnosis.senseless(self.last):
            raise Diverged(fault)
        # a signal may come at any moment: one look decides
        self.ends, due = devices.agreed(self.stopped, self._due())
        # the end of an epoch has a checkpoint of its own, taken when its row is in the log
        if self.position.step < self.steps and (self.ends or due):
            self.checkpoint()
            self.model.stop_training = self.ends

    def _due(self) -> bool:
        by_step = self.every and self.position.step % self.every == 0
        return by_step or time.monotonic() > self.saved + self.seconds

    def checkpoint(self):
        """Save the state as of now."""
        now = time.monotonic()
        self.position.seconds += now - self.counted
        model = self.model or self.trained  # asking for self.model fetches its state from JAX
        if self.writes:
            checkpoints.save(model, self.position, self.folder / "checkpoints", self.setting)
        else:
            checkpoints.state(model)  # where it has diverged, all go back together
        self.saved = self.counted = time.monotonic()

    def finish_epoch(self):
        """Log the epoch that has just ended, draw its sheet, and save."""
        seconds = self.position.seconds + time.monotonic() - self.counted
        row = {"epoch": self.position.epoch + 1, "seconds": round(seconds, 1), **self.last, **self.probe()}
        self.position.rows.append(row)
        self.position.epoch, self.position.step = self.position.epoch + 1, 0
        self.sheet()
        self.write_log()
        if self.writes and self.keeps_best and row["loss"] <= min(row["loss"] for row in self.position.rows):
            bundle.save(self.trained, self.folder / "best", epochs=self.position.epoch, loss=row["loss"])
        self.checkpoint()
        (self.ends,) = devices.agreed(self.stopped)

    def stalled(self) -> bool:
        """Whether the loss has stopped to fall, for as long as somebody has patience."""
        losses, last = [row["loss"] for row in self.position.rows], self.patience
        return bool(last) and len(losses) > last and min(losses[-last:]) >= min(losses[:-last])

    def findings(self) -> dict[str, str]:
        """What the log so far warns of."""
        return diagnosis.findings(self.position.rows, self.trained, self.steps)

    def write_log(self):
        """Write the log of all finished epochs, and what it warns of; say what is new of that."""
        if not self.writes:
            return
        if self.position.rows:
            files.write_text(self.folder / "log.csv", log.table(self.position.rows))
        found = self.findings()
        if found:
            files.write_text(self.folder / "warnings.txt", "\n\n".join(found.values()) + "\n")
        for name in found.keys() - self.told:
            logger.warning(found[name])
        self.told |= found.keys()

    def sheet(self):
        """Write the sample sheet of this epoch."""
        if self.samples is None:
            return
        images = self.samples()  # of several processes, all draw
        if self.writes:
            path = self.folder / "samples" / f"{self.position.epoch:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            says = mark.text(type(self.trained).__name__)  # the folder's name would differ after a move
            files.write(path, lambda file: mark.save(show.sheet(images), file, "PNG", says))

    def finish(self):
        """Write what can be used without this training: the log, and the model."""
        self.write_log()
        if self.writes:
            card = {"epochs": self.position.epoch, "steps": self.position.step}
            bundle.save(self.trained, self.folder / "model", **card)

    def go_back(self, error: Diverged) -> str:
        """After a divergence: return to the last good state, save it as a model, and say so."""
        where, good = str(self.position), self.restore()
        if good is None:
            return f"{error} before the first step: this model cannot be trained."
        self.position = good
        self.finish()
        return (
            f"{error}, at {where}: the training has diverged. The last good state, {good}, is in the "
            f"model again, and in {self.folder / 'model'} (facegen.bundle.load reads it). "
            + diagnosis.against_divergence(self.trained)
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
    if model.precision != "float32":
        parts["training"]["precision"] = model.precision
    flat = {f"{part}.{key}": value for part, values in parts.items() for key, value in values.items()}
    del flat["optimizer.name"]  # numbered by Keras, says nothing
    return flat
