"""Members that test hypotheses: nested fits, terms, functions of the coefficients."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from wlogit import anova, nested
from wlogit._typing import Array, IntArray
from wlogit.covariance.base import Covariance
from wlogit.errors import NotAvailableError
from wlogit.inference.delta import DeltaMethod, jacobian, read_values
from wlogit.inference.hypotheses import TestResult
from wlogit.same_cases import check_same_cases


class NestedTests:
    """Tests of what a fit leaves out, whatever the number of its labels."""

    # The fit at the maximum of its likelihood.
    _at_maximum: Any

    def _hypothesis_of(self, other: Any) -> tuple[Array, Array]:
        """L and c of the hypothesis ``L b = c`` that a fit of the same cases is."""
        check_same_cases(self, other)
        ours, theirs = nested.active_rows(self), nested.active_rows(other)
        return nested.nested_hypothesis(self, other, ours, theirs)

    def _value_without(self, columns: IntArray) -> float:
        """The maximum of the log-likelihood without some columns."""
        return nested.value_without(self, columns)

    def _without(self, columns: IntArray) -> Any:
        """The same fit without some columns."""
        return nested.without_columns(self, columns)

    def lr_test(
        self, restricted: Any, approximation: nested.LrApproximation = "saddlepoint"
    ) -> TestResult:
        """Likelihood-ratio test against a restricted fit, right under weights.

        Parameters
        ----------
        restricted : results, str or list of str
            A fit to the same cases whose columns are among these, or combinations of them, or
            this model under constraints; or the terms or columns to leave out, by name.
        approximation : {"saddlepoint", "satterthwaite", "exact", "naive"}
            How the tail of the reference distribution is found. "naive" takes the likelihood
            ratio in the weights as given against a chi-square, which is not valid under sampling
            or class weights.

        Returns
        -------
        TestResult
            With ``statistic``, ``df``, ``ddf``, ``pvalue``, ``eigenvalues`` and ``method``, which
            is "chi2" where the covariance in use is "nonrobust".

        Raises
        ------
        DesignError
            Fits that are not nested, of different rows, or a name that is no term.
        OutcomeError, WeightError
            Fits of another outcome, or with other weights; a row that differs is named.
        NotAvailableError
            A fit that is not at the maximum of a likelihood, or without its data.

        Notes
        -----
        ``X2 = 2 (l - l_restricted)``, in weights that sum to the number of cases, follows
        ``sum lambda_j chi2_1`` under the hypothesis. lambda are the eigenvalues of ``V0^-1 V`` of
        the tested coefficients: V the covariance in use, V0 the inverse information. With t tests
        the sum is over an independent ``chi2_ddf / ddf``. The saddlepoint is that of R's survey
        package; "exact" inverts the characteristic function to ten digits, however small the
        p-value.

        References
        ----------
        Rao and Scott (1984), Annals of Statistics 12, 46-60; Lumley and Scott (2014), Australian
        and New Zealand Journal of Statistics 56, 1-14; Kuonen (1999), Biometrika 86, 929-935.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> test = results.lr_test("years")
        >>> print(f"{test.statistic:.1f}, weights {test.eigenvalues.round(2)}")
        227.7, weights [2.38]
        """
        return nested.lr_test(self._at_maximum(), restricted, approximation)

    def anova(
        self,
        type: Literal[2, 3] = 2,
        test: Literal["wald", "lr"] = "wald",
        *,
        approximation: nested.LrApproximation = "saddlepoint",
        adjust: str | None = None,
    ) -> pd.DataFrame:
        """Test every term of the formula, or column of a design that was an array.

        Parameters
        ----------
        type : {2, 3}
            2 tests a term given all terms that do not contain it (as interactions with it do); 3
            given all others. In type 3 a main effect depends on how the factors that it interacts
            with are coded: code them by ``C(g, Sum)``.
        test : {"wald", "lr"}
            "wald" by the covariance in use; "lr" refits without the term, as `lr_test`.
        approximation : {"saddlepoint", "satterthwaite", "exact", "naive"}
            For "lr", as in `lr_test`.
        adjust : str, optional
            Adjust the p-values for their number by this method of statsmodels' ``multipletests``,
            such as "holm" or "fdr_bh", in a further column. That of the constant is not counted.

        Returns
        -------
        DataFrame
            Columns "statistic", "df", "ddf" and "pvalue" by term; the statistic of a Wald test is F
            where "ddf" is finite, else chi-square. Missing for terms without a covariance.

        Raises
        ------
        ValueError
            Another type, test, approximation or adjustment.
        DesignError
            A term that constraints have fixed.

        Notes
        -----
        The same numbers as R's ``car::Anova(fit, type, vcov. = V)``, with the factors coded
        alike.

        References
        ----------
        Fox (2016), Applied Regression Analysis and Generalized Linear Models, 3rd ed., section 9.3.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> results.anova(adjust="holm")[["statistic", "df"]].round(1)
                statistic   df
        contig      716.9  1.0
        years       82.4  1.0
        """
        return anova.anova(self, type, test, approximation, adjust)


class CoefficientTests(NestedTests):
    """Tests of functions of the coefficients, and of many coefficients at once."""

    model: Any
    params: Any
    bse: Any
    pvalues: Any
    covariance: Covariance
    # Factor and denominator degrees of freedom of a joint test.
    _reference: Any

    def delta_method(
        self,
        function: Callable[[Any], Any],
        names: Sequence[Hashable] | None = None,
    ) -> DeltaMethod:
        """Functions of the coefficients with standard errors, by the delta method.

        Parameters
        ----------
        function : callable
            Takes the coefficients as `params` shows them (a Series by name where the columns have
            names, else an array) and returns a number, an array, or a Series or dict of numbers,
            whose labels are kept.
        names : list of str, optional
            What to call the values.

        Returns
        -------
        DeltaMethod
            With ``values``, ``se``, ``conf_int(alpha)``, ``test(null)`` and ``summary_frame()``.

        Raises
        ------
        TypeError
            What is no function.
        ValueError
            A function that asks for another coefficient, returns no numbers, or is not smooth at
            the estimates.
        NotAvailableError
            It uses coefficients whose standard errors are not defined.

        Notes
        -----
        The covariance is ``J V J'``, V the one in use. Derivatives are by complex step where the
        function takes complex numbers, else by extrapolated differences.

        References
        ----------
        Oehlert (1992), The American Statistician 46, 27-29.

        Examples
        --------
        >>> import numpy as np
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> ratio = results.delta_method(lambda b: {"years per border": -b["contig"] / b["years"]})
        >>> ratio.summary_frame()[["value", "se"]].round(1)
                          value   se
        years per border   53.7  6.2
        """
        params = np.asarray(self.params, dtype=np.float64)
        self._check_function(function, params)
        values, labels = read_values(function(self._shown(params)), names)

        def vector(at: Any) -> Any:
            return read_values(function(self._shown(at)), labels)[0]

        if values.dtype.kind == "c" or not np.all(np.isfinite(values)):
            raise ValueError("the function is not a finite real number at the estimates.")
        se = np.asarray(self.bse, dtype=np.float64)
        slopes = jacobian(vector, params, se)
        matrix = self.covariance.matrix
        used = np.any(slopes != 0.0, axis=0)
        missing = np.flatnonzero(used & np.isnan(np.diag(matrix)))
        if missing.size:
            raise NotAvailableError(
                f"the function uses {self.model.exog_names[missing[0]]}, whose standard error is "
                "not defined."
            )
        known, chosen = slopes[:, used], matrix[np.ix_(used, used)]
        each = np.array([self._reference(row[None])[1] for row in slopes])
        return DeltaMethod(
            values=np.asarray(values, np.float64),
            covariance=known @ chosen @ known.T,
            labels=labels,
            df_each=each,
            reference=self._reference(slopes),
        )

    def nonlinear_test(self, function: Callable[[Any], Any], null: Any = 0.0) -> TestResult:
        """Wald test that functions of the coefficients have given values, jointly.

        Parameters
        ----------
        function : callable
            As in `delta_method`.
        null : float or array_like
            The values under the hypothesis.

        Returns
        -------
        TestResult
            Chi-square, or F where the covariance in use has t tests.

        Raises
        ------
        TypeError, ValueError, NotAvailableError
            As `delta_method`; and another number of values than of functions.
        DesignError
            Functions that follow from one another.

        Notes
        -----
        Equivalent hypotheses, such as ``b1 / b2 = 1`` and ``b1 = b2``, give different statistics;
        prefer the one that is nearest to linear, or `lr_test`, which does not depend on it.

        References
        ----------
        Gregory and Veall (1985), Econometrica 53, 1465-1468.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> test = results.nonlinear_test(lambda b: b["contig"] / b["years"], null=-50)
        >>> print(f"{test.statistic:.2f} on {test.df:.0f} df, p = {test.pvalue:.2f}")
        0.36 on 1 df, p = 0.55
        """
        return self.delta_method(function).test(null)

    def adjusted_pvalues(self, method: str = "holm", cols: Any = None) -> pd.Series:
        """p-values of coefficients, adjusted for how many are looked at.

        Parameters
        ----------
        method : str
            A method of statsmodels' ``multipletests``: "bonferroni", "holm", "fdr_bh" and so on.
        cols : list of str or int, optional
            Which coefficients; by default all but the constant.

        Returns
        -------
        Series
            By coefficient.

        Raises
        ------
        ValueError
            A method or a coefficient that is not there.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit("conflict ~ contig + years", load_mid()).fit(disp=False)
        >>> list(results.adjusted_pvalues("bonferroni").index)
        ['contig', 'years']
        """
        named = pd.Series(np.asarray(self.pvalues), index=list(self.model.exog_names))
        if cols is None:
            chosen = named.drop(
                named.index[[j for j in [self.model.data.const_idx] if j is not None]]
            )
        else:
            chosen = named.iloc[self._positions(cols)]
        chosen[:] = anova.adjusted(chosen.to_numpy(), method, "method")
        return chosen

    def _positions(self, cols: Any) -> list[int]:
        names = list(self.model.exog_names)
        found = []
        for column in [cols] if isinstance(cols, str) else cols:
            position = names.index(column) if column in names else column
            if not isinstance(position, int | np.integer) or not 0 <= position < len(names):
                raise ValueError(f"cols= has {column!r}, which is no coefficient: {names}.")
            found.append(int(position))
        return found

    def _check_function(self, function: Any, params: Any) -> None:
        """Refuse what is no function of these coefficients."""
        if not callable(function):
            raise TypeError(
                'the function must be one of the coefficients, such as lambda b: b["x"] / b["z"], '
                f"not {function!r}."
            )
        try:
            function(self._shown(params))
        except KeyError as error:
            asked = error.args[0] if error.args else None
            raise ValueError(
                f"the function asks for {asked!r}, which is no coefficient: the fit has "
                f"{', '.join(map(str, self.model.exog_names))}."
            ) from error

    def _shown(self, params: Any) -> Any:
        """Coefficients as the user sees them."""
        if self.model.column_names is None:
            return params
        return pd.Series(params, index=list(self.model.exog_names))
