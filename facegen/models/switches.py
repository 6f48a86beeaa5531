"""Pairs of requests that differ by one switch: what a GAN is asked for so that each toggle does what it says.

A table of faces hardly ever has two rows that differ in one attribute only, but that is what is asked for by
whoever flips a toggle. So half of a batch's requests are made to be twins of the other half.
"""

from collections.abc import Mapping, Sequence

import keras
from keras import ops

from facegen.conditions.attributes import rivals
from facegen.conditions.base import ATTRIBUTES


def switch(rows, columns, names: Sequence[str]):
    """Each row with one attribute switched; where it goes on, what it excludes goes off.

    The same as `metrics.controllability.flip`, but for a column of each row's own, and inside of a step.

    Args:
        rows: 0 and 1, (b, attributes).
        columns: which one of each row, int (b,).
        names: of the attributes.

    Example:
        >>> names = ["Black_Hair", "Blond_Hair", "Smiling"]
        >>> rows = np.array([[1, 0, 1], [0, 1, 1]], "float32")
        >>> np.asarray(switch(rows, np.array([1, 1]), names)).tolist()
        [[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
    """
    rows = ops.cast(rows, "float32")
    own = ops.one_hot(columns, len(names), dtype="float32")  # (b, attributes)
    on = ops.cast(ops.sum(own * rows, axis=1, keepdims=True) <= 0.5, "float32")  # (b, 1)
    excluded = ops.take(ops.convert_to_tensor(rivals(names).astype("float32")), columns, axis=0)
    return rows * (1 - own) * (1 - on * excluded) + own * on


def paired(inputs: Mapping, names: Sequence[str], random: keras.random.SeedGenerator) -> dict:
    """Inputs whose second half is the first one again, noise and all, each with any one attribute switched.

    Args:
        inputs: of a generator, "attributes" among them, each (b, columns); the last of an odd number stays.
        names: of the attributes.
        random: chooses the attributes.

    Example:
        >>> inputs = {"attributes": np.eye(4, 2), "noise": np.arange(4.0)[:, None]}
        >>> made = paired(inputs, ["Male", "Smiling"], keras.random.SeedGenerator(0))
        >>> np.abs(made["attributes"][2:] - made["attributes"][:2]).sum(axis=1).tolist()
        [1.0, 1.0]
        >>> np.asarray(made["noise"])[:, 0].tolist()
        [0.0, 1.0, 0.0, 1.0]
    """
    half = ops.shape(inputs[ATTRIBUTES])[0] // 2
    first = {name: ops.cast(values[:half], "float32") for name, values in inputs.items()}
    columns = keras.random.randint((half,), 0, len(names), seed=random)
    twins = {**first, ATTRIBUTES: switch(first[ATTRIBUTES], columns, names)}
    rest = {name: ops.cast(values[2 * half :], "float32") for name, values in inputs.items()}
    return {name: ops.concatenate([first[name], twins[name], rest[name]]) for name in inputs}


def misread_change(logits, rows):
    """How badly a head reads what the rows of `paired` differ in, (b // 2,).

    The reading of what was switched is to rise where it goes on, and to fall where it goes off (cross-entropy
    of the difference between both, the mean if several were); all other readings are to stay (the mean size
    of their differences).

    Args:
        logits: of the head, (b, columns).
        rows: what was asked for, -1 to 1, (b, columns).

    Example:
        >>> rows = np.array([[-1.0, 1.0], [1.0, 1.0]])  # the first attribute goes on
        >>> logits = np.array([[-4.0, 3.0], [4.0, 2.0]])  # it does, and the other one is read differently
        >>> np.asarray(misread_change(logits, rows)).round(3).tolist()  # log(1 + e^-8) + 1 / 2
        [0.5]
    """
    half = ops.shape(rows)[0] // 2
    asked = (rows[half : 2 * half] - rows[:half]) / 2  # -1, 0 or 1
    read = logits[half : 2 * half] - logits[:half]
    moved = ops.abs(asked)
    come = ops.sum(moved * ops.softplus(-asked * read), axis=1) / ops.maximum(ops.sum(moved, axis=1), 1)
    return come + ops.mean((1 - moved) * ops.abs(read), axis=1)
