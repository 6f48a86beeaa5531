"""Flow matching: noise is led to a face along a straight path, by a network that says which way.

Lipman et al., "Flow Matching for Generative Modeling" (arXiv 2210.02747), and Liu et al., "Flow Straight and
Fast" (arXiv 2209.03003): of a picture and of noise, the network sees a mixture, and is to say the difference.
There is no opponent, and no loss but this one. What is asked for is weighed by classifier-free guidance (Ho &
Salimans, arXiv 2207.12598).
"""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import ops

from facegen.conditions.base import Names, Ranges
from facegen.models.base import FaceModel, check_choice
from facegen.models.dcgan import plus_minus
from facegen.models.layers import condition_inputs, follow, symmetric
from facegen.models.samplers import EVALUATIONS, METHODS, guided, inverted, solved
from facegen.models.unet import unet
from facegen.utils.errors import FacegenError


def told(conditions: Mapping, names: Names, ranges: Ranges | None = None):
    """What the network hears of conditions: all of them as -1 to 1, and a 0: nothing is kept from it.

    Returns:
        (b, columns + 1).

    Example:
        >>> np.asarray(told({"attributes": np.array([[0, 1]])}, {"attributes": ["Bald", "Male"]})).tolist()
        [[-1.0, 1.0, 0.0]]
    """
    return ops.pad(plus_minus(conditions, names, ranges), ((0, 0), (0, 1)))


def untold(known):
    """The same where nothing is told: noughts, and a 1.

    Example:
        >>> np.asarray(untold(np.array([[-1.0, 1.0, 0.0]]))).tolist()
        [[0.0, 0.0, 1.0]]
    """
    width = known.shape[-1]
    return known * 0.0 + np.eye(width, dtype="float32")[width - 1]


def velocity_field(network: keras.Model, known, guidance: float = 1.0):
    """The field of a network under guidance, for `samplers`: (pictures, time) -> velocities.

    Args:
        network: of `unet`.
        known: (b, columns + 1), see `told`; an array, or symbolic.
        guidance: 1 for what is asked for, no more; then the network is evaluated once, otherwise twice.

    Example:
        >>> model = Flow({"attributes": ["Male", "Smiling"]}, size=16, widths=(8, 16), steps=1)
        >>> field = velocity_field(model.network, np.zeros((2, 3), "float32"), guidance=1.5)
        >>> tuple(field(np.zeros((2, 16, 16, 3), "float32"), 0.5).shape)
        (2, 16, 16, 3)
    """

    def one(picture, time):
        return network({"picture": picture, "time": known[:, :1] * 0.0 + time, "known": known})

    def two(picture, time):
        both = ops.concatenate([known, untold(known)])
        times = both[:, :1] * 0.0 + time
        pair = network({"picture": ops.concatenate([picture, picture]), "time": times, "known": both})
        return guided(*ops.split(pair, 2), guidance)

    return one if guidance == 1 else two


