"""Newton's method for many weightings of the same rows at once.

The rows are read once for all replicates: from a common start the derivatives of every replicate
are products of its weights with what the rows share, and later passes form linear predictors,
weights and products of columns for a block of rows and all replicates together. Replicates that
do not come in a few full steps are left to those who can halve steps and look for separation.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.blas import one_blas_thread
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import pieces, times

# Products of columns that are formed at once.
_PANEL = 64
# Share of the scale below which a first step bends the information but little.
_NEAR = 0.02
# Decrements that fall by less ask for the information anew.
_QUICK = 1e-3
# Share of the scale that the decrement after the last step may be where steps contract linearly.
_PRECISE = 1e-22
_TINY = 1e-300
# A step that promises more than this share of the scale is not one from a neighboring optimum.
_FAR = 1.0
# Eigenvalues below this share of the largest are those of a direction no weight confines.
_SINGULAR = 1e-10


class Masses(Protocol):
    """How much the cases of each row count in each of several replicates."""

    @property
    def n_replicates(self) -> int:
        """R."""
        ...

    @property
    def scale(self) -> Array:
        """Weight of the rarer outcome in each replicate, shape (R,)."""
        ...

    def __call__(self, rows: slice) -> tuple[Array, Array]:
        """Weights of some rows, shape (b, R), and their responses, shape (b, R) or (b, 1)."""
        ...

    def select(self, which: IntArray) -> "Masses":
        """Some of the replicates."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """Linear predictors ``origin + (H'x)'c``, in coordinates c around a fit.

    Attributes
    ----------
    matrix : ModelMatrix
        X, shape (n, k).
    root : ndarray, shape (k, r)
        H; if it is a root of the inverse information of the fit, that of a replicate is near the
        identity, however ill conditioned X is.
    origin : ndarray, shape (n,)
        Linear predictors of the fit, offset included.
    """

    matrix: ModelMatrix
    root: Array
    origin: Array

    def block(self, rows: slice) -> Array:
        """``H'x`` of some rows, shape (b, r)."""
        return times(self.matrix.block(rows), self.root)[0]


@dataclass(frozen=True, slots=True, eq=False)
class Replicated:
    """Optima of the replicates.

    Attributes
    ----------
    coordinates : ndarray, shape (R, r)
        c, zeros where none was found.
    converged : ndarray of bool, shape (R,)
    """

    coordinates: Array
    converged: BoolArray


def maximize_each(
    rows: Affine, masses: Masses, *, tol: float = 1e-14, max_iter: int = 12
) -> Replicated:
    """Maximize the log-likelihood of every replicate by full Newton steps from a common start.

    The first reading gives the informations and how they bend along a step; later ones need the
    gradients alone, until steps shorten too slowly. Each replicate stops as `maximize` does: when
    ``U'A^-1 U <= tol * scale``, with that last step taken; and is given up where the decrement
    does not fall to a quarter from step to step, or the information is singular.
    """
    pending = np.arange(masses.n_replicates)
    found = np.zeros((masses.n_replicates, rows.root.shape[1]))
    converged = np.zeros(masses.n_replicates, dtype=np.bool_)
    previous = 4.0 * _FAR * masses.scale
    gradient, information, bend = _at_start(rows, masses)
    fresh, first = True, True
    for _ in range(max_iter):
        step, decrement = _newton_steps(gradient, information)
        with np.errstate(invalid="ignore"):
            moving: BoolArray = np.less_equal(decrement, previous / 4.0)
            enough = tol * masses.scale
            if not fresh:
                enough = np.minimum(enough, np.sqrt(_PRECISE * masses.scale * previous))
            done: BoolArray = moving & np.less_equal(decrement, enough)
            near = bool(np.all(decrement[moving] <= _NEAR * masses.scale[moving]))
            quick = bool(np.all(decrement[moving] <= _QUICK * previous[moving]))
        if first and near:
            step = _newton_steps(gradient, information + 0.5 * bend.along(step, pending))[0]
        found[pending[moving]] += step[moving]
        converged[pending[done]] = True
        left = np.flatnonzero(moving & ~done)
        if not left.size:
            break
        information = information[left] + bend.along(step[left], pending[left])
        pending, previous, masses = pending[left], decrement[left], masses.select(left)
        fresh, first = not (near if first else quick), False
        gradient, renewed = _derivatives(rows, masses, found[pending], with_information=fresh)
        information = renewed if fresh else information
    found[~converged] = 0.0
    return Replicated(found, converged)


@dataclass(frozen=True, slots=True, eq=False)
class _Bend:
    """How informations change along steps: as that of the mean weights, by size.

    Attributes
    ----------
    third : ndarray, shape (r, r, r)
    size : ndarray, shape (R,)
        Of the information of each replicate, relative to that of the mean weights.
    """

    third: Array
    size: Array

    def along(self, steps: Array, which: IntArray) -> Array:
        """Changes of the informations of some replicates, shape (C, r, r), along steps (C, r)."""
        change: Array = np.tensordot(steps * self.size[which, np.newaxis], self.third, axes=1)
        return change


def _at_start(rows: Affine, masses: Masses) -> tuple[Array, Array, _Bend]:
    """Gradients, informations and their bend at the common start."""
    r, count = rows.root.shape[1], masses.n_replicates
    sums = _sums(rows, masses, None, _panels(r), with_bend=True)
    gradient, upper = sums[0], np.vstack(sums[1:])
    information, third = (_squares(part.T, r) for part in (upper[:, :count], upper[:, count:]))
    traces = np.trace(information, axis1=1, axis2=2)
    return gradient, information, _Bend(third, traces / max(float(traces.mean()), _TINY))


def _newton_steps(gradient: Array, information: Array) -> tuple[Array, Array]:
    """``A^-1 U`` and ``U'A^-1 U`` of every replicate; infinite decrements where A is singular."""
    known = np.isfinite(information).all(axis=(1, 2))
    finite: BoolArray = np.logical_and(known, np.isfinite(gradient).all(axis=1))
    safe = np.where(finite[:, None, None], information, np.eye(information.shape[1]))
    with one_blas_thread():
        values, vectors = np.linalg.eigh(safe)
    regular: BoolArray = np.logical_and(finite, values[:, 0] > _SINGULAR * values[:, -1])
    values = np.where(regular[:, None], values, 1.0)
    gradient = np.where(finite[:, None], gradient, 0.0)
    turned = np.einsum("rij,ri->rj", vectors, gradient)
    step = np.einsum("rij,rj->ri", vectors, turned / values)
    return step, np.where(regular, np.einsum("ri,ri->r", gradient, step), np.inf)


def _derivatives(
    rows: Affine, masses: Masses, where: Array, *, with_information: bool
) -> tuple[Array, Array]:
    """Gradients (R, r), and informations (R, r, r) if they are wanted, at places of their own."""
    r = rows.root.shape[1]
    sums = _sums(rows, masses, where, _panels(r) if with_information else [])
    if not with_information:
        return sums[0], np.empty((0, r, r))
    return sums[0], _squares(np.vstack(sums[1:]).T, r)


def _sums(
    rows: Affine,
    masses: Masses,
    where: Array | None,
    panels: list[tuple[IntArray, IntArray]],
    *,
    with_bend: bool = False,
) -> tuple[Array, ...]:
    """Gradients (R, r); and for pairs of columns, (P, R) or with the bend (P, R + r)."""
    r, count = rows.root.shape[1], masses.n_replicates
    width = count + r * with_bend

    def kernel(part: slice) -> tuple[Array, ...]:
        gradient = np.zeros((count, r))
        grams = [np.zeros((len(i), width)) for i, _ in panels]
        for piece in pieces(part.stop - part.start, max(count, r)):
            here = slice(part.start + piece.start, part.start + piece.stop)
            _add_piece(rows, masses, where, here, gradient, panels, grams)
        return gradient, *grams

    return sum_over_blocks(kernel, len(rows.origin), width=count + r)


def _add_piece(
    rows: Affine,
    masses: Masses,
    where: Array | None,
    here: slice,
    gradient: Array,
    panels: list[tuple[IntArray, IntArray]],
    grams: list[Array],
) -> None:
    """Add what some rows contribute to the derivatives of every replicate."""
    h = rows.block(here)
    weight, response = masses(here)
    probability = _probabilities(rows.origin[here], h, where)
    residual = response - probability
    if residual.shape[1] == 1:
        gradient += np.dot(weight.T, h * residual)
    else:
        residual *= weight
        gradient += np.dot(residual.T, h)
    if not panels:
        return
    curvature = probability - probability * probability
    columns = np.ascontiguousarray(h.T)
    scaled = columns
    if where is None:
        scaled = columns * curvature[:, 0]
        tilted = (1.0 - 2.0 * probability) * weight.mean(axis=1, keepdims=True)
        weight = np.hstack([weight, h * tilted])
    else:
        weight = np.multiply(curvature, weight, out=curvature)
    for number, (i, j) in enumerate(panels):
        grams[number] += np.dot(columns[i] * scaled[j], weight)


def _probabilities(origin: Array, h: Array, where: Array | None) -> Array:
    """p of some rows in every replicate, shape (b, R), or (b, 1) at the common start.

    Its distance from one is rounded; what that adds to a gradient is lost beside the other rows.
    """
    eta = -origin[:, None] if where is None else np.dot(h, -where.T) - origin[:, None]
    with np.errstate(over="ignore"):
        np.exp(eta, out=eta)
    eta += 1.0
    return np.reciprocal(eta, out=eta)


def _panels(r: int) -> list[tuple[IntArray, IntArray]]:
    """Pairs of columns in the upper triangle, a few at a time."""
    first, second = np.triu_indices(r)
    starts = range(0, len(first), _PANEL)
    return [(first[s : s + _PANEL], second[s : s + _PANEL]) for s in starts]


def _squares(upper: Array, r: int) -> Array:
    """Symmetric matrices (R, r, r) from their upper triangles (R, r (r + 1) / 2)."""
    first, second = np.triu_indices(r)
    squares = np.empty((len(upper), r, r))
    squares[:, first, second] = upper
    squares[:, second, first] = upper
    return squares
