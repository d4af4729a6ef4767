"""Which rows of the data as passed are in the model, and how arrays are brought to them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import AnyArray, Array, BoolArray, IntArray
from wlogit.errors import DesignError
from wlogit.weights.align import align_column, align_groups, align_labels
from wlogit.weights.columns import plain, row_name


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as passed and rows kept.

    Attributes
    ----------
    n_rows : int
        Rows of the data as passed, before subset and missing values.
    index : Index or None
        Their labels; None for plain arrays.
    frame : DataFrame or None
        The data of a formula, where columns are looked up by name.
    kept : ndarray of int or None
        Positions of the rows in the model; None for all.
    """

    n_rows: int
    index: pd.Index | None
    frame: pd.DataFrame | None = None
    kept: IntArray | None = None

    @classmethod
    def of_table(cls, frame: pd.DataFrame) -> "Rows":
        """All rows of a table."""
        return cls(len(frame), frame.index, frame)

    def take(self, values: AnyArray) -> AnyArray:
        """Values of the kept rows."""
        return values if self.kept is None else values[self.kept]

    def keep(self, mask: BoolArray) -> "Rows":
        """Keep only the kept rows where the mask holds."""
        kept = np.arange(self.n_rows) if self.kept is None else self.kept
        return replace(self, kept=kept[mask])

    @property
    def labels(self) -> pd.Index:
        """Labels of the kept rows: the user's, else positions."""
        if self.index is not None:
            return self.index if self.kept is None else self.index[self.kept]
        return pd.RangeIndex(self.n_rows) if self.kept is None else pd.Index(self.kept)

    def name(self, position: int) -> str:
        """How a message names a kept row, by its label."""
        return row_name(self.labels, position)

    def numbers(self, value: Any, role: str, error: type[ValueError]) -> Array | None:
        """A numeric column on the rows as passed, or None."""
        if value is None:
            return None
        aligned = align_column(
            value, role=role, frame=self.frame, index=self.index, n_rows=self.n_rows, error=error
        )
        return np.asarray(aligned, dtype=np.float64)

    def groupings(self, groups: Any) -> tuple[IntArray, ...]:
        """Cluster codes of the kept rows for each grouping.

        Raises
        ------
        DesignError
            A kept row has no cluster id.
        """
        codes = []
        for labels in align_groups(groups, frame=self.frame, index=self.index, n_rows=self.n_rows):
            kept = self.take(labels.codes)
            missing = np.flatnonzero(kept < 0)
            if missing.size:
                raise DesignError(
                    f"groups is missing in row {self.name(missing[0])} ({missing.size} rows in "
                    "all); every row of the fit needs a cluster id."
                )
            codes.append(np.asarray(kept, dtype=np.intp))
        return tuple(codes)

    def cluster_name(self, groups: Any, position: int) -> str:
        """The cluster of a kept row, ``g = 'a'`` where groups name a column, for messages."""
        if isinstance(groups, str) and self.frame is not None and groups in self.frame.columns:
            return f"{groups} = {plain(self.take(self.frame[groups].to_numpy())[position])!r}"
        return f"that of row {self.name(position)}"

    def levels(self, value: Any, role: str) -> tuple[IntArray, pd.Index]:
        """Level of each kept row by number, and the levels in order, unused ones left out.

        Raises
        ------
        DesignError
            A kept row has none.
        """
        labels = align_labels(
            value, role=role, frame=self.frame, index=self.index, n_rows=self.n_rows
        )
        codes = np.asarray(self.take(labels.codes), dtype=np.intp)
        missing = np.flatnonzero(codes < 0)
        if missing.size:
            raise DesignError(
                f"{role} is missing in row {self.name(int(missing[0]))} ({missing.size} rows in "
                "all); every row needs a level."
            )
        used, codes = np.unique(codes, return_inverse=True)
        levels = labels.levels[used]
        order = np.asarray(levels.argsort(), dtype=np.intp)
        position = np.empty_like(order)
        position[order] = np.arange(len(order))
        return position[codes], levels[order].rename(labels.name)

    def without_data(self) -> "Rows":
        """The same bookkeeping without the data."""
        return replace(self, frame=None, index=None, kept=None)
