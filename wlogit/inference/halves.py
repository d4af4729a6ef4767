"""Complementary halves of the rows, alike in their classes."""

from collections.abc import Hashable

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import OutcomeError


def complementary_halves(
    events: Array, rest: Array, groups: IntArray | None, generator: np.random.Generator
) -> tuple[BoolArray, BoolArray]:
    """Two random halves of the rows, or of groups of them, that share none.

    Units with events only, with none, and with both are halved one kind at a time; no kind's
    halves, nor the halves of all, differ by more than one unit.

    Parameters
    ----------
    events, rest : ndarray, shape (n,)
        Cases of either class in each row; a row with neither is in no half.
    groups : ndarray of int, shape (n,), optional
        Group of each row; rows of a group stay together.
    generator : numpy.random.Generator

    References
    ----------
    Shah and Samworth (2013), Journal of the Royal Statistical Society B 75, 55-80, section 2.
    """
    counted = np.flatnonzero(events + rest > 0.0)
    unit = np.arange(counted.size)
    if groups is not None:
        unit = np.unique(groups[counted], return_inverse=True)[1]
    with_events = np.bincount(unit, events[counted]) > 0.0
    with_rest = np.bincount(unit, rest[counted]) > 0.0
    # Events only, both, none: the units with a class are neighbours, so both halves get some.
    kind = with_rest.astype(np.intp) + (with_rest & ~with_events)
    order = generator.permutation(kind.size)
    order = order[np.argsort(kind[order], kind="stable")]
    second = np.empty(kind.size, dtype=np.intp)
    second[order] = (np.arange(kind.size) + generator.integers(2)) % 2
    half = np.full(len(events), -1, dtype=np.intp)
    half[counted] = second[unit]
    return half == 0, half == 1


def check_halves(
    events: Array, rest: Array, groups: IntArray | None, labels: tuple[Hashable, Hashable]
) -> None:
    """Refuse data of which a half may lack a class.

    Parameters
    ----------
    events, rest : ndarray, shape (n,)
    groups : ndarray of int, shape (n,), optional
    labels : tuple
        Labels of non-events and events.

    Raises
    ------
    OutcomeError
        Naming the class, and whether rows or groups are short of it.
    """
    for label, cases in zip(labels, (rest, events), strict=True):
        present = np.flatnonzero(cases > 0.0)
        units = present.size if groups is None else np.unique(groups[present]).size
        if units < 2:
            what = "row has" if groups is None else "group has"
            raise OutcomeError(
                f"only one {what} the outcome {label!r}, so that one half of the data would have "
                "none; stability selection needs at least two."
            )
