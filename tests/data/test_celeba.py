"""CelebA in all the forms it is found in; its tables' faults."""

import random

import folders
import numpy as np
import pytest

import facegen
from facegen.conditions.attributes import NAMES
from facegen.utils.errors import FacegenError


def seen(faces, row):
    """The number of the picture in a row, told from its colour."""
    middle = np.array(faces.image(row).getpixel((80, 100)))
    return min(range(1, 13), key=lambda i: abs(middle - folders.colour(i)).sum())


def check(faces):
    """Every row shows its own picture and has its own attributes."""
    assert (faces.kind, len(faces), faces.channels, faces.crop) == ("celeba", 12, 3, (0, 0, 1, 1))
    assert list(faces.paths) == sorted(faces.paths)
    assert faces.names == {"attributes": NAMES}
    numbers = [int(path[-10:-4]) for path in faces.paths]
    expected = (folders.signs(12) > 0)[np.array(numbers) - 1]
    np.testing.assert_array_equal(faces.conditions["attributes"], expected)
    assert [seen(faces, row) for row in range(12)] == numbers
    np.testing.assert_array_equal(faces.partition, [0] * 8 + [1] * 2 + [2] * 2)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"ending": "\n"},
        {"pictures": "img_align_celeba/img_align_celeba"},
        {"csv": True, "ending": "\n", "pictures": "img_align_celeba/img_align_celeba"},
        {"csv": True, "no": 0},
        {"no": 0},
        {"zipped": True},
        {"zipped": True, "csv": True},
        {"order": random.Random(3).sample(range(1, 13), 12)},
        {"order": random.Random(4).sample(range(1, 13), 12), "csv": True, "zipped": True},
    ],
    ids=str,
)
def test_every_form_reads_the_same(tmp_path, form):
    check(facegen.read(folders.celeba(tmp_path, **form)))


def test_the_zip_named_directly_with_its_tables_beside_it(tmp_path):
    faces = facegen.read(folders.celeba(tmp_path, zipped=True) / "img_align_celeba.zip")
    check(faces)
    assert faces.root.suffix == ".zip"
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []  # nothing was unpacked


def test_the_authors_folders(tmp_path):
    folder = folders.celeba(tmp_path, zipped=True)
    for place, name in (
        ("Anno", "list_attr_celeba.txt"),
        ("Anno", "identity_CelebA.txt"),
        ("Eval", "list_eval_partition.txt"),
        ("Img", "img_align_celeba.zip"),
    ):
        (folder / place).mkdir(exist_ok=True)
        (folder / name).rename(folder / place / name)
    check(facegen.read(folder))
    check(facegen.read(folder / "Img" / "img_align_celeba.zip"))


