"""Separated outcomes: the check, the message about them, and what a fit still says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import LogitObjective
from wlogit.core.recession import outcome_sign
from wlogit.core.separation import Kind, Separation, separation
from wlogit.likelihood_hooks import WeightedLikelihood
from wlogit.weights.weights import Weights

# A linear predictor whose probability is one in double precision, and the largest to go to for it.
SURE, FARTHEST = 40.0, 1e8
# Names that a message lists before it counts the others.
LISTED = 8
PENALTY = 'fit_regularized(method="elastic_net", L1_wt=0, alpha=...)'


@dataclass(frozen=True, slots=True)
class SeparationResult:
    """Whether the covariates separate the outcome, and which coefficients diverge.

    Attributes
    ----------
    separated : bool
        Whether no finite maximum-likelihood estimate exists.
    kind : {"complete", "quasi", "none"}
        Whether some combination of the covariates predicts every row perfectly, some rows, or
        none.
    columns : list
        Names of the coefficients that have no finite estimate.
    directions : dict
        For each of these, inf or -inf: where it goes as the likelihood rises to its supremum;
        NaN where the data leave that open, because it only diverges together with others.
    """

    separated: bool
    kind: Kind
    columns: list[Any]
    directions: dict[Any, float]

    @classmethod
    def of(cls, verdict: Separation, names: Sequence[Any]) -> "SeparationResult":
        """Put names to a verdict."""
        limits = verdict.directions.tolist()
        directions = {n: d for n, d in zip(names, limits, strict=True) if d != 0.0}
        return cls(verdict.separated, verdict.kind, list(directions), directions)

    def __str__(self) -> str:
        return self.sentence[0].upper() + self.sentence[1:]

    __repr__ = __str__

    @property
    def sentence(self) -> str:
        """The verdict, as messages begin."""
        if not self.separated:
            return "no separation: every coefficient has a finite maximum-likelihood estimate."
        name = "complete" if self.kind == "complete" else "quasi-complete"
        rows = "all rows" if self.kind == "complete" else "some of the rows"
        return (
            f"{name} separation: the covariates predict {rows} perfectly, so no finite "
            f"maximum-likelihood estimate exists: {self.where}."
        )

    @property
    def where(self) -> str:
        """Which coefficient goes to which infinity."""
        sure = [
            f"{name} to {'+' if limit > 0.0 else '-'}infinity"
            for name, limit in self.directions.items()
            if not np.isnan(limit)
        ]
        joint = [str(name) for name, limit in self.directions.items() if np.isnan(limit)]
        parts = [_listed(sure)] if sure else []
        if joint:
            parts.append(f"only in combination, with no direction of their own: {_listed(joint)}")
        return "; ".join(parts)


class SeparationCheck(WeightedLikelihood):
    """The check for separation of a model."""

    def check_separation(self) -> SeparationResult:
        """Find out whether a finite maximum-likelihood estimate exists, without fitting.

        Returns
        -------
        SeparationResult
            With ``separated``, ``kind``, ``columns`` and ``directions``.

        Raises
        ------
        DesignError
            Aliased columns that the model was told to keep.

        Notes
        -----
        Outcomes are separated if some combination of the covariates is nowhere on the wrong side
        of zero and somewhere on the right one: positive for events, negative for non-events. The
        likelihood then rises for ever along that combination. Neither weights nor an offset
        change this; rows without weight have no say, and a row of counts, or a fraction, holds
        both outcomes. The verdict is exact but for rounding.

        References
        ----------
        Albert and Anderson (1984), Biometrika 71, 1-10; Konis (2007), DPhil thesis, Oxford.

        Examples
        --------
        >>> from wlogit.datasets import load_endometrial
        >>> from wlogit.formula.api import weighted_logit
        >>> check = weighted_logit("HG ~ NV + PI + EH", load_endometrial()).check_separation()
        >>> check.kind, check.directions
        ('quasi', {'NV': inf})
        >>> print(check)
        Quasi-complete separation: the covariates predict some of the rows perfectly, so no
        finite maximum-likelihood estimate exists: NV to +infinity.
        """
        self.require_data()
        model: Any = self
        model.require_full_rank()
        weights = self.weights
        verdict = find_separation(model.matrix, weights.row_response, weights.row_weight)
        return SeparationResult.of(verdict, self.exog_names)


def find_separation(matrix: ModelMatrix, response: Array, weight: Array) -> Separation:
    """The verdict on the rows with weight; rows of both outcomes are told by their response."""
    rows = np.broadcast_to(weight > 0.0, response.shape)
    return separation(matrix, outcome_sign(response), rows)


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """Where a likelihood that rises for ever ends.

    Attributes
    ----------
    params : ndarray, shape (k,)
        In the user's coordinates: limits of the finite coefficients, and for the others values at
        which every prediction is at its limit.
    root : ndarray, shape (k, k)
        H with ``H H'`` the inverse information of the rows that overlap, zero for columns that
        these do not determine; NaN if nothing stays finite.
    llf : float
        The supremum of the log-likelihood.
    """

    params: Array
    root: Array
    llf: float


def limit_of(exog: Array, objective: LogitObjective, verdict: Separation) -> Limit:
    """The limit of a separated fit: the fit of the rows that overlap, far out in the direction."""
    k, rows, kept = objective.n_params, verdict.overlap, verdict.kept
    finite = verdict.directions == 0.0
    params, root, llf = np.zeros(k), np.full((k, k), np.nan), 0.0
    if rows.any():
        part = rows_and_columns(exog, objective, rows, kept)
        matrix, reduced = part.matrix, maximize(part, np.zeros(len(kept)))
        params[kept], llf = matrix.to_user(reduced.params), reduced.value
        if finite.any():
            root[:] = 0.0
            root[np.ix_(kept, kept)] = matrix.to_user(reduced.root)
    return Limit(params + _far_out(exog, objective, verdict, params), root, llf)


def rows_and_columns(
    exog: Array, objective: LogitObjective, rows: BoolArray, columns: IntArray
) -> LogitObjective:
    """The likelihood of some rows in some of the columns of a design, in the user's coordinates.

    Parameters
    ----------
    exog : ndarray, shape (n, k)
    objective : LogitObjective
        Of the whole design.
    rows : ndarray of bool, shape (n,)
    columns : ndarray of int, shape (r,)
    """
    weight = np.broadcast_to(objective.weight, rows.shape)[rows]
    offset = None if objective.offset is None else objective.offset[rows]
    matrix = ModelMatrix(exog).some(np.flatnonzero(rows), columns).standardized(weight)
    return LogitObjective(matrix, objective.response[rows], weight, offset)


def _far_out(exog: Array, objective: LogitObjective, verdict: Separation, params: Array) -> Array:
    """So far in the direction that separates that every row it moves is predicted for certain."""
    moving = np.broadcast_to(objective.weight > 0.0, verdict.overlap.shape) & ~verdict.overlap
    slopes = np.where(verdict.directions == 0.0, 0.0, verdict.slopes)
    change, start = exog[moving] @ slopes, exog[moving] @ params
    if objective.offset is not None:
        start += objective.offset[moving]
    moved = change != 0.0
    needed = (SURE - (start * np.sign(change))[moved]) / np.abs(change[moved])
    far: Array = np.minimum(needed.max(), FARTHEST / np.abs(change).max()) * slopes
    return far


def separation_message(model: Any, verdict: Separation) -> str:
    """What a warning and an error say: what diverges, where to, and what can be done."""
    result = SeparationResult.of(verdict, model.exog_names)
    offers = [f"a penalty ({PENALTY})"]
    caveat = ""
    if _allows_bias_reduction(model):
        without = ", on the cases without class weights" if model.weights.factors.source else ""
        offers.insert(0, f"fit_bias_reduced() (Firth{without})")
    else:
        caveat = (
            ' fit_bias_reduced(weights="raw") is finite too, but takes the weights for counts: it '
            "does not reduce the bias."
        )
    terms = _terms(model, result)
    if terms:
        offers.append(f"or leave out {terms}")
    return (
        f"{result.sentence} Standard errors are not defined there. Use {', '.join(offers)}.{caveat}"
    )


def _allows_bias_reduction(model: Any) -> bool:
    """Whether Firth's method reduces the bias under the weights of a model."""
    weights: Weights = model.weights
    if weights.has_sampling or weights.fractional:
        return False
    return weights.factors.source is None or model.constant_combination is not None


def _terms(model: Any, result: SeparationResult) -> str:
    """The terms to leave out, as a formula names them, or the columns; never the constant."""
    sure = [name for name, limit in result.directions.items() if not np.isnan(limit)]
    where = model.data.const_idx
    constant = None if where is None else model.exog_names[where]
    columns = [name for name in sure or result.columns if name != constant]
    if not columns and sure:
        columns = [name for name in result.columns if name != constant]
    info = model.design_info
    if info is None:
        return _one_or_more([str(name) for name in columns])
    terms = {
        term.name(): any(info.factor_infos[f].type == "categorical" for f in term.factors)
        for term in info.terms
        if set(info.column_names[info.term_slices[term]]) & set(columns)
    }
    merging = " or merge sparse categories" if any(terms.values()) else ""
    return _one_or_more(list(terms)) + merging


def _one_or_more(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"one or more of {_listed(names)}" if names else ""


def _listed(words: list[str]) -> str:
    """Words separated by commas, the first few when there are many."""
    more = len(words) - LISTED
    listed = ", ".join(words[:LISTED])
    return listed if more <= 0 else f"{listed} and {more} more (see check_separation())"
