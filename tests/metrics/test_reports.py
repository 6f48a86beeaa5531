"""Whole reports: of a model that obeys and one that does not, through the command, every key documented."""

import json
import re

import numpy as np
import pytest
from PIL import Image

import facegen
from facegen import clay, cli, course, metrics
from facegen.clay import as_celeba
from facegen.data.pixels import load_pixels
from facegen.metrics import ground_truth
from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.gan import GAN
from facegen.utils.errors import FacegenError

NAMES = ["above", "left", "chance"]


def painted(rows, random):
    """Pictures of rows: bright above, red on the left; the third attribute changes nothing."""
    images = random.integers(0, 60, (len(rows), 32, 32, 3), dtype="uint8")
    images[:, :16] += np.uint8(180) * rows[:, 0, None, None, None].astype("uint8")
    images[:, :, :10, 0] += np.uint8(70) * rows[:, 1, None, None].astype("uint8")
    return images


class Painter(GAN):
    """Draws what it is asked for, or, deaf, what it likes."""

    def __init__(self, deaf=False):
        super().__init__({"attributes": NAMES}, size=32, width=2, discriminator_width=2, latent_dim=4)
        self.deaf = deaf

    def draw(self, inputs, batch_size=64):
        seeds = np.abs(inputs["noise"] * 1e6).astype(int)
        rows = inputs["attributes"]
        if self.deaf:
            rows = np.array([np.random.default_rng(seed).random(3) for seed in seeds]) < [0.5, 0.3, 0.5]
        return np.concatenate(
            [painted(row[None], np.random.default_rng(s)) for row, s in zip(rows, seeds, strict=True)]
        )


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder, random = tmp_path_factory.mktemp("painted"), np.random.default_rng(0)
    rows = random.random((320, 3)) < [0.5, 0.3, 0.5]
    lines = ["file,above,left,chance,partition"]
    for i, (image, row) in enumerate(zip(painted(rows, random), rows, strict=True)):
        Image.fromarray(image).save(folder / f"{i:03d}.png")
        part = ("train", "train", "validation", "test")[i % 4]
        lines.append(f"{i:03d}.png,{','.join(map(str, row.astype(int)))},{part}")
    (folder / "conditions.csv").write_text("\n".join(lines) + "\n")
    return facegen.read(folder)


@pytest.fixture(scope="module")
def report(faces):
    return metrics.report(Painter(), faces, progress=False, seeds=2, people=24, splits=3)


def test_a_model_that_obeys_is_at_the_ceiling(report):
    control, toggle = report["control"], report["toggle"]
    for name in ("above", "left"):
        row = control["attributes"][name]
        assert row["f1"] > 0.95 and row["ceiling"] > 0.95 and row["floor"] < 0.7
        assert row["balanced_accuracy_floor"] == pytest.approx(0.5, abs=0.1)
        assert (
            toggle["attributes"][name]["flipped"]
            > 0.9
            > 0.2
            > toggle["attributes"][name]["flipped_by_others"]
        )
    assert toggle["visible"][:2] == ["above", "left"] and control["under_half"] == []
    assert control["floor"] == "shuffled requests"
    assert control["attributes"]["left"]["frequency"] == pytest.approx(0.3, abs=0.1)
    assert 0.3 < report["fidelity"]["frechet_ratio"] < 3
    near = report["neighbours"]["pixels"]
    assert near["drawn"] == pytest.approx(near["real"], rel=0.2)


def test_a_model_that_does_not_listen_is_at_the_floor(faces, report):
    found = metrics.report(Painter(True), faces, Painter(True), progress=False, seeds=1, people=16, splits=2)
    assert found["control"]["floor"] == "the other model, asked for the same"
    assert found["control"]["f1_mean"] == found["control"]["f1_floor_mean"] < report["control"]["f1_mean"]
    assert found["control"]["balanced_accuracy_mean"] == pytest.approx(0.5, abs=0.12)
    assert found["toggle"]["flipped_mean"] == found["toggle"]["flipped_floor_mean"] == 0
    assert found["fidelity"]["floor"] == found["fidelity"]["drawn"]


