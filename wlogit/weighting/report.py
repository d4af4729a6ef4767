"""What the weights of a fit cost: effective sizes, precision, and rows that weigh most."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import Array
from wlogit.covariance.registry import OF_DESIGNS, CovarianceRequest
from wlogit.inference.hypotheses import slope_contrast
from wlogit.inference.printed import Printed
from wlogit.inference.weighting import class_sizes, heaviest_rows
from wlogit.weighting.refits import Refit, refit, require_plain_fit, same_covariance, start_at
from wlogit.weights.altered import without_weights
from wlogit.weights.columns import row_name
from wlogit.weights.weights import Weights

HEAVIEST = 5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WeightingReport(Printed):
    """Precision of a weighted fit, and where the weights are.

    Attributes
    ----------
    kind : str
        Kind of the weights.
    nobs : float
        Number of cases.
    effective_size : float
        Kish's effective size of all weights together, for a mean.
    design_effect : float
        ``nobs / effective_size``.
    largest_share : float
        Share of the heaviest row in the sum of the weights.
    frame : DataFrame
        By coefficient: ``se``; ``se_model``, from the inverse information in weights that sum to
        `nobs`; ``misspecification_effect``, the ratio of their squares; ``se_unweighted``, of the
        fit without the weights; ``relative_efficiency``, the ratio of its variance to that of this
        fit. The last two are missing for a constant that class weights move, and where there are
        no weights to leave out.
    classes : DataFrame
        By label: ``cases``, ``weight`` of a case by class, ``share`` of all weight, and
        ``effective_size``, in which sampling weights count and class weights do not.
    heaviest : DataFrame
        Rows that weigh most, by label: ``weight``, ``share`` of all weight, ``cases`` and
        ``events`` (share of events among them).
    sentences : tuple of str
        What it says, in words.
    """

    kind: str
    nobs: float
    effective_size: float
    design_effect: float
    largest_share: float
    frame: pd.DataFrame
    classes: pd.DataFrame
    heaviest: pd.DataFrame
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """Tables and sentences as text."""
        number = "{:.4g}".format
        parts = [
            f"Weights: {self.kind}",
            *self.sentences,
            "",
            self.frame.to_string(float_format=number, na_rep="-"),
            "",
            self.classes.to_string(float_format=number),
        ]
        # Class weights alone make all rows of a class the heaviest ones.
        if "sampling" in self.kind or "frequency" in self.kind:
            parts += ["", "Heaviest rows", self.heaviest.to_string(float_format=number)]
        return "\n".join(parts)


def weighting_report(results: Any) -> WeightingReport:
    """Report on the weights of a fit.

    Parameters
    ----------
    results : WeightedLogitResults
    """
    require_plain_fit(results, "weighting_report")
    weights = results.weights
    request = _request(results)
    other = _unweighted(results, request)
    frame = _frame(results, _variances(results, request), other)
    heaviest = _heaviest(results)
    largest = float(heaviest["share"].iloc[0])
    sentences = (
        *_sizes(weights, largest, row_name(heaviest.index, 0)),
        *_instead(results, request),
        *_precision(results, other, frame),
    )
    return WeightingReport(
        kind=weights.kind,
        nobs=weights.nobs,
        effective_size=weights.effective_size,
        design_effect=weights.design_effect,
        largest_share=largest,
        frame=frame,
        classes=_classes(weights),
        heaviest=heaviest,
        sentences=sentences,
    )


def _request(results: Any) -> CovarianceRequest:
    """The covariance in use; the default where that is none."""
    if results.request.cov_type == "nonrobust" and not results.weights.likelihood:
        return CovarianceRequest.read(None, None, results.weights, results.model.design)
    request: CovarianceRequest = results.request
    return request


def _variances(results: Any, request: CovarianceRequest) -> Array:
    if request is results.request:
        return np.asarray(np.diag(results.covariance.matrix))
    return np.asarray(np.diag(results._evaluate(request).matrix))


def _instead(results: Any, request: CovarianceRequest) -> Iterator[str]:
    if request is not results.request:
        yield (
            f"Standard errors here are {request.cov_type}: those in use, nonrobust, are not valid "
            "under these weights."
        )


def _unweighted(results: Any, request: CovarianceRequest) -> Refit | None:
    """The fit without the weights; None where there are none to leave out."""
    weights = without_weights(results.weights)
    if weights is None:
        return None
    asked = same_covariance(request, weights)
    if weights.likelihood and asked.cov_type not in ("cluster", "bootstrap", *OF_DESIGNS):
        asked = CovarianceRequest("nonrobust", {})
    return refit(results.model, weights, start_at(results, 0.0), asked)


def _frame(results: Any, variance: Array, other: Refit | None) -> pd.DataFrame:
    weights = results.weights
    model = np.diag(results.cov_nonrobust) * (weights.total / weights.nobs)
    unweighted = np.full(len(variance), np.nan)
    if other is not None:
        same = _comparable(results)
        unweighted[same] = np.diag(other.covariance.matrix)[same]
    columns = {
        "se": np.sqrt(variance),
        "se_model": np.sqrt(model),
        "misspecification_effect": variance / model,
        "se_unweighted": np.sqrt(unweighted),
        "relative_efficiency": unweighted / variance,
    }
    return pd.DataFrame(columns, index=list(results.model.exog_names))


def _comparable(results: Any) -> Array:
    """Coefficients that estimate the same with and without the weights, if the model is right."""
    constant = results.model.constant_combination
    if results.weights.factors.source is None:
        return np.ones(len(results.params), dtype=bool)
    if constant is None:
        return np.zeros(len(results.params), dtype=bool)
    return np.asarray(constant == 0.0)


def _classes(weights: Weights) -> pd.DataFrame:
    sizes = class_sizes(weights)
    columns = {
        "cases": sizes.cases,
        "weight": list(weights.class_weights.values()),
        "share": sizes.share,
        "effective_size": sizes.effective,
    }
    return pd.DataFrame(columns, index=pd.Index(list(weights.labels), dtype=object, name="class"))


def _heaviest(results: Any) -> pd.DataFrame:
    weights = results.weights
    top, share = heaviest_rows(weights, HEAVIEST)
    number = np.asarray(sum(sort.multiplicity for sort in weights.cases))
    columns = {
        "weight": np.broadcast_to(weights.row_weight, (weights.n_rows,))[top],
        "share": share,
        "cases": np.broadcast_to(number, (weights.n_rows,))[top],
        "events": weights.shares[top],
    }
    return pd.DataFrame(columns, index=results.model.rows.labels[top])


def _sizes(weights: Weights, share: float, name: str) -> Iterator[str]:
    yield (
        f"{weights.nobs:,.10g} cases weigh as much as {weights.effective_size:,.1f} equally "
        f"weighted ones would in a mean (design effect {weights.design_effect:.3g})."
    )
    if weights.has_sampling or weights.has_frequency:
        yield f"The heaviest row, {name}, has {100.0 * share:.3g} % of all weight."


def _precision(results: Any, other: Refit | None, frame: pd.DataFrame) -> Iterator[str]:
    if other is None:
        yield "There are no weights but counts: the fit without weights is this one."
        return
    source = results.weights.factors.source
    left_out = {None: "sampling", "prevalence": "prevalence"}.get(source, "class") + " weights"
    comparable = _comparable(results)
    if not np.all(np.isfinite(other.covariance.matrix)):
        yield f"The fit without {left_out} did not converge, so precision is not compared."
    elif results.model.constant_combination is None and source is not None:
        yield (
            f"Without a constant the fit without {left_out} estimates other slopes; precision is "
            "not compared."
        )
    else:
        slopes = slope_contrast(len(frame), results.model.constant_combination)
        inside = np.any(slopes != 0.0, axis=0) & comparable
        change = np.sqrt(frame["relative_efficiency"].to_numpy()[inside]) - 1.0
        if change.size:
            yield (
                f"If the model is right, the fit without {left_out} estimates the same slopes, "
                f"with standard errors {_span(float(change.min()), float(change.max()))}."
            )


def _span(low: float, high: float) -> str:
    """Relative changes as "10 to 20 % smaller"."""
    smaller, larger = 100.0 * max(-low, 0.0), 100.0 * max(high, 0.0)
    if larger < 0.5:
        least = 100.0 * max(-high, 0.0)
        return f"{_between(least, smaller)} % smaller"
    if smaller < 0.5:
        return f"{_between(100.0 * max(low, 0.0), larger)} % larger"
    return f"between {smaller:.0f} % smaller and {larger:.0f} % larger"


def _between(low: float, high: float) -> str:
    small, large = f"{low:.0f}", f"{high:.0f}"
    if small == large:
        return small
    return f"up to {large}" if small == "0" else f"{small} to {large}"
