"""check_env.py judges machines that are not this one: packages, settings and data are made up."""

import json
import subprocess
import sys
import zipfile

import pytest
from packaging.specifiers import SpecifierSet

import check_env
from check_env import BAD, NOTE, OK

PROJECT = """
[project]
dependencies = ["tensorflow>=2.20,<3", "numpy>=2.1,<3", "ipywidgets>=7.7,<9"]
optional-dependencies = { lab = ["voila>=0.5.6,<1"], test = ["nbval>=0.11,<1"] }
"""


@pytest.mark.parametrize("wanted", [">=2.20,<3", ">=0.61", ">=6.17,<8", "==2.1", ">2,<=2.20", ""])
@pytest.mark.parametrize(
    "version", ["2.20", "2.20.0", "2.19.9", "3.0", "3.0.0", "0.61.2", "10", "6.17.1", "2.1"]
)
def test_ranges_are_judged_as_packaging_does(version, wanted):
    assert (check_env.judge(version, wanted) == OK) == SpecifierSet(wanted).contains(version)


@pytest.mark.parametrize(("version", "verdict"), [("2.9", "too old"), ("2.100", OK), ("3.0.1", "too new")])
def test_says_which_side(version, verdict):
    assert check_env.judge(version, ">=2.20,<3") == verdict


def judged(versions, colab=False):
    """What check_env says of packages of these versions, by name."""
    return {line.what.split()[0]: line for line in check_env.packages(PROJECT, colab, versions.get)}


GOOD = {"tensorflow": "2.21.0", "numpy": "2.4.6", "ipywidgets": "8.1.9", "voila": "0.5.13"}


def test_a_good_machine():
    assert {(line.state, line.mend) for line in judged(GOOD).values()} == {(OK, "")}


@pytest.mark.parametrize(
    ("name", "version", "state", "found"),
    [
        ("tensorflow", None, BAD, "missing"),
        ("tensorflow", "2.16.1", BAD, "2.16.1, too old"),
        ("numpy", "3.0", NOTE, "3.0, too new"),
        ("voila", None, NOTE, "missing"),  # only the panel's own page needs it
        ("voila", "0.4", NOTE, "0.4, too old"),
    ],
)
def test_packages_out_of_range(name, version, state, found):
    line = judged(GOOD | {name: version})[name]
    assert (line.state, line.found) == (state, found)
    assert "pip install" in line.mend or line.mend == "make setup"


def test_each_package_besides_says_what_it_is_for():
    project = (check_env.ROOT / "pyproject.toml").read_text()
    besides = {name for name, _, group in check_env.requirements(project) if group}
    assert besides == check_env.USES.keys()
    told = {line.what for line in check_env.packages(project, False, GOOD.get)}
    assert {"jupyterlab (for make lab)", "sphinx (for pages)", "numpy"} <= told


def test_colab_is_left_alone():
    shipped = {"tensorflow": "2.20.0", "numpy": "2.1.3", "ipywidgets": "7.7.1"}
    assert [line.mend for line in judged(shipped, colab=True).values()] == ["", "", ""]
    newer = judged(shipped | {"ipywidgets": "10.0"}, colab=True)["ipywidgets"]
    assert (newer.state, newer.mend) == (NOTE, "")
    lacking = judged(shipped | {"numpy": None}, colab=True)["numpy"]
    assert lacking.mend == '%pip install -q "numpy>=2.1,<3"'


def test_old_python_is_told():
    line = check_env.python((3, 10, 4))
    assert (line.state, line.found, line.wanted) == (BAD, "3.10.4", ">=3.11")
    assert check_env.python((3, 11, 0)).state == check_env.python((4, 0, 0)).state == OK


