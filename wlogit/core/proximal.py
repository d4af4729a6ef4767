"""Penalised logistic regression by proximal Newton steps on a working set of columns."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core.blas import one_blas_thread
from wlogit.core.coordinates import Coordinates
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.penalties import ElasticNet
from wlogit.core.proximal_newton import ProximalNewton, Reason
from wlogit.core.wide_ridge import WideRidge
from wlogit.core.working_set import Point, WorkingSet


@dataclass(frozen=True, slots=True, eq=False)
class PenalizedOptimum:
    """Where a penalised fit ended; parameters in the objective's coordinates.

    Attributes
    ----------
    params : ndarray, shape (k,)
        Exact zeros for the coefficients that the penalty holds there.
    value : float
        What is minimised: minus the log-likelihood plus the penalty.
    loglike : float
    gradient : ndarray, shape (k,)
        Of the log-likelihood.
    kkt : float
        Largest violation of the optimality conditions; see `kkt_units`.
    iterations : int
        Proximal Newton steps taken.
    converged : bool
    reason : str
        Why it stopped: "converged", or what went wrong.
    """

    params: Array
    value: float
    loglike: float
    gradient: Array
    kkt: float
    iterations: int
    converged: bool
    reason: Reason


# Columns that may enter at once: this many, or this multiple of those that are in.
_ENTERING, _GROWTH = 256, 4
# Violations that are small enough while columns are still to enter.
_LOOSE, _OUTSIDE = 1e-2, 0.1
# Cases of the rarer outcome that a sample needs to be of use.
_FEW = 200.0
# Columns up to which BLAS keeps to one thread.
_SMALL = 2000


def minimize(
    objective: LogitObjective,
    penalty: ElasticNet,
    start: Array,
    *,
    tol: float = 1e-9,
    max_iter: int = 100,
    previous: tuple[Array, ElasticNet] | None = None,
    callback: Callable[[Array], object] | None = None,
) -> PenalizedOptimum:
    """Minimize minus the log-likelihood plus a penalty.

    Proximal Newton steps on a working set of columns, which grows until the optimality
    conditions hold for all columns. The answer does not depend on the unit of the weights, if
    the penalty is in the same unit.

    Parameters
    ----------
    objective : LogitObjective
    penalty : ElasticNet
        Without any, the likelihood is maximized.
    start : ndarray, shape (k,)
    tol : float
        Largest violation of the optimality conditions, in `kkt_units`.
    max_iter : int
        Most proximal Newton steps.
    previous : tuple of (ndarray of shape (k,), ElasticNet), optional
        The gradient at an optimum under a larger penalty, and that penalty: the strong rule then
        chooses the first working set.
    callback : callable, optional
        Called with the parameters after each step.

    References
    ----------
    Lee, Sun and Saunders (2014), SIAM Journal on Optimization 24, 1420-1443 (proximal Newton).
    Tibshirani and others (2012), Journal of the Royal Statistical Society B 74, 245-266 (strong
    rules).
    """
    if penalty.is_zero:
        return _without_penalty(objective, start, max_iter, callback)
    wide = WideRidge.of(objective, penalty)
    if wide is not None:
        return _wide_ridge(wide, objective, penalty, tol, max_iter, callback)
    solver = _Solver(objective, free_constant=_constant_is_free(objective, penalty))
    solver.callback, solver.polish = callback, True
    if objective.large and not np.any(start):
        start = _start_of_sample(objective, penalty, start)
    return solver.solve(penalty, start, tol, max_iter, previous)


def path(
    objective: LogitObjective,
    penalties: Sequence[ElasticNet],
    start: Array,
    *,
    tol: float = 1e-9,
    max_iter: int = 100,
) -> Iterator[PenalizedOptimum]:
    """Minimize under one penalty after the other, each from the optimum of the one before.

    Fastest where penalties shrink. Arguments as in `minimize`.
    """
    free = all(_constant_is_free(objective, penalty) for penalty in penalties)
    solver = _Solver(objective, free_constant=free)
    previous = None
    for penalty in penalties:
        if penalty.is_zero:
            optimum = _without_penalty(objective, start, max_iter, None)
        elif (wide := WideRidge.of(objective, penalty)) is not None:
            optimum = _wide_ridge(wide, objective, penalty, tol, max_iter, None)
        else:
            optimum = solver.solve(penalty, start, tol, max_iter, previous)
        start, previous = optimum.params, (optimum.gradient, penalty)
        yield optimum


def _start_of_sample(objective: LogitObjective, penalty: ElasticNet, start: Array) -> Array:
    """The optimum of every sixteenth run of rows, under its share of the penalty, roughly."""
    sample = objective.sampled(16)
    mean_weight = objective.total_weight / objective.matrix.shape[0]
    if sample.scale < _FEW * mean_weight:
        return start
    share = sample.total_weight / objective.total_weight
    scaled = ElasticNet(penalty.l1 * share, penalty.l2 * share)
    solver = _Solver(sample, free_constant=_constant_is_free(objective, penalty))
    optimum = solver.solve(scaled, start, _LOOSE, 20, None)
    return optimum.params if optimum.converged else start


def kkt_units(objective: LogitObjective) -> Array:
    """What a violation of an optimality condition is measured in, shape (k,).

    The weight of the rarer outcome times the weighted root mean square of the column: no unit of
    weights or covariates matters.
    """
    scale = objective.scale if objective.scale > 0.0 else objective.total_weight
    result: Array = scale * np.sqrt(objective.squares() / objective.total_weight)
    return result


def _constant_is_free(objective: LogitObjective, penalty: ElasticNet) -> bool:
    constant = objective.matrix.constant
    return constant is not None and not (penalty.l1[constant] or penalty.l2[constant])


def certificate(
    objective: LogitObjective, penalty: ElasticNet, params: Array, optimum: PenalizedOptimum
) -> PenalizedOptimum:
    """What `optimum` says, with its values and its KKT residual at other parameters."""
    coordinates = Coordinates.of(objective, free_constant=_constant_is_free(objective, penalty))
    inside = coordinates.inside(params)
    loglike, gradient = coordinates.objective.value_and_gradient(inside)
    violation = coordinates.penalty_inside(penalty).violation(inside, gradient)
    return replace(
        optimum,
        params=params,
        value=penalty.value(params) - loglike,
        loglike=loglike,
        gradient=coordinates.gradient_outside(gradient),
        kkt=_largest(violation, kkt_units(coordinates.objective)),
    )


def _without_penalty(
    objective: LogitObjective,
    start: Array,
    max_iter: int,
    callback: Callable[[Array], object] | None,
) -> PenalizedOptimum:
    """The maximum of the likelihood."""
    coordinates = Coordinates.of(objective, free_constant=True)
    inner = coordinates.objective
    outer = None if callback is None else lambda params: callback(coordinates.outside(params))
    optimum = maximize(inner, coordinates.inside(start), max_iter=max_iter, callback=outer)
    return PenalizedOptimum(
        params=coordinates.outside(optimum.params),
        value=-optimum.value,
        loglike=optimum.value,
        gradient=coordinates.gradient_outside(optimum.gradient),
        kkt=_largest(np.abs(optimum.gradient), kkt_units(inner)),
        iterations=optimum.iterations,
        converged=optimum.converged,
        reason="no_decrease" if optimum.reason == "no_increase" else optimum.reason,
    )


def _wide_ridge(
    wide: WideRidge,
    objective: LogitObjective,
    penalty: ElasticNet,
    tol: float,
    max_iter: int,
    callback: Callable[[Array], object] | None,
) -> PenalizedOptimum:
    """Ridge with more columns than rows, certified over all columns."""
    small = minimize(
        wide.objective,
        wide.penalty,
        np.zeros(wide.objective.n_params),
        tol=0.01 * tol,
        max_iter=max_iter,
        callback=None if callback is None else lambda params: callback(wide.expand(params)),
    )
    optimum = certificate(objective, penalty, wide.expand(small.params), small)
    if not optimum.converged and optimum.kkt <= tol:
        return replace(optimum, converged=True, reason="converged")
    return optimum


def _largest(violation: Array, units: Array) -> float:
    """In units; columns of zeros have none and violate nothing."""
    present = units > 0.0
    return float((violation[present] / units[present]).max(initial=0.0))


class _Solver:
    """One problem under several penalties; keeps its working set in between."""

    def __init__(self, objective: LogitObjective, *, free_constant: bool) -> None:
        self.coordinates = Coordinates.of(objective, free_constant=free_constant)
        self.objective = self.coordinates.objective
        self.units = kkt_units(self.objective)
        self.present = self.units > 0.0
        self.working = WorkingSet(self.objective)
        self.callback: Callable[[Array], object] | None = None
        self.polish = False
        self.last: tuple[Array, Point, Array] | None = None

    def solve(
        self,
        outer: ElasticNet,
        start: Array,
        tol: float,
        max_iter: int,
        previous: tuple[Array, ElasticNet] | None,
    ) -> PenalizedOptimum:
        """The optimum under one penalty."""
        # Threads of BLAS gain nothing on matrices of this size, and wait for each other.
        with one_blas_thread() if len(start) <= _SMALL else nullcontext():
            return self._solve(outer, start, tol, max_iter, previous)

    def _solve(
        self,
        outer: ElasticNet,
        start: Array,
        tol: float,
        max_iter: int,
        previous: tuple[Array, ElasticNet] | None,
    ) -> PenalizedOptimum:
        penalty = self.coordinates.penalty_inside(outer)
        params = np.where(self.present, self.coordinates.inside(start), 0.0)
        self.working.add(self._first_columns(penalty, params, previous))
        enough = tol if previous is not None else max(tol, _LOOSE)
        iterations = 0
        while True:
            everything = len(self.working.columns) == np.count_nonzero(self.present)
            final = everything or enough == tol
            newton = self._newton(penalty, params, guarded=final and self._guarded(penalty))
            reason = newton.run(
                0.9 * (tol if final else enough),
                max_iter - iterations,
                polish=self.polish and final,
            )
            params[self.working.columns] = newton.params
            iterations += newton.iterations
            gradient = self.working.gradient(newton.point, params)
            self.last = (params.copy(), newton.point, gradient)
            violation = np.where(self.present, penalty.violation(params, gradient), 0.0)
            kkt = _largest(violation, self.units)
            entering = self._entering(penalty, violation, tol)
            if (final and not entering.size) or reason in ("diverging", "max_iter"):
                break
            self.working.add(entering)
            enough = max(tol, _OUTSIDE * kkt) if entering.size else tol
        converged = kkt <= tol and reason != "diverging"
        if reason == "converged" and not converged:
            reason = "no_decrease"
        return PenalizedOptimum(
            params=self.coordinates.outside(params),
            value=newton.loss,
            loglike=newton.point.value,
            gradient=self.coordinates.gradient_outside(gradient),
            kkt=kkt,
            iterations=iterations,
            converged=converged,
            reason="converged" if converged else reason,
        )

    def _newton(self, penalty: ElasticNet, params: Array, *, guarded: bool) -> ProximalNewton:
        """Steps over the working set, from where the parameters are."""
        columns = self.working.columns
        return ProximalNewton(
            self.working,
            penalty.take(columns),
            self.units[columns],
            guarded,
            params[columns],
            self._point(params),
            self._reporting(columns),
        )

    def _point(self, params: Array) -> Point:
        """The likelihood at parameters of the working set; known where the last fit ended."""
        columns = self.working.columns
        if self.last is not None and np.array_equal(params, self.last[0]):
            return replace(self.last[1], gradient=self.last[2][columns])
        return self.working.point(params[columns])

    def _reporting(self, columns: IntArray) -> Callable[[Array], object] | None:
        """The callback as a function of the parameters of some columns."""
        callback = self.callback
        if callback is None:
            return None

        def report(part: Array) -> None:
            params = np.zeros(self.objective.n_params)
            params[columns] = part
            callback(self.coordinates.outside(params))

        return report

    def _first_columns(
        self, penalty: ElasticNet, params: Array, previous: tuple[Array, ElasticNet] | None
    ) -> IntArray:
        """Those without an l1 penalty, those that start away from zero, and the strong ones."""
        first = (penalty.l1 == 0.0) | (params != 0.0)
        if previous is not None:
            gradient = np.abs(self.coordinates.gradient_inside(previous[0]))
            before = self.coordinates.penalty_inside(previous[1])
            first |= gradient >= 2.0 * penalty.l1 - before.l1
        return np.flatnonzero(first & self.present)

    def _guarded(self, penalty: ElasticNet) -> bool:
        """Whether coefficients without a penalty could run away, the constant aside."""
        free = (penalty.l1 == 0.0) & (penalty.l2 == 0.0) & self.present
        constant = self.objective.matrix.constant
        if constant is not None and self.objective.scale > 0.0:
            free[constant] = False
        return bool(free.any())

    def _entering(self, penalty: ElasticNet, violation: Array, tol: float) -> IntArray:
        """Columns outside the working set that violate their conditions, the worst first."""
        outside = violation > tol * self.units
        outside[self.working.columns] = False
        candidates = np.flatnonzero(outside)
        most = max(_ENTERING, _GROWTH * len(self.working.columns))
        if len(candidates) <= most:
            return candidates
        excess = violation[candidates] / penalty.l1[candidates]
        return candidates[np.argsort(-excess, kind="stable")[:most]]
