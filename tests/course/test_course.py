"""The course's settings: scale, folders, sets, models."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegen
from facegen import clay, course
from facegen.clay import writer
from facegen.data.pixels import load_pixels
from facegen.models import saving, zoo
from facegen.models.deconv import Deconv
from facegen.utils.errors import FacegenError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FACEGEN_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("FACEGEN_SCALE", "smoke")


def test_scale_is_told_or_found(monkeypatch):
    assert course.scale() == "smoke"
    monkeypatch.setenv("FACEGEN_SCALE", "huge")
    with pytest.raises(FacegenError, match="FACEGEN_SCALE='huge': expected one of smoke, laptop, gpu"):
        course.scale()
    monkeypatch.delenv("FACEGEN_SCALE")
    assert course.scale() == "laptop"  # whatever the machine: nobody waits an hour unasked


def test_a_claim_that_holds_is_shown_and_a_false_one_ends_the_notebook(caplog):
    course.claim("small < large", True, 0.12345)
    assert caplog.messages == ["✓ small < large: 0.123"]
    with pytest.raises(course.ClaimError, match=r"This run says otherwise: one is two: 7 %"):
        course.claim("one is two", False, "7 %")
    assert issubclass(course.ClaimError, AssertionError)
    assert course.Claim("a < b")._repr_html_() == "<div>✓ a &lt; b</div>"


def test_a_claim_about_faces_is_judged_on_clay_at_full_scale_only(monkeypatch, caplog):
    faces = course.faces("celeba")
    course.claim("at smoke scale", False, on=faces)
    assert caplog.messages[-1].startswith("○ at smoke scale (not judged at scale smoke")
    monkeypatch.setenv("FACEGEN_SCALE", "laptop")
    with pytest.raises(course.ClaimError):
        course.claim("on clay", False, on=faces)
    (faces.root / writer.NOTE).unlink()
    course.claim("on photographs", False, on=faces)
    course.claim("by an untrained network", False, on=False)
    assert "on photographs (not judged" in caplog.text and "network (not judged" in caplog.text


START = """
import os, sys
from facegen import course
scale = course.start()
print(scale, "keras" in sys.modules)
course.start(seed=3)
import random, keras, logging
print(random.random(), os.environ["TF_CPP_MIN_LOG_LEVEL"], logging.getLogger("tensorflow").level)
from facegen.utils import progress
print(progress.bar(3, "a", "b").disable)
"""


def test_a_notebook_starts_quietly_and_the_same_each_time():
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    words = [sys.executable, "-c", START]
    first, second = (
        subprocess.run(words, env=environment, capture_output=True, text=True, check=True) for _ in range(2)
    )
    scale, chance, bar = first.stdout.splitlines()
    assert scale == "smoke False" and chance.endswith(" 3 40") and bar == "True"
    assert first.stdout == second.stdout
    assert [line for line in first.stderr.splitlines() if "facegen" in line] == ["facegen: scale smoke"]


# A cell that trains, as a notebook has it, on Colab with Drive mounted.
CELL = """
import sys, pathlib
from facegen import course
from facegen.training import trainer
course.DRIVE = pathlib.Path(sys.argv[1]) / "MyDrive" / "facegen"
import tiny
folder = course.run("gan")
model, batches = tiny.gan()
log = trainer.train(model, batches, 30, folder, every=1, progress=False)
print(len(log), "epochs in", folder)
"""


def test_on_colab_a_lost_runtime_costs_minutes(tmp_path):
    """Killed, and begun again in a new process: the same cell goes on from Drive."""
    drive = tmp_path / "MyDrive"
    drive.mkdir()
    here = Path(__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}", "FACEGEN_SCALE": "smoke"}
    environment.pop("FACEGEN_BUILD")
    words = [sys.executable, "-c", CELL, str(tmp_path)]
    checkpoints = drive / "facegen" / "build" / "runs" / "smoke" / "gan" / "checkpoints"
    with subprocess.Popen(words, env=environment, cwd=tmp_path, stdout=subprocess.PIPE) as lost:
        while lost.poll() is None and not list(checkpoints.glob("*[1-9]-*.npz")):
            time.sleep(0.02)
        lost.kill()
    assert lost.returncode == -9, "it ended before it could be killed"
    before = sorted(path.name for path in checkpoints.iterdir())
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("30 epochs in " + str(drive))
    log = (checkpoints.parent / "log.csv").read_text().splitlines()
    assert len(log) == 31 and before  # a header and 30 epochs: none was done twice


def test_clay_is_made_where_the_real_set_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(course.CLAY["rafd"], "smoke", {"people": 1, "width": 40, "angles": (90,)})
    faces = course.faces("rafd")
    assert len(faces) == 8 and faces.root == tmp_path / "data" / "clay-rafd-smoke"
    assert course.is_clay(faces)
    before = {path: (faces.root / path).stat().st_mtime_ns for path in faces.paths}
    assert {path: (faces.root / path).stat().st_mtime_ns for path in course.faces("rafd").paths} == before
    with pytest.raises(FacegenError, match="no course set 'yale'"):
        course.faces("yale")


DRAW = """
import os
import sys
from facegen import course
from facegen.clay import writer
course.CLAY["rafd"]["smoke"] = {"people": 1, "width": 40, "angles": (90,)}
save, fill = writer.save, writer.fill
def counted(path, *rest):
    os.write(1, (path.name + "\\n").encode())  # whole lines, though several threads write them
    save(path, *rest)
