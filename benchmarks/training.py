"""Training steps: ours beside what people would otherwise run, on the same pictures and batches."""

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import pictures
from benchmarks.flops import count
from benchmarks.timing import Variant, alone, compare, rate_ratio, times_as_fast

ROUGH = "facegen, bfloat16"
OURS, ORIGINAL_A, KERAS_IO, ORIGINAL_B = "facegen", "original A", "keras.io", "original B"
TORCH, TORCH_LAST = "PyTorch tutorial", "PyTorch tutorial, channels_last"
TUTORIAL = "facegen, on the tutorial's networks"
HAS_TORCH = importlib.util.find_spec("torch") is not None
NO_TORCH = (
    "PyTorch is not installed, so its tutorial was left out: "
    "`.venv/bin/pip install -r benchmarks/requirements.txt` adds it."
)
NO_ROUGH = "This machine is not clearly faster in bfloat16, so that was left out."

GAN = {"size": 64, "width": 64, "batch_size": 64, "crowd": 256}
SMALL_GAN = {"size": 16, "width": 2, "batch_size": 4, "crowd": 16}
RAFD = {"identity": 57, "emotion": 8, "orientation": 2}


def _paths(folder: Path) -> list[Path]:
    return sorted((folder / pictures.PICTURES).iterdir())


def _folder(crowd: int) -> Path:
    return pictures.crowd(crowd, min(crowd, pictures.DRAWN))


def gan_ours(
    size: int, width: int, batch_size: int, crowd: int, steps: int = 1, precision: str = "float32", **settings
) -> Variant:
    """`facegen.models.gan.GAN` with the original's networks, from the pixel cache."""
    import facegen
    from facegen.data.loader import Batches
    from facegen.data.pixels import load_pixels
    from facegen.models.gan import GAN, TTURAdam
    from facegen.training import precision as precisions

    faces = facegen.read(_folder(crowd))
    data = Batches(load_pixels(faces, size, progress=False), faces.conditions, batch_size)
    with precisions.using(precision):
        model = GAN(faces.names, size, width=width, discriminator_width=width, **settings)
    model.compile(TTURAdam())
    return fitted(model, data, steps)


def fitted(model, data, steps: int) -> Variant:
    """`fit` on the first batches of one epoch after the other."""
    from facegen.data.loader import Epoch

    epochs = iter(range(10**9))

    def call():
        model.fit(Epoch(data, data.order(next(epochs))[:steps]), shuffle=False, verbose=0)

    def flops() -> int:
        batch = data.rows(np.arange(data.batch_size))
        return steps * count(lambda batch: model.train_step((batch,)), batch)

    return Variant(call, steps * data.batch_size, steps, flops)


def gan_original_a(size: int, width: int, batch_size: int, crowd: int) -> Variant:
    """Original A's loop."""
    from benchmarks.ports.original_a import OriginalA

    return gan_original_a_of(OriginalA(_paths(_folder(crowd)), size, width, batch_size))


def gan_original_a_of(port) -> Variant:
    """The loop of this one."""
    asked = np.zeros((port.batch_size, *port.generator.input_shape[1:]), "float32")
    images = np.zeros((port.batch_size, *port.generator.output_shape[1:]), "float32")
    truth = np.zeros((port.batch_size, 1), "float32")

    def flops() -> int:
        total = count(lambda x: port.generator(x, training=False), asked[: port.batch_size // 2])
        for network, given in ((port.discriminator, images), (port.combined, asked)):
            port.discriminator.trainable = network is port.discriminator
            total += count(lambda x, y, network=network: network.train_step((x, y)), given, truth)
        return total

    return Variant(port.step, port.batch_size, flops=flops)


def gan_keras_io(size: int, width: int, batch_size: int, crowd: int) -> Variant:
    """keras.io's `train_step` on the networks of original A."""
    import keras

    from benchmarks.ports import keras_io, original_a

    port = keras_io.KerasIO(
        original_a.generator(size, width), original_a.discriminator(size, width), original_a.ATTRIBUTES
    )
    port.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in (1e-4, 2e-4)))
    data = keras_io.photographs(_folder(crowd) / pictures.PICTURES, size, batch_size)

    def flops() -> int:
        return count(port.train_step, np.zeros((batch_size, size, size, 3), "float32"))

    return Variant(lambda: port.fit(data.take(1), verbose=0), batch_size, flops=flops)


def torch_tutorial(width: int, batch_size: int, steps: int, channels_last: bool = False) -> Variant:
    """The tutorial's step on pictures of 64x64 that are in memory."""
    from torch.utils.flop_counter import FlopCounterMode

    from benchmarks.ports.torch_tutorial import TorchTutorial

    port, data = TorchTutorial(width, channels_last), _faces64(batch_size)
    epochs = iter(range(10**9))

    def call():
        for rows in data.order(next(epochs))[:steps]:
            port.step(data.rows(rows)["image"])

    def flops() -> int:
        with FlopCounterMode(display=False) as counter:
            call()
        return counter.get_total_flops()

    return Variant(call, steps * batch_size, steps, flops)


def tutorial_ours(width: int, batch_size: int, steps: int) -> Variant:
    """The tutorial's networks, trained in one backward pass by `fit`."""
    import keras

    from benchmarks.tutorial import Tutorial

    model = Tutorial(width)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    return fitted(model, _faces64(batch_size), steps)


def _faces64(batch_size: int):
    import facegen
    from facegen.data.loader import Batches
    from facegen.data.pixels import load_pixels

    drawn = 16 if batch_size < 16 else pictures.DRAWN
    return Batches(load_pixels(facegen.read(_folder(drawn)), 64, progress=False), {}, batch_size)


