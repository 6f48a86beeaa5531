"""Conditions: words become the vectors they mean; paths and walks keep what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegen import conditions
from facegen.errors import FacegenError

NAMES = {"identity": ["01", "03", "05"], "emotion": ["angry", "happy", "sad"], "orientation": ["sin", "cos"]}
EMOTIONS = NAMES["emotion"]


@pytest.mark.parametrize("word", ["03", "3", 3, {"03": 2}, "2*3", " 03 "])
def test_many_words_for_one_person(word):
    np.testing.assert_array_equal(conditions.vector("identity", NAMES["identity"], word), [0, 1, 0])


@pytest.mark.parametrize(
    "word, weights",
    [
        ("sad+happy", [0, 1, 1]),
        ("0.7*happy+0.3*sad", [0, 0.7, 0.3]),
        ({"happy": 0.7, "sad": 0.3}, [0, 0.7, 0.3]),
        ("happy + happy + sad", [0, 2, 1]),
        ({"happy": -1}, [0, -1, 0]),
    ],
)
def test_mixtures_have_unit_length_unless_they_may_not(word, weights):
    free = conditions.vector("emotion", EMOTIONS, word, constrained=False)
    np.testing.assert_allclose(free, weights, rtol=1e-6)
    bound = conditions.vector("emotion", EMOTIONS, word)
    np.testing.assert_allclose(bound, np.array(weights) / np.linalg.norm(weights), rtol=1e-6)


@pytest.mark.parametrize(
    "degrees, expected", [(0, [0, 1]), (90, [1, 0]), ("-45", [-(0.5**0.5), 0.5**0.5]), (360, [0, 1])]
)
def test_angles_are_points_on_the_circle_frontal_at_the_top(degrees, expected):
    np.testing.assert_allclose(conditions.vector("orientation", ["sin", "cos"], degrees), expected, atol=1e-6)


def test_a_vector_is_taken_as_it_is():
    np.testing.assert_array_equal(conditions.vector("emotion", EMOTIONS, [2, 0, -1]), [2, 0, -1])


@pytest.mark.parametrize(
    "request_, message",
    [
        (
            {"identity": 7, "emotion": "happy", "orientation": 0},
            r"identity: there is no '7' among 01, 03, 05",
        ),
        (
            {"identity": 1, "emotion": "hapy", "orientation": 0},
            r"emotion: there is no 'hapy'.*Did you mean 'happy'",
        ),
        (
            {"identity": 1, "emotion": "x*happy", "orientation": 0},
            r"expected a number before '\*', found 'x'",
        ),
        ({"identity": 1, "emotion": {"happy": "much"}, "orientation": 0}, "expected a number"),
        ({"identity": 1, "emotion": "happy+-1*happy", "orientation": 0}, "has no direction"),
        ({"identity": 1, "emotion": "nan*happy", "orientation": 0}, "has no direction"),
        (
            {"identity": 1, "emotion": "happy", "orientation": "left"},
            "expected an angle in degrees, found 'left'",
        ),
        ({"identity": 1, "emotion": "happy", "orientation": float("inf")}, "expected an angle"),
        ({"identity": [1, 0], "emotion": "happy", "orientation": 0}, "identity: expected 3 numbers"),
        ({"identity": 1, "emotion": "happy"}, "'orientation' is missing"),
        ({"identity": 1, "emotion": "happy", "orientation": 0, "mood": 1}, "there is no condition 'mood'"),
    ],
)
def test_what_cannot_be_read_is_named(request_, message):
    with pytest.raises(FacegenError, match=message):
        conditions.encode(NAMES, request_)


def test_a_grid_has_every_combination_the_last_word_fastest():
    rows = conditions.grid(NAMES, identity=["01", "05"], emotion=["sad"], orientation=[0, 90])
    assert {name: values.shape for name, values in rows.items()} == {
        "identity": (4, 3), "emotion": (4, 3), "orientation": (4, 2)
    }  # fmt: skip
    assert rows["identity"].argmax(axis=1).tolist() == [0, 0, 2, 2]
    np.testing.assert_allclose(rows["orientation"][:, 0], [0, 1, 0, 1], atol=1e-6)


def encoded(identity, degrees):
    return conditions.encode(NAMES, {"identity": identity, "emotion": "happy", "orientation": degrees})


@given(st.floats(-170, 170), st.floats(-170, 170), st.integers(2, 9))
def test_arcs_keep_unit_length_and_even_steps(start, end, count):
    path = conditions.interpolate(encoded("1", start), encoded("1+3", end), count)
    for name in ("identity", "orientation"):
        if name == "orientation" and abs(abs(start - end) - 180) < 3:
            continue  # opposite views: there is no short way
        np.testing.assert_allclose(np.linalg.norm(path[name], axis=1), 1, atol=1e-4)
        steps = np.linalg.norm(np.diff(path[name], axis=0), axis=1)
        np.testing.assert_allclose(steps, steps[0], atol=1e-3)
    np.testing.assert_allclose(path["identity"][0], [1, 0, 0], atol=1e-5)
    np.testing.assert_allclose(path["identity"][-1], [0.5**0.5, 0.5**0.5, 0], atol=1e-5)


def test_heads_turn_the_short_way_round():
    path = conditions.interpolate(encoded("1", 170), encoded("1", -170), 3)
    np.testing.assert_allclose(path["orientation"][1], conditions.direction(180), atol=1e-5)


def test_unconstrained_paths_are_straight():
    path = conditions.interpolate(encoded("1", 0), encoded("3", 0), 3, constrained=False)
    np.testing.assert_allclose(path["identity"][1], [0.5, 0.5, 0])


@given(st.integers(0, 1000), st.floats(0, 2))
def test_drunk_walks_stay_within_bounds_and_step_by_at_most_the_step(seed, step):
    path = conditions.wander(encoded("1", 0), 20, seed, step={"identity": step}, bounds=(0, 1))
    assert path["identity"].min() >= 0 and path["identity"].max() <= 1
    assert np.abs(np.diff(path["identity"], axis=0)).max() <= step + 1e-6
    np.testing.assert_array_equal(path["emotion"], np.tile([[0, 1, 0]], (20, 1)))  # step 0 stands still
    np.testing.assert_array_equal(path["identity"][0], [1, 0, 0])


def test_walks_are_seeded_and_may_be_constrained_or_free():
    start = encoded("1", 0)
    walk = conditions.wander(start, 10, seed=1, step=0.3, constrained=True)
    again = conditions.wander(start, 10, seed=1, step=0.3, constrained=True)
    other = conditions.wander(start, 10, seed=2, step=0.3, constrained=True)
    assert (walk["identity"] == again["identity"]).all() and (walk["identity"] != other["identity"]).any()
    np.testing.assert_allclose(np.linalg.norm(walk["identity"], axis=1), 1, atol=1e-5)
    free = conditions.wander(start, 300, seed=1, step=0.5, bounds=None)
    assert free["identity"].min() < -0.5 and free["identity"].max() > 1.5
