"""Control and toggles, against computations by hand."""

import numpy as np
import pytest

from facegen import metrics
from facegen.conditions.attributes import EXCLUSIVE, NAMES
from facegen.metrics import controllability
from facegen.metrics.controllability import mean
from facegen.models.gan import GAN


def answers(text):
    return np.array([[c == "1" for c in row] for row in text.split()])


def test_f1_and_balanced_accuracy_by_hand():
    wanted, seen = answers("110 100 010 000"), answers("110 010 000 000")
    np.testing.assert_allclose(controllability.f1(seen, wanted), [2 / 3, 0.5, np.nan])
    np.testing.assert_allclose(controllability.balanced_accuracy(seen, wanted), [0.75, 0.5, np.nan])
    scores = metrics.control(seen, wanted, ["a", "b", "c"])
    assert scores["f1_mean"] == pytest.approx((2 / 3 + 0.5) / 2)
    assert scores["attributes"]["a"]["balanced_accuracy"] == 0.75


def test_always_yes_and_coins_are_at_chance():
    random = np.random.default_rng(0)
    wanted = random.random((4000, 2)) < [0.5, 0.1]
    np.testing.assert_allclose(controllability.balanced_accuracy(np.ones_like(wanted), wanted), 0.5)
    coins = random.random(wanted.shape) < 0.5
    np.testing.assert_allclose(controllability.balanced_accuracy(coins, wanted), 0.5, atol=0.05)


@pytest.fixture
def deaf():
    """A GAN whose generator hears its second attribute only, and not the noise."""
    model = GAN({"attributes": ["Bald", "Male"]}, size=16, width=2, discriminator_width=2, latent_dim=3)
    dense = model.generator.get_layer("generator_dense")
    kernel = np.zeros(dense.kernel.shape, "float32")
    kernel[1] = np.random.default_rng(0).normal(size=kernel.shape[1])
    dense.kernel.assign(kernel)
    return model


def test_toggles_and_noise_that_do_nothing_measure_zero(deaf):
    inputs = {"attributes": np.eye(2, dtype="float32")[[0, 1, 0]], "noise": deaf.sample_noise(3, 0)}
    shifts = metrics.toggle_shift(deaf, inputs)
    assert shifts["Bald"] == 0 < shifts["Male"]
    assert metrics.noise_shift(deaf, inputs, seed=1) == 0
    flipped = {**inputs, "attributes": inputs["attributes"] * [1, -1] + [0, 1]}
    expected = metrics.distance(deaf.draw(flipped), deaf.draw(inputs)).mean()
    assert shifts["Male"] == pytest.approx(expected)


def test_a_toggle_map_is_white_where_most_changes_and_black_where_nothing_does(deaf):
    inputs = {"attributes": np.zeros((2, 2), "float32"), "noise": deaf.sample_noise(2, 0)}
    assert (metrics.toggle_map(deaf, inputs, "Bald") == 0).all()
    change = metrics.toggle_map(deaf, inputs, "Male")
    ones = {**inputs, "attributes": np.array([[0, 1]] * 2, "float32")}
    expected = np.abs(deaf.draw(ones).astype(int) - deaf.draw(inputs)).mean(axis=(0, 3))
    assert change.shape == (16, 16, 1) and change.max() == 255
    np.testing.assert_allclose(change[..., 0] / 255, expected / expected.max(), atol=0.003)


def test_what_nobody_asked_for_has_no_f1():
    wanted, seen = answers("10 00"), answers("11 01")
    np.testing.assert_allclose(controllability.f1(seen, wanted), [1, np.nan])
    assert metrics.control(seen, wanted, ["a", "b"])["f1_mean"] == 1
    assert np.isnan(mean([np.nan])) and mean([np.nan, 2, 4]) == 3


def test_a_switch_that_goes_on_puts_off_what_it_excludes_and_nothing_else():
    random = np.random.default_rng(0)
    rows = (random.random((200, 40)) < 0.3).astype("float32")
    for column, name in enumerate(NAMES):
        rivals = {NAMES.index(o) for group in EXCLUSIVE if name in group for o in group} - {column}
        switched = controllability.flip(rows, column, NAMES)
        others = [i for i in range(40) if i != column and i not in rivals]
        np.testing.assert_array_equal(switched[:, column], 1 - rows[:, column])
        np.testing.assert_array_equal(switched[:, others], rows[:, others])
        on = switched[:, column] == 1
        assert not switched[on][:, sorted(rivals)].any()
        np.testing.assert_array_equal(np.delete(switched[~on], column, 1), np.delete(rows[~on], column, 1))


