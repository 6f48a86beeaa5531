"""Kill trainings at random instants, resume each, and compare with one that nobody killed, bit for bit.

    python tests/long/kills.py                         50 kills of each network
    python tests/long/kills.py --kills 4 --seed 7      other instants
    KERAS_BACKEND=jax python tests/long/kills.py --kills 10

Every training is a process of its own: a tiny GAN or deconvolution network, 3 epochs of 5 steps, with a
checkpoint after every second step, sample sheets and a log. Half of the kills (SIGKILL) come at a random
instant between its first checkpoint and its end, half in the middle of writing a checkpoint: after a random
number of its bytes, or at a random one of the renames and removals around it. Then it is begun again, from
other first weights, and left alone. At the end its last checkpoint (weights, moving average, optimizer,
seeds, means, log) and its model must be those of the unbroken training, log.csv too but for the seconds, and
no file may be left over. Ends with 1 if one is not.

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

from facegen import checkpoints, files

MODELS = {"gan": tiny.gan, "deconv": tiny.deconv}
EPOCHS, EVERY = 3, 2
PATIENCE = 300  # seconds until a process counts as hanging


def forked(work: Callable[[], None], log: Path) -> int:
    """Do some work in a process of its own; its id."""
    child = os.fork()
    if child:
        return child
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        work()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def ended(child: int) -> int:
    """Wait for a process; its exit code, negative for a signal."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise SystemExit(f"a training did not end within {PATIENCE} s")


def training(name: str, folder: Path, seed: int = 0) -> None:
    """The training that is killed."""
    inputs = {"attributes": np.eye(3, dtype="float32"), "noise": np.full((3, 3), 0.5, "float32")}
    model, batches = MODELS[name](seed)
    tiny.training.train(
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


def dies_at(number: int, folder: Path) -> None:
    """Kill this process at the so-manieth opening, renaming or removing of a file in a folder."""
    left = number

    def hook(event, arguments):
        nonlocal left
        if event in ("open", "os.rename", "os.remove") and str(folder) in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def killed(name: str, folder: Path, log: Path, chance: random.Random, unbroken: dict) -> str:
    """Begin a training and kill it; at which moment it was."""
    kind = chance.choice(("instant", "instant", "bytes", "files"))
    count = chance.randrange(1, unbroken["bytes"] if kind == "bytes" else unbroken["files"])

    def work():
        if kind == "bytes":
            checkpoints.files.write = dies(count)
        elif kind == "files":
            dies_at(count, folder)
        training(name, folder)

    child = forked(work, log)
    if kind == "instant":
        while not checkpoints.found(folder / "checkpoints") and os.waitpid(child, os.WNOHANG) == (0, 0):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, unbroken["seconds"]))
        os.kill(child, signal.SIGKILL)
    code = ended(child)
    if code not in (0, -signal.SIGKILL):
        raise SystemExit(f"a training failed by itself, see {log}")
    if code == 0:
        return "too late"
    return "writing" if kind != "instant" or [*folder.glob("**/.*.part")] else "instant"


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


def kills(name: str, count: int, seed: int, folder: Path) -> Counter:
    """Kill so many trainings of a network; how many of each kind came to the same bits, and what did not."""
    unbroken = measured(name, folder / "unbroken", folder / "unbroken.log")
    expected, chance, results = state(folder / "unbroken"), random.Random(f"{name} {seed}"), Counter()
    number = 0
    while sum(results.values()) < count:
        number += 1
        place, log = folder / str(number), folder / f"{number}.log"
        when = killed(name, place, log, chance, unbroken)
        if when == "too late":
            continue
        begun = bool(checkpoints.found(place / "checkpoints"))  # else its first weights are lost, too
        if ended(forked(lambda place=place, seed=99 * begun: training(name, place, seed), log)):
            results["failed to resume"] += 1
            print(f"{name} {number}, killed {when}: failed to resume, see {log}", flush=True)
            continue
        found = state(place)
        differing = [key for key in expected if found[key] != expected[key]]
        if differing:
            print(f"{name} {number}, killed {when}: {', '.join(differing)} differ; see {place}", flush=True)
        results["differing" if differing else when] += 1
    return results


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
        same = results["instant"] + results["writing"]
        told.append(
            {"model": name, "backend": backend, "kills": options.kills, "same": same, **results}
            | {"seconds": round(time.monotonic() - start), "machine": platform.platform()}
        )
        print(
            f"{name} on {backend}: {same} of {options.kills} killed trainings ended with the unbroken one's "
            f"bits ({results['writing']} of them were writing when killed); {told[-1]['seconds']} s",
            flush=True,
        )
    (folder / "kills.json").write_text(json.dumps(told, indent=1) + "\n")
    if not options.output:
        import shutil

        shutil.rmtree(folder)
    return int(any(one["same"] < one["kills"] for one in told))


if __name__ == "__main__":
    sys.exit(main())
