"""facegen: generate faces you can steer.

    facegen.read(folder)            a FaceSet: the pictures and labels of a folder
    facegen.load("clay-gan")        a trained model: one that comes with the course, or any folder
    facegen.save(model, folder)     its pair
    facegen.invert(model, picture)  what to ask of a model for it to draw a picture

Importing this package is as cheap as importing NumPy: TensorFlow, Keras and numba load when
something that needs them is first used.
"""

import os
import platform

from facegen.utils import lazy
from facegen.utils import logging as _logging  # noqa: F401 - so that the logger "facegen" is heard

__version__ = "0.1.0"

if platform.machine() in ("x86_64", "AMD64"):
    # Left alone, TensorFlow uses oneDNN only on processors with AVX-512 and VNNI: others, too, train twice as
    # fast with it (docs/benchmarks.md). It is read when TensorFlow loads.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "FaceSet": "data.dataset",
        "FacegenError": "utils.errors",
        "invert": "training.inversion",
        "load": "models.zoo",
        "read": "data.reader",
        "save": "models.saving",
    },
)
