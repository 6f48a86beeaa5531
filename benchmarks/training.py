"""Training steps: ours beside what people would otherwise run, on the same pictures and batches."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import pictures
from benchmarks.flops import count
from benchmarks.timing import Variant, alone, compare, rate_ratio, times_as_fast

OURS, ORIGINAL_A, KERAS_IO, ORIGINAL_B = "facegen", "original A", "keras.io", "original B"
TORCH, TORCH_LAST = "PyTorch tutorial", "PyTorch tutorial, channels_last"
TUTORIAL = "facegen, on the tutorial's networks"
HAS_TORCH = importlib.util.find_spec("torch") is not None
NO_TORCH = (
    "PyTorch is not installed, so its tutorial was left out: "
    "`.venv/bin/pip install -r benchmarks/requirements.txt` adds it."
)

GAN = {"size": 64, "width": 64, "batch_size": 64, "crowd": 256}
SMALL_GAN = {"size": 16, "width": 2, "batch_size": 4, "crowd": 16}
RAFD = {"identity": 57, "emotion": 8, "orientation": 2}


def _paths(folder: Path) -> list[Path]:
    return sorted((folder / pictures.PICTURES).iterdir())


def _folder(crowd: int) -> Path:
    return pictures.crowd(crowd, min(crowd, pictures.DRAWN))


def gan_ours(size: int, width: int, batch_size: int, crowd: int, steps: int = 1, **settings) -> Variant:
    """`facegen.gan.GAN` with the original's networks, from the pixel cache."""
    import facegen
    from facegen.batches import Batches
    from facegen.gan import GAN, PlayersAdam
    from facegen.pixels import pixels

    faces = facegen.read(_folder(crowd))
    data = Batches(pixels(faces, size, progress=False), faces.conditions, batch_size)
    model = GAN(faces.names, size, width=width, discriminator_width=width, **settings)
    model.compile(PlayersAdam())
    return fitted(model, data, steps)


def fitted(model, data, steps: int) -> Variant:
    """`fit` on the first batches of one epoch after the other."""
    from facegen.batches import Epoch

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
    from facegen.batches import Batches
    from facegen.pixels import pixels

    drawn = 16 if batch_size < 16 else pictures.DRAWN
    return Batches(pixels(facegen.read(_folder(drawn)), 64, progress=False), {}, batch_size)


GANS: dict[str, Callable[..., Variant]] = {ORIGINAL_A: gan_original_a, KERAS_IO: gan_keras_io, OURS: gan_ours}


def gan(small: bool = False) -> dict:
    """The attribute GAN at full size: 64x64, gf = df = 64, batches of 64, reading included."""
    settings = SMALL_GAN if small else GAN
    variants = {name: build(**settings) for name, build in GANS.items()}
    if HAS_TORCH:
        variants[TORCH] = torch_tutorial(settings["width"], settings["batch_size"], 1 if small else 4)
    result = compare(variants, 1 if small else 3, sgemm=True)
    for row in result["rows"]:
        if row["variant"] in GANS:
            row["peak GB"] = alone(one_gan_step, name=row["variant"], small=small)["peak"] / 1e9
    result["ratios"] = {
        f"images/s, {OURS} / {other}": times_as_fast(result["seconds"], OURS, other)
        for other in (ORIGINAL_A, KERAS_IO)
    }
    if HAS_TORCH:
        result["ratios"][f"GFLOP/s, {OURS} / {TORCH}"] = rate_ratio(result["rows"], OURS, TORCH, "GFLOP/s")
    return result | {"settings": settings, "notes": [] if HAS_TORCH else [NO_TORCH]}


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


def deconv_ours(depth: int, batch_size: int, steps: int, jit_compile="auto", **settings) -> Variant:
    """`facegen.deconv.Deconv` on random pictures and conditions."""
    import keras

    from facegen.batches import Batches
    from facegen.deconv import Deconv

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
    variants = {ORIGINAL_B: deconv_original(depth, **settings), OURS: deconv_ours(depth, **settings)}
    result = compare(variants, 1 if small else 4, sgemm=True)
    ratio = times_as_fast(result["seconds"], OURS, ORIGINAL_B)
    return result | {
        "ratios": {f"images/s, {OURS} / {ORIGINAL_B}": ratio},
        "settings": {"depth": depth, **settings},
    }


def deconv4(small: bool = False) -> dict:
    """The same with 4 layers, 160x128."""
    return deconv(4, small)


def deconv5(small: bool = False) -> dict:
    """The same with 5 layers, 320x256."""
    return deconv(5, small)


def memory(small: bool = False) -> dict:
    """From 2,280 pictures of RaFD, 681x1024, to three trained batches of 16 at 320x256."""
    settings = {"people": 1, "width": 68, "depth": 1} if small else {"people": 57, "width": 681, "depth": 5}
    folder = str(pictures.people(settings["people"], settings["width"]))
    rows = []
    for name, run in ((ORIGINAL_B, remember_original), (OURS, remember_ours)):
        done = alone(run, folder=folder, depth=settings["depth"])
        rows.append({"variant": name, "peak GB": done["peak"] / 1e9, "data GB": done["data"] / 1e9})
    share = rows[1]["peak GB"] / rows[0]["peak GB"]
    ratio = {"median": share, "least": share, "most": share}
    return {"rows": rows, "ratios": {f"peak memory, {OURS} / {ORIGINAL_B}": ratio}, "settings": settings}


def remember_ours(folder: str, depth: int) -> dict:
    """Read, cache, and train three batches."""
    import tempfile

    import keras

    import facegen
    from facegen.batches import Batches
    from facegen.deconv import Deconv
    from facegen.pixels import pixels

    faces = facegen.read(folder)
    model = Deconv(faces.names, depth=depth)
    model.compile(keras.optimizers.Adam(), loss="mean_squared_logarithmic_error", jit_compile="auto")
    with tempfile.TemporaryDirectory(dir=pictures.folder()) as cache:
        images = pixels(faces, model.image_shape[:2], cache, progress=False)
        fitted(model, Batches(images, faces.conditions, min(16, len(faces))), 3).call()
        return {"data": images.nbytes}


def remember_original(folder: str, depth: int) -> dict:
    """Load everything as float64, and train three batches."""
    import facegen
    from benchmarks.ports import original_b

    faces = facegen.read(folder)
    widths = {name: len(columns) for name, columns in faces.names.items()}
    model = original_b.network(widths, (5, 4), depth)
    images = original_b.load([faces.root / name for name in faces.paths], model.output_shape[1:3])
    model.fit(dict(faces.conditions), images, batch_size=16, steps_per_epoch=3, verbose=0)
    return {"data": images.nbytes}
