"""Checkpoints: the whole state of a training at one instant, in one file.

A checkpoint holds every variable (weights, moving averages, optimizer slots, random seeds, running
means of the metrics) and the position in the data. It is a NumPy `.npz`, which carries a checksum
of each array, and it is read without unpickling anything.

Keras's `BackupAndRestore` keeps the weights and the epoch. It is not used because it neither verifies what
it has written, nor goes on within an epoch at the same batch, nor refuses another model or data set.
"""

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import keras
import numpy as np

from facegen import __version__
from facegen.training import devices
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

FORMAT = 1
KEEP = 2
RATE = "optimizer.learning_rate.config."  # the part of a setting that plans the rate of each step


class Diverged(FacegenError):
    """A number of a training is no longer one, or means nothing any more."""


@dataclass
class TrainingPosition:
    """Where a training stands: `step` batches of epoch `epoch` are done.

    `rows` are the log's rows of all finished epochs, `seconds` the time spent so far.

    Example:
        >>> str(TrainingPosition(epoch=2, step=5)), TrainingPosition().untouched
        ('epoch 3, step 5', True)
    """

    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    rows: list[dict] = field(default_factory=list)

    @property
    def untouched(self) -> bool:
        """Whether no step has been done yet."""
        return self.epoch == self.step == 0

    def __str__(self) -> str:
        if self.step:
            return f"epoch {self.epoch + 1}, step {self.step}"
        return f"the end of epoch {self.epoch}" if self.epoch else "the very beginning"


def variables(model: keras.Model) -> list[keras.Variable]:
    """All state of a compiled model, always in the same order.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> [variable.name for variable in variables(model)][:4]
        ['kernel', 'bias', 'iteration', 'learning_rate']
    """
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables, *model.metrics_variables]


def state(model: keras.Model) -> list[np.ndarray]:
    """The values of all `variables`.

    Raises:
        Diverged: one is no longer a number.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> [array.shape for array in state(model)][:2]
        [(2, 1), (1,)]
    """
    arrays = []
    for variable in variables(model):
        arrays.append(np.asarray(keras.ops.convert_to_numpy(variable)))
        if not np.isfinite(arrays[-1]).all():
            raise Diverged(f"{variable.path} is no longer a number")
    return arrays


def save(model: keras.Model, position: TrainingPosition, folder: Path, setting: dict) -> Path:
    """Write a checkpoint, verify it, and only then drop all but the two newest.

    Args:
        model: compiled.
        position: what has been done.
        folder: of the checkpoints; made if missing.
        setting: what a training that goes on must have in common with this one (JSON).

    Returns:
        The new file.

    Raises:
        Diverged: a variable is no longer a number.
        OSError: the disk is full, or does not give back what was written; the checkpoints before are still
            there.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> save(model, TrainingPosition(epoch=2, step=5), Path("checkpoints"), setting={}).name
        '000002-00000005.npz'
    """
    arrays = {f"v{i:04d}": array for i, array in enumerate(state(model))}
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "format": FORMAT,
        "setting": setting,
        "versions": _versions(),
        "names": [variable.name for variable in variables(model)],
        **vars(position),
    }
    path = folder / f"{position.epoch:06d}-{position.step:08d}.npz"
    files.write(path, lambda file: np.savez(file, about=np.array(json.dumps(about)), **arrays))
    _verify(path)
    damaged = [other for other in found(folder) if other > path]  # and passed over
    for old in (*_superfluous(path), *damaged):
        old.unlink()
    return path


def _verify(path: Path) -> None:
    """Read what has just been written; what cannot be read goes."""
    try:
        _read(path)
    except MemoryError:
        raise
    except Exception as error:  # see restore
        path.unlink(missing_ok=True)
        raise OSError(f"{path.name} was written, and reads back damaged: {error}") from error


def _superfluous(path: Path) -> list[Path]:
    """All but two of the checkpoints up to a good one."""
    return [other for other in found(path.parent) if other <= path][:-KEEP]


