"""What a user is told of a covariance that is given but not valid, or valid under a condition."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from wlogit._warn import warn_user
from wlogit.covariance.base import Covariance
from wlogit.covariance.cluster import negative_eigenvalues
from wlogit.covariance.registry import default_cov_type
from wlogit.errors import InferenceWarning
from wlogit.estimation import what_weights_are

# Of the largest variance: what rounding leaves of one that is none.
_SINGULAR = 1e-12


def warn_about(model: Any, covariance: Covariance, groups: Any = None) -> None:
    """Warn where the covariance is given but not valid, or valid under a condition.

    Parameters
    ----------
    model : WeightedLogit, WeightedMNLogit or StreamedLogit
    covariance : Covariance
    groups : column name or array_like, optional
        Its clusters as they were given, for their names.
    """
    for message in chain(
        _of_weights(model, covariance),
        _of_replicates(covariance),
        _of_rows(model, covariance),
        _of_clusters(model, covariance, groups),
    ):
        warn_user(message, InferenceWarning)


def warn_of_naive(model: Any, what: str, which: str) -> None:
    """Warn of what follows from the inverse Hessian of a pseudo-likelihood.

    Parameters
    ----------
    model : WeightedLogit or WeightedMNLogit
    what : str
        What ignores the weights: "score test".
    which : str
        What of it is not valid, with its verb: "its p-value is".
    """
    if not model.weights.likelihood:
        default = default_cov_type(model.weights, model.design)
        warn_user(
            f"a nonrobust {what} ignores what the {what_weights_are(model.weights)} mean: {which} "
            f'not valid. Use cov_type="{default}".',
            InferenceWarning,
        )


def _of_weights(model: Any, covariance: Covariance) -> Iterator[str]:
    if covariance.name == "nonrobust" and not model.weights.likelihood:
        yield (
            f"cov_type nonrobust ignores what the {what_weights_are(model.weights)} mean: its "
            "standard errors and p-values are not valid. Use the default, "
            f'"{default_cov_type(model.weights, model.design)}".'
        )


def _of_replicates(covariance: Covariance) -> Iterator[str]:
    replicates = covariance.replicates
    if replicates is None:
        return
    if replicates.left_out:
        yield (
            f"{replicates.describe_left_out()}: they are left out, and the variance is the spread "
            "of the others, which may be too small."
        )
    if _is_singular(covariance) and not np.isnan(covariance.df):
        count = replicates.n_replicates - len(replicates.left_out)
        yield (
            f"{count} replicates for {len(covariance.matrix)} coefficients: the covariance is "
            "singular, and joint tests of all coefficients are not valid. Use more, hundreds of "
            "resamples for instance."
        )


def _of_rows(model: Any, covariance: Covariance) -> Iterator[str]:
    if covariance.saturated_rows:
        names = [model.rows.name(i) for i in covariance.saturated_rows[:3]]
        yield (
            f"leverage is one in row {', '.join(names)}: a coefficient rests on such a row alone, "
            "and it adds nothing to the robust variance, which is too small there."
        )
    if np.isnan(covariance.df) and np.isfinite(covariance.matrix).any():
        yield (
            f"the design has too few degrees of freedom for {len(covariance.matrix)} coefficients: "
            "t tests and intervals are not defined. Use fewer coefficients, or "
            'cov_kwds={"df": "design"}, which does not count them.'
        )


def _of_clusters(model: Any, covariance: Covariance, groups: Any) -> Iterator[str]:
    k = len(covariance.matrix)
    if covariance.saturated_clusters:
        clusters = covariance.saturated_clusters[:3]
        named = "; ".join(model.rows.cluster_name(groups, i) for i in clusters)
        yield (
            f"a combination of the coefficients rests on one cluster alone ({named}), which adds "
            "nothing to its variance: its standard error is too small, and its degrees of freedom "
            "are not defined where nothing else adds to it."
        )
    few = [count for count in covariance.n_clusters if count <= k]
    if few:
        yield (
            f"{few[0]} clusters for {k} coefficients: the cluster-robust covariance is singular, "
            "and joint tests of all coefficients are not valid."
        )
    if len(covariance.n_clusters) > 1 and negative_eigenvalues(covariance.matrix).size:
        yield (
            "the covariance with several groupings has a negative eigenvalue; variances of some "
            "combinations of coefficients are negative."
        )


def _is_singular(covariance: Covariance) -> bool:
    """Whether a covariance that is finite has no full rank."""
    whitened = covariance.whitened
    if not np.isfinite(whitened).all():
        return False
    largest = float(np.abs(whitened).max(initial=0.0))
    rank = np.linalg.matrix_rank(whitened, tol=_SINGULAR * largest, hermitian=True)
    return bool(rank < len(whitened))
