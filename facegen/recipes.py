"""How the deconvolution network is built and trained: the original's way, and today's.

A recipe is what can be chosen freely once the data, the size and the kernels are given.
`benchmarks/recipes.py` trains both for the same time and compares what they draw.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import keras
from keras import ops

from facegen.deconv import Deconv
from facegen.errors import FacegenError

BRIGHT = 255.0  # grey levels of a white pixel
RATE = 3e-3  # three times Adam's usual one: without batch normalisation, and warmed up, it can be had


@keras.saving.register_keras_serializable("facegen")
class Decibels(keras.losses.Loss):
    """How far pictures are from the truth: 20 log10 of the root mean squared error in grey levels.

    48.13 minus this loss is the mean peak signal-to-noise ratio, the measure that it is meant for (as
    Chen et al., arXiv 2204.04676, train). Each picture counts by its own logarithm: one that is nearly
    right still has as much to gain by halving its error as one that is far off.

    Args:
        floor: grey levels; an error far below has nothing more to gain.
    """

    def __init__(self, floor: float = 0.5, name: str = "decibels", **kwargs):
        super().__init__(name=name, **kwargs)
        self.floor = floor

    def call(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        error = ops.square(BRIGHT * (ops.cast(y_true, y_pred.dtype) - y_pred))
        return 10 * ops.log10(ops.mean(error, axis=(1, 2, 3)) + self.floor**2)  # (b,)

    def get_config(self):
        return {**super().get_config(), "floor": self.floor}


@dataclass(frozen=True)
class Recipe:
    """How to build and train.

    Attributes:
        optimizer: number of steps -> a Keras optimizer.
        loss: of `compile`: a Keras loss between pictures in 0..1, or its name.
        network: arguments of `Deconv` that go with it.
    """

    optimizer: Callable[[int], keras.optimizers.Optimizer]
    loss: str | keras.losses.Loss
    network: dict = field(default_factory=dict)

    def compile(self, model: Deconv, steps: int, optimizer: str | None = None) -> None:
        """Give a network what it is trained with; `model.prime(pictures)` then is the other thing to do.

        Args:
            model: built with `network`.
            steps: batches in all, for the learning rate's schedule.
            optimizer: another one, by Keras's name, at Keras's own rate.
        """
        chosen = named(optimizer) if optimizer else self.optimizer(steps)
        model.compile(chosen, loss=self.loss, jit_compile="auto")


def named(optimizer: str) -> keras.optimizers.Optimizer:
    """Any optimizer of Keras by its name, in any case.

    Raises:
        FacegenError: there is none of that name.
    """
    known = {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type) and name not in ("Optimizer", "LossScaleOptimizer")
    }
    if optimizer.lower() not in known:
        raise FacegenError(f"--optimizer {optimizer!r}: expected one of {', '.join(sorted(known))}.")
    return known[optimizer.lower()]()


def constant(steps: int) -> keras.optimizers.Optimizer:
    """The Adam of 2016, whose rate never changes."""
    return keras.optimizers.Adam()


def falling(steps: int) -> keras.optimizers.Optimizer:
    """An Adam whose rate rises during the first tenth of the steps, and falls along a cosine to nothing."""
    warm = max(1, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), warmup_target=RATE, warmup_steps=warm
    )
    return keras.optimizers.Adam(rate)


RECIPES = {
    "2016": Recipe(constant, "mean_squared_logarithmic_error"),
    "today": Recipe(falling, Decibels(), {"normalized": False, "canvas": True, "linear": ["emotion"]}),
}
