"""One's own pictures, described by conditions.csv."""

import folders
import numpy as np
import pytest

import facegen
from facegen.errors import FacegenError

TABLE = """file, age, hair, beard, partition, identity
more/c.jpg, 0.5, long, 1, test, 4
a.jpg, -3, short, 0, train, 4
b.png, 1e1, long, 0.25, validation, 9
"""


def test_numbers_words_partition_and_identity(tmp_path):
    faces = facegen.read(folders.own(tmp_path, TABLE))
    assert (faces.kind, faces.paths) == ("table", ("a.jpg", "b.png", "more/c.jpg"))
    assert faces.names == {"attributes": ("age", "beard"), "hair": ("long", "short")}
    np.testing.assert_array_equal(faces.conditions["attributes"], [[-3, 0], [10, 0.25], [0.5, 1]])
    np.testing.assert_array_equal(faces.conditions["hair"], [[0, 1], [1, 0], [1, 0]])
    assert faces.partition.tolist() == [0, 1, 2] and faces.identity.tolist() == [4, 9, 4]
    for row in range(3):
        assert abs(np.array(faces.image(row).getpixel((20, 25))) - folders.colour(row)).max() < 6


def test_a_table_from_excel_and_windows(tmp_path):
    table = "\ufeff" + TABLE.replace("\n", "\r\n").replace("more/c", "more\\c")
    faces = facegen.read(folders.own(tmp_path, table))
    assert faces.paths[2] == "more/c.jpg" and faces.names["attributes"][0] == "age"


def test_options(tmp_path):
    folders.own(tmp_path, "file,age\na.jpg,1\n", ("a.jpg",))
    faces = facegen.read(tmp_path, channels=1, crop=(0, 0, 0.5, 1))
    assert faces.image(0).mode == "L" and faces.crop == (0, 0, 0.5, 1)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TABLE.replace("-3", "old"), "line 3, column 'age': found 'old' (expected a number"),
        (TABLE.replace("1e1", "nan"), "line 4, column 'age': found 'nan'"),
        (TABLE.replace("-3", ""), "line 3, column 'age': found ''"),
        (TABLE.replace("short", ""), "line 3, column 'hair': found '' (expected a word)"),
        (TABLE.replace("validation", "val"), "line 4, column 'partition': found 'val'"),
        (TABLE.replace("9", "Ann"), "line 4, column 'identity': found 'Ann'"),
        (TABLE.replace("train, ", ""), "line 3: expected 6 columns, found 5"),
        (TABLE.replace("b.png", "a.jpg"), "lines 3 and 4: two rows for 'a.jpg'"),
        (TABLE.replace("beard", "age"), "line 1: every column needs a name of its own"),
        (TABLE.replace("hair", "attributes"), "may not be called 'attributes'"),
        (TABLE.replace(",", ";"), "with commas"),
        (TABLE.splitlines()[0], "a row for each picture"),
        ("", "a row for each picture"),
        ("file,identity\na.jpg,1\nb.png,1\nmore/c.jpg,2\n", "expected a column besides"),
        ('file,age\na.jpg,1\nb.png,"2\n', "near line 3: not a table in UTF-8 and csv"),
        (
            TABLE.replace("b.png", "d.png"),
            "rows without a picture: 1 (first: d.png); pictures without a row: 1",
        ),
    ],
)
def test_faults_name_file_line_and_column(tmp_path, table, words):
    with pytest.raises(FacegenError) as caught:
        facegen.read(folders.own(tmp_path, table))
    assert "conditions.csv" in str(caught.value) and words in str(caught.value)
