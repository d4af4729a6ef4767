"""Error cases of classification and calibration; see ``error_cases.py``."""

from functools import cache

import numpy as np
import pandas as pd

import wlogit
from wlogit import (
    NotALikelihoodError,
    NotAvailableError,
    OutcomeError,
    WeightedLogit,
    WeightError,
)
from wlogit.formula.api import weighted_logit
from wlogit.inference.scored import Scored


@cache
def data():
    rng = np.random.default_rng(21)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": np.arange(60) % 2})
    frame["y"] = (rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame.assign(answer=np.where(frame["y"] == 1, "yes", "no"))


def fitted(formula="y ~ x", **options):
    return weighted_logit(formula, data(), **options).fit(disp=False)


def unconverged():
    return weighted_logit("y ~ x", data()).fit(maxiter=0, disp=False, warn_convergence=False)


def tiny():
    design = np.column_stack([np.ones(6), [1, 2, 2, 1, 3, 1]])
    return WeightedLogit([0, 1, 0, 1, 1, 0], design).fit(disp=False)


def constrained():
    return weighted_logit("y ~ x + z", data()).fit_constrained("z = 0", disp=False)


def one_class():
    cases = fitted().evaluate().cases
    only = {"outcome": np.zeros(5), "eta": np.arange(5.0), "multiplicity": np.ones(5)}
    return Scored(**only, shift=0.0, weight=np.ones(5), sampling=cases.sampling)


def evaluated(*args, **options):
    return fitted().evaluate(*args, **options)


def other_rows():
    return WeightedLogit(data()["y"][:50], data()[["x", "z"]][:50]).fit(disp=False)


def recalibrated():
    return fitted(class_weight="balanced").recalibrate()


def forgotten():
    results = recalibrated()
    results.remove_data()
    return results._results._influences()


ERRORS = {
    "prevalence of recalibration": (
        lambda: fitted().recalibrate(1.0),
        ValueError,
        ("prevalence=1.0", "between 0 and 1"),
    ),
    "recalibration without a constant": (
        lambda: fitted("y ~ 0 + x").recalibrate(),
        NotAvailableError,
        ("moves the constant", "add a constant"),
    ),
    "recalibration, not converged": (
        lambda: unconverged().recalibrate(),
        NotAvailableError,
        ("did not converge", "bias-reduced"),
    ),
    "recalibrated, another prevalence": (
        lambda: recalibrated().predict(prevalence=0.1),
        NotAvailableError,
        ("recalibrate(prevalence=...)",),
    ),
    "recalibrated, held out": (
        lambda: recalibrated().evaluate(cv=3),
        NotAvailableError,
        ("cv=", "uncalibrated"),
    ),
    "recalibrated, without data": (
        forgotten,
        NotAvailableError,
        ("removed",),
    ),
    "recalibrated to another share than that of its cases": (
        lambda: fitted(class_weight="balanced").recalibrate(0.01).brier(),
        NotAvailableError,
        ("recalibrated to a share of events of 0.01", "0.4167", "uncalibrated", "evaluate(data)"),
    ),
    "area of no area": (
        lambda: fitted().auc().compare(fitted().roc()),
        TypeError,
        ("not with RocCurve", "other.auc()"),
    ),
    "areas of other cases": (
        lambda: fitted().auc().compare(other_rows().auc()),
        ValueError,
        ("not about the same cases", "the same rows"),
    ),
    "areas of other clusters": (
        lambda: (
            fitted()
            .with_covariance("cluster", groups=np.arange(60) % 20)
            .auc()
            .compare(fitted("y ~ z").with_covariance("cluster", groups=np.arange(60) // 3).auc())
        ),
        ValueError,
        ("clusters or survey designs", "how the cases were drawn", "same groups="),
    ),
    "one class only": (
        lambda: wlogit.evaluation.Evaluation(one_class()).auc(),
        OutcomeError,
        ("no case has the outcome 1", "compares the two classes", "rows of both"),
    ),
    "missing outcome of two scores": (
        lambda: wlogit.compare_auc([0, 1, np.nan], [0.1, 0.4, 0.2], [0.1, 0.2, 0.3]),
        ValueError,
        ("outcome is missing in row 2 (1 rows in all)", "every case needs one"),
    ),
    "missing score": (
        lambda: wlogit.compare_auc([0, 1, 1], [0.1, np.nan, 0.2], [0.1, 0.2, 0.3]),
        ValueError,
        ("first is missing in row 1", "both scores"),
    ),
    "threshold": (
        lambda: fitted().classification_report(1.5),
        ValueError,
        ("between 0 and 1", "1.5"),
    ),
    "threshold on the other scale": (
        lambda: fitted().map_threshold(1.5),
        ValueError,
        ("between 0 and 1", "1.5"),
    ),
    "threshold of a table": (
        lambda: fitted().pred_table("half"),
        ValueError,
        ("between 0 and 1", "'half'"),
    ),
    "prevalence of an evaluation": (
        lambda: evaluated(data(), prevalence=5),
        ValueError,
        ("prevalence=5", "between 0 and 1"),
    ),
    "prevalence of rows of one class": (
        lambda: evaluated(data().query("y == 0"), prevalence=0.1),
        OutcomeError,
        ("no case has the outcome 1", "prevalence", "rows of both"),
    ),
    "no new rows": (lambda: evaluated(data().head(0)), ValueError, ("no rows",)),
    "no complete new rows": (
        lambda: evaluated(data().head(7).assign(x=np.nan)),
        ValueError,
        ("missing in every one of the 7 new rows",),
    ),
    "prevalence of precision": (
        lambda: fitted().precision_recall(prevalence=1.0),
        ValueError,
        ("prevalence=1.0", "between 0 and 1"),
    ),
    "cost without its method": (
        lambda: fitted().choose_threshold({"false_positive": 1}, method="youden"),
        ValueError,
        ('method="cost"', 'method="youden"'),
    ),
    "costs": (
        lambda: fitted().choose_threshold({"false_positive": 1.0, "false_negative": 0.0}),
        ValueError,
        ("positive cost", "'false_negative'"),
    ),
    "number of bins": (lambda: fitted().calibration(bins=0), ValueError, ("bins=0", "at least 1")),
    "edges of bins": (
        lambda: fitted().calibration(bins=[0.4, 0.6]),
        ValueError,
        ("edges that rise", "every prediction", "0 and 1"),
    ),
    "number of groups": (
        lambda: fitted().gof_test(groups=2),
        ValueError,
        ("groups=2", "at least 3"),
    ),
    "too few predictions for groups": (
        lambda: fitted("y ~ z").gof_test(),
        NotAvailableError,
        ("fewer than the 3 groups", "calibration()"),
    ),
    "groups of a pseudo-likelihood": (
        lambda: fitted(class_weight="balanced").gof_test(),
        NotALikelihoodError,
        ("class weights", "chi-square", "calibration()", "link_test()"),
    ),
    "groups, not converged": (
        lambda: unconverged().gof_test(),
        NotAvailableError,
        ("did not converge", "goodness-of-fit"),
    ),
    "link test, not converged": (
        lambda: unconverged().link_test(),
        NotAvailableError,
        ("did not converge", "link test"),
    ),
    "link test, constrained": (
        lambda: constrained().link_test(),
        NotAvailableError,
        ("unconstrained", "link_test of fit()"),
    ),
    "link test, two predictions": (
        lambda: fitted("y ~ z").link_test(),
        NotAvailableError,
        ("fewer than three", "no link"),
    ),
    "link test, separated refit": (
        lambda: tiny().link_test(),
        NotAvailableError,
        ("no finite optimum", "link test"),
    ),
    "held out, constrained": (
        lambda: constrained().evaluate(cv=5),
        NotAvailableError,
        ("cv=", "unconstrained", "fit()"),
    ),
    "new and held out": (
        lambda: evaluated(data(), cv=5),
        ValueError,
        ("data=", "cv=", "not both"),
    ),
    "new rows without the weights of the fit": (
        lambda: fitted(freq_weights=np.full(60, 2)).evaluate(data()),
        WeightError,
        ("freq_weights", "new rows", "ones"),
    ),
    "weights of no new rows": (
        lambda: evaluated(sampling_weights="x"),
        ValueError,
        ("sampling_weights=", "give data="),
    ),
    "seed without folds": (lambda: evaluated(seed=1), ValueError, ("seed=", "cv=")),
    "new rows without an outcome": (
        lambda: evaluated(data()[["x"]]),
        ValueError,
        ("'y'", "endog="),
    ),
    "outcome of new rows": (
        lambda: evaluated(data(), "answers"),
        ValueError,
        ("endog='answers'", "not a column"),
    ),
    "labels of new rows": (
        lambda: evaluated(data(), "answer"),
        OutcomeError,
        ("'no'", "'yes'", "the fit knows 0 and 1"),
    ),
    "unknown label of new rows": (
        lambda: fitted("answer ~ x").evaluate(data(), "y"),
        OutcomeError,
        ("the label", "'no'", "'yes'"),
    ),
    "length of a new outcome": (
        lambda: evaluated(data(), data()["y"].to_numpy()[:9]),
        OutcomeError,
        ("9 rows", "60"),
    ),
}
