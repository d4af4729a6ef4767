"""Error cases of marginal effects and average predictions; see ``error_cases.py``."""

from functools import cache, partial

import numpy as np
import pandas as pd

from wlogit import DesignError, MissingValueError, NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(19)
    n = 80
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.gamma(2.0, 1.0, n)})
    frame["g"] = np.resize(["a", "b", "c"], n)
    frame["k"] = np.arange(n) % 7
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame


@cache
def fit(text="y ~ x + z + C(g)", **options):
    return weighted_logit(text, data(), **options).fit(disp=False)


@cache
def arrays():
    exog = data()[["x", "z"]].assign(const=1.0)
    return WeightedLogit(data()["y"], exog).fit(disp=False)


def calibrated_member(name):
    return getattr(fit(class_weight="balanced").calibrated(), name)


@cache
def doubled():
    return data().assign(twice=2 * data()["x"])


@cache
def twice():
    return weighted_logit("y ~ x + twice + z", doubled(), aliased="drop").fit(disp=False)


@cache
def many_levels():
    rng = np.random.default_rng(3)
    n = 400
    codes = {name: np.arange(n) * step % 50 for name, step in (("a", 1), ("b", 7), ("c", 11))}
    frame = pd.DataFrame({"x": rng.normal(size=n), "y": rng.integers(0, 2, n), **codes})
    model = weighted_logit("y ~ x + C(a) + C(b) + C(c)", frame, aliased="drop")
    return model.fit(disp=False, maxiter=1, warn_convergence=False)


def margins(text="y ~ x + z + C(g)", **options):
    return fit(text).get_margeff(**options)


