"""Checks of the exercises of notebook 6."""

from collections.abc import Mapping
from numbers import Real

import numpy as np

from facegen.course.exercises import Check, near, need

RADIUS, DIRECTION, TURN, WIDTH = (
    0.6,
    30.0,
    60.0,
    64,
)  # of a point, in half-widths and degrees; pixels of a row


@Check
def where(right, front, place, random):
    """Where a camera sees a point of a turned head."""
    theta = np.radians(DIRECTION + TURN)
    x, z = RADIUS * np.sin(theta), RADIUS * np.cos(theta)
    need(
        not near(right, -RADIUS * np.sin(np.radians(TURN - DIRECTION))),
        "the angles are added, not subtracted",
    )
    need(near(right, x), "to the right: radius x the sine of both angles together")
    need(near(front, z), "to the front: radius x the cosine of both angles together")
    need(not near(place, x * WIDTH / 2), "the axis is in the middle of the row, not at its left edge")
    need(
        not near(place, (x + 1) * WIDTH),
        "radii are given in half-widths, not in widths",
    )
    off = place - (x + 1) * WIDTH / 2  # the nearest whole number will do
    need(near(off, 0, 0.3), "the left edge is one half-width left of the axis: (x + 1) x 32")
    return "at 90 degrees a point is at the edge of the head: all to the right, and not in front"


@Check
def shares(attend, random):
    """How much each point of a contour counts for one pixel."""
    x, z = random.uniform(0, 16, 12), random.uniform(-0.6, 0.6, 12)
    pixel, spread, softness = 8.5, 1.5, 0.3
    expected = attention(pixel, x, z, spread, softness)
    found = attend(pixel, x, z, spread, softness)
    need(np.shape(found) == (12,), f"expected a share for each of 12 points, found shape {np.shape(found)}")
    need(near(np.sum(found), 1), "shares add up to 1: divide by their sum")
    need(
        not near(found, attention(pixel, x, -z, spread, softness)),
        "this one sees the back of the head: what is in *front* has the larger score",
    )
    need(
        not near(found, attention(pixel, x, 0 * z, spread, softness)),
        "the point in front hides the one behind: z is missing from the score",
    )
    need(near(found, expected), "the softmax of -((pixel - x) / spread)² / 2 + z / softness")
    with np.errstate(over="ignore", invalid="ignore"):
        sharp = attend(pixel, x, z, spread, 1e-4)
    need(
        np.isfinite(sharp).all(),
        "with scores in the thousands, exp is too large for a number: subtract the largest score first",
    )
    return "a softmax: smooth, so that the error can say where each point should go"


def attention(pixel, x, z, spread, softness) -> np.ndarray:
    """The shares of points, (n,), that add up to 1."""
    score = -np.square((pixel - x) / spread) / 2 + z / softness
    share = np.exp(score - score.max())
    return share / share.sum()


@Check
def overlap(measure, random):
    """Intersection over union of outlines."""
    true = np.zeros((3, 12, 12), bool)
    true[:, 3:9, 4:9] = True
    found = np.stack([true[0], np.roll(true[1], 2, axis=1), true[2] | (random.random((12, 12)) < 0.3)])
    both, either = (found & true).sum(axis=(1, 2)), (found | true).sum(axis=(1, 2))
    answer = measure(found, true)
    need(
        np.shape(answer) == (3,) and not near(answer, np.full(3, both.sum() / either.sum())),
        "expected one for each picture: add up over rows and columns, not over pictures",
    )
    need(
        not near(answer, (found == true).mean(axis=(1, 2))),
        "that counts the backdrop as well, most of which nobody can get wrong",
    )
    need(not near(answer, both / true.sum(axis=(1, 2))), "an outline that is too wide must lose by it")
    need(
        not near(answer, 2 * both / (both + either)),
        "that is Dice's score, which counts what is in both twice; divide it once, by what is in either",
    )
    need(near(answer, both / either), "pixels in both, divided by pixels in either")
    return "1 is the same outline; half of a pixel all around costs a small head some hundredths"


@Check
def softness(smallest, random):
    """The softness at which a tenth of the back of a head shines through."""
    expected = 2 * RADIUS / np.log(9)
    need(smallest > 0, "a softness is a length, above 0")
    need(
        smallest > 0.975 * expected, f"at {smallest:g} less than a tenth shines through, all in front: softer"
    )
    need(smallest < 1.03 * expected, f"at {smallest:g} more than a tenth shines through, too much: less soft")
    return "front and back are 1.2 apart, and exp(-1.2 / softness) is a ninth there; `Sight` takes 0.05"


@Check
def distances(table, random):
    """PSNR at the angles seen and the hardest ones, by how far apart views are: {recipe: {apart: pair}}."""
    need(
        isinstance(table, Mapping) and len(table) >= 2, "one recipe says little: another one to compare with"
    )
    for name, pairs in table.items():
        numbers = isinstance(pairs, Mapping) and all(
            isinstance(apart, Real) and np.shape(pair) == (2,) for apart, pair in pairs.items()
        )
        need(numbers, f"{name}: expected a dict, degrees apart -> (PSNR seen, PSNR hardest)")
        need(len(pairs) >= 2, f"{name}: one distance alone; what do more views bring?")
        for apart, (seen, hardest) in pairs.items():
            need(seen > 1 and hardest > 1, f"{name}, {apart:g} degrees: expected decibels, such as 24.5")
            need(
                seen >= hardest - 0.5,
                f"{name}, {apart:g} degrees: nearer where nothing was seen? Perhaps the other way round",
            )
    far, close = (f(next(iter(table.values()))) for f in (max, min))
    gains = {
        name: pairs[close][1] - pairs[far][1] for name, pairs in table.items() if {far, close} <= {*pairs}
    }
    told = ", ".join(f"{name} {gain:+.1f} dB" for name, gain in gains.items())
    return f"views {close:g} instead of {far:g} degrees apart, at the hardest angle: {told}"
