"""UpsampleConv2D: the folded form is the written one, number for number."""

import keras
import numpy as np
import pytest

from facegen.models.layers import SpectralConv2D, SpectralDense, UpsampleConv2D, polyphase, symmetric, unit


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("shape", [(2, 4, 4, 3), (1, 1, 5, 2), (3, 5, 4, 1)])
def test_equals_upsampling_and_convolution_borders_included(kernel_size, shape):
    x, layer = random(*shape), UpsampleConv2D(6, kernel_size)
    layer.build(shape)
    layer.bias.assign(random(6))
    convolve = keras.layers.Conv2D(6, kernel_size, padding="same")
    expected = keras.Sequential([keras.layers.UpSampling2D(), convolve])
    expected.build(shape)
    convolve.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(x), expected(x), atol=1e-5)
    np.testing.assert_allclose(layer(x), as_written(layer, x), atol=1e-5)


def as_written(layer, x):
    written = UpsampleConv2D(layer.filters, layer.kernel_size, folded=False)
    written.build(x.shape)
    written.set_weights(layer.get_weights())
    return written(x)


def test_gradients_of_the_folded_form_are_those_of_the_written_one():
    import tensorflow as tf

    x, gradients = random(2, 4, 3, 2), []
    weights = None
    for folded in (True, False):
        layer = UpsampleConv2D(3, 5, folded=folded)
        layer.build(x.shape)
        weights = weights or layer.get_weights()
        layer.set_weights(weights)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(layer(x)))
        gradients.append(tape.gradient(loss, layer.trainable_weights))
    for mine, expected in zip(*gradients, strict=True):
        np.testing.assert_allclose(mine, expected, atol=1e-4)


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7, 9])
def test_every_tap_falls_on_the_pixel_that_upsampling_put_there(kernel_size):
    taps = polyphase(kernel_size)
    margin = taps.shape[1] // 2
    small = np.arange(20)
    large = small.repeat(2)
    for phase in (0, 1):
        for t in range(kernel_size):
            read = large[2 * 10 + phase + t - (kernel_size - 1) // 2]
            assert taps[phase, :, t].sum() == 1
            assert 10 - margin + taps[phase, :, t].argmax() == read


def test_layer_survives_its_config():
    layer = UpsampleConv2D(7, 3, folded=False, name="up")
    twin = keras.layers.deserialize(keras.layers.serialize(layer))
    assert (twin.filters, twin.kernel_size, twin.folded, twin.name) == (7, 3, False, "up")
    assert UpsampleConv2D(7).compute_output_shape((None, 8, 6, 3)) == (None, 16, 12, 7)


def test_even_kernels_are_refused():
    with pytest.raises(ValueError, match="kernel_size=4"):
        UpsampleConv2D(3, 4)


def test_pixels_become_floats():
    pixels = np.array([0, 51, 255], "uint8")
    np.testing.assert_allclose(unit(pixels), [0, 0.2, 1], atol=1e-7)
    np.testing.assert_allclose(symmetric(pixels), [-1, -0.6, 1], atol=1e-7)


@pytest.mark.parametrize(
    "kind, arguments, shape",
    [
        (SpectralConv2D, {"filters": 5, "kernel_size": 4, "strides": 2, "padding": "same"}, (2, 8, 8, 3)),
        (SpectralDense, {"units": 7}, (4, 11)),
    ],
    ids=["conv", "dense"],
)
def test_spectral_norm_is_one_and_leaves_the_kernel_alone(kind, arguments, shape):
    keras.utils.set_random_seed(0)  # some kernels have two large singular values, and take longer
    x, layer = random(*shape), kind(**arguments)  # a layer takes its seed when it is made
    layer(x)
    kernel, start = layer.kernel.numpy(), layer.u.numpy()
    untrained = layer(x, training=False)
    np.testing.assert_array_equal(layer.u, start)
    for _ in range(50):
        layer(x, training=True)
    np.testing.assert_array_equal(layer.kernel, kernel)
    matrix = kernel.reshape(-1, kernel.shape[-1])
    norm = np.linalg.svd(matrix, compute_uv=False)[0]
    np.testing.assert_allclose(layer.normalized(False), kernel / norm, rtol=1e-2)
    plain = type(layer).__mro__[2].from_config(layer.get_config())
    plain.build(shape)
    plain.set_weights([kernel / norm, layer.bias])
    np.testing.assert_allclose(layer(x), plain(x), rtol=0.02, atol=1e-3)
    assert np.abs(np.asarray(layer(x)) - np.asarray(untrained)).max() > 1e-4
