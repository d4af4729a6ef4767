"""What a model says of separated outcomes: the check, the message, and what a fit still gives."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import DesignError, NotAvailableError, SeparationError, SeparationWarning, WeightedLogit
from wlogit.datasets import load_endometrial
from wlogit.formula.api import weighted_logit
from wlogit.separated import SeparationResult

INF = np.inf
N = 40
FIRTH = "fit_bias_reduced() (Firth)"
PENALTY = 'fit_regularized(method="elastic_net", L1_wt=0, alpha=...)'
RAW = 'fit_bias_reduced(weights="raw") is finite too, but takes the weights for counts'


def data():
    """Overlap in x; every row of group c is an event, every row of group d a non-event."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"x": rng.normal(size=N), "g": list("abcd") * 10})
    outcome = (rng.random(N) < 0.5).astype(int)
    outcome = np.where(table["g"] == "c", 1, np.where(table["g"] == "d", 0, outcome))
    return table.assign(
        y=outcome,
        w=rng.integers(1, 4, N),
        s=rng.uniform(0.5, 3.0, N),
        event_x=np.where(outcome == 1, np.abs(table["x"]), -np.abs(table["x"])),
    )


def message(model):
    """What the fit warns of; the error says the same."""
    with pytest.warns(SeparationWarning) as caught:
        results = model.fit(disp=False)
    said = str(caught[0].message)
    model.raise_on_perfect_prediction = True
    with pytest.raises(SeparationError) as raised:
        model.fit(disp=False)
    assert str(raised.value) == said
    assert results.fit_record.message == said
    return said


# ------------------------------------------------------------------------------------------- check


def test_endometrial_data():
    check = weighted_logit("HG ~ NV + PI + EH", load_endometrial()).check_separation()
    assert check.separated is True
    assert (check.kind, check.columns, check.directions) == ("quasi", ["NV"], {"NV": INF})
    assert str(check) == repr(check)
    assert str(check) == (
        "Quasi-complete separation: the covariates predict some of the rows perfectly, so no "
        "finite maximum-likelihood estimate exists: NV to +infinity."
    )


def test_overlap():
    check = weighted_logit("HG ~ PI + EH", load_endometrial()).check_separation()
    assert check == SeparationResult(separated=False, kind="none", columns=[], directions={})
    assert str(check).startswith("No separation")


def test_complete_separation_says_what_has_no_direction():
    check = weighted_logit("y ~ event_x + w", data()).check_separation()
    assert check.kind == "complete"
    assert check.columns == ["Intercept", "event_x", "w"]
    assert check.directions["event_x"] == INF
    assert np.isnan(check.directions["w"])
    assert "predict all rows perfectly" in str(check)
    assert "event_x to +infinity; only in combination, with no direction of their own:" in str(
        check
    )


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": "w"},
    "sampling": {"sampling_weights": "s"},
    "balanced": {"class_weight": "balanced"},
    "prevalence": {"prevalence": 0.1},
    "offset": {"offset": "x"},
    "all": {"class_weight": {0: 1, 1: 9}, "freq_weights": "w", "sampling_weights": "s"},
}


@pytest.mark.parametrize("weights", WEIGHTS)
def test_neither_weights_nor_offset_change_it(weights):
    model = weighted_logit("y ~ x + g", data(), **WEIGHTS[weights])
    check = model.check_separation()
    assert check.directions == {"g[T.c]": INF, "g[T.d]": -INF}
    results = model.fit(disp=False, warn_convergence=False)
    assert np.isnan(results.bse).sum() == 2
    assert not results.converged
    assert not results.mle_retvals["converged"]


def test_rows_without_weight_have_no_say():
    table = data()
    table.loc[table["g"] == "c", "y"] = [0, *[1] * 9]
    assert list(weighted_logit("y ~ x + g", table).check_separation().columns) == ["g[T.d]"]
    weight = ((table["g"] != "c") | (table["y"] == 1)).astype(float)
    check = weighted_logit("y ~ x + g", table, sampling_weights=weight).check_separation()
    assert check.directions == {"g[T.c]": INF, "g[T.d]": -INF}


