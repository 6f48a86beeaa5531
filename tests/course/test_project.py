"""The project as a whole: what is committed, what an import costs, which versions are admitted."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = {
    r.name: r for r in map(Requirement, [*PROJECT["dependencies"], *EXTRAS["lab"], *EXTRAS["test"]])
}

# Where the course must run: the newest releases, and what Google Colab ships (2026-08-19).
NEWEST = {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4", "matplotlib": "3.11", "gdown": "6.5.1"}
NEWEST |= {"pandas": "3.1.1", "ipywidgets": "8.1.9", "ipykernel": "7", "nbval": "0.11.0"}
COLAB = {
    "tensorflow": "2.20.0",
    "keras": "3.13.2",
    "numpy": "2.1.3",
    "matplotlib": "3.10.0",
    "gdown": "5.2.2",
}
COLAB |= {"pandas": "2.2.2", "ipywidgets": "7.7.1", "ipykernel": "6.17.1"}

MACHINE = re.compile(rb"(?<![\w.:*-])/(?:home|root|Users|work|private/var)/\w")
REGISTRY = re.compile(
    rb"pypi\.org|pythonhosted\.org|anaconda\.(?:org|com)|--(?:extra-)?index-url|npmjs\.(?:org|com)", re.I
)
HEAVY = "{m for m in ('tensorflow', 'keras', 'jax', 'torch', 'numba', 'matplotlib') if m in sys.modules}"


def committed() -> list[Path]:
    """The files under version control; without git, all that lie here and are not made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    made = {".git", ".venv", "build", "__pycache__", "data"}
    all_of_them = (path for path in ROOT.rglob("*") if not made & {*path.relative_to(ROOT).parts})
    return [path for path in (all_of_them if listed.returncode else paths) if path.is_file()]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["paths of a machine", "package registries"])
def test_no_file_names(pattern):
    texts = [path for path in committed() if path.suffix != ".ipynb"]  # notebooks: tools/check_notebooks.py
    found = {path.relative_to(ROOT): m[0] for path in texts if (m := pattern.search(path.read_bytes()))}
    assert found == {}


def test_the_patterns_find_what_they_should():
    assert MACHINE.search(b"open('/" + b"home/me/a')") and not MACHINE.search(b"https://a.org/home/me")
    assert REGISTRY.search(b"https://pypi" + b".org/simple")


def test_no_large_file():
    assert {path: path.stat().st_size for path in committed() if path.stat().st_size > 10e6} == {}


def loaded(code: str) -> set:
    """Run code in a fresh Python, and return which of the heavy modules it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print({HEAVY})"],
        capture_output=True,
        text=True,
        check=True,
    )
    return ast.literal_eval(done.stdout.splitlines()[-1].replace("set()", "[]"))


def test_import_loads_nothing_heavy():
    assert not loaded("import facegen")


def test_the_heavy_are_noticed():
    assert loaded("import matplotlib") == {"matplotlib"}


def test_help_loads_nothing_heavy():
    code = "import sys; sys.argv = ['facegen', '--help']\nfrom facegen.cli import main\n"
    assert not loaded(code + "try: main()\nexcept SystemExit as end: assert not end.code")


@pytest.mark.parametrize("path", sorted((ROOT / "facegen").rglob("*.py")), ids=lambda p: p.stem)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("versions", [NEWEST, COLAB], ids=["newest", "colab"])
def test_ranges_admit(versions):
    refused = {n: v for n, v in versions.items() if not REQUIREMENTS[n].specifier.contains(v)}
    assert refused == {}


def test_conda_environment_is_in_step():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    by_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    entries = [entry for entry in [*listed, *by_pip] if isinstance(entry, str) and entry != "-e ."]
    named = {r.name: r.specifier for r in map(Requirement, entries) if r.name not in ("python", "pip")}
    learners = map(Requirement, [*PROJECT["dependencies"], *EXTRAS["lab"]])
    assert named == {r.name: r.specifier for r in learners}


def test_conda_environment_explains_each_line():
    lines = (ROOT / "environment.yml").read_text().splitlines()
    assert all("# " in line for line in lines)


def test_check_env_reads_the_same_ranges():
    import check_env

    read = check_env.requirements((ROOT / "pyproject.toml").read_text())
    assert {name: wanted for name, wanted, _ in read} == {
        Requirement(r).name: r.removeprefix(Requirement(r).name)
        for r in [*PROJECT["dependencies"], *EXTRAS["lab"]]
    }
    for name, wanted, _ in read:
        assert check_env.judge(NEWEST.get(name, "999"), wanted) in ("ok", "too new")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The course as `make wheel` makes it, of what is in the checkout now."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("facegen", "models", "params"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", source / "wheel", source], check=True, timeout=300)
    (made,) = (source / "wheel").iterdir()
    return made


@pytest.mark.parametrize("how", ["--prefix", "--target"])
def test_the_trained_models_travel_with_an_installation(wheel, tmp_path, how):
    """As on Colab, where there is no checkout; whatever else is called models there."""
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    (elsewhere / "models").mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--ignore-installed"]
    subprocess.run([*pip, how, place, wheel], check=True, timeout=300)
    site = next(place.rglob("facegen/__init__.py")).parent.parent
    ask = """
import facegen
from facegen import course
from facegen.models import zoo
names = facegen.load("clay-deconv").names
print(facegen.__file__, zoo.shipped(), zoo.shipped("params"), *names, sep="\\n")
"""
    environment = {**os.environ, "PYTHONPATH": str(site), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", ask]
    told = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=True)
    package, models, params, *names = told.stdout.splitlines()
    assert Path(package) == site / "facegen" / "__init__.py"
    assert names == ["identity", "emotion", "orientation"]
    assert Path(models) == place / "share" / "facegen" / "models"
    tracked = {path.name for path in (ROOT / "models").iterdir() if (path / "model.json").is_file()}
    assert {path.parent.name for path in Path(models).glob("*/weights.npz")} == tracked
    assert {p.name for p in Path(params).iterdir()} == {p.name for p in (ROOT / "params").iterdir()}


def test_a_folder_called_facegen_hides_no_package(tmp_path):
    """Such as the checkout itself, seen from the folder that it lies in."""
    (tmp_path / "facegen").mkdir()
    ask = [sys.executable, "-c", "import facegen; print(facegen.__version__)"]
    told = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == PROJECT["version"]


def test_what_a_workflow_runs_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
        assert commands
        for command in commands:
            for target in re.findall(r"\bmake ([\w-]+)", command):
                assert re.search(rf"^{target}:", makefile, re.M), command
            for script in re.findall(r"(?<=\s)[\w/]+\.py\b|\.ci/\w+", command):
                assert (ROOT / script).is_file(), command
