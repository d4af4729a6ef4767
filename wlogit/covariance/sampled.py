"""How the rows of a fit came into the sample, as far as a covariance asks for it."""

from dataclasses import dataclass

from wlogit._typing import IntArray
from wlogit.survey.protocol import Design


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """What an estimator needs besides scores and weights.

    Attributes
    ----------
    groupings : tuple of ndarray of int, shape (n,)
        Cluster of each row of the fit, for each grouping that was asked for.
    design : Design or None
        Of the rows of the fit; what was sampled is that of all rows.
    """

    groupings: tuple[IntArray, ...] = ()
    design: Design | None = None
