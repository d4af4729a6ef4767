"""Training and test rows of a search, where some rows of the data have no part in it."""

import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._optional import require
from wlogit._typing import AnyArray, IntArray

_selection: Any = require("sklearn.model_selection", extra="sklearn")

_FOLDS, _REPEATS = 10, 3
Split = tuple[IntArray, IntArray]


@dataclass(frozen=True, slots=True, eq=False)
class SearchedRows:
    """The rows that are searched, and where they stand in the data as passed.

    Attributes
    ----------
    n_passed : int
        Rows of the data as passed.
    data : object
        The data themselves, for splitters that read them.
    positions : ndarray of int, shape (n,)
        Where the rows that are searched stand in them.
    labels : ndarray, shape (n,)
    groups : ndarray, shape (n,), or None
    labels_passed, groups_passed : ndarray, shape (n_passed,), or None
        Of the data as passed; None where not every row has a label.
    """

    n_passed: int
    data: Any
    positions: IntArray
    labels: AnyArray
    groups: AnyArray | None
    labels_passed: AnyArray | None
    groups_passed: AnyArray | None

    def splits(self, cv: Any) -> list[Split]:
        """Training and test rows of every fold, as positions among the rows that are searched.

        scikit-learn's splitters deal the rows that are searched as if the others were not there.
        What names rows (pairs of positions, masks, ``PredefinedSplit``), and splitters of others,
        which may name some, are of the data as passed.

        Parameters
        ----------
        cv : int, splitter, iterable or None
            As in scikit-learn; None is ten stratified folds (fewer for a class with fewer rows),
            three times over.

        Raises
        ------
        ValueError
            Rows that are not there, a fold that keeps no row, or a splitter that would have to see
            rows of which no label is known.
        """
        if cv is None or isinstance(cv, numbers.Integral) or _deals(cv):
            splitter = _default(self.labels) if cv is None else self._checked(cv)
            found = splitter.split(np.arange(len(self.positions)), self.labels, self.groups)
            return [(np.asarray(train), np.asarray(test)) for train, test in found]
        place = np.full(self.n_passed, -1, dtype=np.intp)
        place[self.positions] = np.arange(len(self.positions))
        return [
            (self._kept(train, place, fold), self._kept(test, place, fold))
            for fold, (train, test) in enumerate(self._of_data(cv), 1)
        ]

    def _checked(self, cv: Any) -> Any:
        return _selection.check_cv(cv, self.labels, classifier=True)

    def _of_data(self, cv: Any) -> Iterable[tuple[Any, Any]]:
        """What a splitter makes of the data as passed."""
        if isinstance(cv, _selection.PredefinedSplit):
            n_folds = len(cv.test_fold)
            if n_folds != self.n_passed:
                raise ValueError(
                    f"cv has the fold of {n_folds} rows, and the data as passed have "
                    f"{self.n_passed}: it needs one for each, rows that are left out included."
                )
            return list(cv.split())
        if not hasattr(cv, "split"):
            return list(self._checked(cv).split())
        if self.labels_passed is None:
            raise ValueError(
                f"cv is a {type(cv).__name__}, which may number rows that the model left out, and "
                "of these no outcome is known: leave them out of the data, or give cv= as pairs "
                "of training and test rows."
            )
        return list(cv.split(self.data, self.labels_passed, self.groups_passed))

    def _kept(self, rows: Any, place: IntArray, fold: int) -> IntArray:
        """Rows of the data as positions among those that are searched, without the others."""
        rows = np.asarray(rows)
        if rows.dtype == np.bool_ and len(rows) == self.n_passed:
            rows = np.flatnonzero(rows)
        if rows.dtype.kind not in "iu" or rows.ndim != 1:
            raise ValueError(
                "cv must give the training and the test rows of a fold as positions in the data, "
                f"or as masks of their {self.n_passed} rows."
            )
        outside = (rows < -self.n_passed) | (rows >= self.n_passed)
        if outside.any():
            raise ValueError(
                f"fold {fold} of cv has row {rows[outside][0]}, and the data have "
                f"{self.n_passed} rows, counted from zero."
            )
        found: IntArray = place[rows]
        found = found[found >= 0]
        if not found.size:
            raise ValueError(
                f"fold {fold} of cv has no row left to fit or to judge: all were left out, for "
                "weights of zero or missing values."
            )
        return found


def _deals(cv: Any) -> bool:
    """Whether a splitter is one of scikit-learn's that deal whatever rows there are."""
    own = type(cv).__module__.startswith("sklearn.") and hasattr(cv, "split")
    return own and not isinstance(cv, _selection.PredefinedSplit)


def _default(labels: AnyArray) -> Any:
    fewest = int(np.unique(labels, return_counts=True)[1].min())
    folds = max(2, min(_FOLDS, fewest))
    return _selection.RepeatedStratifiedKFold(n_splits=folds, n_repeats=_REPEATS, random_state=1)