def found(folder: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first.

    Example:
        >>> found(Path("no training"))
        []
    """
    return sorted(folder.glob("[0-9]*-[0-9]*.npz"))


def setting(folder: Path) -> dict | None:
    """What the newest whole checkpoint in a folder belongs to, see `save`; None where there is none.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> _ = save(model, TrainingPosition(), Path("checkpoints"), setting={"seed": 7})
        >>> setting(Path("checkpoints"))
        {'seed': 7}
    """
    for path in reversed(found(folder)):
        with contextlib.suppress(Exception):  # a damaged one: `restore` says so
            return _read(path)[0]["setting"]
    return None


def restore(model: keras.Model, folder: Path, setting: dict) -> TrainingPosition | None:
    """Put the newest whole checkpoint into the model; a damaged one is passed over, and said so.

    Of several processes, all must call it at the same moment; the folder is the first one's.

    Returns:
        Its position, or None if there is no checkpoint.

    Raises:
        FacegenError: the checkpoint belongs to another model, data set or setting; or all are damaged.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> before = state(model)
        >>> _ = save(model, TrainingPosition(epoch=2), Path("checkpoints"), setting={})
        >>> _ = model.layers[0].kernel.assign([[7.0], [7.0]])
        >>> str(restore(model, Path("checkpoints"), setting={})), np.array_equal(state(model)[0], before[0])
        ('the end of epoch 2', True)
    """
    path = _newest(folder, setting) if devices.is_main_process() else None
    content: Path | io.BytesIO | None = path
    if devices.process_count() > 1:
        sent = devices.broadcast(path.read_bytes() if path else b"")
        content = io.BytesIO(sent) if sent else None
    if content is None:
        return None
    about, arrays = _read(content)
    _assign(path or folder, about, variables(model), arrays)
    return TrainingPosition(about["epoch"], about["step"], about["seconds"], about["rows"])


def _newest(folder: Path, setting: dict) -> Path | None:
    """The newest whole checkpoint that a training with this setting can go on from."""
    paths = found(folder)
    for path in reversed(paths):
        try:
            about, _ = _read(path)
        except MemoryError:
            raise
        except Exception as error:  # of numpy, zipfile, zlib and json: each says that it is damaged
            logger.warning(f"{path} is damaged ({error}): going on from the checkpoint before it.")
            continue
        if complaint := _complaint(path, about, setting):
            if about.get("epoch") == about.get("step") == 0:  # of a training that has learned nothing
                return None
            raise FacegenError(complaint)
        for old in _superfluous(path):  # of a training that was killed just before it removed them
            old.unlink()
        return path
    if paths:
        raise FacegenError(f"Every checkpoint in {folder} is damaged. Delete the folder to begin anew.")
    return None


def _read(path: Path | io.BytesIO) -> tuple[dict, list[np.ndarray]]:
    with np.load(path, allow_pickle=False) as content:  # reading an array checks its CRC-32
        about = json.loads(str(content["about"]))
        arrays = [content[name] for name in sorted(content.files) if name != "about"]
    if len(arrays) < len(about.get("names", arrays)):  # the archive's own list of them is damaged
        raise ValueError(f"{len(arrays)} of {len(about['names'])} arrays are there")
    return about, arrays


def _complaint(path: Path, about: dict, setting: dict) -> str:
    """Why a checkpoint is not one of this training ("": it is)."""
    if about.get("format") != FORMAT:
        return (
            f"{path} has format {about.get('format')}, this facegen reads {FORMAT}: "
            "train on with the version that wrote it, or choose another folder."
        )
    differing = dict(_differences(about["setting"], setting))
    if not differing:
        return ""
    planned = (
        " The learning rate is planned for all epochs of a training at once, which cannot have more later."
        if any(key.startswith(RATE) and key.endswith("_steps") for key in differing)
        else ""
    )
    listed = "; ".join(
        f"{key} was {_short(then)} and is now {_short(now)}" for key, (then, now) in differing.items()
    )
    return (
        f"{path} belongs to another training: {listed}.{planned} "
        f"Train into another folder (there, `facegen train -m {path.parent.parent}` goes on from this "
        "trained model), or begin anew with resume=False (--force)."
    )


def _differences(then: object, now: object, key: str = "") -> Iterator[tuple[str, tuple[object, object]]]:
    """All that differs between two settings, as far in as it can be told apart; of a list, the first element.

    Yields:
        (key, (then, now)).
    """
    then, now = _moduleless(then), _moduleless(now)
    if then == now:
        return
    listed = isinstance(then, list) and isinstance(now, list)
    if listed:
        then, now = dict(enumerate(then)), dict(enumerate(now))
    if not (isinstance(then, dict) and isinstance(now, dict)):
        yield key, (then, now)
        return
    inner = (
        pair
        for k in sorted({*then, *now})
        for pair in _differences(then.get(k), now.get(k), f"{key}.{k}".strip("."))
    )
    yield from islice(inner, 1) if listed else inner


def _moduleless(value: object) -> object:
    """Without the place of a Python class, if it is one that Keras has described: classes move."""
    if not (isinstance(value, dict) and "class_name" in value):
        return value
    name = str(value.get("registered_name")).rpartition(">")[2]  # "package>Class", or the class alone
    return {**{k: v for k, v in value.items() if k != "module"}, "registered_name": name}


def _versions() -> dict[str, str]:
    return {"facegen": __version__, "keras": keras.__version__, "backend": keras.backend.backend()}


def _short(value: object, most: int = 120) -> str:
    text = json.dumps(value)
    return text if len(text) <= most else text[:most] + "..."


def _assign(path: Path, about: dict, targets: list[keras.Variable], arrays: list[np.ndarray]) -> None:
    shapes = [tuple(v.shape) for v in targets], [a.shape for a in arrays]
    if shapes[0] != shapes[1]:
        raise FacegenError(
            f"{path} holds {len(arrays)} arrays that do not fit this model's {len(targets)} variables: "
            "it was written by another architecture. Train into another folder."
        )
    then, now = about.get("versions"), _versions()
    names = [v.name for v in targets]
    if about.get("names", names) != names:  # arrays of one shape could change places
        raise FacegenError(
            f"{path} was written with {_told(then)}, whose variables have other names or another order than "
            f"those of {_told(now)}. Train on with the former, or into another folder."
        )
    if then not in (None, now):
        logger.warning(
            f"{path} was written with {_told(then)}: going on with {_told(now)}, but not to the same bits."
        )
    for variable, array in zip(targets, arrays, strict=True):
        variable.assign(array)


def _told(versions: dict | None) -> str:
    """Versions in words."""
    return ", ".join(f"{name} {version}" for name, version in (versions or {}).items())
