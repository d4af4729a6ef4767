"""Parts of a sandwich with round numbers: nothing is fitted."""

import numpy as np

from wlogit.core.factors import root_of
from wlogit.core.model_matrix import ModelMatrix
from wlogit.covariance.base import ScoreParts
from wlogit.weights.outcome import Outcome
from wlogit.weights.resolve import resolve_weights


def weights_of(y, **given):
    """Weights of cases with these outcomes; two columns are counts of events and the others."""
    y = np.asarray(y, dtype=float)
    given = {
        key: np.asarray(value, dtype=float) if key.endswith("_weights") else value
        for key, value in given.items()
    }
    if y.ndim == 2:
        trials = y.sum(axis=1)
        return resolve_weights(Outcome(y[:, 0] / trials, trials, "counts", (0, 1)), **given)
    kind = "binary" if set(y) <= {0.0, 1.0} else "fraction"
    return resolve_weights(Outcome(y, np.ones(()), kind, (0, 1)), **given)


def parts_of(X, y, bread, params=None, **given):
    """Scores of cases; without coefficients every p is one half."""
    X = np.asarray(X, dtype=float)
    params = np.zeros(X.shape[1]) if params is None else np.asarray(params, dtype=float)
    weights, bread = weights_of(y, **given), np.asarray(bread, dtype=float)
    return ScoreParts.at(ModelMatrix(X), params, None, weights, root_of(bread), X.shape[1])


def gram(*rows):
    """Sum of the outer products of rows with themselves."""
    return sum(np.outer(row, row) for row in np.asarray(rows, dtype=float))
