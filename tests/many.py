"""One of the processes of test_devices.py: models, trained on as many devices as it is told."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np


def made(kind: str, seed: int):
    """A model that is compiled as a whole, since JAX is slow where it is not, and its batches."""
    import keras
    import tiny

    from facegen.models.deconv import Deconv
    from facegen.training.recipes import RECIPES

    if kind == "today":
        keras.utils.set_random_seed(seed)
        recipe, shape = RECIPES["deconv"]["today"], {"start": (2, 2), "depth": 1, "kernels": [4], "dense": 8}
        model, batches = Deconv({"attributes": tiny.COLUMNS}, **shape, **recipe.network), tiny.data()
        recipe.compile(model, steps=10)
        return model, batches
    model, batches = getattr(tiny, kind)(seed)
    model.compile(model.optimizer, loss=model.loss, jit_compile=True)
    return model, batches


def train(kind: str, folder: Path, told: dict) -> None:
    """Train; where an interrupt comes, go on with another model, which takes all from the checkpoint."""
    import tiny

    from facegen.training import trainer

    model, batches = made(kind, 0)
    drawn = []

    def samples():
        drawn.append(0)
        if len(drawn) == 2 and told.get("dies"):  # the first epoch is done, and not saved yet
            os._exit(9)
        if len(drawn) == 2 and told.get("stops"):
            os.kill(os.getpid(), signal.SIGINT)
        return model.draw({**batches.rows(np.arange(2)), "noise": np.zeros((2, 3))})

    try:
        rows = trainer.train(model, batches, 2, folder, samples, every=2, progress=False)
    except KeyboardInterrupt as stop:
        print(stop, flush=True)
        model, batches = made(kind, 1)
        rows = trainer.train(model, batches, 2, folder, progress=False)
    (folder.parent / f"{kind}.json").write_text(json.dumps(rows))
    np.savez(folder.parent / f"{kind}.npz", *tiny.state(model))


def of_tensorflow(told: dict) -> None:
    """Two processors of TensorFlow's, and what of its strategies is refused."""
    import tensorflow as tf

    from facegen.training import devices
    from facegen.utils.errors import FacegenError

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    workers = tf.distribute.MultiWorkerMirroredStrategy()  # at the beginning, or TensorFlow refuses it itself
    scopes = {"gan": devices.use(2), "deconv": devices.use(2), "today": workers.scope()}
    said = {}
    for kind, scope in scopes.items():
        try:
            with scope:
                devices.check(made(kind, 0)[0], 8)
        except FacegenError as error:
            said[kind] = str(error)
    (Path(told["out"]) / "refused.json").write_text(json.dumps(said))


def main() -> None:
    told = json.loads(sys.argv[1])
    out = Path(told["out"])
    out.mkdir(parents=True, exist_ok=True)
    if told.get("tensorflow"):
        of_tensorflow(told)
    from facegen.training import devices
    from facegen.utils.errors import FacegenError

    try:
        with devices.use(told.get("devices")):
            for kind in told["kinds"]:
                train(kind, out / kind, told)
    except FacegenError as error:
        print(f"facegen: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
