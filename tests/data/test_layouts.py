"""Sets as people get them: Kaggle's archive, a parent folder, other folders' names, folders for classes."""

import io
import json
import shutil
import sys
import zipfile

import folders
import numpy as np
import pytest
from PIL import Image

import facegen
from facegen import cli
from facegen.conditions.attributes import NAMES
from facegen.data import conversion, storage
from facegen.data.checking import check
from facegen.utils.errors import FacegenError


def same(faces):
    """Whether these are the twelve faces of `folders.celeba`, each with its own attributes."""
    numbers = np.array([int(path.rpartition("/")[2].partition(".")[0]) for path in faces.paths])
    expected = folders.signs(12)[numbers - 1] > 0
    assert len(faces) == 12 and (faces.conditions["attributes"] == expected).all()
    for row, number in enumerate(numbers):
        assert abs(np.array(faces.image(row).getpixel((80, 100))) - folders.colour(number)).max() < 6
    return faces


@pytest.mark.parametrize("above", ["", "celeba/", "a/b/"])
@pytest.mark.parametrize("csv", [True, False])
def test_an_archive_with_tables_and_pictures(tmp_path, above, csv):
    folders.celeba(tmp_path / above / "x", csv=csv, pictures="img_align_celeba/img_align_celeba")
    top = tmp_path / above.split("/")[0] if above else tmp_path / "x"
    archive = shutil.make_archive(str(tmp_path / "archive"), "zip", top, ".")
    assert same(facegen.read(archive)).partition.tolist() == [0] * 8 + [1] * 2 + [2] * 2
    assert check(archive, progress=False).ok


@pytest.mark.parametrize("below", ["celeba", "celeba/celeba", "my data/2026/faces/celeba"])
def test_the_folder_above(tmp_path, below, caplog):
    folders.celeba(tmp_path / below)
    faces = same(facegen.read(tmp_path))
    assert faces.root == tmp_path / below and f"the set in it is read, {below}" in caplog.text
    folders.own(tmp_path / "own", "file,age\na.jpg,1\nb.png,2\nmore/c.jpg,3\n")
    with pytest.raises(FacegenError, match=f"several data sets of faces in it: name one of {below}, own"):
        facegen.read(tmp_path)


def drive(folder):
    """CelebA as Google Drive has it."""
    folders.celeba(folder, zipped=True)
    for name in ("Anno", "Eval", "Img"):
        (folder / name).mkdir()
    for path in filter(lambda path: path.is_file(), [*folder.iterdir()]):
        part = "Img" if path.suffix == ".zip" else "Eval" if "eval" in path.name else "Anno"
        path.rename(folder / part / path.name)
    return folder


@pytest.mark.parametrize("place", ["", "CelebA", "CelebA/Img", "CelebA/Img/img_align_celeba.zip"])
def test_google_drives_folders(tmp_path, place):
    """Of which Anno is a folder with CelebA's table, too."""
    drive(tmp_path / "CelebA")
    assert same(facegen.read(tmp_path / place)).partition.tolist() == [0] * 8 + [1] * 2 + [2] * 2


def test_an_archive_in_an_archive_is_to_be_unpacked(tmp_path):
    drive(tmp_path / "x" / "CelebA")
    path = shutil.make_archive(str(tmp_path / "CelebA-001"), "zip", tmp_path / "x")
    with pytest.raises(
        FacegenError, match=r"img_align_celeba.zip is an archive in an archive: unpack CelebA-0"
    ):
        facegen.read(path)


def test_the_pictures_folder_alone(tmp_path):
    own = folders.own(tmp_path / "own", "file,age\nmore/a.jpg,1\n", ("more/a.jpg",))
    for place in (folders.celeba(tmp_path / "celeba") / "img_align_celeba", own / "more"):
        with pytest.raises(FacegenError, match=f"Its table lies in {place.parent}: name that folder"):
            facegen.read(place)


def test_an_archive_in_a_folder(tmp_path):
    folder = folders.celeba(tmp_path / "x", csv=True)
    (tmp_path / "downloads").mkdir()
    shutil.make_archive(str(tmp_path / "downloads" / "archive"), "zip", folder)
    same(facegen.read(tmp_path / "downloads"))


