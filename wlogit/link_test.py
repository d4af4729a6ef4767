"""The link test: a refit on the linear predictor and its square."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wlogit.errors import NotAvailableError
from wlogit.inference.printed import Printed, pvalue, table
from wlogit.inference.scored import tied_places


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinkTest(Printed):
    """Whether the square of the linear predictor adds to it.

    Attributes
    ----------
    statistic : float
        z, or t, of the square.
    pvalue : float
        A small one says that the link, or the form in which variables enter, is wrong.
    frame : DataFrame
        Coefficients of "linear predictor" and "its square": coef, se, statistic, pvalue,
        ci_lower, ci_upper.
    cov_type : str
        Of the refit, as of the fit.
    """

    statistic: float
    pvalue: float
    frame: pd.DataFrame
    cov_type: str

    def __str__(self) -> str:
        """Test of the square, and both coefficients."""
        test = f"The square of the linear predictor: {pvalue(self.pvalue)} ({self.cov_type})"
        return f"{test}\n\n{table(self.frame)}"


def link_test(results: Any) -> LinkTest:
    """Refit a fit on its linear predictor and the square of it, with weights and covariance kept.

    Parameters
    ----------
    results : WeightedLogitResults

    Raises
    ------
    NotAvailableError
        Too few different predictions, and fits that a refit would not resemble.
    """
    eta = np.asarray(results.fittedvalues, dtype=np.float64)
    _require_ordinary(results, eta)
    model = results.model
    options = {k: v for k, v in model._get_init_kwds().items() if k != "offset"}
    columns = ["constant", "linear predictor", "its square"]
    design = pd.DataFrame(
        np.column_stack([np.ones(len(eta)), eta, eta**2]), model.rows.labels, columns
    )
    refit = type(model)(model.endog, design, **{**options, "aliased": "raise"}).fit(
        disp=False,
        cov_type=results.request.cov_type,
        cov_kwds=_keywords(results),
        use_t=results.use_t,
        warn_convergence=False,
    )
    if not refit.converged:
        raise NotAvailableError(
            "the refit on the linear predictor and its square has no finite optimum, as with few "
            "or separated cases: the link test is not available."
        )
    limits = np.asarray(refit.conf_int())
    frame = pd.DataFrame(
        {
            "coef": np.asarray(refit.params),
            "se": np.asarray(refit.bse),
            "statistic": np.asarray(refit.tvalues),
            "pvalue": np.asarray(refit.pvalues),
            "ci_lower": limits[:, 0],
            "ci_upper": limits[:, 1],
        },
        index=columns,
    ).iloc[1:]
    square = frame.iloc[1]
    return LinkTest(float(square["statistic"]), float(square["pvalue"]), frame, refit.cov_type)


def _require_ordinary(results: Any, eta: Any) -> None:
    if hasattr(results, "constraints") or hasattr(results, "bias_reduction"):
        raise NotAvailableError(
            "the link test refits by unconstrained maximum likelihood, which this fit is not; use "
            "link_test of fit()."
        )
    if not results.converged:
        raise NotAvailableError(
            "the fit did not converge, so that its linear predictor is not an estimate; the link "
            "test needs a converged fit."
        )
    weighted = np.broadcast_to(results.weights.row_weight > 0.0, eta.shape)
    if tied_places(eta[weighted]).max() < 2:
        raise NotAvailableError(
            "the linear predictor has fewer than three different values, so that a square adds "
            "nothing: there is no link to test."
        )


def _keywords(results: Any) -> Mapping[str, Any]:
    """Keywords of the covariance; clusters as codes of the rows in the model."""
    keywords = dict(results.request.keywords)
    if keywords.get("groups") is not None:
        keywords["groups"] = np.column_stack(results.model.rows.groupings(keywords["groups"]))
    return keywords
