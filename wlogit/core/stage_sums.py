"""Squares of totals of sampled units within their strata, summed over the stages of a sample."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core.blocksum import blocks, sum_over_blocks
from wlogit.core.products import scaled
from wlogit.core.scores import CaseRows


@dataclass(frozen=True, slots=True, eq=False)
class UnitSquares:
    """What the squares of the totals of the units of one stage count.

    Attributes
    ----------
    units : ndarray of int, shape (n,)
        Unit of each row, from 0 to G - 1; a unit may have no row.
    strata : ndarray of int, shape (G,)
        Stratum of each unit, from 0 to H - 1.
    sizes : ndarray, shape (H,)
        Number of units of each stratum, those without a row included.
    scale : ndarray, shape (H,)
        What the squares of a stratum are multiplied by.
    centered : ndarray, shape (H,)
        One where they are taken about the mean of the stratum, zero where about zero.
    """

    units: IntArray
    strata: IntArray
    sizes: Array
    scale: Array
    centered: Array

    @property
    def rows_are_units(self) -> bool:
        """Whether no two rows are in one unit."""
        rows_of_unit = np.bincount(self.units, minlength=1)
        return bool(rows_of_unit.max() <= 1)

    def means(self, totals: Array) -> Array:
        """What the totals of units are taken about, from those of strata; shape (H, q)."""
        return totals * (self.centered / self.sizes)[:, np.newaxis]

    def of_absent(self, means: Array, there: Array | IntArray) -> Array:
        """Squares of the units without a row, whose total is zero; shape (q, q).

        Parameters
        ----------
        means : ndarray, shape (H, q)
        there : ndarray, shape (H,)
            Number of units with a row.
        """
        absent = self.scale * (self.sizes - there)
        means, absent = means[absent > 0.0], absent[absent > 0.0]
        return np.asarray(means.T @ scaled(means, absent))


def gram_of_stages(cases: CaseRows, stages: Sequence[UnitSquares], n: int, width: int = 1) -> Array:
    """``sum of c_h (S_hj - S_h / n_h)(S_hj - S_h / n_h)'`` over the units of all stages.

    S_hj is the sum of m psi over the cases in a unit, S_h over those in a stratum.

    Parameters
    ----------
    cases : callable
        From a slice of rows to (m, psi) of each sort of case; psi of shape (b, q).
    stages : sequence of UnitSquares
        At least one.
    n : int
        Number of rows.
    width : int
        Columns that are read for a row.

    Returns
    -------
    ndarray, shape (q, q)

    Notes
    -----
    Totals are kept of units with several rows only, and of strata; where rows are units they are
    read twice instead.
    """
    terms = [
        _of_rows(cases, stage, n, width)
        if stage.rows_are_units
        else _of_totals(_totals(cases, stage.units, len(stage.strata), n, width), stage)
        for stage in stages
    ]
    gram = sum(terms[1:], start=terms[0])
    return np.asarray(0.5 * (gram + gram.T))


def _of_totals(totals: Array, stage: UnitSquares) -> Array:
    """The totals of units as rows of their own."""
    n_units, one = len(totals), np.ones(())
    alone = replace(stage, units=np.arange(n_units))
    return _of_rows(lambda part: [(one, totals[part])], alone, n_units, totals.shape[1])


def _of_rows(cases: CaseRows, stage: UnitSquares, n: int, width: int) -> Array:
    n_strata, strata = len(stage.sizes), stage.strata[stage.units]
    means = stage.means(_totals(cases, strata, n_strata, n, width))
    gram = squares_of_rows(cases, strata, means, stage.scale, width)
    return gram + stage.of_absent(means, np.bincount(strata, minlength=n_strata))


def squares_of_rows(
    cases: CaseRows, strata: IntArray, means: Array, scale: Array, width: int
) -> Array:
    """``sum of c_h (psi - mean_h)(psi - mean_h)'`` over rows that are units; shape (q, q).

    Parameters
    ----------
    cases : callable
        As in `gram_of_stages`.
    strata : ndarray of int, shape (n,)
        Of each row.
    means : ndarray, shape (H, q)
    scale : ndarray, shape (H,)
    width : int
        Columns that are read for a row.
    """

    def squares(part: slice) -> tuple[Array]:
        stratum = strata[part]
        rows = total_of_sorts(cases(part)) - means[stratum]
        return (np.asarray(rows.T @ scaled(rows, scale[stratum])),)

    (gram,) = sum_over_blocks(squares, len(strata), width=width)
    return np.asarray(gram)


def _totals(cases: CaseRows, codes: IntArray, n_groups: int, n: int, width: int) -> Array:
    totals: Array | None = None
    for part in blocks(n, width):
        rows = total_of_sorts(cases(part))
        if totals is None:
            totals = np.zeros((n_groups, rows.shape[1]))
        _add(totals, codes[part], rows)
    return np.zeros((n_groups, 0)) if totals is None else totals


def _add(sums: Array, codes: IntArray, rows: Array) -> None:
    if len(sums) == 1:
        sums += rows.sum(axis=0)
        return
    if not len(rows):
        return
    order = np.argsort(codes, kind="stable")
    labels = codes[order]
    starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
    sums[labels[starts]] += np.add.reduceat(rows[order], starts, axis=0)


def total_of_sorts(found: list[tuple[Array, Array]]) -> Array:
    """``sum of m psi`` over the sorts of case of each row, shape (b, q).

    Parameters
    ----------
    found : list of (m, psi)
        What `CaseRows` gives for some rows.
    """
    parts = [scaled(psi, number) for number, psi in found]
    return np.asarray(sum(parts[1:], start=parts[0]))
