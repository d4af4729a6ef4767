"""Steps of building a model: reading its inputs, naming what is aliased, keeping what it stores."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit import _compat
from wlogit._typing import Array
from wlogit.core.linalg import Rank, rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.errors import WeightError
from wlogit.formula.design import FormulaDesign
from wlogit.inputs import Inputs, drop_missing, read_arrays
from wlogit.keywords import OPTIONS, reject_unknown
from wlogit.rows import Rows
from wlogit.weights.weights import ClassWeightSource


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


def read_private(private: Mapping[str, Any]) -> tuple[Stored, bool | None]:
    """The private keywords of a constructor: what is stored, and statsmodels' ``hasconst``."""
    stored = private.get("stored", Stored())
    if not isinstance(stored, Stored) or set(private) - {"stored", "hasconst"}:
        unknown = next(name for name in private if name != "hasconst")
        reject_unknown([unknown], OPTIONS, "WeightedLogit")
    return stored, private.get("hasconst")


def read_inputs(
    endog: Any, exog: Any, offset: Any, event: Any, missing: str, stored: Stored
) -> Inputs:
    """Outcome, design and offset on the kept rows, from arrays or from an evaluated formula."""
    if stored.rows is not None:
        rows = stored.rows
        on_all_rows = rows.numbers(offset, "offset", ValueError)
        kept_offset = None if on_all_rows is None else rows.take(on_all_rows)
        inputs = drop_missing(endog, exog, rows, kept_offset, missing)
        return _with_labels(inputs)
    outcome, table, rows, offset = read_arrays(endog, exog, offset, event, stored.trials)
    return drop_missing(outcome, table, rows, offset, missing)


def _with_labels(inputs: Inputs) -> Inputs:
    return replace(inputs, table=replace(inputs.table, index=inputs.rows.labels))


def kept_numbers(rows: Rows, value: Any, role: str) -> Array | None:
    """Weights of the kept rows, or None."""
    numbers = rows.numbers(value, role, WeightError)
    return None if numbers is None else np.asarray(rows.take(numbers))


def stored_endog(inputs: Inputs, rows: Rows) -> Any:
    """The outcome as statsmodels stores it: a float per row, labelled where the data were."""
    values = np.array(inputs.outcome.values, dtype=np.float64)
    if inputs.table.index is None and rows.index is None:
        return values
    return pd.Series(values, index=rows.labels, name=inputs.outcome.name or "y", copy=False)


def finish_formula(model: Any, design: FormulaDesign) -> None:
    """What statsmodels' own from_formula leaves on a model."""
    model.data.frame = design.frame
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


def deficiency_message(rank: Rank, names: list[Any]) -> str:
    """The error message about a design of less than full rank; empty for full rank."""
    if rank.rank == len(names):
        return ""
    if not rank.aliased:
        return (
            f"the design has {len(names)} columns on {rank.rank} rows with weight: no single "
            "estimate exists without a penalty. Use fit_regularized."
        )
    parts = []
    for name, equal in alias_names(rank, names).items():
        terms = " + ".join(f"{c:.4g} {other}" for other, c in equal.items()) or "0"
        parts.append(f"{name} = {terms}")
    return (
        "the design is rank deficient on the rows with weight: "
        + "; ".join(parts)
        + '. Leave those columns out, or use aliased="drop".'
    )


def store_options(model: Any, inputs: Inputs, prevalence: float | None) -> None:
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
    keys = ["class_weight", "freq_weights", "sampling_weights", "prevalence", "stored"]
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
