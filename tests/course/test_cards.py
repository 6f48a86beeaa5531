"""The cards of the shipped models: what a reader, and Hugging Face, find in them."""

import json
import re

import cards
import pytest
import yaml
from PIL import Image

from facegen.models import saving, zoo
from facegen.utils import mark

NAMES = ["clay-deconv", "clay-flow", "clay-gan", "clay-gan-unconditional"]


@pytest.fixture(scope="module", params=NAMES)
def folder(request):
    return zoo.find(request.param)


def test_the_card_is_that_of_the_folder(folder):
    """Whatever changes in a template or in measures.json: python tools/ship.py --cards."""
    written = (folder / "README.md").read_text(encoding="utf-8")
    alt = re.search(r"!\[(.+)\]\(picture.jpg\)", written)[1]
    assert cards.text(folder, saving.load(folder), alt) == written


def test_picture_and_limits_come_before_what_is_folded(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    places = [text.index(part) for part in ("](picture.jpg)", "## Limits", "## Licence", "<details>", "```")]
    assert places == sorted(places)
    assert text.count("<details>") == text.count("</details>") == 2
    front = yaml.safe_load(text.split("---")[1])
    assert front["license"] == "mit" and front["library_name"] == "keras" and front["datasets"] == []
    assert ("pipeline_tag" in front) == folder.name.endswith("unconditional")


def test_the_picture_is_small_and_says_who_drew_it(folder):
    path = folder / "picture.jpg"
    assert path.stat().st_size < cards.LARGEST
    assert mark.SYNTHETIC in mark.read(path) and folder.name in mark.read(path)
    with Image.open(path) as picture:
        assert picture.size[0] > 600


def test_heads_tell_how_they_turn_where_that_was_measured():
    shipped = zoo.find("clay-deconv")
    model = saving.load(shipped)
    report = json.loads((shipped / "measures.json").read_text())
    report.pop("turn", None)
    _, untold = cards.of_heads("clay-deconv", model, report)
    turn = {"drawn": {"psnr": [30.0, 28.25]}, "fade": {"psnr": [99.0, 17.5]}}
    _, told = cards.of_heads("clay-deconv", model, {**report, "turn": turn})
    assert "was not measured" in untold[1] and "at 28.2 dB" in told[1] and "at 17.5 dB" in told[1]
    assert "57 toy people" in told[0]
    picture, alt = cards.heads(model)
    assert len(picture) < cards.LARGEST and "surprised" in alt
