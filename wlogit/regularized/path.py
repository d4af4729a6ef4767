"""Penalised fits over a falling penalty, and which of them cross-validation selects."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from tabulate import tabulate

from wlogit._typing import Array
from wlogit.core.proximal import PenalizedOptimum
from wlogit.errors import NotAvailableError
from wlogit.keywords import check_choice
from wlogit.plots import paths as figures
from wlogit.regularized.grid import Track
from wlogit.regularized.validation import Validation

# Rows of the printed table.
SHOWN = 10


class RegularizedPath:
    """Penalised fits of one model over a falling penalty.

    Attributes
    ----------
    model : WeightedLogit
    alphas : ndarray, shape (alphas,)
        Strengths of the penalty, falling.
    L1_wt : float
        Share of the lasso.
    standardize : bool
    penalty_factor : Series
        Multiple of alpha for each column; zero for the constant, which is not penalised.
    validation : Validation or None
        Scores of the folds, after ``cv=``.
    """

    def __init__(
        self,
        track: Track,
        model: Any,
        alphas: Array,
        optima: list[PenalizedOptimum],
        ratios: Array,
        validation: Validation | None,
    ) -> None:
        spec, names = track.spec, list(model.exog_names)
        self.model, self.alphas, self.validation = model, alphas, validation
        self.L1_wt, self.standardize, self.tol = spec.L1_wt, spec.standardize, spec.tol
        penalised = track.unit.l1 > 0.0
        self.penalty_factor = pd.Series(np.where(penalised, spec.factors, 0.0), index=names)
        self._constant: int | None = model.matrix.constant
        index = pd.Index(alphas, name="alpha")
        self._coefs = pd.DataFrame(np.array([o.params for o in optima]), index, names)
        slopes = np.delete(np.asarray(self._coefs), self._constant_places, axis=1)
        self._table = pd.DataFrame(
            {
                "n_nonzero": np.count_nonzero(slopes, axis=1),
                "deviance_ratio": ratios,
                "kkt_residual": [o.kkt for o in optima],
                "iterations": [o.iterations for o in optima],
                "converged": [o.converged for o in optima],
            },
            index,
        )

    @property
    def _constant_places(self) -> list[int]:
        return [] if self._constant is None else [self._constant]

    @property
    def constant(self) -> Any:
        """Name of the constant; None without one."""
        return None if self._constant is None else self._coefs.columns[self._constant]

    @property
    def coefs(self) -> pd.DataFrame:
        """Coefficients: a row for each alpha, a column for each name."""
        return self._coefs.copy()

    @property
    def table(self) -> pd.DataFrame:
        """What each fit is, by alpha.

        ``n_nonzero`` counts the coefficients that are not zero, without the constant;
        ``deviance_ratio`` is the share of the null model's deviance that is explained;
        ``kkt_residual`` is the violation of the optimality conditions.
        """
        return self._table.copy()

    @property
    def kkt_residuals(self) -> pd.Series:
        """Largest violation of the optimality conditions of each fit, free of any unit."""
        return self._table["kkt_residual"].copy()

    # -- cross-validation ----------------------------------------------------------------------

    @property
    def cv(self) -> pd.DataFrame:
        """Mean of the held-out criterion over the folds and its standard error, by alpha.

        Columns ``alpha``, ``mean``, ``se``, ``n_nonzero`` and ``deviance_ratio``; the last two are
        of the fit to all rows.
        """
        validation = self._validated()
        return pd.DataFrame(
            {
                "alpha": self.alphas,
                "mean": validation.mean,
                "se": validation.standard_error,
                "n_nonzero": self._table["n_nonzero"].to_numpy(),
                "deviance_ratio": self._table["deviance_ratio"].to_numpy(),
            }
        )

    @property
    def fold_scores(self) -> pd.DataFrame:
        """Held-out criterion: a row for each alpha, a column for each fold."""
        validation = self._validated()
        columns = pd.Index(validation.folds.names, name="fold")
        return pd.DataFrame(validation.scores.T, self._table.index, columns)

    @property
    def folds(self) -> pd.Series:
        """Fold of each row of the fit; missing for rows without weight."""
        folds = self._validated().folds
        names = pd.Series([*folds.names, None], dtype=object)
        values = names.take(folds.of_row).to_numpy()
        return pd.Series(values, index=self.model.rows.labels, name="fold")

    @property
    def criterion(self) -> str:
        """What was judged on the held-out folds."""
        return self._validated().criterion

    @property
    def alpha_best(self) -> float:
        """The alpha with the best mean criterion."""
        return float(self.alphas[self._validated().best])

    @property
    def alpha_1se(self) -> float:
        """The largest alpha whose mean is within one standard error of the best."""
        return float(self.alphas[self._validated().one_se])

    @property
    def chosen(self) -> dict[str, float]:
        """Alphas that cross-validation chose, by rule; empty without it."""
        if self.validation is None:
            return {}
        return {"best": self.alpha_best, "one standard error": self.alpha_1se}

    @property
    def best(self) -> Any:
        """The fit to all rows at `alpha_best`."""
        return self.at(self.alpha_best)

    @property
    def one_se(self) -> Any:
        """The fit to all rows at `alpha_1se`."""
        return self.at(self.alpha_1se)

    def _validated(self) -> Validation:
        if self.validation is None:
            raise NotAvailableError(
                "this path was fitted without cross-validation: give fit_regularized_path(cv=10), "
                "or choose an alpha and call at(alpha)."
            )
        return self.validation

    # -- one fit -------------------------------------------------------------------------------

    def at(self, alpha: float) -> Any:
        """The fit to all rows at one alpha, which need not be on the grid.

        Parameters
        ----------
        alpha : float

        Returns
        -------
        RegularizedResults
            Found from the nearest fit of the path.
        """
        nearest = int(np.argmin(np.abs(self.alphas - alpha)))
        factors = np.delete(self.penalty_factor.to_numpy(), self._constant_places)
        return self.model.fit_regularized(
            start_params=self._coefs.iloc[nearest].to_numpy(),
            method="elastic_net",
            disp=False,
            alpha=alpha if np.all(factors == 1.0) else alpha * self.penalty_factor.to_numpy(),
            L1_wt=self.L1_wt,
            standardize=self.standardize,
            tol=self.tol,
        )

    # -- words and pictures --------------------------------------------------------------------

    def summary(self) -> str:
        """A table of the path, at some of its alphas and at those that were chosen.

        Returns
        -------
        str
        """
        rows = np.unique(np.linspace(0, len(self.alphas) - 1, SHOWN).astype(int))
        frame = self._table[["n_nonzero", "deviance_ratio"]].copy()
        marks = np.full(len(frame), "", dtype=object)
        if self.validation is not None:
            best, one_se = self.validation.best, self.validation.one_se
            rows = np.unique([*rows, best, one_se])
            frame["mean"], frame["se"] = self.validation.mean, self.validation.standard_error
            marks[best], marks[one_se] = "best", "best, 1 SE" if best == one_se else "1 SE"
        frame[""] = marks
        shown = frame.iloc[rows].reset_index()
        heads = {
            "n_nonzero": "non-zero",
            "deviance_ratio": "explained",
            "mean": f"{self.criterion} held out" if self.validation is not None else "",
            "se": "std err",
        }
        body = tabulate(
            shown.rename(columns=heads).to_numpy().tolist(),
            headers=[heads.get(name, name) for name in shown.columns],
            floatfmt=("#.4g", "g", ".4f", ".4f", ".4f", "g")[: shown.shape[1]],
        )
        return f"{self._title}\n\n{body}\n\n{self._footer}"

    @property
    def _title(self) -> str:
        kind = {1.0: "Lasso", 0.0: "Ridge"}.get(self.L1_wt, f"Elastic net, L1_wt={self.L1_wt:g},")
        standardized = " of standardized columns" if self.standardize else ""
        return f"{kind} path{standardized}: {len(self.alphas)} alphas"

    @property
    def _footer(self) -> str:
        largest = max(float(self._table["kkt_residual"].max()), 1e-16)
        lines = [f"KKT residuals below {10.0 ** (np.floor(np.log10(largest)) + 1):.0e}."]
        if self.validation is not None:
            lines.append(
                f"{len(self.validation.folds)} folds. best: alpha={self.alpha_best:.4g}; 1 SE: the "
                f"largest alpha within one standard error of it, {self.alpha_1se:.4g}."
            )
        lines.append("The choice of alpha adds uncertainty that no single fit shows.")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()

    def plot(self, ax: Any = None, *, kind: Literal["path", "cv"] = "path", **options: Any) -> Any:
        """Draw the coefficients, or the cross-validation.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.
        kind : {"path", "cv"}
            `wlogit.plots.path` or `wlogit.plots.cross_validation`.
        **options
            Of the function that draws.

        Returns
        -------
        matplotlib.axes.Axes
        """
        check_choice("kind", kind, ("path", "cv"))
        draw = figures.path if kind == "path" else figures.cross_validation
        return draw(self, ax, **options)
