"""What a user gives a survey design, as the columns of its stages."""

from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit.errors import DesignError
from wlogit.survey.building import StageColumns
from wlogit.survey.columns import DesignRows, is_scalar, name_of, per_stage


def columns_in(given: Any) -> list[Any]:
    """The columns among what was given for the stages.

    Parameters
    ----------
    given : column, number, or list of these
    """
    parts = given if isinstance(given, list | tuple) else [given]
    several = any(np.ndim(part) > 0 for part in parts)
    return [one for one in (parts if several else [given]) if not is_scalar(one)]


def stage_columns(rows: DesignRows, strata: Any, psu: Any, fpc: Any) -> tuple[StageColumns, ...]:
    """The columns of each stage, read.

    Parameters
    ----------
    rows : DesignRows
    strata, psu, fpc
        As `SurveyDesign` takes them.

    Raises
    ------
    DesignError
        Other numbers of stages in `strata` or `fpc` than in `psu`.
    """
    n = rows.n_rows
    fpc = per_stage(fpc, n, numbers=True)
    return columns_of_stages(rows, per_stage(strata, n), per_stage(psu, n), fpc)


def columns_of_stages(
    rows: DesignRows, strata: list[Any], units: list[Any], fpc: list[Any]
) -> tuple[StageColumns, ...]:
    """The columns of each stage from what was given for each, read.

    Parameters
    ----------
    rows : DesignRows
    strata, units, fpc : list
        One column for each stage; none where nothing was given.

    Raises
    ------
    DesignError
        As `stage_columns`.
    """
    n_stages = max(len(units), 1)
    if len(strata) > n_stages:
        raise DesignError(
            f"strata are given for {len(strata)} stages, psu for {n_stages}: give the units of "
            "every stage."
        )
    if fpc and len(fpc) != n_stages:
        raise DesignError(
            f"fpc is given for {len(fpc)} stages, psu for {n_stages}: give one for each stage, "
            "numpy.inf where a stage was sampled with replacement."
        )
    return tuple(
        StageColumns(
            units=rows.labels(units[i], "psu") if units else None,
            strata=rows.labels(strata[i], "strata") if i < len(strata) else None,
            fpc=_fpc(rows, fpc[i]) if fpc else None,
            number=i + 1,
            name=name_of(units[i]) if units else None,
        )
        for i in range(n_stages)
    )


def _fpc(rows: DesignRows, value: Any) -> Array:
    if is_scalar(value):
        return np.full(rows.n_rows, float(value))
    return rows.numbers(value, "fpc")
