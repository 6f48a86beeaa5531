"""validate: everything odd in a set is found and named."""

import folders
import pytest
from test_dataset import REASON, broken

import facegen
from facegen.data.validation import validate


def test_a_set_in_order(celeba):
    report = validate(facegen.read(celeba), progress=False)
    assert report.ok and report.pictures == 12
    assert report.sizes == {(178, 218): 12}
    assert report.partitions == {"train": 8, "validation": 2, "test": 2}
    assert "everything is in order" in str(report) and "178 x 218 (12 pictures)" in str(report)


@pytest.mark.parametrize("how", REASON)
@pytest.mark.parametrize("zipped", [False, True])
def test_broken_pictures(tmp_path, how, zipped):
    folder = folders.celeba(tmp_path)
    broken(folder / "img_align_celeba" / "000007.jpg", how)
    if zipped:
        import shutil

        shutil.make_archive(str(folder / "img_align_celeba"), "zip", folder, "img_align_celeba")
        shutil.rmtree(folder / "img_align_celeba")
    report = validate(facegen.read(folder), progress=False)
    assert not report.ok and list(report.broken) == ["img_align_celeba/000007.jpg"]
    assert REASON[how] in report.broken["img_align_celeba/000007.jpg"]
    assert "NOT IN ORDER" in str(report) and "000007.jpg" in str(report)
    assert sum(report.sizes.values()) == 11


def test_sizes_and_grey_are_told_and_no_fault(celeba):
    from PIL import Image

    Image.new("L", (50, 60), 90).save(celeba / "img_align_celeba" / "000003.jpg")
    report = validate(facegen.read(celeba), progress=False)
    assert report.ok and report.grey == ("img_align_celeba/000003.jpg",)
    assert report.sizes == {(178, 218): 11, (50, 60): 1}


def test_rows_and_pictures_that_do_not_fit(celeba):
    (celeba / "img_align_celeba" / "000003.jpg").unlink()
    folders.picture(celeba / "img_align_celeba" / "more.jpg", 1, (9, 9))
    report = validate(facegen.read(celeba, missing="skip"), progress=False)
    assert not report.ok
    assert report.missing == ("000003.jpg",) and report.strays == ("img_align_celeba/more.jpg",)


def test_a_name_used_twice(rafd):
    name = "Rafd090_03_Caucasian_female_happy_frontal.jpg"
    folders.picture(rafd / "copy" / name, 3, (68, 102))
    report = validate(facegen.read(rafd), progress=False)
    assert not report.ok and report.twins == ((name, f"copy/{name}"),)
