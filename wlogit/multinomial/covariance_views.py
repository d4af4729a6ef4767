"""Members about the covariance, and the tests and intervals that follow from it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import MultinomialResults
from statsmodels.stats.contrast import WaldTestResults

from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.covariance.registry import CovarianceRequest
from wlogit.errors import NotAvailableError
from wlogit.inference.hypotheses import ScoreTest
from wlogit.multinomial import estimation
from wlogit.multinomial.fit import MultinomialFit
from wlogit.views.fitted import FittedCovariance
from wlogit.weights.multinomial import MultinomialWeights


class LabelCovarianceViews(FittedCovariance, MultinomialResults):  # type: ignore[misc]
    """Covariances by name, intervals and tests."""

    weights: MultinomialWeights
    fit_record: MultinomialFit

    def _request(
        self, cov_type: str | None, keywords: Mapping[str, Any] | None
    ) -> CovarianceRequest:
        return estimation.read_request(cov_type, keywords, self.model)

    def _evaluate(self, request: CovarianceRequest) -> Covariance:
        return estimation.estimate(self.model, self.fit_record, request)

    @property
    def bse(self) -> Array:
        """Standard errors, shape (k, J - 1)."""
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(np.diag(self.covariance.matrix))
        return np.asarray(errors.reshape(self.params.shape, order="F"))

    def conf_int(self, alpha: float = 0.05) -> Any:
        """Confidence intervals of the coefficients.

        Parameters
        ----------
        alpha : float
            One minus the level.

        Returns
        -------
        ndarray, shape (J - 1, k, 2), or DataFrame with a row for each label and column
        """
        margin = self._quantile(alpha) * self.bse
        limits = np.stack([self.params - margin, self.params + margin])
        return np.asarray(limits.transpose(2, 1, 0))

    def risk_ratios(self, alpha: float = 0.05) -> pd.DataFrame:
        """Relative risk ratios: exponentials of the coefficients, with intervals.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        DataFrame
            Columns "RRR", "lower", "upper" and "p", by label and column: how the probability of
            the label, relative to that of the reference, is multiplied. The exponential of a
            class-weighted intercept is not at population scale.
        """
        with np.errstate(over="ignore"):
            limits, ratios = np.exp(self.conf_int(alpha)), np.exp(self.params)
        columns = {"RRR": ratios.ravel(order="F"), "p": np.ravel(self.pvalues, order="F")}
        columns["lower"], columns["upper"] = limits.reshape(-1, 2).T
        table = pd.DataFrame(columns, index=self.model.data.cov_names)
        return table[["RRR", "lower", "upper", "p"]]

    def score_test(
        self,
        exog_extra: Any = None,
        params_constrained: Any = None,
        hypothesis: str = "joint",
        cov_type: str | None = None,
        cov_kwds: Mapping[str, Any] | None = None,
        k_constraints: int | None = None,
        observed: bool = True,
        *,
        return_object: bool | None = None,
    ) -> ScoreTest:
        """Score test of added columns, in the equations of all labels.

        Parameters
        ----------
        exog_extra : array_like, shape (n, s), or str
            Columns whose absence is tested; or terms such as ``"np.log(x) + z:w"``, for a model
            from a formula. They are evaluated as a formula is, with the names around the call.
        params_constrained
            Refused: a multinomial fit has no constraints.
        hypothesis : {"joint"}
        cov_type, cov_kwds
            Covariance of the score; by default that of the fit.
        k_constraints
            Refused, as `params_constrained`.
        observed : bool
            Observed and expected information are the same.
        return_object : bool, optional
            As in statsmodels, without effect: a result that unpacks is always returned.

        Returns
        -------
        ScoreTest
            Unpacks as ``statistic, pvalue``.
        """
        if exog_extra is None or params_constrained is not None or k_constraints is not None:
            raise NotAvailableError(
                "the score test of a multinomial fit is for added columns: give exog_extra=."
            )
        if hypothesis != "joint":
            raise ValueError(f"hypothesis={hypothesis!r} is not known; use 'joint'.")
        request = self.request
        if cov_type is not None or cov_kwds:
            request = estimation.read_request(cov_type or self.cov_type, cov_kwds, self.model)
        return estimation.score_test(self, exog_extra, request)

    def wald_test(self, r_matrix: Any, **keywords: Any) -> Any:
        """Wald test of linear hypotheses; as statsmodels.

        Parameters
        ----------
        r_matrix : array_like, str or tuple
            The hypotheses; coefficients are named ``y{label}_{column}``, as in statsmodels.
        **keywords
            As in statsmodels.

        Raises
        ------
        NotAvailableError
            For coefficients without a covariance, as under separation.
        """
        try:
            return super().wald_test(r_matrix, **keywords)
        except ValueError as error:
            undefined = np.flatnonzero(np.isnan(np.diag(self.covariance.matrix)))
            if not undefined.size or "non-normal" not in str(error):
                raise
            names = ", ".join(f"{label}: {x}" for label, x in self.model.data.cov_names[undefined])
            raise NotAvailableError(
                f"a joint test cannot include {names}, whose standard errors are not defined."
            ) from None

    def wald_test_terms(
        self,
        skip_single: bool = False,
        extra_constraints: Any = None,
        combine_terms: Any = None,
        scalar: bool | None = None,
    ) -> WaldTestResults:
        """Wald tests of terms of the formula, or of columns, in the equations of all labels.

        Parameters
        ----------
        skip_single : bool
            Leave out terms with one column.
        extra_constraints, combine_terms
            Refused; use `wald_test`.
        scalar : bool, optional
            As in statsmodels, without effect: the entries are numbers.

        Returns
        -------
        WaldTestResults
            With a ``table``.
        """
        if extra_constraints is not None or combine_terms is not None:
            raise NotAvailableError(
                "wald_test_terms tests each term of a multinomial fit; use wald_test for others."
            )
        identity = np.eye(self.model.K)
        rows = {}
        for term, members in self._terms().items():
            if members.size > skip_single and members.size:
                contrast = np.kron(np.eye(self.model.J - 1), identity[members])
                test = self.wald_test(contrast, scalar=True)
                rows[term] = [test.statistic, test.pvalue, float(len(contrast))]
                rows[term] += [test.df_denom] if self.use_t else []
        names = ["statistic", "pvalue", "df_constraint", "df_denom"][: 4 if self.use_t else 3]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
        return WaldTestResults(None, "F" if self.use_t else "chi2", None, table=table)

    def _terms(self) -> dict[str, Any]:
        """Columns that were kept, by term of the formula, or each for itself."""
        info, names = self.model.design_info, self.model.exog_names
        if info is None:
            return {str(name): np.array([j]) for j, name in enumerate(names)}
        kept = np.array(self.model.kept)
        return {
            term: np.flatnonzero((kept >= where.start) & (kept < where.stop))
            for term, where in info.term_name_slices.items()
        }

    def t_test_pairwise(self, *args: Any, **kwargs: Any) -> Any:
        """Not available; t_test compares coefficients by name."""
        raise NotAvailableError(
            "t_test_pairwise is for one equation; compare coefficients of a multinomial fit with "
            "t_test and their names."
        )

    def _get_robustcov_results(self, *args: Any, **kwargs: Any) -> None:
        raise NotAvailableError(
            "statsmodels would replace the covariance by one that counts rows; use "
            "with_covariance(cov_type, ...)."
        )
