"""The scores of a fit, block by block, as the sums of `core.scores` take them."""

import numpy as np

from wlogit._typing import Array, IntArray
from wlogit.core import likelihood
from wlogit.core.scores import CaseBlock, Source
from wlogit.covariance.base import ScoreParts
from wlogit.covariance.centering import ClassScheme
from wlogit.weights.weights import Cases


def case_source(
    parts: ScoreParts, scheme: ClassScheme, size_factors: tuple[float, float] | None = None
) -> Source:
    """Cases of a fit, with what the scheme centers their scores by.

    Parameters
    ----------
    parts : ScoreParts
    scheme : ClassScheme
    size_factors : tuple of float, optional
        Variance factors of non-events and events, for the finite number of cases in a class.

    Returns
    -------
    callable
        From rows and their x to one `CaseBlock` for each sort of case.
    """
    sums = scheme.class_sums(parts.weights)

    def source(rows: "slice | IntArray", x: Array) -> list[CaseBlock]:
        eta = x @ parts.params
        if parts.offset is not None:
            eta += parts.offset[rows]
        p, q = likelihood.probabilities(eta)
        blocks = []
        for sort in parts.weights.cases:
            y, r = _part(sort.outcome, rows), _part(sort.response, rows)
            importance = _part(sort.importance, rows) * parts.unit
            events, rest = importance * r * q, -importance * (1.0 - r) * p
            blocks.append(
                CaseBlock(
                    factor=events + rest,
                    multiplicity=_part(sort.multiplicity, rows),
                    curvature=importance * (p * q),
                    scale=_class_scale(y, size_factors, len(x)),
                    shares=_shares(sort, rows, y, scheme, sums, len(x)),
                    by_class=_pair(rest, events, len(x)) if scheme.centers else None,
                    extra=_shift(parts, sort, rows, y, len(x)) if scheme.shift_is_random else None,
                )
            )
        return blocks

    return source


def _shares(
    sort: Cases,
    rows: "slice | IntArray",
    y: Array,
    scheme: ClassScheme,
    sums: tuple[float, float],
    size: int,
) -> Array | None:
    """Share of a case in the totals of non-events and events."""
    if not scheme.centers:
        return None
    mass = _part(sort.sampling, rows)
    if scheme.class_weights == "fixed":
        mass = np.asarray(mass > 0.0, dtype=np.float64)
    return _pair(mass * (1.0 - y) / sums[0], mass * y / sums[1], size)


def _shift(parts: ScoreParts, sort: Cases, rows: "slice | IntArray", y: Array, size: int) -> Array:
    """Influence of a case on ``log(W_1 / W_0)``: ``a y / W_1 - a (1 - y) / W_0``."""
    w0, w1 = parts.weights.totals.class_masses
    mass = _part(sort.sampling, rows)
    return np.broadcast_to(mass * y / w1 - mass * (1.0 - y) / w0, (size,))


def _class_scale(y: Array, factors: tuple[float, float] | None, size: int) -> Array | None:
    if factors is None:
        return None
    scale = np.sqrt(factors[0] + (factors[1] - factors[0]) * y)
    return np.broadcast_to(scale, (size,))


def _pair(non_events: Array, events: Array, size: int) -> Array:
    pair = np.empty((2, size))
    pair[0], pair[1] = non_events, events
    return pair


def _part(values: Array, rows: "slice | IntArray") -> Array:
    return values[rows] if values.ndim else values
