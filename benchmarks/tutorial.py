"""The networks of PyTorch's DCGAN tutorial, trained the way facegen trains its own.

One `keras.Model`, one backward pass for both players, plain `fit()`: see facegen/models/gan.py. As in the
tutorial, real and false pictures pass the discriminator separately, because of its batch normalisation.
The first transposed convolution, whose input is one pixel, is the dense layer that it equals.
"""

import keras
from keras import layers, ops

from facegen.models.gan import logistic
from facegen.models.layers import symmetric

NOISE = 100
START = keras.initializers.RandomNormal(0.0, 0.02, seed=1)


def _norm(x):
    start = keras.initializers.RandomNormal(1.0, 0.02, seed=2)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=start)(x)


def generator(width: int = 64) -> keras.Model:
    """Noise (b, 100) in, pictures (b, 64, 64, 3) in -1..1 out."""
    x = noise = keras.Input((NOISE,))
    x = layers.Dense(4 * 4 * 8 * width, use_bias=False, kernel_initializer=START)(x)
    x = layers.ReLU()(_norm(layers.Reshape((4, 4, 8 * width))(x)))
    for filters in (4 * width, 2 * width, width):
        x = layers.ReLU()(_norm(_grown(x, filters)))
    return keras.Model(noise, ops.tanh(_grown(x, 3)), name="generator")


def _grown(x, filters: int):
    shape = {"strides": 2, "padding": "same", "use_bias": False, "kernel_initializer": START}
    return layers.Conv2DTranspose(filters, 4, **shape)(x)


def discriminator(width: int = 64) -> keras.Model:
    """Pictures in, a logit (b, 1) out: above zero for real ones."""
    x = image = keras.Input((64, 64, 3))
    shape = {"strides": 2, "padding": "same", "use_bias": False, "kernel_initializer": START}
    for filters in (width, 2 * width, 4 * width, 8 * width):
        x = layers.Conv2D(filters, 4, **shape)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(_norm(x) if filters > width else x)
    x = layers.Dense(1, use_bias=False, kernel_initializer=START)(layers.Flatten()(x))
    return keras.Model(image, x, name="discriminator")


class Tutorial(keras.Model):
    """Both players, for `fit` on {"image": uint8 (b, 64, 64, 3)}; "noise": (b, 100) may be given."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.generator, self.discriminator = generator(width), discriminator(width)
        self.random = keras.random.SeedGenerator(0)
        self.built = True

    def call(self, batch, training=None):
        """The verdicts on real pictures, on fakes, and on fakes through a discriminator that is fixed."""
        noise = batch.get("noise")
        if noise is None:
            noise = keras.random.normal((ops.shape(batch["image"])[0], NOISE), seed=self.random)
        fake = self.generator(noise, training=training)
        real = self.discriminator(symmetric(batch["image"]), training=training)
        seen = self.discriminator(ops.stop_gradient(fake), training=training)
        fixed = [ops.stop_gradient(v) for v in self.discriminator.trainable_variables]
        states = [v.value for v in self.discriminator.non_trainable_variables]
        wish, _ = self.discriminator.stateless_call(fixed, states, fake, training=training)
        return real, seen, wish

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return sum(logistic(*y_pred))
