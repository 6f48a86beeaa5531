"""Networks as diagrams: what each step of a given model does, and the shape after it, read off the model."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from facegen.viz.svg import LINE, SMALL, Diagram, Drawing, width_of

LEVEL = 84  # pixels from one level of a U-Net to the next
PITCH = 122  # pixels from one step of a network to the next
TALL, MIDDLE = 132, 66  # pixels of a row of steps, and where the middle of its slabs is


class Step(NamedTuple):
    """What a network does next, in a line or more, and the shape of one picture after it."""

    does: str
    shape: tuple[int, int, int]

    def __str__(self) -> str:
        return " x ".join(map(str, self.shape))


def operation(layer) -> str:
    """What a convolution does, or a reshape, in a line or two.

    Example:
        >>> import keras
        >>> operation(keras.layers.Conv2D(4, 3, strides=2)).splitlines()
        ['conv 3 x 3', 'stride 2']
    """
    if not hasattr(layer, "kernel_size"):
        return "reshape"
    side = layer.kernel_size if isinstance(layer.kernel_size, int) else layer.kernel_size[0]
    text, stride = f"conv {side} x {side}", getattr(layer, "strides", (1, 1))[0]
    if isinstance(layer.kernel_size, int):  # of UpsampleConv2D
        return f"unpool 2 x 2\n{text}"
    return f"{text}\nstride {stride}" if stride > 1 else text


def steps(network) -> list[Step]:
    """The layers of a network that hand on rows and columns; those that hand on the same shape are one step.

    Example:
        >>> import keras
        >>> layers = [keras.layers.Conv2D(4, 3, strides=2), keras.layers.Conv2D(4, 1)]
        >>> [str(step) for step in steps(keras.Sequential([keras.Input((9, 9, 3)), *layers]))]
        ['4 x 4 x 4']
    """
    found = []
    for layer in network.layers:
        grows = hasattr(layer, "kernel_size") and len(layer.output.shape) == 4
        if not (grows or hasattr(layer, "target_shape")):
            continue
        shape, text = tuple(layer.output.shape[1:]), operation(layer)
        if found and found[-1].shape == shape:
            text = f"{found.pop().does}\n{text}"
        found.append(Step(text, shape))
    return found


def _slabs(drawing: Drawing, x, y, shown: Sequence[Step], picture: int):
    """Steps from left to right, each as high as its rows and as wide as its features (in doublings).

    Args:
        picture: which of the steps is a picture.

    Returns:
        The middles of the first one's left side and of the last one's right side.
    """
    places = []
    for i, step in enumerate(shown):
        middle = x + PITCH * (i + 0.5), y + MIDDLE
        height, width = 10 + 12 * np.log2(step.shape[0]), 8 + 6 * np.log2(step.shape[2])
        kind = "picture" if i == picture % len(shown) else "learned"
        slab = drawing.box(middle[0] - width / 2, middle[1], "", kind, width=width, height=height)
        drawing.words(middle[0], y + TALL - 8, str(step), size=SMALL)
        if places:
            drawing.arrow(places[-1].right, slab.left)
        top = y - LINE * SMALL * len(step.does.split("\n")) + 4
        drawing.words(middle[0] - PITCH / 2, top, step.does, "quiet", size=SMALL)
        places.append(slab)
    return places[0].left, places[-1].right


def dcgan(model) -> Diagram:
    """The two networks of a GAN, with the shape after each step: one grows a grid, the other shrinks it.

    Args:
        model: a `facegen.models.GAN`.

    Example:
        >>> from facegen.models import GAN
        >>> model = GAN({"attributes": ["Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> dcgan(model).alt[:67]
        'The generator: 1 conditions and 1 of noise become 8 x 8 x 4, 16 x 1'
    """
    drawn, judged = steps(model.generator), steps(model.discriminator)
    judged = [Step("", tuple(model.discriminator.input["image"].shape[1:])), *judged]
    columns = sum(map(len, model.names.values()))
    says = (
        f"The generator: {columns} conditions and {model.latent_dim} of noise become {_told(drawn)}. The "
        f"discriminator: a picture becomes {_told(judged)}, and one logit."
    )
    width = 150 + PITCH * max(len(drawn), len(judged)) + 60
    drawing = Drawing(width, 436, "The two networks of a DCGAN", says)
    drawing.words(16, 10, "Generator: from a request to a picture", anchor="start")
    asked = drawing.box(16, 110, f"{columns} conditions", "condition", width=126, size=SMALL)
    noise = drawing.box(16, 150, f"{model.latent_dim} of noise", "condition", width=126, size=SMALL)
    first, _ = _slabs(drawing, 150, 64, [Step("dense,\nreshape", drawn[0].shape), *drawn[1:]], -1)
    for box in (asked, noise):
        drawing.arrow(box.right, first)
    drawing.words(16, 222, "Discriminator: from a picture to one number", anchor="start")
    _, last = _slabs(drawing, 16, 290, judged, 0)
    logit = drawing.box(last[0] + 66, last[1], "1 logit", "loss", size=SMALL)
    drawing.arrow(last, logit.left)
    drawing.words(last[0] + 33, last[1] - 24, "dense", "quiet", size=SMALL)
    return drawing.finished()


def _told(shown: Sequence[Step]) -> str:
    return ", ".join(map(str, shown))


def deconvolution(model) -> Diagram:
    """The deconvolution network, with the units or the shape after each step.

    Args:
        model: a `facegen.models.Deconv`.

    Example:
        >>> from facegen.models import Deconv
        >>> model = Deconv({"emotion": ["happy", "sad"]}, start=(5, 4), depth=1, kernels=[4], dense=8)
        >>> deconvolution(model).alt.partition("grows: ")[2]
        '5 x 4 x 4, 10 x 8 x 4, 20 x 16 x 8, 20 x 16 x 3.'
    """
    network = model.generator
    read = [layer for layer in network.layers if layer.name.startswith("read_") and hasattr(layer, "units")]
    mixed, shown = network.get_layer("mixed"), steps(network)
    drop = 42 * len(read)
    says = (
        "Each condition ("
        + ", ".join(f"{name}: {len(columns)} numbers" for name, columns in model.names.items())
        + f") passes a dense layer of its own. Joined, they pass one of {mixed.units} units, and become a "
        + f"grid that grows: {_told(shown)}."
    )
    labels = [f"{name}: {len(columns)}" for name, columns in model.names.items()]
    widest = max(width_of(text, SMALL) for text in labels) + 22
    width = max(PITCH * len(shown) + 24, widest + 480)
    drawing = Drawing(width, drop + 280, "The deconvolution network", says)
    drawing.words(16, 10, "What is asked for", anchor="start")
    joined = drawing.box(
        widest + 190, 31 + drop / 2, f"joined: {sum(one.units for one in read)}", "sum", size=SMALL
    )
    for i, (label, layer) in enumerate(zip(labels, read, strict=True)):
        asked = drawing.box(16, 52 + 42 * i, label, "condition", width=widest, size=SMALL)
        dense = drawing.box(widest + 50, 52 + 42 * i, f"dense: {layer.units}", "learned", size=SMALL)
        drawing.arrow(asked.right, dense.left)
        drawing.arrow(dense.right, joined.left)
    mix = drawing.box(widest + 340, joined.right[1], f"dense: {mixed.units}", "learned", size=SMALL)
    drawing.arrow(joined.right, mix.left)
    drawing.words(16, drop + 46, "The grid grows into a picture", anchor="start")
    first, _ = _slabs(drawing, 12, drop + 136, [Step("", shown[0].shape), *shown[1:]], -1)
    turn, start = mix.bottom[0], (first[0] + 10, first[1] - 42)
    between = drop + 76
    drawing.arrow(mix.bottom, (turn, between), (start[0], between), start)
    drawing.words(turn - 10, between - 20, "dense, reshape", "quiet", anchor="end", size=SMALL)
    return drawing.finished()


def projection(model) -> Diagram:
    """How a discriminator reads conditions: an answer for each, counted for or against the picture.

    Args:
        model: a `facegen.models.GAN` with conditioning "projection" or "both".

    Example:
        >>> from facegen.models import GAN
        >>> model = GAN({"attributes": ["Smiling"]}, size=16, width=2, conditioning="projection")
        >>> "sum / √1" in projection(model).svg
        True
    """
    network = model.discriminator
    picture, features = (
        _sizes(layer) for layer in (network.input["image"], network.get_layer("discriminator_flat").output)
    )
    columns = network.output["projection"].shape[1]
    says = (
        f"Convolutions make {features} features of a picture. One dense layer makes a logit of them: does "
        f"it look real? Another one makes {columns} answers: how much of each condition has it? Each is "
        "multiplied by 1 if that condition was asked for, by -1 if not. Their sum, divided by the root of "
        f"{columns}, is added to the logit."
    )
    drawing = Drawing(800, 236, "Projection discriminator", says)
    seen = drawing.box(16, 118, f"picture\n{picture}", "picture", width=104)
    convolved = drawing.box(148, 118, f"convolutions\n{features}", "learned", width=124)
    one = drawing.box(310, 56, "dense: 1", "learned", width=92)
    many = drawing.box(310, 160, f"dense: {columns}", "learned", width=92)
    times = drawing.box(510, 160, "x", "sum", width=34)
    total = drawing.box(576, 160, f"sum / √{columns}", "sum", width=102)
    asked = drawing.box(456, 214, f"{columns} conditions, -1 to 1", "condition", width=142, size=SMALL)
    plus = drawing.box(610, 56, "+", "sum", width=34)
    verdict = drawing.box(688, 56, "verdict", "loss", width=92)
    drawing.arrow(seen.right, convolved.left)
    for dense in (one, many):
        drawing.arrow(convolved.right, dense.left)
    drawing.arrow(one.right, plus.left, text="logit: does it look real?")
    drawing.arrow(many.right, times.left, text="answers: how\nmuch of each?")
    drawing.arrow(asked.top, times.bottom)
    drawing.arrow(times.right, total.left)
    drawing.arrow(total.top, plus.bottom)
    drawing.arrow(plus.right, verdict.left)
    return drawing.finished()


def _sizes(tensor) -> str:
    return " x ".join(map(str, tensor.shape[1:]))


def u_net(network) -> Diagram:
    """The network of a flow: a picture down to few places and up again, each level handed over.

    Args:
        network: of `facegen.models.unet.unet`, such as `raw_network` of a `facegen.models.Flow`.

    Example:
        >>> from facegen.models.unet import unet
        >>> u_net(unet(size=16, channels=3, columns=4, widths=(8, 16), patch=2)).alt.partition(": ")[2]
        '16 x 16 x 3, then 8 x 8 x 8, 4 x 4 x 16, and the same way up again.'
    """
    inputs = network.input
    levels = sum("_down_" in layer.name and layer.name.endswith("_sum") for layer in network.layers)
    sizes = [_sizes(network.get_layer(f"{network.name}_down_{i}_sum").output) for i in range(levels)]
    picture, heard = _sizes(inputs["picture"]), network.get_layer(f"{network.name}_heard_2").units
    says = (
        "A U of convolutions. Down on the left, up on the right, and what was seen on the way down is handed "
        f"over on each level. Every block hears of the time and of {inputs['known'].shape[1]} numbers that "
        f"are known. The sizes are: {picture}, then {', '.join(sizes)}, and the same way up again."
    )
    top, low = 56, 56 + LEVEL * (levels - 1)  # where the first level is, and the last
    drawing = Drawing(892, low + 136, "The U-Net of a flow", says)
    begin = drawing.box(16, top, f"half-noisy\n{picture}", "picture", width=118)
    end = drawing.box(758, top, f"velocity\n{picture}", "picture", width=118)
    downs, ups = _levels(drawing, top, sizes)
    cut = "squares,\n" if sizes[0].split()[0] != picture.split()[0] else ""  # of pixels, taken as one
    drawing.arrow(begin.right, downs[0].left, text=f"{cut}conv 3 x 3")
    drawing.arrow(ups[0].right, end.left, text="conv 3 x 3")
    looked = drawing.box(388, low + 66, "attention", "learned", width=116)
    drawing.arrow(downs[-1].bottom, (downs[-1].bottom[0], looked.left[1]), looked.left)
    drawing.arrow(looked.right, (ups[-1].bottom[0], looked.right[1]), ups[-1].bottom)
    words = f"time, and {inputs['known'].shape[1]} numbers"
    asked = drawing.box(16, low + 112, words, "condition", width=170, size=SMALL)
    told = drawing.box(246, low + 112, f"2 dense: {heard}", "learned", width=110, size=SMALL)
    drawing.arrow(asked.right, told.left)
    drawing.words(told.right[0] + 12, low + 104, "a scale and a shift in each block", "quiet", "start", SMALL)
    return drawing.finished()


def _levels(drawing: Drawing, top: float, sizes: Sequence[str]) -> tuple[list, list]:
    """The blocks of a U, each level handed over; return those on the way down, and those on the way up."""
    downs, ups = [], []
    for i, size in enumerate(sizes):
        y, inset = top + LEVEL * i, i * min(40, 100 / max(1, len(sizes) - 1))
        downs.append(drawing.box(212 + inset, y, f"block\n{size}", "learned", width=128))
        ups.append(drawing.box(552 - inset, y, f"joined, block\n{size}", "learned", width=128))
    for i in range(len(sizes)):
        drawing.arrow(downs[i].right, ups[i].left, text="handed over" if not i else "")
    for above, below in itertools.pairwise(downs):
        x = below.top[0]
        drawing.arrow((x, above.bottom[1]), below.top)
        drawing.words(x - 8, below.top[1] - 28, "conv, stride 2", "quiet", "end", SMALL)
    for above, below in itertools.pairwise(ups):
        x = below.top[0]
        drawing.arrow(below.top, (x, above.bottom[1]))
        drawing.words(x + 8, below.top[1] - 28, "unpool 2 x 2", "quiet", "start", SMALL)
    return downs, ups
