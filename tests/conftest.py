"""Settings that every test shares."""

import os

# One BLAS thread each: the workers of xdist share the cores. Before anything imports numpy.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from hypothesis import HealthCheck, settings  # noqa: E402  after the environment is set

settings.register_profile(
    "wlogit",
    derandomize=True,
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no failure
)
settings.load_profile("wlogit")
