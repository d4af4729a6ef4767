"""No standard error of a penalised fit is ever given as if it were of maximum likelihood."""

import inspect

import numpy as np
import pandas as pd
import pytest

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
