"""Measures: each a number that stands beside its baseline."""

from collections.abc import Mapping, Sequence

import numpy as np

from facegen.gan import GAN


def psnr(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture in decibels, float64 (n,); higher is closer.

    Args:
        images, truth: uint8 (n, height, width, channels).
    """
    error = np.square(images.astype("float64") - truth).mean(axis=(1, 2, 3))
    with np.errstate(divide="ignore"):  # equal pictures: infinitely many decibels
        return 10 * np.log10(255**2 / error)


def distance(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far pictures lie apart: mean absolute difference in grey levels (0..255), (n,)."""
    return np.abs(images.astype("float64") - others).mean(axis=(1, 2, 3))


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
    """
    have, want = (np.concatenate([rows[name] for name in names], axis=1) for rows in (conditions, wanted))
    same = (want[:, None] == have[None]).all(axis=2)  # (m, n)
    same[~same.any(axis=1)] = True
    return np.stack([images[row].mean(axis=0, dtype="float64") for row in same])


def toggle_shift(model: GAN, inputs: Mapping[str, np.ndarray]) -> dict[str, float]:
    """How far the picture moves when one attribute flips and all else stays.

    Args:
        model: reads "attributes" and "noise".
        inputs: {"attributes": (n, columns) of 0 and 1, "noise": (n, noise)}.

    Returns:
        Attribute -> mean `distance` over the n rows.
    """
    before = model.draw(inputs)
    shifts = {}
    for column, name in enumerate(model.names["attributes"]):
        flipped = inputs["attributes"].copy()
        flipped[:, column] = 1 - flipped[:, column]
        shifts[name] = float(distance(model.draw({**inputs, "attributes": flipped}), before).mean())
    return shifts


def toggle_map(model: GAN, inputs: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Where pictures change when one attribute flips, as a picture: uint8 (height, width, 1), white is most.

    Args:
        model, inputs: see `toggle_shift`.
        name: of the attribute.
    """
    off, on = (inputs["attributes"].copy() for _ in range(2))
    column = model.names["attributes"].index(name)
    off[:, column], on[:, column] = 0, 1
    pictures = [model.draw({**inputs, "attributes": rows}).astype("float64") for rows in (off, on)]
    change = np.abs(pictures[1] - pictures[0]).mean(axis=(0, 3))[..., None]
    return np.round(255 * change / max(change.max(), 1e-9)).astype("uint8")


def noise_shift(model: GAN, inputs: Mapping[str, np.ndarray], seed: int) -> float:
    """How far the picture moves when the noise is drawn anew and the attributes stay: mean `distance`."""
    noise = model.sample_noise(len(inputs["noise"]), seed)
    return float(distance(model.draw({**inputs, "noise": noise}), model.draw(inputs)).mean())


def spread(images: np.ndarray, seed: int = 0) -> float:
    """Mean `distance` between pictures and others of the same set: near zero after a mode collapse."""
    shift = np.random.default_rng(seed).integers(1, len(images))
    return float(distance(images, np.roll(images, shift, axis=0)).mean())