def test_counts_and_fractions_hold_both_outcomes():
    counts = pd.DataFrame({"yes": [7, 9, 5, 0], "no": [3, 1, 0, 6], "g": list("abcd")})
    check = weighted_logit("yes + no ~ g", counts).check_separation()
    assert check.directions == {"g[T.c]": INF, "g[T.d]": -INF}
    fractions = counts.assign(share=counts["yes"] / (counts["yes"] + counts["no"]))
    check = weighted_logit("share ~ g", fractions).check_separation()
    assert check.directions == {"g[T.c]": INF, "g[T.d]": -INF}
    # Fractions above one half alone are no events.
    assert weighted_logit("share ~ g", fractions[:2]).check_separation().kind == "none"


def test_one_row_of_both_outcomes_on_the_wrong_side_is_overlap():
    X = np.column_stack([np.ones(5), [-2.0, -1.0, 0.0, 1.0, 2.0]])
    assert WeightedLogit([0, 0, 0.4, 1, 1], X).check_separation().kind == "quasi"
    assert WeightedLogit([0, 0.4, 0, 1, 1], X).check_separation().kind == "none"


def test_arrays_have_the_names_of_their_columns():
    table = data()
    X = np.column_stack([np.ones(N), table["x"], table["g"] == "c"])
    assert WeightedLogit(table["y"], X).check_separation().directions == {"x2": INF}


def test_aliased_columns():
    table = data().assign(copy=lambda d: d["x"])
    dropped = weighted_logit("y ~ x + g + copy", table, aliased="drop")
    assert dropped.check_separation().directions == {"g[T.c]": INF, "g[T.d]": -INF}
    assert "leave out g" in message(dropped)
    kept = weighted_logit("y ~ x + g + copy", table, aliased="keep")
    with pytest.raises(DesignError, match="copy"):
        kept.check_separation()


def test_the_check_needs_the_data():
    results = weighted_logit("y ~ x", data()).fit(disp=False)
    results.remove_data()
    with pytest.raises(NotAvailableError, match="removed"):
        results.model.check_separation()


def test_neither_the_check_nor_the_fit_writes_to_the_data():
    table = data()
    X = np.column_stack([np.ones(N), table["x"], table["g"] == "c"])
    kept = X.copy()
    X.flags.writeable = False
    model = WeightedLogit(table["y"], X)
    model.check_separation()
    model.fit(disp=False, warn_convergence=False)
    assert np.array_equal(X, kept)


# ----------------------------------------------------------------------------------------- message

OFFERS = {
    "none": ((FIRTH, PENALTY), (RAW,)),
    "frequency": ((FIRTH, PENALTY), (RAW,)),
    "balanced": (("Firth, on the cases without class weights", PENALTY), (RAW,)),
    "prevalence": (("Firth, on the cases without class weights", PENALTY), (RAW,)),
    "sampling": ((PENALTY, RAW, "does not reduce the bias"), ("Firth",)),
    "all": ((PENALTY, RAW), ("Firth",)),
}


@pytest.mark.parametrize("weights", OFFERS)
def test_the_offers_are_those_that_are_valid_under_the_weights(weights):
    said = message(weighted_logit("y ~ x + g", data(), **WEIGHTS[weights]))
    offered, withheld = OFFERS[weights]
    for words in (*offered, "leave out g or merge sparse categories"):
        assert words in said
    for words in (*withheld, "empirical"):
        assert words not in said


def test_fractions_leave_no_likelihood_for_firth():
    fractions = pd.DataFrame({"y": [0.2, 0.7, 1.0, 1.0], "g": list("aabb")})
    said = message(weighted_logit("y ~ g", fractions))
    assert RAW in said
    assert "Firth" not in said


def test_class_weights_without_a_constant_leave_firth_nothing_to_move():
    said = message(weighted_logit("y ~ 0 + event_x", data(), class_weight="balanced"))
    assert RAW in said


def test_what_is_offered_works():
    model = weighted_logit("y ~ x + g", data(), class_weight="balanced")
    assert np.isfinite(model.fit_bias_reduced(disp=False).params).all()
    sampled = weighted_logit("y ~ x + g", data(), sampling_weights="s")
    assert np.isfinite(sampled.fit_bias_reduced(weights="raw", disp=False).params).all()
    ridge = sampled.fit_regularized(method="elastic_net", L1_wt=0, alpha=0.01, disp=False)
    assert np.isfinite(ridge.params).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weighted_logit("y ~ x", data()).fit(disp=False)


TERMS = {
    "y ~ event_x": "or leave out event_x.",
    "y ~ x + C(g)": "or leave out C(g) or merge sparse categories.",
    "y ~ x + np.exp(event_x)": "or leave out np.exp(event_x).",
    "y ~ x + event_x:w + event_x": "or leave out one or more of x, event_x:w, event_x.",
}


