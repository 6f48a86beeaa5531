"""Heads that turn otherwise: each differs in what it says, and in nothing that lasts."""

import keras
import numpy as np
import pytest

from benchmarks import variants
from benchmarks.variants import VARIANTS, edges, reaches
from facegen.data.loader import Batches
from facegen.models import UnrolledDeconv, unrolled
from facegen.models.surface import REACH, Radius, Shade, Sight
from facegen.training.recipes import RECIPES

NAMES = {"identity": ["1", "2"], "orientation": ["sin", "cos"]}
SMALL = {"start": (5, 4), "depth": 1, "kernels": [4], "dense": 8, "focus": None}


@pytest.fixture
def random():
    return np.random.default_rng(0)


def some(random, count, rows=20, columns=16):
    angles = random.uniform(-1, 1, count)
    known = {"identity": np.eye(2, dtype="float32")[random.integers(0, 2, count)]}
    known["orientation"] = np.stack([np.sin(angles), np.cos(angles)], axis=1).astype("float32")
    return random.integers(0, 256, (count, rows, columns, 3), "uint8"), known


@pytest.mark.parametrize("name", VARIANTS)
def test_each_learns_and_draws_and_leaves_the_package_as_it_was(name, random):
    model = VARIANTS[name].build(NAMES, **SMALL)
    pictures, known = some(random, 8)
    model.adapt(pictures, known)
    VARIANTS[name].compile(model, 10)
    weights = [w.copy() for w in model.get_weights()]
    losses = model.fit(Batches(pictures, known, 4, 1).epoch(0), verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert any((a != b).any() for a, b in zip(weights, model.get_weights(), strict=True))
    assert model.generate(identity="1+2", orientation=22.5).shape == (1, 20, 16, 3)
    assert (unrolled.Radius, unrolled.Shade, unrolled.Sight, unrolled.AROUND) == (Radius, Shade, Sight, 2)
    assert type(RECIPES["deconv"]["turning"].build(NAMES, **SMALL)) is UnrolledDeconv


def test_they_are_built_with_what_they_say():
    def layer(name, of):
        return VARIANTS[name].build(NAMES, **SMALL).generator.get_layer(of)

    assert layer("symmetric", "radius").mirror == 8 and layer("plain light", "shade").flat == 0.2
    assert layer("fine", "sight").spread == 0.35 and layer("fine", "radius").output.shape[1:] == (20, 48, 1)
    assert layer("shared", "radius").maps.units == 20 * 32


def test_shared_shapes_are_told_by_a_few_numbers(random):
    layer = variants.Shared()
    layer.build((None, 6, 8, 1))
    layer.maps.kernel.assign(random.normal(0, 0.1, layer.maps.kernel.shape))
    radius = np.asarray(layer(random.normal(0, 1, (40, 6, 8, 1)).astype("float32")))
    x = -np.log(REACH / radius - 1).reshape(40, -1)  # before the sigmoid
    assert np.linalg.matrix_rank(x - x.mean(axis=0), tol=1e-3) == variants.CODE


def test_a_bump_between_the_views_costs_and_an_ellipse_does_not():
    phi = variants.directions(256)
    a, b = 0.4, 0.6
    ellipse = (a * b / np.hypot(b * np.sin(phi), a * np.cos(phi))).astype("float32")[None, None, :, None]
    bump = ellipse.copy()
    bump[0, 0, np.abs(phi - np.radians(67.5)) < 0.1] += 0.05

    def cost(radius):
        layer = variants.Round(bend=0.0, mirror=0.0)
        layer(np.log(radius / (REACH - radius)).repeat(3, axis=1))
        return float(sum(layer.losses))

    assert cost(ellipse) < 0.5 < cost(bump)


def test_a_row_reaches_as_far_as_its_outermost_point(random):
    radius = random.uniform(0.2, 0.8, (2, 3, 64, 1)).astype("float32")
    phi = variants.directions(64)
    for i in (0, 5, 13):
        turn = i / variants.TURNS * 2 * np.pi
        farthest = (radius[..., 0] * np.sin(phi + turn)).max(axis=2)
        np.testing.assert_allclose(np.asarray(reaches(radius))[:, :, i], farthest, atol=1e-6)


def test_edges_are_counted_in_bands_across_and_down():
    pictures = np.zeros((1, 20, 16, 3), "float32")
    pictures[:, :2, ::2] = 1  # stripes in the first band
    found = np.asarray(edges(pictures))
    assert found.shape == (1, 10, 2) and found[0, 0, 0] == 1 and (found[0, 1:] == 0).all()
    assert found[0, 0, 1] == pytest.approx(0.25)  # from the second row down to the third, in half of it


def test_a_head_without_edges_costs_a_lively_network_more(random):
    model = VARIANTS["lively"].build(NAMES, **SMALL)
    pictures, known = some(random, 4)
    model.adapt(pictures, known)
    VARIANTS["lively"].compile(model, 10)
    batch = {"image": keras.ops.convert_to_tensor(pictures), **known}
    drawn = model(batch, training=True)
    true = keras.ops.cast(pictures, "float32") / 255
    flat = {**drawn, "turned": keras.ops.zeros_like(true)}
    as_seen = {**drawn, "turned": true}
    more, less = (float(model.compute_loss(batch, batch["image"], x)) for x in (flat, as_seen))
    assert more - less > 0.5 * variants.LIVELY
    assert "turned" not in model(batch, training=False)
