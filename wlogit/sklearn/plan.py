"""How a classifier fits, as its parameters say."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from wlogit._typing import Array
from wlogit.keywords import check_choice

MultiClass = Literal["multinomial", "ovr"]
SampleWeightIs = Literal["sampling", "frequency"]
BiasReduction = Literal["mean", "median", "empirical", "king-zeng"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a classifier that concern every one of its fits.

    Attributes
    ----------
    class_weight : "balanced", mapping or None
    alpha, L1_wt : float
        Strength of the penalty relative to the sum of the weights, and share of the lasso.
    penalize_intercept, fit_intercept : bool
    bias_reduction : str or None
        The kind of ``fit_bias_reduced``.
    cov_type : str or None
    max_iter : int
    tol : float or None
    """

    class_weight: Any
    alpha: float
    L1_wt: float
    penalize_intercept: bool
    fit_intercept: bool
    bias_reduction: BiasReduction | None
    cov_type: str | None
    max_iter: int
    tol: float | None

    @property
    def penalized(self) -> bool:
        """Whether there is a penalty."""
        return self.alpha > 0.0

    def penalties(self, n_columns: int) -> Array:
        """The strength of the penalty of every column of the design."""
        alpha = np.full(n_columns, float(self.alpha))
        if self.fit_intercept and not self.penalize_intercept:
            alpha[0] = 0.0
        return alpha

    def check(self) -> None:
        """Raise ValueError for parameters that cannot be, or cannot be together."""
        if not 0.0 <= self.alpha < np.inf:
            raise ValueError(f"alpha={self.alpha!r} must be zero (no penalty) or positive.")
        if not 0.0 <= self.L1_wt <= 1.0:
            raise ValueError(f"L1_wt={self.L1_wt!r} must lie between 0 (ridge) and 1 (lasso).")
        if self.bias_reduction is not None:
            kinds = ("mean", "median", "empirical", "king-zeng")
            check_choice("bias_reduction", self.bias_reduction, kinds)
        if self.penalized and self.bias_reduction is not None:
            raise ValueError(
                "alpha and bias_reduction both shrink the coefficients; give one of them."
            )
        if self.penalized and self.cov_type is not None:
            raise ValueError(
                "a penalised fit has no standard errors, so cov_type has nothing to say; "
                "results_.debiased(cov_type=...) gives valid ones for a lasso."
            )
        if self.penalize_intercept and not (self.penalized and self.fit_intercept):
            raise ValueError("penalize_intercept=True needs alpha above zero and an intercept.")