def test_backend(tmp_path):
    home = {"KERAS_HOME": str(tmp_path)}
    everything, nothing = (lambda name: "1.0"), (lambda name: None)
    assert check_env.backend(home, nothing).found == "tensorflow (Keras's default)"
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    assert check_env.backend(home, everything).found.startswith("jax (")
    assert check_env.backend(home, nothing).state == BAD
    assert check_env.backend(home | {"KERAS_BACKEND": "torch"}, everything).found == "torch (KERAS_BACKEND)"
    assert check_env.backend(home | {"KERAS_BACKEND": "theano"}, everything).mend == "unset KERAS_BACKEND"
    (tmp_path / "keras.json").write_text("{")
    assert check_env.backend(home, everything).state == NOTE
    assert check_env.backend(home | {"KERAS_BACKEND": "theano"}, everything).state == BAD


@pytest.mark.parametrize(
    ("saved", "state", "wanted"),
    [
        ({"backend": "tensorflow", "floatx": "float16", "image_data_format": "channels_first"}, OK, ""),
        ({"floatx": "int8"}, BAD, "floatx ('float16', 'float32', 'float64')"),
        ({"epsilon": 1}, BAD, "epsilon float"),
        ({"image_data_format": "th"}, BAD, "image_data_format ('channels_last', 'channels_first')"),
        ([], BAD, "settings in braces"),
    ],
)
def test_settings_that_keras_cannot_start_with(tmp_path, saved, state, wanted):
    (tmp_path / "keras.json").write_text(json.dumps(saved))
    line = check_env.backend({"KERAS_HOME": str(tmp_path)}, GOOD.get)
    assert (line.state, line.wanted) == (state, wanted)
    assert line.mend == (f"delete {tmp_path / 'keras.json'}" if state == BAD else "")


@pytest.mark.parametrize(("free", "state"), [(0.5, BAD), (2.0, NOTE), (9.0, OK), (None, NOTE)])
def test_room(free, state):
    assert check_env.room("disk", free, (1.0, 6.0), "make room").state == state


def celeba(folder, rows, count, archive=False):
    """Write a folder in CelebA's format, with CRLF as in the original."""
    names = [f"{number:06}.jpg" for number in range(1, rows + 1)]
    folder.mkdir(parents=True)
    table = [str(rows), "Smiling Male ", *(f"{name}  1 -1" for name in names)]
    (folder / "list_attr_celeba.txt").write_text("\r\n".join(table) + "\r\n")
    if archive:
        with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as file:
            for name in names[:count]:
                file.writestr(f"img_align_celeba/{name}", b"")
    else:
        (folder / "img_align_celeba").mkdir()
        for name in names[:count]:
            (folder / "img_align_celeba" / name).touch()
    return folder


@pytest.mark.parametrize("archive", [False, True], ids=["folder", "zip"])
def test_celeba_is_counted(tmp_path, archive):
    whole = check_env.dataset(celeba(tmp_path / "celeba", 5, 5, archive))
    assert (whole.state, whole.found) == (OK, "5 pictures")
    half = check_env.dataset(celeba(tmp_path / "half/celeba", 5, 3, archive))
    assert (half.state, half.found, half.wanted) == (BAD, "3 pictures", "5")


def test_what_is_in_quarantine_is_not_missed(tmp_path):
    folder = celeba(tmp_path / "celeba", 5, 5)
    aside = folder / ".quarantine/img_align_celeba"
    aside.mkdir(parents=True)
    (folder / "img_align_celeba/000003.jpg").rename(aside / "000003.jpg")
    line = check_env.dataset(folder)
    assert (line.state, line.found) == (OK, "4 pictures, 1 in quarantine")
    (folder / "img_align_celeba/000004.jpg").unlink()
    assert check_env.dataset(folder).state == BAD
    (folder / "img_align_celeba/000004.jpg").touch()
    (folder / "img_align_celeba/000003.jpg").touch()  # a good copy has taken its place
    assert check_env.dataset(folder).found == "5 pictures, 1 in quarantine"
    assert check_env.dataset(folder).state == OK


