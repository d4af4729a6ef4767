"""The debiased lasso: one Newton step from a penalised fit, in directions that are nearly exact."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core import likelihood
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.nodewise import Correlations, exact_rows, nodewise_rows
from wlogit.core.objective import LogitObjective
from wlogit.weights.weights import Weights

Start = Literal["strong", "penalized"]

# The exact inverse is used up to a share of columns at which its price in variance, 1 / (1 - k/n),
# is what Zhang and Zhang (2014, section 2.4) allow: a quarter.
MOST_COLUMNS = 0.2
# Multiple of sqrt(log k / n) that the nodewise penalty is: see `nodewise_penalty`.
NODEWISE = 0.25
# Linear predictors beyond which a refit is taken for separated.
FAR = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class OneStep:
    """Debiased estimates of some combinations ``c'b``.

    Attributes
    ----------
    estimate : ndarray, shape (J,)
    rows : ndarray, shape (J, k)
        Theta, approximating ``c'A^-1``; the influence of a case is Theta times its score.
    params : ndarray, shape (k,)
        Where the step starts; in working coordinates, as `rows` are.
    information : ndarray, shape (k, k)
        A there.
    exact : bool
        Whether ``c'A = 1`` holds exactly.
    penalty : float
        Of the nodewise lasso; zero if exact.
    effective_size : float
        See `curvature_size`.
    """

    estimate: Array
    rows: Array
    params: Array
    information: Array
    exact: bool
    penalty: float
    effective_size: float

    @property
    def model_covariance(self) -> Array:
        """``Theta A Theta'``: the variance under a true likelihood; shape (J, J)."""
        return np.asarray(self.rows @ self.information @ self.rows.T)


Variances = Callable[[OneStep], Array]


def curvature_size(weights: Weights, eta: Array) -> float:
    """Kish's effective size of the curvatures, ``(sum of m v p q)^2 / sum of m (v p q)^2``.

    A case counts by what it adds to the information: the number of cases of the nodewise
    regressions.

    Parameters
    ----------
    weights : Weights
    eta : ndarray, shape (n,)
        Linear predictors.
    """
    # Rows without weight may hold anything.
    bend = np.where(weights.row_weight > 0.0, likelihood.curvature(eta), 0.0)
    linear = squared = 0.0
    unit = weights.mean_importance
    for sort in weights.cases:
        curvature = (sort.importance / unit) * bend
        linear += float(np.sum(sort.multiplicity * curvature))
        squared += float(np.sum(sort.multiplicity * curvature * curvature))
    return linear * linear / squared


def nodewise_penalty(n_columns: int, effective_size: float) -> float:
    """The penalty of every nodewise regression, ``sqrt(log k / n) / 4`` on correlations.

    The order is that of the theory. The constant is small on purpose: what the step leaves of the
    lasso's bias is at most the penalty times the lasso's l1 error, and costs coverage, whereas a
    smaller penalty costs length only.

    References
    ----------
    van de Geer and others (2014), theorem 3.1; Zhang and Zhang (2014), Journal of the Royal
    Statistical Society B 76, 217-242, section 2.4, on that trade.
    """
    return float(NODEWISE * np.sqrt(np.log(max(n_columns, 2)) / effective_size))


def one_step(
    objective: LogitObjective,
    weights: Weights,
    params: Array,
    functionals: Array,
    penalised: BoolArray,
) -> OneStep:
    """``c'b + Theta U(b)`` for each row c of `functionals`, from coefficients b.

    Parameters
    ----------
    objective : LogitObjective
    weights : Weights
    params : ndarray, shape (k,)
    functionals : ndarray, shape (J, k)
    penalised : ndarray of bool, shape (k,)

    References
    ----------
    van de Geer, Buhlmann, Ritov and Dezeure (2014), Annals of Statistics 42, equation (5) and
    section 3.
    """
    point = objective.derivatives(params)
    size = curvature_size(weights, objective.linear_predictor(params))
    correlations = Correlations(point.information, objective.matrix.constant)
    n_columns = len(correlations.columns)
    inverse = correlations.inverse() if n_columns <= MOST_COLUMNS * size else None
    if inverse is not None:
        penalty, rows = 0.0, exact_rows(correlations, functionals, inverse)
    else:
        penalty = nodewise_penalty(n_columns, size)
        rows = nodewise_rows(correlations, functionals, penalised, penalty)
    estimate = functionals @ params + rows @ point.gradient
    return OneStep(estimate, rows, params, point.information, inverse is not None, penalty, size)


def strong_columns(
    objective: LogitObjective,
    weights: Weights,
    params: Array,
    penalised: BoolArray,
    variances: Variances,
) -> IntArray:
    """Selected columns whose debiased estimate is large beside its standard error.

    That is beyond two standard errors and ``sqrt(2 log s)``, the size of the largest of s normal
    variables, for s selected columns: hardly a column without an effect is.
    """
    selected = np.flatnonzero(penalised & (params != 0.0))
    if not selected.size:
        return selected
    step = one_step(objective, weights, params, np.eye(len(params))[selected], penalised)
    threshold = max(2.0, float(np.sqrt(2.0 * np.log(selected.size))))
    # A column without a debiased estimate is not strong.
    with np.errstate(invalid="ignore"):
        strong = np.abs(step.estimate) > threshold * np.sqrt(variances(step))
    return np.asarray(selected[strong])


def strong_start(objective: LogitObjective, params: Array, free: IntArray) -> Array | None:
    """Coefficients with some of them estimated without a penalty, given all the others.

    The remainder of the step is quadratic in what its start is off by, and the penalty takes much
    off the strong coefficients: from there, the step falls short and understates its error.

    Returns
    -------
    ndarray, shape (k,), or None
        None if these columns separate the outcome.
    """
    matrix = objective.matrix
    rest = params.copy()
    rest[free] = 0.0
    offset = matrix.dot(rest)
    if objective.offset is not None:
        offset = offset + objective.offset
    constant = np.flatnonzero(free == matrix.constant)
    part = ModelMatrix(
        matrix.values[:, free],
        constant=int(constant[0]) if constant.size else None,
        shift=None if matrix.shift is None else matrix.shift[free],
        scale=None if matrix.scale is None else matrix.scale[free],
    )
    inner = LogitObjective(part, objective.response, objective.weight, offset)
    optimum = maximize(inner, params[free])
    if not optimum.converged or inner.reach(optimum.params - params[free]) > FAR:
        return None
    rest[free] = optimum.params
    return rest
