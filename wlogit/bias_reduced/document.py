"""What the summary of a bias-reduced fit says."""

from collections.abc import Iterator
from typing import Any

from wlogit.reporting.document import SummaryData
from wlogit.reporting.notes import in_small_samples, intercept, outcome, rows, trouble, weight_kinds
from wlogit.reporting.summary import summarize

TITLES = {
    "mean": "Firth (mean bias-reduced)",
    "median": "Median bias-reduced",
    "empirical": "Empirically bias-reduced",
    "king-zeng": "King-Zeng bias-corrected",
}


# Below this many cases of the rarer class, what simulations have shown of intercepts is said.
FEW_EVENTS = 100


def describe(results: Any) -> SummaryData:
    """The content of the summary, the method named in its title.

    Parameters
    ----------
    results : BiasReducedResults
    """
    if results.kept_notes is None:
        groups = (
            trouble,
            method_notes,
            _weights,
            outcome,
            weight_kinds,
            _covariance,
            _intercept,
            rows,
        )
        results.kept_notes = tuple(note for group in groups for note in group(results))
    data = summarize(results)
    plan = results.bias_reduction.plan
    left = tuple(
        (label, plan.kind + (", raw" if plan.raw else "") if label == "Method:" else text)
        for label, text in data.left
    )
    right = tuple(pair for pair in data.right if pair[1] != "not available")
    if plan.kind == "mean":
        value = results.penalized_llf
        right = (*right, ("Penalized Log-Lik.:", f"{value:#8.5g}"))
    name = type(results.model).__name__
    return SummaryData(f"{name}, {TITLES[plan.kind]}, Results", left, right, data.notes)


def method_notes(results: Any) -> Iterator[str]:
    """How the bias was reduced, and what to make of the intervals."""
    plan = results.bias_reduction.plan
    if plan.kind == "mean":
        yield (
            "Firth's adjusted score, of which the bias of maximum likelihood is taken off (a "
            "likelihood penalised by Jeffreys' prior); estimates are finite under separation."
        )
        if not (plan.raw or plan.prediction):
            yield (
                "Intervals and p-values of the coefficients are Wald's; near separation "
                'conf_int(method="profile") and penalized_lr_tests() are better. The LLR p-value '
                "is of the penalised likelihood."
            )
    elif plan.kind == "median":
        yield (
            "Median bias reduction: each estimate is as likely above as below its true value; it "
            "depends on how the columns are coded."
        )
    elif plan.kind == "empirical":
        yield (
            "Empirical bias reduction: one step from maximum likelihood, by the bias estimated "
            "from the scores; right under any weights (Kosmidis and Lunardon) for cases that are "
            "independent of each other, as it takes them to be."
        )
    else:
        how = " with prior correction of the intercept" if plan.moved else ""
        yield f"King and Zeng's correction of maximum likelihood for rare events{how}."
    if plan.prediction is not None:
        yield (
            f"{plan.prediction.upper()}: corrected so that the mean predicted probability is the "
            "share of events (Puhr et al. 2017)."
        )


def _weights(results: Any) -> Iterator[str]:
    plan, source = results.bias_reduction.plan, results.weights.factors.source
    if plan.raw:
        yield (
            'weights="raw": the weights are taken as if they were counts, as by R\'s brglm2. They '
            "are not, so the bias need not be reduced, and their unit changes the estimate."
        )
    if plan.moved:
        by, what = "log(c1/c0)", "class weights"
        if source == "prevalence":
            by, what = "logit(prevalence) - logit(share)", "weights of the prevalence"
        why = ", for under them its bias would not be reduced" * (plan.kind in ("mean", "median"))
        yield (
            f"The fit leaves the {what} out{why}; its intercept is that of the unweighted one "
            f"moved by {plan.shift:.4g}, {by}."
        )


def _covariance(results: Any) -> Iterator[str]:
    plan, covariance = results.bias_reduction.plan, results.covariance
    if covariance.name == "nonrobust" and not plan.moved and not results.weights.likelihood:
        yield (
            "INVALID standard errors and p-values: cov_type nonrobust is the inverse weighted "
            "Hessian, which is not a covariance under these weights. Use the default covariance."
        )
        return
    yield f"Covariance {covariance.name}: {covariance.description}; at the estimate."
    yield from in_small_samples(results)
    yield from _skewed(results)


def _intercept(results: Any) -> Iterator[str]:
    return intercept(results, nonrobust_holds=results.bias_reduction.plan.moved)


def _skewed(results: Any) -> Iterator[str]:
    weights = results.weights
    sizes = weights.totals.class_sizes
    rarer = int(sizes[1] < sizes[0])
    if not (results.bias_reduction.plan.moved and weights.factors.estimated):
        return
    if sizes[rarer] < FEW_EVENTS:
        yield (
            f"Only {sizes[rarer]:,.10g} cases of {weights.labels[rarer]!r}: the error of the moved "
            "intercept is skewed, and its 95 % intervals have covered 91 % with 24 such cases and "
            "92 % with 60 in simulations (slopes 95 to 96 %)."
        )