GANS: dict[str, Callable[..., Variant]] = {
    ORIGINAL_A: gan_original_a,
    KERAS_IO: gan_keras_io,
    OURS: gan_ours,
    ROUGH: partial(gan_ours, precision="bfloat16"),
}


def rough_pays() -> bool:
    """Whether this machine is clearly faster in bfloat16."""
    from facegen.training import precision

    return precision.fastest() == "bfloat16"


def gan(small: bool = False) -> dict:
    """The attribute GAN at full size: 64x64, gf = df = 64, batches of 64, reading included."""
    settings, ours = SMALL_GAN if small else GAN, [OURS, *([ROUGH] if rough_pays() else [])]
    variants = {name: GANS[name](**settings) for name in (ORIGINAL_A, KERAS_IO, *ours)}
    if HAS_TORCH:
        variants[TORCH] = torch_tutorial(settings["width"], settings["batch_size"], 1 if small else 4)
    result = compare(variants, 1 if small else 5, sgemm=True)
    for row in result["rows"]:
        if row["variant"] in GANS:
            row["peak GB"] = alone(one_gan_step, name=row["variant"], small=small)["peak"] / 1e9
    result["ratios"] = {
        f"images/s, {one} / {other}": times_as_fast(result["seconds"], one, other)
        for one in ours
        for other in (ORIGINAL_A, KERAS_IO)
    }
    if HAS_TORCH:
        rates = {
            f"GFLOP/s, {one} / {TORCH}": rate_ratio(result["rows"], one, TORCH, "GFLOP/s") for one in ours
        }
        result["ratios"] |= rates
    notes = [] if HAS_TORCH else [NO_TORCH]
    return result | {"settings": settings, "notes": notes + ([] if ROUGH in ours else [NO_ROUGH])}


def one_gan_step(name: str, small: bool) -> dict:
    """One step of one variant, in a process of its own, for its memory."""
    GANS[name](**(SMALL_GAN if small else GAN)).call()
    return {}


def tutorial(small: bool = False) -> dict:
    """The networks of PyTorch's tutorial: 64x64, width 64, batches of 64."""
    settings = (
        {"width": 2, "batch_size": 4, "steps": 1} if small else {"width": 64, "batch_size": 64, "steps": 4}
    )
    variants = {TUTORIAL: tutorial_ours(**settings)}
    if HAS_TORCH:
        variants[TORCH] = torch_tutorial(**settings)
        variants[TORCH_LAST] = torch_tutorial(**settings, channels_last=True)
    result = compare(variants, 1 if small else 5, sgemm=True)
    result["ratios"] = {
        f"images/s, {OURS} / {other}": times_as_fast(result["seconds"], TUTORIAL, other)
        for other in variants
        if other != TUTORIAL
    }
    return result | {"settings": settings, "notes": [] if HAS_TORCH else [NO_TORCH]}


def names(widths: dict[str, int]) -> dict[str, list[str]]:
    """Columns for conditions of these widths."""
    return {name: [str(i) for i in range(width)] for name, width in widths.items()}


def deconv_ours(
    depth: int, batch_size: int, steps: int, jit_compile="auto", precision: str = "float32", **settings
) -> Variant:
    """`facegen.models.deconv.Deconv` on random pictures and conditions."""
    import keras

    from facegen.data.loader import Batches
    from facegen.models.deconv import Deconv
    from facegen.training import precision as precisions

    with precisions.using(precision):
        model = Deconv(names(RAFD), depth=depth, **settings)
    model.compile(keras.optimizers.Adam(), loss="mean_squared_logarithmic_error", jit_compile=jit_compile)
    images, conditions = _random_people(steps * batch_size, model.image_shape)
    return fitted(model, Batches(images, conditions, batch_size), steps)


def deconv_original(depth: int, batch_size: int, steps: int, **settings) -> Variant:
    """Original B: `fit` on an array of float64."""
    from benchmarks.ports import original_b

    model = original_b.network(RAFD, (5, 4), depth, **settings)
    images, conditions = _random_people(steps * batch_size, model.output_shape[1:])
    images = images / 255.0

    def flops() -> int:
        batch = (
            {name: rows[:batch_size] for name, rows in conditions.items()},
            images[:batch_size].astype("float32"),
        )
        return steps * count(lambda x, y: model.train_step((x, y)), *batch)

    return Variant(
        lambda: model.fit(conditions, images, batch_size, verbose=0), steps * batch_size, steps, flops
    )


def _random_people(count: int, shape: tuple[int, int, int]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, *shape), "uint8")
    return images, {name: random.random((count, width), "float32") for name, width in RAFD.items()}


def deconv(depth: int, small: bool = False) -> dict:
    """The deconvolution network of RaFD: 57 people, batches of 16."""
    settings = (
        {"batch_size": 2, "steps": 1, "kernels": [4], "dense": 8} if small else {"batch_size": 16, "steps": 2}
    )
    depth = 1 if small else depth
    ours = {OURS: deconv_ours(depth, **settings)}
    if rough_pays():
        ours[ROUGH] = deconv_ours(depth, precision="bfloat16", **settings)
    result = compare({ORIGINAL_B: deconv_original(depth, **settings), **ours}, 1 if small else 4, sgemm=True)
    ratios = {
        f"images/s, {one} / {ORIGINAL_B}": times_as_fast(result["seconds"], one, ORIGINAL_B) for one in ours
    }
    notes = [] if ROUGH in ours else [NO_ROUGH]
    return result | {"ratios": ratios, "settings": {"depth": depth, **settings}, "notes": notes}


def deconv4(small: bool = False) -> dict:
    """The same with 4 layers, 160x128."""
    return deconv(4, small)


def deconv5(small: bool = False) -> dict:
    """The same with 5 layers, 320x256."""
    return deconv(5, small)
