"""What strangers may send, spoilt in every way: it ends in a FacegenError or in something of use."""

import hashlib
import io
import json
import os
import resource
import zipfile
from copy import deepcopy
from itertools import islice, product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from fuzz import examples, spoil_bytes
from hypothesis import given
from hypothesis import strategies as st

from facegen.conditions import script, yaml
from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.gan import GAN
from facegen.utils.errors import FacegenError

ODD = (
    *(None, True, False, -1, 0, 1, 2, 3, 7, 64, 2**31, 10**30, 0.5, 1e308, float("nan"), float("inf")),
    *("", "happy", "GAN", "os.system", "../../x", "\x00", "a/b", "é" * 300, "__import__('os')"),
    *([], {}, [[]], [1, 2], ["x"], {"class_name": "Lambda", "module": "keras.layers"}),
)

# Parameter files

RAFD = {"identity": ["01", "02", "03"], "emotion": ["happy", "neutral", "sad"], "orientation": ["sin", "cos"]}
FACES = {"attributes": ["Bald", "Male", "Smiling"]}
PARAMS = sorted((Path(__file__).resolve().parents[2] / "params").iterdir())
BOMB = "a: &a [x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
SCRAPS = (
    "\t", "\n", "\n\n", "  ", "- ", ": ", "{", "}", "[" * 40, "[", "]", "'", '"', "#", "&a ", "*a",
    "<<: *a\n", "&a [*a]\n", BOMB, "!!python/object/apply:os.system [id] ", "!!binary ", "!!timestamp ",
    "! ", "%YAML 1.1\n", "---\n", "...", "|\n", ">\n", "? ", ".nan", ".inf", "-.inf", "1e999", "1e-999",
    "9" * 400, "0x7fffffffffffffff", "1_000", "1:30:00", "NaN", "null", "~", "-0", "0b11", "\x00",
    "\x85", "\ufeff", "\u2028", "\ud7ff", "é", "mode: drunk\n", "num_images: 9999999999\n",
    "num_images: 1e6s\n", "seed: -1\n", "fps: .inf\n", "fps: 0\n", "min: 5\nmax: -5\n",
    "em_scale: 1e6\n", "id: 1+3\n", "em: 0*happy\n", "em: {happy: .nan}\n", "or: 1e9\n",
    "noise: 99999999999999999999\n", "length: 0s\n", "constrained: maybe\n", "keyframes: 3\n",
)  # fmt: skip


@st.composite
def scribbled(draw) -> str:
    """One of the example files with a few scraps written over it, or scraps alone."""
    text = draw(st.sampled_from(PARAMS)).read_text() if draw(st.booleans()) else ""
    for _ in range(draw(st.integers(1, 4))):
        place, lost = draw(st.integers(0, len(text))), draw(st.integers(0, 30))
        text = text[:place] + draw(st.sampled_from(SCRAPS) | st.text(max_size=3)) + text[place + lost :]
    return text


def noise(count, seed):
    return np.random.default_rng(seed).standard_normal((count, 4), "float32")


@examples
@given(scribbled(), st.sampled_from([(RAFD, None), (FACES, noise)]))
def test_a_parameter_file_draws_something_or_is_refused(text, model):
    names, sample = model
    try:
        film = script.parse(yaml.parse(text, "p.yaml"), names, sample, "p.yaml")
    except FacegenError as error:
        assert str(error).startswith("p.yaml") and len(str(error)) < 1000
        return
    for rows in islice(film.frames(8), 3):
        assert all(rows[name].shape[1] == len(columns) for name, columns in names.items())
        assert all(np.isfinite(values).all() for values in rows.values())


# Bundles


class Trap:
    """What a pickle of this does, if anybody ever reads it: make a folder."""

    place: str

    def __reduce__(self):
        return os.mkdir, (self.place,)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory) -> list[tuple[dict, dict[str, np.ndarray]]]:
    """Good bundles: what model.json says, and the weights."""
    models = [
        Deconv({"emotion": ["happy", "sad"]}, start=(2, 2), depth=1, kernels=[2], dense=3),
        GAN(FACES, size=16, width=1, discriminator_width=1, latent_dim=2),
    ]
    good = []
    for number, (model, dtype) in enumerate(product(models, ("float32", "int8"))):
        folder = saving.save(model, tmp_path_factory.mktemp("good") / str(number), dtype)
        with np.load(folder / "weights.npz") as content:
            good.append((json.loads((folder / "model.json").read_text()), dict(content)))
    return good


def places(content: object, path: tuple = ()) -> list[tuple]:
    """The paths of all values in a JSON object."""
    pairs = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    return [path] * bool(path) + [place for key, value in pairs for place in places(value, (*path, key))]


def spoil_words(chance: Random, about: dict) -> None:
    """Change, remove or add one value of a description."""
    *way, key = chance.choice([place for place in places(about) if place[0] != "card"])
    inside = about
    for step in way:
        inside = inside[step]
    value = deepcopy(chance.choice((*ODD, chance.randint(-5, 5000))))  # a second slip may fall into it
    how = chance.choice(("change", "change", "remove", "add"))
    if how == "remove":
        del inside[key]
    elif how == "add" and isinstance(inside, dict):
        inside[chance.choice(("name", "dtype", "kwargs", "trainable", "x"))] = value
    else:
        inside[key] = value


