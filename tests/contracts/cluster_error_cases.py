"""Error cases of CR2 and CR3; see ``error_cases.py``."""

from functools import cache
from unittest.mock import patch

import numpy as np
import pandas as pd

from wlogit import DesignError, NotAvailableError, WeightedMNLogit
from wlogit.covariance import cluster_adjusted
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(15)
    frame = pd.DataFrame({"x": rng.normal(size=60), "g": np.arange(60) % 9, "h": np.arange(60) % 7})
    return frame.assign(y=(rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int))


def fitted(groups, kind):
    keywords = {"groups": groups, "kind": kind}
    return weighted_logit("y ~ x", data(), class_weight="balanced").fit(
        disp=False, cov_type="cluster", cov_kwds={**keywords, "class_weights": "fixed"}
    )


def too_large():
    with patch.object(cluster_adjusted, "MOST_ROWS", 5):
        return fitted("g", "CR2")


def of_labels():
    model = WeightedMNLogit.from_formula("h ~ x", data().assign(h=np.arange(60) % 3))
    return model.fit(disp=False, cov_type="cluster", cov_kwds={"groups": "g", "kind": "CR3"})


ERRORS = {
    "CR2, large cluster": (too_large, DesignError, ("CR2", "at most 5", "has 7", 'kind="CR3"')),
    "CR2, several groupings": (
        lambda: fitted(["g", "h"], "CR2").get_margeff(vce="unconditional"),
        NotAvailableError,
        ("several groupings", "CR2", 'kind="CR1"'),
    ),
    "labels: CR3": (of_labels, ValueError, ("'CR3'", "several labels", 'kind="CR1S"')),
}
