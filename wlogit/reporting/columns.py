"""One fit as a column of a table of several."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wlogit.reporting import notes
from wlogit.reporting.tidy import coefficient_names, fit_statistics, tidy

QUANTITIES = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What a table says of one fit.

    Attributes
    ----------
    table : DataFrame
        By term: estimate, std_error, statistic, p_value, conf_low, conf_high.
    statistics : mapping
        Of the fit, by the names of ``glance()``; NaN for what it has not.
    event : str
        Outcome and label of the event, as ``"y = 1"``; empty for counts, fractions and several
        labels.
    weights, covariance : str
        Their kinds.
    valid : bool
        Whether the standard errors are errors under these weights.
    test : {"z", "t"}
    notes : tuple of str
        Weights and covariance in words, and what else a reader must know.
    """

    table: pd.DataFrame
    statistics: Mapping[str, Any]
    event: str
    weights: str
    covariance: str
    valid: bool
    test: str
    notes: tuple[str, ...]


def column(
    results: Any,
    *,
    conf_level: float,
    covariance_holds: bool,
    method: Iterable[str],
    constant: Iterable[str],
) -> Column:
    """A fit with a covariance as a column.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    conf_level : float
    covariance_holds : bool
        Whether the covariance in use is one under the weights.
    method : iterable of str
        Sentences on how the fit was made, if not by maximum likelihood.
    constant : iterable of str
        Sentences on its intercepts.
    """
    table = tidy(results, exponentiate=False, conf_level=conf_level)
    return Column(
        table=table.assign(term=coefficient_names(table)).set_index("term")[QUANTITIES],
        statistics=fit_statistics(results),
        event=event_of(results),
        weights=results.weights.kind,
        covariance=results.cov_type,
        valid=covariance_holds,
        test="t" if results.use_t else "z",
        notes=(*_sentences(results, method, covariance_holds), *constant),
    )


def event_of(fit: Any) -> str:
    """Outcome and event, as ``"y = 1"``; empty for counts, fractions and several labels."""
    if fit.weights.fractional or fit.model.outcome_kind in ("counts", "labels"):
        return ""
    return f"{fit.model.endog_names} = {fit.weights.labels[1]}"


def data_notes(fit: Any) -> Iterator[str]:
    """Weights, reference levels and rows left out, in words."""
    if not event_of(fit):
        yield from notes.outcome_kind(fit)
    yield from notes.references(fit)
    yield from notes.weight_kinds(fit) if fit.weights.kind != "none" else ("No weights.",)
    yield from notes.rows(fit)


def _sentences(fit: Any, method: Iterable[str], covariance_holds: bool) -> Iterator[str]:
    yield from notes.trouble(fit)
    yield from notes.selection(fit)
    yield from method
    yield from data_notes(fit)
    covariance = fit.covariance
    if covariance_holds:
        yield f"Covariance {covariance.name}: {covariance.description}."
    else:
        yield (
            f"INVALID standard errors, intervals and p-values: cov_type {covariance.name} is "
            f"{notes.naive_hessian(fit.weights)}."
        )
    if covariance.saturated_rows:
        yield "A row has leverage one and adds nothing to the robust variance."
    if covariance.saturated_clusters:
        yield "A combination of the coefficients rests on one cluster alone."
    yield from notes.degrees_of_freedom(fit)
