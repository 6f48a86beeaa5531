"""Data sets, spoilt in every way: read or refused with a FacegenError, and `data check` says which."""

import contextlib
import io
import shutil
import zipfile
from pathlib import Path
from random import Random

import folders
import numpy as np
import pytest
from fuzz import examples, spoil_bytes
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import facegen
from facegen import cli
from facegen.data import conversion, storage
from facegen.data.checking import check
from facegen.data.pixels import load_pixels
from facegen.utils.errors import FacegenError

CHANCE = st.randoms(use_true_random=False)
CELLS = ("", "-1", "1", "0", "2", "nan", "inf", "1e9", "9" * 40, "x", "000001.jpg", "../000001.jpg", "\x00",
         "é", "-", "+", "1.5", " ", ",", "\n", "\r", '"', "<html>", "test", "\ufeff", "\u2028",
         "NA", "True", "007", "0,5", ";", "\t", "A.JPG", "train", "e\u0301", "Größe", "seed", "a+b", "c/d",
         "3000000000", "1.0")  # fmt: skip


# Pictures


def encoded() -> list[bytes]:
    """Pictures of every kind that is read."""
    rgb = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 20, 3), "uint8"))
    deep = Image.fromarray(np.arange(480, dtype=np.uint16).reshape(24, 20) * 130)
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds = [(rgb, "JPEG", {"exif": exif}), (rgb.convert("CMYK"), "JPEG", {"progressive": True})]
    kinds += [
        (rgb.convert("L"), "JPEG", {}),
        (rgb, "PNG", {}),
        (rgb.convert("P"), "PNG", {}),
        (deep, "PNG", {}),
    ]
    kinds += [(rgb, "PNG", {"save_all": True, "append_images": [rgb]}), (rgb.convert("RGBA"), "WEBP", {})]
    kinds += [
        (rgb, "BMP", {}),
        (rgb, "TIFF", {"compression": "tiff_lzw"}),
        (deep, "TIFF", {}),
        (rgb, "GIF", {}),
    ]
    kinds += [(rgb, "PPM", {}), (rgb, "MPO", {"save_all": True, "append_images": [rgb]})]
    files = [io.BytesIO() for _ in kinds]
    for file, (picture, form, options) in zip(files, kinds, strict=True):
        picture.save(file, form, **options)
    return [file.getvalue() for file in files]


GOOD = encoded()


def spoilt(chance: Random, content: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        if chance.random() < 0.5 or not content:
            content = spoil_bytes(chance, content)
        else:
            place = chance.randrange(len(content))
            content = (
                content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]
            )
    return content


@examples
@given(CHANCE)
@pytest.mark.filterwarnings("ignore")
def test_any_bytes_are_a_picture_or_broken(chance):
    mode, content = chance.choice(("RGB", "L")), spoilt(chance, chance.choice(GOOD))
    shrink = chance.choice((None, lambda width, height: max(1.0, width / 8)))
    try:
        picture = storage.decode(content, "a.jpg", mode, shrink)
    except storage.CorruptImage as error:
        assert str(error).startswith("a.jpg: ") and len(str(error)) < 1000
    else:
        assert picture.mode == mode and np.asarray(picture).dtype == np.uint8


def test_a_program_in_disguise_is_not_started():
    """Pillow has other programs draw some kinds of files."""
    program = (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(x) (w) file\nshowpage\n%%EOF\n"
    )
    with pytest.raises(storage.CorruptImage, match="no picture of a known format"):
        storage.decode(program, "a.jpg", "RGB")


# Sets


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> list[Path]:
    """One of each kind; of CelebA also in an archive, and with Kaggle's tables."""
    place = tmp_path_factory.mktemp("sets")
    folders.celeba(place / "celeba")
    folders.celeba(place / "zipped", zipped=True)
    folders.celeba(place / "kaggle", csv=True, no=0)
    folders.rafd(place / "rafd", {7: "Caucasian_male", 40: "Kid_female"}, gazes=("frontal",))
    folders.yaleb(place / "yaleb")
    folders.jaffe(place / "jaffe")
    folders.jaffe(place / "readme", readme=True)
    table = "file,age,hair,glad,partition\na.jpg,31,long,1,train\nb.png,45,short,0,train\n"
    table += "more/c.jpg,18,long,1,test\n"
    folders.own(place / "own", table)
    names = ("Zo\u00eb.jpg", "so so/b.png", "a+b;c.gif")
    rows = [("file", "Größe in m", "hair, colour"), *((name, "1,75", "dark") for name in names)]
    folders.own(place / "odd", "".join(";".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows), names)
    folders.celeba(place / "archived", csv=True)
    shutil.make_archive(str(place / "archive"), "zip", place / "archived")
    (place / "archived" / "img_align_celeba").rename(place / "archived" / "img_align_celeba_png")
    (place / "above").mkdir()
    (place / "archive.zip").rename(place / "above" / "archive.zip")
    return sorted(place.iterdir())


