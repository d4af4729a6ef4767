"""What a classifier predicts from where the features separate the labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wlogit._typing import Array
from wlogit._warn import warn_user
from wlogit.errors import SeparationWarning
from wlogit.sklearn.plan import Plan
from wlogit.sklearn.sample import Sample

# Ridge, per standard deviation of a feature.
ALPHA = 1e-6
_LISTED = 8


def slight_ridge(sample: Sample, plan: Plan) -> Array:
    """A penalty of every column that hardly shrinks, whatever the features are measured in."""
    features = sample.features
    mean = np.average(features, axis=0, weights=sample.weight)
    variance = np.average((features - mean) ** 2, axis=0, weights=sample.weight)
    alpha = ALPHA * np.where(variance > 0.0, variance, 1.0)
    return np.append(0.0, alpha) if plan.fit_intercept else np.asarray(alpha)


def say_separated(what: str, names: Sequence[Any]) -> None:
    """Warn that there is no maximum-likelihood estimate, and of what there is instead.

    Parameters
    ----------
    what : str
        What is separated.
    names : sequence
        Coefficients that diverge, or the labels that have some.
    """
    listed = ", ".join(map(str, names[:_LISTED])) + (" and others" if len(names) > _LISTED else "")
    warn_user(
        f"the features separate {what}: {listed} {'have' if len(names) > 1 else 'has'} no "
        f"finite maximum-likelihood estimate. coef_ are those of a ridge with alpha={ALPHA:g} per "
        "standard deviation; choose one yourself with alpha=, or, for two labels, use "
        'bias_reduction="mean".',
        SeparationWarning,
    )
