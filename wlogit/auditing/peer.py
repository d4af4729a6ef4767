"""A fit of another program as it reports itself, whatever the program."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array


@dataclass(frozen=True, slots=True)
class Penalty:
    """The penalty of a fit that has one.

    Attributes
    ----------
    words : str
        As the program spells it.
    strength : float
        1 / C: the penalty added to the sum over the weighted cases.
    l1_ratio : float
    """

    words: str
    strength: float
    l1_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """A fit of another program.

    Attributes
    ----------
    program : str
        What fitted it, in words.
    names : tuple of str
        Of the coefficients, the constant included.
    params : ndarray, shape (k,)
    outcome : ndarray, shape (n,) or (n, 2)
        0/1, fractions, or counts (successes, failures).
    design : ndarray, shape (n, k)
    index : Index or None
    labels : tuple
        What the program models: non-events, then events.
    offset : ndarray, shape (n,), or None
    weight : ndarray, shape (n,), or None
        Weights that may mean several things.
    weight_name : str
        What they were passed as.
    frequency : ndarray, shape (n,), or None
        Counts beside `weight`.
    class_weight : "balanced", mapping of 0 and 1, or None
        Class weights given as such.
    ignored : bool
        Whether the program left the weights out of the fit.
    mispaired : tuple of str
        What it paired with the rows by place, against their labels.
    flipped : bool
        Whether it models the probability of the first label, unasked.
    penalty : Penalty or None
    converged : bool
    again : callable or None
        Coefficients of the same fit to the data as passed, for programs that keep none.
    cov_type : str
        Empty where no standard errors are reported.
    groups : ndarray, shape (n,), or None
        Clusters of its covariance.
    corrected : bool
        Whether that has a small-sample factor.
    dispersion : float
        By which its covariance is multiplied.
    errors, pvalues : ndarray, shape (k,), or None
    numbers : dict
        Scalars that it reports, by the name that they have in a report.
    effects : callable
        Gives its average marginal effects by name; empty where it has none.
    """

    program: str
    names: tuple[str, ...]
    params: Array
    outcome: Array
    design: Array
    index: pd.Index | None = None
    labels: tuple[Any, Any] = (0, 1)
    offset: Array | None = None
    weight: Array | None = None
    weight_name: str = "sample_weight"
    frequency: Array | None = None
    class_weight: Any = None
    ignored: bool = False
    mispaired: tuple[str, ...] = ()
    flipped: bool = False
    penalty: Penalty | None = None
    converged: bool = True
    again: Callable[[], Array] | None = None
    cov_type: str = ""
    groups: Any = None
    corrected: bool = True
    dispersion: float = 1.0
    errors: Array | None = None
    pvalues: Array | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    effects: Callable[[], dict[str, float]] = dict

    @property
    def table(self) -> pd.DataFrame:
        """The design with its names and labels."""
        return pd.DataFrame(self.design, columns=list(self.names), index=self.index)

    @property
    def probabilities(self) -> Array:
        """Of what the program models, as it gives them; shape (n,)."""
        eta = self.design @ self.params + (0.0 if self.offset is None else self.offset)
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * eta)))
