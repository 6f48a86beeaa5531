"""Peak memory of a training step, a process for each case, beside what `facegen.training.resources` expects.

    python benchmarks/memory.py                       # the deconvolution network at 5 and 6 layers
    python benchmarks/memory.py --depth 6 --batch 8 --kernels 128 128 96
    python benchmarks/memory.py --gan 64 128 --batch 16 32
    python benchmarks/memory.py --drawing --batch 64

A step is one batch of `fit`: forwards, backwards, Adam; with --drawing, one batch of pictures is drawn.
The table goes to the terminal, the figures to build/memory.json. On a machine with a GPU, the peak of
the GPU is measured instead.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

from benchmarks.timing import peak

NAMES = {"identity": 57, "emotion": 8, "orientation": 2}  # RaFD's adults


def build(case: dict):
    """An untrained, compiled model of a case."""
    import keras

    from facegen.models.deconv import Deconv
    from facegen.models.gan import GAN, TTURAdam

    if "size" in case:
        model = GAN({"attributes": [str(i) for i in range(40)]}, size=case["size"])
        model.compile(TTURAdam())
    else:
        names = {name: [str(i) for i in range(width)] for name, width in NAMES.items()}
        model = Deconv(names, depth=case["depth"], kernels=case["kernels"])
        model.compile(keras.optimizers.Adam(), loss="mean_squared_logarithmic_error")
    return model


def gpu_peak() -> int:
    """Bytes that TensorFlow has held at once on the first GPU; 0 where there is none."""
    import keras
    import tensorflow as tf

    gpu = keras.distribution.list_devices("gpu")
    return tf.config.experimental.get_memory_info("GPU:0")["peak"] if gpu else 0


def step(case: dict) -> dict:
    """Train (or draw) one batch of noise in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy as np

    from facegen.training import resources

    model, count = build(case), case["batch"]
    random, before = np.random.default_rng(0), peak()
    batch = {name: random.random((count, len(cols)), "float32") for name, cols in model.names.items()}
    batch["image"] = random.integers(0, 256, (count, *model.image_shape), "uint8")
    batch |= {"noise": model.sample_noise(count, 0)} if "size" in case else {}
    expected = resources.estimate_drawing if case["drawing"] else resources.estimate
    start = time.monotonic()
    if case["drawing"]:
        model.draw(batch, count)
    else:
        model.fit(batch, batch_size=count, verbose=0)
    return {
        "picture": "x".join(map(str, model.image_shape[:2])),
        "seconds": round(time.monotonic() - start, 1),
        "before": before,
        "peak": gpu_peak() or peak(),
        "expected": expected(model, count),
    }


def measured(case: dict) -> dict:
    """The same in a child process."""
    command = [sys.executable, __file__, "--one", json.dumps(case)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {**case, "failed": done.stderr.strip().splitlines()[-1:]}
    return {**case, **json.loads(done.stdout.splitlines()[-1])}


def row(case: dict) -> str:
    what = f"GAN {case['size']}" if "size" in case else f"d={case['depth']}"
    head = f"{what:8} batch {case['batch']:3}  "
    if "failed" in case:
        return head + f"failed: {case['failed']}"
    gigabytes = "  ".join(f"{case[key] / 1e9:6.2f}" for key in ("before", "peak", "expected"))
    off = case["expected"] / case["peak"] - 1
    return head + f"{case['picture']:>9}  {gigabytes}  {off:+6.0%}  {case['seconds']:6.1f} s"


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("--depth", type=int, nargs="*", default=[5, 6], help="layers of the deconvolution network")
    add("--batch", type=int, nargs="+", default=[8, 16])
    add("--kernels", type=int, nargs="+", default=[128, 128, 96, 96, 32, 32, 16])
    add("--gan", type=int, nargs="*", metavar="SIZE", help="a GAN instead, of pictures of these sides")
    add("--drawing", action="store_true", help="draw pictures instead of training")
    add("-o", "--output", type=Path, default=Path("build/memory.json"))
    add("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    chosen, rows = options(), []
    if chosen.one:
        print(json.dumps(step(json.loads(chosen.one))))
        return
    if chosen.gan:
        cases = [{"size": size} for size in chosen.gan]
    else:
        cases = [{"depth": depth, "kernels": chosen.kernels} for depth in chosen.depth]
    print("case               picture  before    peak  expected     off       step   (memory in GB)")
    for case, batch in product(cases, chosen.batch):
        rows.append(measured({**case, "batch": batch, "drawing": chosen.drawing}))
        print(row(rows[-1]), flush=True)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    about = {"machine": platform.platform(), "cores": os.cpu_count(), "cases": rows}
    chosen.output.write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
