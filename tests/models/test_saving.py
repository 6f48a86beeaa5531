"""Bundles: a model and back, and nothing but a model."""

import json

import numpy as np
import pytest

from facegen.models import saving
from facegen.models.deconv import Deconv
from facegen.models.flow import Flow
from facegen.models.gan import GAN
from facegen.utils.errors import FacegenError

NAMES = {"attributes": ["Bald", "Male"]}
INPUTS = {"attributes": np.eye(2, dtype="float32"), "noise": np.full((2, 3), 0.5, "float32")}


def models():
    return [
        GAN(NAMES, size=16, width=2, discriminator_width=2, latent_dim=3),
        Deconv(NAMES, start=(2, 2), depth=1, kernels=[4], dense=8),
        Flow(NAMES, size=8, widths=(4,), patch=2, steps=1),
    ]


@pytest.fixture
def saved(tmp_path):
    return saving.save(models()[1], tmp_path / "deconv", data="clay", seed=7)


@pytest.mark.parametrize("model", models(), ids=lambda m: type(m).__name__)
def test_a_model_comes_back_as_it_was(tmp_path, model):
    twin = saving.load(saving.save(model, tmp_path / "new" / "bundle"))
    assert type(twin) is type(model) and twin.settings == model.settings
    inputs = {**INPUTS, "noise": model.sample_noise(2, 0)} if model.reads_noise else INPUTS
    np.testing.assert_array_equal(twin.draw(inputs), model.draw(inputs))
    if isinstance(model, GAN):
        images = model.draw(INPUTS)
        np.testing.assert_array_equal(twin.score(images), model.score(images))


def test_tells_what_it_is_without_being_built(saved):
    about = saving.about(saved)
    assert about["card"] == {"data": "clay", "seed": 7}
    assert about["model"] == "Deconv" and about["settings"]["names"] == NAMES
    assert sorted(p.name for p in saved.iterdir()) == ["model.json", "weights.npz"]


def test_replaces_a_bundle_and_leaves_no_rubbish(saved):
    model = models()[1]
    saving.save(model, saved)
    np.testing.assert_array_equal(saving.load(saved).draw(INPUTS), model.draw(INPUTS))
    assert [p.name for p in saved.parent.iterdir()] == ["deconv"]


def test_a_failed_save_leaves_the_old_one(saved, monkeypatch):
    before = {p.name: p.read_bytes() for p in saved.iterdir()}
    model = models()[1]

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space"):
        saving.save(model, saved)
    assert {p.name: p.read_bytes() for p in saved.iterdir()} == before
    assert [p.name for p in saved.parent.iterdir()] == ["deconv"]


def edit(saved, **changes):
    path = saved / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda s: (s / "model.json").unlink(), "is no trained model"),
        (lambda s: (s / "model.json").write_text("{"), r"model\.json is damaged"),
        (lambda s: (s / "model.json").write_text("[]"), "is no JSON object"),
        (lambda s: (s / "model.json").write_bytes(b"\xff\xfe"), r"model\.json is damaged"),
        (lambda s: (s / "weights.npz").unlink(), r"weights\.npz is missing"),
        (lambda s: (s / "weights.npz").write_bytes(b"x"), "SHA-256"),
        (lambda s: edit(s, format=99), "format 99.*update facegen"),
        (lambda s: edit(s, model="os.system"), "'os.system': expected one of"),
        (lambda s: edit(s, settings={"names": NAMES, "colour": "red"}), "does not fit this version"),
        (lambda s: edit(s, settings={"names": NAMES, "depth": 2}), "does not fit this version"),
    ],
)
def test_what_is_not_a_whole_bundle_is_refused_with_the_reason(saved, spoil, message):
    spoil(saved)
    with pytest.raises(FacegenError, match=message):
        saving.load(saved)


@pytest.mark.parametrize("dtype, share, grey", [("float16", 0.6, 2), ("int8", 0.35, 8)])
def test_rounded_kernels_make_a_smaller_folder_and_hardly_change_a_picture(tmp_path, dtype, share, grey):
    model = GAN(NAMES, size=16, width=8, discriminator_width=8, latent_dim=3)
    model.steps.assign(70_000.0)  # more than half precision can count to
    whole, small = (saving.save(model, tmp_path / kind, dtype=kind) for kind in ("float32", dtype))
    size = [(folder / "weights.npz").stat().st_size for folder in (whole, small)]
    assert size[1] < share * size[0]
    twin = saving.load(small)
    assert float(twin.steps) == 70_000
    assert {v.path: v.dtype for v in twin.weights} == {v.path: v.dtype for v in model.weights}
    change = np.abs(twin.draw(INPUTS).astype(int) - model.draw(INPUTS))
    assert change.max() <= grey
    again = saving.load(saving.save(twin, tmp_path / "again", dtype=dtype))
    np.testing.assert_allclose(again.draw(INPUTS).astype(int), twin.draw(INPUTS), atol=1)  # loses once only


def test_another_kind_of_number_is_refused(tmp_path):
    with pytest.raises(FacegenError, match="dtype='int4': expected one of float32, float16, int8"):
        saving.save(models()[0], tmp_path / "no", dtype="int4")
