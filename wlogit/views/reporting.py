"""Members that present a fit: summaries, plain tables and archives."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
from statsmodels.discrete.discrete_model import LogitResults

from wlogit._statsmodels.summary import Summary, fill_summary, finish_summary2
from wlogit.covariance.base import Covariance
from wlogit.keywords import reject_unknown
from wlogit.reporting import archive, tidy
from wlogit.reporting.columns import Column, column
from wlogit.reporting.document import SummaryData
from wlogit.reporting.odds import odds_notes
from wlogit.reporting.summary import summarize
from wlogit.weights.weights import Weights


class ReportViews(LogitResults):  # type: ignore[misc]
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

    def _with_cov_type(self, cov_type: Any, where: str) -> Any:
        """The same fit with a covariance that has a name and no keywords."""
        if cov_type == "cluster":
            raise ValueError(
                f"{where}() has no groups for cov_type={cov_type!r}; give it "
                'with_covariance("cluster", groups=...) instead.'
            )
        return self.with_covariance(cov_type)._results

    def _method_notes(self) -> Iterable[str]:
        """How the fit was made, if not by maximum likelihood."""
        return ()

    def _column(self, conf_level: float, *, exponentiate: bool) -> Column:
        """The fit as a column of a table of several."""
        return column(
            self,
            conf_level=conf_level,
            exponentiate=exponentiate,
            covariance_holds=self._covariance_holds,
            method=self._method_notes(),
        )

    def _document(self) -> SummaryData:
        return summarize(self)

    @property
    def _covariance_holds(self) -> bool:
        """Whether the covariance in use is one under these weights."""
        return self.covariance.name != "nonrobust" or self.weights.likelihood

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

    def tidy(self, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Coefficients as a plain table, one row for each, as R's broom has them.

        Parameters
        ----------
        exponentiate : bool
            Give odds ratios and their limits. Standard errors, statistics and p-values stay those
            of the coefficients, as in broom. The exponential of an intercept under class weights
            is not an odds at population scale.
        conf_level : float
            Level of the intervals.

        Returns
        -------
        DataFrame
            Columns "term", "estimate", "std_error", "statistic", "p_value", "conf_low" and
            "conf_high", in the covariance and the reference distribution in use; NaN where a fit
            allows no inference. What a constraint has fixed has a standard error of zero and no
            test.

        Raises
        ------
        ValueError
            A level that is not between 0 and 1.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit("conflict ~ contig", load_mid(), class_weight="balanced")
        >>> model.fit(disp=False).tidy().round(3)[["term", "estimate", "std_error", "p_value"]]
                term  estimate  std_error  p_value
        0  Intercept    -1.096      0.045      0.0
        1     contig     3.981      0.133      0.0
        """
        return tidy.tidy(self, exponentiate=exponentiate, conf_level=conf_level)

    def glance(self) -> pd.DataFrame:
        """The fit in one row, as R's broom has it.

        Returns
        -------
        DataFrame
            Columns "nobs" (cases), "n_rows", "effective_size" (Kish's), "df_model", "df_resid",
            "llf" and "llnull" (in the weights as given), "llr" (in weights that sum to nobs),
            "llr_pvalue", "aic", "bic", "pseudo_rsquared" (McFadden's), "pseudo_likelihood",
            "cov_type", "weights" and "converged". Where "pseudo_likelihood" is true, "llf" and
            "llnull" are those of a pseudo-likelihood, the p-value is Rao and Scott's, and "aic"
            and "bic" have their pseudo-likelihood forms. What the fit refuses is missing.

        Notes
        -----
        Rao and Scott's p-value is not the tail of a chi-square with "df_model" degrees of freedom
        beyond "llr", but that of a sum of chi-squares with one degree of freedom each, by the
        weights ``llr_test.eigenvalues``.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit("conflict ~ contig", load_mid(), class_weight="balanced")
        >>> model.fit(disp=False).glance()[["nobs", "pseudo_likelihood", "cov_type", "weights"]]
             nobs  pseudo_likelihood cov_type weights
        0  3126.0               True      HC3   class
        """
        return tidy.glance(self)

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
            such as influence measures of constrained fits, is missing.

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

    def to_dict(self) -> dict[str, Any]:
        """Everything that `summary` prints, and the covariance matrix, as plain values.

        Returns
        -------
        dict
            With the keys "format" (1; a later number says that a key has changed its meaning),
            "versions", "title", "model", "data", "weights", "fit", "covariance", "conf_level",
            "coefficients" (a list, with the keys of `tidy`), "calibration" (the intercept with
            class weights taken out, or None) and "notes". Only strings, numbers, booleans, None,
            lists and dicts; other labels of classes and levels are given as text.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit("conflict ~ contig", load_mid(), class_weight="balanced")
        >>> archived = model.fit(disp=False).to_dict()
        >>> archived["weights"]["class_weights"]
        [{'label': 0, 'weight': 0.75}, {'label': 1, 'weight': 1.5}]
        """
        return archive.archive(self, self._document(), covariance_holds=self._covariance_holds)

    def to_json(self, indent: int | None = 2) -> str:
        """`to_dict` as JSON, numbers at full precision.

        Parameters
        ----------
        indent : int or None
            Spaces for each level; None for a single line.

        Returns
        -------
        str
            Strict JSON: NaN is null, and infinities are the strings "inf" and "-inf".

        Examples
        --------
        >>> import json
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit("conflict ~ contig", load_mid(), class_weight="balanced")
        >>> archived = json.loads(model.fit(disp=False).to_json())
        >>> archived["covariance"]["cov_type"], archived["data"]["cases"]
        ('HC3', 3126.0)
        """
        return archive.to_json(self.to_dict(), indent)
