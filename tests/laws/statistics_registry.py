"""Every statistic of a fit, by name, with how it behaves under each law.

A law is then stated once, over all of them.
"""

import re
from functools import partial

import numpy as np

from tests.laws.classification_statistics import classification
from tests.laws.cluster_statistics import clusters
from tests.laws.hypothesis_statistics import hypothesis_tests
from tests.laws.margin_statistics import margins
from tests.laws.prediction_statistics import predictions, residuals
from tests.laws.profile_statistics import profiles
from tests.laws.statistic import (
    COVARIANCES,
    Statistic,
    attribute,
    complement,
    inverted,
    mirrored,
    negated,
    reversed_,
    same,
)
from tests.laws.table_statistics import tables
from tests.laws.weighting_statistics import weighting

# ------------------------------------------------------------------------------- scalars


def scalars():
    for name in ("nobs", "df_model", "df_resid", "llr", "llr_pvalue", "prsquared", "aic", "bic"):
        yield Statistic(name, attribute(name))
    for name in ("k_constant", "converged", "use_t"):
        yield Statistic(name, attribute(name))
    yield from (Statistic(name, attribute(name), unit=1.0) for name in ("llf", "llnull"))
    yield Statistic("mean loss", lambda fit: fit.results.mle_retvals["fopt"])
    yield Statistic("llr_test eigenvalues", lambda fit: fit.results.llr_test.eigenvalues)
    for kind in ("mcfadden", "cox_snell", "nagelkerke"):
        yield Statistic(f"pseudo_rsquared {kind}", _called("pseudo_rsquared", kind))
    for kind in ("tjur", "efron", "mckelvey_zavoina"):
        value = _called("pseudo_rsquared", kind)
        yield Statistic(f"pseudo_rsquared {kind}", value, tags=frozenset({"population"}))
    for name in ("aic", "bic", "tic", "gbic"):
        tags = frozenset({"own scheme"}) if name == "tic" else frozenset()
        yield Statistic(f"info_criteria {name}", _called("info_criteria", name), tags=tags)
    yield Statistic("info_criteria aic, dk_params", _called("info_criteria", "aic", 2))
    for name in ("aic_naive", "bic_naive"):
        yield Statistic(f"info_criteria {name}", _called("info_criteria", name), unit=None)
    for name in ("nobs", "effective_size", "design_effect", "likelihood"):
        yield Statistic(f"weights.{name}", partial(_of_weights, name))
    yield Statistic("weights.total", partial(_of_weights, "total"), unit=1.0)
    yield Statistic(
        "weights.class_weights",
        lambda fit: list(fit.results.weights.class_weights.values()),
        unit=None,
        flip=reversed_,
        tags=frozenset({"class"}),
    )
    yield Statistic("im_ratio eigenvalues", _eigenvalues)


def _called(name, *arguments):
    return lambda fit: getattr(fit.results, name)(*arguments)


def _of_weights(name, fit):
    return getattr(fit.results.weights, name)


def _eigenvalues(fit):
    return np.sort(np.linalg.eigvals(fit.results.im_ratio).real)


# -------------------------------------------------- coefficients and tests, by covariance


def coefficients():
    yield Statistic("params", attribute("params"), "params", flip=negated)
    for covariance in COVARIANCES.values():
        naive = covariance.naive
        if "use_t" in covariance.options:
            continue
        yield Statistic(
            f"cov_params [{covariance.name}]",
            partial(_under, covariance, lambda results: results.cov_params()),
            "covariance",
            unit=-1.0 if naive else 0.0,
            tags=_tags(covariance),
        )
    for name in ("nonrobust", "HC1", "HC3", "linearized", "CR1S", "HC3, t", "CR1S, t"):
        yield from _inference(COVARIANCES[name])
    for name in ("HC0", "HC3", "linearized", "CR1S", "two-way CR0"):
        for suffix in ("", ", case-control", ", fixed", ", estimated"):
            yield _shift(COVARIANCES[name + suffix])
    for name in ("cov_HC0", "cov_HC1", "cov_HC2", "cov_HC3", "cov_HC4"):
        yield Statistic(name, attribute(name), "covariance", tags=frozenset({"own scheme"}))
    yield Statistic("cov_nonrobust", attribute("cov_nonrobust"), "covariance", unit=-1.0)


