"""What has to be said where exponentials of coefficients are printed."""

from collections.abc import Iterator

import numpy as np

from wlogit.inference.prediction import calibration_shift
from wlogit.reporting.notes import FittedResults, calibrated_intercept

EXPONENTIALS = (
    "Odds ratios and limits are exponentials of the coefficients and of their limits; tests and "
    "p-values are those of the coefficients."
)
# More names than this are not listed.
_LISTED = 4


def odds_notes(fit: FittedResults) -> Iterator[str]:
    """Sentences on odds ratios, and on the intercept, whose exponential is none.

    Parameters
    ----------
    fit : FittedResults
    """
    yield EXPONENTIALS
    yield from constant_notes(fit)


def constant_notes(fit: FittedResults) -> Iterator[str]:
    """What the exponentials of the intercept, or of the levels in place of one, are.

    Parameters
    ----------
    fit : FittedResults
    """
    combination = fit.model.constant_combination
    single = fit.model.data.const_idx is not None
    # A constant column that is not of ones has a coefficient that is no log odds.
    if combination is None or (single and combination.max() != 1.0):
        return
    names = [str(fit.model.exog_names[j]) for j in np.flatnonzero(combination)]
    of = ", ".join(names) if len(names) <= _LISTED else f"{names[0]} to {names[-1]}"
    where = "where every covariate is zero" if single else "where the other covariates are zero"
    yield f"{of}: odds of the event {where}, not an odds ratio{_moved(fit)}."


def _moved(fit: FittedResults) -> str:
    """How class weights have changed these odds."""
    shift = calibration_shift(fit.weights)
    if shift == 0.0:
        return ""
    if not fit.has_free_constant:
        return ", on the scale of the class weights"
    said = f"; class weights multiply them by c1/c0 = {np.exp(shift):.4g}"
    calibrated = calibrated_intercept(fit)
    if calibrated is None:
        return said
    return f"{said}, without which they are {np.exp(calibrated.value):.4g}"
