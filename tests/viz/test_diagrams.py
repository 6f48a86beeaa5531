"""Diagrams: well formed, readable in light and dark and with words alone, and true to the models."""

import base64
import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import keras
import matplotlib
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import ImageFont

from facegen.models import GAN, Deconv
from facegen.models.surface import Sight
from facegen.models.unet import unet
from facegen.viz import architectures, diagrams, svg

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"  # the widest that may be taken
NS = "{http://www.w3.org/2000/svg}"
ATTRIBUTES = {"attributes": [f"a{i}" for i in range(40)]}
FACES = {
    "identity": [f"{i:02}" for i in range(57)],
    "emotion": ["happy", "sad"],
    "orientation": ["sin", "cos"],
}


def gan(size=16, width=2, **settings):
    return GAN(ATTRIBUTES, size=size, width=width, discriminator_width=width, **settings)


def deconv(depth=1, names=FACES, kernels=(8,)):
    return Deconv(names, start=(5, 4), depth=depth, kernels=kernels, dense=16)


DRAWN = {
    "course_map": diagrams.course_map,
    "unpooling": diagrams.unpooling,
    "two_players": diagrams.two_players,
    "unrolled_head": diagrams.unrolled_head,
    "unrolled_head, turned away": lambda: diagrams.unrolled_head(turn=-45, pixel=5),
    "straight_path": diagrams.straight_path,
    "straight_path, later": lambda: diagrams.straight_path(time=0.7),
    "dcgan": lambda: architectures.dcgan(gan()),
    "dcgan, as large as the original": lambda: architectures.dcgan(gan(64, 64, latent_dim=64)),
    "projection": lambda: architectures.projection(gan(conditioning="projection")),
    "projection, large": lambda: architectures.projection(gan(64, 64, conditioning="both")),
    "deconvolution": lambda: architectures.deconvolution(deconv()),
    "deconvolution of 320 rows": lambda: architectures.deconvolution(deconv(5)),
    "deconvolution of one condition": lambda: architectures.deconvolution(
        deconv(names={"emotion": ["a", "b"]})
    ),
    "u_net": lambda: architectures.u_net(unet(32, 3, 41, (8, 12), patch=4, deep=False)),
    "u_net of one level": lambda: architectures.u_net(unet(8, 1, 3, (8,))),
    "u_net of five levels": lambda: architectures.u_net(unet(128, 3, 141, (128, 132, 136, 140, 144))),
}
MADE = {}
each = pytest.mark.parametrize("name", DRAWN)


def drawn(name) -> svg.Diagram:
    if name not in MADE:
        MADE[name] = DRAWN[name]()
    return MADE[name]


def root(name) -> ElementTree.Element:
    return ElementTree.fromstring(drawn(name).svg)


def number(element, key) -> float:
    return float(element.get(key))


def rectangle(element) -> tuple[float, float, float, float]:
    x, y = (float(element.get(key, 0)) for key in ("x", "y"))
    return x, y, x + number(element, "width"), y + number(element, "height")


def extent(text) -> tuple[float, float, float, float]:
    """Where a line of text is, in the widest of its fonts: left, top, right, bottom."""
    size = number(text, "font-size")
    width = ImageFont.truetype(str(FONT), 100).getlength(text.text) * size / 100
    left = number(text, "x") - width * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
    return left, number(text, "y") - 0.76 * size, left + width, number(text, "y") + 0.24 * size


def apart(a, b) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def within(a, b) -> bool:
    return b[0] <= a[0] and b[1] <= a[1] and a[2] <= b[2] and a[3] <= b[3]


@each
def test_whoever_does_not_see_it_is_told(name):
    about = {element.get("id"): element.text for element in root(name) if element.get("id")}
    said = [about[key] for key in root(name).get("aria-labelledby").split()]
    assert root(name).get("role") == "img" and all(said) and said[1] == drawn(name).alt
    assert len(said[1]) > 60


