"""The stages of a sample: which units were drawn, in which strata, and which part of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.core.stage_sums import UnitSquares
from wlogit.errors import DesignError

LonelyPsu = Literal["fail", "remove", "certainty", "adjust", "average"]

# A part that was not sampled below this is rounding of a census, as in R.
CENSUS = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of a sample.

    Attributes
    ----------
    units : ndarray of int, shape (n,)
        Sampled unit of each row, from 0 to G - 1; a unit may have no row.
    strata : ndarray of int, shape (G,)
        Stratum of each unit, from 0 to H - 1.
    parents : ndarray of int, shape (H,)
        Unit of the stage before in which a stratum lies; zeros at the first stage.
    sizes : ndarray, shape (H,)
        n_h, units sampled from a stratum.
    fractions : ndarray, shape (H,)
        f_h, the part of the stratum that was sampled; zero without a finite population correction.
    """

    units: IntArray
    strata: IntArray
    parents: IntArray
    sizes: Array
    fractions: Array

    @property
    def n_units(self) -> int:
        """G, units sampled."""
        return len(self.strata)

    @property
    def n_strata(self) -> int:
        """H, strata that units were sampled from."""
        return len(self.sizes)

    @property
    def not_sampled(self) -> Array:
        """``1 - f_h``, zero where all of a stratum was sampled; shape (H,)."""
        rest = 1.0 - self.fractions
        return np.where(rest < CENSUS, 0.0, rest)

    @property
    def lonely(self) -> BoolArray:
        """Strata with one unit that is not all there is, shape (H,)."""
        return np.asarray((self.sizes == 1.0) & (self.not_sampled > 0.0))

    def take(self, rows: IntArray) -> "Stage":
        """The stage as seen from some of the rows."""
        return replace(self, units=self.units[rows])

    def counted(self, rows: BoolArray) -> tuple[BoolArray, Array]:
        """Which units have one of these rows, shape (G,), and how many of each stratum, (H,)."""
        there = np.bincount(self.units[rows], minlength=self.n_units) > 0
        return there, np.bincount(self.strata[there], minlength=self.n_strata).astype(np.float64)


@dataclass(frozen=True, slots=True)
class LonelyPolicy:
    """What strata with one unit contribute.

    Attributes
    ----------
    kind : {"fail", "remove", "certainty", "adjust", "average"}
    in_domain : bool
        Whether "adjust" and "average" also act where one unit is left in a domain.
    """

    kind: LonelyPsu = "fail"
    in_domain: bool = False


def reached(stages: Sequence[Stage]) -> Iterator[tuple[Stage, Array]]:
    """The stages that add to a variance, each with the sampled part of what its strata lie in.

    Without a finite population correction the first stage is all there is: the variance within
    units is part of the variance between them.

    Parameters
    ----------
    stages : sequence of Stage
    """
    carried = np.ones(1)
    for stage in stages:
        within = carried[stage.parents]
        yield stage, within
        carried = (within * stage.fractions)[stage.strata]
        if not carried.any():
            return


def unit_squares(
    stages: Sequence[Stage], there: BoolArray, policy: LonelyPolicy
) -> tuple[UnitSquares, ...]:
    """What the squares of the totals of units count in a variance, stage by stage.

    Parameters
    ----------
    stages : sequence of Stage
    there : ndarray of bool, shape (n,)
        Rows that belong to the domain.
    policy : LonelyPolicy

    Raises
    ------
    DesignError
        No stratum is left to take an average over.

    Notes
    -----
    ``(1 - f_h) n_h / (n_h - 1)``, times the sampled parts of the stages before.

    References
    ----------
    Lumley (2010), Complex Surveys, chapter 2 and appendix A; the same as ``svyrecvar`` of R.
    """
    return tuple(_squares(stage, within, there, policy) for stage, within in reached(stages))


def _squares(stage: Stage, within: Array, there: BoolArray, policy: LonelyPolicy) -> UnitSquares:
    sizes, (_, left) = stage.sizes, stage.counted(there)
    spread = np.where(sizes > 1.0, sizes / np.maximum(sizes - 1.0, 1.0), 0.0)
    scale, centered = stage.not_sampled * spread, np.ones(len(sizes))
    alone = stage.lonely
    if policy.in_domain:
        alone = alone | ((left == 1.0) & (stage.not_sampled > 0.0))
    if policy.kind == "adjust":
        scale = np.where(stage.lonely, stage.not_sampled, scale)
        centered = np.where(alone, 0.0, centered)
    elif policy.kind == "average":
        scale = np.where(alone, 0.0, scale) * _averaged(stage, alone, left > 0.0)
    return UnitSquares(stage.units, stage.strata, sizes, scale * within, centered)


def _averaged(stage: Stage, alone: BoolArray, there: BoolArray) -> Array:
    """Strata in the domain over those of them with two units, in each unit of the stage before."""
    n_parents = int(stage.parents.max(initial=0)) + 1
    all_there = np.bincount(stage.parents[there], minlength=n_parents)
    paired = np.bincount(stage.parents[there & ~alone], minlength=n_parents)
    if np.any((paired == 0) & (all_there > 0)):
        raise DesignError(
            "lonely_psu='average' has no stratum with two sampled units to take an average over; "
            "use 'adjust' or 'remove', or merge strata."
        )
    ratio = all_there / np.maximum(paired, 1)
    return np.asarray(ratio[stage.parents])
