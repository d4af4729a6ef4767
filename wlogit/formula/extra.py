"""Columns that a formula adds to those of a model."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import patsy

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.exog import require_small
from wlogit.formula.columns import convert_columns, widened_columns
from wlogit.formula.texts import MISSING, names_in

_PACKAGE = str(Path(__file__).parent.parent)


def extra_columns(model: Any, text: str) -> Array:
    """Columns of the terms of a text that the formula of the model lacks, on the rows kept.

    Categories are coded as in a formula of all terms, so that nothing is said twice.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
        From a formula, with its data.
    text : str
        Such as ``"np.log(x) + z:w"``. It is Python code and is executed.

    Returns
    -------
    ndarray, shape (n, q)
        Missing where the text cannot be evaluated.

    Raises
    ------
    DesignError
        A model without a formula, terms that the model has, or text that patsy cannot read.
    """
    if model.design_info is None:
        raise DesignError(
            f"exog_extra={text!r} is read as a formula, and this model was given as arrays; give "
            "the columns themselves."
        )
    if "~" in text:
        raise DesignError(f'exog_extra={text!r} must be terms alone, without "~".')
    require_small(model.exog)
    rows = model.rows
    frame = rows.frame if rows.kept is None else rows.frame.iloc[rows.kept]
    env = _surroundings()
    try:
        added = patsy.ModelDesc.from_formula(text).rhs_termlist
        own = patsy.ModelDesc.from_formula(model.formula).rhs_termlist
        new = [term for term in added if term not in own and term.factors]
        if not new:
            raise DesignError(f"exog_extra={text!r} has no term that the model lacks.")
        wanted = patsy.ModelDesc([], [*own, *new])
        columns = convert_columns(frame, names_in(wanted, env))
        columns = widened_columns(columns, wanted).reset_index(drop=True)
        design = patsy.dmatrix(wanted, columns, env, NA_action=MISSING, return_type="dataframe")
    except patsy.PatsyError as error:
        message = error.message.strip().replace("\n", " ")
        raise DesignError(f"exog_extra={text!r} cannot be evaluated: {message}") from error
    slices = [design.design_info.term_slices[term] for term in new]
    full = design.reindex(range(len(columns))).to_numpy(dtype=np.float64)
    return np.hstack([full[:, where] for where in slices])


def _surroundings() -> patsy.EvalEnvironment:
    """The names around the user's call, and numpy as np."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    around = [] if frame is None else [frame.f_locals, frame.f_globals]
    return patsy.EvalEnvironment([*around, {"np": np}])
