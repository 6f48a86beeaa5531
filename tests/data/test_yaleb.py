"""Extended Yale B: everything is in the file names, and not every file is a picture of the set."""

import shutil

import folders
import numpy as np
import pytest

import facegen
from facegen.utils.errors import FacegenError


@pytest.fixture
def yaleb(tmp_path):
    return folders.yaleb(tmp_path / "yaleb")


def test_pictures_without_a_direction_of_light_and_damaged_ones_are_no_part_of_it(yaleb):
    faces = facegen.read(yaleb)
    assert (faces.kind, len(faces), faces.channels, faces.crop) == ("yaleb", 6, 1, (0, 0, 1, 1))
    assert not faces.strays
    assert list(faces.paths) == sorted(faces.paths)


def test_conditions_are_those_of_the_name(yaleb):
    faces = facegen.read(yaleb)
    assert faces.names["identity"] == ("01", "13", "15", "39")
    assert faces.names["pose"] == tuple(f"0{i}" for i in range(10))
    for row in range(6):
        number = np.asarray(faces.image(row)).max() // 7
        person, pose, azimuth, elevation = folders.YALEB[number]
        chosen = {name: faces.conditions[name][row].nonzero()[0].tolist() for name in ("identity", "pose")}
        assert chosen == {"identity": [(1, 13, 15, 39).index(person)], "pose": [pose]}
        assert faces.identity[row] == person
        az, el = azimuth / 180 * np.pi, elevation / 180 * np.pi
        expected = np.sin(az), np.cos(az), np.sin(el), np.cos(el)
        np.testing.assert_allclose(faces.conditions["lighting"][row], expected, atol=1e-7)


def test_light_at_angles_known_by_heart(tmp_path):
    folders.grey(tmp_path / "yaleB02_P00A-090E+30.pgm", 1, (16, 19))
    lighting = facegen.read(tmp_path).conditions["lighting"]
    np.testing.assert_allclose(lighting, [[-1, 0, 0.5, np.sqrt(3) / 2]], atol=1e-7)


@pytest.mark.parametrize("form", [{"suffix": ".PGM"}, {"nested": "CroppedYale"}], ids=str)
def test_other_endings_and_one_more_folder(tmp_path, yaleb, form):
    faces, usual = facegen.read(folders.yaleb(tmp_path / "other", **form)), facegen.read(yaleb)
    np.testing.assert_array_equal(faces.conditions["lighting"], usual.conditions["lighting"])
    assert faces.image(3).tobytes() == usual.image(3).tobytes()


def test_an_archive(yaleb):
    faces, whole = facegen.read(shutil.make_archive(str(yaleb), "zip", yaleb)), facegen.read(yaleb)
    assert faces.fingerprint == whole.fingerprint
    assert faces.image(4).tobytes() == whole.image(4).tobytes()


def test_pixels_have_one_channel(yaleb):
    from facegen.data.pixels import load_pixels

    faces = facegen.read(yaleb)
    array = load_pixels(faces, (12, 10), progress=False)
    assert array.shape == (6, 12, 10, 1)
    assert array.reshape(6, -1).std(axis=1).max() == 0
    assert sorted(array[:, 0, 0, 0] // 7) == [*range(6)]


@pytest.mark.parametrize("name", ["yaleB01_P10A+000E+00.pgm", "yaleB01_P00A000E00.pgm", "face.jpg"])
def test_a_picture_whose_name_tells_nothing(yaleb, name, caplog):
    (yaleb / name).write_bytes(b"?")
    with pytest.raises(FacegenError, match=r"pictures without a row: 1 "):
        facegen.read(yaleb)
    faces = facegen.read(yaleb, missing="skip")
    assert name.split("+")[0] in caplog.text
    assert faces.strays == (name,) and len(faces) == 6


def test_a_web_page_under_a_pictures_name_is_named(yaleb):
    (yaleb / "yaleB07_P00A+000E+00.jpg").write_bytes(b"<!DOCTYPE html><html>Sign in")
    faces = facegen.read(yaleb)
    row = faces.paths.index("yaleB07_P00A+000E+00.jpg")
    with pytest.raises(FacegenError, match=r"yaleB07_P00A\+000E\+00\.jpg: is a web page"):
        faces.image(row)


def test_nothing_but_ambient_light(tmp_path):
    folders.grey(tmp_path / "yaleB01_P00_Ambient.pgm", 1, (64, 48))
    with pytest.raises(FacegenError, match="no data set of faces is recognised"):
        facegen.read(tmp_path)
