"""Measuring: calls in turn, medians, ratios round by round, memory in processes of their own.

A machine is seldom quiet. So what is compared runs in turn (A B A B), a busy moment meets both, and a
ratio is taken within each round before its median is.
"""

import gc
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
SGEMM = "matrix product"
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Variant:
    """One way to do a piece of work.

    Attributes:
        call: does it once.
        images: pictures that a call goes through.
        steps: training steps that a call makes, if it trains.
        flops: counts the floating-point operations of a call; asked once it has been called.
    """

    call: Callable[[], object]
    images: int = 0
    steps: int = 1
    flops: Callable[[], int] | None = None


def in_turn(calls: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1) -> Times:
    """Seconds of each call in each round; the first `warm_up` rounds are not counted."""
    times = {name: [] for name in calls}
    for count in range(warm_up + rounds):
        for name, call in calls.items():
            gc.collect()
            start = time.perf_counter()
            call()
            if count >= warm_up:
                times[name].append(time.perf_counter() - start)
    return times


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most of some numbers."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def compare(variants: Mapping[str, Variant], rounds: int, sgemm: bool = False) -> dict:
    """Run variants in turn.

    Args:
        variants: name -> what to run.
        rounds: how often each, besides one call to warm up.
        sgemm: run a matrix product in turn with them, and give their rates as shares of its rate.

    Returns:
        "rows": of a table, a dict for each variant; "seconds": name -> of each round, for an image (or call).
    """
    calls = {name: variant.call for name, variant in variants.items()}
    product = matrix_product() if sgemm else None
    times = in_turn(calls | ({SGEMM: product.call} if sgemm else {}), rounds)
    peak_rate = product.flops() / statistics.median(times[SGEMM]) if sgemm else None
    rows = [_row(name, variant, times[name], peak_rate) for name, variant in variants.items()]
    if sgemm:
        rows.append({"variant": SGEMM, "GFLOP/s": peak_rate / 1e9})
    seconds = {n: [t / max(1, variants[n].images) for t in times[n]] for n in variants}
    return {"rows": rows, "seconds": seconds}


def milliseconds(name: str, seconds: Sequence[float]) -> dict:
    """The row of a table: median, least and most, in ms."""
    found = spread(seconds)
    return {"variant": name} | {
        key: 1000 * found[of] for key, of in (("ms", "median"), ("from", "least"), ("to", "most"))
    }


def _row(name: str, variant: Variant, times: list[float], peak_rate: float | None) -> dict:
    median, row = statistics.median(times), milliseconds(name, [t / variant.steps for t in times])
    if variant.images:
        row["images/s"] = variant.images / median
    if variant.flops:
        flops = variant.flops()
        row |= {"TFLOP": flops / variant.steps / 1e12, "GFLOP/s": flops / median / 1e9}
        row |= {"of SGEMM": flops / median / peak_rate} if peak_rate else {}
    return row


def times_as_fast(seconds: Times, ours: str, other: str) -> dict[str, float]:
    """How many times as fast one variant is as another, round by round."""
    return spread([slow / fast for slow, fast in zip(seconds[other], seconds[ours], strict=True)])


def rate_ratio(rows: Sequence[Mapping], ours: str, other: str, key: str) -> dict[str, float]:
    """The ratio of a rate in the rows of two variants; its spread from their fastest and slowest rounds."""
    a, b = (next(row for row in rows if row["variant"] == name) for name in (ours, other))
    ratio = a[key] / b[key]
    low = ratio * (a["ms"] / a["to"]) * (b["from"] / b["ms"])
    high = ratio * (a["ms"] / a["from"]) * (b["to"] / b["ms"])
    return {"median": ratio, "least": low, "most": high}


def matrix_product(side: int = 2048, times: int = 4) -> Variant:
    """A float32 matrix product of the backend's, as the yardstick of what the machine can do."""
    import numpy as np
    from keras import ops

    a, b = (ops.convert_to_tensor(np.random.default_rng(i).random((side, side), "float32")) for i in (0, 1))

    def call() -> None:
        for _ in range(times):
            np.asarray(ops.matmul(a, b))

    return Variant(call, flops=lambda: times * 2 * side**3)


def alone(function: Callable[..., dict], env: Mapping[str, str] | None = None, **arguments) -> dict:
    """Call a function of a module in a fresh Python, and return what it returned, with "peak".

    Args:
        function: of a module of this folder; takes and returns what JSON can say.
        env: variables of the environment, besides those that are set.

    Returns:
        Its result, and "peak": the most bytes that its process has held at once.
    """
    call = [function.__module__, function.__name__, json.dumps(arguments)]
    code = "from benchmarks import timing; timing.serve()"
    command = [sys.executable, "-c", code, *call]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
    )
    if done.returncode:
        raise RuntimeError(f"{function.__name__}({arguments}) failed in its process; see above.")
    return json.loads(done.stdout.splitlines()[-1])


def serve() -> None:
    """The other side of `alone`."""
    module, name, arguments = sys.argv[1:]
    result = getattr(importlib.import_module(module), name)(**json.loads(arguments))
    print(json.dumps({**(result or {}), "peak": peak()}))


def hold(megabytes: int) -> dict:
    """Hold so much memory for a moment: what `alone` is tested with."""
    return {"bytes": len(b"x" * (megabytes << 20))}


def peak() -> int:
    """Bytes that this process has held at once, so far; mapped files count as far as they were read."""
    try:  # unlike ru_maxrss, which a child takes over from its parent
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def machine() -> dict:
    """What this runs on, how busy it is, and with which versions."""
    import psutil

    names = ("tensorflow", "keras", "numpy", "pillow", "opencv-python-headless", "torch", "jax")
    return {
        "processor": _processor(),
        "cores": CORES,
        "memory GB": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.system(),
        "load": round(psutil.getloadavg()[0], 1),
        "versions": {"python": platform.python_version(), **{n: v for n in names if (v := _version(n))}},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
