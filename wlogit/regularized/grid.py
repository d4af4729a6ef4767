"""The grid of a penalty path, as glmnet makes it, and the walk along it from fit to fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.core.objective import LogitObjective
from wlogit.core.penalties import ElasticNet
from wlogit.core.proximal import PenalizedOptimum, minimize, path
from wlogit.regularized.columns import numbers_of_columns
from wlogit.regularized.fit import objective_for, penalty_for

# glmnet's constants: below this share of lasso the grid starts where it would at this share; a
# path may end from this many steps on, when a step gains so little of the deviance, or when so
# much of it is explained.
LEAST_LASSO = 1e-3
FEWEST_STEPS, LEAST_GAIN, ALL_EXPLAINED = 5, 1e-5, 0.999


@dataclass(frozen=True, slots=True, eq=False)
class PathSpec:
    """What is fitted at every alpha.

    Attributes
    ----------
    L1_wt : float
        Share of the lasso in the penalty.
    standardize : bool
        Whether columns are penalised in units of their weighted standard deviations.
    factors : ndarray, shape (k,)
        Multiples of alpha for each column.
    tol : float
        Largest violation of the optimality conditions.
    """

    L1_wt: float
    standardize: bool
    factors: Array
    tol: float


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The objective of a model, the penalty at alpha = 1, and the fit that the path starts from.

    Attributes
    ----------
    unit : ElasticNet
        With the parts for the lasso alone (l1) and for ridge alone (l2).
    null : PenalizedOptimum
        All penalised coefficients at zero.
    """

    objective: LogitObjective
    unit: ElasticNet
    null: PenalizedOptimum
    spec: PathSpec

    @classmethod
    def of(cls, model: Any, spec: PathSpec) -> "Track":
        """Fit the unpenalised columns of a model."""
        objective = objective_for(model)
        lasso, ridge = (
            penalty_for(model, 1.0, share, spec.standardize, "elastic_net") for share in (1.0, 0.0)
        )
        unit = ElasticNet(lasso.l1 * spec.factors, ridge.l2 * spec.factors)
        # |sum w (r - p) x| <= sum w |x| <= sum w sqrt(mean of x^2): nothing can leave zero.
        ceiling = 2.0 * np.sqrt(objective.squares() * objective.total_weight)
        closed = ElasticNet(np.where(unit.l1 > 0.0, ceiling, 0.0), np.zeros_like(unit.l1))
        null = minimize(objective, closed, np.zeros(objective.n_params), tol=spec.tol)
        return cls(objective, unit, null, spec)

    def penalty(self, alpha: float) -> ElasticNet:
        """The penalty at an alpha."""
        share = self.spec.L1_wt
        return ElasticNet(alpha * share * self.unit.l1, alpha * (1.0 - share) * self.unit.l2)

    @property
    def alpha_max(self) -> float:
        """The alpha from which on every penalised coefficient of a lasso is zero.

        Raises
        ------
        ValueError
            Nothing is penalised.
        """
        penalised = self.unit.l1 > 0.0
        slopes = np.abs(self.null.gradient[penalised]) / self.unit.l1[penalised]
        largest = float(slopes.max(initial=0.0))
        if largest == 0.0:
            raise ValueError(
                "no grid of alphas can be made: no column is penalised, or none is related to the "
                "outcome. Check penalty_factor, or give alphas=."
            )
        return largest / max(self.spec.L1_wt, LEAST_LASSO)

    def walk(
        self,
        alphas: Array,
        *,
        done: Callable[[PenalizedOptimum], bool] | None = None,
        tick: Callable[[], object] = lambda: None,
    ) -> list[PenalizedOptimum]:
        """Fits at falling alphas, each from the one before, until one is `done`."""
        found = []
        penalties = [self.penalty(float(alpha)) for alpha in alphas]
        for optimum in path(self.objective, penalties, self.null.params, tol=self.spec.tol):
            found.append(optimum)
            tick()
            if done is not None and done(optimum):
                break
        return found


def alpha_grid(track: Track, n_alphas: int, min_ratio: float | None) -> Array:
    """Alphas from the largest that matters downwards, evenly spaced on the log scale.

    Parameters
    ----------
    track : Track
    n_alphas : int
    min_ratio : float, optional
        Smallest over largest alpha; by default 1e-4, or 1e-2 with fewer rows than columns.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1), section 2.5.
    """
    if min_ratio is None:
        n, k = track.objective.matrix.shape
        min_ratio = 1e-2 if n < k - int(np.any(track.unit.l1 == 0.0)) else 1e-4
    return np.asarray(track.alpha_max * np.geomspace(1.0, min_ratio, n_alphas))


class Explained:
    """Share of the deviance that the fits of a path explain, and whether more is worth while.

    Parameters
    ----------
    null, saturated : float
        Log-likelihoods of the model without covariates and of one that predicts every row.
    may_stop : bool
        Whether the path may end before its grid does.
    """

    def __init__(self, null: float, saturated: float, *, may_stop: bool) -> None:
        self._null, self._saturated, self._may_stop = null, saturated, may_stop
        self.ratios: list[float] = []

    def __call__(self, optimum: PenalizedOptimum) -> bool:
        """Note a fit; True when glmnet would stop there."""
        ratio = (optimum.loglike - self._null) / (self._saturated - self._null)
        gain = ratio - self.ratios[-1] if self.ratios else np.inf
        self.ratios.append(ratio)
        enough = self._may_stop and len(self.ratios) >= FEWEST_STEPS
        return bool(enough and (gain < LEAST_GAIN or ratio > ALL_EXPLAINED))


def read_alphas(alphas: Any, n_alphas: int, min_ratio: float | None) -> Array | None:
    """Alphas as given, falling; None for a grid, whose options are checked.

    Raises
    ------
    ValueError
        Naming the value that cannot be used.
    """
    if alphas is None:
        whole = isinstance(n_alphas, int | np.integer) and not isinstance(n_alphas, bool)
        if not whole or n_alphas < 2:
            raise ValueError(f"n_alphas={n_alphas!r} must be a whole number of at least 2.")
        if min_ratio is not None and not 0.0 < min_ratio < 1.0:
            raise ValueError(f"alpha_min_ratio={min_ratio!r} must lie between 0 and 1.")
        return None
    if min_ratio is not None:
        raise ValueError("alpha_min_ratio= is for the grid that is made without alphas=.")
    values = np.unique(np.atleast_1d(np.asarray(alphas, dtype=np.float64)))[::-1]
    wrong = values[~(np.isfinite(values) & (values >= 0.0))]
    if wrong.size or not values.size:
        shown = f"{wrong[0]:g}" if wrong.size else "nothing"
        raise ValueError(f"alphas has {shown}; it needs finite numbers that are not negative.")
    return np.asarray(values)


def read_factors(names: list[Any], factors: Any) -> Array:
    """Multiples of alpha for each column, one where none is given.

    Parameters
    ----------
    names : list
        Names of the columns.
    factors : None, array_like of shape (k,), or mapping or Series by name

    Raises
    ------
    ValueError
        Naming the column.
    """
    if factors is None:
        return np.ones(len(names))
    return numbers_of_columns(names, factors, "penalty_factor", others=1.0)
