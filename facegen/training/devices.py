"""Several devices, in one process or in many, that train one model as a single device would.

The work is done by the engines that Keras configures: on JAX `keras.distribution.DataParallel`, with
`keras.distribution.initialize` for more processes than one; on TensorFlow `tf.distribute.MirroredStrategy`,
for what it computes as one device does. Every device holds the whole model and has an equal part of each
batch; gradients are averaged over all of them at every step.

Here is only what a training has to know of that: how many devices there are, which part of a batch this
process reads, which process writes files, and how all of them come to one decision.
"""

import atexit
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from facegen.models.base import FaceModel
from facegen.utils.errors import FacegenError

ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"  # what `keras.distribution.initialize` reads
PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"
PROCESS = "KERAS_DISTRIBUTION_PROCESS_ID"
SETTINGS = (ADDRESSES, PROCESSES, PROCESS)
LOST = re.compile(r"Gloo|NCCL|coordination service|Connection (reset|closed)|heartbeat", re.IGNORECASE)
WILL = "import sys; sys.stdin.read() or print(sys.argv[1], file=sys.stderr)"


@contextmanager
def use(count: int | None = None) -> Iterator[None]:
    """Models that are built and trained within are spread over several devices.

        with devices.use(2):
            model = GAN(...)
            model.compile(...)
            training.train(model, batches, epochs, folder)

    Where the three variables of `keras.distribution.initialize` are set (KERAS_DISTRIBUTION_JOB_ADDRESSES,
    _NUM_PROCESSES and _PROCESS_ID), this process is one of several, on this host or on others, that all
    run the same program; it waits for the others, and then all devices of all processes are used.

    Args:
        count: of devices, in all processes together. None: one of a single process, all of several.

    Raises:
        FacegenError: there are not so many devices; the backend cannot use them; the other processes
            are not there, or a variable is missing.
    """
    _join()
    with _scope(_chosen(count)):
        try:
            yield
        except Exception:
            if process_count() > 1:  # the others wait for this one, and this one must not wait for them
                atexit.register(_leave)
            raise


def count() -> int:
    """Devices that a model built now is spread over."""
    if keras.backend.backend() == "jax":
        chosen = keras.distribution.distribution()
        return chosen.device_mesh.devices.size if chosen else 1
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.distribute.get_strategy().num_replicas_in_sync
    return 1


def process_count() -> int:
    """Processes that train together."""
    return _jax_says("process_count", 1)


def process_index() -> int:
    """Which of them this is, from 0."""
    return _jax_says("process_index", 0)


def is_main_process() -> bool:
    """Whether this process is the one that writes files and speaks."""
    return process_index() == 0


def memory_domains() -> int:
    """Parts of a batch that are held in a memory of their own: GPUs have one each, processors share."""
    several = count()
    return (
        several if several > 1 and keras.distribution.list_devices()[0].startswith("gpu") else process_count()
    )


def any_process(*wishes: bool) -> list[bool]:
    """What any of the processes wishes; all must ask at the same moment, and all get one answer."""
    if process_count() == 1:
        return [bool(wish) for wish in wishes]
    from jax.experimental import multihost_utils

    return [bool(wish) for wish in multihost_utils.process_allgather(np.array(wishes, bool)).any(axis=0)]


def broadcast(content: bytes) -> bytes:
    """The bytes that the first process has, on every process; all must ask at the same moment."""
    if process_count() == 1:
        return content
    from jax.experimental import multihost_utils

    length = int(multihost_utils.broadcast_one_to_all(np.int32(len(content))))
    mine = np.frombuffer(content if is_main_process() else bytes(length), "uint8")
    return np.asarray(multihost_utils.broadcast_one_to_all(mine)).tobytes()


