"""What the registry of statistics is made of: a statistic, what laws do to it, covariances."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tests.laws.studies import Fit
from wlogit import DesignError, NotAvailableError

Level = Literal["scalar", "params", "covariance", "influence", "coefficient", "rows"]


# ------------------------------------------------------------------- when y becomes 1 - y


def same(value):
    return value


def negated(value):
    return -value


def complement(value):
    return 1.0 - value


def mirrored(limits):
    return -limits[:, ::-1]


def turned(table):
    return table[::-1, ::-1]


def reversed_(values):
    return values[::-1]


def inverted(odds):
    ratio, lower, upper, pvalue = odds.T
    return np.column_stack([1.0 / ratio, 1.0 / upper, 1.0 / lower, pvalue])


def complement_interval(table):
    return np.column_stack([1.0 - table[:, 0], table[:, 1], 1.0 - table[:, 3], 1.0 - table[:, 2]])


@dataclass(frozen=True)
class Statistic:
    """One number, vector or matrix of a fit.

    Attributes
    ----------
    value : callable
        From a `Fit`.
    level : str
        What it belongs to: "scalar" is the same in every basis of the design, "params",
        "covariance" and "influence" (the covariance with the calibration shift) are mapped, a
        "coefficient" has a meaning in one basis only, "rows" has an entry for each row.
    unit : float or None
        The power of c by which it is multiplied under v -> c v. None: it depends on c otherwise.
    flip : callable
        What becomes of it under y -> 1 - y.
    tags : frozenset
        "population": averages by g or takes the class weights out; "class": about the class
        weights; "outcome": of the outcome as its rows hold it; "coordinates":
        rows at given coefficients; "own scheme": reads whether class weights are estimated off
        the model; "fixed" and "estimated" spell that out; "one sort": of one case of a row,
        refused for rows of counts; "printed": four digits;
        "formula": needs the terms of a formula; "weighted": compares with the fit without weights;
        "likelihood": refused under a pseudo-likelihood.
    """

    name: str
    value: Callable[[Fit], Any]
    level: Level = "scalar"
    unit: float | None = 0.0
    flip: Callable[[Any], Any] = same
    tags: frozenset[str] = frozenset()

    def __call__(self, fit):
        """The value as an array, or the exception with which it is refused."""
        if fit.answers is None:
            return self.ask(fit)
        if self.name not in fit.answers:
            fit.answers[self.name] = self.ask(fit)
        return fit.answers[self.name]

    def ask(self, fit):
        try:
            return np.asarray(self.value(fit), dtype=float)
        except (NotAvailableError, NotImplementedError, DesignError) as refusal:
            return refusal


@dataclass(frozen=True)
class CovarianceOf:
    """A covariance by its name, with the options that ``with_covariance`` takes."""

    name: str
    cov_type: str
    options: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def naive(self):
        return self.cov_type == "nonrobust"


def _covariances():
    estimators = {kind: (kind, {}) for kind in ("HC0", "HC1", "HC2", "HC3", "HC4", "linearized")}
    for kind in ("CR0", "CR1", "CR1S"):
        estimators[kind] = ("cluster", {"groups": ("c1",), "kind": kind})
        estimators[f"two-way {kind}"] = ("cluster", {"groups": ("c1", "c2"), "kind": kind})
    schemes = {
        "": {},
        ", case-control": {"sampling": "case-control"},
        ", fixed": {"class_weights": "fixed"},
        ", fixed, case-control": {"class_weights": "fixed", "sampling": "case-control"},
        ", estimated": {"class_weights": "estimated"},
    }
    yield CovarianceOf("nonrobust", "nonrobust")
    yield CovarianceOf("HC3, t", "HC3", {"use_t": True})
    yield CovarianceOf("CR1S, t", "cluster", {"groups": ("c1",), "use_t": True})
    for name, (cov_type, options) in estimators.items():
        # The factors of the others are those of one grouping.
        several = schemes if name not in ("two-way CR1", "two-way CR1S") else {"": {}}
        for suffix, scheme in several.items():
            yield CovarianceOf(name + suffix, cov_type, {**options, **scheme})


COVARIANCES = {covariance.name: covariance for covariance in _covariances()}


def attribute(name):
    return lambda fit: getattr(fit.results, name)
