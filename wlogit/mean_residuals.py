"""Archer and Lemeshow's test of a fit, over the units that its rows were sampled by."""

from dataclasses import replace
from typing import Any

import numpy as np

from wlogit._typing import IntArray
from wlogit.designs import design_of_rows, df_of_rows
from wlogit.errors import NotAvailableError
from wlogit.evaluation import case_sampling, own_evaluation
from wlogit.inference.mean_residuals import MeanResidualTest, archer_lemeshow
from wlogit.inference.scored import CaseSampling, Scored
from wlogit.weights.weights import Weights


def mean_residual_test(results: Any, groups: int) -> MeanResidualTest:
    """F test of the mean residuals in groups of the probabilities; see ``gof_test``.

    Parameters
    ----------
    results : WeightedLogitResults
    groups : int

    Raises
    ------
    NotAvailableError
        Fits with class weights, or with an intercept for another population; and after
        ``remove_data``.
    """
    weights = results.weights
    if weights.factors.source is not None:
        raise NotAvailableError(
            "the Archer-Lemeshow test is of the residuals of a fit to the population, and class "
            "weights or a prevalence move it elsewhere: test the fit without them, or use "
            "calibration()."
        )
    own_evaluation(results).comparable()
    eta = np.asarray(results.fittedvalues, dtype=np.float64)
    sampling, df = _sampling(results)
    return archer_lemeshow(Scored.of_rows(weights, eta, 0.0, sampling), df, groups)


def _sampling(results: Any) -> tuple[CaseSampling, float]:
    """How the rows were sampled, and the degrees of freedom: those of the design, if any."""
    sampling, weights = case_sampling(results), results.weights
    design = design_of_rows(results.model)
    if design is not None:
        df = df_of_rows(results.model, design)
        return replace(sampling, groupings=(), design=design), df
    if sampling.groupings:
        return sampling, min(_n_clusters(codes, weights) for codes in sampling.groupings) - 1.0
    return sampling, weights.nobs - 1.0


def _n_clusters(codes: IntArray, weights: Weights) -> int:
    """Clusters with weight."""
    weighted = np.broadcast_to(weights.row_weight > 0.0, codes.shape)
    return len(np.unique(codes[weighted]))
