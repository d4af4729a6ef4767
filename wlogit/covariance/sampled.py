"""How the rows of a fit came into the sample, as far as a covariance asks for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wlogit._typing import IntArray
from wlogit.covariance.replicates import Refit
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
    refit : Refit or None
        How the estimate is made under other weights, if it is no plain maximum of the likelihood.
    refits : bool
        Whether replicates are refitted; else they are linearized at the parameters that are given,
        which need be no estimate.
    advance : callable
        Called for each refit that is done.
    """

    groupings: tuple[IntArray, ...] = ()
    design: Design | None = None
    refit: Refit | None = None
    refits: bool = False
    advance: Callable[[], object] = field(default=lambda: None)
