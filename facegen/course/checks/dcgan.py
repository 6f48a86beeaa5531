"""Checks of the exercises of notebook 2."""

import numpy as np

from facegen.course.exercises import Check, near, need
from facegen.data.loader import Batches
from facegen.models.dcgan import start_grid
from facegen.utils.errors import FacegenError


@Check
def undecided(logistic, hinge, random):
    """Losses of one real picture where the discriminator's logit is 0."""
    need(
        not near(logistic, 0.5, 0.01), "0.5 is the score at logit 0; the logistic loss is minus its logarithm"
    )
    need(
        not near(logistic, np.log10(2), 0.01),
        "that is the logarithm to base 10; these losses are in nats: base e",
    )
    need(
        near(logistic, np.log(2), 0.01),
        "logistic: minus the natural logarithm of the score; which is it at 0?",
    )
    need(not near(hinge, 0), "at logit 0 it is not yet right enough: the hinge lets go at 1")
    need(near(hinge, 1, 0.01), "hinge: what is missing of the logit to 1")
    return "0.69 = ln 2 and 1: where curves lie that have learned nothing, and where equal players end"


GROWN = [(6, 6, 128), (12, 12, 128), (24, 24, 64), (48, 48, 32), (48, 48, 3)]
SHRUNK = [(24, 24, 16), (12, 12, 32), (6, 6, 64), (6, 6, 128)]  # of a GAN of size 48 and of width 16


@Check
def shapes(grown, shrunk, random):
    """What a picture is after each step of both players: lists of (rows, columns, features)."""
    grid = grown[0][0]
    need(grid <= 10, f"generator: {grid} is more than 10, so it is halved once more")
    need(len(grown) == 5, f"generator: expected five, grid and picture included; found {len(grown)}")
    need(near(grown[0], GROWN[0]), "generator: the grid has width x 2^doublings features, and 6 x 2³ = 48")
    sides, features = zip(*((rows, last) for rows, _, last in grown), strict=True)
    need(features[-1] == 3, "generator: the picture has three features, red, green and blue")
    need(features[1] == 128, "generator: the first doubling keeps the features, the second halves them")
    need(sides[-1] == 48, "generator: the last convolution makes colours, and leaves the size")
    need(near(grown, GROWN), "generator: each step twice the side; features 128, as many, half, a quarter, 3")
    need(len(shrunk) == 4, f"discriminator: four convolutions, without the picture; found {len(shrunk)}")
    need(shrunk[-1][0] != 3, "discriminator: three of four halve the side; the last one has stride 1")
    need(
        near([last for *_, last in shrunk], [16, 32, 64, 128]),
        "discriminator: twice as many features from step to step, from 16 on",
    )
    need(near(shrunk, SHRUNK), "discriminator: half the side after each of the first three")
    return "what is lost in size is made up for in features; `architectures.dcgan` draws it of any GAN"


@Check
def hinge(losses, random):
    """The hinge losses of both players, of logits."""
    real, fake = random.normal(0, 2, (2, 12, 1))
    found = losses(real, fake)
    need(np.shape(found) == (2,), "expected two numbers: the discriminator's loss, and the generator's")
    below, above = np.maximum(0, 1 - real).mean(), np.maximum(0, 1 + fake).mean()
    need(
        not near(found[0], (1 - real).mean() + (1 + fake).mean()),
        "no hinge yet: logits beyond 1 and -1 still count",
    )
    need(
        not near(found[0], below + np.maximum(0, 1 - fake).mean()),
        "drawn faces: the discriminator is right where their logit is *low*",
    )
    need(
        near(found[0], below + above),
        "discriminator: the mean of max(0, 1 - real), and the mean of max(0, 1 + fake)",
    )
    need(
        not near(found[1], np.maximum(0, 1 - fake).mean()),
        "the generator's loss has no hinge: a logit can always be higher",
    )
    need(near(found[1], -fake.mean()), "generator: it wants high logits for what it draws")
    return "both losses agree with `GAN(loss='hinge')`"


@Check
def diversity(spread, random):
    """The mean difference between two different pictures, in grey levels."""
    pictures = random.integers(0, 256, (5, 4, 4, 3), dtype="uint8")
    found, apart = spread(pictures), _apart(pictures.astype("float64"))
    others = len(pictures) / (len(pictures) - 1)
    bytewise = _apart(pictures)  # bytes have no sign: 3 - 5 and 5 - 3 differ
    pairs = np.triu_indices(len(pictures), 1)
    wrapped = [bytewise.mean(), bytewise.mean() * others, bytewise[pairs].mean(), bytewise.T[pairs].mean()]
    need(
        not any(near(found, mean) for mean in wrapped),
        "bytes wrap round: 3 - 5 is 254. Make them floats before you subtract",
    )
    need(
        not near(found, apart.mean()),
        "a picture is compared with itself, too: these zeros make the mean smaller",
    )
    need(
        not near(found, pictures.std()),
        "that is how much pixels vary in all, not how far two *pictures* lie apart",
    )
    need(
        near(found, apart.mean() * others),
        "the mean of |a - b| over all pixels and all pairs of two pictures",
    )
    need(near(spread(pictures[[0, 0, 0]]), 0), "three equal pictures: expected 0")
    return "a collapse will not escape you"


def _apart(pictures: np.ndarray) -> np.ndarray:
    return np.abs(pictures[:, None] - pictures).mean(axis=(2, 3, 4))  # (n, n)


@Check
def centred(coins, signs, random):
    """How alike are two requests, of 0 and 1, and of -1 and 1?"""
    need(
        not (near(coins, 0, 0.05) and near(signs, 0.5, 0.05)),
        "the other way round: which are the zeros and ones?",
    )
    need(not near(coins, 10, 0.1), "about 10 is the sum of products; a cosine divides it by both lengths")
    need(not near(signs, coins, 0.05), "twice the same: change `asked` to -1 and 1 for the second number")
    need(near(coins, 0.5, 0.05), "with 0 and 1: run the cell above as it is")
    need(near(signs, 0, 0.05), "with -1 and 1: `2 * asked - 1`, and run the cell above once more")
    return "half of what a request says, every request says; centred, they have nothing in common"


@Check
def own(batches, random):
    """Batches of one's own pictures, fit for a GAN."""
    need(isinstance(batches, Batches), "expected `Batches(pixels, conditions, batch_size)`")
    pixels = batches.pixels
    need(
        pixels.dtype == np.uint8,
        f"pixels are {pixels.dtype}; the network expects bytes, 0 to 255, as `load_pixels` has",
    )
    need(pixels.shape[1] == pixels.shape[2], f"pictures of {pixels.shape[1:3]}; this GAN draws squares")
    try:
        start_grid(pixels.shape[1])
    except FacegenError as error:
        need(False, str(error))
    for name, rows in batches.conditions.items():
        same = (rows.min(axis=0) == rows.max(axis=0)).nonzero()[0]
        need(
            not len(same),
            f"column {same[:1]} of {name} is the same for everybody: a toggle without a meaning",
        )
    need(bool(batches.conditions), "no conditions: nothing could be asked for")
    return f"{len(pixels)} pictures, {batches.steps} batches an epoch: give it to `trainer.train`"
