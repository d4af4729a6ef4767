"""Error cases of fits with several labels; see ``error_cases.py``."""

from functools import cache
from unittest import mock

import numpy as np
import pandas as pd

from wlogit import (
    DesignError,
    NotAvailableError,
    OutcomeError,
    SeparationError,
    WeightedMNLogit,
    WeightError,
)
from wlogit.formula.api import weighted_mnlogit


@cache
def data():
    rng = np.random.default_rng(31)
    frame = pd.DataFrame({"x": rng.normal(size=90), "z": rng.normal(size=90)})
    frame["y"] = np.array(["a", "b", "c"])[rng.integers(0, 3, 90)]
    frame["apart"] = np.array(["a", "b", "c"])[np.digitize(frame["x"], [-0.5, 0.5])]
    frame["flag"] = (frame["x"] > 0) & (frame["y"] == "a")
    frame["flag"] = frame["flag"].astype(float)
    return frame


def model(formula="y ~ x", **options):
    return weighted_mnlogit(formula, data(), **options)


def fitted(formula="y ~ x", **options):
    return model(formula, **options).fit(disp=False)


def penalised(**options):
    return model().fit_regularized(alpha=0.1, disp=False, **options)


def unconverged():
    return model().fit(maxiter=0, disp=False, warn_convergence=False)


def separated(formula="apart ~ x"):
    return model(formula).fit(disp=False, warn_convergence=False)


def separated_strictly():
    strict = model("apart ~ x")
    strict.raise_on_perfect_prediction = True
    strict.fit(disp=False)


def without_data():
    results = fitted()
    results.remove_data()
    return results


def too_many_pairs():
    with mock.patch("wlogit.multinomial.separation.MOST_ENTRIES", 10):
        model().check_separation()


def case_control_effects():
    results = fitted(class_weight="balanced").with_covariance("HC3", sampling="case-control")
    return results.get_margeff(vce="unconditional")


