"""Penalties of the elastic net, one weight for each coefficient."""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ElasticNet:
    """``sum of l1_j |b_j| + l2_j b_j^2 / 2``, added to minus a log-likelihood.

    Attributes
    ----------
    l1, l2 : ndarray, shape (k,)
        Non-negative, in the unit of the log-likelihood: they grow with the weights.

    References
    ----------
    Zou and Hastie (2005), Journal of the Royal Statistical Society B 67, 301-320.
    """

    l1: Array
    l2: Array

    @property
    def is_zero(self) -> bool:
        """Whether nothing is penalised."""
        return not (self.l1.any() or self.l2.any())

    def value(self, params: Array) -> float:
        """The penalty itself."""
        return float(self.l1 @ np.abs(params) + 0.5 * (self.l2 @ (params * params)))

    def violation(self, params: Array, gradient: Array) -> Array:
        """How far every coefficient is from its optimality condition; shape (k,).

        ``gradient`` is that of the log-likelihood. The condition is
        ``gradient_j - l2_j b_j = l1_j sign(b_j)``, or at zero ``|gradient_j| <= l1_j``.
        """
        rest = gradient - self.l2 * params
        inside = np.maximum(np.abs(rest) - self.l1, 0.0)
        return np.where(params == 0.0, inside, np.abs(rest - self.l1 * np.sign(params)))

    def take(self, columns: IntArray) -> "ElasticNet":
        """The penalty of some of the coefficients."""
        return ElasticNet(self.l1[columns], self.l2[columns])

    def of_scaled(self, factor: Array) -> "ElasticNet":
        """The same penalty as a function of ``b / factor``, factors being positive."""
        return ElasticNet(self.l1 * factor, self.l2 * factor * factor)
