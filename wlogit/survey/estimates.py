"""Means, totals and proportions of a design, with linearized standard errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit, logit

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.shares import wilson
from wlogit.errors import DesignError
from wlogit.keywords import check_alpha
from wlogit.survey.columns import DesignRows, name_of
from wlogit.survey.printed import readable
from wlogit.weights.columns import column_kind, listed, plain, shorten

Kind = Literal["mean", "total", "proportion"]


class Sample(Protocol):
    """A design as far as estimates of columns are concerned."""

    @property
    def sampling_weights(self) -> Array:
        """Inverse sampling probabilities, shape (n,)."""
        ...

    @property
    def psu(self) -> IntArray:
        """Rows that were drawn together, by number, shape (n,)."""
        ...

    @property
    def in_domain(self) -> BoolArray:
        """Rows of the subpopulation, shape (n,)."""
        ...

    def degrees_of_freedom(self, positive: BoolArray) -> float:
        """Of a variance over rows with positive weight."""
        ...

    def covariance_of_sums(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted sums of columns, zero outside the rows that are there."""
        ...

    def covariance_of_means(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted means of columns, zero outside the rows that are there."""
        ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SurveyEstimates:
    """Estimates of a population with their covariance; `float` gives a single one.

    Attributes
    ----------
    kind : {"mean", "total", "proportion"}
    names : tuple
        Columns, or levels.
    values : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
    df : float
        Degrees of freedom of intervals.
    n_missing : int
        Rows of the domain left out because a value is missing.
    effective_size : float
        Kish's number of equally weighted sampling units, or rows where that is less, in the domain.
    """

    kind: Kind
    names: tuple[Any, ...]
    values: Array
    covariance: Array
    df: float
    n_missing: int = 0
    effective_size: float = np.nan

    @property
    def se(self) -> Array:
        """Standard errors, shape (q,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def ci(self, alpha: float = 0.05) -> Array:
        """Intervals, shape (q, 2); of proportions formed for the logit.

        A proportion of none or all has a standard error of zero and is not certain for that: its
        interval is Wilson's with the effective number of sampling units.

        Parameters
        ----------
        alpha : float
            One minus the level.

        References
        ----------
        Wilson (1927), JASA 22, 209-212; Korn and Graubard (1998), Survey Methodology 24, 193-201.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.mean([3, 5, 4, 9]).ci().round(1)
        array([[-1.6, 13. ]])
        """
        check_alpha(alpha)
        quantile = float(stats.t.isf(alpha / 2.0, self.df)) if self.df > 0 else np.nan
        value, se = self.values, self.se
        if self.kind != "proportion":
            return np.column_stack([value - quantile * se, value + quantile * se])
        inside = (value > 0.0) & (value < 1.0)
        safe = np.where(inside, value, 0.5)
        half = quantile * se / (safe * (1.0 - safe))
        limits = np.column_stack([expit(logit(safe) - half), expit(logit(safe) + half)])
        for j in np.flatnonzero(~inside & np.isfinite(value)):
            limits[j] = wilson(value[j], self.effective_size, quantile)
        return limits

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """Estimates, standard errors and limits by name.

        Parameters
        ----------
        alpha : float

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.total([3, 5, 4, 9]).summary_frame()["total"].tolist()
        [34.0]
        """
        limits = self.ci(alpha)
        columns = {
            self.kind: self.values,
            "se": self.se,
            "ci_lower": limits[:, 0],
            "ci_upper": limits[:, 1],
        }
        return pd.DataFrame(columns, index=pd.Index(self.names))

    def __float__(self) -> float:
        """The estimate, where there is one."""
        if len(self.values) != 1:
            raise TypeError(f"there are {len(self.values)} estimates: use .values.")
        return float(self.values[0])

    def __str__(self) -> str:
        """The table, its degrees of freedom, and what was left out."""
        shown = partial(readable, digits=6)
        frame = self.summary_frame().to_string(float_format=shown, na_rep="-")
        missing = f"; {self.n_missing:,} rows with missing values are left out"
        return f"{frame}\n95 % intervals, t with {self.df:g} df{missing * bool(self.n_missing)}"

    def __repr__(self) -> str:
        """As `str`."""
        return str(self)


def estimated_mean(design: Sample, rows: DesignRows, column: Any) -> SurveyEstimates:
    """Weighted means; see ``SurveyDesign.mean``."""
    names, values = _columns(rows, column)
    return _means(design, "mean", names, values)


def estimated_total(design: Sample, rows: DesignRows, column: Any) -> SurveyEstimates:
    """Weighted totals; see ``SurveyDesign.total``."""
    names, values = _columns(rows, column)
    there, known = _present(design, names, values)
    totals = design.sampling_weights[there] @ known[there]
    return _estimates(
        design, "total", names, totals, design.covariance_of_sums(known, there), there
    )


def proportions(design: Sample, rows: DesignRows, column: Any) -> SurveyEstimates:
    """Weighted shares of one, or of each level; see ``SurveyDesign.proportion``."""
    if _are_names(column) and len(column) != rows.n_rows:
        raise DesignError(
            f"proportion() takes one column, not {len(column)}: ask for each of "
            f"{', '.join(column)} by itself."
        )
    labels = rows.any_labels(column, "column")
    levels = [plain(level) for level in labels.levels]
    if not levels:
        raise DesignError("the column has no values: all are missing.")
    if all(level in (0, 1) for level in levels):
        # Of 0 and 1, of False and True: the share of the latter.
        true = np.array([*[float(level == 1) for level in levels], np.nan])
        names: tuple[Any, ...] = (labels.name or name_of(column) or "share",)
        return _means(design, "proportion", names, true[labels.codes][:, np.newaxis])
    order = _in_order(levels)
    indicators = np.array([*np.eye(len(levels))[:, order], np.full(len(levels), np.nan)])
    names = tuple(levels[i] for i in order)
    return _means(design, "proportion", names, indicators[labels.codes])


def _in_order(levels: Sequence[Any]) -> list[int]:
    try:
        return sorted(range(len(levels)), key=levels.__getitem__)
    except TypeError:
        return list(range(len(levels)))


def _columns(rows: DesignRows, column: Any) -> tuple[tuple[Any, ...], Array]:
    """Names and values of the columns, NaN where missing; shape (n, q)."""
    columns = list(column) if _are_names(column) else [column]
    values = [_numbers(rows, one) for one in columns]
    names = tuple(name_of(one) or "value" for one in columns)
    return names, np.column_stack(values)


def _are_names(column: Any) -> bool:
    """Whether these are several columns by name."""
    several = isinstance(column, list | tuple) and all(isinstance(one, str) for one in column)
    return several and bool(column)


def _numbers(rows: DesignRows, column: Any) -> Array:
    labels = rows.any_labels(column, "column")
    levels = pd.Series(labels.levels.astype(object)).infer_objects()
    kind = column_kind(levels)
    if kind not in ("number", "boolean"):
        raise DesignError(
            f"the column has the value {shorten(plain(labels.levels[0]))}, which is no number; "
            f"proportion() gives the share of each of {listed(labels.levels, 3)}."
        )
    numbers = np.append(levels.to_numpy(dtype=np.float64), np.nan)[labels.codes]
    infinite = np.flatnonzero(np.isinf(numbers))
    if infinite.size:
        raise DesignError(f"the column is infinite in row {rows.name(int(infinite[0]))}.")
    return np.asarray(numbers)


def _present(design: Sample, names: tuple[Any, ...], values: Array) -> tuple[BoolArray, Array]:
    """Rows of the domain without a missing value, (n,); and values, zero elsewhere, (n, q)."""
    there = design.in_domain & ~np.isnan(values).any(axis=1)
    if not np.any(design.sampling_weights[there] > 0.0):
        raise DesignError(
            f"{', '.join(map(str, names))}: no row of the domain has both a value and a positive "
            "weight."
        )
    return there, np.where(there[:, np.newaxis], values, 0.0)


def _means(design: Sample, kind: Kind, names: tuple[Any, ...], values: Array) -> SurveyEstimates:
    there, known = _present(design, names, values)
    weights = design.sampling_weights[there]
    share = weights / weights.max()
    # Summed alike, so that a share of all is one.
    columns = np.ascontiguousarray(known[there].T)
    means = np.sum(share * columns, axis=1) / np.sum(share)
    return _estimates(design, kind, names, means, design.covariance_of_means(known, there), there)


def _estimates(
    design: Sample,
    kind: Kind,
    names: tuple[Any, ...],
    values: Array,
    covariance: Array,
    there: BoolArray,
) -> SurveyEstimates:
    df = design.degrees_of_freedom(there & (design.sampling_weights > 0.0))
    n_missing = int(np.count_nonzero(design.in_domain & ~there))
    size = _effective_size(design, there)
    return SurveyEstimates(kind, names, values, covariance, df, n_missing, size)


def _effective_size(design: Sample, there: BoolArray) -> float:
    """Kish's size of rows, or of the totals of sampling units where that is less."""
    weights = design.sampling_weights[there]
    share = weights / weights.sum()
    of_units = np.bincount(design.psu[there], share)
    return float(1.0 / max(np.sum(share**2), np.sum(of_units**2)))
