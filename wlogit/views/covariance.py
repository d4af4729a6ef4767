"""Members about the covariance, and the tests and intervals that follow from it."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from scipy import stats
from statsmodels.discrete.discrete_model import LogitResults

from wlogit import estimation, score_tests
from wlogit._statsmodels import delegated
from wlogit._statsmodels.contrasts import contrast_of, hotelling, with_own_degrees
from wlogit._typing import Array
from wlogit.core.scores import CaseRows
from wlogit.covariance.base import Covariance, ScoreParts
from wlogit.covariance.influence import SandwichEstimator, case_influences
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit
from wlogit.inference import hypotheses
from wlogit.inference.degrees import t_degrees
from wlogit.keywords import check_alpha
from wlogit.scales import sandwich_of
from wlogit.terms import positions
from wlogit.views.fitted import FittedCovariance
from wlogit.weights.weights import Weights


class CovarianceViews(FittedCovariance, LogitResults):  # type: ignore[misc]
    """Covariances by name, intervals and tests."""

    weights: Weights
    fit_record: Fit

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        return estimation.estimate(self.model, self.fit_record, request)

    def _score_parts(self) -> ScoreParts:
        return estimation.score_parts(self.model, self.fit_record)

    def _influences(self) -> tuple[CaseRows, ScoreParts, SandwichEstimator]:
        parts, estimator = self._score_parts(), sandwich_of(self)
        return case_influences(parts, estimator), parts, estimator

    @property
    def cov_HC4(self) -> Array:
        """HC4, centered as `cov_HC0`; shape (k, k)."""
        return self._estimate("HC4").matrix

    @property
    def pvalues(self) -> Array:
        """Two-sided p-values of the coefficients, shape (k,)."""
        if not self.use_t:
            return np.asarray(2.0 * stats.norm.sf(np.abs(self.tvalues)))
        return np.asarray(2.0 * stats.t.sf(np.abs(self.tvalues), t_degrees(self)))

    def conf_int(self, alpha: float = 0.05, cols: Any = None) -> Any:
        """Wald's intervals of the coefficients.

        Parameters
        ----------
        alpha : float
            One minus the level.
        cols : array_like of int, or names, optional
            Which coefficients.

        Returns
        -------
        ndarray or DataFrame, shape (k, 2)

        Raises
        ------
        ValueError
            A name that no coefficient has.
        """
        margin = self._quantile(alpha) * np.asarray(self.bse)
        limits = np.column_stack([self.params - margin, self.params + margin])
        return limits[positions(list(self.model.exog_names), cols)]

    def score_test(
        self,
        exog_extra: Any = None,
        params_constrained: Any = None,
        hypothesis: Literal["joint", "separate"] = "joint",
        cov_type: str | None = None,
        cov_kwds: Mapping[str, Any] | None = None,
        k_constraints: int | None = None,
        observed: bool = True,
        *,
        return_object: bool | None = None,
    ) -> hypotheses.ScoreTest:
        """Score test of added columns, or of the constraints of a constrained fit.

        Parameters
        ----------
        exog_extra : array_like, shape (n, q), or str, optional
            Columns whose absence is tested; or terms such as ``"np.log(x) + z:w"``, for a model
            from a formula. They are evaluated as a formula is, with the names around the call.
        params_constrained : array_like, shape (k,), optional
            Restricted estimate; needs `k_constraints`, and cov_type "nonrobust".
        hypothesis : {"joint", "separate"}
            "separate" tests each element of the score, under "nonrobust" only.
        cov_type, cov_kwds
            Covariance of the score; by default that of the fit.
        k_constraints : int, optional
        observed : bool
            Observed and expected information are the same for a logit.
        return_object : bool, optional
            As in statsmodels, without effect: a result that unpacks is always returned.

        Returns
        -------
        ScoreTest
            Unpacks as ``statistic, pvalue``; F where the covariance has degrees of freedom and the
            fit t tests, as of survey designs.

        References
        ----------
        Boos (1992), The American Statistician 46, 327-333.
        """
        if hypothesis not in ("joint", "separate"):
            raise ValueError(f"hypothesis={hypothesis!r} is not known; use 'joint' or 'separate'.")
        request = self.request
        if cov_type is not None or cov_kwds:
            request = self._request(cov_type or self.cov_type, cov_kwds)
        return score_tests.score_test(
            self, exog_extra, params_constrained, hypothesis, request, k_constraints
        )

    def wald_test(self, r_matrix: Any, **keywords: Any) -> Any:
        """Wald test of linear hypotheses; as statsmodels.

        Under "CR2" and "CR3" the F statistic and its denominator degrees of freedom are those of
        Hotelling's test that approximates the covariance (HTZ of clubSandwich).

        Parameters
        ----------
        r_matrix : array_like, str or tuple
            The hypotheses.
        **keywords
            As in statsmodels.

        Raises
        ------
        NotAvailableError
            For coefficients without a covariance, as under separation.
        """
        try:
            test = super().wald_test(r_matrix, **keywords)
        except ValueError as error:
            undefined = np.flatnonzero(np.isnan(np.diag(self.covariance.matrix)))
            if not undefined.size or "non-normal" not in str(error):
                raise
            names = ", ".join(str(self.model.exog_names[j]) for j in undefined)
            raise NotAvailableError(
                f"a joint test cannot include {names}, whose standard errors are not defined."
            ) from None
        given = keywords.get("cov_p") is not None or keywords.get("invcov") is not None
        if self.covariance.small_sample is None or test.distribution != "F" or given:
            return test
        return hotelling(self.covariance, contrast_of(self, r_matrix), test)

    def t_test(self, r_matrix: Any, cov_p: Any = None, use_t: bool | None = None) -> Any:
        """Test each of some linear hypotheses; as statsmodels.

        Parameters
        ----------
        r_matrix : array_like, str or tuple
            The hypotheses.
        cov_p : array_like, optional
            Another covariance of the coefficients.
        use_t : bool, optional

        Returns
        -------
        ContrastResults
            Under "CR2" and "CR3" every hypothesis has degrees of freedom of its own.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 1, 1], design)
        >>> clusters = {"groups": [0, 0, 1, 1, 2, 2], "kind": "CR2"}
        >>> results = model.fit(disp=False, cov_type="cluster", cov_kwds=clusters)
        >>> print(f"{results.t_test([0, 1]).df_denom:.3f}")
        1.557
        """
        test = super().t_test(r_matrix, cov_p, use_t)
        if self.covariance.small_sample is None or test.distribution != "t" or cov_p is not None:
            return test
        return with_own_degrees(self, r_matrix, test)

    def wald_test_terms(
        self,
        skip_single: bool = False,
        extra_constraints: Any = None,
        combine_terms: Any = None,
        scalar: bool | None = None,
    ) -> Any:
        """Wald tests of the terms of the formula; as statsmodels.

        Parameters
        ----------
        skip_single : bool
            Leave out terms with one coefficient.
        extra_constraints, combine_terms, scalar
            As in statsmodels.
        """
        return delegated.wald_test_terms(
            self, skip_single, extra_constraints, combine_terms, scalar
        )

    def t_test_pairwise(
        self, term_name: str, method: str = "hs", alpha: float = 0.05, factor_labels: Any = None
    ) -> Any:
        """Compare the levels of a factor pairwise; as statsmodels.

        Parameters
        ----------
        term_name : str
            Term of the formula.
        method : str
            Adjustment for multiple testing.
        alpha : float
        factor_labels : list of str, optional
        """
        check_alpha(alpha)
        return delegated.t_test_pairwise(self, term_name, method, alpha, factor_labels)

    def _get_robustcov_results(self, *args: Any, **kwargs: Any) -> None:
        raise NotAvailableError(
            "statsmodels would replace the covariance by one that counts rows; use "
            "with_covariance(cov_type, ...)."
        )
