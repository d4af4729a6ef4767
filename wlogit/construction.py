"""Steps of building a model: reading its inputs, naming what is aliased, keeping what it stores."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from wlogit import _compat
from wlogit._typing import Array
from wlogit.core.linalg import Rank, rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.designs import domain_of
from wlogit.errors import DesignError, WeightError
from wlogit.formula.design import FormulaDesign
from wlogit.inputs import (
    Inputs,
    OutcomeT,
    Table,
    drop_missing,
    find_constant,
    read_arrays,
    read_domain,
)
from wlogit.keywords import OPTIONS, reject_unknown
from wlogit.rows import Rows
from wlogit.survey.protocol import Design
from wlogit.weights.columns import plain
from wlogit.weights.outcome import Outcome, read_outcome
from wlogit.weights.weights import ClassWeightSource

# Terms of a sum, and columns, that a message names before it counts them.
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Stored:
    """What a model knows of itself beyond its public options, for when it is built again.

    Attributes
    ----------
    rows : Rows or None
        Rows of an evaluated formula; outcome and design are then already read.
    formula : str or None
    trials : ndarray, shape (n,), or None
        Cases per row, when the outcome is stored as fractions of counts.
    class_source : str or None
        Where the class weights came from, when they are stored as a mapping.
    """

    rows: Rows | None = None
    formula: str | None = None
    trials: Array | None = None
    class_source: ClassWeightSource | None = None


class RankedDesign:
    """Rank of the weighted design of a model, its aliased columns and its constant."""

    weights: Any
    data: Any
    exog: Any
    rows: Any
    # Of the data, those that the formula reads.
    formula_columns: frozenset[Hashable] = frozenset()

    def _configure(self, table: Table, aliased: str) -> None:
        """Rank of the weighted design, aliased columns and degrees of freedom."""
        self.n_columns = table.values.shape[1]
        table = table.measured()
        self._constant = find_constant(table.values, table.bounds)
        matrix = ModelMatrix(table.values, constant=self._constant)
        names = table.columns or default_names(table.values, self._constant)
        self.rank = design_rank(matrix, self.weights.row_weight, keep=aliased == "keep")
        self.rank_deficiency = deficiency_message(self.rank, names)
        if self.rank_deficiency and aliased == "raise":
            absent = absent_level(self.rows, self.weights.row_weight, names)
            raise DesignError(self.rank_deficiency + absent)
        self.kept: tuple[int, ...] = self.rank.kept
        self.aliased: dict[Any, dict[Any, float]] = alias_names(self.rank, names)
        if aliased == "keep":
            self.kept, self.aliased = tuple(range(self.n_columns)), {}
        kept, bounds = list(self.kept), table.bounds
        self._bounds = None if bounds is None else (bounds[0][kept], bounds[1][kept])
        if not self.kept:
            raise DesignError("every column of the design is zero on the rows with weight.")

    def _kept_table(self, table: Table) -> Table:
        """The columns that are fitted."""
        return table if len(self.kept) == self.n_columns else table.select(self.kept)

    def _hold_compact(self, table: Table) -> None:
        """Put a design that statsmodels knows by its shape only in its place, and name it."""
        if table.compact is not None:
            self.exog = self.data.exog = self.data.orig_exog = table.compact
            if table.columns is not None:
                self.data.xnames = list(table.columns)

    def _name_columns(self, table: Table) -> None:
        """Names of the columns of an array, as statsmodels gives them; a kept one keeps its own."""
        if table.columns is None:
            # As statsmodels, without a pass over the data.
            names = default_names(table.values, self._constant)
            self.data.xnames = [names[j] for j in self.kept]

    def require_full_rank(self) -> None:
        """Raise DesignError where aliased columns were kept: no single optimum without penalty."""
        if self.rank_deficiency and not self.aliased:
            raise DesignError(self.rank_deficiency)

    def _set_constant(self, hasconst: bool | None) -> None:
        """The constant, explicit or implicit, on the rows that carry weight."""
        combination = self.rank.constant_combination if hasconst is not False else None
        if combination is not None:
            combination = combination[list(self.kept)]
        self.constant_combination: Array | None = combination
        explicit = np.flatnonzero(combination) if combination is not None else np.zeros(0, int)
        self.k_constant = self.data.k_constant = int(
            combination is not None if hasconst is None else hasconst
        )
        self.data.const_idx = int(explicit[0]) if explicit.size == 1 else None
        self.df_model = float(self.rank.rank - self.k_constant)
        constant = self.kept.index(self._constant) if self._constant in self.kept else None
        plain = ModelMatrix(self.exog, constant=constant, bounds=self._bounds)
        self.matrix: ModelMatrix = plain.standardized(self.weights.row_weight)


def read_private(private: Mapping[str, Any]) -> tuple[Stored, bool | None]:
    """The private keywords of a constructor: what is stored, and statsmodels' ``hasconst``."""
    stored = private.get("stored", Stored())
    if not isinstance(stored, Stored) or set(private) - {"stored", "hasconst"}:
        unknown = next(name for name in private if name != "hasconst")
        reject_unknown([unknown], OPTIONS, "WeightedLogit")
    return stored, private.get("hasconst")


