"""What the commands' options have in common."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from facegen import backend
from facegen.errors import FacegenError

REFUSALS = ImportError, ValueError, AssertionError  # Keras 3.13 asserts what its settings are, without a word


def positive(text: str) -> int:
    """A whole number above zero, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return number


def load_keras() -> None:
    """Import Keras and its backend, without what TensorFlow says meanwhile; afterwards it tells errors only.

    While it loads, its C++ writes to file descriptor 2 whatever TF_CPP_MIN_LOG_LEVEL says: that is obeyed
    only once absl's log has been set up, when all is loaded.

    Raises:
        FacegenError: it cannot start with this machine's settings.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # what its Python says
    backend.check()
    try:
        with _muted():
            import keras  # noqa: F401
    except REFUSALS as error:
        reason = str(error) or "it refuses one of its settings"
        raise FacegenError(
            f"Keras does not start: {reason}. Its settings stand in {backend.settings()}; delete that file, "
            "or see what check_env.py says."
        ) from error


@contextmanager
def _muted() -> Iterator[None]:
    """Keep back what is written to file descriptor 2; shown after all where an error ends the block."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        before = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except REFUSALS:  # they say it themselves
            raise
        except Exception:
            kept.seek(0)
            os.write(before, kept.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
