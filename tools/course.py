#!/usr/bin/env python3
"""Run the notebooks of the course from top to bottom, and lay out what they show.

    python tools/course.py               executed notebooks, a page of each and index.html in build/course/
    python tools/course.py 02 04         only these
    python tools/course.py --jobs 1      one after the other
    python tools/course.py --write       put the fresh outputs into notebooks/ as well

FACEGEN_SCALE (smoke, laptop or gpu; laptop by default) sets the size of the work. Ctrl-C interrupts the
running cells, so that trainings save what they have; a second one ends them at once. Ends with 1 if a
notebook failed, with 130 after Ctrl-C; whatever was made until then stays.
"""

import argparse
import asyncio
import datetime
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

if __name__ == "__main__":  # Ctrl-C during the slow imports below ends without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import nbformat
from address import write
from check_notebooks import faults, notebooks
from execute import Client, Run
from gallery import clock, index, page

ROOT = Path(__file__).resolve().parent.parent

# Notebooks by the beginnings of their names.
FIRST = "01"  # runs alone: it draws the faces that all others read
AFTER = {"05": ("04",)}  # 5 shows the network that 4 trains
LONGEST = ("04", "02")  # begun before the others, so that all jobs end at about the same time


def turn(path: Path) -> tuple[int, str]:
    """Return what to sort by, so that a notebook that takes long begins early."""
    order = (FIRST, *LONGEST)
    return order.index(path.name[:2]) if path.name[:2] in order else len(order), path.name


def ready(path: Path, unfinished: Iterable[Path]) -> bool:
    """Return whether nothing that a notebook builds upon is among those that have not ended."""
    number = path.name[:2]
    needed = () if number == FIRST else (FIRST, *AFTER.get(number, ()))
    return not any(other.name.startswith(needed) for other in unfinished)


class Schedule:
    """Notebooks that are run, several at a time.

    Attributes:
        waiting: those that have not begun, in the order in which they would.
        running: the task of each that has, and its client.
        stopped: whether `stop` was called.
    """

    def __init__(self, paths: Iterable[Path], jobs: int):
        self.waiting, self.jobs, self.stopped = sorted(paths, key=turn), jobs, False
        self.running: dict[asyncio.Task[Run], Client] = {}

    async def runs(self) -> AsyncIterator[Run]:
        """Run them all; yield what has become of each as soon as it ends."""
        self.begin()
        while self.running:
            ended, _ = await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                del self.running[task]
            self.begin()
            for task in ended:
                yield task.result()

    def begin(self) -> None:
        """Begin those that have all they need, as many as may run at a time."""
        for path in list(self.waiting):
            unfinished = [*self.waiting, *(client.path for client in self.running.values())]
            if len(self.running) < self.jobs and ready(path, unfinished):
                self.waiting.remove(path)
                client = Client(path)
                self.running[asyncio.create_task(client.run())] = client

    def stop(self) -> None:
        """Begin no other; interrupt those that run, or kill their kernels if that was tried before."""
        self.stopped = True
        self.waiting.clear()
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
    """Run notebooks, so many at a time, and lay out each as it ends; return the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    schedule, start, runs = Schedule(paths, jobs), time.monotonic(), []
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, schedule.stop)
    ticker = asyncio.ensure_future(schedule.tick()) if sys.stdout.isatty() else None
    width = max((len(path.stem) for path in paths), default=0)
    async for done in schedule.runs():
        runs = sorted([*runs, done], key=lambda run: run.name)
        if fresh and not done.error:
            done.error = write_back(done)
        how = f"{scale} scale, {jobs} at a time, {clock(time.monotonic() - start)} on {datetime.date.today()}"
        await asyncio.to_thread(save, done, runs, folder, how)  # a thread: the other kernels must be heard
        tell(done, width)
    if ticker:
        ticker.cancel()
    print(f"{'all':{width}} {time.monotonic() - start:7.1f} s  see {folder / 'index.html'}".ljust(columns()))
    return 130 if schedule.stopped else int(any(done.error for done in runs))


def tell(done: Run, width: int) -> None:
    """Say what has become of a notebook."""
    outcome = "stopped" if done.stopped else "FAILED" if done.error else "ok"
    print(f"{done.name:{width}} {done.seconds:7.1f} s  {outcome}".ljust(columns()), flush=True)
    if done.error and not done.stopped:
        print(f"\n{done.error}\n", flush=True)


def save(done: Run, runs: list[Run], folder: Path, how: str) -> None:
    """Write an executed notebook, its page, and the front page of all runs so far."""
    write(folder / f"{done.name}.ipynb", nbformat.writes(done.notebook) + "\n")
    write(folder / f"{done.name}.html", page(done.notebook, done.name, str(ROOT / "notebooks")))
    write(folder / "index.html", index(runs, how))


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
    for name in {"FACEGEN_BUILD", "FACEGEN_DATA"} & set(os.environ):
        os.environ[name] = str(Path(os.environ[name]).resolve())  # the kernels run in another folder
    folder = arguments.out or Path(os.environ.get("FACEGEN_BUILD") or ROOT / "build") / "course"
    try:
        return asyncio.run(course(chosen(arguments.names), folder, scale, arguments.write, arguments.jobs))
    except KeyboardInterrupt:
        print("\nstopped")
        return 130


if __name__ == "__main__":
    sys.exit(main())
