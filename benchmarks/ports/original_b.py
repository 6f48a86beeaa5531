"""The deconvolution network of 2016: its layers as they were written, and all its data in memory.

Every picture is decoded, cropped and resized at the start, and kept as float64 in 0..1; `fit` then gets
the whole array. The layers bear the names that they have in facegen/models/deconv.py, so that weights can be
carried over.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

KERNELS = (128, 128, 96, 96, 32, 32, 16)


def network(
    widths: Mapping[str, int],
    start: tuple[int, int],
    depth: int,
    kernels: Sequence[int] = KERNELS,
    dense: int = 512,
) -> keras.Model:
    """Conditions in, a picture in 0..1 out, compiled as the original was.

    Args:
        widths: condition -> how many numbers it has.
        start: (rows, columns) of the first grid.
        depth: deconvolution layers.
        kernels: filters of each; the last repeats.
        dense: units of the layer that reads one condition.
    """
    inputs = {name: keras.Input((width,), name=name) for name, width in widths.items()}
    x = layers.Concatenate()([_dense(x, dense, f"read_{name}") for name, x in inputs.items()])
    x = _dense(x, 2 * dense, "mixed")
    x = _dense(x, start[0] * start[1] * kernels[0], "spread")
    x = layers.Reshape((*start, kernels[0]))(x)
    for i in range(depth):
        x = _refined(x, kernels[min(i, len(kernels) - 1)], f"deconv_{i + 1}")
        x = layers.BatchNormalization(name=f"deconv_{i + 1}_norm")(x)
    x = _refined(x, 8, "last")
    x = layers.Conv2D(3, 3, padding="same", activation="sigmoid", name="pixels")(x)
    model = keras.Model(inputs, x)
    model.compile("adam", "mean_squared_logarithmic_error")
    return model


def _dense(x, units: int, name: str):
    return layers.LeakyReLU(negative_slope=0.3)(layers.Dense(units, name=name)(x))


def _refined(x, filters: int, name: str):
    x = layers.UpSampling2D()(x)
    x = layers.LeakyReLU(negative_slope=0.3)(layers.Conv2D(filters, 5, padding="same", name=f"{name}_up")(x))
    return layers.LeakyReLU(negative_slope=0.3)(
        layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv")(x)
    )


def load(paths: Sequence[Path], size: tuple[int, int]) -> np.ndarray:
    """All pictures, cropped as the original cropped RaFD: float64 (n, height, width, 3) in 0..1."""
    images = np.empty((len(paths), *size, 3))
    for i, path in enumerate(paths):
        picture = Image.open(path)
        picture = picture.crop((24, 48, picture.width - 24, picture.height - 24))
        images[i] = np.asarray(picture.resize(size[::-1])) / 255.0
    return images
