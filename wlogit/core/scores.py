"""Sums of squared scores of cases, centered within class, in one reading of X.

The row of a case is ``z = [s (f H'x - C t), e]``: its score f x in the coordinates ``H'x`` in which
the information is the identity, less the shares t of the class totals C, inflated by s for its
leverage, and a further column e that is neither centered nor inflated. In those coordinates nothing
is lost to nearly collinear columns. What a case is comes block by block from a `Source`, so that
nothing of the length of the data exists at any time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core.blocksum import sum_over_blocks
from wlogit.core.compact import CompactBlock, CompactForm
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.products import (
    block_gram,
    finished,
    gram_and_sums,
    rows_times,
    scaled,
    squared_lengths,
    times,
)

# Centered squares below this part of the plain ones have lost digits to cancellation.
_CANCELED = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class CaseBlock:
    """One sort of case in one block of rows; arrays of shape (b,) or () unless said otherwise.

    Attributes
    ----------
    factor : ndarray
        f = v (r - p), the score of a case in its linear predictor.
    multiplicity : ndarray
        m, the number of such cases.
    curvature : ndarray
        v p (1 - p), the leverage of a case over ``x' A^-1 x``.
    scale : ndarray or None
        Multiplies the score, beside what the leverage does.
    shares : ndarray, shape (2, b), or None
        t, the share of the case in the totals of non-events and of events.
    by_class : ndarray, shape (2, b), or None
        What the case adds to the class totals, over x: f split by class.
    extra : ndarray or None
        e.
    importance : ndarray or None
        v, for what needs the variance ``p (1 - p) / v`` of a case.
    """

    factor: Array
    multiplicity: Array
    curvature: Array
    scale: Array | None = None
    shares: Array | None = None
    by_class: Array | None = None
    extra: Array | None = None
    importance: Array | None = None


class Source(Protocol):
    """The cases of a fit, block by block."""

    @property
    def params(self) -> Array:
        """Coefficients in the coordinates of the matrix, shape (k,)."""
        ...

    def __call__(self, rows: "slice | IntArray", product: Array) -> Sequence[CaseBlock]:
        """The cases in some rows, from their ``x'b``, one sort at a time."""
        ...


Inflate = Callable[[Array], Array]
# From a slice of rows to (multiplicity, values) of each sort of case, shapes () or (b,), (b, q).
CaseRows = Callable[[slice], list[tuple[Array, Array]]]


def score_gram(
    matrix: ModelMatrix, root: Array, source: Source, inflate: Inflate | None = None
) -> tuple[Array, tuple[int, ...]]:
    """``sum of m z z'`` over all cases.

    Parameters
    ----------
    matrix : ModelMatrix
        X, shape (n, k).
    root : ndarray, shape (k, r)
        H, with ``H H'`` the inverse information.
    source : Source
    inflate : callable, optional
        From the leverages of a block to the multipliers of its scores.

    Returns
    -------
    gram : ndarray, shape (r, r) or (r + 1, r + 1)
        With the further column if the cases have one.
    saturated : tuple of int
        Rows with a case of leverage one, whose multiplier is zero.
    """
    sums, saturated = score_sums(matrix, root, source, inflate)
    gram = combined(sums)
    if gram is None:
        gram, saturated = centered_gram(matrix, root, source, inflate, np.asarray(sums[3]))
    return gram, saturated


def score_sums(
    matrix: ModelMatrix, root: Array, source: Source, inflate: Inflate | None = None
) -> tuple[tuple[AnyArray, ...], tuple[int, ...]]:
    """The sums that `combined` makes a gram of: those of parts of the rows add up.

    Parameters
    ----------
    matrix, root, source, inflate
        As in `score_gram`.
    """
    saturated: list[int] = []
    form = None if inflate is None or matrix.compact is None else matrix.form(root @ root.T)
    walk = _Walk(matrix, root, source, inflate, saturated, form)
    sums = sum_over_blocks(walk.sums, matrix.row_blocks, width=matrix.width)
    return walk.turned(sums), tuple(sorted(set(saturated)))


def combined(sums: tuple[AnyArray, ...]) -> Array | None:
    """``sum of m z z'`` from the sums of `score_sums` over all rows.

    None where centering cancels digits: then it takes `centered_gram`, with ``sums[3]``.
    """
    gram = _combine(sums)
    plain = np.diag(sums[0])
    if len(sums) > 1 and np.any(np.diag(gram)[: len(plain)] < _CANCELED * plain):
        return None
    return 0.5 * (gram + gram.T)


