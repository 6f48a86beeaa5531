"""Measures against computations by hand."""

import numpy as np
import pytest

from facegen import measure
from facegen.gan import GAN


def flat(*levels):
    return np.stack([np.full((4, 4, 3), level, "uint8") for level in levels])


def test_psnr_of_known_errors():
    values = measure.psnr(flat(10, 0, 7), flat(0, 255, 7))
    np.testing.assert_allclose(values[:2], [10 * np.log10(255**2 / 100), 0])
    assert values[2] == np.inf


def test_distance_is_in_grey_levels_and_symmetric():
    np.testing.assert_array_equal(measure.distance(flat(0, 250), flat(3, 10)), [3, 240])
    np.testing.assert_array_equal(measure.distance(flat(3, 10), flat(0, 250)), [3, 240])


def test_spread_is_zero_after_a_collapse():
    assert measure.spread(flat(*[9] * 8)) == 0
    assert measure.spread(flat(0, 100)) == 100


def test_the_easy_guess_averages_those_that_agree():
    who, mood = np.eye(3, dtype="float32"), np.eye(2, dtype="float32")
    have = {"identity": who[[0, 0, 1, 1]], "emotion": mood[[0, 1, 0, 1]]}
    want = {"identity": who[[0, 1, 2]], "emotion": mood[[0, 0, 0]]}
    guess = measure.mean_of_same(flat(0, 10, 100, 200), have, want, ["identity"])
    np.testing.assert_allclose(guess[:, 0, 0, 0], [5, 150, 77.5])  # nobody is the third one: mean of all
    guess = measure.mean_of_same(flat(0, 10, 100, 200), have, want, ["identity", "emotion"])
    np.testing.assert_allclose(guess[:2, 0, 0, 0], [0, 100])


@pytest.fixture
def deaf():
    """A GAN whose generator hears its second attribute only, and not the noise."""
    model = GAN({"attributes": ["Bald", "Male"]}, size=16, width=2, discriminator_width=2, noise=3)
    dense = model.generator.get_layer("generator_dense")
    kernel = np.zeros(dense.kernel.shape, "float32")
    kernel[1] = np.random.default_rng(0).normal(size=kernel.shape[1])
    dense.kernel.assign(kernel)
    return model


def test_toggles_and_noise_that_do_nothing_measure_zero(deaf):
    inputs = {"attributes": np.eye(2, dtype="float32")[[0, 1, 0]], "noise": deaf.sample_noise(3, 0)}
    shifts = measure.toggle_shift(deaf, inputs)
    assert shifts["Bald"] == 0 < shifts["Male"]
    assert measure.noise_shift(deaf, inputs, seed=1) == 0
    flipped = {**inputs, "attributes": inputs["attributes"] * [1, -1] + [0, 1]}
    expected = measure.distance(deaf.draw(flipped), deaf.draw(inputs)).mean()
    assert shifts["Male"] == pytest.approx(expected)


def test_a_toggle_map_is_white_where_most_changes_and_black_where_nothing_does(deaf):
    inputs = {"attributes": np.zeros((2, 2), "float32"), "noise": deaf.sample_noise(2, 0)}
    assert (measure.toggle_map(deaf, inputs, "Bald") == 0).all()
    change = measure.toggle_map(deaf, inputs, "Male")
    ones = {**inputs, "attributes": np.array([[0, 1]] * 2, "float32")}
    expected = np.abs(deaf.draw(ones).astype(int) - deaf.draw(inputs)).mean(axis=(0, 3))
    assert change.shape == (16, 16, 1) and change.max() == 255
    np.testing.assert_allclose(change[..., 0] / 255, expected / expected.max(), atol=0.003)
