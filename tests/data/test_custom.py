"""One's own pictures, described by conditions.csv."""

import re
import shutil
import unicodedata

import folders
import numpy as np
import pytest

import facegen
from facegen import cli
from facegen.conditions import keys, script
from facegen.data import custom
from facegen.data.checking import check
from facegen.utils.errors import FacegenError

TABLE = """file, age, hair, beard, partition, identity
more/c.jpg, 0.5, long, 1, test, 4
a.jpg, -3, short, 0, train, 4
b.png, 1e1, long, 1, validation, 9
"""


def own(folder, column, cells, separator=","):
    """A set with one column, and as many pictures as it has cells."""
    names = [f"{row}.png" for row in range(len(cells))]
    lines = [separator.join(pair) for pair in zip(["file", *names], [column, *cells], strict=True)]
    return folders.own(folder, "\n".join(lines) + "\n", tuple(names))


def doubts(folder):
    return " | ".join(line for line in check(folder, progress=False).doubtful if line.startswith("column"))


def test_numbers_words_partition_and_identity(tmp_path):
    faces = facegen.read(folders.own(tmp_path, TABLE))
    assert (faces.kind, faces.paths) == ("table", ("a.jpg", "b.png", "more/c.jpg"))
    assert faces.names == {"attributes": ("beard",), "numbers": ("age",), "hair": ("long", "short")}
    np.testing.assert_array_equal(faces.conditions["numbers"], [[-3], [10], [0.5]])
    np.testing.assert_array_equal(faces.conditions["attributes"], [[0], [1], [1]])
    np.testing.assert_array_equal(faces.conditions["hair"], [[0, 1], [1, 0], [1, 0]])
    assert faces.partition.tolist() == [0, 1, 2] and faces.identity.tolist() == [4, 9, 4]
    for row in range(3):
        assert abs(np.array(faces.image(row).getpixel((20, 25))) - folders.colour(row)).max() < 6


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("True", "FALSE", "true"), [1, 0, 1]),
        (("1", "0.0", "1"), [1, 0, 1]),
        (("-1", "1", "1.0"), [0, 1, 1]),
        (("-1", "-1", "-1"), [0, 0, 0]),
        (("1", "1", "1"), [1, 1, 1]),
    ],
)
def test_what_has_two_values_is_off_and_on(tmp_path, cells, values):
    faces = facegen.read(own(tmp_path, "glasses", cells))
    assert faces.names == {"attributes": ("glasses",)}
    assert faces.conditions["attributes"].ravel().tolist() == values


@pytest.mark.parametrize("cells", [("-1", "0", "1"), ("0", "1", "2"), ("0.5", "0", "1"), ("18", "45", "80")])
def test_other_numbers_stay_in_their_own_units(tmp_path, cells):
    faces = facegen.read(own(tmp_path, "Smiling", cells))
    assert faces.names == {"numbers": ("Smiling",)}
    assert faces.conditions["numbers"].ravel().tolist() == [float(cell) for cell in cells]


@pytest.mark.parametrize("cells", [("007", "12", "008"), ("NA", "Ben", "None"), ("no", "true", "false")])
def test_names_stay_what_they_are(tmp_path, cells):
    faces = facegen.read(own(tmp_path, "who", cells))
    assert [faces.names["who"][place] for place in faces.conditions["who"].argmax(axis=1)] == [*cells]


@pytest.mark.parametrize("kind", ["plain", "zip", "nested zip"])
def test_a_folder_and_an_archive_of_it(tmp_path, kind):
    folder = folders.own(tmp_path / "mine", TABLE)
    if "zip" in kind:
        above, inside = (tmp_path, "mine") if "nested" in kind else (folder, ".")
        folder = shutil.make_archive(str(tmp_path / "set"), "zip", above, inside)
    faces = facegen.read(folder)
    assert faces.conditions["numbers"].ravel().tolist() == [-3, 10, 0.5]
    assert [path.removeprefix("mine/") for path in faces.paths] == ["a.jpg", "b.png", "more/c.jpg"]