def test_what_clay_has_begun_is_no_obstacle(tmp_path):
    folder = celeba(tmp_path / "clay-celeba", 5, 3)
    note = {"fixed": {"look": 1, "format": "celeba", "seed": 3}, "extent": {"count": 20}, "complete": False}
    (folder / "clay.json").write_text(json.dumps(note))
    line = check_env.dataset(folder)
    assert line.state == NOTE
    assert line.mend.endswith(f"data clay-celeba {folder} --count 20 --seed 3")
    (folder / "clay.json").write_text(json.dumps(note | {"complete": True}))
    assert check_env.dataset(folder).state == BAD  # pictures were lost since
    (folder / "clay.json").write_text("{")
    assert check_env.dataset(folder).mend.startswith("delete")


def test_the_command_for_clay_is_one_that_the_package_takes(tmp_path):
    from facegen import cli

    extent = {"people": 4, "children": True, "angles": [0.0, 22.5], "gazes": ["left", "frontal"]}
    fixed = {"look": 1, "format": "rafd", "seed": 0, "width": 68}
    command = check_env.clay_command(tmp_path / "clay-rafd", {"fixed": fixed, "extent": extent})
    taken = vars(cli.parser().parse_args(command.split()[3:]))
    assert {**taken, "angles": [*taken["angles"]], "gazes": [*taken["gazes"]]}.items() >= extent.items()
    assert (taken["width"], taken["seed"]) == (68, 0)


def test_a_web_page_instead_of_the_archive(tmp_path):
    folder = celeba(tmp_path / "celeba", 5, 5, archive=True)
    (folder / "img_align_celeba.zip").write_text("<html>quota exceeded</html>")
    line = check_env.dataset(folder)
    assert line.state == BAD and "no zip archive" in line.found


def test_no_table(tmp_path):
    (tmp_path / "celeba").mkdir()
    line = check_env.dataset(tmp_path / "celeba")
    assert (line.state, line.found) == (BAD, "ValueError: list_attr_celeba.txt is missing")


def test_rafd_is_counted(tmp_path):
    emotions = ["angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"]
    folder = tmp_path / "rafd"
    folder.mkdir()
    for person, kind in (("01", "Caucasian_female"), ("05", "Moroccan_male")):
        for angle in ("000", "090", "180"):
            for emotion in emotions:
                (folder / f"Rafd{angle}_{person}_{kind}_{emotion}_frontal.JPG").touch()
    (folder / "Rafd090_01_Caucasian_female_angry_left.jpg").touch()  # another gaze does not count
    assert check_env.dataset(folder).found == "48 pictures"
    (folder / "Rafd000_01_Caucasian_female_angry_frontal.JPG").unlink()
    half = check_env.dataset(folder)
    assert (half.state, half.found, half.wanted) == (NOTE, "47 pictures", "48")
    (folder / ".quarantine").mkdir()
    (folder / ".quarantine/Rafd000_01_Caucasian_female_angry_frontal.JPG").touch()
    whole = check_env.dataset(folder)
    assert (whole.state, whole.found) == (OK, "47 pictures, 1 in quarantine")


def test_no_data_at_all(tmp_path):
    assert [line.state for line in check_env.datasets(tmp_path / "none")] == [OK, OK]


def test_table_names_each_mend_once():
    told = check_env.table(list(check_env.packages(PROJECT, True, {"voila": "0.5.13"}.get)))
    assert "The course cannot run yet" in told
    assert [told.count(f"{name}>=") for name in ("tensorflow", "numpy")] == [1, 1]
    assert "The course can run here." in check_env.table(list(check_env.packages(PROJECT, False, GOOD.get)))


def test_runs_without_any_package(tmp_path):
    """In a Python without site-packages it reports, fails, and says what to do."""
    command = [sys.executable, "-S", str(check_env.ROOT / "check_env.py"), "--here", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["runs"]) == (1, False)
    assert all(line["mend"] for line in told["lines"] if line["state"] == BAD)
