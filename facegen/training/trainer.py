"""Training, for both models: Keras's `fit`, an epoch at a time, with the callbacks of callbacks.py.

Both models are plain `keras.Model`s, and `model.fit(batches.epoch(0))` trains them, too. `train` adds what a
long training needs: it goes on where it was stopped or killed, and leaves sample sheets, a log and warnings.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from facegen.data.loader import Batches, Epoch
from facegen.models import saving
from facegen.models.base import FaceModel
from facegen.training import checkpoints, devices, diagnosis
from facegen.training.callbacks import (
    Checkpointer,
    EpochLog,
    Interrupt,
    ProgressBar,
    SampleSheets,
    SaveBest,
    TerminateOnDivergence,
    TrackPosition,
)
from facegen.training.checkpoints import Diverged, TrainingPosition
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger
from facegen.utils.progress import bar


def train(
    model: FaceModel,
    batches: Batches,
    epochs: int,
    folder: str | Path,
    samples: Callable[[], np.ndarray] | None = None,
    resume: bool = True,
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

    Example:
        >>> from facegen.models import Deconv
        >>> model = Deconv({"emotion": ["happy", "sad"]}, start=(2, 2), depth=1, kernels=[4], dense=8)
        >>> model.compile("adam", loss="mean_squared_error", jit_compile=False)
        >>> emotions = {"emotion": np.eye(2, dtype="float32")[[0, 1, 0, 1]]}
        >>> batches = Batches(np.zeros((4, 8, 8, 3), "uint8"), emotions, batch_size=2)
        >>> log = train(model, batches, epochs=2, folder="run", progress=False)
        >>> len(log), sorted(path.name for path in Path("run").iterdir() if path.is_dir())
        (2, ['checkpoints', 'model'])
    """
    folder = Path(folder)
    devices.check(model, batches.batch_size)
    with _alone(folder, resume), devices.watch_peers(folder / "checkpoints"):
        model.remember(batches.conditions)
        if warning := diagnosis.memory_warning(model, batches.batch_size):
            logger.warning(warning)
        run = _Run(model, batches, folder, epochs, patience)
        try:
            done = run.position.epoch * batches.steps + run.position.step
            show = progress and devices.is_main_process()
            with (
                bar(epochs * batches.steps, "training", "step", done, show) as shown,
                Interrupt() as interrupt,
            ):
                run.fit([*run.watchers(shown, samples, best)], run.saver(interrupt, every))
            run.finish()
        except Diverged as error:
            raise FacegenError(run.go_back(error)) from None
        except BrokenPipeError:  # of a bar that nobody reads any more: no fault of the disk
            raise
        except OSError as error:
            raise FacegenError(
                f"{folder} cannot be written ({error}). The state that was saved there last is whole: make "
                "room, and the same call or command goes on from it."
            ) from error
    if not run.ended:
        raise KeyboardInterrupt(
            f"Stopped after {run.position.epoch} of {epochs} epochs and {run.position.step} steps; all is "
            f"saved in {folder}. The same cell, call or command goes on from here."
        )
    return run.position.rows


@contextmanager
def _alone(folder: Path, resume: bool) -> Iterator[None]:
    """Be the only training in a folder; of several processes, the first one sees to that."""
    if not devices.is_main_process():
        yield
        return
    with files.locked(folder, "trains", "You may name another folder.", needed=False, wait=False):
        _tidy(folder, resume)
        yield


def _tidy(folder: Path, resume: bool) -> None:
    """Remove what killed trainings have left half written; and, to begin anew, all that is theirs."""
    for place in (folder, folder / "checkpoints", folder / "samples"):
        files.sweep(place)
    if not resume:
        made = [folder / "log.csv", folder / "warnings.txt", *(folder / "samples").glob("[0-9]*.png")]
        for old in [*checkpoints.found(folder / "checkpoints"), *made]:
            old.unlink(missing_ok=True)


