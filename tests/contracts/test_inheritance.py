"""The inheritance audit: what statsmodels' classes give unchanged is listed, and is right.

Right under frequency weights: equal on repeated rows. Right under class weights: equal on repeated
rows with balanced weights, and equal to sampling weights of the same size by class.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels
from numpy.testing import assert_allclose

from tests.contracts import logit_calls, logit_fits
from tests.contracts.lifecycles import through_save
from wlogit import WeightedLogit, WeightedMNLogit
from wlogit._statsmodels.inherited import ACCEPTED, INTERNAL
from wlogit._statsmodels.multinomial import WeightedMNLogitResultsWrapper
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.calibrated import CalibratedResults
from wlogit.formula.api import weighted_logit
from wlogit.multinomial.results import WeightedMNLogitResults
from wlogit.results import WeightedLogitResults
from wlogit.streaming import StreamedLogit, StreamedLogitResults

CLASSES = (
    *(WeightedLogit, WeightedLogitResults, BiasReducedResults, CalibratedResults),
    WeightedLogitResultsWrapper,
    *(WeightedMNLogit, WeightedMNLogitResults, WeightedMNLogitResultsWrapper),
    *(StreamedLogit, StreamedLogitResults),
)
SINCE_0_15 = {"_summary_cache"}

# ------------------------------------------------------------------------------------ the audit


def defined_in(cls, name):
    """The class that a name comes from."""
    return next(base for base in cls.__mro__ if name in base.__dict__)


def inherited(cls):
    """Names of a class that statsmodels defines."""
    names = [name for name in dir(cls) if not (name.startswith("__") and name.endswith("__"))]
    return {n for n in names if defined_in(cls, n).__module__.split(".")[0] == "statsmodels"}


@pytest.mark.parametrize("cls", CLASSES)
def test_every_public_name_is_ours_or_accepted(cls):
    names = {name for name in inherited(cls) if not name.startswith("_")}
    unexplained = sorted(names - set(ACCEPTED))
    assert not unexplained, f"statsmodels provides {unexplained}: override, or explain"


@pytest.mark.parametrize("cls", CLASSES)
def test_every_internal_name_is_ours_or_accepted(cls):
    names = {name for name in inherited(cls) if name.startswith("_")}
    unexplained = sorted(names - set(INTERNAL))
    assert not unexplained, f"statsmodels provides {unexplained}: override, or explain"


def test_no_entry_is_out_of_date():
    found = set().union(*(inherited(cls) for cls in CLASSES))
    old = statsmodels.__version__.startswith("0.14")
    listed = (set(ACCEPTED) | set(INTERNAL)) - (SINCE_0_15 if old else set())
    assert not sorted(listed - found), "overridden, or gone: take these off the list"


def test_reasons_are_short():
    for reason in (*ACCEPTED.values(), *INTERNAL.values()):
        assert 0 < len(reason) <= 90
        assert reason[-1] not in ".:"


# ----------------------------------------------------------- every name, used under the weights


@cache
def frame():
    rng = np.random.default_rng(11)
    n = 90
    data = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.normal(size=n),
            "g": rng.choice(["a", "b", "c"], n),
            "w": rng.integers(0, 4, n),
        },
        index=[f"row {i}" for i in range(n)],
    )
    eta = 0.8 * data["x"] - 0.3 * data["z"] - 0.5 + 0.4 * (data["g"] == "b")
    data["y"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    data["by_class"] = np.where(data["y"] == 1, 3.0, 1.0)
    return data


def fit(data, **options):
    return weighted_logit("y ~ x + z + C(g)", data, **options).fit(disp=False)


def reduced(data, kind="mean", **options):
    return weighted_logit("y ~ x + z + C(g)", data, **options).fit_bias_reduced(kind, disp=False)


def repeated():
    return frame().loc[frame().index.repeat(frame()["w"])]


@cache
def fits(law):
    """Two fits that are to agree in every inherited name."""
    return {
        "frequency weights are repeated rows": lambda: (
            fit(frame(), freq_weights="w"),
            fit(repeated()),
        ),
        "the same with balanced class weights": lambda: (
            fit(frame(), freq_weights="w", class_weight="balanced"),
            fit(repeated(), class_weight="balanced"),
        ),
        "class weights are sampling weights by class": lambda: (
            fit(frame(), class_weight={0: 1, 1: 3}),
            fit(frame(), sampling_weights="by_class"),
        ),
        "frequency weights are repeated rows to a bias-reduced fit": lambda: (
            reduced(frame(), freq_weights="w"),
            reduced(repeated()),
        ),
        "so they are where class weights move its intercept": lambda: (
            reduced(frame(), freq_weights="w", class_weight="balanced"),
            reduced(repeated(), class_weight="balanced"),
        ),
        "class weights are sampling weights to the empirical kind": lambda: (
            reduced(frame(), "empirical", class_weight={0: 1, 1: 3}),
            reduced(frame(), "empirical", sampling_weights="by_class"),
        ),
    }[law]()


LAWS = (
    "frequency weights are repeated rows",
    "the same with balanced class weights",
    "class weights are sampling weights by class",
    "frequency weights are repeated rows to a bias-reduced fit",
    "so they are where class weights move its intercept",
    "class weights are sampling weights to the empirical kind",
)


def new():
    return frame().iloc[:4]


def numbers_of(found):
    """The numbers of a test."""
    return {part: getattr(found, part) for part in ("effect", "sd", "statistic", "pvalue")} | {
        "interval": found.conf_int(0.1)
    }


def joint(found):
    parts = ("statistic", "pvalue", "df_num", "df_denom")
    return {part: getattr(found, part) for part in parts if hasattr(found, part)}


def contrast(results):
    return np.eye(len(results.params))[1:3]


def by_label(results, values):
    """Values by row label, each label once, where the weight is positive."""
    table = pd.DataFrame(np.asarray(values), index=results.model.data.row_labels)
    return table[~table.index.duplicated()].loc[frame().index[frame()["w"] > 0]].to_numpy()


def inverse_information(results):
    trimmed = np.array([False, False, True, False, False])
    return results.model.cov_params_func_l1(results.model, results.params, {"trimmed": trimmed})


def with_use_t(results):
    copied = through_save(results)
    inner = copied._results
    inner.use_t = True
    inner._cache.clear()
    return copied.pvalues


def initialized(results):
    copied = through_save(results)._results
    copied.initialize(copied.model, copied.params * 2.0)
    return copied.params


def design(results):
    return results._results._transform_predict_exog(new())[0]


EXERCISES = {
    "bse": lambda r: r.bse,
    "cov_params": lambda r: {
        "all": r.cov_params(),
        "contrasts": r._results.cov_params(r_matrix=contrast(r)),
        "between": r._results.cov_params(r_matrix=contrast(r), other=np.eye(5)[:1]),
        "column": r._results.cov_params(column=[1, 2]),
        "scale": r._results.cov_params(scale=7.0),
    },
    "cov_params_func_l1": inverse_information,
    "endog_names": lambda r: {"name": r.model.endog_names},
    "exog_names": lambda r: {str(i): name for i, name in enumerate(r.model.exog_names)},
    "f_test": lambda r: joint(r.f_test(contrast(r))),
    "get_distribution": lambda r: {
        "results": r.get_distribution(new()).mean(),
        "variance": r.get_distribution(new()).var(),
        "model": r.model.get_distribution(r.params, design(r)).mean(),
    },
    "initialize": initialized,
    "load": lambda r: through_save(r).bse,
    "normalized_cov_params": lambda r: r.normalized_cov_params,
    "pvalues": lambda r: r.pvalues,
    "save": lambda r: through_save(r).params,
    "t_test": lambda r: {
        "rows": numbers_of(r.t_test(contrast(r))),
        "words": numbers_of(r.t_test("x = z, z = 0.1")),
        "t": numbers_of(r.t_test(contrast(r), use_t=True)),
    },
    "tvalues": lambda r: r.tvalues,
    "use_t": with_use_t,
    "_deriv_mean_dparams": lambda r: by_label(r, r.model._deriv_mean_dparams(np.asarray(r.params))),
    "_derivative_exog": lambda r: {
        how: r.model._derivative_exog(np.asarray(r.params), design(r), transform=how)
        for how in ("dydx", "dyex", "eydx", "eyex")
    },
    "_derivative_exog_helper": lambda r: r.model._derivative_exog(
        np.asarray(r.params), design(r), dummy_idx=[1], count_idx=[3]
    ),
    "_derivative_predict": lambda r: {
        how: r.model._derivative_predict(np.asarray(r.params), design(r), how)
        for how in ("dydx", "eydx")
    },
    "_get_wald_nonlinear": lambda r: {
        "value": r._get_wald_nonlinear(lambda b: np.exp(b[1:3])).predicted(),
        "se": r._get_wald_nonlinear(lambda b: np.exp(b[1:3])).se_vectorized(),
    },
    "_get_endog_name": lambda r: {"name": r._get_endog_name(None, None)[0]},
}
# Nothing that weights could change.
NOT_NUMBERS = {
    *("_attrs", "_check_perfect_pred", "_handle_data", "_kwargs_allowed", "_methods"),
    "_summary_cache",
}


def test_every_accepted_name_is_used():
    assert set(EXERCISES) | NOT_NUMBERS == set(ACCEPTED) | set(INTERNAL)


def agree(one, other):
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for part in one:
            agree(one[part], other[part])
    elif isinstance(one, str):
        assert one == other
    else:
        assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("law", LAWS)
def test_an_accepted_name_is_right_under_weights(law, name):
    one, other = fits(law)
    agree(EXERCISES[name](one), EXERCISES[name](other))


@pytest.mark.parametrize("name", ["_fit_collinear", "_fit_zeros"])
def test_fits_that_would_mix_two_models_are_refused(name):
    """statsmodels puts the coefficients of one fit on the likelihood of another."""
    model = weighted_logit("y ~ x + z", frame(), class_weight="balanced")
    arguments = {"_fit_zeros": ([0, 1],), "_fit_collinear": ()}[name]
    with pytest.raises(AttributeError, match=r"fit_constrained|aliased"):
        getattr(model, name)(*arguments)


def test_a_distribution_of_new_rows_has_their_offset():
    data = frame().assign(o=np.linspace(-1, 1, len(frame())))
    results = weighted_logit("y ~ x", data, offset="o", class_weight="balanced").fit(disp=False)
    assert_allclose(results.get_distribution().mean(), results.predict(), rtol=1e-15)
    new_rows = data.iloc[:5]
    assert_allclose(results.get_distribution(new_rows).mean(), results.predict(new_rows))


@pytest.mark.parametrize("order", ["C(h) + C(g)", "C(g) + C(h)"])
def test_pairwise_tests_never_compare_the_wrong_columns(order):
    """A factor that has lost a column as aliased has no differences between all its levels."""
    data = frame().assign(h=frame()["g"].map({"a": "p", "b": "q", "c": "p"}))
    results = weighted_logit(f"y ~ {order}", data, aliased="drop").fit(disp=False)
    with pytest.raises(AttributeError, match="aliased"):
        results.t_test_pairwise("C(g)")


# ------------------------------------------------- statsmodels' own sandwiches are never reached


class ReachedError(Exception):
    """Code of statsmodels ran that divides scores by row counts."""


def refuse(*arguments, **options):
    raise ReachedError


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": np.arange(120) % 3 + 1},
    "sampling": {"sampling_weights": 1.0 + np.arange(120) % 5},
    "balanced": {"class_weight": "balanced"},
    "prevalence": {"prevalence": 0.1},
}
COVARIANCES = {
    "default": {},
    "HC0": {"cov_type": "HC0"},
    "HC1": {"cov_type": "HC1", "use_t": True},
    "cluster": logit_fits.clustered(),
}


@pytest.fixture
def without_statsmodels_sandwiches(monkeypatch):
    from statsmodels.base import covtype
    from statsmodels.stats import sandwich_covariance

    monkeypatch.setattr(covtype, "get_robustcov_results", refuse)
    monkeypatch.setattr(sandwich_covariance, "_get_sandwich_arrays", refuse)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_no_path_leads_to_statsmodels_sandwiches(
    weights, covariance, without_statsmodels_sandwiches
):
    def build(model_class):
        data = logit_fits.frame()
        return model_class.from_formula("y ~ x + count + flag + C(g)", data, **WEIGHTS[weights])

    one = logit_fits.Fit(weights, build, COVARIANCES[covariance], new=logit_fits.frame().iloc[3:8])
    results = one.results(WeightedLogit)
    calls = [(results, call) for table in logit_calls.RESULTS.values() for call in table.values()]
    calls += [
        (results.model, call) for table in logit_calls.MODEL.values() for call in table.values()
    ]
    for subject, call in calls:
        try:
            call(subject, one)
        except ReachedError:
            raise
        except (AttributeError, NotImplementedError, ValueError, TypeError, KeyError):
            pass  # a refusal; what works is for other tests to say


def test_statsmodels_way_to_change_the_covariance_is_refused(without_statsmodels_sandwiches):
    """It would leave the notes, the degrees of freedom and the weights out."""
    for options in ({}, {"class_weight": "balanced"}):
        results = fit(frame(), **options)
        before = np.array(results.bse)
        with pytest.raises(AttributeError, match="with_covariance"):
            results._get_robustcov_results("cluster", groups=np.arange(90) % 7)
        with pytest.raises(AttributeError, match="with_covariance"):
            results._get_robustcov_results("HC1")
        assert_allclose(results.bse, before, rtol=0)
