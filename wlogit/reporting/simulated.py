"""What simulations have found of 95 % intervals where cases of a label, or clusters, are few.

The numbers are those of the coverage study (the page "Do the intervals cover?"), by the number of
cases or clusters that were simulated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit.inference.weighting import class_sizes

# Below this many cases of the rarer class, estimates are biased and separation is likely.
FEW_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Covered:
    """Coverage of nominal 95 % intervals in percent, with so many cases or clusters.

    Attributes
    ----------
    number : int
        Expected cases of the rarer label, or clusters.
    slopes : tuple of int
        Of the slope covered least, and of that covered most.
    intercept : int, optional
    """

    number: int
    slopes: tuple[int, int]
    intercept: int | None = None


# HC3 under class weights that are estimated.
CENTERED = (Covered(10, (94, 99), 96), Covered(15, (93, 98), 96))
# HC0 under them, and as good as HC1 and linearized.
WITHOUT_LEVERAGE = (Covered(10, (85, 91)), Covered(20, (90, 93)), Covered(50, (93, 95)))
# HC3 under sampling weights that rise with a covariate, by the effective number of events.
SAMPLING = (Covered(15, (92, 95)), Covered(37, (93, 95)))
# CR1S of clusters of 5 to 45 rows, by the normal and the t distribution, and CR2 of the same.
CLUSTERS = (Covered(20, (82, 92)), Covered(50, (90, 94)))
CLUSTERS_T = (Covered(20, (84, 94)), Covered(50, (90, 94)))
ADJUSTED_CLUSTERS = (Covered(20, (93, 96)), Covered(50, (93, 95)))
# From so many on the intervals cover.
ENOUGH_CASES, ENOUGH_EFFECTIVE, ENOUGH_CLUSTERS = 100, 50, 100
# Share of the cases that they are worth, above which sampling weights are not unequal.
EQUAL = 0.85


def few_cases(fit: Any) -> Iterator[str]:
    """What a label with few cases means."""
    yield from _few(fit)


def few_cases_covered(fit: Any) -> Iterator[str]:
    """The same, with how often the intervals in use have covered in simulations."""
    name, weights = fit.covariance.name, fit.weights
    fewest = float(min(weights.totals.class_sizes))
    if name == "HC3" and fit.covariance.shift is not None and not weights.has_sampling:
        found = _of(CENTERED, fewest)
        yield from _few(
            fit,
            f"in simulations with {found.number}, 95 % intervals have covered slopes in "
            f"{_span(found)} of samples and the intercept in {found.intercept} %. Estimates",
        )
    else:
        yield from _few(fit)
    without_leverage = name in ("HC0", "HC1", "linearized") and not weights.likelihood
    if without_leverage and fewest < ENOUGH_CASES:
        found = _of(WITHOUT_LEVERAGE, fewest)
        yield (
            f"{name} is too small with few cases of a label ({fewest:,.10g} here): in simulations "
            f"with {found.number} and balanced weights such intervals have covered slopes in "
            f"{_span(found)} of samples; take HC3."
        )
    if name == "HC3" and weights.has_sampling and weights.cases:
        yield from _unequal(fit)


def few_clusters(fit: Any) -> Iterator[str]:
    """How often intervals have covered with so few clusters, and which cover more often."""
    covariance = fit.covariance
    fewest = min(covariance.n_clusters, default=ENOUGH_CLUSTERS)
    adjusted = covariance.small_sample is not None
    if covariance.name != "cluster" or adjusted or fewest >= ENOUGH_CLUSTERS:
        return
    found = _of(CLUSTERS_T if fit.use_t else CLUSTERS, fewest)
    yield (
        f"{fewest} clusters are few: in simulations with {found.number} of unequal sizes such 95 % "
        f"intervals have covered slopes in {_span(found)} of samples, those of "
        f'kind="CR2" in {_span(_of(ADJUSTED_CLUSTERS, fewest))}.'
    )


def _few(fit: Any, covered: str = "with so few, estimates") -> Iterator[str]:
    sizes = fit.weights.totals.class_sizes
    rarest = int(np.argmin(sizes))
    if sizes[rarest] < FEW_EVENTS:
        yield (
            f"Only {sizes[rarest]:,.10g} cases of {fit.weights.labels[rarest]!r}: {covered} are "
            "biased away from zero, and separation is more likely."
        )


def _unequal(fit: Any) -> Iterator[str]:
    sizes = class_sizes(fit.weights)
    rarest = int(np.argmin(sizes.effective))
    effective, cases = sizes.effective[rarest], sizes.cases[rarest]
    if effective < min(ENOUGH_EFFECTIVE, EQUAL * cases):
        found = _of(SAMPLING, effective)
        yield (
            f"The sampling weights leave the {cases:,.10g} cases of {fit.weights.labels[rarest]!r} "
            f"worth {effective:.1f} equal ones: in simulations with {found.number} such 95 % "
            f"intervals have covered slopes in {_span(found)} of samples."
        )


def _of(table: tuple[Covered, ...], number: float) -> Covered:
    """The entry for the largest number that is no larger, or the first."""
    within = [entry for entry in table if entry.number <= number]
    return within[-1] if within else table[0]


def _span(found: Covered) -> str:
    low, high = found.slopes
    return f"{low:g} to {high:g} %"