@keras.saving.register_keras_serializable("facegen")
class Flow(FaceModel):
    """The velocity network, its loss, and the sampler that draws with it; trained by `fit()`.

    `fit` is given batches of {"image": uint8 (b, size, size, channels), condition: (b, columns)}. Its noise
    is a whole picture, size * size * channels normal numbers: where the way to a face begins.

    Args:
        names: condition -> its columns.
        size, channels, widths, patch, spread, deep: of the network, see `unet`.
        drop: share of the pictures whose conditions the network is not told, for guidance.
        steps, method, guidance: of the sampler that draws, see `samplers`; no weight depends on them.
        ema: draw with a moving average of the weights, see `layers.follow`; 0 for none.
        seed: of times, noise and what is dropped.
        ranges: least and largest of each column of "numbers", a face set's `ranges`.

    Raises:
        FacegenError: a size that does not fit the widths, an unknown method, no steps, a share beyond 0 to 1.

    Example:
        >>> model = Flow({"attributes": ["Male", "Smiling"]}, size=16, widths=(8, 16), steps=2)
        >>> model.generate("Smiling", count=3, seed=7).shape
        (3, 16, 16, 3)
        >>> model.evaluations, model.sample_noise(count=3, seed=7).shape
        (4, (3, 768))
    """

    output_min = -1.0
    centred = True  # its noise is normal
    later = ("deep",)

    def __init__(
        self,
        names: Names,
        size: int = 64,
        channels: int = 3,
        widths: Sequence[int] = (96, 160),
        patch: int = 4,
        spread: float = 0.5,
        drop: float = 0.1,
        steps: int = 4,
        method: str = "euler",
        guidance: float = 2.0,
        ema: float = 0.999,
        seed: int = 0,
        ranges: Ranges | None = None,
        deep: bool = True,
        **kwargs,
    ):
        check_choice("method", method, METHODS)
        if steps < 1 or not 0 <= drop < 1:
            raise FacegenError(f"Expected steps from 1 on and drop from 0 to below 1: found {steps}, {drop}.")
        super().__init__(locals(), **{"name": "flow", **kwargs})  # weights are saved under their names
        self.drop, self.ema = drop, ema
        columns = sum(map(len, self.names.values())) + 1
        shape = (size, channels, columns, widths, patch, spread, deep)
        self.raw_network = unet(*shape, "velocity")
        self.ema_network = unet(*shape, "average") if ema else None
        if ema:
            self.ema_network.set_weights(self.raw_network.get_weights())
            self.ema_network.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.done = self.add_weight(shape=(), initializer="zeros", trainable=False, name="steps")
        self.generator = self._sampler(steps, method, guidance)
        self.built = True  # the networks are

    @property
    def network(self) -> keras.Model:
        """The network that draws: the moving average, if there is one."""
        return self.ema_network or self.raw_network

    @property
    def evaluations(self) -> int:
        """How often the network is evaluated for a picture."""
        s = self.settings
        return s["steps"] * EVALUATIONS[s["method"]] * (1 if s["guidance"] == 1 else 2)

    def learning(self) -> list[tuple[keras.Model, int]]:
        return [(self.raw_network, 1)]

    def drawing(self) -> list[tuple[keras.Model, int]]:
        return [(self.network, 1 if self.settings["guidance"] == 1 else 2)]

    def _sampler(self, steps: int, method: str, guidance: float) -> keras.Model:
        """Conditions and noise in, a picture out: all steps as one graph."""
        inputs = condition_inputs(self.names)
        shape = self.network.output_shape[1:]
        inputs["noise"] = keras.Input((int(np.prod(shape)),), name="noise")
        known = told({name: inputs[name] for name in self.names}, self.names, self.ranges)
        field = velocity_field(self.network, known, guidance)
        x = solved(field, keras.layers.Reshape(shape, name="start")(inputs["noise"]), steps, method)
        return keras.Model(inputs, ops.clip(x, -1.0, 1.0), name="generator")

    def call(self, batch, training=None):
        """What the network says of half-noisy pictures, and what would have been right.

        Returns:
            {"velocity", "wanted"}, float32 (b, size, size, channels).
        """
        if training:
            self.done.assign_add(1.0)
            if self.ema_network:
                follow(self.ema_network, self.raw_network, self.ema, self.done)
        picture = symmetric(batch["image"])
        noise = keras.random.normal(ops.shape(picture), seed=self.random)
        count = (ops.shape(picture)[0], 1)
        time = ops.sigmoid(keras.random.normal(count, seed=self.random))  # mostly half-way: what is hard
        known = told({name: batch[name] for name in self.names}, self.names, self.ranges)
        dropped = keras.random.uniform(count, seed=self.random) < self.drop
        known = ops.where(dropped, untold(known), known)
        t = time[:, None, None]
        mixed = {"picture": (1 - t) * noise + t * picture, "time": time, "known": known}
        return {"velocity": self.raw_network(mixed, training=training), "wanted": picture - noise}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The mean squared error of the velocity."""
        return ops.mean(ops.square(y_pred["velocity"] - y_pred["wanted"]))

    def sample_noise(self, count: int, seed: int) -> np.ndarray:
        """Noise for `count` faces, float32 (count, size * size * channels)."""
        width = int(np.prod(self.image_shape))
        return np.random.default_rng(seed).standard_normal((count, width), "float32")

    def encode(self, images: np.ndarray, conditions: Mapping[str, np.ndarray], steps: int = 64) -> np.ndarray:
        """The noise that these pictures would be drawn from: the flow run backwards, without guidance.

        `decode` draws them again from it; with another condition, the same person is another way.

        Args:
            images: uint8 (n, size, size, channels).
            conditions: what they show, condition -> (n, columns).
            steps: of midpoint; each takes four evaluations, see `samplers.inverted`.

        Returns:
            float32 (n, size * size * channels).

        Raises:
            FacegenError: pictures of another shape.
        """
        if images.shape[1:] != self.image_shape:
            raise FacegenError(f"encode: expected pictures of {self.image_shape}, found {images.shape[1:]}.")
        noise = inverted(self.field(conditions), images / 127.5 - 1, steps)
        return noise.reshape(len(images), -1).astype("float32")

    def decode(self, noise: np.ndarray, conditions: Mapping[str, np.ndarray], steps: int = 64) -> np.ndarray:
        """What `encode` leads back from: pictures drawn in many small steps, without guidance.

        Args:
            noise: float (n, size * size * channels).
            conditions: what they are to show, condition -> (n, columns).
            steps: of midpoint, as many as `encode` has taken.

        Returns:
            uint8 (n, size, size, channels).

        Example:
            >>> model = Flow({"attributes": ["Male", "Smiling"]}, size=16, widths=(8, 16), steps=1)
            >>> smiling, pictures = {"attributes": np.array([[0, 1]])}, model.generate("Smiling", seed=7)
            >>> again = model.decode(model.encode(pictures, smiling, steps=8), smiling, steps=8)
            >>> int(np.abs(again.astype(int) - pictures).max()) <= 1
            True
        """
        start = noise.reshape(-1, *self.image_shape)
        drawn = solved(self.field(conditions), start, steps)
        return np.uint8(np.round(np.clip(drawn + 1, 0, 2) * 127.5))

    def misfit(
        self, image: np.ndarray, conditions: Mapping[str, np.ndarray], draws: int = 8, seed: int = 0
    ) -> np.ndarray:
        """How badly each of n rows of conditions goes with a picture: the loss of the training.

        Li et al., "Your Diffusion Model is Secretly a Zero-Shot Classifier" (arXiv 2303.16203).

        Args:
            image: uint8 (size, size, channels).
            conditions: name -> (n, columns).
            draws: of noise, each at its own time.
            seed: of the noise.

        Returns:
            float (n,).

        Example:
            >>> model = Flow({"attributes": ["Male", "Smiling"]}, size=16, widths=(8, 16), steps=1)
            >>> model.misfit(np.zeros((16, 16, 3), "uint8"), {"attributes": np.eye(2)}).shape
            (2,)
        """
        face, random = image / 127.5 - 1, np.random.default_rng(seed)
        field, count = self.field(conditions), len(next(iter(conditions.values())))
        errors = []
        for time in (np.arange(draws) + 0.5) / draws:
            noise = random.standard_normal(face.shape)
            mixed = np.repeat([(1 - time) * noise + time * face], count, axis=0).astype("float32")
            errors.append(np.square(field(mixed, time) - (face - noise)).mean(axis=(1, 2, 3)))
        return np.mean(errors, axis=0)

    def field(self, conditions: Mapping[str, np.ndarray], guidance: float = 1.0):
        """The velocity of pictures under these conditions, as NumPy has it, for `samplers`.

        Args:
            conditions: condition -> (n, columns).
            guidance: see `velocity_field`.

        Returns:
            (pictures, float (n, size, size, channels) in -1..1, time) -> velocities of the same shape.
        """
        rows = {name: np.asarray(conditions[name], "float32") for name in self.names}
        known = np.asarray(told(rows, self.names, self.ranges))
        field = velocity_field(self.network.predict_on_batch, known, guidance)
        return lambda picture, time: np.asarray(field(picture, time))

    def begin_with(self, other: "Flow") -> None:
        """Take over the weights and steps of a finished flow of the same sizes, to train on from there."""
        for network in filter(None, (self.raw_network, self.ema_network)):
            network.set_weights(other.network.get_weights())
        self.done.assign(other.done)

    def exported(self, **sampling) -> "Flow":
        """A copy that draws the same and is smaller: the average is its network, and no more averaged.

        Args:
            **sampling: other `steps`, `method` or `guidance` to draw with.
        """
        copy = Flow(**{**self.settings, "ema": 0.0, **sampling})
        copy.begin_with(self)
        copy.title, copy.card, copy.examples = self.title, self.card, self.examples
        return copy
