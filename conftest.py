"""What every test of the workspace may use (see volley_tools.pytest_stack), and how property tests run."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["volley_tools.pytest_stack"]

# A machine that is busy with other work is no failure: no example has a deadline.
settings.register_profile("volley", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("volley")
