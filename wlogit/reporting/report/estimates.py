"""Sections about the coefficients: their table, their tests, and effects on the probability."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from wlogit.errors import NotAvailableError
from wlogit.inference.prediction import NOT_AT_POPULATION_SCALE, calibration_shift
from wlogit.plots import odds_ratios
from wlogit.reporting.notes import calibrated_intercept
from wlogit.reporting.report import words
from wlogit.reporting.report.figures import Size, figure
from wlogit.reporting.report.markup import Html, code, joined, paragraph, table
from wlogit.reporting.tidy import tidy

# Rows of a forest plot that are legible on a page.
MOST_DRAWN = 40


def coefficients(results: Any) -> Html:
    """Coefficients and odds ratios with 95 % intervals.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    rows = list(_coefficient_rows(results))
    found = calibrated_intercept(results)
    if found is not None:
        decimals = words.decimals_for(found.error)
        value, error = (words.number(v, decimals) for v in (found.value, found.error))
        rows.append(("Intercept, calibrated", value, error, *("",) * 5))
    head = ["column", "coefficient", "std. error", "95 % interval", _statistic(results), "p"]
    head += ["odds ratio", "95 % interval"]
    return joined((_scale(results), table("Coefficients and odds ratios", head, rows)))


def _coefficient_rows(results: Any) -> Iterator[tuple[object, ...]]:
    constant = results.model.data.const_idx
    frame = tidy(results, exponentiate=False, conf_level=0.95)
    # Under separation the estimate is where the search stopped; where it was going is known.
    limits = np.where(results.fit_record.diverging != 0.0, results.fit_record.diverging, 0.0)
    for j, row in enumerate(frame.itertuples()):
        yield (code(row.term), *_cells(row, limits[j], is_ratio=j != constant))


def _cells(row: Any, limit: float, *, is_ratio: bool) -> Iterator[str]:
    """What is shown of a coefficient; `limit` is infinite, or NaN, where it has no estimate."""
    if limit != 0.0:
        ratio = float(np.exp(limit))
        yield from (words.number(limit), *["n/a"] * 4)
        yield from (words.number(ratio), "n/a") if is_ratio else ("", "")
        return
    decimals = words.decimals_for(row.std_error)
    yield words.number(row.estimate, decimals)
    yield words.number(row.std_error, decimals)
    yield words.interval(row.conf_low, row.conf_high, decimals)
    yield words.number(row.statistic, 2)
    yield words.pvalue(row.p_value)
    yield from words.odds_ratio(row) if is_ratio else ("", "")


def _statistic(results: Any) -> str:
    return "t" if results.use_t else "z"


def _scale(results: Any) -> Html:
    covariance = results.covariance
    text = (
        "A coefficient is the change of the log-odds of the event for a unit more of its column, "
        "the other columns held fixed; its exponential is the odds ratio of the column. A variable "
        "with several columns, as in products and powers, moves them all. Standard errors:"
    )
    return paragraph(text, f"{covariance.name} ({covariance.description}).")


def forest(results: Any) -> Html:
    """The odds ratios as a figure.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    names = slopes(results)
    if not names:
        return paragraph("The model has no coefficient but the constant, so no odds ratio.")
    drawn = names[:MOST_DRAWN]
    caption = "Odds ratios with 95 % intervals, on a logarithmic scale; 1 is no association."
    if len(drawn) < len(names):
        caption += f" The first {MOST_DRAWN} of {len(names)} columns."
    return figure(
        lambda ax: odds_ratios(results, ax, variables=drawn),
        "Odds ratios and their 95 % intervals: the numbers of the table above.",
        caption,
        Size(height=0.7 + 0.22 * len(drawn)),
    )


def slopes(results: Any) -> list[Any]:
    """Names of the columns but the constant.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    constant = results.model.data.const_idx
    return [name for j, name in enumerate(results.model.exog_names) if j != constant]


# ------------------------------------------------------------------------------------------ tests


