"""The cells of the study: what is drawn, which covariances and tests are tried, and how often."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from tests.studies.coverage.draws import (
    CLUSTER_SIZES,
    SKEWED_SIZES,
    Chance,
    Draw,
    at_random,
    by_covariate,
    by_outcome,
    case_control,
    clustered,
    selected,
    selected_share,
    survey,
)
from tests.studies.coverage.population import Population

Weights = Literal[
    "none",
    "balanced",
    "1:10",
    "prevalence",
    "sampling, by covariate",
    "sampling, by outcome",
    "sampling x balanced",
    "sampling, design",
]
Block = Literal["events", "weights", "misspecified", "clusters", "survey", "power"]
# With 2,000 replications a share of 0.95 has a Monte Carlo error of 0.5 points, with 1,000 of 0.7.
THOROUGH, QUICK = 2000, 1000
LARGE = 9000
# Tests, and bias-reduced fits, are tried in the first so many samples.
TESTED = 1000
# The prevalence at which everything is tried.
MAIN = 0.05
N_BOOT, BOOTSTRAPPED = 200, 400

CHANCES: dict[str, Chance] = {
    "sampling, by covariate": by_covariate,
    "sampling, by outcome": by_outcome,
    "sampling x balanced": by_outcome,
}
ALONE = ("sampling, by covariate", "sampling, by outcome")
CLASS_WEIGHTS: dict[str, Any] = {
    "balanced": "balanced",
    "sampling x balanced": "balanced",
    "1:10": {0: 1.0, 1: 10.0},
}
Covariances = dict[str, dict[str, Any]]
HC = ("HC0", "HC1", "HC2", "HC3", "HC4", "linearized")


@dataclass(frozen=True)
class Cell:
    """One design; `events` are those expected of the sample, `prevalence` is the population's.

    `correlation` is that of the latent outcomes within `clusters`, or within the PSUs of
    ``(strata, PSUs in each)``; of `skewed` clusters one in ten has most of the cases.
    """

    block: Block
    events: int
    prevalence: float
    weights: Weights = "balanced"
    square: float = 0.0
    effect: float = 0.0
    clusters: int = 0
    skewed: bool = False
    design: tuple[int, int] | None = None
    correlation: float = 0.0
    bootstrap: bool = False

    @property
    def name(self) -> str:
        parts = [self.block, self.weights, f"{self.prevalence:g}", f"{self.events} events"]
        parts += [f"square {self.square:g}"] * bool(self.square)
        parts += [f"effect {self.effect:g}"] * bool(self.effect)
        of_sizes = "very unequal " * self.skewed
        parts += [f"{self.clusters} {of_sizes}clusters"] * bool(self.clusters)
        parts += [f"{self.design[0]} x {self.design[1]} PSUs"] if self.design else []
        parts += [f"correlation {self.correlation:g}"] * bool(self.correlation)
        return ", ".join([*parts, *["bootstrap"] * self.bootstrap])

    @cached_property
    def population(self) -> Population:
        return Population(self.prevalence, self.square, self.effect)

    @property
    def share(self) -> float:
        """Share of events in the sample."""
        if self.weights == "prevalence":
            return 0.2
        if self.weights in CHANCES:
            return selected_share(self.population, CHANCES[self.weights])
        return self.prevalence

    @property
    def n(self) -> int:
        """Cases; those expected in a survey."""
        return round(self.events / self.share)

    @property
    def replications(self) -> int:
        if self.bootstrap:
            return BOOTSTRAPPED
        return THOROUGH if self.n <= LARGE and self.is_thorough else QUICK

    @property
    def is_thorough(self) -> bool:
        """Whether more samples are drawn: where the default is most likely to fail."""
        if self.block == "events":
            return self.prevalence <= MAIN
        return self.block == "clusters" or (self.block == "weights" and self.weights in ALONE)

    @property
    def has_tests(self) -> bool:
        """Whether tests beyond Wald's are tried."""
        return not self.bootstrap

    @property
    def has_test_of_weights(self) -> bool:
        weighed = self.block in ("weights", "misspecified") and self.weights != "none"
        return weighed and self.events >= 50

    @property
    def has_bias_reduction(self) -> bool:
        """Whether the bias-reduced fit is tried: few events, balanced weights."""
        few = self.block == "events" and self.events <= 50 and self.prevalence == MAIN
        return few and not self.bootstrap

    @property
    def draw(self) -> Draw:
        options: dict[str, Any] = {}
        if self.weights in CLASS_WEIGHTS:
            options["class_weight"] = CLASS_WEIGHTS[self.weights]
        if self.clusters:
            sizes = SKEWED_SIZES if self.skewed else CLUSTER_SIZES
            return clustered(self.population, self.clusters, sizes, self.correlation, **options)
        if self.design:
            return survey(self.population, *self.design, self.correlation)
        if self.weights == "prevalence":
            return case_control(self.population, self.events, self.n - self.events)
        if self.weights in CHANCES:
            return selected(self.population, self.n, CHANCES[self.weights], **options)
        return at_random(self.population, self.n, **options)

    @property
    def truth(self) -> np.ndarray:
        """Limits of the coefficients and of the calibrated intercept."""
        given = CLASS_WEIGHTS.get(self.weights)
        if given is None:
            return self.population.limits(0.0)
        moved = self.population.balanced() if given == "balanced" else np.log(given[1] / given[0])
        return self.population.limits(moved)

    @property
    def default(self) -> str:
        """Name among `covariances` of what a fit of this cell has by default."""
        if self.clusters:
            return "CR1S"
        if self.design:
            return "survey"
        if self.weights in ("balanced", "prevalence", "sampling x balanced"):
            return "HC3 centered"
        if self.weights == "1:10":
            return "HC3 fixed"
        return "nonrobust" if self.weights == "none" else "HC3"

    def covariances(self) -> Covariances:
        """Those tried, by name, as keywords of ``with_covariance``; empty for the default."""
        tried = dict(self._tried())
        return {name: {} if name == self.default else tried[name] for name in tried}

    def _tried(self) -> Iterator[tuple[str, dict[str, Any]]]:
        if self.bootstrap:
            yield self.default, {}
            yield "bootstrap", {"cov_type": "bootstrap", "n_boot": N_BOOT}
            return
        yield "nonrobust", {"cov_type": "nonrobust"}
        if self.clusters:
            yield "HC3", {"cov_type": "HC3"}
            for kind in ("CR1", "CR1S", "CR2", "CR3"):
                yield kind, {"cov_type": "cluster", "kind": kind}
            yield "CR1S, t", {"cov_type": "cluster", "kind": "CR1S", "use_t": True}
        elif self.design:
            for name in ("HC3", "linearized", "survey"):
                yield name, {"cov_type": name}
            yield "survey, design df", {"cov_type": "survey", "df": "design"}
        else:
            yield from self._sandwiches()

    def _sandwiches(self) -> Iterator[tuple[str, dict[str, Any]]]:
        estimable = self.weights in CLASS_WEIGHTS or self.weights == "prevalence"
        for name in self._kinds():
            if not estimable:
                yield name, {"cov_type": name}
                continue
            yield f"{name} centered", {"cov_type": name, "class_weights": "estimated"}
            if name == "HC3" or (self.block == "events" and name == "HC0"):
                yield f"{name} fixed", {"cov_type": name, "class_weights": "fixed"}
        if self.weights == "prevalence":
            yield "HC3 case-control", {"cov_type": "HC3", "sampling": "case-control"}

    def _kinds(self) -> tuple[str, ...]:
        if self.block == "power":
            return ("HC3",)
        every = self.block == "events" and self.prevalence == MAIN and self.n <= LARGE
        return HC if every else ("HC0", "HC3")


