"""The networks: plain `keras.Model`s that draw faces from named conditions.

`layers` and `base` are what they share, `dcgan`, `gan`, `deconv`, `unrolled` and `flow` the networks
themselves; `surface` and `silhouettes` are what an unrolled one sees and learns from, `unet` and `samplers`
what a flow learns with and draws with; `saving` writes and reads a trained one, and `zoo` knows those that
come with the course.
"""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "Deconv": "deconv",
        "FaceModel": "base",
        "Flow": "flow",
        "GAN": "gan",
        "TTURAdam": "gan",
        "UnrolledDeconv": "unrolled",
        "load": "zoo",
        "save": "saving",
    },
)
