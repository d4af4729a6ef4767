"""The public interface: names, arguments in their order, and what is said of a misspelled one."""

import importlib
import inspect
import pkgutil
import re

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit, LogitResults

import wlogit
from wlogit import WeightedLogit, WeightedMNLogit
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.formula.api import weighted_logit
from wlogit.multinomial.results import WeightedMNLogitResults
from wlogit.results import WeightedLogitResults
from wlogit.streaming import StreamedLogit, StreamedLogitResults

OPTIONS = (
    "class_weight=None, freq_weights=None, sampling_weights=None, prevalence=None, "
    "design=None, offset=None, event=None"
)
FIT = (
    "start_params=None, method='newton', maxiter=50, full_output=True, disp=True, callback=None, "
    "*, tol=None, cov_type=None, cov_kwds=None, use_t=None, warn_convergence=True, "
    "**optimizer_options"
)

# What must be there, with these arguments.
BUILT = {
    wlogit: {
        "audit": "other, X=None, y=None, sample_weight=None, *, meaning=None",
        "compare": (
            "results, names=None, style='text', *, cov_types=None, statistic=None, stars=False, "
            "exponentiate=False, digits=3, conf_level=0.95, keep=None, drop=None, rename=None, "
            "footer=None"
        ),
        "compare_nested": "*results, approximation='saddlepoint', names=None",
        "show_versions": "",
    },
    WeightedLogit: {
        "__init__": f"self, endog, exog, *, {OPTIONS}, missing='raise', aliased='raise'",
        "from_formula": (
            f"formula, data, subset=None, drop_cols=None, *, {OPTIONS}, missing='drop', "
            "aliased='raise', eval_env=0"
        ),
        "fit": f"self, {FIT}",
        "fit_constrained": "self, constraints, start_params=None, **fit_kwds",
        "fit_bias_reduced": (
            "self, kind='mean', weights=None, start_params=None, maxiter=100, disp=True, "
            "callback=None, *, prediction=None, case_control='weighting', tol=None, "
            "cov_type=None, cov_kwds=None, use_t=None, warn_convergence=True"
        ),
        "check_separation": "self",
        "fit_regularized": (
            "self, start_params=None, method='l1', maxiter='defined_by_method', full_output=1, "
            "disp=1, callback=None, alpha=0, trim_mode='auto', auto_trim_tol=0.01, "
            "size_trim_tol=0.0001, qc_tol=0.03, *, L1_wt=1.0, refit=False, standardize=False, "
            "tol=None"
        ),
        "loglike": "self, params",
        "loglikeobs": "self, params",
        "score": "self, params",
        "score_obs": "self, params",
        "hessian": "self, params",
        "information": "self, params",
        "predict": "self, params, exog=None, which='mean', offset=None",
    },
    WeightedMNLogit: {
        "__init__": (
            "self, endog, exog, *, class_weight=None, freq_weights=None, sampling_weights=None, "
            "design=None, missing='raise', aliased='raise'"
        ),
        "from_formula": (
            "formula, data, subset=None, drop_cols=None, *, class_weight=None, freq_weights=None, "
            "sampling_weights=None, design=None, missing='drop', aliased='raise', eval_env=0"
        ),
        "fit": f"self, {FIT}".removesuffix(", **optimizer_options"),
        "fit_regularized": (
            "self, start_params=None, method='elastic_net', maxiter='defined_by_method', "
            "full_output=1, disp=1, callback=None, alpha=0, *, L1_wt=1.0, tol=None"
        ),
        "check_separation": "self",
        "predict": "self, params, exog=None, which='mean'",
    },
    WeightedMNLogitResults: {
        "with_covariance": (
            "self, cov_type=None, *, use_t=None, groups=None, kind=None, use_correction=None, "
            "class_weights=None, sampling=None, df=None, n_boot=None, seed=None, progress=None"
        ),
        "predict": "self, exog=None, transform=True, *, which='mean'",
        "get_prediction": "self, exog=None, transform=True, which='mean', row_labels=None",
        "conf_int": "self, alpha=0.05",
        "risk_ratios": "self, alpha=0.05",
        "pred_table": "self, *, which='mean', weighted=False",
        "get_margeff": (
            "self, at='overall', method='dydx', atexog=None, dummy=False, count=False, *, "
            "scale='calibrated', vce='delta'"
        ),
        "summary": (
            "self, yname=None, xname=None, title=None, alpha=0.05, yname_list=None, *, "
            "cov_type=None"
        ),
        "tidy": "self, exponentiate=False, conf_level=0.95",
        "glance": "self",
        "to_dict": "self",
        "to_json": "self, indent=2",
        "info_criteria": "self, crit, dk_params=0",
        "pseudo_rsquared": "self, kind='mcfadden'",
        "lr_test": "self, restricted, approximation='saddlepoint'",
        "anova": ("self, type=2, test='wald', *, approximation='saddlepoint', adjust=None"),
    },
    BiasReducedResults: {
        "conf_int": "self, alpha=0.05, cols=None, *, method='wald'",
        "penalized_lr_test": "self, hypothesis=None",
        "penalized_lr_tests": "self",
    },
    WeightedLogitResults: {
        "with_covariance": (
            "self, cov_type=None, *, use_t=None, groups=None, kind=None, use_correction=None, "
            "class_weights=None, sampling=None, df=None, n_boot=None, seed=None, progress=None"
        ),
        "predict": ("self, exog=None, transform=True, *, which=None, prevalence=None, offset=None"),
        "get_prediction": (
            "self, exog=None, transform=True, which=None, row_labels=None, average=False, "
            "agg_weights=None, *, prevalence=None, by=None, offset=None"
        ),
        "conf_int": "self, alpha=0.05, cols=None, *, method='wald'",
        "odds_ratios": "self, alpha=0.05, *, method='wald'",
        "profile": "self, cols=None, *, alpha=0.05",
        "dbic": "self, maximal",
        "report": "self, path",
        "pred_table": "self, threshold=0.5, *, which='mean', weighted=False",
        "pseudo_rsquared": "self, kind='mcfadden'",
        "lr_test": "self, restricted, approximation='saddlepoint'",
        "anova": ("self, type=2, test='wald', *, approximation='saddlepoint', adjust=None"),
        "delta_method": "self, function, names=None",
        "nonlinear_test": "self, function, null=0.0",
        "adjusted_pvalues": "self, method='holm', cols=None",
        "info_criteria": "self, crit, dk_params=0",
        "summary": (
            "self, yname=None, xname=None, title=None, alpha=0.05, yname_list=None, *, "
            "exponentiate=False, cov_type=None"
        ),
        "summary2": "self, yname=None, xname=None, title=None, alpha=0.05, float_format='%.4f'",
        "get_margeff": (
            "self, at='overall', method='dydx', atexog=None, dummy=False, count=False, *, "
            "scale='calibrated', vce='delta', variables=None, prevalence=None"
        ),
        "predictions_at": (
            "self, levels, *, others='observed', contrast=None, which='calibrated', "
            "prevalence=None, vce='delta'"
        ),
        "calibrated": "self",
        "get_influence": "self, unit='row'",
        "collinearity": "self",
        "weighting_test": "self",
        "weighting_report": "self",
        "sensitivity": "self, ratios=None, prevalences=None, *, alpha=0.05",
        "tidy": "self, exponentiate=False, conf_level=0.95",
        "glance": "self",
        "augment": "self, data=None",
        "to_dict": "self",
        "to_json": "self, indent=2",
        "auc": "self, alpha=0.05",
        "roc": "self, alpha=0.05",
        "precision_recall": "self, prevalence=None, alpha=0.05",
        "classification_report": "self, threshold=0.5, *, which='mean', alpha=0.05",
        "choose_threshold": "self, cost=None, method=None",
        "map_threshold": "self, threshold, to='calibrated'",
        "brier": "self, alpha=0.05",
        "log_loss": "self, alpha=0.05",
        "calibration": "self, bins=10, alpha=0.05",
        "gof_test": "self, kind='hosmer-lemeshow', *, groups=10",
        "link_test": "self",
        "evaluate": (
            "self, data=None, endog=None, *, cv=None, groups=None, seed=None, freq_weights=None, "
            "sampling_weights=None, offset=None, prevalence=None"
        ),
        "recalibrate": "self, prevalence=None",
        "remove_data": "self",
        "set_null_options": "self, llnull=None, attach_results=True, **kwargs",
    },
}
ATTRIBUTES = (
    *("params", "bse", "tvalues", "pvalues", "llf", "llnull", "llr", "llr_pvalue", "prsquared"),
    *("aic", "bic", "df_model", "df_resid", "nobs", "fittedvalues", "weights", "cov_type"),
    *("cov_HC0", "cov_HC1", "cov_HC2", "cov_HC3", "cov_HC4", "cov_nonrobust", "converged"),
    *("resid_dev", "resid_generalized", "resid_pearson", "resid_response", "mle_retvals"),
)
WEIGHTS = ("kind", "nobs", "total", "effective_size", "design_effect", "class_weights", "n_dropped")

