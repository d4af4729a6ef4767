"""Error cases of tables and summaries; see ``error_cases.py``."""

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from wlogit import compare
from wlogit.formula.api import weighted_logit


def data():
    rng = np.random.default_rng(15)
    frame = pd.DataFrame({"x": rng.normal(size=50), "z": rng.normal(size=50)})
    frame["y"] = (rng.random(50) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame.set_axis([f"person {i}" for i in range(50)])


def fit(**options):
    return weighted_logit("y ~ x + z", data(), **options).fit(disp=False)


def penalised():
    return weighted_logit("y ~ x + z", data()).fit_regularized(alpha=1.0, disp=False)


def of_counts():
    endog = np.column_stack([data()["y"], 1 - data()["y"]])
    return sm.GLM(endog, sm.add_constant(data()[["x"]]), family=sm.families.Binomial()).fit()


def of_fractions():
    share = np.linspace(0.1, 0.9, 50)
    return sm.Logit(share, sm.add_constant(data()[["x"]])).fit(disp=False)


def of_statsmodels_lasso():
    return smf.logit("y ~ x", data()).fit_regularized(alpha=1.0, disp=False)


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
    "compare, nothing": (lambda: compare([]), ValueError, ("at least one fit",)),
    "compare, another model": (
        lambda: compare([fit(), of_counts()]),
        TypeError,
        ("result 2 is GLMResults", "wlogit", "Logit"),
    ),
    "compare, statsmodels' lasso": (
        lambda: compare(of_statsmodels_lasso()),
        TypeError,
        ("result 1 is L1BinaryResults", "without a penalty"),
    ),
    "compare, fractions by statsmodels": (
        lambda: compare(of_fractions()),
        ValueError,
        ("result 1", "fractions", "weighted_logit"),
    ),
    "compare, covariances of a penalised fit": (
        lambda: compare([fit(), penalised()], cov_types=["HC0"]),
        TypeError,
        ("cov_types=", "result 2 is RegularizedResults"),
    ),
    "compare, clusters": (
        lambda: compare(fit(), cov_types=["cluster"]),
        ValueError,
        ("compare()", "groups", 'with_covariance("cluster", groups=...)'),
    ),
    "compare, style": (lambda: compare(fit(), style="word"), ValueError, ("'word'", "'markdown'")),
    "compare, level": (lambda: compare(fit(), conf_level=95), ValueError, ("95", "0 and 1")),
    "compare, statistic": (lambda: compare(fit(), statistic="t"), ValueError, ("'t'", "'se'")),
    "compare, errors of odds ratios": (
        lambda: compare(fit(), exponentiate=True, statistic="se"),
        ValueError,
        ("odds ratios", 'statistic="ci"'),
    ),
    "compare, digits": (lambda: compare(fit(), digits=2.5), ValueError, ("digits=2.5", "whole")),
    "compare, names": (
        lambda: compare([fit(), fit()], ["a", "a"]),
        ValueError,
        ("2 entries for 2 columns", "different name"),
    ),
    "compare, keep": (
        lambda: compare(fit(), keep=["xx"]),
        ValueError,
        ("keep=", "'xx'", "did you mean 'x'"),
    ),
    "compare, footer": (
        lambda: compare(fit(), footer=["r2"]),
        ValueError,
        ("footer=", "'r2'", "pseudo_rsquared"),
    ),
    "compare, nothing left": (
        lambda: compare(fit(), keep=["x"], drop=["x"]),
        ValueError,
        ("keep=", "no coefficient"),
    ),
    "compare, renamed twice": (
        lambda: compare(fit(), rename={"x": "z"}),
        ValueError,
        ("rename=", "two coefficients", "'z'"),
    ),
}
