"""What is wrong in what a fit reports, in sentences, the gravest first."""

from collections.abc import Iterator

import numpy as np

from wlogit._typing import Array
from wlogit.auditing.right import CLOSE, ROBUST, Right
from wlogit.inference.prediction import NOT_AT_POPULATION_SCALE

# Below this relative difference two numbers are the same.
SAME = 1e-3
# Coefficients that differ by fewer standard errors are said to agree.
AGREE = 1e-3
ALPHA = 0.05
NAMED = 3


def findings(right: Right) -> tuple[str, ...]:
    """All sentences that apply.

    Parameters
    ----------
    right : Right
    """
    if right.other_data:
        return (*_pairing(right), _other_data(right))
    groups = (_pairing, _signs, _coefficients, _errors, _pvalues, _scale, _effects, _numbers)
    return tuple(sentence for group in groups for sentence in group(right))


def _pairing(right: Right) -> Iterator[str]:
    for name in right.peer.mispaired:
        yield (
            f"{name} and X have different row labels, or the same ones in another order: "
            f"{right.peer.program} pairs them by place, and so does this audit."
        )


def _other_data(right: Right) -> str:
    return (
        "These are not the data, labels or weights that the estimator was fitted with: fitted to "
        f"them again, it has coefficients that are up to {right.other_data:.3g} standard errors "
        "away, so that nothing here is about the fit. Pass the X, y and sample_weight= of its "
        "fit(), with the columns in the same order."
    )


def _signs(right: Right) -> Iterator[str]:
    if right.peer.flipped:
        non_event, event = right.peer.labels
        yield (
            f"Signs are turned around: the formula made {event!r} the event of an outcome with the "
            f"labels {non_event!r} and {event!r}, and every coefficient is about its probability. "
            "Code the outcome as 0 and 1."
        )


def _coefficients(right: Right) -> Iterator[str]:
    peer = right.peer
    if not right.results.converged:
        yield right.results.fit_record.message
        return
    if peer.ignored:
        yield (
            f"The weights are not in the fit: {peer.program} ignores {peer.weight_name}, so the "
            "coefficients are those of an unweighted fit."
        )
        return
    if peer.penalty is not None:
        yield from _penalty(right)
        return
    if right.distance <= AGREE:
        return
    if right.distance > CLOSE or not peer.converged:
        yield (
            f"The fit did not converge: coefficients are off by up to {right.distance:.3g} "
            "standard errors. Raise the number of iterations, lower the tolerance, rescale columns."
        )
    else:
        yield (
            f"The optimiser stopped early: coefficients are off by up to {right.distance:.2g} "
            "standard errors; lower its tolerance."
        )


def _penalty(right: Right) -> Iterator[str]:
    penalty, results = right.peer.penalty, right.results
    if penalty is None:
        return
    size = [np.abs(params[_slopes(right)]).sum() for params in (right.peer.params, results.params)]
    default = ", scikit-learn's default" if penalty.strength == 1.0 else ""
    yield (
        f"The fit is penalised ({penalty.words}{default}): the sum of the absolute slopes is "
        f"{size[0]:.4g} where maximum likelihood has {size[1]:.4g}, and standard errors and tests "
        "of an unpenalised fit are not for its coefficients. C=np.inf (penalty=None before "
        "scikit-learn 1.8) fits by maximum likelihood."
    )
    if right.penalized_distance > CLOSE:
        yield (
            "The optimiser stopped before the optimum of that penalty too: coefficients are off "
            f"by up to {right.penalized_distance:.2g} standard errors."
        )


def _slopes(right: Right) -> Array:
    inside = np.ones(len(right.peer.names), dtype=bool)
    where = right.results.model.data.const_idx
    if where is not None:
        inside[where] = False
    return inside


def _errors(right: Right) -> Iterator[str]:
    peer = right.peer
    if peer.errors is None:
        yield (
            f"{peer.program} reports no standard errors; those beside are of {_covariance(right)}."
        )
        return
    ratio = peer.errors / np.asarray(right.results.bse)
    change = ratio[np.isfinite(ratio)] - 1.0
    if not change.size or np.abs(change).max() <= SAME:
        return
    yield (
        f"Standard errors ({peer.cov_type}) are {_span(change)} against {_covariance(right)}"
        f"{_why(right)}."
    )


def _covariance(right: Right) -> str:
    name = right.results.cov_type
    kind = right.results.weights.kind
    if name == "nonrobust":
        return "the inverse information" + (" of all cases" if kind == "frequency" else "")
    centered = (
        ", centered for class weights from the sample"
        if (right.results.weights.factors.estimated)
        else ""
    )
    return f"{name} for {kind} weights{centered}" if kind != "none" else name


