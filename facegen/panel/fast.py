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

    Where a model says that a condition is read late, what comes before is kept: a head that only turns is not
    made anew.

    Args:
        model: whose weights are copied; training it afterwards changes nothing here.
    """

    def __init__(self, model: FaceModel):
        self.output_min, self.names = model.output_min, [*model.generator.input]
        self.early, self.late = halves(folded(model.generator), model.read_late)
        self.asked, self.kept = {}, []
        self.draw({name: np.zeros(x.shape[1]) for name, x in model.generator.input.items()})  # compiles it

    def draw(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """The picture of one row of inputs, each (columns,): uint8 (height, width, channels)."""
        rows = {name: np.array(inputs[name], "float32")[None] for name in self.names}
        if self.early:
            asked = {name: rows.pop(name) for name in self.early.input}
            if not self.asked or any((self.asked[name] != row).any() for name, row in asked.items()):
                self.asked, self.kept = asked, [self.early.predict_on_batch(asked)]
        image = np.asarray(self.late.predict_on_batch([*rows.values(), *self.kept])[0], "float32")
        return np.round((image - self.output_min) * (255 / (1 - self.output_min))).astype("uint8")


def halves(generator: keras.Model, read_late: Mapping[str, str]) -> tuple[keras.Model | None, keras.Model]:
    """A generator as two: what conditions that are read late do not change, if there are any, and the rest.

    Args:
        read_late: see `FaceModel`.

    Returns:
        A model of the other conditions, or None; and one of a list: those conditions, and what it makes.
    """
    early = {name: x for name, x in generator.input.items() if name not in read_late}
    late = [x for name, x in generator.input.items() if name in read_late]
    if not late:
        return None, keras.Model([*early.values()], generator.output)
    (layer,) = {*read_late.values()}
    kept = generator.get_layer(layer).output
    return keras.Model(early, kept), keras.Model([*late, kept], generator.output)


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
