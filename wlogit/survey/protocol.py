"""What a fit asks of the design that its rows were drawn by."""

from typing import Literal, Protocol, Self

import pandas as pd

from wlogit._typing import Array, BoolArray, IntArray


class Design(Protocol):
    """A survey design, or a design given by replicate weights."""

    @property
    def cov_type(self) -> Literal["survey", "replicate"]:
        """The covariance of fits under the design."""
        ...

    @property
    def n_rows(self) -> int:
        """Rows as passed."""
        ...

    @property
    def index(self) -> pd.Index | None:
        """Their labels; None for plain arrays."""
        ...

    @property
    def sampling_weights(self) -> Array:
        """Inverse sampling probabilities of the rows as passed, shape (n,)."""
        ...

    @property
    def weights_name(self) -> str | None:
        """Column that the weights came from."""
        ...

    @property
    def named_columns(self) -> pd.DataFrame | None:
        """Columns of the data that it was made from by name; None where there are none."""
        ...

    @property
    def in_domain(self) -> BoolArray:
        """Rows that belong to the (sub)population, shape (n,)."""
        ...

    @property
    def psu(self) -> IntArray:
        """Which rows were drawn together, shape (n,)."""
        ...

    def covariance_of_totals(self, values: Array, there: BoolArray | None = None) -> Array:
        """Covariance of sums over the rows, shape (q, q).

        Parameters
        ----------
        values : ndarray, shape (n, q)
            Weighted; zero for rows that do not belong to what is estimated.
        there : ndarray of bool, shape (n,), optional
            Rows that do; by default those of the domain.
        """
        ...

    def degrees_of_freedom(self, positive: BoolArray) -> float:
        """Degrees of freedom of a variance over some of the rows.

        Parameters
        ----------
        positive : ndarray of bool, shape (n,)
            Rows with a positive weight; those outside the domain do not count.
        """
        ...

    def take(self, rows: IntArray) -> Self:
        """Some of the rows, in this order, without labels; the sample stays that of all rows.

        Parameters
        ----------
        rows : ndarray of int
        """
        ...

    def describe(self) -> str:
        """The design in plain words."""
        ...
