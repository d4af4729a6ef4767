"""Which bias is reduced in which likelihood, and what the weights of a model allow."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import logit

from wlogit._typing import Array
from wlogit.keywords import check_choice
from wlogit.weights.weights import Cases, ClassFactors, Weights

Kind = Literal["mean", "median", "empirical", "king-zeng"]
Prediction = Literal["flic", "flac"]
CaseControl = Literal["weighting", "prior"]

NAMES: dict[str, str] = {
    "mean": "mean bias reduction (Firth)",
    "median": "median bias reduction",
    "empirical": "empirical bias reduction",
    "king-zeng": "King and Zeng's rare-events correction",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is to be fitted.

    Attributes
    ----------
    kind : str
    raw : bool
        Whether weights that are not counts are taken as if they were.
    prediction : "flic", "flac" or None
        Correction of the predicted probabilities.
    constant : ndarray, shape (k,), or None
        If the fit leaves the class weights out and the constant is moved afterwards: the
        combination of the coefficients that is the constant.
    shift : float
        How far it is moved.
    """

    kind: Kind
    raw: bool
    prediction: Prediction | None
    constant: Array | None
    shift: float

    @property
    def moved(self) -> bool:
        """Whether the class weights are left out of the fit."""
        return self.constant is not None

    @property
    def name(self) -> str:
        """The method in words."""
        suffix = "" if self.prediction is None else f", {self.prediction.upper()}"
        return NAMES[self.kind] + (", raw weights" if self.raw else "") + suffix

    def weights(self, weights: Weights) -> Weights:
        """The weights of the likelihood that is worked with."""
        return without_class_weights(weights) if self.moved else weights

    def moved_by(self, params: Array) -> Array:
        """Coefficients of the fit, with the constant moved."""
        return params if self.constant is None else params + self.shift * self.constant

    def moved_back(self, params: Array) -> Array:
        """Inverse of `moved_by`."""
        return params if self.constant is None else params - self.shift * self.constant


def make_plan(
    model: Any,
    kind: str,
    weights: str | None,
    prediction: str | None,
    case_control: str,
) -> Plan:
    """Read the options of ``fit_bias_reduced`` for the weights of a model.

    Raises
    ------
    ValueError
        A method that would not reduce the bias under these weights.
    DesignError
        Aliased columns that the model was told to keep.
    """
    model.require_full_rank()
    check_choice("kind", kind, get_args(Kind))
    if weights is not None:
        check_choice("weights", weights, ("raw",))
    if prediction is not None:
        check_choice("prediction", prediction, get_args(Prediction))
    check_choice("case_control", case_control, get_args(CaseControl))
    raw = weights == "raw"
    _check_design(model)
    _check_raw(kind, raw)
    _check_prediction(model, kind, prediction)
    if kind == "king-zeng":
        _check_king_zeng(model.weights, case_control)
        moved = case_control == "prior"
    elif case_control == "prior":
        raise ValueError('case_control="prior" is for kind="king-zeng".')
    elif kind == "empirical" or raw or model.weights.likelihood:
        moved = False
    else:
        _check_likelihood(model.weights, kind)
        moved = True
    raw = raw and not model.weights.likelihood
    constant = _constant(model, kind) if moved else None
    shift = constant_shift(model.weights) if moved else 0.0
    return Plan(kind, raw, prediction, constant, shift)  # type: ignore[arg-type]


def _check_design(model: Any) -> None:
    if model.design is not None and model.design.cov_type == "survey":
        raise ValueError(
            "the bias of a fit under a survey design has no linearized form here: give the model "
            "replicate weights, design=design.to_replicates(...), whose refits reduce it as well; "
            "or fit by pseudo-likelihood, fit()."
        )


def _check_raw(kind: str, raw: bool) -> None:
    if raw and kind not in ("mean", "median"):
        raise ValueError(
            f'weights="raw" is for kind="mean" and "median"; kind={kind!r} takes the weights of '
            "the model as they are already."
        )


def _check_prediction(model: Any, kind: str, prediction: str | None) -> None:
    if prediction is None:
        return
    if kind != "mean":
        raise ValueError(
            f'prediction={prediction!r} corrects kind="mean" (Firth), not kind={kind!r}.'
        )
    if model.constant_combination is None:
        raise ValueError(
            f"prediction={prediction!r} brings the mean prediction to the share of events, which "
            "needs a constant in the design; add one."
        )


def _check_king_zeng(weights: Weights, case_control: str) -> None:
    source = weights.factors.source
    if weights.has_sampling or weights.fractional or source not in (None, "prevalence"):
        raise ValueError(
            'kind="king-zeng" is derived for samples without weights (but counts) and for a known '
            f'prevalence=, not for {weights.kind} weights or fractions; use kind="empirical".'
        )
    if case_control == "prior" and source is None:
        raise ValueError(
            'case_control="prior" corrects the intercept for a known prevalence: give the model '
            "prevalence=."
        )


def _check_likelihood(weights: Weights, kind: str) -> None:
    if weights.has_sampling or weights.fractional:
        what = "sampling weights" if weights.has_sampling else "fractional outcomes"
        raise ValueError(
            f"kind={kind!r} reduces the bias of a likelihood, and {what} do not leave one: use "
            'kind="empirical", which is made for them, or weights="raw" to take the weights as if '
            "they were counts."
        )


def _constant(model: Any, kind: str) -> Array:
    if model.constant_combination is None:
        raise ValueError(
            f"kind={kind!r} leaves the class weights out and moves the intercept for them, and "
            'this design has no constant: add one, or use kind="empirical", or weights="raw" to '
            "take the weights as if they were counts."
        )
    return np.asarray(model.constant_combination)


def constant_shift(weights: Weights) -> float:
    """What the class weights add to the constant: ``log(c1 / c0)``.

    For a prevalence tau that is ``logit(tau) - logit(ybar)``.
    """
    if weights.factors.prevalence is not None:
        w0, w1 = weights.totals.class_masses
        return float(logit(weights.factors.prevalence) - (np.log(w1) - np.log(w0)))
    return weights.factors.log_ratio


def without_class_weights(weights: Weights) -> Weights:
    """The same cases, each class counting alike; for weights without sampling weights."""
    factors = ClassFactors()
    cases = tuple(
        Cases.build(sort.outcome, sort.multiplicity, sort.sampling, factors)
        for sort in weights.cases
    )
    nobs = weights.totals.nobs
    totals = replace(weights.totals, weight=nobs, effective_size=nobs)
    return replace(weights, cases=cases, factors=factors, totals=totals)
