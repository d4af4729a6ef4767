"""SurveyDesign: how the rows of a table were sampled from a population."""

from typing import Any, ClassVar, Literal

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit._warn import warn_user
from wlogit.core.stage_sums import UnitSquares, gram_of_stages
from wlogit.errors import DataWarning, DesignError, WeightError
from wlogit.keywords import check_choice
from wlogit.survey import words
from wlogit.survey.building import (
    build_stages,
    check_stages,
    check_strata_have_weight,
    weights_of_stages,
)
from wlogit.survey.columns import DesignRows, per_stage
from wlogit.survey.population import PopulationEstimates
from wlogit.survey.reading import columns_in, stage_columns
from wlogit.survey.replicable import Replicable
from wlogit.survey.stages import LonelyPolicy, LonelyPsu, Stage, unit_squares
from wlogit.weights.columns import shorten
from wlogit.weights.resolve import check_weights

POLICIES = ("fail", "remove", "certainty", "adjust", "average")


class SurveyDesign(PopulationEstimates, Replicable):
    """A stratified, clustered or multistage sample.

    Parameters
    ----------
    data : DataFrame or mapping of columns, optional
        The whole sample. Rows outside a subpopulation belong to it: leave them in, and use
        `subset`.
    weights : column name or array_like, shape (n,), optional
        Inverse sampling probabilities. By default those that follow from `fpc`.
    strata : column name or array_like, or a list with one for each of the first stages, optional
    psu : column name or array_like, or a list with one for each stage, optional
        Primary sampling units, and the units of further stages. By default every row is one.
    fpc : column name, array_like or number, or a list with one for each stage, optional
        Finite population correction: number of units in the stratum of the population, or the
        fraction that was sampled (all values at most one). Without it, or with ``numpy.inf`` or a
        fraction of zero, sampling is as if with replacement.
    nest : bool
        Whether labels of `psu` are used again in other strata for other units.
    lonely_psu : {"fail", "remove", "certainty", "adjust", "average"}
        What strata with one PSU contribute to variances: an error; nothing ("remove",
        "certainty"); the squared distance of the PSU from the overall mean ("adjust"); or as much
        as the other strata on average ("average").
    lonely_in_domain : bool
        Whether "adjust" and "average" also act in strata that a subpopulation has one PSU of.

    Raises
    ------
    DesignError
        Missing values, by row; a PSU in two strata; a correction below the sample or one that
        varies within a stratum; strata with one PSU, or without weight.
    WeightError
        Negative, missing or infinite weights, by row.

    Notes
    -----
    Variances are linearized, as ``svydesign`` and ``svyrecvar`` of R's survey do it: the totals of
    the PSUs about the mean of their stratum, with further stages where `fpc` is given. Rows of
    weight zero stay in the design, and so do the rows that a model leaves out.

    References
    ----------
    Lumley (2010), Complex Surveys: a guide to analysis using R, chapters 2 and 3.

    Examples
    --------
    >>> import pandas as pd
    >>> from wlogit import SurveyDesign
    >>> data = pd.DataFrame({"area": list("aaabbb"), "w": [2, 2, 2, 5, 5, 5],
    ...                      "x": [1, 3, 2, 4, 6, 8]})
    >>> design = SurveyDesign(data, weights="w", strata="area")
    >>> design.df
    4.0
    >>> print(f"{float(design.mean('x')):.3f}")
    4.857
    """

    cov_type: ClassVar[Literal["survey"]] = "survey"

    def __init__(
        self,
        data: Any = None,
        *,
        weights: Any = None,
        strata: Any = None,
        psu: Any = None,
        fpc: Any = None,
        nest: bool = False,
        lonely_psu: LonelyPsu = "fail",
        lonely_in_domain: bool = False,
    ) -> None:
        check_choice("lonely_psu", lonely_psu, POLICIES)
        for name, given in (("nest", nest), ("lonely_in_domain", lonely_in_domain)):
            if given not in (True, False):
                raise DesignError(f"{name} must be True or False, not {shorten(given)}.")
        rows = DesignRows.of(
            data, [weights, *columns_in(psu), *columns_in(strata), *columns_in(fpc)]
        )
        if rows.n_rows == 0:
            raise DesignError("the data have no rows: a design needs a sample.")
        columns = stage_columns(rows, strata, psu, fpc)
        stages = build_stages(columns, rows, nest=nest)
        check_stages(stages, columns, rows, lonely_psu)
        self._rows, self._stages = rows, stages
        found = self._read_weights(weights, has_fpc=columns[0].fpc is not None)
        check_strata_have_weight(stages[0], found, columns[0], rows)
        self._settle(rows, found)
        self._policy = LonelyPolicy(lonely_psu, lonely_in_domain)
        self.weights_name = weights if isinstance(weights, str) else None
        self._named = tuple(
            name
            for given in (weights, strata, psu, fpc)
            for name in (given if isinstance(given, list | tuple) else [given])
            if isinstance(name, str) and data is not None
        )
        self._names = words.Names.of(weights, per_stage(strata, rows.n_rows), columns)

    def _read_weights(self, weights: Any, *, has_fpc: bool) -> Array:
        rows = self._rows
        if weights is None and has_fpc:
            return weights_of_stages(self._stages, rows)
        if weights is None:
            warn_user(
                "the design has neither weights nor fpc: every row counts equally. Give weights=, "
                "the inverse sampling probabilities (ones if they are equal).",
                DataWarning,
            )
            return np.ones(rows.n_rows)
        found = rows.numbers(weights, "weights", WeightError)
        check_weights(found, "weights", rows.index)
        return found

    # -- what it knows of its rows ---------------------------------------------------------------

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Units, strata and sampling fractions of each stage."""
        return self._stages

    @property
    def psu(self) -> IntArray:
        """Primary sampling unit of each row, by number; shape (n,)."""
        return self._stages[0].units

    @property
    def lonely_psu(self) -> LonelyPolicy:
        """What strata with one PSU contribute."""
        return self._policy

    @property
    def n_psu(self) -> int:
        """PSUs with a row of positive weight in the domain."""
        return self._counts(self._weights > 0.0)[0]

    @property
    def n_strata(self) -> int:
        """Strata with a row of positive weight in the domain."""
        return self._counts(self._weights > 0.0)[1]

    def degrees_of_freedom(self, positive: BoolArray) -> float:
        """PSUs less strata among some of the rows.

        Parameters
        ----------
        positive : ndarray of bool, shape (n,)
            Rows with a positive weight; those outside the domain do not count.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 1, 1], strata=[1, 1, 2, 2])
        >>> design.degrees_of_freedom(design.sampling_weights > 0)
        2.0
        """
        n_psu, n_strata = self._counts(positive)
        return float(n_psu - n_strata)

    def _counts(self, positive: BoolArray) -> tuple[int, int]:
        there, of_strata = self._stages[0].counted(positive & self._in_domain)
        return int(there.sum()), int(np.count_nonzero(of_strata))

    def _take_sample(self, rows: IntArray) -> None:
        self._stages = tuple(stage.take(rows) for stage in self._stages)

    # -- variances -------------------------------------------------------------------------------

    def unit_squares(self, there: BoolArray) -> tuple[UnitSquares, ...]:
        """What the squares of the totals of units count in a variance, stage by stage.

        Parameters
        ----------
        there : ndarray of bool, shape (n,)
            Rows that belong to what is estimated.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 1, 1], psu=[1, 1, 2, 2])
        >>> design.unit_squares(design.in_domain)[0].scale
        array([2.])
        """
        return unit_squares(self._stages, there & self._in_domain, self._policy)

    def covariance_of_totals(self, values: Array, there: BoolArray | None = None) -> Array:
        """Covariance of sums over the rows, shape (q, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
            Weighted; zero for rows that do not belong to what is estimated.
        there : ndarray of bool, shape (n,), optional
            Rows that belong to it; by default those of the domain.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 1, 1], psu=[1, 1, 2, 2])
        >>> design.covariance_of_totals(np.array([[1.0], [2.0], [3.0], [4.0]]))
        array([[16.]])
        """
        stages = self.unit_squares(self._in_domain if there is None else there)
        one = np.ones(())
        return gram_of_stages(lambda part: [(one, values[part])], stages, len(values))

    def covariance_of_sums(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted sums of some columns, shape (q, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
            Zero for rows that do not belong to what is estimated.
        there : ndarray of bool, shape (n,)
            Rows that do.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.covariance_of_sums(np.array([[3.0], [5.0], [4.0], [9.0]]), design.in_domain)
        array([[104.]])
        """
        return self.covariance_of_totals(values * self._weights[:, np.newaxis], there)

    def covariance_of_means(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted means of some columns, shape (q, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
            Zero for rows that do not belong to what is estimated.
        there : ndarray of bool, shape (n,)
            Rows that do.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> values = np.array([[3.0], [5.0], [4.0], [9.0]])
        >>> design.covariance_of_means(values, design.in_domain).round(3)
        array([[2.889]])
        """
        mass = np.where(there, self._weights / self._weights[there].max(), 0.0)
        mass = (mass / mass.sum())[:, np.newaxis]
        return self.covariance_of_totals(mass * (values - np.sum(mass * values, axis=0)), there)

    # -- words -----------------------------------------------------------------------------------

    def describe(self) -> str:
        """The design in plain words, as the summary of a fit says it.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> SurveyDesign(weights=[1, 1, 1, 1], strata=[1, 1, 2, 2]).describe()
        '4 rows as PSUs in 2 strata'
        """
        return words.in_short(self._stages, self._names, self._policy)

    def __str__(self) -> str:
        """Stages, strata, PSUs, degrees of freedom and weights."""
        return words.in_full(self, self._names, is_subset=self._is_subset)

    def __repr__(self) -> str:
        """As `str`."""
        return str(self)
