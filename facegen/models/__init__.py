"""The networks: plain `keras.Model`s that draw faces from named conditions.

`layers` and `base` are what they share, `dcgan`, `gan`, `deconv`, `unet` and `flow` the networks themselves,
`samplers` how a flow is followed, `saving`
writes and reads a trained one, and `zoo` knows those that come with the course.
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
        "load": "zoo",
        "save": "saving",
    },
)
