"""What a run needs is known before it starts, and what is short is named with what would help."""

import shutil
from collections import namedtuple

import keras
import pytest

from facegen.models.deconv import Deconv
from facegen.models.gan import GAN
from facegen.training import resources
from facegen.utils import files
from facegen.utils.errors import FacegenError

Usage = namedtuple("Usage", "total used free")
NAMES = {"identity": ["01", "02"], "emotion": ["happy", "sad"]}


def network(**settings):
    model = Deconv(NAMES, **{"start": (5, 4), "depth": 2, "kernels": [4], "dense": 8, **settings})
    model.compile("adam", loss="mse")
    return model


def test_each_picture_costs_the_outputs_of_all_layers_and_thrice_the_largest():
    model = network()
    kernels, sizes = 4, [(10 * 8), (20 * 16)]
    dense = 2 + 8 * 2 + 2 + 8 * 2 + 16 + 2 * 16 + 2 * 5 * 4 * kernels + 5 * 4 * kernels
    blocks = sum(5 * kernels * size for size in sizes)  # two convolutions, two slopes, one norm
    last = (4 * 8 + 2 * 3) * 40 * 32
    each = 4 * (dense + blocks + last + 3 * 8 * 40 * 32)
    assert resources.estimate(model, 3) - resources.estimate(model, 1) == 2 * each


def test_half_precision_needs_half_as_much_for_its_layers():
    whole = network()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        half = network()
    finally:
        keras.config.set_dtype_policy("float32")
    assert half.generator.get_layer("last_up").compute_dtype == "float16"
    each = [resources.estimate(model, 2) - resources.estimate(model, 1) for model in (whole, half)]
    assert 0.4 < each[1] / each[0] < 0.6


def test_weights_count_four_times_with_adam():
    small, large = network(dense=8), network(dense=64)
    more = 4 * (large.count_params() - small.count_params())
    trained = resources.estimate(large, 0) - resources.estimate(small, 0)
    assert 3.9 * more < trained < 4.1 * more  # weights, gradients, two moments


def test_a_gan_costs_three_looks_of_the_discriminator():
    model = GAN({"attributes": ["Male"]}, size=16, width=2, discriminator_width=2)
    model.compile("adam")
    outputs = [sum(resources._outputs(net)) for net in (model.raw_generator, model.discriminator)]
    largest = max(max(resources._outputs(net)) for net in (model.raw_generator, model.discriminator))
    each = resources.estimate(model, 1) - resources.estimate(model, 0)
    assert each == outputs[0] + 3 * outputs[1] + 3 * largest
    assert 0 < resources.estimate_drawing(model, 1) - resources.estimate_drawing(model, 0) < each


def test_what_does_not_fit_is_refused_with_the_batch_that_would(monkeypatch):
    model = network(depth=4)
    monkeypatch.setattr(resources, "available", lambda: resources.estimate(model, 5) + 10)
    resources.check_memory(model, 5)
    with pytest.raises(FacegenError, match=r"9 pictures of 160x128 .*: 5 at a time would fit"):
        resources.check_memory(model, 9)
    monkeypatch.setattr(resources, "available", lambda: 1000)
    with pytest.raises(FacegenError, match="fewer layers"):
        resources.check_memory(model, 1)
    monkeypatch.setattr(resources, "available", lambda: resources.estimate_drawing(model, 3) + 10)
    with pytest.raises(FacegenError, match="3 at a time would fit"):
        resources.check_memory(model, 64, drawing=True)


def test_a_container_has_what_its_limit_leaves(monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "CGROUP", tmp_path)
    whole = resources.available()
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    own = resources.psutil.Process().memory_info().rss
    assert resources.available() == pytest.approx(own + 2_000_000, abs=50e6) and whole > own + 3_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert resources.available() == pytest.approx(whole, rel=0.2)


def test_a_full_disk_is_named_before_anything_is_made(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, 4_000_000))
    files.check_space(tmp_path / "new" / "one", 3_000_000, "pictures")
    with pytest.raises(FacegenError, match=r"one: pictures need about 5\.0 MB, 4\.0 MB are free.*, or less"):
        files.check_space(tmp_path / "new" / "one", 5_000_000, "pictures", "or less")
    assert not (tmp_path / "new").exists()
