"""From results to the content of their summary."""

from collections.abc import Callable
from typing import Any

from wlogit.errors import NotAvailableError
from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import keep_notes, notes


def summarize(results: Any, sentences: Callable[[Any], tuple[str, ...]] = notes) -> SummaryData:
    """Collect what ``summary()`` says.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    sentences : callable
        Gives the notes of the results.

    Returns
    -------
    SummaryData
    """
    weights = results.weights
    pseudo = not weights.likelihood
    name = type(results.model).__name__
    left = [
        ("Model:", name),
        ("Method:", "pseudo-MLE" if pseudo else results.method),
        ("converged:", str(results.converged)),
        ("Covariance Type:", results.cov_type),
    ]
    right = [
        ("Pseudo R-squ.:", f"{results.prsquared:#6.4g}"),
        ("Log-Pseudolikelihood:" if pseudo else "Log-Likelihood:", f"{results.llf:#8.5g}"),
        ("LL-Null:", f"{results.llnull:#8.5g}"),
        ("LLR p-value:", _pvalue(results)),
    ]
    if weights.kind != "none":
        left.append(("Weights:", weights.kind))
        left.append(("No. Rows:", f"{weights.n_rows:d}"))
        left.append(("Effective Size:", f"{weights.effective_size:.1f}"))
    if pseudo:
        right.append(("AIC (pseudo):", _criterion(results, "aic")))
        right.append(("BIC (pseudo):", _criterion(results, "bic")))
    title = getattr(getattr(results, "constraints", None), "title", f"{name} Regression Results")
    return SummaryData(title, tuple(left), tuple(right), keep_notes(results, sentences))


def _pvalue(results: Any) -> str:
    try:
        pvalue = results.llr_pvalue
    except NotAvailableError:
        return "not available"
    return "<1e-300" if pvalue < 1e-300 else f"{pvalue:#6.4g}"


def _criterion(results: Any, name: str) -> str:
    try:
        return f"{results.info_criteria(name):.2f}"
    except NotAvailableError:
        return "not available"
