"""A weighted logit in 50 digits, to hold the package against."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

DIGITS = 50


@dataclass(frozen=True)
class Oracle:
    """The maximum of ``sum w [y eta - log(1 + exp(eta))]``, and covariances without any factor.

    Attributes
    ----------
    coef, llf
    cov : inverse information A^-1
    cov_counts : HC0 with w a number of cases, ``A^-1 [sum w (y - p)^2 x x'] A^-1``
    cov_importance : HC0 with w an importance, ``A^-1 [sum w^2 (y - p)^2 x x'] A^-1``
    cov_hc3 : HC3 of importances, ``w (y - p) / (1 - h)`` with ``h = w p (1 - p) x'A^-1 x``
    cov_cluster : ``A^-1 [sum_g s_g s_g'] A^-1`` with s_g the sum of ``w (y - p) x`` over cluster g
    """

    coef: np.ndarray
    llf: float
    cov: np.ndarray
    cov_counts: np.ndarray
    cov_importance: np.ndarray
    cov_hc3: np.ndarray
    cov_cluster: np.ndarray


def oracle(
    X: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    offset: np.ndarray,
    clusters: Sequence[Any],
    *,
    digits: int = DIGITS,
) -> Oracle:
    """Solve by Newton's method; the inputs are taken exactly as the floats that they are.

    Twice the digits of the condition number of X are lost on the way.
    """
    with mp.workdps(digits):
        rows = [[mp.mpf(float(value)) for value in row] for row in X]
        data = (rows, *([mp.mpf(float(value)) for value in part] for part in (y, w, offset)))
        params = _solve(*data)
        bread = _information(params, *data) ** -1
        scores = _scores(params, *data)
        by_cluster = defaultdict(lambda: mp.zeros(1, X.shape[1]))
        for label, score in zip(clusters, scores, strict=True):
            by_cluster[label] += score
        counted = [score / mp.sqrt(weight) for score, weight in zip(scores, data[2], strict=True)]
        return Oracle(
            coef=np.array([float(value) for value in params]),
            llf=float(_loglike(params, *data)),
            cov=_floats(bread),
            cov_counts=_sandwich(bread, counted),
            cov_importance=_sandwich(bread, scores),
            cov_hc3=_sandwich(bread, _without_own_pull(scores, bread, params, *data)),
            cov_cluster=_sandwich(bread, by_cluster.values()),
        )


def _solve(rows: Any, y: Any, w: Any, offset: Any) -> Any:
    params = mp.zeros(len(rows[0]), 1)
    value = _loglike(params, rows, y, w, offset)
    for _ in range(200):
        score = sum(_scores(params, rows, y, w, offset), mp.zeros(1, len(params)))
        step = mp.lu_solve(_information(params, rows, y, w, offset), score.T)
        while _loglike(params + step, rows, y, w, offset) < value and mp.norm(step) > mp.eps:
            step /= 2
        params += step
        value = _loglike(params, rows, y, w, offset)
        if mp.norm(step) <= mp.mpf(10) ** (-mp.mp.dps // 2) * mp.norm(params):
            return params
    raise ArithmeticError("no convergence in 200 iterations")


def _eta(params: Any, rows: Any, offset: Any) -> list[Any]:
    return [mp.fdot(row, params) + o for row, o in zip(rows, offset, strict=True)]


def _loglike(params: Any, rows: Any, y: Any, w: Any, offset: Any) -> Any:
    eta = _eta(params, rows, offset)
    terms = zip(w, y, eta, strict=True)
    return mp.fsum(weight * (r * e - mp.log1p(mp.exp(e))) for weight, r, e in terms)


def _scores(params: Any, rows: Any, y: Any, w: Any, offset: Any) -> list[Any]:
    eta = _eta(params, rows, offset)
    terms = zip(rows, w, y, eta, strict=True)
    return [mp.matrix([row]) * weight * (r - _expit(e)) for row, weight, r, e in terms]


def _information(params: Any, rows: Any, _y: Any, w: Any, offset: Any) -> Any:
    eta = _eta(params, rows, offset)
    terms = zip(rows, w, eta, strict=True)
    return sum(
        (
            mp.matrix(row) * mp.matrix([row]) * weight * _expit(e) * _expit(-e)
            for row, weight, e in terms
        ),
        mp.zeros(len(params)),
    )


def _without_own_pull(scores: Any, bread: Any, params: Any, *data: Any) -> Iterator[Any]:
    """Scores over one minus the leverage."""
    rows, _, w, offset = data
    parts = zip(scores, rows, w, _eta(params, rows, offset), strict=True)
    for score, row, weight, e in parts:
        x = mp.matrix([row])
        yield score / (1 - weight * _expit(e) * _expit(-e) * (x * bread * x.T)[0])


def _expit(eta: Any) -> Any:
    return 1 / (1 + mp.exp(-eta))


def _sandwich(bread: Any, scores: Any) -> np.ndarray:
    meat = sum((score.T * score for score in scores), mp.zeros(bread.rows))
    return _floats(bread * meat * bread)


def _floats(matrix: Any) -> np.ndarray:
    return np.array(matrix.tolist(), dtype=np.float64)
