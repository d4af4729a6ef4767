"""Fits of every kind of weights, what they report, and copies of them."""

import io
import pickle
import re
from functools import cache

import numpy as np
import pandas as pd
from numpy.testing import assert_array_equal

from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit

N = 97  # a length that nothing else has


@cache
def _data():
    rng = np.random.default_rng(21)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "z": rng.normal(size=N),
            "g": rng.choice(["east", "north", "south"], N),
            "counted": rng.integers(1, 5, N),
            "sampled": rng.uniform(0.5, 4.0, N),
            "o": rng.normal(size=N) / 5,
            "household": [f"household {i}" for i in np.arange(N) // 4],
            "unused": [f"secret {i}" for i in range(N)],
        },
        index=[f"person {i}" for i in range(N)],
    )
    eta = 0.7 * data["x"] - 0.4 * data["z"] + data["o"]
    data["y"] = (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(int)
    return data


def data():
    return _data().copy()


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": "counted"},
    "sampling": {"sampling_weights": "sampled"},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1.0, 1: 2.5}},
    "prevalence": {"prevalence": 0.15},
    "all three": {
        "freq_weights": "counted",
        "sampling_weights": "sampled",
        "class_weight": "balanced",
    },
    "offset": {"offset": "o", "class_weight": "balanced"},
}


def by_formula(weights, formula="y ~ x + center(z) + C(g)"):
    return weighted_logit(formula, data(), **WEIGHTS[weights]).fit(disp=False)


def by_arrays(weights):
    table = data()
    options = {
        name: table[value].to_numpy() if value in table.columns else value
        for name, value in WEIGHTS[weights].items()
        if isinstance(value, str)
    }
    options = {**WEIGHTS[weights], **options}
    exog = np.column_stack([np.ones(N), table["x"], table["z"]])
    return WeightedLogit(table["y"].to_numpy(), exog, **options).fit(disp=False)


def counts(weights):
    table = data()
    endog = np.column_stack([table["counted"] + table["y"], 5 - table["counted"]])
    exog = np.column_stack([np.ones(N), table["x"]])
    chosen = {name: value for name, value in WEIGHTS[weights].items() if name == "class_weight"}
    return WeightedLogit(endog, exog, **chosen).fit(disp=False)


def clustered(weights):
    return by_formula(weights).with_covariance("cluster", groups="household", use_t=True)


BUILDERS = {"formula": by_formula, "arrays": by_arrays, "counts": counts, "clusters": clustered}
FITS = [
    *[(builder, weights) for builder in ("formula", "arrays") for weights in WEIGHTS],
    *[("counts", "none"), ("counts", "balanced"), ("clusters", "sampling")],
]


def reported(results):
    """Every number that needs no rows."""
    weights = results.weights
    scalars = [results.llf, results.llnull, results.llr, results.llr_pvalue, results.prsquared]
    scalars += [results.aic, results.bic, results.nobs, results.df_model, results.df_resid]
    scalars += [weights.nobs, weights.total, weights.effective_size, weights.design_effect]
    parts = (results.params, results.bse, results.pvalues, results.conf_int())
    table = [np.ravel(np.asarray(part, dtype=np.float64)) for part in (*parts, scalars)]
    words = (
        results.cov_type,
        weights.kind,
        str(weights.class_weights),
        text(results.summary()),
    )
    return np.concatenate(table), words


def text(summary):
    """What a summary says, but for the clock."""
    clock = r"Date:\s+[\d-]+ \d\d:\d\d|(Date|Time):.*?(\d+:?){3}"
    return re.sub(clock, "", summary.as_text())


def assert_same(one, other):
    assert_array_equal(reported(one)[0], reported(other)[0])
    assert reported(one)[1] == reported(other)[1]


def through_pickle(results):
    return pickle.loads(pickle.dumps(results))


def through_save(results):
    file = io.BytesIO()
    results.save(file)
    file.seek(0)
    return type(results).load(file)
