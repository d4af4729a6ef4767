"""Collinearity of a fit's columns, with their names."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import IntArray
from wlogit.errors import NotAvailableError
from wlogit.inference.collinearity import Information, decompose, grouped, variance_inflation
from wlogit.inference.printed import Printed

# From here on Belsley, Kuh and Welsch call a condition index moderate to strong, and a share of
# the variance that belongs to it large.
STRONG, LARGE = 30.0, 0.5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Collinearity(Printed):
    """What the columns of a design have in common, given the weights and the fit.

    All is of ``X'WX`` at the estimate, W the likelihood weight times p (1 - p) of each row; it is
    how much larger the model-based variances are than for uncorrelated columns. Sandwich
    variances are inflated for the same reason, not by the same factor.

    Attributes
    ----------
    vif : Series
        Variance inflation factor of each column but the constant, ``1 / (1 - R^2)`` of its
        W-weighted regression on the others; about zero where the design has no constant. Columns
        that add up to the constant (``0 + C(g)``) have none.
    terms : DataFrame
        Columns "GVIF", "df" and "GVIF^(1/(2 df))", for the terms of the formula; for arrays every
        column is a term. The last one is on the scale of standard errors, comparable between
        terms.
    condition_number : float
        Of ``W^(1/2) X`` with columns scaled to unit length, the constant included.
    indices : DataFrame
        A row for each condition index, rising to the condition number: the share of the variance
        of each coefficient that belongs to it. Two or more large shares in a row of a large index
        name the columns that depend on each other.
    """

    vif: pd.Series
    terms: pd.DataFrame
    condition_number: float
    indices: pd.DataFrame

    @property
    def dependencies(self) -> tuple[tuple[float, tuple[str, ...]], ...]:
        """Condition indices of 30 and more, with the columns that share them by more than half."""
        found = []
        for index, shares in self.indices.iloc[::-1].iterrows():
            names = tuple(str(name) for name in shares.index[shares > LARGE])
            if float(str(index)) >= STRONG and len(names) > 1:
                found.append((float(str(index)), names))
        return tuple(found)

    def __str__(self) -> str:
        """Tables and what they say, as text."""
        lines = [
            "Collinearity, by X'WX at the estimate",
            self.terms.to_string(float_format=lambda value: f"{value:.4g}"),
            f"Condition number {self.condition_number:.4g} (columns of unit length).",
        ]
        lines += [
            f"Condition index {index:.4g}: {', '.join(names)} are nearly dependent."
            for index, names in self.dependencies
        ]
        return "\n".join(lines)


def collinearity(results: Any) -> Collinearity:
    """Variance inflation and condition indices of a fit.

    Parameters
    ----------
    results : WeightedLogitResults

    Raises
    ------
    NotAvailableError
        For constrained fits, fits without finite standard errors, and after ``remove_data``.
    """
    parts = results._score_parts()
    if hasattr(results, "constraints"):
        raise NotAvailableError(
            "collinearity is that of all columns; ask the fit without constraints for it."
        )
    if not np.all(np.isfinite(results.cov_nonrobust)):
        raise NotAvailableError(
            "collinearity needs a fit that has converged to finite coefficients."
        )
    model = results.model
    names = [str(name) for name in model.exog_names]
    information = Information.at(parts, model.constant_combination)
    columns = {name: np.array([j]) for j, name in enumerate(names)}
    single = {
        name: variance_inflation(information, where)[0]
        for name, where in grouped(columns, model.constant_combination).items()
        if len(where) == 1
    }
    rows = {
        name: _generalized(information, where)
        for name, where in grouped(_terms(model, columns), model.constant_combination).items()
    }
    header = ["GVIF", "df", "GVIF^(1/(2 df))"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=header)
    parted = decompose(information)
    index = pd.Index(parted.indices, name="condition index")
    return Collinearity(
        vif=pd.Series(single, name="VIF", dtype=float),
        terms=table.astype({"df": int}),
        condition_number=float(parted.indices[-1]),
        indices=pd.DataFrame(parted.proportions, index=index, columns=names),
    )


def _generalized(information: Information, where: IntArray) -> list[float]:
    value, df = variance_inflation(information, where)
    return [value, df, value ** (0.5 / df)]


def _terms(model: Any, columns: dict[str, IntArray]) -> dict[str, IntArray]:
    """Positions of the columns of each term, without those that were dropped as aliased."""
    if model.design_info is None:
        return columns
    kept = np.array(model.kept)
    found = {
        term: np.flatnonzero((kept >= where.start) & (kept < where.stop))
        for term, where in model.design_info.term_name_slices.items()
    }
    return {term: where for term, where in found.items() if len(where)}