def _cells() -> Iterator[Cell]:
    for prevalence, events in GRID.items():
        yield from (Cell("events", count, prevalence) for count in events)
    for weights, counts in WEIGHTS.items():
        prevalence = 0.01 if weights == "prevalence" else MAIN
        yield from (Cell("weights", count, prevalence, weights) for count in counts)
    for weights in ("none", "balanced", "1:10", "sampling, by outcome"):
        yield Cell("misspecified", 200, MAIN, weights, square=0.35)
    for clusters, correlation in CLUSTERS:
        yield _of_clusters(clusters, correlation)
    yield from (_of_clusters(clusters, 0.3, skewed=True) for clusters in SKEWED)
    yield from (_of_design(*design) for design in ((10, 2), (25, 2), (20, 5)))
    yield from (Cell("power", 50, MAIN, effect=effect) for effect in (0.2, 0.4, 0.6))
    yield from (Cell("events", count, MAIN, bootstrap=True) for count in (20, 50, 200))
    yield Cell("clusters", 200, 0.2, clusters=50, correlation=0.3, bootstrap=True)
    yield replace(_of_design(25, 2), bootstrap=True)


def _of_clusters(clusters: int, correlation: float, **options: Any) -> Cell:
    # Four events in each, on average.
    return Cell(
        "clusters", 4 * clusters, 0.2, clusters=clusters, correlation=correlation, **options
    )


def _of_design(strata: int, psus: int) -> Cell:
    # About six events in each sampling unit.
    return Cell(
        "survey",
        6 * strata * psus,
        0.2,
        "sampling, design",
        design=(strata, psus),
        correlation=0.1,
    )


# Expected events by prevalence, all with balanced weights.
GRID = {
    0.01: (20, 50, 200),
    MAIN: (10, 15, 20, 30, 50, 100, 200),
    0.2: (20, 50, 200, 2000),
    0.5: (20, 50, 200),
}
WEIGHTS: dict[Weights, tuple[int, ...]] = {
    "none": (20, 200),
    "1:10": (20, 50, 200),
    "prevalence": (20, 200),
    "sampling, by covariate": (20, 50, 200, 800),
    "sampling, by outcome": (20, 50, 200, 800),
    "sampling x balanced": (20, 200),
}
CLUSTERS = ((20, 0.05), (20, 0.3), (50, 0.05), (50, 0.3), (200, 0.3))
SKEWED = (100, 200, 600)
CELLS = {cell.name: cell for cell in _cells()}