def read_inputs(
    endog: Any,
    exog: Any,
    offset: Any,
    event: Any,
    missing: str,
    stored: Stored,
    design: Design | None,
) -> Inputs[Outcome]:
    """Outcome, design and offset on the kept rows, from arrays or from an evaluated formula.

    Of a survey design with a domain, rows outside are left out as if they were not there.
    """
    if stored.rows is not None:
        rows = stored.rows
        on_all_rows = rows.numbers(offset, "offset", ValueError)
        kept_offset = None if on_all_rows is None else rows.take(on_all_rows)
        inputs = drop_missing(endog, exog, rows, kept_offset, missing)
        return with_labels(inputs)
    if design is not None and stored.trials is None:
        read, domain = partial(read_outcome, event=event), partial(domain_of, design)
        outcome, table, rows, offset = read_domain(endog, exog, offset, read, domain)
    else:
        outcome, table, rows, offset = read_arrays(endog, exog, offset, event, stored.trials)
    return drop_missing(outcome, table, rows, offset, missing)


def with_labels(inputs: Inputs[OutcomeT]) -> Inputs[OutcomeT]:
    """Inputs whose table carries the labels of the kept rows."""
    return replace(inputs, table=replace(inputs.table, index=inputs.rows.labels))


def kept_numbers(rows: Rows, value: Any, role: str) -> Array | None:
    """Weights of the kept rows, or None."""
    numbers = rows.numbers(value, role, WeightError)
    return None if numbers is None else np.asarray(rows.take(numbers))


def stored_endog(inputs: Inputs[Outcome], rows: Rows) -> Any:
    """The outcome as statsmodels stores it: a float per row, labelled where the data were."""
    values = np.array(inputs.outcome.values, dtype=np.float64)
    if inputs.table.index is None and rows.index is None:
        return values
    return pd.Series(values, index=rows.labels, name=inputs.outcome.name or "y", copy=False)


def finish_formula(model: Any, design: FormulaDesign[Any]) -> None:
    """What statsmodels' own from_formula leaves on a model."""
    model.data.frame = design.frame
    model.formula_columns = frozenset(design.frame.columns)
    model.data.ynames = design.outcome_name
    _compat.attach_design_info(model.data, design.design_info)


def default_names(values: Array, constant: int | None) -> list[str]:
    """Names that statsmodels gives the columns of an array."""
    names = [f"x{j}" for j in range(1, values.shape[1] + (constant is None))]
    if constant is not None:
        names.insert(constant, "const")
    return names


def design_rank(matrix: ModelMatrix, weight: Array, *, keep: bool) -> Rank:
    """Rank of the design on the rows with weight, and which columns it keeps.

    Where every column is kept, more columns than rows are not worth a search for combinations.
    """
    n_rows = int(np.count_nonzero(np.broadcast_to(weight, matrix.shape[:1])))
    k = matrix.n_params
    if not keep or k <= n_rows:
        return rank_and_aliases(matrix, weight)
    combination = None
    if matrix.constant is not None:
        combination = np.zeros(k)
        combination[matrix.constant] = 1.0 / float(matrix.values[0, matrix.constant])
    return Rank(n_rows, tuple(range(n_rows)), {}, combination is not None, combination)


def alias_names(rank: Rank, names: list[Any]) -> dict[Any, dict[Any, float]]:
    """What each aliased column equals, by name."""
    return {
        names[j]: {
            names[i]: float(c) for i, c in zip(rank.kept, coefs, strict=True) if abs(c) > 1e-10
        }
        for j, coefs in rank.aliased.items()
    }


