"""How many examples a fuzz test tries: 200, or as many as the environment variable FACEGEN_EXAMPLES says."""

import os

from hypothesis import HealthCheck, settings

examples = settings(
    max_examples=int(os.environ.get("FACEGEN_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
