"""Ways between vectors: ends are met, arcs and circles are kept, chance is seeded and legal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegen import conditions, paths
from facegen.errors import FacegenError

YALE = {
    "identity": ["01", "02", "05"],
    "lighting": ["sin azimuth", "cos azimuth", "sin elevation", "cos elevation"],
}
OWN = {"sun": ["sin", "cos"], "mood": ["good", "bad"]}
degrees = st.floats(-180, 180)
eases = st.sampled_from(sorted(paths.EASES))


def lit(azimuth, elevation, identity=1):
    return conditions.encode(YALE, {"identity": identity, "lighting": [azimuth, elevation]})


def turned(rows):
    """Angles in degrees, (n, angles), of rows of (sin, cos) pairs."""
    pairs = rows.reshape(len(rows), -1, 2)
    return np.degrees(np.arctan2(pairs[..., 0], pairs[..., 1]))


def apart(a, b):
    """The short way between angles, in degrees, without a sign."""
    return np.abs((np.asarray(a) - b + 180) % 360 - 180)


@given(degrees, degrees, degrees, degrees, st.integers(2, 9))
def test_every_light_moves_on_its_own_circle_the_short_way_evenly(a, b, c, d, count):
    path = paths.interpolate(lit(a, b), lit(c, d), count)["lighting"]
    np.testing.assert_allclose(np.linalg.norm(path.reshape(count, 2, 2), axis=2), 1, atol=1e-5)
    angles = turned(path)
    np.testing.assert_allclose(apart(angles[[0, -1]], [[a, b], [c, d]]), 0, atol=0.05)
    steps = apart(angles[1:], angles[:-1])
    np.testing.assert_allclose(
        steps, np.broadcast_to(apart([a, b], [c, d]) / (count - 1), steps.shape), atol=0.1
    )


@pytest.mark.parametrize(
    "start, end, middle", [(170, -170, 180), (-135, 135, 180), (-90, 90, 0), (90, -90, 0), (10, 50, 30)]
)
def test_the_short_way_and_between_opposites_by_way_of_the_front(start, end, middle):
    path = paths.interpolate(lit(start, start), lit(end, end), 3)["lighting"]
    np.testing.assert_allclose(apart(turned(path[1:2]), middle), 0, atol=1e-3)


def test_angles_are_known_by_their_columns_or_by_their_name():
    ends = [conditions.encode(OWN, {"sun": angle, "mood": "good"}) for angle in (-90, 90)]
    known = paths.interpolate(*ends, 3, names=OWN)["sun"][1]
    np.testing.assert_allclose(known, [0, 1], atol=1e-6)
    np.testing.assert_allclose(paths.interpolate(*ends, 3)["sun"][1], [0, 0], atol=1e-6)  # for all it knows


def test_a_light_of_no_direction_is_left_and_reached():
    path = paths.around(np.array([0.0, 0, 0, 1]), np.array([1.0, 0, 0, 2]), np.array([[0.0], [0.5], [1.0]]))
    np.testing.assert_allclose(path[[0, 2]], [[0, 0, 0, 1], [1, 0, 0, 2]], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(path.reshape(3, 2, 2), axis=2), [[0, 1], [0.5, 1.5], [1, 2]])


@given(eases, st.integers(3, 20))
def test_eased_ways_have_the_same_ends_and_never_turn_back(ease, count):
    way = np.array([paths.eased(t, ease) for t in np.linspace(0, 1, count)])
    np.testing.assert_allclose(way[[0, -1]], [0, 1])
    assert (np.diff(way) > 0).all()
    path = paths.interpolate(lit(0, 0, 1), lit(60, 0, 2), count, ease=ease)
    np.testing.assert_allclose(turned(path["lighting"])[:, 0], 60 * way, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(path["identity"], axis=1), 1, atol=1e-5)


def test_each_ease_is_slow_where_it_says():
    first, last = (
        {ease: paths.eased(t + 0.1, ease) - paths.eased(t, ease) for ease in paths.EASES} for t in (0.0, 0.9)
    )
    assert max(first["in"], first["in-out"]) < first["linear"] < first["out"]
    assert max(last["out"], last["in-out"]) < last["linear"] < last["in"]
    with pytest.raises(FacegenError, match="ease='slow': expected one of linear, in, out, in-out"):
        paths.interpolate(lit(0, 0), lit(1, 1), 3, ease="slow")


@given(st.integers(0, 99), st.floats(0.01, 1), degrees)
def test_a_drunk_light_stays_on_its_circles_and_steps_by_at_most_the_step(seed, step, azimuth):
    walk = paths.wander(lit(azimuth, 20), 30, seed, step, constrained=True)["lighting"]
    np.testing.assert_allclose(np.linalg.norm(walk.reshape(30, 2, 2), axis=2), 1, atol=1e-5)
    angles = turned(walk)
    np.testing.assert_allclose(apart(angles[0], [azimuth, 20]), 0, atol=0.01)
    steps = apart(angles[1:], angles[:-1])
    assert 0 < steps.max() <= np.degrees(step) + 0.01
    assert steps.min(axis=1).max() > 0  # both move


def test_a_walk_on_circles_moves_nothing_else_differently():
    still = paths.wander(lit(0, 0), 20, 3, {"identity": 0.2}, constrained=True)
    moving = paths.wander(lit(0, 0), 20, 3, 0.2, constrained=True)
    np.testing.assert_array_equal(still["identity"], moving["identity"])
    np.testing.assert_array_equal(still["lighting"], np.repeat(lit(0, 0)["lighting"], 20, axis=0))


@given(st.integers(0, 99), st.integers(1, 50))
def test_chance_is_legal_and_seeded(seed, count):
    names = {**YALE, "attributes": ["Male", "Smiling"]}
    rows = paths.random(names, count, seed)
    assert {name: row.shape for name, row in rows.items()} == {k: (count, len(v)) for k, v in names.items()}
    np.testing.assert_allclose(np.linalg.norm(rows["identity"], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(rows["lighting"].reshape(count, 2, 2), axis=2), 1, atol=1e-5)
    assert np.abs(turned(rows["lighting"])).max() <= 90.01
    assert np.isin(rows["attributes"], [0, 1]).all()
    again = paths.random(names, count, seed)
    assert all((rows[name] == again[name]).all() for name in names)


def test_unconstrained_chance_fills_minus_scale_to_scale():
    rows = paths.random(YALE, 2000, 1, scale=3, constrained=False)
    for values in rows.values():
        np.testing.assert_allclose([values.min(), values.max()], [-3, 3], atol=0.05)
        np.testing.assert_allclose(values.std(), 3 / 3**0.5, rtol=0.05)
    assert (paths.random(YALE, 9, 2)["identity"] != paths.random(YALE, 9, 1)["identity"]).all()
