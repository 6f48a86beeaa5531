"""FaceSet and read(): recognition, selection, parts, pictures that are none."""

import zipfile

import folders
import numpy as np
import pytest

import facegen
from facegen.data.dataset import FaceSet
from facegen.utils.errors import FacegenError


def some(root, count=6, **changes):
    fields = {
        "kind": "table",
        "root": root,
        "paths": tuple(f"{i}.jpg" for i in range(count)),
        "conditions": {"attributes": np.arange(count * 2, dtype=np.float32).reshape(count, 2)},
        "names": {"attributes": ("age", "beard")},
        "partition": np.zeros(count, np.int8),
        "identity": np.arange(count, dtype=np.int32),
    }
    return FaceSet(**{**fields, **changes})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("partition", np.zeros(5, np.int8)),
        ("partition", np.zeros(6, np.int64)),
        ("identity", np.zeros((6, 1), np.int32)),
        ("conditions", {"attributes": np.zeros((6, 3), np.float32)}),
        ("conditions", {"attributes": np.zeros((6, 2))}),
        ("names", {"other": ("age", "beard")}),
        ("crop", (0, 0.5, 1, 0.5)),
        ("channels", 4),
        ("paths", ()),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path, field, value):
    some(tmp_path)
    with pytest.raises(FacegenError):
        some(tmp_path, **{field: value})


def test_conditions_cannot_be_written_to(tmp_path):
    with pytest.raises(ValueError, match="read-only"):
        some(tmp_path).conditions["attributes"][0, 0] = 1


@pytest.mark.parametrize("rows", [[4, 1], slice(1, 5, 2), np.array([1, 0, 0, 1, 0, 1], bool)])
def test_select_takes_the_same_rows_of_everything(tmp_path, rows):
    faces = some(tmp_path)
    chosen, expected = faces.select(rows), np.arange(6)[rows]
    assert chosen.paths == tuple(f"{i}.jpg" for i in expected)
    np.testing.assert_array_equal(chosen.identity, expected)
    np.testing.assert_array_equal(chosen.conditions["attributes"][:, 0], 2 * expected)


def test_a_selection_of_a_selection_knows_its_rows_in_the_whole(tmp_path):
    faces = some(tmp_path)
    twice = faces.select([5, 3, 1]).select([2, 0])
    assert twice.whole is faces
    assert twice.rows.tolist() == [1, 5] == twice.identity.tolist()


def test_hold_out_makes_training_rows_test_rows(tmp_path):
    faces = some(tmp_path, 40, partition=np.repeat([0, 1], 20).astype(np.int8))
    held = faces.hold_out(0.25, seed=1)
    assert np.bincount(held.partition).tolist() == [15, 20, 5]
    assert (held.partition[20:] == 1).all() and held.paths == faces.paths
    assert (faces.partition != 2).all()
    np.testing.assert_array_equal(held.partition, faces.hold_out(0.25, seed=1).partition)
    assert (held.partition != faces.hold_out(0.25, seed=2).partition).any()
    train, test = held.part("train"), held.part("test")
    assert len(train) == 15 and len(test) == 5 and not {*train.paths} & {*test.paths}


@pytest.mark.parametrize("fraction", [0, 1, -0.1])
def test_hold_out_takes_a_fraction(tmp_path, fraction):
    with pytest.raises(FacegenError, match="between 0 and 1"):
        some(tmp_path).hold_out(fraction, seed=0)


def test_a_part_that_is_empty_or_unknown(tmp_path):
    with pytest.raises(FacegenError, match="hold_out"):
        some(tmp_path).part("test")
    with pytest.raises(FacegenError, match="validation"):
        some(tmp_path).part("valid")


def test_fingerprint_changes_with_what_is_in_the_set_and_nothing_else(celeba):
    faces = facegen.read(celeba)
    print_ = faces.fingerprint
    elsewhere = celeba.rename(celeba.with_name("moved"))
    assert facegen.read(elsewhere).fingerprint == print_
    assert faces.select([0, 1]).root == celeba  # the old set is of no use any more
    moved = facegen.read(elsewhere)
    assert moved.select(range(11)).fingerprint != print_
    assert moved.select(range(12)).fingerprint == print_
    folders.picture(elsewhere / moved.paths[3], 3, (100, 218))
    assert facegen.read(elsewhere).fingerprint != print_


