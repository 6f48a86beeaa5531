"""The parts of gpu.sh: how fast both networks are on this GPU, and trained weights. See there.

    speed            images/s of both networks in float32 and bfloat16; share of what a bfloat16 matrix
                     product reaches on this machine in the same process
    gan64, gan128    the attribute GAN of tools/train_gan.py for as long as there is time, measured at its end
    deconv5, deconv6 the deconvolution network at 320x256 and 640x512 pixels

On another machine than the one that prepares, TensorFlow and numba are not needed.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

SMALL = bool(os.environ.get("SMALL"))
PEOPLE, MODELS, WIDTH = (180, 2, 40) if SMALL else (4000, 16, 340)
BATCH = 8 if SMALL else 64
GAN = {
    "latent_dim": 64,
    "centred": True,
    "dropout": 0.0,
    "spectral": True,
    "loss": "hinge",
    "conditioning": "both",
    "classifier_weight": 2.0,
    "label_sampling": "shuffled",
    "ema": 0.999,
}
DECONV = {"start": (5, 4), "kernels": (128, 128, 96, 96, 32, 32, 16), "dense": 512}


def prepare(folder: Path) -> None:
    """Draw the faces, and count what a step of each network multiplies."""
    from benchmarks.flops import count
    from facegen import clay

    clay.celeba(folder / "celeba", PEOPLE)
    clay.rafd(folder / "rafd", MODELS, width=WIDTH)
    counted = {}
    for name in NETWORKS:
        model, batches = build(name, folder, "float32")
        batch = batches.rows(np.arange(batches.batch_size))
        counted[name] = count(lambda batch, model=model: model.train_step((batch,)), batch)
    (folder / "flops.json").write_text(json.dumps(counted, indent=1) + "\n")


def build(name: str, folder: Path, precision: str, steps: int = 1000):
    """(compiled model, batches) of one of the networks."""
    import facegen
    from facegen.data.loader import Batches
    from facegen.data.pixels import load_pixels
    from facegen.models.deconv import Deconv
    from facegen.models.gan import GAN as Gan
    from facegen.models.gan import TTURAdam
    from facegen.training import precision as precisions
    from facegen.training.recipes import RECIPES

    kind, size = NETWORKS[name]
    with precisions.using(precision):
        if kind == "gan":
            faces = facegen.read(folder / "celeba").part("train")
            width = 2 if SMALL else 32
            model = Gan(faces.names, size=size, width=width, discriminator_width=2 * width, **GAN)
            model.compile(TTURAdam(2e-4, discriminator_lr_ratio=4.0))
        else:
            faces = facegen.read(folder / "rafd").hold_out(0.1, seed=0).part("train")
            small = {"kernels": (4,), "dense": 8} if SMALL else {}
            recipe = RECIPES["deconv"]["today"]
            model = Deconv(faces.names, depth=size, **{**DECONV, **small}, **recipe.network)
            recipe.compile(model, steps)
    pictures = load_pixels(faces, model.image_shape[:2])
    model.adapt(pictures, faces.conditions)
    return model, Batches(pictures, faces.conditions, min(BATCH, 16 if kind == "deconv" else BATCH), seed=1)


NETWORKS = {"gan64": ("gan", 16 if SMALL else 64), "deconv5": ("deconv", 1 if SMALL else 5)}
NETWORKS |= {"gan128": ("gan", 32 if SMALL else 128), "deconv6": ("deconv", 2 if SMALL else 6)}


def matrix_rate() -> float:
    """FLOP/s that a large bfloat16 matrix product reaches here."""
    from keras import ops

    side = 256 if SMALL else 8192
    a = ops.ones((side, side), "bfloat16")
    times = []
    for _ in range(6):
        begin = time.perf_counter()
        np.asarray(ops.matmul(a, a)[0, 0].astype("float32"))
        times.append(time.perf_counter() - begin)
    return 2 * side**3 / min(times)


def speed(folder: Path, out: Path, seconds: float) -> dict:
    """Images a second of each network and type, and the share of the matrix product's rate."""
    from facegen.data.loader import Epoch

    flops, rate, rows = json.loads((folder / "flops.json").read_text()), matrix_rate(), []
    for name in NETWORKS:
        for precision in ("float32", "bfloat16"):
            model, batches = build(name, folder, precision)
            count = max(1, min(batches.steps, 30))
            laps = []
            for epoch in range(3):  # the first one compiles
                begin = time.perf_counter()
                model.fit(Epoch(batches, batches.order(epoch)[:count]), shuffle=False, verbose=0)
                laps.append(time.perf_counter() - begin)
            step = min(laps[1:]) / count
            rows.append(
                {
                    "network": name,
                    "precision": precision,
                    "images/s": batches.batch_size / step,
                    "TFLOP/s": flops[name] / step / 1e12,
                    "share of matrix product": flops[name] / step / rate,
                    "compiling s": laps[0] - laps[1],
                }
            )
            print(rows[-1], flush=True)
    return {"matrix product TFLOP/s": rate / 1e12, "rows": rows}


def learn(name: str, folder: Path, out: Path, seconds: float) -> dict:
    """Train for about so long, and measure; checkpoints and the model lie in out/NAME."""
    from facegen import metrics, read
    from facegen.data.loader import Epoch
    from facegen.training import trainer

    model, batches = build(name, folder, "bfloat16", steps=10)
    lap = []
    for _ in range(2):  # how long an epoch takes decides how many there is time for
        begin = time.perf_counter()
        model.fit(Epoch(batches, batches.order(0)[:2]), shuffle=False, verbose=0)
        lap.append(time.perf_counter() - begin)
    epochs = max(1, int(0.6 * seconds / (lap[1] / 2 * batches.steps)))
    epochs = min(epochs, 1 if SMALL else 400)
    model, batches = build(name, folder, "bfloat16", epochs * batches.steps)
    log = trainer.train(model, batches, epochs, out / name)
    kind = NETWORKS[name][0]
    faces = read(folder / ("celeba" if kind == "gan" else "rafd"))
    faces = faces if kind == "gan" else faces.hold_out(0.1, seed=0)
    found = {"epochs": epochs, "seconds": log[-1]["seconds"], "log": log[-1]}
    try:
        return found | {"measures": metrics.report(model, faces)}
    except (ImportError, RuntimeError) as error:  # the truth of clay needs numba
        return found | {"not measured": str(error)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=["prepare", "speed", *NETWORKS])
    parser.add_argument("folder", type=Path, help="of what was prepared")
    parser.add_argument("--out", type=Path, help="where figures and weights go")
    parser.add_argument("--seconds", type=float, default=120, help="that this part may take")
    options = parser.parse_args()
    if options.part == "prepare":
        prepare(options.folder)
        return
    import keras

    begin = time.monotonic()
    work = speed if options.part == "speed" else lambda *given: learn(options.part, *given)
    found = work(options.folder, options.out, options.seconds)
    about = {"part": options.part, "devices": keras.distribution.list_devices(), "keras": keras.__version__}
    about["minutes"] = round((time.monotonic() - begin) / 60, 2)
    path = options.out / f"{options.part}.json"
    path.with_suffix(".part").write_text(json.dumps(about | found, indent=1, default=float) + "\n")
    path.with_suffix(".part").replace(path)  # whole, or not at all: a part without one is not done


if __name__ == "__main__":
    main()
