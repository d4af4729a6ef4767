"""A design matrix read in blocks of rows, in coordinates in which its sums are accurate."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from wlogit._typing import AnyArray, Array, BoolArray
from wlogit.core.blocksum import blocks, sample_of_blocks, sum_over_blocks
from wlogit.core.compact import CompactBlock, CompactDesign, CompactForm

# Beyond this ratio of mean to spread, centering saves more digits than it costs time.
_FAR_FROM_ZERO = 32.0
_EPS = float(np.finfo(np.float64).eps)
# Squares and products of columns within these bounds neither overflow nor vanish.
_SMALLEST, _LARGEST = 2.0**-200, 2.0**200


@dataclass(frozen=True, slots=True, eq=False)
class ModelMatrix:
    """A read-only view of X in working coordinates ``(x - shift) * scale``; X is never copied.

    Parameters
    ----------
    values : ndarray or CompactDesign, shape (n, k)
        X, in any layout; narrower dtypes are widened block by block.
    constant : int, optional
        Index of a column that holds one non-zero number throughout.
    shift : ndarray, shape (k,), optional
        Subtracted from the columns; only with a constant, whose own shift is zero. That of columns
        that a `CompactDesign` does not hold whole is zero.
    scale : ndarray, shape (k,), optional
        Powers of two, so that scaling is exact.
    bounds : tuple of ndarray, shape (k,), optional
        Smallest and largest entry of every column of X, or numbers beyond these.
    """

    values: AnyArray
    constant: int | None = field(default=None, kw_only=True)
    shift: Array | None = field(default=None, kw_only=True)
    scale: Array | None = field(default=None, kw_only=True)
    bounds: tuple[Array, Array] | None = field(default=None, kw_only=True)

    @property
    def extent(self) -> Array | None:
        """Bounds of the absolute entries of the columns in working coordinates, where known."""
        if self.bounds is None:
            return None
        low, high = self.bounds
        if self.shift is not None:
            low, high = low - self.shift, high - self.shift
        largest = np.maximum(np.abs(low), np.abs(high))
        return largest if self.scale is None else largest * self.scale

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n, k = self.values.shape
        return n, k

    @property
    def n_params(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])

    @property
    def compact(self) -> CompactDesign | None:
        """X, if it is no array."""
        values: object = self.values
        return values if isinstance(values, CompactDesign) else None

    @property
    def row_blocks(self) -> list[slice]:
        """Blocks of rows to be read at a time."""
        design = self.compact
        return blocks(*self.shape) if design is None else blocks(len(design), 1, design.block_rows)

    @property
    def width(self) -> int:
        """Entries of a row that are read."""
        design = self.compact
        return self.n_params if design is None else design.width

    def part(self, rows: slice | AnyArray) -> Array | CompactBlock:
        """As `block`, but in few entries where X is compact: what `products` multiplies."""
        design = self.compact
        if design is None:
            return self.block(rows)
        # BLAS reads what lies in one piece; of few columns, best one after the other.
        dense = np.asfortranarray(design.dense[rows], dtype=np.float64)
        side = design.side.ready(rows)
        if self.shift is not None:
            dense = dense - self.shift[design.dense_columns]
        if self.scale is None:
            return CompactBlock(design, dense, side, None)
        dense = dense * self.scale[design.dense_columns]
        return CompactBlock(design, dense, side, self.scale[design.side_columns])

    def some(self, rows: slice | AnyArray, columns: AnyArray | None = None) -> "ModelMatrix":
        """Some rows, and of these some columns alone, in the same coordinates."""
        design = self.compact
        if design is None:
            part = self.block(rows)
            return ModelMatrix(part if columns is None else part[:, columns])
        few = design.take(rows)
        if columns is None:
            return replace(self, values=cast("AnyArray", few), constant=None)
        return ModelMatrix(
            cast("AnyArray", few.select(columns)),
            shift=None if self.shift is None else self.shift[columns],
            scale=None if self.scale is None else self.scale[columns],
        )

    def largest(self, rows: slice, use: BoolArray) -> Array:
        """Size of the largest entry of each column, among the rows of a block that are in use."""
        part = self.part(np.flatnonzero(use[rows]) + rows.start)
        if isinstance(part, np.ndarray):
            return np.asarray(np.abs(part).max(axis=0, initial=0.0))
        return np.asarray(np.abs(part.tocsr()).max(axis=0).toarray()).ravel()

    def form(self, square: Array) -> CompactForm | None:
        """What `CompactBlock.quadratic` takes for a symmetric B; None unless X is compact."""
        design = self.compact
        return None if design is None else CompactForm.of(design, square, self.scale)

    def block(self, rows: slice | AnyArray) -> Array:
        """Some rows in working coordinates; a view of X where these are the user's."""
        part: Array = np.asarray(self._array(rows), dtype=np.float64)
        if self.shift is not None:
            part = part - self.shift
        if self.scale is not None:
            part = part * self.scale
        return part

    def dot(self, params: Array, rows: slice | AnyArray = slice(None)) -> Array:
        """``x'b`` of some rows, ``params`` in working coordinates."""
        product: Array = self.part(rows).dot(params)
        return product

    def to_user(self, params: Array) -> Array:
        """Parameters (k,) or columns of them (k, q), from working to the user's coordinates."""
        if self.shift is None and self.scale is None:
            return params
        scaled = (params.T * self._scales).T
        if self.shift is not None and self.constant is not None:
            scaled[self.constant] -= (self.shift / self._constant_value) @ scaled
        return scaled

    def to_working(self, params: Array) -> Array:
        """The inverse of `to_user`."""
        if self.shift is None and self.scale is None:
            return params
        moved = np.array(params, dtype=np.float64)
        if self.shift is not None and self.constant is not None:
            moved[self.constant] += (self.shift / self._constant_value) @ moved
        result: Array = (moved.T / self._scales).T
        return result

    def standardized(self, weight: Array) -> "ModelMatrix":
        """The same columns in coordinates in which their sums of squares are accurate.

        Columns far from zero are centered where there is a constant, and columns so large or
        small that their squares leave the range of float64 are scaled; most matrices come back
        as they are. Moderate scaling is left alone: powers of two change no digit.

        Parameters
        ----------
        weight : ndarray, shape (n,) or ()
            Rows of weight zero have no say.
        """
        if self.shift is not None:
            return self
        if self.compact is not None:
            return self._compact_standardized(self.compact, weight)
        mean, spread = self._moments(weight, np.zeros(self.n_params))
        size = np.hypot(mean, spread)
        if self.scale is None and not np.all((size > _SMALLEST) & (size < _LARGEST)):
            scaled = self._scaled(weight)
            if scaled is not self:
                return scaled.standardized(weight)
        return self._centered(weight) if self._far(mean, spread).any() else self

    def _compact_standardized(self, design: CompactDesign, weight: Array) -> "ModelMatrix":
        """As `standardized`, of the columns that are held whole."""
        d, constant = design.dense_columns, None
        if self.constant is not None and self.constant in d:
            constant = int(np.searchsorted(d, self.constant))
        scale = None if self.scale is None else self.scale[d]
        whole = ModelMatrix(design.dense, constant=constant, scale=scale).standardized(weight)
        if whole.shift is None and whole.scale is scale:
            return self
        wide = ModelMatrix(self.values, constant=self.constant)
        if whole.shift is not None:
            wide = replace(wide, shift=np.zeros(self.n_params))
            wide.shift[d] = whole.shift  # type: ignore[index]
        if whole.scale is not None:
            wide = replace(wide, scale=np.array(self._scales))
            wide.scale[d] = whole.scale  # type: ignore[index]
        return wide

    def _array(self, rows: slice | AnyArray) -> AnyArray:
        return self.values[rows] if self.compact is None else self.compact.take(rows).toarray()

    def _scaled(self, weight: Array) -> "ModelMatrix":
        largest = np.zeros(self.n_params)
        for rows in blocks(*self.shape):
            part, _ = self._present(rows, weight)
            np.maximum(largest, np.abs(part).max(axis=0, initial=0.0), out=largest)
        usual = (largest == 0.0) | (largest > _SMALLEST) & (largest < _LARGEST)
        if usual.all():
            return self
        scale = np.ldexp(1.0, np.where(usual, 0, -np.frexp(largest)[1]))
        return replace(self, scale=scale)

    def _centered(self, weight: Array) -> "ModelMatrix":
        origin, _ = self._moments(weight, np.zeros(self.n_params))
        mean, spread = self._moments(weight, origin)
        mean += origin
        far = self._far(mean, spread) & (spread > _EPS * np.abs(mean))
        if not far.any():
            return self
        shift = np.where(far, _rounded(mean, spread), 0.0)
        return replace(self, shift=shift if self.scale is None else shift / self.scale)

    def _far(self, mean: Array, spread: Array) -> BoolArray:
        """Which columns to center; none without a constant to take up the shift."""
        if self.constant is None:
            return np.zeros(self.n_params, dtype=np.bool_)
        far: BoolArray = np.abs(mean) > _FAR_FROM_ZERO * spread
        far[self.constant] = False
        return far

    def _moments(self, weight: Array, origin: Array) -> tuple[Array, Array]:
        """Weighted mean from ``origin``, and standard deviation, of every column.

        In a sample of the rows, unless a column does not vary there.
        """
        sample = sample_of_blocks(*self.shape)
        mean, spread = self._moments_in(sample, weight, origin)
        still = spread <= _EPS * np.abs(mean + origin)
        if self.constant is not None:
            still[self.constant] = False
        everything = blocks(*self.shape)
        if still.any() and sample != everything:
            return self._moments_in(everything, weight, origin)
        return mean, spread

    def _moments_in(
        self, parts: Sequence[slice], weight: Array, origin: Array
    ) -> tuple[Array, Array]:
        def kernel(rows: slice) -> tuple[AnyArray, ...]:
            part, share = self._present(rows, weight)
            if origin.any():
                part = part - origin
            with np.errstate(over="ignore"):
                return share.sum(), np.dot(share, part), np.dot(share, part * part)

        total, first, second = sum_over_blocks(kernel, parts, width=self.n_params)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = first / total
            return mean, np.sqrt(np.maximum(second / total - mean * mean, 0.0))

    def _present(self, rows: slice, weight: Array) -> tuple[Array, Array]:
        """Rows with weight, and their weights; the others may hold anything."""
        part, share = self.block(rows), np.broadcast_to(weight, self.shape[:1])[rows]
        return (part, share) if share.all() else (part[share > 0.0], share[share > 0.0])

    @property
    def _scales(self) -> Array:
        return np.ones(self.n_params) if self.scale is None else self.scale

    @property
    def _constant_value(self) -> float:
        return float(self.values[0, self.constant])


def _rounded(mean: Array, spread: Array) -> Array:
    # Few significant bits: then x - shift is exact for data recorded on a grid, such as years.
    step = np.exp2(np.floor(np.log2(np.where(spread > 0.0, spread, 1.0))))
    result: Array = np.round(mean / step) * step
    return result
