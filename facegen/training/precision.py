"""How exactly a network computes while it learns: in float32, or with fewer digits where that is faster.

With "bfloat16" (Keras's policy `mixed_bfloat16`), the large layers compute with three significant digits
and the exponents of float32. Weights, their averages, what the optimizer keeps, batch statistics, the last
steps to a pixel or a verdict, and losses stay float32, and so does all that is saved. On a CPU with units for
it (AMX, AVX-512 BF16) small networks then train a little faster and large ones more than twice as fast; a
CPU without takes longer. `benchmarks/choices.py` measures it, `benchmarks/precision.py` compares what is
learned. float16 is not offered: its small range needs losses to be scaled.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
from keras import ops

from facegen.training import checkpoints, devices
from facegen.utils.errors import FacegenError

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
AUTO = "auto"  # the faster of them
CLEARLY = 2.0  # times as fast must a convolution be


@contextmanager
def using(name: str) -> Iterator[None]:
    """Build networks that compute in this precision: `with using("bfloat16"): model = GAN(...)`.

    Args:
        name: "float32", "bfloat16", or "auto" for what `fastest` finds.

    Raises:
        FacegenError: another name.
    """
    if name not in (*POLICIES, AUTO):
        raise FacegenError(f"precision={name!r}: expected one of {', '.join([*POLICIES, AUTO])}.")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(POLICIES[fastest() if name == AUTO else name])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def of_training(name: str, folder: Path | None) -> str:
    """The precision that a training is to have, the same in all its processes.

    Args:
        name: "float32", "bfloat16", or "auto": what it began with, or for a new one what `fastest` finds.
        folder: of a training that may have begun, see `training.train`; None for a new one.
    """
    if name != AUTO:
        return name
    began = checkpoints.setting(folder / "checkpoints") if folder else None
    chosen = fastest() if began is None else began.get("training.precision", "float32")
    return devices.broadcast(chosen.encode()).decode()


def fastest() -> str:
    """The type in which this machine clearly convolves faster, "float32" in doubt; takes a second or less."""
    exact, rough = _seconds("float32"), _seconds("bfloat16")
    return "bfloat16" if exact > CLEARLY * rough else "float32"


def _seconds(dtype: str, rounds: int = 3) -> float:
    """The least time of a convolution as large as those of a network of the original's width."""
    x, kernel = ops.ones((8, 32, 32, 128), dtype), ops.ones((3, 3, 128, 256), dtype)
    times = []
    for _ in range(rounds + 1):  # the first one is for warming up
        start = time.perf_counter()
        float(ops.cast(ops.max(ops.conv(x, kernel, padding="same")), "float32"))
        times.append(time.perf_counter() - start)
    return min(times[1:])
