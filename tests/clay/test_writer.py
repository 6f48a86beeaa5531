"""Folders in CelebA's and RaFD's formats: exact, whole, reproducible, and gone on with after a stop."""

import hashlib
import itertools
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from facegen import clay
from facegen.clay import as_celeba, writer
from facegen.clay.as_celeba import TABLES, partitions
from facegen.conditions.attributes import NAMES
from facegen.utils.errors import FacegenError

QUIET = {"progress": False}


def content(folder) -> dict[str, str]:
    """Every file's hash, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def stop_after(monkeypatch, pictures: int):
    """Let Ctrl-C be pressed when so many pictures are saved."""
    save, count = writer.save, itertools.count(1)

    def stopping(*arguments):
        if next(count) > pictures:
            raise KeyboardInterrupt
        save(*arguments)

    monkeypatch.setattr(writer, "save", stopping)


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    return clay.celeba(tmp_path_factory.mktemp("celeba") / "a", 30, seed=3, workers=1, **QUIET)


def test_celeba_tables_are_as_celebas(thirty):
    text = {name: (thirty / name).read_bytes().decode() for name in TABLES}
    assert all(t.count("\n") == t.count("\r\n") and t.endswith("\r\n") for t in text.values())
    count, names, *rows = text["list_attr_celeba.txt"].split("\r\n")[:-1]
    assert count == "30"
    assert names == " ".join(NAMES) + " "
    assert len(rows) == 30
    assert all(re.fullmatch(r"\d{6}\.jpg( -1|  1){40}", row) for row in rows)
    for i, row in enumerate(rows):
        assert row.split()[0] == f"{i + 1:06d}.jpg"
        on = clay.Population(30, 3).attributes(i)
        assert [v == "1" for v in row.split()[1:]] == [on[name] for name in NAMES]
    for name in TABLES[1:]:
        assert all(re.fullmatch(r"\d{6}\.jpg \d+", row) for row in text[name].split("\r\n")[:-1])


def test_celeba_pictures_are_as_celebas(thirty):
    paths = sorted((thirty / "img_align_celeba").iterdir())
    assert [p.name for p in paths] == [f"{i:06d}.jpg" for i in range(1, 31)]
    for path in paths[::7]:
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (178, 218))
            assert np.asarray(image).std() > 15


@pytest.mark.parametrize("count", [13, 14, 24, 160, 6000])
@pytest.mark.parametrize("seed", range(4))
def test_partitions_are_in_a_row_and_share_nobody(count, seed):
    identity = clay.Population(count, seed).identity
    part = partitions(identity)
    assert (np.diff(part) >= 0).all()
    assert set(part) == {0, 1, 2}
    people = [set(identity[part == p]) for p in range(3)]
    assert not (people[0] & people[1] or people[0] & people[2] or people[1] & people[2])
    if count == 6000:
        assert np.allclose(np.bincount(part) / count, (0.8, 0.1, 0.1), atol=0.002)


def test_a_person_keeps_what_doesnt_pass():
    crowd = clay.Population(200, 5)
    sizes = np.bincount(crowd.identity)[1:-1]
    assert sizes.min() >= 2
    assert sizes.max() <= 6
    for i in range(1, 200):
        if crowd.identity[i] == crowd.identity[i - 1]:
            one, other = crowd.attributes(i), crowd.attributes(i - 1)
            assert all(one[a] == other[a] for a in ("Male", "Young", "Black_Hair", "Bald", "Big_Nose"))
            assert crowd.face(i).skin == crowd.face(i - 1).skin or one["Pale_Skin"]
            assert crowd.face(i).yaw != crowd.face(i - 1).yaw


def test_a_person_changes_from_picture_to_picture():
    crowd = clay.Population(200, 5)
    same = [i for i in range(1, 200) if crowd.identity[i] == crowd.identity[i - 1]]
    for passing in ("Smiling", "Mouth_Slightly_Open", "Eyeglasses"):
        changes = [crowd.attributes(i)[passing] != crowd.attributes(i - 1)[passing] for i in same]
        assert 0.1 < np.mean(changes) < 0.7


def test_a_picture_can_be_had_with_other_attributes():
    crowd = clay.Population(30, 5)
    on = crowd.attributes(7)
    same, other = (crowd.face(7, {**on, "Eyeglasses": g}) for g in (on["Eyeglasses"], not on["Eyeglasses"]))
    assert same == crowd.face(7)
    assert {k for k in same._fields if getattr(same, k) != getattr(other, k)} == {"glasses"}


def test_a_crowd_is_as_mixed_as_celebas():
    crowd = clay.Population(1500, 0)
    people = [crowd.attributes(i) for i in range(0, 1500, 3)]
    table = np.array([[on[name] for name in NAMES] for on in people], float)
    share = dict(zip(NAMES, table.mean(0), strict=True))
    assert all(0.02 < share[name] < 0.98 for name in NAMES), share
    together = np.corrcoef(table.T)
    at = NAMES.index
    assert together[at("Male"), at("Wearing_Lipstick")] < -0.4
    assert together[at("Heavy_Makeup"), at("Wearing_Lipstick")] > 0.4
    assert together[at("Young"), at("Gray_Hair")] < -0.3


def test_the_number_of_workers_changes_nothing(thirty, tmp_path):
    clay.celeba(tmp_path / "b", 30, seed=3, workers=2, **QUIET)
    assert content(tmp_path / "b") == content(thirty)
    clay.celeba(tmp_path / "c", 13, seed=4, **QUIET)
    assert (
        content(tmp_path / "c")["img_align_celeba/000001.jpg"]
        != content(thirty)["img_align_celeba/000001.jpg"]
    )


def test_a_folder_can_grow(thirty, tmp_path):
    clay.celeba(tmp_path, 13, seed=3, **QUIET)
    assert clay.complete(tmp_path)
    clay.celeba(tmp_path, 30, seed=3, **QUIET)
    assert content(tmp_path) == content(thirty)


def test_what_is_finished_is_left_alone(thirty, monkeypatch):
    monkeypatch.setattr(as_celeba, "draw", None)
    clay.celeba(thirty, 30, seed=3, **QUIET)


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupted_it_leaves_whole_files_and_goes_on(thirty, tmp_path, monkeypatch, workers):
    with monkeypatch.context() as patch:
        stop_after(patch, 7)
        with pytest.raises(KeyboardInterrupt):
            clay.celeba(tmp_path, 30, seed=3, workers=workers, **QUIET)
    assert not clay.complete(tmp_path)
    assert not any((tmp_path / table).exists() for table in TABLES)
    left = content(tmp_path / "img_align_celeba")
    assert left.items() <= content(thirty / "img_align_celeba").items()
    assert len(left) == 7
    clay.celeba(tmp_path, 30, seed=3, workers=workers, **QUIET)
    assert content(tmp_path) == content(thirty)


@pytest.mark.parametrize(("blow", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_killed_it_leaves_whole_files_and_goes_on(tmp_path, blow, code):
    command = [sys.executable, "-m", "facegen.cli", "data", "clay-celeba", str(tmp_path / "a")]
    process = subprocess.Popen(
        [*command, "--count", "400", "--workers", "1", "--quiet"], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while len(list(tmp_path.glob("a/img_align_celeba/*.jpg"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, blow)
    assert process.communicate()[1].endswith("facegen: interrupted\n") == (blow == signal.SIGINT)
    assert process.returncode == code
    left = sorted(tmp_path.glob("a/img_align_celeba/*.jpg"))
    assert 5 <= len(left) < 400
    for path in left:
        Image.open(path).load()
    assert not (tmp_path / "a" / TABLES[0]).exists()
    with pytest.raises(FacegenError, match="count = 400"):
        clay.celeba(tmp_path / "a", 30, **QUIET)


def test_a_picture_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(writer.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        writer.save(tmp_path / "a.jpg", np.zeros((8, 8, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_half_a_picture_is_drawn_again(thirty, tmp_path):
    clay.celeba(tmp_path, 13, seed=3, **QUIET)
    victim = tmp_path / "img_align_celeba" / "000004.jpg"
    good = victim.read_bytes()
    for bad in (good[:-100], b""):
        victim.write_bytes(bad)
        clay.celeba(tmp_path, 14, seed=3, **QUIET)
        assert victim.read_bytes() == good
        (tmp_path / writer.NOTE).write_text((tmp_path / writer.NOTE).read_text().replace("true", "false"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"count": 30, "seed": 4}, "seed = 3, not 4"),
        ({"count": 20, "seed": 3}, "count = 30"),
        ({"count": 12, "seed": 3}, "13 or more"),
    ],
)
def test_other_settings_are_refused(thirty, settings, message):
    before = content(thirty)
    with pytest.raises(FacegenError, match=message):
        clay.celeba(thirty, **settings, **QUIET)
    assert content(thirty) == before


def test_foreign_folders_are_refused(thirty, tmp_path):
    with pytest.raises(FacegenError, match="format = celeba, not rafd"):
        clay.rafd(thirty, people=1, width=34, **QUIET)
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(FacegenError, match="not empty"):
        clay.celeba(tmp_path, 13, **QUIET)
    with pytest.raises(FacegenError, match="not empty"):
        clay.celeba(tmp_path / "thesis.txt", 13, **QUIET)
    for text in ("{", "[]", '{"fixed": 1}'):
        (tmp_path / writer.NOTE).write_text(text)
        with pytest.raises(FacegenError, match=r"clay\.json"):
            clay.celeba(tmp_path, 13, **QUIET)


def test_rafd_is_as_rafd(tmp_path):
    clay.rafd(tmp_path, people=2, angles=(90, 22.5), width=34, workers=2, **QUIET)
    names = sorted(path.name for path in tmp_path.glob("*.jpg"))
    assert len(names) == 2 * 8 * 2
    pattern = r"Rafd(090|022\.5)_(01_Caucasian_female|02_Caucasian_male)_[a-z]+_frontal\.jpg"
    assert all(re.fullmatch(pattern, name) for name in names)
    assert Image.open(tmp_path / names[0]).size == (34, 51)
    assert clay.complete(tmp_path)
    before = content(tmp_path)
    clay.rafd(
        tmp_path, people=2, angles=(90, 22.5, 0), gazes=("left", "frontal"), width=34, workers=1, **QUIET
    )
    after = content(tmp_path)
    assert len(list(tmp_path.glob("*.jpg"))) == 2 * 8 * 3 * 2
    assert all(after[name] == before[name] for name in names)
    with pytest.raises(FacegenError, match="width = 34, not 35"):
        clay.rafd(tmp_path, people=2, width=35, **QUIET)
    with pytest.raises(FacegenError, match="angles"):
        clay.rafd(tmp_path, people=2, angles=(90,), gazes=("left", "frontal"), width=34, **QUIET)


def test_children_come_when_called(tmp_path):
    clay.rafd(tmp_path, people=5, angles=(90,), width=17, children=True, **QUIET)
    kinds = [path.name.split("_")[2] for path in sorted(tmp_path.glob("*_neutral_*.jpg"))]
    assert sorted(kinds) == ["Caucasian"] * 4 + ["Moroccan"]
    clay.rafd(tmp_path, people=6, angles=(90,), width=17, children=True, **QUIET)
    assert len(list(tmp_path.glob("*_Kid_female_*.jpg"))) == 0
    clay.rafd(tmp_path, people=7, angles=(90,), width=17, children=True, **QUIET)
    assert len(list(tmp_path.glob("*_Kid_female_*.jpg"))) == 8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"people": 0}, "people"),
        ({"people": 58}, "people"),
        ({"angles": (190,)}, "angles"),
        ({"angles": (22.25,)}, "angles"),
        ({"angles": ()}, "angles"),
        ({"width": 8}, "width"),
        ({"gazes": ("up",)}, "gazes"),
        ({"workers": 0}, "workers"),
    ],
)
def test_wrong_values_are_refused(tmp_path, settings, message):
    with pytest.raises(FacegenError, match=message):
        clay.rafd(tmp_path, **{"width": 34, "people": 1, **settings}, **QUIET)
