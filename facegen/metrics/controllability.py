"""Does a generator do what it is asked? What a classifier sees in its pictures, what a toggle changes."""

from collections.abc import Mapping, Sequence

import numpy as np

from facegen.conditions.attributes import rivals
from facegen.metrics.classifier import AttributeClassifier
from facegen.metrics.image_quality import distance
from facegen.models.gan import GAN
from facegen.utils.progress import bar


def f1(seen: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """F1 of each column: 2 hits / (2 hits + misses + false alarms), float64 (columns,).

    NaN where an attribute was never wanted: there is nothing to be right about.

    Args:
        seen, wanted: bool (n, columns).

    Example:
        >>> seen, wanted = np.array([[1, 0], [1, 0], [0, 0]]) > 0, np.array([[1, 0], [0, 0], [1, 0]]) > 0
        >>> f1(seen, wanted).tolist()
        [0.5, nan]
    """
    hits, there = (seen & wanted).sum(axis=0), wanted.sum(axis=0)
    return np.where(there, 2 * hits / np.maximum(seen.sum(axis=0) + there, 1), np.nan)


def balanced_accuracy(seen: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Mean of the shares of yes and of no that were met, float64 (columns,): 0.5 is chance.

    NaN where only yes or only no was wanted.

    Example:
        >>> seen, wanted = np.array([[1], [1], [0]]) > 0, np.array([[1], [0], [1]]) > 0
        >>> balanced_accuracy(seen, wanted).tolist()  # half of yes, nothing of no
        [0.25]
    """
    with np.errstate(invalid="ignore"):
        yes = (seen & wanted).sum(axis=0) / wanted.sum(axis=0)
        no = (~seen & ~wanted).sum(axis=0) / (~wanted).sum(axis=0)
    return (yes + no) / 2


def control(seen: np.ndarray, wanted: np.ndarray, names: Sequence[str]) -> dict:
    """How far what a classifier sees is what was asked for.

    Args:
        seen: what the classifier reads, bool (n, columns).
        wanted: the attributes asked for (or, of real pictures, those of the table), bool (n, columns).
        names: of the columns.

    Returns:
        {"f1_mean", "balanced_accuracy_mean", "attributes": {name: {"f1", "balanced_accuracy"}}}.

    Example:
        >>> seen, wanted = np.array([[1], [1], [0]]) > 0, np.array([[1], [0], [1]]) > 0
        >>> control(seen, wanted, ["Smiling"])["attributes"]
        {'Smiling': {'f1': 0.5, 'balanced_accuracy': 0.25}}
    """
    scores = f1(seen, wanted), balanced_accuracy(seen, wanted)
    rows = zip(names, *scores, strict=True)
    return {
        "f1_mean": mean(scores[0]),
        "balanced_accuracy_mean": mean(scores[1]),
        "attributes": {name: {"f1": float(a), "balanced_accuracy": float(b)} for name, a, b in rows},
    }


def mean(values: Sequence[float]) -> float:
    """The mean of what is known: NaN are left out, and NaN is the mean of nothing.

    Example:
        >>> mean([1.0, float("nan"), 3.0]), mean([])
        (2.0, nan)
    """
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else float("nan")


def ratio(value: float, to: float) -> float:
    """value / to; NaN where that is no number.

    Example:
        >>> ratio(3, 4), ratio(3, 0)
        (0.75, nan)
    """
    return value / to if to else float("nan")


def flip(rows: np.ndarray, column: int, names: Sequence[str]) -> np.ndarray:
    """The same requests with one attribute switched; where it goes on, what it excludes goes off.

    Args:
        rows: 0 and 1, (n, columns).
        column: of the attribute.
        names: of the columns.

    Example:
        >>> names = ["Black_Hair", "Blond_Hair", "Smiling"]
        >>> flip(np.array([[1, 0, 1], [0, 1, 1]]), names.index("Blond_Hair"), names).tolist()
        [[0, 1, 1], [0, 0, 1]]
    """
    switched, on = rows.copy(), rows[:, column] <= 0.5
    switched[:, column] = on
    switched[np.ix_(on, rivals(names)[column])] = 0
    return switched


def toggle_pairs(row: np.ndarray, chosen: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """One request with each of the chosen attributes off, then on: (2 * chosen, columns).

    Args:
        row: 0 and 1, (columns,).
        chosen: attributes.
        names: of the columns.

    Example:
        >>> names = ["Black_Hair", "Blond_Hair", "Smiling"]
        >>> toggle_pairs(np.array([1, 0, 1]), ["Blond_Hair"], names).tolist()
        [[1, 0, 1], [0, 1, 1]]
    """
    made = []
    for column in map(list(names).index, chosen):
        off = row.copy()[None]
        off[:, column] = 0
        made += [off, flip(off, column, names)]
    return np.concatenate(made)


def flips(rows: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Requests, and each of them with each attribute switched: (1 + columns, n, columns).

    Example:
        >>> flips(np.array([[0, 1]]), ["Male", "Smiling"])[:, 0].tolist()
        [[0, 1], [1, 1], [0, 0]]
    """
    return np.stack([rows, *(flip(rows, column, names) for column in range(len(names)))])


def in_distribution(requests: np.ndarray, table: np.ndarray, least: float = 0.1) -> np.ndarray:
    """Which switched requests a model can know: bool (columns, n).

    A table without bearded women teaches nobody to draw one. A switched attribute is plausible beside
    the others of its row if each of them is found together with it in the table at least a tenth as
    often as chance would have it.

    Args:
        requests: see `flips`.
        table: attributes of the training pictures, 0 and 1, (m, columns).
        least: the tenth.

    Example:
        >>> names, table = ["Male", "Goatee"], np.array([[1, 1], [1, 0], [0, 0], [0, 0]])
        >>> man_and_woman = np.array([[1, 0], [0, 0]])
        >>> in_distribution(flips(man_and_woman, names), table).tolist()  # no woman with a goatee
        [[True, True], [True, False]]
    """

    def both(rows):  # yes and no as columns of their own
        return np.concatenate([rows, 1 - rows], axis=-1) > 0.5

    states = both(table).astype("float64")
    shares, together = states.mean(axis=0), states.T @ states / len(states)
    lonely = together < least * np.outer(shares, shares)
    lonely |= ~(shares[:, None] > 0)
    width = table.shape[1]
    found = np.empty((width, requests.shape[1]), bool)
    for column, rows in enumerate(requests[1:]):
        own = np.where(rows[:, column] > 0.5, column, width + column)
        found[column] = ~(lonely[own] & both(rows)).any(axis=1)
    return found


def drawn_flips(
    model: GAN, inputs: Mapping[str, np.ndarray], batch_size: int = 64, progress: bool = False
) -> np.ndarray:
    """What a model draws for `flips`, all else of the inputs as it was: uint8 (1 + columns, n, h, w, c).

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> inputs = {"attributes": np.array([[1, 0]]), "noise": model.sample_noise(1, seed=7)}
        >>> drawn = drawn_flips(model, inputs)
        >>> drawn.shape, bool((drawn[0] == model.draw(inputs)).all())
        ((3, 1, 16, 16, 3), True)
    """
    requests = flips(inputs["attributes"], model.names["attributes"])
    drawn = []
    with bar(len(requests), "toggles", "", show=progress) as done:
        for rows in requests:
            drawn.append(model.draw({**inputs, "attributes": rows}, batch_size))
            done.update()
    return np.stack(drawn)


def toggle_effects(seen: np.ndarray, requests: np.ndarray, names: Sequence[str], known: np.ndarray) -> dict:
    """What a classifier sees of the pictures for `flips`: does each attribute come, and what else changes?

    Args:
        seen: what the classifier reads, bool (1 + columns, n, columns).
        requests: what was asked for, likewise.
        names: of the columns.
        known: which pairs count, bool (columns, n); see `in_distribution`.

    Returns:
        Attribute -> {"pairs": how many count, "flipped": share of them that the classifier reads as off, then
        on, "flipped_anyone": the same of all n, "flipped_by_others": how often its reading goes from off
        to on when another one is switched, "others": share of the other readings that change}.

    Example:
        >>> names = ["Male", "Smiling"]
        >>> requests = flips(np.array([[0, 0], [1, 0]]), names)
        >>> found = toggle_effects(requests > 0, requests, names, np.ones((2, 2), bool))  # it obeys
        >>> found["Smiling"]["flipped"], found["Smiling"]["others"]
        (1.0, 0.0)
    """
    came, changed, stay, count = [], [], [], len(names)
    for column in range(count):
        on = requests[0, :, column] > 0.5
        pair = seen[0], seen[1 + column]
        without, with_it = (np.where(on[:, None], *ends) for ends in (pair[::-1], pair))
        came.append(~without & with_it)
        changed.append(without ^ with_it)
        stay.append((requests[0] > 0.5) == (requests[1 + column] > 0.5))
    came, changed, stay = np.stack(came), np.stack(changed), np.stack(stay)  # (columns, n, columns)
    counted = stay & known[:, :, None]
    return {
        name: {
            "pairs": int(known[i].sum()),
            "flipped": mean(came[i, known[i], i]),
            "flipped_anyone": mean(came[i, :, i]),
            "flipped_by_others": mean(came[:, :, i][counted[:, :, i]]),
            "others": mean(changed[i][counted[i]]),
        }
        for i, name in enumerate(names)
    }


def toggle(
    model: GAN,
    classifier: AttributeClassifier,
    inputs: Mapping[str, np.ndarray],
    table: np.ndarray | None = None,
    progress: bool = False,
) -> dict[str, dict[str, float]]:
    """What a classifier sees when one attribute is switched and all else stays: see `toggle_effects`.

    Args:
        model: reads "attributes" and "noise".
        classifier: of the data set the model learned from.
        inputs: {"attributes": (n, columns) of 0 and 1, "noise": (n, noise)}.
        table: attributes of the training pictures; only pairs that are `in_distribution` of it count.
        progress: show a progress bar.

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> inputs = {"attributes": np.array([[1, 0]]), "noise": model.sample_noise(1, seed=7)}
        >>> found = toggle(model, AttributeClassifier(16, ["Male", "Smiling"]), inputs)
        >>> sorted(found), found["Smiling"]["pairs"]
        (['Male', 'Smiling'], 1)
    """
    names = model.names["attributes"]
    requests = flips(inputs["attributes"], names)
    known = np.ones(requests.shape[:2], bool)[1:] if table is None else in_distribution(requests, table)
    return toggle_effects(
        read_all(classifier, drawn_flips(model, inputs, progress=progress)), requests, names, known
    )


def read_all(classifier: AttributeClassifier, pictures: np.ndarray) -> np.ndarray:
    """What a classifier reads of pictures (..., n, h, w, c): bool (..., n, columns).

    Example:
        >>> classifier = AttributeClassifier(16, ["Male", "Smiling"])
        >>> pictures = np.zeros((3, 2, 16, 16, 3), "uint8")
        >>> seen = read_all(classifier, pictures)
        >>> seen.shape, bool((seen[0] == classifier.read(pictures[0])).all())
        ((3, 2, 2), True)
    """
    return np.stack([classifier.read(x) for x in pictures])


def change_maps(pictures: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Where pictures change when an attribute is switched, in grey levels: float64 (columns, h, w).

    Args:
        pictures: for `flips`, uint8 (1 + columns, n, h, w, c).
        known: which pairs count, bool (columns, n). NaN where none does.

    Example:
        >>> pictures = np.zeros((2, 1, 2, 2, 3), "uint8")
        >>> pictures[1, 0, 0, 0] = 30  # switched, the pixel above on the left is brighter
        >>> change_maps(pictures, np.ones((1, 1), bool)).tolist()
        [[[30.0, 0.0], [0.0, 0.0]]]
    """
    maps = np.full((len(known), *pictures.shape[2:4]), np.nan)
    for column, taken in enumerate(known):
        if taken.any():
            pair = pictures[0][taken].astype("float32"), pictures[1 + column][taken]
            maps[column] = np.abs(pair[0] - pair[1]).mean(axis=(0, 3))
    return maps


def toggle_shift(model: GAN, inputs: Mapping[str, np.ndarray]) -> dict[str, float]:
    """How far the picture moves when one attribute flips and all else stays.

    Args:
        model: reads "attributes" and "noise".
        inputs: {"attributes": (n, columns) of 0 and 1, "noise": (n, noise)}.

    Returns:
        Attribute -> mean `distance` over the n rows.

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> inputs = {"attributes": np.array([[1, 0]]), "noise": model.sample_noise(1, seed=7)}
        >>> smiling = {**inputs, "attributes": np.array([[1, 1]])}
        >>> shift = distance(model.draw(inputs), model.draw(smiling))[0]
        >>> toggle_shift(model, inputs)["Smiling"] == float(shift)
        True
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

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> inputs = {"attributes": np.array([[1, 0]]), "noise": model.sample_noise(1, seed=7)}
        >>> change = toggle_map(model, inputs, "Smiling")
        >>> change.shape, int(change.max())
        ((16, 16, 1), 255)
    """
    off, on = (inputs["attributes"].copy() for _ in range(2))
    column = model.names["attributes"].index(name)
    off[:, column], on[:, column] = 0, 1
    pictures = [model.draw({**inputs, "attributes": rows}).astype("float64") for rows in (off, on)]
    return as_picture(np.abs(pictures[1] - pictures[0]).mean(axis=(0, 3)))


def as_picture(change: np.ndarray, white: float | None = None) -> np.ndarray:
    """A map (height, width) of numbers from 0 up as a picture, uint8 (height, width, 1).

    Args:
        change: the map; black where nothing is known (NaN).
        white: what is shown as white, one number for maps to be compared; by default the most there is.

    Example:
        >>> as_picture(np.array([[0.0, 1.0], [2.0, np.nan]]))[..., 0].tolist()
        [[0, 128], [255, 0]]
    """
    change = np.nan_to_num(change)
    white = max(change.max() if white is None else white, 1e-9)
    return np.round(255 * np.minimum(change / white, 1)).astype("uint8")[..., None]


def noise_shift(model: GAN, inputs: Mapping[str, np.ndarray], seed: int) -> float:
    """How far the picture moves when the noise is drawn anew and the attributes stay: mean `distance`.

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> inputs = {"attributes": np.array([[1, 0]]), "noise": model.sample_noise(1, seed=7)}
        >>> noise_shift(model, inputs, seed=7), noise_shift(model, inputs, seed=8) > 0
        (0.0, True)
    """
    noise = model.sample_noise(len(inputs["noise"]), seed)
    return float(distance(model.draw({**inputs, "noise": noise}), model.draw(inputs)).mean())
