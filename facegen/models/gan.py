"""The game of generator and discriminator (dcgan.py) as one `keras.Model`, trained by plain `fit()`."""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from facegen.conditions.attributes import NAMES
from facegen.conditions.base import ATTRIBUTES, Names, Ranges
from facegen.models.base import FaceModel
from facegen.models.dcgan import discriminator, generator, plus_minus
from facegen.models.layers import symmetric
from facegen.utils.errors import FacegenError


def logistic(real, fake, wish):
    """Losses of Goodfellow et al. 2014, the non-saturating form: of real, fake, and the generator's wish."""
    return ops.mean(ops.softplus(-real)), ops.mean(ops.softplus(fake)), ops.mean(ops.softplus(-wish))


def hinge(real, fake, wish):
    """Losses of Lim & Ye 2017: verdicts beyond -1 and 1 count no more."""
    return ops.mean(ops.relu(1 - real)), ops.mean(ops.relu(1 + fake)), -ops.mean(wish)


LOSSES = {"logistic": logistic, "hinge": hinge}
WARM_UP = 500.0  # steps until the classifier's advice to the generator has its full weight
CONDITIONINGS = ("none", "projection", "classifier", "both")


def check_choice(name: str, value: str, choices) -> None:
    if value not in choices:
        raise FacegenError(f"{name}={value!r}: expected one of {', '.join(choices)}.")


@keras.saving.register_keras_serializable("facegen")
class TTURAdam(keras.optimizers.Adam):
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


def _requests(names: Names, wanted: str) -> str:
    """ "coins" or "rows", checked against the conditions that there are."""
    check_choice("requests", wanted, ("auto", "coins", "rows"))
    celeba = {ATTRIBUTES: {*NAMES}}
    other = [name for name, columns in names.items() if not {*columns} <= celeba.get(name, set())]
    if wanted == "coins" and other:
        raise FacegenError(
            f"requests='coins': a coin for each column of {other[0]!r} would ask for people that cannot be; "
            "expected 'rows', or attributes of CelebA alone."
        )
    return wanted if wanted != "auto" else "rows" if other else "coins"