def equalities(aliased: Mapping[Any, Mapping[Any, float]]) -> str:
    """Aliased columns as sums of others: ``x2 = 2 x``; the first of many."""
    parts = []
    for name, equal in aliased.items():
        terms = [f"{c:.4g} {other}" for other, c in equal.items()]
        parts.append(f"{name} = {_first(terms, ' + ') or '0'}")
    return _first(parts, "; ")


def _first(parts: list[str], between: str) -> str:
    """Parts of a message, the first of them and the number of the others where there are many."""
    shown = between.join(parts[:SHOWN])
    return shown if len(parts) <= SHOWN else f"{shown}{between}... ({len(parts)} in all)"


def deficiency_message(rank: Rank, names: list[Any]) -> str:
    """The error message about a design of less than full rank; empty for full rank."""
    if rank.rank == len(names):
        return ""
    if not rank.aliased:
        return (
            f"the design has {len(names)} columns on {rank.rank} rows with weight: no single "
            "estimate exists without a penalty. Use fit_regularized."
        )
    return (
        "the design is rank deficient on the rows with weight: "
        + equalities(alias_names(rank, names))
        + '. Leave those columns out, or use aliased="drop".'
    )


def absent_level(rows: Rows, weight: Array, names: list[Any]) -> str:
    """A sentence on a category without a row, of a column that these columns come from; or nothing.

    Parameters
    ----------
    rows : Rows
    weight : ndarray, shape (n,) or ()
        Of the rows kept.
    names : list
        Of the columns of the design.
    """
    if rows.frame is None:
        return ""
    for name, column in rows.frame.items():
        from_it = any(f"{name}[" in str(one) or f"C({name}" in str(one) for one in names)
        if not (from_it and isinstance(column.dtype, pd.CategoricalDtype)):
            continue
        codes = rows.take(column.cat.codes.to_numpy())
        there = np.unique(codes[np.broadcast_to(weight > 0.0, codes.shape)])
        absent = np.setdiff1d(np.arange(len(column.cat.categories)), there)
        if absent.size:
            level = plain(column.cat.categories[absent[0]])
            return (
                f" No row with weight has {name} = {level!r}, which is a category of that column; "
                "as text (astype(str)) it has only the categories of the rows in the model."
            )
    return ""


def remember_columns(model: Any, inputs: Inputs[Outcome], offset: Any, **weights: Any) -> None:
    """Where offset and weights of new rows are looked for, once those of the fit are gone."""
    model.has_offset = inputs.offset is not None
    model.offset_name = offset if isinstance(offset, str) else None
    model.weight_columns = {
        role: column for role, column in weights.items() if isinstance(column, str)
    }


def store_options(model: Any, inputs: Inputs[Outcome], prevalence: float | None) -> None:
    """Attributes from which ``type(model)(endog, exog, **model._get_init_kwds())`` rebuilds."""
    weights, sorts = model.weights, model.weights.cases
    trials = inputs.outcome.trials if inputs.outcome.kind == "counts" else None
    frequency = np.asarray(sum(sort.multiplicity for sort in sorts))
    model.n_trials = trials
    # Without frequency weights the attribute is absent: statsmodels acts on its presence.
    if weights.has_frequency:
        model.freq_weights = np.broadcast_to(frequency, (weights.n_rows,))
        if trials is not None:
            model.freq_weights = np.divide(
                frequency, trials, out=np.zeros(weights.n_rows), where=trials > 0
            )
    model.sampling_weights = (
        np.broadcast_to(sorts[0].sampling, (weights.n_rows,)) if weights.has_sampling else None
    )
    model.prevalence = prevalence
    factors = weights.factors
    model.class_weight = None
    if factors.source in ("balanced", "mapping"):
        model.class_weight = {0: factors.non_event, 1: factors.event}
    model.event = None
    model.stored = Stored(trials=trials, class_source=factors.source)
    weighing = "sampling_weights" if model.design is None else "design"
    keys = ["class_weight", "freq_weights", weighing, "prevalence", "stored"]
    model._init_keys = [key for key in keys if getattr(model, key, None) is not None]
    if inputs.offset is not None:
        model._init_keys.append("offset")
    model._data_attr = [
        *model._data_attr,
        "offset",
        "freq_weights",
        "sampling_weights",
        "n_trials",
        "stored",
        "data.frame",
    ]
