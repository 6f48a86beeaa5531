#!/usr/bin/env python3
"""Run the notebooks of the course from top to bottom, and lay out what they show.

    python tools/course.py               executed notebooks, a page of each and index.html in build/course/
    python tools/course.py 02 04         only these
    python tools/course.py --write       put the fresh outputs into notebooks/ as well

FACEGEN_SCALE (smoke, laptop or gpu; laptop by default) sets the size of the work. Ends with 1 if a
notebook failed, with 130 after Ctrl-C; whatever was made until then stays.
"""

import argparse
import asyncio
import datetime
import os
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":  # Ctrl-C during the slow imports below ends without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import nbformat
from address import write
from check_notebooks import faults, notebooks
from gallery import clock, index, page
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from tidy import CONTROL, settle, tidy

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Run:
    """What became of one notebook; `error` is None for a good one."""

    name: str
    notebook: nbformat.NotebookNode
    seconds: float
    error: str | None
    stopped: bool = False


class Client(NotebookClient):
    """Runs a notebook; Ctrl-C interrupts the running cell, a second one ends the kernel."""

    def __init__(self, path: Path, notebook: nbformat.NotebookNode, on_cell):
        super().__init__(
            notebook,
            timeout=None,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            coalesce_streams=True,
            on_cell_start=self.begin,
        )
        self.on_cell, self.running, self.stopped = on_cell, False, False

    async def async_start_new_kernel(self, **settings) -> None:
        """Take Ctrl-C over from nbclient, which would cut the kernel off in mid-write."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self.stop)
        await super().async_start_new_kernel(**settings)

    def begin(self, cell, cell_index: int) -> None:
        """Begin no further cell after Ctrl-C, even if the interrupted one came to a good end."""
        if self.stopped:
            raise CellControlSignal("stopped")
        self.running = True
        self.on_cell(cell_index + 1)

    def stop(self) -> None:
        """Interrupt the running cell, or end its kernel if that was tried before."""
        if self.running:
            end = self.km.shutdown_kernel(now=True) if self.stopped else self.km.interrupt_kernel()
            self.stopping = asyncio.ensure_future(end)
        self.stopped = True


def run(path: Path, on_cell=lambda number: None) -> Run:
    """Execute a notebook in a kernel of its own, in its own folder, and tidy its outputs."""
    notebook, start, error = nbformat.read(path, 4), time.monotonic(), None
    client = Client(path, notebook, on_cell)
    with tempfile.TemporaryFile("w+") as log:
        try:
            client.execute(stderr=log)
        except CellControlSignal as failure:
            error = CONTROL.sub("", str(failure)).strip()
        except (DeadKernelError, AssertionError):  # nbclient asserts that a kernel is there
            log.seek(0)
            error = f"the kernel died\n{settle(log.read()[-2000:], quiet=True)}".strip()
    error = "stopped" if client.stopped else error
    return Run(path.stem, tidy(notebook), time.monotonic() - start, error, client.stopped)


def save(done: Run, folder: Path) -> None:
    """Write the executed notebook and its page."""
    write(folder / f"{done.name}.ipynb", nbformat.writes(done.notebook) + "\n")
    write(folder / f"{done.name}.html", page(done.notebook, done.name, str(ROOT / "notebooks")))


def write_back(done: Run, path: Path) -> str | None:
    """Put the outputs into the notebook itself; return what speaks against it, if anything does."""
    aside = path.with_name(path.name + ".new")
    aside.write_text(nbformat.writes(done.notebook) + "\n", encoding="utf-8")
    found = faults(aside)
    if found:
        aside.unlink()
        return "not written back:\n" + "\n".join(found)
    os.replace(aside, path)
    return None


def chosen(prefixes: list[str]) -> list[Path]:
    """Return the notebooks whose names start with one of the prefixes; all of them for none."""
    for prefix in prefixes:
        if not any(path.name.startswith(prefix) for path in notebooks()):
            sys.exit(f"no notebook starts with {prefix!r}; there are {[x.stem for x in notebooks()]}")
    return [path for path in notebooks() if not prefixes or path.name.startswith(tuple(prefixes))]


def course(paths: list[Path], folder: Path, scale: str, fresh: bool) -> int:
    """Run notebooks one after the other; return the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    when = datetime.date.today().isoformat()
    width, runs = max((len(path.stem) for path in paths), default=0), []
    for path in paths:
        done = run(path, Ticker(path, width))
        if fresh and not done.error:
            done.error = write_back(done, path)
        runs.append(done)
        save(done, folder)
        write(folder / "index.html", index(runs, scale, when))
        outcome = "stopped" if done.stopped else "FAILED" if done.error else "ok"
        print(f"{done.name:{width}} {done.seconds:7.1f} s  {outcome}".ljust(60), flush=True)
        if done.stopped:
            return 130
        if done.error:
            print(f"\n{done.error}\n", flush=True)
    print(f"{'all':{width}} {sum(done.seconds for done in runs):7.1f} s  see {folder / 'index.html'}")
    return int(any(done.error for done in runs))


class Ticker:
    """Says on a terminal which cell is running."""

    def __init__(self, path: Path, width: int):
        self.name, self.start = f"{path.stem:{width}}", time.monotonic()
        self.cells = len(nbformat.read(path, 4).cells)

    def __call__(self, number: int) -> None:
        if sys.stdout.isatty():
            line = f"{self.name} cell {number} of {self.cells}, {clock(time.monotonic() - self.start)}"
            print(line.ljust(shutil.get_terminal_size().columns - 1), end="\r", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="how the notebooks' names start, such as 02 (default: all)")
    parser.add_argument("--write", action="store_true", help="put the fresh outputs into notebooks/ as well")
    parser.add_argument("--out", type=Path, help="folder of the results (default: build/course)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    scale = os.environ.setdefault("FACEGEN_SCALE", "laptop")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name in {"FACEGEN_BUILD", "FACEGEN_DATA"} & set(os.environ):
        os.environ[name] = str(Path(os.environ[name]).resolve())  # the kernels run in another folder
    build = Path(os.environ.get("FACEGEN_BUILD") or ROOT / "build")
    try:
        return course(chosen(arguments.names), arguments.out or build / "course", scale, arguments.write)
    except KeyboardInterrupt:
        print("\nstopped")
        return 130


if __name__ == "__main__":
    sys.exit(main())
