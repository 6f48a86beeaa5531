"""A film, generated and encoded: how long that takes, against how long it plays.

    python benchmarks/video.py                              # 10 s at 160x128, 30 frames a second, as MP4
    python benchmarks/video.py --model models/clay-deconv --extensions mp4 gif jpg --seconds 10 60

A drunk walk through people and emotions is drawn in batches, as `facegen generate` does it, and each frame
goes to ffmpeg as soon as it is there. Beside the wall clock stands the processor's time, of Python and of
ffmpeg together, which other programs on the machine do not change as much. Each case runs in a process of
its own; the peak of its memory shows that a longer film takes no more. Without --model the network is the
default one of that size, untrained: its faces are noise, which is harder to encode than faces.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

from benchmarks.timing import peak

NAMES = {"identity": 57, "emotion": 8, "orientation": 2}  # RaFD's adults
STAGGER = (
    "mode: drunk\nseed: 1\nfps: {fps}\nnum_images: {seconds}s\nid_step: 0.2\nem_step: 0.2\nmin: 0\nmax: 1\n"
)


def used() -> tuple[float, float]:
    """Processor seconds so far: of this process, and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system, spent.children_user + spent.children_system


def network(chosen: argparse.Namespace, folder: Path) -> Path:
    """The folder of the network to be used."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from facegen.models import saving
    from facegen.models.deconv import Deconv

    if chosen.model:
        return chosen.model
    names = {name: [f"{i:02d}" for i in range(width)] for name, width in NAMES.items() if width > 2}
    model = Deconv({**names, "orientation": ["sin", "cos"]}, depth=chosen.depth, kernels=chosen.kernels)
    return saving.save(model, folder / "model")


def once(case: dict) -> dict:
    """Generate one film in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from facegen import cli
    from facegen.cli.generate import size_on_disk
    from facegen.conditions import script
    from facegen.models import saving

    model = saving.load(case["model"])
    count = script.read(case["file"], model).count
    with tempfile.TemporaryDirectory() as folder:
        words = ["generate", "-m", case["model"], "-f", case["file"], "-o", f"{folder}/out", "--quiet"]
        start, before = time.monotonic(), used()
        if cli.main([*words, "-ext", case["extension"], "-b", str(case["batch"])]):
            raise SystemExit(1)
        seconds = time.monotonic() - start
        python, ffmpeg = (b - a for a, b in zip(before, used(), strict=True))
        size = sum(path.stat().st_size for path in Path(folder, "out").iterdir())
    return {
        "picture": "x".join(map(str, model.image_shape[:2])),
        "frames": count,
        "wall": seconds,
        "python": python,
        "ffmpeg": ffmpeg,
        "size": size,
        "expected size": size_on_disk(case["extension"], count, model.image_shape),
        "peak memory": peak(),
    }


def measured(case: dict, runs: int) -> dict:
    """Medians over some runs, each in a child process."""
    command = [sys.executable, __file__, "--one", json.dumps(case)]
    results = []
    for _ in range(runs):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    typical = {
        key: statistics.median(result[key] for result in results) for key in results[0] if key != "picture"
    }
    return {**case, **typical, "picture": results[0]["picture"]}


def row(case: dict) -> str:
    head = f"{case['seconds']:5} s  {case['extension']:4}  {case['picture']:>8}  {case['frames']:6.0f}"
    times = f"{case['wall']:7.1f}  {case['python']:7.1f}  {case['ffmpeg']:7.1f}"
    sizes = f"{case['size'] / 1e6:7.2f}  {case['expected size'] / 1e6:7.2f}  {case['peak memory'] / 1e9:7.2f}"
    return f"{head}  {times}  {sizes}"


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("--model", type=Path, help="a trained model's folder (default: an untrained network)")
    add("--depth", type=int, default=4, help="layers of the untrained network (default: 4, 160x128)")
    add("--kernels", type=int, nargs="+", default=[128, 128, 96, 96, 32, 32, 16])
    add("--seconds", type=int, nargs="+", default=[10])
    add("--fps", type=int, default=30)
    add("--batch", type=int, default=64)
    add("--extensions", nargs="+", default=["mp4"])
    add("--runs", type=int, default=3)
    add("-o", "--output", type=Path, default=Path("build/video.json"))
    add("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    chosen, rows = options(), []
    if chosen.one:
        print(json.dumps(once(json.loads(chosen.one))))
        return
    print(
        "  plays  kind   picture  frames     wall   python   ffmpeg  on disk  expected   memory (s, MB, GB)"
    )
    with tempfile.TemporaryDirectory() as folder:
        model = str(network(chosen, Path(folder)))
        for seconds, extension in product(chosen.seconds, chosen.extensions):
            file = Path(folder, f"{seconds}.yaml")
            file.write_text(STAGGER.format(fps=chosen.fps, seconds=seconds))
            case = {"model": model, "file": str(file), "extension": extension, "batch": chosen.batch}
            rows.append(measured({**case, "seconds": seconds}, chosen.runs))
            print(row(rows[-1]), flush=True)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    about = {"machine": platform.platform(), "cores": os.cpu_count(), "cases": rows}
    chosen.output.write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
