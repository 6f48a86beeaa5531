"""The deconvolution network whose head turns."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from facegen.data.loader import Batches
from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.unrolled import UnrolledDeconv
from facegen.panel.fast import FastGenerator
from facegen.training.recipes import RECIPES
from facegen.utils.errors import FacegenError

NAMES = {"identity": ["01", "02", "03"], "emotion": ["happy", "sad"], "orientation": ["sin", "cos"]}
SMALL = {"start": (5, 4), "depth": 1, "kernels": [8, 6], "dense": 16, "focus": ""}  # 20 x 16 pixels
ANGLES = np.radians([-90, -45, 0, 45, 90])


def small(names=NAMES, **settings) -> UnrolledDeconv:
    keras.utils.set_random_seed(settings.pop("seed", 0))
    return UnrolledDeconv(names, **{**RECIPES["deconv"]["turning"].network, **SMALL, **settings})


def rows(count: int = 24) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    theta = random.choice(ANGLES, count)
    return {
        "identity": np.eye(3, dtype="float32")[random.integers(0, 3, count)],
        "emotion": np.eye(2, dtype="float32")[random.integers(0, 2, count)],
        "orientation": np.stack([np.sin(theta), np.cos(theta)], axis=1).astype("float32"),
    }


def studio(count: int = 24, plain: bool = True) -> np.ndarray:
    random = np.random.default_rng(1)
    pictures = np.full((count, 20, 16, 3), 210, "uint8")
    if not plain:
        pictures += random.integers(0, 40, (count, 1, 1, 3), dtype="uint8")
    pictures[:, 4:, 4:12] = random.integers(0, 120, (count, 1, 1, 3))
    return pictures


def adapted(plain: bool = True, **settings) -> tuple[UnrolledDeconv, Batches]:
    model, batches = small(**settings), Batches(studio(plain=plain), rows(), 8)
    model.adapt(batches.pixels, batches.conditions)
    RECIPES["deconv"]["turning"].compile(model, 9)
    return model, batches


@pytest.mark.parametrize("smooth", [False, True])
def test_a_head_turns_but_for_its_retouching_as_its_map_is_rolled(smooth):
    model = small(smooth=smooth)
    columns = model.generator.get_layer("map").output.shape[2]
    assert columns == 2 * model.image_shape[1]
    canvas = model.generator.get_layer("canvas").picture
    unlit = np.arange(canvas.shape[-1]) <= 3  # radius and constant colours
    unlit[0] = not smooth  # a rough radius is no more the same once it is in front, and smoothed less
    canvas.assign(np.random.default_rng(0).normal(0, 1, canvas.shape) * unlit)
    kernel = model.generator.get_layer("map").kernel
    kernel.assign(0 * kernel)  # the mean head alone is drawn
    step = 2 * np.pi / columns
    asked = {name: np.repeat(values[:1], 2, axis=0) for name, values in rows().items()}
    asked["orientation"] = np.array([[0, 1], [np.sin(4 * step), np.cos(4 * step)]], "float32")
    drawn = model.draw(asked)
    canvas.assign(np.roll(keras.ops.convert_to_numpy(canvas), 4, axis=1))
    np.testing.assert_allclose(model.draw(asked)[0], drawn[1], atol=1)
    assert np.abs(drawn[0].astype(int) - drawn[1]).max() > 20


def test_unrolled_heads_are_the_map_whatever_the_orientation():
    model = small()
    asked = {name: values[:2] for name, values in rows().items()}
    radius, colour = model.unroll(asked)
    canvas = model.generator.get_layer("canvas").picture
    canvas.assign_add(np.where(np.arange(canvas.shape[-1]) == 1, 3.0, 0))  # more red
    same, redder = model.unroll({**asked, "orientation": asked["orientation"][::-1]})
    np.testing.assert_allclose(same, radius, atol=1e-6)
    assert (redder[..., 0] > colour[..., 0] + 50).all()
    np.testing.assert_array_equal(redder[..., 1:], colour[..., 1:])


def test_trains_with_outlines_where_the_backdrop_is_plain_and_says_so_where_not(caplog):
    model, batches = adapted()
    assert float(model.studio.plain) == 1
    assert not caplog.records
    losses = [model.fit(batches.epoch(e), verbose=0).history["loss"][0] for e in range(3)]
    assert losses[-1] < losses[0]
    motley, batches = adapted(plain=False)
    assert float(motley.studio.plain) == 0
    assert "outlines cannot be read off the pictures" in caplog.text
    assert np.isfinite(motley.fit(batches.epoch(0), verbose=0).history["loss"][0])


def test_the_loss_is_the_pictures_the_outlines_and_the_priors():
    model, batches = adapted()
    batch = batches.rows(np.arange(8))
    drawn = model(batch)
    total = float(model.compute_loss(batch, None, drawn, training=True))
    error = (batch["image"] - 255.0 * np.asarray(drawn["picture"])) ** 2
    decibels = 10 * np.log10(error.mean(axis=(1, 2, 3)) + 0.25).mean()
    outline = np.zeros((20, 16))
    outline[4:, 4:12] = 1
    missed = 80 * np.abs(np.asarray(drawn["cover"])[..., 0] - outline).mean()
    priors = sum(float(loss) for loss in model.losses)
    assert total == pytest.approx(decibels + missed + priors, rel=1e-3)


@pytest.mark.parametrize("deep", [False, True])
def test_saved_and_loaded_it_draws_the_same_and_so_does_a_panel(tmp_path, deep):
    model, batches = adapted(deep=deep)
    assert ("deep" in model.settings) == (not deep)  # models from before there was a choice have no such note
    model.fit(batches.epoch(0), verbose=0)
    again = saving.load(saving.save(model, tmp_path / "model"))
    assert isinstance(again, UnrolledDeconv)
    drawn = model.draw(rows())
    np.testing.assert_array_equal(again.draw(rows()), drawn)
    np.testing.assert_array_equal(again.studio.backdrop, model.studio.backdrop)
    one = FastGenerator(model).draw({name: values[3] for name, values in rows().items()})
    assert np.abs(one.astype(int) - drawn[3]).max() <= 1
    assert isinstance(UnrolledDeconv(**model.settings), Deconv)


def test_larger_pictures_are_enlarged_after_they_were_seen():
    model = small(start=(13, 10), depth=2)
    assert model.image_shape == (104, 80, 3)
    assert model.view.output["cover"].shape == (None, 52, 40, 1)
    pictures = np.full((8, 104, 80, 3), 210, "uint8")
    pictures[:, 20:, 20:60] = 60
    model.adapt(pictures)
    drawn = model.draw({name: values[:1] for name, values in rows().items()})
    assert abs(int(drawn[0, 3, 3, 0]) - 210) < 3  # backdrop, as it was
    cover = np.zeros((8, 52, 40, 1), "float32")
    cover[:, 10:, 10:30] = 1
    assert float(model.studio.missed(pictures, cover)) < 0.01


@pytest.mark.parametrize(
    "names",
    [{"identity": ["a", "b"]}, {"orientation": ["sin", "cos"]}, {**NAMES, "orientation": ["up", "down"]}],
)
def test_without_an_angle_or_anybody_to_turn_it_is_refused(names):
    with pytest.raises(FacegenError, match="A head that turns needs the condition 'orientation'"):
        small(names)


DRAWN = """
import sys, numpy as np
from facegen.models import saving
sys.path.insert(0, sys.argv[1])
from test_unrolled import adapted, rows
model, batches = adapted()
np.save(sys.argv[2] + "/other.npy", saving.load(sys.argv[2] + "/model").draw(rows()))
assert np.isfinite(model.fit(batches.epoch(0), verbose=0).history["loss"][0])
assert all(np.isfinite(v).all() for v in map(np.asarray, model.trainable_variables))
"""


def test_jax_draws_what_tensorflow_draws_and_learns(tmp_path):
    pytest.importorskip("jax")
    model, batches = adapted()
    model.fit(batches.epoch(0), verbose=0)
    saving.save(model, tmp_path / "model")
    other = {"tensorflow": "jax"}.get(keras.backend.backend(), "tensorflow")
    command = [sys.executable, "-c", DRAWN, os.path.dirname(__file__), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "KERAS_BACKEND": other})
    difference = np.load(tmp_path / "other.npy").astype(int) - model.draw(rows())
    assert np.abs(difference).max() <= 1
