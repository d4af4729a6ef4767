"""Error cases of profiles and criteria; see ``error_cases.py``."""

from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd

from wlogit import DesignError, NotAvailableError, plots
from wlogit.formula.api import weighted_logit

mpl.use("Agg")


@cache
def data():
    rng = np.random.default_rng(14)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60)})
    return frame.assign(y=(rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int))


def fit(formula="y ~ x + z", **options):
    return weighted_logit(formula, data()).fit(disp=False, warn_convergence=False, **options)


@cache
def separated():
    frame = data().assign(s=(data()["x"] > 1.0) & (data()["y"] == 1))
    model = weighted_logit("y ~ x + s", frame.assign(s=frame["s"].astype(int)))
    return model.fit(disp=False, warn_convergence=False)


def undetermined():
    z = np.array([-3, 1, -2, 2, -4, 3, -1, 4])
    frame = pd.DataFrame({"x": [-4, -3, -2, -1, 1, 2, 3, 4], "z": z})
    model = weighted_logit("y ~ x + z", frame.assign(y=(frame["x"] > 0).astype(int)))
    return model.fit(disp=False, warn_convergence=False).profile("z")


ERRORS = {
    "profile, method": (
        lambda: fit().conf_int(method="likelihood"),
        ValueError,
        ("method='likelihood'", "'wald', 'profile'"),
    ),
    "profile, not converged": (
        lambda: fit(maxiter=1).conf_int(method="profile"),
        NotAvailableError,
        ("did not converge", "maximum"),
    ),
    "profile, name": (
        lambda: fit().profile(["x", "w"]),
        ValueError,
        ("'w'", "Intercept, x, z"),
    ),
    "profile, curve": (
        lambda: fit().profile(["x"])["z"],
        KeyError,
        ("'z'", "not profiled", "x"),
    ),
    "profile, axis": (
        lambda: fit().profile(["x", "z"]).plot(unit="coefficient"),
        ValueError,
        ("standard errors", 'unit="se"'),
    ),
    "profile, axis of what diverges": (
        lambda: plots.profile(separated(), names=["x", "s"]),
        ValueError,
        ("s diverges", "standard error", "names='s'"),
    ),
    "profile, nothing to draw": (
        lambda: undetermined().plot(),
        ValueError,
        ("no coefficient", "curve", "z"),
    ),
    "criteria, without a larger fit": (
        lambda: fit("y ~ x").info_criteria("dbic"),
        ValueError,
        ("dbic(maximal)", "larger"),
    ),
    "criteria, not nested": (
        lambda: fit("y ~ x").dbic(fit("y ~ z")),
        DesignError,
        ("not nested", "'x'"),
    ),
}
