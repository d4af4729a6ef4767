"""From the columns of a design to the stages of its sample, checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import DesignError
from wlogit.survey.columns import DesignRows
from wlogit.survey.stages import Stage, reached
from wlogit.weights.align import Labels
from wlogit.weights.columns import listed, plain

# Finite population corrections of a stratum that differ by less, relative to themselves, agree.
AGREE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class StageColumns:
    """What the user gave for one stage.

    Attributes
    ----------
    units : Labels or None
        None where rows are the units.
    strata : Labels or None
    fpc : ndarray, shape (n,), or None
    number : int
        From 1.
    name : str or None
        Column that the units came from.
    """

    units: Labels | None
    strata: Labels | None
    fpc: Array | None
    number: int
    name: str | None = None

    @property
    def called(self) -> str:
        """How messages call a unit of the stage."""
        return "PSU" if self.number == 1 else f"unit of stage {self.number}"

    @property
    def place(self) -> str:
        """Words that tell the stage from the first."""
        return "" if self.number == 1 else f" of stage {self.number}"


def build_stages(
    columns: Sequence[StageColumns], rows: DesignRows, *, nest: bool
) -> tuple[Stage, ...]:
    """The stages of a sample.

    Parameters
    ----------
    columns : sequence of StageColumns
    rows : DesignRows
    nest : bool
        Whether labels of units are used again in other strata.

    Raises
    ------
    DesignError
        A unit in two strata, or corrections that are not those of a sample.
    """
    stages: list[Stage] = []
    parent = np.zeros(rows.n_rows, dtype=np.intp)
    for column in columns:
        stages.append(_stage(column, parent, rows, nest=nest))
        parent = stages[-1].units
    return tuple(stages)


def _stage(column: StageColumns, parent: IntArray, rows: DesignRows, *, nest: bool) -> Stage:
    own = column.strata.codes if column.strata is not None else np.zeros_like(parent)
    stratum_pairs, strata_of_rows = _pairs(parent, own)
    labels = np.arange(rows.n_rows) if column.units is None else column.units.codes
    unit_pairs, units = _pairs(strata_of_rows, labels)
    if not nest and column.units is not None and column.strata is not None:
        _check_one_stratum(column.units, column.strata, column.called, parent, units)
    strata = unit_pairs[:, 0]
    in_each = None
    if column.units is None and rows.counts is not None:
        in_each = rows.counts[unit_pairs[:, 1]]
    sizes = np.bincount(strata, in_each, minlength=len(stratum_pairs)).astype(np.float64)
    fractions = np.zeros(len(sizes))
    if column.fpc is not None:
        fractions = _fractions(column, column.fpc, strata_of_rows, sizes, rows)
    return Stage(units, strata, stratum_pairs[:, 0], sizes, fractions)


def _pairs(first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
    """The different pairs in order, shape (G, 2), and which of them each row has."""
    width = int(second.max(initial=0)) + 1
    keys, position = np.unique(first * width + second, return_inverse=True)
    return np.column_stack(np.divmod(keys, width)), np.asarray(position.ravel(), dtype=np.intp)


def _check_one_stratum(
    labels: Labels, strata: Labels, called: str, parent: IntArray, units: IntArray
) -> None:
    named, of_rows = _pairs(parent, labels.codes)
    if len(named) == units.max() + 1:
        return
    first = np.zeros(len(named), dtype=np.intp)
    first[of_rows[::-1]] = units[::-1]
    there = int(np.argmax(units != first[of_rows]))
    found = np.unique(strata.codes[of_rows == of_rows[there]])
    label = plain(labels.levels[labels.codes[there]])
    raise DesignError(
        f"{called} {label!r} is in the strata {listed(strata.levels[found], 3)}; a {called} lies "
        "in one. If labels are used again in other strata, pass nest=True."
    )


# ---------------------------------------------------------------------------- population sizes


def _fractions(
    column: StageColumns, fpc: Array, strata: IntArray, sizes: Array, rows: DesignRows
) -> Array:
    """f_h of each stratum, from fractions or population sizes; shape (H,)."""
    _check_kind(column, fpc, rows)
    given = np.zeros(len(sizes))
    given[strata[::-1]] = fpc[::-1]
    apart = fpc != given[strata]
    apart[apart] = ~np.isclose(fpc[apart], given[strata][apart], rtol=AGREE, atol=0.0)
    if apart.any():
        row = int(np.argmax(apart))
        _refuse_varying(column, fpc, rows, (int(np.argmax(strata == strata[row])), row))
    if np.all(fpc <= 1.0):
        return given
    small = given < sizes * (1.0 - AGREE)
    if small.any():
        stratum = int(np.argmax(small))
        row = int(np.argmax(strata == stratum))
        raise DesignError(
            f"fpc{column.place} says that {_where(column, row, rows)} has {given[stratum]:,.10g} "
            f"units in the population, but {int(sizes[stratum]):,} were sampled from it. Give "
            "population sizes as a number of units of that stage, or sampling fractions."
        )
    return np.minimum(sizes / given, 1.0)


def _check_kind(column: StageColumns, fpc: Array, rows: DesignRows) -> None:
    for wrong, problem in (
        (fpc < 0.0, "is negative"),
        (np.any(fpc > 1.0) & (fpc < 1.0), "is below one, but other rows have population sizes"),
    ):
        if np.any(wrong):
            row = int(np.argmax(wrong))
            raise DesignError(
                f"fpc{column.place} {problem}: row {rows.name(row)} has {fpc[row]:.6g}. Give "
                "sampling fractions in [0, 1] for all rows, or population sizes for all."
            )


def _refuse_varying(
    column: StageColumns, fpc: Array, rows: DesignRows, pair: tuple[int, int]
) -> NoReturn:
    first, other = pair
    raise DesignError(
        f"fpc{column.place} varies within {_where(column, other, rows)}: row {rows.name(first)} "
        f"has {fpc[first]:.6g} and row {rows.name(other)} {fpc[other]:.6g}. It is one number for "
        "all units of a stratum."
    )


def _where(column: StageColumns, row: int, rows: DesignRows) -> str:
    """The stratum of a row in words."""
    if column.strata is not None:
        return f"stratum {plain(column.strata.levels[column.strata.codes[row]])!r}"
    if column.number == 1:
        return "the population"
    return f"the unit of stage {column.number - 1} of row {rows.name(row)}"


# -------------------------------------------------------------------------------------- checks


def check_stages(
    stages: Sequence[Stage], columns: Sequence[StageColumns], rows: DesignRows, lonely: str
) -> None:
    """Refuse a sample whose variance cannot be estimated.

    Parameters
    ----------
    stages : sequence of Stage
    columns : sequence of StageColumns
        What they were built from.
    rows : DesignRows
    lonely : str
        The policy for strata with one unit.

    Raises
    ------
    DesignError
        One PSU in all, or strata with one unit where these are to fail.
    """
    if stages[0].sizes.sum() == 1.0:
        raise DesignError(
            "the design has one PSU: with one the variance between PSUs cannot be estimated."
        )
    if lonely != "fail":
        return
    for column, (stage, within) in zip(columns, reached(stages), strict=False):
        alone = stage.lonely & (within > 0.0)
        if alone.any():
            _refuse_lonely(column, stage, alone, rows)


def _refuse_lonely(
    column: StageColumns, stage: Stage, alone: BoolArray, rows: DesignRows
) -> NoReturn:
    raise DesignError(
        f"only one {column.called} was sampled from {_all_of(column, stage, alone, rows)}, so that "
        "the spread there cannot be estimated. Merge strata, or say how such strata count: "
        "lonely_psu='adjust' (about the overall mean), 'average' (as other strata on average), "
        "'certainty' or 'remove' (nothing)."
    )


def _all_of(column: StageColumns, stage: Stage, strata: BoolArray, rows: DesignRows) -> str:
    """Strata in words, in their order: ``strata 75, 78, 82 and 3 more``."""
    of_rows = stage.strata[stage.units]
    first = np.unique(of_rows, return_index=True)[1][strata]
    if column.strata is None:
        named, kind = [_where(column, int(row), rows) for row in np.sort(first)], ""
    else:
        labels = column.strata.levels[np.unique(column.strata.codes[first])]
        ordered = sorted(map(plain, labels), key=lambda label: (type(label).__name__, label))
        named = [repr(label) for label in ordered]
        kind = "stratum " if len(named) == 1 else "strata "
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"{kind}{', '.join(named[:3])}{more}"


def weights_of_stages(stages: Sequence[Stage], rows: DesignRows) -> Array:
    """Inverse sampling probabilities, the product of ``1 / f_h`` over the stages; shape (n,).

    Raises
    ------
    DesignError
        A fraction is zero, or a population size infinite.
    """
    weights = np.ones(rows.n_rows)
    for stage in stages:
        fraction = stage.fractions[stage.strata[stage.units]]
        none = np.flatnonzero(fraction == 0.0)
        if none.size:
            raise DesignError(
                f"row {rows.name(int(none[0]))} has no finite population in fpc, so that its "
                "weight does not follow from it: give weights=."
            )
        weights /= fraction
    return weights


def check_strata_have_weight(
    stage: Stage, weights: Array, column: StageColumns, rows: DesignRows
) -> None:
    """Refuse strata in which no row has weight.

    Raises
    ------
    DesignError
        Naming the first.
    """
    of_rows = stage.strata[stage.units]
    empty = np.flatnonzero(np.bincount(of_rows, weights, minlength=stage.n_strata) == 0.0)
    if empty.size:
        row = int(np.argmax(of_rows == empty[0]))
        raise DesignError(
            f"all weights are zero in {_where(column, row, rows)}: nothing of it was observed. "
            "Leave its rows out before the design is made, or correct the weights."
        )
