"""The tools that run the notebooks and lay out what they show, on small notebooks of their own."""

import asyncio
import json
import subprocess
import sys

import course
import execute
import first_cell
import nbformat
import pages
import pytest
import tidy
import times
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import facegen
from facegen.viz.diagrams import unpooling

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = (
    f"import base64\nfrom IPython.display import Image\nImage(base64.b64decode('{PIXEL}'), alt='a pixel')"
)
PROGRESS = "import sys\nprint(' 50%|#####     | 1/2 [00:01<00:01,  1.0it/s]\\r', file=sys.stderr)\nprint(1)"


def notebook(path, *cells):
    """Write a notebook that was never run."""
    first = [new_markdown_cell("# A title\n\nWhat it is **for**.\n\nMore."), new_code_cell(first_cell.cell())]
    nbformat.write(new_notebook(cells=[*first, *map(new_code_cell, cells)]), path)
    return path


def lay_out(paths, fresh=False, jobs=2):
    """Run notebooks; return the exit status."""
    return asyncio.run(course.course(paths, paths[0].parent / "out", "smoke", fresh, jobs))


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    """A course of three notebooks, the second of which fails."""
    folder = tmp_path_factory.mktemp("course")
    paths = [
        notebook(folder / "01_good.ipynb", PICTURE, PROGRESS),
        notebook(folder / "02_bad.ipynb", "raise ValueError('deliberate')", "print('never')"),
        notebook(folder / "03_good.ipynb", "print('after')"),
    ]
    return folder, lay_out(paths, fresh=True)


def test_a_failing_notebook_fails_the_course_and_stops_no_other(laid_out):
    folder, status = laid_out
    assert status == 1
    made = {path.name for path in (folder / "out").iterdir()}
    assert made == {"01_good.ipynb", "02_bad.ipynb", "03_good.ipynb", "times.json"}
    measured = json.loads((folder / "out/times.json").read_text())["notebooks"]
    assert [one.get("outcome") for one in measured.values()] == [None, "failed", None]


def test_what_went_wrong_stays_in_the_notebook(laid_out):
    kept = nbformat.read(laid_out[0] / "out/02_bad.ipynb", 4)
    assert [output.evalue for cell in kept.cells for output in cell.get("outputs", [])] == ["deliberate"]


def test_fresh_outputs_are_written_back_when_they_are_good(laid_out):
    good, bad = (nbformat.read(laid_out[0] / name, 4) for name in ("01_good.ipynb", "02_bad.ipynb"))
    code = [cell for cell in good.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert [output.get("name") for output in code[2].outputs] == ["stdout"]  # the progress bar is gone
    assert not any(cell.get("outputs") for cell in bad.cells)
    assert not list(laid_out[0].glob("*.new"))


def test_a_notebook_with_a_path_of_this_machine_is_not_written_back(tmp_path, capsys):
    path = notebook(tmp_path / "01_a.ipynb", "print('/' + 'home/me/a.jpg')")
    before = path.read_bytes()
    assert lay_out([path], fresh=True) == 1
    assert path.read_bytes() == before
    assert "not written back" in capsys.readouterr().out


def test_a_dead_kernel_is_a_failure(tmp_path):
    client = execute.Client(notebook(tmp_path / "01_a.ipynb", "import os\nos._exit(3)"))
    done = asyncio.run(client.run())
    assert done.error == "Kernel died" and not done.stopped


def test_a_kernel_that_does_nothing_is_asked_for_a_sign(tmp_path, monkeypatch):
    client = execute.Client(notebook(tmp_path / "01_a.ipynb", "import time\ntime.sleep(4)"))
    asked, ask = [], AsyncKernelClient.kernel_info
    monkeypatch.setattr(execute, "IDLE", 1.0)
    monkeypatch.setattr(
        AsyncKernelClient, "kernel_info", lambda *a, **k: asked.append(client.cell) or ask(*a, **k)
    )
    assert asyncio.run(client.run()).error is None
    assert asked.count(client.cell) >= 1


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("1/3\r2/3\r3/3\n", "3/3\n"),
        ("12\x08\x08\x08\x0899\n", "99\n"),
        (
            "a warning\n 99%|####| 99/100 [00:01<00:00, 80.1it/s]\r100%|####| 100/100 [00:01<00:00]\n",
            "a warning\n",
        ),
        (
            "WARNING: All log messages before absl::InitializeLog() is called\nI0000 00:00:17.1 x.cc:1] a\n",
            "",
        ),
        ("2026-11-22 10:00:00.123456: I tensorflow/core/platform.cc:210] a\nmine\n", "mine\n"),
    ],
)
def test_stderr_is_settled(text, settled):
    assert tidy.settle(text, quiet=True) == settled


def test_stdout_keeps_its_lines():
    assert tidy.settle("50% done\n\n[1/2] 3it/s\n") == "50% done\n\n[1/2] 3it/s\n"


