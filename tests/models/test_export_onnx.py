"""A generator as an ONNX graph draws what it draws in Keras, whatever layers and operations it has."""

import keras
import numpy as np
import pytest
from keras import ops
from panels import deconv, gan, unrolled

onnx = pytest.importorskip("onnx", reason="onnx is missing: pip install 'facegen[site]'")
import export_onnx  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402


class Turn(keras.layers.Layer):
    """A layer that the exporter does not know, made of operations as an attention is."""

    def call(self, x, turn):
        near = -ops.square(x[:, :, None] - ops.exp(turn[:, None, 0:1])) / 2.0
        share = ops.softmax(near, axis=1)
        return ops.sum(share * ops.expand_dims(x, -1), axis=1, keepdims=True) + turn[..., -1][:, None, None]


class Drawn:
    """A model of such a layer, as far as the exporter asks."""

    output_min, title, image_shape = 0.0, "turn", (1, 1)

    def __init__(self):
        inputs = {"x": keras.Input((5,), name="x"), "turn": keras.Input((2,), name="turn")}
        y = Turn(name="camera")(keras.layers.Dense(5)(inputs["x"]), inputs["turn"])
        self.generator = keras.Model(inputs, keras.layers.Activation("sigmoid")(y))


def difference(model, inputs) -> int:
    graph = ReferenceEvaluator(export_onnx.to_onnx(model))
    (found,) = graph.run(None, inputs)
    drawn = np.asarray(model.generator.predict_on_batch(inputs))
    expected = np.round((drawn - model.output_min) * 255 / (1 - model.output_min))
    assert found.dtype == np.uint8 and found.shape == expected.shape
    assert len(np.unique(found)) > 1 or found.size == 1  # not all grey
    return int(np.abs(found - expected).max())


@pytest.mark.parametrize("make", [gan, deconv, unrolled, Drawn])
def test_pictures_are_those_of_keras(make):
    model, random = make(), np.random.default_rng(0)
    tensors = model.generator.input
    for _ in range(3):
        rows = {name: random.random((1, x.shape[1]), "float32") for name, x in tensors.items()}
        assert difference(model, rows) <= 1


def test_what_cannot_be_written_is_named():
    inputs = keras.Input((4,), name="x")
    model = Drawn()
    model.generator = keras.Model({"x": inputs}, ops.argsort(inputs))
    with pytest.raises(NotImplementedError, match="Argsort"):
        export_onnx.to_onnx(model)
