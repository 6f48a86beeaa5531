"""The game of generator and discriminator (dcgan.py) as one `keras.Model`, trained by plain `fit()`."""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from facegen.conditions.attributes import NAMES
from facegen.conditions.base import ATTRIBUTES, Names, Ranges
from facegen.models import switches
from facegen.models.base import FaceModel, check_choice
from facegen.models.dcgan import discriminator, generator, plus_minus
from facegen.models.layers import follow, symmetric
from facegen.utils.errors import FacegenError


def logistic(real, fake, fake_for_generator):
    """Losses of Goodfellow et al. 2014, the non-saturating form: of real, fake, and the generator's.

    Example:
        >>> [round(float(loss), 2) for loss in logistic(real=2.0, fake=-2.0, fake_for_generator=-2.0)]
        [0.13, 0.13, 2.13]
    """
    return (
        ops.mean(ops.softplus(-real)),
        ops.mean(ops.softplus(fake)),
        ops.mean(ops.softplus(-fake_for_generator)),
    )


def hinge(real, fake, fake_for_generator):
    """Losses of Lim & Ye 2017: verdicts beyond -1 and 1 count no more.

    Example:
        >>> [round(float(loss), 2) for loss in hinge(real=2.0, fake=-0.5, fake_for_generator=-0.5)]
        [0.0, 0.5, 0.5]
    """
    return ops.mean(ops.relu(1 - real)), ops.mean(ops.relu(1 + fake)), -ops.mean(fake_for_generator)


LOSSES = {"logistic": logistic, "hinge": hinge}
WARM_UP = 500.0  # steps until the classifier's advice to the generator has its full weight
CONDITIONINGS = ("none", "projection", "classifier", "both")


