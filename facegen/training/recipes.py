"""How each network is built and trained: the original's way, and others that have been found since.

A recipe is what can be chosen freely once the data and the size are given. There is one table for each
network, `RECIPES["gan"]`, `RECIPES["deconv"]` and `RECIPES["flow"]`; a new recipe is one more entry. Keras is
loaded when a recipe is used, so that the command line can list them at once. `benchmarks/recipes.py` trains
those of the deconvolution network for the same time and compares what they draw.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from facegen.utils.errors import FacegenError

if TYPE_CHECKING:
    import keras

FLOW_RATE = 1e-3  # for hours; of small networks, in minutes, three times as much learns more
RATE = 3e-3  # three times Adam's usual one: without batch normalisation, and warmed up, it can be had


@dataclass(frozen=True)
class Recipe:
    """How to build and train.

    Attributes:
        help: what it does otherwise, in a line.
        training: number of steps -> arguments of `compile`.
        network: arguments of the network's class that go with it.
        kind: that class, as `facegen.models` names it.

    Example:
        >>> recipe = RECIPES["gan"]["today"]
        >>> model = recipe.build({"attributes": ["Smiling"]}, size=16, width=2)
        >>> recipe.compile(model, steps=100)
        >>> model.settings["loss"]
        'hinge'
    """

    help: str
    training: Callable[[int], dict]
    network: dict = field(default_factory=dict)
    kind: str = "Deconv"

    def build(self, *arguments, **chosen) -> "keras.Model":
        """A network of this recipe: for an argument that is given twice, `chosen` counts."""
        from facegen import models

        return getattr(models, self.kind)(*arguments, **{**self.network, **chosen})

    def compile(self, model: "keras.Model", steps: int, optimizer: str | None = None) -> None:
        """Give a network what it is trained with; `model.adapt(pictures, conditions)` does the rest.

        Args:
            model: built with `network`.
            steps: batches in all, for the learning rate's schedule.
            optimizer: another one, by Keras's name, at Keras's own rate.
        """
        arguments = self.training(steps)
        model.compile(**{**arguments, "optimizer": named(optimizer)} if optimizer else arguments)


def named(optimizer: str) -> "keras.optimizers.Optimizer":
    """Any optimizer of Keras by its name, in any case.

    Raises:
        FacegenError: there is none of that name.

    Example:
        >>> type(named("ADAM")).__name__
        'Adam'
    """
    import keras

    known = {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type) and name not in ("Optimizer", "LossScaleOptimizer")
    }
    if optimizer.lower() not in known:
        raise FacegenError(f"--optimizer {optimizer!r}: expected one of {', '.join(sorted(known))}.")
    return known[optimizer.lower()]()


def _players(steps: int, discriminator_lr_ratio: float) -> dict:
    """Adam at 0.0002, with the discriminator at its own share of that."""
    from facegen.models.gan import TTURAdam

    return {"optimizer": TTURAdam(discriminator_lr_ratio=discriminator_lr_ratio)}


def _constant(steps: int) -> dict:
    """The Adam of 2016, whose rate never changes, and the original's loss."""
    import keras

    return {"optimizer": keras.optimizers.Adam(), "loss": "mean_squared_logarithmic_error"}


def _falling(steps: int, **optimizer) -> dict:
    """An Adam whose rate rises during the first tenth of the steps, and falls along a cosine to nothing."""
    import keras

    from facegen.models.losses import PSNRLoss

    warm = max(1, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), warmup_target=RATE, warmup_steps=warm
    )
    return {"optimizer": keras.optimizers.Adam(rate, **optimizer), "loss": PSNRLoss()}


def _clipped(steps: int, rate: float = FLOW_RATE) -> dict:
    """An Adam whose rate falls as that of `_falling`; gradients of rare times are cut to length 1."""
    import keras

    warm = max(1, min(steps // 10, 100))
    falling = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), warmup_target=rate, warmup_steps=warm
    )
    return {"optimizer": keras.optimizers.Adam(falling, beta_2=0.99, global_clipnorm=1.0)}


STABILIZED = {
    "latent_dim": 64,
    "centred": True,
    "dropout": 0.0,
    "spectral": True,
    "loss": "hinge",
    "label_sampling": "shuffled",
    "ema": 0.999,
}
RECIPES: dict[str, dict[str, Recipe]] = {
    "gan": {
        "original": Recipe("as in the essay", partial(_players, discriminator_lr_ratio=0.5), kind="GAN"),
        "today": Recipe(
            "spectral norm, hinge loss, moving average, centred inputs, 64 numbers of noise, and a "
            "discriminator that reads what was asked for",
            partial(_players, discriminator_lr_ratio=4.0),
            {**STABILIZED, "conditioning": "both", "classifier_weight": 2.0},
            "GAN",
        ),
    },
    "deconv": {
        "original": Recipe("as in the essay", _constant),
        "today": Recipe(
            "no batch norm, learnt background, loss in decibels that sees emotions, falling rate",
            _falling,
            {"normalized": False, "canvas": True, "linear": ["emotion"], "focus": "emotion"},
        ),
        "turning": Recipe(
            "the head is drawn unrolled, and orientation turns it; else as today",
            partial(_falling, global_clipnorm=10.0),
            {
                "normalized": False,
                "linear": ["emotion"],
                "kernels": [96, 64, 40],
                "focus": "emotion",
                "deep": False,
                "smooth": True,
            },
            "UnrolledDeconv",
        ),
    },
    "flow": {
        "straight": Recipe("straight paths, falling rate, moving average", _clipped, kind="Flow"),
        "brief": Recipe(
            "the same for minutes: one convolution in each block, three times the rate",
            partial(_clipped, rate=3 * FLOW_RATE),
            {"deep": False},
            "Flow",
        ),
    },
}
