"""Do the weights matter: what is compared, and where nothing can be."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.unit.weighting.fits import WEIGHTED, data, fit
from wlogit import InferenceWarning, NotAvailableError, SurveyDesign, WeightedLogit
from wlogit.formula.api import weighted_logit

WITHOUT = {
    "balanced": {},
    "mapping": {},
    "prevalence": {},
    "sampling": {},
    "everything": {"freq_weights": "m", "sampling_weights": "a", "offset": "o"},
    "sampling, prevalence": {"sampling_weights": "a"},
}


@pytest.mark.parametrize("name", WEIGHTED)
def test_it_compares_with_the_fit_without_the_weights(name):
    results, other = fit(**WEIGHTED[name]), fit(**WITHOUT[name])
    differences = results.weighting_test().differences
    assert list(differences.index) == ["x", "z"]
    assert_allclose(differences["weighted"], results.params.iloc[1:], rtol=1e-12)
    assert_allclose(differences["unweighted"], other.params.iloc[1:], rtol=1e-9)


@pytest.mark.parametrize("name", ["balanced", "sampling", "prevalence"])
@pytest.mark.parametrize("cov_type", ["HC0", "HC1", "HC3", "linearized"])
def test_one_slope_is_its_own_z_test(name, cov_type):
    results = fit("y ~ x", **WEIGHTED[name]).with_covariance(cov_type)
    test = results.weighting_test()
    assert test.df == 1
    assert_allclose(test.differences["z"].iloc[0] ** 2, test.statistic, rtol=1e-9)
    assert_allclose(test.differences["pvalue"].iloc[0], test.pvalue, rtol=1e-9)


def test_the_error_is_that_of_a_bootstrap():
    """Cases drawn anew, class weights balanced anew; 300 samples say an error to 4 %."""
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(1500), rng.normal(size=(1500, 2))])
    y = (rng.random(1500) < 1 / (1 + np.exp(-(x @ [-1.5, 1.0, -0.5])))).astype(int)
    results = WeightedLogit(y, x, class_weight="balanced").fit(disp=False).with_covariance("HC0")
    drawn = []
    for _ in range(300):
        rows = rng.integers(0, 1500, 1500)
        pair = [
            WeightedLogit(y[rows], x[rows], class_weight=given).fit(disp=False, cov_type="HC0")
            for given in ("balanced", None)
        ]
        drawn.append((pair[0].params - pair[1].params)[1:])
    found = results.weighting_test().differences["se"]
    assert_allclose(found, np.std(drawn, axis=0), rtol=0.12)


def test_clusters_of_one_case_are_cases():
    results = fit(**WEIGHTED["balanced"])
    of_cases = results.with_covariance("HC0").weighting_test()
    single = results.with_covariance("cluster", groups=np.arange(300), kind="CR0")
    assert_allclose(single.weighting_test().statistic, of_cases.statistic, rtol=1e-9)
    grouped = results.with_covariance("cluster", groups="c", kind="CR0").weighting_test()
    assert grouped.statistic != pytest.approx(of_cases.statistic)


def test_more_slopes_than_clusters_are_not_tested():
    with pytest.warns(InferenceWarning, match="3 clusters"):
        results = fit("y ~ x + z + o + m", class_weight="balanced").with_covariance(
            "cluster", groups=np.arange(300) % 3
        )
    test = results.weighting_test()
    assert np.isnan(test.pvalue)
    assert "too few clusters" in test.conclusion


def _designed(formula="y ~ x + z", fitted=None):
    design = SurveyDesign(data(), weights="a", strata=np.arange(300) % 3, psu="c", nest=True)
    small = design.subset(data()["c"] < 4)
    return weighted_logit(formula, data(), design=small).fit(disp=False, **(fitted or {}))


def test_a_design_has_its_degrees_of_freedom():
    """One slope by hand; several by the F that is the same Wald statistic."""
    results = _designed()
    units = data().assign(h=np.arange(300) % 3).query("c < 4")[["h", "c"]].drop_duplicates()
    ddf = len(units) - 3 + 1 - 3
    differences = results.weighting_test().differences
    expected = 2.0 * stats.t.sf(np.abs(differences["difference"] / differences["se"]), ddf)
    assert_allclose(differences["pvalue"], expected, rtol=1e-12)
    both = results.weighting_test()
    normal = _designed(fitted={"use_t": False}).weighting_test()
    assert_allclose(both.statistic * 2.0, normal.statistic, rtol=1e-9)
    assert_allclose(both.pvalue, stats.f.sf(normal.statistic / 2.0, 2, ddf), rtol=1e-9)
    assert "F = " in both.conclusion
    assert {"t", "z"} & set(both.differences) == {"t"}


@pytest.mark.parametrize("df", ["residual", "design"])
def test_more_slopes_than_sampling_units_are_not_tested(df):
    formula = "y ~ x + z + C(g) + o + " + " + ".join(f"I(x**{j})" for j in range(2, 8))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)
        test = _designed(formula, {"cov_kwds": {"df": df}}).weighting_test()
    assert np.isnan(test.pvalue)
    assert "degrees of freedom" in test.conclusion


def test_few_clusters_have_hotellings_degrees_of_freedom():
    """Of the contrasts that are tested, as the Wald test of the weighted slopes has them."""
    results = fit(**WEIGHTED["balanced"]).with_covariance(
        "cluster", groups=np.arange(300) % 8, kind="CR2"
    )
    test, slopes = results.weighting_test(), results.wald_test(np.eye(3)[1:], scalar=True)
    assert_allclose(test.ddf, slopes.df_denom, rtol=1e-9)
    each = results.covariance.df_each[1:]
    t = test.differences["t"]
    assert_allclose(test.differences["pvalue"], 2.0 * stats.t.sf(np.abs(t), each), rtol=1e-12)


@pytest.mark.parametrize("cov_type", ["HC0", "HC3"])
def test_in_a_saturated_model_class_weights_cannot_matter(cov_type):
    results = fit("y ~ C(g)", class_weight="balanced").with_covariance(cov_type)
    test = results.weighting_test()
    assert np.isnan(test.pvalue)
    assert (test.statistic, test.df) == (0.0, 0.0)
    assert "cannot matter" in test.conclusion
    assert test.differences["se"].isna().all()
    # Sampling weights differ within its cells.
    assert fit("y ~ C(g)", sampling_weights="a").weighting_test().df == 2


@pytest.mark.parametrize("alone", [True, False])
def test_the_fit_without_weights_is_more_precise_where_theory_says_so(alone):
    beside = {} if alone else {"sampling_weights": "a"}
    results = fit("y ~ x + z + I(x**2)", class_weight="balanced", **beside)
    said = results.weighting_test().conclusion
    assert "No sign that" in said
    assert ("more precise" in said) is alone
    assert ("weighting_report() compares" in said) is not alone


@pytest.mark.parametrize("sampled", [False, True])
def test_a_difference_is_evidence_and_no_proof(sampled):
    rng = np.random.default_rng(2)
    x = rng.normal(size=4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(2.0 - x - x**2))).astype(int)
    frame = pd.DataFrame({"x": x, "y": y, "w": np.exp(0.5 * x)})
    weights = {"sampling_weights": "w"} if sampled else {"class_weight": "balanced"}
    said = weighted_logit("y ~ x", frame, **weights).fit(disp=False).weighting_test().conclusion
    assert "That is evidence that the model is not right for these cases" in said
    assert ("sampled by their outcome" in said) is sampled


def test_nor_can_equal_weights():
    assert np.isnan(fit(class_weight={0: 2, 1: 2}).weighting_test().pvalue)
    assert np.isnan(fit(frame=data().assign(a=3.0), sampling_weights="a").weighting_test().pvalue)
    assert np.isnan(fit("y ~ 1", class_weight="balanced").weighting_test().pvalue)


def test_an_implicit_constant_is_an_explicit_one():
    explicit = fit("y ~ C(g) + x", class_weight="balanced").weighting_test()
    implicit = fit("y ~ 0 + C(g) + x", class_weight="balanced").weighting_test()
    assert_allclose(implicit.statistic, explicit.statistic, rtol=1e-8)
    assert list(implicit.differences.index) == ["C(g)[b] - C(g)[a]", "C(g)[c] - C(g)[a]", "x"]
    assert_allclose(implicit.differences, explicit.differences, rtol=1e-7)
    halved = data().assign(one=2.0)
    columns = halved[["one", "x"]].assign(rest=0.5 - halved["z"], z=halved["z"])
    results = weighted_logit(
        "y ~ 0 + rest + x + z", halved.assign(**columns), class_weight="balanced"
    )
    names = list(results.fit(disp=False).weighting_test().differences.index)
    assert names == ["x", "z - rest"]


def test_a_wrong_model_is_found():
    """The curvature that the model leaves out makes the weighted slope another one."""
    rng = np.random.default_rng(1)
    frame = data().sample(4000, replace=True, random_state=1).reset_index(drop=True)
    frame = frame.assign(x=rng.normal(size=4000))
    eta = -3.0 + 1.5 * frame["x"] + 0.8 * frame["x"] ** 2
    frame["y"] = (rng.random(4000) < 1 / (1 + np.exp(-eta))).astype(int)
    test = fit("y ~ x", frame, class_weight="balanced").weighting_test()
    assert test.pvalue < 1e-4
    assert "differ by more than chance" in str(test)
    right = fit("y ~ x + I(x**2)", frame, class_weight="balanced").weighting_test()
    assert right.pvalue > 0.01
    assert "No sign that the weights change the slopes" in str(right)


def test_nonrobust_is_read_as_hc0():
    with pytest.warns(InferenceWarning):
        naive = fit(**WEIGHTED["balanced"]).with_covariance("nonrobust")
    robust = naive.with_covariance("HC0").weighting_test()
    assert_allclose(naive.weighting_test().statistic, robust.statistic, rtol=1e-12)


def test_case_control_sampling_centers_both():
    results = fit(**WEIGHTED["balanced"])
    random = results.with_covariance("HC0").weighting_test()
    fixed = results.with_covariance("HC0", sampling="case-control").weighting_test()
    # The slopes of either fit do not move with the class sizes, to first order.
    assert_allclose(fixed.differences["se"], random.differences["se"], rtol=0.05)
    assert fixed.statistic != pytest.approx(random.statistic, rel=1e-6)


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_moved_intercept_changes_nothing(name):
    results = fit(**WEIGHTED[name])
    for other in (results.calibrated(), results.recalibrate()):
        assert other.weighting_test().statistic == results.weighting_test().statistic
        slopes = other.weighting_report().frame.iloc[1:]
        assert_allclose(slopes, results.weighting_report().frame.iloc[1:], rtol=1e-12)
        path = other.sensitivity(ratios=[2.0]).frame
        assert path.equals(results.sensitivity(ratios=[2.0]).frame)
        assert_allclose(other.collinearity().vif, results.collinearity().vif, rtol=1e-12)


def test_without_the_data_it_refuses():
    results = fit(**WEIGHTED["balanced"])
    results.remove_data()
    for ask in (results.weighting_test, results.weighting_report, results.sensitivity):
        with pytest.raises(NotAvailableError, match="remove_data"):
            ask()
