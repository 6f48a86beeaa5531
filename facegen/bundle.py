"""A trained model on disk: a folder of two files, and back.

`model.json` names the model, the plain settings it is built from, the versions that wrote it and
the SHA-256 of `weights.npz`, which holds one plain array per weight under its layer's name. A model
is rebuilt from this package's code and then given its weights: nothing that the folder contains is
ever run, and no version of Keras decides what a weight is called.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from facegen import __version__, files
from facegen.deconv import Deconv
from facegen.errors import FacegenError
from facegen.gan import GAN
from facegen.model import FaceModel

FORMAT = 1
BUILDERS = {"GAN": GAN, "Deconv": Deconv}
WEIGHTS = "weights.npz"
DTYPES = ("float32", "float16")
LARGEST_HALF = 65504.0  # of the numbers that float16 can hold


def save(model: FaceModel, folder: str | Path, dtype: str = "float32", **card) -> Path:
    """Write a model to a folder, replacing one that is there only when the new one is complete.

    Args:
        model: to be saved.
        folder: the bundle's; its parent is made if missing.
        dtype: "float32", or "float16" for a folder of half the size, whose weights are rounded to three
            digits; a model is computed in its own precision all the same.
        **card: what else is to be known (data set, command, seed, measures): JSON values.

    Returns:
        The folder.

    Raises:
        FacegenError: another dtype.
    """
    if dtype not in DTYPES:
        raise FacegenError(f"dtype={dtype!r}: expected one of {', '.join(DTYPES)}.")
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        arrays = {v.path: _stored(keras.ops.convert_to_numpy(v), dtype) for v in model.weights}
        files.write(aside / WEIGHTS, lambda file: np.savez_compressed(file, **arrays))
        about = {
            "format": FORMAT,
            "model": type(model).__name__,
            "settings": model.settings,
            "versions": {"facegen": __version__, "keras": keras.__version__},
            "backend": keras.backend.backend(),
            "sha256": {WEIGHTS: files.sha256(aside / WEIGHTS)},
            "card": card,
        }
        files.write_text(aside / "model.json", json.dumps(about, indent=1) + "\n")
        aside.chmod(0o755)
        _replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _stored(array: np.ndarray, dtype: str) -> np.ndarray:
    """An array as it is written. Kernels are nearly all of a model; vectors and counters keep every digit."""
    large = array.ndim > 1 and array.dtype == np.float32 and np.abs(array).max(initial=0) < LARGEST_HALF
    return array.astype(dtype) if large else array


def _replace(new: Path, folder: Path) -> None:
    """Put a complete folder in the place of another: only our own two files are ever removed."""
    if folder.exists():
        for name in ("model.json", WEIGHTS):  # model.json first: without it the folder is no bundle
            (folder / name).unlink(missing_ok=True)
        for name in (WEIGHTS, "model.json"):
            os.replace(new / name, folder / name)
    else:
        os.replace(new, folder)
    files.sync_folder(folder.parent)


def about(folder: str | Path) -> dict:
    """What a bundle's `model.json` says.

    Raises:
        FacegenError: there is none, it is damaged, or a newer facegen wrote it.
    """
    path = Path(folder) / "model.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in ("format", "model", "settings", "sha256") if key not in content]
    except FileNotFoundError:
        raise FacegenError(
            f"{folder} is no trained model: expected a folder with model.json in it."
        ) from None
    except (ValueError, TypeError, UnicodeDecodeError) as error:
        raise FacegenError(f"{path} is damaged: {error}. Get the bundle again.") from None
    if missing:
        raise FacegenError(f"{path} lacks {missing[0]!r}: expected the description of a trained model.")
    if content["format"] != FORMAT:
        raise FacegenError(
            f"{path} has format {content['format']!r}, this facegen reads {FORMAT}: update facegen."
        )
    if content["model"] not in BUILDERS:
        raise FacegenError(
            f"{path} names the model {content['model']!r}: expected one of {sorted(BUILDERS)}."
        )
    return content


def load(folder: str | Path) -> FaceModel:
    """Rebuild a trained model.

    Raises:
        FacegenError: the folder is no bundle, is damaged, or does not fit this version.
    """
    content, weights = about(folder), Path(folder) / WEIGHTS
    if not weights.is_file():
        raise FacegenError(f"{weights} is missing: get the bundle again.")
    if files.sha256(weights) != content["sha256"].get(WEIGHTS):
        raise FacegenError(
            f"{weights} is not the file that model.json describes (SHA-256): get the bundle again."
        )
    try:
        model = BUILDERS[content["model"]](**content["settings"])
        with np.load(weights, allow_pickle=False) as arrays:
            assign(model, {name: arrays[name] for name in arrays.files})
    except (AttributeError, TypeError, ValueError, KeyError, OSError) as error:
        raise FacegenError(f"{folder} does not fit this version of facegen: {error}") from error
    return model


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
