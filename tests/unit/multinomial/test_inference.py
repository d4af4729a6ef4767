"""Predictions, effects, tests and tables of fits with several labels."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from scipy import stats

from tests.unit.multinomial.studies import WEIGHTS, arrays, survey
from wlogit import WeightedLogit
from wlogit.errors import NotAvailableError
from wlogit.multinomial.model import WeightedMNLogit

FORMULA = "mode ~ age + income + town"


@pytest.fixture
def frame():
    return survey()


def fit(frame, formula=FORMULA, **options):
    return WeightedMNLogit.from_formula(formula, frame, **options).fit(disp=False)


@pytest.fixture
def pair(frame):
    """The same fit by us and by statsmodels."""
    y, x = arrays(frame)
    return WeightedMNLogit(y, x).fit(disp=False), sm.MNLogit(y, x).fit(disp=False, tol=1e-14)


# -- against statsmodels -------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["overall", "mean", "median", "zero", "all"])
@pytest.mark.parametrize("method", ["dydx", "eydx"])
@pytest.mark.parametrize("dummy", [False, True])
def test_effects_are_those_of_statsmodels(pair, at, method, dummy):
    ours, theirs = pair
    if dummy and at in ("median", "zero"):
        with pytest.raises(ValueError, match="not allowed for discrete variables"):
            ours.get_margeff(at=at, method=method, dummy=dummy)
        return
    one = ours.get_margeff(at=at, method=method, dummy=dummy)
    other = theirs.get_margeff(at=at, method=method, dummy=dummy)
    assert_allclose(one.margeff, other.margeff, rtol=1e-8, atol=1e-12)
    if at != "all":
        assert_allclose(one.margeff_se, other.margeff_se, rtol=1e-8)
        assert_allclose(one.margeff_cov, other.margeff_cov, rtol=1e-7, atol=1e-12)
        assert_allclose(one.conf_int(), other.conf_int(), rtol=1e-7, atol=1e-10)
        assert_allclose(one.pvalues, other.pvalues, rtol=1e-6)
        assert list(one.summary_frame().columns) == list(other.summary_frame().columns)
        assert list(one.summary_frame().index) == [
            (label, name)
            for label in ("y=bus", "y=car", "y=train", "y=walk")
            for name in ("x1", "x2", "x3")
        ]


def test_tests_and_rows_are_those_of_statsmodels(pair):
    ours, theirs = pair
    names = ["ycar_x1 = 0", "ycar_x1 = ytrain_x1, ywalk_x2 = 0.5"]
    for constraint in names:
        one = ours.wald_test(constraint, scalar=True)
        other = theirs.wald_test(constraint, scalar=True)
        assert_allclose(one.statistic, other.statistic, rtol=1e-8)
        one, other = ours.f_test(constraint), theirs.f_test(constraint)
        assert_allclose(one.pvalue, other.pvalue, rtol=1e-7)
        one, other = ours.t_test(constraint), theirs.t_test(constraint)
        assert_allclose(one.tvalue, other.tvalue, rtol=1e-8)
    assert_allclose(ours.pred_table(), theirs.pred_table())
    assert_allclose(ours.predict(), theirs.predict(), rtol=1e-9)
    # statsmodels 0.14 subtracts a matrix from a vector here.
    expected = theirs.model.wendog - theirs.predict()
    assert_allclose(ours.resid_response, expected, rtol=1e-8, atol=1e-12)
    assert_allclose(ours.resid_misclassified, theirs.resid_misclassified)
    assert_allclose(ours.fittedvalues, theirs.fittedvalues, rtol=1e-8, atol=1e-12)
    design = np.array([[1.0, 0.3, -1.0, 0.0]])
    assert_allclose(ours.predict(design), theirs.predict(design), rtol=1e-9)
    assert_allclose(
        ours.predict(design, which="linear"), theirs.predict(design, which="linear"), rtol=1e-8
    )


def test_the_summary_has_the_coefficient_table_of_statsmodels(pair):
    ours, theirs = (results.summary().tables[1].as_text() for results in pair)
    assert ours.replace("<0.001", " 0.000") == theirs
    assert "Coefficients compare each label with 'bus'." in pair[0].summary().as_text()


# -- against the logit ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["none", "frequency", "sampling", "balanced", "product"])
@pytest.mark.parametrize("cov_type", ["HC3", "cluster"])
def test_with_two_labels_predictions_and_effects_are_those_of_the_logit(frame, kind, cov_type):
    frame["mode"] = np.where(frame["mode"].isin(["car", "walk"]), "own", "bus")
    groups = {"groups": "area"} if cov_type == "cluster" else {}
    ours = fit(frame, **WEIGHTS[kind]).with_covariance(cov_type, **groups)
    logit = WeightedLogit.from_formula(FORMULA, frame, **WEIGHTS[kind]).fit(disp=False)
    logit = logit.with_covariance(cov_type, **groups)
    new = frame.head(7)
    for which in ("mean", "calibrated", "linear"):
        one = ours.get_prediction(new, which=which).summary_frame()
        one = one.xs("own", level=1)
        other = logit.get_prediction(new, which=which).summary_frame()
        assert_allclose(one.to_numpy(), other[one.columns].to_numpy(), rtol=1e-8, atol=1e-10)
    options = [
        {"vce": "delta"},
        {"vce": "unconditional"},
        {"at": "mean"},
        {"method": "eyex"},
        {"dummy": True},
        {"scale": "weighted"},
        {"method": "eydx", "at": "median"},
    ]
    for option in options:
        one, other = ours.get_margeff(**option), logit.get_margeff(**option)
        assert_allclose(one.margeff[:, 1], other.margeff, rtol=1e-8)
        assert_allclose(one.margeff_se[:, 1], other.margeff_se, rtol=1e-7)
    assert_allclose(ours.pred_table(), logit.pred_table())
    assert_allclose(
        ours.pred_table(which="calibrated", weighted=True),
        logit.pred_table(which="calibrated", weighted=True),
    )
    extra = np.random.default_rng(0).normal(size=(len(frame), 2))
    one, other = ours.score_test(extra), logit.score_test(extra)
    assert_allclose([one.statistic, one.pvalue], [other.statistic, other.pvalue], rtol=1e-8)
    one, other = ours.wald_test_terms().table, logit.wald_test_terms(scalar=True).table
    assert_allclose(one["statistic"], other["statistic"], rtol=1e-8)


# -- by differences ------------------------------------------------------------------------------


def nudged(results, direction, step):
    """The same fit with other coefficients, for differences."""
    clone = results._results
    params = np.asarray(clone.params)
    moved = params + step * direction.reshape(params.shape, order="F")
    model = clone.model

    class Moved(type(clone)):
        def __init__(self):
            self.__dict__.update(clone.__dict__)
            self.params = moved

    assert model is clone.model
    return Moved()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "eyex"},
        {"method": "dyex", "at": "mean"},
        {"method": "eydx", "at": "median"},
        {"dummy": True},
        {"dummy": True, "method": "eydx"},
        {"at": "zero", "atexog": {"age": 0.4}},
        {"count": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["product", "mapping"])
def test_errors_of_effects_are_those_of_differences(frame, options, kind):
    frame["visits"] = np.random.default_rng(3).integers(0, 5, len(frame))
    results = fit(frame, FORMULA + " + visits", **WEIGHTS[kind])
    results = results.with_covariance("HC1", class_weights="fixed")
    effects = results.get_margeff(**options)
    size, steps = results.params.size, 1e-5
    jacobian = np.column_stack(
        [
            (
                nudged(results, e, steps).get_margeff(**options).margeff
                - nudged(results, e, -steps).get_margeff(**options).margeff
            ).ravel(order="F")
            for e in np.eye(size)
        ]
    ) / (2 * steps)
    expected = jacobian @ np.asarray(results.cov_params()) @ jacobian.T
    assert_allclose(effects.margeff_cov, expected, rtol=1e-6, atol=1e-9)


def test_errors_of_estimated_class_weights_reach_calibrated_predictions(frame):
    """The delta method by hand, from the joint covariance of coefficients and shifts."""
    results = fit(frame, class_weight="balanced")
    shift = np.asarray(results.covariance.shift)
    size, q = results.params.size, 3
    joint = np.block(
        [[np.asarray(results.cov_params()), shift[:size]], [shift[:size].T, shift[size:]]]
    )
    new = frame.head(3)
    ours = results.get_prediction(new, which="calibrated")
    design = results.model.exog[:3]

    def probabilities(theta):
        eta = design @ theta[:size].reshape(-1, q, order="F") + theta[size:]
        odds = np.exp(np.column_stack([np.zeros(3), eta]))
        return (odds / odds.sum(axis=1, keepdims=True)).ravel()

    at = np.append(np.asarray(results.params).ravel(order="F"), -results.weights.factors.log_ratios)
    jacobian = np.column_stack(
        [
            (probabilities(at + 1e-6 * e) - probabilities(at - 1e-6 * e)) / 2e-6
            for e in np.eye(size + q)
        ]
    )
    variance = np.einsum("ij,jk,ik->i", jacobian, joint, jacobian).reshape(3, 4)
    assert_allclose(ours.predicted.ravel(), probabilities(at), rtol=1e-10)
    assert_allclose(ours.se, np.sqrt(variance), rtol=1e-7)
    logit = np.log(ours.predicted / (1 - ours.predicted))
    spread = stats.norm.isf(0.025) * ours.se / (ours.predicted * (1 - ours.predicted))
    limits = 1 / (1 + np.exp(-(logit[..., None] + spread[..., None] * [-1, 1])))
    assert_allclose(ours.conf_int(), limits, rtol=1e-9)


# -- calibration and classes of weights ----------------------------------------------------------


def test_calibrated_probabilities_are_the_odds_without_class_weights(frame):
    results = fit(frame, **WEIGHTS["mapping"])
    mean, calibrated = results.predict(), results.predict(which="calibrated")
    divided = mean / np.array(list(results.weights.class_weights.values()))
    assert_allclose(calibrated, divided.div(divided.sum(axis=1), axis=0), rtol=1e-12)
    assert list(calibrated.columns) == list(results.labels)


def test_the_constant_alone_gives_the_shares_of_the_sample(frame):
    results = fit(frame, "mode ~ 1", sampling_weights="sampling", class_weight="balanced")
    shares = frame.groupby("mode")["sampling"].sum() / frame["sampling"].sum()
    assert_allclose(results.predict(which="calibrated").iloc[0], shares, rtol=1e-10)
    assert_allclose(results.predict().iloc[0], 0.25, rtol=1e-10)
    assert_allclose(results.llf, results.llnull, rtol=1e-12)


def test_class_weights_enter_no_average(frame):
    """With a saturated design, class weights change nothing at population scale."""
    plain = fit(frame, "mode ~ town")
    weighted = fit(frame, "mode ~ town", class_weight={"bus": 1, "car": 3, "train": 2, "walk": 9})
    assert_allclose(
        plain.get_margeff(dummy=True).margeff, weighted.get_margeff(dummy=True).margeff, rtol=1e-8
    )


def test_effects_of_all_labels_sum_to_zero(frame):
    for kind in WEIGHTS:
        effects = fit(frame, **WEIGHTS[kind]).get_margeff()
        assert_allclose(effects.margeff.sum(axis=1), 0.0, atol=1e-14)


# -- trouble -------------------------------------------------------------------------------------


def test_refused_members_say_what_to_do(frame):
    results = fit(frame)
    for call in (results.get_distribution, results.get_influence, results._get_robustcov_results):
        with pytest.raises(NotAvailableError):
            call()
    with pytest.raises(NotAvailableError, match="t_test"):
        results.t_test_pairwise("town")


def test_a_fit_forgets_its_data_and_keeps_its_numbers(frame):
    results = fit(frame, class_weight="balanced", freq_weights="count")
    text = results.summary().tables[1].as_text()
    new, before = frame.head(2), results.predict(frame.head(2))
    results.remove_data()
    assert results.summary().tables[1].as_text() == text
    assert_allclose(results.predict(new), before)
    assert results.weights.nobs == frame["count"].sum()
    for call in (results.get_margeff, results.predict, lambda: results.with_covariance("HC0")):
        with pytest.raises(NotAvailableError, match="removed"):
            call()


def test_a_fit_survives_a_pickle(frame, tmp_path):
    results = fit(frame, class_weight="balanced")
    results.save(str(tmp_path / "fit.pkl"))
    again = type(results).load(str(tmp_path / "fit.pkl"))
    assert_allclose(again.params, results.params)
    assert_allclose(again.predict(frame.head(3)), results.predict(frame.head(3)))
    assert_allclose(again.get_margeff().margeff_se, results.get_margeff().margeff_se)


@pytest.mark.parametrize("complete", [True, False])
def test_separated_labels_are_named(frame, complete):
    if complete:
        cut = np.quantile(frame["age"], [0.3, 0.6])
        frame["mode"] = np.array(["bus", "car", "walk"])[np.searchsorted(cut, frame["age"])]
        formula = "mode ~ age"
    else:
        frame["flag"] = (frame["mode"] == "train") & (frame["age"] > 0.0)
        frame["flag"] = frame["flag"].astype(float)
        formula = "mode ~ flag + income"
    model = WeightedMNLogit.from_formula(formula, frame)
    with pytest.warns(sm.tools.sm_exceptions.ConvergenceWarning) as caught:
        results = model.fit(disp=False)
    text = str(caught[0].message)
    assert not results.converged
    if complete:
        assert "complete separation" in text
        assert model.check_separation().kind == "complete"
        assert np.isnan(results.bse["walk"]).all()
        assert results.llf == pytest.approx(0.0, abs=1e-8)
        return
    assert "quasi-complete separation" in text
    assert "train: flag to +infinity" in text
    # Of the other labels it is only known that they fall behind train.
    directions = model.check_separation().directions
    assert directions.pop("train: flag") == np.inf
    assert list(directions) == ["car: flag", "walk: flag"]
    assert np.isnan(list(directions.values())).all()
    assert not WeightedMNLogit.from_formula(FORMULA, frame).check_separation().separated
    rest = WeightedMNLogit.from_formula("mode ~ income", frame[frame["flag"] == 0.0])
    limit = rest.fit(disp=False)
    assert np.isnan(results.bse.loc["flag", "train"])
    names = ["Intercept", "income"]
    assert_allclose(results.params.loc[names], limit.params.loc[names], rtol=1e-6)
    assert_allclose(results.bse.loc[names], limit.bse.loc[names], rtol=1e-6)
    assert results.llf == pytest.approx(limit.llf, rel=1e-8)


def test_a_fit_cut_short_gives_no_standard_errors(frame):
    model = WeightedMNLogit.from_formula(FORMULA, frame)
    with pytest.warns(sm.tools.sm_exceptions.ConvergenceWarning, match="maxiter=1"):
        results = model.fit(disp=False, maxiter=1)
    assert not results.converged
    assert np.isnan(results.bse.to_numpy()).all()


def test_nonrobust_errors_under_class_weights_are_warned_about(frame):
    with pytest.warns(UserWarning, match="not valid"):
        fit(frame, class_weight="balanced").with_covariance("nonrobust")


def test_members_have_labels(frame):
    results = fit(frame)
    assert list(results.params.columns) == ["car", "train", "walk"]
    assert list(results.params.index) == ["Intercept", "town[T.b]", "age", "income"]
    assert isinstance(results.predict(), pd.DataFrame)
    assert list(results.pred_table().index) == list(results.labels)
    assert results.conf_int().index.nlevels == 2
    ratios = results.risk_ratios()
    assert_allclose(
        ratios["RRR"].to_numpy(), np.exp(results.params.to_numpy().ravel(order="F")), rtol=1e-12
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "mode=car" in results.summary().as_latex()
        assert results.summary2() is not None


@pytest.mark.parametrize("use_t", [False, True])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_summary2_names_labels_tests_and_method(frame, class_weight, use_t):
    model = WeightedMNLogit.from_formula(FORMULA, frame, class_weight=class_weight)
    results = model.fit(disp=False, use_t=use_t)
    heading, *tables = results.summary2(alpha=0.1).tables
    letter = "t" if use_t else "z"
    for table, label in zip(tables, ["car", "train", "walk"], strict=True):
        columns = [f"mode={label}", "Coef.", "Std.Err.", letter, f"P>|{letter}|", "[0.05", "0.95]"]
        assert list(table.columns) == columns
        assert_allclose(table["Coef."], results.params[label], rtol=1e-14)
        assert_allclose(table[f"P>|{letter}|"], results.pvalues[label], rtol=1e-14)
        assert_allclose(table[columns[-2:]], results.conf_int(0.1).loc[label], rtol=1e-14)
    said = [str(cell) for cell in heading.to_numpy().ravel()]
    assert said[said.index("Method:") + 1] == ("pseudo-MLE" if class_weight else "MLE")
    assert ("Log-Pseudolikelihood:" in said) == (class_weight is not None)
