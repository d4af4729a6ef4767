"""The printed summary of a penalised fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
from statsmodels.iolib.table import SimpleTable
from statsmodels.iolib.tableformatting import fmt_params

from wlogit._statsmodels.summary import Summary, headed
from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import keep_notes, notes_on_data, trouble

# Beyond this many columns, zeros are counted and not listed.
_LISTED = 100


def summary(results: Any, yname: Any, xname: list[str] | None, title: str | None) -> Summary:
    """Lay out a penalised fit in statsmodels' tables.

    Parameters
    ----------
    results : RegularizedResults
    yname, xname, title : optional
        Names to print in place of the model's.
    """
    names = (str(yname or results.model.endog_names), None)
    filled = headed(results, document(results), names, title, sample=())
    filled.tables.append(_coefficients(results, xname))
    return filled


def document(results: Any) -> SummaryData:
    """What the summary says."""
    penalised = np.any([results.fit_record.penalty.l1, results.fit_record.penalty.l2], axis=0)
    sizes = [
        ("Columns:", f"{penalised.size:d}"),
        ("Penalised:", f"{np.count_nonzero(penalised):d}"),
    ]
    penalty = (_penalty(results), _alpha(results.alpha))
    return penalised_document(results, penalty, sizes, _notes)


def penalised_document(
    results: Any,
    penalty: tuple[str, str],
    sizes: list[tuple[str, str]],
    notes: Callable[[Any], tuple[str, ...]],
) -> SummaryData:
    """What the summary of a penalised fit says, whatever the number of labels.

    Parameters
    ----------
    results : RegularizedResults or RegularizedMNLogitResults
    penalty : tuple of str
        The kind of penalty, and its strength.
    sizes : list of pairs of str
        Labels and numbers of columns and the like.
    notes : callable
        Gives the sentences below the coefficients.
    """
    weights, name = results.weights, type(results.model).__name__
    left = [
        ("Model:", name),
        ("Method:", results.method),
        ("converged:", str(results.converged)),
        ("Penalty:", penalty[0]),
        ("alpha:", penalty[1]),
    ]
    right = [
        ("No. Observations:", f"{results.nobs:.10g}"),
        *sizes,
        ("Non-zero:", f"{results.nnz_params:d}"),
        (
            "Log-Likelihood:" if weights.likelihood else "Log-Pseudolikelihood:",
            f"{results.llf:#8.5g}",
        ),
        ("Less penalty:", f"{results.penalized_llf:#8.5g}"),
        ("KKT residual:", f"{results.kkt_residual:.1e}"),
    ]
    if weights.kind != "none":
        left.append(("Weights:", weights.kind))
        shorter = left if len(left) < len(right) else right
        shorter.append(("Effective Size:", f"{weights.effective_size:.1f}"))
    title = f"{name} Penalised Regression Results"
    return SummaryData(title, tuple(left), tuple(right), keep_notes(results, notes))


def _notes(results: Any) -> tuple[str, ...]:
    about = (_NO_ERRORS, _objective(results))
    return (*trouble(results), *about, *notes_on_data(results))


_NO_ERRORS = (
    "Penalised coefficients are biased towards zero and no standard errors are valid for them: use "
    "debiased() for valid intervals, or refit=True, whose intervals ignore the selection."
)


def _objective(results: Any) -> str:
    if results.method == "l1":
        return (
            "Minimises minus the log-likelihood in the weights as given, plus "
            "sum alpha |b|: alpha grows with the weights."
        )
    unit = " per weighted standard deviation" if results.standardize else ""
    return (
        "Minimises minus the log-likelihood over the sum of the weights, plus alpha times the "
        f"penalty of the coefficients{unit}: the unit of the weights does not matter."
    )


def _penalty(results: Any) -> str:
    if results.L1_wt in (0.0, 1.0):
        return "lasso" if results.L1_wt else "ridge"
    return f"L1_wt = {results.L1_wt:g}"


def _alpha(alpha: Any) -> str:
    if np.ndim(alpha) == 0:
        return f"{float(alpha):.6g}"
    values = np.asarray(alpha, dtype=np.float64)
    return f"{values.min():.4g} to {values.max():.4g}"


def _coefficients(results: Any, xname: list[str] | None) -> SimpleTable:
    params, penalty = results.fit_record.optimum.params, results.fit_record.penalty
    names = list(map(str, xname or results.model.exog_names))
    if len(names) != len(params):
        raise ValueError(f"xname has {len(names)} names for {len(params)} coefficients.")
    shown = np.arange(len(params))
    if len(params) > _LISTED:
        shown = np.flatnonzero(params)
    rows = [
        [f"{params[j]:.4f}" if params[j] else "0", f"{penalty.l1[j]:.4g}", f"{penalty.l2[j]:.4g}"]
        for j in shown
    ]
    return SimpleTable(rows, ["coef", "l1", "l2"], [names[j] for j in shown], txt_fmt=fmt_params)
