"""Measures: each a number that stands beside its baseline."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageFilter

from facegen.gan import GAN
from facegen.ruler import Ruler


def psnr(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture in decibels, float64 (n,); higher is closer.

    Args:
        images, truth: uint8 (n, height, width, channels).
    """
    pairs = zip(images, truth, strict=True)  # one at a time: large sets as floats would fill the memory
    error = np.array([np.square(a.astype("float64") - b).mean() for a, b in pairs])
    with np.errstate(divide="ignore"):  # equal pictures: infinitely many decibels
        return 10 * np.log10(255**2 / error)


def distance(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far pictures lie apart: mean absolute difference in grey levels (0..255), (n,)."""
    return np.array([np.abs(a.astype("float64") - b).mean() for a, b in zip(images, others, strict=True)])


def similarity(changes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cosine between two changes of a picture, float64 (n,): 1 is the same, 0 has nothing to do with it.

    Args:
        changes, others: differences of pictures, float (n, height, width, channels).
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


def unlike_a_fade(path: np.ndarray) -> float:
    """How much of a path's middle picture no mixture of its two ends explains, in grey levels.

    The mixture is the best one by least squares: any share of each end, and any brightness.

    Args:
        path: uint8 (n, height, width, channels), n odd.
    """
    first, middle, last = (path[i].ravel().astype("float64") for i in (0, len(path) // 2, -1))
    ends = np.stack([first, last, np.ones_like(first)], axis=1)
    best, *_ = np.linalg.lstsq(ends, middle, rcond=None)
    return float(np.abs(ends @ best - middle).mean())


def spread(images: np.ndarray, seed: int = 0) -> float:
    """Mean `distance` between pictures and others of the same set: near zero after a mode collapse."""
    shift = np.random.default_rng(seed).integers(1, len(images))
    return float(distance(images, np.roll(images, shift, axis=0)).mean())


def f1(seen: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """F1 of each column: 2 hits / (2 hits + misses + false alarms), float64 (columns,).

    NaN where an attribute was neither wanted nor seen: there is nothing to be right about.

    Args:
        seen, wanted: bool (n, columns).
    """
    hits = (seen & wanted).sum(axis=0)
    wrong = (seen ^ wanted).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return 2 * hits / (2 * hits + wrong)


def balanced_accuracy(seen: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Mean of the shares of yes and of no that were met, float64 (columns,): 0.5 is chance.

    NaN where only yes or only no was wanted.
    """
    with np.errstate(invalid="ignore"):
        yes = (seen & wanted).sum(axis=0) / wanted.sum(axis=0)
        no = (~seen & ~wanted).sum(axis=0) / (~wanted).sum(axis=0)
    return (yes + no) / 2


def control(seen: np.ndarray, wanted: np.ndarray, names: Sequence[str]) -> dict:
    """How far what a ruler sees is what was asked for.

    Args:
        seen: what the ruler reads, bool (n, columns).
        wanted: the attributes asked for (or, of real pictures, those of the table), bool (n, columns).
        names: of the columns.

    Returns:
        {"f1_mean", "balanced_accuracy_mean", "attributes": {name: {"f1", "balanced_accuracy"}}}.
    """
    scores = f1(seen, wanted), balanced_accuracy(seen, wanted)
    rows = zip(names, *scores, strict=True)
    return {
        "f1_mean": float(np.nanmean(scores[0])),
        "balanced_accuracy_mean": float(np.nanmean(scores[1])),
        "attributes": {name: {"f1": float(a), "balanced_accuracy": float(b)} for name, a, b in rows},
    }


def toggle(model: GAN, ruler: Ruler, inputs: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """What a ruler sees when one attribute is switched from off to on and all else stays.

    Args:
        model, inputs: see `toggle_shift`.
        ruler: of the data set the model learned from.

    Returns:
        Attribute -> {"flipped": share of pairs that the ruler reads as off, then on, "others": share
        of the other attributes whose reading changes}.
    """
    effects = {}
    for column, name in enumerate(model.names["attributes"]):
        seen = []
        for value in (0, 1):
            rows = inputs["attributes"].copy()
            rows[:, column] = value
            seen.append(ruler.read(model.draw({**inputs, "attributes": rows})))
        flipped = ~seen[0][:, column] & seen[1][:, column]
        others = np.delete(seen[0] ^ seen[1], column, axis=1)
        effects[name] = {"flipped": float(flipped.mean()), "others": float(others.mean())}
    return effects


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Frechet distance between two sets of features, taken as Gaussian: |m - n|^2 + tr(A + B - 2 (AB)^1/2).

    Dowson & Landau 1982. In the ruler's features it is no FID, and comparable only with itself.

    Args:
        one, other: float (n, features), (m, features); n and m well above the number of features.
    """
    means = one.mean(axis=0, dtype="float64"), other.mean(axis=0, dtype="float64")
    a, b = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    values, vectors = np.linalg.eigh(a)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T  # of A; (AB)^1/2 has the trace of (root B root)^1/2
    cross = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    return float(np.square(means[0] - means[1]).sum() + np.trace(a) + np.trace(b) - 2 * cross)


def kernel_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Squared maximum mean discrepancy, unbiased, with the kernel (x.y / features + 1)^3.

    The formula of the kernel inception distance (Binkowski et al., arXiv 1801.01401), on other features.
    """

    def kernel(x, y):
        return (x.astype("float64") @ y.T.astype("float64") / x.shape[1] + 1) ** 3

    def within(x):
        values = kernel(x, x)
        return (values.sum() - np.trace(values)) / (len(x) * (len(x) - 1))

    return float(within(one) + within(other) - 2 * kernel(one, other).mean())


def coverage(real: np.ndarray, drawn: np.ndarray, neighbours: int = 5) -> float:
    """Share of real pictures that have a drawn one nearer than their nearest real ones (the fifth of them).

    Naeem et al. 2020 (arXiv 2002.09797), section 3.2. 1 - 2^-5 = 0.97 if both come from one
    distribution; near zero after a collapse.

    Args:
        real, drawn: features, float (n, features), (m, features); best n = m.
        neighbours: which nearest neighbour is meant.
    """
    reach = np.sort(squared_distances(real, real), axis=1)[:, neighbours]  # column 0 is the picture itself
    return float((squared_distances(real, drawn).min(axis=1) < reach).mean())


def squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Between all rows of two sets of features, float64 (n, m)."""
    a, b = one.astype("float64"), other.astype("float64")
    return np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * a @ b.T


def fidelity(ruler: Ruler, drawn: np.ndarray, real: np.ndarray, seed: int = 0) -> dict[str, dict[str, float]]:
    """How far drawn pictures lie from real ones, beside distances whose meaning can be seen.

    Args:
        ruler: whose features are compared.
        drawn, real: uint8 (n, size, size, 3) each; the same number of pictures is taken of all.
        seed: of the order of the real ones.

    Returns:
        "drawn" and, to compare it with, "real" (one half of the real pictures against the other),
        "blurred" and "shuffled" (real pictures, out of focus, or cut in 4 x 4 pieces that were mixed),
        each {"frechet", "kernel", "coverage"}.
    """
    random = np.random.default_rng(seed)
    count = min(len(real) // 2, len(drawn))
    order = random.permutation(len(real))[: 2 * count]
    half, other = real[order[:count]], real[order[count:]]
    sets = {
        "drawn": drawn[:count],
        "real": other,
        "blurred": blurred(other),
        "shuffled": shuffled(other, random),
    }
    base = ruler.features(half)
    found = {name: ruler.features(images) for name, images in sets.items()}
    return {
        name: {"frechet": frechet(base, x), "kernel": kernel_distance(base, x), "coverage": coverage(base, x)}
        for name, x in found.items()
    }


def blurred(images: np.ndarray, radius: float = 2.0) -> np.ndarray:
    """The same pictures out of focus, uint8."""
    return np.stack([np.asarray(Image.fromarray(x).filter(ImageFilter.GaussianBlur(radius))) for x in images])


def shuffled(images: np.ndarray, random: np.random.Generator, pieces: int = 4) -> np.ndarray:
    """The same pictures, each cut into pieces x pieces that are put together in another order."""
    count, side, _, channels = images.shape
    step = side // pieces
    cut = images[:, : step * pieces, : step * pieces].reshape(count, pieces, step, pieces, step, channels)
    cut = cut.transpose(0, 1, 3, 2, 4, 5).reshape(count, pieces**2, step, step, channels)
    mixed = np.stack([x[random.permutation(pieces**2)] for x in cut])
    mixed = mixed.reshape(count, pieces, pieces, step, step, channels).transpose(0, 1, 3, 2, 4, 5)
    return mixed.reshape(count, step * pieces, step * pieces, channels)
