"""Numbers about pictures alone: how near they are to each other, and to the truth."""

from collections.abc import Mapping, Sequence

import numpy as np


def psnr(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture in decibels, float64 (n,); higher is closer.

    Args:
        images, truth: uint8 (n, height, width, channels).

    Example:
        >>> grey = np.full((1, 2, 2, 3), 100, "uint8")
        >>> psnr(grey + 1, grey).round(1).tolist(), psnr(grey, grey).tolist()
        ([48.1], [inf])
    """
    error = np.array([np.square(a.astype("float64") - b).mean() for a, b in _pairs(images, truth)])
    with np.errstate(divide="ignore"):  # equal pictures: infinitely many decibels
        return 10 * np.log10(255**2 / error)


def _pairs(images: np.ndarray, others: np.ndarray):
    return zip(images, others, strict=True)  # one at a time: large sets as floats would fill the memory


def distance(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far pictures lie apart: mean absolute difference in grey levels (0..255), (n,).

    Example:
        >>> grey = np.full((1, 2, 2, 3), 100, "uint8")
        >>> distance(grey + 3, grey).tolist()
        [3.0]
    """
    return np.array([np.abs(a.astype("float64") - b).mean() for a, b in _pairs(images, others)])


def similarity(changes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cosine between two changes of a picture, float64 (n,): 1 is the same, 0 has nothing to do with it.

    Args:
        changes, others: differences of pictures, float (n, height, width, channels).

    Example:
        >>> brighter = np.ones((1, 2, 2, 3))
        >>> [similarity(brighter, change).round(6).tolist() for change in (5 * brighter, -brighter)]
        [[1.0], [-1.0]]
    """
    a, b = (x.reshape(len(x), -1).astype("float64") for x in (changes, others))
    return (a * b).sum(axis=1) / np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-12)


def mean_of_same(
    images: np.ndarray,
    conditions: Mapping[str, np.ndarray],
    wanted: Mapping[str, np.ndarray],
    names: Sequence[str],
) -> np.ndarray:
    """An easy guess: for each wanted row, the mean of the pictures that agree in some conditions.

    Args:
        images: uint8 (n, height, width, channels).
        conditions: of the images, name -> (n, columns).
        wanted: of the guesses, name -> (m, columns).
        names: the conditions that must be equal. Where no picture agrees, the mean of all is taken.

    Returns:
        float64 (m, height, width, channels), in grey levels.

    Example:
        >>> images = np.array([10, 30, 200], "uint8").reshape(3, 1, 1, 1)
        >>> emotion = np.array([[1, 0], [1, 0], [0, 1]])
        >>> mean_of_same(images, {"emotion": emotion}, {"emotion": emotion[1:]}, ["emotion"]).ravel().tolist()
        [20.0, 200.0]
    """
    have, want = (np.concatenate([rows[name] for name in names], axis=1) for rows in (conditions, wanted))
    guesses = []
    for row in want:
        same = (have == row).all(axis=1)
        guesses.append(images[same if same.any() else slice(None)].mean(axis=0, dtype="float64"))
    return np.stack(guesses)


def cross_fade(path: np.ndarray) -> np.ndarray:
    """The way from the first picture of a path to its last as a film fades one into the other.

    Args:
        path: uint8 (n, height, width, channels).

    Returns:
        As many pictures, uint8; the first and the last are the path's own.

    Example:
        >>> ends = np.array([0, 9, 100], "uint8").reshape(3, 1, 1, 1)
        >>> cross_fade(ends).ravel().tolist()
        [0, 50, 100]
    """
    share = np.linspace(0, 1, len(path))[:, None, None, None]
    return ((1 - share) * path[0] + share * path[-1]).round().astype(np.uint8)


def difference_from_crossfade(path: np.ndarray) -> float:
    """How much of a path's middle picture no mixture of its two ends explains, in grey levels.

    The mixture is the best one by least squares: any share of each end, and any brightness.

    Args:
        path: uint8 (n, height, width, channels), n odd.

    Example:
        >>> path = np.zeros((3, 1, 4, 1), "uint8")
        >>> path[2, 0, :2] = 100  # the last picture is bright on the left, the middle one every other pixel
        >>> path[1, 0, ::2] = 100
        >>> round(difference_from_crossfade(cross_fade(path)), 6), round(difference_from_crossfade(path), 6)
        (0.0, 50.0)
    """
    first, middle, last = (path[i].ravel().astype("float64") for i in (0, len(path) // 2, -1))
    ends = np.stack([first, last, np.ones_like(first)], axis=1)
    best, *_ = np.linalg.lstsq(ends, middle, rcond=None)
    return float(np.abs(ends @ best - middle).mean())


def diversity(images: np.ndarray, seed: int = 0) -> float:
    """Mean `distance` between pictures and others of the same set: near zero after a mode collapse.

    Example:
        >>> two = np.array([0, 10], "uint8").reshape(2, 1, 1, 1)
        >>> diversity(two), diversity(two[[0, 0]])
        (10.0, 0.0)
    """
    shift = np.random.default_rng(seed).integers(1, len(images))
    return float(distance(images, np.roll(images, shift, axis=0)).mean())