def content(folder: Path) -> dict[str, bytes]:
    """All files but the cache; those in quarantine under the names they had."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".facegen" not in path.parts)
    return {
        path.relative_to(folder).as_posix().removeprefix(".quarantine/"): path.read_bytes() for path in paths
    }


def spoil_table(chance: Random, text: str) -> bytes:
    """A cell, a line or some letters changed; or the same table, written otherwise."""
    how = chance.choice(
        ("letters", "letters", "line", "cut", "twice", "swap", "separator", "quotes", "bytes")
    )
    if how == "bytes":
        return text.encode(chance.choice(("utf-16", "utf-8-sig", "utf-32", "utf-16-le", "cp1252")), "replace")
    if how == "separator":
        return text.replace(",", chance.choice(";\t")).encode()
    if how == "quotes":
        return "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in text.splitlines()).encode()
    return spoil_lines(chance, text, how).encode(errors="surrogatepass")


def spoil_lines(chance: Random, text: str, how: str) -> str:
    """Some letters or lines changed."""
    lines = text.splitlines(keepends=True) or [""]
    one, other = (chance.randrange(len(lines)) for _ in range(2))
    if how == "letters":
        place = chance.randrange(len(text) + 1)
        return text[:place] + chance.choice(CELLS) + text[place + chance.choice((0, 1, 5)) :]
    if how == "cut":
        return text[: chance.randrange(len(text) + 1)]
    if how == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    elif how == "twice":
        lines.insert(other, lines[one])
    else:
        del lines[one]
    return "".join(lines)


def damage(chance: Random, folder: Path) -> None:
    """One thing that happens to sets."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        return
    path = chance.choice(files)
    how = chance.choice(("spoil", "spoil", "spoil", "remove", "copy", "rename", "swap"))
    if how == "spoil" and path.suffix in (".txt", ".csv"):
        path.write_bytes(spoil_table(chance, path.read_bytes().decode(errors="replace")))
    elif how == "spoil" and path.suffix == ".zip" and chance.random() < 0.5:
        pack_again(chance, path)
    elif how == "spoil":
        path.write_bytes(spoilt(chance, path.read_bytes()))
    elif how == "remove":
        path.unlink()
    elif how == "copy":
        shutil.copy(path, path.with_stem(path.stem + chance.choice("x1~")))
    elif how == "rename":
        stems = (path.stem[:-1] or "a", path.stem + "9", "." + path.stem, path.stem.upper(), "é\udce9 +\n")
        path.rename(path.with_stem(chance.choice(stems)))
    else:
        path.write_bytes(chance.choice(GOOD))


def pack_again(chance: Random, path: Path) -> None:
    """An archive with a member that is spoilt, lost or has another name; one spoilt before stays as it is."""
    try:
        with zipfile.ZipFile(path) as old:
            members = {name: old.read(name) for name in old.namelist()}
    except Exception:  # of zipfile and zlib
        return
    if not members:
        return
    name = chance.choice(sorted(members))
    new = chance.choice((name, name[:-5] + "9.jpg", "../" + name, "/" + name, name + "/x.jpg"))
    members[new] = spoilt(chance, members.pop(name))
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@examples
@given(CHANCE)
@pytest.mark.filterwarnings("ignore")
def test_what_the_check_calls_in_order_trains_and_quarantine_loses_nothing(sets, tmp_path, chance):
    folder = tmp_path / "set"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(chance.choice(sets), folder)
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        damage(chance, folder)
    words, before = ["data", "check", str(folder), "--quiet", "--workers", "1"], content(folder)
    code = cli.main(words)
    assert code in (0, 1) and content(folder) == before
    if code and not cli.main([*words, "--quarantine"]):
        code = 0
    after = content(folder)
    assert sorted(before.values()) == sorted(after.values()) and len(before) == len(after)
    if code:
        with pytest.raises(FacegenError):
            settled(folder)
    else:
        settled(folder)


DESCRIBED = (
    ("metadata.csv", "age,file_name,mood\n31,a.jpg,glad\n45,b.jpg,sad\n"),
    ("metadata.jsonl", '{"age": 31, "file_name": "a.jpg"}\n{"file_name": "b.jpg", "age": 45, "x": [1]}\n'),
)


@examples
@given(CHANCE)
def test_what_describes_pictures_becomes_a_table_or_is_refused(tmp_path, chance):
    folder = tmp_path / "set"
    shutil.rmtree(folder, ignore_errors=True)
    name, text = chance.choice(DESCRIBED)
    for place in chance.choice((("",), ("train/", "test/"))):
        for picture in ("a.jpg", "b.jpg"):
            folders.picture(folder / place / picture, 1, (9, 9))
        (folder / place / name).write_bytes(spoil_table(chance, text))
    before = content(folder)
    try:
        path = conversion.write_table(folder, progress=False)
    except FacegenError as error:
        assert str(folder) in str(error) and content(folder) == before
        return
    assert content(folder).keys() - before.keys() == {path.name}
    with contextlib.suppress(FacegenError):  # of a table that says what nobody could learn
        assert len(facegen.read(folder, missing="skip")) > 0


def settled(folder: Path) -> None:
    """What a training does before its first step; a FacegenError where something is missing."""
    faces = facegen.read(folder)
    assert len(load_pixels(faces.part("train"), 8, progress=False)) > 0
    load_pixels(faces, 8, progress=False)
    report = check(folder, progress=False)
    if not report.ok:
        raise FacegenError("not in order")
