"""Two fits compared in every statistic at once, with the names of those that differ."""

import numpy as np

from tests.laws.statistics_registry import STATISTICS

RTOL = 1e-9
# A statistic without a unit is zero but for rounding below this.
ATOL = 1e-11
PRINTED = {"rtol": 2e-3, "atol": 1.1e-4}


def applies(statistic, fit):
    """Whether a statistic can be asked of a fit."""
    tags, scheme = statistic.tags, fit.study.scheme
    if tags & {"fixed", "estimated"} and (scheme is None or scheme in tags):
        return False
    if "unclassed" in tags and scheme is not None:
        return False
    if "one sort" in tags and fit.study.outcome == "counts":
        return False
    if "likelihood" in tags and not fit.results.weights.likelihood:
        return False
    if "weighted" in tags and not _compared(fit):
        return False
    return "formula" not in tags or fit.study.basis is None


def _compared(fit):
    """Whether there is a fit without the weights that estimates the same slopes."""
    classes = fit.study.kind & {"class_weight", "prevalence"}
    if classes:
        return fit.model.constant_combination is not None
    return "sampling_weights" in fit.study.kind


def unchanged(statistic, value):
    return value


def differences(left, right, *, expected=unchanged, found=unchanged, skip=(), rtol=RTOL, atol=ATOL):
    """Sentences on the statistics of `right` that are not the expected ones, given `left`.

    Parameters
    ----------
    left, right : Fit
    expected : callable
        What a statistic and its value of `left` make one expect of `right`; None skips it.
    found : callable
        Applied to what is found.
    skip : callable or collection of str
        Statistics, or names of statistics, that the law exempts.
    """
    skipped = skip if callable(skip) else lambda statistic: statistic.name in skip
    wrong = []
    for statistic in STATISTICS.values():
        if skipped(statistic) or not (applies(statistic, left) and applies(statistic, right)):
            continue
        theirs, ours = statistic(left), statistic(right)
        if isinstance(theirs, Exception) or isinstance(ours, Exception):
            if type(theirs) is not type(ours):
                wrong.append(f"{statistic.name}: {theirs!r} became {ours!r}")
            continue
        target = expected(statistic, theirs)
        if target is None:
            continue
        what = discrepancy(target, found(statistic, ours), statistic, rtol, atol)
        if what:
            wrong.append(f"{statistic.name}: {what}")
    return wrong


def assert_same(left, right, **options):
    wrong = differences(left, right, **options)
    assert not wrong, f"{len(wrong)} statistics differ:\n" + "\n".join(wrong)


def discrepancy(expected, found, statistic, rtol, atol):
    """How two values differ, in words; empty when they do not."""
    expected, found = np.asarray(expected), np.asarray(found)
    if expected.shape != found.shape:
        return f"shape {expected.shape} became {found.shape}"
    if not expected.size:
        return ""
    scale = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    tolerance = {"rtol": rtol, "atol": rtol * scale + (atol if statistic.unit == 0.0 else 0.0)}
    if "printed" in statistic.tags and rtol:
        tolerance = PRINTED
    close = np.isclose(found, expected, equal_nan=True, **tolerance)
    if close.all():
        return ""
    worst = np.unravel_index(
        np.argmax(np.where(close, -1.0, np.abs(found - expected))), close.shape
    )
    relative = abs(found[worst] - expected[worst]) / (scale or 1.0)
    return f"expected {expected[worst]:.12g}, found {found[worst]:.12g} (off by {relative:.1e})"
