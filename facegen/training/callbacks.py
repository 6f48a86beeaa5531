"""The Keras callbacks of a training, one job each.

All of them look at one `TrainingPosition`, which `TrackPosition` moves on, so that comes first;
`Checkpointer` comes last, since what it saves is then written down already. `fit` is called once for each
epoch (see trainer.py): after the last batch of one, the position stands at the beginning of the next.

Of several processes, each one runs all callbacks, and only the first one writes.
"""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from facegen.data.loader import Batches
from facegen.models import saving
from facegen.models.base import FaceModel
from facegen.training import checkpoints, devices, diagnosis, log
from facegen.training.checkpoints import Diverged, TrainingPosition
from facegen.utils import files, mark
from facegen.utils.logging import logger
from facegen.viz import plots

MINUTES = 5.0  # between checkpoints within an epoch


class TrackPosition(keras.callbacks.Callback):
    """Moves the position on, and begins an epoch where it stands: with the metrics' means so far.

    Args:
        model: in the state of the position.
        position: is changed in place.
        steps: of an epoch.
    """

    def __init__(self, model: FaceModel, position: TrainingPosition, steps: int):
        super().__init__()
        self.position, self.steps = position, steps
        self.means = [np.array(keras.ops.convert_to_numpy(v)) for v in model.metrics_variables]
        self.begun, self.counted = 0, time.monotonic()

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = self.position.step
        if self.begun:  # fit has just reset them
            for variable, mean in zip(self.model.metrics_variables, self.means, strict=True):
                variable.assign(mean)

    def on_train_batch_end(self, batch, logs=None):
        self.position.step = self.begun + batch + 1
        self._count()

    def on_epoch_end(self, epoch, logs=None):
        self._count()
        if self.position.step == self.steps:
            self.position.epoch, self.position.step = self.position.epoch + 1, 0

    def _count(self):
        now = time.monotonic()
        self.position.seconds += now - self.counted
        self.counted = now


class TerminateOnDivergence(keras.callbacks.Callback):
    """Raises `Diverged` when a metric is no longer a number, or means nothing (Keras's only stops at NaN)."""

    def on_train_batch_end(self, batch, logs=None):
        if fault := diagnosis.non_finite(logs or {}):
            raise Diverged(fault)


class ProgressBar(keras.callbacks.Callback):
    """Moves on one bar for all epochs, beside which the means of the metrics stand."""

    def __init__(self, bar: tqdm):
        super().__init__()
        self.bar = bar

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in (logs or {}).items()})


class EpochLog(keras.callbacks.Callback):
    """Adds a row to the position for each finished epoch, and writes `log.csv` and `warnings.txt`.

    Args:
        model: compiled.
        batches: that it learns from.
        folder: of the two files.
        position: with the rows of earlier epochs.
    """

    def __init__(self, model: FaceModel, batches: Batches, folder: Path, position: TrainingPosition):
        super().__init__()
        self.trained, self.steps, self.folder, self.position = model, batches.steps, folder, position
        self.probe, self.said = diagnosis.Probe(model, batches), {*self._findings()}

    def on_train_batch_end(self, batch, logs=None):
        self.last = logs

    def on_epoch_end(self, epoch, logs=None):
        if self.position.step:  # stopped within it
            return
        row = {"epoch": self.position.epoch, "seconds": round(self.position.seconds, 1)}
        self.position.rows.append({**row, **self.last, **self.probe()})
        self.write()

    def write(self):
        """Write the rows, and what they warn of; say what is new of that."""
        if not devices.is_main_process():
            return
        if self.position.rows:
            files.write_text(self.folder / "log.csv", log.table(self.position.rows))
        found = self._findings()
        if found:
            files.write_text(self.folder / "warnings.txt", "\n\n".join(found.values()) + "\n")
        for name in found.keys() - self.said:
            logger.warning(found[name])
        self.said |= found.keys()

    def _findings(self) -> dict[str, str]:
        return diagnosis.findings(self.position.rows, self.trained, self.steps)


