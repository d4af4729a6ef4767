"""Effects of one label or of several, with the members of statsmodels' `DiscreteMargins`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from statsmodels.iolib.summary import Summary, summary_params
from statsmodels.iolib.table import SimpleTable

from wlogit._typing import Array
from wlogit.inference.margins import Estimates
from wlogit.margins.request import MarginRequest

HEADINGS = {
    "dydx": "dy/dx",
    "eyex": "d(lny)/d(lnx)",
    "dyex": "dy/d(lnx)",
    "eydx": "d(lny)/dx",
}


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What ``get_margeff`` finds.

    Attributes
    ----------
    names : list of str
    estimates : Estimates or None
        None at all rows; those of one label after the other.
    rows : ndarray, shape (n, q) or (n, q, J), or None
        Effects at all rows.
    dummies, counts : ndarray of int or None
        Columns whose changes are discrete.
    """

    names: list[str]
    estimates: Estimates | None
    rows: Array | None
    dummies: Any = None
    counts: Any = None


class EffectsTable(ABC):
    """Effects with their inference, as statsmodels presents them.

    Parameters
    ----------
    results : WeightedLogitResults or WeightedMNLogitResults
    request : MarginRequest
    """

    # What ``margeff_options`` tells of the request.
    _options: ClassVar[tuple[str, ...]]

    def __init__(self, results: Any, request: MarginRequest) -> None:
        self.results = results
        self._compute(request)

    def _compute(self, request: MarginRequest) -> None:
        request = request.checked()
        found = self._find(request)
        self.request, self.names, self.inference = request, found.names, found.estimates
        self.dummy_idx, self.count_idx = found.dummies, found.counts
        self.margeff_options = {name: getattr(request, name) for name in self._options}
        if found.estimates is None:
            self.margeff = found.rows
            return
        self.margeff = self._shaped(found.estimates.value)
        self.margeff_cov = found.estimates.covariance
        self.margeff_se = self._shaped(found.estimates.se)

    @abstractmethod
    def _find(self, request: MarginRequest) -> Computed:
        """The effects asked for."""

    @abstractmethod
    def _shaped(self, values: Array) -> Array:
        """Numbers of the estimates, shape (q,), in the shape of `margeff`."""

    @property
    @abstractmethod
    def _index(self) -> Any:
        """Names of the estimates."""

    @abstractmethod
    def _tests(self, columns: Sequence[Array], alpha: float) -> SimpleTable:
        """The printed table, of estimates, errors, statistics, p-values and limits."""

    def _inference(self) -> Estimates:
        if self.inference is None:
            raise ValueError(
                "Only margeff are available when `at` is 'all'. Please input specific points if "
                "you would like to do inference."
            )
        return self.inference

    @property
    def tvalues(self) -> Array:
        """Effects over their standard errors, in the shape of `margeff`."""
        return self._shaped(self._inference().statistics)

    @property
    def pvalues(self) -> Array:
        """Two-sided p-values: normal, or t where the fit has ``use_t``; shaped as `margeff`."""
        return self._shaped(self._inference().pvalues)

    def conf_int(self, alpha: float = 0.05) -> Array:
        """Confidence intervals, shape (q, 2); of J labels (q, 2, J).

        Parameters
        ----------
        alpha : float
            One minus the level.
        """
        limits = self._inference().interval(alpha)
        return np.stack([self._shaped(limit) for limit in limits.T], axis=1)

    def summary_frame(self, alpha: float = 0.05) -> pd.DataFrame:
        """The effects as a table, with statsmodels' names of columns; "t" for "z" with ``use_t``.

        Parameters
        ----------
        alpha : float
        """
        letter = self._letter
        columns = [
            HEADINGS[self.request.method],
            *("Std. Err.", letter, f"Pr(>|{letter}|)", "Conf. Int. Low", "Cont. Int. Hi."),
        ]
        table = np.column_stack(self._columns(alpha))
        return pd.DataFrame(table, columns=columns, index=self._index)

    @property
    def _letter(self) -> str:
        return "t" if self.results.use_t else "z"

    def _columns(self, alpha: float) -> tuple[Array, ...]:
        found = self._inference()
        return found.value, found.se, found.statistics, found.pvalues, found.interval(alpha)

    def summary(self, alpha: float = 0.05) -> Summary:
        """The effects as a printed table in statsmodels' layout.

        Parameters
        ----------
        alpha : float
        """
        columns, results = self._columns(alpha), self.results
        left = [
            ("Dep. Variable:", [results.model.endog_names]),
            ("Method:", [self.request.method]),
            ("At:", [self.request.at]),
        ]
        title = f"{type(results.model).__name__} Marginal Effects"
        right = self._facts()
        summary = Summary()
        summary.add_table_2cols(results, gleft=left, gright=right, xname=self.names, title=title)
        if self.names:
            summary.tables.append(self._tests(columns, alpha))
        else:
            summary.add_extra_txt(["No column of the design varies: there are no effects."])
        return summary

    def _table(self, columns: Sequence[Array], name: str, alpha: float) -> SimpleTable:
        """The printed table of one label."""
        table = summary_params(
            (self.results, *columns),
            yname=name,
            xname=self.names,
            alpha=alpha,
            use_t=False,
            skip_header=True,
        )
        letter = self._letter
        heading = ["", HEADINGS[self.request.method], "std err", letter, f"P>|{letter}|"]
        table.insert_header_row(0, [*heading, "[" + str(alpha / 2), str(1 - alpha / 2) + "]"])
        return table

    def _facts(self) -> list[tuple[str, list[str]]]:
        """What statsmodels' table need not say: scale and kind of standard errors."""
        request, results = self.request, self.results
        facts = []
        if request.prevalence is not None:
            facts.append(("Prevalence:", [f"{request.prevalence:.6g}"]))
        elif results.weights.factors.source in ("balanced", "mapping"):
            facts.append(("Scale:", [request.scale]))
        if facts or request.vce != "delta" or results.cov_type != "nonrobust":
            facts.append(("Covariance Type:", [results.cov_type]))
            facts.append(("Std. errors:", [request.vce]))
        return facts

    def __repr__(self) -> str:
        if self.inference is None:
            names = ", ".join(self.names) or "no column"
            return f"<{type(self).__name__} at all rows of {names}>"
        return str(self.summary())
