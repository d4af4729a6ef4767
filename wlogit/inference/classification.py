"""Classification of cases by predicted probability."""

import numpy as np
import pandas as pd

from wlogit._typing import BoolArray
from wlogit.weights.weights import Weights


def prediction_table(weights: Weights, predicted: BoolArray, *, weighted: bool) -> pd.DataFrame:
    """Cases by observed and predicted class.

    Parameters
    ----------
    weights : Weights
    predicted : ndarray of bool, shape (n,)
        Whether a row is predicted to be an event.
    weighted : bool
        Sum m g instead of counting cases.

    Returns
    -------
    DataFrame, shape (2, 2)
        Rows observed, columns predicted.
    """
    counts = np.zeros((2, 2))
    masses = weights.averaging_mass
    for sort, mass in zip(weights.cases, masses, strict=True):
        number = mass if weighted else sort.multiplicity * (sort.sampling > 0)
        for observed, share in ((0, 1.0 - sort.outcome), (1, sort.outcome)):
            cases = np.broadcast_to(number * share, predicted.shape)
            counts[observed] += cases[~predicted].sum(), cases[predicted].sum()
    labels = list(weights.labels)
    return pd.DataFrame(
        counts, pd.Index(labels, name="observed"), pd.Index(labels, name="predicted")
    )
