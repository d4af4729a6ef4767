"""Sums of squares of what is known of every case, over cases or over groups of rows."""

import numpy as np

from wlogit._typing import AnyArray, Array, IntArray
from wlogit.core.blocksum import blocks, sum_over_blocks
from wlogit.core.products import block_gram, scaled
from wlogit.core.scores import CaseRows


def gram_of_cases(cases: CaseRows, n: int, width: int) -> Array:
    """``sum of m psi psi'`` over all cases.

    Parameters
    ----------
    cases : callable
        From a slice of rows to (m, psi) of each sort of case; psi of shape (b, q).
    n : int
        Number of rows.
    width : int
        Columns that are read for a row.
    """

    def kernel(part: slice) -> tuple[AnyArray, ...]:
        grams = [block_gram(psi, number) for number, psi in cases(part)]
        return (sum(grams[1:], start=grams[0]),)

    (gram,) = sum_over_blocks(kernel, n, width=width)
    return np.asarray(0.5 * (gram + gram.T))


def gram_of_groups(cases: CaseRows, codes: IntArray, n_groups: int, width: int) -> Array:
    """``sum over groups of S S'``, S the sum of m psi over the cases in the rows of a group.

    Parameters
    ----------
    cases : callable
        As in `gram_of_cases`.
    codes : ndarray of int, shape (n,)
        The group of each row, from 0 to ``n_groups - 1``.
    n_groups : int
    width : int
    """
    totals: Array | None = None
    for part in blocks(len(codes), width):
        rows: Array = np.zeros(())
        for number, psi in cases(part):
            rows = rows + scaled(psi, np.broadcast_to(number, len(psi)))
        order = np.argsort(codes[part], kind="stable")
        labels = codes[part][order]
        starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
        if totals is None:
            totals = np.zeros((n_groups, rows.shape[1]))
        totals[labels[starts]] += np.add.reduceat(rows[order], starts, axis=0)
    return np.zeros((0, 0)) if totals is None else np.asarray(totals.T @ totals)