def test_partitions_by_number(tmp_path):
    lines = "file,age,partition\na.jpg,1,0\nb.png,2,2\nmore/c.jpg,3,1.0\n"
    assert facegen.read(folders.own(tmp_path, lines)).partition.tolist() == [0, 2, 1]


def test_options(tmp_path):
    folders.own(tmp_path, "file,age\na.jpg,1\n", ("a.jpg",))
    faces = facegen.read(tmp_path, channels=1, crop=(0, 0, 0.5, 1))
    assert faces.image(0).mode == "L" and faces.crop == (0, 0, 0.5, 1)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            TABLE.replace("-3", "old"),
            "line 3, column 'age': found 'old' (expected a number, as '0.5' in line 2",
        ),
        (TABLE.replace("1e1", "nan"), "line 4, column 'age': found 'nan'"),
        (TABLE.replace("1e1", "1e39"), "line 4, column 'age': found '1e39' (expected a number that can be"),
        (TABLE.replace("-3", ""), "line 3, column 'age': found ''"),
        (
            TABLE.replace("0.5", "NA"),
            "line 2, column 'age': found 'NA' (expected a number, as '-3' in line 3",
        ),
        (
            TABLE.replace("0.5", '"0,5"'),
            "line 2, column 'age': found '0,5' (expected a number with a decimal",
        ),
        (TABLE.replace("short", ""), "line 3, column 'hair': found '' (expected a number or a word"),
        (
            TABLE.replace("short", "7"),
            "line 3, column 'hair': found '7' (expected a word, as 'long' in line 2",
        ),
        (TABLE.replace("validation", "val"), "line 4, column 'partition': found 'val'"),
        (TABLE.replace("9", "Ann"), "line 4, column 'identity': found 'Ann'"),
        (
            TABLE.replace("9", "3000000000"),
            "found '3000000000' (expected a whole number from -1 to 2,147,483,647",
        ),
        (TABLE.replace("train, ", ""), "line 3, column 'partition': found '4' (expected one of train"),
        (TABLE.replace("train, 4", "train, 4, 4"), "line 3: expected 6 columns, found more"),
        (TABLE.replace("train, 4", "train, 4, 4, 4"), "line 3: expected 6 columns, found more"),
        (TABLE.replace("b.png", "a.jpg"), "lines 3 and 4: two rows for 'a.jpg'"),
        (TABLE.replace("b.png", ".\\a.jpg"), "lines 3 and 4: two rows for '.\\\\a.jpg'"),
        (TABLE.replace("b.png", ""), "line 4: expected a name, found none"),
        (TABLE.replace("beard", "age"), "line 1: every column needs a name of its own"),
        (TABLE.replace("beard", ""), "line 2: expected 3 columns, found more"),
        (TABLE.replace("hair", "attributes"), "may not be called 'attributes'"),
        (TABLE.replace("hair", "ha\x07ir"), "a column is called 'ha\\x07ir'"),
        (TABLE.splitlines()[0], "has no rows"),
        ("", "commas, semicolons or tabs"),
        ("file age\na.jpg 1\n", "commas, semicolons or tabs"),
        ("file,identity\na.jpg,1\nb.png,1\nmore/c.jpg,2\n", "expected a column besides"),
        ('file,age\na.jpg,1\nb.png,"2\n', "near line 3: a quotation mark is not closed"),
        (TABLE[TABLE.index("more") :], "line 1: expected names of columns, found a picture's, 'more/c.jpg'"),
        ("age,file\n1,a.jpg\n2,b.png\n3,more/c.jpg\n", "column 'file' names the pictures: put it first"),
        (
            TABLE.replace("b.png", "d.png"),
            "rows without a picture: 1 (first: d.png); pictures without a row: 1",
        ),
    ],
)
def test_faults_name_file_line_and_column(tmp_path, lines, words):
    with pytest.raises(FacegenError) as caught:
        facegen.read(folders.own(tmp_path, lines))
    assert "conditions.csv" in str(caught.value) and words in str(caught.value)


@pytest.mark.parametrize("name", ["attributes", "numbers", "image", "noise"])
@pytest.mark.parametrize("cells", [("x", "y"), ("0", "1"), ("18", "60")])
def test_names_of_networks_are_refused(tmp_path, name, cells):
    with pytest.raises(FacegenError, match=f"may not be called '{name}'"):
        facegen.read(own(tmp_path, name, cells))


