"""How the fuzz tests draw: the same examples each time, so that a failure is a failure on every machine."""

from hypothesis import HealthCheck, settings

FUZZ = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MORE = settings(FUZZ, max_examples=600)
