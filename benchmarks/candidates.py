"""What other papers do to a GAN, for `benchmarks/switches.py`: each is one change of the recipe "today".

Networks stand in the place of those of dcgan.py, and read and give the same; `Relativistic` is a GAN with
another game.
"""

import keras
from keras import layers, ops

from facegen.models import GAN
from facegen.models.dcgan import start_grid
from facegen.models.layers import SpectralConv2D, SpectralDense, UpsampleConv2D, condition_inputs, symmetric

SHIFT = 1 / 8  # of a picture's side, at most, in each direction
NOISE = 0.05  # of a picture's pixels, -1 to 1, where the discriminator's slope is felt for
PENALTY = 1.0  # twice the weight of the squared slope, a mean over real and drawn pictures


class Augment(layers.Layer):
    """Pictures shifted and mirrored at random, real and drawn ones alike, while training.

    After Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training" (arXiv 2006.10738), but
    for their colours, which are what some attributes are about.

    Input and output shape: (batch, side, side, channels).
    """

    def __init__(self, seed: int, **kwargs):
        super().__init__(**kwargs)
        self.random = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        if not training:
            return x
        side, most = x.shape[1], int(x.shape[1] * SHIFT)
        for equation in ("bij,bjwc->biwc", "bij,bhjc->bhic"):  # down, then to the right
            by = keras.random.randint((ops.shape(x)[0], 1), -most, most + 1, seed=self.random)
            source = ops.arange(side)[None] + by  # outside, one_hot is all zeros: grey
            moved = ops.one_hot(ops.where((source >= 0) & (source < side), source, -1), side, dtype=x.dtype)
            x = ops.einsum(equation, moved, x)
        mirror = keras.random.uniform((ops.shape(x)[0], 1, 1, 1), seed=self.random) < 0.5
        return ops.where(mirror, ops.flip(x, axis=2), x)


