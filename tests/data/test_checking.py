"""`facegen data check`: all that is odd is named, and 0 means that a training runs to its end."""

import shutil
import sys

import folders
import numpy as np
import pytest
from PIL import Image
from test_dataset import REASON, broken

import facegen
from facegen import cli
from facegen.data import pixels as cache
from facegen.data import storage
from facegen.data.checking import check, quarantine
from facegen.data.pixels import load_pixels, readable
from facegen.utils.errors import FacegenError

SIZE = (178, 218)


def files(folder):
    """All files but the cache, with their content."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".facegen" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def trains(folder):
    """What a training does first: read the set strictly, and decode every picture."""
    return len(load_pixels(facegen.read(folder), 16, progress=False))


def picture(folder, number):
    return folder / "img_align_celeba" / f"{number:06d}.jpg"


def odd(folder, number, name):
    """Make one picture of a folder odd."""
    path, image = picture(folder, number), Image.new("RGB", SIZE, (200, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 3
    deep = np.full((SIZE[1], SIZE[0]), 40_000, np.uint16)
    {
        "CMYK": lambda: image.convert("CMYK").save(path),
        "of 16 bits": lambda: Image.fromarray(deep).save(path, "PNG"),
        "animated": lambda: image.save(
            path, "PNG", save_all=True, append_images=[Image.new("RGB", SIZE, (0, 0, 0))]
        ),
        "turned by EXIF": lambda: image.save(path, exif=exif),
        "of another size": lambda: Image.new("RGB", (60, 200), (1, 99, 0)).save(path),
        "not what the name says": lambda: image.save(path, "WEBP"),
    }[name]()


@pytest.mark.parametrize(
    "name",
    ["CMYK", "of 16 bits", "animated", "turned by EXIF", "of another size", "not what the name says"],
)
def test_what_is_odd_is_named_and_can_be_trained_on(celeba, name):
    odd(celeba, 5, name)
    report = check(celeba, progress=False)
    assert report.odd[name] == ("img_align_celeba/000005.jpg",)
    assert {*report.odd} <= {name, "not what the name says"}
    assert name in str(report) and report.ok
    assert trains(celeba) == 12


def test_a_set_without_anything_odd(celeba):
    assert check(celeba, progress=False).odd == {}


def test_a_telephones_double_picture_is_not_animated(celeba):
    images = [Image.new("RGB", SIZE, (i, 200, 9)) for i in (1, 2)]
    images[0].save(picture(celeba, 2), "MPO", save_all=True, append_images=images[1:])
    assert check(celeba, progress=False).odd == {}


def test_only_sets_of_one_size_have_pictures_of_another(tmp_path):
    folder = folders.own(tmp_path, "file,age\na.jpg,1\nb.png,2\nmore/c.jpg,3\n")
    folders.picture(folder / "b.png", 1, (400, 30))
    assert check(folder, progress=False).odd == {}


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_read_as_eight(tmp_path, form):
    levels = np.arange(0, 65536, 256, dtype=np.uint16).reshape(16, 16)
    Image.fromarray(levels).save(tmp_path / "deep", form)
    for mode in ("L", "RGB"):
        read = np.asarray(storage.decode((tmp_path / "deep").read_bytes(), "deep", mode))
        np.testing.assert_array_equal(read.reshape(256, -1)[:, 0], np.arange(256))


@pytest.mark.parametrize("values", [np.full((9, 9), 0.5, np.float32), np.full((9, 9), 70_000, np.int32)])
def test_numbers_that_are_no_levels_of_light(tmp_path, values):
    Image.fromarray(values).save(tmp_path / "deep", "TIFF")
    with pytest.raises(FacegenError, match=r"deep: is no whole picture .*8 or 16 bits"):
        storage.decode((tmp_path / "deep").read_bytes(), "deep", "RGB")


@pytest.mark.parametrize("side", [9_600, 30_000])  # of which Pillow would decode the smaller with a warning
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_broken_and_not_decoded(celeba, side):
    import struct
    import zlib

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    picture(celeba, 4).write_bytes(content)
    report = check(celeba, progress=False)
    assert not report.ok
    assert "claims to have more than" in report.broken["img_align_celeba/000004.jpg"]


@pytest.mark.parametrize("how", REASON)
def test_quarantine_takes_what_is_broken_and_nothing_else(celeba, how, capsys):
    broken(picture(celeba, 7), how)
    before = files(celeba)
    assert cli.main(["data", "check", str(celeba), "--quiet"]) == 1
    assert REASON[how] in capsys.readouterr().out
    assert files(celeba) == before
    with pytest.raises(FacegenError, match=rf"000007.jpg: .*facegen data check {celeba}.* --quarantine"):
        trains(celeba)
    assert cli.main(["data", "check", str(celeba), "--quiet", "--quarantine"]) == 0
    assert "moved 1 to quarantine" in capsys.readouterr().out
    before[".quarantine/img_align_celeba/000007.jpg"] = before.pop("img_align_celeba/000007.jpg")
    assert files(celeba) == before
    assert trains(celeba) == 11
    assert cli.main(["data", "check", str(celeba), "--quiet"]) == 0
    assert "in quarantine" in capsys.readouterr().out


def test_a_picture_moved_back_is_part_of_the_set_again(celeba):
    broken(picture(celeba, 7), "cut")
    quarantine(celeba, check(celeba, progress=False))
    folders.picture(picture(celeba, 7), 7, SIZE)
    assert trains(celeba) == 12
    broken(picture(celeba, 7), "empty")
    report, moved = quarantine(celeba, check(celeba, progress=False))
    assert moved == 1 and report.ok and trains(celeba) == 11
    names = [path.name for path in (celeba / ".quarantine" / "img_align_celeba").iterdir()]
    assert sorted(names) == ["000007.jpg", "000007~2.jpg"]


def test_a_row_whose_picture_is_nowhere_is_a_fault_but_of_celeba(celeba, tmp_path):
    """Of CelebA, most people have some of the pictures and the whole table."""
    own = folders.own(tmp_path / "own", "file,age\na.jpg,1\nb.png,2\nmore/c.jpg,3\n")
    broken(own / "b.png", "cut")
    (own / "more" / "c.jpg").unlink()
    report, moved = quarantine(own, check(own, progress=False))
    assert moved == 1 and not report.ok and report.missing == ("more/c.jpg",)
    assert cli.main(["data", "check", str(own), "--quiet"]) == 1
    picture(celeba, 3).unlink()
    broken(picture(celeba, 7), "cut")
    report, moved = quarantine(celeba, check(celeba, progress=False))
    assert moved == 1 and report.ok and report.missing == ("000003.jpg",)
    assert "rows not used  1:" in str(report) and trains(celeba) == 10


def test_pictures_without_a_row_go_to_quarantine(tmp_path, capsys):
    folder = folders.own(tmp_path, "file,age\na.jpg,1\nb.png,2\n")
    assert cli.main(["data", "check", str(folder), "--quiet"]) == 1
    assert cli.main(["data", "check", str(folder), "--quiet", "--quarantine"]) == 0
    assert (folder / ".quarantine" / "more" / "c.jpg").is_file() and trains(folder) == 2


def test_other_sets(rafd, tmp_path):
    """Of RaFD all people and gazes are looked at; names alone tell what is there."""
    kid = next(rafd.glob("*_Kid_*_left.jpg"))
    broken(kid, "cut")
    report = check(rafd, progress=False)
    assert report.pictures == 4 * 2 * 3 * 2 and [*report.broken] == [kid.name]
    assert quarantine(rafd, report)[0].ok
    yaleb = folders.yaleb(tmp_path / "yaleb")
    broken(yaleb / "yaleB13" / "yaleB13_P00A+000E+90.pgm", "html")
    report, moved = quarantine(yaleb, check(yaleb, progress=False))
    assert moved == 1 and report.ok and report.grey == () and trains(yaleb) == 5
    assert check(folders.jaffe(tmp_path / "jaffe"), progress=False).ok


def test_nothing_is_moved_out_of_an_archive(celeba):
    broken(picture(celeba, 7), "cut")
    shutil.make_archive(str(celeba / "img_align_celeba"), "zip", celeba, "img_align_celeba")
    shutil.rmtree(celeba / "img_align_celeba")
    report = check(celeba, progress=False)
    assert [*report.broken] == ["img_align_celeba/000007.jpg"]
    with pytest.raises(FacegenError, match="unpack it"):
        quarantine(celeba, report)


def test_what_cannot_be_moved_stays(celeba, monkeypatch, capsys):
    """As on another disk behind a link, or without the right to."""
    broken(picture(celeba, 7), "cut")
    before = files(celeba)

    def other_disk(old, new):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(sys.modules[quarantine.__module__].os, "replace", other_disk)
    assert cli.main(["data", "check", str(celeba), "--quiet", "--quarantine"]) == 1
    assert "000007.jpg: cannot be moved" in (err := capsys.readouterr().err) and "another" not in err
    assert files(celeba) == before


def test_no_training_pictures(celeba):
    table = celeba / "list_eval_partition.txt"
    table.write_text(table.read_text().replace("jpg 0", "jpg 2"))
    assert not check(celeba, progress=False).ok
    assert cli.main(["data", "check", str(celeba), "--quiet"]) == 1


def test_nobody_that_a_training_would_take(tmp_path, capsys):
    folder = folders.rafd(tmp_path / "rafd", {40: "Kid_female"})
    assert check(folder, progress=False).ok
    assert cli.main(["data", "check", str(folder), "--quiet"]) == 1
    assert "no picture of adults" in capsys.readouterr().err


def test_nothing_left(tmp_path):
    folder = folders.own(tmp_path, "file,age\na.jpg,1\n", ("a.jpg",))
    broken(folder / "a.jpg", "empty")
    assert cli.main(["data", "check", str(folder), "--quiet", "--quarantine"]) == 1


def test_a_table_at_fault_is_told_in_one_line(celeba, capsys):
    (celeba / "list_attr_celeba.txt").write_text("12\n")
    assert cli.main(["data", "check", str(celeba), "--quiet"]) == 1
    assert "list_attr_celeba.txt" in capsys.readouterr().err


def test_the_same_picture_twice(celeba):
    shutil.copy(picture(celeba, 2), picture(celeba, 9))
    report = check(celeba, progress=False)
    one, other = "img_align_celeba/000002.jpg", "img_align_celeba/000009.jpg"
    assert report.ok and report.copies == ((one, other),)
    assert f"{one} = {other}, but not of the same attributes" in report.doubtful


def test_labels_that_contradict_each_other(tmp_path):
    from facegen.conditions.attributes import EXCLUSIVE, NAMES

    folder = folders.celeba(tmp_path)
    report = check(folder, progress=False)
    labels = folders.signs(12) > 0
    groups = [[NAMES.index(name) for name in group] for group in EXCLUSIVE]
    expected = sum((labels[:, columns].sum(axis=1) > 1).sum() for columns in groups)
    people = [line for line in report.doubtful if line.startswith("person")]
    assert people == ["person 3 is in validation and test"]
    assert len(report.doubtful) == expected + len(people)


def test_names_that_contradict_each_other(tmp_path):
    rafd = folders.rafd(tmp_path / "rafd", {7: "Caucasian_male"})
    folders.rafd(tmp_path / "rafd", {7: "Moroccan_male"}, ("happy",), ("180",), ("frontal",))
    (told,) = (line for line in check(rafd, progress=False).doubtful if line.startswith("person"))
    assert told.startswith("person 07 is Caucasian male (Rafd000_07") and "Moroccan male (Rafd180_07" in told
    yaleb = folders.yaleb(tmp_path / "yaleb")
    (yaleb / "yaleB13" / "yaleB13_P00A+000E+90.pgm").rename(yaleb / "yaleB15" / "yaleB13_P00A+000E+90.pgm")
    (told,) = check(yaleb, progress=False).doubtful
    assert told == "yaleB15/yaleB13_P00A+000E+90.pgm: person 13 in the folder of 15"
    jaffe = folders.jaffe(tmp_path / "jaffe")
    table = jaffe / "semantic-ratings.csv"
    table.write_text(table.read_text().replace("YM-FE3", "YN-FE3"))
    assert check(jaffe, progress=False).doubtful == ("5 is YN-FE3 there and YM-FE3 here",)


def test_processes_see_the_same(celeba, monkeypatch):
    from facegen.data import parallel
    from facegen.data.validation import validate

    broken(picture(celeba, 7), "cut")
    odd(celeba, 5, "animated")
    expected = check(celeba, progress=False)
    for name, value in (("MANY", 2), ("BUNCH", 5)):
        monkeypatch.setattr(sys.modules[validate.__module__], name, value)
    begun, processes = [], parallel._processes
    monkeypatch.setattr(parallel, "_processes", lambda count: begun.append(count) or processes(count))
    assert check(celeba, 2, progress=False, processes=True) == expected
    assert begun == [2]


def test_each_file_is_read_once(celeba, monkeypatch):
    read, data = [], storage.data
    monkeypatch.setattr(storage, "data", lambda root, name: read.append(name) or data(root, name))
    report = check(celeba, progress=False)
    read = sorted(name for name in read if name.endswith(".jpg"))
    assert read == [f"img_align_celeba/{i:06d}.jpg" for i in range(1, 13)] and report.ok


def test_a_training_does_without_broken_pictures_and_says_why(celeba, caplog, monkeypatch):
    faces, looked, look = facegen.read(celeba), [], cache.validate
    whole = load_pixels(faces, 16, progress=False)[:]
    broken(picture(celeba, 4), "cut")
    broken(picture(celeba, 9), "html")
    monkeypatch.setattr(cache, "validate", lambda *words: looked.append(1) or look(*words))
    for _ in range(2):
        kept, got = readable(facegen.read(celeba), 16, progress=False)
        assert [*kept.paths] == [path for row, path in enumerate(faces.paths) if row not in (3, 8)]
        assert (got == np.delete(whole, (3, 8), axis=0)).all()
        rows = faces.conditions["attributes"]
        assert (kept.conditions["attributes"] == np.delete(rows, (3, 8), axis=0)).all()
        told = caplog.text
        caplog.clear()
        assert "2 of 12 pictures are left out" in told and "--quarantine" in told
        assert f"{faces.paths[3]} is no whole picture" in told and f"{faces.paths[8]} is a web page" in told
    assert looked == [1]  # the second time it is known
    for number in (4, 9):
        folders.picture(picture(celeba, number), number, SIZE)
    assert len(readable(facegen.read(celeba), 16, progress=False)[0]) == 12
    assert not caplog.messages


def test_a_set_without_a_whole_picture_is_no_use(tmp_path):
    folder = folders.own(tmp_path, "file,age\na.jpg,1\n", ("a.jpg",))
    broken(folder / "a.jpg", "empty")
    with pytest.raises(FacegenError, match="no pictures are left"):
        readable(facegen.read(folder), 16, progress=False)
