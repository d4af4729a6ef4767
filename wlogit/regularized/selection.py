"""Refits of what a penalty selected, by maximum likelihood, which say that they ignore that."""

from typing import Any

import numpy as np
from statsmodels.base._constraints import LinearConstraints

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit.constrained import fit_free
from wlogit.free_coefficients import FreeCoefficients


class Selection(LinearConstraints):  # type: ignore[misc]
    """The constraints that columns which were not selected have coefficients of zero.

    Attributes
    ----------
    note : str
        How the columns were selected, and what that does to the inference.
    title : str
        Of the summary.
    """


def refit_selected(results: Any, **fit_kwds: Any) -> WeightedLogitResultsWrapper:
    """Fit the selected columns of a penalised fit without a penalty.

    Parameters
    ----------
    results : RegularizedResults
    **fit_kwds
        Arguments of ``fit``, the covariance included.

    Returns
    -------
    WeightedLogitResults
        Over all columns; coefficients of columns not selected are zero, with no error. Standard
        errors, tests and intervals take the selection for given: they are too optimistic.

    Raises
    ------
    ValueError
        When no column is left to fit.
    """
    model, fitted = results.model, results.fit_record
    model.require_data()
    params = fitted.optimum.params
    penalised = (fitted.penalty.l1 > 0.0) | (fitted.penalty.l2 > 0.0)
    chosen = np.flatnonzero((params != 0.0) | ~penalised)
    if not chosen.size:
        raise ValueError(
            "no column was selected and none is free of the penalty, so there is nothing to refit; "
            "lower alpha."
        )
    k = len(params)
    free = FreeCoefficients(chosen, np.eye(k)[:, chosen], np.zeros(k))
    dropped = np.setdiff1d(np.arange(k), chosen)
    names = list(model.exog_names)
    linear = Selection(np.eye(k)[dropped], np.zeros(len(dropped)), names)
    linear.note = _note(results, int(np.count_nonzero(params[penalised])), int(penalised.sum()))
    linear.title = f"{type(model).__name__} Refit of Selected Columns (ignores the selection)"
    fit_kwds = {"disp": False, **fit_kwds}
    return fit_free(model, free, linear, fit_kwds.pop("start_params", None), fit_kwds)


def _note(results: Any, selected: int, penalised: int) -> str:
    kind = {1.0: "lasso", 0.0: "ridge"}.get(results.L1_wt, f"elastic net, L1_wt={results.L1_wt:g},")
    alpha = np.asarray(results.alpha, dtype=np.float64)
    shown = f"{alpha:.6g}" if alpha.ndim == 0 else f"{alpha.min():.4g} to {alpha.max():.4g}"
    return (
        f"This refit IGNORES THE SELECTION: the {kind} ({results.method}, alpha={shown}) kept "
        f"{selected} of {penalised} penalised columns because of these data, and the standard "
        "errors, p-values and intervals take them for given. They are too small and too short: "
        "use debiased() for valid ones."
    )
