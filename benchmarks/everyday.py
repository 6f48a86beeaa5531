"""What a learner waits for besides training: imports, the notebooks, a film."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks import import_time
from benchmarks.timing import ROOT, in_turn, milliseconds, spread


def imports(small: bool = False) -> dict:
    """`import facegen` beside `import numpy`, in a fresh Python each."""
    statements = import_time.STATEMENTS
    calls = {what: (lambda what=what: import_time.seconds(what)) for what in statements}
    times = in_turn(calls, 1 if small else 15)
    rows = [milliseconds(what, times[what]) for what in statements]
    empty, numpy, facegen = (times[what] for what in statements)
    ratio = [(f - e) / (n - e) for e, n, f in zip(empty, numpy, facegen, strict=True)]
    return {"rows": rows, "ratios": {"time beyond an empty Python, facegen / NumPy": spread(ratio)}}


def notebooks(small: bool = False) -> dict:
    """How long each notebook took when `make course` last ran."""
    from facegen import course

    table = course.build() / "course" / "times.json"
    if not table.is_file():
        return {"rows": [], "notes": ["`make course` has not run here."]}
    return {"rows": notebook_times(table)}


def notebook_times(table: Path) -> list[dict]:
    """The times that the course has noted, of notebooks that ran to their end."""
    measured = json.loads(table.read_text(encoding="utf-8"))["notebooks"]
    return [{"variant": name, "s": one["seconds"]} for name, one in measured.items() if "outcome" not in one]


def video(small: bool = False) -> dict:
    """A film of ten seconds by the network that comes with the course, as benchmarks/video.py measures it."""
    from facegen import course
    from facegen.models import zoo

    output = course.build() / "bench" / "films.json"
    script = [
        sys.executable,
        str(ROOT / "benchmarks" / "video.py"),
        "--model",
        str(zoo.find("clay-deconv")),
    ]
    length = ["--seconds", "1" if small else "10", "--runs", "1" if small else "3"]
    subprocess.run([*script, *length, "--extensions", "mp4", "gif", "-o", str(output)], cwd=ROOT, check=True)
    rows = [film(case) for case in json.loads(output.read_text())["cases"]]
    output.unlink()
    return {"rows": rows}


def film(case: Mapping) -> dict:
    """A row of one film."""
    times = {"generated in, s": case["wall"], "processor, s": case["python"] + case["ffmpeg"]}
    sizes = {"MB": case["size"] / 1e6, "peak GB": case["peak memory"] / 1e9}
    what = f"{case['extension']}, {case['picture']}"
    return {"variant": what, "plays, s": case["seconds"], **times, "frames": case["frames"], **sizes}