@keras.saving.register_keras_serializable("facegen")
class GAN(FaceModel):
    """Generator and discriminator as one model, trained by `fit()` with one backward pass a step.

    `fit` is given batches of {"image": uint8 (b, size, size, channels), condition: (b, columns)}.

    The defaults are the original's. What stabilizes it, each an argument: `spectral`, `loss="hinge"`,
    `centred`, `averaging`, no `dropout`, more `noise`; together they are the recipe "stabilized"
    (recipes.py).

    Args:
        names: condition -> its columns, usually {"attributes": the 40 names}.
        size, channels, width, noise: of the generator, see `generator`.
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
        reading: weight of the classifier in the losses of both; the generator's share grows over 500
            steps. Much more of it makes the toggles obey sooner and the pictures noisier.
        requests: which conditions the generator is asked for while training: "coins" (a fair coin
            for each column, as in the original), "rows" (the batch's own, in another order), or
            "auto": coins for CelebA's attributes, and rows for all else, of which coins would make
            people with two identities and no emotion.
        averaging: draw with a moving average of the generator's weights that keeps this share of
            itself at each step (0.999, say; Yazici et al., arXiv 1806.04498), and less at the
            beginning, when there is nothing to keep; 0 for none.
        seed: of noise, requests and dropout.
        ranges: least and largest of each column of "numbers", a face set's `ranges`.

    Raises:
        FacegenError: a size that doubling cannot reach, an unknown loss, conditioning or kind of requests,
            or coins where they make no sense.
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
        conditioning: str = "none",
        reading: float = 1.0,
        requests: str = "auto",
        averaging: float = 0.0,
        seed: int = 0,
        ranges: Ranges | None = None,
        **kwargs,
    ):
        check_choice("loss", loss, LOSSES)
        check_choice("conditioning", conditioning, CONDITIONINGS)
        requests = _requests(names, requests)
        super().__init__(locals(), **{"name": "gan", **kwargs})  # weights are saved under their names
        self.noise, self.centred, self.requests = noise, centred, requests
        self.losses_of, self.averaging = LOSSES[loss], averaging
        shape = (self.names, size, channels, width, noise, centred)
        self.learner = generator(*shape, ranges=self.ranges)
        self.discriminator = discriminator(
            self.names, size, channels, discriminator_width, dropout, spectral, conditioning, seed + 100,
        )  # fmt: skip
        self.average = generator(*shape, "average", self.ranges) if averaging else None
        if averaging:
            self.average.set_weights(self.learner.get_weights())
            self.average.trainable = False
        self.random = keras.random.SeedGenerator(seed)
        self.reads = "reading" in self.discriminator.output
        self.reading = reading
        self.steps = self.add_weight(shape=(), initializer="zeros", trainable=False, name="steps")
        watched = (
            "d_loss",
            "g_loss",
            "d_real",
            "d_fake",
            *(("read_real", "read_fake") if self.reads else ()),
        )
        self.means = {name: keras.metrics.Mean(name=name) for name in watched}
        self.built = True  # the networks are

    @property
    def generator(self) -> keras.Model:
        """The network that draws: the moving average, if there is one."""
        return self.average or self.learner

    def call(self, batch, training=None):
        """One forward pass for both players: their verdicts on "real", "fake" and "wish".

        "fake" judges pictures that are cut off from the generator; "wish" judges the same pictures
        through a discriminator whose variables are cut off. So one backward pass of the sum of all
        losses gives the discriminator exactly the gradient of its own loss and the generator
        exactly that of its own: the classic simultaneous update (Goodfellow et al. 2014,
        algorithm 1, with the non-saturating loss).
        """
        if training:
            self._follow()
        real, inputs = symmetric(batch["image"]), self.sample_inputs(batch)
        fake = self.learner(inputs, training=training)
        images = ops.concatenate([ops.cast(real, fake.dtype), ops.stop_gradient(fake)])
        given = {name: ops.cast(batch[name], "float32") for name in self.names}
        asked = {name: inputs[name] for name in self.names}
        rows = {name: ops.concatenate([given[name], asked[name]]) for name in self.names}
        seen = self.discriminator({"image": images}, training=training)
        d_real, d_fake = ops.split(self._verdict(seen, rows), 2)
        frozen = [ops.stop_gradient(v) for v in self.discriminator.trainable_variables]
        states = [v.value for v in self.discriminator.non_trainable_variables]
        hoped, _ = self.discriminator.stateless_call(frozen, states, {"image": fake}, training=training)
        verdicts = {"real": d_real, "fake": d_fake, "wish": self._verdict(hoped, asked)}
        if "answers" in seen:  # real pictures with the row of another one: mismatched
            others = {
                name: ops.concatenate([ops.roll(v, 2, axis=0), asked[name]]) for name, v in given.items()
            }
            verdicts["odd"] = ops.split(self._verdict(seen, others), 2)[0]
        if self.reads:
            read_real = ops.split(seen["reading"], 2)[0]
            verdicts |= {"read_real": self._misread(read_real, given)}
            verdicts |= {"read_fake": self._misread(hoped["reading"], asked)}
        return verdicts

    def _verdict(self, seen, conditions):
        """The logit (b, 1), and the answers for what was asked for, against what was not."""
        if "answers" not in seen:
            return seen["logit"]
        answers = seen["answers"] * plus_minus(conditions, self.names, self.ranges)  # (b, columns)
        return seen["logit"] + ops.sum(answers, axis=1, keepdims=True) / answers.shape[1] ** 0.5

    def _misread(self, reading, conditions):
        """Cross-entropy between what a head reads and what the conditions say, (b, columns)."""
        share = (plus_minus(conditions, self.names, self.ranges) + 1) / 2  # how far it is on, 0 to 1
        return share * ops.softplus(-reading) + (1 - share) * ops.softplus(reading)

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
        return ops.roll(rows, 1, axis=0)  # a batch comes in random order: so do the requests

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The losses of both players, summed; their parts go to the metrics."""
        verdicts = {name: ops.cast(value, "float32") for name, value in y_pred.items()}
        real, fake, g_loss = self.losses_of(verdicts["real"], verdicts["fake"], verdicts["wish"])
        if "odd" in verdicts:
            fake = (fake + self.losses_of(verdicts["real"], verdicts["odd"], verdicts["wish"])[1]) / 2
        d_loss = (real + fake) / 2
        parts = {
            "d_loss": d_loss,
            "g_loss": g_loss,
            "d_real": ops.mean(ops.sigmoid(verdicts["real"])),
            "d_fake": ops.mean(ops.sigmoid(verdicts["fake"])),
        }
        total = d_loss + g_loss
        if self.reads:
            parts |= {name: ops.mean(verdicts[name]) for name in ("read_real", "read_fake")}
            grown = ops.minimum(ops.convert_to_tensor(self.steps) / WARM_UP, 1.0)
            total += self.reading * (parts["read_real"] + grown * parts["read_fake"])
        for name, metric in self.means.items():
            metric.update_state(parts[name])
        return total

    def _follow(self):
        """Count the step, and move the average towards the learner's weights and norms.

        Keras's own, `use_ema` of an optimizer with `SwapEMAWeights`, knows nothing of the norms (batch
        statistics), and would average the discriminator, too.
        """
        self.steps.assign_add(1.0)
        if self.average:
            steps = ops.convert_to_tensor(self.steps)
            kept = ops.minimum(self.averaging, steps / (steps + 9))
            for mean, value in zip(self.average.weights, self.learner.weights, strict=True):
                mean.assign(kept * mean + (1 - kept) * ops.stop_gradient(value))

    def finished(self) -> "GAN":
        """A copy that draws the same and is smaller: the average is its learner, and no more averaged."""
        copy = GAN(**{**self.settings, "averaging": 0.0})
        copy.learner.set_weights(self.generator.get_weights())
        copy.discriminator.set_weights(self.discriminator.get_weights())
        copy.steps.assign(self.steps)
        copy.title, copy.card, copy.examples = self.title, self.card, self.examples
        return copy

    def sample_noise(self, count: int, seed: int) -> np.ndarray:
        """Noise for `count` faces, float32 (count, noise), of the kind that the generator learned from."""
        random = np.random.default_rng(seed)
        shape = (count, self.noise)
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
