"""Fewer digits while learning: where they are, and where they must not be."""

import keras
import numpy as np
import pytest
import tiny

from facegen.models import saving
from facegen.training import checkpoints, precision, trainer
from facegen.utils.errors import FacegenError


def rough(make):
    """One of the tiny networks, computing in bfloat16."""

    def made(seed: int = 0):
        with precision.using("bfloat16"):
            return make(seed)

    return made


def test_it_holds_for_what_is_built_within():
    with precision.using("bfloat16"):
        inside, _ = tiny.deconv()
    outside, _ = tiny.deconv()
    assert (inside.precision, outside.precision) == ("bfloat16", "float32")
    assert inside.generator.get_layer("last_up").compute_dtype == "bfloat16"
    assert keras.config.dtype_policy().name == "float32"


def test_another_name_is_refused():
    with (
        pytest.raises(FacegenError, match="expected one of float32, bfloat16, auto"),
        precision.using("half"),
    ):
        pass


@pytest.mark.parametrize("rough_is, expected", [(0.1, "bfloat16"), (0.9, "float32")])
def test_auto_takes_what_is_clearly_faster(monkeypatch, rough_is, expected):
    monkeypatch.setattr(precision, "_seconds", {"float32": 1.0, "bfloat16": rough_is}.get)
    with precision.using("auto"):
        assert tiny.deconv()[0].precision == expected


@pytest.mark.parametrize("make, kind", [(rough(tiny.deconv), "bfloat16"), (tiny.deconv, "float32")])
def test_auto_is_what_a_training_began_with(make, kind, tmp_path, monkeypatch):
    tiny.train(make, tmp_path, epochs=1)
    fastest = {"bfloat16": "float32", "float32": "bfloat16"}[kind]
    monkeypatch.setattr(precision, "fastest", lambda: fastest)
    newest = checkpoints.found(tmp_path / "checkpoints")[-1]
    newest.write_bytes(newest.read_bytes()[:100])
    assert precision.of_training("auto", tmp_path) == kind
    assert precision.of_training("auto", tmp_path / "new") == fastest
    assert precision.of_training("auto", None) == fastest
    assert precision.of_training("float32", tmp_path) == "float32"


def test_both_types_can_be_timed():
    assert precision.fastest() in precision.POLICIES


@pytest.mark.parametrize("make", [tiny.gan, tiny.deconv], ids=["gan", "deconv"])
def test_all_that_is_kept_and_all_that_is_judged_is_float32(make):
    model, batches = rough(make)()
    model.fit(batches.epoch(0), shuffle=False, verbose=0)
    kinds = {v.dtype for v in checkpoints.variables(model)}
    assert not kinds & {"bfloat16", "float16"} and "float32" in kinds
    outputs = keras.tree.flatten(model(batches.epoch(0)[0][0], training=True))
    assert {keras.backend.standardize_dtype(x.dtype) for x in outputs} == {"float32"}


def test_the_moving_average_and_its_count_have_all_digits():
    model, batches = rough(tiny.gan)()
    model.fit(batches.epoch(0), shuffle=False, verbose=0)
    model.steps.assign(1000.0)  # bfloat16 knows no 1001
    mean, learned = ([np.array(v) for v in net.weights] for net in (model.ema_generator, model.raw_generator))
    model.fit(batches.epoch(1, start=batches.steps - 1), shuffle=False, verbose=0)
    assert float(model.steps) == 1001
    for after, before, value in zip(model.ema_generator.weights, mean, learned, strict=True):
        np.testing.assert_allclose(after, 0.9 * before + 0.1 * value, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("make", [tiny.gan, tiny.deconv], ids=["gan", "deconv"])
def test_it_resumes_to_the_same_bits(make, tmp_path):
    whole, _ = tiny.train(rough(make), tmp_path / "whole", epochs=2)
    tiny.train(rough(make), tmp_path / "cut", epochs=1)
    cut, _ = tiny.train(rough(make), tmp_path / "cut", epochs=2, seed=7)
    tiny.assert_same_bits(whole, cut)


def test_a_training_keeps_its_precision(tmp_path):
    tiny.train(tiny.deconv, tmp_path, epochs=1)
    with pytest.raises(FacegenError, match=r"training.precision was null and is now .bfloat16"):
        tiny.train(rough(tiny.deconv), tmp_path, epochs=2)


def test_what_was_learned_is_drawn_in_float32_by_whoever_loads_it(tmp_path):
    model, batches = rough(tiny.deconv)()
    trainer.train(model, batches, 1, tmp_path, progress=False)
    loaded = saving.load(tmp_path / "model")
    assert loaded.precision == "float32"
    rows = {name: values[:4] for name, values in batches.conditions.items()}
    assert np.abs(loaded.draw(rows).astype(int) - model.draw(rows).astype(int)).max() <= 2
