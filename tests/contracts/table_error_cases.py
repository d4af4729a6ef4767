"""Error cases of tables and summaries; see ``error_cases.py``."""

import numpy as np
import pandas as pd

from wlogit.formula.api import weighted_logit


def data():
    rng = np.random.default_rng(15)
    frame = pd.DataFrame({"x": rng.normal(size=50), "z": rng.normal(size=50)})
    frame["y"] = (rng.random(50) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame.set_axis([f"person {i}" for i in range(50)])


def fit(**options):
    return weighted_logit("y ~ x + z", data(), **options).fit(disp=False)


ERRORS = {
    "summary, clusters": (
        lambda: fit().summary(cov_type="cluster"),
        ValueError,
        ("summary()", "groups", 'with_covariance("cluster", groups=...)'),
    ),
    "summary, cov_type": (
        lambda: fit().summary(cov_type="HC9"),
        ValueError,
        ("'HC9'", "HC3"),
    ),
    "summary, names": (
        lambda: fit().summary(xname=["a"], exponentiate=True),
        ValueError,
        ("1 names", "3 coefficients"),
    ),
    "tidy, level": (
        lambda: fit().tidy(conf_level=95),
        ValueError,
        ("conf_level=95", "between 0 and 1"),
    ),
    "augment, other rows": (
        lambda: fit().augment(data().iloc[:10]),
        ValueError,
        ("10 rows", "50 of the fit", "get_prediction(data)"),
    ),
    "augment, columns": (
        lambda: fit().augment(data().assign(fitted=0.5, leverage=0.1)),
        ValueError,
        ("fitted, leverage", "rename"),
    ),
}
