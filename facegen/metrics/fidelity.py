"""How far one set of pictures lies from another, in a classifier's features. No number here is an FID."""

from collections.abc import Iterator, Mapping

import numpy as np
from PIL import Image, ImageFilter

from facegen.metrics.classifier import AttributeClassifier
from facegen.utils.errors import FacegenError

NEIGHBOURS = 5


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Frechet distance between two sets of features, taken as Gaussian: |m - n|^2 + tr(A + B - 2 (AB)^1/2).

    Dowson & Landau 1982. In the classifier's features it is no FID, and comparable only with itself, at the
    same number of pictures.

    Args:
        one, other: float (n, features), (m, features); n and m well above the number of features.

    Example:
        >>> features = np.random.default_rng(0).normal(size=(100, 4))
        >>> round(frechet(features, features + 3), 6)  # 3 squared in each of 4
        36.0
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

    Example:
        >>> kernel_distance(np.zeros((2, 1)), np.ones((2, 1)))  # 1 + 8 - 2
        7.0
    """

    def kernel(x, y):
        return (x.astype("float64") @ y.T.astype("float64") / x.shape[1] + 1) ** 3

    def within(x):
        values = kernel(x, x)
        return (values.sum() - np.trace(values)) / (len(x) * (len(x) - 1))

    return float(within(one) + within(other) - 2 * kernel(one, other).mean())


def asymmetry(pictures: np.ndarray) -> float:
    """Mean difference between pictures and their mirror images, in grey levels.

    A face's two halves are alike, but for light, hair and pose. What is drawn with lopsided halves has more
    of it than real pictures of the same kind.

    Args:
        pictures: uint8 (n, h, w, c).

    Example:
        >>> asymmetry(np.array([[[[10], [7], [20]]]], "uint8"))  # 10, 0 and 10
        6.666666666666667
    """
    pictures = pictures.astype("int16")
    return float(np.abs(pictures - pictures[:, :, ::-1]).mean())


def coverage(real: np.ndarray, drawn: np.ndarray, neighbours: int = NEIGHBOURS) -> float:
    """Share of real pictures that have a drawn one nearer than their nearest real ones (the fifth of them).

    Naeem et al. 2020 (arXiv 2002.09797), section 3.2. 1 - 2^-5 = 0.97 if both come from one
    distribution; near zero after a collapse.

    Args:
        real, drawn: features, float (n, features), (m, features); best n = m.
        neighbours: which nearest neighbour is meant.

    Example:
        >>> real = np.random.default_rng(0).normal(size=(50, 4))
        >>> coverage(real, real), coverage(real, real[:1] + 100)
        (1.0, 0.0)
    """
    reach = np.sort(squared_distances(real, real), axis=1)[:, neighbours]  # column 0 is the picture itself
    return float((squared_distances(real, drawn).min(axis=1) < reach).mean())


def squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Between all rows of two sets of features, float64 (n, m).

    Example:
        >>> squared_distances(np.array([[0, 0], [3, 4]]), np.array([[0, 0]])).tolist()
        [[0.0], [25.0]]
    """
    a, b = one.astype("float64"), other.astype("float64")
    return np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * a @ b.T


