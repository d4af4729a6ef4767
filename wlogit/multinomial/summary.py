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
from wlogit.reporting.notes import (
    covariance_in_use,
    few_cases,
    references,
    rows,
    sentences,
    trouble,
    weight_kinds,
)
from wlogit.reporting.summary import summarize
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
        return summarize(self, _notes)

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
