"""No standard error of a penalised fit is ever given as if it were of maximum likelihood."""

import inspect

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import NotAvailableError, WeightedLogit
from wlogit.regularized.results import RegularizedResults

# What statsmodels' results have that needs a covariance, or a maximum of the likelihood.
INFERENCE = (
    *("bse", "tvalues", "pvalues", "conf_int", "cov_params", "cov_params_default", "covariance"),
    *("normalized_cov_params", "t_test", "wald_test", "f_test", "wald_test_terms", "llr"),
    *("llr_pvalue", "aic", "bic", "info_criteria", "odds_ratios", "get_margeff", "get_prediction"),
    *("with_covariance", "cov_HC0", "cov_HC1", "cov_HC2", "cov_HC3", "cov_HC4", "cov_nonrobust"),
    *("score_test", "get_influence", "summary2", "cov_type", "cov_kwds", "t_test_pairwise"),
)
# Every public member, and why it is right for a penalised fit.
MEMBERS = {
    "alpha": "as given",
    "L1_wt": "as given",
    "method": "as given",
    "standardize": "as given",
    "model": "what was fitted",
    "weights": "of the model",
    "nobs": "of the model",
    "labels": "of the model",
    "params": "the penalised estimate, which its summary says is biased",
    "selected": "the non-zero ones among them",
    "nnz_params": "as selected",
    "df": "the number of non-zero coefficients, by its reference",
    "trimmed": "set to zero by rules",
    "converged": "about the optimisation",
    "kkt_residual": "about the optimisation",
    "mle_retvals": "about the optimisation",
    "mle_settings": "about the optimisation",
    "fit_record": "about the optimisation",
    "llf": "the log-likelihood at the estimate, said not to be the maximum",
    "penalized_llf": "what was maximised",
    "deviance": "at the estimate",
    "fittedvalues": "at the estimate",
    "predict": "at the estimate, without intervals",
    "pred_table": "at the estimate",
    "resid_dev": "at the estimate",
    "resid_generalized": "at the estimate",
    "resid_pearson": "at the estimate",
    "resid_response": "at the estimate",
    "auc": "of the predictions as they are, which errors of coefficients do not enter",
    "roc": "as auc",
    "precision_recall": "as auc",
    "classification_report": "as auc",
    "choose_threshold": "as auc",
    "map_threshold": "by the class weights alone",
    "brier": "as auc, after the class weights are taken out",
    "log_loss": "as brier",
    "calibration": "as brier",
    "evaluate": "the same measures, elsewhere; folds repeat the penalised fit",
    "has_free_constant": "about the design",
    "bse": "refused",
    "tvalues": "refused",
    "pvalues": "refused",
    "conf_int": "refused",
    "cov_params": "refused",
    "summary": "without errors, as tested below",
    "kept_notes": "of the summary",
    "refit": "labelled: ignores the selection",
    "debiased": "valid errors of another estimate",
    "save": "no number",
    "remove_data": "no number",
}


@pytest.fixture(scope="module")
def lasso():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 5)), columns=list("abcde"))
    X.insert(0, "const", 1.0)
    y = (rng.random(80) < 1 / (1 + np.exp(-X["a"]))).astype(int)
    model = WeightedLogit(y, X, class_weight="balanced")
    return model.fit_regularized(method="elastic_net", alpha=0.05, disp=False)


def public(results):
    return {name for name in dir(results) if not name.startswith("_")}


def test_every_public_member_is_accounted_for(lasso):
    # Refused members are properties that raise AttributeError, so hasattr and dir tell them apart.
    assert public(lasso) - set(MEMBERS) == set()


def test_no_class_of_statsmodels_lends_members():
    bases = [base.__module__.split(".")[0] for base in inspect.getmro(RegularizedResults)]
    assert "statsmodels" not in bases


@pytest.mark.parametrize("name", INFERENCE)
def test_there_is_no_inference(lasso, name):
    assert not hasattr(lasso, name)


@pytest.mark.parametrize("name", [name for name in MEMBERS if MEMBERS[name] == "refused"])
def test_the_refusal_names_what_there_is_instead(lasso, name):
    with pytest.raises(NotAvailableError, match=r"debiased\(\).*refit=True.*ignores the selection"):
        getattr(lasso, name)


