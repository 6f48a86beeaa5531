"""Exercises that check themselves: a learner is told what is not right yet, a graded set fails.

A check is a function of a learner's answers and of a random generator, which draws what it tries them on. It
raises `NotYet` with a hint that depends on what is wrong, and returns what there is to say about a right
answer. The checks of a notebook are a module of `facegen.course.checks`; its exercises, with their solutions,
are a file in `exercises/`.
"""

import functools
import html
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facegen import course

TRIED, GRADED = 0, (1, 2, 3)  # seeds: of what a learner's answer is tried on, and of what it is graded on


class NotYet(AssertionError):
    """An answer that is not right yet; the text is a hint."""


def need(holds: bool, hint: str) -> None:
    """Go on if that holds.

    Raises:
        NotYet: it does not; with this hint.

    Example:
        >>> need(1 + 1 == 2, "add them up")
        >>> need(1 + 1 == 3, "add them up")
        Traceback (most recent call last):
        ...
        facegen.course.exercises.NotYet: add them up
    """
    if not holds:
        raise NotYet(hint)


def near(found: object, expected: object, tolerance: float = 1e-3) -> bool:
    """Whether what a learner found has the shape and, within a tolerance, the numbers that were expected.

    Example:
        >>> near([1, 2.0001], np.array([1, 2])), near([1, 2], 1), near("one", 1)
        (True, False, False)
    """
    try:
        numbers = np.asarray(found, "float64")
    except (TypeError, ValueError):
        return False
    return numbers.shape == np.shape(expected) and np.allclose(numbers, expected, tolerance, tolerance)


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Example:
        >>> Verdict(True, "that is the mean"), Verdict(False, "that is the sum")
        (✓ right: that is the mean, ○ not yet: that is the sum)
    """

    right: bool
    text: str

    def __repr__(self) -> str:
        return f"✓ right: {self.text}" if self.right else f"○ not yet: {self.text}"

    def _repr_html_(self) -> str:
        return f"<div>{html.escape(repr(self))}</div>"


class Check:
    """A check of an exercise: called with a learner's answers it shows a verdict, and never fails.

    Args:
        ask: of answers and a random generator; raises NotYet, or returns what to say about a right answer.

    Example:
        >>> @Check
        ... def half(answer, random):
        ...     need(answer != 2, "that is the double")
        ...     need(answer == 0.5, "think again")
        ...     return "a half of one"
        >>> [half.verdict(answer) for answer in (None, 2, 0.5)]
        [○ not yet: nothing is written yet, ○ not yet: that is the double, ✓ right: a half of one]
    """

    def __init__(self, ask: Callable[..., str]):
        functools.update_wrapper(self, ask)
        self.ask = ask

    def __call__(self, *answers: object) -> None:
        """Show a learner how it stands."""
        course.show(self.verdict(*answers))

    def verdict(self, *answers: object, seed: int = TRIED) -> Verdict:
        """What is said of these answers; `seed` draws what they are tried on."""
        try:
            return Verdict(True, self._asked(answers, seed))
        except NotYet as hint:
            return Verdict(False, str(hint))

    def grade(self, *answers: object) -> None:
        """Try the answers on other data than the learner's; pass in silence.

        Raises:
            NotYet: an answer is not right.
        """
        for seed in GRADED:
            self._asked(answers, seed)

    def _asked(self, answers: tuple, seed: int) -> str:
        if any(answer is None or answer is ... for answer in answers):
            raise NotYet("nothing is written yet")
        tried = (_tried(answer) if _is_function(answer) else answer for answer in answers)
        try:
            return self.ask(*tried, random=np.random.default_rng(seed))
        except NotYet:
            raise
        except Exception as error:  # of an answer that has another form than any that was thought of
            raise NotYet(
                f"this answer cannot be read ({error}); look at the form that is asked for"
            ) from error


def _is_function(answer: object) -> bool:
    return callable(answer) and hasattr(answer, "__code__")


def _tried(function: Callable) -> Callable:
    """A learner's function, whose faults are hints."""

    @functools.wraps(function)
    def call(*values, **named):
        name = f"`{function.__name__}`"
        try:
            found = function(*values, **named)
        except Exception as error:
            raise NotYet(f"{name} ended in {type(error).__name__}: {error}") from error
        need(found is not None, f"{name} returns nothing yet")
        return found

    return call