def _under(covariance, view, fit):
    return view(fit.under(covariance))


def _tags(covariance):
    """When the covariance is worth asking for: not where it only spells out the default."""
    scheme = covariance.options.get("class_weights")
    return frozenset() if scheme is None else frozenset({scheme})


def _shift(covariance):
    """Covariance of the coefficients with the estimated log ratio of the class weights."""

    def value(fit):
        shift = fit.under(covariance).covariance.shift
        return np.zeros(fit.n_params + 1) if shift is None else shift

    tags = _tags(covariance) | {"population"}
    return Statistic(f"shift [{covariance.name}]", value, "influence", tags=frozenset(tags))


def _inference(covariance):
    """What is printed of a fit with a covariance."""
    naive = covariance.naive
    root, other = (0.5, None) if naive else (0.0, 0.0)

    def statistic(name, view, level="coefficient", unit=0.0, flip=same, tags=()):
        return Statistic(
            f"{name} [{covariance.name}]",
            partial(_under, covariance, view),
            level,
            unit,
            flip,
            _tags(covariance) | set(tags),
        )

    yield statistic("pvalues", lambda r: r.pvalues, unit=other)
    yield statistic("conf_int", _numbers("conf_int"), unit=other, flip=mirrored)
    yield from _linear_tests(covariance)
    if "use_t" in covariance.options:
        return  # the rest does not know the reference distribution
    yield statistic("bse", lambda r: r.bse, unit=-root)
    yield statistic("tvalues", lambda r: r.tvalues, unit=root, flip=negated)
    if covariance.name in ("nonrobust", "HC3"):
        limits = _numbers("conf_int", 0.2)
        yield statistic("conf_int 80 %", limits, unit=other, flip=mirrored)
        yield statistic("odds_ratios", _numbers("odds_ratios"), unit=other, flip=inverted)
    yield statistic("llr_pvalue", lambda r: r.llr_pvalue, "scalar")
    yield statistic("aic", lambda r: r.aic, "scalar")
    # Under "nonrobust" the ratio is that of HC0, centered as the class weights of the model say.
    yield statistic("im_ratio", lambda r: r.im_ratio, tags=["own scheme"] if naive else ())
    terms = partial(_wald_terms, covariance)
    if covariance.name in ("nonrobust", "HC3", "CR1S"):
        tags = _tags(covariance) | {"formula"}
        yield Statistic(f"wald_test_terms [{covariance.name}]", terms, unit=other, tags=tags)


def _linear_tests(covariance):
    """t and F tests; their parts one by one where the unit of the weights is in some."""
    tests = {
        "t_test": (_t_test, (-1.0, 1.0, -1.0, 1.0), (0.0, -0.5, 0.5, None)),
        "wald_test": (partial(_wald_test, use_f=False), (1.0, 1.0), (1.0, None)),
        "f_test": (partial(_wald_test, use_f=True), (1.0, 1.0), (1.0, None)),
    }
    for name, (test, signs, units) in tests.items():
        value, title = partial(test, covariance), f"{name} [{covariance.name}]"
        if not covariance.naive:
            yield Statistic(title, value, flip=partial(np.multiply, signs))
            continue
        for which, (sign, unit) in enumerate(zip(signs, units, strict=True)):
            flip = same if sign > 0.0 else negated
            yield Statistic(f"{title} {which}", partial(_part, which, value), "scalar", unit, flip)


def _numbers(method, *arguments):
    return lambda results: np.asarray(getattr(results, method)(*arguments))


def _t_test(covariance, fit):
    test = fit.under(covariance).t_test(fit.contrast([1.0, 2.0]))
    return [np.squeeze(getattr(test, name)) for name in ("effect", "sd", "statistic", "pvalue")]


def _wald_test(covariance, fit, *, use_f):
    test = fit.under(covariance).wald_test(fit.contrast(np.eye(2)), use_f=use_f, scalar=True)
    return [test.statistic, test.pvalue]


def _wald_terms(covariance, fit):
    table = fit.under(covariance).wald_test_terms(scalar=True).table
    return table.to_numpy(float)


