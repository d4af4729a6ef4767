"""The public interface: names, arguments in their order, and what is said of a misspelled one."""

import importlib
import inspect
import re

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit, LogitResults

import wlogit
from tests.contracts.documented_api import ATTRIBUTES, BUILT, PLANNED, WEIGHTS
from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit
from wlogit.results import WeightedLogitResults


def cases(table):
    return [
        pytest.param(owner, name, table[owner][name], id=f"{owner.__name__}.{name}")
        for owner in table
        for name in table[owner]
    ]


def signature(function):
    """Arguments and defaults, without annotations and without what catches unknown keywords."""
    found = inspect.signature(function).parameters.values()
    plain = [p.replace(annotation=p.empty) for p in found if p.name not in ("private", "unknown")]
    return str(inspect.Signature(plain)).removeprefix("(").removesuffix(")")


@pytest.mark.parametrize(("owner", "name", "arguments"), cases(BUILT))
def test_a_name_has_the_documented_arguments_in_order(owner, name, arguments):
    assert signature(getattr(owner, name)) == arguments


@pytest.mark.parametrize(("owner", "name", "arguments"), cases(PLANNED))
def test_a_planned_name_is_absent_or_has_the_documented_arguments(owner, name, arguments):
    if hasattr(owner, name):
        assert signature(getattr(owner, name)).startswith(arguments)


@pytest.mark.parametrize("name", ["fit", "fit_constrained", "predict", "loglike", "score"])
def test_statsmodels_positional_order_is_kept_by_the_model(name):
    assert_positional(getattr(WeightedLogit, name), getattr(Logit, name))


@pytest.mark.parametrize(
    "name",
    [
        *("predict", "get_prediction", "get_margeff", "pred_table", "info_criteria", "score_test"),
        *("summary", "summary2", "conf_int", "wald_test_terms", "t_test_pairwise", "save"),
        "set_null_options",
    ],
)
def test_statsmodels_positional_order_is_kept_by_the_results(name):
    assert_positional(getattr(WeightedLogitResults, name), getattr(LogitResults, name))


def assert_positional(ours, theirs):
    # statsmodels 0.14 still had its deprecated way to ask for the linear predictor.
    ours, theirs = positional(ours), [name for name in positional(theirs) if name != "linear"]
    shared = [name for name in theirs if name in ours]
    assert ours[: len(shared)] == shared
    assert theirs[: len(shared)] == shared


def positional(function):
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind in kinds]


# ----------------------------------------------------------------------------------- the names


def test_everything_listed_is_there_in_order():
    assert wlogit.__all__ == sorted(wlogit.__all__)
    assert all(hasattr(wlogit, name) for name in wlogit.__all__)
    errors = {name for name in vars(wlogit.errors) if name.endswith(("Error", "Warning"))}
    ours = {name for name in errors if getattr(wlogit.errors, name).__module__ == "wlogit.errors"}
    assert {n for n in ours if not n.startswith("_")} <= set(wlogit.__all__)


def test_the_formula_interface_is_the_bound_method():
    """A function around it would lose the variables of the caller."""
    assert weighted_logit == WeightedLogit.from_formula
    assert weighted_logit.__self__ is WeightedLogit


