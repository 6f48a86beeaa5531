"""The renderer's speed beside that of an earlier commit, in turn: ratios of the medians.

    python benchmarks/render.py COMMIT            this checkout / COMMIT, for each format of clay

The other commit is checked out into a temporary folder; both draw the same numbers of people, plain backdrops
where there is a choice.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRAW = """
import json, sys, time
from facegen import clay
from facegen.clay.rafd_people import ADULTS
try:
    crowd = clay.Population(400, 0, backdrops="plain")
except TypeError:
    crowd = clay.Population(400, 0)
jobs = {
    "celeba": lambda i: clay.draw(crowd.face(i), 178, 218, detail=0.5),
    "rafd": lambda i: clay.draw(clay.model(ADULTS[i % 57], "happy", 22.5 * (i % 9)), 136, 204),
}
for job in jobs.values():
    job(0)  # compiles
print("ready", flush=True)
for line in sys.stdin:
    found = {}
    for name, job in jobs.items():
        begin = time.perf_counter()
        for i in range(57):
            job(i)
        found[name] = (time.perf_counter() - begin) / 57 * 1000
    print(json.dumps(found), flush=True)
"""


def started(folder: Path) -> subprocess.Popen:
    """A process that draws with the package in a folder, a round for each line that it is sent."""
    command = [sys.executable, "-c", DRAW]
    child = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"PYTHONPATH": str(folder), "PATH": "", "HOME": str(folder)},
    )  # fmt: skip
    assert child.stdout.readline().strip() == "ready"
    return child


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", options.commit, "facegen"], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        both = {"now": started(ROOT), "then": started(Path(folder))}
        found: dict[str, dict[str, list[float]]] = {name: {} for name in both}
        for _ in range(options.rounds):
            for name, child in both.items():
                print("go", file=child.stdin, flush=True)
                for kind, milliseconds in json.loads(child.stdout.readline()).items():
                    found[name].setdefault(kind, []).append(milliseconds)
        for child in both.values():
            child.stdin.close()
            child.wait()
    for kind in found["now"]:
        now, then = (statistics.median(found[name][kind]) for name in ("now", "then"))
        ratios = [a / b for a, b in zip(found["now"][kind], found["then"][kind], strict=True)]
        print(f"{kind}: {now:.1f} ms, {then:.1f} ms; {statistics.median(ratios):.3f} "
              f"({min(ratios):.3f} to {max(ratios):.3f})")  # fmt: skip


if __name__ == "__main__":
    main()
