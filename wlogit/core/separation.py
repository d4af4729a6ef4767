"""Whether a hyperplane separates the outcomes, and which coefficients then diverge, and where to.

A direction d separates if ``s x'd >= 0`` on every row (s = 1 for events, -1 for non-events), and is
not zero on all. Each verdict rests on a proof: such a direction, or positive multipliers l of the
rows with ``sum of l s x = 0``, which leave no room for one (Stiemke's lemma).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.compact import CompactBlock
from wlogit.core.cone import Cone, best_direction
from wlogit.core.limits import limits
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.recession import ZERO, direction_by_newton, null_space

# Entries below this share of the largest of their column are rounding.
_NOISE = 1e-14
# Rows for each column that are tried first, and rows that are added to them at once.
_SAMPLE, _BATCH = 20, 5

Kind = Literal["complete", "quasi", "none"]


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """The verdict, and what becomes of each coefficient as the likelihood rises to its supremum.

    Attributes
    ----------
    kind : {"complete", "quasi", "none"}
        Whether some direction has every row, some rows or no row strictly on its side.
    directions : ndarray, shape (k,)
        inf or -inf where every sequence of coefficients that approaches the supremum ends, 0 for
        a finite limit, and NaN for a coefficient that such a sequence may take anywhere: it has
        a limit in combination with other diverging ones only.
    slopes : ndarray, shape (k,)
        A direction in the user's coordinates that has every row that can be separated strictly
        on its side; zeros if there is none.
    overlap : ndarray of bool, shape (n,)
        The other rows with weight; on these an estimate exists.
    kept : ndarray of int
        Columns that are independent on the rows of ``overlap``, among them every one whose
        coefficient has a finite limit.
    """

    kind: Kind
    directions: Array
    slopes: Array
    overlap: BoolArray
    kept: IntArray

    @property
    def separated(self) -> bool:
        """Whether no finite maximum-likelihood estimate exists."""
        return self.kind != "none"


def separation(matrix: ModelMatrix, sign: Array, rows: BoolArray | None = None) -> Separation:
    """Find every row that can be separated, and from these every coefficient that diverges.

    Rows are taken away in stages, each with a direction that separates them from the others:
    first those of cells with one outcome, by looking at single columns; then by Newton's method,
    whose steps turn into the direction along which a likelihood has no maximum; and by a linear
    program where rounding leaves that open.

    Parameters
    ----------
    matrix : ModelMatrix
        Of full rank on the rows in use.
    sign : ndarray, shape (n,)
        s: 1 for events, -1 for non-events, 0 for rows that hold both, on which x'd must vanish.
    rows : ndarray of bool, shape (n,), optional
        Rows with weight; default all.

    References
    ----------
    Albert and Anderson (1984), On the existence of maximum likelihood estimates in logistic
    regression models, Biometrika 71, 1-10. Konis (2007), Linear programming algorithms for
    detecting separated data in binary logistic regression models, DPhil thesis, Oxford, 4.4.
    """
    use = np.ones(len(sign), dtype=np.bool_) if rows is None else rows
    work = _unit_columns(matrix, use)
    overlap, slopes, margins = use.copy(), np.zeros(work.n_params), np.zeros(len(sign))
    while (direction := _next_direction(work, sign, overlap)) is not None:
        gains = _margins(work, sign, direction, use)
        moved = overlap & (gains > ZERO * gains.max())
        length = _keeping(margins, gains)
        slopes, margins = slopes + length * direction, margins + length * gains
        overlap = overlap & ~moved
    if np.array_equal(overlap, use):
        nowhere = np.zeros(work.n_params)
        return Separation("none", nowhere, nowhere, overlap, np.arange(work.n_params))
    kept, basis = null_space(_rows(work, overlap), work.constant)
    free = np.setdiff1d(np.arange(work.n_params), kept)
    moving = np.flatnonzero(use & ~overlap)
    cone = Cone.build(work, sign, moving, basis, slopes[free])
    return Separation(
        kind="quasi" if overlap.any() else "complete",
        directions=limits(cone),
        slopes=work.to_user(basis @ cone.inner),
        overlap=overlap,
        kept=kept,
    )


def _unit_columns(matrix: ModelMatrix, use: BoolArray) -> ModelMatrix:
    """Working coordinates in which the largest entry of each column is near one."""
    work = matrix.standardized(use.astype(np.float64))
    largest = np.zeros(work.n_params)
    for part in work.row_blocks:
        np.maximum(largest, work.largest(part, use), out=largest)
    scale = np.ldexp(1.0, -np.frexp(largest)[1])
    return replace(work, scale=scale if work.scale is None else scale * work.scale)


def _next_direction(work: ModelMatrix, sign: Array, overlap: BoolArray) -> Array | None:
    """A direction that separates some of the rows from the others; None if there is none."""
    signs = sign[overlap]
    if not signs.any():
        return None
    part, columns = work, np.arange(work.n_params)
    if not overlap.all():
        part = _rows(work, overlap)
        columns, _ = null_space(part, work.constant)
        part = part.some(slice(None), columns)
    if not len(columns):
        return None
    if work.compact is not None:
        return _of_compact(work, part, columns, sign, overlap)
    sample = np.arange(0, len(signs), max(1, len(signs) // (_SAMPLE * len(columns))))
    if len(sample) < len(signs) and _sample_overlaps(part, signs, sample):
        return None
    direction = _by_columns(work, sign, overlap)
    if direction is not None:
        return direction
    found = _by_rows(part, signs, sample)
    direction = np.zeros(work.n_params)
    direction[columns] = found
    return direction if found.any() else None


def _of_compact(
    work: ModelMatrix, part: ModelMatrix, columns: IntArray, sign: Array, overlap: BoolArray
) -> Array | None:
    """As `_next_direction`: cells of one outcome first, then all rows, which are read fast."""
    direction = _by_columns(work, sign, overlap)
    if direction is not None:
        return direction
    found = _by_rows(part, sign[overlap], np.arange(len(part.values)))
    direction = np.zeros(work.n_params)
    direction[columns] = found
    return direction if found.any() else None


def _sample_overlaps(part: ModelMatrix, sign: Array, sample: IntArray) -> bool:
    """Whether some of the rows leave no room for a direction, and thus all."""
    some = ModelMatrix(part.block(sample))
    if null_space(some, None)[1].size:
        return False
    found = direction_by_newton(some, sign[sample])
    return found is not None and not found.any()


def _by_rows(part: ModelMatrix, sign: Array, active: IntArray) -> Array:
    """A direction from few rows, until no other row is on its wrong side; zeros if none."""
    while len(active) < len(sign):
        some = ModelMatrix(part.block(active))
        found = None if null_space(some, None)[1].size else direction_by_newton(some, sign[active])
        if found is None:
            break
        change = part.dot(found)
        gains = np.where(sign == 0.0, -np.abs(change), sign * change)
        violated = np.flatnonzero(gains < -ZERO * np.abs(change).max())
        if not len(violated):
            return found
        worst = violated[np.argsort(gains[violated])[: _BATCH * len(found)]]
        active = np.union1d(active, worst)
    found = direction_by_newton(part, sign)
    return best_direction(part, sign) if found is None else found


def _by_columns(work: ModelMatrix, sign: Array, overlap: BoolArray) -> Array | None:
    """The sum of the columns that have no entry on the wrong side, such as cells of one outcome."""
    k = work.n_params
    lowest, highest = np.zeros(k), np.zeros(k)
    for rows in work.row_blocks:
        here = np.flatnonzero(overlap[rows]) + rows.start
        for low, high in _sides(work.part(here), sign[here]):
            np.minimum(lowest, low, out=lowest)
            np.maximum(highest, high, out=highest)
    up = (lowest >= -_NOISE) & (highest > _NOISE)
    down = (highest <= _NOISE) & (lowest < -_NOISE)
    return up.astype(np.float64) - down if np.any(up | down) else None


def _sides(part: "Array | CompactBlock", sign: Array) -> Iterator[tuple[Array, Array]]:
    """Least and largest ``s x`` of each column, or zero; rows of both outcomes have both signs."""
    if not isinstance(part, np.ndarray):
        signed = part.tocsr()
        both = np.abs(signed[np.flatnonzero(sign == 0.0)])
        signed = sparse.diags_array(sign) @ signed
        low, high = (
            np.asarray(extreme(axis=0).toarray()).ravel() for extreme in (signed.min, signed.max)
        )
        yield np.minimum(low, 0.0), np.maximum(high, 0.0)
        size = np.asarray(both.max(axis=0).toarray()).ravel() if both.shape[0] else 0.0 * high
        yield -size, size
        return
    sides = part * sign[:, None]
    if not sign.all():
        size = np.abs(part[sign == 0.0]).max(axis=0, initial=0.0)
        yield -size, size
    yield sides.min(axis=0, initial=0.0), sides.max(axis=0, initial=0.0)


def _rows(work: ModelMatrix, use: BoolArray) -> ModelMatrix:
    """A copy of some rows in working coordinates, without what is rounding in them."""
    if work.compact is not None:
        return work.some(np.flatnonzero(use))
    values = work.block(np.flatnonzero(use))
    values[np.abs(values) < _NOISE] = 0.0
    return ModelMatrix(values)


def _margins(work: ModelMatrix, sign: Array, direction: Array, use: BoolArray) -> Array:
    """``s x'd`` of the rows in use, zero for the others."""
    margins = np.zeros(len(sign))
    for rows in work.row_blocks:
        here = np.flatnonzero(use[rows]) + rows.start
        margins[here] = sign[here] * work.dot(direction, here)
    return margins


def _keeping(margins: Array, gains: Array) -> float:
    """How far to go on in a new direction that the rows separated before stay on their side."""
    losing = (gains < 0.0) & (margins > 0.0)
    return float(np.min(-0.5 * margins[losing] / gains[losing], initial=1.0))
