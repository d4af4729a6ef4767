"""The coefficients that linear constraints leave free, and the others from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg
from statsmodels.base._constraints import LinearConstraints

from wlogit._typing import Array, IntArray
from wlogit.exog import CompactExog


@dataclass(frozen=True, slots=True)
class FreeCoefficients:
    """``b = fixed + basis f``: the coefficients that satisfy ``R b = q`` in the free ones.

    Attributes
    ----------
    positions : ndarray of int, shape (k - q,)
        Which coefficients are free; the others follow from them.
    basis : ndarray, shape (k, k - q)
        The identity in the rows of the free ones.
    fixed : ndarray, shape (k,)
    """

    positions: IntArray
    basis: Array
    fixed: Array

    @classmethod
    def of(cls, linear: LinearConstraints) -> "FreeCoefficients":
        """Solve the constraints for as many coefficients as there are constraints.

        Raises
        ------
        ValueError
            For constraints that repeat or contradict one another.
        """
        matrix = linear.coefs
        count, k = matrix.shape
        _, upper, order = linalg.qr(matrix, mode="economic", pivoting=True)
        pivots = np.abs(np.diag(upper))
        if count > k or pivots.min() <= 1e-10 * pivots.max():
            raise ValueError("the constraints repeat or contradict one another; leave some out.")
        return cls.at(linear, np.sort(order[count:]))

    @classmethod
    def at(cls, linear: LinearConstraints, free: IntArray) -> "FreeCoefficients":
        """The constraints solved for all coefficients but the free ones."""
        matrix, constants = linear.coefs, np.ravel(linear.constants)
        k = matrix.shape[1]
        bound = np.setdiff1d(np.arange(k), free)
        basis, fixed = np.zeros((k, len(free))), np.zeros(k)
        basis[free] = np.eye(len(free))
        basis[bound] = -linalg.solve(matrix[:, bound], matrix[:, free])
        fixed[bound] = linalg.solve(matrix[:, bound], constants)
        return cls(free, basis, fixed)


def reduced_model(model: Any, free: FreeCoefficients) -> Any:
    """The model of the free coefficients, on the rows kept; what is fixed becomes an offset.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
        The latter without anything fixed but at zero, as it has no offset.
    free : FreeCoefficients
    """
    own = getattr(model, "offset", None)
    keywords = dict(model._get_init_kwds())
    if free.fixed.any():
        offset = model.exog @ free.fixed
        keywords["offset"] = offset if own is None else offset + own
    names = [model.exog_names[j] for j in free.positions]
    if isinstance(model.exog, CompactExog):
        exog = model.exog.combined(free.basis, model.rows.labels, names)
    else:
        exog = pd.DataFrame(model.exog @ free.basis, index=model.rows.labels, columns=names)
    reduced = type(model)(model.endog, exog, **keywords)
    reduced.raise_on_perfect_prediction = model.raise_on_perfect_prediction
    return reduced


def groups_as_codes(model: Any, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of a covariance for the reduced model, which has the kept rows only.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
        The whole model.
    keywords : mapping
        As for it; clusters are brought to the kept rows.
    """
    given = dict(keywords)
    if given.get("groups") is not None:
        given["groups"] = np.column_stack(model.rows.groupings(given["groups"]))
    return given
