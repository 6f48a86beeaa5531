"""Measures of what PSNR overlooks: whether a picture's structure and its fine detail are there."""

import numpy as np

from facegen.utils.errors import FacegenError

WINDOW, WIDTH = 11, 1.5  # pixels, and standard deviation of the bell that weighs them
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Structural similarity of each picture, float64 (n,): 1 is the same, 0 has nothing to do with it.

    Wang et al. 2004, "Image Quality Assessment", with the authors' window and constants: means, variances
    and covariance under a bell of 11 x 11 pixels, channel by channel.

    Args:
        images, truth: uint8 (n, height, width, channels), sides of 11 pixels or more.

    Example:
        >>> image = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), "uint8")
        >>> ssim(image, image).round(6).tolist(), bool(ssim(255 - image, image)[0] < 0)
        ([1.0], True)
    """
    if images.shape != truth.shape or min(images.shape[1:3]) < WINDOW:
        raise FacegenError(
            f"SSIM compares pictures of one shape, {WINDOW} pixels or larger: found {images.shape[1:]} and "
            f"{truth.shape[1:]}."
        )
    return np.array([_ssim(a, b) for a, b in zip(images, truth, strict=True)])


def sharpness(images: np.ndarray) -> np.ndarray:
    """How much fine detail each picture has, float64 (n,): how far a pixel is from the mean of its four
    neighbours, root mean square in grey levels. To be compared with the same of the truth.

    Args:
        images: uint8 (n, height, width, channels), sides of 3 pixels or more.

    Example:
        >>> board = np.uint8(100) * (np.indices((1, 8, 8, 1)).sum(axis=0) % 2).astype("uint8")
        >>> sharpness(board).tolist(), sharpness(np.zeros((1, 8, 8, 1), "uint8")).tolist()
        ([100.0], [0.0])
    """
    return np.array([_sharpness(image.astype("float64")) for image in images])


def _ssim(image: np.ndarray, truth: np.ndarray) -> float:
    a, b = image.astype("float64"), truth.astype("float64")
    mean_a, mean_b = _blurred(a), _blurred(b)
    spread = _blurred(a * a) + _blurred(b * b) - mean_a**2 - mean_b**2
    common = _blurred(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return float((light * (2 * common + C2) / (spread + C2)).mean())


def _blurred(image: np.ndarray) -> np.ndarray:
    """Means under the bell, wherever it fits in: (height - 10, width - 10, channels)."""
    bell = np.exp(-np.square(np.arange(WINDOW) - WINDOW // 2) / (2 * WIDTH**2))
    for axis in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(image, WINDOW, axis)
        image = windows @ (bell / bell.sum())
    return image


def _sharpness(image: np.ndarray) -> float:
    around = (image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]) / 4
    return float(np.sqrt(np.square(image[1:-1, 1:-1] - around).mean()))
