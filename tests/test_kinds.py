"""The kinds of condition: one mechanism for words, chance, steps and ways, in files, panels and training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegen import conditions, script
from facegen.attributes import NAMES
from facegen.errors import FacegenError
from facegen.interpolation import EASINGS, eased
from facegen.kinds import Angle, Binary, Condition, Latent, Mixture, kind
from facegen.panel import look as looks
from facegen.panel.look import Look

LIGHT = ["sin azimuth", "cos azimuth", "sin elevation", "cos elevation"]
CONDITIONS = {
    "identity": [f"{i:02d}" for i in range(1, 8)],
    "emotion": ["angry", "happy", "neutral"],
    "orientation": ["sin", "cos"],
    "lighting": LIGHT,
    "attributes": list(NAMES[:6]),
}
KINDS = {name: kind(name, columns) for name, columns in CONDITIONS.items()}
KINDS["noise"] = Latent(
    "noise", tuple("abcd"), draw=lambda n, seed: np.random.default_rng(seed).normal(size=(n, 4)), normal=True
)
each = pytest.mark.parametrize("name", KINDS)
degrees = st.floats(-180, 180)
seeds = st.integers(0, 999)


def assert_legal(one: Condition, state: np.ndarray):
    """What a constrained kind promises of every row that a model is asked for."""
    row = one.row(state)
    assert row.dtype == np.float32 and row.shape == (len(one.columns),)
    if isinstance(one, Angle):
        np.testing.assert_allclose(np.linalg.norm(row.reshape(-1, 2), axis=1), 1, atol=1e-5)
    elif isinstance(one, Binary):
        assert (row >= 0).all() and (row <= 1).all()
    elif isinstance(one, Mixture):
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(one.row(one.clip(state)), row, atol=1e-6)


def test_columns_decide():
    found = {name: type(one).__name__ for name, one in KINDS.items()}
    assert found == {"identity": "Mixture", "emotion": "Mixture", "orientation": "Angle", "lighting": "Angle",
                     "attributes": "Binary", "noise": "Latent"}  # fmt: skip
    assert {type(kind(name, columns, constrained=False)) for name, columns in CONDITIONS.items()} == {
        Condition
    }
    assert kind("mood", ["sin", "cos", "tan"]).__class__ is Mixture


@each
@given(seed=seeds, t=st.floats(0, 1))
def test_chance_steps_and_ways_are_legal(name, seed, t):
    one, random = KINDS[name], np.random.default_rng(seed)
    a, b, picked = one.sample(random), one.sample(random), one.pick(random)
    for state in (a, b, picked, one.default(), one.interpolate(a, b, t)):
        assert_legal(one, state)
    for _ in range(5):
        a = one.step_from(a, np.ones(one.width, bool), random)
        assert_legal(one, a)


@each
@given(seed=seeds)
def test_a_way_has_its_ends_and_a_row_its_state(name, seed):
    one, random = KINDS[name], np.random.default_rng(seed)
    a, b = one.sample(random), one.sample(random)
    for t, end in ((0.0, a), (1.0, b)):
        np.testing.assert_allclose(one.row(one.interpolate(a, b, t)), one.row(end), atol=1e-5)
    np.testing.assert_allclose(one.row(one.state(one.row(a))), one.row(a), atol=1e-6)


@pytest.mark.parametrize("name", CONDITIONS)
@given(seed=seeds)
def test_words_and_back(name, seed):
    columns, one = CONDITIONS[name], KINDS[name]
    row = one.row(one.pick(np.random.default_rng(seed)))
    word = conditions.words(name, columns, row)
    np.testing.assert_allclose(one.row(one.encode(word)), row, atol=0.02)


@given(seed=seeds)
def test_a_mixture_goes_along_the_arc_evenly_and_free_numbers_straight(seed):
    random = np.random.default_rng(seed)
    one, free = KINDS["identity"], kind("identity", CONDITIONS["identity"], constrained=False)
    a, b = one.pick(random), one.pick(random)
    way = np.array([one.interpolate(a, b, t) for t in np.linspace(0, 1, 7)])
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], atol=1e-3)
    np.testing.assert_allclose(free.interpolate(a, b, 0.25), 0.75 * a + 0.25 * b)


@given(seeds, st.floats(0, 2))
def test_a_drunk_step_is_bounded_and_no_longer_than_the_step(seed, step):
    one = kind("identity", CONDITIONS["identity"], constrained=False, step=step, low=0.0, high=1.0)
    random, moving = np.random.default_rng(seed), np.arange(one.width) < 3
    state = one.encode("01")
    for _ in range(20):
        before, state = state, one.step_from(state, moving, random)
        assert state.min() >= 0 and state.max() <= 1 and np.abs(state - before).max() <= step + 1e-9
        assert (state[3:] == before[3:]).all()


# Angles


def apart(a, b):
    """The short way between angles, in degrees, without a sign."""
    return np.abs((np.asarray(a) - b + 180) % 360 - 180)


@given(degrees, degrees, degrees, degrees, st.integers(2, 9))
def test_every_light_moves_on_its_own_circle_the_short_way_evenly(a, b, c, d, count):
    light = KINDS["lighting"]
    start, end = light.encode([a, b]), light.encode([c, d])
    states = np.array([light.interpolate(start, end, t) for t in np.linspace(0, 1, count)])
    steps = apart(states[1:], states[:-1])
    np.testing.assert_allclose(
        steps, np.broadcast_to(apart([a, b], [c, d]) / (count - 1), steps.shape), atol=0.1
    )
    np.testing.assert_allclose(apart(states[[0, -1]], [[a, b], [c, d]]), 0, atol=0.05)


@pytest.mark.parametrize(
    "start, end, middle", [(170, -170, 180), (-135, 135, 180), (-90, 90, 0), (90, -90, 0), (10, 50, 30)]
)
def test_the_short_way_and_between_opposites_by_way_of_the_front(start, end, middle):
    turn = KINDS["orientation"]
    assert apart(turn.interpolate(turn.encode(start), turn.encode(end), 0.5), middle) == pytest.approx(0)


@given(seeds, st.floats(0.01, 1), degrees)
def test_a_drunk_light_steps_by_at_most_the_step(seed, step, azimuth):
    light, random = kind("lighting", LIGHT, step=step), np.random.default_rng(seed)
    walk = [light.encode([azimuth, 20])]
    for _ in range(30):
        walk.append(light.step_from(walk[-1], np.ones(2, bool), random))
    steps = apart(np.array(walk[1:]), np.array(walk[:-1]))
    assert 0 < steps.max() <= np.degrees(step) + 0.01
    assert steps.min(axis=1).max() > 0  # both move
    still = light.step_from(walk[0], np.zeros(2, bool), random)
    np.testing.assert_array_equal(still, walk[0])


# A panel's morph is the film of the same two requests


@pytest.mark.parametrize("name", CONDITIONS)
@given(seed=seeds, step=st.integers(1, 9))
def test_a_morph_is_what_a_film_shows(name, seed, step):
    names, one, random = {name: CONDITIONS[name]}, KINDS[name], np.random.default_rng(seed)
    rows = [one.row(one.pick(random)) for _ in range(2)]
    degrees = [one.state(row).tolist() for row in rows] if isinstance(one, Angle) else rows
    told = {"mode": "interpolate", "keyframes": [{name: degrees[0]}, {name: degrees[1], "length": 10}]}
    film = next(script.parse(told, names).frames(20))[name]
    morph = looks.between(Look({name: rows[0]}), Look({name: rows[1]}), step / 10, names)
    np.testing.assert_allclose(morph.rows[name], film[step], atol=1e-5)


def test_a_morph_from_profile_to_profile_passes_the_front():
    names = {"orientation": ["sin", "cos"], "lighting": LIGHT}
    requests = [{"orientation": degrees, "lighting": [degrees, degrees / 2]} for degrees in (-90, 90)]
    a, b = (Look({n: r[0] for n, r in conditions.encode(names, asked).items()}) for asked in requests)
    middle = looks.between(a, b, 0.5, names)
    np.testing.assert_allclose(middle.rows["orientation"], [0, 1], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(middle.rows["lighting"].reshape(2, 2), axis=1), 1, atol=1e-6)


# Words that are names


@pytest.mark.parametrize(
    ("columns", "word", "expected"),
    [
        (["salt+pepper", "salt", "pepper"], "salt+pepper", "salt+pepper"),
        (["1.50", "2.00"], "1.50", "1.50"),
        (["0.5*a", "a"], "0.5*a", "0.5*a"),
        (["no", "yes"], False, "no"),
        (["no", "yes"], True, "yes"),
        (["Off", "On"], {True: 1}, "On"),
        (["no", "yes"], "no", "no"),
    ],
)
def test_a_name_is_taken_whole_before_it_is_reckoned_with(columns, word, expected):
    row = conditions.vector("hair", columns, word)
    assert columns[int(row.argmax())] == expected and row.sum() == 1


def test_sums_of_other_names_are_still_sums():
    row = conditions.vector("hair", ["salt+pepper", "salt", "pepper"], "salt+0.5*pepper", constrained=False)
    assert row.tolist() == [0, 1, 0.5]


# Easings


@given(st.sampled_from(sorted(EASINGS)), st.integers(3, 20))
def test_eased_ways_have_the_same_ends_and_never_turn_back(ease, count):
    way = np.array([eased(t, ease) for t in np.linspace(0, 1, count)])
    np.testing.assert_allclose(way[[0, -1]], [0, 1])
    assert (np.diff(way) > 0).all()


def test_each_ease_is_slow_where_it_says():
    first, last = ({ease: eased(t + 0.1, ease) - eased(t, ease) for ease in EASINGS} for t in (0.0, 0.9))
    assert max(first["in"], first["in-out"]) < first["linear"] < first["out"]
    assert max(last["out"], last["in-out"]) < last["linear"] < last["in"]
    with pytest.raises(FacegenError, match="ease='slow': expected one of linear, in, out, in-out"):
        eased(0.5, "slow")
