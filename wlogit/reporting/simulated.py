"""What simulations have found where cases of a label, clusters or sampling units are few.

The numbers are those of the coverage study (the page "Do the intervals cover?"), by the number of
cases, clusters or degrees of freedom that were simulated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from wlogit.inference.weighting import class_sizes
from wlogit.weights.weights import Weights

# Below this many cases of the rarer class, estimates are biased and separation is likely.
FEW_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Covered:
    """Coverage of nominal 95 % intervals in percent, with so few of what is counted.

    Attributes
    ----------
    number : int
        Expected cases of the rarer label, clusters, or degrees of freedom of a design.
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
# CR1S by the normal and by the t distribution, and what to take instead. Clusters of 5 to 45 rows:
CLUSTERS = (Covered(20, (82, 92)), Covered(50, (90, 94)))
CLUSTERS_T = (Covered(20, (84, 94)), Covered(50, (90, 94)))
CLUSTERS_CR2 = (Covered(20, (93, 96)), Covered(50, (93, 95)))
# Clusters of 5 rows and, one in ten, of 155, by how many equal ones they are worth:
SKEWED = (Covered(16, (82, 92)), Covered(33, (87, 93)))
SKEWED_T = (Covered(16, (83, 92)), Covered(33, (87, 93)))
SKEWED_CR3 = (Covered(16, (94, 96)), Covered(33, (94, 96)))
# Linearization over strata of two sampling units, with R's degrees of freedom and with Stata's.
SURVEYS = (Covered(10, (90, 96)), Covered(25, (92, 94)))
SURVEYS_OF_DESIGN = (Covered(10, (87, 93)), Covered(25, (92, 93)))


@dataclass(frozen=True, slots=True)
class Rejected:
    """Share of samples in which a test at 5 % rejects a true hypothesis, in percent.

    Attributes
    ----------
    number : int
        Expected cases of the rarer label.
    shares : tuple of int
        The lowest and the highest among kinds of sampling weights.
    """

    number: int
    shares: tuple[int, int]


Found = TypeVar("Found", Covered, Rejected)

# By HC3, that slopes with sampling weights are those without.
TEST_OF_SAMPLING = (Rejected(50, (11, 17)), Rejected(200, (6, 8)))
# From so many on the test keeps its level.
ENOUGH_FOR_TEST = 400
# From so many on the intervals cover.
ENOUGH_CASES, ENOUGH_EFFECTIVE, ENOUGH_CLUSTERS, ENOUGH_DEGREES = 100, 50, 100, 50
# Share of the cases that they are worth, above which sampling weights are not unequal.
EQUAL = 0.85
# Share of their number that the unequal clusters of the study are worth, and below which clusters
# are very unequal: the others are worth 0.16.
UNEQUAL, VERY_UNEQUAL = 0.63, 0.3


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
    """How often intervals have covered with so few clusters, and which to take instead."""
    for found in _few_clusters(fit):
        yield f"{found.said}; take {found.kind}, of which they have covered them in {found.span}."


def few_clusters_streamed(fit: Any) -> Iterator[str]:
    """The same, of a fit that cannot have those."""
    for found in _few_clusters(fit):
        yield f"{found.said}, those of {found.kind}, which needs a fit in memory, in {found.span}."


def few_units(fit: Any) -> Iterator[str]:
    """How often intervals have covered with as few degrees of freedom of a survey design."""
    covariance = fit.covariance
    if not (fit.converged and covariance.name == "survey" and np.isfinite(covariance.df)):
        return
    of_design = fit.request.keywords.get("df") == "design"
    degrees = covariance.df if of_design else covariance.df + len(covariance.whitened) - 1.0
    if degrees < ENOUGH_DEGREES:
        found = _of(SURVEYS_OF_DESIGN if of_design else SURVEYS, degrees)
        yield (
            f"{degrees:g} degrees of freedom of the design (sampling units less strata) are few: "
            f"in simulations with {found.number}, 95 % t intervals have covered slopes in "
            f"{_span(found)} of samples."
        )


def sampling_tested(weights: Weights) -> Iterator[str]:
    """How often the test of sampling weights has rejected a right model with so few cases."""
    sizes = weights.totals.class_sizes
    rarest = int(np.argmin(sizes))
    if sizes[rarest] < ENOUGH_FOR_TEST:
        found = _of(TEST_OF_SAMPLING, sizes[rarest])
        yield (
            f"With {sizes[rarest]:,.10g} cases of {weights.labels[rarest]!r} this test of sampling "
            f"weights rejects too often: in simulations with {found.number}, a right model in "
            f"{_range(found.shares)} of samples at 5 %."
        )


class _Clusters(NamedTuple):
    """What has been found of so few clusters, and how often another kind has covered."""

    said: str
    kind: str
    span: str


def _few_clusters(fit: Any) -> Iterator[_Clusters]:
    covariance = fit.covariance
    if not (fit.converged and covariance.equal_clusters):
        return
    worth, number = min(zip(covariance.equal_clusters, covariance.n_clusters, strict=True))
    skewed = worth < VERY_UNEQUAL * number
    counted = worth if skewed else min(float(number), worth / UNEQUAL)
    if counted >= ENOUGH_CLUSTERS:
        return
    if skewed:
        found = _of(SKEWED_T if fit.use_t else SKEWED, counted)
        of_sizes = f" of very unequal sizes, worth {worth:.1f} equal ones,"
        like, kind, instead = f"some worth {found.number}", "CR3", SKEWED_CR3
    else:
        found = _of(CLUSTERS_T if fit.use_t else CLUSTERS, counted)
        of_sizes, like = "", f"{found.number} of unequal sizes"
        kind, instead = "CR2", CLUSTERS_CR2
    said = (
        f"{number:,} clusters{of_sizes} are few: in simulations with {like} such 95 % intervals "
        f"have covered slopes in {_span(found)} of samples"
    )
    yield _Clusters(said, f'kind="{kind}"', _span(_of(instead, counted)))


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


def _of(table: tuple[Found, ...], number: float) -> Found:
    """The entry for the largest number that is no larger, or the first."""
    within = [entry for entry in table if entry.number <= number]
    return within[-1] if within else table[0]


def _span(found: Covered) -> str:
    return _range(found.slopes)


def _range(shares: tuple[int, int]) -> str:
    low, high = shares
    return f"{low:g} to {high:g} %"
