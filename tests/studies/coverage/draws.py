"""How samples are drawn: at random, by unequal chances, by outcome, in clusters, by a survey."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, ndtr

from tests.studies.coverage.population import (
    COLUMNS,
    SHARE_BINARY,
    SLOPE_BINARY,
    SLOPE_NORMAL,
    Population,
    covariates,
    grid,
)
from wlogit import SurveyDesign


@dataclass(frozen=True)
class Sample:
    """Outcome, design, and the keywords of the model and of its default covariance."""

    y: np.ndarray
    X: np.ndarray
    options: Mapping[str, Any] = field(default_factory=dict)
    covariance: Mapping[str, Any] = field(default_factory=dict)


Draw = Callable[[np.random.Generator], Sample]
Chance = Callable[[np.ndarray, np.ndarray], np.ndarray]
# With 20 cases on average: worth 0.63 and 0.16 of their number (Kish).
CLUSTER_SIZES, SKEWED_SIZES = (5, 10, 20, 45), (5,) * 9 + (155,)
PSU_UNITS = 30


def at_random(population: Population, n: int, **options: Any) -> Draw:
    """A simple random sample."""

    def draw(rng: np.random.Generator) -> Sample:
        X = covariates(rng, n)
        return Sample(_outcome(rng, population, X), X, options)

    return draw


def by_covariate(y: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Chances of selection from 0.15 to 0.95 that fall with x1, whatever the outcome."""
    return 0.15 + 0.8 * expit(-2.0 * X[:, 1])


def by_outcome(y: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Events are four times, and rows with positive x1 twice, as likely to be selected."""
    return (1.0 + 3.0 * y) * (1.0 + (X[:, 1] > 0.0)) / 8.0


def selected_share(population: Population, chance: Chance) -> float:
    """Share of events among the selected."""
    X, _ = grid()
    nothing = np.zeros(len(X))
    return population.share(np.stack([chance(nothing, X), chance(nothing + 1.0, X)]))


def selected(population: Population, n: int, chance: Chance, **options: Any) -> Draw:
    """A sample by unequal chances, weighted by their inverses."""

    def draw(rng: np.random.Generator) -> Sample:
        y, X = np.empty(0), np.empty((0, COLUMNS))
        while len(y) < n:
            more = covariates(rng, 4 * n)
            outcome = _outcome(rng, population, more)
            taken = rng.random(4 * n) < chance(outcome, more)
            y, X = np.append(y, outcome[taken]), np.vstack([X, more[taken]])
        y, X = y[:n], X[:n]
        return Sample(y, X, {"sampling_weights": 1.0 / chance(y, X), **options})

    return draw


def case_control(population: Population, n_events: int, n_others: int) -> Draw:
    """Fixed numbers of events and of others, weighted by the known prevalence."""

    def draw(rng: np.random.Generator) -> Sample:
        X = np.vstack([_events(rng, population, n_events), _others(rng, population, n_others)])
        y = np.repeat([1.0, 0.0], [n_events, n_others])
        return Sample(y, X, {"prevalence": population.prevalence})

    return draw


def _events(rng: np.random.Generator, population: Population, n: int) -> np.ndarray:
    """Covariates of events: those tilted by ``exp(eta)``, kept with chance ``1 / (1 + exp(eta))``.

    Exact for a population without square and effect of x4.
    """
    kept, odds = np.empty((0, COLUMNS)), SHARE_BINARY * np.exp(SLOPE_BINARY)
    while len(kept) < n:
        X = covariates(rng, 2 * n)
        X[:, 4] += SLOPE_NORMAL * 0.5
        X[:, 1] += SLOPE_NORMAL
        X[:, 2] = rng.random(2 * n) < odds / (odds + 1.0 - SHARE_BINARY)
        kept = np.vstack([kept, X[rng.random(2 * n) < expit(-population.eta(X))]])
    return kept[:n]


def _others(rng: np.random.Generator, population: Population, n: int) -> np.ndarray:
    kept = np.empty((0, COLUMNS))
    while len(kept) < n:
        X = covariates(rng, 2 * n)
        kept = np.vstack([kept, X[rng.random(2 * n) < expit(-population.eta(X))]])
    return kept[:n]


def clustered(
    population: Population,
    n_clusters: int,
    sizes: Sequence[int],
    correlation: float,
    **options: Any,
) -> Draw:
    """Clusters of `sizes` in turn, whose latent outcomes correlate; x1 half, x2 and x4 theirs."""
    groups = np.repeat(np.arange(n_clusters), np.resize(sizes, n_clusters))

    def draw(rng: np.random.Generator) -> Sample:
        own, common = covariates(rng, len(groups)), covariates(rng, n_clusters)[groups]
        X = own.copy()
        X[:, 1] = (own[:, 1] + common[:, 1]) / np.sqrt(2.0)
        X[:, 2] = common[:, 2]
        X[:, 4] = (common[:, 4] - 0.5 * common[:, 1]) / np.sqrt(0.75)
        y = _correlated_outcome(rng, population, X, groups, correlation)
        return Sample(y, X, options, {"cov_type": "cluster", "groups": groups})

    return draw


def survey(
    population: Population, strata: int, psus: int, correlation: float, **options: Any
) -> Draw:
    """Strata that weigh from one to four, `psus` units in each, events oversampled in them.

    Of the 30 cases of a sampling unit an event is taken for certain, another with chance 1/2; x1
    has another mean in each stratum.
    """
    stratum = np.repeat(np.arange(strata), psus * PSU_UNITS)
    psu = np.repeat(np.arange(strata * psus), PSU_UNITS)
    weight = 1.0 + 3.0 * (stratum % 4) / 3.0
    mean = np.sin(stratum * 2.4)

    def draw(rng: np.random.Generator) -> Sample:
        X, common = covariates(rng, len(psu)), covariates(rng, strata * psus)[psu]
        X[:, 1] = 0.5 * mean + 0.5 * common[:, 1] + np.sqrt(0.625) * X[:, 1]
        X[:, 2] = common[:, 2]
        X[:, 4] = (X[:, 4] + common[:, 4]) / np.sqrt(2.0)
        y = _correlated_outcome(rng, population, X, psu, correlation)
        chance = np.where(y == 1.0, 1.0, 0.5)
        taken = rng.random(len(y)) < chance
        design = SurveyDesign(
            strata=stratum[taken], psu=psu[taken], weights=(weight / chance)[taken]
        )
        return Sample(y[taken], X[taken], {"design": design, **options})

    return draw


def _outcome(rng: np.random.Generator, population: Population, X: np.ndarray) -> np.ndarray:
    return (rng.random(len(X)) < expit(population.eta(X))).astype(float)


def _correlated_outcome(
    rng: np.random.Generator,
    population: Population,
    X: np.ndarray,
    groups: np.ndarray,
    correlation: float,
) -> np.ndarray:
    """Outcomes with logistic margins that share a normal in each group (a Gaussian copula)."""
    common = rng.normal(size=groups[-1] + 1)[groups]
    latent = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * rng.normal(size=len(X))
    return (ndtr(latent) < expit(population.eta(X))).astype(float)