ERRORS = {
    "labels: full_output": (
        lambda: model().fit(full_output="yes"),
        TypeError,
        ("full_output must be True or False",),
    ),
    "labels: full_output, penalised": (
        lambda: penalised(full_output="yes"),
        TypeError,
        ("full_output must be True or False",),
    ),
    "labels: start of another length": (
        lambda: model().fit(start_params=[0.0, 0.0, 0.0], disp=False),
        ValueError,
        ("start_params has 3 values", "2 columns", "2 labels but the first"),
    ),
    "labels: infinite start": (
        lambda: model().fit(start_params=[0.0, np.inf, 0.0, 0.0], disp=False),
        ValueError,
        ("start_params must be finite",),
    ),
    "labels: separated": (
        separated_strictly,
        SeparationError,
        ("complete separation", "c: x", "fit_regularized"),
    ),
    "labels: test of what diverges": (
        lambda: separated("y ~ flag").wald_test(np.eye(4)),
        NotAvailableError,
        ("flag", "standard errors are not defined"),
    ),
    "labels: too many pairs": (
        too_many_pairs,
        NotAvailableError,
        ("too many pairs", "fit()"),
    ),
    "labels: HC4": (
        lambda: fitted().with_covariance("HC4"),
        ValueError,
        ("HC4", "several labels", "HC3"),
    ),
    "labels: ratio without an optimum": (
        lambda: unconverged().im_ratio,
        NotAvailableError,
        ("did not converge", "information-matrix ratio"),
    ),
    "labels: score test without an optimum": (
        lambda: unconverged().score_test(data()["z"]),
        NotAvailableError,
        ("did not converge", "optimum"),
    ),
    "labels: infinite column to test": (
        lambda: fitted().score_test(data()["z"].where(data()["z"] < 1)),
        ValueError,
        ("exog_extra", "missing or infinite"),
    ),
    "labels: nothing to test": (
        lambda: fitted().score_test(2.0 * data()["x"]),
        DesignError,
        ("linear combination", "nothing to test"),
    ),
    "labels: no column to test": (
        lambda: fitted().score_test(),
        NotAvailableError,
        ("added columns", "exog_extra="),
    ),
    "labels: separate score tests": (
        lambda: fitted().score_test(data()["z"], hypothesis="separate"),
        ValueError,
        ("hypothesis='separate'", "'joint'"),
    ),
    "labels: combined terms": (
        lambda: fitted().wald_test_terms(combine_terms=["x"]),
        NotAvailableError,
        ("wald_test",),
    ),
    "labels: a page": (
        lambda: fitted().report("fit.html"),
        NotAvailableError,
        ("report()", "two labels", "summary()", "plots.confusion"),
    ),
    "labels: offset": (
        lambda: model(offset="z"),
        TypeError,
        ("'offset'", "two labels"),
    ),
    "labels: offset of arrays": (
        lambda: WeightedMNLogit(list("abc") * 2, np.ones((6, 1)), offset=np.ones(6)),
        TypeError,
        ("'offset'", "two labels"),
    ),
    "labels: prevalence": (
        lambda: model(prevalence=0.1),
        TypeError,
        ("'prevalence'", "two labels", "sampling_weights="),
    ),
    "labels: columns that repeat others, kept": (
        lambda: model("y ~ x + I(2 * x)", aliased="keep").fit(disp=False),
        DesignError,
        ("I(2 * x) = 2 x", "aliased"),
    ),
    "labels: pairwise": (
        lambda: fitted().t_test_pairwise("x"),
        NotAvailableError,
        ("one equation", "t_test"),
    ),
    "labels: statsmodels' robust covariance": (
        lambda: fitted()._get_robustcov_results("HC1"),
        NotAvailableError,
        ("counts rows", "with_covariance"),
    ),
    "labels: density": (
        lambda: model().pdf([0.0]),
        NotAvailableError,
        ("no density", "cdf"),
    ),
    "labels: distribution of the model": (
        lambda: model().get_distribution([0.0]),
        NotAvailableError,
        ("no frozen distribution", "predict()"),
    ),
    "labels: distribution": (
        lambda: fitted().get_distribution(),
        NotAvailableError,
        ("no frozen distribution", "predict()"),
    ),
    "labels: influence": (
        lambda: fitted().get_influence(),
        NotAvailableError,
        ("two labels", "refit"),
    ),
    "labels: constraints": (
        lambda: model().fit_constrained("x = 0"),
        NotAvailableError,
        ("under constraints", "wald_test"),
    ),
    "labels: covariance of statsmodels' lasso": (
        lambda: model().cov_params_func_l1([0.0], None, None),
        NotAvailableError,
        ("penalised", "no covariance"),
    ),
    "labels: effects of rows by statsmodels": (
        lambda: model()._derivative_exog([0.0]),
        NotAvailableError,
        ("count rows", "get_margeff"),
    ),
    "labels: without data": (
        lambda: without_data().predict(),
        NotAvailableError,
        ("removed", "new rows"),
    ),
    "labels: intervals at all rows": (
        lambda: fitted().get_margeff(at="all").conf_int(),
        ValueError,
        ("`at` is 'all'",),
    ),
    "labels: margeff": (
        lambda: fitted().margeff(),
        NotImplementedError,
        ("get_margeff",),
    ),
    "labels: unconditional, case-control": (
        case_control_effects,
        ValueError,
        ("unconditional", "sampled at random", "delta"),
    ),
    "labels: start of a penalised fit": (
        lambda: penalised(start_params=np.zeros(6)),
        ValueError,
        ("start_params", "start at zero"),
    ),
    "labels: statsmodels' lasso": (
        lambda: penalised(method="l1"),
        ValueError,
        ("method='l1'", "elastic_net"),
    ),
    **{
        f"labels: {name} of a penalised fit": (
            lambda name=name: getattr(penalised(), name),
            NotAvailableError,
            (name, "biased", "fit()"),
        )
        for name in ("bse", "tvalues", "pvalues", "conf_int", "cov_params")
    },
    "labels: two columns": (
        lambda: weighted_mnlogit("x + z ~ 1", data()),
        OutcomeError,
        ("2 columns", "one column that holds the labels", "freq_weights="),
    ),
    "labels: one label": (
        lambda: weighted_mnlogit("y ~ x", data(), subset=data()["y"] == "a"),
        OutcomeError,
        ("only the label 'a'", "at least two"),
    ),
    "labels: many numbers": (
        lambda: weighted_mnlogit("x ~ z", pd.concat([data()] * 2).assign(x=np.arange(180.0))),
        OutcomeError,
        ("180 different numbers", "group them"),
    ),
    "labels: one label with weight": (
        lambda: model(freq_weights=(data()["y"] == "a").astype(int)),
        OutcomeError,
        ("only the label 'a'", "weight zero"),
    ),
    "labels: unknown class": (
        lambda: model(class_weight={"a": 1, "b": 1, "c": 1, "d": 1}),
        WeightError,
        ("'d'", "'a', 'b', 'c'"),
    ),
    "labels: class without a weight": (
        lambda: model(class_weight={"a": 1, "b": 1}),
        WeightError,
        ("no weight for the label 'c'",),
    ),
    "labels: single case of a class": (
        lambda: weighted_mnlogit(
            "y ~ x",
            data().assign(y=np.where(np.arange(90) == 3, "d", data()["y"])),
            class_weight="balanced",
        ).fit(disp=False, warn_convergence=False),
        WeightError,
        ("'d' has 1 cases", "mapping", "HC0"),
    ),
}
