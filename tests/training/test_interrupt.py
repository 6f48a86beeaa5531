"""The stop button of a notebook, on a real kernel: everything is saved, and the same cell goes on."""

import threading
from pathlib import Path

import pytest

from facegen.training import checkpoints

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
run_sync = pytest.importorskip("jupyter_core.utils").run_sync

BEGIN = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
import tiny
from facegen.models import saving; from facegen.training import trainer
folder, epochs = Path({folder!r}), 10_000
model, batches = tiny.deconv()
"""
TRAIN = "log = trainer.train(model, batches, epochs, folder)"
USE = """
rows = (folder / "log.csv").read_text().splitlines()
drawn = saving.load(folder / "model").draw({"attributes": [[0, 1, 0]]})
done = saving.about(folder / "model")["card"]["epochs"]
epochs = done + 2
print(len(rows) - 1 == done, drawn.shape)
"""
AGAIN = "print([row['epoch'] for row in log] == list(range(1, epochs + 1)))"


@pytest.fixture
def notebook(tmp_path):
    """Run code as cells of one notebook; the cell with its outputs."""
    client = nbclient.NotebookClient(nbformat.v4.new_notebook(), timeout=300, allow_errors=True)
    tests = Path(__file__).resolve().parents[1]
    begin = BEGIN.format(root=str(tests.parent), tests=str(tests), folder=str(tmp_path / "run"))

    def run(code):
        client.nb.cells.append(nbformat.v4.new_code_cell(code))
        return client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1)

    with client.setup_kernel():
        run.client = client
        assert not run(begin).outputs
        yield run


def press_stop(client, folder):
    """Interrupt the kernel once it has trained an epoch."""
    over = threading.Event()

    def wait():
        while not over.wait(0.05):
            if any(path.name > "000001" for path in checkpoints.found(folder)):
                run_sync(client.km.interrupt_kernel)()
                return

    threading.Thread(target=wait, daemon=True).start()
    return over


def said(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_the_stop_button_saves_a_usable_model_and_the_same_cell_goes_on(notebook, tmp_path):
    over = press_stop(notebook.client, tmp_path / "run" / "checkpoints")
    stopped = notebook(TRAIN)
    over.set()
    (error,) = (output for output in stopped.outputs if output.output_type == "error")
    assert error.ename == "KeyboardInterrupt"
    assert "all is saved" in error.evalue and "The same cell" in error.evalue
    assert said(notebook(USE)) == "True (1, 8, 8, 3)\n"
    gone_on = notebook(TRAIN)
    assert not [output for output in gone_on.outputs if output.output_type == "error"]
    assert said(notebook(AGAIN)) == "True\n"