def _why(right: Right) -> str:
    """The first reason that applies."""
    peer, kind = right.peer, right.reading.kind
    naive, counts = peer.cov_type == "nonrobust", kind == "frequency"
    reasons = (
        (peer.ignored, "they are those of another fit"),
        (
            peer.dispersion != 1.0,
            f"they are multiplied by an estimated dispersion, {peer.dispersion:.3g}",
        ),
        (
            naive and right.results.weights.fractional,
            "fractions have no likelihood whose information that would be",
        ),
        (naive and counts, "the weights are counts, and were not taken for counts"),
        (naive, "the inverse weighted Hessian takes each weight for a number of cases"),
        (
            peer.weight_name == "freq_weights" and kind in ("class", "sampling"),
            "freq_weights enter this sandwich as counts, not squared as weights do",
        ),
        (
            peer.weight_name == "var_weights" and counts,
            "var_weights enter this sandwich squared, counts do not",
        ),
        (
            peer.cov_type == "cluster" and counts,
            "the small-sample factor counts rows, not cases",
        ),
        (peer.cov_type in ROBUST[1:], f"statsmodels computes HC0 under the name {peer.cov_type}"),
        (
            right.results.weights.factors.estimated,
            "it takes class weights that come from the sample as known",
        ),
    )
    return next((f": {reason}" for holds, reason in reasons if holds), "")


def _pvalues(right: Right) -> Iterator[str]:
    crossed = {
        name: pair
        for name, pair in right.of("p-value").items()
        if (pair[0] < ALPHA) != (pair[1] < ALPHA)
    }
    listed = [
        f"{name} (p = {reported:.2g} is reported, {value:.2g} is right)"
        for name, (reported, value) in list(crossed.items())[:NAMED]
    ]
    if listed:
        more = f" and {len(crossed) - NAMED} more" if len(crossed) > NAMED else ""
        yield f"Significance at 5 % changes for {', '.join(listed)}{more}."


def _scale(right: Right) -> Iterator[str]:
    moved = right.calibrated_intercept
    if moved is None or right.peer.ignored:
        return
    theirs, ours, share = right.mean_probabilities()
    where = right.results.model.data.const_idx
    ratio = np.exp(right.results.weights.factors.log_ratio)
    yield (
        f"The intercept and every predicted probability are on the scale of the class weights "
        f"(c1/c0 = {ratio:.4g}): the mean probability is {theirs:.4g}, the share of events "
        f"{share:.4g}. Calibrated, the intercept is {moved[0]:.4g} ({moved[1]:.3g}) instead of "
        f"{right.peer.params[where]:.4g}, and the mean probability {ours:.4g}."
    )


def _effects(right: Right) -> Iterator[str]:
    if not right.on_population_scale:
        yield f"No right marginal effects can be given: {NOT_AT_POPULATION_SCALE}"
        return
    both = right.of("marginal effect")
    gaps = {name: abs(reported - value) for name, (reported, value) in both.items()}
    largest = max((abs(value) for _, value in both.values()), default=0.0)
    if not both or max(gaps.values()) <= SAME * largest:
        return
    name = max(gaps, key=lambda name: gaps[name])
    why = {
        "class": "they are of uncalibrated probabilities",
        "sampling": "they are averaged without the weights",
        "frequency": "they are averaged over rows, not cases",
    }.get(right.reading.kind, "they follow from the coefficients")
    if right.peer.ignored or right.peer.flipped:
        why = "they follow from the coefficients"
    reported, value = both[name]
    yield (
        f"Average marginal effects are wrong, for {why}: that of {name} is {reported:.3g}, and "
        f"{value:.3g} is right."
    )


def _numbers(right: Right) -> Iterator[str]:
    words = {
        "nobs": "The number of observations is",
        "df_resid": "The residual degrees of freedom are",
        "aic": "AIC is",
        "bic": "BIC is",
        "Cox-Snell R2": "Cox and Snell's R-squared is",
    }
    pseudo = not right.results.weights.likelihood
    for quantity, title in words.items():
        for reported, value in right.of(quantity).values():
            if abs(reported - value) > SAME * max(abs(value), 1e-12):
                criterion = pseudo and quantity in ("aic", "bic")
                form = " (of the pseudo-likelihood)" if criterion else ""
                yield f"{title} reported as {reported:.6g}; {value:.6g}{form} is right."


def _span(change: Array) -> str:
    small, large = 100.0 * max(-change.min(), 0.0), 100.0 * max(change.max(), 0.0)
    if large < 0.05:
        return f"{_between(100.0 * max(-change.max(), 0.0), small)} % too small"
    if small < 0.05:
        return f"{_between(100.0 * max(change.min(), 0.0), large)} % too large"
    return f"up to {_digits(small)} % too small and up to {_digits(large)} % too large"


def _between(low: float, high: float) -> str:
    small, large = _digits(low), _digits(high)
    if small == large:
        return small
    return f"up to {large}" if low < 0.05 else f"{small} to {large}"


def _digits(percent: float) -> str:
    return f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"
