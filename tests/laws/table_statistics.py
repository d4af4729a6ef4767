"""The plain tables of a fit, for the registry of statistics: tidy, glance, augment."""

from functools import partial

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, complement

OF_THE_FIT = ("nobs", "df_model", "df_resid", "llr", "llr_pvalue", "aic", "bic", "pseudo_rsquared")
POPULATION = frozenset({"population"})


def tables():
    yield Statistic("tidy [HC3]", _tidy, "coefficient", flip=_mirrored)
    yield Statistic("glance", _glance)
    yield Statistic("augment fitted", partial(_augment, "fitted"), "rows", flip=complement)
    yield Statistic(
        "augment fitted_calibrated",
        partial(_augment, "fitted_calibrated"),
        "rows",
        flip=complement,
        tags=POPULATION,
    )
    # Its other columns are members that the registry has.


def _tidy(fit):
    return fit.under(COVARIANCES["HC3"]).tidy().drop(columns="term")


def _mirrored(table):
    estimate, error, statistic, pvalue, low, high = table.T
    return np.column_stack([-estimate, error, -statistic, pvalue, -high, -low])


def _glance(fit):
    return fit.results.glance()[list(OF_THE_FIT)]


def _augment(name, fit):
    return fit.results.augment()[name]
