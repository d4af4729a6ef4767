"""Several fits side by side: which they may be, and what becomes a column."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base.wrapper import ResultsWrapper
from statsmodels.discrete.discrete_model import Logit, LogitResults

from wlogit._warn import silent
from wlogit.covariance.model_based import ModelBased
from wlogit.errors import InferenceWarning
from wlogit.keywords import check_choice, reject_unknown
from wlogit.regularized.penalised import PenalisedResults
from wlogit.reporting.columns import QUANTITIES, Column, data_notes, event_of
from wlogit.reporting.compare import BELOW, LABELS, STYLES, Below, Comparison, Layout, Style
from wlogit.reporting.compare import side_by_side as lay_out
from wlogit.reporting.tidy import check_level, tidy
from wlogit.views.tables import TableViews
from wlogit.weights.weights import is_binary

KEYWORDS = (
    *("results", "names", "style", "cov_types", "statistic", "stars", "exponentiate", "digits"),
    *("conf_level", "keep", "drop", "rename", "footer"),
)


def compare(
    results: Any,
    names: Sequence[str] | None = None,
    style: Style = "text",
    *,
    cov_types: Sequence[str | None] | None = None,
    statistic: Below | None = None,
    stars: bool = False,
    exponentiate: bool = False,
    digits: int = 3,
    conf_level: float = 0.95,
    keep: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    rename: Mapping[str, str] | None = None,
    footer: Sequence[str] | None = None,
    **unknown: Any,
) -> Comparison:
    """Several fits side by side, as journals print them.

    Notes below the table say the weights and the covariance of each column in words.

    Parameters
    ----------
    results : results or list of results
        Of wlogit: maximum likelihood, constrained, bias-reduced, or penalised, which has no
        standard errors; of several labels, whose coefficients are called ``label: column``; or of
        statsmodels' own ``Logit``.
    names : list of str, optional
        Headings; by default "(1)", "(2)" and so on. One for each fit, or for each column.
    style : {"text", "markdown", "html", "latex"}
        What ``str()`` and ``print()`` give. LaTeX needs the package booktabs.
    cov_types : list of str, optional
        Print each fit once for every one of these covariances; None in the list is the one in use.
        For one with keywords compare ``fit.with_covariance(...)``. Columns whose covariance is not
        one under the weights are marked "not valid".
    statistic : {"se", "ci", "z", "p"}, optional
        What stands below each estimate: its standard error, interval, test statistic or p-value.
        By default "se", and "ci" for odds ratios.
    stars : bool
        Mark p-values below 0.05, 0.01 and 0.001. None where p-values are not valid.
    exponentiate : bool
        Print odds ratios; tests are those of the coefficients.
    digits : int
        Decimals.
    conf_level : float
        Level of the intervals.
    keep, drop : list of str, optional
        Coefficients to print, in this order, or not to print.
    rename : dict, optional
        What to call coefficients; those of different fits may become one row.
    footer : list of str, optional
        Statistics below, by their names in ``glance()``: "nobs", "n_rows", "effective_size",
        "df_model", "df_resid", "llf", "llnull", "llr", "llr_pvalue", "aic", "bic",
        "pseudo_rsquared". Weights and covariance always follow.

    Returns
    -------
    Comparison
        With `frame`, `statistics` and `notes`, ``as_text``, ``as_markdown``, ``as_html`` and
        ``as_latex``.

    Raises
    ------
    TypeError
        A result of another kind.
    ValueError
        Names, coefficients or statistics that are not there.

    Examples
    --------
    >>> import wlogit
    >>> import wlogit.formula.api as wsmf
    >>> from wlogit.datasets import load_mid
    >>> results = wsmf.weighted_logit(
    ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
    >>> table = wlogit.compare(results, cov_types=["nonrobust", "HC3"])
    >>> print(table.as_text().partition("Notes:")[0])
    ===============================================
                             (1)             (2)
    -----------------------------------------------
    Intercept              -0.191          -0.191
                           (0.076)         (0.085)
    contig                  3.607           3.607
                           (0.147)         (0.135)
    years                  -0.067          -0.067
                           (0.005)         (0.007)
    -----------------------------------------------
    Cases                   3,126           3,126
    Effective size         2,778.7         2,778.7
    Log-likelihood         -1,247.2        -1,247.2
    Pseudo R2               0.424           0.424
    Weights                 class           class
    Covariance      nonrobust (not valid)    HC3
    ===============================================
    """
    reject_unknown(unknown, KEYWORDS, "compare")
    check_choice("style", style, STYLES)
    check_level(conf_level)
    fits = list(results) if isinstance(results, list | tuple) else [results]
    if not fits:
        raise ValueError("compare() needs at least one fit.")
    wanted = _listed(cov_types)
    columns = [
        _column(one, position, conf_level, exponentiate)
        for position, fit in enumerate(fits, 1)
        for one in _under(fit, position, wanted)
    ]
    by_name = dict(zip(_headings(names, len(fits), columns, wanted), columns, strict=True))
    layout = Layout(
        below=_below(statistic, exponentiate),
        digits=_checked_digits(digits),
        stars=stars,
        exponentiate=exponentiate,
        conf_level=conf_level,
        footer=_footer(footer, columns),
    )
    return lay_out(by_name, _terms(columns, keep, drop, rename), layout, style)


def _listed(values: Any) -> list[Any]:
    if values is None:
        return []
    return [values] if isinstance(values, str) else list(values)


def _below(statistic: Below | None, exponentiate: bool) -> Below:
    below: Below = statistic or ("ci" if exponentiate else "se")
    check_choice("statistic", below, BELOW)
    if exponentiate and below == "se":
        raise ValueError(
            'standard errors are those of coefficients, not of odds ratios: use statistic="ci", '
            '"z" or "p" with exponentiate=True.'
        )
    return below


def _checked_digits(digits: int) -> int:
    if not isinstance(digits, int) or not 0 <= digits <= 15:
        raise ValueError(f"digits={digits!r} must be a whole number from 0 to 15.")
    return digits


# ------------------------------------------------------------------------------ the columns


def _under(fit: Any, position: int, cov_types: list[str | None]) -> Iterator[Any]:
    """A fit as it is, or once with every covariance asked for."""
    inner = getattr(fit, "_results", fit) if isinstance(fit, ResultsWrapper) else fit
    if not cov_types:
        yield inner
        return
    if not isinstance(inner, TableViews):
        raise TypeError(
            f"cov_types= is for fits of wlogit with standard errors; result {position} is "
            f"{type(inner).__name__}."
        )
    for cov_type in cov_types:
        own = cov_type in (None, inner.cov_type)
        # The table marks what a warning would be about.
        with silent(InferenceWarning):
            other = inner if own else inner._with_cov_type(cov_type, "compare")
        yield other


def _column(fit: Any, position: int, conf_level: float, exponentiate: bool) -> Column:
    if isinstance(fit, TableViews):
        return fit._column(conf_level, exponentiate=exponentiate)
    if isinstance(fit, PenalisedResults):
        return _penalised(fit)
    if type(fit) is LogitResults and type(fit.model) is Logit:
        return _of_statsmodels(fit, position, conf_level)
    raise TypeError(
        "compare() takes fits of wlogit, and of statsmodels' Logit without a penalty; result "
        f"{position} is {type(fit).__name__}."
    )


def _penalised(fit: Any) -> Column:
    facts = dict(fit._document().left)
    weights, names = fit.weights, list(map(str, fit.model.exog_names))
    several: tuple[str, ...] = ()
    if np.ndim(fit.params) == 2:
        several = ("Every label has coefficients; only their differences matter to probabilities.",)
        names = [f"{label}: {name}" for label in weights.labels for name in names]
    table = pd.DataFrame({"estimate": np.ravel(np.asarray(fit.params), order="F")}, names)
    known = {
        "nobs": weights.nobs,
        "n_rows": weights.n_rows,
        "effective_size": weights.effective_size,
        "llf": fit.llf,
        "pseudo_likelihood": not weights.likelihood,
    }
    penalty = (
        f"Penalised ({facts['Penalty:']}, alpha = {facts['alpha:']}): coefficients are biased "
        "towards zero, and no standard errors are valid for them."
    )
    return Column(
        table=table.reindex(columns=QUANTITIES),
        statistics={**dict.fromkeys(LABELS, np.nan), **known},
        event=event_of(fit),
        weights=weights.kind,
        covariance="none",
        valid=True,
        test="z",
        notes=(penalty, *several, *data_notes(fit)),
    )


def _of_statsmodels(fit: LogitResults, position: int, conf_level: float) -> Column:
    """A fit of statsmodels without weights; its HC1 to HC3 are HC0, and are called so."""
    endog = getattr(fit.model, "endog", None)
    if endog is not None and not is_binary(np.asarray(endog)):
        raise ValueError(
            f"result {position} is a statsmodels fit of fractions, for which its standard errors "
            "are not valid; fit it with weighted_logit."
        )
    converged = bool((fit.mle_retvals or {}).get("converged", True))
    robust = "HC0" if fit.cov_type in ("HC1", "HC2", "HC3") else str(fit.cov_type)
    called = f", where it is called {fit.cov_type}" if robust != fit.cov_type else ""
    trouble = () if converged else ("Did not converge: no standard errors are valid.",)
    covariance = f"Covariance {robust}: by statsmodels{called}."
    if robust == "nonrobust":
        covariance = f"Covariance nonrobust: {ModelBased.description}."
    table = tidy(fit, exponentiate=False, conf_level=conf_level)
    return Column(
        table=table.assign(term=table["term"].map(str)).set_index("term"),
        statistics=_statistics_of_statsmodels(fit, converged),
        event=f"{fit.model.endog_names} = 1",
        weights="none",
        covariance=robust,
        valid=converged,
        test="t" if fit.use_t else "z",
        notes=(*trouble, "No weights.", covariance),
    )


def _statistics_of_statsmodels(fit: LogitResults, converged: bool) -> dict[str, Any]:
    names = ("nobs", "df_model", "df_resid", "llf", "llnull", "llr", "llr_pvalue", "aic", "bic")
    found = {name: float(getattr(fit, name)) for name in names}
    found |= {"n_rows": found["nobs"], "effective_size": found["nobs"]}
    found["pseudo_rsquared"] = float(fit.prsquared)
    if not fit.model.k_constant:
        # statsmodels compares with a constant that the model has not.
        wrong = ("df_model", "llnull", "llr", "llr_pvalue", "pseudo_rsquared")
        found |= dict.fromkeys(wrong, np.nan)
    return {**found, "pseudo_likelihood": False, "converged": converged}


# ------------------------------------------------------------------- headings, terms, footer


def _headings(
    names: Sequence[str] | None, n_fits: int, columns: list[Column], cov_types: list[str | None]
) -> list[str]:
    given = _listed(names)
    if names is None:
        return [f"({j})" for j in range(1, len(columns) + 1)]
    if cov_types and len(given) == n_fits != len(columns):
        repeated = np.repeat(given, len(cov_types))
        given = [f"{name}, {c.covariance}" for name, c in zip(repeated, columns, strict=True)]
    given = list(map(str, given))
    if len(given) != len(columns) or len(set(given)) != len(given):
        raise ValueError(
            f"names has {len(given)} entries for {len(columns)} columns; give a different name to "
            "each."
        )
    return given


def _terms(
    columns: list[Column],
    keep: Sequence[str] | None,
    drop: Sequence[str] | None,
    rename: Mapping[str, str] | None,
) -> dict[str, str]:
    """Coefficients to show, in order, and what to call each."""
    known = list(dict.fromkeys(term for column in columns for term in column.table.index))
    called = {} if rename is None else dict(rename)
    for option, values in (("keep", _listed(keep)), ("drop", _listed(drop)), ("rename", called)):
        _check_known(option, values, known, "a coefficient of these fits")
    dropped = set(_listed(drop))
    wanted = known if keep is None else _listed(keep)
    terms = {term: str(called.get(term, term)) for term in wanted if term not in dropped}
    if not terms:
        raise ValueError("keep= and drop= leave no coefficient to print.")
    for column in columns:
        labels = [terms[term] for term in column.table.index if term in terms]
        twice = [label for label in labels if labels.count(label) > 1]
        if twice:
            raise ValueError(f"rename= calls two coefficients of one fit {twice[0]!r}.")
    return terms


def _check_known(option: str, values: Any, known: Sequence[str], what: str) -> None:
    for value in values:
        if value not in known:
            near = get_close_matches(str(value), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
            raise ValueError(f"{option}= names {value!r}, which is not {what}; {hint}")


def _footer(footer: Sequence[str] | None, columns: list[Column]) -> tuple[str, ...]:
    if footer is not None:
        _check_known("footer", _listed(footer), list(LABELS), "a statistic of glance()")
        return tuple(_listed(footer))
    unequal = any(c.statistics["effective_size"] != c.statistics["nobs"] for c in columns)
    return ("nobs", *(("effective_size",) if unequal else ()), "llf", "pseudo_rsquared")
