"""`facegen data clean`: what can be made again goes, and nothing else."""

import numpy as np
import pytest

import facegen
from facegen import cli
from facegen.data import cache
from facegen.data.pixels import cache_folder, load_pixels
from facegen.utils import files
from facegen.utils.errors import FacegenError


def everything(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def used(celeba):
    """A set as it was, from which pixels were made; with the beginning of a download, and one's own files."""
    (celeba / ".facegen" / "download").mkdir(parents=True)
    (celeba / ".facegen" / "download" / "img_align_celeba.zip-resumed.part").write_bytes(b"PK")
    (celeba / "pixels-of-mine.npy").write_bytes(b"mine")
    before = everything(celeba)
    load_pixels(facegen.read(celeba), 16, progress=False)
    for name in (
        "pixels-9x9x3-a.part",
        "classifier-64-b.npz",
        "truth-64-c.npy",
        "pixels-9x9x3-a.broken.json",
    ):
        (celeba / ".facegen" / name).write_bytes(b"made")
    return celeba, before


def test_what_was_made_goes_and_all_else_stays(used, capsys):
    folder, before = used
    assert cli.main(["data", "clean", str(folder)]) == 0
    assert "removed 5 files" in capsys.readouterr().out
    after = everything(folder)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {".facegen/lock"}
    assert np.asarray(load_pixels(facegen.read(folder), 16, progress=False)).shape == (12, 16, 16, 3)


def test_a_set_that_cannot_be_read_can_be_cleaned(used):
    folder, _ = used
    (folder / "list_attr_celeba.txt").unlink()
    assert len(cache.clean(folder)) == 5 and cache.clean(folder) == {}


def test_the_cache_is_where_it_was_made(celeba, tmp_path, monkeypatch):
    faces = facegen.read(celeba)
    assert cache.clean(celeba) == {} and not cache_folder(faces).exists()
    monkeypatch.setenv("FACEGEN_CACHE", str(tmp_path / "elsewhere"))
    load_pixels(faces, 16, progress=False)
    assert [path.parent for path in cache.clean(celeba)] == [tmp_path / "elsewhere"]


def test_nothing_is_taken_from_a_program_that_makes_pixels(used):
    folder, _ = used
    with (
        files.locked(folder / ".facegen", "makes pixels"),
        pytest.raises(FacegenError, match="Wait for its end"),
    ):
        cache.clean(folder)
    assert len(cache.clean(folder)) == 5


def test_a_folder_that_is_not_there(tmp_path, capsys):
    assert cli.main(["data", "clean", str(tmp_path / "none")]) == 1
    assert "no such folder" in capsys.readouterr().err and not (tmp_path / "none").exists()
