"""Weights in a file: how far rounding takes them, and files that are not trusted."""

import keras
import numpy as np
import pytest

from facegen.models import weights
from facegen.models.weights import STEP


@pytest.fixture
def layer():
    keras.utils.set_random_seed(0)
    conv = keras.layers.Conv2D(4, 3, name="conv")
    conv.build((None, 6, 6, 3))
    return conv


def test_a_kernel_in_8_bits_is_off_by_half_a_step_of_its_own_output(layer, tmp_path):
    kernel = keras.ops.convert_to_numpy(layer.kernel) * [
        1e-3,
        1,
        1e3,
        0,
    ]  # a scale of its own each
    layer.kernel.assign(kernel)
    weights.write(layer, tmp_path / "weights.npz", "int8")
    off = np.abs(weights.read(tmp_path / "weights.npz")["conv/kernel"] - kernel).max(axis=(0, 1, 2))
    steps = np.abs(kernel).max(axis=(0, 1, 2)) / 127
    assert (off <= 0.501 * steps).all() and off[3] == 0


def test_vectors_keep_every_digit(layer, tmp_path):
    bias = np.array([1e-9, 1 / 3, 7e7, 0], "float32")
    layer.bias.assign(bias)
    for dtype in weights.DTYPES:
        weights.write(layer, tmp_path / "weights.npz", dtype)
        np.testing.assert_array_equal(weights.read(tmp_path / "weights.npz")["conv/bias"], bias)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"k" + STEP: None}, "k is not all numbers"),
        ({"k" + STEP: np.ones(3, "float32")}, "what a step of k is worth is damaged"),
        ({"k" + STEP: np.ones(2, "int8")}, "what a step of k is worth is damaged"),
        ({"k" + STEP: np.full(2, np.inf, "float32")}, "k is not all numbers"),
        ({"k": np.array(1, "int8")}, "what a step of k is worth is damaged"),
    ],
)
def test_damaged_steps_are_refused(tmp_path, change, message):
    arrays = {"k": np.ones((3, 2), "int8"), "k" + STEP: np.ones(2, "float32")} | change
    np.savez(tmp_path / "weights.npz", **{name: a for name, a in arrays.items() if a is not None})
    with pytest.raises(ValueError, match=message):
        weights.read(tmp_path / "weights.npz")


def test_a_small_file_cannot_fill_the_memory(tmp_path, monkeypatch):
    np.savez(tmp_path / "weights.npz", k=np.ones(100, "float16"))
    monkeypatch.setattr(weights, "LARGEST", 300)  # 200 bytes in the file, 400 as they are computed with
    with pytest.raises(ValueError, match="unpack to more than"):
        weights.read(tmp_path / "weights.npz")