def test_one_module_holds_everything_public():
    """As statsmodels.api does."""
    api = importlib.import_module("wlogit.api")
    assert api.__all__ == sorted(api.__all__)
    assert all(hasattr(api, name) for name in api.__all__)
    assert api.WeightedLogit is WeightedLogit
    assert api.weighted_logit == weighted_logit


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=60), "w": rng.integers(1, 4, 60)})
    frame["y"] = (rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    frame["g"] = np.arange(60) % 10
    frame["o"] = 0.1
    return frame


@pytest.fixture(scope="module")
def results(data):
    return weighted_logit("y ~ x", data, freq_weights="w").fit(disp=False)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_documented_attribute_is_there(results, name):
    assert hasattr(results, name)
    assert name in dir(results)


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_documented_attribute_of_the_weights_is_there(results, name):
    assert hasattr(results.weights, name)
    with pytest.raises((AttributeError, TypeError)):
        setattr(results.weights, name, 1)


def test_options_are_given_by_name(data):
    with pytest.raises(TypeError, match="positional"):
        WeightedLogit(data["y"], data[["x"]], "balanced")
    with pytest.raises(TypeError, match="positional"):
        weighted_logit("y ~ x", data, None, None, "balanced")
    with pytest.raises(TypeError, match="positional"):
        weighted_logit("y ~ x", data).fit(None, "newton", 50, True, False, None, 1e-8)


# -------------------------------------------------------------------------- misspelled keywords


def model(data):
    return weighted_logit("y ~ x", data)


MISSPELLED = {
    "constructor": lambda d, r: WeightedLogit(d["y"], d[["x"]], freq_weight=d["w"]),
    "constructor, weights": lambda d, r: WeightedLogit(d["y"], d[["x"]], weights=d["w"]),
    "from_formula": lambda d, r: weighted_logit("y ~ x", d, sampling_weight="w"),
    "from_formula, weights": lambda d, r: weighted_logit("y ~ x", d, weights="w"),
    "fit": lambda d, r: model(d).fit(max_iter=3, disp=False),
    "fit, weights": lambda d, r: model(d).fit(freq_weights=d["w"], disp=False),
    "fit, other method": lambda d, r: model(d).fit(method="bfgs", gtoll=1e-3, disp=False),
    "fit_constrained": lambda d, r: model(d).fit_constrained("x = 0", cov_typ="HC0", disp=False),
    "fit_regularized_path": lambda d, r: model(d).fit_regularized_path(n_alpha=3),
    "with_covariance": lambda d, r: r.with_covariance("cluster", group=d["g"]),
    "predict": lambda d, r: r.predict(d, wich="linear"),
    "get_prediction": lambda d, r: r.get_prediction(d, offsets=1.0),
    "summary": lambda d, r: r.summary(exponentiated=True),
    "compare": lambda d, r: wlogit.compare([r], cov_type=["HC0"]),
}
NEAREST = {
    "constructor": "freq_weights",
    "constructor, weights": "weights",
    "from_formula": "sampling_weights",
    "from_formula, weights": "weights",
    "fit": "maxiter",
    "fit, weights": "WeightedLogit",
    "fit, other method": "gtol",
    "fit_constrained": "cov_type",
    "fit_regularized_path": "n_alphas",
    "with_covariance": "groups",
    "predict": "which",
    "get_prediction": "offset",
    "summary": "exponentiate",
    "compare": "cov_types",
}


@pytest.mark.parametrize("call", MISSPELLED)
def test_an_unknown_keyword_is_a_type_error_that_names_the_nearest(call, data, results):
    with pytest.raises(TypeError) as error:
        MISSPELLED[call](data, results)
    message = str(error.value)
    given = re.search(r"keyword(?: argument)? '(\w+)'", message)
    assert given, message
    assert NEAREST[call] in message.replace(f"'{given[1]}'", ""), message


def test_the_word_of_other_packages_for_weights_points_to_ours(data):
    """``weights=`` could mean three things; the message lists what they are called here."""
    with pytest.raises(TypeError, match=r"freq_weights|sampling_weights"):
        weighted_logit("y ~ x", data, weights="w")


COVARIANCE_MISUSE = {
    "unknown type": (("HC9", {}), ("HC3", "cluster", "nonrobust")),
    "type of a design": (("survey", {}), ("survey", "design=", "SurveyDesign")),
    "type of replicates": (("replicate", {}), ("replicate", "design=", "ReplicateDesign")),
    "hac": (("HAC", {"maxlags": 2}), ("HC3", "cluster")),
    "key of another type": (("HC1", {"groups": "g"}), ("groups", "class_weights", "sampling")),
    "key for none": (("nonrobust", {"kind": "CR0"}), ("kind", "no keywords")),
    "unknown key": (("cluster", {"groups": "g", "maxlags": 3}), ("maxlags", "use_correction")),
    "planned key": (("cluster", {"groups": "g", "n_boot": 99}), ("n_boot", "kind")),
    "no groups": (("cluster", {}), ("groups", "column")),
    "unknown kind": (("cluster", {"groups": "g", "kind": "CR9"}), ("CR9", "CR1S")),
    "conflict": (
        ("cluster", {"groups": "g", "kind": "CR1", "use_correction": False}),
        ("use_correction", "CR0", "CR1"),
    ),
    "no flag": (("cluster", {"groups": "g", "use_correction": "yes"}), ("use_correction", "True")),
    "unknown scheme": (("HC3", {"sampling": "stratified"}), ("stratified", "case-control")),
    "nothing to estimate": (
        ("HC3", {"class_weights": "estimated"}),
        ("class_weights", "class_weight="),
    ),
}

WAYS = {
    "fit": lambda d, how, keywords: model(d).fit(cov_type=how, cov_kwds=keywords, disp=False),
    "fit_constrained": lambda d, how, keywords: model(d).fit_constrained(
        "x = 0.5", cov_type=how, cov_kwds=keywords, disp=False
    ),
    "with_covariance": lambda d, how, keywords: (
        model(d).fit(disp=False).with_covariance(how, **keywords)
    ),
}


def misuses():
    for misuse, ((_, keywords), _) in COVARIANCE_MISUSE.items():
        for way in WAYS:
            # There, another key is an unknown keyword, which the tests above have.
            if way != "with_covariance" or "maxlags" not in keywords:
                yield pytest.param(misuse, way, id=f"{misuse}, {way}")


@pytest.mark.parametrize(("misuse", "way"), [*misuses()])
def test_misuse_of_the_covariance_is_a_value_error_that_lists_what_is_valid(misuse, way, data):
    (cov_type, keywords), words = COVARIANCE_MISUSE[misuse]
    with pytest.raises(ValueError) as error:  # noqa: PT011  the words are checked below
        WAYS[way](data, cov_type, keywords)
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)