def held(*rest):
    print("begun", flush=True)
    sys.stdin.readline()
    fill(*rest)
writer.save, writer.fill = counted, held
print(course.faces("rafd").fingerprint)
"""


@pytest.fixture
def draw():
    """Start a process that draws a set of eight pictures, once it reads a line; it ends with the test."""
    begun = []

    def start():
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", DRAW],
                text=True,
                **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE),
            )
        )
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def warned(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_the_courses_own_clay_is_taken_without_a_word(caplog, monkeypatch):
    monkeypatch.setitem(course.CLAY["rafd"], "smoke", {"people": 1, "width": 40})
    for kind in ("celeba", "rafd"):
        for _ in ("drawn", "there"):
            course.faces(kind)
    assert warned(caplog) == []


def test_clay_that_somebody_else_drew_is_taken_and_told(caplog):
    clay.rafd(course.data() / "clay-rafd-smoke", people=1, width=40, progress=False)
    assert len(course.faces("rafd").names["identity"]) == 1
    (said,) = warned(caplog)
    assert "people 1, not 4" in said and "width 40, not 68" in said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"label_noise": 0.05}, "label_noise 0.05, not 0.0"),
        ({"seed": 7}, "seed 7, not 0"),
        ({"odds": clay.odds.default() | {"Male": 100}}, "odds a table ("),
    ],
)
def test_another_world_is_told(caplog, settings, told):
    folder = course.data() / "clay-celeba-smoke"
    clay.celeba(folder, 160, backdrops="plain", progress=False, **settings)
    assert course.faces("celeba").root == folder
    (said,) = warned(caplog)
    assert told in said and said.count(", not ") == 1


def test_of_two_that_want_the_same_clay_one_draws_and_the_other_waits(draw):
    first = draw()
    assert first.stdout.readline() == "begun\n"
    second = draw()
    assert second.stderr.readline().endswith("waiting for another process that draws clay\n")
    *drawn, fingerprint = first.communicate("\n")[0].split()
    assert len(set(drawn)) == len(drawn) == 8
    assert second.communicate("\n")[0].split() == [fingerprint]


def test_the_real_set_is_taken_where_it_is_there(tmp_path):
    folder = tmp_path / "data" / "rafd"
    folder.mkdir(parents=True)
    for angle in ("000", "090"):
        name = f"Rafd{angle}_05_Caucasian_female_happy_frontal.jpg"
        Image.new("RGB", (68, 102)).save(folder / name)
    faces = course.faces("rafd")
    assert faces.root == folder and not course.is_clay(faces)
    assert not list((tmp_path / "data").glob("clay-*"))


def test_large_real_sets_are_thinned_at_small_scales(monkeypatch, tmp_path):
    folder = tmp_path / "data" / "rafd"
    folder.mkdir(parents=True)
    for person in range(1, 6):
        Image.new("RGB", (68, 102)).save(folder / f"Rafd090_{person:02d}_Caucasian_female_happy_frontal.jpg")
    monkeypatch.setitem(course.MOST, "smoke", 3)
    assert [path[8:10] for path in course.faces("rafd").paths] == ["01", "03", "05"]


def test_clay_views_are_the_pictures_of_the_set(monkeypatch):
    monkeypatch.setitem(course.CLAY["rafd"], "smoke", {"people": 1, "width": 64, "angles": (45, 90)})
    faces = course.faces("rafd")
    size = (40, 32)
    truth = course.clay_views(faces, faces.names["identity"][0], "happy", [-45, 0], size)
    emotion = faces.names["emotion"].index("happy")
    rows = np.flatnonzero(faces.conditions["emotion"][:, emotion])
    rows = rows[np.argsort(faces.conditions["orientation"][rows, 0])]
    kept = load_pixels(faces, size, progress=False)[rows]
    assert np.abs(truth.astype(int) - kept).mean() < 4  # JPEG
    assert np.abs(truth[::-1].astype(int) - kept).mean() > 8


def test_models_are_found_where_training_left_them():
    with pytest.raises(FacegenError, match=r"No trained model 'nobody'.*Run its notebook first"):
        course.model("nobody")
    model = Deconv({"identity": ["01"]}, start=(2, 2), depth=1, kernels=[4], dense=4)
    folder = saving.save(model, course.run("nobody") / "model")
    assert course.model("nobody") == folder


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A checkout of which only the models matter: one of them."""
    model = Deconv({"identity": ["01", "02"]}, start=(2, 2), depth=1, kernels=[4], dense=4)
    monkeypatch.setattr(zoo, "checkout", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    saving.save(model, tmp_path / "models" / "toy")
    return model


def test_models_are_loaded_by_name_by_folder_and_by_training(shipped, tmp_path):
    rows = {"identity": np.eye(2, dtype="float32")}
    saving.save(shipped, tmp_path / "run" / "model")
    for model in ("toy", "models/toy", tmp_path / "models" / "toy", tmp_path / "run", "run/model"):
        np.testing.assert_array_equal(facegen.load(model).draw(rows), shipped.draw(rows))
    (tmp_path / "toy").mkdir()  # an unrelated folder hides no model that is whole
    assert zoo.find("toy") == tmp_path / "models" / "toy"


@pytest.mark.parametrize("model", ["nobody", "models/nobody", "/nowhere/at/all", "models/toy/weights.npz"])
def test_an_unknown_model_is_refused_with_the_names_there_are(shipped, model):
    with pytest.raises(FacegenError, match=rf"{model} is no trained model.*one of toy, which come"):
        facegen.load(model)


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda folder: (folder / "model.json").unlink(), "is no trained model"),
        (lambda folder: (folder / "weights.npz").unlink(), "is missing"),
        (lambda folder: (folder / "weights.npz").write_bytes(b"others"), "SHA-256"),
        (lambda folder: (folder / "model.json").write_text("{"), "is damaged"),
        (lambda folder: newer(folder / "model.json"), "update facegen"),
    ],
    ids=["no description", "no weights", "other weights", "half a description", "newer"],
)
def test_a_model_that_was_tampered_with_is_refused(shipped, tmp_path, spoil, message):
    spoil(tmp_path / "models" / "toy")
    with pytest.raises(FacegenError, match=message):
        facegen.load("toy")


