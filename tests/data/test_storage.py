"""Archives of strangers. Nothing is ever unpacked from one, and what is read leads nowhere else."""

import io
import os
import stat
import zipfile

import folders
import pytest
from PIL import Image

import facegen
from facegen import cli
from facegen.data import storage
from facegen.data.checking import check
from facegen.data.pixels import load_pixels
from facegen.utils.errors import FacegenError


def add(archive, name, content, **changes):
    """Add a member under any name, with any attributes."""
    member = zipfile.ZipInfo(name)
    for key, value in changes.items():
        setattr(member, key, value)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(member, content, zipfile.ZIP_DEFLATED)


def jpeg(size=(178, 218)):
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def zipped(tmp_path):
    return folders.celeba(tmp_path / "celeba", zipped=True)


def everything(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if ".facegen" not in path.parts}


@pytest.mark.parametrize("name", ["../000001.jpg", "img/../../000001.jpg", "/tmp/000001.jpg"])
def test_names_that_lead_out_are_no_pictures(zipped, tmp_path, name):
    before = everything(tmp_path)
    add(zipped / "img_align_celeba.zip", name, jpeg())
    faces = facegen.read(zipped)
    assert len(faces) == 12 and len(load_pixels(faces, 16, progress=False)) == 12
    assert check(zipped, progress=False).ok
    assert everything(tmp_path) == before


def test_a_broken_member_moves_no_file_of_the_disk(zipped, tmp_path):
    """Its name is that of a file that is really there."""
    mine = tmp_path / "celeba" / "mine.jpg"
    folders.picture(mine, 1, (9, 9))
    table = zipped / "list_attr_celeba.txt"
    lines = table.read_text().replace("000012.jpg", "mine.jpg")
    table.write_text(lines)
    for other in ("list_eval_partition.txt", "identity_CelebA.txt"):
        (zipped / other).write_text((zipped / other).read_text().replace("000012.jpg", "mine.jpg"))
    add(zipped / "img_align_celeba.zip", "mine.jpg", b"no picture")
    before = everything(tmp_path)
    assert cli.main(["data", "check", str(zipped), "--quiet", "--quarantine"]) == 1
    assert everything(tmp_path) == before


def test_a_link_is_not_followed(zipped):
    link = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(zipped / "img_align_celeba.zip") as old:
        members = {name: old.read(name) for name in old.namelist()}
    (zipped / "img_align_celeba.zip").unlink()
    for name, content in members.items():
        broken = name.endswith("000007.jpg")
        changes = {"external_attr": link, "create_system": 3} if broken else {}
        add(zipped / "img_align_celeba.zip", name, b"000001.jpg" if broken else content, **changes)
    report = check(zipped, progress=False)
    assert [*report.broken.values()] == ["is no picture of a known format"]


def test_a_member_that_unpacks_to_more_than_a_picture_has(zipped, monkeypatch):
    monkeypatch.setattr(storage, "HEAVIEST", 1 << 20)
    (zipped / "more").mkdir()
    archive = zipped / "more" / "set.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("Rafd090_01_Caucasian_female_angry_frontal.jpg", jpeg((68, 102)))
    add(archive, "Rafd090_01_Caucasian_female_happy_frontal.jpg", jpeg() + bytes(5 << 20))
    assert archive.stat().st_size < 1 << 16
    assert [*check(archive, progress=False).broken.values()] == ["has more than 1 MB"]
    path = zipped / "heavy.jpg"
    path.write_bytes(bytes(2 << 20))
    with pytest.raises(FacegenError, match=r"heavy\.jpg: has more than 1 MB"):
        storage.data(zipped, "heavy.jpg")


@pytest.mark.parametrize("limit", [{"MEMBERS": 11}, {"ROOMY": 1000, "RATIO": 0.5}])
def test_an_archive_that_claims_more_than_a_set_has(zipped, monkeypatch, limit):
    for name, value in limit.items():
        monkeypatch.setattr(storage, name, value)
    with pytest.raises(FacegenError, match=r"img_align_celeba.zip: claims 12 files of .* made to fill disks"):
        facegen.read(zipped)


def test_real_sets_are_within_the_limits():
    """CelebA has 202,599 files, and no photograph is packed to a hundredth."""
    assert storage.MEMBERS > 202_599 and storage.RATIO > 20 and storage.ROOMY > 1 << 30


def test_a_member_that_needs_a_password(zipped):
    archive = zipped / "img_align_celeba.zip"
    content = bytearray(archive.read_bytes())
    at = content.rindex(b"img_align_celeba/000012.jpg") - 46  # its record in the table of contents
    assert content[at : at + 4] == b"PK\x01\x02"
    content[at + 8] |= 1
    archive.write_bytes(content)
    (reason,) = check(zipped, progress=False).broken.values()
    assert "encrypted" in reason


def test_a_folder_below_itself(celeba):
    """A link to the folder above is no part of the set, which would never end."""
    paths = facegen.read(celeba).paths
    (celeba / "img_align_celeba" / "again").symlink_to(celeba, target_is_directory=True)
    assert facegen.read(celeba).paths == paths and check(celeba, progress=False).ok


def test_a_pipe_is_no_picture_and_nobody_waits_for_it(celeba):
    picture = celeba / "img_align_celeba" / "000005.jpg"
    picture.unlink()
    os.mkfifo(picture)
    (celeba / "img_align_celeba" / "more.jpg").symlink_to("nowhere.jpg")
    report = check(celeba, progress=False)
    assert report.missing == ("000005.jpg",) and report.ok