@pytest.mark.parametrize("formula", TERMS)
def test_the_terms_to_leave_out_are_those_of_the_formula(formula):
    said = message(weighted_logit(formula, data()))
    assert TERMS[formula] in said
    assert "leave out Intercept" not in said


def test_long_lists_are_cut():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"y": np.tile([0, 1, 1, 1], 30), "g": np.repeat(np.arange(60), 2)})
    table.loc[:7, "y"] = rng.permutation([0, 1] * 4)
    said = message(weighted_logit("y ~ C(g)", table))
    assert "more (see check_separation())" in said
    assert len(said) < 800


# --------------------------------------------------------------------------------- what a fit gives


def test_finite_coefficients_are_those_of_the_rows_that_overlap():
    with pytest.warns(SeparationWarning):
        results = weighted_logit("y ~ x + g", data(), sampling_weights="s").fit(disp=False)
    rest = data()[data()["g"].isin(["a", "b"])]
    alone = weighted_logit("y ~ x + g", rest, sampling_weights="s").fit(disp=False)
    names = list(alone.params.index)
    assert_allclose(results.params[names], alone.params, rtol=1e-8)
    expected = alone.with_covariance("HC0").cov_params()
    assert_allclose(results.with_covariance("HC0").cov_params().loc[names, names], expected)


def test_predictions_and_likelihood_are_at_their_limits():
    with pytest.warns(SeparationWarning):
        results = weighted_logit("y ~ x + g", data(), freq_weights="w", offset="s").fit(disp=False)
    overlap = data()["g"].isin(["a", "b"])
    rest = weighted_logit("y ~ x + g", data()[overlap], freq_weights="w", offset="s")
    alone = rest.fit(disp=False)
    assert_allclose(results.llf, alone.llf, rtol=1e-12)
    assert_allclose(results.predict()[overlap], alone.predict(), rtol=1e-10)
    assert_allclose(results.predict()[~overlap], data()["y"][~overlap], atol=1e-15)
    assert results.params["g[T.c]"] > 30.0
    assert results.params["g[T.d]"] < -30.0


def test_newton_is_broken_off_where_it_has_no_end():
    with pytest.warns(SeparationWarning):
        results = weighted_logit("y ~ x + g", data()).fit(disp=False, maxiter=1000)
    assert results.mle_retvals["iterations"] <= 15
    assert results.mle_retvals["reason"] == "diverging"


def test_newton_goes_on_where_it_has_an_end_far_out():
    """A row of weight 1e-9 on the other side: more iterations than the check waits for."""
    X = np.column_stack([np.ones(101), np.linspace(-1.0, 1.0, 101)])
    y = (X[:, 1] > 0.0).astype(float)
    y[-1] = 0.0
    weight = np.where(np.arange(101) == 100, 1e-9, 1.0)
    results = WeightedLogit(y, X, sampling_weights=weight).fit(disp=False, cov_type="HC0")
    assert results.converged
    assert results.mle_retvals["iterations"] > 15
    assert results.model.check_separation().kind == "none"
    assert_allclose(X.T @ (weight * (y - results.predict())), 0.0, atol=1e-14)


def test_large_predictors_alone_are_no_separation():
    """An estimate far out, with rows that prove it finite."""
    x = np.r_[np.linspace(-60.0, 60.0, 101), 0.3, -0.3]
    y = np.r_[(np.linspace(-60.0, 60.0, 101) > 0.0), 0.0, 1.0]
    results = WeightedLogit(y, np.column_stack([np.ones(103), x])).fit(disp=False)
    assert results.converged
    assert np.abs(results.predict(which="linear")).max() > 15.0


def test_constraints_carry_infinities_to_what_they_tie():
    table = data().query("g != 'd'").assign(c=lambda d: 1.0 * (d["g"] == "c"))
    table["late"] = table["c"] * (table.index > N // 2)
    model = weighted_logit("y ~ x + c + late", table)
    with pytest.warns(SeparationWarning, match=r"c to \+infinity"):
        tied = model.fit_constrained("c = 2 * late", disp=False)
    assert list(tied.params.index[np.isnan(tied.bse)]) == ["c", "late"]
    assert tied.fit_record.diverging.tolist() == [0.0, 0.0, INF, INF]
    with pytest.warns(SeparationWarning):
        opposed = model.fit_constrained("c = -late", disp=False)
    assert opposed.fit_record.diverging.tolist()[:2] == [0.0, 0.0]
