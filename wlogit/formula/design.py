"""From a formula and a table to outcome and design, by patsy whatever engine statsmodels uses."""

import ast
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array, BoolArray
from wlogit._warn import warn_user
from wlogit.errors import DataWarning, DesignError, OutcomeError
from wlogit.inputs import OutcomeT, Table
from wlogit.rows import Rows
from wlogit.weights.columns import check_one_kind, row_name, shorten


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
    check_text(formula)
    description = patsy.ModelDesc.from_formula(formula)
    names = names_in(description)
    repeated = [name for name in full.columns[full.columns.duplicated()] if name in names]
    if repeated:
        raise DesignError(f"data has several columns named {repeated[0]!r}; rename them.")
    rows, frame = _take_subset(full, subset, domain)
    if subset is not None and frame.empty:
        raise DesignError("subset= leaves no rows to fit.")
    check_factors(description, frame)
    frame = convert_columns(frame, names)
    _warn_outside(names, frame, env)
    positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
    outcome_name = outcome_name_of(description)
    endog = evaluate_outcome(description, positional, env)
    outcome = read(endog, name=outcome_name, index=frame.index)
    right = patsy.ModelDesc([], description.rhs_termlist)
    exog = _right_hand_side(right, positional, env)
    info = exog.design_info
    exog, info = _drop_columns(exog, info, drop_cols)
    if exog.shape[1] == 0:
        raise DesignError("the formula has no columns on its right-hand side.")
    values = with_missing_rows(exog, len(frame))
    table = Table(values, None, list(exog.columns))
    return FormulaDesign(outcome, table, rows, info, frame, outcome_name)


def _right_hand_side(right: patsy.ModelDesc, frame: pd.DataFrame, env: Any) -> Any:
    try:
        return patsy.dmatrix(right, frame, env, NA_action="drop", return_type="dataframe")
    except patsy.PatsyError as error:
        level = re.search("specified level (.+) not found", error.message)
        if level is None:
            raise
        raise DesignError(
            f"the formula asks for the level {level[1]}, and no row in the model (domain) has it."
        ) from error


def with_missing_rows(exog: pd.DataFrame, n_rows: int) -> Array:
    """The design with the rows that patsy left out, as missing."""
    values = np.asarray(exog, dtype=np.float64)
    if values.shape[0] == n_rows:
        return values
    full = np.full((n_rows, values.shape[1]), np.nan)
    full[exog.index.to_numpy(dtype=np.intp)] = values
    return full


def check_text(formula: object) -> None:
    """Refuse a formula without "~", or with quotes that patsy does not know, by saying so."""
    if not isinstance(formula, str):
        return
    if "~" not in formula:
        raise OutcomeError(f'the formula {formula!r} has no "~"; write "y ~ x".')
    if "`" in formula:
        raise DesignError('backticks do not quote a name in a formula; write Q("weird name").')


def check_factors(description: patsy.ModelDesc, frame: pd.DataFrame) -> None:
    """Refuse columns that a formula would read as something else."""
    for term in description.rhs_termlist:
        for factor in term.factors:
            name = factor.name()
            if name not in frame.columns:
                continue
            if name == "Intercept":
                raise DesignError(
                    "a column named 'Intercept' collides with the constant; rename it."
                )
            if frame[name].dtype.kind in "mM":
                raise DesignError(
                    f"{name!r} holds dates or times: use a number such as days since a date, or "
                    f"C({name}) for a category per value."
                )


def as_frame(data: Any) -> pd.DataFrame:
    """The user's table as a DataFrame, without a copy where it is one."""
    if isinstance(data, pd.DataFrame):
        return data
    if hasattr(data, "to_pandas"):
        return as_frame(data.to_pandas())
    if isinstance(data, str | Path):
        raise DesignError(f"data is the text {shorten(data)}; read the file: pd.read_csv(...).")
    if isinstance(data, Mapping) and data and all(np.ndim(value) == 0 for value in data.values()):
        return pd.DataFrame([dict(data)])
    return pd.DataFrame(data)


def new_design(
    design_info: patsy.DesignInfo, data: Any, columns: Collection[Hashable] = ()
) -> pd.DataFrame:
    """Design of new rows; a row with a missing value stays, as missing.

    Parameters
    ----------
    design_info : patsy.DesignInfo
    data : DataFrame, Series, mapping, or anything ``DataFrame`` accepts
    columns : collection
        Names that were columns of the data of the fit, not variables of its session.

    Raises
    ------
    DesignError
        A category that the fit has not seen, or a missing column, by name.
    """
    if isinstance(data, pd.Series):
        used = set(_names_of_factors(design_info.factor_infos))
        data = data.to_frame() if data.name in used else data.to_frame().T.infer_objects()
    frame = as_frame(data)
    names = set(_names_of_factors(design_info.factor_infos))
    frame = _with_known_levels(frame, names, design_info)
    positional = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
    try:
        (design,) = patsy.build_design_matrices(
            [design_info], positional, NA_action="drop", return_type="dataframe"
        )
    except patsy.PatsyError as error:
        raise DesignError(_explain(error, columns)) from error
    if len(design) != len(positional):
        design = design.reindex(positional.index)
    result: pd.DataFrame = design.set_axis(frame.index, axis=0)
    return result


