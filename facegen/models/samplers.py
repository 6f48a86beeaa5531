"""From noise to a picture: an ordinary differential equation, solved in a few steps.

A velocity field says of every point at every time, from 0 (noise) to 1 (a picture), where it is to go.
Nothing here knows which network that field is, nor whether it is asked for numbers or for Keras's symbolic
tensors: the same lines solve the equation in a notebook, in a test, and inside of the graph that a panel
draws with.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeVar

import numpy as np

Point = TypeVar("Point")
Field = Callable[[Point, float], Point]  # a point, a time -> its velocity


def euler(field: Field, x: Point, start: float, end: float) -> Point:
    """Straight on, with the velocity at the start: one evaluation a step.

    Example:
        >>> euler(lambda x, t: 2 * t, 0.0, start=0.0, end=1.0)  # along t², as little as it knows of it
        0.0
    """
    return x + field(x, start) * (end - start)


def midpoint(field: Field, x: Point, start: float, end: float) -> Point:
    """With the velocity half-way, where a half step of `euler` leads: two evaluations a step.

    Example:
        >>> midpoint(lambda x, t: 2 * t, 0.0, start=0.0, end=1.0)
        1.0
    """
    middle = (start + end) / 2
    return x + field(euler(field, x, start, middle), middle) * (end - start)


def heun(field: Field, x: Point, start: float, end: float) -> Point:
    """With the mean of the velocities at the start and where `euler` leads: two evaluations a step.

    Example:
        >>> heun(lambda x, t: 2 * t, 0.0, start=0.0, end=1.0)
        1.0
    """
    first = field(x, start)
    second = field(x + first * (end - start), end)
    return x + (first + second) * ((end - start) / 2)


METHODS = {"euler": euler, "midpoint": midpoint, "heun": heun}
EVALUATIONS = {"euler": 1, "midpoint": 2, "heun": 2}  # of the field, in a step


def trajectory(field: Field, x: Point, steps: int, method: str = "midpoint") -> Iterator[Point]:
    """Where a point comes by on its way from noise to picture.

    Args:
        field: velocity of a point at a time from 0 to 1.
        x: to start from: any array, or a symbolic tensor.
        steps: of equal length.
        method: one of `METHODS`.

    Yields:
        The start, and where each step has led to.

    Example:
        >>> [round(x, 2) for x in trajectory(lambda x, t: x, 1.0, steps=2)]  # towards e
        [1.0, 1.62, 2.64]
    """
    yield x
    for start, end in pairwise(np.linspace(0, 1, steps + 1).tolist()):
        x = METHODS[method](field, x, start, end)
        yield x


def solved(field: Field, x: Point, steps: int, method: str = "midpoint") -> Point:
    """The end of a `trajectory`.

    Example:
        >>> round(solved(lambda x, t: x, 1.0, steps=8, method="heun"), 2)
        2.71
    """
    for point in trajectory(field, x, steps, method):
        x = point
    return x


def inverted(field: Field, x: Point, steps: int, method: str = "midpoint", rounds: int = 1) -> Point:
    """The start from which as many steps lead to a point: the inverse of `solved`.

    The equation run backwards comes near. What a step from there misses is then added, so that the very steps
    lead back. That helps where steps are small (`Flow.encode` takes 64); large ones it leads astray.

    Args:
        field, steps, method: see `trajectory`.
        x: the end.
        rounds: of correction in each step.

    Example:
        >>> end = solved(lambda x, t: x, 1.0, steps=2)
        >>> [round(inverted(lambda x, t: x, end, steps=2, rounds=n), 2) for n in (0, 8)]
        [1.03, 1.0]
    """
    step = METHODS[method]
    for end, start in pairwise(np.linspace(1, 0, steps + 1).tolist()):
        goal, x = x, step(field, x, end, start)
        for _ in range(rounds):
            x = x + (goal - step(field, x, start, end))
    return x


def guided(known: Point, unknown: Point, guidance: float) -> Point:
    """Classifier-free guidance: beyond what is asked for, away from what would be drawn unasked.

    Ho & Salimans, arXiv 2207.12598, equation 6, with `guidance` 1 + w: 1 is what was asked for, no more.

    Example:
        >>> guided(known=1.0, unknown=0.5, guidance=3.0)
        2.0
    """
    return unknown + (known - unknown) * guidance