def centered_gram(
    matrix: ModelMatrix, root: Array, source: Source, inflate: Inflate | None, totals: Array
) -> tuple[Array, tuple[int, ...]]:
    """As `score_gram`, every centered row being formed; parts of the rows add up.

    Parameters
    ----------
    matrix, root, source, inflate
        As in `score_gram`.
    totals : ndarray, shape (r, 2)
        Class totals of all rows.
    """
    saturated: list[int] = []
    walk = _Walk(matrix, root, source, inflate, saturated)
    (gram,) = sum_over_blocks(
        lambda part: walk.explicit(part, totals), matrix.shape[0], width=matrix.n_params
    )
    return 0.5 * (gram + gram.T), tuple(sorted(set(saturated)))


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """One reading of X, block by block."""

    matrix: ModelMatrix
    root: Array
    source: Source
    inflate: Inflate | None
    saturated: list[int]
    # A^-1, where leverages are not lengths of H'x.
    form: CompactForm | None = None

    def sums(self, part: slice) -> tuple[AnyArray, ...]:
        """Plain squares of the scores of a block, and the sums that center them."""
        h, sorts = self.rows(part)
        lengths = None if self.inflate is None else self._lengths(h)
        plain, centering = [], []
        for cases in sorts:
            scale = self._multiplier(cases, lengths, part)
            score = cases.factor if scale is None else scale * cases.factor
            rows, crossed, corner = _centering_rows(cases, score, scale)
            gram, sums = gram_and_sums(h, _repeated(cases, score * score), rows)
            plain.append(gram)
            if len(rows):
                centering.append((sums[:3].T, crossed, sums[3:].T, corner))
        gram = plain[0] if len(plain) == 1 else plain[0] + plain[1]
        if not centering:
            return (gram,)
        return gram, *(sum(terms[1:], start=terms[0]) for terms in zip(*centering, strict=True))

    def rows(self, part: slice) -> tuple[Array | CompactBlock, Sequence[CaseBlock]]:
        """What is summed for each row: ``H'x``, or x itself where few of its entries are filled."""
        x = self.matrix.part(part)
        if not isinstance(x, np.ndarray):
            return x, self.source(part, x.dot(self.source.params))
        h, product = times(x, self.root, self.source.params)
        return h, self.source(part, product)

    def _lengths(self, rows: Array | CompactBlock) -> Array:
        """``x'A^-1 x``."""
        if isinstance(rows, np.ndarray) or self.form is None:
            return squared_lengths(np.asarray(rows))
        return rows.quadratic(self.form)

    def turned(self, sums: tuple[AnyArray, ...]) -> tuple[AnyArray, ...]:
        """`sums` over all rows in the coordinates ``H'x``."""
        if self.matrix.compact is None:
            return sums
        gram, *others = sums
        turned = self.root.T @ finished(gram) @ self.root
        if not others:
            return (turned,)
        columns, shares, totals, corner = others
        return turned, self.root.T @ columns, shares, self.root.T @ totals, corner

    def explicit(self, part: slice, totals: Array) -> tuple[Array]:
        """Squares of centered scores with every row formed, where the sums cancel."""
        grams = [block_gram(rows, number) for number, rows in self.formed(part, totals)]
        return (sum(grams[1:], start=grams[0]),)

    def formed(self, part: slice, totals: Array | None) -> list[tuple[Array, Array]]:
        """Multiplicity and z of each sort of case in a block, every row formed."""
        h, sorts = projected(self.matrix, self.root, self.source, part)
        lengths = None if self.inflate is None else squared_lengths(h)
        r = h.shape[1]
        found = []
        for cases in sorts:
            scale = self._multiplier(cases, lengths, part)
            rows = centered_rows(h, cases, totals)
            if scale is not None:
                rows[:, :r] *= np.broadcast_to(scale, len(h))[:, None]
            found.append((cases.multiplicity, rows))
        return found

    def _multiplier(self, cases: CaseBlock, lengths: Array | None, part: slice) -> Array | None:
        """What the scores of a block are multiplied by, for leverage and otherwise."""
        if self.inflate is None or lengths is None:
            return cases.scale
        bend = np.broadcast_to(cases.curvature, lengths.shape)
        weighted = bend > 0.0
        leverage = bend * lengths if weighted.all() else np.where(weighted, bend * lengths, 0.0)
        inflation = self.inflate(leverage)
        if not inflation.all():
            full = np.flatnonzero((inflation == 0.0) & (cases.multiplicity > 0.0))
            self.saturated.extend(int(i) + part.start for i in full)
        return inflation if cases.scale is None else inflation * cases.scale


def projected(
    matrix: ModelMatrix, root: Array, source: Source, rows: "slice | IntArray"
) -> tuple[Array, Sequence[CaseBlock]]:
    """``H'x`` and the cases of some rows, in one reading of X."""
    h, product = times(matrix.block(rows), root, source.params)
    return h, source(rows, product)


