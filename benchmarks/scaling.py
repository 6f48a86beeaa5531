"""What limits a training on many GPUs: counted from the models, beside a measured rate of reading.

    python -m benchmarks.scaling                      # docs/scaling.md has this table
    python -m benchmarks.scaling --flops 150e12 --node 300e9 --network 25e9

Counted: the parameters, the bytes of their gradients, the operations of a picture in a training step.
Measured: pictures that one process reads in a second, here. Assumed, and to be replaced by what your
machines do: the operations a GPU sustains, and the bytes a second between GPUs of one host and between hosts.
The times of a step are added up, as if nothing were done at the same time: the worst case.
"""

import argparse
import math
import os
import time

HEAD = (
    "  GPUs hosts   batch a GPU moves  arithmetic   gradients    reading  images/s   to hide them  most time"
)
BATCH = 64  # pictures for each GPU
GPUS = (1, 8, 64)
HOST = 8  # GPUs of one


def models() -> dict:
    """Both networks at their full size, compiled."""
    from facegen.conditions.attributes import NAMES
    from facegen.models.deconv import Deconv
    from facegen.models.gan import GAN, TTURAdam
    from facegen.training.recipes import RECIPES

    rafd = {"identity": 57, "emotion": 8, "orientation": 2}
    gan = GAN({"attributes": NAMES}, **RECIPES["gan"]["today"].network)
    gan.compile(TTURAdam())
    recipe = RECIPES["deconv"]["today"]
    deconv = Deconv({name: [str(i) for i in range(n)] for name, n in rafd.items()}, **recipe.network)
    recipe.compile(deconv, steps=1)
    return {"GAN, 64x64": gan, "Deconv, 320x256": deconv}


def noise(model, count: int) -> dict:
    """A batch of pictures and conditions."""
    import numpy as np

    random = np.random.default_rng(0)
    batch = {name: random.random((count, len(cols)), "float32") for name, cols in model.names.items()}
    return {**batch, "image": random.integers(0, 256, (count, *model.image_shape), "uint8")}


def operations(model) -> float:
    """Floating-point operations of one picture in a step, forwards and backwards."""
    import tensorflow as tf

    from benchmarks import flops

    def step(batch):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(batch, None, model(batch, training=True))
        return tape.gradient(loss, model.trainable_variables)

    few = 8
    return flops.count(step, {k: tf.convert_to_tensor(v) for k, v in noise(model, few).items()}) / few


def reading(model, seconds: float = 3.0) -> float:
    """Pictures that one process takes out of a cache in a second of processor time, in random order."""
    import numpy as np

    from facegen.data.loader import Batches

    count = int(256e6 // math.prod(model.image_shape))  # 256 MB of pixels
    batch = noise(model, 1)
    rows = {name: np.repeat(value, count, axis=0) for name, value in batch.items()}
    data = Batches(rows.pop("image"), rows, BATCH)
    epoch, done, start = data.epoch(0), 0, time.process_time()
    while time.process_time() - start < seconds:
        epoch[done % data.steps]
        done += 1
    return BATCH * done / (time.process_time() - start)


def rows(model, chosen) -> list[str]:
    """A line of the table for each number of GPUs."""
    gradients = sum(4 * math.prod(v.shape) for v in model.trainable_variables)
    work, read = operations(model), reading(model)
    step = BATCH * work / chosen.flops
    print(f"  parameters that learn      {gradients // 4:14,}")
    print(f"  bytes of their gradients   {gradients:14,}  (float32)")
    print(f"  operations of a picture    {work / 1e9:14.1f}  GFLOP, forwards and backwards")
    print(f"  pictures read, one process {read:14,.0f}  a second of processor time, measured here")
    assumed = f"at {chosen.flops / 1e12:g} TFLOP/s, assumed"
    print(f"  {BATCH} of them on one GPU      {1000 * step:14.1f}  ms {assumed}")
    lines = []
    for gpus in GPUS:
        hosts = math.ceil(gpus / HOST)
        moved = 2 * (gpus - 1) / gpus * gradients  # each GPU sends and receives so much in a ring
        parts = {
            "arithmetic": step,
            "gradients": moved / (chosen.network if hosts > 1 else chosen.node),
            "reading": gpus * BATCH / hosts / read,
        }
        times = "".join(f"{1000 * seconds:9.1f} ms" for seconds in parts.values())
        lines.append(
            f"  {gpus:4} {hosts:5} {gpus * BATCH:7,} {moved / 1e6:6.0f} MB {times} "
            f"{gpus * BATCH / sum(parts.values()):9,.0f} {moved / step / 1e9:8.1f} GB/s   "
            f"{max(parts, key=parts.get)}"
        )
    return lines


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("--flops", type=float, default=50e12, help="a second, sustained by one GPU (default: 50e12)")
    add("--node", type=float, default=200e9, help="bytes a second between GPUs of a host (default: 200e9)")
    add("--network", type=float, default=12.5e9, help="bytes a second between hosts (default: 12.5e9)")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name, model in models().items():
        print(name)
        lines = rows(model, chosen)
        print(HEAD)
        print("\n".join(lines))


if __name__ == "__main__":
    main()