def nearest_neighbours(
    one: np.ndarray, other: np.ndarray, block: int = 1024
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest row of `other` to each row of `one`, block by block, however many there are.

    Args:
        one, other: features (n, features), (m, features), or pictures (n, ...), (m, ...).

    Returns:
        Row numbers, int64 (n,), and root mean squared differences, float64 (n,).

    Example:
        >>> rows, distances = nearest_neighbours(np.array([[9.0], [1.0]]), np.array([[1.0], [8.0], [20.0]]))
        >>> rows.tolist(), distances.tolist()
        ([1, 0], [1.0, 0.0])
    """
    flat = one.reshape(len(one), -1)
    best, found = np.full(len(one), np.inf), np.zeros(len(one), int)
    for start in range(0, len(other), block):
        part = squared_distances(flat, other[start : start + block].reshape(-1, flat.shape[1]))
        row = part.argmin(axis=1)
        value = part[np.arange(len(one)), row]
        found, best = np.where(value < best, start + row, found), np.minimum(value, best)
    return found, np.sqrt(best.clip(0) / flat.shape[1])


def fidelity_report(
    classifier: AttributeClassifier,
    drawn: np.ndarray,
    real: np.ndarray,
    seed: int = 0,
    people: np.ndarray | None = None,
    splits: int = 5,
    **others: np.ndarray,
) -> dict[str, dict[str, float]]:
    """How far drawn pictures lie from real ones, beside distances whose meaning can be seen.

    The real pictures are parted in two halves. One is what everything is compared with; the other one
    shows how far apart two sets of real pictures are. Of the drawn ones those are taken that were asked
    for what the other half shows. So all sets are of one size and were asked for the same.

    Args:
        classifier: whose features are compared.
        drawn: uint8 (n, size, size, 3), picture i asked for what real picture i shows.
        real: that no network has learned from, uint8 (n, size, size, 3).
        seed: of the halves.
        people: who is seen, int (n,): nobody is then in both halves, as nobody is both real and drawn.
        splits: how often the halves are drawn anew; the mean is taken.
        **others: more sets like `drawn`.

    Returns:
        "drawn", the names of the others, and, to compare them with, "real", "blurred" and "shuffled"
        (real pictures, out of focus, or cut in 4 x 4 pieces that were mixed), each {"frechet", "kernel",
        "coverage", of each "..._spread": its standard deviation from split to split, "asymmetry"}.

    Raises:
        FacegenError: sets of different sizes, or too few.

    Example:
        >>> real = np.random.default_rng(0).integers(0, 256, (24, 16, 16, 3), "uint8")
        >>> found = fidelity_report(AttributeClassifier(16, ["Smiling"]), drawn=real, real=real, splits=1)
        >>> sorted(found), found["drawn"] == found["real"]
        (['blurred', 'drawn', 'real', 'shuffled'], True)
    """
    random = np.random.default_rng(seed)
    sets = {"drawn": drawn, **others, "real": real}
    sizes = {name: len(images) for name, images in sets.items()}
    if len({*sizes.values()}) > 1 or len(real) < 4 * (NEIGHBOURS + 1):
        raise FacegenError(f"Expected at least {4 * (NEIGHBOURS + 1)} pictures, as many of each: {sizes}.")
    sets |= {"blurred": blurred(real), "shuffled": shuffled(real, random)}
    found = {name: classifier.features(images) for name, images in sets.items()}
    people = np.arange(len(real)) if people is None else people
    scores = [_compared(found, *rows) for rows in halves(people, splits, random)]
    return {
        name: {**_summed([score[name] for score in scores]), "asymmetry": asymmetry(images)}
        for name, images in sets.items()
    }


def halves(
    people: np.ndarray, splits: int, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Part rows in two halves of one size, nobody in both, as often as wanted.

    Rows of -1 show nobody that is known: each counts as a person. Of so few people that the halves would
    become small, the pictures are parted instead.

    Example:
        >>> one, other = next(halves(np.array([7, 7, 8, 8]), 1, np.random.default_rng(0)))
        >>> sorted([one.tolist(), other.tolist()])
        [[0, 1], [2, 3]]
    """
    people = np.where(people < 0, people.max(initial=0) + 1 + np.arange(len(people)), people)
    numbers = np.unique(people, return_inverse=True)[1]
    for _ in range(splits):
        ranks = random.permutation(numbers.max() + 1)[numbers]
        order = np.argsort(ranks + random.random(len(ranks)))  # person by person
        starts = np.flatnonzero(np.diff(ranks[order], prepend=-1))  # where the next one begins
        middle = int(starts[np.abs(starts - len(order) / 2).argmin()])
        count = min(middle, len(order) - middle)
        if count < len(order) // 3:
            order, middle, count = random.permutation(len(order)), len(order) // 2, len(order) // 2
        yield np.sort(order[:middle][:count]), np.sort(order[middle:][:count])


def _compared(features: Mapping[str, np.ndarray], half: np.ndarray, other: np.ndarray) -> dict[str, dict]:
    base = features["real"][half]
    return {
        name: {
            "frechet": frechet(base, x[other]),
            "kernel": kernel_distance(base, x[other]),
            "coverage": coverage(base, x[other]),
        }
        for name, x in features.items()
    }


def _summed(scores: list[dict[str, float]]) -> dict[str, float]:
    columns = {name: [score[name] for score in scores] for name in scores[0]}
    spreads = {f"{name}_spread": float(np.std(values)) for name, values in columns.items()}
    return {name: float(np.mean(values)) for name, values in columns.items()} | spreads


def blurred(images: np.ndarray, radius: float = 2.0) -> np.ndarray:
    """The same pictures out of focus, uint8.

    Example:
        >>> dot = np.zeros((1, 9, 9, 3), "uint8")
        >>> dot[0, 4, 4] = 255
        >>> bool(0 < blurred(dot)[0, 4, 5, 0] < blurred(dot)[0, 4, 4, 0] < 255)
        True
    """
    return np.stack([np.asarray(Image.fromarray(x).filter(ImageFilter.GaussianBlur(radius))) for x in images])


def shuffled(images: np.ndarray, random: np.random.Generator, pieces: int = 4) -> np.ndarray:
    """The same pictures, each cut into pieces x pieces that are put together in another order.

    Example:
        >>> image = np.arange(16, dtype="uint8").reshape(1, 4, 4, 1)
        >>> mixed = shuffled(image, np.random.default_rng(0))
        >>> sorted(mixed.ravel().tolist()) == image.ravel().tolist(), bool((mixed == image).all())
        (True, False)
    """
    count, side, _, channels = images.shape
    step = side // pieces
    cut = images[:, : step * pieces, : step * pieces].reshape(count, pieces, step, pieces, step, channels)
    cut = cut.transpose(0, 1, 3, 2, 4, 5).reshape(count, pieces**2, step, step, channels)
    mixed = np.stack([x[random.permutation(pieces**2)] for x in cut])
    mixed = mixed.reshape(count, pieces, pieces, step, step, channels).transpose(0, 1, 3, 2, 4, 5)
    return mixed.reshape(count, step * pieces, step * pieces, channels)
