"""What the commands have in common: how one is described, kinds of options, and how Keras is loaded."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from facegen.utils import backend
from facegen.utils.errors import FacegenError

REFUSALS = ImportError, ValueError, AssertionError  # Keras 3.13 asserts what its settings are, without a word


@dataclass(frozen=True)
class Command:
    """A command: what it is called ("data clay-rafd"), how its options are declared, what it runs."""

    name: str
    help: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]
    examples: str = ""


def positive(text: str) -> int:
    """A whole number above zero, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return number


def numbers(text: str) -> tuple[float, ...]:
    """ "0,45,90" -> (0, 45, 90)"""
    return tuple(float(part) for part in text.split(","))


def whole_numbers(text: str) -> tuple[int, ...]:
    """ "0,1" -> (0, 1)"""
    return tuple(int(part) for part in text.split(","))


def words(text: str) -> tuple[str, ...]:
    """ "left,frontal" -> ("left", "frontal")"""
    return tuple(part.strip() for part in text.split(","))


def add_quiet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


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
