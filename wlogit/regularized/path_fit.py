"""Fitting a penalty path, and cross-validating it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.core.proximal import PenalizedOptimum
from wlogit.errors import ConvergenceWarning
from wlogit.inference.folds import Folds
from wlogit.inference.goodness import null_loglike, saturated_loglike
from wlogit.regularized.fit import DEFAULT_TOL, PenaltyOptions
from wlogit.regularized.grid import (
    Explained,
    PathSpec,
    Track,
    alpha_grid,
    read_alphas,
    read_factors,
)
from wlogit.regularized.path import RegularizedPath
from wlogit.regularized.validation import Criterion, Validation, cross_validate, read_folds
from wlogit.reporting.progress import progress_bar


@dataclass(frozen=True, slots=True, eq=False)
class PathRequest:
    """The arguments of ``fit_regularized_path``."""

    alphas: Any
    n_alphas: int
    L1_wt: float
    cv: Any
    criterion: Criterion
    groups: Any
    seed: Any
    alpha_min_ratio: float | None
    penalty_factor: Any
    standardize: bool
    tol: float | None
    progress: bool


def fit_path(model: Any, request: PathRequest) -> RegularizedPath:
    """Fit a path to all rows and, with ``cv``, to all folds but one."""
    model.require_data()
    alphas = read_alphas(request.alphas, request.n_alphas, request.alpha_min_ratio)
    factors = read_factors(list(model.exog_names), request.penalty_factor)
    PenaltyOptions("elastic_net", 1.0, request.L1_wt, request.standardize).check()
    tol = DEFAULT_TOL if request.tol is None else request.tol
    spec = PathSpec(float(request.L1_wt), request.standardize, factors, tol)
    folds = _folds(model, request)
    track = Track.of(model, spec)
    explained = _explained(model, may_stop=alphas is None)
    if alphas is None:
        alphas = alpha_grid(track, request.n_alphas, request.alpha_min_ratio)
    validation = None
    total = len(alphas) * (1 if folds is None else 1 + len(folds))
    with progress_bar(total, "penalised fits", shown=request.progress) as tick:
        optima = track.walk(alphas, done=explained, tick=tick)
        alphas = alphas[: len(optima)]
        if folds is not None:
            validation = cross_validate(model, spec, alphas, folds, request.criterion, tick)
    _warn_of_failures(alphas, optima, validation)
    return RegularizedPath(track, model, alphas, optima, np.array(explained.ratios), validation)


def _folds(model: Any, request: PathRequest) -> Folds | None:
    if request.cv is not None:
        return read_folds(model, request.cv, request.groups, request.seed, request.criterion)
    for name, given in (
        ("groups", request.groups is not None),
        ("seed", request.seed is not None),
        ("criterion", request.criterion != "deviance"),
    ):
        if given:
            raise ValueError(f"{name}= is for cross-validation: give cv= too, the number of folds.")
    return None


def _explained(model: Any, *, may_stop: bool) -> Explained:
    null = null_loglike(model.weights, getattr(model, "offset", None), bool(model.k_constant))
    return Explained(null, saturated_loglike(model.weights), may_stop=may_stop)


def _warn_of_failures(
    alphas: Array, optima: list[PenalizedOptimum], validation: Validation | None
) -> None:
    failed = [alpha for alpha, one in zip(alphas, optima, strict=True) if not one.converged]
    if failed:
        warn_user(
            f"{len(failed)} of {len(alphas)} fits of the path did not converge, from "
            f"alpha={failed[0]:.3g} on: their coefficients are not the optimum. Take larger alphas "
            "(alpha_min_ratio=), or rescale or standardize the covariates.",
            ConvergenceWarning,
        )
    if validation is not None and validation.unconverged:
        warn_user(
            f"{validation.unconverged} fits without a fold did not converge: the cross-validated "
            "means may be off there. Take larger alphas.",
            ConvergenceWarning,
        )
