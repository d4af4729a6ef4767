"""How often columns were selected in halves of the data, and what a stable selection is worth."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from tabulate import tabulate

from wlogit._typing import Array, BoolArray
from wlogit.regularized.grid import PathSpec

# Rows of the printed table.
SHOWN = 20


class StabilityResults:
    """How often each column was selected in complementary halves of the data.

    Attributes
    ----------
    alphas : ndarray, shape (alphas,)
        Strengths of the penalty in use, falling.
    L1_wt : float
    n_pairs : int
        Pairs of complementary halves.
    frequencies : DataFrame, shape (alphas, columns)
        Share of the halves in which a column is selected at an alpha.
    frequency : Series, shape (columns,)
        Share of the halves in which it is selected at any of the alphas.
    threshold : float
        Share of the halves from which on a column is stable.
    mean_selected : float
        Mean number of columns selected in a half at any of the alphas, q.
    """

    def __init__(
        self,
        model: Any,
        spec: PathSpec,
        alphas: Array,
        chosen: Array,
        penalised: BoolArray,
        threshold: float,
    ) -> None:
        names = np.array(list(model.exog_names), dtype=object)[penalised]
        self.alphas, self.L1_wt, self.standardize = alphas, spec.L1_wt, spec.standardize
        self.n_pairs = chosen.shape[0] // 2
        self.threshold = threshold
        index = pd.Index(alphas, name="alpha")
        self.frequencies = pd.DataFrame(chosen.mean(axis=0), index, names)
        ever = chosen.any(axis=1)
        self.frequency = pd.Series(ever.mean(axis=0), index=names, name="frequency")
        self.mean_selected = float(ever.sum(axis=1).mean())

    @property
    def selected(self) -> list[Hashable]:
        """Stable columns: those selected in at least `threshold` of the halves."""
        return list(self.frequency.index[self.frequency >= self.threshold])

    @property
    def error_bound(self) -> float:
        """Most columns expected among the stable ones by chance, ``q^2 / ((2 threshold - 1) p)``.

        By chance are the columns that a half selects no more often than the average column,
        ``q / p``. The bound needs nothing but independent rows (or groups). If the columns without
        an effect are selected alike, and no more often than those with one, they are the false
        ones.

        References
        ----------
        Shah and Samworth (2013), Journal of the Royal Statistical Society B 75, theorem 1;
        Meinshausen and Buhlmann (2010), the same journal 72, theorem 1.
        """
        return float(error_bound(self.mean_selected, self.threshold, len(self.frequency)))

    def summary(self) -> str:
        """The columns most often selected, and what the selection is worth.

        Returns
        -------
        str
        """
        ranked = self.frequency.sort_values(ascending=False, kind="stable")
        shown = ranked.iloc[: max(SHOWN, len(self.selected))]
        rows = [
            (str(name), f"{share:.2f}", "stable" if share >= self.threshold else "")
            for name, share in shown.items()
        ]
        table = tabulate(rows, headers=["column", "frequency", ""], disable_numparse=True)
        rest = len(ranked) - len(shown)
        more = f"\n({rest} more columns, selected in at most {shown.iloc[-1]:.2f})" if rest else ""
        return f"{self._title}\n\n{table}{more}\n\n{self._footer}"

    @property
    def _title(self) -> str:
        kind = "lasso" if self.L1_wt == 1.0 else f"elastic net, L1_wt={self.L1_wt:g},"
        return f"Stability selection by the {kind} in {self.n_pairs} pairs of halves"

    @property
    def _footer(self) -> str:
        low, high = self.alphas[-1], self.alphas[0]
        span = f"alpha = {high:.4g}" if low == high else f"alpha from {high:.4g} to {low:.4g}"
        return (
            f"{len(self.selected)} of {len(self.frequency)} columns are stable: selected at some "
            f"{span} in at least\n{self.threshold:.2f} of the halves. On average a half selects "
            f"{self.mean_selected:.1f}.\nAt most {self.error_bound:.2g} of the stable columns are "
            "expected to be there by chance, that is among\nthe columns that a half selects no "
            "more often than average (Shah and Samworth 2013).\nA frequency is no p-value, and a "
            "refit of the stable columns ignores their selection."
        )

    def __str__(self) -> str:
        return self.summary()


def error_bound(mean_selected: Any, threshold: float, n_columns: int) -> Any:
    """``q^2 / ((2 threshold - 1) p)`` for one q or several; see `StabilityResults.error_bound`."""
    return mean_selected**2 / ((2.0 * threshold - 1.0) * n_columns)
