"""What the results of a penalised fit hold, say and refuse."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from tests.unit.regularized.penalised import DATA, TEXT, net
from wlogit import WeightedLogit
from wlogit.errors import ConvergenceWarning, InferenceWarning, NotAvailableError
from wlogit.formula.api import weighted_logit
from wlogit.regularized.fit import objective_for, penalty_for


def test_what_the_results_hold():
    results = net(class_weight="balanced")
    eta = np.asarray(results.fittedvalues)
    assert isinstance(results.fittedvalues, pd.Series)
    assert_allclose(results.predict(), expit(eta))
    row = results.weights.row_weight
    assert results.llf == pytest.approx(results.model.loglike(results.params), rel=1e-12)
    assert results.deviance == pytest.approx(-2.0 * results.llf, rel=1e-10)
    penalty = penalty_for(results.model, 0.03)
    assert results.penalized_llf == pytest.approx(
        results.llf - penalty.value(np.asarray(results.params)), rel=1e-12
    )
    assert_allclose(results.resid_response, DATA.y - expit(eta), atol=1e-12)
    assert results.pred_table().to_numpy().sum() == results.nobs == len(DATA)
    assert results.labels == (0, 1)
    assert (results.alpha, results.L1_wt, results.method) == (0.03, 1.0, "elastic_net")
    assert objective_for(results.model).total_weight == pytest.approx(row.sum())
    assert not results.trimmed.any()


def test_a_penalised_constant_is_not_calibrated_in_silence():
    model = weighted_logit(TEXT, DATA, class_weight="balanced")
    free = model.fit_regularized(alpha=[0.0, 5, 5, 5, 5, 5], disp=False)
    shift = np.log(free.weights.class_weights[1] / free.weights.class_weights[0])
    assert_allclose(free.predict(which="calibrated"), expit(np.asarray(free.fittedvalues) - shift))
    with pytest.warns(InferenceWarning, match="without a free constant"):
        model.fit_regularized(alpha=5.0, disp=False).predict(which="calibrated")


@pytest.mark.parametrize("name", ["bse", "tvalues", "pvalues", "conf_int", "cov_params"])
def test_inference_that_ignores_the_penalty_is_refused(name):
    results = net()
    assert not hasattr(results, name)
    with pytest.raises(NotAvailableError, match=f"{name}.*debiased.*refit=True"):
        getattr(results, name)


def test_the_summary_says_what_was_fitted_and_gives_no_errors():
    text = net(class_weight="balanced", fit={"L1_wt": 0.5, "standardize": True}).summary()
    words = text.as_text()
    for said in ("L1_wt = 0.5", "0.03", "KKT residual:", "Non-zero:", "Effective Size:", "class"):
        assert said in words
    for absent in ("std err", "P>|z|", "[0.025"):
        assert absent not in words
    assert "no standard errors are" in words
    assert "debiased()" in words
    assert "refit=True" in words
    assert "weighted standard deviation" in " ".join(words.split())
    for other in (text.as_html(), text.as_latex(), text.as_markdown(), text.as_csv()):
        assert "coef" in other
    renamed = net().summary(yname="outcome", xname=list("uvwxyz"), title="Mine").as_text()
    assert "outcome" in renamed
    assert "Mine" in renamed
    with pytest.raises(ValueError, match="2 names for 6"):
        net().summary(xname=["a", "b"])


def test_a_summary_of_many_columns_lists_those_that_are_not_zero():
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(60), rng.normal(size=(60, 130))])
    results = WeightedLogit(DATA.y[:60], X, aliased="keep").fit_regularized(
        method="elastic_net", alpha=0.1, disp=False
    )
    table = results.summary().tables[-1]
    assert len(table) == results.nnz_params + 1
    assert "alpha:" in results.summary().as_text()


def test_what_is_printed_and_warned_of(capsys):
    model = weighted_logit(TEXT, DATA)
    model.fit_regularized(alpha=5.0)
    printed = capsys.readouterr().out
    assert "Optimization terminated successfully." in printed
    assert "KKT residual" in printed
    with pytest.warns(ConvergenceWarning, match="maxiter=1 was not enough"):
        short = model.fit_regularized(method="elastic_net", maxiter=1, alpha=0.01)
    assert "Maximum number of iterations" in capsys.readouterr().out
    assert not short.converged
    assert "maxiter=1" in " ".join(short.summary().as_text().split())
    separated = WeightedLogit((DATA.a > 0) * 1, DATA[["a", "b"]].assign(const=1.0))
    with pytest.warns(ConvergenceWarning, match="grow without bound"):
        separated.fit_regularized(method="elastic_net", alpha=[0.0, 1.0, 0.0])
    assert "diverging" in capsys.readouterr().out


def test_results_are_kept_without_their_data(tmp_path):
    results = net(class_weight="balanced")
    copy = pickle.loads(pickle.dumps(results))
    assert copy.params.equals(results.params)
    before, predicted = results.summary().as_text(), results.predict(DATA[:3])
    deviance = results.deviance
    results.save(tmp_path / "fit.pickle", remove_data=True)
    kept = pickle.loads((tmp_path / "fit.pickle").read_bytes())
    assert (tmp_path / "fit.pickle").stat().st_size < 40_000
    assert_array_equal(kept.predict(DATA[:3]), predicted)
    assert kept.deviance == deviance
    told = [line for line in before.splitlines() if "Time:" not in line]
    assert told == [line for line in kept.summary().as_text().splitlines() if "Time:" not in line]
    for gone in (lambda: kept.fittedvalues, kept.predict, lambda: kept.resid_dev):
        with pytest.raises(NotAvailableError, match="removed"):
            gone()
    with pytest.raises(NotAvailableError, match="removed"):
        kept.model.fit_regularized(alpha=1.0, disp=False)


def test_plain_arrays_give_plain_arrays():
    design = np.column_stack([np.ones(len(DATA)), DATA[list("ab")]])
    results = WeightedLogit(DATA.y.to_numpy(), design).fit_regularized(alpha=1.0, disp=False)
    for values in (results.params, results.trimmed, results.fittedvalues, results.resid_dev):
        assert type(values) is np.ndarray
    assert results.selected[0] == "const"
