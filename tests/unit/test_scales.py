"""Predictions on every scale: their errors against the influence of each case, found by refits."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.core.likelihood import expit
from wlogit.covariance.influence import influence_covariance
from wlogit.errors import DesignError, WeightError
from wlogit.scales import influences_of

N = 80
RNG = np.random.default_rng(21)
X = np.column_stack([np.ones(N), RNG.normal(size=(N, 2))])
Y = (RNG.random(N) < expit(X @ [-1.0, 0.8, -0.4])).astype(float)
A = RNG.uniform(0.5, 3.0, N)
NEW = np.array([[1.0, 0.3, -1.0], [1.0, -2.0, 0.5]])

MODELS = {
    "no class weights": {},
    "mapping": {"class_weight": {0: 1.0, 1: 3.0}},
    "balanced": {"class_weight": "balanced"},
    "prevalence": {"prevalence": 0.1},
}
SCALES = {
    "mean": {"which": "mean"},
    "linear": {"which": "linear"},
    "calibrated": {"which": "calibrated"},
    "moved": {"prevalence": 0.03},
}


def fit(options, weights=A):
    model = WeightedLogit(Y, X, sampling_weights=weights, **options)
    return model.fit(disp=False, cov_type="HC0")


def influence(options, statistic, step=1e-4):
    """Derivative of a statistic in the logarithm of each case's weight."""
    result = []
    for i in range(N):
        ends = []
        for sign in (1.0, -1.0):
            weights = A.copy()
            weights[i] *= np.exp(sign * step)
            ends.append(statistic(fit(options, weights)))
        result.append((ends[0] - ends[1]) / (2.0 * step))
    return np.array(result)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("model", MODELS)
def test_errors_are_those_of_the_influence_of_every_case(model, scale):
    options, how = MODELS[model], SCALES[scale]
    found = fit(options).get_prediction(NEW, **how)
    assert_allclose(found.predicted, fit(options).predict(NEW, **how), rtol=1e-12)
    each = influence(options, lambda results: np.asarray(results.predict(NEW, **how)))
    assert_allclose(found.se, np.sqrt((each**2).sum(axis=0)), rtol=2e-5)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("model", MODELS)
def test_averages_of_new_rows_too(model, scale):
    options, how = MODELS[model], SCALES[scale]
    found = fit(options).get_prediction(NEW, average=True, agg_weights=1, **how)
    each = influence(options, lambda results: np.mean(results.predict(NEW, **how)))
    assert found.predicted[0] == pytest.approx(np.mean(fit(options).predict(NEW, **how)))
    assert found.se[0] == pytest.approx(np.sqrt((each**2).sum()), rel=2e-5)


def test_moved_predictions_of_a_likelihood_take_off_what_the_class_sizes_vary():
    # V_00 less 1 / N_1 + 1 / N_0: Prentice and Pyke (1979).
    results = WeightedLogit(Y, X).fit(disp=False)
    origin = np.array([[1.0, 0.0, 0.0]])
    found = results.get_prediction(origin, prevalence=0.03)
    less = 1.0 / Y.sum() + 1.0 / (N - Y.sum())
    variance = results.cov_params()[0, 0] - less
    assert found.linpred_se[0] == pytest.approx(np.sqrt(variance), rel=1e-10)


def test_a_fit_that_left_the_class_weights_out_is_moved_like_one_without_them():
    plain = WeightedLogit(Y, X).fit_bias_reduced(disp=False)
    moved = WeightedLogit(Y, X, class_weight={0: 1.0, 1: 5.0}).fit_bias_reduced(disp=False)
    for cov_type in ("nonrobust", "HC1"):
        expected = plain.with_covariance(cov_type).get_prediction(NEW, prevalence=0.03)
        found = moved.with_covariance(cov_type).get_prediction(NEW, prevalence=0.03)
        assert_allclose(found.linpred, expected.linpred, rtol=1e-10)
        assert_allclose(found.se, expected.se, rtol=1e-8)


def test_in_case_control_samples_only_the_constant_varies():
    results = WeightedLogit(Y, X).fit(
        disp=False, cov_type="HC1", cov_kwds={"sampling": "case-control"}
    )
    found = results.get_prediction(NEW[:1], prevalence=0.03)
    variance = NEW[0] @ results.cov_params() @ NEW[0]
    assert found.linpred_se[0] == pytest.approx(np.sqrt(variance), rel=1e-10)


def test_intervals_are_those_of_the_linear_predictor():
    results = fit(MODELS["balanced"])
    frame = results.get_prediction(NEW, which="calibrated").summary_frame(alpha=0.1)
    found = results.get_prediction(NEW, which="calibrated")
    for sign, name in ((-1.0, "ci_lower"), (1.0, "ci_upper")):
        expected = expit(found.linpred + sign * 1.6448536269514722 * found.linpred_se)
        assert_allclose(frame[name], expected, rtol=1e-10)