class Attention(layers.Layer):
    """Each place looks at all others; at first, nothing of it is heeded.

    After Zhang et al., "Self-Attention Generative Adversarial Networks" (arXiv 1805.08318), section 3.

    Input and output shape: (batch, height, width, channels).
    """

    def build(self, input_shape):
        channels = input_shape[-1]
        few = max(1, channels // 8)
        shapes = {"query": (channels, few), "key": (channels, few), "value": (channels, channels)}
        self.maps = {name: self.add_weight(shape=shape, name=name) for name, shape in shapes.items()}
        self.heeded = self.add_weight(shape=(), initializer="zeros", name="heeded")

    def call(self, x):
        flat = ops.reshape(x, (-1, x.shape[1] * x.shape[2], x.shape[3]))  # (b, h w, c)
        query, key, value = (ops.matmul(flat, self.maps[name]) for name in ("query", "key", "value"))
        weights = ops.softmax(ops.matmul(query, ops.transpose(key, (0, 2, 1))))  # (b, h w, h w)
        return x + self.heeded * ops.reshape(ops.matmul(weights, value), (-1, *x.shape[1:]))


def generator(names, size, channels, width, latent_dim, centred=True, name="generator", ranges=None, *,
              residual=False, attention=False, loudness=1.0):  # fmt: skip
    """As dcgan.py's, but of residual blocks, with an attention on the second grid, or with quieter noise."""
    side, doublings = start_grid(size)
    inputs = condition_inputs(names) | {"noise": keras.Input((latent_dim,), name="noise")}
    x = layers.Concatenate()([*(2 * inputs[key] - 1 for key in names), loudness * inputs["noise"]])
    x = normed(layers.Dense(width * 2**doublings * side * side)(x))
    x = layers.Reshape((side, side, width * 2**doublings))(x)
    for level in range(doublings, 0, -1):
        x = (grown if residual else plain)(x, width * 2**level)
        x = Attention()(x) if attention and level == doublings else x
    x = layers.Conv2D(channels, 5, padding="same")(normed(x) if residual else x)
    return keras.Model(inputs, layers.Activation("tanh", dtype="float32")(x), name=name)


def normed(x):
    return layers.ReLU()(layers.BatchNormalization(momentum=0.8)(x))


def plain(x, filters: int):
    return normed(UpsampleConv2D(filters, 5)(x))


def grown(x, filters: int):
    """A residual block that doubles the side: (b, h, w, c) to (b, 2h, 2w, filters)."""
    y = UpsampleConv2D(filters, 3)(normed(x))
    y = layers.Conv2D(filters, 3, padding="same")(normed(y))
    return y + layers.UpSampling2D()(layers.Conv2D(filters, 1)(x))


def discriminator(names, size, channels, width, dropout, spectral=True, conditioning="both", seed=0, *,
                  residual=False, attention=False, augmented=False, deep=False):  # fmt: skip
    """As dcgan.py's, but with one of the changes; `deep` answers from the third convolution, too."""
    image = keras.Input((size, size, channels), name="image")
    columns = sum(len(of_one) for of_one in names.values())
    convolution, dense = (SpectralConv2D, SpectralDense) if spectral else (layers.Conv2D, layers.Dense)
    with keras.name_scope("discriminator"):  # by which the optimizer knows whose rate it is
        x = Augment(seed)(image) if augmented else image
        outputs = read(x, columns, width, convolution, dense, residual, attention, deep)
    return keras.Model({"image": image}, outputs, name="discriminator")


def read(x, columns, width, convolution, dense, residual, attention, deep) -> dict:
    """The discriminator's outputs for a picture."""
    answers = []
    for i, (factor, stride) in enumerate(((1, 2), (2, 2), (4, 2), (8, 1))):
        if residual:
            x = shrunk(x, width * factor, stride, convolution, first=i == 0)
        else:
            x = convolution(width * factor, 4, strides=stride, padding="same")(x)
            x = layers.LeakyReLU(negative_slope=0.2)(x)
        x = Attention()(x) if attention and i == 1 else x
        answers += [dense(columns, dtype="float32")(layers.Flatten()(x))] if deep and i == 2 else []
    x = layers.Flatten()(layers.LeakyReLU(negative_slope=0.2)(x) if residual else x)
    answers += [dense(columns, dtype="float32")(x)]
    return {
        "logit": dense(1, dtype="float32")(x),
        "projection": layers.Add(dtype="float32")(answers) if deep else answers[0],
        "class_logits": layers.Dense(columns, dtype="float32")(x),
    }


def shrunk(x, filters: int, stride: int, convolution, first: bool):
    """A residual block that divides the side by its stride: (b, h, w, c) to (b, h / s, w / s, filters)."""
    pool = layers.AveragePooling2D(stride) if stride > 1 else lambda x: x
    y = x if first else layers.LeakyReLU(negative_slope=0.2)(x)
    y = layers.LeakyReLU(negative_slope=0.2)(convolution(filters, 3, padding="same")(y))
    y = pool(convolution(filters, 3, padding="same")(y))
    return y + convolution(filters, 1)(pool(x))


def relativistic(real, fake, fake_for_generator):
    """Losses of pairs: a real picture is to be more real than a drawn one, and the other way around.

    Of R3GAN (Huang et al., arXiv 2501.05441), section 2. Both parts of the discriminator's are the same.
    """
    told = ops.mean(ops.softplus(fake - real))
    return told, told, ops.mean(ops.softplus(ops.stop_gradient(real) - fake_for_generator))


class Relativistic(GAN):
    """R3GAN's game: pairs, and the slope of the discriminator at real and at drawn pictures kept small.

    The squared slope along a random direction, the difference that a little noise makes, stands for R1 and
    R2: so one `fit` does for all backends. Drawn for that are other pictures than those that are judged. The
    recipe's networks, without spectral norm.
    """

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.losses_of = relativistic

    def call(self, batch, training=None):
        verdicts = super().call(batch, training)
        real, inputs = symmetric(batch["image"]), self.sample_inputs(batch)
        fake = self.raw_generator(inputs, training=False)
        pictures = ops.concatenate([ops.cast(real, fake.dtype), ops.stop_gradient(fake)])
        rows = {
            name: ops.concatenate([ops.cast(batch[name], "float32"), inputs[name]]) for name in self.names
        }
        noise = NOISE * keras.random.normal(ops.shape(pictures), dtype=pictures.dtype, seed=self.random)
        both = [self._verdict(self.discriminator({"image": x}), rows) for x in (pictures, pictures + noise)]
        return verdicts | {"slope": (both[1] - both[0]) / NOISE}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        slope = y_pred.pop("slope")
        return super().compute_loss(x, y, y_pred) + PENALTY / 2 * ops.mean(ops.square(slope))