def test_repr_is_one_line_that_says_what_there_is(celeba):
    assert repr(facegen.read(celeba)) == (
        "<FaceSet celeba: 12 faces of celeba (8 train, 2 validation, 2 test); attributes 40>"
    )


def test_a_folder_that_is_no_set_lists_what_was_looked_for(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(FacegenError) as caught:
        facegen.read(tmp_path)
    for word in (str(tmp_path), "list_attr_celeba", "Rafd090_01", "conditions.csv"):
        assert word in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FacegenError, match="no such folder"):
        facegen.read(tmp_path / "nowhere")


def test_an_option_that_does_not_exist_is_named_with_those_that_do(celeba):
    with pytest.raises(FacegenError, match=r"peeple.*missing"):
        facegen.read(celeba, peeple="all")


def broken(path, how):
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "html": b"\n<!DOCTYPE html><html><body>Quota exceeded</body></html>",
            "cut": whole[: len(whole) * 2 // 3],
            "noise": bytes(range(256)) * 4,
        }[how]
    )


REASON = {"empty": "empty", "html": "web page", "cut": "no whole picture", "noise": "no picture"}


@pytest.mark.parametrize("how", REASON)
def test_a_broken_picture_is_named(celeba, how):
    faces = facegen.read(celeba)
    broken(celeba / faces.paths[5], how)
    with pytest.raises(FacegenError, match=f"000006.jpg: .*{REASON[how]}"):
        faces.image(5)
    assert faces.image(4).size == (178, 218)


def test_a_picture_that_has_gone_is_named(celeba):
    faces = facegen.read(celeba)
    (celeba / faces.paths[5]).unlink()
    with pytest.raises(FacegenError, match=r"000006\.jpg"):
        faces.image(5)


def test_a_phone_picture_is_turned_upright(tmp_path):
    from PIL import Image

    folder = folders.own(tmp_path, "file,age\na.jpg,1\n", ("a.jpg",))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn a quarter clockwise
    Image.new("RGB", (60, 40)).save(folder / "a.jpg", exif=exif)
    assert facegen.read(folder).image(0).size == (40, 60)


def test_an_archive_that_is_a_web_page_or_cut_off(celeba):
    zipped = folders.celeba(celeba.with_name("zipped"), zipped=True) / "img_align_celeba.zip"
    whole = zipped.read_bytes()
    zipped.write_bytes(b"<!DOCTYPE html><html>Too many users have viewed this file")
    with pytest.raises(FacegenError, match="web page"):
        facegen.read(zipped)
    zipped.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FacegenError, match="not a whole zip"):
        facegen.read(zipped)


def test_a_picture_damaged_inside_an_archive_is_named(tmp_path):
    zipped = folders.celeba(tmp_path, zipped=True) / "img_align_celeba.zip"
    with zipfile.ZipFile(zipped) as archive:
        member = archive.infolist()[3]
    data = bytearray(zipped.read_bytes())
    start = member.header_offset + 30 + len(member.filename) + member.compress_size // 2
    data[start : start + 4] = b"\xff\x00\xff\x00"
    zipped.write_bytes(data)
    faces = facegen.read(tmp_path)
    with pytest.raises(FacegenError, match=r"000004\.jpg"):
        faces.image(3)
    faces.image(2)


def test_ranges_are_those_of_the_training_rows_in_the_units_of_the_table(tmp_path):
    ages = np.array([[18, 7], [30, 7], [80, 7], [99, 7], [5, 7], [40, 7]], "float32")
    faces = some(
        tmp_path,
        conditions={"numbers": ages, "hair": np.eye(6, dtype="float32")},
        names={"numbers": ("age", "same"), "hair": tuple("abcdef")},
        partition=np.array([0, 0, 0, 1, 2, 0], "int8"),
    )
    assert faces.ranges == {"numbers": [[18.0, 80.0], [7.0, 7.0]]}
    assert faces.part("test").ranges == faces.part("train").ranges == faces.ranges
    assert faces.select([0, 1]).ranges == {"numbers": [[18.0, 30.0], [7.0, 7.0]]}
    assert some(tmp_path).ranges == {}
    with pytest.raises(FacegenError, match="A condition cannot be called 'image'"):
        some(tmp_path, conditions={"image": np.eye(6, dtype="float32")}, names={"image": tuple("abcdef")})