@pytest.mark.parametrize("pictures", ["img_align_celeba_png", "CelebA-HQ-img", "Img/img_celeba", "my faces"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".JPG"])
def test_pictures_in_a_folder_of_another_name_and_of_another_kind(tmp_path, pictures, suffix, caplog):
    folder = folders.celeba(tmp_path, pictures=pictures)
    for path in (folder / pictures).iterdir():
        Image.open(path).save(path.with_suffix(".tmp"), "PNG" if suffix == ".png" else "JPEG")
        path.unlink()
        path.with_suffix(".tmp").rename(path.with_suffix(suffix))
    folders.picture(folder / "notes" / "graph.png", 1, (9, 9))  # and no one of the faces
    same(facegen.read(folder))
    assert f"the pictures are taken from {pictures.removeprefix('Img/')}/" in caplog.text
    assert cli.main(["data", "check", str(folder), "--quiet"]) == 0


def test_celebamask_hq(tmp_path):
    folder = tmp_path / "CelebAMask-HQ"
    signs = folders.signs(12)
    lines = [f"{i}.jpg  " + " ".join(map(str, row)) for i, row in enumerate(signs)]
    for i in range(12):
        folders.picture(folder / "CelebA-HQ-img" / f"{i}.jpg", i, (64, 64))
        folders.picture(folder / "CelebAMask-HQ-mask-anno" / "0" / f"{i:05d}_hair.png", i, (9, 9))
    text = "\n".join(["12", " ".join(NAMES), *lines]) + "\n"
    (folder / "CelebAMask-HQ-attribute-anno.txt").write_text(text)
    faces = facegen.read(tmp_path)
    numbers = [int(path[14:-4]) for path in faces.paths]
    assert (faces.conditions["attributes"] == (signs[numbers] > 0)).all() and len(faces) == 12


@pytest.mark.parametrize(
    "change", ["semicolons", "truth", "floats", "quotes", "index", "case", "partition", "all"]
)
def test_celebas_table_after_a_spreadsheet(tmp_path, change):
    folder = folders.celeba(tmp_path, csv=True, ending="\n")
    path = folder / "list_attr_celeba.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    if change in ("truth", "all"):
        rows[1:] = [[row[0], *("TRUE" if cell == "1" else "False" for cell in row[1:])] for row in rows[1:]]
    if change == "floats":
        rows[1:] = [[row[0], *(f"{cell}.0" for cell in row[1:])] for row in rows[1:]]
    if change == "quotes":
        rows = [[f'"{cell}"' for cell in row] for row in rows]
    if change in ("case", "all"):
        rows[0] = [name.lower() for name in rows[0]]
    if change in ("partition", "all"):
        (folder / "list_eval_partition.csv").unlink()
        rows = [[*row, part] for row, part in zip(rows, ["partition", *"000000001122"], strict=True)]
    if change in ("index", "all"):
        rows = [[number, *row] for row, number in zip(rows, ["", *map(str, range(12))], strict=True)]
    text = "\n".join((";" if change in ("semicolons", "all") else ",").join(row) for row in rows)
    path.write_text(text, encoding="utf-16" if change == "all" else "utf-8-sig")
    assert same(facegen.read(folder)).partition.tolist() == [0] * 8 + [1] * 2 + [2] * 2


def test_an_archive_with_backslashes(tmp_path):
    folder = folders.celeba(tmp_path, zipped=True)
    path = folder / "img_align_celeba.zip"
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo("x")
            member.filename = name.replace("/", "\\")
            archive.writestr(member, content)
    same(facegen.read(folder))
    assert check(folder, progress=False).ok


def test_folders_of_trainings_and_models_are_passed_over(rafd):
    faces = facegen.read(rafd)
    for made in ("run", "runs/first"):
        for name in ("lock", "checkpoints/000001-00000000.npz", "model/model.json"):
            (rafd / made / name).parent.mkdir(parents=True, exist_ok=True)
            (rafd / made / name).write_bytes(b"")
        folders.picture(rafd / made / "samples" / "0001.png", 1, (9, 9))
    again = facegen.read(rafd)
    assert again.paths == faces.paths and not again.strays
    assert cli.main(["data", "check", str(rafd), "--quiet"]) == 0


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("own/again", "own"),
        ("own/more/again", "own"),
        ("own/more/again", "own/more"),
        ("elsewhere/again", "own"),
        ("elsewhere/above", "."),
    ],
)
def test_links_that_lead_back_are_not_followed_and_others_are(tmp_path, link, target):
    rows = "file,age\na.jpg,1\nb.png,2\nmore/c.jpg,3\nlink/d.jpg,4\n"
    folder = folders.own(tmp_path / "own", rows)
    folders.picture(tmp_path / "elsewhere" / "d.jpg", 4, (9, 9))
    (folder / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / link).symlink_to(tmp_path / target, target_is_directory=True)
    assert facegen.read(folder).paths == ("a.jpg", "b.png", "link/d.jpg", "more/c.jpg")


