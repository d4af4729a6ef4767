"""From a formula and a table to outcome and design, by patsy whatever engine statsmodels uses."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array, BoolArray
from wlogit._warn import warn_user
from wlogit.errors import DataWarning, DesignError, OutcomeError
from wlogit.formula.building import build_design
from wlogit.formula.columns import (
    check_factors,
    convert_columns,
    in_native_order,
    refuse_missing_learned,
    widened_columns,
)
from wlogit.formula.compact import compact_design, with_categories
from wlogit.formula.texts import MISSING, check_called, names_called, names_in, parsed
from wlogit.inputs import OutcomeT, Table
from wlogit.rows import Rows
from wlogit.weights.columns import listed, shorten


@dataclass(frozen=True, slots=True)
class FormulaDesign(Generic[OutcomeT]):
    """What a formula makes of a table.

    Attributes
    ----------
    outcome : Outcome or LabelledOutcome
    table : Table
    rows : Rows
    design_info : patsy.DesignInfo
    frame : DataFrame
        The rows of the subset with the columns used, text as categories.
    outcome_name : str
    """

    outcome: OutcomeT
    table: Table
    rows: Rows
    design_info: patsy.DesignInfo
    frame: pd.DataFrame
    outcome_name: str


def read_formula(
    formula: str,
    data: Any,
    subset: Any,
    drop_cols: Iterable[str] | None,
    env: patsy.EvalEnvironment,
    read: Callable[..., OutcomeT],
    domain: Callable[[Rows], BoolArray] | None = None,
) -> FormulaDesign[OutcomeT]:
    """Evaluate a formula on the subset of a table.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``; ``"successes + failures ~ x"`` for counts.
    data : DataFrame, mapping of columns, or anything ``DataFrame`` accepts
    subset : boolean mask, labels or None
        As in ``data.loc[subset]``.
    drop_cols : iterable of str or None
        Columns of the design to leave out.
    env : patsy.EvalEnvironment
        Where functions and variables of the caller are found.
    read : callable
        Reads the outcome from the values of the left-hand side, its name and the row labels.
    domain : callable, optional
        From the rows of the table to a mask, shape (n,), of those that are in the model.

    Raises
    ------
    DesignError, OutcomeError, patsy.PatsyError
    """
    full = as_frame(data)
    description = parsed(formula)
    names = names_in(description, env)
    repeated = [name for name in full.columns[full.columns.duplicated()] if name in names]
    if repeated:
        raise DesignError(f"data has several columns named {repeated[0]!r}; rename them.")
    rows, frame = _take_subset(full, subset, domain)
    if subset is not None and frame.empty:
        raise DesignError("subset= leaves no rows to fit.")
    check_factors(description, frame, env)
    check_called(names_called(description, env) & names, frame.columns)
    frame = widened_columns(convert_columns(frame, names), description)
    _check_entries(frame)
    _warn_outside(names, frame, env)
    positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
    outcome_name = outcome_name_of(description)
    endog = evaluate_outcome(description, positional, env)
    outcome = read(endog, name=outcome_name, index=frame.index)
    table, info = _right_hand_side(description, positional, env, drop_cols)
    if not table.columns:
        raise DesignError("the formula has no columns on its right-hand side.")
    return FormulaDesign(outcome, table, rows, info, frame, outcome_name)


def _right_hand_side(
    description: patsy.ModelDesc, frame: pd.DataFrame, env: Any, drop_cols: Iterable[str] | None
) -> tuple[Table, patsy.DesignInfo]:
    """The design, of a large factor by index; missing rows in it are missing."""
    terms = [*description.lhs_termlist, *description.rhs_termlist]
    frame = with_categories(frame, terms)
    info = _described(patsy.ModelDesc([], description.rhs_termlist), frame, env)
    refuse_missing_learned(info)
    kept, left = _without_columns(info, drop_cols)
    names = [info.column_names[j] for j in kept]
    design: Any = compact_design(info, frame, len(frame))
    if design is None:
        design = _dense_design(info, frame)
    if len(kept) < len(info.column_names):
        design = design[:, kept]
    return Table(design, None, names), left


def _described(right: patsy.ModelDesc, frame: pd.DataFrame, env: Any) -> patsy.DesignInfo:
    """What patsy learns from the data: levels, and what its transforms remember."""
    try:
        return patsy.incr_dbuilder(right, lambda: iter([frame]), env, NA_action=MISSING)
    except patsy.PatsyError as error:
        level = re.search("specified level (.+) not found", error.message)
        if level is None:
            raise
        raise DesignError(
            f"the formula asks for the level {level[1]}, and no row in the model (domain) has it."
        ) from error


def _dense_design(info: patsy.DesignInfo, frame: pd.DataFrame) -> Array:
    """The design, column by column; by patsy, which says what is wrong, where something is odd."""
    columns = {name: frame[name] for name in frame.columns}
    for factor, described in info.factor_infos.items():
        name = factor.name()
        if name not in columns:
            columns[name] = factor.eval(described.state, frame)
            if not _beside(columns[name], frame):
                (matrix,) = patsy.build_design_matrices(
                    [info], frame, NA_action=MISSING, return_type="dataframe"
                )
                return with_missing_rows(matrix, len(frame))
    design = build_design(info, columns, len(frame))
    gone = np.zeros(len(frame), dtype=np.bool_)
    for column in design.T:
        gone |= np.isnan(column)
    if gone.any():
        design[gone] = np.nan
    return design


def _beside(value: Any, frame: pd.DataFrame) -> bool:
    """Whether a factor has one entry, or one row of entries, for each row of the data."""
    held = value.data if type(value).__module__ == "patsy.categorical" else value
    index = held.index if isinstance(held, pd.Series | pd.DataFrame) else frame.index
    return np.ndim(held) in (1, 2) and len(held) == len(frame) and index.equals(frame.index)


def with_missing_rows(exog: pd.DataFrame, n_rows: int) -> Array:
    """The design with the rows that patsy left out, as missing."""
    values = np.asarray(exog, dtype=np.float64)
    if values.shape[0] == n_rows:
        return values
    full = np.full((n_rows, values.shape[1]), np.nan)
    full[exog.index.to_numpy(dtype=np.intp)] = values
    return full


def _check_entries(frame: pd.DataFrame) -> None:
    """Refuse a column without an entry, which leaves no row and says no type."""
    for name, column in frame.items():
        if len(column) and not column.notna().any():
            raise DesignError(f"no rows are left to fit: column {name!r} is missing in every row.")


def as_frame(data: Any) -> pd.DataFrame:
    """The user's table as a DataFrame, without a copy where it is one."""
    if isinstance(data, pd.DataFrame):
        return in_native_order(data)
    if hasattr(data, "to_pandas"):
        return as_frame(data.to_pandas())
    if isinstance(data, str | Path):
        raise DesignError(f"data is the text {shorten(data)}; read the file: pd.read_csv(...).")
    if isinstance(data, Mapping) and data and all(np.ndim(value) == 0 for value in data.values()):
        return pd.DataFrame([dict(data)])
    return pd.DataFrame(data)


