"""The kinds of conditions: round trips, chance and steps that stay legal, ways that end where they should."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegen.conditions.base import checked_ranges
from facegen.conditions.interpolation import EASINGS, eased, lerp, slerp
from facegen.conditions.kinds import Angle, Binary, Mixture, Number, kind, kinds
from facegen.conditions.latent import latent
from facegen.utils.errors import FacegenError

LIGHTING = ("sin azimuth", "cos azimuth", "sin elevation", "cos elevation")
NAMES = {
    "identity": ("01", "02", "05"),
    "emotion": ("happy", "neutral", "sad+angry", "a*b"),
    "alone": ("one",),
    "orientation": ("sin", "cos"),
    "lighting": LIGHTING,
    "attributes": ("Bald", "Male", "Smiling"),
    "numbers": ("age", "height", "constant"),
}
RANGES = {"numbers": ((18.0, 80.0), (-1.5, 2.25), (7.0, 7.0))}
KINDS = kinds(NAMES, RANGES)
FREE = kinds(NAMES, RANGES, constrained=False)
a_kind = st.sampled_from(sorted(KINDS)).map(KINDS.get)
seeds = st.integers(0, 9999)
shares = st.floats(0, 1)
degrees = st.floats(-180, 180)


def random(seed):
    return np.random.default_rng(seed)


def states(of, seed, count=2):
    chance = random(seed)
    return [of.sample(chance) for _ in range(count)]


def assert_legal(of, state):
    """What every picture that a network has learned from has, checked in the row that a network reads."""
    row = of.row(state)
    assert row.shape == (len(of.columns),) and row.dtype == np.float32
    if isinstance(of, Angle):
        np.testing.assert_allclose(np.linalg.norm(row.reshape(-1, 2), axis=1), 1, atol=1e-5)
    elif isinstance(of, Mixture):
        np.testing.assert_allclose(np.linalg.norm(row), 1, atol=1e-5)
    else:
        low, high = RANGES["numbers"] and of.extent
        assert (row >= np.float32(low)).all() and (row <= np.float32(high)).all()


def test_every_kind_says_what_its_numbers_are():
    assert {name: one.meaning for name, one in KINDS.items()} == {
        "identity": "a mixture of 01, 02, 05",
        "emotion": "a mixture of happy, neutral, sad+angry, a*b",
        "alone": "a mixture of one",
        "orientation": "an angle in degrees",
        "lighting": "azimuth and elevation in degrees",
        "attributes": "each off (0) or on (1): Bald, Male, Smiling",
        "numbers": "age from 18 to 80, height from -1.5 to 2.25, constant from 7 to 7",
    }
    assert [one.meaning for one in FREE.values()] == [one.meaning for one in KINDS.values()]
    assert latent(lambda count, seed: np.zeros((count, 2), "float32")).meaning == "noise, drawn from a seed"
    assert kind("hair", "abcdefgh").meaning == "a mixture of a, b, c, d, e, ... (8)"


def turned(row):
    """Angles in degrees of a row of (sin, cos) pairs."""
    return np.degrees(np.arctan2(row[::2], row[1::2]))


def apart(a, b):
    """The short way between angles, in degrees, without a sign."""
    return np.abs((np.asarray(a) - b + 180) % 360 - 180)


def test_the_columns_and_the_name_decide():
    expected = [Mixture, Mixture, Mixture, Angle, Angle, Binary, Number]
    assert [type(of) for of in KINDS.values()] == expected
    assert type(kind("hair", ("sin", "cos"))) is Angle
    assert all(of.extent.shape == (2, len(of.columns)) for of in (*KINDS.values(), *FREE.values()))


@given(a_kind, seeds)
def test_what_is_decoded_is_encoded_again(of, seed):
    for state in (of.default(), of.pick(random(seed)), of.sample(random(seed))):
        row = of.row(state)
        again = of.row(of.encode(of.decode(row)))
        np.testing.assert_allclose(again, row, atol=0.02, rtol=1e-4)
        np.testing.assert_allclose(of.row(of.state(row)), row, atol=1e-5)
        np.testing.assert_allclose(of.row(of.encode(row)), row, atol=1e-5)  # the vector itself is a word, too


@given(a_kind, seeds)
def test_chance_defaults_and_drunk_steps_are_legal(of, seed):
    chance = random(seed)
    state = of.sample(chance)
    for some in (of.default(), of.pick(chance), state):
        assert_legal(of, some)
    free = chance.random(of.width) < 0.7
    for _ in range(20):
        before, state = state, of.step(state, free, chance)
        assert_legal(of, state)
        if not isinstance(of, Mixture):  # whose numbers share one length
            np.testing.assert_array_equal(state[~free], before[~free])
    same, again = (of.sample(random(seed)) for _ in range(2))
    np.testing.assert_array_equal(same, again)


@given(a_kind, seeds, shares)
def test_ways_have_exact_ends_and_are_legal_between(of, seed, t):
    start, end = states(of, seed)
    assert of.interpolate(start, end, 0) is start and of.interpolate(start, end, 1) is end
    assert_legal(of, of.interpolate(start, end, t))
    there, back = of.interpolate(start, end, t), of.interpolate(end, start, 1 - t)
    if of.width > 1 or not isinstance(of, Mixture):  # else from 1 to -1 there is no way but a jump
        np.testing.assert_allclose(of.row(there), of.row(back), atol=1e-4, rtol=1e-5)


@given(a_kind, st.lists(st.floats(-300, 300, width=32), min_size=7, max_size=7))
def test_clipping_twice_is_clipping_once(of, numbers):
    once = of.clip(np.array(numbers[: of.width]))
    np.testing.assert_allclose(of.clip(once), once, rtol=1e-9, atol=1e-9)


bounds = st.tuples(st.floats(-1, 0.5), st.floats(0, 1.5)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(bounds, st.floats(0, 2), st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3))
def test_bounded_mixtures_are_as_long_as_their_bounds_allow(edges, scale, numbers):
    low, high = edges
    of = Mixture("emotion", ("a", "b", "c"), scale=scale, low=low, high=high)
    once = of.clip(np.array(numbers))
    assert once.min() >= low and once.max() <= high
    np.testing.assert_allclose(of.clip(once), once, rtol=1e-6, atol=1e-6)
    if low <= 0 <= high and once.any():
        at_bounds = np.isclose(once, low) | np.isclose(once, high) | (once == 0)
        assert np.linalg.norm(once) == pytest.approx(scale, abs=1e-6) or at_bounds.all()


@given(degrees, degrees, degrees, degrees, st.integers(2, 9))
def test_every_light_moves_on_its_own_circle_the_short_way_evenly(a, b, c, d, count):
    of = KINDS["lighting"]
    path = [of.row(of.interpolate(np.array([a, b]), np.array([c, d]), t)) for t in np.linspace(0, 1, count)]
    angles = np.array([turned(row) for row in path])
    np.testing.assert_allclose(apart(angles[[0, -1]], [[a, b], [c, d]]), 0, atol=0.05)
    steps = apart(angles[1:], angles[:-1])
    even = np.broadcast_to(apart([a, b], [c, d]) / (count - 1), steps.shape)
    np.testing.assert_allclose(steps, even, atol=0.1)


@pytest.mark.parametrize(
    "start, end, middle", [(170, -170, 180), (-135, 135, 180), (-90, 90, 0), (90, -90, 0), (10, 50, 30)]
)
def test_heads_turn_the_short_way_and_between_the_profiles_by_way_of_the_front(start, end, middle):
    of = KINDS["orientation"]
    between = of.row(of.interpolate(of.encode(start), of.encode(end), 0.5))
    np.testing.assert_allclose(apart(turned(between), middle), 0, atol=1e-3)


@given(st.integers(0, 99), st.floats(0.01, 1), degrees)
def test_a_drunk_light_steps_by_at_most_the_step(seed, stride, azimuth):
    of, chance = Angle("lighting", LIGHTING, stride=stride), random(seed)
    walk = [np.array([azimuth, 20.0])]
    for _ in range(30):
        walk.append(of.step(walk[-1], np.array([True, True]), chance))
    steps = np.abs(np.diff(walk, axis=0))
    assert 0 < steps.max() <= np.degrees(stride) + 1e-6
    assert steps.min(axis=1).max() > 0  # both move


def test_free_conditions_go_straight_through_anything():
    of = FREE["orientation"]
    middle = of.interpolate(of.encode(-90), of.encode(90), 0.5)
    np.testing.assert_allclose(of.row(middle), [0, 0], atol=1e-6)
    assert of.encode("0.5 1.2").tolist() == [0.5, 1.2]
    drawn = np.array(states(FREE["identity"], 1, 500))
    np.testing.assert_allclose([drawn.min(), drawn.max()], [-1, 1], atol=0.05)


def test_a_free_number_is_drawn_from_its_range_and_may_be_asked_for_beyond_it():
    of = FREE["numbers"]
    assert of.encode("age: 200")[0] == 200
    drawn = np.array(states(of, 3, 300))
    np.testing.assert_allclose(drawn.min(axis=0), [18, -1.5, 7], atol=1)
    np.testing.assert_allclose(drawn.max(axis=0), [80, 2.25, 7], atol=1)


def test_opposite_mixtures_pass_by_a_third_and_a_lone_column_never_vanishes():
    of = KINDS["identity"]
    middle = of.interpolate(of.encode("01"), of.encode("-1*01"), 0.5)
    assert np.linalg.norm(middle) == pytest.approx(1) and abs(middle[0]) < 1e-6
    lone = KINDS["alone"]
    way = [lone.interpolate(np.array([1.0]), np.array([-1.0]), t) for t in np.linspace(0, 1, 9)]
    np.testing.assert_allclose(np.abs(way), 1)


@pytest.mark.parametrize("normal", [True, False])
def test_noise_goes_by_the_arc_if_it_is_normal_and_straight_if_it_is_uniform(normal):
    def draw(count, seed):
        made = random(seed)
        return (made.standard_normal if normal else made.random)((count, 6)).astype("float32")

    of = latent(draw, seed=5)
    one, two = of.default(), of.encode(8)
    np.testing.assert_array_equal(of.row(one), draw(1, 5)[0])
    middle = of.interpolate(one, two, 0.5)
    expected = slerp(one, two, 0.5) if normal else lerp(one, two, 0.5)
    np.testing.assert_allclose(middle, expected)
    lengths = [np.linalg.norm(state) for state in (one, middle, two)]
    assert (lengths[1] == pytest.approx((lengths[0] + lengths[2]) / 2)) == normal


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_normal_noise_walks_without_growing(scale):
    """A flow would draw noise that has grown as grain."""
    of = replace(latent(lambda n, seed: random(seed).standard_normal((n, 3000), "float32")), scale=scale)
    state, free, chance = scale * of.default(), np.arange(3000) < 1500, random(1)
    start = state
    for _ in range(600):
        state = of.step(state, free, chance)
    np.testing.assert_array_equal(state[~free], start[~free])
    assert state[free].std() == pytest.approx(scale, rel=0.06)
    assert np.corrcoef(state[free], start[free])[0, 1] < 0.6  # it has gone somewhere


@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
    shares,
)
def test_an_arc_has_even_lengths_and_even_angles(a, b, t):
    a, b = np.round(np.array(a), 3), np.round(np.array(b), 3)
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) < 0.01:
        return
    found = slerp(a, b, t)
    assert np.linalg.norm(found) == pytest.approx(lerp(*lengths, t), rel=1e-6)
    whole = np.arccos(np.clip(a @ b / np.prod(lengths), -1, 1))
    part = np.arccos(np.clip(a @ found / lengths[0] / np.linalg.norm(found), -1, 1))
    assert part == pytest.approx(t * whole, abs=1e-4)


@given(st.sampled_from(sorted(EASINGS)), st.integers(3, 20))
def test_eased_ways_have_the_same_ends_and_never_turn_back(easing, count):
    way = np.array([eased(t, easing) for t in np.linspace(0, 1, count)])
    assert way[0] == 0 and way[-1] == 1
    assert (np.diff(way) > 0).all()


def test_each_easing_is_slow_where_it_says():
    first, last = ({ease: eased(t + 0.1, ease) - eased(t, ease) for ease in EASINGS} for t in (0.0, 0.9))
    assert max(first["in"], first["in-out"]) < first["linear"] < first["out"]
    assert max(last["out"], last["in-out"]) < last["linear"] < last["in"]
    with pytest.raises(FacegenError, match="ease='slow': expected one of linear, in, out, in-out"):
        eased(0.5, "slow")


@pytest.mark.parametrize(
    "names, ranges",
    [
        (NAMES, None),
        ({"numbers": ["age"]}, {"numbers": [[1, 2], [3, 4]]}),
        ({"numbers": ["age"]}, {"numbers": [[2, 1]]}),
        ({"numbers": ["age"]}, {"numbers": [[0, np.inf]]}),
        ({"emotion": ["happy"]}, {"emotion": [[0, 1]]}),
    ],
)
def test_ranges_that_do_not_fit_are_refused(names, ranges):
    with pytest.raises(FacegenError, match="expected the least and the largest in the training rows"):
        checked_ranges(names, ranges)
