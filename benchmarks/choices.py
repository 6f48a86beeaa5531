"""What the package could do in one way or another: measured, so that the faster way is taken.

Layers grown on the small image or as written, on each backend that is installed; a training step in float32
and bfloat16, with XLA, and several steps at once; without oneDNN, on one thread, and on JAX.
"""

import importlib.util
import statistics
from collections.abc import Callable

import numpy as np

from benchmarks.timing import Variant, alone, compare, in_turn, milliseconds, times_as_fast

BACKENDS = ("tensorflow", "jax", "torch")
FOLDED, WRITTEN = "on the small image", "as written"
DIFFERENCES, WINOGRAD = "differences", "Winograd"
# kernel, rows, columns, channels in, filters: of the GAN at width 64, of the deconvolution network at
# 5 layers, and two with the smaller kernel
LAYERS = (
    (5, 8, 8, 512, 512),
    (5, 16, 16, 512, 256),
    (5, 32, 32, 256, 128),
    (5, 10, 8, 128, 128),
    (5, 40, 32, 96, 96),
    (5, 160, 128, 32, 8),
    (3, 16, 16, 128, 128),
    (3, 64, 64, 64, 32),
)
WAYS = {
    "float32": {},
    "float32, XLA": {"jit_compile": True},
    "float32, 4 steps at once": {"at_once": 4},
    "bfloat16": {"precision": "bfloat16"},
}


def folding(small: bool = False) -> dict:
    """`UpsampleConv2D` and its rivals, forwards and backwards, a process for each backend."""
    result = {"rows": [], "ratios": {}, "notes": []}
    for backend in BACKENDS:
        if importlib.util.find_spec(backend) is None:
            result["notes"].append(f"{backend} is not installed, so it was left out.")
            continue
        some = LAYERS[1::2]  # those of JAX on a CPU take seconds
        layers = LAYERS[-1:] if small else LAYERS if backend == "tensorflow" else some
        batch = 1 if small else 16
        found = alone(every_form, {"KERAS_BACKEND": backend}, layers=layers, batch=batch)
        result["rows"] += found["rows"]
        result["ratios"] |= found["ratios"]
    return result


def every_form(layers: list, batch: int) -> dict:
    """Of each layer, on the backend of this process."""
    import keras

    result, backend = {"rows": [], "ratios": {}}, keras.backend.backend()
    for kernel, *shape, filters in layers:
        what = f"{backend}, {kernel}x{kernel}, {shape[0]}x{shape[1]}x{shape[2]} to {filters}"
        rivals = backend == "tensorflow" and kernel == 5
        variants = {
            form: Variant(_step_of_layer(layer, shape, batch))
            for form, layer in every(kernel, filters, rivals).items()
        }
        times = compare(variants, rounds=3)
        ms = {row["variant"]: row["ms"] for row in times["rows"]}
        result["rows"].append({"variant": what, **{f"{form}, ms": ms[form] for form in ms}})
        faster = times_as_fast(times["seconds"], FOLDED, WRITTEN)
        result["ratios"][f"{what}: {FOLDED} / {WRITTEN}"] = faster
    return result


def every(kernel: int, filters: int, rivals: bool = True) -> dict:
    """Name -> a layer; all compute the same."""
    from benchmarks.forms import Differences, Winograd
    from facegen.models.layers import UpsampleConv2D

    layers = {
        FOLDED: UpsampleConv2D(filters, kernel, folded=True),
        WRITTEN: UpsampleConv2D(filters, kernel, folded=False),
    }
    if rivals:
        layers |= {DIFFERENCES: Differences(filters), WINOGRAD: Winograd(filters)}
    return layers


def _step_of_layer(layer, shape: list[int], batch: int) -> Callable[[], object]:
    """A training step of one layer; a learnt picture before it asks for the gradient of what it reads."""
    import keras

    from facegen.models.layers import MeanImage

    model = keras.Sequential([keras.Input(tuple(shape)), MeanImage(), layer])
    model.compile(keras.optimizers.SGD(1e-9), loss="mse")
    x = np.zeros((batch, *shape), "float32")
    y = np.zeros((batch, *layer.compute_output_shape((batch, *shape))[1:]), "float32")
    return lambda: model.train_on_batch(x, y)