def _take_subset(
    full: pd.DataFrame, subset: Any, domain: Callable[[Rows], BoolArray] | None
) -> tuple[Rows, pd.DataFrame]:
    # Shallow: a later sort or a new column of the user's frame does not reach it.
    full = full.copy(deep=False)
    rows = Rows(len(full), full.index, full)
    inside = None if domain is None else domain(rows)
    if subset is None and (inside is None or inside.all()):
        return rows, full
    if isinstance(subset, str):
        raise DesignError(
            f"subset={subset!r} is text; give a mask or labels, as in data.loc[subset]."
        )
    positions = np.arange(len(full))
    if subset is not None:
        positions = pd.Series(positions, index=full.index).loc[subset].to_numpy()
    if inside is not None:
        positions = positions[inside[positions]]
    rows = Rows(len(full), full.index, full, positions.astype(np.intp))
    return rows, full.iloc[positions]


def _warn_outside(names: set[str], frame: pd.DataFrame, env: patsy.EvalEnvironment) -> None:
    for name in sorted(names - set(frame.columns)):
        try:
            value = env.namespace[name]
        except KeyError:
            continue
        if isinstance(value, np.ndarray | pd.Series | list) and len(value) == len(frame):
            warn_user(
                f"{name!r} is not a column of the data: the formula takes it from the variables "
                "around the call, by position. Put it into the data to have it aligned.",
                DataWarning,
            )


