"""Members about the profile of the likelihood along each coefficient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import LogitResults

from wlogit import profiles
from wlogit._typing import Array, IntArray
from wlogit.cautions import warn_of_naive
from wlogit.covariance.base import Covariance
from wlogit.inference.degrees import t_degrees
from wlogit.inference.profiled import ProfiledCoefficient
from wlogit.keywords import check_alpha, check_choice
from wlogit.profiles import Profile
from wlogit.terms import positions
from wlogit.weights.weights import Weights


class ProfileViews(LogitResults):  # type: ignore[misc]
    """Profiles, and the intervals they give."""

    weights: Weights
    covariance: Covariance
    _inflation: Callable[[Covariance], Array]
    use_t: bool
    df_resid: float

    def conf_int(self, alpha: float = 0.05, cols: Any = None, *, method: str = "wald") -> Any:
        """Confidence intervals of the coefficients.

        Parameters
        ----------
        alpha : float
            One minus the level.
        cols : array_like of int, or names, optional
            Which coefficients.
        method : {"wald", "profile"}
            "wald" is the estimate plus and minus a multiple of the standard error. "profile" are
            the values that the likelihood-ratio test does not reject: twice the drop of the
            likelihood, maximised over the other coefficients, is at most the quantile of
            chi-square on one degree of freedom. Under a pseudo-likelihood the drop, in weights
            that sum to the number of cases, is divided by lambda, the ratio of the variance in
            use to that of the inverse information; with t tests the quantile is that of F.

        Returns
        -------
        ndarray or DataFrame, shape (k, 2)
            Profile limits need not be symmetric. They are infinite where the likelihood rises for
            ever, as for separated outcomes, whose other limit is finite.

        Raises
        ------
        ValueError
            A name that no coefficient has.
        NotAvailableError
            Profile limits of a fit that did not converge, or after ``remove_data``.

        References
        ----------
        Venzon and Moolgavkar (1988), Applied Statistics 37, 87-94; Rao and Scott (1984), Annals of
        Statistics 12, 46-60.

        Examples
        --------
        >>> from wlogit.datasets import load_endometrial
        >>> from wlogit.formula.api import weighted_logit
        >>> model = weighted_logit("HG ~ NV + PI + EH", load_endometrial())
        >>> results = model.fit(disp=False, warn_convergence=False)
        >>> results.conf_int(method="profile").loc["NV"].round(2).tolist()
        [1.28, inf]
        """
        check_choice("method", method, ("wald", "profile"))
        check_alpha(alpha)
        if method == "wald":
            return super().conf_int(alpha, cols)
        wanted, thresholds = self._wanted(cols), self._thresholds(alpha)
        found = self._profiled(wanted)
        profiles.warn_of_undefined(found)
        return np.array([one.limits(thresholds[j]) for one, j in zip(found, wanted, strict=True)])

    def profile(self, cols: Any = None, *, alpha: float = 0.05) -> Profile:
        """The profile of the likelihood along coefficients, for plotting.

        Parameters
        ----------
        cols : array_like of int, or names, optional
            Which coefficients; by default all.
        alpha : float
            One minus the level of the limits, beyond which the curves go a little.

        Returns
        -------
        Profile
            With ``limits``, as ``conf_int(method="profile")``, a ``frame`` of the points, and
            ``plot()``.

        Examples
        --------
        >>> from wlogit.datasets import load_endometrial
        >>> from wlogit.formula.api import weighted_logit
        >>> model = weighted_logit("HG ~ NV + PI + EH", load_endometrial())
        >>> results = model.fit(disp=False, warn_convergence=False)
        >>> print(results.profile(["NV", "EH"]))
        Profile limits, level 95 %
            estimate  lower  upper
        NV       inf  1.284    inf
        EH    -2.903  -4.786 -1.436
        The data set no upper limit to NV.
        """
        check_alpha(alpha)
        wanted, thresholds = self._wanted(cols), self._thresholds(alpha)
        found = self._profiled(wanted)
        curves = tuple(one.curve(thresholds[j]) for one, j in zip(found, wanted, strict=True))
        return Profile(curves, alpha, np.sqrt(thresholds[wanted]))

    def odds_ratios(self, alpha: float = 0.05, *, method: str = "wald") -> pd.DataFrame:
        """Odds ratios with intervals.

        Parameters
        ----------
        alpha : float
        method : {"wald", "profile"}
            Kind of interval, as in ``conf_int``; with "profile" the p-values are those of the
            likelihood-ratio tests that the intervals come from.

        Returns
        -------
        DataFrame
            Columns "OR", "lower", "upper" and "p", by coefficient. The exponential of a
            class-weighted intercept is not an odds at population scale.
        """
        limits, pvalues = self.conf_int(alpha, method=method), self.pvalues
        if method == "profile":
            pvalues = self._profile_pvalues()
        # An infinite ratio is the right answer for a coefficient of a million.
        with np.errstate(over="ignore"):
            limits, ratios = np.exp(limits), np.exp(self.params)
        columns = {"OR": ratios, "lower": limits[:, 0], "upper": limits[:, 1]}
        return pd.DataFrame({**columns, "p": pvalues}, index=self.model.exog_names)

    def _profiled(self, wanted: IntArray) -> list[ProfiledCoefficient]:
        if self.covariance.name == "nonrobust" and not self._is_likelihood:
            warn_of_naive(self.model, "profile", "its limits and p-values are")
        return profiles.profiled(self, wanted, self._inflation(self.covariance))

    def _profile_pvalues(self) -> Array:
        """p-values of the likelihood-ratio tests that a coefficient is zero, shape (k,)."""
        found = self._profiled(self._wanted(None))
        statistics = np.array([one.statistic(0.0) for one in found])
        return np.asarray(2.0 * stats.t.sf(np.sqrt(statistics), self._degrees()))

    def _thresholds(self, alpha: float) -> Array:
        """Quantiles that drops over lambda are compared with, shape (k,)."""
        return np.square(stats.t.isf(alpha / 2.0, self._degrees()))

    def _degrees(self) -> Array:
        """Denominator degrees of freedom of these, shape (k,); infinite for a likelihood."""
        degrees = np.inf if self._is_likelihood else t_degrees(self)
        return np.broadcast_to(degrees, np.shape(self.params))

    @property
    def _is_likelihood(self) -> bool:
        """Whether twice a drop of what is profiled follows a chi-square."""
        return bool(self.weights.likelihood)

    def _wanted(self, cols: Any) -> IntArray:
        return positions(list(self.model.exog_names), cols)