def spoil_arrays(chance: Random, arrays: dict) -> None:
    """Change, remove or add one array."""
    name = chance.choice(sorted(name for name in arrays if arrays[name].dtype == "float32"))  # not spoilt yet
    array, how = arrays[name], chance.choice(("change", "change", "remove", "add"))
    if how == "remove":
        del arrays[name]
    else:
        arrays[name + "x" * (how == "add")] = chance.choice(others(array))


def others(array: np.ndarray) -> list[np.ndarray]:
    """What an array of weights might be instead."""
    trap = np.empty(array.shape, object)
    trap[...] = Trap()
    new = [array + value for value in (np.nan, np.inf, 1e30, 0.1)]
    new += [array.astype(kind) for kind in ("float64", "complex64", "U3", bool)]
    return [
        *new,
        array[..., None],
        np.atleast_1d(array)[:0],
        array.T,
        trap,
        np.zeros(array.shape, [("a", "f4")]),
    ]


def packed(arrays: dict) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def spoilt(chance: Random, good: list) -> tuple[bytes, bytes]:
    """A bundle's two files, which were good once. The hash is right, as an attacker's would be, or not."""
    about, arrays = deepcopy(chance.choice(good))
    for _ in range(chance.choice((0, 0, 1, 2))):
        spoil_arrays(chance, arrays)
    weights = packed(arrays)
    if chance.random() < 0.2:
        weights = spoil_bytes(chance, weights)
    if chance.random() < 0.9:
        about["sha256"] = {"weights.npz": hashlib.sha256(weights).hexdigest()}
    for _ in range(chance.choice((0, 1, 1, 2))):
        spoil_words(chance, about)
    text = json.dumps(about).encode()
    return (spoil_bytes(chance, text) if chance.random() < 0.2 else text), weights


@pytest.fixture
def trap(tmp_path, monkeypatch):
    monkeypatch.setattr(Trap, "place", str(tmp_path / "sprung"), raising=False)
    return tmp_path / "sprung"


@examples
@given(st.randoms(use_true_random=False))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_bundle_is_a_model_or_is_refused(bundles, tmp_path, trap, chance):
    text, weights = spoilt(chance, bundles)
    (tmp_path / "model.json").write_bytes(text)
    (tmp_path / "weights.npz").write_bytes(weights)
    try:
        model = saving.load(tmp_path)
    except FacegenError as error:
        assert str(tmp_path) in str(error) and len(str(error)) < 1000
    else:
        rows = {name: np.zeros((1, x.shape[1]), "float32") for name, x in model.generator.input.items()}
        assert tuple(model.generator(rows).shape) == (1, *model.image_shape)
    assert not trap.exists()


def memory() -> float:
    """The most bytes that this process has held so far."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


HUGE = [
    ("GAN", {"width": 4096, "size": 1024}),
    ("GAN", {"size": 2**40}),
    ("GAN", {"size": 10**4000}),
    ("GAN", {"discriminator_width": 2**20}),
    ("GAN", {"noise": 10**12}),
    ("Deconv", {"dense": 10**9}),
    ("Deconv", {"start": [10**6, 10**6]}),
    ("Deconv", {"depth": 10**9}),
    ("Deconv", {"depth": 12}),
    ("Deconv", {"kernels": [10**9]}),
]


@pytest.mark.parametrize("kind, settings", HUGE)
def test_a_few_words_cannot_fill_the_memory(bundles, tmp_path, kind, settings):
    about, arrays = deepcopy(next(good for good in bundles if good[0]["model"] == kind))
    about["settings"] |= settings
    weights = packed(arrays)
    about["sha256"] = {"weights.npz": hashlib.sha256(weights).hexdigest()}
    (tmp_path / "weights.npz").write_bytes(weights)
    (tmp_path / "model.json").write_text(json.dumps(about))
    before = memory()
    with pytest.raises(FacegenError, match="does not fit this version"):
        saving.load(tmp_path)
    assert memory() < before + 300e6


def test_weights_that_unpack_to_more_than_anybody_has(bundles, tmp_path, monkeypatch):
    about, arrays = deepcopy(bundles[0])
    name = sorted(arrays)[0]
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (10**8,)})
    archive = zipfile.ZipFile(tmp_path / "weights.npz", "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open(f"{name}.npy", "w") as member:
        member.write(head.getvalue())
        for _ in range(40):
            member.write(bytes(10**7))
    monkeypatch.setattr("facegen.models.weights.LARGEST", 10**8)
    about["sha256"] = {"weights.npz": hashlib.sha256((tmp_path / "weights.npz").read_bytes()).hexdigest()}
    (tmp_path / "model.json").write_text(json.dumps(about))
    assert (tmp_path / "weights.npz").stat().st_size < 10**6
    before = memory()
    with pytest.raises(FacegenError, match="unpack to more than"):
        saving.load(tmp_path)
    assert memory() < before + 100e6
