"""A trained model on disk: a folder of two files, and back.

`model.json` names the model, the plain settings it is built from, the versions that wrote it and
the SHA-256 of `weights.npz`, which holds one plain array per weight under its layer's name. A model
is rebuilt from this package's code and then given its weights: nothing that the folder contains is
ever run, and no version of Keras decides what a weight is called.
"""

import inspect
import json
import os
import shutil
import tempfile
from pathlib import Path

import keras
import numpy as np

from facegen import __version__
from facegen.models import weights
from facegen.models.base import FaceModel, parameters
from facegen.models.dcgan import start_grid
from facegen.models.deconv import Deconv
from facegen.models.flow import Flow
from facegen.models.gan import GAN
from facegen.models.unrolled import UnrolledDeconv
from facegen.utils import files
from facegen.utils.errors import FacegenError

FORMAT = 1
BUILDERS = {"GAN": GAN, "Deconv": Deconv, "UnrolledDeconv": UnrolledDeconv, "Flow": Flow}
WEIGHTS = "weights.npz"
LARGEST_TEXT = 1 << 20  # bytes of a model.json
LARGEST_SIDE = 8192  # pixels


def save(model: FaceModel, folder: str | Path, dtype: str = "float32", **card) -> Path:
    """Write a model to a folder, replacing one that is there only when the new one is complete.

    Args:
        model: to be saved.
        folder: the bundle's; its parent is made if missing.
        dtype: "float32", or "float16" or "int8" for a folder of half or a quarter of the size, whose kernels
            are rounded (weights.py); a model is computed in its own precision all the same.
        **card: what else is to be known (data set, command, seed, measures): JSON values.

    Returns:
        The folder.

    Raises:
        FacegenError: another dtype.

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> folder = save(model, "tiny", trained="not at all")
        >>> load(folder).card
        {'trained': 'not at all'}
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(".part", f".{folder.name}.", folder.parent))  # see files.sweep
    try:
        weights.write(model, aside / WEIGHTS, dtype)
        about = {
            "format": FORMAT,
            "model": type(model).__name__,
            "settings": model.settings,
            "versions": {"facegen": __version__, "keras": keras.__version__},
            "backend": keras.backend.backend(),
            "sha256": {WEIGHTS: files.sha256(aside / WEIGHTS)},
            "card": card,
            "examples": {name: _packed(rows) for name, rows in model.examples.items()},
        }
        files.write_text(aside / "model.json", json.dumps(about, indent=1) + "\n")
        aside.chmod(0o755)
        _replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


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
    content = _described(path)
    expected = {"format": int, "model": str, "settings": dict, "sha256": dict}
    for key in expected:
        if key not in content:
            raise FacegenError(f"{path} lacks {key!r}: expected the description of a trained model.")
    if content["format"] != FORMAT:
        raise FacegenError(
            f"{path} has format {content['format']!r}, this facegen reads {FORMAT}: update facegen."
        )
    for key, kind in expected.items():
        if not isinstance(content[key], kind):
            raise FacegenError(f"{path} is damaged: {key!r} is {content[key]!r:.80}. Get the bundle again.")
    if content["model"] not in BUILDERS:
        raise FacegenError(
            f"{path} names the model {content['model']!r:.80}: expected one of {sorted(BUILDERS)}."
        )
    return content


def _described(path: Path) -> dict:
    """The JSON object in a file, which is not trusted."""
    try:
        with open(path, "rb") as file:
            text = file.read(LARGEST_TEXT + 1)
        if len(text) > LARGEST_TEXT:
            raise ValueError(f"it has more than {LARGEST_TEXT:,} bytes")
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("it is no JSON object")
        return content
    except FileNotFoundError:
        raise FacegenError(
            f"{path.parent} is no trained model: expected a folder with model.json in it."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise FacegenError(f"{path} is damaged: {error}. Get the bundle again.") from None


def load(folder: str | Path) -> FaceModel:
    """Rebuild a trained model.

    The folder may come from a stranger: what it asks for is checked against the weights that it brings
    before anything is built, so that a few words cannot fill the memory.

    Raises:
        FacegenError: the folder is no bundle, is damaged, or does not fit this version.
    """
    content, path = about(folder), Path(folder) / WEIGHTS
    if not path.is_file():
        raise FacegenError(f"{path} is missing: get the bundle again.")
    if files.sha256(path) != content["sha256"].get(WEIGHTS):
        raise FacegenError(
            f"{path} is not the file that model.json describes (SHA-256): get the bundle again."
        )
    builder, settings = BUILDERS[content["model"]], content["settings"]
    try:
        _check_settings(builder, settings)
        arrays = weights.read(path)
        least, side = _reckoned(builder, settings)
        if least > sum(array.size for array in arrays.values()) or side > LARGEST_SIDE:
            raise ValueError("its settings ask for a larger network than there are weights for")
        model = builder(**settings)
        weights.assign(model, arrays)
    except Exception as error:  # of Keras, NumPy or zipfile: a stranger's numbers go wrong in many ways
        text = " ".join(str(error).split())[:300]
        raise FacegenError(f"{folder} does not fit this version of facegen: {text}") from error
    model.title, model.card = _title(Path(folder).resolve()), _card(content)
    model.examples = _examples(content.get("examples") or {}, model.names, Path(folder) / "model.json")
    return model


def _card(content: dict) -> dict:
    card = content.get("card")
    return card if isinstance(card, dict) else {}


def _packed(rows: np.ndarray) -> list[str]:
    """Rows of yes and no as hex digits, a text for each."""
    return [bytes(row).hex() for row in np.packbits(rows, axis=1)]


def _examples(packed: object, names: dict, path: Path) -> dict[str, np.ndarray]:
    """What `_packed` has made of each condition, bool (n, columns)."""
    found = {}
    try:
        for name, rows in dict(packed).items():
            width = len(names[name])
            bits = np.array([list(bytes.fromhex(row)) for row in rows], "uint8").reshape(-1, -(-width // 8))
            found[name] = np.unpackbits(bits, axis=1, count=width).astype(bool)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise FacegenError(f"{path} is damaged: examples ({error}). Get the bundle again.") from error
    return found


def _title(folder: Path) -> str:
    """The name of a bundle's folder, or of the training that it lies in."""
    return folder.parent.name if folder.name in ("model", "best") else folder.name


