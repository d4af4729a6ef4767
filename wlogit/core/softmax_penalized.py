"""The elastic net for a multinomial likelihood with coefficients of every label.

A vector that is added to the coefficients of all labels changes no probability. Ridge makes the
coefficients of a column sum to zero, and the lasso puts zero in the middle of them. Where labels
are even in number, that is anywhere between the two in the middle, and the smallest sum of squares
is taken: the limit of elastic nets. Columns without a penalty are made to sum to zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlogit._typing import Array, BoolArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.objective import Derivatives
from wlogit.core.penalties import ElasticNet
from wlogit.core.quadratic import Quadratic
from wlogit.core.softmax_objective import SymmetricObjective

Reason = Literal["converged", "max_iter", "no_decrease", "diverging"]

# Added to the diagonal of the information, relative to it: a step is then unique.
_PROXIMAL = 1e-10
# Share of the gain that the quadratic model promises which a step has to realise.
_ARMIJO = 1e-4
# Gains below this share of the value are lost in its rounding; what rounding may then cost.
_ROUNDING, _SLACK = 1e-12, 1e-13
# Steps without progress, once gains are lost in rounding, after which to stop.
_PATIENCE = 4
# Differences of linear predictors beyond which a fit without penalty runs away.
_FAR = 30.0
# No difference of linear predictors need move further in one step.
_LONGEST = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricOptimum:
    """Where a penalised fit ended.

    Attributes
    ----------
    params : ndarray, shape (k, J)
    value : float
        Minus the log-likelihood plus the penalty.
    loglike : float
    kkt : float
        Largest violation of the optimality conditions, in the weight of the rarest label times
        the weighted root mean square of the column.
    iterations : int
    converged : bool
    reason : str
    """

    params: Array
    value: float
    loglike: float
    kkt: float
    iterations: int
    converged: bool
    reason: Reason


def minimize_symmetric(
    objective: SymmetricObjective,
    penalty: ElasticNet,
    *,
    tol: float = 1e-10,
    max_iter: int = 200,
    callback: Callable[[Array], object] | None = None,
) -> SymmetricOptimum:
    """Minimize minus the log-likelihood plus a penalty by proximal Newton steps.

    Parameters
    ----------
    objective : SymmetricObjective
        In the coordinates in which the coefficients are penalised.
    penalty : ElasticNet
        Of one label, shape (k,); the same for all.
    tol : float
        Largest violation of the optimality conditions.
    max_iter : int
    callback : callable, optional
        Called with the coefficients (k, J) after each step.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1), section 4; Lee,
    Sun and Saunders (2014), SIAM Journal on Optimization 24, 1420-1443 (proximal Newton).
    """
    own = objective.matrix
    free = own.constant is not None and not (penalty.l1[own.constant] or penalty.l2[own.constant])
    plain = ModelMatrix(own.values, constant=own.constant if free else None)
    matrix = plain.standardized(objective.weight)
    inner = SymmetricObjective(matrix, objective.codes, objective.weight, objective.n_labels)
    if matrix.scale is not None:
        penalty = penalty.of_scaled(matrix.scale)
    report = None
    if callback is not None:
        report = lambda params: callback(matrix.to_user(inner.by_column(params)))  # noqa: E731
    found = _Solver(inner, penalty, tol, max_iter, report).run()
    params = matrix.to_user(inner.by_column(found.params))
    return SymmetricOptimum(
        params=np.array(params),
        value=found.loss,
        loglike=found.point.value,
        kkt=found.kkt,
        iterations=found.iterations,
        converged=found.reason == "converged",
        reason=found.reason,
    )


class _Solver:
    """Proximal Newton steps on the coefficients of all labels, in working coordinates."""

    params: Array
    point: Derivatives
    kkt: float

    def __init__(
        self,
        objective: SymmetricObjective,
        penalty: ElasticNet,
        tol: float,
        max_iter: int,
        report: Callable[[Array], object] | None,
    ) -> None:
        labels = objective.n_labels
        self.objective, self.tol, self.max_iter, self.report = objective, tol, max_iter, report
        self.penalty = ElasticNet(np.tile(penalty.l1, labels), np.tile(penalty.l2, labels))
        self.unpenalized: BoolArray = (penalty.l1 == 0.0) & (penalty.l2 == 0.0)
        unit = objective.scale * np.sqrt(objective.squares() / objective.total_weight)
        self.units = np.tile(np.where(unit > 0.0, unit, np.inf), labels)
        self.reason: Reason = "converged"
        self.iterations = self.idle = 0
        self._arrive(self._start())

    def run(self) -> "_Solver":
        """Step until no violation exceeds the tolerance, and once more."""
        while self.kkt > self.tol:
            before = self.kkt
            if self.iterations >= self.max_iter:
                return self._stopped("max_iter")
            if not self._advance() or self.idle >= _PATIENCE:
                return self._stopped("no_decrease")
            self.idle = self.idle + 1 if self.kkt > 0.5 * before else 0
            if self.unpenalized.any() and self.point.farthest > _FAR and self._runs_away():
                return self._stopped("diverging")
        kept = self.params, self.point, self.kkt
        if self.kkt > 0.0 and self._advance() and self.kkt > kept[2]:
            self.params, self.point, self.kkt = kept
        self._arrive(self._centered())
        return self

    @property
    def loss(self) -> float:
        """Minus the log-likelihood plus the penalty."""
        return self.penalty.value(self.params) - self.point.value

    def _stopped(self, reason: Reason) -> "_Solver":
        self.reason = reason
        return self

    def _start(self) -> Array:
        """Zeros, with an unpenalised constant at the logarithms of the labels' shares."""
        objective = self.objective
        start = np.zeros((objective.n_labels, objective.matrix.n_params))
        constant = objective.matrix.constant
        if constant is not None and self.unpenalized[constant]:
            logs = np.log(objective.label_weights)
            value = objective.matrix.block(slice(0, 1))[0, constant]
            start[:, constant] = (logs - logs.mean()) / value
        return start.ravel()

    def _arrive(self, params: Array) -> None:
        """Make unpenalised columns sum to zero, which changes no probability, and look around."""
        by_label = np.array(params).reshape(self.objective.n_labels, -1)
        by_label[:, self.unpenalized] -= by_label[:, self.unpenalized].mean(axis=0)
        self.params = by_label.ravel()
        self.point = self.objective.derivatives(self.params)
        violation = self.penalty.violation(self.params, self.point.gradient)
        self.kkt = float((violation / self.units).max(initial=0.0))

    def _centered(self) -> Array:
        """With the smallest sum of squares that a lasso of an even number of labels allows."""
        labels = self.objective.n_labels
        by_label = self.params.reshape(labels, -1).copy()
        lasso = np.flatnonzero((self.penalty.l1 > 0.0)[: by_label.shape[1]])
        lasso = lasso[self.penalty.l2[lasso] == 0.0]
        if labels % 2 == 0 and lasso.size:
            ordered = np.sort(by_label[:, lasso], axis=0)
            middle = ordered[labels // 2 - 1], ordered[labels // 2]
            by_label[:, lasso] -= np.clip(by_label[:, lasso].mean(axis=0), *middle)
        return by_label.ravel()

    def _runs_away(self) -> bool:
        """Whether only coefficients without a penalty keep the differences growing."""
        penalised = self.params * np.tile(~self.unpenalized, self.objective.n_labels)
        return self.objective.reach(penalised) < _FAR / 2.0 and self.iterations > 20

    def _target(self) -> Array:
        """Minimum of the quadratic model plus the penalty."""
        information = self.point.information
        diagonal = _PROXIMAL * information.diagonal()
        model = Quadratic(information + np.diag(diagonal + self.penalty.l2))
        linear = self.point.gradient + np.dot(information, self.params) + diagonal * self.params
        return model.minimize(linear, self.penalty.l1, self.params, 0.1 * self.tol * self.units)

    def _advance(self) -> bool:
        """The first of steps of length 1, 1/2, 1/4, ... that lowers the loss enough."""
        target = self._target()
        step = target - self.params
        if not step.any() or not np.all(np.isfinite(step)):
            return False
        gain = float(self.point.gradient @ step)
        gain += self.penalty.value(self.params) - self.penalty.value(target)
        loss, length = self.loss, 1.0
        slack = _SLACK * abs(loss) if gain <= _ROUNDING * abs(loss) else 0.0
        if not self._lowers(target, loss - _ARMIJO * gain + slack):
            length = min(0.5, _LONGEST / self.objective.reach(step))
            for _ in range(40):
                if self._lowers(self.params + length * step, loss - _ARMIJO * length * gain):
                    break
                length *= 0.5
            else:
                return False
            target = self.params + length * step
        self.iterations += 1
        self._arrive(target)
        if self.report is not None:
            self.report(self.params)
        return True

    def _lowers(self, params: Array, bound: float) -> bool:
        return self.penalty.value(params) - self.objective.value(params) <= bound