ERRORS = {
    "margins, at": (lambda: margins(at="modus"), ValueError, ("at='modus'", "'median'")),
    "margins, method": (lambda: margins(method="dy"), ValueError, ("method='dy'", "'dydx'")),
    "margins, scale and prevalence": (
        lambda: margins(scale="weighted", prevalence=0.1),
        ValueError,
        ("prevalence", '"weighted"'),
    ),
    "margins, unconditional at one point": (
        lambda: margins(vce="unconditional", at="mean"),
        ValueError,
        ("unconditional", "at='mean'", "one point"),
    ),
    "margins, elasticity in a dummy": (
        lambda: margins(dummy=True, method="eyex"),
        ValueError,
        ("eyex", "not allowed", "discrete"),
    ),
    "margins, dummy at the median": (
        lambda: margins(dummy=True, at="median"),
        ValueError,
        ("median", "not allowed", "discrete"),
    ),
    "margins, variables at the median": (
        lambda: margins(variables="all", at="median"),
        ValueError,
        ("at='median'", "columns", "atexog"),
    ),
    "margins, variables with counts": (
        lambda: margins(variables="all", count=True),
        ValueError,
        ("count=", "by itself"),
    ),
    "margins, variables at a row": (
        lambda: margins(variables="all", atexog=np.zeros(5)),
        ValueError,
        ("dictionary", "names of variables"),
    ),
    "margins, shape of atexog": (
        lambda: margins(atexog=np.zeros(3)),
        ValueError,
        ("atexog", "5 columns", "one row"),
    ),
    "margins, kind of atexog": (
        lambda: margins(atexog=[0.0]),
        ValueError,
        ("atexog", "dictionary"),
    ),
    "margins, column of atexog": (
        lambda: margins(atexog={"w": 0.0}),
        ValueError,
        ("atexog", "'w'", "Intercept"),
    ),
    "margins, length of atexog": (
        lambda: margins(atexog={"x": [1.0, 2.0]}),
        ValueError,
        ("atexog", "2 values", "'x'", "80 rows"),
    ),
    "margins, errors at all rows": (
        lambda: margins(at="all").summary_frame(),
        ValueError,
        ("Only margeff", "'all'"),
    ),
    "margins, variables of arrays": (
        lambda: arrays().get_margeff(variables="all"),
        DesignError,
        ("arrays", "formula"),
    ),
    "margins, unknown variable": (
        lambda: margins(variables=["age"]),
        DesignError,
        ("'age'", "g, x, z"),
    ),
    "margins, level of a variable": (
        lambda: margins(variables=["x"], atexog={"g": "q"}),
        DesignError,
        ("'g'", "'q'", "'a', 'b', 'c'"),
    ),
    "margins, value of a variable": (
        lambda: margins(variables=["x"], atexog={"z": "high"}),
        DesignError,
        ("'z'", "number", "'high'"),
    ),
    "margins, elasticity in a factor": (
        lambda: margins(variables=["g"], method="eyex"),
        ValueError,
        ("eyex", "'g'", "levels"),
    ),
    "margins, categories of a number": (
        lambda: margins("y ~ x + pd.cut(z, 2)", variables=["z"]),
        DesignError,
        ("categories", "'z'", "predictions_at"),
    ),
    "margins, steps of a number": (
        lambda: margins("y ~ x + np.where(z > 2, 1.0, 0.0)", variables=["z"]),
        DesignError,
        ("step function", "'z'", "predictions_at"),
    ),
    "predictions, no levels": (
        lambda: fit().predictions_at({}),
        ValueError,
        ("predictions_at", "dictionary", "None"),
    ),
    "predictions, a list": (
        lambda: fit().predictions_at(["g"]),
        ValueError,
        ("predictions_at", "dictionary"),
    ),
    "predictions, others": (
        lambda: fit().predictions_at({"g": None}, others="typical"),
        ValueError,
        ("others='typical'", "'observed'"),
    ),
    "predictions, contrast": (
        lambda: fit().predictions_at({"g": None}, contrast="all"),
        ValueError,
        ("contrast='all'", "'pairwise'"),
    ),
    "predictions, contrast of one level": (
        lambda: fit().predictions_at({"x": [1]}, contrast="pairwise"),
        ValueError,
        ("contrast='pairwise'", "two levels", "1 is the only one"),
    ),
    "margins, a variable that was left out": (
        lambda: twice().get_margeff(variables=["twice"]),
        DesignError,
        ("'twice'", "left out", "twice = 2 x"),
    ),
    "predictions, a column that was left out": (
        lambda: (
            WeightedLogit(data()["y"], doubled()[["x", "twice"]], aliased="drop")
            .fit(disp=False)
            .predictions_at({"twice": [1]})
        ),
        DesignError,
        ("'twice'", "left out", "twice = 2 x"),
    ),
    "predictions, an average of nothing": (
        lambda: fit().get_prediction(data().assign(x=np.nan), average=True),
        MissingValueError,
        ("every row", "missing value", "average"),
    ),
    "predictions, level": (
        lambda: fit().get_prediction().summary_frame(alpha=95),
        ValueError,
        ("alpha=95", "between 0 and 1", "alpha=0.05"),
    ),
    "predictions, which": (
        lambda: fit().predictions_at({"g": None}, which="mean", prevalence=0.1),
        ValueError,
        ("prevalence", "calibrated", "'mean'"),
    ),
    "predictions, unconditional at one point": (
        lambda: fit().predictions_at({"g": None}, others="mean", vce="unconditional"),
        ValueError,
        ("unconditional", "one point"),
    ),
    "predictions, tests of levels": (
        lambda: fit().predictions_at({"g": None}).pvalues,
        ValueError,
        ("not tested", "contrast"),
    ),
    "predictions, unknown level": (
        lambda: fit().predictions_at({"g": ["a", "q"]}),
        DesignError,
        ("'g'", "'q'", "'a', 'b', 'c'"),
    ),
    "predictions, unknown variable": (
        lambda: fit().predictions_at({"age": [1]}),
        DesignError,
        ("'age'", "g, x, z"),
    ),
    "predictions, unknown column": (
        lambda: arrays().predictions_at({"age": [1]}),
        DesignError,
        ("'age'", "'x', 'z', 'const'"),
    ),
    "predictions, levels of a number": (
        lambda: fit().predictions_at({"x": None}),
        DesignError,
        ("'x'", "number", "[...]"),
    ),
    "predictions, empty levels": (
        lambda: fit().predictions_at({"x": []}),
        DesignError,
        ("no levels", "'x'"),
    ),
    "predictions, too many combinations": (
        lambda: many_levels().predictions_at({"x": [0]}, others="mean"),
        DesignError,
        ("125,000 combinations", "observed"),
    ),
    "calibrated, margins in the class weights": (
        lambda: fit(class_weight="balanced").calibrated().get_margeff(scale="weighted"),
        ValueError,
        ("calibrated", 'uncalibrated.get_margeff(scale="weighted")'),
    ),
    "calibrated, no constant": (
        lambda: fit("y ~ 0 + x + z", class_weight="balanced").calibrated(),
        NotAvailableError,
        ("free constant", "slopes"),
    ),
    "calibrated, influence": (
        lambda: fit(class_weight="balanced").calibrated().get_influence(),
        NotAvailableError,
        ("influence", "uncalibrated.get_influence()"),
    ),
    **{
        f"calibrated, {name}": (
            partial(calibrated_member, name),
            NotAvailableError,
            ("residuals", f"uncalibrated.{name}"),
        )
        for name in ("resid_response", "resid_pearson", "resid_dev")
    },
    "margins, no slope": (
        lambda: margins("y ~ x + np.where(k == np.round(k), k, np.nan)", variables=["k"]),
        DesignError,
        ("finite slope", "'k'", "predictions_at"),
    ),
}
