"""Data and fits that errors are made with."""

from functools import cache

import numpy as np
import pandas as pd

from wlogit import (
    WeightedLogit,
)
from wlogit.formula.api import weighted_logit

LABELS = [f"r{i}" for i in range(60)]


@cache
def _data():
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=60),
            "z": rng.normal(size=60),
            "g": rng.choice(["a", "b", "c"], 60),
            "o": rng.normal(size=60) / 10,
            "w": rng.integers(1, 4, 60),
            "cluster": np.arange(60) % 12,
        },
        index=LABELS,
    )
    data["y"] = (rng.random(60) < 1 / (1 + np.exp(-data["x"]))).astype(int)
    data["twice"] = 2 * data["x"]
    return data


def data(**columns):
    return _data().assign(**columns)


def with_hole(column):
    changed = data()
    changed[column] = changed[column].astype(object if column == "g" else float)
    changed.loc["r7", column] = None if column == "g" else np.nan
    return changed


def X():  # noqa: N802  a matrix
    return np.column_stack([np.ones(60), data()["x"], data()["z"]])


def y():
    return data()["y"].to_numpy()


def table():
    return pd.DataFrame(X(), columns=["const", "x", "z"], index=LABELS)


def spoiled(value):
    values = table()
    values.iloc[7, 1] = value
    return values


def arrays(endog=None, exog=None, **options):
    return WeightedLogit(y() if endog is None else endog, X() if exog is None else exog, **options)


def labeled(exog, **options):
    return WeightedLogit(data()["y"], exog, **options)


def formula(text="y ~ x + z", frame=None, **options):
    return weighted_logit(text, data() if frame is None else frame, **options)


def fit(model=None, **options):
    return (formula() if model is None else model).fit(disp=False, **options)


def balanced(**options):
    return fit(formula(class_weight="balanced"), **options)


def aliased():
    return fit(formula("y ~ x + twice + C(g)", aliased="drop"))


def without_data():
    results = fit(formula("y ~ x + z + C(g)", freq_weights="w"))
    results.remove_data()
    return results


def penalised(**options):
    return formula().fit_regularized(
        **{"method": "elastic_net", "alpha": 0.1, "disp": False, **options}
    )


def wide():
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(6), rng.normal(size=(6, 8))])
    return WeightedLogit([0, 1, 0, 1, 0, 1], design, aliased="keep")


def constrained(**options):
    return formula(**options).fit_constrained("x = 0.5", disp=False)


def separated(**options):
    return arrays(endog=(X()[:, 1] > 0).astype(int), **options)


def raising_on_separation():
    model = separated()
    model.raise_on_perfect_prediction = True
    return fit(model)


def clusters(groups, **options):
    return fit(cov_type="cluster", cov_kwds={"groups": groups, **options})


def one_event():
    return fit(arrays(endog=(np.arange(60) == 5).astype(int), class_weight="balanced"))