def test_identities_are_joined_by_name(tmp_path):
    faces = facegen.read(folders.celeba(tmp_path, order=list(range(12, 0, -1))))
    assert faces.identity.tolist() == [i // 3 for i in range(1, 13)]


def test_without_the_other_tables_all_are_training_rows_of_nobody(celeba):
    (celeba / "list_eval_partition.txt").unlink()
    (celeba / "identity_CelebA.txt").unlink()
    faces = facegen.read(celeba)
    assert not faces.partition.any() and (faces.identity == -1).all()


def test_hidden_files_are_no_pictures(celeba):
    (celeba / "img_align_celeba" / "._000001.jpg").write_bytes(b"from a Mac")
    (celeba / "img_align_celeba" / "Thumbs.db").write_bytes(b"from Windows")
    check(facegen.read(celeba))


def edit(path, change):
    lines = path.read_bytes().decode().split("\r\n")
    path.write_text("\r\n".join(change(lines)), newline="")


def fault(celeba, change, table="list_attr_celeba.txt"):
    edit(celeba / table, change)
    with pytest.raises(FacegenError) as caught:
        facegen.read(celeba)
    assert table in str(caught.value)
    return str(caught.value)


def at(number, change):
    """Change line `number` (from 1)."""
    return lambda lines: [change(line) if i == number else line for i, line in enumerate(lines, 1)]


def test_a_row_too_short_or_too_long_names_its_line(celeba):
    assert "line 7, column 'Young': found '' (expected -1 or 1" in fault(
        celeba, at(7, lambda line: line.rsplit(maxsplit=1)[0])
    )
    for more in (" 1", " 1 1", " 1 1 1"):
        celeba_again = folders.celeba(celeba)  # the fault before is gone
        text = fault(celeba_again, at(7, lambda line, more=more: line + more))
        assert "line 7: expected 41 columns, found more" in text


def test_a_cell_that_is_no_number_names_line_and_column(celeba):
    assert "line 9, column '5_o_Clock_Shadow': found 'yes' (expected -1 or 1" in fault(
        celeba, at(9, lambda line: line[:10] + " yes" + line[13:])
    )


def test_a_value_that_is_no_sign_names_line_and_attribute(celeba):
    for cell in (" 7", " 0"):  # 0 is one where all others are 0 or 1
        text = fault(celeba, at(5, lambda line, cell=cell: line[:11] + cell + line[13:]))
        assert f"line 5, column '5_o_Clock_Shadow': found {cell.strip()!r} (expected -1 or 1" in text


def test_two_rows_for_one_picture(celeba):
    text = fault(celeba, at(9, lambda line: "000002.jpg" + line[10:]))
    assert "lines 4 and 9: two rows for '000002.jpg'" in text


def test_a_table_that_was_cut_off_between_two_lines(celeba):
    assert "promises 12 rows, there are 9" in fault(celeba, lambda lines: lines[:11])


def test_a_table_that_is_empty_or_a_web_page(celeba):
    assert "no rows" in fault(celeba, lambda lines: lines[:2])
    assert "expected a line of column names" in fault(celeba, lambda lines: [])
    assert "web page" in fault(celeba, lambda lines: ["<!DOCTYPE html>", "<html>"])


def test_other_names_than_the_40(celeba):
    text = fault(celeba, at(2, lambda line: line.replace("Smiling", "Laughing")))
    assert "line 2" in text and "Laughing" in text and "Smiling" in text


def test_columns_are_taken_by_their_names(tmp_path):
    folders.celeba(tmp_path)
    edit(tmp_path / "list_attr_celeba.txt", at(2, lambda line: " ".join(reversed(line.split()))))
    values = facegen.read(tmp_path).conditions["attributes"]
    np.testing.assert_array_equal(values, folders.signs(12)[:, ::-1] > 0)


def test_rows_and_pictures_that_do_not_fit(celeba, caplog):
    edit(celeba / "list_attr_celeba.txt", lambda lines: ["10", *lines[1:7], *lines[9:]])  # 6, 7: no row
    for number in (2, 3, 4, 10):
        (celeba / "img_align_celeba" / f"{number:06d}.jpg").unlink()
    with pytest.raises(FacegenError, match="pictures without a row: 2"):
        facegen.read(celeba)
    faces = facegen.read(celeba, missing="skip")
    assert "4 of its rows have no picture here" in caplog.text and "pictures without a row: 2" in caplog.text
    assert [int(path[-10:-4]) for path in faces.paths] == [1, 5, 8, 9, 11, 12]
    assert [seen(faces, row) for row in range(6)] == [1, 5, 8, 9, 11, 12]
    np.testing.assert_array_equal(faces.conditions["attributes"], folders.signs(12)[[0, 4, 7, 8, 10, 11]] > 0)
    assert len(faces.missing) == 4 and faces.strays == tuple(
        f"img_align_celeba/{number:06d}.jpg" for number in (6, 7)
    )
    with pytest.raises(FacegenError, match="'raise' or 'skip'"):
        facegen.read(celeba, missing="ignore")


def test_names_padded_otherwise_are_not_guessed(celeba):
    def shorter(lines):
        return [line[1:] if line.endswith((" 1", "-1")) and ".jpg" in line else line for line in lines]

    text = fault(celeba, shorter)
    assert "rows without a picture: 12 (first: 00001.jpg" in text
    assert "pictures without a row: 12 (first: img_align_celeba/000001.jpg" in text


def test_a_picture_without_a_partition_and_a_partition_that_does_not_exist(celeba):
    table = "list_eval_partition.txt"
    assert "line 4" in fault(celeba, at(4, lambda line: line[:-1]), table)
    assert "line 4, column '2': found '3' (expected one of train" in fault(
        celeba, at(4, lambda line: line + "3"), table
    )
    assert "pictures without a row: 1 (first: 000004.jpg)" in fault(
        celeba, lambda lines: [line for line in lines if "000004" not in line], table
    )


def test_two_pictures_of_one_name(celeba):
    folders.picture(celeba / "img_align_celeba" / "copies" / "000005.jpg", 1, (178, 218))
    with pytest.raises(FacegenError, match="two pictures of one name"):
        facegen.read(celeba)


def test_tables_without_pictures(celeba):
    for path in (celeba / "img_align_celeba").iterdir():
        path.unlink()
    with pytest.raises(FacegenError, match="no pictures: looked for img_align_celeba"):
        facegen.read(celeba)
