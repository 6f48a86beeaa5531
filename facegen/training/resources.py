"""What a run will need, and what the machine has: asked before it starts, not after hours.

The estimates are rough and simple: all that a network's layers put out, once for each picture of a batch,
and three times more the largest of it, for what a layer needs while it works. `benchmarks/memory.py`
measures how far off they are: within 15 % of the measured peaks from 80x64 to 640x512 pixels.
"""

import math
from pathlib import Path

import keras
import psutil

from facegen.models.base import FaceModel
from facegen.training import checkpoints, devices
from facegen.utils.errors import FacegenError

FRAMEWORK = 800e6  # bytes that Python and TensorFlow take before there is a network
TEMPORARY = 3  # times the largest output of any layer
DRAWING = 5  # the same where only pictures are drawn, and outputs are let go of
STATE = 4  # bytes of a weight
CGROUP = Path("/sys/fs/cgroup")  # of a container


def estimate(model: FaceModel, batch_size: int) -> int:
    """Bytes of memory that training a compiled model takes at its peak, on each of several GPUs or hosts."""
    state = sum(STATE * math.prod(v.shape) for v in checkpoints.variables(model))
    gradients = sum(STATE * math.prod(v.shape) for v in model.trainable_variables)
    return int(FRAMEWORK + state + gradients + batch_size / devices.memory_domains() * _training(model))


def estimate_drawing(model: FaceModel, batch_size: int) -> int:
    """Bytes of memory that drawing a batch of pictures takes at its peak."""
    weights = sum(STATE * math.prod(v.shape) for v in model.variables)
    largest = max(count * max(_outputs(network)) for network, count in model.drawing())
    return int(FRAMEWORK + weights + batch_size * DRAWING * largest)


def available() -> int:
    """Bytes of memory that this process can have: of the GPU if there is one, else of the machine.

    What this process has taken already counts as available to it. Of a container, its limit counts.
    """
    gpu = _gpu_memory()
    if gpu:
        return gpu
    own = psutil.Process().memory_info().rss
    free = psutil.virtual_memory().available
    try:
        limit, used = (int((CGROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        free = min(free, limit - used)
    except (OSError, ValueError):
        pass  # no container, or one without a limit
    return own + free


def check_memory(model: FaceModel, batch_size: int, drawing: bool = False) -> None:
    """Refuse to begin what would not fit in memory.

    Raises:
        FacegenError: naming the batch size that would, or what else makes the work smaller.
    """
    need = estimate_drawing if drawing else estimate
    needed, there = need(model, batch_size), available()
    if needed <= there:
        return
    fitting = largest_batch(need, model, batch_size, there)
    sides = "x".join(map(str, model.image_shape[:2]))
    smaller = "expected a smaller network: fewer layers or pixels"
    help_ = f"{fitting} at a time would fit" if fitting else smaller
    raise FacegenError(
        f"{batch_size} pictures of {sides} at a time need about {needed / 1e9:.1f} GB of memory, "
        f"{there / 1e9:.1f} GB are available: {help_}."
    )


def largest_batch(need, model: FaceModel, most: int, memory: int) -> int:
    """The most pictures at a time, up to `most`, for which `need(model, pictures)` is within `memory`."""
    fixed = need(model, 0)
    each = need(model, 1) - fixed
    return max(0, min(most, int((memory - fixed) // each)))


def _training(model: FaceModel) -> int:
    """Bytes that each picture of a batch takes in a step."""
    passes = model.learning()
    kept = sum(count * sum(_outputs(network)) for network, count in passes)
    return kept + TEMPORARY * max(max(_outputs(network)) for network, _ in passes)


def _outputs(network: keras.Model) -> list[int]:
    """Bytes of what each layer of a network puts out for one picture."""
    tensors = [tensor for layer in network.layers for tensor in keras.tree.flatten(layer.output)]
    return [(2 if "16" in tensor.dtype else 4) * math.prod(tensor.shape[1:]) for tensor in tensors]


def _gpu_memory() -> int:
    """Bytes of the first GPU that Keras computes on; 0 where there is none."""
    if not any(name.startswith("gpu") for name in keras.distribution.list_devices()):  # JAX has no empty list
        return 0
    import subprocess

    query = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        listed = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True).stdout
        return int(listed.split()[0]) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0  # not of NVIDIA: nothing is known
