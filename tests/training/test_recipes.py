"""Recipes: the original's network and loss as they were, today's loss as it is defined, both trainable."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from facegen import metrics
from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.losses import PSNRLoss
from facegen.training.recipes import RECIPES as ALL
from facegen.training.recipes import named
from facegen.utils.errors import FacegenError

RECIPES = ALL["deconv"]

NAMES = {"identity": ["01", "02"]}


def network(recipe):
    return Deconv(NAMES, start=(2, 2), depth=1, kernels=[4], dense=8, **RECIPES[recipe].network)


def pictures(count=6):
    return np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype="uint8")


def test_the_original_recipe_is_the_original():
    model = network("original")
    assert model.settings == Deconv(NAMES, start=(2, 2), depth=1, kernels=[4], dense=8).settings
    RECIPES["original"].compile(model, 100)
    assert model.loss == "mean_squared_logarithmic_error"
    assert type(model.optimizer) is keras.optimizers.Adam and float(
        model.optimizer.learning_rate
    ) == pytest.approx(1e-3)


def test_todays_rate_falls_to_nothing_at_the_last_step():
    model = network("today")
    RECIPES["today"].compile(model, 40)
    rate = model.optimizer._learning_rate
    rates = [float(rate(step)) for step in range(41)]
    assert rates[0] < 1e-3 < max(rates) == rates[4] and rates[40] < 1e-8
    assert all(a > b for a, b in pairwise(rates[4:]))


def test_48_minus_decibels_is_the_psnr():
    truth, drawn = pictures(), pictures()[::-1].copy()
    drawn[:, :4] = truth[:, :4]
    loss = float(PSNRLoss(floor=0)(truth / 255, drawn / 255))
    psnr = metrics.psnr(drawn, truth).mean()
    assert 20 * np.log10(255) - loss == pytest.approx(psnr, abs=1e-3)


def test_nearly_perfect_pictures_gain_no_more_than_the_floor_allows():
    truth = pictures() / 255
    assert float(PSNRLoss(floor=0.5)(truth, truth)) == pytest.approx(20 * np.log10(0.5), abs=1e-3)


def test_another_optimizer_by_its_name_in_any_case():
    model = network("today")
    RECIPES["today"].compile(model, 40, "AdaGrad")
    assert type(model.optimizer) is keras.optimizers.Adagrad
    with pytest.raises(FacegenError, match="--optimizer 'adamant': expected one of adadelta, "):
        named("adamant")


@pytest.mark.parametrize("recipe", ["original", "today"])
def test_both_learn_and_survive_their_bundle(tmp_path, recipe):
    keras.utils.set_random_seed(0)
    model, truth = network(recipe), pictures()
    batch = {"identity": np.eye(2, dtype="float32")[np.arange(6) % 2], "image": truth}
    model.adapt(truth)
    RECIPES[recipe].compile(model, 60)
    losses = [float(model.train_on_batch(batch)) for _ in range(60)]
    assert losses[-1] < losses[0]
    again = saving.load(saving.save(model, tmp_path / "model"))
    assert again.settings == model.settings
    np.testing.assert_array_equal(again.draw(batch), model.draw(batch))


def test_a_primed_canvas_shows_the_mean_and_is_never_primed_twice():
    model, truth = network("today"), pictures()
    model.generator.get_layer("pixels").set_weights([np.zeros((3, 3, 8, 3)), np.zeros(3)])
    model.adapt(truth)
    drawn = model.draw({"identity": np.eye(2)})
    np.testing.assert_allclose(drawn[0], truth.mean(axis=0), atol=1)
    model.adapt(255 - truth)
    np.testing.assert_array_equal(model.draw({"identity": np.eye(2)}), drawn)
    plain = network("original")
    before = plain.draw({"identity": np.eye(2)})
    plain.adapt(truth)
    np.testing.assert_array_equal(plain.draw({"identity": np.eye(2)}), before)
