"""An unrolled head of two surfaces, for `benchmarks/variants.py`: hair may stand in front of a cheek.

A row of one map has one radius in each direction. Here it has two, with colours of their own, and the camera
looks at the points of both; all else is as in the recipe "turning".
"""

import numpy as np
from keras import Model, layers

from facegen.models.deconv import decoder
from facegen.models.layers import MeanImage, UpsampleConv2D, condition_inputs
from facegen.models.surface import Backdrop, Radius, Shade, Sight, directions
from facegen.models.unrolled import AROUND, TURN, kinds, retouched

SURFACES = 2
APART = -0.5  # before the sigmoid: the second one begins inside the first


class Sights(Sight):
    """`Sight` of several maps, side by side."""

    def directions(self, columns):
        """Those of one map, once for each."""
        return np.tile(directions(columns // SURFACES), SURFACES)


def view(names, start, depth, kernels, dense, channels, normalized, linear, deep, ranges, smooth) -> Model:
    """As unrolled.py's, whose place it takes while a network is built: of pictures that can be seen at once.

    Returns:
        A model from {condition: (b, columns)} to {"picture": (b, height, width, channels), "cover": (b,
        height, width, 1)}.
    """
    inputs = condition_inputs(names)
    read = {name: kind for name, kind in kinds(names, ranges).items() if name != TURN}
    grid, each = (start[0], AROUND * start[1]), 1 + 3 * channels
    x = decoder(inputs, read, grid, depth, kernels, dense, normalized, linear, deep)
    x = UpsampleConv2D(SURFACES * each, 5, dtype="float32", name="map")(x)
    x = MeanImage(dtype="float32", name="canvas")(x)
    maps = [x[..., i * each : (i + 1) * each] for i in range(SURFACES)]
    radii = [Radius(smooth=smooth, name=f"radius_{i}")(m[..., :1] + APART * i) for i, m in enumerate(maps)]
    paint = [Shade(name=f"shade_{i}")(m[..., 1:], inputs[TURN]) for i, m in enumerate(maps)]
    radius, colour = (layers.Concatenate(axis=2, dtype="float32")(parts) for parts in (radii, paint))
    sight = Sights(start[1] * 2 ** (depth + 1), off_axis=smooth, name="sight")
    seen, cover = sight(radius, colour, inputs[TURN])
    picture = retouched(Backdrop(name="backdrop")(seen, cover), cover, channels, enlarged=0)
    return Model(inputs, {"picture": picture, "cover": cover}, name="view")