# What has a name already: absent, or with these arguments first.
PLANNED = {
    wlogit: {
        "SurveyDesign": (
            "data=None, *, weights=None, strata=None, psu=None, fpc=None, nest=False, "
            "lonely_psu='fail'"
        ),
        "ReplicateDesign": "data=None, *, weights, replicate_weights, kind",
    },
    WeightedLogit: {
        "fit_regularized_path": "self, alphas=None, n_alphas=100, L1_wt=1.0, cv=None",
        "fit_bias_reduced": "self, kind='mean', weights=None",
    },
}


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


# ----------------------------------------------------------------------------------- docstrings


def public_objects():
    """Every public class, function, method and property that the package defines."""
    modules = [wlogit, *(importlib.import_module(name) for name in module_names())]
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{module.__name__}.{name}"
            if inspect.isclass(value):
                for member, kind in vars(value).items():
                    documented = inspect.isfunction(kind) or isinstance(
                        kind, property | classmethod | staticmethod
                    )
                    if documented and not member.startswith("_"):
                        yield f"{module.__name__}.{name}.{member}"


def module_names():
    return [info.name for info in pkgutil.walk_packages(wlogit.__path__, "wlogit.")]


OBJECTS = sorted(set(public_objects()))
# numpydoc's codes: no docstring, no summary, no period, sections out of order, a parameter that
# does not exist, parameters out of order, no space before a colon.
REQUIRED = {
    *("GL05", "GL06", "GL07", "GL08", "GL09", "SS01", "SS03", "SS04", "PR02", "PR03", "PR10"),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_docstring_is_a_numpydoc_docstring(name):
    from numpydoc.validate import validate

    assert [error for error in validate(name)["errors"] if error[0] in REQUIRED] == []


USED = (
    *(WeightedLogit, WeightedLogitResults, BiasReducedResults),
    *(WeightedMNLogit, WeightedMNLogitResults),
    *(StreamedLogit, StreamedLogitResults),
)


def methods_of_users():
    """What users call on a model and on its results, and the class that defines it."""
    for cls in USED:
        for name in dir(cls):
            base = next(base for base in cls.__mro__ if name in base.__dict__)
            if not name.startswith("_") and base.__module__.split(".")[0] == "wlogit":
                member = inspect.unwrap(
                    getattr(base.__dict__[name], "__func__", base.__dict__[name])
                )
                if inspect.isfunction(member):
                    yield pytest.param(member, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize("method", [*methods_of_users(), pytest.param(WeightedLogit, id="class")])
def test_what_users_call_explains_every_parameter(method):
    """The hooks, whose one parameter is the coefficients, say what they compute instead."""
    parameters = inspect.signature(method).parameters.values()
    catching = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    named = {p.name for p in parameters if p.kind not in catching}
    missing = named - {"self", "cls", "params", "X"} - explained(inspect.getdoc(method))
    assert not missing


def explained(documentation):
    """Names that the section of parameters has headings for."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^[A-Z]\w+\n-+\n|\Z)", documentation, SECTION)
    headings = re.findall(r"^(\w[\w, ]*)(?: :|$)", section[1] if section else "", re.MULTILINE)
    return set(re.findall(r"\w+", " ".join(headings)))


SECTION = re.MULTILINE | re.DOTALL


@pytest.mark.parametrize("name", ["wlogit", *module_names()])
def test_a_module_says_in_one_sentence_what_it_is(name):
    documentation = importlib.import_module(name).__doc__
    assert documentation
    assert re.split(r"\n\s*\n", documentation.strip())[0].endswith((".", ":"))
