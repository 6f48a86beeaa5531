"""No call that only Unix has outside a guarded place: one notebook of the course runs without them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What `import site` runs first in every process: our own code finds what Windows has, and no more.
AS_ON_WINDOWS = """
import asyncio, builtins, types
import fcntl, os
original = builtins.__import__
fake = types.ModuleType("msvcrt")
fake.LK_NBLCK, fake.LK_UNLCK = 2, 0
fake.locking = lambda number, *_: fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
OURS = {"facegen", "tools", "benchmarks"}

def as_on_windows(name, globals=None, *rest, **named):
    file = (globals or {}).get("__file__") or ""
    if OURS & {*file.replace(os.sep, "/").split("/")[-4:-1]} and "site-packages" not in file:
        if name in ("fcntl", "resource", "termios", "pwd", "grp", "pty"):
            raise ImportError(f"{name} is not there on Windows: {file}")
        if name == "msvcrt":
            return fake
    return original(name, globals, *rest, **named)

builtins.__import__ = as_on_windows

def missing(*arguments):
    raise NotImplementedError

asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = missing
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there, all other tests show it")
@pytest.mark.timeout(600)
def test_a_notebook_runs_without_what_only_unix_has(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(AS_ON_WINDOWS)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "FACEGEN_SCALE": "smoke"}
    environment["FACEGEN_BUILD"] = str(tmp_path / "build")
    words = [sys.executable, ROOT / "tools" / "course.py", "08", "--jobs", "1"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok" in done.stdout
    code = "from facegen.utils import files\nassert files.fcntl is None\nprint(files.msvcrt.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "msvcrt", done.stderr
