"""The four parameter files that the original came with run as they are, and do what they did there."""

import numpy as np
import pytest
import yaml
from PIL import Image

from facegen import cli, conditions
from facegen.conditions import script
from facegen.conditions import yaml as document
from facegen.data import rafd
from facegen.models import saving
from facegen.models.deconv import Deconv

ADULTS = [f"{number:02d}" for number in range(1, 74) if number not in (6, 13, 17, 34, 62, 66)][:57]
RAFD = {"identity": ADULTS, "emotion": list(rafd.EMOTIONS), "orientation": ["sin", "cos"]}
FILES = {
    "single": "mode: single\nid: 3\nem: happy\n",
    "random": "mode: random\nconstrained: False\nid_scale: 2\nem_scale: 2\nnum_images: 100\n",
    "drunk": "mode: drunk\nor: 0\nid_step: 0.2\nem_step: 0.2\nmin: 0\nmax: 1\nnum_images: 10s\nfps: 30\n",
    "interpolate": (
        "mode: interpolate\nfps: 30\nkeyframes:\n  - id: 1\n    em: happy\n  - em: sad\n    length: 1s\n"
        "  - em: neutral\n    length: 1s\n  - id: 1+3+5\n    em: sad+happy\n    length: 2s\n"
    ),
}
PICTURES = {"single": 1, "random": 100, "drunk": 300, "interpolate": 121}


def rows(name):
    parsed = script.parse(document.parse(FILES[name], name), RAFD)
    assert parsed.count == PICTURES[name]
    return conditions.stack([*parsed.frames()])


def test_single_is_person_3_happy():
    (decoded,) = conditions.decode(RAFD, rows("single"))
    assert decoded == {"identity": "03", "emotion": "happy", "orientation": "0"}


def test_random_is_a_hundred_illegal_inputs_of_twice_the_scale():
    frames = rows("random")
    for name, scale in (("identity", 2), ("emotion", 2), ("orientation", 1)):
        assert frames[name].shape == (100, len(RAFD[name]))
        assert 0.9 * scale < np.abs(frames[name]).max() <= scale
        assert abs(frames[name].mean()) < 0.2 * scale


def test_drunk_staggers_for_ten_seconds_within_0_and_1():
    frames = rows("drunk")
    assert (frames["orientation"] == [0, 1]).all()
    for name in ("identity", "emotion"):
        assert (
            frames[name].min() >= 0 and frames[name].max() <= 1
        )  # the original read min and max, and forgot
        assert 0 < np.abs(np.diff(frames[name], axis=0)).max() < 0.4
        assert len(np.unique(frames[name], axis=0)) == 300


def test_interpolate_goes_from_happy_to_sad_to_neutral_to_three_people():
    frames = rows("interpolate")
    decoded = conditions.decode(RAFD, frames)
    assert [decoded[i]["emotion"] for i in (0, 30, 60)] == ["happy", "sad", "neutral"]
    assert {frame["identity"] for frame in decoded[:61]} == {"01"}
    assert set(decoded[120]["identity"].split("+")) == {"0.58*01", "0.58*03", "0.58*05"}
    assert set(decoded[120]["emotion"].split("+")) == {"0.71*sad", "0.71*happy"}
    for name in RAFD:
        np.testing.assert_allclose(np.linalg.norm(frames[name], axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", FILES)
def test_the_course_ships_the_same_files(name):
    shipped = dict(document.read(script.Path(__file__).resolve().parents[2] / "params" / f"{name}.yaml"))
    extra = {"seed", "fps"}
    own, original = (
        {k: v for k, v in x.items() if k not in extra} for x in (shipped, yaml.safe_load(FILES[name]))
    )
    assert own == original


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    network = Deconv(RAFD, start=(2, 2), depth=1, kernels=[2], dense=4)
    return saving.save(network, tmp_path_factory.mktemp("model") / "model")


@pytest.mark.parametrize("name", FILES)
def test_the_command_draws_every_one_of_them(tmp_path, model, name):
    (tmp_path / "params.yaml").write_text(FILES[name])
    words = ["generate", "-m", str(model), "-o", str(tmp_path / "out"), "-f", str(tmp_path / "params.yaml")]
    assert cli.main([*words, "-b", "64", "-ext", "jpg", "--quiet"]) == 0
    paths = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in paths] == [f"{i:05d}.jpg" for i in range(PICTURES[name])]
    assert Image.open(paths[-1]).size == (8, 8)