def check(model: FaceModel, batch_size: int) -> None:
    """Refuse to train what would not learn the same as on one device.

    Raises:
        FacegenError: the batch cannot be divided; the model was built for other devices, or is one
            that TensorFlow computes differently on several; a strategy that Keras does not support.
    """
    several = count()
    if keras.backend.backend() == "tensorflow":
        several = _check_strategy(model)
    elif several > 1 and any(v._layout is None for v in model.variables):
        raise FacegenError("This model was built for one device: build it within `with devices.use(...)`.")
    if batch_size % several:
        fitting = max(batch_size // several, 1) * several
        raise FacegenError(
            f"A batch of {batch_size} cannot be divided among {several} devices: expected a multiple of "
            f"{several}, {fitting} for example."
        )


@contextmanager
def watch_peers(folder: Path) -> Iterator[None]:
    """Where one of several processes is lost, the others end, and say how to go on.

    Most often a step fails then. But JAX may also end this process from inside, without another line of
    this program being run: so a process beside it waits for that, and speaks in its place.

    Args:
        folder: of the checkpoints.

    Raises:
        FacegenError: another process is no longer there.
    """
    if process_count() == 1:
        yield
        return
    resume = (
        f"The first process's last checkpoint, in {folder}, is whole, and the same command goes on from it: "
        "in several processes again, or, without the KERAS_DISTRIBUTION variables, on one device."
    )
    ended = (
        f"facegen: This process was ended by force, or by JAX because another of the {process_count()} was."
    )
    command = [sys.executable, "-c", WILL, f"{ended} {resume}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as heir:
        try:
            yield
        except Exception as error:
            if isinstance(error, FacegenError) or not LOST.search(str(error)):
                raise
            gone = f"Another of the {process_count()} processes is no longer there: its own output says why."
            raise FacegenError(f"{gone} {resume} (Here: {_line(error)})") from error
        finally:
            heir.communicate(b"all is well")


def _check_strategy(model: FaceModel) -> int:
    """The devices of a model of TensorFlow's, if it can be trained on so many."""
    import tensorflow as tf

    strategy = model.distribute_strategy
    name, several = type(strategy).__name__, strategy.num_replicas_in_sync
    known = isinstance(strategy, (tf.distribute.MirroredStrategy, tf.distribute.OneDeviceStrategy))
    if model._distribute_strategy and not known:
        raise FacegenError(
            f"Keras 3 does not train under TensorFlow's {name}: expected MirroredStrategy, or "
            "KERAS_BACKEND=jax, which trains on several devices and hosts."
        )
    if several > 1 and not model.batch_independent:
        raise FacegenError(
            f"{several} devices: TensorFlow would compute this {type(model).__name__} differently on "
            "several devices than on one, since what it makes of a picture depends on the others of the "
            "batch: set KERAS_BACKEND=jax. (A Deconv without batch normalisation can be trained so.)"
        )
    return several


def _jax_says(name: str, alone: int) -> int:
    if keras.backend.backend() != "jax":
        return alone
    import jax

    return getattr(jax, name)()


def _join() -> None:
    """Become one of several processes, where the environment says so."""
    given = [name for name in SETTINGS if os.environ.get(name)]
    if not given or _joined():
        return
    if missing := [name for name in SETTINGS if name not in given]:
        raise FacegenError(f"{', '.join(given)} set, but not {', '.join(missing)}: expected all three.")
    if keras.backend.backend() != "jax":
        raise FacegenError(
            f"{ADDRESSES} is set, but Keras trains in several processes on JAX only, and this is "
            f"{keras.backend.backend()}: set KERAS_BACKEND=jax."
        )
    try:
        keras.distribution.initialize()
    except (RuntimeError, ValueError) as error:
        raise FacegenError(
            f"The processes did not come together ({_line(error)}). Expected: the same command on each, "
            f"{ADDRESSES} the first one's address and port, {PROCESSES} the same everywhere, {PROCESS} "
            "counting from 0; and nothing computed before."
        ) from error


def _joined() -> bool:
    """Whether this process has been made one of several."""
    if keras.backend.backend() != "jax":
        return False
    import jax

    return jax.distributed.is_initialized()


def _chosen(count: int | None) -> list[str]:
    """The names of so many devices."""
    backend = keras.backend.backend()
    if backend not in ("jax", "tensorflow"):
        if count in (None, 1):
            return []
        raise FacegenError(
            f"{count} devices: Keras trains on several with JAX or TensorFlow, and this is {backend}: set "
            "KERAS_BACKEND=jax."
        )
    there, together = keras.distribution.list_devices(), process_count()
    wanted = count if count is not None else 1 if together == 1 else len(there)
    if together > 1 and wanted != len(there):
        raise FacegenError(
            f"{wanted} devices, but the {together} processes have {len(there)} together, and all of them are "
            "used: do not say how many."
        )
    if not 1 <= wanted <= len(there):
        virtual = "XLA_FLAGS=--xla_force_host_platform_device_count=2"
        hint = f" For a trial without GPUs, {virtual} gives JAX two." if there[0].startswith("cpu") else ""
        raise FacegenError(
            f"{wanted} devices: expected a number from 1 to {len(there)} ({', '.join(there)}).{hint}"
        )
    return there[:wanted]


@contextmanager
def _scope(chosen: list[str]) -> Iterator[None]:
    """Let Keras spread models over these devices."""
    if len(chosen) < 2:
        yield
    elif keras.backend.backend() == "jax":
        with keras.distribution.DataParallel(devices=chosen, auto_shard_dataset=False).scope():
            yield
    else:
        import tensorflow as tf

        with tf.distribute.MirroredStrategy([name.upper() for name in chosen]).scope():
            yield


def _leave() -> None:
    """End this process at once: JAX would first wait for the others, and they for this one."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
