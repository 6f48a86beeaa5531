"""Two surfaces of a head: each hides what is behind it, and two that are one are seen as one."""

import keras
import numpy as np
import pytest

from benchmarks.surfaces import Sights
from benchmarks.variants import VARIANTS
from facegen.models.surface import Sight

NAMES = {"identity": ["01", "02"], "orientation": ["sin", "cos"]}
RANDOM = np.random.default_rng(0)


def turned(degrees):
    return np.array([[np.sin(np.radians(degrees)), np.cos(np.radians(degrees))]], "float32")


@pytest.mark.parametrize("degrees", [0, 40])
def test_twice_the_same_surface_is_seen_as_one(degrees):
    radius = RANDOM.uniform(0.4, 0.6, (1, 3, 32, 1)).astype("float32")
    colour = RANDOM.uniform(0, 1, (1, 3, 32, 2)).astype("float32")
    both = [np.concatenate([x, x], axis=2) for x in (radius, colour)]
    one, two = Sight(16)(radius, colour, turned(degrees)), Sights(16)(*both, turned(degrees))
    covered = np.asarray(one[1])[..., 0] > 0.9
    np.testing.assert_allclose(np.asarray(two[0])[covered], np.asarray(one[0])[covered], atol=1e-4)
    assert (np.asarray(two[1]) >= np.asarray(one[1]) - 1e-6).all()


def test_the_outer_surface_hides_the_inner_one():
    radius = np.concatenate([np.full((1, 2, 32, 1), r, "float32") for r in (0.3, 0.7)], axis=2)
    colour = np.repeat(np.float32([0, 1]), 32)[None, None, :, None].repeat(2, axis=1)  # inside 0, outside 1
    seen, _ = Sights(16)(radius, colour, turned(25))
    assert np.asarray(seen)[0, :, 8].min() > 0.99


def test_its_network_begins_with_one_surface_inside_the_other():
    model = VARIANTS["two surfaces"].build(NAMES, start=(5, 4), depth=1, kernels=[4], dense=8)
    outputs = [model.generator.get_layer(f"radius_{i}").output for i in range(2)]
    asked = {"identity": np.float32([[0.5, 0.5]]), "orientation": turned(0)}
    outer, inner = map(np.asarray, keras.Model(model.generator.input, outputs)(asked))
    assert (inner < outer).mean() > 0.9
    assert model.generate(identity="01+02", orientation=22.5).shape == (1, 20, 16, 3)
