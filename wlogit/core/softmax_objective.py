"""The weighted log-likelihood of a multinomial logit and its derivatives."""

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import softmax
from wlogit.core.blocksum import blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import Derivatives, RowsObjective
from wlogit.core.products import pieces


class MultinomialObjective(RowsObjective):
    """``l(B) = sum of w log p_y``, ``p`` the softmax of ``(0, x'b_1, ..., x'b_q)``, ``q = J - 1``.

    Parameters are the coefficients of one label after the other, ``(b_1, ..., b_q)`` in one vector
    of length k q, in the working coordinates of the matrix; the first label has none.

    Parameters
    ----------
    matrix : ModelMatrix
        Shape (n, k).
    codes : ndarray of int, shape (n,)
        Label of each row, from 0 to J - 1; of rows without weight, anything.
    weight : ndarray, shape (n,) or ()
        w >= 0, any scale: a power of two changes no digit of the optimum.
    n_labels : int
        J; every label has weight.
    """

    __slots__ = ("codes", "label_weights", "n_labels")

    # The first label that has coefficients.
    first = 1

    def __init__(self, matrix: ModelMatrix, codes: IntArray, weight: Array, n_labels: int) -> None:
        super().__init__(matrix, weight)
        self.codes, self.n_labels = codes, n_labels
        self.label_weights: Array = self._sum(self._totals)[0]

    @property
    def n_equations(self) -> int:
        """Labels with coefficients, ``q = J - 1``."""
        return self.n_labels - self.first

    @property
    def n_params(self) -> int:
        """Number of coefficients of all labels, k q."""
        return self.matrix.n_params * self.n_equations

    @property
    def total_weight(self) -> float:
        """Sum of w."""
        return float(self.label_weights.sum())

    @property
    def scale(self) -> float:
        """Weight of the rarest label."""
        return float(self.label_weights.min())

    def value(self, params: Array) -> float:
        """The weighted log-likelihood."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            eta = self._eta(self.matrix.block(select), params)
            return ((softmax.loglike(eta, self.codes[select]) * weight).sum(),)

        return float(self._sum(kernel)[0])

    def value_and_gradient(self, params: Array) -> tuple[float, Array]:
        """The weighted log-likelihood and its gradient, ``sum of w (1(y = j) - p_j) x``."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part, codes = self.matrix.block(select), self.codes[select]
            eta = self._eta(part, params)
            residual = softmax.residual_of(softmax.shares(eta), codes, self.first)
            value = (softmax.loglike(eta, codes) * weight).sum()
            return value, np.dot((residual.T * weight), part)

        value, gradient = self._sum(kernel)
        return float(value), gradient.ravel()

    def gradient(self, params: Array) -> Array:
        """The gradient alone."""

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            shares = softmax.shares(self._eta(part, params))
            residual = softmax.residual_of(shares, self.codes[select], self.first)
            return (np.dot((residual.T * weight), part),)

        return self._sum(kernel)[0].ravel()

    def derivatives(self, params: Array) -> Derivatives:
        """Value, gradient and information from one reading of X."""
        farthest = [0.0]

        def kernel(rows: slice) -> tuple[Array, ...]:
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            eta = self._eta(part, params)
            farthest.append(_spread(eta))
            terms = softmax.terms(eta, self.codes[select], self.first)
            gradient = np.dot(terms.residual.T * weight, part)
            curvature = terms.curvature * _column(weight)[..., None]
            return (terms.loglike * weight).sum(), gradient, _upper_blocks(part, curvature)

        value, gradient, upper = self._sum(kernel)
        information = _symmetric(upper, self.matrix.n_params)
        return Derivatives(float(value), gradient.ravel(), information, farthest=max(farthest))

    def triangular(self, params: Array, unit: float = 1.0) -> Array:
        """R with ``R'R = unit * information``, computed without forming the product."""
        k, q = self.matrix.n_params, self.n_equations
        upper = np.zeros((0, k * q))
        for rows in blocks(self.matrix.shape[0], k * q * q):
            select, weight = self._present(rows)
            part = self.matrix.block(select)
            eta = self._eta(part, params)
            root = softmax.curvature_root(softmax.probabilities(eta))
            root = root * np.sqrt(_column(weight) * unit)[..., None]
            # Row a of a case is x' by the column a of L, for each label.
            stacked = np.einsum("nja,ni->naji", root, part).reshape(-1, k * q)
            upper = np.asarray(np.linalg.qr(np.vstack([upper, stacked]), mode="r"))
        square = np.zeros((k * q, k * q))
        square[: len(upper)] = upper
        return square

    def reach(self, direction: Array) -> float:
        """Largest change of the difference of two linear predictors, among rows with weight."""
        largest: list[float] = []

        def kernel(rows: slice) -> tuple[Array, ...]:
            part = self.matrix.block(self._present(rows)[0])
            largest.append(_spread(self._eta(part, direction)))
            return ()

        self._sum(kernel)
        return max(largest)

    def by_column(self, params: Array) -> Array:
        """The coefficients as a matrix with a column for each label but the first, (k, q)."""
        return params.reshape(self.n_equations, -1).T

    def linear_predictor(self, params: Array, rows: slice | IntArray = slice(None)) -> Array:
        """``x'b_j`` of some rows and of the labels with coefficients, shape (n, q)."""
        return self.matrix.dot(self.by_column(params), rows)

    def _eta(self, part: Array, params: Array) -> Array:
        """Linear predictors of the labels but the first, less that of the first."""
        eta: Array = np.dot(part, self.by_column(params))
        return eta

    def sampled(self, step: int, size: int = 512) -> "MultinomialObjective":
        """The same function of a copy of every ``step``-th run of ``size`` rows."""
        matrix, rows, weight = self._runs(step, size)
        return type(self)(matrix, self.codes[rows], weight, self.n_labels)

    def _totals(self, rows: slice) -> tuple[Array, ...]:
        select, weight = self._present(rows)
        codes = self.codes[select]
        counted = np.broadcast_to(weight, codes.shape)
        return (np.bincount(codes, counted, minlength=self.n_labels).astype(np.float64),)


