"""The weights of a model as plain arrays, in a file: whole, or rounded so that the file is smaller.

Kernels are nearly all of a model, and a picture hardly needs all of their digits. In "float16" they keep
three. In "int8" each is a whole number of steps, and what a step is worth is kept for each place of the
last axis: the largest kernel there over 127 (Jacob et al., arXiv 1712.05877, section 2.1, made symmetric).
Vectors and counters keep every digit. A model is computed in its own precision all the same.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from facegen.models.base import check_choice
from facegen.utils import files

DTYPES = ("float32", "float16", "int8")
LARGEST = 4 << 30  # bytes of weights, unpacked
LARGEST_HALF = 65504.0  # of the numbers that float16 can hold
STEP = "/step"  # ends the name of what a step of an array of whole numbers is worth


def write(model: keras.Model | keras.Layer, path: str | Path, dtype: str = "float32") -> None:
    """Write all weights under their layers' names.

    Raises:
        FacegenError: another dtype than "float32", "float16" or "int8".

    Example:
        >>> layer = keras.layers.Dense(2, name="dense")
        >>> layer.build((None, 3))
        >>> write(layer, "weights.npz", "int8")
        >>> sorted(name for name in read("weights.npz"))
        ['dense/bias', 'dense/kernel']
    """
    check_choice("dtype", dtype, DTYPES)
    arrays = {}
    for variable in model.weights:
        arrays |= _stored(variable.path, keras.ops.convert_to_numpy(variable), dtype)
    files.write(Path(path), lambda file: np.savez_compressed(file, **arrays))


def _stored(name: str, array: np.ndarray, dtype: str) -> dict[str, np.ndarray]:
    """An array as it is written."""
    if array.ndim < 2 or array.dtype != np.float32:
        return {name: array}
    if dtype == "int8":
        step = np.abs(array).max(axis=tuple(range(array.ndim - 1)), initial=0.0) / 127
        step[step == 0] = 1
        return {name: np.rint(array / step).astype(np.int8), name + STEP: step.astype(np.float32)}
    return {name: array.astype(dtype) if np.abs(array).max(initial=0) < LARGEST_HALF else array}


def read(path: str | Path) -> dict[str, np.ndarray]:
    """The weights in a file, which is not trusted.

    Raises:
        ValueError: they are no finite numbers, or more than anybody would have.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError(f"its weights unpack to more than {LARGEST >> 30} GB")
    with np.load(path, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    if 4 * sum(array.size for array in arrays.values()) > LARGEST:
        raise ValueError(f"its weights unpack to more than {LARGEST >> 30} GB")
    for name in [name for name in arrays if name + STEP in arrays]:
        steps, worth = arrays[name], arrays.pop(name + STEP)
        if worth.shape != steps.shape[-1:] or worth.dtype != np.float32:
            raise ValueError(f"what a step of {name:.80} is worth is damaged")
        arrays[name] = steps * worth
    for name, array in arrays.items():
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"{name:.80} is not all numbers")
    return arrays


def assign(model: keras.Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Give every weight of a model the array of its name.

    Raises:
        ValueError: a name is unknown or missing, or a shape differs.
    """
    expected = {v.path: v for v in model.weights}
    odd = sorted(arrays.keys() ^ expected.keys())
    if odd:
        raise ValueError(f"{odd[0]} is {'unknown' if odd[0] in arrays else 'missing'}")
    for path, variable in expected.items():
        variable.assign(arrays[path])
