"""Samplers: right where the answer is known, from noise to picture and back."""

import numpy as np
import pytest

from facegen.models.samplers import METHODS, guided, inverted, solved, trajectory

SPREAD = 0.5


def gaussian(x, t):
    """The exact velocity of independent normal numbers, of standard deviation SPREAD, from noise."""
    return (SPREAD**2 * t - (1 - t)) / ((1 - t) ** 2 + (SPREAD * t) ** 2) * x


def growth(x, t):
    return x * (1 + t)  # whose solution is x exp(t + t² / 2)


@pytest.mark.parametrize("method, order", [("euler", 1), ("midpoint", 2), ("heun", 2)])
def test_twice_the_steps_leave_a_half_or_a_quarter_of_the_error(method, order):
    errors = [abs(solved(growth, 1.0, steps, method) - np.exp(1.5)) for steps in (16, 32)]
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_the_flow_of_a_gaussian_ends_as_wide_as_it_is(method):
    noise = np.random.default_rng(0).standard_normal(1000)
    np.testing.assert_allclose(solved(gaussian, noise, 400, method), SPREAD * noise, rtol=0.01)


def test_two_steps_of_midpoint_are_near_the_exact_flow():
    """Both of four evaluations of the field; the straight line of one step is exact at the mean alone."""
    noise = np.random.default_rng(0).standard_normal(1000)
    two, four = solved(gaussian, noise, 2, "midpoint"), solved(gaussian, noise, 4, "euler")
    errors = [np.abs(x - SPREAD * noise).mean() for x in (two, four)]
    assert errors[0] < 0.06 and errors[0] < 0.6 * errors[1]


def test_a_straight_path_is_gone_in_one_step():
    start, end = np.array([1.0, -2.0]), np.array([3.0, 5.0])
    for method in METHODS:
        np.testing.assert_allclose(solved(lambda x, t: end - start, start, 1, method), end)
        np.testing.assert_allclose(inverted(lambda x, t: end - start, end, 3, method, rounds=0), start)


@pytest.mark.parametrize("steps", [4, 8])
@pytest.mark.parametrize("method", METHODS)
def test_back_from_a_picture_to_the_noise_that_these_steps_draw_it_from(method, steps):
    noise = np.random.default_rng(0).standard_normal(1000)
    drawn = solved(gaussian, noise, steps, method)
    errors = [np.abs(inverted(gaussian, drawn, steps, method, n) - noise).max() for n in (0, 20)]
    assert errors[1] < 1e-3 and errors[1] < 0.1 * errors[0]


def test_the_equation_backwards_is_near_where_steps_are_small():
    noise = np.random.default_rng(0).standard_normal(1000)
    np.testing.assert_allclose(inverted(gaussian, SPREAD * noise, 64, rounds=0), noise, atol=1e-3)


def test_a_trajectory_begins_at_its_start_and_has_all_steps():
    way = list(trajectory(growth, 1.0, 5))
    assert way[0] == 1.0 and len(way) == 6 and way[-1] == solved(growth, 1.0, 5)


def test_guidance_of_one_is_what_is_asked_for_and_of_nought_what_comes_unasked():
    known, unknown = np.array([1.0, 2.0]), np.array([5.0, 7.0])
    np.testing.assert_array_equal(guided(known, unknown, 1), known)
    np.testing.assert_array_equal(guided(known, unknown, 0), unknown)
    np.testing.assert_array_equal(guided(known, unknown, 2), 2 * known - unknown)
