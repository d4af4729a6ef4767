"""Training and test rows of a search, where some rows of the data have no part in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlogit._optional import require
from wlogit._typing import AnyArray, IntArray

_selection: Any = require("sklearn.model_selection", extra="sklearn")

_FOLDS, _REPEATS = 10, 3
Split = tuple[IntArray, IntArray]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The rows that are searched, among those of the data as passed.

    Attributes
    ----------
    n_passed : int
        Rows of the data.
    positions : ndarray of int, shape (n,)
        Where the rows that are searched stand among them.
    labels : ndarray, shape (n,)
    groups : ndarray, shape (n,), or None
    passed : tuple of ndarray, or None
        Labels and groups of all rows, where they are known.
    """

    n_passed: int
    positions: IntArray
    labels: AnyArray
    groups: AnyArray | None
    passed: tuple[AnyArray, AnyArray | None] | None

    def splits(self, cv: Any) -> list[Split]:
        """Training and test rows of every fold, as positions among the rows that are searched.

        A splitter of scikit-learn deals the rows that are searched, as if the others were not
        there. Folds that name rows (index pairs, masks, ``PredefinedSplit``), and splitters of
        others, which may, are of the rows of the data as passed.

        Parameters
        ----------
        cv : int, splitter, iterable or None
            As in scikit-learn; None for ten stratified folds, three times over.

        Raises
        ------
        ValueError
            Rows that are not there, a fold without rows, or a splitter that needs what is not
            known of the rows left out.
        """
        splitter = self._splitter(cv)
        everything = len(self.positions) == self.n_passed
        if everything or _deals(splitter):
            found = splitter.split(np.arange(len(self.positions)), self.labels, self.groups)
            return [(np.asarray(train), np.asarray(test)) for train, test in found] if (
                _deals(splitter)
            ) else self._inside(found)
        return self._inside(self._of_all_rows(splitter))
