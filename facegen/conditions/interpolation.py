"""Ways between vectors: straight or along an arc, even or eased."""

from collections.abc import Callable

import numpy as np

from facegen.utils.errors import FacegenError

EASINGS: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "in": lambda t: t * t,
    "out": lambda t: t * (2 - t),
    "in-out": lambda t: t * t * (3 - 2 * t),  # smoothstep
}


def eased(t: float, easing: str) -> float:
    """The way done (0 to 1) at time t (0 to 1).

    Args:
        easing: "linear" for an even way; "in" starts slowly, "out" ends slowly, "in-out" does both.

    Raises:
        FacegenError: there is no such easing.

    Example:
        >>> eased(0.5, "in")
        0.25
    """
    if easing not in EASINGS:
        raise FacegenError(f"ease={easing!r}: expected one of {', '.join(EASINGS)}.")
    return EASINGS[easing](t)


def lerp(start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
    """Linear interpolation: the vector on the straight way from start (t = 0) to end (1).

    Example:
        >>> lerp(np.array([0.0, 2.0]), np.array([1.0, 0.0]), 0.25).tolist()
        [0.25, 1.5]
    """
    return (1 - t) * start + t * end


def slerp(start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
    """Spherical linear interpolation (Shoemake 1985): the vector on the arc from start (t = 0) to end (1).

    The length goes evenly from that of the one to that of the other. Between opposite vectors no arc is the
    short one: the way then goes by the axis that both are farthest from.

    Args:
        start, end: (columns,). A zero vector has no direction: from and to it the way is straight.

    Example:
        >>> slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.5).round(3).tolist()
        [0.707, 0.707]
    """
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) == 0:
        return lerp(start, end, t)
    one, other = start / lengths[0], end / lengths[1]
    cosine = np.clip(one @ other, -1, 1)
    angle = np.arctan2(np.linalg.norm(other - cosine * one), cosine)
    if angle > np.pi - 1e-6:  # opposite
        other = np.eye(len(one))[np.abs(one).argmin()]
        cosine = one @ other
    aside = normalize(other - cosine * one)  # at right angles to `one`
    return lerp(*lengths, t) * (np.cos(t * angle) * one + np.sin(t * angle) * aside)


def direction(degrees: float | np.ndarray) -> np.ndarray:
    """(sin, cos) of angles in degrees, float32 (..., 2).

    Example:
        >>> direction([0, 90]).round(3).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    radians = np.radians(degrees)
    return np.stack([np.sin(radians), np.cos(radians)], axis=-1).astype("float32")


def normalize(vectors: np.ndarray) -> np.ndarray:
    """Vectors (..., columns) scaled to unit length, float64; a zero vector stays zero.

    Example:
        >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    vectors = np.asarray(vectors, "float64")
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length == 0, 1, length)
