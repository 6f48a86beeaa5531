"""Every committed notebook: fit to be read as it is, and runs from top to bottom at smoke scale.

The notebooks run in their order, each in a pytest of its own through nbval; they share one folder
of data and one of trained models, as they do for a reader.
"""

import ast
import json
import os
import subprocess
import sys

import check_notebooks
import first_cell
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

EXPECTED = [
    "00_start",
    "01_datasets",
    "02_dcgan",
    "03_conditional_gan",
    "04_deconv",
    "05_results",
    "06_orientation",
    "07_optimizers",
    "08_live",
    "09_flow",
    "10_bias",
]
NOTEBOOKS = check_notebooks.notebooks()
CELL_SECONDS = 300  # a dead kernel is noticed only after this time

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_all_notebooks_are_found():
    assert set(EXPECTED) <= {path.stem for path in NOTEBOOKS}


def test_the_entrance_has_all_others_on_its_map():
    entrance, *others = NOTEBOOKS
    sources = ("".join(cell["source"]) for cell in json.loads(entrance.read_text(encoding="utf-8"))["cells"])
    (found,) = (source for source in sources if source.startswith("NOTEBOOKS = {"))
    assert [*ast.literal_eval(ast.parse(found).body[0].value)] == [path.stem for path in others]


@each
def test_is_fit_to_be_read(path):
    assert check_notebooks.faults(path) == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The environment of all notebooks: smoke scale, one empty folder for what they make."""
    folder = tmp_path_factory.mktemp("course")
    made = {"FACEGEN_DATA": str(folder / "data"), "FACEGEN_BUILD": str(folder / "build")}
    return os.environ | made | {"FACEGEN_SCALE": "smoke", "TF_CPP_MIN_LOG_LEVEL": "2"}


def nbval(path, environment) -> subprocess.CompletedProcess:
    """Run a notebook through nbval: every cell must run, and its checked outputs must agree."""
    options = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}", "-x"]
    alone = ["-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, f"--rootdir={path.parent}"]
    command = [sys.executable, "-m", "pytest", *options, *alone, "--color=no", str(path)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@each
@pytest.mark.timeout(3 * CELL_SECONDS)
def test_runs(path, shared):
    before = sorted(path.parent.iterdir())
    done = nbval(path, shared)
    assert done.returncode == 0, f"{path.name}:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    assert sorted(path.parent.iterdir()) == before, "a notebook left files beside itself"


def write(path, *cells, metadata=None):
    """Write a notebook as one run would leave it; a cell is its source, or (source, outputs)."""
    pairs = [cell if isinstance(cell, tuple) else (cell, []) for cell in (first_cell.cell(), *cells)]
    code = [new_code_cell(s, outputs=o, execution_count=i) for i, (s, o) in enumerate(pairs, 1)]
    path.write_text(
        writes(new_notebook(cells=[new_markdown_cell("# Title"), *code], metadata=metadata or {}))
    )
    return path


def stream(text):
    return [new_output("stream", text=text)]


def test_a_good_notebook_has_no_faults(tmp_path):
    picture = "<img src='data:image/png;base64,abc/tmp/abc'>https://example.org/work/home/a"
    assert check_notebooks.faults(write(tmp_path / "a.ipynb", "1 + 1", ("print(1)", stream(picture)))) == []


@pytest.mark.parametrize(
    ("cells", "metadata", "fault"),
    [
        (["1", "1", "x = 1\n" * 41], {}, "has 41 lines"),
        (["x = 1\n" * 9] * 3, {}, "half of the code cells"),
        ([("1", stream("see /" + "home/me/a.jpg"))], {}, "cell 3 names a path of one machine"),
        (["open('/" + "tmp/a')"], {}, "names a path"),
        (["if True:\n    assert 1 < 2"], {}, "code cell 2 asserts"),
        (["1"], {"widgets": {}}, "widget state"),
        ([("1", stream("a" * 1_600_000))], {}, "1.6 MB"),
    ],
)
def test_faults_are_found(tmp_path, cells, metadata, fault):
    found = check_notebooks.faults(write(tmp_path / "a.ipynb", *cells, metadata=metadata))
    assert len(found) == 1 and fault in found[0]


def test_a_picture_that_says_nothing_is_found(tmp_path):
    def one(data, **about):
        return [new_output("display_data", data, metadata=about)]

    png, alt = {"image/png": "AAAA"}, {"alt": "a face"}
    film = "<video {}controls src='data:video/mp4;base64,AA'></video>"
    good = [("1", one(png, **{"image/png": alt})), ("2", one({"text/html": film.format('aria-label="x" ')}))]
    assert check_notebooks.faults(write(tmp_path / "a.ipynb", *good)) == []
    bad = [
        ("1", one(png)),
        ("2", one(png, **{"image/jpeg": alt})),
        ("3", one({"text/html": film.format("")})),
    ]
    found = check_notebooks.faults(
        write(tmp_path / "a.ipynb", *bad, ("4", one({"text/html": "<img alt=''>"})))
    )
    assert [line.split(" has ")[0] for line in found] == ["cell 3", "cell 4", "cell 5", "cell 6"]


def test_a_formula_that_the_pages_cannot_draw_is_found(tmp_path):
    path, (good, bad) = (
        tmp_path / "a.ipynb",
        (r"$$\left(\frac{a}{b}\right)^2$$", r"so $\bigl(a\bigr)$, and $x$"),
    )
    path.write_text(write(path, "1").read_text().replace('"# Title"', json.dumps(f"# Title\n\n{good}")))
    assert check_notebooks.faults(path) == []
    path.write_text(path.read_text().replace(json.dumps(good)[1:-1], json.dumps(bad)[1:-1]))
    (found,) = check_notebooks.faults(path)
    assert found.startswith("cell 1 has a formula") and "Unknown symbol" in found


def test_another_order_of_running_is_found(tmp_path):
    path = write(tmp_path / "a.ipynb", "1", "2")
    path.write_text(path.read_text().replace('"execution_count": 3', '"execution_count": null'))
    assert check_notebooks.faults(path) == ["execution counts are [1, 2, None]; expected 1 to 3"]


def test_a_saved_error_and_a_foreign_opening_are_found(tmp_path):
    error = new_output("error", ename="ValueError", evalue="no", traceback=[])
    path = write(tmp_path / "a.ipynb", ("1", [error]))
    path.write_text(path.read_text().replace("# Title", "Title").replace("find_spec", "find_it"))
    assert check_notebooks.faults(path) == [
        "the first cell is not a title (# ...)",
        "the first code cell is not that of tools/first_cell.py",
        "code cell 2 ended in ValueError: no",
    ]


def test_nbval_names_the_failing_cell(tmp_path):
    done = nbval(write(tmp_path / "a.ipynb", "1 + 1", "raise RuntimeError('deliberate')"), os.environ)
    assert done.returncode == 1
    assert "Cell 2" in done.stdout and "deliberate" in done.stdout


def first_cell_in(folder) -> subprocess.CompletedProcess:
    """Run the first cell where facegen is not installed; it says what it gives to pip, and what is found."""
    code = first_cell.cell().replace("%pip install -q", "print('pip', found[-1]) #")
    test = f"{code}\nprint([p for p in sys.path if os.path.isfile(p + '/facegen/__init__.py')])"
    isolated = [sys.executable, "-S", "-I", "-c", test]
    return subprocess.run(isolated, cwd=folder, capture_output=True, text=True, check=False)


def test_first_cell_finds_a_checkout_around_it(tmp_path):
    (tmp_path / "facegen").mkdir()
    (tmp_path / "facegen/__init__.py").touch()
    (tmp_path / "notebooks").mkdir()
    assert first_cell_in(tmp_path / "notebooks").stdout == f"[{str(tmp_path)!r}]\n"


@pytest.mark.parametrize("folder", ["content", "facegen"])
def test_first_cell_finds_what_was_uploaded(tmp_path, folder):
    """A wheel before a zip, the newer of two wheels; a folder that happens to be called facegen is none."""
    content = tmp_path / folder
    content.mkdir()
    (content / "facegen").mkdir()
    done = first_cell_in(content)
    assert done.returncode and "FileNotFoundError: Upload facegen-*.whl (" in done.stderr
    for name in ("facegen-main.zip", "facegen-0.10.0-py3-none-any.whl", "facegen-0.9.0-py3-none-any.whl"):
        (content / name).touch()
        os.utime(content / name, (1e9, 1e9 + ("0.10" in name)))
        expected = name if "0.9" not in name else "facegen-0.10.0-py3-none-any.whl"
        assert first_cell_in(content).stdout.splitlines()[0] == f"pip {expected}"


def test_first_cell_chooses_the_scale():
    code = first_cell.cell().replace('scale = ""', 'scale = "smoke"', 1).partition("\nif not getattr")[0]
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(os.environ['FACEGEN_SCALE'])"],
        env={**os.environ, "FACEGEN_SCALE": "gpu"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "smoke\n"


@each
def test_the_address_is_everywhere_the_same(path):
    assert json.loads(first_cell.in_step(path)) == _as_read(path)


def _as_read(path) -> dict:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    return notebook


def test_a_real_address_brings_links_a_badge_and_what_to_fetch(tmp_path):
    text = (first_cell.ROOT / "pyproject.toml").read_text()
    real = "https://github.com/someone/faces.git"
    (tmp_path / "pyproject.toml").write_text(text.replace(first_cell.PLACEHOLDER + "facegen.git", real))
    path = write(tmp_path / "a.ipynb", "1")
    path.write_text(path.read_text().replace("# Title", "# Title\\n\\nSee `docs/measures.md`, `docs/no.md`."))
    new = first_cell.in_step(path, tmp_path)
    title, first = ("".join(cell["source"]) for cell in json.loads(new)["cells"][:2])
    page = "https://github.com/someone/faces/blob/main/docs/measures.md"
    assert f"[`docs/measures.md`]({page}), `docs/no.md`" in title and first_cell.BADGE in title
    assert "colab.research.google.com/github/someone/faces/blob/main/notebooks/a.ipynb" in title
    assert f"or ['git+{real}']" in first
    path.write_text(new)
    assert first_cell.in_step(path, tmp_path) == new  # a second time changes nothing
    assert "http" not in "".join(json.loads(first_cell.in_step(path))["cells"][0]["source"])


def test_a_notebook_without_the_common_cell_is_refused(tmp_path):
    path = write(tmp_path / "01_a.ipynb", "1")
    path.write_text(path.read_text().replace("facegen", "something"))
    with pytest.raises(ValueError, match=r"01_a.ipynb: expected the first code cell"):
        first_cell.in_step(path)


def test_a_link_into_the_checkout_is_a_fault(tmp_path):
    path = write(tmp_path / "a.ipynb", "1")
    path.write_text(path.read_text().replace("# Title", "# Title [x](../docs/x.md)"))
    assert "leads nowhere without the checkout" in check_notebooks.faults(path)[0]
