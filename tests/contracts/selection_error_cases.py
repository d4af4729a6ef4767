"""One call for every error of debiased fits, refits of a selection and stability selection."""

import warnings
from functools import cache, partial

import numpy as np
import pandas as pd

from wlogit import (
    ConvergenceWarning,
    NotAvailableError,
    OutcomeError,
    WeightedLogit,
)

N = 60


@cache
def _data():
    rng = np.random.default_rng(4)
    exog = np.column_stack([np.ones(N), rng.normal(size=(N, 12))])
    names = ["const", *(f"x{j}" for j in range(12))]
    exog = pd.DataFrame(exog, columns=names, index=[f"r{i}" for i in range(N)])
    return exog, (rng.random(N) < 1 / (1 + np.exp(-exog["x0"]))) * 1


def model(endog=None, columns=None, **options):
    X, y = _data()
    return WeightedLogit(
        y if endog is None else endog, X if columns is None else X[columns], **options
    )


def lasso(fitted=None, **options):
    given = {"method": "elastic_net", "alpha": 0.05, "disp": False, **options}
    return (model() if fitted is None else fitted).fit_regularized(**given)


def debiased(words, error=ValueError, *, results=lasso, **options):
    return (lambda: results().debiased(**options)), error, words


def unfinished():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return lasso(maxiter=0)


def nothing_left():
    return lasso(model(columns=["x0", "x1"]), method="l1", alpha=1e6).refit()


def stability(words, error=ValueError, *, fitted=model, **options):
    given = {"alphas": 0.1, "n_pairs": 2, "seed": 1, **options}
    return (lambda: fitted().stability_selection(**given)), error, words


def one_event():
    return model(endog=(np.arange(N) == 7) * 1)


def one_group_with_events():
    return model(endog=(np.arange(N) < 5) * 1)


ERRORS = {
    "debiased, not the optimum": debiased(
        ("did not converge", "maxiter"), NotAvailableError, results=unfinished
    ),
    "debiased, ridge": debiased(
        ("ridge", "L1_wt=1"), NotAvailableError, results=partial(lasso, L1_wt=0.0)
    ),
    "debiased, unknown covariance": debiased(("'HC9'", "HC1", "cluster"), cov_type="HC9"),
    "debiased, keyword of another covariance": debiased(
        ("'HC1'", "groups"), cov_type="HC1", cov_kwds={"groups": "x0"}
    ),
    "debiased, no leverages": debiased(
        ("HC3", "leverages", '"HC1"'),
        NotAvailableError,
        results=lambda: lasso(model(class_weight="balanced")),
        cov_type="HC3",
    ),
    "debiased, unknown column": debiased(("'q'", "const, x0"), columns=["x0", "q"]),
    "debiased, no column": debiased(("columns is empty", "None for all"), columns=[]),
    "debiased, level": debiased(("alpha=95", "between 0 and 1"), alpha=95),
    "debiased, start": debiased(("start='lasso'", "strong", "penalized"), start="lasso"),
    "refit, nothing selected": (nothing_left, ValueError, ("no column was selected", "alpha")),
    "stability, pairs": stability(("n_pairs=0", "at least 1"), n_pairs=0),
    "stability, ridge": stability(("L1_wt=0", "ridge"), L1_wt=0.0),
    "stability, threshold": stability(("threshold=0.5", "above 0.5"), threshold=0.5),
    "stability, bound": stability(("pfer=0", "positive", "by chance"), pfer=0.0),
    "stability, nothing penalised": stability(
        ("no column is penalised", "penalty_factor"), penalty_factor=np.zeros(13)
    ),
    "stability, bound alone": stability(
        ("pfer=0.2", "larger alphas", "threshold="), pfer=0.2, alphas=0.001
    ),
    "stability, bound and threshold": stability(
        ("pfer=0.2", "threshold=0.6", "larger alphas"), pfer=0.2, threshold=0.6, alphas=0.001
    ),
    "stability, one event": stability(
        ("only one row", "outcome 1", "at least two"), OutcomeError, fitted=one_event
    ),
    "stability, one group with events": stability(
        ("only one group", "outcome 1"),
        OutcomeError,
        fitted=one_group_with_events,
        groups=np.arange(N) // 10,
    ),
    "stability, two groupings": stability(
        ("2 groupings", "one"), groups=np.column_stack([np.arange(N)] * 2)
    ),
}
