"""Several fits side by side, as journals print them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from wlogit.reporting import grid
from wlogit.reporting.columns import Column
from wlogit.reporting.grid import Cell, Grid, Row
from wlogit.reporting.odds import EXPONENTIALS

Style = Literal["text", "markdown", "html", "latex"]
Below = Literal["se", "ci", "z", "p"]
RENDERERS: Mapping[str, Callable[[Grid], str]] = {
    "text": grid.as_text,
    "markdown": grid.as_markdown,
    "html": grid.as_html,
    "latex": grid.as_latex,
}
STYLES, BELOW = get_args(Style), get_args(Below)
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
LABELS = {
    "nobs": "Cases",
    "n_rows": "Rows",
    "effective_size": "Effective size",
    "df_model": "Df model",
    "df_resid": "Df residuals",
    "llf": "Log-likelihood",
    "llnull": "Null log-likelihood",
    "llr": "LR statistic",
    "llr_pvalue": "LR p-value",
    "aic": "AIC",
    "bic": "BIC",
    "pseudo_rsquared": "Pseudo R2",
}
FIXED = "(fixed)"
_IN_UNITS = ("llf", "llnull", "llr", "aic", "bic", "pseudo_rsquared")
_PSEUDO_FORMS = ("llr_pvalue", "aic", "bic")
_GIVEN = "a pseudo-likelihood; log-likelihoods are in the weights as given"


@dataclass(frozen=True, slots=True)
class Layout:
    """What is printed of the columns, and how.

    Attributes
    ----------
    below : {"se", "ci", "z", "p"}
        What stands below each coefficient.
    digits : int
        Decimals.
    stars, exponentiate : bool
    conf_level : float
    footer : tuple of str
        Names of `LABELS`.
    """

    below: Below
    digits: int
    stars: bool
    exponentiate: bool
    conf_level: float
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Several fits side by side; ``str()`` and ``print()`` give the style asked for.

    Attributes
    ----------
    frame : DataFrame
        By coefficient (rows) and by name of the fit and quantity (columns: estimate, std_error,
        statistic, p_value, conf_low, conf_high), at full precision; odds ratios where these are
        printed.
    statistics : DataFrame
        What stands below, by statistic and name of the fit.
    notes : tuple of str
    style : {"text", "markdown", "html", "latex"}
    grid : Grid
        The cells as printed.
    """

    frame: pd.DataFrame
    statistics: pd.DataFrame
    notes: tuple[str, ...]
    style: Style
    grid: Grid

    def __str__(self) -> str:
        return RENDERERS[self.style](self.grid)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self.as_html()

    def as_text(self) -> str:
        """Plain text, decimals in line."""
        return grid.as_text(self.grid)

    def as_markdown(self) -> str:
        """A Markdown table and a numbered list of notes."""
        return grid.as_markdown(self.grid)

    def as_html(self) -> str:
        """An HTML table and an ordered list of notes."""
        return grid.as_html(self.grid)

    def as_latex(self) -> str:
        r"""A ``tabular`` for booktabs and its notes, to be put in a ``table`` environment."""
        return grid.as_latex(self.grid)


def side_by_side(
    columns: Mapping[str, Column], terms: Mapping[str, str], layout: Layout, style: Style
) -> Comparison:
    """Lay columns out side by side.

    Parameters
    ----------
    columns : mapping
        By name.
    terms : mapping
        Coefficients to show, in order, and what to call them.
    layout : Layout
    style : {"text", "markdown", "html", "latex"}
    """
    labels = pd.Index(list(dict.fromkeys(terms.values())), name="term")
    tables = {name: _chosen(column.table, terms, layout) for name, column in columns.items()}
    whole = {name: table.reindex(labels) for name, table in tables.items()}
    frame = pd.concat(whole, axis="columns")
    notes = tuple(_notes(columns, layout))
    printed = Grid(
        tuple(columns),
        (
            tuple(_coefficient_rows(frame, columns, layout)),
            tuple(_footer_rows(list(columns.values()), layout)),
        ),
        notes,
    )
    return Comparison(frame, _statistics(columns, layout), notes, style, printed)


