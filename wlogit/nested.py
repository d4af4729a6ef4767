"""Likelihood-ratio tests of nested fits: which fits may be compared, and against what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from statsmodels.base._constraints import LinearConstraints
from statsmodels.base.wrapper import ResultsWrapper

from wlogit._typing import Array, IntArray
from wlogit._warn import silent
from wlogit.cautions import warn_of_naive
from wlogit.errors import (
    ConvergenceWarning,
    DesignError,
    InferenceWarning,
    NotAvailableError,
)
from wlogit.free_coefficients import FreeCoefficients, groups_as_codes, reduced_model
from wlogit.inference.hypotheses import TestResult, chi_square_test
from wlogit.inference.nested import outside, restriction, tangent_restriction
from wlogit.keywords import check_choice
from wlogit.same_cases import counted
from wlogit.terms import tested_columns
from wlogit.views.fitted_likelihood import FittedLikelihood

LrApproximation = Literal["saddlepoint", "satterthwaite", "exact", "naive"]
APPROXIMATIONS = ("saddlepoint", "satterthwaite", "exact", "naive")
# Drops of the likelihood below zero that are rounding, as a share of it.
_NOTHING = 1e-8


def lr_test(results: Any, restricted: Any, approximation: str) -> TestResult:
    """Likelihood-ratio test; see ``WeightedLogitResults.lr_test``."""
    check_choice("approximation", approximation, APPROXIMATIONS)
    if results.covariance.name == "nonrobust" and approximation != "naive":
        warn_of_naive(results.model, "likelihood-ratio test", "its p-value is")
    if isinstance(restricted, str) or _are_names(restricted):
        names = [restricted] if isinstance(restricted, str) else list(restricted)
        return lr_test_of_columns(results, tested_columns(results.model, names), approximation)
    other = maximum_of(restricted, "the restricted fit")
    require_maximum(results, "this fit")
    contrast, _ = results._hypothesis_of(other)
    if not len(contrast):
        raise DesignError("both fits are the same model: there is nothing to test.")
    # The weights of both are the same up to their unit, which the likelihoods carry.
    unit = results.weights.totals.weight / other.weights.totals.weight
    return _test(results, unit * other.log_likelihoods.model, contrast, approximation)


def lr_test_of_columns(results: Any, tested: Any, approximation: str) -> TestResult:
    """Likelihood-ratio test of some columns of the design, which are left out.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    tested : ndarray of int
        Their positions.
    approximation : {"saddlepoint", "satterthwaite", "exact", "naive"}
    """
    require_maximum(results, "this fit")
    check_free(results, tested)
    rows = np.eye(len(results.model.exog_names))[tested]
    value = results._value_without(tested)
    return _test(results, value, _all_equations(results, rows), approximation)


def check_free(results: Any, tested: Any) -> None:
    """Refuse to test coefficients that constraints have fixed, in part or all."""
    free = free_directions(results)[tested]
    if np.linalg.matrix_rank(free, tol=1e-9) < len(free):
        names = ", ".join(str(results.model.exog_names[j]) for j in tested)
        raise DesignError(f"the constraints of this fit already fix {names}, or a part of it.")


def without_columns(results: Any, columns: IntArray) -> Any:
    """The same fit without some columns, its covariance of the same type.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    columns : ndarray of int
        Positions of the columns to leave out.

    Returns
    -------
    WeightedLogitResults or WeightedMNLogitResults

    Raises
    ------
    NotAvailableError
        For constrained fits.
    """
    model, request = results.model, results.request
    if hasattr(results, "constraints"):
        raise NotAvailableError(
            'anova(type=2, test="lr") refits without interactions, which a constrained fit does '
            'not allow; use test="wald", type=3 or lr_test.'
        )
    rows = np.eye(len(model.exog_names))[columns]
    linear = LinearConstraints(rows, np.zeros(len(rows)), list(model.exog_names))
    reduced = reduced_model(model, FreeCoefficients.of(linear))
    keywords = groups_as_codes(model, request.keywords)
    with silent(InferenceWarning):
        fitted = reduced.fit(
            disp=False, cov_type=request.cov_type, cov_kwds=keywords, use_t=results.use_t
        )
    return fitted._results


def _are_names(restricted: Any) -> bool:
    return isinstance(restricted, Sequence) and all(isinstance(name, str) for name in restricted)


def _test(results: Any, restricted: float, contrast: Array, approximation: str) -> TestResult:
    likelihoods = results.log_likelihoods
    drop = 2.0 * (likelihoods.model - restricted)
    if drop < -_NOTHING * (1.0 + abs(likelihoods.model)):
        raise NotAvailableError(
            "the restricted fit has the higher likelihood, so this fit is not at its maximum; fit "
            "it again from other start_params, or by method='newton'."
        )
    drop = max(drop, 0.0)
    if approximation == "naive":
        return chi_square_test(drop, len(contrast), "naive")
    tested: TestResult = results._rao_scott(likelihoods.unit * drop, contrast, approximation)
    return tested


def _all_equations(results: Any, contrast: Array) -> Array:
    """A contrast of the columns, for the coefficients of every label but the first."""
    return np.asarray(np.kron(np.eye(getattr(results.model, "J", 2) - 1), contrast))


# -- maxima ----------------------------------------------------------------------------------------


def maximum_of(restricted: Any, which: str) -> Any:
    """The results behind a wrapper, at the maximum of their likelihood.

    Raises
    ------
    TypeError, NotAvailableError
        What is no maximum-likelihood fit of wlogit, has not converged or has lost its data.
    """
    inner = restricted._results if isinstance(restricted, ResultsWrapper) else restricted
    if not isinstance(inner, FittedLikelihood):
        raise TypeError(
            f"{which} must be results of wlogit by maximum likelihood, the name of a term or a "
            f"list of names, not {type(inner).__name__}."
        )
    inner = inner._at_maximum()
    require_maximum(inner, which)
    return inner


def require_maximum(results: Any, which: str) -> None:
    """Refuse a fit that is not at the maximum of its likelihood, or has lost its data."""
    results._require_cases()
    if not results.maximized:
        raise NotAvailableError(
            f"{which} is not at the maximum of its likelihood (it did not converge, or it is "
            "separated under weights); a likelihood ratio needs both maxima."
        )


def value_without(results: Any, columns: IntArray) -> float:
    """The maximum of the log-likelihood without some columns, in the weights as given.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    columns : ndarray of int
        Their positions.
    """
    model = results.model
    rows = np.eye(len(model.exog_names))[columns]
    constraints = getattr(results, "constraints", None)
    matrix, values = rows, np.zeros(len(rows))
    if constraints is not None:
        matrix = np.vstack([constraints.coefs, rows])
        values = np.append(np.ravel(constraints.constants), values)
    if len(matrix) == matrix.shape[1]:
        return _value_at(results, np.asarray(np.linalg.solve(matrix, values)))
    free = FreeCoefficients.of(LinearConstraints(matrix, values, list(model.exog_names)))
    with silent(InferenceWarning), silent(ConvergenceWarning):
        reduced = reduced_model(model, free)
        fitted = reduced.fit(disp=False, maxiter=200, cov_type="nonrobust")._results
    require_maximum(fitted, "the fit without the tested terms")
    return float(fitted.llf)


def _value_at(results: Any, params: Array) -> float:
    model = results.model
    if getattr(model, "J", 2) > 2:
        return float(model.loglike(np.zeros(len(model.exog_names) * (model.J - 1))))
    return float(model.loglike(params))


# -- nested ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class ActiveRows:
    """Design and offset of the rows with weight; or what has the same lengths and angles.

    Attributes
    ----------
    design : ndarray, shape (n, k)
    offset : ndarray, shape (n,)
        Without what constraints add to it.
    """

    design: Array
    offset: Array


def active_rows(results: Any) -> ActiveRows:
    """The rows with weight of a fit."""
    active, _ = counted(results.model)
    design = np.asarray(results.model.exog, dtype=np.float64)[active]
    offset = getattr(results.model, "offset", None)
    return ActiveRows(design, np.zeros(len(design)) if offset is None else offset[active])


def nested_hypothesis(
    results: Any, other: Any, ours: ActiveRows, theirs: ActiveRows
) -> tuple[Array, Array]:
    """L and c of the hypothesis ``L b = c`` about a fit that a restricted fit is.

    Parameters
    ----------
    results, other : WeightedLogitResults or WeightedMNLogitResults
        Of the same cases.
    ours, theirs : ActiveRows
        Of these fits.

    Returns
    -------
    tuple of ndarray, shapes (q, k) and (q,)
        No rows where both are the same model.

    Raises
    ------
    DesignError
        The other is not nested in the fit.
    """
    free, fewer = free_directions(results), free_directions(other)
    columns = ours.design @ free
    restricted = theirs.design @ fewer
    stray = outside(restricted, columns)
    if stray.size:
        raise DesignError(_not_nested(other, stray, restricted, columns))
    contrast = restriction(columns, restricted) @ np.linalg.pinv(free)
    offsets = _offset(results, ours), _offset(other, theirs)
    point = _fixed_part(results) + free @ _difference_of_offsets(offsets, columns)
    everywhere = _all_equations(results, contrast)
    values = np.resize(contrast @ point, len(everywhere)) if len(contrast) else np.zeros(0)
    return everywhere, values


def _difference_of_offsets(offsets: tuple[Array, Array], columns: Array) -> Array:
    """What the free coefficients of a fit are where those of the restricted fit are zero."""
    moved = offsets[1] - offsets[0]
    rounding = 1e-12 * max(float(np.linalg.norm(offset)) for offset in offsets)
    if np.linalg.norm(moved) <= rounding:
        return np.zeros(columns.shape[1])
    if outside(moved[:, None], columns).size:
        raise DesignError(
            "the fits are not nested: their offsets (or the values that constraints fix) differ by "
            "what no coefficients of this fit make up for."
        )
    return np.asarray(np.linalg.lstsq(columns, moved, rcond=None)[0])


def _fixed_part(results: Any) -> Array:
    if not hasattr(results, "constraints"):
        return np.zeros(len(results.model.exog_names))
    return FreeCoefficients.of(results.constraints).fixed


def _not_nested(other: Any, stray: IntArray, restricted: Array, columns: Array) -> str:
    if not outside(columns, restricted).size:
        return (
            "the fit given as restricted contains this one: call lr_test of the larger fit with "
            "the smaller one."
        )
    names = other.model.exog_names
    named = "" if hasattr(other, "constraints") else f" ({names[int(stray[0])]!r} is not)"
    return (
        "the fits are not nested: the columns of the restricted fit must be combinations of those "
        f"of this fit{named}."
    )


def free_directions(results: Any) -> Array:
    """Directions in which constraints let the coefficients move, shape (k, f)."""
    if not hasattr(results, "constraints"):
        return np.eye(len(results.model.exog_names))
    return FreeCoefficients.of(results.constraints).basis


def _offset(results: Any, active: ActiveRows) -> Array:
    """Offset of the rows with weight, with what constraints add to it."""
    fixed = _fixed_part(results)
    return active.offset + active.design @ fixed if fixed.any() else active.offset


def null_contrast(results: Any) -> Array:
    """The hypothesis that a constrained fit has only its constant left, shape (q, k).

    Raises
    ------
    NotAvailableError
        Where the constraints exclude a model of the constant alone.
    """
    free = FreeCoefficients.of(results.constraints)
    constant = results.model.constant_combination
    tangent = np.zeros((len(free.basis), 0)) if constant is None else constant[:, None]
    point = free.fixed[:, None]
    if (tangent.size and outside(tangent, free.basis).size) or (
        np.any(point) and outside(point, free.basis).size
    ):
        raise NotAvailableError(
            "the constraints exclude the model of the constant alone, so it is not nested in this "
            "fit; compare with another fit by lr_test(restricted)."
        )
    return tangent_restriction(free.basis, tangent)
