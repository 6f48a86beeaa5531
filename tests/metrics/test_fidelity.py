"""Measures of pictures, and of sets of them, against computations by hand and by others."""

import numpy as np
import pytest

from facegen import metrics
from facegen.metrics import fidelity
from facegen.metrics.fidelity import halves
from facegen.utils.errors import FacegenError


def flat(*levels):
    return np.stack([np.full((4, 4, 3), level, "uint8") for level in levels])


def test_psnr_of_known_errors():
    values = metrics.psnr(flat(10, 0, 7), flat(0, 255, 7))
    np.testing.assert_allclose(values[:2], [10 * np.log10(255**2 / 100), 0])
    assert values[2] == np.inf


def test_structural_similarity_is_that_of_tensorflow():
    tensorflow = pytest.importorskip("tensorflow")
    random = np.random.default_rng(0)
    truth = random.integers(0, 256, (3, 24, 17, 3), dtype="uint8")
    images = np.stack([truth[0], fidelity.blurred(truth)[1], random.integers(0, 256, (24, 17, 3), "uint8")])
    values = metrics.ssim(images, truth)
    np.testing.assert_allclose(values, tensorflow.image.ssim(images, truth, 255).numpy(), atol=1e-4)
    assert values[0] == 1 > values[1] > values[2]


def test_distance_is_in_grey_levels_and_symmetric():
    np.testing.assert_array_equal(metrics.distance(flat(0, 250), flat(3, 10)), [3, 240])
    np.testing.assert_array_equal(metrics.distance(flat(3, 10), flat(0, 250)), [3, 240])


def test_spread_is_zero_after_a_collapse():
    assert metrics.diversity(flat(*[9] * 8)) == 0
    assert metrics.diversity(flat(0, 100)) == 100


def test_the_easy_guess_averages_those_that_agree():
    who, mood = np.eye(3, dtype="float32"), np.eye(2, dtype="float32")
    have = {"identity": who[[0, 0, 1, 1]], "emotion": mood[[0, 1, 0, 1]]}
    want = {"identity": who[[0, 1, 2]], "emotion": mood[[0, 0, 0]]}
    guess = metrics.mean_of_same(flat(0, 10, 100, 200), have, want, ["identity"])
    np.testing.assert_allclose(guess[:, 0, 0, 0], [5, 150, 77.5])  # nobody is the third one: mean of all
    guess = metrics.mean_of_same(flat(0, 10, 100, 200), have, want, ["identity", "emotion"])
    np.testing.assert_allclose(guess[:2, 0, 0, 0], [0, 100])


def test_frechet_distance_of_gaussians_is_the_formula():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(200_000, 2)) * [1, 2], random.normal(size=(200_000, 2)) * [3, 2] + [0, 5]
    assert fidelity.frechet(a, b) == pytest.approx(25 + (3 - 1) ** 2, rel=0.02)
    assert fidelity.frechet(a, a) == pytest.approx(0, abs=1e-6)
    mixing = np.array([[0.6, 0.8], [-0.8, 0.6]])  # a rotation changes nothing
    assert fidelity.frechet(a @ mixing, b @ mixing) == pytest.approx(fidelity.frechet(a, b), rel=1e-6)


def test_kernel_distance_is_unbiased_and_grows():
    random = np.random.default_rng(0)
    same = [fidelity.kernel_distance(*random.normal(size=(2, 200, 4))) for _ in range(40)]
    assert abs(np.mean(same)) < 3 * np.std(same) / 40**0.5 + 1e-3
    far = fidelity.kernel_distance(random.normal(size=(200, 4)), random.normal(size=(200, 4)) + 1)
    assert far > 10 * np.std(same)


def test_coverage_sees_a_collapse():
    random = np.random.default_rng(0)
    real, same = random.normal(size=(2, 800, 3))
    assert fidelity.coverage(real, same) == pytest.approx(1 - 2**-5, abs=0.03)
    assert fidelity.coverage(real, np.repeat(same[:1], 800, axis=0)) < 0.02
    assert (
        0.3 < fidelity.coverage(real, same[same[:, 0] > 0].repeat(2, axis=0)) < 0.75
    )  # half of them missing


def test_lopsided_pictures_differ_from_their_mirror_images():
    half = np.random.default_rng(0).integers(0, 128, (3, 8, 4, 3), dtype="uint8")
    even = np.concatenate([half, half[:, :, ::-1]], axis=2)
    lopsided = even.copy()
    lopsided[:, :, :4] += 30  # bytes: a difference of them must not wrap
    assert fidelity.asymmetry(even) == 0
    assert fidelity.asymmetry(lopsided) == fidelity.asymmetry(lopsided[:, :, ::-1]) == 30


