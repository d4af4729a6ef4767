"""The fit in plain words, before any table."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from wlogit.errors import NotAvailableError
from wlogit.reporting.report import words
from wlogit.reporting.report.estimates import (
    average_effects,
    points,
    population_is_known,
    slopes,
)
from wlogit.reporting.report.markup import Html, code, element, items, joined, paragraph

# How many effects are put in words, and how many more are named.
TOLD, LISTED = 5, 12


def reading(results: Any) -> Html:
    """What was fitted, to what, and what came out.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    parts = [paragraph(*_data(results)), paragraph(*_trust(results))]
    parts += _associations(results)
    parts += _scale(results)
    return joined(parts)


def _data(results: Any) -> Iterator[object]:
    weights = results.weights
    _, events = weights.totals.class_sizes
    yield f"The model is fitted to {words.count(weights.nobs)} cases"
    if weights.has_frequency or results.model.outcome_kind == "counts":
        yield f"in {words.count(weights.n_rows)} rows"
    if weights.fractional:
        share = words.percent(events / weights.nobs)
        yield f"whose outcome is a fraction, {share} on average."
    else:
        share = words.percent(events / weights.nobs)
        yield f"of which {words.count(events)} ({share}) are events,"
        yield joined((words.event(results), "."), "")
    yield from _weights(weights)


def _weights(weights: Any) -> Iterator[str]:
    if weights.has_sampling:
        yield "Cases are weighted to stand for the population they were sampled from."
    source = weights.factors.source
    if source == "prevalence":
        share = words.percent(weights.factors.prevalence)
        yield f"The classes are weighted to a population with {share} events."
    elif source is not None:
        more, less = ("An event", "a non-event")
        ratio = weights.factors.event / weights.factors.non_event
        if ratio < 1.0:
            more, less, ratio = "A non-event", "an event", 1.0 / ratio
        times = words.brief(ratio)
        often = "" if times == "1" else f"{times} times "
        yield f"{more} counts {often}as much as {less}."


def _trust(results: Any) -> Iterator[object]:
    """Whether the numbers can be read at all."""
    if np.any(results.fit_record.diverging):
        yield element("strong", "The covariates predict some outcomes perfectly (separation):")
        yield "the coefficients named in the notes have no finite estimate and no interval."
    elif not results.converged:
        yield element("strong", "The fit did not converge:")
        yield "none of the numbers below can be relied on."
    elif not results.to_dict()["covariance"]["valid"]:
        yield element("strong", "The standard errors below are not valid:")
        yield "they treat the weights as counts. Use the default covariance."
    else:
        test = _global_p(results)
        if np.isfinite(test):
            told = "are associated" if test < 0.05 else "are not shown to be associated"
            yield f"Taken together, the columns {told} with the outcome ({words.with_p(test)})."


def _global_p(results: Any) -> float:
    try:
        return float(results.llr_pvalue)
    except NotAvailableError:
        return np.nan


def _associations(results: Any) -> Iterator[Html]:
    """The clearest average effects, and those whose direction the data do not tell."""
    if not (results.converged and slopes(results)):
        return
    try:
        margins = average_effects(results)
    except NotAvailableError:
        return
    found = pd.DataFrame(points(margins), columns=["name", "value", "se", "low", "high", "p"])
    clear = found[found["p"] < 0.05].sort_values("p", kind="stable")
    unclear = found[found["p"] >= 0.05]
    if len(clear):
        clearest = f"; the {TOLD} clearest of {len(clear)}" if len(clear) > TOLD else ""
        yield paragraph(
            "With the other variables held fixed, and on average over the cases, the probability "
            f"of the event changes by so many percentage points (95 % intervals{clearest}):"
        )
        yield items(_told(row) for row in clear.head(TOLD).itertuples())
    if len(unclear):
        names = joined((code(name) for name in unclear["name"].head(LISTED)), ", ")
        more = f" and {len(unclear) - LISTED} more" if len(unclear) > LISTED else ""
        yield paragraph(
            "At the 5 % level the data do not tell the direction of",
            joined((names, f"{more}."), ""),
        )
    if len(clear):
        yield paragraph("An association is not by itself an effect of a cause.")


def _scale(results: Any) -> Iterator[Html]:
    """Of what population effects and probabilities are, where nothing says what it is."""
    if results.converged and slopes(results) and not population_is_known(results):
        yield paragraph(
            f"Effects and probabilities are on the scale of these cases, {_average(results)}: in a "
            "population where that is different, so are they."
        )


def _average(results: Any) -> str:
    weights = results.weights
    share = words.percent(weights.totals.class_masses[1] / sum(weights.totals.class_masses))
    if weights.fractional:
        return f"whose outcome is {share} on average"
    return f"of which {share} are events"


def _told(row: Any) -> Html:
    decimals = words.decimals_for(row.se, 2)
    sign = "+" if row.value > 0 else ""
    value = f"{sign}{words.number(row.value, decimals)}"
    limits = words.interval(row.low, row.high, decimals)
    return joined((code(row.name), f": {value} ({limits})"), "")
