"""A DCGAN that overrides `train_step`, as the example "DCGAN to generate face images" of keras.io does.

The discriminator learns from a batch of fakes and one of photographs, with a little noise on the labels
(1 fake, 0 real); then the generator learns from a second batch of fakes. Two optimizers, two gradient
tapes, pictures from `image_dataset_from_directory`.

The networks are those that it is given: here the same as its rivals', so that the step is compared and
not the network. The example calls its networks without a word about training; on Keras 3, dropout and
batch normalisation would then be at rest, so here they are told.
"""

from pathlib import Path

import keras
import tensorflow as tf
from keras import ops


class KerasIO(keras.Model):
    """Both players, for `fit` on batches of pictures (b, size, size, 3) in -1..1.

    Args:
        generator: requests (b, n) -> pictures.
        discriminator: pictures -> the probability that they are false.
        attributes: how many of the requests are coins; the rest is noise.
        doubt: how much noise the labels get, 0.05 in the example.
    """

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, attributes: int, doubt: float = 0.05
    ):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.attributes, self.doubt = attributes, doubt
        self.random = keras.random.SeedGenerator(1)
        self.means = [keras.metrics.Mean(name="d_loss"), keras.metrics.Mean(name="g_loss")]
        self.built = True

    def compile(self, d_optimizer, g_optimizer):
        """Take an optimizer for each player."""
        super().compile()
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer
        self.loss_of = keras.losses.BinaryCrossentropy()

    @property
    def metrics(self):
        return self.means

    def requests(self, count):
        """Coins and noise, (count, n)."""
        numbers = keras.random.uniform((count, self.generator.input_shape[1]), seed=self.random)
        coins, noise = ops.split(numbers, [self.attributes], axis=1)
        return ops.concatenate([ops.cast(coins < 0.5, "float32"), noise], axis=1)

    def train_step(self, real):
        count = ops.shape(real)[0]
        shown = ops.concatenate([self.generator(self.requests(count), training=True), real])
        labels = ops.concatenate([ops.ones((count, 1)), ops.zeros((count, 1))])
        labels += self.doubt * keras.random.uniform(ops.shape(labels), seed=self.random)
        with tf.GradientTape() as tape:
            d_loss = self.loss_of(labels, self.discriminator(shown, training=True))
        variables = self.discriminator.trainable_variables
        self.d_optimizer.apply(tape.gradient(d_loss, variables), variables)
        with tf.GradientTape() as tape:
            fake = self.generator(self.requests(count), training=True)
            g_loss = self.loss_of(ops.zeros((count, 1)), self.discriminator(fake, training=True))
        variables = self.generator.trainable_variables
        self.g_optimizer.apply(tape.gradient(g_loss, variables), variables)
        for mean, loss in zip(self.means, (d_loss, g_loss), strict=True):
            mean.update_state(loss)
        return {mean.name: mean.result() for mean in self.means}


def photographs(folder: Path, size: int, batch_size: int) -> tf.data.Dataset:
    """All pictures of a folder, shuffled, resized, in batches (b, size, size, 3) in -1..1."""
    pictures = keras.utils.image_dataset_from_directory(
        folder, label_mode=None, image_size=(size, size), batch_size=batch_size, verbose=False
    )
    return pictures.map(lambda image: image / 127.5 - 1)