WORDS_OF_FILES = [*keys.OWN, *keys.SHORT, *keys.SHORT.values(), "Seed", "Image", "age_min", "age_scale"]


@pytest.mark.parametrize("name", sorted({*WORDS_OF_FILES} - {"identity"}))
@pytest.mark.parametrize("kind", ["words", "numbers", "attributes"])
def test_words_of_parameter_files_can_be_asked_for(tmp_path, name, kind):
    cells = {"words": ("x", "y"), "numbers": ("18", "60"), "attributes": ("0", "1")}[kind]
    lines = f"file,age,{name}\na.jpg,18,{cells[0]}\nb.png,60,{cells[1]}\n"
    faces = facegen.read(folders.own(tmp_path, lines, ("a.jpg", "b.png")))
    condition = name if kind == "words" else kind
    asked = {"conditions": {name: "y"}} if kind == "words" else {kind: {name: float(cells[1])}}
    film = script.parse({"mode": "single", **asked}, faces.names, ranges=faces.ranges)
    row = next(film.frames())[condition][0]
    column = faces.names[condition].index("y" if kind == "words" else name)
    assert row[column] == faces.conditions[condition][1, column] != faces.conditions[condition][0, column]
    if name not in keys.OWN:  # and by its bare name
        bare = {"mode": "single", name: "y" if kind == "words" else float(cells[1])}
        film = script.parse(bare, faces.names, ranges=faces.ranges)
        assert next(film.frames())[condition][0][column] == row[column]


@pytest.mark.parametrize("name", ["hair colour", "Größe", "a/b", "salt+pepper", "C#", "髪", "x_y-z", "a:b"])
def test_names_and_words_that_are_not_plain(tmp_path, name):
    faces = facegen.read(own(tmp_path / name.replace("/", "_"), name, (name, "b c", name)))
    assert faces.names == {name: tuple(sorted((name, "b c")))}
    numbers = facegen.read(own(tmp_path / "numbers", name, ("1", "2", "3")))
    assert numbers.names == {"numbers": (name,)}


@pytest.mark.parametrize(
    ("row", "picture", "words"),
    [
        ("Anna.JPG", "anna.jpg", "only the case of the names differs"),
        ("anna.png", "anna.jpg", "only the endings differ"),
        ("anna", "anna.jpg", "only the endings differ"),
        ("d/anna.jpg", "anna.jpg", "only the folders differ"),
        ("0001.jpg", "1.jpg", "only zeros before the number differ"),
        ("C:\\me\\anna.jpg", "anna.jpg", "only the folders differ"),
        ("/pictures/anna.png", "x/anna.jpg", "only the endings and folders differ"),
    ],
)
@pytest.mark.parametrize("more", [False, True])
def test_why_names_do_not_meet_is_said_by_each_command(tmp_path, caplog, row, picture, words, more):
    lines = f"file,age\n{row},1\n" + ("b.png,2\n" if more else "")
    folder = folders.own(tmp_path, lines, (picture, *(["b.png"] if more else [])))
    with pytest.raises(FacegenError, match=re.escape(f"{row} and {picture}, {words}")):
        facegen.read(folder)
    assert cli.main(["data", "check", str(folder), "--quiet"]) == 1
    assert f"{row} and {picture}, {words}" in caplog.text
    if not more:  # nothing to train on, and both lists are told
        caplog.clear()
        assert cli.main(["train", "deconv", str(folder), "-o", str(tmp_path / "run"), "--quiet"]) == 1
        assert "rows without a picture: 1" in caplog.text and "pictures without a row: 1" in caplog.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.jpg", "gone.jpg is a link to nowhere.jpg, which is not there"),
        ("song.mp3", "song.mp3 is of a kind that is not read"),
        ("1/2/3/4/5/6/a.jpg", "lies deeper than 5 folders"),
        (".hidden.jpg", "is there, but is hidden"),
    ],
)
def test_what_lies_there_and_is_not_read(tmp_path, name, words):
    folder = folders.own(tmp_path, f"file,age\n{name},1\nb.png,2\n", ("b.png",))
    if name == "gone.jpg":
        (folder / name).symlink_to("nowhere.jpg")
    else:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "b.png", folder / name)
    with pytest.raises(FacegenError, match=words):
        facegen.read(folder)


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_umlauts_in_one_piece_or_two(tmp_path, forms):
    row, picture = (unicodedata.normalize(form, "Zoë/Jürgen.jpg") for form in forms)
    faces = facegen.read(folders.own(tmp_path, f"file,age\n{row},18\n", (picture,)))
    assert faces.paths == (picture,)