class SymmetricObjective(MultinomialObjective):
    """The same likelihood with coefficients of every label, ``(b_0, ..., b_{J-1})``.

    It does not change where one vector is added to the coefficients of all labels; a penalty says
    which of these is meant.
    """

    __slots__ = ()

    first = 0

    def triangular(self, params: Array, unit: float = 1.0) -> Array:
        """Not needed: the information is singular, and a penalty is added to it."""
        raise NotImplementedError

    def _eta(self, part: Array, params: Array) -> Array:
        eta = np.dot(part, self.by_column(params))
        return np.asarray(eta[:, 1:] - eta[:, :1])


def start_values(objective: MultinomialObjective) -> Array:
    """Zeros, the constant at the log odds of the labels; for many rows, the fit of a sample."""
    start = _constant_start(objective)
    if not objective.large:
        return start
    sample = objective.sampled(16)
    mean_weight = objective.total_weight / objective.matrix.shape[0]
    if sample.scale < 20.0 * objective.n_params * mean_weight:
        return start
    optimum = maximize(sample, start, tol=1e-4, max_iter=12)
    return optimum.params if optimum.converged else start


def _constant_start(objective: MultinomialObjective) -> Array:
    start = np.zeros((objective.n_equations, objective.matrix.n_params))
    constant = objective.matrix.constant
    if constant is not None:
        odds = np.log(objective.label_weights[1:]) - np.log(objective.label_weights[0])
        start[:, constant] = odds / objective.matrix.block(slice(0, 1))[0, constant]
    return start.ravel()


def _column(weight: Array) -> Array:
    return weight[:, None] if weight.ndim else weight


def _spread(eta: Array) -> float:
    """Largest difference of two linear predictors in a row, one of them zero."""
    top = np.maximum(eta.max(axis=1, initial=0.0), 0.0)
    bottom = np.minimum(eta.min(axis=1, initial=0.0), 0.0)
    return float((top - bottom).max(initial=0.0))


def _upper_blocks(part: Array, curvature: Array) -> Array:
    """``sum of c_jl x x'`` for j <= l, side by side; shape (k, k q (q + 1) / 2)."""
    k, q = part.shape[1], curvature.shape[1]
    total = np.zeros((k, k * q * (q + 1) // 2))
    for piece in pieces(len(part), k * q):
        x, done = part[piece], 0
        for j in range(q):
            size = k * (q - j)
            scaled = curvature[piece, j, j:, None] * x[:, None, :]
            total[:, done : done + size] += np.dot(x.T, scaled.reshape(-1, size))
            done += size
    return total


def _symmetric(upper: Array, k: int) -> Array:
    """The whole matrix from its blocks on and above the diagonal, symmetric to the last digit."""
    q = round((np.sqrt(8.0 * upper.shape[1] / k + 1.0) - 1.0) / 2.0)
    square = np.empty((k * q, k * q))
    done = 0
    for j in range(q):
        for other in range(j, q):
            block = upper[:, done : done + k]
            block = 0.5 * (block + block.T)
            square[j * k : (j + 1) * k, other * k : (other + 1) * k] = block
            square[other * k : (other + 1) * k, j * k : (j + 1) * k] = block
            done += k
    return square
