"""Floating-point operations, counted in what is really computed.

A function is traced by TensorFlow for arguments of fixed shapes, and the multiplications and additions
of every convolution, matrix product and einsum in its graph are added up, gradients included; what no
result depends on is left out, as it is when the graph runs. A multiplication and the addition that
follows count two, and taps that fall on a `same` convolution's border count like the others: that is
the field's convention. Activations, normalisation, dropout and the optimizer are not counted.
"""

import math
from collections.abc import Callable


def count(function: Callable, *arguments) -> int:
    """The operations of one call.

    Args:
        function: of tensors; every variable that it needs has been made.
        *arguments: examples of what it is called with; only their shapes and types matter.
    """
    import tensorflow as tf

    specs = tf.nest.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype), arguments)
    graph = tf.function(function).get_concrete_function(*specs).graph
    return sum(2 * multiplications(op) for op in _needed(graph))


def _needed(graph) -> list:
    """The operations that the results or side effects of a graph depend on."""
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    found = {}
    while waiting:
        op = waiting.pop()
        if op.name not in found:
            found[op.name] = op
            waiting += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
    return list(found.values())


def multiplications(op) -> int:
    """Those of one operation of a graph; 0 for what is no convolution and no product."""
    if op.type == "Conv2D":
        return _size(op.outputs[0]) * _taps(op.inputs[1].shape)
    if op.type == "Conv2DBackpropInput":  # a transposed convolution forwards, too
        return _size(op.inputs[2]) * _taps(op.inputs[1].shape)
    if op.type == "Conv2DBackpropFilter":
        return _size(op.inputs[2]) * _taps(op.outputs[0].shape)
    if op.type == "MatMul":
        return _size(op.outputs[0]) * op.inputs[0].shape[0 if op.get_attr("transpose_a") else 1]
    if op.type == "BatchMatMulV2":
        return _size(op.outputs[0]) * op.inputs[0].shape[-2 if op.get_attr("adj_x") else -1]
    if op.type == "Einsum":
        return _einsum(op)
    if "Conv" in op.type or "Call" in op.type or "While" in op.type:
        raise NotImplementedError(f"{op.type} is not counted yet ({op.name})")
    return 0


def _size(tensor) -> int:
    return math.prod(tensor.shape)


def _taps(kernel) -> int:
    """Multiplications for each number that a convolution puts out: kernel is (height, width, in, out)."""
    return math.prod(kernel[:3])


def _einsum(op) -> int:
    terms = op.get_attr("equation").decode().split("->")[0].split(",")
    sides = {}
    for letters, tensor in zip(terms, op.inputs, strict=True):
        sides |= zip(letters, tensor.shape, strict=True)
    return math.prod(sides.values()) if len(terms) > 1 else 0
