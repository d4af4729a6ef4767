"""What a multinomial summary says, and the members that print it."""

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from statsmodels.discrete.discrete_model import MultinomialResults

from wlogit._statsmodels.multinomial import fill_label_summary
from wlogit._statsmodels.summary import Summary, finish_summary2
from wlogit._typing import Array
from wlogit.covariance.base import Covariance
from wlogit.errors import NotAvailableError
from wlogit.keywords import check_alpha, reject_unknown
from wlogit.reporting.archive import plain
from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import (
    covariance_in_use,
    references,
    rows,
    sentences,
    trouble,
    weight_kinds,
)
from wlogit.reporting.simulated import few_cases
from wlogit.reporting.summary import summarize
from wlogit.views.tables import TableViews
from wlogit.weights.multinomial import MultinomialWeights


class LabelReportViews(TableViews, MultinomialResults):  # type: ignore[misc]
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
        *,
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
        yname_list : list of str, optional
            Headings of the labels but the first.
        cov_type : str, optional
            Print another covariance, without refitting: one that needs no keywords of its own, as
            "HC0" or "nonrobust". That in use keeps its keywords.

        Returns
        -------
        Summary
            With ``as_text``, ``as_html``, ``as_latex``, ``as_markdown`` and ``as_csv``.
        """
        known = ("yname", "xname", "title", "alpha", "yname_list", "cov_type")
        reject_unknown(unknown, known, "summary")
        check_alpha(alpha)
        if cov_type not in (None, self.cov_type):
            other: LabelReportViews = self._with_cov_type(cov_type, "summary")
            return other.summary(yname, xname, title, alpha, yname_list)
        yname, yname_list = self._get_endog_name(yname, yname_list)
        content = self._document()
        return fill_label_summary(self, content, (yname, yname_list), xname, title, alpha)

    def _document(self) -> SummaryData:
        return summarize(self, _notes)

    def report(self, path: Any) -> NoReturn:
        """Not available for several labels.

        Parameters
        ----------
        path : str
        """
        raise NotAvailableError(
            "report() writes a page about fits with two labels; of several, summary(), tidy() and "
            "to_dict() have the numbers, and plots.confusion a figure."
        )

    def _method_notes(self) -> Iterator[str]:
        yield from _comparison(self)

    def _constant_notes(self, *, exponentiate: bool) -> Iterator[str]:
        yield from _intercepts(self)
        if exponentiate and self.model.constant_combination is not None:
            on_scale = ", on the scale of the class weights" if _moved(self) else ""
            yield (
                "Exponentials of intercepts are odds of a label against the first where the "
                f"covariates are zero, not odds ratios{on_scale}."
            )

    def _calibration(self) -> list[dict[str, Any]] | None:
        return calibrated_intercepts(self)

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


def _notes(fit: Any) -> tuple[str, ...]:
    """All sentences that apply to a fit, the most important first."""
    groups = (
        trouble,
        _comparison,
        references,
        weight_kinds,
        covariance_in_use,
        _intercepts,
        few_cases,
        rows,
    )
    return sentences(fit, groups)


def _comparison(fit: Any) -> Iterator[str]:
    yield f"Coefficients compare each label with {fit.labels[0]!r}."


def _moved(fit: Any) -> bool:
    """Whether class weights have moved the intercepts."""
    factors = fit.weights.factors
    return bool(factors.source and fit.converged and np.any(factors.log_ratios))


def calibrated_intercepts(fit: Any) -> list[dict[str, Any]] | None:
    """Intercepts without what class weights added, by label; None where they moved no single one.

    Parameters
    ----------
    fit : WeightedMNLogitResults
    """
    where = fit.model.data.const_idx
    if where is None or not _moved(fit) or not fit.has_free_constant:
        return None
    per_unit = float(fit.model.constant_combination[where])
    row: Array = np.zeros((1, len(fit.params)))
    row[0, where] = 1.0 / per_unit
    # The linear predictor where the constant is all there is, with the error of the shift.
    spread = fit._scale("calibrated").predictor_covariance(row)[0]
    holds = fit._covariance_holds
    errors = per_unit * np.sqrt(np.diag(spread)) if holds else np.full(len(spread), np.nan)
    shifts = fit.weights.factors.log_ratios
    values = fit.params[where] - per_unit * shifts
    found = zip(fit.labels[1:], shifts, values, errors, strict=True)
    return [
        {"label": plain(label), "shift": float(s), "intercept": float(v), "std_error": float(e)}
        for label, s, v, e in found
    ]


def _intercepts(fit: Any) -> Iterator[str]:
    factors = fit.weights.factors
    if not _moved(fit):
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