def newer(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))


def test_naming_load_loads_no_keras():
    code = "import sys, facegen; facegen.load; assert not {'keras', 'tensorflow'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_with_photographs_the_network_is_the_one_trained_on_them(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEGEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FACEGEN_BUILD", str(tmp_path / "build"))
    own = course.run("conditional") / "model"
    own.mkdir(parents=True)
    (own / "model.json").write_text("{}")
    assert course.network("conditional", "celeba", "clay-gan") == "clay-gan"
    (tmp_path / "data" / "celeba").mkdir(parents=True)
    assert course.network("conditional", "celeba", "clay-gan") == own
    (own / "model.json").unlink()
    assert course.network("conditional", "celeba", "clay-gan") == "clay-gan"


def test_the_network_of_another_notebook_counts_where_it_draws_these_faces(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("FACEGEN_BUILD", str(tmp_path / "build"))
    lab = facegen.read(clay.rafd(tmp_path / "lab", people=2, angles=[90], width=16, progress=False))
    model, folder = (
        Deconv(lab.names, start=(3, 2), depth=1, kernels=[4], dense=8),
        course.run("deconv") / "model",
    )
    assert course.trained("deconv", lab, (12, 8)) is None
    saving.save(model, folder, epochs=7)
    mine = course.trained("deconv", lab, (12, 8), epochs=7)
    words = {"identity": lab.names["identity"][1], "emotion": "happy", "orientation": 0}
    assert (mine.generate(**words) == model.generate(**words)).all()
    assert course.trained("deconv", lab, (12, 8), epochs=8) is None
    others = facegen.read(clay.rafd(tmp_path / "others", people=1, angles=[90], width=16, progress=False))
    assert course.trained("deconv", others, (12, 8)) is None
    assert course.trained("deconv", lab, (24, 16)) is None
    assert not caplog.records
    (folder / "weights.npz").write_bytes(b"no longer")
    assert course.trained("deconv", lab, (12, 8)) is None
    assert "weights.npz" in caplog.text and "passed over" in caplog.text
