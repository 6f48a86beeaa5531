#!/usr/bin/env python3
"""Run the notebooks of the course from top to bottom, and make pages of what they show.

    python tools/course.py               executed notebooks in build/course/, and pages of them
    python tools/course.py 02 04         only these
    python tools/course.py --jobs 1      one after the other
    python tools/course.py --write       put the fresh outputs into notebooks/ as well

FACEGEN_SCALE (smoke, laptop or gpu; laptop by default) sets the size of the work. Ctrl-C interrupts the
running cells, so that trainings save what they have; a second one ends them at once. Ends with 1 if a
notebook failed, with 130 after Ctrl-C; whatever was made until then stays.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

if __name__ == "__main__":  # Ctrl-C during the slow imports below ends without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import nbformat
from check_notebooks import faults, notebooks
from execute import Client, Run
from times import times

from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent

# Notebooks by the beginnings of their names.
FIRST = "01"  # runs alone: it draws the faces that all others read
AFTER = {"05": ("04",), "06": ("04",)}  # they show the network that 4 trains
LONGEST = ("04", "09", "03", "06", "02", "07", "10")  # begin first, so that all jobs end together


def turn(path: Path) -> tuple[int, str]:
    """Return what to sort by, so that a notebook that takes long begins early."""
    order = (FIRST, *LONGEST)
    return order.index(path.name[:2]) if path.name[:2] in order else len(order), path.name


def needed(path: Path, paths: Iterable[Path]) -> list[Path]:
    """Return those of the notebooks that one builds upon."""
    number = path.name[:2]
    before = () if number == FIRST else (FIRST, *AFTER.get(number, ()))
    return [other for other in paths if other.name.startswith(before)]


class Schedule:
    """Notebooks that are run, so many at a time, each after those that it builds upon.

    Attributes:
        running: the task of each notebook that has begun and not ended, and its client.
        stopped: whether `stop` was called.
    """

    def __init__(self, paths: Iterable[Path], jobs: int):
        self.paths, self.jobs = sorted(paths, key=turn), jobs
        self.running: dict[asyncio.Task, Client] = {}
        self.stopped = False

    async def run(self, keep: Callable[[Run], Awaitable[None]]) -> None:
        """Run them all, and hand over what has become of each; Ctrl-C stops them, and so does SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self.stop)
            except NotImplementedError:  # Windows: a handler there does not wake the loop by itself
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.stop))
        left = [*self.paths]
        async with asyncio.TaskGroup() as group:  # where one task breaks, the others end their kernels
            while self.running or (left and not self.stopped):
                for path in self._ready(left):
                    left.remove(path)
                    client = Client(path)
                    self.running[group.create_task(client.run())] = client
                ended, _ = await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    del self.running[task]
                    group.create_task(keep(task.result()))

    def _ready(self, left: list[Path]) -> list[Path]:
        """Those that are next: nothing that they need has yet to end, and there is room for them."""
        if self.stopped:
            return []
        begun = [client.path for client in self.running.values()]
        ready = [path for path in left if not needed(path, [*left, *begun])]
        return ready[: self.jobs - len(begun)]

    def stop(self) -> None:
        """Begin no other; interrupt those that run, or kill their kernels if that was tried before."""
        self.stopped = True
        for client in self.running.values():
            client.stop()

    async def tick(self) -> None:
        """Say every second, on one line of the terminal, which cells are running."""
        while True:
            line = " | ".join(map(str, self.running.values()))
            print(line[: columns()].ljust(columns()), end="\r", flush=True)
            await asyncio.sleep(1)


def columns() -> int:
    """Return how long a line may be without beginning a second one on the terminal."""
    return shutil.get_terminal_size().columns - 1


