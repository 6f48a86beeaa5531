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


def answers(text):
    return np.array([[c == "1" for c in row] for row in text.split()])


def test_f1_and_balanced_accuracy_by_hand():
    wanted, seen = answers("110 100 010 000"), answers("110 010 000 000")
    np.testing.assert_allclose(measure.f1(seen, wanted), [2 / 3, 0.5, np.nan])
    np.testing.assert_allclose(measure.balanced_accuracy(seen, wanted), [0.75, 0.5, np.nan])
    scores = measure.control(seen, wanted, ["a", "b", "c"])
    assert scores["f1_mean"] == pytest.approx((2 / 3 + 0.5) / 2)
    assert scores["attributes"]["a"]["balanced_accuracy"] == 0.75


def test_always_yes_and_coins_are_at_chance():
    random = np.random.default_rng(0)
    wanted = random.random((4000, 2)) < [0.5, 0.1]
    np.testing.assert_allclose(measure.balanced_accuracy(np.ones_like(wanted), wanted), 0.5)
    coins = random.random(wanted.shape) < 0.5
    np.testing.assert_allclose(measure.balanced_accuracy(coins, wanted), 0.5, atol=0.05)


def test_frechet_distance_of_gaussians_is_the_formula():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(200_000, 2)) * [1, 2], random.normal(size=(200_000, 2)) * [3, 2] + [0, 5]
    assert measure.frechet(a, b) == pytest.approx(25 + (3 - 1) ** 2, rel=0.02)
    assert measure.frechet(a, a) == pytest.approx(0, abs=1e-6)
    mixing = np.array([[0.6, 0.8], [-0.8, 0.6]])  # a rotation changes nothing
    assert measure.frechet(a @ mixing, b @ mixing) == pytest.approx(measure.frechet(a, b), rel=1e-6)


def test_kernel_distance_is_unbiased_and_grows():
    random = np.random.default_rng(0)
    same = [measure.kernel_distance(*random.normal(size=(2, 200, 4))) for _ in range(40)]
    assert abs(np.mean(same)) < 3 * np.std(same) / 40**0.5 + 1e-3
    far = measure.kernel_distance(random.normal(size=(200, 4)), random.normal(size=(200, 4)) + 1)
    assert far > 10 * np.std(same)


def test_coverage_sees_a_collapse():
    random = np.random.default_rng(0)
    real, same = random.normal(size=(2, 800, 3))
    assert measure.coverage(real, same) == pytest.approx(1 - 2**-5, abs=0.03)
    assert measure.coverage(real, np.repeat(same[:1], 800, axis=0)) < 0.02
    assert 0.3 < measure.coverage(real, same[same[:, 0] > 0].repeat(2, axis=0)) < 0.75  # half of them missing


def test_blurred_and_shuffled_keep_what_they_should():
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype="uint8")
    soft = measure.blurred(images)
    assert soft.shape == images.shape and soft.std() < images.std() / 2
    mixed = measure.shuffled(images, np.random.default_rng(1))
    assert (mixed != images).any()
    for image, other in zip(images, mixed, strict=True):
        pieces = {image[i : i + 4, j : j + 4].tobytes() for i in range(0, 16, 4) for j in range(0, 16, 4)}
        assert pieces == {
            other[i : i + 4, j : j + 4].tobytes() for i in range(0, 16, 4) for j in range(0, 16, 4)
        }


def test_similarity_of_changes_is_their_cosine():
    change = np.random.default_rng(0).normal(size=(3, 4, 4, 1))
    same, opposite, other = change[0] * 3, -change[1], np.zeros((4, 4, 1))
    np.testing.assert_allclose(measure.similarity(change, np.stack([same, opposite, other])), [1, -1, 0])


def test_a_fade_is_explained_by_its_ends_and_a_move_is_not():
    one, other = np.random.default_rng(0).integers(0, 200, (2, 8, 8, 3), dtype="uint8")
    fade = np.stack([one, (0.4 * one + 0.5 * other + 12).round().astype("uint8"), other])
    assert measure.unlike_a_fade(fade) < 0.5
    assert measure.unlike_a_fade(np.stack([one, np.roll(one, 2, axis=1), other])) > 10


def test_off_and_on_switches_one_attribute_at_a_time_and_what_it_excludes():
    names = ("Black_Hair", "Blond_Hair", "Smiling")
    rows = measure.off_and_on(np.array([1, 0, 1], "float32"), ["Blond_Hair", "Smiling"], names)
    np.testing.assert_array_equal(rows, [[1, 0, 1], [0, 1, 1], [1, 0, 0], [1, 0, 1]])