def _chosen(table: pd.DataFrame, terms: Mapping[str, str], layout: Layout) -> pd.DataFrame:
    chosen = table.loc[[term for term in terms if term in table.index]].rename(index=terms)
    if layout.exponentiate:
        values = ["estimate", "conf_low", "conf_high"]
        with np.errstate(over="ignore"):
            chosen = chosen.assign(**{name: np.exp(chosen[name]) for name in values})
    return chosen


def _statistics(columns: Mapping[str, Column], layout: Layout) -> pd.DataFrame:
    rows: dict[str, list[Any]] = {
        name: [column.statistics[name] for column in columns.values()] for name in layout.footer
    }
    rows["weights"] = [column.weights for column in columns.values()]
    rows["covariance"] = [column.covariance for column in columns.values()]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(columns), dtype=object)


# ------------------------------------------------------------------------------- coefficients


def _coefficient_rows(
    frame: pd.DataFrame, columns: Mapping[str, Column], layout: Layout
) -> Iterator[Row]:
    for term in frame.index:
        shown = [(frame.loc[term, name], column.valid) for name, column in columns.items()]
        yield Row(str(term), tuple(_estimate(values, valid, layout) for values, valid in shown))
        yield Row("", tuple(_below(values, layout) for values, _ in shown))


def _estimate(values: Any, valid: bool, layout: Layout) -> Cell:
    value = float(values["estimate"])
    if value == 0.0 and not values["std_error"] > 0.0:
        # An exact zero of a penalty or a constraint, not a rounded one.
        return Cell(text="0")
    stars = _stars(float(values["p_value"])) if layout.stars and valid else ""
    return Cell(number(value, layout.digits), stars)


def _stars(pvalue: float) -> str:
    return next((stars for level, stars in STARS if pvalue < level), "")


def _below(values: Any, layout: Layout) -> Cell:
    digits = layout.digits
    if values["std_error"] == 0.0:
        return Cell(text=FIXED)
    if layout.below == "ci":
        low, high = (number(float(values[name]), digits) for name in ("conf_low", "conf_high"))
        return Cell(text=f"[{low}, {high}]" if low and high else "")
    if layout.below == "p":
        text = pvalue_text(float(values["p_value"]), digits)
    else:
        name = "std_error" if layout.below == "se" else "statistic"
        text = number(float(values[name]), digits)
    return Cell(f"({text}", ")") if text else Cell()


def number(value: float, digits: int) -> str:
    """A number with so many decimals, or with so many digits where those would say nothing."""
    if np.isnan(value):
        return ""
    size = abs(value)
    if np.isfinite(value) and (size >= 1e6 or 0.0 < size < 0.5 * 10.0**-digits):
        return f"{value:.{max(digits, 1)}g}"
    return f"{value:.{digits}f}"


def pvalue_text(value: float, digits: int) -> str:
    """A p-value, which is never printed as zero."""
    least = 10.0**-digits
    if np.isnan(value):
        return ""
    return f"<{least:.{digits}f}" if value < least / 2.0 else f"{value:.{digits}f}"


# ----------------------------------------------------------------------- what stands below


def _footer_rows(columns: Sequence[Column], layout: Layout) -> Iterator[Row]:
    for name in layout.footer:
        texts = (_statistic(name, float(c.statistics[name]), layout.digits) for c in columns)
        yield Row(LABELS[name], tuple(Cell(text=text) for text in texts))
    if len({column.event for column in columns}) > 1:
        yield Row("Event", tuple(Cell(text=column.event) for column in columns))
    yield Row("Weights", tuple(Cell(text=column.weights) for column in columns))
    yield Row("Covariance", tuple(Cell(text=_covariance(column)) for column in columns))


