"""Whether hyperplanes separate the labels, and which coefficients of which label then diverge.

Coefficients ``B`` separate if every row has its own label's linear predictor nowhere below another
label's, and somewhere above one. That is the separation of a logit whose rows are all pairs of a
row and another label, with the difference of the two linear predictors, and all of one outcome.

References
----------
Albert and Anderson (1984), Biometrika 71, 1-10.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.newton import maximize
from wlogit.core.objective import Derivatives
from wlogit.core.separation import Kind, Separation, separation
from wlogit.core.softmax_objective import MultinomialObjective
from wlogit.separated import FARTHEST, PENALTY, SURE, SeparationResult

# Entries of the pairs' design beyond which it is not built.
MOST_ENTRIES = 40_000_000


@dataclass(frozen=True, slots=True, eq=False)
class LabelSeparation:
    """The verdict, and the limit of the fit.

    Attributes
    ----------
    kind : {"complete", "quasi", "none"}
    directions : ndarray, shape (k q,)
        As in `Separation`, in the user's coordinates.
    params : ndarray, shape (k q,)
        Where the likelihood is at its supremum to rounding.
    root : ndarray, shape (k q, k q)
        H with ``H H'`` the inverse information of what is not separated, zero for what that does
        not determine; in the user's coordinates.
    llf : float
        The supremum of the log-likelihood.
    """

    kind: Kind
    directions: Array
    params: Array
    root: Array
    llf: float

    @property
    def separated(self) -> bool:
        """Whether no finite maximum-likelihood estimate exists."""
        return self.kind != "none"

    def named(self, columns: Sequence[Any], labels: Sequence[Any]) -> SeparationResult:
        """The verdict with names: of the label and of the column."""
        names = [f"{label}: {name}" for label in labels[1:] for name in columns]
        limits = zip(names, self.directions.tolist(), strict=True)
        directions = {name: limit for name, limit in limits if limit != 0.0}
        return SeparationResult(self.separated, self.kind, list(directions), directions)

    def message(self, columns: Sequence[Any], labels: Sequence[Any]) -> str:
        """What a warning and an error say: what diverges, where to, and what can be done."""
        sentence = self.named(columns, labels).sentence
        return (
            f"{sentence} Standard errors are not defined there. Use a penalty ({PENALTY}), merge "
            "sparse labels or categories, or leave out the columns."
        )


def find_label_separation(objective: MultinomialObjective, exog: Array) -> LabelSeparation | None:
    """The verdict on the rows with weight; None where the pairs are too many to look at.

    Parameters
    ----------
    objective : MultinomialObjective
    exog : ndarray, shape (n, k)
        The design in the user's coordinates.
    """
    weight = np.broadcast_to(objective.weight, objective.codes.shape)
    rows = np.flatnonzero(weight > 0.0)
    if len(rows) * objective.n_equations * objective.n_params > MOST_ENTRIES:
        return None
    pairs = ModelMatrix(_pairs(exog[rows], objective.codes[rows], objective.n_labels))
    verdict = separation(pairs, np.ones(pairs.shape[0]))
    if not verdict.separated:
        nowhere = np.zeros(objective.n_params)
        return LabelSeparation("none", verdict.directions, nowhere, nowhere, np.nan)
    plain = MultinomialObjective(
        ModelMatrix(exog[rows]), objective.codes[rows], weight[rows], objective.n_labels
    )
    return _limit(plain, pairs, verdict)


def _pairs(exog: Array, codes: IntArray, n_labels: int) -> Array:
    """``(e_y - e_j) kron x`` of every row and other label; shape (n q, k q)."""
    n, k = exog.shape
    signs = np.zeros((n, n_labels, n_labels))
    labels = np.arange(n_labels)
    signs[:, labels, labels] = -1.0
    signs[np.arange(n), :, codes] += 1.0
    others = labels[None, :] != codes[:, None]
    signs = signs[others].reshape(n, n_labels - 1, n_labels)[:, :, 1:]
    return np.asarray((signs[..., None] * exog[:, None, None, :]).reshape(-1, (n_labels - 1) * k))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """An objective as a function of some of its parameters, the others held fixed."""

    whole: MultinomialObjective
    fixed: Array
    free: IntArray

    @property
    def n_params(self) -> int:
        return len(self.free)

    @property
    def scale(self) -> float:
        return self.whole.scale

    @property
    def large(self) -> bool:
        return False

    def at(self, params: Array) -> Array:
        full = self.fixed.copy()
        full[self.free] += params
        return full

    def value(self, params: Array) -> float:
        return self.whole.value(self.at(params))

    def derivatives(self, params: Array) -> Derivatives:
        found = self.whole.derivatives(self.at(params))
        information = found.information[np.ix_(self.free, self.free)]
        return Derivatives(found.value, found.gradient[self.free], information)

    def gradient(self, params: Array) -> Array:
        return self.whole.gradient(self.at(params))[self.free]

    def triangular(self, params: Array, unit: float) -> Array:
        upper = self.whole.triangular(self.at(params), unit)[:, self.free]
        return np.asarray(np.linalg.qr(upper, mode="r"))

    def reach(self, direction: Array) -> float:
        full = np.zeros(self.whole.n_params)
        full[self.free] = direction
        return self.whole.reach(full)


def _limit(
    objective: MultinomialObjective, pairs: ModelMatrix, verdict: Separation
) -> LabelSeparation:
    """The fit of the pairs that overlap, far out in the direction that separates the others."""
    size, moving = objective.n_params, ~verdict.overlap
    params, root = np.zeros(size), np.full((size, size), np.nan)
    value = 0.0
    # Fitting the rest moves the others back a little: go out again, and fit again.
    for _ in range(3):
        params = params + _far_out(pairs, verdict, params, moving)
        value = objective.value(params)
        if not verdict.overlap.any():
            break
        part = _Part(objective, params, np.asarray(verdict.kept))
        found = maximize(part, np.zeros(part.n_params))
        params, value = part.at(found.params), found.value
        root = np.zeros((size, size))
        root[np.ix_(verdict.kept, verdict.kept)] = found.root
    return LabelSeparation(verdict.kind, verdict.directions, params, root, value)


def _far_out(pairs: ModelMatrix, verdict: Separation, params: Array, moving: BoolArray) -> Array:
    slopes = np.where(verdict.directions == 0.0, 0.0, verdict.slopes)
    change, start = pairs.values[moving] @ slopes, pairs.values[moving] @ params
    moved = change > 0.0
    needed = (SURE - start[moved]) / change[moved]
    length = min(float(needed.max(initial=0.0)), FARTHEST / float(np.abs(change).max()))
    return np.asarray(max(length, 0.0) * slopes)