def test_rows_of_the_model_weigh_by_cases_and_sampling_weights_not_by_class_weights():
    m = RNG.integers(1, 4, N)
    model = WeightedLogit(
        Y, X, freq_weights=m, sampling_weights=A, class_weight={0: 1.0, 1: 5.0}
    ).fit(disp=False)
    p = np.asarray(model.predict(which="calibrated"))
    found = model.get_prediction(which="calibrated", average=True)
    assert found.predicted[0] == pytest.approx(np.average(p, weights=m * A), rel=1e-12)
    known = WeightedLogit(Y, X, prevalence=0.1).fit(disp=False)
    found = known.get_prediction(which="calibrated", average=True)
    mass = np.where(Y == 1, 0.1 / Y.mean(), 0.9 / (1 - Y.mean()))
    assert found.predicted[0] == pytest.approx(np.average(known.predict(), weights=mass))
    # The score equation of the constant.
    assert found.predicted[0] == pytest.approx(0.1)


def test_by_gives_one_average_for_each_level():
    frame = pd.DataFrame({"y": Y, "x": X[:, 1], "g": np.where(A > 1.5, "b", "a")}, index=range(N))
    results = WeightedLogit.from_formula("y ~ x", frame, class_weight="balanced").fit(disp=False)
    together = results.get_prediction(which="calibrated", average=True, by="g").summary_frame()
    assert list(together.index) == ["a", "b"]
    assert together.index.name == "g"
    for level, part in frame.groupby("g"):
        alone = results.get_prediction(part, which="calibrated", average=True).summary_frame()
        assert_allclose(together.loc[level], alone.iloc[0], rtol=1e-10)
    new = results.get_prediction(frame.iloc[:9], which="calibrated", average=True, by="g")
    assert list(new.row_labels) == sorted(frame["g"].iloc[:9].unique())


def test_weights_of_an_average_stay_with_their_rows():
    labels = [f"r{i}" for i in range(N)]
    frame = pd.DataFrame({"y": Y, "x": X[:, 1], "w": A}, index=labels)
    frame.loc["r4", "x"] = np.nan
    results = WeightedLogit.from_formula("y ~ x", frame).fit(disp=False)
    p = results.predict()
    expected = (p * frame["w"][p.index]).mean()
    shuffled = frame["w"].sample(frac=1.0, random_state=1)
    for weights in (frame["w"], shuffled, frame["w"].to_numpy(), "w"):
        found = results.get_prediction(average=True, agg_weights=weights)
        assert found.predicted[0] == pytest.approx(expected, rel=1e-12)
    new = frame.iloc[10:20]
    p = results.predict(new)
    found = results.get_prediction(new, average=True, agg_weights=shuffled[new.index[::-1]])
    assert found.predicted[0] == pytest.approx((p * new["w"]).mean(), rel=1e-12)
    for wrong, message in (
        (np.ones(5), "5 entries"),
        (-frame["w"], "row 'r0' is -"),
        (frame["w"].where(frame.index != "r7"), "row 'r7' is missing"),
    ):
        with pytest.raises(WeightError, match=message):
            results.get_prediction(average=True, agg_weights=wrong)


def test_a_level_without_weight_is_no_level():
    frame = pd.DataFrame({"y": Y, "x": X[:, 1], "w": A, "g": ["c"] + ["a", "b"] * 39 + ["b"]})
    frame.loc[0, "w"] = 0.0
    results = WeightedLogit.from_formula("y ~ x", frame, sampling_weights="w").fit(disp=False)
    found = results.get_prediction(average=True, by="g").summary_frame()
    without = WeightedLogit.from_formula("y ~ x", frame[1:], sampling_weights="w").fit(disp=False)
    expected = without.get_prediction(average=True, by="g").summary_frame()
    pd.testing.assert_frame_equal(found, expected, rtol=1e-10)


def test_levels_must_be_known_for_every_row():
    frame = pd.DataFrame({"y": Y, "x": X[:, 1], "g": ["a", None] + ["b"] * (N - 2)})
    results = WeightedLogit.from_formula("y ~ x", frame).fit(disp=False)
    with pytest.raises(DesignError, match="by is missing in row 1"):
        results.get_prediction(average=True, by="g")
    with pytest.raises(ValueError, match="by="):
        results.get_prediction(by="g")


def test_huge_linear_predictors_have_intervals_without_a_warning():
    results = fit({})
    frame = results.get_prediction(np.array([[1.0, 1e5, 0.0]])).summary_frame()
    assert frame["predicted"].iloc[0] == 1.0
    assert frame[["ci_lower", "ci_upper"]].notna().to_numpy().all()


@pytest.mark.parametrize("bias_reduced", [False, True])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cov_type", ["HC0", "HC3", "linearized", "cluster"])
def test_influences_of_a_fit_add_up_to_its_covariance(model, cov_type, bias_reduced):
    options = {} if cov_type != "cluster" else {"groups": np.arange(N) % 20}
    fitted = WeightedLogit(Y, X, **MODELS[model])
    results = fitted.fit_bias_reduced() if bias_reduced else fitted.fit(disp=False)
    results = results.with_covariance(cov_type, **options)
    joint = influence_covariance(*influences_of(results))
    assert_allclose(joint[:3, :3], results.cov_params(), rtol=1e-9)
    if results.covariance.shift is not None:
        assert_allclose(joint[3], results.covariance.shift, rtol=1e-9, atol=1e-12)
