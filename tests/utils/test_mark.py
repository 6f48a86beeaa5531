"""Every picture and film that the package saves says that it is synthetic, and by which model."""

import io

import numpy as np
import pytest
from panels import gan
from PIL import Image

from facegen import cli, panel
from facegen.models import saving, zoo
from facegen.utils import mark
from facegen.viz import video

FRAMES = [np.full((20, 16, 3), 40 * i, np.uint8) for i in range(4)]


@pytest.mark.parametrize("kind", ["jpg", "png", "gif", "mp4", "sheet"])
def test_what_is_generated_names_its_model(tmp_path, kind):
    folder = saving.save(gan(), tmp_path / "faces")
    (tmp_path / "p.yaml").write_text("mode: random\nseed: 1\nnum_images: 3\n")
    words = ["generate", "-m", str(folder), "-o", str(tmp_path / "o"), "-f", str(tmp_path / "p.yaml")]
    assert cli.main([*words, "-ext", kind, "--quiet"]) == 0
    made = list((tmp_path / "o").iterdir())
    assert made and all(mark.read(path) == mark.text("faces") for path in made)
    assert mark.text("faces").startswith("Synthetic picture, nobody real is shown: drawn by faces, facegen ")


def test_what_a_panel_saves_names_its_model(tmp_path):
    model = zoo.load(saving.save(gan(), tmp_path / "run" / "model"))
    live = panel.for_model(model)
    assert mark.read(live.save(tmp_path / "face.png")) == mark.text("run")
    assert mark.read(io.BytesIO(live.picture.value)) == mark.text("run")


def test_a_gif_is_the_same_film_with_a_comment(tmp_path):
    video.write_gif(FRAMES, tmp_path / "a.gif", by="clay-gan")
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames == 4 and film.info["loop"] == 0
        for i, frame in enumerate(FRAMES):
            film.seek(i)
            assert np.abs(np.asarray(film.convert("RGB")).mean() - frame.mean()) < 4
    long = "x" * 700  # several blocks
    mark.gif(tmp_path / "a.gif", tmp_path / "b.gif", long)
    assert mark.read(tmp_path / "b.gif").startswith(long)


def test_other_pictures_say_nothing(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    assert mark.read(tmp_path / "a.png") is None
