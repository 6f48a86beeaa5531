"""Kill trainings at random instants, over and over, and compare their ends with that of one nobody killed.

    python tests/long/kills.py                         50 kills of each network
    python tests/long/kills.py --kills 4 --seed 7      other instants
    KERAS_BACKEND=jax python tests/long/kills.py --kills 10

Every attempt is a process of its own: a tiny GAN or deconvolution network, 3 epochs of 5 steps, with a
checkpoint after every second step, sample sheets and a log. Half of the kills (SIGKILL) come at a random
instant after the first checkpoint, half in the middle of writing: after a random number of bytes of its
checkpoints, or at a random one of the openings, renames and removals of its files. Then the same training is
begun again, from other first weights, and killed again, until an attempt comes through. What it leaves must
be what the unbroken training left, bit for bit: the last checkpoint (weights, moving average, optimizer,
seeds, means, log), the model, the sheets, log.csv but for the seconds, and no file more. Ends with 1 if not.

Processes are forked from this one, in which Keras is imported but has not run: a kill costs a few seconds.
"""

import argparse
import csv
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import keras
import numpy as np
import tiny
from processes import dies_at, ended, forked

from facegen.training import checkpoints
from facegen.utils import files

MODELS = {"gan": tiny.gan, "deconv": tiny.deconv}
EPOCHS, EVERY = 3, 2


def training(name: str, folder: Path, seed: int = 0) -> None:
    """The training that is killed."""
    inputs = {"attributes": np.eye(3, dtype="float32"), "noise": np.full((3, 3), 0.5, "float32")}
    model, batches = MODELS[name](seed)
    tiny.trainer.train(
        model, batches, EPOCHS, folder, lambda: model.draw(inputs), progress=False, every=EVERY
    )


def dies(after: int) -> Callable[..., None]:
    """A `files.write` that kills its process once so many bytes of checkpoints have been written."""
    written, write = 0, files.write

    class Fatal:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            nonlocal written
            data = memoryview(data).cast("B")
            if written + len(data) >= after:
                self.file.write(data[: after - written])
                self.file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            written += len(data)
            return self.file.write(data)

        def __getattr__(self, name):
            return getattr(self.file, name)

    def fatal(path, fill):
        write(path, (lambda file: fill(Fatal(file))) if path.suffix == ".npz" else fill)

    return fatal


def attempt(name: str, folder: Path, log: Path, chance: random.Random | None, unbroken: dict) -> str:
    """Begin or resume a training and, by chance, kill it; at which moment, "" if it came to its end."""
    kind = chance.choice(("instant", "instant", "bytes", "files")) if chance else "none"
    count = chance.randrange(1, unbroken["bytes" if kind == "bytes" else "files"]) if chance else 0
    before = checkpoints.found(folder / "checkpoints")

    def work():
        if kind == "bytes":
            checkpoints.files.write = dies(count)
        elif kind == "files":
            dies_at(count, folder)
        training(name, folder, seed=99 if before else 0)  # without a checkpoint, its first weights are lost

    child = forked(work, log)
    if kind == "instant":
        while checkpoints.found(folder / "checkpoints") == before and not gone(child):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, unbroken["seconds"]))
        os.kill(child, signal.SIGKILL)
    code = ended(child)
    if code not in (0, -signal.SIGKILL):
        raise SystemExit(f"a training failed by itself, see {log}")
    writing = kind != "instant" or [*folder.glob("**/.*.part")]
    return "" if code == 0 else "writing" if writing else "instant"


def gone(child: int) -> bool:
    """Whether a process has ended; it is still to be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def state(folder: Path) -> dict[str, object]:
    """All that a training leaves, as something that can be compared."""
    newest = checkpoints.found(folder / "checkpoints")[-1]
    about, arrays = checkpoints._read(newest)
    with np.load(folder / "model" / "weights.npz") as weights:
        model = {key: weights[key].tobytes() for key in weights.files}
    with open(folder / "log.csv", newline="") as file:
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]
    return {
        "position": (about["epoch"], about["step"]),
        "names": about["names"],
        "arrays": [array.tobytes() for array in arrays],
        "rows": [{k: v for k, v in row.items() if k != "seconds"} for row in about["rows"]],
        "model": model,
        "log.csv": rows,
        "sheets": {path.name: path.read_bytes() for path in (folder / "samples").iterdir()},
        "files": sorted(str(path.relative_to(folder)) for path in folder.rglob("*")),
    }


def measured(name: str, folder: Path, log: Path) -> dict[str, float]:
    """Train without a kill; how long it takes after its first checkpoint, and how much it writes."""
    child = forked(lambda: training(name, folder), log)
    while not checkpoints.found(folder / "checkpoints"):
        time.sleep(0.001)
    start = time.monotonic()
    if ended(child):
        raise SystemExit(f"the unbroken training failed, see {log}")
    size = checkpoints.found(folder / "checkpoints")[-1].stat().st_size
    saved = 1 + EPOCHS * (1 + (tiny.STEPS - 1) // EVERY)
    return {"seconds": time.monotonic() - start, "bytes": saved * size, "files": 8 * saved}


def kills(name: str, count: int, seed: int, folder: Path) -> dict[str, int]:
    """Kill trainings of a network so many times; how many kills of each kind, how many led to the same."""
    unbroken = measured(name, folder / "unbroken", folder / "unbroken.log")
    expected, chance, met, same = state(folder / "unbroken"), random.Random(f"{name} {seed}"), Counter(), 0
    trainings = 0
    while met.total() < count:
        trainings += 1
        place, log, before = folder / str(trainings), folder / f"{trainings}.log", met.total()
        while when := attempt(name, place, log, chance if met.total() < count else None, unbroken):
            met[when] += 1
        found, survived = state(place), met.total() - before
        differing = [key for key in expected if found[key] != expected[key]]
        if differing:
            print(f"{name}, after {survived} kills: {', '.join(differing)} differ; see {place}", flush=True)
        else:
            same += survived
    return {"kills": count, "same": same, **met, "trainings": trainings}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="of each network (default: 50)")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=[*MODELS])
    parser.add_argument("--seed", type=int, default=0, help="of the instants (default: 0)")
    parser.add_argument("-o", "--output", type=Path, help="folder for the trainings, kept; and kills.json")
    options = parser.parse_args()
    folder = options.output or Path(tempfile.mkdtemp(prefix="kills-"))
    told, backend = [], keras.backend.backend()
    for name in options.models:
        place = folder / f"{backend}-{name}"
        place.mkdir(parents=True)
        start = time.monotonic()
        results = kills(name, options.kills, options.seed, place)
        seconds = round(time.monotonic() - start)
        told.append({"model": name, "backend": backend, **results, "seconds": seconds})
        print(
            f"{name} on {backend}: after {results['same']} of {options.kills} kills, "
            f"{results.get('writing', 0)} of them in the middle of writing, {results['trainings']} trainings "
            f"ended with the bits of the unbroken one; {seconds} s on {platform.machine()}",
            flush=True,
        )
    (folder / "kills.json").write_text(json.dumps(told, indent=1) + "\n")
    if not options.output:
        import shutil

        shutil.rmtree(folder)
    return int(any(one["same"] < one["kills"] for one in told))


if __name__ == "__main__":
    sys.exit(main())
