"""One picture at a time, as soon as possible: what a live panel draws with.

`keras.Model.predict` is never live, and for a single picture even a compiled generator spends a third of its
time on folding the kernels of its `UpsampleConv2D` layers (`benchmarks/run.py latency`): here, once.
"""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from facegen.models.base import FaceModel
from facegen.models.layers import UpsampleConv2D, depth_to_space


class FastGenerator:
    """Draws single pictures of a model: those of `model.draw`, up to rounding.

    Args:
        model: whose weights are copied; training it afterwards changes nothing here.
    """

    def __init__(self, model: FaceModel):
        self.output_min = model.output_min
        self.generator = folded(model.generator)
        self.draw({name: np.zeros(x.shape[1]) for name, x in model.generator.input.items()})  # compiles it

    def draw(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """The picture of one row of inputs, each (columns,): uint8 (height, width, channels)."""
        rows = {name: np.asarray(row, "float32")[None] for name, row in inputs.items()}
        image = np.asarray(self.generator.predict_on_batch(rows)[0], "float32")
        return np.round((image - self.output_min) * (255 / (1 - self.output_min))).astype("uint8")


def folded(generator: keras.Model) -> keras.Model:
    """A copy of a generator in which the kernels of `UpsampleConv2D` layers are folded for good."""
    copy = keras.models.clone_model(generator, clone_function=_prepared)
    for old, new in zip(generator.layers, copy.layers, strict=True):
        new.set_weights(new.of(old) if isinstance(new, Folded) else old.get_weights())
    return copy


def _prepared(layer: keras.layers.Layer) -> keras.layers.Layer:
    if isinstance(layer, UpsampleConv2D) and layer.folded:
        return Folded(layer.filters, layer.kernel_size, name=layer.name, dtype=layer.dtype_policy)
    return layer.__class__.from_config(layer.get_config())


class Folded(UpsampleConv2D):
    """An `UpsampleConv2D` whose weights are the kernel of its four phases, (t, t, channels, 4 * filters).

    For drawing alone: it is never saved.
    """

    def build(self, input_shape):
        small = self.taps.shape[1]
        shape = (small, small, input_shape[-1], 4 * self.filters)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), name="bias")

    def of(self, layer: UpsampleConv2D) -> list[np.ndarray]:
        """Its weights, from those of the layer that it stands for."""
        kernel, bias = layer.get_weights()
        phases = np.einsum("yst,xrq,tqio->sriyxo", self.taps, self.taps, kernel)
        return [phases.reshape(*phases.shape[:3], -1), bias]

    def call(self, x):
        return depth_to_space(ops.conv(x, self.kernel, padding="same"), self.filters) + self.bias
