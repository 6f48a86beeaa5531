"""The attribute DCGAN: a generator that reads attributes and noise, against a discriminator.

After Radford et al., "Unsupervised Representation Learning with Deep Convolutional GANs"
(arXiv 1511.06434), with the generator's input replaced by 40 attributes and noise. Both networks
are one `keras.Model` trained by plain `fit()`: see `GAN.call`.
"""

import keras
import numpy as np
from keras import layers, ops

from facegen.errors import FacegenError
from facegen.layers import SpectralConv2D, SpectralDense, UpConv2D, symmetric
from facegen.model import FaceModel, Names


def start_grid(size: int) -> tuple[int, int]:
    """(side, doublings): halve a picture's side while it is over 10 and even; 64 -> (8, 3)."""
    side, doublings = size, 0
    while side > 10 and side % 2 == 0:
        side, doublings = side // 2, doublings + 1
    if doublings == 0 or side > 10:
        raise FacegenError(
            f"size={size} cannot be grown from a small grid by doubling: expected a side such as "
            "32, 64, 96 or 128 (1 to 10 pixels, doubled one or more times)."
        )
    return side, doublings


def generator(
    names: Names,
    size: int,
    channels: int,
    width: int,
    noise: int,
    centred: bool = False,
    name: str = "generator",
) -> keras.Model:
    """Conditions and noise in, a face out.

    Args:
        names: condition -> its columns; all are concatenated, then the noise.
        size: side of the picture; see `start_grid`.
        channels: 3 for colour, 1 for grey.
        width: unit of the channels (64 in the original): width * 2^doublings on the start grid,
            half as many on each larger one.
        noise: how many noise numbers follow the conditions (1 in the original).
        centred: read conditions as -1 and 1 instead of 0 and 1, and normalise what the first layer
            makes of them, so that two requests differ from the start.
        name: of the model, and the beginning of its layers' names.

    Returns:
        A model from {condition: (b, columns), "noise": (b, noise)} to (b, size, size, channels)
        in -1..1.
    """
    side, doublings = start_grid(size)
    inputs = {condition: keras.Input((len(columns),), name=condition) for condition, columns in names.items()}
    inputs["noise"] = keras.Input((noise,), name="noise")
    conditions = [inputs[key] * 2.0 - 1.0 if centred else inputs[key] for key in names]
    x = layers.Concatenate(name=f"{name}_input")([*conditions, inputs["noise"]])
    x = layers.Dense(width * 2**doublings * side * side, name=f"{name}_dense")(x)
    x = layers.BatchNormalization(momentum=0.8, name=f"{name}_norm")(x) if centred else x
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.Reshape((side, side, width * 2**doublings), name=f"{name}_grid")(x)
    for level in range(doublings, 0, -1):  # 8x8 => 16x16 => 32x32 => 64x64
        x = UpConv2D(width * 2**level, 5, name=f"{name}_up_{level}")(x)
        x = layers.BatchNormalization(momentum=0.8, name=f"{name}_norm_{level}")(x)
        x = layers.ReLU(name=f"{name}_relu_{level}")(x)
    x = layers.Conv2D(channels, 5, padding="same", name=f"{name}_pixels")(x)
    x = layers.Activation("tanh", dtype="float32", name=f"{name}_tanh")(x)
    return keras.Model(inputs, x, name=name)


def discriminator(
    size: int, channels: int, width: int, dropout: float, spectral: bool = False, seed: int = 0
) -> keras.Model:
    """A picture in, one logit out: above zero where the network believes it is a photograph.

    Args:
        size, channels: of the picture (b, size, size, channels), in -1..1.
        width: filters of the first layer (64 in the original): width, 2, 4 and 8 times width.
        dropout: rate after each convolution (0.25 in the original).
        spectral: normalise every kernel by its spectral norm (not in the original).
        seed: of the dropout.
    """
    convolution, dense = (SpectralConv2D, SpectralDense) if spectral else (layers.Conv2D, layers.Dense)
    x = image = keras.Input((size, size, channels), name="image")
    for i, (factor, stride) in enumerate(((1, 2), (2, 2), (4, 2), (8, 1))):  # 64 => 32 => 16 => 8 => 8
        x = convolution(width * factor, 4, strides=stride, padding="same", name=f"discriminator_conv_{i}")(x)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"discriminator_relu_{i}")(x)
        x = layers.Dropout(dropout, seed=seed + i, name=f"discriminator_drop_{i}")(x)
    x = layers.Flatten(name="discriminator_flat")(x)
    x = dense(1, dtype="float32", name="discriminator_logit")(x)
    return keras.Model(image, x, name="discriminator")