def global_test(results: Any) -> Html:
    """All slopes at once.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    test = results.llr_test
    if not test.df:
        return paragraph("The model has only a constant: there is no slope to test.")
    names = {
        "chi2": "the likelihood ratio",
        "saddlepoint": "the likelihood ratio under weights (Rao and Scott, by saddlepoint)",
    }
    how = names.get(test.method, test.method)
    if np.isnan(test.pvalue):
        raise NotAvailableError(
            "the test of all slopes under weights needs a fit with finite coefficients and valid "
            "standard errors."
        )
    told = f"All slopes together, by {how}: statistic {words.number(test.statistic)}, "
    told += f"df {words.number(test.df)}, {words.with_p(test.pvalue)}."
    if test.method == "saddlepoint":
        weights = ", ".join(words.number(float(weight)) for weight in test.eigenvalues)
        told += " Its reference is the sum of independent chi-squares with 1 degree of freedom each"
        told += f", weighted by {weights}"
        if np.isfinite(test.ddf):
            told += f", over the mean of one with {words.number(test.ddf)} degrees of freedom"
        told += "."
    return paragraph(told)


def term_tests(results: Any) -> Html:
    """Wald tests of the terms of the formula.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    if results.model.design_info is None:
        return paragraph("The model was given as arrays, so there are no terms of a formula.")
    frame = results.wald_test_terms(skip_single=False, scalar=True).summary_frame()
    statistic = "F" if results.use_t else "chi2"
    rows = [
        (
            code(term),
            words.number(float(row.iloc[0])),
            words.count(float(row["df constraint"])),
            words.pvalue(float(row.iloc[1])),
        )
        for term, row in frame.iterrows()
        if term != "Intercept"
    ]
    return table("Wald tests of the terms", ("term", statistic, "df", "p"), rows)


def weighting_test(results: Any) -> Html:
    """Whether the weights change the slopes.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    if results.weights.likelihood:
        return paragraph("Without sampling or class weights there is no test of weighting.")
    test = results.weighting_test()
    return paragraph("Do the weights change the slopes?", test.conclusion)


def link_test(results: Any) -> Html:
    """Whether the square of the linear predictor adds anything.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    test = results.link_test()
    if np.isnan(test.pvalue):
        return paragraph("Link test: the refit that it needs has no finite estimate.")
    statistic = f"{_statistic(results)} = {words.number(test.statistic, 2)}"
    told = (
        "the square of the linear predictor adds to it, so that the link, or the form in which "
        "columns enter, is in doubt"
        if test.pvalue < 0.05
        else "the square of the linear predictor does not add to it"
    )
    return paragraph(f"Link test: {told} ({statistic}, {words.with_p(test.pvalue)}).")


# ---------------------------------------------------------------------------------------- effects


def effects(results: Any) -> Html:
    """Average marginal effects on the probability.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    if not slopes(results):
        return paragraph("The model has only a constant: there is no effect to average.")
    margins = average_effects(results)
    rows = []
    for name, value, error, low, high, p in points(margins):
        decimals = words.decimals_for(error, 2)
        numbers = (words.number(value, decimals), words.number(error, decimals))
        rows.append((code(name), *numbers, words.interval(low, high, decimals), words.pvalue(p)))
    head = ("change", "percentage points", "std. error", "95 % interval", "p")
    text = (
        "By how many percentage points the probability of the event changes, averaged over the "
        "cases: for a unit more of a number (the slope), and from one level to another for a "
        "factor or a column of zeros and ones."
    )
    scale = paragraph(text, population(results))
    return joined((scale, table("Average marginal effects", head, rows)))


def average_effects(results: Any) -> Any:
    """Average marginal effects: of variables for a formula, else of columns.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    if results.model.design_info is not None:
        return results.get_margeff(variables="all")
    return results.get_margeff(dummy=True)


def points(margins: Any) -> Iterator[tuple[Any, ...]]:
    """Name, effect, standard error and limits in percentage points, and p, of each effect.

    Parameters
    ----------
    margins : MarginalEffects
    """
    limits = np.asarray(margins.conf_int(0.05))
    scaled = 100.0 * np.column_stack([margins.margeff, margins.margeff_se, limits])
    for name, numbers, p in zip(margins.names, scaled, margins.pvalues, strict=True):
        yield (name, *map(float, numbers), float(p))


def population_is_known(results: Any) -> bool:
    """Whether prevalence, sampling weights or a design say of what population a fit is.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    weights = results.weights
    stated = weights.factors.source == "prevalence" or getattr(results, "target", None) is not None
    designed = getattr(results.model, "design", None) is not None
    return bool(stated or designed or weights.has_sampling)


def population(results: Any) -> str:
    """What probabilities are probabilities of.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    weights = results.weights
    share = words.percent(weights.totals.class_masses[1] / sum(weights.totals.class_masses))
    target = getattr(results, "target", None)
    if target is not None:
        return (
            f"The intercept was solved anew for a mean prediction of {words.percent(target)}, and "
            f"probabilities are those of such a population; of these cases {share} are events."
        )
    if weights.factors.source == "prevalence":
        share = words.percent(weights.factors.prevalence)
        return f"Probabilities are those of a population with {share} events, as stated."
    if not results.has_free_constant and calibration_shift(weights) != 0.0:
        return NOT_AT_POPULATION_SCALE.capitalize()
    out = ", and class weights are taken out of them" if weights.factors.source else ""
    if population_is_known(results):
        return f"Probabilities are those of the population sampled, with {share} events{out}."
    return (
        f"Probabilities are on the scale of these cases, with {share} events{out}; that is the "
        "population unless cases were sampled by their outcome."
    )
