"""Checks of the exercises of notebook 9."""

from collections.abc import Mapping

import numpy as np

from facegen.course.exercises import Check, near, need
from facegen.models.samplers import euler, guided, midpoint, solved

NOISE, FACE, TIME, STEP = 0.8, -0.4, 0.25, 0.5  # of the pixel
ASKED, ALL = (1.0, 0.5), (0.0, 1.0)  # means and standard deviations of the crowd


@Check
def line(place, velocity, after, random):
    """Where a pixel is on its straight way, how fast, and where a step leads."""
    here, speed = (1 - TIME) * NOISE + TIME * FACE, FACE - NOISE
    need(
        not near(place, TIME * NOISE + (1 - TIME) * FACE),
        "at time 0 there is noise, and at 0.25 there is still more of it than of the face",
    )
    need(near(place, here), "the place is (1 - t) * noise + t * face")
    need(not near(velocity, -speed), "the velocity leads from the noise to the face: face - noise")
    need(
        near(velocity, speed),
        "the velocity is the same all along the line, and times do not enter: face - noise",
    )
    need(
        not near(after, here + speed), "a step of 0.5 takes half of the time, so it goes half of the velocity"
    )
    need(near(after, here + STEP * speed), "a step leads to place + velocity * length of the step")
    return "and 0.25 later it is at -0.4, the face: on a straight line steps of any length agree"


@Check
def step(method, random):
    """A step of the midpoint method."""

    def field(x, t):
        return 0.7 * x + 3 * t**2

    for _ in range(3):
        x, start = random.normal(), random.uniform(0, 0.5)
        end = start + random.uniform(0.2, 0.5)
        found, half = method(field, x, start, end), (end - start) / 2
        need(
            not near(found, euler(field, x, start, end)), "this asks once, at the start: that is Euler's step"
        )
        need(
            not near(found, x + 2 * half * field(x, start + half)),
            "ask at the place half-way, too: where half of a step with the first velocity leads",
        )
        need(
            not near(found, x + 2 * half * field(euler(field, x, start, start + half), start)),
            "ask at the time half-way, too: (start + end) / 2",
        )
        middle = euler(field, x, start, start + half)
        need(
            not near(found, middle + 2 * half * field(middle, start + half)),
            "the whole step begins at x again; the place half-way was only for asking",
        )
        need(near(found, midpoint(field, x, start, end)), "x + (end - start) * the velocity half-way")
    errors = [abs(solved(lambda x, t: x, 1.0, 8, name) - np.e) for name in ("euler", "midpoint")]
    return f"worth two questions: towards e, eight steps miss {errors[1]:.3f} instead of {errors[0]:.3f}"


def exact(mean: float, spread: float):
    """The velocity of numbers that are normal, at any place and time."""
    return lambda x, t: mean + (spread**2 * t - (1 - t)) / ((1 - t) ** 2 + (spread * t) ** 2) * (x - mean * t)


@Check
def guidance(found, mean, random):
    """The guidance that makes a crowd half as different, and where its mean is then."""
    asked, unasked = exact(*ASKED), exact(*ALL)
    noise = random.standard_normal(20_000)
    drawn = solved(lambda x, t: guided(asked(x, t), unasked(x, t), found), noise, steps=32)
    spread = drawn.std()
    need(not near(found, 1), "at 1 nothing is exaggerated: the crowd is as different as what was asked for")
    need(spread < 0.28, f"at {found:g} a standard deviation of {spread:.2f} is left: more guidance")
    need(spread > 0.22, f"at {found:g} only {spread:.2f} is left: less guidance")
    need(not near(mean, ASKED[0], 0.05), "the mean has moved, beyond the 1 that was asked for: look again")
    need(near(mean, drawn.mean(), 0.03), f"at {found:g} the mean is printed as {drawn.mean():.2f}")
    return (
        "requests are exaggerated (1.38 instead of 1), and people become alike: that is what guidance costs"
    )


@Check
def back(came_back, random):
    """How near pictures come back from their noise: {steps: PSNR}."""
    need(isinstance(came_back, Mapping), "expected number of steps -> PSNR, as a dict")
    need(len(came_back) >= 2, "few steps and many: one number alone says little")
    steps = sorted(came_back)
    endless = [n for n in steps if came_back[n] == np.inf]
    need(not endless, f"{endless}: equal to the byte, which has no decibels: write 99")
    need(
        all(3 < came_back[n] < 100 for n in steps),
        "expected decibels, such as 21.5: `metrics.psnr(again, pictures).mean()`",
    )
    few, many = came_back[steps[0]], came_back[steps[-1]]
    need(
        few != many or few >= 99,
        "the same in few steps and in many? Give `steps` to both, encode and decode (not to `exported`)",
    )
    need(many > few - 1, "nearer in few steps than in many? Perhaps the other way round")
    return f"{steps[0]} steps: {few:.1f} dB, {steps[-1]} steps: {many:.1f} dB; few see what is above 30"
