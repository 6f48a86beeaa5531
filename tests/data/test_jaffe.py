"""JAFFE: who is seen stands in the file's name, which emotion in a table of ratings."""

import shutil

import folders
import numpy as np
import pytest

import facegen
from facegen.data.jaffe import EMOTIONS
from facegen.utils.errors import FacegenError


@pytest.fixture
def jaffe(tmp_path):
    return folders.jaffe(tmp_path / "jaffe")


def emotion(scores):
    """The graded emotion, computed by hand, in the order of `EMOTIONS`."""
    happy, sad, surprised, angry, disgusted, fearful = ((score - 1) / 4 for score in scores)
    neutral = 1 - max(happy, sad, surprised, angry, disgusted, fearful)
    values = [angry, disgusted, fearful, happy, neutral, sad, surprised]
    return [value / sum(value**2 for value in values) ** 0.5 for value in values]


def check(faces):
    assert (faces.kind, len(faces), faces.channels, faces.crop) == ("jaffe", 5, 1, (0, 0, 1, 1))
    assert faces.names == {"identity": ("KA", "KM", "YM"), "emotion": EMOTIONS}
    for row, path in enumerate(faces.paths):
        number = int(path.split(".")[2])
        person, _, scores = folders.JAFFE[number]
        assert faces.conditions["identity"][row].nonzero()[0].tolist() == [("KA", "KM", "YM").index(person)]
        assert faces.identity[row] == ("KA", "KM", "YM").index(person)
        np.testing.assert_allclose(faces.conditions["emotion"][row], emotion(scores), atol=1e-6)
        assert np.unique(np.asarray(faces.image(row))).tolist() == [7 * number]  # of one or three channels


@pytest.mark.parametrize("form", [{}, {"ending": "\r\n"}, {"readme": True}, {"suffix": ".TIFF"}], ids=str)
def test_every_form_reads_the_same(tmp_path, form):
    check(facegen.read(folders.jaffe(tmp_path, **form)))


@pytest.mark.parametrize("readme", [False, True])
def test_an_archive(tmp_path, readme):
    folder = folders.jaffe(tmp_path / "jaffe", readme=readme)
    check(facegen.read(shutil.make_archive(str(folder), "zip", tmp_path, "jaffe")))


def test_a_face_rated_happy_and_nothing_else_is_happy_and_one_rated_nothing_is_neutral(jaffe):
    faces = facegen.read(jaffe)
    rows = [faces.paths.index(name) for name in ("KM.HA1.2.tiff", "KA.SA2.7.tiff")]
    expected = np.eye(7)[[EMOTIONS.index("happy"), EMOTIONS.index("neutral")]]
    np.testing.assert_array_equal(faces.conditions["emotion"][rows], expected)
    np.testing.assert_allclose(np.linalg.norm(faces.conditions["emotion"], axis=1), 1, atol=1e-6)


def test_without_the_table_it_is_said_where_to_take_it_from(jaffe):
    (jaffe / "semantic-ratings.csv").unlink()
    with pytest.raises(FacegenError, match=r"README_FIRST.txt.*N,HAP,SAD,SUR,ANG,DIS,FEA,PIC"):
        facegen.read(jaffe)


def test_a_picture_without_a_rating(jaffe, caplog):
    folders.grey(jaffe / "KM.DI1.8.tiff", 8, (26, 26))
    with pytest.raises(FacegenError, match=r"pictures without a row: 1 \(first: KM.DI1.8.tiff"):
        facegen.read(jaffe)
    faces = facegen.read(jaffe, missing="skip")
    assert "KM.DI1.8" in caplog.text
    check(faces)
    assert faces.strays == ("KM.DI1.8.tiff",)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2,5.00", "2,6.00", "line 3, column 'HAP': found '6.00' (expected ratings from 1 to 5"),
        ("2,5.00", "2,-", "line 3, column 'HAP': found '-' (expected ratings from 1 to 5"),
        ("2,5.00,", "2,", "line 3, column 'FEA': found 'KM-HA1' (expected ratings from 1 to 5"),
        ("2,5.00", "1,5.00", "lines 2 and 3: two rows for '1'"),
        ("2,5.00", "01,5.00", "lines 2 and 3: two rows for '01'"),
        ("2,5.00", "\u00b2,5.00", "line 3, column 'N': found '\u00b2' (expected a whole number"),
        ("\n2,5.00", '\n"""2",5.00', "line 3, column 'N': found '\"2' (expected a whole number"),
        ("N,HAP", "<html>", "is a web page"),
        ("HAP,SAD", "SAD,HAP", "no table of ratings"),
    ],
)
def test_faults_name_the_line(jaffe, old, new, words):
    table = jaffe / "semantic-ratings.csv"
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(FacegenError) as caught:
        facegen.read(jaffe)
    assert words in str(caught.value)


def test_a_table_moved_by_a_row_is_refused_and_one_misprint_is_not(jaffe):
    table = jaffe / "semantic-ratings.csv"
    whole = table.read_text()
    table.write_text(whole.replace("YM-FE3", "YN-FE3"))
    check(facegen.read(jaffe))
    lines = whole.splitlines()
    moved = [f"{number}{line[1:]}" for number, line in enumerate(lines[2:], 1)]
    table.write_text("\n".join([lines[0], *moved, "7,1,1,1,1,1,1,KA-SA2"]))
    with pytest.raises(FacegenError, match="those of other pictures: 4 is YM-FE3 there and KA-AN1 here"):
        facegen.read(jaffe)
