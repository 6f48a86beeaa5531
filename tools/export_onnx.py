"""A trained model's generator as an ONNX graph, for pages in which it draws without Python.

python tools/export_onnx.py clay-gan build/clay-gan.onnx

The graph holds one picture: float (1, columns) for each condition and for "noise" in, "picture", uint8 (1,
height, width, channels), out. Kernels are kept in half precision and widened before anything is computed:
what `facegen.save` has saved in float16 loses nothing, what it has saved in int8 half a thousandth.

Keras hands over the layers and operations in the order in which they are computed; `LAYERS` and `OPERATIONS`
say how each is written. A layer of ours that is in neither is written as the operations that it calls.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import onnx
from keras import ops
from onnx import TensorProto, helper, numpy_helper

import facegen
from facegen.models import FaceModel
from facegen.models.layers import MeanImage, UpsampleConv2D, polyphase

OPSET, IR_VERSION = 17, 8
HALF_LARGEST = 65504.0  # of the numbers that float16 can hold
TYPES = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8, "int32": TensorProto.INT32}


class Graph:
    """An ONNX graph that is being written; its values are known by their names.

    Attributes:
        names: id of a symbolic tensor of Keras -> name of the value that stands for it.
    """

    def __init__(self):
        self.nodes, self.constants, self.names, self.kept = [], [], {}, []

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes) -> str | list[str]:
        """Append a node; return the name of its output, or a list of them."""
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, array: np.ndarray) -> str:
        """A value that never changes."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, *numbers: int) -> str:
        """A list of whole numbers, such as a shape."""
        return self.constant(np.array(numbers, "int64"))

    def kernel(self, variable) -> str:
        """A kernel, kept in half precision where that can hold it."""
        array = ops.convert_to_numpy(variable).astype("float32")
        if np.abs(array).max(initial=0) > HALF_LARGEST:
            return self.constant(array)
        return self.add("Cast", self.constant(array.astype("float16")), to=TensorProto.FLOAT)

    def bind(self, tensor: keras.KerasTensor, name: str) -> None:
        """Let a value stand for a symbolic tensor."""
        self.names[id(tensor)] = name
        self.kept.append(tensor)  # an id is one tensor's only while that lives

    def value(self, x) -> str:
        """The name of a symbolic tensor's value, or of a constant made of a number, an array or a weight."""
        if isinstance(x, keras.KerasTensor):
            return self.names[id(x)]
        return self.constant(np.asarray(ops.convert_to_numpy(x), "float32"))

    def reshape(self, x: str, *shape: int) -> str:
        return self.add("Reshape", x, self.integers(*shape))

    def transpose(self, x: str, *axes: int) -> str:
        return self.add("Transpose", x, perm=axes)

    def convolution(self, x: str, kernel: str, bias: np.ndarray, size: int) -> str:
        """A `same` convolution of channels first: x (1, c, h, w), kernel (filters, c, size, size)."""
        pads = [(size - 1) // 2] * 2 + [size // 2] * 2
        return self.add("Conv", x, kernel, self.constant(bias), kernel_shape=[size, size], pads=pads)


def _array(variable) -> np.ndarray:
    return ops.convert_to_numpy(variable).astype("float32")


def shape_of(tensor: keras.KerasTensor) -> tuple[int, ...]:
    """Of one picture's tensor."""
    return tuple(1 if side is None else side for side in tensor.shape)


def axis_of(axis: int, rank: int) -> int:
    return axis % rank


# Layers: (graph, layer, its symbolic inputs) -> name of the output.


def dense(graph: Graph, layer, x) -> str:
    x, kernel = graph.value(x), graph.kernel(layer.kernel)
    x = graph.add("Gemm", x, kernel, graph.constant(_array(layer.bias)))
    return activation(graph, layer, x)


def convolution(graph: Graph, layer, x) -> str:
    if layer.padding != "same" or {*layer.strides, *layer.dilation_rate} != {1} or layer.groups != 1:
        raise NotImplementedError(f"{layer.name}: expected a `same` convolution without strides.")
    kernel = graph.transpose(graph.kernel(layer.kernel), 3, 2, 0, 1)
    x = graph.transpose(graph.value(x), 0, 3, 1, 2)
    x = graph.convolution(x, kernel, _array(layer.bias), layer.kernel_size[0])
    return activation(graph, layer, graph.transpose(x, 0, 2, 3, 1))


def up_convolution(graph: Graph, layer: UpsampleConv2D, x) -> str:
    """The four phases of an output pixel as one convolution of the small image; see the layer.

    The taps are added up by the graph itself: once, before the first picture, as all in them is constant.
    """
    k, channels, filters = layer.kernel_size, layer.kernel.shape[2], layer.filters
    taps = polyphase(k)  # (2, t, k)
    t = taps.shape[1]
    both = np.einsum("yst,xrq->yxsrtq", taps, taps).reshape(4 * t * t, k * k)
    kernel = graph.reshape(graph.kernel(layer.kernel), k * k, channels * filters)
    kernel = graph.add("MatMul", graph.constant(both), kernel)
    kernel = graph.reshape(kernel, 4, t, t, channels, filters)
    kernel = graph.transpose(kernel, 4, 0, 3, 1, 2)  # (filters, phases, channels, t, t)
    kernel = graph.reshape(kernel, 4 * filters, channels, t, t)
    x = graph.transpose(graph.value(x), 0, 3, 1, 2)
    x = graph.convolution(x, kernel, np.repeat(_array(layer.bias), 4), t)
    x = graph.add("DepthToSpace", x, blocksize=2, mode="CRD")
    return graph.transpose(x, 0, 2, 3, 1)


def normalization(graph: Graph, layer, x) -> str:
    """What a batch normalisation does once it is trained: a factor and a summand for each channel."""
    factor = _array(layer.gamma) / np.sqrt(_array(layer.moving_variance) + layer.epsilon)
    summand = _array(layer.beta) - _array(layer.moving_mean) * factor
    x = graph.add("Mul", graph.value(x), graph.constant(factor))
    return graph.add("Add", x, graph.constant(summand))


def leaky(graph: Graph, layer, x) -> str:
    return graph.add("LeakyRelu", graph.value(x), alpha=float(layer.negative_slope))


def concatenation(graph: Graph, layer, tensors) -> str:
    axis = axis_of(layer.axis, len(tensors[0].shape))
    return graph.add("Concat", *map(graph.value, tensors), axis=axis)


def mean_image(graph: Graph, layer: MeanImage, x) -> str:
    return graph.add("Add", graph.value(x), graph.kernel(layer.picture))


def enlarged(graph: Graph, layer, x) -> str:
    if layer.interpolation != "nearest":
        raise NotImplementedError(f"UpSampling2D, interpolation {layer.interpolation!r}")
    scales = graph.constant(np.array([1, *layer.size, 1], "float32"))
    return graph.add(
        "Resize", graph.value(x), "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )  # fmt: skip


ACTIVATIONS = {"tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu", "softplus": "Softplus"}


def activation(graph: Graph, layer, x) -> str:
    name = keras.activations.serialize(layer.activation)
    x = x if isinstance(x, str) else graph.value(x)
    return x if name == "linear" else graph.add(ACTIVATIONS[name], x)


def reshaped(graph: Graph, layer, x) -> str:
    return graph.reshape(graph.value(x), 1, *layer.compute_output_shape(shape_of(x))[1:])


LAYERS: dict[type, Callable[..., str]] = {
    keras.layers.Dense: dense,
    keras.layers.Conv2D: convolution,
    keras.layers.BatchNormalization: normalization,
    keras.layers.LeakyReLU: leaky,
    keras.layers.ReLU: lambda graph, layer, x: graph.add("Relu", graph.value(x)),
    keras.layers.Concatenate: concatenation,
    keras.layers.Activation: activation,
    keras.layers.Reshape: reshaped,
    keras.layers.Flatten: reshaped,
    keras.layers.UpSampling2D: enlarged,
    keras.layers.Add: lambda graph, layer, xs: graph.add("Sum", *map(graph.value, xs)),
    UpsampleConv2D: up_convolution,
    MeanImage: mean_image,
}


# Operations: (graph, operation, its arguments) -> name of the output.


def plain(operator: str) -> Callable[..., str]:
    """An operation that ONNX has under another name."""
    return lambda graph, operation, *xs, **_: graph.add(operator, *map(graph.value, xs))


def summed(graph: Graph, operation, x) -> str:
    axes = graph.integers(*axes_of(operation, x))
    return graph.add("ReduceSum", graph.value(x), axes, keepdims=int(operation.keepdims))


def largest(graph: Graph, operation, x) -> str:
    given = {"axes": axes_of(operation, x), "keepdims": int(operation.keepdims)}  # no inputs before opset 18
    return graph.add("ReduceMax", graph.value(x), **given)


def axes_of(operation, x) -> list[int]:
    """What an operation reduces, counted from the front."""
    rank = len(x.shape)
    axes = range(rank) if operation.axis is None else np.atleast_1d(operation.axis)
    return [axis_of(int(axis), rank) for axis in axes]


def picked(graph: Graph, operation, x, key) -> str:
    """x[key] for numbers, slices, None and an ellipsis."""
    key = key if isinstance(key, tuple) else (key,)
    given = sum(item is not None and item is not Ellipsis for item in key)
    fill = [slice(None)] * (len(x.shape) - given)
    place = key.index(Ellipsis) if Ellipsis in key else len(key)
    key = [*key[:place], *fill, *key[place + 1 :]]
    name, side, axis = graph.value(x), shape_of(x), 0
    for item in key:
        if item is None:
            continue
        start, stop, step = (item if isinstance(item, slice) else slice(item, item + 1 or None)).indices(
            side[axis]
        )
        if (start, stop, step) != (0, side[axis], 1):
            if step < 0 and stop < 0:
                stop = -(2**31)
            name = graph.add("Slice", name, *(graph.integers(n) for n in (start, stop, axis, step)))
        axis += 1
    return graph.reshape(name, *shape_of(operation.output))


def rearranged(graph: Graph, operation, x, *_, **__) -> str:
    return graph.reshape(graph.value(x), *shape_of(operation.output))


def transposed(graph: Graph, operation, x) -> str:
    axes = operation.axes or range(len(x.shape))[::-1]
    return graph.transpose(graph.value(x), *axes)


def softmax(graph: Graph, operation, x) -> str:
    return graph.add("Softmax", graph.value(x), axis=axis_of(operation.axis, len(x.shape)))


OPERATIONS: dict[str, Callable[..., str]] = {
    **{name: plain(name[:3]) for name in ("Add", "Subtract", "Multiply", "Divide")},
    **{name: plain(name) for name in ("Exp", "Tanh", "Sigmoid", "Relu", "Softplus", "Sqrt", "Log", "Abs")},
    **{"Matmul": plain("MatMul"), "Negative": plain("Neg"), "Absolute": plain("Abs"), "Power": plain("Pow")},
    **{"Sin": plain("Sin"), "Cos": plain("Cos"), "Maximum": plain("Max"), "Minimum": plain("Min")},
    "TrueDivide": plain("Div"),
    "Square": lambda graph, operation, x: graph.add("Mul", *2 * [graph.value(x)]),
    "Cast": lambda graph, operation, x: graph.add("Cast", graph.value(x), to=TYPES[operation.dtype]),
    "Concatenate": lambda graph, operation, xs: concatenation(graph, operation, xs),
    "Softmax": softmax,
    "Sum": summed,
    "Max": largest,
    "GetItem": picked,
    "Reshape": rearranged,
    "ExpandDims": rearranged,
    "Squeeze": rearranged,
    "Transpose": transposed,
}


def write(graph: Graph, model: keras.Model, inputs: Mapping | list) -> list[str]:
    """Write the graph of a functional model; `inputs` names the values of its inputs, in their order.

    Returns:
        Names of its outputs.
    """
    given = [keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name) for x in model.inputs]
    for tensor, name in zip(given, inputs, strict=True):
        graph.bind(tensor, name)

    def visit(operation, *arguments, **named):
        output = operation(*arguments, **named)
        for tensor, name in zip(
            keras.tree.flatten(output), _written(graph, operation, arguments, named), strict=True
        ):
            graph.bind(tensor, name)
        return output

    tensors = keras.tree.pack_sequence_as(model.input, given)
    copy = keras.models.clone_model(model, tensors, clone_function=lambda layer: layer, call_function=visit)
    return [graph.value(x) for x in keras.tree.flatten(copy.output)]


def _written(graph: Graph, operation, arguments: tuple, named: dict) -> list[str]:
    named = {key: value for key, value in named.items() if key not in ("training", "mask")}
    if isinstance(operation, keras.layers.Layer):
        if converter := LAYERS.get(type(operation)):
            return [converter(graph, operation, *arguments, **named)]
        return _traced(graph, operation, arguments, named)
    if converter := OPERATIONS.get(type(operation).__name__):
        return [converter(graph, operation, *arguments, **named)]
    raise NotImplementedError(
        f"keras.ops: {type(operation).__name__} is not written into ONNX yet; add it to OPERATIONS."
    )


def _traced(graph: Graph, layer: keras.layers.Layer, arguments: tuple, named: dict) -> list[str]:
    """A layer as the operations that its `call` consists of."""
    old = keras.tree.flatten(arguments)
    new = [keras.Input(batch_shape=x.shape, dtype=x.dtype) for x in old]
    output = layer.call(*keras.tree.pack_sequence_as(arguments, new), **named)
    inner = keras.Model(new, output)
    return write(graph, inner, [graph.value(x) for x in old])


def to_onnx(model: FaceModel) -> onnx.ModelProto:
    """The generator of a model, for one picture at a time, checked."""
    generator, graph = model.generator, Graph()
    names = list(generator.input)
    tensors = [generator.input[name] for name in names]
    order = [names[[x is y for y in tensors].index(True)] for x in generator.inputs]
    drawn = write(graph, generator, order)[0]
    drawn = graph.add("Sub", drawn, graph.constant(np.float32(model.output_min)))
    drawn = graph.add("Mul", drawn, graph.constant(np.float32(255 / (1 - model.output_min))))
    drawn = graph.add("Cast", graph.add("Round", drawn), to=TensorProto.UINT8)
    graph.nodes.append(helper.make_node("Identity", [drawn], ["picture"]))
    takes = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape_of(tensor))
        for name, tensor in zip(names, tensors, strict=True)
    ]
    gives = [helper.make_tensor_value_info("picture", TensorProto.UINT8, (1, *model.image_shape))]
    made = helper.make_graph(graph.nodes, model.title or "generator", takes, gives, graph.constants)
    made = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(made, full_check=True)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", help="its name or folder")
    parser.add_argument("file", type=Path, help="where to")
    arguments = parser.parse_args()
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    arguments.file.write_bytes(to_onnx(facegen.load(arguments.model)).SerializeToString())


if __name__ == "__main__":
    main()
