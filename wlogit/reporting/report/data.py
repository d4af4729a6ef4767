"""Sections about the data: rows, cases, weights; and what the page was made with."""

import platform
from datetime import datetime
from typing import Any

from wlogit.reporting.report import words
from wlogit.reporting.report.markup import Html, code, facts, items, joined, paragraph, safe, table
from wlogit.reporting.versions import versions

WEIGHING = {
    "none": "none: every case counts the same",
    "frequency": "frequency weights: a row stands for several cases",
    "sampling": "sampling weights: a case stands for others of the population",
    "class": "class weights: the classes count differently",
    "prevalence": "weights to a known share of events in the population",
}


def rows_and_cases(results: Any) -> Html:
    """Rows, cases and what was left out.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    weights = results.weights
    model = results.model
    pairs: list[tuple[str, object]] = [
        ("Outcome", joined((code(model.endog_names), _event(results)))),
        ("Rows", words.count(weights.n_rows)),
        ("Cases", words.count(weights.nobs)),
        ("Rows left out", _left_out(weights.n_dropped)),
    ]
    if model.has_offset:
        name = code(model.offset_name) if model.offset_name else "given as an array"
        pairs.append(("Offset", name))
    if model.aliased:
        pairs.append(("Columns left out", joined(map(code, model.aliased), ", ")))
    return facts(pairs)


def _event(results: Any) -> str:
    if results.weights.fractional:
        return "(a fraction: every row is one case)"
    if results.model.outcome_kind == "counts":
        return "(counts of events and of non-events)"
    return f"(the event is {results.weights.labels[1]})"


def _left_out(dropped: Any) -> str:
    if not dropped:
        return "no row"
    causes = ", ".join(f"{cause}: {words.count(rows)}" for cause, rows in dropped.items())
    return f"{words.count(sum(dropped.values()))} for missing values ({causes})"


def classes(results: Any) -> Html:
    """The two classes: cases, and what they weigh.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    weights = results.weights
    totals = weights.totals
    factors = (weights.factors.non_event, weights.factors.event)
    weighed = [m * f for m, f in zip(totals.class_masses, factors, strict=True)]
    head = ["class", "cases", "share"]
    columns = [[words.count(n) for n in totals.class_sizes], _shares(totals.class_sizes)]
    if weights.factors.source is not None:
        head.append("class weight")
        columns.append([words.brief(factor) for factor in factors])
    if weights.kind not in ("none", "frequency"):
        head.append("weighted share")
        columns.append(_shares(weighed))
    names = [f"{label} ({kind})" for label, kind in zip(weights.labels, KINDS, strict=True)]
    rows = list(zip(names, *columns, strict=True))
    return table("The two classes", head, rows[::-1])


KINDS = ("non-event", "event")


def _shares(sizes: Any) -> list[str]:
    return [words.percent(size / sum(sizes)) for size in sizes]


def weighing(results: Any) -> Html:
    """Kinds of weights and the size that they leave.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    weights = results.weights
    kinds = "; ".join(WEIGHING[kind] for kind in weights.kind.split(" x "))
    pairs: list[tuple[str, object]] = [("Weights", kinds)]
    if weights.factors.source == "prevalence":
        pairs.append(("Prevalence", words.percent(weights.factors.prevalence)))
    if not weights.likelihood:
        size = f"{words.number(weights.effective_size)} of {words.count(weights.nobs)} cases"
        pairs.append(("Effective size (Kish)", size))
        pairs.append(("Design effect", words.number(weights.design_effect)))
    return facts(pairs)


def cost(results: Any) -> Html:
    """What the weights cost in precision; the sizes, which come first, have been said.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    if results.weights.likelihood or results.weights.kind == "none":
        return safe("")
    sentences = results.weighting_report().sentences[1:]
    return items(sentences) if sentences else safe("")


def notes(results: Any) -> Html:
    """The notes of the summary.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    said = results.summary().content.notes
    if not said:
        return paragraph("The summary of this fit has no notes.")
    return items(said)


def session(results: Any) -> Html:  # noqa: ARG001  of every part
    """Versions of the software and the date.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    found = versions(optional=True)
    used = {name: text for name, text in found.items() if text != "not installed"}
    now = datetime.now().astimezone()
    return facts(
        [
            ("Written", now.strftime("%Y-%m-%d %H:%M %Z")),
            ("Platform", platform.platform()),
            *used.items(),
        ]
    )
