"""ReplicateDesign: a sample that comes with replicate weights."""

from typing import Any, ClassVar, Literal

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import DesignError
from wlogit.keywords import reject_unknown
from wlogit.survey import replicate_columns as columns
from wlogit.survey.columns import DesignRows
from wlogit.survey.population import PopulationEstimates
from wlogit.survey.replicate_rule import ReplicateKind, ReplicateRule, RuleOptions, read_rule
from wlogit.survey.replicate_weights import ReplicateWeights
from wlogit.survey.replicate_words import in_full
from wlogit.weights.resolve import check_weights

_OPTIONS = (
    *("data", "weights", "replicate_weights", "kind", "rho", "scale", "rscales", "mse"),
    "combined",
)


class ReplicateDesign(PopulationEstimates):
    """A sample whose variances come from replicate weights.

    Parameters
    ----------
    data : DataFrame or mapping of columns, optional
        The whole sample; for a subpopulation use `subset`.
    weights : column name or array_like, shape (n,)
        Sampling weights of the full sample.
    replicate_weights : str, list of str, DataFrame or array_like, shape (n, R)
        The weights of each replicate: a table, a list of column names, or a regular expression
        that their names match (and no other's), such as ``"^rw[0-9]+$"``.
    kind : {"BRR", "Fay", "JK1", "JKn", "JK2", "bootstrap", "SDR", "other"}
        How they were made; it decides `scale` and `rscales` where these are not given.
    rho : float, optional
        For "Fay": the part of its weight that the left-out half keeps.
    scale : float, optional
        Multiplies the sum of squared deviations. By default 1 / R for "BRR",
        ``1 / (R (1 - rho)^2)`` for "Fay", ``(R - 1) / R`` for "JK1", 1 for "JKn" and "JK2",
        ``1 / (R - 1)`` for "bootstrap", 4 / R for "SDR"; needed for "other". Factors of "JK1"
        say what it is: one over the largest of the first replicate.
    rscales : array_like, shape (R,), or float, optional
        Multiplies the squared deviation of each replicate; by default one. For "JKn" it is
        ``(n_h - 1) / n_h`` of the stratum that a replicate leaves a PSU out of: needed with
        combined weights, and one over the largest factor of the replicate otherwise.
    mse : bool
        Whether deviations are from the estimate; else from the mean of the replicates.
    combined : bool
        Whether `replicate_weights` are weights; False: factors that multiply `weights`.

    Raises
    ------
    DesignError
        Columns that are not there, another number of rows, a scale that the kind needs or does
        not have.
    WeightError
        A missing, negative or infinite weight, by row and column.

    Notes
    -----
    ``V = scale * sum of rscales_r (t_r - c)(t_r - c)'``, t_r an estimate with the weights of
    replicate r, c the mean of the replicates with positive rscales, or the estimate (`mse`): as
    ``svrepdesign`` and ``svrVar`` of R's survey. Rows of weight zero stay in the design.

    References
    ----------
    Lumley (2010), Complex Surveys: a guide to analysis using R, section 2.3; Wolter (2007),
    Introduction to Variance Estimation.

    Examples
    --------
    >>> from wlogit import ReplicateDesign
    >>> halves = [[2, 0, 2, 0], [0, 2, 0, 2], [2, 0, 0, 2], [0, 2, 2, 0]]
    >>> factors = [list(column) for column in zip(*halves)]
    >>> design = ReplicateDesign(weights=[10, 10, 20, 20], replicate_weights=factors,
    ...                          kind="BRR", combined=False)
    >>> print(f"{design.mean([3, 5, 4, 9]).se[0]:.3f}")
    1.700
    >>> design.df
    2.0
    """

    cov_type: ClassVar[Literal["replicate"]] = "replicate"

    def __init__(
        self,
        data: Any = None,
        *,
        weights: Any,
        replicate_weights: Any,
        kind: ReplicateKind,
        rho: float | None = None,
        scale: float | None = None,
        rscales: Any = None,
        mse: bool = False,
        combined: bool = True,
        **unknown: Any,
    ) -> None:
        reject_unknown(unknown, _OPTIONS, "ReplicateDesign")
        rows = columns.rows_of(data, weights, replicate_weights)
        self.weights_name = weights if isinstance(weights, str) else None
        found = rows.numbers(weights, "weights")
        check_weights(found, "weights", rows.index)
        table, names = columns.read_replicates(replicate_weights, rows, self.weights_name)
        if combined not in (True, False):
            raise DesignError(f"combined must be True or False, not {combined!r}.")
        columns.warn_if_mistaken(table, found, combined=bool(combined))
        factors = None if combined else table.max(axis=0)
        self._rule = read_rule(RuleOptions(kind, rho, scale, rscales, mse), factors, len(names))
        replicates = ReplicateWeights(table, None, None if combined else found, names)
        self._replicates = replicates if combined else replicates.compressed()
        self._settle(rows, found)
        self._named = columns.columns_named(rows, weights, replicate_weights)

    @classmethod
    def made(
        cls,
        rows: DesignRows,
        weights: Array,
        replicates: ReplicateWeights,
        rule: ReplicateRule,
        named: tuple[str, ...] = (),
    ) -> "ReplicateDesign":
        """What ``SurveyDesign.to_replicates`` returns: replicate weights that were not read.

        Parameters
        ----------
        rows : DesignRows
        weights : ndarray, shape (n,)
            Sampling weights.
        replicates : ReplicateWeights
        rule : ReplicateRule
        named : tuple of str
            Columns of the data that it was made from.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.to_replicates("JKn").n_replicates
        4
        """
        design = cls.__new__(cls)
        design._replicates, design._rule, design._named = replicates, rule, named
        design._settle(rows, weights)
        return design

    @property
    def replicate_weights(self) -> Array:
        """Weights of each row in each replicate, whether given as factors or not; shape (n, R)."""
        return self._replicates.matrix()

    @property
    def replicates(self) -> ReplicateWeights:
        """The replicate weights as they are kept: by row, or by group of rows."""
        return self._replicates

    @property
    def rule(self) -> ReplicateRule:
        """How the spread of replicates becomes a variance."""
        return self._rule

    @property
    def n_replicates(self) -> int:
        """R."""
        return self._replicates.n_replicates

    @property
    def kind(self) -> ReplicateKind:
        """How the replicates were made."""
        return self._rule.kind

    @property
    def scale(self) -> float:
        """What the sum of squared deviations is multiplied by."""
        return self._rule.scale

    @property
    def rscales(self) -> Array:
        """What the squared deviation of each replicate is multiplied by, shape (R,)."""
        return self._rule.rscales

    @property
    def mse(self) -> bool:
        """Whether deviations are from the estimate, not from the mean of the replicates."""
        return self._rule.mse

    @property
    def psu(self) -> IntArray:
        """Rows that were drawn together, by number, shape (n,): those with the same factors."""
        return self._replicates.moving_together(self._weights)

    def degrees_of_freedom(self, positive: BoolArray) -> float:
        """Rank of the replicate weights of some of the rows, less one.

        Parameters
        ----------
        positive : ndarray of bool, shape (n,)
            Rows with a positive weight; those outside the domain do not count.

        Notes
        -----
        As ``degf`` of R's survey: columns are taken in order, and one that is nearer than 1e-5
        (relative to its length) to the span of those before it does not count.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2]).to_replicates("JKn")
        >>> design.degrees_of_freedom(design.sampling_weights > 0)
        2.0
        """
        return float(self._replicates.rank(positive & self._in_domain) - 1)

    def _take_sample(self, rows: IntArray) -> None:
        self._replicates = self._replicates.take(rows)

    def covariance_of_totals(self, values: Array, there: BoolArray | None = None) -> Array:
        """Covariance of sums over the rows, shape (q, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
            Weighted; zero for rows that do not belong to what is estimated, and for rows without
            weight.
        there : ndarray of bool, shape (n,), optional
            Rows that do.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2]).to_replicates("JKn")
        >>> design.covariance_of_totals(np.array([[3.0], [5.0], [8.0], [18.0]]))
        array([[104.]])
        """
        weights = self._weights[:, np.newaxis]
        single = np.divide(values, weights, out=np.zeros(values.shape), where=weights > 0.0)
        return self.covariance_of_sums(single, self._in_domain if there is None else there)

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
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2]).to_replicates("JKn")
        >>> design.covariance_of_sums(np.array([[3.0], [5.0], [4.0], [9.0]]), design.in_domain)
        array([[104.]])
        """
        total = self._weights[there] @ values[there]
        return self._rule.covariance(self._replicates.totals(values), total)

    def covariance_of_means(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted means of some columns, shape (q, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
            Zero for rows that do not belong to what is estimated.
        there : ndarray of bool, shape (n,)
            Rows that do.

        Notes
        -----
        Replicates without any of these rows are left out.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2]).to_replicates("JKn")
        >>> values = np.array([[3.0], [5.0], [4.0], [9.0]])
        >>> design.covariance_of_means(values, design.in_domain).round(3)
        array([[2.889]])
        """
        totals = self._replicates.totals(np.column_stack([values, there]))
        kept = totals[:, -1] > 0.0
        estimate = self._weights[there] @ values[there] / self._weights[there].sum()
        means = totals[kept, :-1] / totals[kept, -1:]
        return self._rule.only(kept).covariance(means, estimate)

    def describe(self) -> str:
        """The design in plain words, as the summary of a fit says it.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.to_replicates("JKn").describe()
        '4 replicates, stratified jackknife (JKn)'
        """
        return self._rule.describe()

    def __str__(self) -> str:
        """Replicates, scales, degrees of freedom and weights."""
        return in_full(self, self._replicates, is_subset=self._is_subset)

    def __repr__(self) -> str:
        """As `str`."""
        return str(self)
