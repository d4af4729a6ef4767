"""Small fits with every kind of weight, and everything that can be asked of one."""

import contextlib
from functools import cache

import numpy as np
import pandas as pd

from wlogit import DesignError, NotAvailableError
from wlogit.formula.api import weighted_logit

N = 160


@cache
def _data():
    rng = np.random.default_rng(33)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "z": rng.normal(size=N),
            "g": rng.choice(["a", "b", "c"], N),
            "counted": rng.integers(0, 4, N),
            "sampled": rng.uniform(0.5, 3.0, N),
            "o": rng.normal(size=N) / 4,
        }
    )
    eta = 0.2 + 0.9 * data["x"] - 0.5 * data["z"] + data["o"]
    data["y"] = (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(int)
    return data


def data():
    return _data().copy()


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": "counted"},
    "sampling": {"sampling_weights": "sampled"},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 4}},
    "prevalence": {"prevalence": 0.1},
    "frequency, sampling, balanced": {
        "freq_weights": "counted",
        "sampling_weights": "sampled",
        "class_weight": "balanced",
    },
    "frequency, prevalence": {"freq_weights": "counted", "prevalence": 0.2},
    "offset": {"offset": "o"},
    "offset, balanced": {"offset": "o", "class_weight": "balanced"},
}


def model(formula="y ~ x + z + C(g)", **options):
    return weighted_logit(formula, data(), **options)


def fit(formula="y ~ x + z + C(g)", **options):
    return model(formula, **options).fit(disp=False)


def X():  # noqa: N802  a matrix
    return np.column_stack([np.ones(N), data()["x"], data()["z"]])


def y():
    return data()["y"].to_numpy()


def everything(results):
    """Read every member that takes no argument, and call what other code calls."""
    inner = results._results
    for name in dir(inner):
        if not name.startswith("_") and name not in ("load", "save", "remove_data", "initialize"):
            with contextlib.suppress(NotAvailableError):
                getattr(results, name)
    calls = (
        results.summary,
        results.summary2,
        results.predict,
        results.pred_table,
        results.get_prediction,
        results.odds_ratios,
        results.get_distribution,
        lambda: results.get_prediction().summary_frame(),
        lambda: results.t_test(np.eye(len(results.params))),
        lambda: results.wald_test(np.eye(len(results.params))[1:], scalar=True),
        lambda: results.info_criteria("tic"),
        lambda: results.info_criteria("gbic"),
        lambda: results.score_test(exog_extra=data()["x"] ** 3),
        lambda: results.get_margeff().summary_frame(),
        lambda: results.get_influence().summary_frame(),
    )
    for call in calls:
        with contextlib.suppress(NotAvailableError, NotImplementedError, DesignError, ValueError):
            call()
