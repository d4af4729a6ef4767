"""The survey design of rows that are read in chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import DataWarning, DesignError
from wlogit.keywords import check_choice
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import refuse_empty
from wlogit.streaming.units import TakeUnits, UnitColumns, UnitReader, UnitRows
from wlogit.survey import words
from wlogit.survey.building import (
    build_stages,
    check_stages,
    check_strata_have_weight,
    weights_of_stages,
)
from wlogit.survey.design import POLICIES
from wlogit.survey.reading import columns_of_stages
from wlogit.survey.stages import LonelyPolicy, LonelyPsu, Stage
from wlogit.weights.columns import shorten
from wlogit.weights.resolve import check_weights


@dataclass(frozen=True, slots=True)
class DesignColumns:
    """What the user says of how the rows were sampled.

    Attributes
    ----------
    strata, psu, fpc : tuple
        One column for each stage; of `fpc` numbers too.
    weights : object or None
        Column of sampling weights.
    nest : bool
    lonely_psu : {"fail", "remove", "certainty", "adjust", "average"}
    """

    strata: tuple[Any, ...]
    psu: tuple[Any, ...]
    fpc: tuple[Any, ...]
    weights: Any
    nest: bool
    lonely_psu: LonelyPsu

    @classmethod
    def read(
        cls, stages: tuple[Any, Any, Any], weights: Any, nest: Any, lonely_psu: Any
    ) -> "DesignColumns | None":
        """From the arguments of a call; None without a design.

        Parameters
        ----------
        stages : tuple
            `strata`, `psu` and `fpc` as given.
        weights, nest, lonely_psu
            As given; None where it was not.

        Raises
        ------
        DesignError, ValueError
            Options of a design without one, or that are not known.
        """
        strata, psu, fpc = (_listed(given) for given in stages)
        policy: LonelyPsu = "fail" if lonely_psu is None else lonely_psu
        check_choice("lonely_psu", policy, POLICIES)
        if nest not in (None, True, False):
            raise DesignError(f"nest must be True or False, not {shorten(nest)}.")
        if strata or psu or fpc:
            return cls(strata, psu, fpc, weights, bool(nest), policy)
        if nest or lonely_psu is not None:
            option = "nest" if nest else "lonely_psu"
            raise DesignError(f"{option}= is of a design: give strata=, psu= or fpc= with it.")
        return None

    @property
    def roles(self) -> list[tuple[str, Any]]:
        """Every column with what it is."""
        numbers = [one for one in self.fpc if not _is_number(one)]
        return [
            *(("strata", name) for name in self.strata),
            *(("psu", name) for name in self.psu),
            *(("fpc", name) for name in numbers),
        ]

    @property
    def of_units(self) -> UnitColumns:
        """What tells the units of rows."""
        labels = tuple(dict.fromkeys((*self.strata, *self.psu)))
        return UnitColumns(labels, tuple(n for r, n in self.roles if r == "fpc"), self.weights)


def _listed(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True, eq=False)
class StreamedDesign:
    """A stratified, clustered or multistage sample of which the units are known, not the rows.

    Attributes
    ----------
    stages : tuple of Stage
        Of the entries of the table of units.
    names : Names
    policy : LonelyPolicy
    reader : UnitReader
        Finds the entry of each row.
    """

    stages: tuple[Stage, ...]
    names: words.Names
    policy: LonelyPolicy
    reader: UnitReader

    cov_type: ClassVar[Literal["survey"]] = "survey"

    @property
    def rows_are_psus(self) -> bool:
        """Whether every row was sampled by itself: entries are then strata."""
        return self.names.rows_are_psus

    def describe(self) -> str:
        """The design in plain words."""
        return words.in_short(self.stages, self.names, self.policy)

    def degrees_of_freedom(self, positive: Array) -> float:
        """PSUs less strata among some of the rows.

        Parameters
        ----------
        positive : ndarray, shape (G,)
            Number of these rows in each entry.
        """
        _, of_strata = self.stages[0].counted(self.counted(positive))
        return float(of_strata.sum()) - float(np.count_nonzero(of_strata))

    def counted(self, rows: Array) -> Any:
        """Numbers of rows of the entries as the stages count them."""
        return rows if self.rows_are_psus else rows > 0.0


@dataclass(frozen=True, slots=True, eq=False)
class StageOfRows(Stage):
    """A stage of which rows are the units; each of `units` stands for all rows of a stratum."""

    @property
    def n_units(self) -> int:
        """Number of the rows."""
        return int(self.sizes.sum())

    def counted(self, rows: Any) -> Any:
        """Where there are some of these rows, and how many of each stratum; both of shape (H,).

        Parameters
        ----------
        rows : ndarray, shape (H,)
            Their numbers by entry.
        """
        return rows > 0.0, np.bincount(self.strata[self.units], rows, minlength=self.n_strata)


def design_of(given: DesignColumns, site: Site, size: int, n_rows: int) -> StreamedDesign:
    """The design of all rows, from one reading of its columns.

    Parameters
    ----------
    given : DesignColumns
    site : Site
    size : int
        Rows of a piece.
    n_rows : int

    Raises
    ------
    DesignError, WeightError
        As `SurveyDesign`, naming the row in its file.
    """
    columns_read = given.of_units
    table = site.total(TakeUnits(columns_read), columns_read.all, size, "design", n_rows)
    if table is None:
        refuse_empty()
    rows = UnitRows.in_table(table)
    from_column = iter(table.fpc.T)
    fpc = [float(one) if _is_number(one) else next(from_column) for one in given.fpc]
    columns = columns_of_stages(rows, list(given.strata), list(given.psu), fpc)
    stages = build_stages(columns, rows, nest=given.nest)
    names = words.Names.of(given.weights, given.strata, columns)
    if names.rows_are_psus:
        stages = _of_rows(stages)
    check_stages(stages, columns, rows, given.lonely_psu)
    weight, own = table.weights, None
    if given.weights is None:
        own = weights_of_stages(stages, rows) if given.fpc else _ones(rows)
        weight = table.counts * own
    if not weight.any():
        check_weights(np.zeros(1), "sampling_weights", None)
    check_strata_have_weight(stages[0], weight, columns[0], rows)
    reader = UnitReader.of(table.labels, own)
    return StreamedDesign(stages, names, LonelyPolicy(given.lonely_psu), reader)


def _of_rows(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    (stage,) = stages
    own = (stage.units, stage.strata, stage.parents, stage.sizes, stage.fractions)
    return (StageOfRows(*own),)


def _ones(rows: UnitRows) -> Array:
    warn_user(
        "the design has neither sampling_weights nor fpc: every row counts equally. Give "
        "sampling_weights=, the inverse sampling probabilities (ones if they are equal).",
        DataWarning,
    )
    return np.ones(rows.n_rows)
