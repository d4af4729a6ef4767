"""Members that give a fit as plain tables and values, whatever the number of its labels."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from wlogit.covariance.base import Covariance
from wlogit.reporting import archive, notes, tidy
from wlogit.reporting.columns import Column, column
from wlogit.reporting.document import SummaryData
from wlogit.reporting.odds import constant_notes


class TableViews:
    """A fit as tables, as an archive, and as a column beside others."""

    weights: Any
    covariance: Covariance
    with_covariance: Any
    cov_type: str

    def _document(self) -> SummaryData:
        raise NotImplementedError

    @property
    def _covariance_holds(self) -> bool:
        """Whether the covariance in use is one under these weights."""
        return self.covariance.name != "nonrobust" or self.weights.likelihood

    def _method_notes(self) -> Iterable[str]:
        """How the fit was made, if not by maximum likelihood."""
        return ()

    def _constant_notes(self, *, exponentiate: bool) -> Iterable[str]:
        """How class weights moved the intercepts, and what exponentials of these are."""
        results: Any = self
        # The first says how far the intercept was moved; others are of the whole fit.
        yield from list(notes.intercept(results, nonrobust_holds=self._covariance_holds))[:1]
        if exponentiate:
            yield from constant_notes(results)

    def _calibration(self) -> Any:
        """Intercepts with class weights taken out, for an archive."""
        return archive.calibration(self, covariance_holds=self._covariance_holds)

    def _column(self, conf_level: float, *, exponentiate: bool) -> Column:
        """The fit as a column of a table of several."""
        return column(
            self,
            conf_level=conf_level,
            covariance_holds=self._covariance_holds,
            method=self._method_notes(),
            constant=self._constant_notes(exponentiate=exponentiate),
        )

    def _with_cov_type(self, cov_type: Any, where: str) -> Any:
        """The same fit with a covariance that has a name and no keywords."""
        if cov_type == "cluster":
            raise ValueError(
                f"{where}() has no groups for cov_type={cov_type!r}; give it "
                'with_covariance("cluster", groups=...) instead.'
            )
        return self.with_covariance(cov_type)._results

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
            test. With several labels "label" comes first: that compared with the first one.

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

    def to_dict(self) -> dict[str, Any]:
        """Everything that `summary` prints, and the covariance matrix, as plain values.

        Returns
        -------
        dict
            With the keys "format" (1; a later number says that a key has changed its meaning),
            "versions", "title", "model", "data", "weights", "fit", "covariance", "conf_level",
            "coefficients" (a list, with the keys of `tidy`), "calibration" (the intercept with
            class weights taken out, or None; of several labels a list of them) and "notes". Only
            strings, numbers, booleans, None, lists and dicts; other labels of classes and levels
            are given as text.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit("conflict ~ contig", load_mid(), class_weight="balanced")
        >>> archived = model.fit(disp=False).to_dict()
        >>> archived["weights"]["class_weights"]
        [{'label': 0, 'weight': 0.75}, {'label': 1, 'weight': 1.5}]
        """
        return archive.archive(
            self,
            self._document(),
            covariance_holds=self._covariance_holds,
            calibration=self._calibration(),
        )

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
