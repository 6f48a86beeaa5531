"""Checks of the exercises of notebook 4."""

from itertools import product

import numpy as np

from facegen import metrics
from facegen.course.exercises import Check, near, need
from facegen.data.dataset import FaceSet
from facegen.models import Deconv

KERNELS = (64, 48, 32)  # of this notebook's network
NAMES = {"identity": [f"{i:02d}" for i in range(16)], "emotion": [*"abcdefgh"], "orientation": ["sin", "cos"]}
MOST = 0.6  # of its weights may be left


@Check
def growing(size, random):
    """The picture that grows from 5 x 4 in five deconvolution layers and a last upsampling."""
    need(np.shape(size) == (2,), "expected two numbers: (rows, columns)")
    need(
        not near(size, (160, 128)),
        "there is one more upsampling after the five: see the last lines of the network",
    )
    need(not near(size, (256, 320)), "rows before columns: the grid begins with 5 rows and 4 columns")
    need(not near(size, (60, 48)), "each upsampling doubles what the one before has made; it does not add")
    need(near(size, (320, 256)), "5 x 4, doubled five times and once more")
    return "320 x 256: six doublings make 4,096 pixels of each"


@Check
def unpool(grow, random):
    """Nearest neighbour: each pixel becomes a block of 2 x 2."""
    x = random.integers(1, 9, (2, 2, 3, 2)).astype("float32")
    found = np.asarray(grow(x))
    need(
        found.shape == (2, 4, 6, 2),
        f"{x.shape} shall become (2, 4, 6, 2): twice the rows and the columns; found {found.shape}",
    )
    need(
        not near(found, np.tile(x, (1, 2, 2, 1))),
        "this sets the picture beside itself four times; a pixel's four copies belong together",
    )
    need(
        bool((found != 0).all()),
        "there are zeros between the pixels: that is the other way to unpool, which leaves a grid",
    )
    need(
        near(found, x.repeat(2, axis=1).repeat(2, axis=2)),
        "found[:, 2 * i, 2 * j] and its three neighbours shall be x[:, i, j]",
    )
    return "as `keras.layers.UpSampling2D` does it"


@Check
def psnr(measure, random):
    """The peak signal-to-noise ratio of each picture."""
    truth = random.integers(0, 256, (3, 4, 4, 3), dtype="uint8")
    drawn = random.integers(0, 256, (3, 4, 4, 3), dtype="uint8")
    found, expected = measure(drawn, truth), metrics.psnr(drawn, truth)
    need(np.shape(found) == (3,), f"expected a number for each of 3 pictures, found shape {np.shape(found)}")
    wrapped = np.square(drawn - truth).mean(axis=(1, 2, 3))
    need(
        not near(found, 10 * np.log10(255**2 / wrapped)),
        "bytes wrap round: 3 - 5 is 254. Make them floats first",
    )
    need(
        not near(found, expected / 2),
        "half of it: 10 log10 goes with *squared* numbers, so the white is squared, too",
    )
    need(not near(found, -expected), "the sign is turned round: nearer to the truth is more decibels")
    need(
        near(found, expected),
        "10 log10(255² / mean squared error), the mean over a picture's pixels and colours, all in floats",
    )
    return "as `metrics.psnr`"


@Check
def lighter(kernels, layer, random):
    """Filters that leave at most 60 % of the weights, and the layer that then has most of them."""
    need(np.shape(kernels) == (3,), "expected three numbers, one for each deconvolution layer")
    need(min(kernels) >= 8, "fewer than 8 filters are hardly enough to draw with: at least 8 each")
    network, whole = (
        Deconv(NAMES, (5, 4), depth=3, kernels=filters, dense=256, deep=False).generator
        for filters in ([*map(int, kernels)], KERNELS)
    )
    share = network.count_params() / whole.count_params()
    need(share <= MOST, f"{share:.0%} of the weights are left. Which layer's depend on which number?")
    largest = max(network.layers, key=lambda part: part.count_params()).name
    need(layer == largest, f"{layer!r} is not the largest now: the cell above lists them")
    return f"{share:.0%} of the weights are left; most are in {largest!r}, which reads and draws nothing"


@Check
def hold_out(part, random):
    """The partition that holds out one person's one emotion."""
    who, how = (grid.ravel() for grid in np.meshgrid(range(4), range(3)))
    order = random.permutation(12)
    conditions = {
        "identity": np.eye(4, dtype="float32")[who[order]],
        "emotion": np.eye(3, dtype="float32")[how[order]],
    }
    person, emotion = int(random.integers(4)), int(random.integers(3))
    found = np.asarray(part(conditions, person, emotion))
    same = conditions["identity"][:, person] == 1, conditions["emotion"][:, emotion] == 1
    need(found.shape == (12,), f"expected a number for each of 12 pictures, found shape {found.shape}")
    need({*found.ravel().tolist()} <= {0, 2}, "expected 0 for what is trained on and 2 for what is held out")
    need(
        not np.array_equal(found == 0, same[0] & same[1]),
        "0 and 2 are exchanged: this trains on that one combination alone",
    )
    need(
        not np.array_equal(found == 2, same[0] | same[1]),
        "this holds out all of the person and all of the emotion: *both* must agree",
    )
    need(
        not np.array_equal(found == 2, same[0]),
        "this holds out the whole person: the network would never have seen them",
    )
    need(
        np.array_equal(found == 2, same[0] & same[1]),
        "held out shall be where the person *and* the emotion agree, and nothing else",
    )
    return "the network knows the person and the emotion, and has never seen the two together"


@Check
def mine(faces, random):
    """A set of one's own with two descriptions, of which every combination is known, or held out."""
    need(isinstance(faces, FaceSet), "expected what `facegen.read(folder)` returns")
    words = [
        name
        for name, columns in faces.names.items()
        if name not in ("attributes", "numbers") and len(columns) > 1
    ]
    need(
        len(words) >= 2,
        f"two columns of words were asked for, such as who and mood; this set has {len(words)}",
    )
    rows = [faces.conditions[name].argmax(axis=1) for name in words[:2]]
    there = set(zip(*rows, strict=True))
    lost = [
        pair for pair in product(*(range(len(faces.names[name])) for name in words[:2])) if pair not in there
    ]
    named = [f"{faces.names[words[0]][i]} with {faces.names[words[1]][j]}" for i, j in lost]
    need(not lost, f"{named[:1]} is missing: take a picture of each combination")
    need((faces.partition == 2).any(), "nothing is held out: name the rows of one combination `test`")
    held, learned = (
        {pair for pair, part in zip(zip(*rows, strict=True), faces.partition, strict=True) if part == number}
        for number in (2, 0)
    )
    for name, row in zip(words, rows, strict=False):
        unseen = {*row[faces.partition == 2]} - {*row[faces.partition == 0]}
        need(
            not unseen,
            f"{[faces.names[name][i] for i in unseen]} occurs in `test` alone: the network cannot know it",
        )
    told = [f"{faces.names[words[0]][i]} with {faces.names[words[1]][j]}" for i, j in sorted(held & learned)]
    need(not told, f"{told[:1]} is in `train`, too: all pictures of a combination are `test`, or none")
    need(len(held) == 1, f"{len(held)} combinations are held out; one was asked for")
    return f"{len(faces)} pictures of {' and '.join(words[:2])}, one combination to be found out"