def _check_settings(builder: type[FaceModel], given: dict) -> None:
    """ValueError where a setting is none of the model's own, or of another kind than it should be."""
    known = parameters(builder)
    for name, value in given.items():
        if name not in known or known[name].kind is inspect.Parameter.VAR_KEYWORD:
            raise ValueError(f"there is no setting {name!r:.80}")
        if not _alike(value, known[name].default):
            raise ValueError(f"the setting {name} is {value!r:.80}")
    names = given.get("names")
    tables = names.values() if isinstance(names, dict) else [names]
    if not all(isinstance(columns, list) and {*map(type, columns)} == {str} for columns in tables):
        raise ValueError("the setting names is no table of conditions and their columns")


def _alike(value: object, default: object) -> bool:
    """Whether a setting is of the kind of its default; lists are of whole numbers, or of names."""
    if isinstance(default, tuple):
        return isinstance(value, list) and {*map(type, value)} == {type(default[0]) if default else str}
    if isinstance(default, float):
        return type(value) in (int, float)
    if default is None:  # of ranges, which the model checks
        return isinstance(value, dict)
    return default is inspect.Parameter.empty or type(value) is type(default)


def _reckoned(builder: type[FaceModel], given: dict) -> tuple[int, int]:
    """What a model of these settings has at the least, without building it: weights, pixels on a side."""
    s = {name: p.default for name, p in parameters(builder).items()} | given
    columns = sum(map(len, s["names"].values()))
    if builder is GAN:
        grid, doublings = start_grid(s["size"])
        widest = s["width"] * 2 ** min(doublings, 64)
        learner = (columns + s["latent_dim"]) * widest * grid**2 + 25 * widest**2
        return learner + 512 * s["discriminator_width"] ** 2, s["size"]
    if builder is Flow:
        widest = max(s["widths"])
        return 27 * widest**2 + columns, s["size"]
    rows, first, dense, depth = s["start"], s["kernels"][0], s["dense"], min(s["depth"], 64)
    spread = 2 * dense * rows[0] * rows[1] * first
    return columns * dense + spread + 25 * max(s["kernels"][:depth]), max(rows) * 2 ** (depth + 1)
