"""Requests and the vectors that a model reads: words, numbers, the ways between them, parameter files.

    encode(model.names, {"identity": "03", "emotion": "sad+happy", "orientation": 45})
    grid(model.names, identity=[1, 2], emotion=["happy", "sad"], orientation=[0])

What a condition means is decided once, by its kind (`kinds.py`: Mixture, Angle, Binary, Number, Latent):
words, parameter files, panels and training all ask it. Nothing here knows a network.
"""

from facegen.conditions.interpolation import direction
from facegen.conditions.vectors import decode, encode, grid, stack, vector, words

__all__ = ["decode", "direction", "encode", "grid", "stack", "vector", "words"]