def test_the_check_says_what_each_column_is_read_as(tmp_path):
    lines = "file,age,hair,glad,partition\na.jpg,31,long,True,train\nb.png,45,short,False,train\n"
    report = check(folders.own(tmp_path, lines + "more/c.jpg,18,long,True,test\n"), progress=False)
    assert report.conditions == (
        "attributes: each off (0) or on (1): glad",
        "numbers: age from 31 to 45",  # of the training rows
        "hair: a mixture of long, short",
    )
    assert all(f"  {line}\n" in str(report) for line in report.conditions)


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("age", ["31", "25", "44", "999"], "numbers far out of line (1), such as 999 beside 37.5"),
        ("weight", [*["0"] * 40, "70000"], "far out of line (1)"),
        ("taken", ["20170116174525125", "20170116174525126"], "beyond 16,777,216"),
        ("person_id", ["3", "3", "9", "7"], "persons' numbers: call it identity"),
        ("Identity", ["3", "3", "9", "7"], "persons' numbers: call it identity"),
        ("Subject", ["3", "3", "9", "7"], "persons' numbers: call it identity"),
        ("split", ["0", "2", "1", "2"], "call it partition"),
        ("group", ["train", "val", "Test"], "call it partition"),
        ("number", ["4", "2", "3", "5"], "only numbers the rows"),
        ("age", ["31", "31", "31"], "is the same in every row"),
        ("beard", ["1", "1", "1"], "is the same in every row"),
        ("hair", ["red", "red", "red"], "is the same in every row"),
        ("note", [f"day {i}" for i in range(12)], "nearly as many words (12) as rows (12)"),
        ("age", ["31 years", "45 years", "31 years"], "numbers that are read as words, such as '31 years'"),
        ("share", ["10%", "20%", "5.5 %"], "numbers that are read as words, such as '10%'"),
        ("income", ['"1.000,50"', '"12.500,00"', '"3.000,00"'], "read as words, such as '1.000,50'"),
        ("hair", ["dark", "Dark", "fair"], "differ in case or blanks alone: 'Dark', 'dark'"),
        ("hair", ["light  brown", "light brown", "lightbrown"], "blanks alone"),
        ("hair", ["bru\u0308nett", "br\u00fcnett", "x"], "differ in case or blanks alone"),
    ],
)
def test_doubts(tmp_path, column, cells, words):
    assert words in doubts(own(tmp_path, column, cells))


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("age", [str(age) for age in (1, 26, 80, 101, 26)]),
        ("age", [f"{value:.3f}" for value in np.random.default_rng(0).normal(40, 12, 200)]),
        ("hair", ["dark", "fair"] * 20),
        ("who", ["anna", "ben", "cara", "dora"]),
        ("who", ["007", "12", "007"]),
        ("age", ["20-29", "30-39", "20-29", "more than 70"]),
        ("glasses", ["0", "1", "0"]),
    ],
)
def test_no_doubts(tmp_path, column, cells):
    assert doubts(own(tmp_path, column, cells)) == ""


def test_only_words_in_use_become_inputs_and_too_many_are_refused(tmp_path, monkeypatch):
    lines = "".join(f"p{i}.jpg,word {i}\n" for i in range(5000))
    folder = folders.own(tmp_path, "file,note\n" + lines, ("p3.jpg", "p7.jpg"))
    assert facegen.read(folder, missing="skip").names == {"note": ("word 3", "word 7")}
    monkeypatch.setattr(custom, "WORDS", 1)
    with pytest.raises(FacegenError, match=r"'note': expected at most 1 different words.*found 2"):
        facegen.read(folder, missing="skip")