def choices(small: bool = False) -> dict:
    """A step of the course's two networks and of the original's, in each way."""
    result = {"rows": [], "ratios": {}}
    for what, (model, batch) in _networks(small).items():
        variants = {f"{what}, {way}": _step(model, batch, **how) for way, how in WAYS.items()}
        found = compare(variants, 1 if small else 2)
        result["rows"] += found["rows"]
        first = f"{what}, float32"
        for name in list(variants)[1:]:
            result["ratios"][f"{name} / float32"] = times_as_fast(found["seconds"], name, first)
    return result


LAPTOP = ["GAN, width 16", "deconvolution, 3 layers"]  # of _networks
ENGINES = {
    "TensorFlow": {},
    "TensorFlow, oneDNN off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "TensorFlow, one thread": {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
    "JAX": {"KERAS_BACKEND": "jax"},
}


def engines(small: bool = False) -> dict:
    """The same steps by other libraries or with other settings, each in a process of its own, in turn."""
    times: dict[str, list[float]] = {}
    ways = {n: env for n, env in ENGINES.items() if n != "JAX" or importlib.util.find_spec("jax")}
    names = list(_networks(small)) if small else LAPTOP
    for _ in range(1 if small else 2):
        for way, env in ways.items():
            for name, seconds in alone(steps, env, names=names, small=small)["seconds"].items():
                times.setdefault(f"{name}, {way}", []).append(seconds)
    rows = [milliseconds(name, seconds) for name, seconds in times.items()]
    ratios = {
        f"{name}, {way} / TensorFlow": times_as_fast(times, f"{name}, {way}", f"{name}, TensorFlow")
        for name in names
        for way in list(ways)[1:]
    }
    return {"rows": rows, "ratios": ratios, "notes": [] if "JAX" in ways else ["JAX is not installed."]}


def steps(names: list[str], small: bool) -> dict:
    """The median seconds of a step of some networks, in this process."""
    found = {}
    for name in names:
        variant = _step(*_networks(small)[name], jit_compile="auto")
        times = in_turn({name: variant.call}, 1 if small else 3)
        found[name] = statistics.median(times[name]) / variant.steps
    return {"seconds": found}


def _networks(small: bool) -> dict[str, tuple[Callable, int]]:
    """Name -> what builds it, and pictures in a step."""
    from benchmarks.training import RAFD, names
    from facegen.conditions.attributes import NAMES
    from facegen.models.deconv import Deconv
    from facegen.models.gan import GAN

    coins = {"attributes": list(NAMES)}
    if small:
        return {"GAN": (lambda: GAN(coins, 16, width=2, discriminator_width=2), 2)}
    return {
        "GAN, width 16": (lambda: GAN(coins, width=16, discriminator_width=16), 32),
        "GAN, width 64": (lambda: GAN(coins), 16),
        "deconvolution, 3 layers": (lambda: Deconv(names(RAFD), depth=3, kernels=[64, 48, 32]), 16),
        "deconvolution, 4 layers": (lambda: Deconv(names(RAFD), depth=4), 16),
    }


def _step(build: Callable, batch: int, precision="float32", jit_compile=False, at_once=1) -> Variant:
    import keras

    from benchmarks.training import fitted
    from facegen.data.loader import Batches
    from facegen.models.gan import GAN, TTURAdam
    from facegen.training import precision as precisions

    with precisions.using(precision):
        model = build()
    adam = TTURAdam() if isinstance(model, GAN) else keras.optimizers.Adam()
    loss = None if isinstance(model, GAN) else "mean_squared_logarithmic_error"
    model.compile(adam, loss=loss, jit_compile=jit_compile, steps_per_execution=at_once)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (4 * batch, *model.image_shape), "uint8")
    conditions = {name: random.random((4 * batch, len(c)), "float32") for name, c in model.names.items()}
    variant = fitted(model, Batches(images, conditions, batch), 4)
    return Variant(variant.call, variant.images, variant.steps)
