"""Proximal Newton steps on the columns of a working set."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from wlogit._typing import Array
from wlogit.core.penalties import ElasticNet
from wlogit.core.quadratic import Quadratic
from wlogit.core.working_set import Point, WorkingSet

Reason = Literal["converged", "max_iter", "no_decrease", "singular", "diverging"]
Verdict = Literal["step"] | Reason

# Added to the diagonal of the information, relative to it: a step is then unique.
_PROXIMAL = 1e-10
# Share of the gain that the quadratic model promises which a step has to realise.
_ARMIJO = 1e-4
# Gains below this share of the value are lost in its rounding; what rounding may then cost.
_ROUNDING, _SLACK = 1e-12, 1e-13
# Columns for which new information costs as much as one more step.
_COLUMNS_PER_STEP = 16.0
# Products that new information for the last step may take.
_CHEAP = 1e8
# Contraction of the violation that is no progress, and steps without any after which to stop.
_SLOW, _PATIENCE = 0.5, 4
# Linear predictors that still move by _MOVING where the gradient has vanished run away; beyond
# _FAR they are given up.
_MOVING, _FAR = 1e-3, 30.0
# No linear predictor need move further in one step.
_LONGEST = 100.0


@dataclass(slots=True, eq=False)
class ProximalNewton:
    """Minimizes a penalised likelihood over the columns of a working set.

    Steps minimize a quadratic model of the likelihood plus the penalty itself. Its information
    matrix may be that of an earlier point: then steps contract linearly, and it is renewed where
    that costs less than the steps it saves.

    Parameters
    ----------
    working : WorkingSet
    penalty : ElasticNet
        Of its columns.
    units : ndarray, shape (a,)
        What violations of the optimality conditions are measured in.
    guarded : bool
        Whether coefficients could run away, so that a vanishing gradient does not suffice.
    params : ndarray, shape (a,)
        The start, then where it has come to.
    point : Point
        The likelihood there.
    callback : callable, optional
        Called with them after each step.
    """

    working: WorkingSet
    penalty: ElasticNet
    units: Array
    guarded: bool
    params: Array
    point: Point
    callback: Callable[[Array], object] | None = None
    kkt: float = field(default=math.inf, init=False)
    iterations: int = field(default=0, init=False)
    _model: Quadratic | None = field(default=None, init=False)
    _contraction: float = field(default=1.0, init=False)
    _idle: int = field(default=0, init=False)

    def run(self, tol: float, max_iter: int, *, polish: bool = False) -> Reason:
        """Step until no violation exceeds ``tol``; once more, if asked to ``polish``."""
        self._arrive(self.params, self.point)
        if not self.working.has_information:
            self._renew()
        while (verdict := self._verdict(tol, max_iter)) == "step":
            if self._renewal_pays(tol):
                self._renew()
            if not self._advance(tol):
                if self._current:
                    return "no_decrease"
                self._renew()
        if polish and verdict == "converged" and self.iterations < max_iter:
            self._polish(tol)
        return verdict

    @property
    def loss(self) -> float:
        """Minus the log-likelihood plus the penalty."""
        return self.penalty.value(self.params) - self.point.value

    @property
    def _current(self) -> bool:
        """Whether the information is that of this very point."""
        return self.working.is_current(self.point)

    def _arrive(self, params: Array, point: Point) -> None:
        self.params, self.point = params, point
        violation = self.penalty.violation(params, point.gradient)
        before, self.kkt = self.kkt, float((violation / self.units).max(initial=0.0))
        self._contraction = self.kkt / before if 0.0 < before < math.inf else 1.0

    def _verdict(self, tol: float, max_iter: int) -> Verdict:
        if self.kkt <= tol:
            if not self.guarded or self._at_rest(tol):
                return "converged"
            if self.point.reach > _FAR:
                return "diverging"
        if self._idle >= _PATIENCE:
            return "no_decrease"
        return "max_iter" if self.iterations >= max_iter else "step"

    def _polish(self, tol: float) -> None:
        """A last step, kept if it lowers the violation."""
        if not self._current and self.working.entries * len(self.params) <= _CHEAP:
            self._renew()
        params, point, kkt = self.params, self.point, self.kkt
        if self._advance(tol) and self.kkt > kkt:
            self.params, self.point, self.kkt = params, point, kkt

    def _at_rest(self, tol: float) -> bool:
        if not self._current:
            self._renew()
        step = self._target(tol) - self.params
        return self.working.reach(step) <= _MOVING

    def _renew(self) -> None:
        self.working.renew(self.point)
        self._model = None

    def _renewal_pays(self, tol: float) -> bool:
        """Whether new information costs less than the steps that the old one would take."""
        if self._current or self.iterations == 0:
            return False
        if self._contraction >= _SLOW:
            return True
        steps = math.log(tol / self.kkt) / math.log(max(self._contraction, 1e-12))
        return steps > 2.0 + len(self.params) / _COLUMNS_PER_STEP

    def _target(self, tol: float) -> Array:
        """Minimum of the quadratic model plus the penalty."""
        information = self.working.information
        diagonal = _PROXIMAL * information.diagonal()
        if self._model is None:
            self._model = Quadratic(information + np.diag(diagonal + self.penalty.l2))
        linear = self.point.gradient + np.dot(information, self.params) + diagonal * self.params
        return self._model.minimize(linear, self.penalty.l1, self.params, 0.1 * tol * self.units)

    def _advance(self, tol: float) -> bool:
        """The first of steps of length 1, 1/2, 1/4, ... that lowers the loss enough."""
        start = self.params
        target = self._target(tol)
        step = target - start
        gain = float(self.point.gradient @ step)
        gain += self.penalty.value(start) - self.penalty.value(target)
        loss = self.loss
        if not np.isfinite(gain) or (gain <= 0.0 and not step.any()):
            return False
        rounding = gain <= _ROUNDING * abs(loss)
        slack = _SLACK * abs(loss) if rounding else 0.0
        there = self.working.point(target)
        length = 1.0
        if self.penalty.value(target) - there.value > loss - _ARMIJO * gain + slack:
            length = self._length(step, gain, loss)
            if length == 0.0:
                return False
            target = start + length * step
            there = self.working.point(target)
        self.iterations += 1
        self._arrive(target, there)
        if self.callback is not None:
            self.callback(target)
        self._idle = self._idle + 1 if rounding and self._contraction > _SLOW else 0
        return True

    def _length(self, step: Array, gain: float, loss: float) -> float:
        """A length below one that lowers the loss, or zero."""
        reach = self.working.reach(step)
        length = min(0.5, _LONGEST / reach) if reach > 0.0 else 0.0
        for _ in range(40):
            params = self.params + length * step
            there = self.penalty.value(params) - self.working.value(params)
            if there <= loss - _ARMIJO * length * gain:
                return length
            length *= 0.5
        return 0.0
