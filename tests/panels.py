"""Small models for panels, with weights that make their pictures differ."""

import numpy as np

from facegen.conditions.attributes import NAMES
from facegen.models.deconv import Deconv
from facegen.models.flow import Flow
from facegen.models.gan import GAN
from facegen.models.unrolled import UnrolledDeconv

RAFD = {
    "identity": [f"{i:02d}" for i in range(1, 13)],
    "emotion": ["angry", "happy", "neutral", "sad"],
    "orientation": ["sin", "cos"],
}


def shaken(model, seed=7):
    """The model with every weight of what it draws with moved, norms and biases too."""
    random = np.random.default_rng(seed)
    network = model.generator
    network.set_weights([np.abs(w) if "variance" in v.path else 1.5 * w + random.normal(0, 0.1, w.shape)
                         for v, w in zip(network.weights, network.get_weights(), strict=True)])  # fmt: skip
    return model


def gan(**settings):
    """40 attributes and 6 numbers of noise in, 16x16 pixels out."""
    settings = {"names": {"attributes": NAMES}, "size": 16, "width": 2, "latent_dim": 6, "centred": True,
                "discriminator_width": 2, "ema": 0.9, **settings}  # fmt: skip
    return shaken(GAN(**settings))


def deconv(names=RAFD, **settings):
    """Identity, emotion and orientation in, 20x16 pixels out."""
    settings = {"start": (5, 4), "depth": 1, "kernels": (8,), "dense": 16, **settings}
    return shaken(Deconv(names, **settings))


def flow(names, **settings):
    """Any conditions and 16x16 pixels of noise in, as many out."""
    return shaken(Flow(names, **{"size": 16, "widths": (4, 8), "patch": 2, "steps": 1, **settings}))


def unrolled(**settings):
    """The same with a head that turns; 104x80 pixels, enlarged from 52x40."""
    usual = {"start": (13, 10), "depth": 2, "kernels": (8,), "dense": 16, "normalized": False, "smooth": True}
    settings = {**usual, **settings}
    model = shaken(UnrolledDeconv(RAFD, **settings))
    network = model.generator  # its weights in half precision, as those that are shipped
    network.set_weights([w.astype("float16").astype("float32") for w in network.get_weights()])
    return model
