"""`facegen train` and `facegen generate`, from a folder of faces to pictures, with networks of no size."""

import shlex
import shutil
from collections import namedtuple

import folders
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from facegen import cli
from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.gan import CONDITIONINGS, GAN
from facegen.training import checkpoints, resources
from facegen.training.recipes import Recipe
from facegen.utils import files, mark
from facegen.viz import video

RAFD = {"identity": ["01", "02", "03"], "emotion": ["happy", "neutral"], "orientation": ["sin", "cos"]}
FRAMES = "mode: interpolate\nfps: 10\nkeyframes:\n- {id: 1}\n- {id: 2, em: happy, length: 1s}\n"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A deconvolution network that draws 8 x 12 pixels and has learned nothing."""
    network = Deconv(RAFD, start=(2, 3), depth=1, kernels=[4], dense=8, channels=1)
    return saving.save(network, tmp_path_factory.mktemp("trained") / "model")


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.yaml"
    path.write_text(FRAMES)
    return path


@pytest.fixture
def generate(model, film, tmp_path):
    """Run `facegen generate` into tmp_path / "out" with more words; the exit code."""
    words = ["generate", "-m", str(model), "-f", str(film), "-o", str(tmp_path / "out"), "--quiet"]
    return lambda *more: cli.main([*words, *more])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def levels(path):
    return np.asarray(Image.open(path)).astype(int)


# generate


@pytest.mark.parametrize("batch", ["3", "64"])
def test_numbered_pictures_are_what_the_model_draws(generate, model, tmp_path, batch):
    assert generate("-ext", "png", "-b", batch) == 0
    assert names(tmp_path / "out") == [f"{i:05d}.png" for i in range(11)]
    network = saving.load(model)
    ends = network.draw(
        {
            "identity": np.eye(3)[:2],
            "emotion": np.array([[0, 1], [1, 0]]),
            "orientation": np.array([[0, 1], [0, 1]]),
        }
    )
    for i, picture in ((0, ends[0]), (10, ends[1])):
        assert np.abs(levels(tmp_path / "out" / f"{i:05d}.png") - picture[..., 0]).max() <= 1
    assert (levels(tmp_path / "out" / "00005.png") != ends[0, ..., 0]).any()


def test_jpg_is_the_default_and_a_trainings_folder_will_do(generate, model, tmp_path, capsys):
    assert generate("-m", str(model.parent)) == 0
    assert names(tmp_path / "out") == [f"{i:05d}.jpg" for i in range(11)]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_films(generate, tmp_path, kind):
    assert generate("-ext", kind) == 0
    assert names(tmp_path / "out") == [f"film.{kind}"]
    reader = imageio_ffmpeg.read_frames(str(tmp_path / "out" / f"film.{kind}"))
    about = next(reader)
    assert about["size"] == (252, 168) and about["fps"] == 10 and len([*reader]) == 11


def test_a_sheet(generate, film, tmp_path, capsys):
    assert generate("-ext", "sheet") == 0
    assert names(tmp_path / "out") == ["sheet.png"]
    assert levels(tmp_path / "out" / "sheet.png").shape == (3 * (8 * 8 + 2) - 2, 4 * (12 * 8 + 2) - 2, 3)
    film.write_text("mode: random\nnum_images: 401\n")
    assert generate("-ext", "sheet", "--force") == 1
    assert "asks for 401 pictures, a sheet has room for 400" in capsys.readouterr().err


def test_nothing_is_overwritten_without_force_and_nothing_strange_with_it(generate, film, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    assert generate() == 0  # an empty folder may be there
    before = (out / "00000.jpg").read_bytes()
    (out / "mine.txt").write_text("mine")
    film.write_text("mode: random\nnum_images: 2\n")
    assert generate() == 1
    assert "name another folder, or add --force" in capsys.readouterr().err
    assert (out / "00000.jpg").read_bytes() == before and len(names(out)) == 12
    assert generate("--force", "-ext", "png") == 0
    assert names(out) == ["00000.png", "00001.png", "mine.txt"]
    assert generate("-o", str(out / "mine.txt"), "--force") == 1
    assert "mine.txt is a file" in capsys.readouterr().err


def test_a_mistake_in_the_file_leaves_the_folder_alone(generate, film, tmp_path, capsys):
    film.write_text(FRAMES + "- {em: hapy, length: 1s}\n")
    assert generate() == 1
    assert f"{film}, line 6, em: there is no 'hapy'" in capsys.readouterr().err
    assert generate("-m", str(tmp_path / "none")) == 1
    assert "is no trained model" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_does_not_fit_is_said_before_it_begins(generate, film, tmp_path, capsys, monkeypatch):
    film.write_text("mode: random\nnum_images: 1000\n")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, 4_000_000))
    assert generate() == 1
    err = capsys.readouterr().err
    assert "1,000 pictures as jpg need about 4.1 MB, 4.0 MB are free" in err and "-ext mp4, which" in err
    assert not (tmp_path / "out").exists()
    film.write_text("mode: random\nnum_images: 100\n")
    assert generate() == 0


def test_a_batch_that_does_not_fit_in_memory_is_said_before_it_begins(
    generate, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(resources, "available", lambda: 1000)
    assert generate() == 1
    assert "11 pictures of 8x12 at a time need about 0.8 GB of memory" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["png", "sheet", "mp4", "gif"])
def test_labels_say_what_was_asked_for(generate, tmp_path, kind):
    assert generate("-ext", kind, "--labels") == 0
    height, width = 8 * 21 + 3 * video.LINE, 12 * 21
    if kind == "png":
        first, last = (levels(tmp_path / "out" / f"{i:05d}.png") for i in (0, 10))
        assert first.shape == (height, width)
        assert (first[: video.LINE] != last[: video.LINE]).any()  # identity 01, identity 02
        assert (first[2 * video.LINE : 3 * video.LINE] == last[2 * video.LINE : 3 * video.LINE]).all()
    elif kind == "sheet":
        assert levels(tmp_path / "out" / "sheet.png").shape == (3 * (height + 2) - 2, 4 * (width + 2) - 2, 3)
    else:
        reader = imageio_ffmpeg.read_frames(str(tmp_path / "out" / f"film.{kind}"))
        assert next(reader)["size"] == (width, height // 2 * 2)


def test_a_large_gif_is_told_of_in_one_line(generate, capsys, monkeypatch):
    monkeypatch.setattr(video, "GIF_LARGE", 10)
    assert generate("-ext", "gif") == 0
    err = capsys.readouterr().err
    assert err.startswith("facegen: ") and "as .mp4 it would be far smaller" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("kind", cli.generate.EXTENSIONS)
@pytest.mark.parametrize("labels", [[], ["--labels"]])
def test_pictures_take_no_more_than_is_reckoned(generate, film, tmp_path, monkeypatch, kind, labels):
    film.write_text("mode: random\nconstrained: false\nnum_images: 30\nseed: 1\n")
    reckoned = []
    monkeypatch.setattr(files, "check_space", lambda folder, needed, *what: reckoned.append(needed))
    assert generate("-ext", kind, *labels) == 0
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) < reckoned[0]


def test_an_interrupt_leaves_whole_pictures(generate, tmp_path, monkeypatch):
    draw, calls = Deconv.draw, []

    def interrupted(self, *arguments):
        calls.append(names(tmp_path / "out"))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return draw(self, *arguments)

    monkeypatch.setattr(Deconv, "draw", interrupted)
    (tmp_path / "out").mkdir()
    assert generate("-b", "4", "-ext", "png") == cli.INTERRUPTED
    whole = [f"{i:05d}.png" for i in range(8)]
    assert names(tmp_path / "out") == whole
    assert [len([n for n in there if n in whole]) for there in calls] == [0, 4, 8]  # written while drawn
    for name in whole:
        Image.open(tmp_path / "out" / name).verify()


def test_a_disk_that_fails_is_an_error_of_one_line(generate, capsys, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(video, "write_frames", full)
    assert generate() == 1
    err = capsys.readouterr().err
    assert "cannot be written" in err and len(err.splitlines()) == 1


def test_the_seed_of_chance_is_told(generate, model, film, tmp_path, capsys):
    film.write_text("mode: random\nnum_images: 2\n")
    words = ["generate", "-m", str(model), "-f", str(film), "-ext", "png", "-o"]
    assert cli.main([*words, str(tmp_path / "one")]) == 0
    seed = capsys.readouterr().out.split("seed: ")[1].strip()
    film.write_text(f"mode: random\nnum_images: 2\nseed: {seed}\n")
    assert cli.main([*words, str(tmp_path / "two")]) == 0
    for name in names(tmp_path / "one"):
        assert (levels(tmp_path / "one" / name) == levels(tmp_path / "two" / name)).all()


def test_the_gan_draws_scripts_too(film, tmp_path):
    gan = saving.save(
        GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2, latent_dim=3),
        tmp_path / "gan",
    )
    film.write_text("mode: random\nSmiling: on\nnum_images: 3\nseed: 1\n")
    words = [
        "generate",
        "-m",
        str(gan),
        "-f",
        str(film),
        "-o",
        str(tmp_path / "out"),
        "-ext",
        "png",
        "--quiet",
    ]
    assert cli.main(words) == 0
    pictures = [levels(tmp_path / "out" / name) for name in names(tmp_path / "out")]
    assert len(pictures) == 3 and (pictures[0] != pictures[1]).any()


# train


@pytest.fixture
def train(tmp_path, rafd):
    """Run `facegen train deconv` on four people into tmp_path / "run" with more words; the exit code."""
    words = ["train", "deconv", str(rafd), "-o", str(tmp_path / "run"), "-b", "4", "--quiet"]
    return lambda *more: cli.main([*words, *more])


SMALL = ("-d", "1", "-k", "3", "2")


def test_deconv_trains_goes_on_and_generates(train, tmp_path, film):
    run = tmp_path / "run"
    assert train(*SMALL, "-e", "1", "-v", "--optimizer", "Adagrad") == 0
    assert names(run / "samples") == ["0000.png", "0001.png"]
    settings = saving.about(run / "model")["settings"]
    assert (settings["start"], settings["depth"], settings["kernels"]) == ([5, 4], 1, [3, 2])
    assert train(*SMALL, "-e", "2", "-v", "--optimizer", "adagrad") == 0  # goes on
    assert names(run / "samples") == ["0000.png", "0001.png", "0002.png"]
    assert len((run / "log.csv").read_text().splitlines()) == 3
    film.write_text("mode: single\nid: 3\nem: happy\n")
    words = ["generate", "-m", str(run), "-f", str(film), "-o", str(tmp_path / "out"), "--quiet"]
    assert cli.main(words) == 0
    assert Image.open(tmp_path / "out" / "00000.jpg").size == (16, 20)


def test_a_trained_model_is_where_another_training_begins(train, tmp_path, rafd, capsys):
    assert train(*SMALL, "-e", "1") == 0
    other = ["-o", str(tmp_path / "other"), "-m", str(tmp_path / "run"), "-e", "1", "--optimizer", "sgd"]
    other += ["--recipe", "original"]
    assert train(*other, "-v") == 0
    first, begun = (np.load(tmp_path / name / "model" / "weights.npz") for name in ("run", "other"))
    assert {k: first[k].shape for k in first.files} == {k: begun[k].shape for k in begun.files}
    near = max(np.abs(first[k] - begun[k]).max() for k in first.files if k.endswith("kernel"))
    assert 0 < near < 0.02  # a few steps of plain gradient descent away
    assert train(*other, *SMALL) == 1
    assert "--layers belongs to a new network" in capsys.readouterr().err
    gan = GAN({"attributes": ["Male"]}, size=16, width=2, discriminator_width=2)
    assert train("-m", str(saving.save(gan, tmp_path / "gan"))) == 1
    assert "is a GAN: expected a Deconv" in capsys.readouterr().err
    stranger = saving.save(Deconv(RAFD, start=(5, 4), depth=1, kernels=[2], dense=4), tmp_path / "stranger")
    assert train("-m", str(stranger)) == 1
    assert "trained on another set. Expected identity (3)" in capsys.readouterr().err


def test_resuming_is_insisted_on(train, tmp_path, capsys):
    assert train(*SMALL, "-e", "1", "--resume") == 1
    assert "no training has begun there" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    assert train(*SMALL, "-e", "1", "-opt", "adagrad") == 0
    assert train(*SMALL, "-e", "2", "-opt", "adagrad", "--resume") == 0
    assert len((tmp_path / "run" / "log.csv").read_text().splitlines()) == 3
    with pytest.raises(SystemExit):
        train(*SMALL, "--resume", "--force")


def test_what_is_bad_in_a_set_is_told_and_left_out(train, tmp_path, rafd, capsys):
    names = sorted(path.name for path in rafd.iterdir() if "frontal" in path.name and "Kid" not in path.name)
    (rafd / names[3]).write_bytes(b"<html>quota</html>")
    folders.picture(rafd / "holiday.jpg", 1, (68, 102))
    assert train(*SMALL, "-e", "1") == 0
    err = capsys.readouterr().err
    assert f"1 of {len(names)} pictures are left out" in err and f"{names[3]} is a web page" in err
    assert "pictures without a row: 1 (first: holiday.jpg): left out" in err
    assert (tmp_path / "run" / "model" / "model.json").is_file()


def test_the_sample_sheet_shows_everybody_neutral_and_frontal(rafd):
    from facegen.data.reader import read

    faces = read(rafd)
    rows = cli.train._everybody(faces)
    people = len(faces.names["identity"])
    assert (rows["identity"] == np.eye(people)).all()
    assert (rows["emotion"].argmax(axis=1) == faces.names["emotion"].index("neutral")).all()
    assert (rows["orientation"] == [0, 1]).all()


def test_flow_trains_and_wanders(celeba, tmp_path, film):
    words = ["train", "flow", str(celeba), "-b", "4", "-e", "1", "--quiet", "-v", "-o", str(tmp_path / "run")]
    assert cli.main([*words, "--size", "16", "--widths", "4", "8", "--patch", "2"]) == 0
    settings = saving.about(tmp_path / "run" / "model")["settings"]
    assert (settings["size"], settings["widths"], settings["patch"]) == (16, [4, 8], 2)
    assert names(tmp_path / "run" / "samples") == ["0000.png", "0001.png"]
    film.write_text("mode: drunk\nnum_images: 3\nseed: 1\n")
    out = tmp_path / "out"
    assert (
        cli.main(["generate", "-m", str(tmp_path / "run"), "-f", str(film), "-o", str(out), "--quiet"]) == 0
    )
    assert len(names(out)) == 3


def test_gan_trains_the_original_and_as_today(celeba, tmp_path):
    words = [
        "train",
        "gan",
        str(celeba),
        "-b",
        "4",
        "-e",
        "1",
        "--size",
        "16",
        "--width",
        "2",
        "--quiet",
        "-v",
    ]
    assert cli.main([*words, "-o", str(tmp_path / "one"), "--recipe", "original"]) == 0
    assert cli.main([*words, "-o", str(tmp_path / "two"), "--noise", "3"]) == 0
    one, two = (saving.about(tmp_path / name / "model")["settings"] for name in ("one", "two"))
    assert one == {**GAN(one["names"]).settings, "size": 16, "width": 2, "discriminator_width": 2}
    assert (two["loss"], two["latent_dim"], two["ema"], two["conditioning"]) == ("hinge", 3, 0.999, "both")
    assert names(tmp_path / "two" / "samples") == ["0000.png", "0001.png"]
    assert tuple(CONDITIONINGS) == cli.train.CONDITIONINGS


@pytest.mark.parametrize(
    "more, message",
    [
        (["--optimizer", "adamant"], "--optimizer 'adamant': expected one of adadelta, "),
        (["-b", "999"], "--batch 999 does not fit a set of"),
        (["--optimizer", "ad"], "--optimizer 'ad'"),
        (["--use-jaffe"], "was recognised as rafd, not as jaffe"),
        (["--use-yalefaces"], "was recognised as rafd, not as yaleb"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_line(train, capsys, more, message):
    assert train(*SMALL, *more) == 1
    err = capsys.readouterr().err
    assert message in err and len(err.splitlines()) == 1


def test_a_training_that_does_not_fit_does_not_begin(train, tmp_path, rafd, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, 100_000))
    assert train(*SMALL) == 1
    assert "checkpoints and the trained model need about" in capsys.readouterr().err
    assert not (tmp_path / "run").exists() and not (rafd / ".facegen").exists()


def test_weights_that_do_not_fit_are_said_in_one_line(train, tmp_path, capsys, monkeypatch):
    def build(*_, **__):
        raise MemoryError("Unable to allocate 240. GiB")

    monkeypatch.setattr(Recipe, "build", build)
    assert train(*SMALL) == 1
    err = capsys.readouterr().err
    assert "do not fit into memory" in err and "--layers or --kernels" in err and len(err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_many_layers_are_warned_of(train, capsys, monkeypatch):
    monkeypatch.setattr(cli.train, "DEEP", 0)
    assert train(*SMALL, "-e", "1") == 0
    assert "1 layers draw 20 x 16 pixels; this takes long" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["-b", "0"], ["-e", "x"], ["-d", "-1"]])
def test_counts_are_whole_numbers_above_zero(train, words):
    with pytest.raises(SystemExit):
        train(*words)


def test_a_batch_too_large_for_memory_is_named_with_one_that_fits(train, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(resources, "estimate", lambda model, pictures: 1000 + 100 * pictures)
    monkeypatch.setattr(resources, "available", lambda: 1250)
    assert train(*SMALL) == 1
    assert (
        "4 pictures of 20x16 at a time need about" in (err := capsys.readouterr().err)
        and "2 at a time would fit" in err
    )
    assert not (tmp_path / "run").exists()


def test_a_folder_of_something_else_is_left_alone(train, tmp_path, capsys):
    run = tmp_path / "run"
    run.mkdir()
    (run / "thesis.txt").write_text("mine")
    assert train(*SMALL, "-e", "1") == 1
    assert "no training is in it: name another folder, or add --force" in capsys.readouterr().err
    assert names(run) == ["thesis.txt"]
    assert train(*SMALL, "-e", "1", "--force") == 0
    assert (run / "thesis.txt").read_text() == "mine" and (run / "model").is_dir()


def test_another_training_in_the_folder_goes_only_by_force(train, tmp_path, capsys):
    assert train(*SMALL, "-e", "1", "-opt", "sgd") == 0
    assert train(*SMALL, "-e", "2", "-opt", "adam") == 1
    assert "or begin anew with resume=False (--force)" in capsys.readouterr().err
    assert train(*SMALL, "-e", "1", "-opt", "adam", "--force") == 0
    assert len((tmp_path / "run" / "log.csv").read_text().splitlines()) == 2


def test_children_and_other_gazes_by_option(train, tmp_path, capsys):
    assert train(*SMALL, "-e", "1", "--people", "all", "--gazes", "left", "frontal") == 0
    assert len(saving.about(tmp_path / "run" / "model")["settings"]["names"]["identity"]) == 4
    assert train(*SMALL, "-e", "1", "--force") == 0
    assert len(saving.about(tmp_path / "run" / "model")["settings"]["names"]["identity"]) == 3


@pytest.mark.parametrize(
    "kind, start, conditions",
    [
        ("yaleb", [6, 8], {"identity": 4, "pose": 10, "lighting": 4}),
        ("jaffe", [4, 4], {"identity": 3, "emotion": 7}),
        ("celeba", [4, 4], {"attributes": 40}),
    ],
)
def test_every_set_trains_and_draws(tmp_path, film, kind, start, conditions):
    data = getattr(folders, kind)(tmp_path / kind)
    words = ["train", "deconv", str(data), "-o", str(tmp_path / "run"), "-b", "4", "-e", "1", "--quiet", "-v"]
    assert cli.main([*words, *SMALL]) == 0
    settings = saving.about(tmp_path / "run" / "model")["settings"]
    assert settings["start"] == start and settings["channels"] == (3 if kind == "celeba" else 1)
    assert {name: len(columns) for name, columns in settings["names"].items()} == conditions
    assert names(tmp_path / "run" / "samples") == ["0000.png", "0001.png"]
    film.write_text("mode: drunk\nnum_images: 3\nseed: 1\n")
    for extension, expected in (("jpg", 3), ("gif", 1), ("mp4", 1), ("sheet", 1)):
        out = tmp_path / extension
        command = ["generate", "-m", str(tmp_path / "run"), "-o", str(out), "-f", str(film), "--quiet"]
        assert cli.main([*command, "-ext", extension, "--labels"]) == 0
        assert len(names(out)) == expected


def test_the_original_recipe_and_todays(train, tmp_path):
    for recipe in ("original", "today"):
        assert train(*SMALL, "-e", "1", "-o", str(tmp_path / recipe), "--recipe", recipe) == 0
    old, new = (saving.load(tmp_path / recipe / "model") for recipe in ("original", "today"))
    assert any("norm" in weight.path for weight in old.weights)
    assert not any("norm" in weight.path for weight in new.weights)


def test_the_checkpoints_are_about_as_large_as_is_reckoned(train, tmp_path, monkeypatch):
    reckoned = []
    monkeypatch.setattr(files, "check_space", lambda folder, needed, *what: reckoned.append(needed))
    assert train(*SMALL, "-e", "2") == 0
    written = [*(tmp_path / "run" / "checkpoints").iterdir(), *(tmp_path / "run" / "model").iterdir()]
    assert len(written) == checkpoints.KEEP + 2
    taken = sum(path.stat().st_size for path in written)
    assert taken < reckoned[0] < 2 * taken


# invert


@pytest.fixture
def picture(model, tmp_path):
    """What the model draws for the second person, happy, turned by 30 degrees."""
    path = tmp_path / "face.png"
    drawn = saving.load(model).generate(identity="02", emotion="happy", orientation=30)[0]
    path.write_bytes(video.png(drawn))
    return path


def test_what_invert_prints_is_a_parameter_file_that_draws_the_picture(model, picture, tmp_path, capsys):
    found, again = tmp_path / "found.png", tmp_path / "again"
    assert cli.main(["invert", str(model), str(picture), "-o", str(found), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert (tmp_path / "found.yaml").read_text() == said
    about, command, *_ = said.splitlines()
    assert about.startswith(f"# {picture}, as {model} would draw it: ") and about.endswith("real is shown.")
    assert "drawn by" in mark.read(found)
    program, *words = shlex.split(command.removeprefix("# "))
    assert program == "facegen" and cli.main([*words[:-4], "-o", str(again), "-ext", "png", "--quiet"]) == 0
    assert np.abs(levels(again / "00000.png") - levels(found)).max() <= 1


def test_invert_overwrites_nothing_unless_told_to(model, picture, tmp_path, capsys):
    (tmp_path / "found.yaml").write_text("mine")
    words = ["invert", str(model), str(picture), "-o", str(tmp_path / "found.png"), "--quiet"]
    assert cli.main(words) == 1
    assert "found.yaml is there already: name another file, or add --force" in capsys.readouterr().err
    assert not (tmp_path / "found.png").exists() and (tmp_path / "found.yaml").read_text() == "mine"
    assert cli.main([*words, "--force"]) == 0
    assert "mode: single" in (tmp_path / "found.yaml").read_text()


def test_invert_keeps_what_is_known(model, picture, capsys):
    assert cli.main(["invert", str(model), str(picture), "--known", "emotion=neutral", "--quiet"]) == 0
    assert "emotion: neutral" in capsys.readouterr().out


def test_invert_says_what_is_wrong(model, picture, tmp_path, capsys):
    for words, said in (
        ([str(tmp_path / "none.png")], "none.png: expected the file of a picture, found nothing there"),
        ([str(picture), "-o", "found.jpg"], "found.jpg: expected the name of a PNG file, such as found.png"),
        ([str(picture), "--crop", "0", "0", "2", "1"], "expected fractions"),
        ([str(picture), "--known", "happy"], "--known 'happy': expected NAME=WORDS, such as emotion=happy."),
        ([str(picture), "--known", "mood=happy"], "there is no condition 'mood'"),
    ):
        assert cli.main(["invert", str(model), *words]) == 1
        assert said in capsys.readouterr().err
