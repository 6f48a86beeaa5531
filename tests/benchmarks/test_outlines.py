"""How far heads reach between the views: what is measured, on outlines whose curve is known."""

import numpy as np
import pytest

from benchmarks.outlines import around, closed_curve, errors, mended, near_outline, reach, share_of_error
from facegen.metrics.turning import Turn

DEGREES = np.arange(-90, 90.1, 22.5)
SEEN = np.arange(-90, 90.1, 45)


def ellipse(degrees, wide=10.0, deep=16.0, ahead=3.0):
    """How far to the right an ellipse around an axis reaches, once it is turned: its support function."""
    a = np.radians(degrees)
    return np.hypot(wide * np.cos(a), deep * np.sin(a)) + ahead * np.sin(a)


def views(shift=0.0, width=64):
    """White pictures of a dark ellipse from all sides, one head of 6 rows; between the views it is wider."""
    more = shift * (np.abs(DEGREES[:, None] - SEEN).min(axis=1) > 0)
    edges = np.arange(width)[None] - width / 2
    right = (ellipse(DEGREES) + more)[:, None]
    left = (ellipse(DEGREES + 180) + more)[:, None]
    share = (np.clip(right - edges, 0, 1) * np.clip(edges + 1 + left, 0, 1))[None, :, None, :, None]
    return np.uint8(np.round(250 - 200 * np.broadcast_to(share, (1, len(DEGREES), 6, width, 3))))


def test_a_row_reaches_as_far_as_its_outermost_pixels_show():
    outlines = np.zeros((2, 8))
    outlines[0, 2:7] = [0.25, 1, 0, 1, 0.5]
    assert reach(outlines)[0].tolist() == [1.25, 2.5] and np.isnan(reach(outlines)[1]).all()


def test_a_smooth_curve_is_found_again_between_the_views():
    reached = np.stack([ellipse(DEGREES + 180), ellipse(DEGREES)], axis=-1)[None, :, None]
    curve, at = around(reached, DEGREES)
    assert sorted(at % 360) == sorted(np.arange(0, 360, 22.5))
    np.testing.assert_allclose(curve[0, :, 0], ellipse(at), atol=1e-9)
    found = closed_curve(8, (at - at[0]) / 45) @ curve[0, ::2, 0]
    np.testing.assert_allclose(found, ellipse(at), atol=0.1)
    np.testing.assert_allclose(found[::2], ellipse(at)[::2], atol=1e-9)


def test_the_curve_is_as_smooth_as_a_cubic_can_be():
    places, values = np.linspace(0, 6, 6001)[:-1], np.random.default_rng(0).normal(size=6)
    curve = closed_curve(6, places) @ values
    bends = np.diff(curve, n=2, append=curve[:2]) * 1e6  # around the ring
    assert np.abs(np.diff(bends, append=bends[:1])).max() < 0.1  # no jump, where the pieces meet either


@pytest.mark.parametrize("shift", [-1.0, 0.0, 2.0])
def test_a_network_is_off_by_as_much_as_it_draws_too_wide(shift):
    found = errors(Turn(DEGREES, SEEN, views(), views(shift)))
    assert abs(np.nanmean(found["network"]) - shift) < 0.1
    assert np.abs(found["spline"]).max() < 0.35  # an edge is read to a fraction of a pixel


def test_errors_at_the_outline_are_told_from_those_inside():
    truth = views()
    wide = Turn(DEGREES, SEEN, truth, views(1.0))
    band = near_outline(wide)
    assert share_of_error(wide, band) > 0.99 and (mended(wide, band).drawn == truth).mean() > 0.99
    inside = truth.copy()
    inside[:, :, :, 30:34] += 50
    faulty = Turn(DEGREES, SEEN, truth, inside)
    assert share_of_error(faulty, band) < 0.01 and (mended(faulty, band).drawn == inside).all()
