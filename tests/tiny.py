"""Networks of a few numbers, with all the state of large ones, and random pictures to train them on."""

import keras
import numpy as np

from facegen.data.loader import Batches
from facegen.models.deconv import Deconv
from facegen.models.flow import Flow
from facegen.models.gan import GAN, TTURAdam
from facegen.models.unrolled import UnrolledDeconv
from facegen.training import checkpoints, trainer
from facegen.training.recipes import RECIPES

COLUMNS = ["Bald", "Male", "Smiling"]
TURNED = {"identity": COLUMNS, "orientation": ["sin", "cos"]}
STEPS = 5  # of an epoch


def data(count: int = 40, side: int = 8, batch_size: int = 8, seed: int = 0) -> Batches:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, side, side, 3), dtype="uint8")
    rows = random.integers(0, 2, (count, 3)).astype("float32")
    return Batches(images, {"attributes": rows}, batch_size, seed=5)


def gan(seed: int = 0) -> tuple[GAN, Batches]:
    """A GAN each of whose remedies has state of its own."""
    keras.utils.set_random_seed(seed)
    model = GAN(
        {"attributes": COLUMNS},
        size=16,
        width=2,
        discriminator_width=2,
        latent_dim=3,
        spectral=True,
        ema=0.9,
        loss="hinge",
        conditioning="both",
        label_sampling="shuffled",
        pairs=0.25,
    )
    model.compile(TTURAdam(), jit_compile=False)
    return model, data(side=16)


def deconv(seed: int = 0) -> tuple[Deconv, Batches]:
    """A deconvolution network whose learning rate follows a schedule."""
    keras.utils.set_random_seed(seed)
    model = Deconv({"attributes": COLUMNS}, start=(2, 2), depth=1, kernels=[4], dense=8)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, 20)
    model.compile(keras.optimizers.Adam(rate), loss="mean_squared_logarithmic_error", jit_compile=False)
    return model, data()


def unrolled(seed: int = 0) -> tuple[UnrolledDeconv, Batches]:
    """A deconvolution network whose head turns, before a backdrop that is plain."""
    keras.utils.set_random_seed(seed)
    model = UnrolledDeconv(TURNED, (2, 2), depth=1, kernels=[4], dense=8, normalized=False, smooth=True)
    batches = data()
    theta = np.random.default_rng(6).uniform(-1, 1, len(batches.pixels))
    rows = {
        "identity": batches.conditions["attributes"],
        "orientation": np.stack([np.sin(theta), np.cos(theta)], 1),
    }
    pixels = batches.pixels.copy()
    pixels[:, :, [0, 1, -2, -1]] = 200
    batches = Batches(pixels, rows, batches.batch_size, seed=5)
    model.adapt(batches.pixels)
    model.compile(keras.optimizers.Adam(1e-3), loss="mean_squared_error", jit_compile=False)
    return model, batches


def flow(seed: int = 0) -> tuple[Flow, Batches]:
    """A flow with attention, an average, and conditions that are dropped now and then."""
    keras.utils.set_random_seed(seed)
    model = Flow({"attributes": COLUMNS}, size=8, widths=(4, 8), patch=2, steps=1, drop=0.5, ema=0.9)
    RECIPES["flow"]["straight"].compile(model, steps=20)
    return model, data()


def state(model: keras.Model) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(v)) for v in checkpoints.variables(model)]


def assert_same_bits(one: keras.Model, two: keras.Model) -> None:
    for v, a, b in zip(checkpoints.variables(one), state(one), state(two), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=v.path)


def train(make, folder, epochs: int = 3, seed: int = 0, **options) -> tuple[keras.Model, list[dict]]:
    """Train one of these networks; its weights begin as `seed` has it, until a checkpoint is restored."""
    model, batches = make(seed)
    rows = trainer.train(model, batches, epochs, folder, progress=False, **options)
    return model, rows