class _Run:
    """A training in its folder, from where the last checkpoint there has left it."""

    def __init__(self, model: FaceModel, batches: Batches, folder: Path, epochs: int, patience: int | None):
        self.model, self.batches, self.folder = model, batches, folder
        self.epochs, self.patience = epochs, patience
        self.setting = _setting(model, batches)
        self.position = self.restore() or TrainingPosition()
        self.log = EpochLog(model, batches, folder, self.position)

    def restore(self) -> TrainingPosition | None:
        """Put the last good state into the model."""
        return checkpoints.restore(self.model, self.folder / "checkpoints", self.setting)

    def watchers(self, bar: tqdm, samples: Callable | None, best: bool) -> Iterator[keras.callbacks.Callback]:
        """The callbacks that do not save the state."""
        yield TrackPosition(self.model, self.position, self.batches.steps)
        yield TerminateOnDivergence()
        yield ProgressBar(bar)
        yield self.log
        if samples:
            yield SampleSheets(samples, self.folder / "samples", self.position)
        if best:
            yield SaveBest(self.folder / "best", self.position)

    def saver(self, interrupt: Interrupt, every: int | None) -> Checkpointer:
        """The callback that does."""
        folder, steps = self.folder / "checkpoints", self.batches.steps
        return Checkpointer(self.position, folder, self.setting, steps, interrupt, every)

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or the loss has stopped to fall for as long as there is patience."""
        losses, last = [row["loss"] for row in self.position.rows], self.patience
        stalled = bool(last) and len(losses) > last and min(losses[-last:]) >= min(losses[:-last])
        return stalled or self.position.epoch >= self.epochs

    def fit(self, watchers: list[keras.callbacks.Callback], saver: Checkpointer) -> None:
        """Train for the epochs that are left, until there is an interrupt."""
        if self.position.untouched:  # before anything can go wrong
            saver.set_model(self.model)
            saver.save()
        position, self.model.stop_training = self.position, False
        while not (self.ended or self.model.stop_training):
            part, parts = devices.process_index(), devices.process_count()
            workers = None if devices.count() == parts == 1 else 1  # several have pipelines of their own
            data = self.batches.epoch(position.epoch, position.step, part, parts, workers)
            try:
                self.model.fit(data, shuffle=False, verbose=0, callbacks=[*watchers, saver])
            except Exception as error:  # each backend has a class of its own for this one
                if not diagnosis.is_out_of_memory(error) or devices.process_count() > 1:
                    raise
                raise FacegenError(self._too_large()) from error

    def finish(self) -> None:
        """Write what can be used without this training: the log, and the model."""
        self.log.write()
        if devices.is_main_process():
            card = {"epochs": self.position.epoch, "steps": self.position.step}
            saving.save(self.model, self.folder / "model", **card)

    def go_back(self, error: Diverged) -> str:
        """After a divergence: return to the last good state, save it as a model, and say so."""
        where, good = str(self.position), self.restore()
        if good is None:
            return f"{error} before the first step: this model cannot be trained."
        vars(self.position).update(vars(good))  # the callbacks have it, too
        self.finish()
        return (
            f"{error}, at {where}: the training has diverged. The last good state, {good}, is in the "
            f"model again, and in {self.folder / 'model'} (facegen.load reads it). "
            + diagnosis.against_divergence(self.model)
        )

    def _too_large(self) -> str:
        """What to say of a batch without room in memory: a half, quarter, ... that has is found by trying."""
        size = self.batches.batch_size // 2
        while size and not size % devices.count() and not self._fits(size):
            size //= 2
        self.restore()
        size = 0 if size % devices.count() else size
        advice = (
            f"a batch of {size} was tried, and fits" if size else "not even one does: take a smaller network"
        )
        return (
            f"A step with {self.batches.batch_size} pictures does not fit into memory; {advice}. What was "
            f"trained so far is kept in {self.folder}; with another batch size, train into another folder."
        )

    def _fits(self, size: int) -> bool:
        self.restore()  # the step that failed may have left half a state
        try:
            first = self.batches.order(0)[:1, :size]
            self.model.fit(Epoch(self.batches, first), shuffle=False, verbose=0)
        except Exception as error:
            if diagnosis.is_out_of_memory(error):
                return False
            raise
        return True


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
