"""Profile limits and design-based criteria, for the registry of statistics."""

from functools import partial

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, mirrored


def profiles():
    """Of the last column alone: restricted fits take their time."""
    for name, view in (("own", _own), ("CR1S", _clustered), ("constrained", _constrained)):
        value = partial(_limits, view)
        yield Statistic(f"profile limits [{name}]", value, "coefficient", flip=mirrored)
    yield Statistic("info_criteria daic", lambda fit: fit.results.daic)
    yield Statistic("dbic", lambda fit: fit.constrained().dbic(fit.results))


def _limits(view, fit):
    return np.asarray(view(fit).conf_int(cols=[-1], method="profile"))


def _own(fit):
    return fit.results


def _clustered(fit):
    return fit.under(COVARIANCES["CR1S"])


def _constrained(fit):
    return fit.constrained()