@each
def test_everything_has_a_colour_in_light_and_in_dark(name):
    used = {kind for part in root(name).iter() for kind in (part.get("class") or "").split()}
    style = root(name).find(f"{NS}style").text
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    scope = re.escape(f"#{root(name).get('id')} ")
    for scheme in (light, dark):
        assert used <= set(re.findall(scope + r"\.([\w-]+) \{ (?:fill|stroke): #[0-9a-f]{6} \}", scheme))


@each
def test_words_stay_in_their_boxes_and_on_the_sheet(name):
    sheet = (0, 0, *map(float, root(name).get("viewBox").split()[2:]))
    for group in root(name).iter(f"{NS}g"):
        x0, y0, x1, y1 = rectangle(group.find(f"{NS}rect"))
        for text in group.iter(f"{NS}text"):
            assert within(extent(text), (x0 + 3, y0, x1 - 3, y1)), text.text
    for text in root(name).iter(f"{NS}text"):
        assert within(extent(text), sheet), text.text


@each
def test_no_words_lie_on_others_or_on_boxes(name):
    whole = root(name)
    boxed = {id(text) for group in whole.iter(f"{NS}g") for text in group.iter(f"{NS}text")}
    boxes = [rectangle(group.find(f"{NS}rect")) for group in whole.iter(f"{NS}g")]
    texts = list(whole.iter(f"{NS}text"))
    for a, b in itertools.combinations(texts, 2):
        assert apart(extent(a), extent(b)), (a.text, b.text)
    for text in texts:
        if id(text) not in boxed:
            assert all(apart(extent(text), box) for box in boxes), text.text


def luminance(colour: str) -> np.ndarray:
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def linear(colour: str) -> np.ndarray:
    levels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_lines_stand_out(scheme):
    """WCAG 2.2: 4.5 for words (1.4.3), 3 for what a picture is made of (1.4.11)."""
    paper = svg.PAPER[scheme]
    for fill in (svg.PAPER, *svg.FILLS.values()):
        assert contrast(svg.INK[scheme], fill[scheme]) > 4.5
    for kind in (svg.QUIET, svg.LINES["gradient"], svg.LINES["loss"]):
        assert contrast(kind[scheme], paper) > 4.5
    for kind in svg.FILLS:
        assert contrast(svg.LINES[kind][scheme], paper) > 3, kind


# Machado, Oliveira and Fernandes 2009, severity 1: what linear RGB becomes
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_colour_blind_tell_colours_apart(kind, scheme):
    seen = {name: np.array(BLINDNESS[kind]) @ linear(svg.LINES[name][scheme]) for name in svg.FILLS}
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 0.06 or svg.CORNERS[a] != svg.CORNERS[b], (a, b)
    assert np.linalg.norm(seen["picture"] - seen["condition"]) > 0.3


def shapes(name) -> list[str]:
    return [t.text for t in root(name).iter(f"{NS}text") if re.fullmatch(r"\d+ x \d+ x \d+", t.text)]


def computed(network, inputs) -> set[str]:
    """The shapes of what a network's layers make of inputs."""
    outputs = [layer.output for layer in network.layers if not isinstance(layer.output, dict)]
    arrays = keras.Model(network.input, outputs).predict_on_batch(inputs)
    return {" x ".join(map(str, array.shape[1:])) for array in arrays}


def test_a_gans_shapes_are_the_models():
    model = gan(32, 3, latent_dim=5)
    MADE["asked"] = architectures.dcgan(model)
    inputs = {"attributes": np.zeros((1, 40)), "noise": np.zeros((1, 5))}
    found = shapes("asked")
    assert found[:4] == ["8 x 8 x 12", "16 x 16 x 12", "32 x 32 x 6", "32 x 32 x 3"]
    assert found[4:] == ["32 x 32 x 3", "16 x 16 x 3", "8 x 8 x 6", "4 x 4 x 12", "4 x 4 x 24"]
    assert {*found[:4]} <= computed(model.generator, inputs)
    assert {*found[4:]} <= computed(model.discriminator, {"image": np.zeros((1, 32, 32, 3))})
    assert "5 of noise" in MADE["asked"].svg and "40 conditions" in MADE["asked"].svg


