"""Weights and responses of rows in many replicates, as `core.replicated` takes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.covariance.resampling import Strand, column_of
from wlogit.weights.subset import factors_anew, reweighted
from wlogit.weights.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateMasses:
    """What the rows of a fit weigh in some replicates, class weights included.

    Attributes
    ----------
    weights : Weights
        Of the fit.
    strands : tuple of Strand
        One for each sort of case.
    class_masses : ndarray, shape (2, C)
        (W_0, W_1) of each replicate: sums of m a by class.
    factors : ndarray, shape (2, C)
        (c0, c1) of each replicate.
    unit : float
        Power of two that brings the weights near one.
    """

    weights: Weights
    strands: tuple[Strand, ...]
    class_masses: Array
    factors: Array
    unit: float

    @classmethod
    def of(
        cls, weights: Weights, strands: tuple[Strand, ...], unit: float, *, anew: bool
    ) -> "ReplicateMasses":
        """Masses under the class weights of the fit, or under those computed anew.

        Parameters
        ----------
        weights : Weights
        strands : tuple of Strand
        unit : float
        anew : bool
            Whether class weights that were computed from the sample are so in each replicate.
        """
        masses = _class_masses(weights, strands)
        count = masses.shape[1]
        fixed = np.array(weights.factors.values)[:, np.newaxis]
        factors = np.repeat(fixed, count, axis=1)
        if anew:
            for r in np.flatnonzero((masses > 0.0).all(axis=0)):
                factors[:, r] = factors_anew(weights, tuple(masses[:, r].tolist())).values
        return cls(weights, strands, masses, factors, unit)

    @property
    def n_replicates(self) -> int:
        """C."""
        return int(self.class_masses.shape[1])

    @property
    def present(self) -> BoolArray:
        """Replicates in which both classes have weight, shape (C,)."""
        return np.asarray((self.class_masses > 0.0).all(axis=0))

    @property
    def scale(self) -> Array:
        """Weight of the rarer outcome in each replicate, shape (C,)."""
        weighted = self.class_masses * self.factors * self.unit
        return np.asarray(weighted.min(axis=0))

    @property
    def log_ratio(self) -> Array:
        """``log(c1 / c0)`` of each replicate, shape (C,)."""
        return np.asarray(np.log(self.factors[1]) - np.log(self.factors[0]))

    def select(self, which: IntArray) -> "ReplicateMasses":
        """Some of the replicates."""
        if len(which) == self.n_replicates:
            return self
        strands = tuple(
            replace(one, table=np.ascontiguousarray(one.table[:, which])) for one in self.strands
        )
        return replace(
            self,
            strands=strands,
            class_masses=self.class_masses[:, which],
            factors=self.factors[:, which],
        )

    def __call__(self, rows: slice) -> tuple[Array, Array]:
        """Weights (b, C) of some rows, and their responses, (b, 1) or (b, C)."""
        non_event, event = self.factors
        if len(self.strands) == 2:
            events, others = (self._block(one, rows) for one in self.strands)
            events *= event
            weight = events + np.multiply(others, non_event, out=others)
            response = np.divide(events, weight, out=np.zeros_like(weight), where=weight > 0.0)
            return weight, response
        weight = self._block(self.strands[0], rows)
        outcome = np.broadcast_to(self.weights.cases[0].outcome, (self.weights.n_rows,))
        y = outcome[rows, np.newaxis]
        if np.all(event == 1.0) and np.all(non_event == 1.0):
            return weight, y
        factor = event * y + non_event * (1.0 - y)
        weight *= factor
        return weight, y if not self.weights.fractional else event * y / factor

    def weights_of(self, r: int) -> Weights:
        """The weights of one replicate."""
        pairs = [strand.in_replicate(r) for strand in self.strands]
        multiplicity, sampling = zip(*pairs, strict=True)
        non_event, event = self.factors[:, r].tolist()
        factors = replace(self.weights.factors, non_event=non_event, event=event)
        return reweighted(self.weights, multiplicity, sampling, factors)

    def _block(self, strand: Strand, rows: slice) -> Array:
        column = column_of(strand.multiplicity, rows) * column_of(strand.sampling, rows) * self.unit
        return np.multiply(strand.block(rows), column, dtype=np.float64)


def _class_masses(weights: Weights, strands: Sequence[Strand]) -> Array:
    """(W_0, W_1) of each replicate, shape (2, C)."""
    total = np.zeros(())
    for strand, sort in zip(strands, weights.cases, strict=True):
        y = np.broadcast_to(sort.outcome, (weights.n_rows,))
        total = total + strand.totals(np.column_stack([1.0 - y, y]))
    return np.asarray(total.T)