async def course(paths: list[Path], folder: Path, scale: str, fresh: bool, jobs: int) -> int:
    """Run notebooks, so many at a time, and keep each as it ends; return the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    schedule, start, runs, saving = Schedule(paths, jobs), time.monotonic(), [], asyncio.Lock()
    ticker = asyncio.create_task(schedule.tick()) if sys.stdout.isatty() else None
    width = max((len(path.stem) for path in paths), default=0)

    async def keep(done: Run) -> None:
        async with saving:
            runs.append(done)
            if fresh and not done.error:
                done.error = write_back(done)
            write_text(folder / f"{done.name}.ipynb", nbformat.writes(done.notebook) + "\n")
            tell(done, width)

    await schedule.run(keep)
    if ticker:
        ticker.cancel()
    took = time.monotonic() - start
    print(f"{'all':{width}} {took:7.1f} s".ljust(columns()), flush=True)
    table = json.dumps(times(runs, took, scale, jobs), indent=1) + "\n"
    write_text(folder / "times.json", table)
    if fresh and set(paths) == set(notebooks()) and not any(done.error for done in runs):
        write_text(ROOT / "notebooks" / "times.json", table)
    return 130 if schedule.stopped else int(any(done.error for done in runs))


def tell(done: Run, width: int) -> None:
    """Say what has become of a notebook."""
    outcome = "stopped" if done.stopped else "FAILED" if done.error else "ok"
    print(f"{done.name:{width}} {done.seconds:7.1f} s  {outcome}".ljust(columns()), flush=True)
    if done.error and not done.stopped:
        print(f"\n{done.error}\n", flush=True)


def pages(folder: Path) -> int:
    """Make the pages of executed notebooks, which ends with their address; return the exit status."""
    print("making the pages of the course", flush=True)
    made = ["--notebooks", str(folder), "--out", str(folder / "pages"), "--without-toggles"]
    return subprocess.run([sys.executable, str(ROOT / "tools" / "pages.py"), *made], check=False).returncode


def write_back(done: Run) -> str | None:
    """Put the outputs into the notebook itself; return what speaks against it, if anything does."""
    aside = done.path.with_name(done.path.name + ".new")
    aside.write_text(nbformat.writes(done.notebook) + "\n", encoding="utf-8")
    found = faults(aside)
    if found:
        aside.unlink()
        return "not written back:\n" + "\n".join(found)
    os.replace(aside, done.path)
    return None


def chosen(prefixes: list[str]) -> list[Path]:
    """Return the notebooks whose names start with one of the prefixes; all of them for none."""
    for prefix in prefixes:
        if not any(path.name.startswith(prefix) for path in notebooks()):
            sys.exit(f"no notebook starts with {prefix!r}; there are {[x.stem for x in notebooks()]}")
    return [path for path in notebooks() if not prefixes or path.name.startswith(tuple(prefixes))]


def share_cores(jobs: int) -> None:
    """Give each job's TensorFlow its share of the cores: two that use all take up to a fifth longer."""
    if jobs > 1:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, (os.cpu_count() or 1) // jobs)))


def count(text: str) -> int:
    """Read a number of at least one."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="how the notebooks' names start, such as 02 (default: all)")
    parser.add_argument(
        "--jobs",
        type=count,
        default=min(2, os.cpu_count() or 1),
        help="how many to run at a time (default here: %(default)s)",
    )
    parser.add_argument("--write", action="store_true", help="put the fresh outputs into notebooks/ as well")
    parser.add_argument("--out", type=Path, help="folder of the results (default: build/course)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    scale = os.environ.setdefault("FACEGEN_SCALE", "laptop")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # not all of it for the first network
    share_cores(arguments.jobs)
    for name in {"FACEGEN_BUILD", "FACEGEN_DATA"} & set(os.environ):
        os.environ[name] = str(Path(os.environ[name]).resolve())  # the kernels run in another folder
    folder = arguments.out or Path(os.environ.get("FACEGEN_BUILD") or ROOT / "build") / "course"
    try:
        status = asyncio.run(course(chosen(arguments.names), folder, scale, arguments.write, arguments.jobs))
        return status if status == 130 else pages(folder) or status
    except KeyboardInterrupt:
        print("\nstopped")
        return 130


if __name__ == "__main__":
    sys.exit(main())