SCORE_TESTED = (
    *("HC0", "HC1", "HC2", "HC3", "HC4", "linearized", "CR1S", "two-way CR0"),
    *("HC3, case-control", "HC3, fixed", "HC3, estimated", "CR1S, case-control"),
)


def score_tests():
    """Of two added columns."""
    for name, covariance in COVARIANCES.items():
        if not covariance.naive and name not in SCORE_TESTED:
            continue
        value = partial(_score_test, covariance)
        tags = _tags(covariance)
        if not covariance.naive:
            yield Statistic(f"score_test [{name}]", value, tags=tags)
            continue
        for part, (of, unit) in enumerate((("statistic", 1.0), ("pvalue", None))):
            pick = partial(_part, part, value)
            yield Statistic(f"score_test {of} [{name}]", pick, unit=unit, tags=tags)


def _score_test(covariance, fit):
    keywords = {} if covariance.naive else fit.keywords(covariance.options)
    return list(
        fit.results.score_test(
            exog_extra=fit.extra, cov_type=covariance.cov_type, cov_kwds=keywords
        )
    )


def _part(which, value, fit):
    return value(fit)[which]


# --------------------------------------------------------------------- constrained fits


def constrained():
    for cov_type, options in (
        (None, {}),
        ("cluster", {"groups": ("c1",)}),
    ):
        name = cov_type or "default"
        value = partial(_constrained, cov_type, options)
        yield Statistic(
            f"constrained cov_params [{name}]",
            partial(value, lambda results: results.cov_params()),
            "covariance",
        )
        yield Statistic(f"constrained score_test [{name}]", partial(value, _own_score_test))
    default = partial(_constrained, None, {})
    yield Statistic(
        "constrained params", partial(default, lambda r: r.params), "params", flip=negated
    )
    yield Statistic("constrained llf", partial(default, lambda r: r.llf), unit=1.0)
    for name in ("df_model", "df_resid", "llr", "aic", "bic", "llr_pvalue"):
        yield Statistic(
            f"constrained {name}",
            partial(default, lambda results, name=name: getattr(results, name)),
        )


def _constrained(cov_type, options, view, fit):
    return view(fit.constrained(cov_type, **options))


def _own_score_test(results):
    return list(results.score_test())


# ------------------------------------------------- influence; the notes of a summary


def influences():
    for name, flip, unit in (
        ("hat_matrix_diag", same, 0.0),
        ("cooks_distance", same, 1.0),
        ("resid_studentized", negated, 0.5),
        ("dfbetas", negated, 0.5),
    ):
        about = {"one sort"} | ({"coordinates"} if name == "dfbetas" else set())
        yield Statistic(name, partial(_influence, name), "rows", unit, flip, frozenset(about))


def _influence(name, fit):
    value = getattr(fit.results.get_influence(unit="case"), name)
    return value[0] if isinstance(value, tuple) else value


NUMBER = r"(-?[\d.]+(?:e[-+]?\d+)?)"
NOTES = {
    "shift": (rf"log\(c1/c0\) = {NUMBER}", negated),
    "calibrated intercept": (rf"calibrated intercept {NUMBER}", negated),
    "error of the calibrated intercept": (rf"calibrated intercept \S+ \({NUMBER}\)", same),
    "mean calibrated probability": (rf"their mean is {NUMBER},", complement),
    "share of events": (rf"the share of events {NUMBER}\.(?:\s|$)", complement),
}


def notes():
    tags = frozenset({"population", "printed"})
    for name, (pattern, flip) in NOTES.items():
        value = partial(_note, pattern)
        yield Statistic(f"note: {name}", value, "coefficient", flip=flip, tags=tags)


def _note(pattern, fit):
    return [float(number) for number in re.findall(pattern, fit.notes)]


STATISTICS = {
    statistic.name: statistic
    for group in (
        scalars,
        coefficients,
        clusters,
        score_tests,
        constrained,
        predictions,
        residuals,
        influences,
        margins,
        notes,
        tables,
        weighting,
        classification,
        profiles,
        hypothesis_tests,
    )
    for statistic in group()
}
