"""Error cases of the audit; see ``error_cases.py``."""

from functools import cache

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from sklearn.linear_model import LogisticRegression

from wlogit import OutcomeError, WeightError, audit
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=60), "y": np.arange(60) % 2})
    return frame.assign(m=1 + np.arange(60) % 3, a=rng.uniform(0.5, 2.0, 60))


def glm(family=None, **options):
    family = sm.families.Binomial() if family is None else family
    return smf.glm("y ~ x", data(), family=family, **options)


def fitted():
    return LogisticRegression().fit(data()[["x"]], data()["y"])


def without_data():
    fit = glm().fit()
    fit.remove_data()
    return fit


def probit():
    link = sm.families.links.Probit()
    return glm(sm.families.Binomial(link)).fit()


def three():
    return LogisticRegression().fit(data()[["x"]], data()["m"])


def turned():
    two = data()[["x", "a"]]
    return audit(LogisticRegression().fit(two, data()["y"]), two[["a", "x"]], data()["y"])


ERRORS = {
    "audit, columns in another order": (
        turned,
        ValueError,
        ("X has 'a' as column 1", "fitted on 'x'", "in its order"),
    ),
    "audit, another class": (
        lambda: audit(smf.ols("y ~ x", data()).fit()),
        TypeError,
        ("Logit or GLM", "LogisticRegression", "RegressionResultsWrapper"),
    ),
    "audit, a fit of wlogit": (
        lambda: audit(weighted_logit("y ~ x", data()).fit(disp=False)),
        TypeError,
        ("fit of wlogit", "weighting_report()"),
    ),
    "audit, whole weights": (
        lambda: audit(glm(freq_weights=data()["m"]).fit()),
        ValueError,
        ("freq_weights holds whole numbers", 'meaning="frequency"', 'meaning="sampling"'),
    ),
    "audit, no class weights": (
        lambda: audit(glm(freq_weights=data()["a"]).fit(), meaning="class"),
        WeightError,
        ('meaning="class"', "one weight for each class", "freq_weights", "row 1"),
    ),
    "audit, another link": (
        lambda: audit(probit()),
        ValueError,
        ("logistic regressions", "Binomial", "Probit link"),
    ),
    "audit, constrained": (
        lambda: audit(glm().fit_constrained("x = 0")),
        ValueError,
        ("maximum likelihood", "constrained or penalised"),
    ),
    "audit, penalised": (
        lambda: audit(glm().fit_regularized(alpha=0.1)),
        ValueError,
        ("maximum likelihood", "penalised", "no standard errors"),
    ),
    "audit, without data": (
        lambda: audit(without_data()),
        ValueError,
        ("remove_data", "refits it"),
    ),
    "audit, weights twice": (
        lambda: audit(glm(var_weights=data()["a"]).fit(), sample_weight=data()["a"]),
        ValueError,
        ("has var_weights already", "left out of the fit"),
    ),
    "audit, data of statsmodels": (
        lambda: audit(glm().fit(), data()[["x"]], data()["y"]),
        ValueError,
        ("X and y are for scikit-learn",),
    ),
    "audit, no data": (
        lambda: audit(fitted()),
        ValueError,
        ("audit(estimator, X, y, sample_weight)",),
    ),
    "audit, not fitted": (
        lambda: audit(LogisticRegression(), data()[["x"]], data()["y"]),
        ValueError,
        ("not fitted", "call fit"),
    ),
    "audit, three classes": (
        lambda: audit(three(), data()[["x"]], data()["m"]),
        OutcomeError,
        ("two classes", "has 3"),
    ),
    "audit, other columns": (
        lambda: audit(fitted(), data()[["x", "a"]], data()["y"]),
        ValueError,
        ("X has 2 columns", "on 1"),
    ),
    "audit, other labels": (
        lambda: audit(fitted(), data()[["x"]], data()["y"].map({0: 0, 1: 2})),
        ValueError,
        ("the label 2", "pass the data of the fit"),
    ),
}
