"""Who stands in front of a plain backdrop: outlines read off the pictures themselves.

A studio's backdrop is what all pictures of a set share at their sides. A pixel that differs from it is the
person. No mask is needed, and none is looked at: of clay, `metrics.ground_truth.true_masks` tells how right
it is.
"""

import numpy as np
from keras import ops

SIDES, UPPER = 2, 0.7  # columns at either side that show backdrop, down to the shoulders
PLAIN = 8.0  # grey levels: how far a plain backdrop is from the median of all pictures, at most
DIFFERENT = 14.0  # grey levels: what JPEG and noise make of a plain backdrop differs less
HALF = 0.5  # of the largest difference nearby: an edge runs where a pixel is half person


def plain_backdrop(pictures: np.ndarray) -> np.ndarray | None:
    """What is behind everybody, where it is plain: the same in all pictures, but for a gradient from above.

    Args:
        pictures: uint8 (n, height, width, channels).

    Returns:
        float32 (height, 1, channels) in grey levels; None if the pictures' sides differ from each other.

    Example:
        >>> pictures = np.full((4, 8, 8, 1), 200, "uint8")
        >>> pictures[:, 3:, 3:5] = 60
        >>> plain_backdrop(pictures).ravel().round().tolist()
        [200.0, 200.0, 200.0, 200.0, 200.0, 200.0, 200.0, 200.0]
    """
    height = pictures.shape[1]
    rows, upper = np.arange(height), max(2, int(UPPER * height))
    sides = np.concatenate([pictures[:, :, :SIDES], pictures[:, :, -SIDES:]], axis=2).astype("float32")
    middle = np.median(sides, axis=(0, 2))  # (height, channels)
    lines = [np.polyval(np.polyfit(rows[:upper], column[:upper], 1), rows) for column in middle.T]
    found = np.stack(lines, axis=-1).astype("float32")[:, None]
    away = np.abs(sides - found)[:, :upper].max(axis=-1)
    return found.clip(0, 255) if np.quantile(away, 0.9) <= PLAIN else None


def silhouettes(pictures, backdrop):
    """How much of each pixel shows the person: float32 (n, height, width, 1) in 0..1.

    A pixel differs from the backdrop by as much as it shows of the person. So an edge runs where the
    difference is half of what it is beside: a threshold alone would make dark hair a pixel too wide.
    Between the outermost edges of a row all is person: a white collar, the white of an eye.

    Args:
        pictures: uint8 (n, height, width, channels).
        backdrop: grey levels, of a shape that fits one picture, see `plain_backdrop`.
    """
    away = ops.max(ops.abs(ops.cast(pictures, "float32") - backdrop), axis=-1, keepdims=True)
    most = ops.max_pool(away, 3, strides=1, padding="same")
    found = ops.cast(ops.logical_and(away > DIFFERENT, away > HALF * most), "float32")
    left, right = ops.cumsum(found, axis=2), ops.flip(ops.cumsum(ops.flip(found, axis=2), axis=2), axis=2)
    person = ops.minimum(ops.minimum(left, right), 1.0)
    inside = 1 - ops.max_pool(1 - person, 3, strides=1, padding="same")
    edge = ops.max_pool(person, 3, strides=1, padding="same") - inside
    share = ops.where(away < DIFFERENT / 3, 0.0, away / ops.maximum(most, DIFFERENT))
    return inside + edge * share
