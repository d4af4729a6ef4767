"""Error cases of tests of hypotheses; see ``error_cases.py``."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

import wlogit
from wlogit import DesignError, NotAvailableError, OutcomeError, WeightedLogit, WeightError
from wlogit.formula.api import weighted_logit, weighted_mnlogit

LABELS = [f"r{i}" for i in range(80)]


@cache
def _data():
    rng = np.random.default_rng(29)
    frame = pd.DataFrame(rng.normal(size=(80, 2)), LABELS, ["x", "z"])
    frame["g"] = rng.choice(["a", "b"], 80)
    frame["y"] = (rng.random(80) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    frame["label"] = np.where(frame["y"] == 1, "no", frame["g"])
    return frame.assign(w=1.0 + np.arange(80) % 4, whole=1 + np.arange(80) % 2)


def data(**columns):
    return _data().assign(**columns)


def fit(formula="y ~ x + z", frame=None, **options):
    frame = data() if frame is None else frame
    return weighted_logit(formula, frame, **options).fit(disp=False)


def against(restricted, **options):
    return fit(**options).lr_test(restricted)


def constrained(constraint="x = 0.4", formula="y ~ x + z", **options):
    return fit(formula, **options).model.fit_constrained(constraint, disp=False)


def other_rows():
    frame = data()
    frame.loc[["r5", "r7"], "z"] = np.nan
    return fit(frame=frame).lr_test(fit("y ~ x"))


def more_rows_of_arrays():
    design = np.column_stack([np.ones(80), data()[["x", "z"]]])
    y = data()["y"].to_numpy()
    full = WeightedLogit(y[:70], design[:70]).fit(disp=False)
    return full.lr_test(WeightedLogit(y, design[:, :2]).fit(disp=False))


def other_outcome():
    frame = data()
    frame.loc["r9", "y"] = 1 - frame.loc["r9", "y"]
    return against(fit("y ~ x", frame))


def other_labels():
    frame = data(y=np.where(data()["y"] == 1, "yes", "no"))
    return against(fit("y ~ x", frame))


def other_weights(role, name="w"):
    frame = data()
    changed = frame.copy()
    changed.loc["r3", name] = 9
    return fit(frame=frame, **{role: name}).lr_test(fit("y ~ x", changed, **{role: name}))


def several_labels():
    return against(weighted_mnlogit("label ~ x", data()).fit(disp=False))


def not_the_maximum():
    results, restricted = fit(), fit("y ~ x")
    inner = restricted._results
    inner.log_likelihoods = replace(inner.log_likelihoods, model=-1.0)
    return results.lr_test(restricted)


def stopped():
    model = weighted_logit("y ~ x + z", data())
    return model.fit(disp=False, maxiter=1, warn_convergence=False).lr_test("z")


def removed():
    results = fit()
    results.remove_data()
    return results.lr_test("z")


def other_offset():
    return against(fit("y ~ x", offset="w"))


def dropped_term():
    frame = data(twin=2 * data()["x"])
    return fit("y ~ x + twin", frame, aliased="drop").lr_test("twin")


def nothing_fixed(function):
    return fit().delta_method(function)


def undefined():
    frame = data(s=np.arange(80) % 2)
    frame["y"] = np.where(frame["s"] == 1, 1, frame["y"])
    model = weighted_logit("y ~ x + s", frame)
    return model.fit(disp=False, warn_convergence=False).delta_method(lambda b: b["s"])


def score(extra, **options):
    return fit(**options).score_test(extra)


def of_arrays(extra):
    design = np.column_stack([np.ones(80), data()["x"]])
    return WeightedLogit(data()["y"].to_numpy(), design).fit(disp=False).score_test(extra)


def pairs(*formulas, names=None):
    return wlogit.compare_nested(*(fit(formula) for formula in formulas), names=names)


ERRORS = {
    "tests, unknown approximation": (
        lambda: fit().lr_test("z", "davies"),
        ValueError,
        ("'davies'", "saddlepoint", "exact"),
    ),
    "tests, unknown term": (
        lambda: fit().lr_test("q"),
        DesignError,
        ("'q'", "neither a term nor a column", "'x'"),
    ),
    "tests, dropped term": (dropped_term, DesignError, ("'twin'", "aliased")),
    "tests, no results": (lambda: against(3.0), TypeError, ("results of wlogit", "float")),
    "tests, penalised": (
        lambda: against(fit().model.fit_regularized(alpha=1.0, disp=False)),
        TypeError,
        ("maximum likelihood", "RegularizedResults"),
    ),
    "tests, bias-reduced": (
        lambda: fit().model.fit_bias_reduced(disp=False).lr_test("z"),
        NotAvailableError,
        ("bias-reduced", "penalized_lr_test"),
    ),
    "tests, bias-reduced restricted": (
        lambda: against(fit("y ~ x").model.fit_bias_reduced(disp=False)),
        NotAvailableError,
        ("bias-reduced", "lr_test of fit()"),
    ),
    "tests, several labels": (
        several_labels,
        TypeError,
        ("WeightedLogit", "WeightedMNLogit", "cannot be compared"),
    ),
    "tests, other rows": (
        other_rows,
        DesignError,
        ("78 here and 80", "only in the restricted fit: r5, r7", "dropna"),
    ),
    "tests, rows in another order": (
        lambda: against(fit("y ~ x", data()[::-1])),
        DesignError,
        ("80 here and 80", "another order"),
    ),
    "tests, other rows of arrays": (
        more_rows_of_arrays,
        DesignError,
        ("70 here and 80", "same rows"),
    ),
    "tests, other outcome": (other_outcome, OutcomeError, ("1 row", "r9")),
    "tests, other labels": (other_labels, OutcomeError, ("[0, 1]", "'no', 'yes'")),
    "tests, other sampling weights": (
        lambda: other_weights("sampling_weights"),
        WeightError,
        ("sampling_weights", "r"),
    ),
    "tests, other frequencies": (
        lambda: other_weights("freq_weights", "whole"),
        WeightError,
        ("freq_weights", "1 row", "r3"),
    ),
    "tests, other class weights": (
        lambda: fit(class_weight={0: 1, 1: 2}).lr_test(fit("y ~ x", class_weight={0: 1, 1: 3})),
        WeightError,
        ("class weights", "2", "3"),
    ),
    "tests, not nested": (
        lambda: against(fit("y ~ g")),
        DesignError,
        ("not nested", "'g[T.b]'"),
    ),
    "tests, not nested, constrained": (
        lambda: constrained("x = 0").lr_test(constrained("z = 0", class_weight=None)),
        DesignError,
        ("not nested", "combinations"),
    ),
    "tests, the larger fit": (
        lambda: fit("y ~ x").lr_test(fit()),
        DesignError,
        ("contains this one", "the smaller one"),
    ),
    "tests, the same model": (lambda: against(fit()), DesignError, ("same model", "nothing")),
    "tests, other offset": (other_offset, DesignError, ("offsets", "not nested")),
    "tests, not converged": (stopped, NotAvailableError, ("did not converge", "both maxima")),
    "tests, no maximum": (
        not_the_maximum,
        NotAvailableError,
        ("higher likelihood", "start_params"),
    ),
    "tests, removed data": (removed, NotAvailableError, ("remove_data",)),
    "tests, fixed coefficients": (
        lambda: constrained().lr_test("x"),
        DesignError,
        ("constraints", "x"),
    ),
    "tests, fixed term": (lambda: constrained().anova(), DesignError, ("constraints", "x")),
    "tests, null model": (
        lambda: constrained(class_weight="balanced").llr_test,
        NotAvailableError,
        ("constraints exclude", "lr_test(restricted)"),
    ),
    "tests, interactions under constraints": (
        lambda: constrained("z = 0.1", "y ~ x * g + z").anova(test="lr"),
        NotAvailableError,
        ("interactions", 'test="wald"'),
    ),
    "tests, one fit": (lambda: pairs("y ~ x"), ValueError, ("two fits",)),
    "tests, names": (
        lambda: pairs("y ~ x", "y ~ 1", names=["a"]),
        ValueError,
        ("1 names for 2",),
    ),
    "tests, two not nested": (
        lambda: pairs("y ~ x", "y ~ z + g", names=["first", "second"]),
        DesignError,
        ("second and first", "not nested"),
    ),
    "tests, type of anova": (
        lambda: fit().anova(type=1),
        ValueError,
        ("type=1", "compare_nested"),
    ),
    "tests, kind of anova": (lambda: fit().anova(test="f"), ValueError, ("test='f'", "wald")),
    "tests, adjustment": (
        lambda: fit().anova(adjust="tukey"),
        ValueError,
        ("adjust='tukey'", "holm"),
    ),
    "tests, adjusted column": (
        lambda: fit().adjusted_pvalues(cols=["q"]),
        ValueError,
        ("'q'", "no coefficient"),
    ),
    "tests, no function of numbers": (
        lambda: nothing_fixed(lambda b: "text"),
        ValueError,
        ("must return", "str"),
    ),
    "tests, names of values": (
        lambda: fit().delta_method(lambda b: b["x"], names=["a", "b"]),
        ValueError,
        ("2 names for 1",),
    ),
    "tests, infinite function": (
        lambda: nothing_fixed(lambda b: b["x"] * np.inf),
        ValueError,
        ("finite real number",),
    ),
    "tests, infinite nearby": (
        lambda: nothing_fixed(lambda b: 0.0 if b["x"] == fit().params["x"] else np.inf),
        ValueError,
        ("not finite around",),
    ),
    "tests, kink": (
        lambda: nothing_fixed(lambda b: np.sqrt(np.abs(np.real(b["x"]) - fit().params["x"]))),
        ValueError,
        ("not smooth", "delta method"),
    ),
    "tests, dependent functions": (
        lambda: fit().nonlinear_test(lambda b: [b["x"], 2 * b["x"]]),
        DesignError,
        ("singular", "fewer"),
    ),
    "tests, no function": (
        lambda: fit().nonlinear_test("x / z"),
        TypeError,
        ("lambda b", "'x / z'"),
    ),
    "tests, function of another coefficient": (
        lambda: fit().nonlinear_test(lambda b: b["zz"]),
        ValueError,
        ("'zz'", "Intercept, x, z"),
    ),
    "tests, too many values": (
        lambda: fit().nonlinear_test(lambda b: [b["x"], b["z"]], null=[0, 0, 0]),
        ValueError,
        ("null=", "(3,)", "2 functions"),
    ),
    "tests, adjustment of coefficients": (
        lambda: fit().adjusted_pvalues("zz"),
        ValueError,
        ("method='zz'", "'holm'"),
    ),
    "tests, interval of no coefficient": (
        lambda: fit().conf_int(cols=["zz"]),
        ValueError,
        ("'zz'", "Intercept, x, z"),
    ),
    "score, missing value": (
        lambda: score(data(q=_data()["x"].mask(_data().index == "r7"))[["x", "q"]] ** 2),
        ValueError,
        ("exog_extra", "'r7'", "'q'"),
    ),
    "tests, undefined coefficient": (undefined, NotAvailableError, ("uses s", "not defined")),
    "score, text of arrays": (lambda: of_arrays("x**2"), DesignError, ("'x**2'", "arrays")),
    "score, two sides": (lambda: score("y ~ x"), DesignError, ("'y ~ x'", "terms alone")),
    "score, nothing new": (lambda: score("x + z"), DesignError, ("no term that the model lacks",)),
    "score, unknown name": (lambda: score("nowhere"), DesignError, ("'nowhere'", "evaluated")),
}
