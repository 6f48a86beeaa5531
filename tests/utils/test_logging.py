"""One way to speak: the logger, progress bars beside it, and commands that are quiet, cut off or stopped."""

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import folders
import pytest

import facegen as whole
from facegen import cli
from facegen.cli import options
from facegen.utils.errors import FacegenError
from facegen.utils.logging import Voice, at_least, logger
from facegen.utils.progress import bar


def python(code: str, **environment) -> subprocess.CompletedProcess:
    """Run code in a process whose output is block-buffered, as it is in a pipe by default."""
    hidden = {"PYTHONUNBUFFERED", "TF_CPP_MIN_LOG_LEVEL"}  # the latter set by JAX, if a test has loaded it
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=inherited | environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def facegen(*words: object, **environment) -> subprocess.CompletedProcess:
    return python(
        f"import sys; from facegen import cli; sys.exit(cli.main({[*map(str, words)]}))", **environment
    )


def test_it_is_heard_on_stderr_without_being_set_up():
    code = """if True:
        import logging, os, facegen
        logger = logging.getLogger("facegen")
        logger.info("one"), logger.warning("two"), logger.debug("three")
        os._exit(0)  # nothing is flushed at the end
    """
    done = python(code)
    assert (done.stdout, done.stderr) == ("", "facegen: one\nfacegen: two\n")


def test_whoever_has_logging_of_their_own_keeps_it():
    code = """if True:
        import logging
        logging.basicConfig(format="%(name)s|%(message)s", level=logging.INFO)
        logging.getLogger("facegen").addHandler(logging.NullHandler())
        import facegen
        logging.getLogger("facegen").warning("one")
    """
    assert python(code).stderr == "facegen|one\n"


def test_a_message_does_not_cut_through_a_bar(capsys):
    with bar(4, "drawing", "") as drawn:
        drawn.update()
        logger.info("between")
        drawn.update()
    err = capsys.readouterr().err
    assert "facegen: between" in re.split(r"[\r\n]", err) and err.count("drawing") >= 2


def test_quiet_leaves_warnings_only_and_no_bar(capsys):
    with at_least(logging.WARNING):
        logger.info("an info")
        logger.warning("a warning")
        with bar(2, "drawing", "") as drawn:
            drawn.update()
    assert capsys.readouterr().err == "facegen: a warning\n"
    logger.info("again")
    assert capsys.readouterr().err == "facegen: again\n"


def test_in_a_notebook_it_is_a_cells_plain_output():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    root = str(Path(whole.__file__).parent.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); "
    code += "from facegen.utils.logging import logger; logger.warning('plain')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=200).execute()
    assert [(output.name, output.text) for output in notebook.cells[0].outputs] == [
        ("stdout", "facegen: plain\n")
    ]


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", r"\u0141 \udce9"), ("utf-8", r"Ł \udce9")], ids=["ascii", "utf-8"]
)
def test_what_cannot_be_shown_is_escaped(monkeypatch, encoding, shown):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stderr", stream)
    # past the logger: what cannot be encoded would end pytest-xdist, if it came into a report
    Voice().emit(logging.makeLogRecord({"msg": "Ł \udce9"}))
    assert stream.buffer.getvalue().decode(encoding) == f"{shown}\n"


def test_a_closed_stream_stops_no_work(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(open(writing, "wb", 0), write_through=True)  # noqa: SIM115
    monkeypatch.setattr(sys, "stderr", stream)
    logger.warning("nobody reads this")


@pytest.fixture
def odd(tmp_path):
    """A set with pictures whose names not every terminal can show, and one that is no UTF-8 at all."""
    folder = folders.own(tmp_path, "file,age\na.jpg,0.1\n", ("a.jpg", "Łukasz.jpg", "jos.jpg"))
    try:
        os.rename(folder / "jos.jpg", os.fsencode(folder) + b"/jos\xe9.jpg")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    return folder


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_report_names_files_that_the_terminal_cannot_show(odd, encoding):
    done = facegen("data", "check", "--quiet", odd, PYTHONIOENCODING=encoding)
    assert done.returncode == 1 and r"jos\udce9.jpg" in done.stdout
    assert ("Łukasz" if encoding == "utf-8" else r"\u0141ukasz") in done.stdout
    assert done.stderr and all(line.startswith("facegen: ") for line in done.stderr.splitlines())


def test_a_folder_that_is_not_utf8_has_a_fingerprint(tmp_path):
    name = "Rafd090_01_Caucasian_female_sad_frontal.jpg"
    folders.picture(tmp_path / "x" / name, 1, (68, 102))
    try:
        os.rename(tmp_path / "x", os.fsencode(tmp_path) + b"/fran\xe7ais")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    from facegen.data.reader import read

    odd = read(tmp_path).fingerprint
    os.rename(os.fsencode(tmp_path) + b"/fran\xe7ais", tmp_path / "plain")
    assert len(odd) == 64 and odd != read(tmp_path).fingerprint


@pytest.mark.parametrize("words", [["data", "check", "--quiet", "."], ["--help"], ["data", "rafd"]])
def test_a_closed_pipe_is_silent(tmp_path, words):
    folder = folders.own(tmp_path, "file,age\na.jpg,0.1\n", ("a.jpg",))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "facegen.cli", *words],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (cli.UNHEARD, "")


def test_an_interrupt_says_what_is_saved(monkeypatch, capsys):
    def run(options):
        raise KeyboardInterrupt("all is saved in here")

    monkeypatch.setattr(cli, "COMMANDS", (cli.Command("stop", "stops", lambda parser: None, run),))
    assert cli.main(["stop"]) == 130
    assert capsys.readouterr() == ("", "facegen: all is saved in here\n")


def test_quiet_is_quiet(tmp_path):
    """TensorFlow, too, which writes to the file descriptor while it loads."""
    (tmp_path / "p.yaml").write_text("mode: single\nSmiling: on\n")
    words = ["generate", "-m", "clay-gan", "-o", tmp_path / "o", "-f", tmp_path / "p.yaml", "--quiet"]
    done = facegen(*words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_kept_back_while_loading_is_shown_where_that_fails(capfd):
    with options._muted():
        os.write(2, b"chatter\n")
    assert capfd.readouterr().err == ""
    with pytest.raises(FacegenError), options._muted():
        os.write(2, b"the reason\n")
        raise FacegenError("it failed")
    os.write(2, b"and on\n")
    assert capfd.readouterr().err == "the reason\nand on\n"


def test_the_package_says_nothing_any_other_way():
    """No print outside commands, no warnings of its own: results, the panel's address and the last words."""
    package = Path(whole.__file__).parent
    # but for examples in docstrings
    other = re.compile(
        r"^(?! *(?:>>>|\.\.\.)).*(?:\bprint\(|tqdm\.write|warnings\.warn\(|std(?:out|err)\.write\()", re.M
    )
    found = {p.relative_to(package) for p in package.rglob("*.py") if other.search(p.read_text("utf-8"))}
    speaking = {path.as_posix() for path in found if path.parent.name != "cli"}
    # devices.py and googledrive.py: in a process of their own, whose result it is
    assert speaking == {"training/devices.py", "data/googledrive.py", "panel/server.py"}