def test_a_deconvolution_networks_shapes_are_the_models():
    model = deconv(2, kernels=(6, 4))
    MADE["asked"] = architectures.deconvolution(model)
    found = shapes("asked")
    assert found == ["5 x 4 x 6", "10 x 8 x 6", "20 x 16 x 4", "40 x 32 x 8", "40 x 32 x 3"]
    assert {*found} <= computed(model.generator, {key: np.zeros((1, len(row))) for key, row in FACES.items()})
    words = [text.text for text in root("asked").iter(f"{NS}text")]
    assert {"identity: 57", "emotion: 2", "orientation: 2", "joined: 48", "dense: 32"} <= {*words}
    assert words.count("dense: 16") == 3 and words.count("unpool 2 x 2") == 3


def test_a_u_nets_shapes_are_the_models():
    model = unet(32, 3, 41, (8, 12, 16), patch=2)
    MADE["asked"] = architectures.u_net(model)
    found = shapes("asked")
    levels = ["16 x 16 x 8", "8 x 8 x 12", "4 x 4 x 16"]
    assert sorted(found) == sorted([*levels, *levels, "32 x 32 x 3", "32 x 32 x 3"])
    inputs = {"picture": np.zeros((1, 32, 32, 3)), "time": np.zeros((1, 1)), "known": np.zeros((1, 41))}
    assert {*found} <= computed(model, inputs)
    words = [text.text for text in root("asked").iter(f"{NS}text")]
    assert {"time, and 41 numbers", "2 dense: 192"} <= {*words} and words.count("conv, stride 2") == 2


def test_a_projection_has_an_answer_for_each_condition():
    model = gan(conditioning="projection")
    drawing = architectures.projection(model).svg
    features = model.discriminator.get_layer("discriminator_flat").output.shape[1]
    assert f">{features}<" in drawing and ">dense: 40<" in drawing and ">sum / √40<" in drawing


def test_unpooling_is_what_keras_computes():
    small = np.array([[1.0, 2], [3, 4]])
    large = keras.layers.UpSampling2D()(small[None, ..., None])
    assert (np.asarray(large)[0, ..., 0] == diagrams.nearest(small)).all()
    one = np.zeros((1, 1, 1, 1), "float32") + 1
    copied = keras.ops.conv_transpose(
        small[None, ..., None].astype("float32"), one, strides=2, padding="same"
    )
    assert (np.asarray(copied)[0, ..., 0] == diagrams.zeros(small)).all()
    ones, kernel = np.ones((1, 6, 6, 1), "float32"), np.ones((3, 3, 1, 1), "float32")
    painted = np.asarray(keras.ops.conv_transpose(ones, kernel, strides=2, padding="valid"))[0, ..., 0]
    assert (painted[3:7, 3:7] == diagrams.painted(4)).all()


def test_the_pixel_of_the_unrolled_head_sees_what_the_layer_computes():
    n, side, pixel, turn = 64, 16, 10, np.radians(30)
    phi = ((np.arange(n) + 0.5) / n * 2 - 1) * np.pi
    radius = diagrams.contour(phi)
    x, z = radius * np.sin(phi + turn), radius * np.cos(phi + turn)
    share = diagrams.shares(x, z, (pixel + 0.5) / side * 2 - 1, spread=1 / side)
    inputs = radius[None, None, :, None], np.eye(n)[None, None], [[np.sin(turn), np.cos(turn)]]
    seen, _ = Sight(side)(*(np.asarray(one, "float32") for one in inputs))
    assert np.allclose(np.asarray(seen)[0, 0, pixel], share, atol=1e-5)
    assert share.max() > 0.5 and share[z < 0].max() < 1e-6


def test_a_notebook_shows_it_with_its_text(tmp_path):
    diagram = diagrams.unpooling()
    shown, about = InteractiveShell.instance().display_formatter.format(diagram)
    assert about["image/svg+xml"] == {"alt": diagram.alt} and shown["text/plain"] == diagram.alt
    tag = ElementTree.fromstring(shown["text/html"].replace(">", "/>"))
    assert tag.get("alt") == diagram.alt
    assert base64.b64decode(tag.get("src").split(",")[1]).decode() == shown["image/svg+xml"] == diagram.svg
    diagram.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").strip() == diagram.svg
