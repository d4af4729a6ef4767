"""Means, totals and proportions as members of a design."""

from typing import Any

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.survey.estimates import SurveyEstimates, estimated_mean, estimated_total, proportions
from wlogit.survey.sampled_rows import SampledRows


class PopulationEstimates(SampledRows):
    """What a design says of columns of its data, with standard errors of its own."""

    @property
    def psu(self) -> IntArray:
        """Rows that were drawn together, by number, shape (n,)."""
        raise NotImplementedError

    def covariance_of_sums(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted sums of columns, zero outside the rows that are there."""
        raise NotImplementedError

    def covariance_of_means(self, values: Array, there: BoolArray) -> Array:
        """Covariance of weighted means of columns, zero outside the rows that are there."""
        raise NotImplementedError

    def mean(self, column: Any) -> SurveyEstimates:
        """Means of the population, with standard errors of the design.

        Parameters
        ----------
        column : column name, array_like, or a list of names
            Numbers or booleans. Rows where one is missing count as outside the domain.

        Returns
        -------
        SurveyEstimates

        Notes
        -----
        As ``svymean(..., na.rm = TRUE)`` of R's survey; intervals are those of the t distribution
        with the degrees of freedom of the design.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> print(f"{design.mean([3, 5, 4, 9]).se[0]:.3f}")
        1.700
        """
        return estimated_mean(self, self._rows, column)

    def total(self, column: Any) -> SurveyEstimates:
        """Totals of the population, with standard errors of the design.

        Parameters
        ----------
        column : column name, array_like, or a list of names
            Numbers or booleans. Rows where one is missing count as outside the domain, so that
            the total is without them.

        Returns
        -------
        SurveyEstimates

        Notes
        -----
        As ``svytotal(..., na.rm = TRUE)``.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[10, 10, 20, 20], strata=[1, 1, 2, 2])
        >>> float(design.total([3, 5, 4, 9]))
        340.0
        """
        return estimated_total(self, self._rows, column)

    def proportion(self, column: Any) -> SurveyEstimates:
        """Proportions of the population, with intervals that stay between 0 and 1.

        Parameters
        ----------
        column : column name or array_like
            0/1 or booleans, of which the proportion of 1 or True is given; or labels, of which
            that of each is. Rows where it is missing count as outside the domain.

        Returns
        -------
        SurveyEstimates

        Notes
        -----
        Intervals are formed for the logit, as ``svyciprop(method = "logit")`` does. A share of none
        or all is not certain, whatever its standard error: there they are Wilson's with Kish's
        number of sampling units.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2, 1, 1], strata=[1, 1, 2, 2, 2, 2])
        >>> print(f"{float(design.proportion([1, 0, 1, 1, 0, 1])):.3f}")
        0.750
        """
        return proportions(self, self._rows, column)
