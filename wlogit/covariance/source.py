"""The scores of a fit, block by block, as the sums of `core.scores` take them."""

from dataclasses import dataclass

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.scores import CaseBlock
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.centering import ClassScheme
from wlogit.weights.weights import Cases


@dataclass(frozen=True, slots=True, eq=False)
class CaseSource:
    """Cases of a fit, with what the scheme centers their scores by.

    Parameters
    ----------
    parts : ScoreParts
    scheme : ClassScheme
    size_factors : tuple of float, optional
        Variance factors of non-events and events, for the finite number of cases in a class.
    """

    parts: ScoreParts
    scheme: ClassScheme
    size_factors: tuple[float, float] | None = None

    @property
    def params(self) -> Array:
        """Coefficients in working coordinates, shape (k,)."""
        return self.parts.params

    def __call__(self, rows: "slice | IntArray", product: Array) -> list[CaseBlock]:
        """One `CaseBlock` for each sort of case in some rows, from their ``x'b``."""
        offset = self.parts.offset
        p, q = likelihood.probabilities(product if offset is None else product + offset[rows])
        curvature = p * q
        return [self._block(sort, rows, p, q, curvature) for sort in self.parts.weights.cases]

    def _block(
        self, sort: Cases, rows: "slice | IntArray", p: Array, q: Array, curvature: Array
    ) -> CaseBlock:
        y, r = _part(sort.outcome, rows), _part(sort.response, rows)
        importance = _part(sort.importance, rows) * self.parts.unit
        by_class = np.empty((2, len(p)))
        non_events, events = by_class
        np.multiply(importance * r, q, out=events)
        np.multiply(importance * (r - 1.0), p, out=non_events)
        factor, scheme = events + non_events, self.scheme
        classed = scheme.centers or scheme.shift_is_random
        shares = self._shares(sort, rows, y, len(p)) if classed else None
        if classed and not scheme.centers:
            by_class[:] = 0.0
        return CaseBlock(
            factor=factor,
            multiplicity=_part(sort.multiplicity, rows),
            curvature=importance * curvature,
            scale=self._class_scale(y, len(p)),
            shares=shares,
            by_class=None if shares is None else by_class,
            extra=shares[1] - shares[0] if shares is not None and scheme.shift_is_random else None,
            importance=importance,
        )

    def _shares(self, sort: Cases, rows: "slice | IntArray", y: Array, size: int) -> Array:
        """Share of a case in the totals of non-events and events."""
        total = self.scheme.class_sums(self.parts.weights)
        mass = _part(sort.sampling, rows)
        if not self.scheme.by_mass:
            mass = np.asarray(mass > 0.0, dtype=np.float64)
        shares = np.empty((2, size))
        np.multiply(mass / total[0], 1.0 - y, out=shares[0])
        np.multiply(mass / total[1], y, out=shares[1])
        return shares

    def _class_scale(self, y: Array, size: int) -> Array | None:
        if self.size_factors is None:
            return None
        non_event, event = self.size_factors
        return np.broadcast_to(np.sqrt(non_event + (event - non_event) * y), (size,))


def _part(values: Array, rows: "slice | IntArray") -> Array:
    return values[rows] if values.ndim else values
