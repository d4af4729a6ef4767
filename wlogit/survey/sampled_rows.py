"""The rows of a design: their labels, their weights and the part of them that is looked at."""

from copy import copy
from typing import Any, Self

import numpy as np
import pandas as pd

from wlogit._typing import Array, BoolArray, IntArray
from wlogit.errors import DesignError
from wlogit.survey.columns import DesignRows
from wlogit.survey.domain import read_mask


class SampledRows:
    """The rows of a sample with their weights, and the subpopulation among them."""

    weights_name: str | None = None
    # Columns of its data that the design was made from.
    _named: tuple[str, ...] = ()

    def _settle(self, rows: DesignRows, weights: Array) -> None:
        """All rows belong to the domain."""
        self._rows, self._weights = rows, weights
        self._in_domain: BoolArray = np.ones(rows.n_rows, dtype=np.bool_)
        self._is_subset = False
        for handed_out in (self._weights, self._in_domain):
            handed_out.flags.writeable = False

    @property
    def n_rows(self) -> int:
        """Rows as passed, those outside the domain included."""
        return self._rows.n_rows

    @property
    def index(self) -> pd.Index | None:
        """Labels of the rows; None for plain arrays."""
        return self._rows.index

    @property
    def sampling_weights(self) -> Array:
        """Inverse sampling probability of each row as passed, shape (n,)."""
        return self._weights

    @property
    def in_domain(self) -> BoolArray:
        """Rows that belong to the subpopulation, shape (n,); all without `subset`."""
        return self._in_domain

    @property
    def named_columns(self) -> pd.DataFrame | None:
        """The columns of the data that the design was made from, where it was given names."""
        frame = self._rows.frame
        names = dict.fromkeys(self._named)
        return None if frame is None or not names else frame[list(names)]

    @property
    def df(self) -> float:
        """Degrees of freedom of variances over all rows of the domain with a positive weight."""
        return self.degrees_of_freedom(self._weights > 0.0)

    def degrees_of_freedom(self, positive: BoolArray) -> float:
        """Degrees of freedom of a variance over some of the rows."""
        raise NotImplementedError

    def subset(self, mask: Any) -> Self:
        """The design of a subpopulation: the rows outside stay in the design, and count as zero.

        Parameters
        ----------
        mask : array_like of bool, shape (n,), or name of such a column
            A Series is aligned by its labels. Missing entries are outside.

        Returns
        -------
        SurveyDesign or ReplicateDesign
            Of the same kind.

        Raises
        ------
        DesignError
            No row with a positive weight is left.

        Notes
        -----
        The number of units of each stratum is that of the whole design; the degrees of freedom
        are of the PSUs and strata that the subpopulation has rows in, or of the replicate weights
        of its rows.

        Examples
        --------
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 1, 1, 1, 1], psu=[1, 1, 2, 2, 3, 3])
        >>> design.subset([True, False, True, True, False, False]).n_psu
        2
        """
        inside = read_mask(mask, self._rows) & self._in_domain
        if not np.any(self._weights[inside] > 0.0):
            raise DesignError("subset() leaves no row with a positive weight.")
        part = copy(self)
        part._in_domain, part._is_subset = inside, True
        return part

    def take(self, rows: IntArray) -> Self:
        """Some of the rows, in this order, without labels; the sample stays that of all rows.

        Parameters
        ----------
        rows : ndarray of int
            Positions.

        Examples
        --------
        >>> import numpy as np
        >>> from wlogit import SurveyDesign
        >>> design = SurveyDesign(weights=[1, 1, 2, 2], strata=[1, 1, 2, 2])
        >>> design.take(np.array([3, 0])).sampling_weights
        array([2., 1.])
        >>> design.to_replicates("JKn").take(np.array([3, 0])).replicate_weights
        array([[2., 2., 4., 0.],
               [0., 2., 1., 1.]])
        """
        part = copy(self)
        part._rows = DesignRows(len(rows), None, None)
        part._weights, part._in_domain = self._weights[rows], self._in_domain[rows]
        part._take_sample(rows)
        return part

    def _take_sample(self, rows: IntArray) -> None:
        """Keep what the sample knows of these rows only."""
        raise NotImplementedError
