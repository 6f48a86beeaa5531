"""Notebooks run several at a time: the order, the signals, and no kernel that is left behind."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import course
import execute
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NAMES = ["01_a", "02_b", "03_c", "04_d", "05_e", "06_f", "07_g", "08_h"]
SECONDS = 120  # nothing here takes so long, unless it hangs
BEGIN = "import os, time, pathlib\npathlib.Path('{name}.pid').write_text(str(os.getpid()))"
UNTIL = """
for _ in range(10 * {seconds}):
    if pathlib.Path('{file}').exists(): break
    time.sleep(0.1)
else:
    raise TimeoutError('{file}')
"""
NAP = "try:\n    time.sleep(100)\nexcept KeyboardInterrupt:\n    print('left ' + 'cleanly')"
DEAF = """
while True:
    try:
        time.sleep(100)
    except KeyboardInterrupt:
        pathlib.Path('{name}.deaf').touch()
"""
COURSE = """
import asyncio, course, pathlib, sys
here = pathlib.Path().resolve()
sys.exit(asyncio.run(course.course(sorted(here.glob('*.ipynb')), here / 'out', 'smoke', False, 2)))
"""


def notebook(folder, name, *cells):
    """Write a notebook whose first cell leaves the number of its kernel's process in `name`.pid."""
    code = [BEGIN.format(name=name), *cells]
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# T"), *map(new_code_cell, code)]), path)
    return path


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kernels(folder):
    return {path.stem: int(path.read_text()) for path in folder.glob("*.pid")}


class Fake:
    """Takes the place of a client: runs for as many turns of the loop as `lengths` has it."""

    lengths, events, most, now = {}, [], 0, 0

    def __init__(self, path):
        self.path = path

    async def run(self):
        Fake.events.append(("begin", self.path.stem))
        Fake.now += 1
        Fake.most = max(Fake.most, Fake.now)
        for _ in range(Fake.lengths[self.path.stem]):
            await asyncio.sleep(0)
        Fake.now -= 1
        Fake.events.append(("end", self.path.stem))
        return self.path.stem


def played(lengths, jobs):
    """The order in which notebooks of these lengths begin and end, and how many ran at once."""
    Fake.lengths, Fake.events, Fake.most, Fake.now = lengths, [], 0, 0
    paths = [Path(f"{name}.ipynb") for name in lengths]

    ended = []

    async def keep(name):
        ended.append(name)
        await asyncio.sleep(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "Client", Fake)
        asyncio.run(course.Schedule(paths, jobs).run(keep))
    return ended, Fake.events, Fake.most


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 40)), st.integers(1, 4))
def test_each_runs_once_after_what_it_builds_upon_and_so_many_at_a_time(lengths, jobs):
    ended, events, most = played(lengths, jobs)
    at = {event: place for place, event in enumerate(events)}
    assert sorted(ended) == sorted(lengths) and len(events) == 2 * len(lengths) and most <= jobs
    for before, after in [*(("01_a", name) for name in NAMES[1:]), ("04_d", "05_e"), ("04_d", "06_f")]:
        if {before, after} <= lengths.keys():
            assert at["end", before] < at["begin", after]


def test_one_that_begins_as_all_are_stopped_is_stopped_too(tmp_path):
    paths = [notebook(tmp_path, "07_g", "print('ran to its end')")]
    schedule, kept = course.Schedule(paths, 2), []

    async def keep(run):
        kept.append(run)

    async def both():
        asyncio.get_running_loop().call_soon(schedule.stop)  # before its task has taken a step
        await schedule.run(keep)

    asyncio.run(both())
    outputs = [cell.outputs for run in kept for cell in run.notebook.cells if cell.cell_type == "code"]
    assert [run.stopped for run in kept] == [True] and "to its end" not in str(outputs)


def test_those_that_take_long_begin_first_and_no_job_is_idle():
    _, events, most = played(dict(zip(NAMES, (5, 20, 40, 20, 20, 30, 20, 20), strict=True)), jobs=2)
    begun = [name for what, name in events if what == "begin"]
    assert begun[:4] == ["01_a", "04_d", "03_c", "06_f"] and most == 2  # 6 needs 4, and then comes before 2
    left, after_the_first = len(NAMES) - 1, [what for what, _ in events[2:]]
    running = list(accumulate(1 if what == "begin" else -1 for what in after_the_first))
    so_far = list(accumulate(what == "begin" for what in after_the_first))
    assert all(now >= 1 for now, many in zip(running, so_far, strict=True) if many < left)


@pytest.mark.parametrize(
    "before, cores, jobs, after",
    [({}, 8, 2, "4"), ({}, 2, 3, "1"), ({}, 2, 1, None), ({"TF_NUM_INTRAOP_THREADS": "7"}, 8, 2, "7")],
    ids=["shared", "never none", "alone", "as somebody wants it"],
)
def test_jobs_share_the_cores(monkeypatch, before, cores, jobs, after):
    monkeypatch.setattr(os, "environ", dict(before))
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    course.share_cores(jobs)
    assert os.environ.get("TF_NUM_INTRAOP_THREADS") == after


