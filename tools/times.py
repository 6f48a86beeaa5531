"""How long the notebooks take and how much memory, as they were measured: the table of two pages of docs/.

python tools/times.py --write             bring the tables up to date with notebooks/times.json
python tools/times.py --compare LAST      fail where build/course/times.json has grown since another run
"""

import argparse
import datetime
import json
import os
import platform
import re
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import psutil

from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
TITLE = re.compile(r"(\*\*Time\*\*: ).*?( at laptop scale)")
PAGES = [ROOT / "docs" / name for name in ("installing.md", "teaching.md")]
LATEST = Path(os.environ.get("FACEGEN_BUILD") or ROOT / "build") / "course" / "times.json"
GROWTH, SLACK = 1.5, 30  # times, and seconds: machines of others are never quite the same
BLOCK = re.compile(r"(<!-- times: written by tools/times.py -->\n).*?(<!-- /times -->)", re.S)


def clock(seconds: float) -> str:
    """A duration in words: 34 s, 5 min 7 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def times(runs: Iterable, seconds: float, scale: str, jobs: int) -> dict:
    """What was measured, as JSON.

    Args:
        runs: of the notebooks, see execute.py.
        seconds: that all of them took together.
        scale, jobs: how they were run.
    """
    return {
        "scale": scale,
        "jobs": jobs,
        "date": str(datetime.date.today()),
        "machine": f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, "
        f"{platform.system()} {platform.machine()}",
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")}
        | {"python": platform.python_version()},
        "load": round(psutil.getloadavg()[1], 1),  # of the last five minutes: 2 is these notebooks alone
        "seconds": round(seconds),
        "notebooks": {done.name: _measured(done) for done in sorted(runs, key=lambda done: done.name)},
    }


def _measured(done) -> dict:
    found = {"seconds": round(done.seconds), "gigabytes": round(done.memory / 1e9, 1)}
    return found | ({"outcome": "stopped" if done.stopped else "failed"} if done.error else {})


def table(measured: dict) -> str:
    """The words on it."""
    versions = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    most = sum(sorted(one["gigabytes"] for one in measured["notebooks"].values())[-measured["jobs"] :])
    lines = [
        f"All notebooks at {measured['scale']} scale, {measured['jobs']} at a time: "
        f"{clock(measured['seconds'])}, at most {most:.1f} GB of memory. Measured by `make notebooks` on "
        f"{measured['date']} ({measured['machine']}, load {measured['load']:g}; {versions}).",
        "",
        "| notebook | time | memory |",
        "|---|---|---|",
    ]
    for name, one in measured["notebooks"].items():
        lines.append(f"| `{name}` | {clock(one['seconds'])} | {one['gigabytes']} GB |")
    return "\n".join(lines) + "\n"


def grown(now: dict, last: dict) -> list[str]:
    """The notebooks that take clearly longer than in another run; none, if that was on another machine."""
    if any(now[key] != last[key] for key in ("machine", "scale", "jobs")):
        return []
    found = []
    for name, one in now["notebooks"].items():
        before, after = last["notebooks"].get(name, one)["seconds"], one["seconds"]
        if after > GROWTH * before + SLACK:
            found.append(f"{name}: {clock(after)}, before {clock(before)}")
    return found


def compare(last: Path) -> None:
    """End with 1 where notebooks that have just been run take clearly longer than they did."""
    if not last.is_file():
        print(f"{last}: no times to compare with yet")
        return
    now, before = (json.loads(path.read_text(encoding="utf-8")) for path in (LATEST, last))
    print(table(now))
    if found := grown(now, before):
        sys.exit("Slower than in the run before:\n" + "\n".join(found))


def written(text: str, measured: dict) -> str:
    """A page with its table brought up to date."""
    return BLOCK.sub(lambda found: found[1] + table(measured) + found[2], text)


def titled(text: str, seconds: float) -> str:
    """A notebook's first cell with the time that it takes."""
    minutes = f"{max(1, round(seconds / 60))} min" if seconds >= 45 else f"{round(seconds, -1) or 10} s"
    return TITLE.sub(rf"\g<1>{minutes}\g<2>", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write it into the pages")
    parser.add_argument("--compare", type=Path, metavar="LAST", help="the times.json of another run")
    given = parser.parse_args()
    if given.compare:
        compare(given.compare)
        return
    measured = json.loads((ROOT / "notebooks" / "times.json").read_text(encoding="utf-8"))
    if not given.write:
        print(table(measured))
        return
    for page in PAGES:
        write_text(page, written(page.read_text(encoding="utf-8"), measured))
    for name, one in measured["notebooks"].items():
        path = ROOT / "notebooks" / f"{name}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        first = notebook["cells"][0]
        first["source"] = titled("".join(first["source"]), one["seconds"]).splitlines(keepends=True)
        write_text(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