def test_a_report_is_json_and_tables_without_what_is_no_number(report):
    text = metrics.as_json({**report, "odd": [float("nan"), float("inf"), 0.123456789]})
    again = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    assert again["odd"] == [None, None, 0.123457] and again["control"] == report["control"]
    for table in (metrics.as_text(report), metrics.difficulty_table(report)):
        assert all(name in table for name in NAMES) and "nan" not in table
    lines = metrics.as_text(report).splitlines()
    order = [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in NAMES]
    assert order == sorted(NAMES, key=lambda name: -report["control"]["attributes"][name]["f1"])


def test_what_cannot_be_measured_is_refused(faces, tmp_path):
    other = GAN({"attributes": ["a", "b"]}, size=32, width=2, discriminator_width=2)
    small = GAN({"attributes": NAMES}, size=16, width=2, discriminator_width=2)
    deconv = Deconv({"attributes": NAMES}, start=(2, 2), depth=1, kernels=[4], dense=4)
    whole = faces.select(faces.partition != 1)
    for model, data, floor, message in (
        (other, faces, None, "another set"),
        (Painter(), faces, small, "expected the same size"),
        (Painter(), whole, None, "no validation faces"),
        (
            Deconv({"who": ["1"]}, start=(2, 2), depth=1, kernels=[4], dense=4),
            faces,
            None,
            r"expected who \(1\)",
        ),
        (deconv, faces, small, "measures of a GAN"),
    ):
        with pytest.raises(FacegenError, match=message):
            metrics.report(model, data, floor, progress=False)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return facegen.read(clay.celeba(tmp_path_factory.mktemp("clay") / "set", 150, progress=False))


def test_the_truth_is_the_set_with_one_thing_changed(people, monkeypatch):
    few = people.part("test").select(slice(0, 3))
    true = ground_truth.true_flips(few, 32, progress=False)
    assert true.shape == (41, 3, 32, 32, 3)
    assert np.abs(true[0].astype(int) - load_pixels(few, 32, progress=False)).mean() < 4  # JPEG
    maps = metrics.change_maps(true, np.ones((40, 3), bool))
    hat, shirt = (
        maps[list(people.names["attributes"]).index(name)] for name in ("Wearing_Hat", "Wearing_Necktie")
    )
    assert hat[:10].sum() > 5 * hat[22:].sum() and shirt[22:].sum() > 5 * shirt[:10].sum()
    monkeypatch.setattr("facegen.metrics.ground_truth._drawn", lambda *_: pytest.fail("it is kept"))
    np.testing.assert_array_equal(ground_truth.true_flips(few, 32, progress=False), true)


def test_portraits_of_a_crowd_are_the_truth_of_its_set(people):
    few = people.part("test").select(slice(0, 2))
    true = ground_truth.true_flips(few, 32, progress=False)
    note = people.root / "clay.json"
    crowd = as_celeba.crowd_of(json.loads(note.read_text()))
    numbers = [int(path[-10:-4]) - 1 for path in few.paths]
    asked = [*zip(numbers, few.conditions["attributes"], strict=True)]
    np.testing.assert_array_equal(ground_truth.portraits(crowd, asked, 32, few.crop), true[0])


def test_regions_and_areas_by_hand():
    maps = np.zeros((3, 4, 4))
    maps[0, :2], maps[1, 2:], maps[2] = 1, 3, 1
    np.testing.assert_allclose(
        ground_truth.regions(maps, maps), [[1, 0, 0.5**0.5], [0, 1, 0.5**0.5], [0.5**0.5] * 2 + [1]]
    )
    np.testing.assert_allclose(ground_truth.area(maps), [0.5, 0.5, 1])


def test_the_truth_of_photographs_is_not_known(faces):
    assert not ground_truth.known(faces)
    with pytest.raises(FacegenError, match="nobody knows the truth"):
        ground_truth.true_flips(faces, 32)


