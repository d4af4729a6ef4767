"""Covariates that come as sparse matrices, and designs that are too large to be dense."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from wlogit._typing import AnyArray, Array
from wlogit.core.compact import CompactDesign
from wlogit.errors import DesignError, NotAvailableError

# Entries of the largest dense array that is made of a compact design without being asked for.
MOST_DENSE = 2**28


class CompactExog(CompactDesign):
    """The design of a model with a sparse matrix or a large factor: ``model.exog``.

    Products with vectors, ``exog[rows]`` and ``exog[:, j]`` are those of an array; ``tocsr()`` is
    the same design as a sparse matrix of scipy's, ``toarray()`` as an array.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from wlogit import WeightedLogit
    >>> x = sparse.csr_array([[1, 0], [1, 2], [1, 0], [1, 3], [1, 1], [1, 0]])
    >>> model = WeightedLogit([0, 1, 0, 0, 1, 1], x)
    >>> model.exog @ np.ones(2)
    array([1., 3., 1., 4., 2., 1.])
    >>> model.exog.tocsr().nnz
    9
    """

    __slots__ = ()

    def check_size(self, entries: int) -> None:
        """Refuse to become a very large array unnoticed.

        Raises
        ------
        NotAvailableError
        """
        if entries > MOST_DENSE:
            n, k = self.shape
            raise NotAvailableError(
                f"this needs the design as a dense array of {n:,} rows and {k:,} columns, "
                f"{8e-9 * entries:.1f} GB, and the model holds it sparse: ask it of a fit of a "
                "sample of the rows, or with levels of the large factor merged. If it fits into "
                "memory, fit the dense matrix itself."
            )

    def combined(self, basis: Array, index: pd.Index, names: list[Any]) -> pd.DataFrame:
        """The columns ``X B``, as a table of sparse columns.

        Parameters
        ----------
        basis : ndarray, shape (k, q)
            B, mostly zero.
        index : Index
        names : list
        """
        product = sparse.csc_matrix(self.tocsr() @ sparse.csc_array(basis))
        tables: Any = pd.DataFrame.sparse
        table: pd.DataFrame = tables.from_spmatrix(product, index=index, columns=names)
        return table

    def __repr__(self) -> str:
        n, k = self.shape
        return f"<CompactExog of {n:,} rows and {k:,} columns; .tocsr() or .toarray() to see them>"


def is_sparse(exog: object) -> bool:
    """Whether covariates are a sparse matrix of scipy's, or a table of pandas' sparse columns.

    So is the design of another model.
    """
    if isinstance(exog, pd.DataFrame):
        return any(isinstance(dtype, pd.SparseDtype) for dtype in exog.dtypes)
    return isinstance(exog, CompactExog) or bool(sparse.issparse(exog))


def read_sparse(exog: Any) -> CompactExog:
    """The design of a sparse matrix of scipy's; that of another model as it is.

    Raises
    ------
    DesignError
        Complex numbers, or no columns.
    """
    if isinstance(exog, CompactExog):
        return exog
    if exog.ndim != 2:
        raise DesignError(f"exog has {exog.ndim} dimensions; it needs rows and columns.")
    if exog.shape[1] == 0:
        raise DesignError("exog has no columns; give it at least a constant.")
    if exog.dtype.kind not in "fiub":
        raise DesignError(f"exog is a sparse matrix of {exog.dtype} values; it needs numbers.")
    return CompactExog.from_sparse(exog)


def read_sparse_columns(frame: pd.DataFrame, dense: Any) -> CompactExog:
    """The design of a table some of whose columns are sparse.

    Parameters
    ----------
    frame : DataFrame
    dense : callable
        From the other columns to an array.
    """
    zero = [_fills_with_zero(dtype) for dtype in frame.dtypes]
    whole = np.flatnonzero(~np.array(zero))
    order = np.argsort(np.concatenate([whole, np.flatnonzero(zero)]))
    chosen: Any = frame.iloc[:, np.flatnonzero(zero)]
    values = chosen.sparse.to_coo()
    others = sparse.csr_array(dense(frame.iloc[:, whole]))
    both = sparse.hstack([others, sparse.csr_array(values, dtype=np.float64)], format="csr")
    return CompactExog.from_sparse(both[:, order])


def _fills_with_zero(dtype: Any) -> bool:
    return isinstance(dtype, pd.SparseDtype) and dtype.fill_value == 0 and dtype.kind in "fiub"


def require_small(exog: object) -> None:
    """Refuse what reads a large sparse design as a dense one, many times over.

    Raises
    ------
    NotAvailableError
    """
    if isinstance(exog, CompactDesign):
        exog.check_size(exog.size)


def times(exog: Any, params: Array) -> Array:
    """``X b`` for a design of any kind."""
    if isinstance(exog, CompactDesign):
        return exog @ params
    if is_sparse(exog):
        return np.asarray(exog @ params)
    return np.asarray(np.dot(exog, params))


def dense_columns(values: "AnyArray | CompactDesign") -> tuple[Array, AnyArray]:
    """The columns of a design that are held whole, and their positions."""
    if isinstance(values, CompactDesign):
        return values.dense, values.dense_columns
    return values, np.arange(values.shape[1])
