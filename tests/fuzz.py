"""Fuzz tests: 200 made-up examples each, or as many as the environment variable FACEGEN_EXAMPLES says.

FACEGEN_EXAMPLES=10000 pytest -m fuzz
"""

import os
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, settings

SETTINGS = settings(
    max_examples=int(os.environ.get("FACEGEN_EXAMPLES", "200")),
    derandomize="FACEGEN_EXAMPLES" not in os.environ,  # `make test` tries the same ones each time
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def examples(test: Callable) -> Callable:
    """Make a hypothesis test one of the fuzz tests; written above its @given."""
    return pytest.mark.fuzz(SETTINGS(test))


def spoil_bytes(chance: Random, content: bytes) -> bytes:
    """Cut a file off, or write over a part of it."""
    place = chance.randrange(len(content) + 1)
    if chance.random() < 0.5:
        return content[:place]
    new = chance.choice((b"\xff" * 8, bytes(8), b"<html>", b"[" * 2000, b'"', chance.randbytes(4)))
    return content[:place] + new + content[place + len(new) :]
