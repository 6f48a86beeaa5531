"""Choosing rows."""

import numpy as np


def evenly(count: int, most: int) -> np.ndarray:
    """At most so many of `count` row numbers, spread evenly, the first and the last among them.

    Example:
        >>> evenly(57, 3).tolist()
        [0, 28, 56]
        >>> evenly(2, 3).tolist()
        [0, 1]
    """
    return np.linspace(0, count - 1, min(most, count)).astype(int)
