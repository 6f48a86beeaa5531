"""Fuzz tests: 200 made-up examples each, or as many as the environment variable FACEGEN_EXAMPLES says.

FACEGEN_EXAMPLES=10000 pytest -m fuzz
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

SETTINGS = settings(
    max_examples=int(os.environ.get("FACEGEN_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def examples(test: Callable) -> Callable:
    """Make a hypothesis test one of the fuzz tests; written above its @given."""
    return pytest.mark.fuzz(SETTINGS(test))