class SampleSheets(keras.callbacks.Callback):
    """Writes `0000.png` of the untrained model, and a sheet after each epoch.

    Args:
        samples: draws the pictures of one, uint8 (n, h, w, channels).
        folder: of the sheets.
        position: whose epoch they are called after.
    """

    def __init__(self, samples: Callable[[], np.ndarray], folder: Path, position: TrainingPosition):
        super().__init__()
        self.samples, self.folder, self.position = samples, folder, position

    def on_train_begin(self, logs=None):
        if self.position.untouched:
            self._write()

    def on_epoch_end(self, epoch, logs=None):
        if self.position.step == 0:
            self._write()

    def _write(self):
        images = self.samples()  # of several processes, all draw
        if devices.is_main_process():
            self.folder.mkdir(parents=True, exist_ok=True)
            says = mark.text(type(self.model).__name__)  # the folder's name would differ after a move
            path = self.folder / f"{self.position.epoch:04d}.png"
            files.write(path, lambda file: mark.save(plots.contact_sheet(images), file, "PNG", says))


class SaveBest(keras.callbacks.Callback):
    """Keeps the model of the epoch with the lowest loss as a bundle.

    Args:
        folder: the bundle's.
        position: with the rows of all epochs, to which `EpochLog` has added.
    """

    def __init__(self, folder: Path, position: TrainingPosition):
        super().__init__()
        self.folder, self.position = folder, position

    def on_epoch_end(self, epoch, logs=None):
        losses = [row["loss"] for row in self.position.rows]
        if self.position.step == 0 and devices.is_main_process() and losses[-1] <= min(losses):
            saving.save(self.model, self.folder, epochs=self.position.epoch, loss=losses[-1])


class Interrupt:
    """A context in which the first Ctrl-C only sets `asked`; a second one is let through."""

    def __init__(self):
        self.asked = False
        # signals reach the main thread only
        self.listens = threading.current_thread() is threading.main_thread()

    def __enter__(self):
        if self.listens:
            self.before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error):
        if self.listens:
            signal.signal(signal.SIGINT, self.before)

    def _note(self, number, frame):
        self.asked = True
        signal.signal(signal.SIGINT, self.before)


class Checkpointer(keras.callbacks.Callback):
    """Saves the state: after each epoch, every few minutes, and when interrupted.

    After an interrupt it stops the training, in all processes after the same step.

    Args:
        position: is saved with the state.
        folder: of the checkpoints.
        setting: see `checkpoints.save`.
        steps: of an epoch.
        interrupt: says whether to stop.
        every: steps between checkpoints within an epoch, besides those by time.
    """

    def __init__(
        self,
        position: TrainingPosition,
        folder: Path,
        setting: dict,
        steps: int,
        interrupt: Interrupt,
        every: int | None = None,
    ):
        super().__init__()
        self.position, self.folder, self.setting, self.steps = position, folder, setting, steps
        self.interrupt, self.every, self.saved = interrupt, every, time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        # a signal may come at any moment: one look decides
        stops, due = devices.any_process(self.interrupt.asked, self._due())
        if (stops or due) and self.position.step < self.steps:  # else it is saved at the epoch's end
            self.save()
        if stops:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        if self.position.step == 0:
            self.save()
            (stops,) = devices.any_process(self.interrupt.asked)
            self.model.stop_training = self.model.stop_training or stops

    def _due(self) -> bool:
        by_step = self.every and self.position.step % self.every == 0
        return bool(by_step) or time.monotonic() > self.saved + 60 * MINUTES

    def save(self):
        """Save the state as of now."""
        model = self.model  # asking for it fetches its state from JAX
        if devices.is_main_process():
            checkpoints.save(model, self.position, self.folder, self.setting)
        else:
            checkpoints.state(model)  # where it has diverged, all go back together
        self.saved = time.monotonic()