def test_requests_start_with_the_rows_themselves():
    rows = np.eye(3, dtype="float32")
    requests = metrics.flips(rows, ["a", "b", "c"])
    assert requests.shape == (4, 3, 3)
    np.testing.assert_array_equal(requests[0], rows)
    np.testing.assert_array_equal(requests[2], rows * [1, -1, 1] + [0, 1, 0])


def test_what_the_table_never_shows_together_is_not_plausible():
    """Columns: man, beard (men only), glasses (anybody), never."""
    random = np.random.default_rng(0)
    man, beard, glasses = random.random((3, 4000)) < 0.5
    table = np.stack([man, man & beard, glasses, np.zeros(4000)], axis=1).astype("float32")
    rows = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [1, 1, 0, 0]], "float32")
    known = metrics.in_distribution(metrics.flips(rows, list("mbgn")), table)
    assert known.tolist() == [[True, True, False], [True, False, True], [True] * 3, [False] * 3]


def obedient(rows, names):
    """What is seen, and what was asked for, where every reading is as asked."""
    requests = metrics.flips(rows, names)
    return requests > 0.5, requests, np.ones((len(names), len(rows)), bool)


def test_effects_of_a_model_that_obeys_and_of_one_that_does_not():
    names = ["Bald", "Bangs", "Smiling"]  # Bald excludes Bangs: its going off is no fault
    rows = (np.random.default_rng(0).random((60, 3)) < 0.5).astype("float32")
    rows[:, 1] *= 1 - rows[:, 0]
    seen, requests, known = obedient(rows, names)
    perfect = {"pairs": 60, "flipped": 1, "flipped_anyone": 1, "flipped_by_others": 0, "others": 0}
    assert controllability.toggle_effects(seen, requests, names, known) == dict.fromkeys(names, perfect)
    deaf = controllability.toggle_effects(np.repeat(seen[:1], 4, axis=0), requests, names, known)
    assert all(row["flipped"] == row["others"] == row["flipped_by_others"] == 0 for row in deaf.values())


def test_effects_of_one_reading_that_follows_another_switch():
    names, rows = ["a", "b"], np.array([[0, 0], [1, 0], [0, 1]], "float32")
    seen, requests, known = obedient(rows, names)
    seen[..., 1] = seen[..., 0]  # b shows whenever a is on
    found = controllability.toggle_effects(seen, requests, names, known)
    assert found["a"]["flipped"] == 1 and found["a"]["others"] == 1
    assert found["b"]["flipped"] == 0 and found["b"]["flipped_by_others"] == 1 and found["b"]["others"] == 0


def test_effects_count_known_pairs_only():
    names, rows = ["a", "b"], np.zeros((4, 2), "float32")
    seen, requests, known = obedient(rows, names)
    seen[1, 2:] = seen[0, 2:]  # two people do not listen to a
    known[0, 2:] = False
    known[1] = False
    found = controllability.toggle_effects(seen, requests, names, known)
    assert found["a"]["pairs"] == 2 and found["a"]["flipped"] == 1 and found["a"]["flipped_anyone"] == 0.5
    assert found["b"]["pairs"] == 0 and np.isnan(found["b"]["flipped"]) and found["b"]["flipped_anyone"] == 1


def test_maps_of_change_are_means_over_the_known():
    pictures = np.zeros((3, 2, 4, 4, 3), "uint8")
    pictures[1, 0, 1, 2], pictures[1, 1, 3, 3] = 30, 90
    maps = metrics.change_maps(pictures, np.array([[True, False], [False, False]]))
    assert maps[0].sum() == maps[0, 1, 2] == 30 and np.isnan(maps[1]).all()
    both = metrics.change_maps(pictures, np.ones((2, 2), bool))
    assert both[0, 1, 2] == 15 and both[0, 3, 3] == 45 and not both[1].any()
