"""Sections about the probabilities: calibration, discrimination and classification."""

from collections.abc import Iterator
from typing import Any

from wlogit import plots
from wlogit.reporting.report import words
from wlogit.reporting.report.estimates import population
from wlogit.reporting.report.figures import Size, figure
from wlogit.reporting.report.markup import Html, joined, paragraph, table

MEASURES = {
    "sensitivity": "sensitivity: events called events",
    "specificity": "specificity: non-events called non-events",
    "precision": "precision: events among those called events",
    "npv": "negative predictive value",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1": "F1",
    "mcc": "Matthews' correlation",
    "kappa": "Cohen's kappa",
}
SHARES = ("sensitivity", "specificity", "precision", "npv", "accuracy", "balanced_accuracy")
SAME_CASES = "The cases are those of the fit; new ones are likely to be predicted less well."


def calibration(results: Any) -> Html:
    """Whether predicted probabilities are shares of events.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    found = results.calibration()
    named = {
        "calibration intercept (0 is best)": found.intercept,
        "calibration slope (1 is best)": found.slope,
        "Brier score (0 is best)": results.brier(),
        "log loss (0 is best)": results.log_loss(),
    }
    text = (
        "Among cases with a predicted probability of 20 %, about 20 % should be events. "
        "In the cases of the fit an unweighted model has intercept 0 and slope 1 by construction."
    )
    head = ("measure", "value", "std. error", "95 % interval", "p")
    shown = table("Calibration", head, (_estimate(name, one) for name, one in named.items()))
    return joined((paragraph(text, population(results)), shown))


def _estimate(name: str, one: Any) -> tuple[object, ...]:
    decimals = words.decimals_for(one.se)
    tested = one.null is not None
    return (
        name,
        words.number(one.value, decimals),
        words.number(one.se, decimals),
        words.interval(one.ci[0], one.ci[1], decimals),
        words.pvalue(one.pvalue) if tested else "",
    )


def calibration_figure(results: Any) -> Html:
    """Observed shares against predictions.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    return figure(
        lambda ax: plots.calibration(results, ax=ax),
        "Observed share of events against the predicted probability, in bins and as a smooth "
        "curve, beside the diagonal on which both are equal.",
        "Observed share of events against the calibrated probability: bins with 95 % intervals, a "
        "smooth curve, and the diagonal of perfect calibration.",
        Size(3.7, 3.7),
    )


def grouped_fit(results: Any) -> Html:
    """The Hosmer-Lemeshow test.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    test = results.gof_test()
    return paragraph(
        f"Hosmer-Lemeshow test of {len(test.table)} groups: chi-square "
        f"{words.number(test.statistic)}, df {test.df}, {words.with_p(test.pvalue)}. A small p "
        "says that the model does not fit."
    )


# --------------------------------------------------------------------------------- classification


def discrimination(results: Any) -> Html:
    """How well the model ranks events above non-events.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    area = results.auc()
    return paragraph(
        f"Of an event and a non-event drawn at random, the event has the higher probability in "
        f"{words.percent(area.auc)} of pairs (area under the ROC curve {area.auc:.3f}, 95 % "
        f"interval {words.interval(area.ci[0], area.ci[1], 3)}).",
        SAME_CASES,
    )


def roc_figure(results: Any) -> Html:
    """The ROC curve.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    return figure(
        lambda ax: plots.roc(results, ax=ax),
        "ROC curve: true positive rate against false positive rate.",
        "True positive rate against false positive rate over all thresholds.",
        Size(3.7, 3.6),
    )


def classification(results: Any) -> Html:
    """Measures at even odds and at the threshold that tells the classes apart best.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    best = results.choose_threshold()
    thresholds = (0.5, best.calibrated)
    reports = [results.classification_report(t, which="calibrated") for t in thresholds]
    head = ["measure"]
    for threshold in thresholds:
        head += [f"above {words.percent(threshold)}", "95 % interval"]
    text = (
        "An event is predicted where the calibrated probability is above a threshold: one half, "
        f"and {words.percent(best.calibrated)}, where sensitivity and specificity add up to most "
        "(Youden), chosen by these cases."
    )
    measures = table("Classification", head, _measures(reports))
    return joined((paragraph(text), measures))


def _measures(reports: list[Any]) -> Iterator[tuple[object, ...]]:
    for measure, name in MEASURES.items():
        cells: list[object] = [name]
        for report in reports:
            row = report.frame.loc[measure]
            low, high = float(row["ci_lower"]), float(row["ci_upper"])
            if measure in SHARES:
                limits = f"{words.percent(low)} to {words.percent(high)}"
                cells += [words.percent(float(row["value"])), limits]
            else:
                cells += [words.number(float(row["value"]), 3), words.interval(low, high, 3)]
        yield tuple(cells)


def confusion(results: Any) -> Html:
    """Cases by class and prediction, at even odds.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    counts = results.pred_table(0.5, which="calibrated")
    labels = [str(label) for label in results.weights.labels]
    rows = [
        (f"observed {label}", *(words.count(float(n)) for n in line))
        for label, line in zip(labels, counts.to_numpy(), strict=True)
    ]
    head = ("cases", *(f"predicted {label}" for label in labels))
    shown = table("Cases at a threshold of one half", head, rows)
    weights = results.weights
    if not weights.has_sampling and weights.factors.source != "prevalence":
        return shown
    how = "by their sampling weights" if weights.has_sampling else "to the prevalence"
    text = (
        f"This table counts cases; the measures above weigh them {how}, and differ from its shares."
    )
    return joined((paragraph(text), shown))
