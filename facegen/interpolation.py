"""Ways between vectors: straight or along an arc, even or eased; and angles as points on circles."""

from collections.abc import Callable, Sequence

import numpy as np

from facegen.errors import FacegenError

EASINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda t: t,
    "in": lambda t: t * t,
    "out": lambda t: t * (2 - t),
    "in-out": lambda t: t * t * (3 - 2 * t),  # smoothstep
}


def eased(t: np.ndarray | float, ease: str) -> np.ndarray | float:
    """The way done (0 to 1) at time t (0 to 1); see `EASINGS`.

    Example:
        >>> eased(0.5, "linear"), eased(0.5, "in"), eased(0.5, "out")
        (0.5, 0.25, 0.75)

    Raises:
        FacegenError: there is no such ease.
    """
    if ease not in EASINGS:
        raise FacegenError(f"ease={ease!r}: expected one of {', '.join(EASINGS)}.")
    return EASINGS[ease](t)


def lerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """From vector a to b where t (n, 1) goes from 0 to 1, straight. Float32 (n, columns).

    Example:
        >>> lerp(np.array([0.0, 2.0]), np.array([4.0, 2.0]), np.array([[0.25]])).tolist()
        [[1.0, 2.0]]
    """
    return ((1 - t) * a + t * b).astype("float32")


def slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """From vector a to b where t (n, 1) goes from 0 to 1: spherical interpolation (Shoemake 1985), lengths
    interpolated as well. Float32 (n, columns).

    Example:
        >>> slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([[0.5]])).round(3).tolist()
        [[0.7070000171661377, 0.7070000171661377]]
    """
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        return lerp(a, b, t)
    angle = np.arccos(np.clip(a @ b / (lengths[0] * lengths[1]), -1, 1))
    if np.sin(angle) < 1e-4:  # the same direction, or opposite ones: no arc is the short one
        return lerp(a, b, t)
    unit = np.sin((1 - t) * angle) * a / lengths[0] + np.sin(t * angle) * b / lengths[1]
    return (unit / np.sin(angle) * ((1 - t) * lengths[0] + t * lengths[1])).astype("float32")


def direction(degrees: float | np.ndarray) -> np.ndarray:
    """(sin, cos) of angles in degrees, float32 (..., 2).

    Example:
        >>> direction(90).round(3).tolist()
        [1.0, 0.0]
    """
    radians = np.radians(degrees)
    return np.stack([np.sin(radians), np.cos(radians)], axis=-1).astype("float32")


def normalized(row: np.ndarray) -> np.ndarray:
    """Vectors (..., columns) scaled to unit length; a zero vector stays zero."""
    length = np.linalg.norm(row, axis=-1, keepdims=True)
    return (row / np.where(length == 0, 1, length)).astype("float32")


def angles(columns: Sequence[str]) -> list[str]:
    """The angles that columns are the sines and cosines of; empty if they aren't.

    ("sin", "cos") is one angle without a name, Yale B's lighting is ["azimuth", "elevation"].
    """
    pairs = list(zip(columns[::2], columns[1::2], strict=False))
    found = [sine[3:].strip() for sine, cosine in pairs if sine[:3] == "sin" and cosine == "cos" + sine[3:]]
    return found if found and 2 * len(found) == len(columns) else []