LAID_OUT = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
import pages
source = Path(sys.argv[1]) / "source"
found = pages.lay_out(source, pages.ROOT / "notebooks")
pages.panels(source, False)
pages.front(source, found, {}, pages.reference(source / "reference"))
print("tensorflow" in sys.modules)
"""


def test_pages_are_laid_out_without_tensorflow_and_so_without_what_it_says(tmp_path):
    words = [sys.executable, "-c", LAID_OUT, tmp_path, pages.ROOT, pages.ROOT / "tools"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
    text = (tmp_path / "source/reference/facegen.md").read_text()
    for name in pages.PUBLIC:
        kind = "class" if isinstance(getattr(facegen, name), type) else "function"
        assert f".. auto{kind}:: facegen.{name}\n" in text


def test_waiting_for_the_notebook_beside_this_one_leaves_no_trace():
    waited = "/data/clay/.facegen: waiting for another process that makes pixels here\n"
    assert tidy.settle(f"before\n{waited}after\n") == "before\nafter\n"
    assert not list(tidy._outputs([new_output("stream", text=waited)], {}))


def test_a_panel_leaves_its_picture_and_no_state():
    state = {
        "box": {"model_name": "HBoxModel", "state": {"children": ["IPY_MODEL_tick", "IPY_MODEL_face"]}},
        "tick": {"model_name": "CheckboxModel", "state": {}},
        "face": {
            "model_name": "ImageModel",
            "state": {"format": "png"},
            "buffers": [{"encoding": "base64", "path": ["value"], "data": PIXEL}],
        },
    }
    view = new_output("display_data", {tidy.WIDGET: {"model_id": "box"}, "text/plain": "HBox()"})
    bar = new_output("display_data", {tidy.WIDGET: {"model_id": "tick"}})
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    book = tidy.tidy(
        new_notebook(cells=[new_code_cell("", outputs=[bar, view])], metadata={"widgets": widgets})
    )
    assert "widgets" not in book.metadata
    (left,) = book.cells[0].outputs
    assert left.data["image/png"] == PIXEL and left.metadata["image/png"]["alt"] == left.data["text/plain"]


@pytest.mark.parametrize(("seconds", "words"), [(3.4, "3 s"), (59.6, "1 min 0 s"), (307, "5 min 7 s")])
def test_clock(seconds, words):
    assert times.clock(seconds) == words


@pytest.mark.parametrize("png, kept", [("p" * 100, "image/png"), ("p" * 200_000, "image/jpeg")])
def test_one_form_of_a_picture_is_kept_and_no_address(png, kept):
    data = {"image/png": png, "image/jpeg": "j" * 90, "text/plain": "<PIL.Image.Image mode=RGB at 0x7F00A1>"}
    notebook = new_notebook(cells=[new_code_cell(outputs=[new_output("execute_result", data)])])
    (output,) = tidy.tidy(notebook).cells[0].outputs
    assert dict(output.data) == {kept: data[kept], "text/plain": "<PIL.Image.Image mode=RGB>"}


@pytest.mark.parametrize("png, kept", [("p" * 100, "image/png"), ("p" * 200_000, "image/jpeg")])
def test_a_picture_keeps_what_it_says_and_not_its_copy_in_html(png, kept):
    data = {"image/png": png, "image/jpeg": "j", "text/html": "<img alt='a face'>", "text/plain": "a face"}
    about = {kind: {"alt": "a face"} for kind in ("image/png", "image/jpeg")}
    outputs = [
        new_output("execute_result", data, metadata=about),
        new_output("display_data", {"text/html": "b"}),
    ]
    picture, table = tidy.tidy(new_notebook(cells=[new_code_cell(outputs=outputs)])).cells[0].outputs
    assert set(picture.data) == {kept, "text/plain"} and picture.metadata == {kept: {"alt": "a face"}}
    assert table.data["text/html"] == "b"


def test_a_diagram_keeps_what_it_says_and_not_its_copy_in_html():
    data, about = unpooling()._repr_mimebundle_()
    outputs = [new_output("execute_result", data, metadata=about)]
    (output,) = tidy.tidy(new_notebook(cells=[new_code_cell(outputs=outputs)])).cells[0].outputs
    assert set(output.data) == {"image/svg+xml", "text/plain"} and output.metadata == about


def test_a_message_that_only_the_sender_heard_of_is_handed_over():
    async def received(looked: bool) -> bool:
        with zmq.asyncio.Context() as context, context.socket(zmq.PAIR) as mine:
            mine.bind("inproc://here")
            with zmq.Context.shadow(context.underlying).socket(zmq.PAIR) as theirs:
                theirs.connect("inproc://here")
                waiting = mine.recv()
                await asyncio.sleep(0.1)
                theirs.send(b"done")
                zmq.Socket.shadow(mine.underlying).get(zmq.EVENTS)  # as sending past the loop does
                if looked:
                    execute.look(mine)
                done, _ = await asyncio.wait([waiting], timeout=1)
                waiting.cancel()
                return bool(done)

    assert asyncio.run(received(looked=True))
    assert not asyncio.run(received(looked=False)), "pyzmq or jupyter_client has mended it: `look` can go"
