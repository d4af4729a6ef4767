"""Comparisons of marginal effects and means; registered in ``test_r.py``."""

from typing import Any

import numpy as np
from numpy.testing import assert_allclose
from scipy.special import expit

from tests.reference.cases import Case
from tests.reference.comparing import (
    Check,
    close,
    coefficients,
    fixed,
    naive_warns,
    numbers,
    registry,
)
from wlogit.inference.margins import (
    LINEAR,
    MEAN,
    Estimates,
    Point,
    Prediction,
    average_effects,
    delta_covariance,
)
from wlogit.inference.scales import Scale
from wlogit.margins.surfaces import ObservedRows, TypicalRow, variable_effects
from wlogit.margins.variables import FormulaVariables

CHECKS: dict[str, Check] = {}
checks = registry(CHECKS)


# Marginal effects. R averages on the scale of the class weights, in some cases with them, which
# `get_margeff` never does: the functions behind it are compared, and the method where it applies.
def margin_fit(case: Case, vcov: str) -> Any:
    """The fit with the covariance that a block says."""
    if vcov == "naive":
        with naive_warns(case):
            return case.fit().with_covariance("nonrobust")
    if vcov == "CL":
        return case.fit().with_covariance("cluster", groups="stratum", kind="CR1", **fixed(case))
    return case.fit().with_covariance(vcov, **fixed(case))


def averaging_mass(case: Case) -> np.ndarray:
    if case.content["averaging_weights"] == "1":
        return np.ones(len(case.data))
    return np.asarray(case.fit().weights.row_weight)


def in_the_class_weights(results: Any) -> Scale:
    return Scale.build(np.asarray(results.params), np.asarray(results.cov_params()), 0.0, None)


def close_estimates(case: Case, found: Estimates, which: int, expected: dict[str, Any]) -> None:
    limits = found.interval(0.05)[which]
    close(case, found.value[which], expected["estimate"])
    close(case, found.se[which], expected["se"])
    if "z" in expected:
        close(case, found.statistics[which], expected["z"])
        assert_allclose(found.pvalues[which], expected["p"], rtol=case.tol["p_rtol"])
    close(case, limits, [expected["ci_lower"], expected["ci_upper"]])


@checks("effects")
def check_effects(case: Case, block: str, expected: dict[str, Any]) -> None:
    results = margin_fit(case, case.content["expected"]["vcov_used"])
    mass, scale = averaging_mass(case), in_the_class_weights(results)
    surface = ObservedRows(FormulaVariables(results.model, mass), 0.0, mass, {})
    found = {}
    for variable in surface.variables.all.values():
        for name, effect in variable_effects(scale, surface, variable, "dydx"):
            averages = average_effects([effect], mass, keep_rows=False).averages
            found[name] = Estimates(averages.value, delta_covariance(averages, scale))
    columns = case.fit().with_covariance(results.cov_type) if case.kind == "none" else None
    for name, effect in expected.items():
        kind, _, rest = name.partition(":")
        if kind == "atmeans_column":
            at_means = columns.get_margeff(at="mean")
            position = position_of_r(at_means.names, rest)
            close_estimates(case, at_means.inference, position, effect)
        elif kind == "avgpred":
            close_estimates(case, average_at(scale, surface, rest), 0, effect)
        else:
            close_estimates(case, found[in_words(kind, rest)], 0, effect)


def in_words(kind: str, name: str) -> str:
    """The name that `get_margeff` gives an effect."""
    if kind == "dydx":
        return name
    variable, levels = name.split(":")
    return f"{variable}: {levels.replace('-', ' - ')}"


def position_of_r(names: list[str], name: str) -> int:
    return [as_in_r(own) for own in names].index(name)


def as_in_r(name: str) -> str:
    return name.replace("C(", "factor(").replace("[T.", "").rstrip("]")


def average_at(scale: Scale, surface: ObservedRows, cell: str) -> Estimates:
    name, level = cell.split("=")
    design = surface.design({name: int(level) if level.isdigit() else level})
    prediction = Prediction(Point(scale, design), MEAN)
    averages = average_effects([prediction], surface.mass, keep_rows=False).averages
    return Estimates(averages.value, delta_covariance(averages, scale))


@checks("column_means_used")
def check_column_means(case: Case, block: str, expected: dict[str, float]) -> None:
    results = case.fit()
    close(case, coefficients(results, results.model.exog.mean(axis=0), expected), numbers(expected))


@checks("emmeans")
def check_emmeans(case: Case, block: str, expected: dict[str, Any]) -> None:
    results, surface = emmeans_at(case)
    scale = in_the_class_weights(results)
    levels = surface.variables[expected["by"]].levels
    for number_of_level, level in enumerate(levels):
        point = Point(scale, surface.design({expected["by"]: level}))
        found = []
        for curve in (MEAN, LINEAR):
            averages = average_effects([Prediction(point, curve)], np.ones(1), keep_rows=False)
            covariance = delta_covariance(averages.averages, scale)
            found.append(Estimates(averages.averages.value, covariance))
        close(case, found[0].value, [expected["prob"][number_of_level]])
        close(case, found[0].se, [expected["se"][number_of_level]])
        limits = [expected[side][number_of_level] for side in ("lcl", "ucl")]
        close(case, expit(found[1].interval(0.05)[0]), limits)
    if case.kind != "importance":  # whose means are weighted in wlogit
        public = results.predictions_at({expected["by"]: None}, others="mean", which="mean")
        frame = public.summary_frame()
        assert [str(level) for level in frame.index] == expected["level"]
        columns = {"predicted": "prob", "se": "se", "ci_lower": "lcl", "ci_upper": "ucl"}
        for ours, theirs in columns.items():
            close(case, frame[ours], expected[theirs])


def emmeans_at(case: Case) -> tuple[Any, TypicalRow]:
    results, mass = margin_fit(case, "naive"), np.ones(len(case.data))
    variables = FormulaVariables(results.model, mass)
    return results, TypicalRow(variables, 0.0, mass, {}, equal_levels=True)


@checks("emmeans_pairs_logodds")
def check_emmeans_pairs(case: Case, block: str, expected: dict[str, Any]) -> None:
    by = case.content["expected"]["emmeans"]["by"]
    results = margin_fit(case, "naive")
    pairs = results.predictions_at({by: None}, others="mean", which="linear", contrast="pairwise")
    frame = pairs.summary_frame()
    theirs = [np.atleast_1d(expected[name]) for name in ("estimate", "se", "z", "p")]
    close(case, -frame["estimate"], theirs[0])  # emmeans subtracts the later level
    close(case, frame["se"], theirs[1])
    close(case, -frame["z"], theirs[2])
    assert_allclose(frame["pvalue"], theirs[3], rtol=case.tol["p_rtol"])
