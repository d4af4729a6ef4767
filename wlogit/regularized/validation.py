"""Cross-validation of a penalty path: what is held out, how it is judged, and what that selects."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core import likelihood
from wlogit.designs import design_of_rows
from wlogit.inference.classification import auc, brier_score, mean_deviance
from wlogit.inference.folds import Folds, check_classes, deal_folds
from wlogit.inference.prediction import calibration_shift
from wlogit.keywords import check_choice
from wlogit.regularized.grid import PathSpec, Track
from wlogit.weights.align import align_labels
from wlogit.weights.columns import plain
from wlogit.weights.subset import weights_of_rows
from wlogit.weights.weights import Weights

Criterion = Literal["deviance", "auc", "brier"]


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """Held-out criterion of every fold at every alpha.

    Attributes
    ----------
    criterion : str
    folds : Folds
    scores : ndarray, shape (folds, alphas)
    masses : ndarray, shape (folds,)
        How much each fold counts.
    unconverged : int
        Fits of training folds that did not converge.
    """

    criterion: Criterion
    folds: Folds
    scores: Array
    masses: Array
    unconverged: int

    @property
    def mean(self) -> Array:
        """Mean over the folds by their masses, shape (alphas,)."""
        return np.asarray(self.masses @ self.scores / self.masses.sum())

    @property
    def standard_error(self) -> Array:
        """Standard error of `mean`, shape (alphas,): spread of the folds over sqrt(folds - 1).

        References
        ----------
        As ``cvsd`` of glmnet's ``cv.glmnet``.
        """
        squares = (self.scores - self.mean) ** 2
        variance = self.masses @ squares / self.masses.sum()
        return np.asarray(np.sqrt(variance / (len(self.masses) - 1)))

    @property
    def best(self) -> int:
        """Position of the best mean; of several the largest alpha."""
        return int(np.argmin(self._loss))

    @property
    def one_se(self) -> int:
        """Position of the largest alpha whose mean is within one standard error of the best.

        References
        ----------
        Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees, 3.4.3.
        """
        reach = self._loss[self.best] + self.standard_error[self.best]
        return int(np.argmax(self._loss <= reach))

    @property
    def _loss(self) -> Array:
        return -self.mean if self.criterion == "auc" else self.mean


def read_folds(model: Any, cv: Any, groups: Any, seed: Any, criterion: Any) -> Folds:
    """Folds of a model's rows: dealt, or as the user labels them.

    Raises
    ------
    ValueError, OutcomeError
        Folds that cannot be made, or that leave a class out.
    """
    check_choice("criterion", criterion, get_args(Criterion))
    events, rest = cases_by_class(model.weights)
    if isinstance(cv, int | np.integer) and not isinstance(cv, bool):
        codes = drawn_together(model) if groups is None else one_grouping(model, groups)
        folds = deal_folds(events, rest, int(cv), codes, seed)
    else:
        if groups is not None or seed is not None:
            raise ValueError(
                "groups= and seed= are for folds that are dealt (cv= a number); cv= gives the "
                "fold of every row here."
            )
        folds = _labeled(model, cv, events + rest > 0.0)
    check_classes(folds, events, rest, model.weights.labels, within=criterion == "auc")
    return folds


def cases_by_class(weights: Weights) -> tuple[Array, Array]:
    """Cases of either class in each row with weight; each shape (n,)."""
    events, rest = np.zeros(weights.n_rows), np.zeros(weights.n_rows)
    for sort in weights.cases:
        counted = sort.multiplicity * (sort.sampling > 0.0)
        events += counted * sort.outcome
        rest += counted * (1.0 - sort.outcome)
    return events, rest


def drawn_together(model: Any) -> IntArray | None:
    """Primary sampling units of a design; None without one, or where rows are drawn one by one.

    Parameters
    ----------
    model : WeightedLogit
    """
    design = design_of_rows(model)
    if design is None or len(np.unique(design.psu)) == len(design.psu):
        return None
    return design.psu


def one_grouping(model: Any, groups: Any) -> Any:
    """Codes of the group of each row.

    Raises
    ------
    ValueError
        For several groupings.
    """
    codes = model.rows.groupings(groups)
    if len(codes) != 1:
        raise ValueError(f"groups has {len(codes)} groupings; one is needed.")
    return codes[0]


def _labeled(model: Any, cv: Any, counted: BoolArray) -> Folds:
    rows = model.rows
    labels = align_labels(cv, role="cv", frame=rows.frame, index=rows.index, n_rows=rows.n_rows)
    codes = np.asarray(rows.take(labels.codes), dtype=np.intp)
    missing = np.flatnonzero((codes < 0) & counted)
    if missing.size:
        raise ValueError(
            f"cv has no fold for row {rows.name(int(missing[0]))} ({missing.size} rows in all); "
            "every row of the fit needs one."
        )
    used, positions = np.unique(codes[counted], return_inverse=True)
    if used.size < 2:
        raise ValueError("cv puts all rows in one fold; it needs at least 2.")
    of_row = np.full(len(codes), -1, dtype=np.intp)
    of_row[counted] = positions
    return Folds(of_row, tuple(plain(labels.levels[code]) for code in used))


def cross_validate(
    model: Any,
    spec: PathSpec,
    alphas: Array,
    folds: Folds,
    criterion: Criterion,
    tick: Callable[[], object],
) -> Validation:
    """Fit the path without each fold and judge it on that fold.

    Class weights that are computed from the sample are computed from the training rows.

    Parameters
    ----------
    model : WeightedLogit
    spec : PathSpec
    alphas : ndarray, shape (alphas,)
        Falling.
    folds : Folds
    criterion : {"deviance", "auc", "brier"}
    tick : callable
        Called after every fit.
    """
    scores, masses, unconverged = np.empty((len(folds), len(alphas))), np.empty(len(folds)), 0
    for fold in range(len(folds)):
        training = model_of_rows(model, folds.training(fold))
        optima = Track.of(training, spec).walk(alphas, tick=tick)
        unconverged += sum(not optimum.converged for optimum in optima)
        params = np.array([optimum.params for optimum in optima])
        judge = Judge.of(model, training.weights, folds.held_out(fold), criterion)
        masses[fold] = judge.mass.sum()
        scores[fold] = judge.scores(params)
    return Validation(criterion, folds, scores, masses, unconverged)


def model_of_rows(model: Any, rows: BoolArray) -> Any:
    """The model with only some of its rows counting; nothing of the length of X is copied."""
    part = copy.copy(model)
    part.weights = weights_of_rows(model.weights, rows)
    return part


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Held-out cases, and what a fit to the others is worth on them.

    Attributes
    ----------
    design, offset : ndarray
        Of the held-out rows.
    outcome, mass : ndarray, shape (n_held * sorts,)
        The deviance is judged in the weights of the fit (r and m v), as the fit is; AUC and Brier
        score at population scale (y and m g), into which no class weight enters.
    shift : float
        What class weights add to the linear predictor.
    """

    criterion: Criterion
    design: Array
    offset: Array | None
    outcome: Array
    mass: Array
    shift: float

    @classmethod
    def of(
        cls, model: Any, training: Weights, held_out: BoolArray, criterion: Criterion
    ) -> "Judge":
        """Cases of the held-out rows, weighed as the training rows are."""
        weights = weights_of_rows(model.weights, held_out, training.factors)
        in_fit = criterion == "deviance"
        outcomes = [sort.response if in_fit else sort.outcome for sort in weights.cases]
        masses = [sort.weight for sort in weights.cases] if in_fit else weights.averaging_mass
        offset = getattr(model, "offset", None)
        return cls(
            criterion,
            design=model.exog[held_out],
            offset=None if offset is None else offset[held_out],
            outcome=np.concatenate(
                [np.broadcast_to(y, held_out.shape)[held_out] for y in outcomes]
            ),
            mass=np.concatenate([mass[held_out] for mass in masses]),
            shift=calibration_shift(weights),
        )

    def scores(self, params: Array) -> Array:
        """The criterion for each row of coefficients, shape (alphas,)."""
        return np.array([self._score(eta) for eta in self._predictors(params)])

    def _predictors(self, params: Array) -> Array:
        eta = params @ self.design.T
        if self.offset is not None:
            eta += self.offset
        return np.tile(eta, (1, len(self.mass) // eta.shape[1]))

    def _score(self, eta: Array) -> float:
        if self.criterion == "deviance":
            return mean_deviance(self.outcome, eta, self.mass)
        if self.criterion == "auc":
            return auc(self.outcome, eta, self.mass)
        return brier_score(self.outcome, likelihood.expit(eta - self.shift), self.mass)