def test_blurred_and_shuffled_keep_what_they_should():
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype="uint8")
    soft = fidelity.blurred(images)
    assert soft.shape == images.shape and soft.std() < images.std() / 2
    mixed = fidelity.shuffled(images, np.random.default_rng(1))
    assert (mixed != images).any()
    for image, other in zip(images, mixed, strict=True):
        pieces = {image[i : i + 4, j : j + 4].tobytes() for i in range(0, 16, 4) for j in range(0, 16, 4)}
        assert pieces == {
            other[i : i + 4, j : j + 4].tobytes() for i in range(0, 16, 4) for j in range(0, 16, 4)
        }


def test_similarity_of_changes_is_their_cosine():
    change = np.random.default_rng(0).normal(size=(3, 4, 4, 1))
    same, opposite, other = change[0] * 3, -change[1], np.zeros((4, 4, 1))
    np.testing.assert_allclose(metrics.similarity(change, np.stack([same, opposite, other])), [1, -1, 0])


def test_a_fade_is_explained_by_its_ends_and_a_move_is_not():
    one, other = np.random.default_rng(0).integers(0, 200, (2, 8, 8, 3), dtype="uint8")
    fade = np.stack([one, (0.4 * one + 0.5 * other + 12).round().astype("uint8"), other])
    assert metrics.difference_from_crossfade(fade) < 0.5
    faded = metrics.cross_fade(np.stack([one, other, other]))
    assert (faded[[0, 2]] == (one, other)).all() and metrics.difference_from_crossfade(faded) < 0.5
    assert metrics.difference_from_crossfade(np.stack([one, np.roll(one, 2, axis=1), other])) > 10


def test_off_and_on_switches_one_attribute_at_a_time_and_what_it_excludes():
    names = ("Black_Hair", "Blond_Hair", "Smiling")
    rows = metrics.toggle_pairs(np.array([1, 0, 1], "float32"), ["Blond_Hair", "Smiling"], names)
    np.testing.assert_array_equal(rows, [[1, 0, 1], [0, 1, 1], [1, 0, 0], [1, 0, 1]])


def test_the_nearest_are_those_of_brute_force_in_blocks_of_any_size():
    random = np.random.default_rng(0)
    one, other = (
        random.integers(0, 256, (5, 4, 4, 3), "uint8"),
        random.integers(0, 256, (33, 4, 4, 3), "uint8"),
    )
    apart = np.sqrt(np.square(one[:, None].astype(float) - other).mean(axis=(2, 3, 4)))
    for block in (1, 7, 33, 1000):
        found, distances = metrics.nearest_neighbours(one, other, block)
        np.testing.assert_array_equal(found, apart.argmin(axis=1))
        np.testing.assert_allclose(distances, apart.min(axis=1))
    assert metrics.nearest_neighbours(other[4:5], other)[1] == pytest.approx(0, abs=1e-6)


def test_nobody_is_in_both_halves():
    people = np.repeat(np.arange(40), np.random.default_rng(0).integers(1, 7, 40))
    seen = set()
    for half, other in halves(people, 4, np.random.default_rng(1)):
        assert not {*people[half]} & {*people[other]}
        assert len(half) == len(other) > 0.45 * len(people)
        seen.add(tuple(half))
    assert len(seen) == 4


def test_halves_of_unknown_or_few_people_part_the_pictures():
    for people in (np.full(50, -1), np.zeros(50, int), np.arange(50) // 45):
        for half, other in halves(people, 3, np.random.default_rng(0)):
            assert len(half) == len(other) == 25 and len({*half, *other}) == 50


class Pixels:
    """Takes some pixels for features."""

    def features(self, images):
        return images.reshape(len(images), -1)[:, ::97].astype("float32")


def test_fidelity_puts_copies_where_the_real_ones_are_and_more_sets_beside():
    random = np.random.default_rng(0)
    real = random.integers(0, 256, (120, 16, 16, 3), dtype="uint8")
    scores = metrics.fidelity_report(Pixels(), real.copy(), real, splits=3, dark=real // 8)
    assert scores["drawn"] == scores["real"]
    assert scores["dark"]["frechet"] > 2 * scores["real"]["frechet"]
    assert scores["dark"]["coverage"] < 0.2 < scores["real"]["coverage"]
    assert scores["real"]["frechet_spread"] > 0
    features = Pixels().features(real)
    expected = (
        fidelity.frechet(features[:60], features[60:]),
        fidelity.frechet(features[:60], features[60:] / 8),
    )
    assert scores["real"]["frechet"] == pytest.approx(expected[0], rel=0.3)
    assert scores["dark"]["frechet"] == pytest.approx(expected[1], rel=0.3)
    assert metrics.fidelity_report(Pixels(), real, real, splits=1)["real"]["frechet_spread"] == 0


@pytest.mark.parametrize("drawn, real", [(30, 40), (20, 20)])
def test_fidelity_refuses_sets_that_cannot_be_compared(drawn, real):
    images = np.zeros((40, 16, 16, 3), "uint8")
    with pytest.raises(FacegenError, match=f"Expected at least 24 pictures.*'drawn': {drawn}"):
        metrics.fidelity_report(Pixels(), images[:drawn], images[:real])
