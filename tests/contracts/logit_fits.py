"""Fits of statsmodels' Logit and of ours, by the same calls."""

import functools
import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import statsmodels.api as sm


@functools.cache
def frame():
    rng = np.random.default_rng(7)
    n = 120
    data = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "count": rng.poisson(2.0, n).astype(float),
            "flag": (rng.random(n) < 0.4).astype(float),
            "g": rng.choice(["a", "b", "c"], n),
            "exposure": rng.normal(0.3, 0.2, n),
            "cluster": rng.integers(0, 17, n),
        },
        index=[f"row {i}" for i in range(n)],
    )
    eta = 0.3 + 0.8 * data["x"] - 0.2 * data["count"] + 0.5 * data["flag"] + data["exposure"]
    data["y"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    data["pair"] = data["x"] + data["flag"]
    return data


def from_formula(model_class):
    return model_class.from_formula("y ~ x + count + flag + C(g)", frame())


def without_constant(model_class):
    return model_class(frame()["y"].to_numpy(), frame()[["x", "count", "flag"]].to_numpy())


def with_offset(model_class):
    exog = sm.add_constant(frame()[["x", "count", "flag"]])
    return model_class(frame()["y"], exog, offset=frame()["exposure"])


def rank_deficient(model_class):
    exog = sm.add_constant(frame()[["x", "flag", "pair"]])
    return model_class(frame()["y"], exog)


@dataclass(frozen=True, eq=False)
class Fit:
    """One model and covariance; ``tags`` are the conditions of the table that hold for it."""

    name: str
    build: object
    cov: dict = field(default_factory=dict)
    tags: frozenset = frozenset()
    new: object = None  # rows to predict for
    new_options: dict = field(default_factory=dict)
    only: tuple = ()  # members to compare, when not all

    def results(self, model_class):
        model = self.build(model_class)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=FutureWarning)
            return model.fit(disp=False, **self.cov)


def clustered(**options):
    groups = frame()["cluster"].to_numpy()
    return {"cov_type": "cluster", "cov_kwds": {"groups": groups, **options}}


def fits():
    rows = [[0.5, 1.0, 0.0], [-1.0, 3.0, 1.0]]
    with_ones = [[1.0, *row] for row in rows]
    designs = {
        "formula": (from_formula, frame().iloc[3:8], {}, set()),
        "no constant": (without_constant, np.array(rows), {}, {"no constant"}),
        "offset": (with_offset, np.array(with_ones), {"offset": [0.1, 0.2]}, {"offset"}),
    }
    covariances = {
        "nonrobust": ({}, set()),
        "t": ({"use_t": True}, {"t"}),
        "HC0": ({"cov_type": "HC0"}, {"robust covariance", "HC0"}),
        "cluster": (clustered(), {"robust covariance", "clusters"}),
        "cluster, uncorrected": (
            clustered(use_correction=False),
            {"robust covariance", "clusters"},
        ),
    }
    for design, (build, new, options, where) in designs.items():
        for name, (cov, how) in covariances.items():
            yield Fit(f"{design}, {name}", build, cov, frozenset(where | how), new, options)
    for kind in ("HC1", "HC2", "HC3"):
        only = ("bse", "cov_type", "params")
        yield Fit(kind, from_formula, {"cov_type": kind}, frozenset({kind}), only=only)
    tags = frozenset({"rank-deficient design"})
    yield Fit("rank-deficient", rank_deficient, tags=tags, only=("params",))


FITS = list(fits())


class UnitWeighted:
    """A model class that gives every row a frequency weight of one."""

    def __init__(self, model_class):
        self.model_class = model_class

    def __call__(self, endog, exog, **options):
        return self.model_class(endog, exog, freq_weights=np.ones(len(exog)), **options)

    def from_formula(self, formula, data):
        return self.model_class.from_formula(formula, data, freq_weights=np.ones(len(data)))