@pytest.mark.parametrize("render", ["as_text", "as_html", "as_latex", "as_csv", "as_markdown"])
def test_the_summary_has_no_column_of_errors(lasso, render):
    text = getattr(lasso.summary(), render)()
    for words in ("std err", "P>|z|", "[0.025", "0.975]", "Covariance Type", "LLR", "AIC", "BIC"):
        assert words not in text
    assert "no standard errors are valid" in " ".join(text.split())


def test_the_table_has_only_what_was_penalised(lasso):
    coefficients = lasso.summary().tables[-1]
    assert [str(cell.data).strip() for cell in coefficients[0]] == ["", "coef", "l1", "l2"]


# Each measure of the predictions, from the outcome y, the probabilities p without class weights and
# the ratio of the class weights.
MEASURES = {
    "auc": (lambda fit: fit.auc().auc, lambda y, p, ratio: skl("roc_auc_score")(y, p)),
    "roc": (
        lambda fit: np.interp(0.3, fit.roc().fpr, fit.roc().tpr),
        lambda y, p, ratio: np.interp(0.3, *skl("roc_curve")(y, p)[:2]),
    ),
    "precision_recall": (
        lambda fit: float(fit.precision_recall().average_precision),
        lambda y, p, ratio: skl("average_precision_score")(y, p),
    ),
    "classification_report": (
        lambda fit: fit.classification_report(0.6, which="calibrated")["mcc"],
        lambda y, p, ratio: skl("matthews_corrcoef")(y, p > 0.6),
    ),
    "choose_threshold": (
        lambda fit: youden_index(fit, fit.choose_threshold().calibrated),
        lambda y, p, ratio: np.max(np.diff(skl("roc_curve")(y, p)[:2], axis=0)),
    ),
    "map_threshold": (
        lambda fit: fit.map_threshold(0.4, to="mean"),
        lambda y, p, ratio: ratio * 0.4 / (ratio * 0.4 + 0.6),
    ),
    "brier": (lambda fit: fit.brier().value, lambda y, p, ratio: np.mean((y - p) ** 2)),
    "log_loss": (lambda fit: fit.log_loss().value, lambda y, p, ratio: skl("log_loss")(y, p)),
    "calibration": (
        lambda fit: (fit.calibration().intercept.value, fit.calibration().slope.value),
        lambda y, p, ratio: recalibration(y, np.log(p / (1 - p))),
    ),
    "evaluate": (
        lambda fit: fit.evaluate(fit.model.exog[:50], fit.model.endog[:50]).auc().auc,
        lambda y, p, ratio: skl("roc_auc_score")(y[:50], p[:50]),
    ),
}


def skl(name):
    return getattr(pytest.importorskip("sklearn.metrics"), name)


def youden_index(fit, threshold):
    above = np.asarray(fit.predict(which="calibrated")) > threshold
    y = np.asarray(fit.model.endog)
    return above[y == 1].mean() - above[y == 0].mean()


def recalibration(y, eta):
    """Intercept at slope one, and the slope, by statsmodels."""
    import statsmodels.api as sm

    ones, family = np.ones((len(y), 1)), sm.families.Binomial()
    intercept = sm.GLM(y, ones, family=family, offset=eta).fit().params[0]
    return intercept, sm.Logit(y, np.column_stack([ones, eta])).fit(disp=False).params[1]


@pytest.mark.parametrize("name", MEASURES)
def test_measures_are_of_the_penalised_predictions_without_class_weights(lasso, name):
    measured, expected = MEASURES[name]
    y = np.asarray(lasso.model.endog)
    ratio = (y == 0).sum() / (y == 1).sum()
    odds = np.exp(np.asarray(lasso.model.exog) @ np.asarray(lasso.params)) / ratio
    assert_allclose(measured(lasso), expected(y, odds / (1 + odds), ratio), rtol=1e-6)


def test_every_measure_is_checked():
    assert {name for name in MEMBERS if "as auc" in MEMBERS[name]} < set(MEASURES)
