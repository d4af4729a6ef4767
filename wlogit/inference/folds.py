"""Folds for cross-validation: shuffled by a seed, alike in their classes, whole in their groups."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import OutcomeError


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """Which fold holds a row out.

    Attributes
    ----------
    of_row : ndarray of int, shape (n,)
        Position of the row's fold in `names`; -1 for a row without weight, which is in none.
    names : tuple
        What messages call each fold: numbers from 1, or the user's labels.
    """

    of_row: IntArray
    names: tuple[Hashable, ...]

    def __len__(self) -> int:
        return len(self.names)

    def held_out(self, fold: int) -> BoolArray:
        """Rows of a fold, shape (n,)."""
        return np.asarray(self.of_row == fold)

    def training(self, fold: int) -> BoolArray:
        """Rows of all other folds, shape (n,)."""
        return np.asarray((self.of_row != fold) & (self.of_row >= 0))


def deal_folds(
    events: Array, rest: Array, n_folds: int, groups: IntArray | None = None, seed: Any = None
) -> Folds:
    """Put rows, or groups of them, into folds with about equal shares of both classes.

    A row is never divided: the cases that a frequency weight stands for stay together, and so do
    the cases of a row of counts.

    Parameters
    ----------
    events, rest : ndarray, shape (n,)
        Cases of either class in each row; a row with neither gets no fold.
    n_folds : int
    groups : ndarray of int, shape (n,), optional
        Group of each row; rows of a group share a fold.
    seed : int or numpy.random.Generator, optional
        For the shuffling; without it every call deals differently.

    Notes
    -----
    Without groups, the shuffled rows are sorted by their share of events and dealt to the folds in
    turn: no two folds differ by more than one row, nor by more than one row of a class. Groups are
    taken in order of size, and each goes to the fold where its classes are rarest.
    """
    counted = np.flatnonzero(events + rest > 0.0)
    generator = np.random.default_rng(seed)
    of_row = np.full(len(events), -1, dtype=np.intp)
    if groups is None:
        _check_number(n_folds, counted.size, "rows")
        order = generator.permutation(counted)
        share = events[order] / (events[order] + rest[order])
        of_row[order[np.argsort(share, kind="stable")]] = np.arange(counted.size) % n_folds
    else:
        _, codes = np.unique(groups[counted], return_inverse=True)
        _check_number(n_folds, int(codes.max()) + 1, "groups")
        sizes: Array = np.zeros((int(codes.max()) + 1, 2))
        for k, cases in enumerate((events, rest)):
            sizes[:, k] = np.bincount(codes, cases[counted])
        of_row[counted] = _deal_groups(sizes, n_folds, generator)[codes]
    return Folds(of_row, tuple(range(1, n_folds + 1)))


def _deal_groups(sizes: Array, n_folds: int, generator: np.random.Generator) -> IntArray:
    """Fold of each group, by its cases in the two classes; ``sizes`` has shape (groups, 2)."""
    shares = sizes / np.maximum(sizes.sum(axis=0), 1.0)
    order = generator.permutation(len(sizes))
    order = order[np.argsort(-shares[order].sum(axis=1), kind="stable")]
    dealt = np.zeros((n_folds, 2))
    fold_of = np.empty(len(sizes), dtype=np.intp)
    for group in order:
        crowding = np.round(dealt @ shares[group], 12)
        fold = int(np.lexsort((dealt.sum(axis=1), crowding))[0])
        fold_of[group] = fold
        dealt[fold] += shares[group]
    return fold_of


def _check_number(n_folds: int, available: int, what: str) -> None:
    if not 2 <= n_folds <= available:
        raise ValueError(
            f"cv={n_folds} folds cannot be made of {available} {what}; it needs at least 2 folds, "
            f"and no more folds than {what}."
        )


def check_classes(
    folds: Folds, events: Array, rest: Array, labels: tuple[Hashable, Hashable], *, within: bool
) -> None:
    """Refuse folds without which a class is missing.

    Parameters
    ----------
    folds : Folds
    events, rest : ndarray, shape (n,)
        Cases of either class in each row.
    labels : tuple
        Labels of non-events and events.
    within : bool
        Whether every fold by itself needs both classes, too.

    Raises
    ------
    OutcomeError
        Naming the fold and the class.
    """
    for fold, name in enumerate(folds.names):
        for label, cases in zip(labels, (rest, events), strict=True):
            if not np.any(cases[folds.training(fold)] > 0.0):
                raise OutcomeError(
                    f"all cases with the outcome {label!r} are in fold {name!r}, so that none is "
                    "left to fit when it is held out: spread them over several folds or groups."
                )
            if within and not np.any(cases[folds.held_out(fold)] > 0.0):
                raise OutcomeError(
                    f"fold {name!r} has no case with the outcome {label!r}, and the AUC needs "
                    'both: use fewer folds, or criterion="deviance".'
                )