def evaluate_outcome(
    description: patsy.ModelDesc, frame: pd.DataFrame, env: patsy.EvalEnvironment
) -> Any:
    """The left-hand side of a formula: one column of values, or two of counts."""
    terms = description.lhs_termlist
    if not terms:
        raise OutcomeError('the formula has no outcome; write "y ~ x".')
    if any(len(term.factors) != 1 for term in terms) or len(terms) > 2:
        raise OutcomeError(
            "the left-hand side of the formula must be one outcome, or two columns of counts as "
            '"successes + failures ~ x".'
        )
    values = [_evaluate(term.factors[0], frame, env) for term in terms]
    if len(values) == 1:
        return values[0]
    columns = {term.factors[0].name(): np.asarray(v) for term, v in zip(terms, values, strict=True)}
    if any(column.dtype.kind not in "iuf" for column in columns.values()):
        raise OutcomeError("two outcome columns must be counts of successes and failures.")
    return pd.DataFrame(columns)


def _evaluate(factor: Any, frame: pd.DataFrame, env: patsy.EvalEnvironment) -> Any:
    state: dict[str, Any] = {}
    passes = factor.memorize_passes_needed(state, env)
    for which in range(passes):
        factor.memorize_chunk(state, which, frame)
        factor.memorize_finish(state, which)
    return factor.eval(state, frame)


def outcome_name_of(description: patsy.ModelDesc) -> str:
    """What the outcome is called."""
    return " + ".join(term.name() for term in description.lhs_termlist)


def _without_columns(
    info: patsy.DesignInfo, drop_cols: Iterable[str] | None
) -> tuple[list[int], patsy.DesignInfo]:
    """Positions of the columns that are not dropped, and the description of their terms."""
    columns = list(info.column_names)
    if drop_cols is None:
        return list(range(len(columns))), info
    dropped = [drop_cols] if isinstance(drop_cols, str) else list(drop_cols)
    unknown = [name for name in dropped if name not in columns]
    if unknown:
        raise DesignError(
            f"drop_cols has {unknown[0]!r}, which is no column of the design: {listed(columns)}."
        )
    gone = []
    for term, where in info.term_name_slices.items():
        members = info.column_names[where]
        left = [name for name in members if name not in dropped]
        if left and len(left) < len(members):
            raise DesignError(
                f"drop_cols would leave out only part of the term {term!r}; give all its columns."
            )
        gone += [] if left else [term]
    kept = [j for j, name in enumerate(columns) if name not in dropped]
    return kept, info.subset([term for term in info.term_names if term not in gone])


def reference_levels(info: patsy.DesignInfo) -> dict[str, Any]:
    """The level that each factor of a design is compared with, under treatment coding."""
    references: dict[str, Any] = {}
    for subterms in (info.term_codings or {}).values():
        for subterm in subterms:
            for factor, contrast in subterm.contrast_matrices.items():
                coding = contrast.matrix
                zero = np.flatnonzero(~np.any(coding, axis=1))
                if coding.shape[0] == coding.shape[1] + 1 and zero.size == 1:
                    categories = info.factor_infos[factor].categories
                    references.setdefault(factor.name(), categories[zero[0]])
    return references
