"""The flow: its loss, what it begins as, its guidance, and the way back from a picture."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from facegen.data.loader import Batches
from facegen.metrics import psnr
from facegen.models import saving
from facegen.models.flow import Flow, told, untold, velocity_field
from facegen.models.samplers import solved
from facegen.panel.fast import FastGenerator
from facegen.training.recipes import RECIPES
from facegen.utils.errors import FacegenError

NAMES = {"emotion": ["happy", "sad"], "orientation": ["sin", "cos"]}


def small(**settings):
    keras.utils.set_random_seed(0)
    return Flow(**{"names": NAMES, "size": 8, "widths": (4, 8), "patch": 2, "steps": 2, **settings})


def scrambled(**settings):
    """One whose weights are all of some size: nothing that is learned is nought."""
    model, random = small(**settings), np.random.default_rng(1)
    for network in (model.raw_network, model.network):
        network.set_weights([w + 0.2 * random.standard_normal(w.shape) for w in network.get_weights()])
    return model


def batch(count=6, size=8, channels=3):
    random = np.random.default_rng(0)
    angles = random.uniform(-1, 1, count)
    return {
        "image": random.integers(0, 256, (count, size, size, channels), dtype="uint8"),
        "emotion": np.eye(2, dtype="float32")[random.integers(0, 2, count)],
        "orientation": np.stack([np.sin(angles), np.cos(angles)], axis=1).astype("float32"),
    }


def rows(count=6):
    given = batch(count)
    del given["image"]
    return given


def inputs(model, count=6, seed=0):
    return {**rows(count), "noise": model.sample_noise(count, seed)}


def test_the_loss_is_the_one_that_is_written_out_by_hand(monkeypatch):
    model, given, random = scrambled(drop=0.5), batch(), np.random.default_rng(3)
    noise = random.standard_normal(given["image"].shape).astype("float32")
    logits, coins = random.standard_normal((6, 1)).astype("float32"), random.random((6, 1), "float32")
    monkeypatch.setattr(keras.random, "normal", lambda shape, seed: noise if len(shape) == 4 else logits)
    monkeypatch.setattr(keras.random, "uniform", lambda shape, seed: coins)
    loss = float(model.compute_loss(given, y_pred=model(given)))

    picture, t = given["image"] / 127.5 - 1, 1 / (1 + np.exp(-logits))[:, :, None, None]
    known = np.concatenate([2 * given["emotion"] - 1, given["orientation"], np.zeros((6, 1))], axis=1)
    known[coins[:, 0] < 0.5] = [0, 0, 0, 0, 1]
    half_way = ((1 - t) * noise + t * picture).astype("float32")
    seen = {"picture": half_way, "time": t[:, :, 0, 0], "known": known.astype("float32")}
    velocity = model.raw_network.predict_on_batch(seen)
    assert 0 < (coins < 0.5).sum() < 6
    assert loss == pytest.approx(np.mean((velocity - (picture - noise)) ** 2), rel=1e-5)


@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_untrained_it_is_the_exact_flow_to_normal_pixels(spread):
    model = small(spread=spread, ema=0.0)
    noise = model.sample_noise(2, seed=0).reshape(2, 8, 8, 3)
    end = solved(model.field(rows(2)), noise, 50)
    np.testing.assert_allclose(end, spread * noise, atol=2e-3)


def test_it_learns_what_grey_goes_with_which_condition():
    keras.utils.set_random_seed(0)
    names = {"emotion": ["dark", "bright"]}
    model, random = small(names=names, ema=0.9, spread=0.1), np.random.default_rng(0)
    mood = np.eye(2, dtype="float32")[np.arange(512) % 2]
    grey = np.where(mood[:, 1], 0.5, -0.5)[:, None, None, None]
    pixels = (grey + 0.1 * random.standard_normal((512, 8, 8, 3))) * 127.5 + 127.5
    batches = Batches(pixels.round().clip(0, 255).astype("uint8"), {"emotion": mood}, 64)
    model.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    for epoch in range(10):
        model.fit(batches.epoch(epoch), verbose=0)
    few = model.exported(steps=8, guidance=1.0)
    drawn = few.draw({"emotion": mood[:64], "noise": few.sample_noise(64, 0)}) / 127.5 - 1
    assert drawn[::2].mean() == pytest.approx(-0.5, abs=0.15)
    assert drawn[1::2].mean() == pytest.approx(0.5, abs=0.15)


def test_guidance_of_one_is_no_guidance():
    model = scrambled()
    x, known = np.random.default_rng(0).standard_normal((6, 8, 8, 3)), np.asarray(told(rows(), NAMES))
    plain = velocity_field(model.network.predict_on_batch, known, 1)(x, 0.3)
    nearly = velocity_field(model.network.predict_on_batch, known, 1 + 1e-9)(x, 0.3)
    np.testing.assert_allclose(nearly, plain, atol=1e-5)
    asked = {"picture": x, "time": np.full((6, 1), 0.3), "known": known}
    np.testing.assert_array_equal(plain, model.network.predict_on_batch(asked))
    unasked = model.network.predict_on_batch({**asked, "known": np.asarray(untold(known))})
    double = velocity_field(model.network.predict_on_batch, known, 2.0)(x, 0.3)
    np.testing.assert_allclose(double, 2 * plain - unasked, atol=1e-4)
    assert np.abs(double - plain).max() > 1e-3


def test_its_graph_draws_what_the_steps_lead_to_one_by_one():
    model = scrambled(steps=3, method="heun", guidance=1.5)
    given = inputs(model)
    noise = given["noise"].reshape(6, 8, 8, 3)
    end = solved(model.field(rows(), guidance=1.5), noise, 3, "heun")
    np.testing.assert_allclose(model.draw(given), (end.clip(-1, 1) + 1) * 127.5, atol=0.51)


def test_the_panel_draws_the_same():
    model = scrambled()
    given = inputs(model)
    quick = FastGenerator(model).draw({name: values[0] for name, values in given.items()})
    assert np.abs(quick.astype(int) - model.draw(given)[0]).max() <= 1


def test_a_picture_comes_back_from_its_noise():
    model = scrambled(guidance=1.0, steps=2, method="midpoint")
    drawn = batch()["image"]
    noise = model.encode(drawn, rows())
    assert psnr(model.decode(noise, rows()), drawn).min() > 30
    other = {**rows(), "emotion": rows()["emotion"][:, ::-1]}
    assert np.abs(model.decode(noise, other).astype(int) - drawn).max() > 2
    few = model.decode(noise, rows(), steps=2).astype(int)
    assert np.abs(few - model.draw({**rows(), "noise": noise})).max() <= 1  # the same steps as a graph
    with pytest.raises(FacegenError, match=r"encode: expected pictures of \(8, 8, 3\), found \(4, 4, 3\)"):
        model.encode(drawn[:, :4, :4], rows())


@pytest.mark.parametrize(("ema", "deep"), [(0.0, True), (0.9, True), (0.9, False)])
def test_it_comes_back_from_a_folder_and_an_export_draws_the_same(tmp_path, ema, deep):
    model = scrambled(ema=ema, deep=deep)
    given = inputs(model)
    for twin in (saving.load(saving.save(model, tmp_path / "flow")), model.exported()):
        np.testing.assert_array_equal(twin.draw(given), model.draw(given))
    assert model.exported().count_params() < model.count_params() / (1.9 if ema else 0.9)
    saving.save(model, tmp_path / "half", dtype="float16")
    assert np.abs(saving.load(tmp_path / "half").draw(given).astype(int) - model.draw(given)).max() <= 3


def test_with_one_convolution_a_block_it_is_what_the_other_is_without_its_second_one():
    deep, one = small(), small(**RECIPES["flow"]["brief"].network)
    kinds = [[type(layer).__name__ for layer in m.raw_network.layers] for m in (deep, one)]
    blocks = kinds[0].count("Add") - 1  # all sums but that of the attention
    assert kinds[0].count("Conv2D") - kinds[1].count("Conv2D") == blocks
    assert "deep" not in deep.settings  # a flow from before there was a choice has no such note
    assert one.settings["deep"] is False


def test_numbers_of_any_name_and_grey_pictures():
    names = {"hair colour": ["a", "b"], "numbers": ["age", "height"]}
    model = small(names=names, ranges={"numbers": [[18, 80], [100, 200]]}, channels=1)
    given = {"hair colour": np.eye(2), "numbers": np.array([[18, 200], [49, 150]], "float32")}
    known = np.asarray(told(given, model.names, model.ranges))
    np.testing.assert_allclose(known, [[1, -1, -1, 1, 0], [-1, 1, 0, 0, 0]], atol=1e-6)
    model.compile("adam", jit_compile=False)
    given["image"] = np.zeros((2, 8, 8, 1), "uint8")
    assert np.isfinite(float(model.train_on_batch(given)))
    assert model.generate(numbers=[30, 170]).shape == (1, 8, 8, 1)


def test_what_it_is_asked_for_comes_through_the_same_words_as_of_a_gan():
    model = scrambled()
    happy, again = model.generate(emotion="happy", seed=3), model.generate(emotion="happy", seed=3)
    np.testing.assert_array_equal(happy, again)
    assert (model.generate(emotion="sad", seed=3) != happy).any()
    assert (model.generate(emotion="happy", seed=4) != happy).any()


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"size": 9}, "size=9: expected a multiple of 4, as 2 widths and patch=2 need"),
        ({"size": 2}, "size=2: expected a multiple of 4"),
        ({"widths": ()}, "Expected one width or more"),
        ({"method": "rk4"}, "method='rk4': expected one of euler, midpoint, heun"),
        ({"steps": 0}, "Expected steps from 1 on"),
        ({"drop": 1.0}, "drop from 0 to below 1"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_reason(wrong, said):
    with pytest.raises(FacegenError, match=said):
        small(**wrong)


DRAW = """
import numpy as np, sys
from facegen.models import saving
model = saving.load(sys.argv[1])
given = {"emotion": np.eye(2), "orientation": np.eye(2), "noise": model.sample_noise(2, 0)}
np.save(sys.argv[2], np.asarray(model.generator.predict_on_batch(given)))
"""


def test_the_same_weights_draw_the_same_on_another_backend(tmp_path, monkeypatch):
    pytest.importorskip("jax")
    saving.save(scrambled(), tmp_path / "flow")
    drawn = []
    for backend in ("tensorflow", "jax"):
        monkeypatch.setenv("KERAS_BACKEND", backend)
        place = tmp_path / f"{backend}.npy"
        subprocess.run([sys.executable, "-c", DRAW, str(tmp_path / "flow"), str(place)], check=True)
        drawn.append(np.load(place))
    np.testing.assert_allclose(drawn[1], drawn[0], atol=2e-4)