def _covariance(column: Column) -> str:
    return column.covariance if column.valid else f"{column.covariance} (not valid)"


def _statistic(name: str, value: float, digits: int) -> str:
    if np.isnan(value):
        return ""
    if name in ("nobs", "n_rows", "df_model", "df_resid"):
        return f"{value:,.10g}"
    if name == "llr_pvalue":
        return pvalue_text(value, digits)
    return number(value, digits) if name == "pseudo_rsquared" else f"{value:,.1f}"


# -------------------------------------------------------------------------------- the notes


def _notes(columns: Mapping[str, Column], layout: Layout) -> Iterator[str]:
    yield _what_is_below({column.test for column in columns.values()}, layout)
    if layout.exponentiate:
        yield EXPONENTIALS
    if layout.stars:
        yield _legend([name for name, column in columns.items() if not column.valid])
    if any((column.table["std_error"] == 0.0).any() for column in columns.values()):
        yield f"{FIXED}: set by a constraint or left out by a selection, not estimated."
    events = {column.event for column in columns.values()}
    if len(events) == 1 and events != {""}:
        yield f"The event is {events.pop()}."
    yield from _merged({name: column.notes for name, column in columns.items()})
    yield from _on_the_footer(columns, layout)


def _what_is_below(tests: set[str], layout: Layout) -> str:
    if layout.below == "ci":
        return f"{100.0 * layout.conf_level:g} % intervals in brackets."
    names = {"se": "Standard errors", "p": "p-values"}
    return f"{names.get(layout.below) or ' or '.join(sorted(tests))} in parentheses."


def _legend(invalid: list[str]) -> str:
    legend = ", ".join(f"{stars} p < {level:g}" for level, stars in reversed(STARS))
    without = f"; none for {', '.join(invalid)}, whose p-values are not valid" if invalid else ""
    return f"{legend}{without}."


def _merged(sentences: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Each sentence once, with the columns that it is about, unless it is about all."""
    about: dict[str, list[str]] = {}
    for name, notes in sentences.items():
        for note in notes:
            about.setdefault(note, []).append(name)
    for note, names in about.items():
        yield note if len(names) == len(sentences) else f"{', '.join(names)}: {note}"


def _on_the_footer(columns: Mapping[str, Column], layout: Layout) -> Iterator[str]:
    """How far the statistics below can be compared."""
    shown = [name for name in layout.footer if name in _IN_UNITS]
    if not shown:
        return
    forms = [name for name in layout.footer if name in _PSEUDO_FORMS]
    pseudo = {name: c.valid for name, c in columns.items() if c.statistics["pseudo_likelihood"]}
    naive = [name for name, valid in pseudo.items() if forms and not valid]
    rest = [name for name in pseudo if name not in naive]
    if rest:
        yield f"{', '.join(rest)}: {_GIVEN}{_pseudo_forms(layout.footer)}."
    if naive:
        listed = ", ".join(LABELS[name] for name in forms)
        yield (
            f"{', '.join(naive)}: {_GIVEN}, INVALID {listed}: cov_type nonrobust takes it for a "
            "likelihood."
        )
    if len({_scale(column) for column in columns.values()}) > 1:
        listed = ", ".join(LABELS[name] for name in shown)
        yield f"Not comparable between columns of other rows or weights: {listed}."


def _pseudo_forms(footer: Sequence[str]) -> str:
    """What else the statistics below are under a pseudo-likelihood."""
    forms = ""
    if {"aic", "bic"} & set(footer):
        forms += ", AIC and BIC have their pseudo-likelihood forms"
    if "llr_pvalue" in footer:
        forms += ", LR p-values are Rao and Scott's"
    return forms


def _scale(column: Column) -> tuple[object, ...]:
    """The same for two fits of the same rows and weights."""
    null = column.statistics["llnull"]
    return column.event, column.weights, column.statistics["nobs"], None if np.isnan(null) else null
