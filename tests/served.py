"""`facegen panel` in a process of its own, and the page that it serves."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import pytest

LONG = 300  # seconds: TensorFlow takes its time on a busy machine


class Served:
    """A running `facegen panel`.

    Attributes:
        address, token: of the page.
        folder: where it keeps its files while it runs.
        log: what it says on stderr.
    """

    def __init__(self, bundle: Path, log: Path):
        self.log, temporary = log, log.parent / "t"
        temporary.mkdir()
        command = [sys.executable, "-m", "facegen.cli", "panel", str(bundle), "--no-browser", "--port", "0"]
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=temporary,
                env=os.environ | {"TMPDIR": str(temporary)},
            )  # fmt: skip
        lines = iter(self.process.stdout.readline, "")
        found = next((line.strip() for line in lines if "http://" in line), None)
        assert found, log.read_text()
        self.address, _, self.token = found.partition("/?token=")
        (self.folder,) = temporary.glob("facegen-panel-*")

    def children(self) -> list[int]:
        """The process ids of its kernels."""
        told = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(line) for line in told.stdout.split()]

    def stop(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()


@contextmanager
def served(bundle: Path, log: Path) -> Iterator[Served]:
    """A panel that is served until the block ends; skips the test where Voila cannot show it."""
    if metadata.version("ipywidgets").startswith("7."):
        pytest.skip("Voila shows nothing with ipywidgets 7: `facegen panel` says so, and ends")
    server = Served(bundle, log)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def chromium() -> str:
    """The path of a Chromium; skips the test where there is none, or no Playwright."""
    pytest.importorskip("playwright", reason="Playwright is missing: pip install playwright")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("there is no Chromium to click in: on Debian, apt install chromium")
    return found
