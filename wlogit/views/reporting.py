"""Members that present a fit: summaries, plain tables and archives."""

from dataclasses import replace
from typing import Any

import pandas as pd
from statsmodels.discrete.discrete_model import LogitResults

from wlogit._statsmodels.summary import Summary, fill_summary, finish_summary2
from wlogit.covariance.base import Covariance
from wlogit.keywords import reject_unknown
from wlogit.reporting import tidy
from wlogit.reporting.document import SummaryData
from wlogit.reporting.odds import odds_notes
from wlogit.reporting.summary import summarize
from wlogit.views.tables import TableViews
from wlogit.weights.weights import Weights


class ReportViews(TableViews, LogitResults):  # type: ignore[misc]
    """What is printed, and the same as tables and plain values."""

    weights: Weights
    covariance: Covariance
    use_t: bool
    with_covariance: Any

    def summary(
        self,
        yname: str | None = None,
        xname: list[str] | None = None,
        title: str | None = None,
        alpha: float = 0.05,
        yname_list: Any = None,
        *,
        exponentiate: bool = False,
        cov_type: str | None = None,
        **unknown: Any,
    ) -> Summary:
        """Summary in statsmodels' layout, with weights and covariance named.

        Parameters
        ----------
        yname, xname, title : optional
            Names to print.
        alpha : float
            One minus the level of the intervals.
        yname_list : optional
            As `yname`.
        exponentiate : bool
            Print odds ratios and the exponentials of the limits, with the tests of the
            coefficients. The notes say what the exponential of the intercept is, and its value
            without class weights.
        cov_type : str, optional
            Print another covariance, without refitting: one that needs no keywords of its own, as
            "HC0" or "nonrobust". That in use keeps its keywords.

        Returns
        -------
        Summary
            With ``as_text``, ``as_html``, ``as_latex``, ``as_markdown`` and ``as_csv``.

        Raises
        ------
        ValueError
            A cov_type that is not known, or that needs keywords.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit("conflict ~ contig", load_mid(), class_weight="balanced")
        >>> print(model.fit(disp=False).summary(exponentiate=True).tables[1])
        ==================================================================
                   odds ratio          z      P>|z|     [0.025      0.975]
        ------------------------------------------------------------------
        Intercept      0.3342    -24.209     <0.001      0.306       0.365
        contig        53.5626     30.013     <0.001     41.301      69.465
        ==================================================================
        """
        known = ("yname", "xname", "title", "alpha", "yname_list", "exponentiate", "cov_type")
        reject_unknown(unknown, known, "summary")
        if cov_type not in (None, self.cov_type):
            other: ReportViews = self._with_cov_type(cov_type, "summary")
            return other.summary(
                yname or yname_list, xname, title, alpha, exponentiate=exponentiate
            )
        content = self._document()
        if exponentiate:
            content = replace(content, notes=(*content.notes, *odds_notes(self)))
        return fill_summary(self, content, yname or yname_list, xname, title, alpha, exponentiate)

    def _document(self) -> SummaryData:
        return summarize(self)

    def summary2(
        self,
        yname: str | None = None,
        xname: list[str] | None = None,
        title: str | None = None,
        alpha: float = 0.05,
        float_format: str = "%.4f",
    ) -> Any:
        """statsmodels' second summary, with the notes of `summary` below.

        Parameters
        ----------
        yname, xname, title : optional
            Names to print.
        alpha : float
        float_format : str
        """
        summary = super().summary2(yname, xname, title, alpha, float_format)
        pseudo = not self.weights.likelihood
        return finish_summary2(summary, self._document(), pseudo=pseudo)

    def augment(self, data: Any = None) -> pd.DataFrame:
        """Every row of the fit with its predictions, residuals and influence.

        Parameters
        ----------
        data : DataFrame, optional
            The table that was fitted, or one that has its rows by label: its columns come first,
            without the rows that the fit left out.

        Returns
        -------
        DataFrame, shape (n, 11 or more)
            On the user's index, with "fitted" (probability on the scale of the class weights),
            "fitted_calibrated" (class weights taken out, as ``predict(which="calibrated")``),
            "linear_predictor" and its "linear_predictor_se", "resid_response", "resid_pearson",
            "resid_dev", "resid_studentized", "leverage" and "cooks_distance" of the row as a
            whole, and "row_weight", the weight of its cases in the likelihood. What a fit has not,
            such as influence measures of constrained fits, is missing. Residuals but the first
            are in the root of the unit of the weights, Cook's distance is in the unit.

        Raises
        ------
        NotAvailableError
            After ``remove_data``.
        ValueError
            `data` does not hold the rows of the fit, or has columns of these names.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> data = load_mid()
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig", data, class_weight="balanced").fit(disp=False)
        >>> table = results.augment(data[["conflict", "contig"]])
        >>> table.head(2).round(3)[["conflict", "contig", "fitted", "fitted_calibrated"]]
           conflict  contig  fitted  fitted_calibrated
        0         1       0    0.25              0.143
        1         1       0    0.25              0.143
        """
        return tidy.augment(self, data)