def test_two_run_side_by_side_and_the_table_keeps_their_order(tmp_path):
    paths = [
        notebook(tmp_path, "06_a", UNTIL.format(file="07_b.pid", seconds=SECONDS), "time.sleep(1)"),
        notebook(tmp_path, "07_b", UNTIL.format(file="06_a.pid", seconds=SECONDS)),
    ]
    status = asyncio.run(course.course(paths, tmp_path / "out", "smoke", False, 2))
    measured = json.loads((tmp_path / "out" / "times.json").read_text())
    assert status == 0, [path.read_text() for path in (tmp_path / "out").glob("*.ipynb")]
    assert [*measured["notebooks"]] == ["06_a", "07_b"] and (measured["scale"], measured["jobs"]) == (
        "smoke",
        2,
    )
    assert len(kernels(tmp_path)) == 2 and not any(map(lives, kernels(tmp_path).values()))


@pytest.fixture
def running(tmp_path):
    """Start the course of a folder in a process of its own; it ends with the test."""
    begun = []

    def start():
        environment = os.environ | {"PYTHONPATH": str(course.ROOT / "tools")}
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", COURSE],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return begun[0]

    yield start
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def wait(process, *paths):
    """Wait until a process has made some files."""
    deadline = time.monotonic() + SECONDS
    while not all(path.exists() for path in paths):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)


def test_ctrl_c_interrupts_all_that_run_after_one_has_ended(tmp_path, running):
    notebook(tmp_path, "06_quick")
    for name in ("07_long", "08_long"):
        notebook(tmp_path, name, f"pathlib.Path('{name}.nap').touch()\n{NAP}", "print('went ' + 'on')")
    notebook(tmp_path, "08_never")
    process = running()
    wait(process, tmp_path / "07_long.nap", tmp_path / "08_long.nap", tmp_path / "out" / "06_quick.ipynb")
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=SECONDS)[0]
    assert process.returncode == 130 and told.count("stopped") == 2 and "08_never" not in told
    for name in ("07_long", "08_long"):
        kept = (tmp_path / "out" / f"{name}.ipynb").read_text()
        assert "left cleanly" in kept and "went on" not in kept
    measured = json.loads((tmp_path / "out" / "times.json").read_text())["notebooks"]
    assert [one.get("outcome") for one in measured.values()] == [None, "stopped", "stopped"]
    assert kernels(tmp_path).keys() == {"06_quick", "07_long", "08_long"}
    assert not any(map(lives, kernels(tmp_path).values()))


def test_a_second_signal_ends_kernels_that_do_not_listen(tmp_path, running):
    for name in ("06_a", "07_b"):
        notebook(tmp_path, name, f"pathlib.Path('{name}.begun').touch()\n{DEAF.format(name=name)}")
    process = running()
    wait(process, tmp_path / "06_a.begun", tmp_path / "07_b.begun")
    process.send_signal(signal.SIGTERM)
    wait(process, tmp_path / "06_a.deaf", tmp_path / "07_b.deaf")
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=SECONDS)[0]
    assert process.returncode == 130 and told.count("stopped") == 2
    assert len(kernels(tmp_path)) == 2 and not any(map(lives, kernels(tmp_path).values()))


def test_what_breaks_the_course_leaves_no_kernel(tmp_path, monkeypatch):
    paths = [
        notebook(tmp_path, "06_a", UNTIL.format(file="07_b.pid", seconds=SECONDS)),
        notebook(tmp_path, "07_b", "time.sleep(100)"),
    ]

    def full(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(course, "write_text", full)
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(course.course(paths, tmp_path / "out", "smoke", False, 2))
    assert [str(error) for error in caught.value.exceptions] == ["the disk is full"]
    assert len(kernels(tmp_path)) == 2 and not any(map(lives, kernels(tmp_path).values()))


def test_a_kernel_that_does_not_start_is_a_failure(tmp_path, monkeypatch):
    path = notebook(tmp_path, "06_a")
    monkeypatch.setattr(execute.Client, "extra_arguments", ["--no-such-option=1", "--f=nowhere/at/all"])
    done = asyncio.run(execute.Client(path).run())
    assert "died" in done.error and not done.stopped


def test_one_line_of_the_terminal_names_all_that_run(tmp_path, monkeypatch, capsys):
    clients = [execute.Client(notebook(tmp_path, name, "1", "2")) for name in ("06_a", "07_b")]
    clients[0].begin(None, 2)
    clients[1].begin(None, 1)
    clients[1].stop()
    schedule = course.Schedule([], 2)
    schedule.running = dict(enumerate(clients))

    def shown(columns):
        monkeypatch.setattr(shutil, "get_terminal_size", lambda *_, **__: SimpleNamespace(columns=columns))
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(schedule.tick(), 0.01))
        return capsys.readouterr().out

    line = "06_a cell 3 of 4, 0 s | 07_b stopping, 0 s"
    assert shown(80) == line.ljust(79) + "\r" and shown(21) == line[:20] + "\r"