def _with_known_levels(
    frame: pd.DataFrame, names: set[str], info: patsy.DesignInfo
) -> pd.DataFrame:
    """New columns in the types of the fit: categories are those that the fit has seen."""
    used = frame.loc[:, [name for name in frame.columns if name in names]]
    plain = {
        factor.name(): described.categories
        for factor, described in info.factor_infos.items()
        if described.type == "categorical" and factor.name() in used.columns
    }
    columns = {}
    for name in used.columns:
        column = used[name]
        if name in plain:
            columns[name] = _coded(column, list(plain[name]))
        elif isinstance(column.dtype, pd.CategoricalDtype):
            columns[name] = column.astype(object)
        else:
            converted = converted_column(column)
            is_text = isinstance(converted.dtype, pd.CategoricalDtype)
            columns[name] = column.astype(object) if is_text else converted
    return used.assign(**columns)


def _coded(column: "pd.Series[Any]", levels: list[Any]) -> "pd.Series[Any]":
    values = column.astype(object)
    unseen = np.flatnonzero(values.notna() & ~values.isin(levels))
    if unseen.size:
        row = row_name(column.index, int(unseen[0]))
        raise DesignError(
            f"{column.name!r} has {values.iloc[unseen[0]]!r} in row {row}, a category that the fit "
            f"has not seen; it knows {', '.join(map(repr, levels))}."
        )
    return pd.Series(pd.Categorical(values, categories=levels), index=column.index)


def _explain(error: patsy.PatsyError, columns: Collection[Hashable]) -> str:
    message = error.message.strip().replace("\n", " ")
    unnamed = re.search("NameError: (?:name|no data named) '(.+?)'", message)
    if unnamed and unnamed[1] in columns:
        return f"the new data have no column {unnamed[1]!r}, which the formula needs."
    if "mismatch between levels" in message or "observation with value" in message:
        return f"new data have a category that the fit has not seen: {message}"
    return (
        f"the formula cannot be evaluated on the new data: {message}. Functions and variables of "
        "the session that made the fit must be defined, or give columns of the design and "
        "transform=False."
    )


def names_in(description: patsy.ModelDesc) -> set[str]:
    """Names that the code of a formula reads."""
    terms = [*description.lhs_termlist, *description.rhs_termlist]
    return set(_names_of_factors(factor for term in terms for factor in term.factors))


def _names_of_factors(factors: Iterable[Any]) -> Iterable[str]:
    """Names that the code of the factors reads, and the strings in it (Q("name"), d["name"])."""
    for factor in factors:
        for node in ast.walk(ast.parse(factor.code, mode="eval")):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


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


def convert_columns(frame: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """The columns with these names, in types patsy reads fast: text becomes categorical."""
    used = frame.loc[:, [name for name in frame.columns if name in names]]
    converted = {name: converted_column(used[name]) for name in used.columns}
    changed = {name: column for name, column in converted.items() if column is not used[name]}
    return used.assign(**changed) if changed else used


def converted_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column in a type that patsy reads fast: text becomes categorical."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype) or (
        isinstance(dtype, np.dtype) and dtype.kind != "O"
    ):
        return column
    if pd.api.types.is_bool_dtype(dtype) and not isinstance(dtype, np.dtype):
        if not column.isna().any():
            return column.astype(bool)
        return column.astype(object).where(column.notna(), None)
    if pd.api.types.is_numeric_dtype(dtype):
        return pd.Series(
            column.to_numpy(np.float64, na_value=np.nan), column.index, name=column.name
        )
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind.startswith("mixed"):
        check_one_kind(column.dropna(), f"column {column.name!r}", DesignError)
    return column.astype("category") if kind == "string" else column


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


def _drop_columns(
    exog: pd.DataFrame, info: patsy.DesignInfo, drop_cols: Iterable[str] | None
) -> tuple[pd.DataFrame, patsy.DesignInfo]:
    if drop_cols is None:
        return exog, info
    dropped = [drop_cols] if isinstance(drop_cols, str) else list(drop_cols)
    unknown = [name for name in dropped if name not in exog.columns]
    if unknown:
        raise DesignError(
            f"drop_cols has {unknown[0]!r}, which is no column of the design: {list(exog.columns)}."
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
    kept = [name for name in exog.columns if name not in dropped]
    return exog[kept], info.subset([term for term in info.term_names if term not in gone])


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