UNBUILT = {
    "design": lambda d, r: weighted_logit("y ~ x", d, design=object()),
    "design df": lambda d, r: r.with_covariance("cluster", groups="g", df="design"),
    "formula of a summary": lambda d, r: model(d).fit(method="l1", disp=False),
}


@pytest.mark.parametrize("feature", UNBUILT)
def test_an_option_that_is_not_built_is_refused(feature, data, results):
    with pytest.raises((TypeError, ValueError, AttributeError)):
        UNBUILT[feature](data, results)


UNKNOWN_VALUES = {
    "missing": lambda d, r: weighted_logit("y ~ x", d, missing="ignore"),
    "aliased": lambda d, r: weighted_logit("y ~ x", d, aliased="kept"),
    "method": lambda d, r: model(d).fit(method="irls", disp=False),
    "which": lambda d, r: r.predict(which="probability"),
    "which of intervals": lambda d, r: r.get_prediction(which="probability"),
    "which of the table": lambda d, r: r.pred_table(which="linear"),
    "kind": lambda d, r: r.pseudo_rsquared("mcfaden"),
    "crit": lambda d, r: r.info_criteria("aicc"),
    "hypothesis": lambda d, r: r.score_test(exog_extra=d["g"], hypothesis="both"),
    "interval": lambda d, r: r.conf_int(method="score"),
}
KNOWN_VALUES = {
    "missing": "drop",
    "aliased": "drop",
    "method": "newton",
    "which": "calibrated",
    "which of intervals": "linear",
    "which of the table": "calibrated",
    "kind": "mcfadden",
    "crit": "aic",
    "hypothesis": "joint",
    "interval": "wald",
}


@pytest.mark.parametrize("option", UNKNOWN_VALUES)
def test_an_unknown_value_is_a_value_error_that_lists_the_known(option, data, results):
    with pytest.raises(ValueError, match=KNOWN_VALUES[option]):
        UNKNOWN_VALUES[option](data, results)