def test_pictures_of_what_is_measured(people):
    model = GAN(people.names, size=16, width=2, discriminator_width=2)
    sheet = metrics.region_sheet(model, people, ["Wearing_Hat", "Smiling"], people=3, progress=False)
    assert sheet.height > sheet.width  # drawn and true: without, with, changes
    near = metrics.neighbour_sheet(model, people, count=4, progress=False)
    assert near.width > 300 and near.height > 500


def run(tmp_path, *arguments):
    """The numbers of one run of the command."""
    path = tmp_path / "numbers.json"
    assert cli.main(["measure", *map(str, arguments), "--json", str(path), "--quiet"]) == 0
    return json.loads(path.read_text())


SPREAD = {"attributes": "<name>", "fidelity": "<set>", "pictures": "<guess>", "change": "<condition>"}


def keys(value, path=()):
    """Dotted paths to all numbers, with what differs from set to set replaced by its kind."""
    if not isinstance(value, dict):
        return {".".join(path)}
    kind = SPREAD.get(path[-1]) if path else None
    kind = {"between": "<pair>"}.get(path[0], "<column>") if path and path[-1] == "columns" else kind
    return {
        key
        for name, inner in value.items()
        for key in keys(inner, (*path, kind if kind and isinstance(inner, dict | float) else name))
    }


def test_every_key_is_documented(people, rafd, tmp_path, capsys):
    gan = GAN(people.names, size=16, width=2, discriminator_width=2)
    saving.save(gan, tmp_path / "gan")
    numbers = run(tmp_path, tmp_path / "gan", people.root, "--floor", tmp_path / "gan", "--people", 3)
    assert "Wearing_Necktie" in capsys.readouterr().out and numbers["model"]["path"] == str(tmp_path / "gan")
    found = keys(numbers) - {"fidelity.<set>"} | {"fidelity.frechet_ratio"}
    set_of_rafd = facegen.read(rafd)
    saving.save(Deconv(set_of_rafd.names, (2, 2), 2, [4], 4), tmp_path / "deconv")
    numbers = run(tmp_path, tmp_path / "deconv", rafd)
    assert "mean of the same but emotion" in capsys.readouterr().out
    assert numbers["counts"]["held_out"] == round(0.1 * len(set_of_rafd))
    found |= keys(numbers)
    known = facegen.read(clay.rafd(tmp_path / "clay", people=1, width=40, progress=False))
    saving.save(Deconv(known.names, (2, 2), 2, [4], 4), tmp_path / "between")
    found |= keys(run(tmp_path, tmp_path / "between", known.root))
    assert "happy+sad" in capsys.readouterr().out
    text = (course.root() / "docs" / "measures.md").read_text()
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    documented = {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}
    assert found - documented == set() and documented - found == {"machine"} - found


def test_pictures_for_other_libraries(people, tmp_path, capsys):
    gan = GAN(people.names, size=16, width=2, discriminator_width=2)
    folder = tmp_path / "fid"
    metrics.write_pictures(gan, people, folder, progress=False)
    held = np.flatnonzero(people.partition > 0)
    names = [sorted(path.name for path in (folder / kind).iterdir()) for kind in ("drawn", "real")]
    assert names[0] == names[1] and len(names[0]) == len(held)
    real = np.asarray(Image.open(folder / "real" / names[1][3]))
    np.testing.assert_array_equal(real, load_pixels(people, 16, progress=False)[held[3]])
    saving.save(gan, tmp_path / "gan")
    assert cli.main(["measure", str(tmp_path / "gan"), str(people.root), "--pictures", str(folder)]) == 1
    assert "expected a new folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nobody", "."], "nobody is no trained model"),
        (["nobody", ".", "--json", "no/such/folder/x.json"], "expected a file in a folder that is there"),
    ],
)
def test_the_command_says_what_is_wrong_before_it_works(arguments, message, celeba, capsys):
    arguments[1] = str(celeba)
    assert cli.main(["measure", *arguments]) == 1
    assert message in capsys.readouterr().err
