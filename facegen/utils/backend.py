"""Whether Keras can start with this machine's settings, found out without starting it."""

import json
import os
from importlib.util import find_spec
from pathlib import Path

from facegen.utils.errors import FacegenError

BACKENDS = ("tensorflow", "jax", "torch")


def settings() -> Path:
    """The file in which Keras keeps its settings."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "keras.json"


def check() -> None:
    """Make sure that Keras's backend is one that can train, and is installed.

    Raises:
        FacegenError: it is another one, or missing, or the settings are none.
    """
    name, place = os.environ.get("KERAS_BACKEND"), "KERAS_BACKEND"
    if not name:
        name, place = _saved().get("backend", BACKENDS[0]), str(settings())
    if name not in BACKENDS:
        raise FacegenError(f"{place}: expected a backend of Keras, {' or '.join(BACKENDS)}, found {name!r}.")
    if not find_spec(name):
        raise FacegenError(
            f"{place}: Keras is to run on {name!r}, which is not installed: pip install {name}"
        )


def _saved() -> dict:
    """What the file says; Keras takes a broken one, or none, for an empty one."""
    try:
        saved = json.loads(settings().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(saved, dict):
        raise FacegenError(f"{settings()}: expected settings of Keras in braces, found {saved!r}. Delete it.")
    return saved