def logistic(real, fake, wish):
    """(discriminator's, generator's) loss of Goodfellow et al. 2014, the non-saturating form."""
    return (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))) / 2, ops.mean(ops.softplus(-wish))


def hinge(real, fake, wish):
    """(discriminator's, generator's) hinge loss of Lim & Ye 2017: verdicts beyond -1 and 1 count no more."""
    return (ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake))) / 2, -ops.mean(wish)


LOSSES = {"logistic": logistic, "hinge": hinge}


def check_choice(name: str, value: str, choices) -> None:
    if value not in choices:
        raise FacegenError(f"{name}={value!r}: expected one of {', '.join(choices)}.")


@keras.saving.register_keras_serializable("facegen")
class PlayersAdam(keras.optimizers.Adam):
    """Adam for two players: the discriminator's variables move at their own rate.

    Args:
        learning_rate: of the generator.
        discriminator_rate: as a share of `learning_rate`.
    """

    def __init__(self, learning_rate=2e-4, discriminator_rate=0.5, beta_1=0.5, **kwargs):
        super().__init__(learning_rate=learning_rate, beta_1=beta_1, **kwargs)
        self.discriminator_rate = discriminator_rate

    def build(self, variables):
        super().build(variables)
        self._shares = [
            self.discriminator_rate if v.path.startswith("discriminator") else 1.0 for v in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        share = self._shares[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * share)

    def get_config(self):
        return {**super().get_config(), "discriminator_rate": self.discriminator_rate}


@keras.saving.register_keras_serializable("facegen")
class GAN(FaceModel):
    """Generator and discriminator as one model, trained by `fit()` with one backward pass a step.

    `fit` is given batches of {"image": uint8 (b, size, size, channels), condition: (b, columns)}.

    The defaults are the original's. Its remedies, each an argument: `spectral`, `loss="hinge"`,
    `centred`, `averaging`, no `dropout`, more `noise`.

    Args:
        names: condition -> its columns, usually {"attributes": the 40 names}.
        size, channels, width, noise: of the generator, see `generator`.
        centred: conditions reach the generator as -1 and 1 and noise is normal; otherwise 0 and 1
            and noise uniform in [0, 1).
        discriminator_width, dropout, spectral: see `discriminator`.
        loss: "logistic", or "hinge" (Lim & Ye, arXiv 1705.02894).
        requests: which conditions the generator is asked for while training: "coins" (a fair coin
            for each column, as in the original) or "rows" (the batch's own, in another order).
        averaging: draw with a moving average of the generator's weights that keeps this share of
            itself at each step (0.99, say; Yazici et al., arXiv 1806.04498); 0 for none.
        seed: of noise, requests and dropout.

    Raises:
        FacegenError: a size that doubling cannot reach, an unknown loss or kind of requests.
    """

    black = -1.0

    def __init__(
        self,
        names: Names,
        size: int = 64,
        channels: int = 3,
        width: int = 64,
        noise: int = 1,
        centred: bool = False,
        discriminator_width: int = 64,
        dropout: float = 0.25,
        spectral: bool = False,
        loss: str = "logistic",
        requests: str = "coins",
        averaging: float = 0.0,
        seed: int = 0,
        **kwargs,
    ):
        check_choice("loss", loss, LOSSES)
        check_choice("requests", requests, ("coins", "rows"))
        settings = {
            "names": {name: list(columns) for name, columns in names.items()},
            "size": size,
            "channels": channels,
            "width": width,
            "noise": noise,
            "centred": centred,
            "discriminator_width": discriminator_width,
            "dropout": dropout,
            "spectral": spectral,
            "loss": loss,
            "requests": requests,
            "averaging": averaging,
            "seed": seed,
        }
        super().__init__(settings, **kwargs)
        self.noise, self.centred, self.requests = noise, centred, requests
        self.losses_of, self.averaging = LOSSES[loss], averaging
        shape = (self.names, size, channels, width, noise, centred)
        self.learner = generator(*shape)
        self.discriminator = discriminator(
            size, channels, discriminator_width, dropout, spectral, seed=seed + 100
        )
        self.average = generator(*shape, name="average") if averaging else None
        if averaging:
            self.average.set_weights(self.learner.get_weights())
            self.average.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.means = [keras.metrics.Mean(name=n) for n in ("d_loss", "g_loss", "d_real", "d_fake")]
        self.built = True  # the networks are

    @property
    def generator(self) -> keras.Model:
        """The network that draws: the moving average, if there is one."""
        return self.average or self.learner

    def call(self, batch, training=None):
        """One forward pass for both players: the logits of "real", "fake" and "wish".

        "fake" judges pictures that are cut off from the generator; "wish" judges the same pictures
        through a discriminator whose variables are cut off. So one backward pass of the sum of all
        losses gives the discriminator exactly the gradient of its own loss and the generator
        exactly that of its own: the classic simultaneous update (Goodfellow et al. 2014,
        algorithm 1, with the non-saturating loss).
        """
        if training and self.average:
            self._follow()
        real = symmetric(batch["image"])
        inputs = self.sample_inputs(batch)
        fake = self.learner(inputs, training=training)
        both = ops.concatenate([ops.cast(real, fake.dtype), ops.stop_gradient(fake)])
        d_real, d_fake = ops.split(self.discriminator(both, training=training), 2)
        frozen = [ops.stop_gradient(v) for v in self.discriminator.trainable_variables]
        states = [v.value for v in self.discriminator.non_trainable_variables]
        wish, _ = self.discriminator.stateless_call(frozen, states, fake, training=training)
        return {"real": d_real, "fake": d_fake, "wish": wish}

    def sample_inputs(self, batch) -> dict:
        """What the generator is asked for in a training step: {condition: ..., "noise": ...}."""
        inputs = {name: self._request(batch[name]) for name in self.names}
        shape = (ops.shape(batch["image"])[0], self.noise)
        draw = keras.random.normal if self.centred else keras.random.uniform
        inputs["noise"] = draw(shape, seed=self.random)
        return inputs

    def _request(self, rows):
        if self.requests == "coins":
            return ops.cast(keras.random.uniform(ops.shape(rows), seed=self.random) < 0.5, "float32")
        return ops.roll(rows, 1, axis=0)  # the order of a batch is random: any other order will do

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The losses of both players, summed; their parts go to the metrics."""
        real, fake, wish = (ops.cast(y_pred[k], "float32") for k in ("real", "fake", "wish"))
        d_loss, g_loss = self.losses_of(real, fake, wish)
        scores = ops.mean(ops.sigmoid(real)), ops.mean(ops.sigmoid(fake))
        for metric, value in zip(self.means, (d_loss, g_loss, *scores), strict=True):
            metric.update_state(value)
        return d_loss + g_loss

    def _follow(self):
        """Move the average towards the learner: its weights, and the statistics of its norms."""
        for mean, value in zip(self.average.weights, self.learner.weights, strict=True):
            mean.assign(self.averaging * mean + (1 - self.averaging) * ops.stop_gradient(value))

    def sample_noise(self, count: int, seed: int) -> np.ndarray:
        """Noise for `count` faces, float32 (count, noise), of the kind that the generator learned from."""
        random = np.random.default_rng(seed)
        shape = (count, self.noise)
        return (random.standard_normal if self.centred else random.random)(shape, "float32")

    def score(self, images: np.ndarray) -> np.ndarray:
        """How sure the discriminator is that each picture is real, 0..1, (n,). Takes uint8."""
        logits = self.discriminator.predict_on_batch(images.astype("float32") / 127.5 - 1)
        return 1 / (1 + np.exp(-np.asarray(logits)[:, 0]))