@keras.saving.register_keras_serializable("facegen")
class TTURAdam(keras.optimizers.Adam):
    """Adam for two players: the discriminator's variables move at their own rate.

    Args:
        learning_rate: of the generator.
        discriminator_lr_ratio: as a share of `learning_rate`.

    Example:
        >>> optimizer = TTURAdam(learning_rate=0.1, discriminator_lr_ratio=0.5)
        >>> players = [keras.Variable([0.0], name=name) for name in ("generator", "discriminator")]
        >>> optimizer.apply([ops.ones(1), ops.ones(1)], players)
        >>> [round(float(player[0]), 3) for player in players]
        [-0.1, -0.05]
    """

    def __init__(self, learning_rate=2e-4, discriminator_lr_ratio=0.5, beta_1=0.5, **kwargs):
        super().__init__(learning_rate=learning_rate, beta_1=beta_1, **kwargs)
        self.discriminator_lr_ratio = discriminator_lr_ratio

    def build(self, variables):
        super().build(variables)
        self._shares = [
            self.discriminator_lr_ratio if v.path.startswith("discriminator") else 1.0 for v in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        share = self._shares[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * share)

    def get_config(self):
        return {**super().get_config(), "discriminator_lr_ratio": self.discriminator_lr_ratio}


def _label_sampling(names: Names, wanted: str) -> str:
    """ "bernoulli" or "shuffled", checked against the conditions that there are."""
    check_choice("label_sampling", wanted, ("auto", "bernoulli", "shuffled"))
    celeba = {ATTRIBUTES: {*NAMES}}
    other = [name for name, columns in names.items() if not {*columns} <= celeba.get(name, set())]
    if wanted == "bernoulli" and other:
        raise FacegenError(
            f"label_sampling='bernoulli': a coin for each column of {other[0]!r} would ask for people that "
            "cannot be; expected 'shuffled', or attributes of CelebA alone."
        )
    return wanted if wanted != "auto" else "shuffled" if other else "bernoulli"


@keras.saving.register_keras_serializable("facegen")
class GAN(FaceModel):
    """Generator and discriminator as one model, trained by `fit()` with one backward pass a step.

    `fit` is given batches of {"image": uint8 (b, size, size, channels), condition: (b, columns)}.

    The defaults are the original's. What stabilizes it, each an argument: `spectral`, `loss="hinge"`,
    `centred`, `ema`, no `dropout`, a larger `latent_dim`; together they are in the recipe "today"
    (recipes.py).

    Args:
        names: condition -> its columns, usually {"attributes": the 40 names}.
        size, channels, width, latent_dim: of the generator, see `generator`.
        centred: conditions reach the generator as -1 and 1 and noise is normal; otherwise 0 and 1
            and noise uniform in [0, 1).
        discriminator_width, dropout, spectral: see `discriminator`.
        loss: "logistic", or "hinge" (Lim & Ye, arXiv 1705.02894).
        conditioning: how the discriminator learns of the conditions. "none": not at all, as in the
            original. "projection": it gives an answer for each column, and these count for or
            against a picture as that column was asked for or not (Miyato & Koyama, arXiv
            1802.05637); real pictures with another picture's row count as fake. "classifier": a head
            learns to read the columns from real pictures, and the generator is to be read as it was
            asked (Odena et al., arXiv 1610.09585). "both": projection and classifier.
        classifier_weight: of the classifier in the losses of both; the generator's share grows over 500
            steps. Much more of it makes the toggles obey sooner and the pictures noisier.
        label_sampling: which conditions the generator is asked for while training: "bernoulli" (a fair
            coin for each column, as in the original), "shuffled" (the batch's own rows, in another
            order), or "auto": coins for CelebA's attributes, and rows for all else, of which coins
            would make people with two identities and no emotion.
        ema: draw with a moving average of the generator's weights that keeps this share of
            itself at each step (0.999, say; Yazici et al., arXiv 1806.04498), and less at the
            beginning, when there is nothing to keep; 0 for none.
        pairs: half of the requests are the other half again, noise and all, with one attribute switched. In
            the generator's loss, what the classifier makes of that has this weight: its reading of the
            switched attribute is to change, and no other (switches.py). 0 for none; without a classifier
            head, or without "attributes" to switch, there are none.
        seed: of noise, label sampling, switches and dropout.
        ranges: least and largest of each column of "numbers", a face set's `ranges`.

    Raises:
        FacegenError: a size that doubling cannot reach, an unknown loss, conditioning or label sampling,
            or coins where they make no sense.

    Example:
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, latent_dim=5)
        >>> model.generate("Smiling", count=3, seed=7).shape
        (3, 16, 16, 3)
        >>> model.label_sampling, model.sample_noise(count=3, seed=7).shape
        ('bernoulli', (3, 5))
    """

    output_min = -1.0

    def __init__(
        self,
        names: Names,
        size: int = 64,
        channels: int = 3,
        width: int = 64,
        latent_dim: int = 1,
        centred: bool = False,
        discriminator_width: int = 64,
        dropout: float = 0.25,
        spectral: bool = False,
        loss: str = "logistic",
        conditioning: str = "none",
        classifier_weight: float = 1.0,
        label_sampling: str = "auto",
        ema: float = 0.0,
        pairs: float = 0.0,
        seed: int = 0,
        ranges: Ranges | None = None,
        **kwargs,
    ):
        check_choice("loss", loss, LOSSES)
        check_choice("conditioning", conditioning, CONDITIONINGS)
        label_sampling = _label_sampling(names, label_sampling)
        super().__init__(locals(), **{"name": "gan", **kwargs})  # weights are saved under their names
        self.latent_dim, self.centred, self.label_sampling = latent_dim, centred, label_sampling
        self.losses_of, self.ema = LOSSES[loss], ema
        shape = (self.names, size, channels, width, latent_dim, centred)
        self.raw_generator = generator(*shape, ranges=self.ranges)
        self.discriminator = discriminator(
            self.names, size, channels, discriminator_width, dropout, spectral, conditioning, seed + 100,
        )  # fmt: skip
        self.ema_generator = generator(*shape, "average", self.ranges) if ema else None
        if ema:
            self.ema_generator.set_weights(self.raw_generator.get_weights())
            self.ema_generator.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.reads = "class_logits" in self.discriminator.output
        self.pairs = pairs if self.reads and ATTRIBUTES in self.names else 0.0
        self.classifier_weight = classifier_weight
        self.steps = self.add_weight(shape=(), initializer="zeros", trainable=False, name="steps")
        watched = (
            "d_loss",
            "g_loss",
            "d_real",
            "d_fake",
            *(("read_real", "read_fake") if self.reads else ()),
            *(("read_change",) if self.pairs else ()),
        )
        self.means = {name: keras.metrics.Mean(name=name) for name in watched}
        self.built = True  # the networks are

    @property
    def generator(self) -> keras.Model:
        """The network that draws: the moving average, if there is one."""
        return self.ema_generator or self.raw_generator

    def learning(self) -> list[tuple[keras.Model, int]]:
        # the discriminator sees the real picture, the drawn one, and that once more
        return [(self.raw_generator, 1), (self.discriminator, 3)]

    def call(self, batch, training=None):
        """One forward pass for both players: their verdicts on "real", "fake" and "fake_for_generator".

        "fake" judges pictures that are cut off from the generator; "fake_for_generator" judges the same ones
        through a discriminator whose variables are cut off. So one backward pass of the sum of all
        losses gives the discriminator exactly the gradient of its own loss and the generator
        exactly that of its own: the classic simultaneous update (Goodfellow et al. 2014,
        algorithm 1, with the non-saturating loss).
        """
        if training:
            self.steps.assign_add(1.0)
            if self.ema_generator:
                follow(self.ema_generator, self.raw_generator, self.ema, self.steps)
        real, inputs = symmetric(batch["image"]), self.sample_inputs(batch)
        fake = self.raw_generator(inputs, training=training)
        images = ops.concatenate([ops.cast(real, fake.dtype), ops.stop_gradient(fake)])
        given = {name: ops.cast(batch[name], "float32") for name in self.names}
        asked = {name: inputs[name] for name in self.names}
        rows = {name: ops.concatenate([given[name], asked[name]]) for name in self.names}
        seen = self.discriminator({"image": images}, training=training)
        d_real, d_fake = ops.split(self._verdict(seen, rows), 2)
        frozen = [ops.stop_gradient(v) for v in self.discriminator.trainable_variables]
        states = [v.value for v in self.discriminator.non_trainable_variables]
        hoped, _ = self.discriminator.stateless_call(frozen, states, {"image": fake}, training=training)
        verdicts = {"real": d_real, "fake": d_fake, "fake_for_generator": self._verdict(hoped, asked)}
        if "projection" in seen:  # real pictures with the row of another one: mismatched
            others = {
                name: ops.concatenate([ops.roll(v, 2, axis=0), asked[name]]) for name, v in given.items()
            }
            verdicts["mismatched"] = ops.split(self._verdict(seen, others), 2)[0]
        if self.reads:
            read_real = ops.split(seen["class_logits"], 2)[0]
            verdicts |= {"read_real": self._misread(read_real, given)}
            verdicts |= {"read_fake": self._misread(hoped["class_logits"], asked)}
            if self.pairs:
                signs = plus_minus(asked, self.names, self.ranges)
                verdicts["read_change"] = switches.misread_change(hoped["class_logits"], signs)
        return verdicts

    def _verdict(self, seen, conditions):
        """The logit (b, 1), and the answers for what was asked for, against what was not."""
        if "projection" not in seen:
            return seen["logit"]
        projection = seen["projection"] * plus_minus(conditions, self.names, self.ranges)  # (b, columns)
        return seen["logit"] + ops.sum(projection, axis=1, keepdims=True) / projection.shape[1] ** 0.5

    def _misread(self, class_logits, conditions):
        """Cross-entropy between what a head reads and what the conditions say, (b, columns)."""
        share = (plus_minus(conditions, self.names, self.ranges) + 1) / 2  # how far it is on, 0 to 1
        return share * ops.softplus(-class_logits) + (1 - share) * ops.softplus(class_logits)

    def sample_inputs(self, batch) -> dict:
        """What the generator is asked for in a training step: {condition: ..., "noise": ...}."""
        inputs = {name: self._request(batch[name]) for name in self.names}
        shape = (ops.shape(batch["image"])[0], self.latent_dim)
        draw = keras.random.normal if self.centred else keras.random.uniform
        inputs["noise"] = draw(shape, seed=self.random)
        return switches.paired(inputs, self.names[ATTRIBUTES], self.random) if self.pairs else inputs

    def _request(self, rows):
        if self.label_sampling == "bernoulli":
            return ops.cast(keras.random.uniform(ops.shape(rows), seed=self.random) < 0.5, "float32")
        return ops.roll(rows, 1, axis=0)  # a batch comes in random order: so do the requests

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The losses of both players, summed; their parts go to the metrics."""
        verdicts = {name: ops.cast(value, "float32") for name, value in y_pred.items()}
        real, fake, g_loss = self.losses_of(
            verdicts["real"], verdicts["fake"], verdicts["fake_for_generator"]
        )
        if "mismatched" in verdicts:
            fake = (
                fake
                + self.losses_of(verdicts["real"], verdicts["mismatched"], verdicts["fake_for_generator"])[1]
            ) / 2
        d_loss = (real + fake) / 2
        parts = {
            "d_loss": d_loss,
            "g_loss": g_loss,
            "d_real": ops.mean(ops.sigmoid(verdicts["real"])),
            "d_fake": ops.mean(ops.sigmoid(verdicts["fake"])),
        }
        total = d_loss + g_loss
        if self.reads:
            parts |= {name: ops.mean(value) for name, value in verdicts.items() if name.startswith("read_")}
            grown = ops.minimum(ops.convert_to_tensor(self.steps) / WARM_UP, 1.0)
            total += self.classifier_weight * (parts["read_real"] + grown * parts["read_fake"])
            total += self.pairs * grown * parts.get("read_change", 0.0)
        for name, metric in self.means.items():
            metric.update_state(parts[name])
        return total

    def begin_with(self, other: "GAN") -> None:
        """Take over the weights and steps of a finished GAN of the same sizes, to train on from there."""
        for network in filter(None, (self.raw_generator, self.ema_generator)):
            network.set_weights(other.generator.get_weights())
        self.discriminator.set_weights(other.discriminator.get_weights())
        self.steps.assign(other.steps)

    def exported(self) -> "GAN":
        """A copy that draws the same and is smaller: the average is its learner, and no more averaged."""
        copy = GAN(**{**self.settings, "ema": 0.0})
        copy.begin_with(self)
        copy.title, copy.card, copy.examples = self.title, self.card, self.examples
        return copy

    def sample_noise(self, count: int, seed: int) -> np.ndarray:
        """Noise for `count` faces, float32 (count, latent_dim), of the kind that it learned from."""
        random = np.random.default_rng(seed)
        shape = (count, self.latent_dim)
        return (random.standard_normal if self.centred else random.random)(shape, "float32")

    def score(self, images: np.ndarray, conditions: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """How sure the discriminator is that each picture is real, 0..1, (n,).

        Args:
            images: uint8 (n, height, width, channels).
            conditions: condition -> (n, columns), for a discriminator that reads them.
        """
        seen = self.discriminator.predict_on_batch({"image": images.astype("float32") / 127.5 - 1})
        logits = np.asarray(self._verdict(seen, conditions) if conditions else seen["logit"])
        return 1 / (1 + np.exp(-logits[:, 0]))
