"""facegen: generate faces you can steer.

Importing this package is as cheap as importing NumPy: TensorFlow, Keras and numba load when
something that needs them is first used.
"""

from importlib import import_module

from facegen import logs as _logs  # noqa: F401 - so that the logger "facegen" is heard

__version__ = "0.1.0"

_HOME = {"read": "facesets", "FaceSet": "facesets", "FacegenError": "errors", "load": "course"}


def __getattr__(name: str):
    """Find public names and submodules on first use (PEP 562)."""
    if name in _HOME:
        return getattr(import_module(f"facegen.{_HOME[name]}"), name)
    try:
        return import_module(f"facegen.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"facegen.{name}":
            raise
        raise AttributeError(f"module 'facegen' has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