def test_pictures_of_every_kind(tmp_path):
    picture = Image.new("RGB", (48, 48), (200, 30, 30))
    kinds = {".jfif": "JPEG", ".JPE": "JPEG", ".gif": "GIF", ".webp": "WEBP", ".tif": "TIFF", ".PPM": "PPM"}
    for suffix, form in kinds.items():
        picture.save(tmp_path / f"a{suffix}", form)
    rows = "".join(f"a{suffix},{number}\n" for number, suffix in enumerate(kinds))
    (tmp_path / "conditions.csv").write_text("file,age\n" + rows)
    faces = facegen.read(tmp_path)
    assert len(faces) == len(kinds) and check(tmp_path, progress=False).ok
    for row in range(len(faces)):
        assert abs(np.array(faces.image(row).getpixel((20, 20))) - (200, 30, 30)).max() < 8


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400


def test_a_telephones_picture_without_its_plugin(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    folder = folders.own(tmp_path, "file,age\na.heic,1\nb.png,2\n", ("b.png",))
    (folder / "a.heic").write_bytes(HEIC)
    assert check(folder, progress=False).broken == {
        "a.heic": "is a HEIC picture: pip install pillow-heif, or convert it to JPEG"
    }


def test_a_telephones_picture_with_its_plugin(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    folder = folders.own(tmp_path, "file,age\na.HEIC,1\n", ())
    Image.new("RGB", (64, 48), (200, 30, 30)).save(folder / "a.HEIC", "HEIF")
    assert abs(np.array(facegen.read(folder).image(0).getpixel((20, 20))) - (200, 30, 30)).max() < 12


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1-bit"])
def test_transparency_is_before_white_and_told(tmp_path, mode):
    whole = Image.new("RGBA", (40, 40), (0, 0, 0, 255))
    whole.paste((10, 10, 10, 0), (0, 0, 20, 40))
    if mode == "P":
        whole = Image.new("P", (40, 40), 1)
        whole.putpalette([90, 90, 90, 0, 0, 0])
        whole.paste(0, (0, 0, 20, 40))
        whole.info["transparency"] = 0
    elif mode == "1-bit":
        whole = Image.new("RGB", (40, 40))
        whole.paste((7, 8, 9), (0, 0, 20, 40))
        whole.info["transparency"] = (7, 8, 9)
    else:
        whole = whole.convert(mode)
    folder = folders.own(tmp_path, "file,age\na.png,1\n", ())
    whole.save(folder / "a.png", transparency=whole.info.get("transparency"))
    for channels in (1, 3):
        pixels = np.asarray(facegen.read(folder, channels=channels).image(0))
        assert pixels[:, :19].min() == 255 and pixels[:, 21:].max() == 0
    assert check(folder, progress=False).odd["transparent"] == ("a.png",)


# Made into a set


def test_a_folder_for_each_class(tmp_path, caplog):
    for i, name in enumerate(
        ["Train/happy/1.jpg", "Train/sad/1.jpg", "val/sad/1.jpg", 'test/so so, "fine"/1.jpg']
    ):
        folders.picture(tmp_path / name, i, (40, 40))
    assert cli.main(["data", "check", str(tmp_path), "--quiet"]) == 1
    assert f"`facegen data table {tmp_path}`" in caplog.text
    assert cli.main(["data", "table", str(tmp_path), "--quiet"]) == 0
    faces = facegen.read(tmp_path)
    assert faces.names == {"class": ("happy", "sad", 'so so, "fine"')}
    classes = [faces.names["class"][place] for place in faces.conditions["class"].argmax(axis=1)]
    assert [*zip(faces.paths, classes, faces.partition, strict=True)] == [
        ("Train/happy/1.jpg", "happy", 0),
        ("Train/sad/1.jpg", "sad", 0),
        ('test/so so, "fine"/1.jpg', 'so so, "fine"', 2),
        ("val/sad/1.jpg", "sad", 1),
    ]
    assert cli.main(["data", "check", str(tmp_path), "--quiet"]) == 0
    assert cli.main(["data", "table", str(tmp_path), "--quiet"]) == 1
    assert "conditions.csv is there already" in caplog.text


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("a.jpg",), "expected every picture in a folder of what it shows, at one depth; found a.jpg."),
        (("x/a.jpg", "x/y/b.jpg"), "at one depth; found x/a.jpg and x/y/b.jpg"),
        (("train/a.jpg", "test/b.jpg"), "which part a picture is of, and not what it shows"),
        (("x/a\nb.jpg",), "cannot be written into a table"),
        ((), "neither pictures nor parquet files"),
    ],
)
def test_folders_that_say_nothing(tmp_path, names, words):
    for name in names:
        folders.picture(tmp_path / name, 1, (9, 9))
    with pytest.raises(FacegenError, match=words):
        conversion.write_table(tmp_path, progress=False)
    assert not (tmp_path / "conditions.csv").exists()


