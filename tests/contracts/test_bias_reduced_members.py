"""What a bias-reduced fit takes over from maximum likelihood is listed, and is right there too.

A member that results gain later fails the first test here until it is looked at: is it right away
from the maximum of the likelihood, and for a fit whose intercept was moved?
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit

from wlogit import NotAvailableError
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.formula.api import weighted_logit
from wlogit.results import WeightedLogitResults

TAKEN_OVER = {
    "recalibrate": "by fittedvalues and _influences",
    "evaluate": "by predict; held-out fits are refused",
    "brier": "of the linear predictor at params",
    "log_loss": "of the linear predictor at params",
    "calibration": "of the linear predictor at params",
    "gof_test": "of the linear predictor at params",
    "link_test": "refuses",
    "auc": "of the linear predictor at params",
    "choose_threshold": "of the linear predictor at params",
    "classification_report": "of the linear predictor at params",
    "map_threshold": "of the linear predictor at params",
    "precision_recall": "of the linear predictor at params",
    "report": "the members above, or why they are refused",
    "roc": "of the linear predictor at params",
    "augment": "predictions, residuals at params; no influence measures",
    "aic": "by info_criteria",
    "bic": "by info_criteria",
    "daic": "by info_criteria",
    "dbic": "refused by _at_maximum",
    "tic": "by info_criteria",
    "bse": "roots of the diagonal of cov_params",
    "collinearity": "of the information at params, by _score_parts",
    "conf_int": "params and bse; profiles by _profiled, of the penalised likelihood",
    "cov_HC0": "by _evaluate, which knows of the moved intercept; so HC1 to HC4",
    "cov_HC1": "as cov_HC0",
    "cov_HC2": "as cov_HC0",
    "cov_HC3": "as cov_HC0",
    "cov_HC4": "as cov_HC0",
    "cov_nonrobust": "normalized_cov_params, made by _evaluate",
    "cov_params": "the covariance in use, or contrasts of it",
    "f_test": "linear in params and cov_params",
    "fittedvalues": "linear predictor at params",
    "get_distribution": "Bernoulli with the probabilities of predict",
    "calibrated": "moves the constant of params and of the covariance",
    "get_margeff": "delta method on params and cov_params",
    "predictions_at": "delta method on params and cov_params",
    "get_prediction": "delta method on params and cov_params",
    "glance": "the members above, missing where refused",
    "has_free_constant": "about the weights and the design",
    "initialize": "stores params and model",
    "labels": "about the outcome",
    "llf": "log-likelihood at params, in the weights as given",
    "llnull": "null model by maximum likelihood, named so in the class",
    "llr_pvalue": "of llr_test",
    "load": "unpickles",
    "normalized_cov_params": "made by _evaluate",
    "odds_ratios": "exponentials of params and conf_int",
    "pred_table": "counts by predict",
    "predict": "at params",
    "profile": "by _profiled, of the penalised likelihood, or refused",
    "prsquared": "1 - llf / llnull",
    "pseudo_rsquared": "measures of fit at params",
    "pvalues": "tails of tvalues",
    "remove_data": "holds nothing of the length of the data besides",
    "resid_dev": "at params",
    "resid_generalized": "at params",
    "resid_pearson": "at params",
    "resid_response": "at params",
    "save": "pickles",
    "sensitivity": "refused: refits by maximum likelihood",
    "set_null_options": "sets llnull, which no penalised test uses",
    "summary": "of _document, which names the method",
    "summary2": "as summary",
    "t_test": "linear in params and cov_params",
    "t_test_pairwise": "linear in params and cov_params",
    "tidy": "params, bse, tvalues, pvalues and conf_int",
    "to_dict": "tidy, glance and what the summary says",
    "to_json": "as to_dict",
    "tvalues": "params over bse",
    "use_t": "a flag",
    "wald_test": "quadratic in params and cov_params",
    "wald_test_terms": "as wald_test",
    "lr_test": "refused by _at_maximum",
    "anova": "by params and the covariance in use; likelihood ratios are refused",
    "delta_method": "by params and the covariance in use",
    "nonlinear_test": "by delta_method",
    "adjusted_pvalues": "of pvalues",
    "weighting_report": "refused: compares maximum-likelihood fits",
    "weighting_test": "refused: compares maximum-likelihood fits",
    "with_covariance": "by _request, _evaluate and _rebuilt",
}


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


def test_every_member_is_its_own_or_was_looked_at():
    own = {name for name in public(BiasReducedResults) if name in vars(BiasReducedResults)}
    assert public(WeightedLogitResults) - own == set(TAKEN_OVER)


# -------------------------------------------------------------- and it is right: a few by hand

FITS = {
    "mean": ("mean", None, {}),
    "median": ("median", None, {}),
    "moved": ("mean", None, {"class_weight": "balanced"}),
    "moved, prevalence": ("median", None, {"prevalence": 0.1}),
    "raw": ("mean", "raw", {"class_weight": {0: 1, 1: 3}}),
    "empirical": ("empirical", None, {"sampling_weights": "a"}),
    "king-zeng": ("king-zeng", None, {"prevalence": 0.1}),
}


def data():
    rng = np.random.default_rng(31)
    frame = pd.DataFrame({"x": rng.normal(size=80), "z": rng.normal(size=80)})
    frame["g"] = rng.choice(["a", "b", "c"], 80)
    frame["a"] = rng.lognormal(size=80)
    frame["y"] = (rng.random(80) < expit(frame["x"] - 0.5)).astype(int)
    return frame


@pytest.fixture(params=FITS)
def results(request):
    kind, weights, options = FITS[request.param]
    model = weighted_logit("y ~ x + z + C(g)", data(), **options)
    return model.fit_bias_reduced(kind, weights, disp=False)


def test_every_attribute_is_a_number_or_a_refusal(results):
    for name in sorted(public(BiasReducedResults)):
        try:
            value = getattr(results, name)
        except NotAvailableError:
            continue
        if isinstance(value, float | np.ndarray | pd.Series | pd.DataFrame):
            assert np.all(np.isfinite(np.asarray(value, dtype=float))), name


def test_numbers_follow_from_params_and_covariance(results):
    params, matrix = np.asarray(results.params), np.asarray(results.cov_params())
    model = results.model
    eta = model.exog @ params
    assert_allclose(results.fittedvalues, eta, rtol=1e-10)
    assert_allclose(results.predict(), expit(eta), rtol=1e-10)
    assert_allclose(results.llf, model.loglike(params), rtol=1e-10)
    assert_allclose(results.prsquared, 1.0 - results.llf / results.llnull)
    assert_allclose(results.bse, np.sqrt(np.diag(matrix)))
    assert_allclose(results.tvalues, params / np.sqrt(np.diag(matrix)))
    contrast = np.eye(5)[1:3]
    middle = np.linalg.inv(contrast @ matrix @ contrast.T)
    wald = results.wald_test(contrast, scalar=True).statistic
    assert_allclose(wald, (contrast @ params) @ middle @ (contrast @ params), rtol=1e-8)
    weight = np.broadcast_to(model.weights.row_weight, 80)
    assert_allclose(np.sum(results.resid_dev**2), -2.0 * results.llf, rtol=1e-10)
    assert_allclose(
        results.resid_pearson**2,
        weight * (model.endog - expit(eta)) ** 2 / (expit(eta) * expit(-eta)),
        rtol=1e-9,
    )
    assert results.pred_table().to_numpy().sum() == 80
    linear = results.get_prediction(which="linear").summary_frame()
    assert_allclose(linear["se"] ** 2, np.einsum("ij,jk,ik->i", model.exog, matrix, model.exog))


def test_the_covariances_belong_together(results):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nonrobust = results.with_covariance("nonrobust").cov_params()
    assert_allclose(nonrobust, results.cov_nonrobust, rtol=1e-12)
    for kind in ("HC0", "HC1", "HC2", "HC3", "HC4"):
        other = results.with_covariance(kind)
        assert_allclose(other.cov_params(), getattr(results, f"cov_{kind}"), rtol=1e-12)
        assert type(other._results) is BiasReducedResults
        assert np.linalg.eigvalsh(other.cov_params())[0] > 0.0
