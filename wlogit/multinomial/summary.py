"""What a multinomial summary says, and the members that print it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from statsmodels.discrete.discrete_model import MultinomialResults

from wlogit._statsmodels.multinomial import fill_label_summary
from wlogit._statsmodels.summary import Summary, finish_summary2
from wlogit.covariance.base import Covariance
from wlogit.keywords import check_alpha, reject_unknown
from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import FEW_EVENTS, rows, trouble, weight_kinds
from wlogit.weights.multinomial import MultinomialWeights


class LabelReportViews(MultinomialResults):  # type: ignore[misc]
    """What is printed."""

    weights: MultinomialWeights
    covariance: Covariance
    kept_notes: tuple[str, ...] | None

    def summary(
        self,
        yname: str | None = None,
        xname: list[str] | None = None,
        title: str | None = None,
        alpha: float = 0.05,
        yname_list: list[str] | None = None,
        **unknown: Any,
    ) -> Summary:
        """Summary in statsmodels' layout, with weights and covariance named.

        Parameters
        ----------
        yname, xname, title : optional
            Names to print.
        alpha : float
            One minus the level of the intervals.
        yname_list : list of str, optional
            Headings of the labels but the first.

        Returns
        -------
        Summary
            With ``as_text``, ``as_html``, ``as_latex``, ``as_markdown`` and ``as_csv``.
        """
        known = ("yname", "xname", "title", "alpha", "yname_list")
        reject_unknown(unknown, known, "summary")
        check_alpha(alpha)
        yname, yname_list = self._get_endog_name(yname, yname_list)
        content = self._document()
        return fill_label_summary(self, content, (yname, yname_list), xname, title, alpha)

    def _document(self) -> SummaryData:
        # Said once, so that a second summary says the same whatever became of the user's arrays.
        if self.kept_notes is None:
            self.kept_notes = tuple(_notes(self))
        return _summarize(self)

    def summary2(self, alpha: float = 0.05, float_format: str = "%.4f") -> Any:
        """statsmodels' second summary, by label, with the notes of `summary` below.

        Parameters
        ----------
        alpha : float
        float_format : str
        """
        check_alpha(alpha)
        summary = super().summary2(alpha, float_format)
        letter = "t" if self.use_t else "z"
        _, headings = self._get_endog_name(None, None)
        for table, heading in zip(summary.tables[1:], headings, strict=True):
            limits = table.columns[-2:]
            table.columns = [heading, "Coef.", "Std.Err.", letter, f"P>|{letter}|", *limits]
        pseudo = not self.weights.likelihood
        return finish_summary2(summary, self._document(), pseudo=pseudo)

    @staticmethod
    def _maybe_convert_ynames_int(ynames: dict[int, Any]) -> dict[int, str]:
        return {code: str(label) for code, label in ynames.items()}

    def _get_endog_name(
        self,
        yname: str | None,
        yname_list: list[str] | None,
        all: bool = False,  # noqa: A002  statsmodels' name
    ) -> tuple[str, list[str]]:
        yname = self.model.endog_names if yname is None else yname
        if yname_list is None:
            labels = self.weights.labels if all else self.weights.labels[1:]
            yname_list = [f"{yname}={label}" for label in labels]
        return yname, yname_list


def _summarize(results: Any) -> SummaryData:
    weights = results.weights
    pseudo = not weights.likelihood
    name = type(results.model).__name__
    left = [
        ("Model:", name),
        ("Method:", "pseudo-MLE" if pseudo else results.method),
        ("converged:", str(results.converged)),
        ("Covariance Type:", results.cov_type),
    ]
    pvalue = results.llr_pvalue
    right = [
        ("Pseudo R-squ.:", f"{results.prsquared:#6.4g}"),
        ("Log-Pseudolikelihood:" if pseudo else "Log-Likelihood:", f"{results.llf:#8.5g}"),
        ("LL-Null:", f"{results.llnull:#8.5g}"),
        ("LLR p-value:", "<1e-300" if pvalue < 1e-300 else f"{pvalue:#6.4g}"),
    ]
    if weights.kind != "none":
        left.append(("Weights:", weights.kind))
        left.append(("No. Rows:", f"{weights.n_rows:d}"))
        left.append(("Effective Size:", f"{weights.effective_size:.1f}"))
    if pseudo:
        right.append(("AIC (pseudo):", f"{results.aic:.2f}"))
        right.append(("BIC (pseudo):", f"{results.bic:.2f}"))
    title = f"{name} Regression Results"
    return SummaryData(title, tuple(left), tuple(right), results.kept_notes)


def _notes(fit: Any) -> Iterator[str]:
    """All sentences that apply to a fit, the most important first."""
    yield from trouble(fit)
    yield from _outcome(fit)
    yield from weight_kinds(fit)
    yield from _covariance(fit)
    yield from _intercepts(fit)
    yield from _few_cases(fit)
    yield from rows(fit)


def _outcome(fit: Any) -> Iterator[str]:
    yield f"Coefficients compare each label with {fit.labels[0]!r}."
    references = fit.model.reference_levels
    if references:
        listed = ", ".join(f"{name} = {level}" for name, level in references.items())
        yield f"Reference levels: {listed}."


def _covariance(fit: Any) -> Iterator[str]:
    covariance, weights = fit.covariance, fit.weights
    if covariance.name == "nonrobust":
        if not weights.likelihood:
            yield (
                "INVALID standard errors, p-values, LLR p-value and AIC: cov_type nonrobust is the "
                "inverse weighted Hessian, which is not a covariance under these weights. Use the "
                "default covariance."
            )
        return
    reason = ""
    if not weights.likelihood and not covariance.n_clusters:
        reason = "; under these weights the usual inverse Hessian is not a covariance"
    yield f"Covariance {covariance.name}: {covariance.description}{reason}."
    if not weights.likelihood and np.isfinite(fit.llr_pvalue):
        yield (
            "AIC and BIC are the pseudo-likelihood forms; the LLR p-value is Rao and Scott's, "
            "by Satterthwaite's approximation."
        )
    if covariance.saturated_rows:
        row = fit.model.rows.name(covariance.saturated_rows[0])
        yield f"Row {row} has leverage one and adds nothing to the robust variance."


def _intercepts(fit: Any) -> Iterator[str]:
    factors = fit.weights.factors
    if factors.source is None or not fit.converged or not np.any(factors.log_ratios):
        return
    if not fit.has_free_constant:
        yield (
            "Without a free constant, class weights change the slopes too, and cannot be taken out "
            "of predictions."
        )
        return
    shifts = zip(fit.labels[1:], factors.log_ratios, strict=True)
    listed = ", ".join(f"{label!r}: {shift:.4g}" for label, shift in shifts)
    yield (
        f"Class weights move the intercepts by log(c_j/c_0) ({listed}); "
        'predict(which="calibrated") and get_margeff() take that out again.'
    )


def _few_cases(fit: Any) -> Iterator[str]:
    sizes = fit.weights.totals.class_sizes
    rarest = int(np.argmin(sizes))
    if sizes[rarest] < FEW_EVENTS:
        yield (
            f"Only {sizes[rarest]:,.10g} cases of {fit.labels[rarest]!r}: with so few, estimates "
            "are biased away from zero, and separation is more likely."
        )