def jpeg(number):
    file = io.BytesIO()
    Image.new("RGB", (178, 218), folders.colour(number)).save(file, "JPEG")
    return file.getvalue()


def parquet(path, columns, features=None):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"huggingface": json.dumps({"info": {"features": features}})} if features else None
    files.write_table(pyarrow.table(columns).replace_schema_metadata(told), path)


@pytest.mark.parametrize("kind", ["truth", "signs"])
def test_hugging_faces_celeba(tmp_path, kind, caplog):
    signs = folders.signs(12)
    for part, rows in {
        "train-00000-of-00002": range(5),
        "train-00001-of-00002": range(5, 8),
        "valid-0": range(8, 12),
    }.items():
        columns = {"image": [{"bytes": jpeg(row + 1), "path": None} for row in rows]}
        for column, name in enumerate(NAMES):
            cells = signs[rows, column]
            columns[name] = cells > 0 if kind == "truth" else cells
        parquet(tmp_path / "data" / f"{part}.parquet", {**columns, "celeb_id": [row // 2 for row in rows]})
    assert cli.main(["data", "check", str(tmp_path), "--quiet"]) == 1
    assert "unpacks the parquet files" in caplog.text
    assert cli.main(["data", "table", str(tmp_path), "--quiet"]) == 0
    faces = same(facegen.read(tmp_path))
    assert faces.kind == "celeba" and faces.partition.tolist() == [0] * 8 + [1] * 4
    assert faces.identity.tolist() == [row // 2 for row in range(12)]


def test_other_parquet_files_with_words_for_numbers(tmp_path):
    columns = {
        "img": [jpeg(1), jpeg(2), jpeg(3)],
        "age": [31, 45, 60],
        "mood": [1, 0, 1],
        "box": [[1], [2], [3]],
    }
    parquet(tmp_path / "x.parquet", columns, {"mood": {"names": ["sad", "happy"]}, "age": {"dtype": "int64"}})
    conversion.write_table(tmp_path, progress=False)
    faces = facegen.read(tmp_path)
    assert faces.names == {"numbers": ("age",), "mood": ("happy", "sad")}
    assert faces.conditions["numbers"].ravel().tolist() == [31, 45, 60]
    assert faces.conditions["mood"].argmax(axis=1).tolist() == [0, 1, 0]


METADATA = {
    "csv": "age,file_name,mood\n31,a.jpg,glad\n45,b.jpg,sad\n",
    "jsonl": '{"age": 31, "file_name": "a.jpg", "mood": "glad", "boxes": [[1, 2]]}\n\n'
    '{"mood": "sad", "file_name": "b.jpg", "age": 45}\n',
}


@pytest.mark.parametrize("kind", METADATA)
@pytest.mark.parametrize("parts", [("",), ("train/", "test/"), ("data/", "more/deep/")])
def test_hugging_faces_folders_of_pictures(tmp_path, kind, parts, caplog):
    for part in parts:
        for number, name in enumerate(["a.jpg", "b.jpg"]):
            folders.picture(tmp_path / part / name, number, (40, 40))
        (tmp_path / part / f"metadata.{kind}").write_text(METADATA[kind])
    assert cli.main(["data", "check", str(tmp_path), "--quiet"]) == 1
    assert f"`facegen data table {tmp_path}` writes conditions.csv" in caplog.text
    assert cli.main(["data", "table", str(tmp_path), "--quiet"]) == 0
    faces = facegen.read(tmp_path)
    assert sorted(faces.paths) == sorted(part + name for part in parts for name in ("a.jpg", "b.jpg"))
    glad = np.array([path.endswith("a.jpg") for path in faces.paths])
    assert faces.names == {"numbers": ("age",), "mood": ("glad", "sad")}
    assert faces.conditions["numbers"].ravel().tolist() == np.where(glad, 31, 45).tolist()
    assert faces.conditions["mood"][:, 0].tolist() == glad.tolist()
    assert faces.partition.tolist() == [2 * path.startswith("test/") for path in faces.paths]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("metadata.csv", "file,age\na.jpg,1\n", "line 2: expected file_name, found file, age"),
        ("metadata.csv", "file_name\na.jpg\n", "expected a line of column names"),
        ("metadata.jsonl", '{"file_name": 3}', "line 1: expected file_name, found file_name"),
        ("metadata.jsonl", '\n{"file_name": "a.jpg"', "line 2: expected a row in JSON"),
        ("metadata.jsonl", "[" * 100_000, "line 1: expected a row in JSON"),
        ("metadata.jsonl", "[1]", r"line 1: expected names and values, found \[1\]"),
        ("metadata.jsonl", '{"file_name": "\\ud800"}', "line 1: expected names and values"),
        ("metadata.jsonl", "\n", "metadata.jsonl: has no rows"),
    ],
)
def test_descriptions_that_are_none(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(FacegenError, match=words):
        conversion.write_table(tmp_path, progress=False)
    assert not (tmp_path / "conditions.csv").exists()


# What is there instead of a set


@pytest.mark.parametrize("name", ["faces.7z", "faces.7z.001", "Faces.RAR", "faces.tar.gz", "faces.tgz"])
def test_other_archives_are_to_be_unpacked(tmp_path, name, caplog):
    (tmp_path / name).write_bytes(b"7z")
    for path, words in ((tmp_path, f"{name} is an archive of a kind"), (tmp_path / name, "name the folder")):
        caplog.clear()
        assert cli.main(["data", "check", str(path), "--quiet"]) == 1
        assert words in caplog.text and "unpack it" in caplog.text
    own = folders.own(tmp_path / "own", "file,age\na.jpg,1\n", ("b.jpg",))
    for place in (folders.celeba(tmp_path / "celeba"), own):
        shutil.rmtree(place / "img_align_celeba", ignore_errors=True)
        shutil.copy(tmp_path / name, place / name)
        with pytest.raises(FacegenError, match=f"{name} is an archive of a kind that is not read: unpack it"):
            facegen.read(place)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("labels.csv", "a.jpg"), "If labels.csv says what the pictures show: save it as conditions.csv"),
        (("Conditions.CSV", "a.jpg"), "If Conditions.CSV says"),
        (("conditions.csv.txt", "a.jpg"), "If conditions.csv.txt says"),
        (("ages.xlsx", "a/a.jpg"), "If ages.xlsx says"),
        (
            ("list_attr_celeba (1).txt", "img_align_celeba/1.jpg"),
            "looks like CelebA's table: call it list_attr",
        ),
        (("img_align_celeba/000001.jpg",), "CelebA's pictures without their table: put list_attr_celeba.txt"),
        (("x/a.jpg", "y/b.jpg"), "Its pictures lie in folders"),
        (("a.jpg", "README.txt"), r"It has pictures \(1\), and no table"),
        (("README.txt",), "is recognised. Looked for"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_what_could_become_a_set_is_said(tmp_path, names, words, packed):
    for name in names:
        folders.picture(tmp_path / "x" / name, 1, (9, 9), format="JPEG")
    path = shutil.make_archive(str(tmp_path / "x"), "zip", tmp_path / "x") if packed else tmp_path / "x"
    with pytest.raises(FacegenError, match=words):
        facegen.read(path)


def test_a_picture_or_a_table_is_no_set(tmp_path):
    folder = folders.own(tmp_path, "file,age\na.jpg,1\n", ("a.jpg",))
    for name in ("a.jpg", "conditions.csv"):
        with pytest.raises(FacegenError, match=f"{name}: is a file: expected a folder"):
            facegen.read(folder / name)
    with pytest.raises(FacegenError, match="there is no such folder"):
        facegen.read(folder / "nowhere")


@pytest.mark.parametrize("fault", ["cut", "no pictures", "no pyarrow"])
def test_parquet_files_that_cannot_be_unpacked(tmp_path, fault, monkeypatch):
    parquet(
        tmp_path / "x.parquet",
        {"age": [1, 2]} if fault == "no pictures" else {"image": [jpeg(1)], "age": [2]},
    )
    if fault == "cut":
        whole = (tmp_path / "x.parquet").read_bytes()
        (tmp_path / "x.parquet").write_bytes(whole[: len(whole) // 2])
    elif fault == "no pyarrow":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    words = {
        "cut": "no whole parquet",
        "no pictures": "found none among age",
        "no pyarrow": "pip install pyarrow",
    }
    with pytest.raises(FacegenError, match=f"x.parquet: .*{words[fault]}"):
        conversion.write_table(tmp_path, progress=False)
    assert not (tmp_path / "conditions.csv").exists()


def test_a_table_is_read_only_where_there_is_one(rafd):
    """`import facegen` stays light, and sets without a table need no pandas."""
    import subprocess

    code = f"import facegen, sys; len(facegen.read({str(rafd)!r})); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert storage.DEPTH >= 3
