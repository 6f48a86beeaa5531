"""RaFD: everything is in the file names."""

import folders
import numpy as np
import pytest

import facegen
from facegen.data.rafd import EMOTIONS
from facegen.utils.errors import FacegenError


def test_adults_with_frontal_gaze_unless_told_otherwise(rafd):
    assert len(facegen.read(rafd)) == 3 * 2 * 3
    assert len(facegen.read(rafd, people="all")) == 4 * 2 * 3
    assert len(facegen.read(rafd, gazes=("left", "frontal"))) == 3 * 2 * 3 * 2
    assert all("_left" in path for path in facegen.read(rafd, gazes="left").paths)


def test_conditions_are_those_of_the_name(rafd):
    faces = facegen.read(rafd)
    assert faces.names == {
        "identity": ("03", "07", "12"),
        "emotion": EMOTIONS,
        "orientation": ("sin", "cos"),
    }
    for row, path in enumerate(faces.paths):
        angle, number, _, _, emotion, _ = path[4:].split("_")
        one = {name: np.eye(len(columns)) for name, columns in faces.names.items()}
        radians = (float(angle) - 90) / 180 * np.pi
        np.testing.assert_array_equal(
            faces.conditions["identity"][row], one["identity"][faces.names["identity"].index(number)]
        )
        np.testing.assert_array_equal(
            faces.conditions["emotion"][row], one["emotion"][EMOTIONS.index(emotion)]
        )
        np.testing.assert_allclose(
            faces.conditions["orientation"][row], [np.sin(radians), np.cos(radians)], atol=1e-7
        )
        assert faces.identity[row] == int(number)
        pixel = np.array(faces.image(row).getpixel((30, 50)))
        assert abs(pixel - folders.colour(int(number))).max() < 6


def test_orientation_at_angles_known_by_heart(tmp_path):
    faces = facegen.read(
        folders.rafd(tmp_path, {1: "Caucasian_male"}, ("happy",), ("000", "090", "112.5", "180"))
    )
    expected = [(-1, 0), (0, 1), (np.sqrt(2 - np.sqrt(2)) / 2, np.sqrt(2 + np.sqrt(2)) / 2), (1, 0)]
    np.testing.assert_allclose(faces.conditions["orientation"], expected, atol=1e-7)


def test_people_are_in_the_order_of_their_numbers_wherever_their_files_lie(tmp_path):
    groups = {3: "b", 7: "z/y", 12: "a"}
    for number, place in groups.items():
        folders.rafd(tmp_path / place, {number: folders.RAFD_PEOPLE[number]})
    faces = facegen.read(tmp_path)
    assert faces.names["identity"] == ("03", "07", "12")
    assert faces.paths[0].startswith("a/")
    np.testing.assert_array_equal(faces.conditions["identity"] @ [3, 7, 12], faces.identity)


@pytest.mark.parametrize("suffix", [".JPG", ".jpeg", ".png"])
def test_other_endings(tmp_path, suffix):
    assert len(facegen.read(folders.rafd(tmp_path, suffix=suffix))) == 18


def test_an_archive(rafd):
    import shutil

    faces = facegen.read(shutil.make_archive(str(rafd), "zip", rafd))
    whole = facegen.read(rafd)
    assert faces.paths == whole.paths
    assert faces.fingerprint == whole.fingerprint
    assert faces.image(4).tobytes() == whole.image(4).tobytes()


def test_absent_combinations_are_no_fault(rafd):
    for path in sorted(rafd.glob("*_happy_frontal.jpg"))[::2]:
        path.unlink()
    assert len(facegen.read(rafd)) < 18


def test_a_picture_whose_name_tells_nothing(rafd, caplog):
    folders.picture(rafd / "Rafd090_03_Caucasian_female_bored_frontal.jpg", 1, (68, 102))
    with pytest.raises(FacegenError, match=r"pictures without a row: 1.*bored"):
        facegen.read(rafd)
    faces = facegen.read(rafd, missing="skip")
    assert "bored" in caplog.text
    assert len(faces) == 18 and len(faces.strays) == 1


def test_nobody_left(rafd):
    with pytest.raises(FacegenError, match="gaze right"):
        facegen.read(rafd, gazes=("right",))


@pytest.mark.parametrize("options", [{"people": "kids"}, {"gazes": ("up",)}, {"gazes": ()}])
def test_options_that_do_not_exist(rafd, options):
    with pytest.raises(FacegenError, match="expected 'adults' or 'all'"):
        facegen.read(rafd, **options)
