"""The attribute DCGAN of 2020, as its authors ran it: networks, data and loop.

Forty fair coins and a uniform number go into the generator; the discriminator says how sure it is that a
picture is false (0 real, 1 fake). A step draws half a batch of fakes by `predict`, reads half a batch of
photographs, which are resized one by one, and calls `train_on_batch` twice.

One thing differs, because it must: the original froze the discriminator once and for all inside the
combined model. Keras of 2020 went by the state at `compile`; Keras 3 would never train it again. So it is
frozen for the generator's half of the step only.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image

from facegen.models.dcgan import start_grid

try:
    import cv2
except ImportError:  # Pillow does the same, a little slower
    cv2 = None

ATTRIBUTES = 40


def generator(size: int, width: int) -> keras.Sequential:
    """41 numbers in, a picture (size, size, 3) in -1..1 out."""
    side, doublings = start_grid(size)
    network = keras.Sequential([keras.Input((ATTRIBUTES + 1,))], name="generator")
    network.add(layers.Dense(width * 2**doublings * side * side, activation="relu"))
    network.add(layers.Reshape((side, side, width * 2**doublings)))
    for level in range(doublings, 0, -1):
        network.add(layers.UpSampling2D())
        network.add(layers.Conv2D(width * 2**level, 5, padding="same"))
        network.add(layers.BatchNormalization(momentum=0.8))
        network.add(layers.ReLU())
    network.add(layers.Conv2D(3, 5, padding="same", activation="tanh"))
    return network


def discriminator(size: int, width: int, dropout: float = 0.25) -> keras.Sequential:
    """A picture in, the probability that it is false out."""
    network = keras.Sequential([keras.Input((size, size, 3))], name="discriminator")
    for factor, stride in ((1, 2), (2, 2), (4, 2), (8, 1)):
        network.add(layers.Conv2D(width * factor, 4, strides=stride, padding="same"))
        network.add(layers.LeakyReLU(negative_slope=0.2))
        network.add(layers.Dropout(dropout))
    network.add(layers.Flatten())
    network.add(layers.Dense(1, activation="sigmoid"))
    return network


def requests(count: int, random: np.random.Generator) -> np.ndarray:
    """What the generator is asked for: coins and one number in [0, 1), float32 (count, 41)."""
    coins = random.integers(0, 2, (count, ATTRIBUTES))
    return np.concatenate([coins, random.random((count, 1))], axis=1).astype("float32")


class Photographs:
    """The pictures as tensorflow-datasets hands them out: decoded one by one, begun anew for every batch."""

    def __init__(self, paths: Sequence[Path], size: int):
        names = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
        self.decoded = names.map(_decoded, num_parallel_calls=tf.data.AUTOTUNE)
        self.count, self.size, self.seen = len(paths), size, 0

    def read(self, count: int) -> np.ndarray:
        """The next pictures, float32 (count, size, size, 3) in -1..1."""
        if self.seen + count > self.count:
            self.seen = 0
        taken = self.decoded.skip(self.seen).take(count).as_numpy_iterator()
        self.seen += count
        return np.stack([_resized(image, self.size) for image in taken]).astype("float32") / 127.5 - 1


def _decoded(name):
    return tf.image.decode_jpeg(tf.io.read_file(name), channels=3)


def _resized(image: np.ndarray, size: int) -> np.ndarray:
    if cv2:
        return cv2.resize(image, (size, size))
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))


class OriginalA:
    """Both players and their loop.

    Args:
        paths: of the photographs.
        size, width: of the networks; 64 and 64 in the original.
        batch_size: 16 in the original; half of it real.
    """

    def __init__(self, paths: Sequence[Path], size: int, width: int, batch_size: int, dropout: float = 0.25):
        self.generator = generator(size, width)
        self.discriminator = discriminator(size, width, dropout)
        self.combined = keras.Sequential([self.generator, self.discriminator])
        self.discriminator.compile(keras.optimizers.Adam(1e-4, beta_1=0.5), "binary_crossentropy")
        self.combined.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), "binary_crossentropy")
        self.photographs, self.batch_size = Photographs(paths, size), batch_size
        self.random = np.random.default_rng(0)

    def step(self) -> tuple[float, float]:
        """One step: the losses of discriminator and generator."""
        half = self.batch_size // 2
        real = self.photographs.read(half)
        fake = self.generator.predict(requests(half, self.random), verbose=0)
        d_loss = self.learn_to_tell(real, fake)
        return d_loss, self.learn_to_deceive(requests(self.batch_size, self.random))

    def learn_to_tell(self, real: np.ndarray, fake: np.ndarray) -> float:
        """The discriminator's half."""
        self.discriminator.trainable = True
        truth = np.repeat([[0.0], [1.0]], [len(real), len(fake)], axis=0)
        return float(self.discriminator.train_on_batch(np.concatenate([real, fake]), truth))

    def learn_to_deceive(self, asked: np.ndarray) -> float:
        """The generator's half."""
        self.discriminator.trainable = False
        return float(self.combined.train_on_batch(asked, np.zeros((len(asked), 1))))