def _repeated(cases: CaseBlock, values: Array) -> Array:
    """Values times the multiplicity of the cases."""
    if cases.multiplicity.ndim == 0 and cases.multiplicity == 1.0:
        return values
    return cases.multiplicity * values


def _centering_rows(
    cases: CaseBlock, score: Array, scale: Array | None
) -> tuple[Array, Array, Array]:
    """What to sum h by for centering, five rows or none; share by share; and e squared."""
    crossed, corner = np.zeros((2, 3)), np.zeros(())
    if cases.shares is None or cases.by_class is None:
        return np.empty((0, len(score))), crossed, corner
    rows = np.zeros((5, len(score)))
    repeated = _repeated(cases, score)
    np.multiply(cases.shares, repeated if scale is None else repeated * scale, out=rows[:2])
    rows[3:] = _repeated(cases, cases.by_class)
    inflated = cases.shares if scale is None else cases.shares * scale
    weighted = _repeated(cases, inflated)
    crossed[:, :2] = np.dot(weighted, inflated.T)
    if cases.extra is not None:
        np.multiply(repeated, cases.extra, out=rows[2])
        crossed[:, 2] = np.dot(weighted, cases.extra)
        corner = np.dot(_repeated(cases, cases.extra), cases.extra)
    return rows, crossed, corner


def _combine(sums: tuple[AnyArray, ...]) -> Array:
    """``sum m s^2 (f x - C t)(f x - C t)'`` and its border, from the plain sums."""
    if len(sums) == 1:
        return np.asarray(sums[0])
    gram, columns, shares, totals, corner = sums
    crossed = columns[:, :2] @ totals.T
    k = gram.shape[0]
    bordered = np.empty((k + 1, k + 1))
    bordered[:k, :k] = gram - crossed - crossed.T + totals @ shares[:, :2] @ totals.T
    bordered[:k, k] = bordered[k, :k] = columns[:, 2] - totals @ shares[:, 2]
    bordered[k, k] = corner
    return bordered


def centered_rows(h: Array, cases: CaseBlock, totals: Array | None) -> Array:
    """``[f H'x - C t, e]``, shape (b, r + 1); without inflation."""
    k = h.shape[1]
    rows = np.empty((len(h), k + 1))
    rows[:, :k] = scaled(h, cases.factor)
    if cases.shares is not None and totals is not None:
        rows[:, :k] -= cases.shares.T @ totals.T
    rows[:, k] = 0.0 if cases.extra is None else cases.extra
    return rows


def case_scores(
    matrix: ModelMatrix,
    root: Array,
    source: Source,
    inflate: Inflate | None = None,
    totals: Array | None = None,
) -> CaseRows:
    """z of every case, block by block: for what needs them one by one.

    Parameters
    ----------
    matrix, root, source, inflate
        As in `score_gram`.
    totals : ndarray, shape (r, 2) or None
        Class totals to center by.

    Returns
    -------
    callable
        From a slice of rows to (multiplicity, z) of each sort of case; z of shape (b, r + 1).
    """
    walk = _Walk(matrix, root, source, inflate, [])
    return lambda part: walk.formed(part, totals)


def plain_scores(matrix: ModelMatrix, source: Source, totals: Array | None) -> CaseRows:
    """As `case_scores` in the coordinates of the matrix itself, z of shape (b, k + 1).

    Parameters
    ----------
    matrix : ModelMatrix
        Of a `CompactDesign`.
    source : Source
    totals : ndarray, shape (k, 2) or None
    """

    def formed(part: slice) -> list[tuple[Array, Array]]:
        x = matrix.part(part)
        sorts = source(part, x.dot(source.params))
        rows = x if isinstance(x, np.ndarray) else np.asarray(x.tocsr().toarray())
        return [(cases.multiplicity, centered_rows(rows, cases, totals)) for cases in sorts]

    return formed


def turned(gram: Array, root: Array) -> Array:
    """``H' G H`` of a gram with a border, which stays as it is."""
    k, r = root.shape
    turn = np.zeros((k + 1, r + 1))
    turn[:k, :r], turn[k, r] = root, 1.0
    return np.asarray(turn.T @ gram @ turn)


def class_totals(matrix: ModelMatrix, root: Array, source: Source) -> Array | None:
    """C, the class totals of the scores, shape (r, 2); None for cases without classes."""
    walk = _Walk(matrix, root, source, None, [])

    def kernel(part: slice) -> tuple[AnyArray, ...]:
        h, sorts = walk.rows(part)
        total = np.zeros((h.shape[1], 2))
        for cases in sorts:
            if cases.by_class is None:
                return ()
            total += rows_times(_repeated(cases, cases.by_class), h).T
        return (total,)

    sums = sum_over_blocks(kernel, matrix.row_blocks, width=matrix.width)
    if not sums:
        return None
    return sums[0] if matrix.compact is None else root.T @ sums[0]
