"""Fits under replicate weights and bootstraps of fits."""

import copy
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.unit.replicates.resampled import (
    BOOT,
    DATA,
    booted,
    estimates,
    fit,
    model,
    sample,
    survey,
    towns,
    with_factors,
)
from wlogit import (
    InferenceWarning,
    ReplicateDesign,
    _optional,
    estimation,
)

# ------------------------------------------------------------------------------------ jackknifes


def test_the_jackknife_approaches_linearization():
    apart = []
    for n in (400, 6400):
        frame = sample(n)
        linear = fit(frame=frame, design=survey(frame))
        replicated = fit(frame=frame, design=survey(frame).to_replicates("JKn"))
        apart.append(np.abs(replicated.bse / linear.bse - 1.0).max())
    assert apart[0] < 0.05
    assert apart[1] < apart[0] / 5.0


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}])
def test_linearized_replicates_of_a_jackknife_are_linearization(options):
    linear = fit(design=survey(), **options)
    replicated = fit(design=survey().to_replicates("JKn"), **options)
    for statistic in (
        lambda r: r.get_margeff(vce="unconditional").margeff_se,
        lambda r: r.score_test(exog_extra=DATA[["m"]].to_numpy()).statistic,
    ):
        assert_allclose(statistic(replicated), statistic(linear), rtol=1e-9)


def test_class_weights_are_computed_anew_and_the_calibrated_intercept_knows_it():
    design = survey().to_replicates("JKn")
    results = fit(design=design, class_weight="balanced")
    weights = design.replicate_weights
    events = DATA["y"].to_numpy() == 1
    odds = weights[events].sum(axis=0) / weights[~events].sum(axis=0)
    calibrated = estimates(results).copy()
    calibrated[:, 0] += np.log(odds)  # minus log(c1 / c0)
    expected = design.rule.covariance(calibrated, np.asarray(results.calibrated().params))
    assert_allclose(results.calibrated().cov_params(), expected, rtol=1e-9)
    fixed = results.with_covariance("replicate", class_weights="fixed")
    assert fixed.bse.iloc[0] > 1.5 * results.bse.iloc[0]
    assert "class weights computed anew in each" in results.cov_kwds["description"]


def test_degrees_of_freedom_are_those_asked_for():
    design = survey().to_replicates("JKn")
    results = fit(design=design)
    assert results.use_t
    assert results.df_resid_inference == design.df + 1 - 3
    plain = results.with_covariance("replicate", df="design")
    assert plain.df_resid_inference == design.df
    assert not results.with_covariance("HC3").use_t


def test_few_resamples_have_few_degrees_of_freedom():
    results = fit(design=survey())
    with pytest.warns(InferenceWarning, match="3 replicates for 3 coefficients"):
        few = results.with_covariance("bootstrap", n_boot=3, seed=1)
    assert few.df_resid_inference == 2
    assert "2 degrees of freedom" in few.cov_kwds["description"]
    assert "no more than the replicates less one" in few.cov_kwds["description"]
    many = results.with_covariance("bootstrap", n_boot=60, seed=1)
    assert many.df_resid_inference == results.df_resid_inference < 59
    assert "no more" not in many.cov_kwds["description"]


def test_results_outlive_their_data_and_are_copied():
    results = fit(design=survey().to_replicates("JKn"))
    expected = results.bse.copy()
    for other in (copy.deepcopy(results), pickle.loads(pickle.dumps(results))):
        assert_allclose(other.bse, expected)
    results.remove_data()
    assert_allclose(results.bse, expected)
    assert "stratified jackknife (JKn)" in " ".join(results.summary().as_text().split())


def test_constrained_fits_are_refitted_under_their_constraints():
    design = survey().to_replicates("JKn")
    results = model(design=design).fit_constrained("x = 2 * z + 1", disp=False)
    found = estimates(results)
    assert_allclose(found[:, 1], 2.0 * found[:, 2] + 1.0, rtol=1e-9)
    alone = model(sampling_weights=design.replicate_weights[:, 6])
    assert_allclose(found[6], alone.fit_constrained("x = 2 * z + 1", disp=False).params, rtol=1e-8)
    again = results.with_covariance("replicate", df="design")
    assert_allclose(again.bse, results.bse, rtol=1e-8)


def test_constrained_bootstraps_tell_the_seed_that_they_used():
    constrained = {"disp": False, "cov_type": "bootstrap", "cov_kwds": {"n_boot": 15}}
    results = model().fit_constrained("x = 0.5", **constrained)
    again = results.with_covariance("bootstrap", n_boot=15, seed=results.cov_kwds["seed"])
    assert_allclose(again.cov_params(), results.cov_params(), rtol=1e-8, atol=1e-18)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("mean", {}),
        ("median", {"freq_weights": "m"}),
        ("mean", {"class_weight": "balanced"}),
        ("empirical", {"sampling_weights": "w"}),
        ("king-zeng", {"prevalence": 0.02}),
    ],
)
def test_bias_reduced_estimates_are_reduced_in_every_replicate(kind, options):
    plain = model(**options)
    results = plain.fit_bias_reduced(kind, disp=False, cov_type="bootstrap", cov_kwds=BOOT)
    estimator = results._results
    found, source = estimates(results), bootstrap_of(estimator)
    for r in (0, 39):
        counts = source[r]
        kept = np.flatnonzero(counts)
        given = {k: v for k, v in options.items() if k != "freq_weights"}
        repeated = DATA.iloc[np.repeat(kept, counts[kept].astype(int))].reset_index(drop=True)
        alone = model(frame=repeated, **given).fit_bias_reduced(kind, disp=False, cov_type="HC0")
        assert_allclose(found[r], alone.params, rtol=1e-6)


def bootstrap_of(results):
    """How often each row was drawn, one array for each resample."""
    request = results.request
    sampled = estimation.sampled_for(results.model, request)
    source = request.estimator(results.model.weights, sampled).source
    (strand,) = source.strands(slice(0, source.n_replicates))
    return strand.table.T


def test_bias_reduced_fits_work_under_replicate_designs():
    design = survey().to_replicates("JKn")
    results = model(design=design).fit_bias_reduced("empirical", disp=False)
    assert results.cov_type == "replicate"
    alone = model(sampling_weights=design.replicate_weights[:, 3])
    expected = alone.fit_bias_reduced("empirical", disp=False).params
    assert_allclose(estimates(results)[3], expected, rtol=1e-6)


# --------------------------------------------------------------------------------------- progress


class Bar:
    def __init__(self, total, desc):
        self.total, self.desc, self.done = total, desc, 0
        Bar.last = self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def update(self):
        self.done += 1


def test_a_progress_bar_advances_with_every_refit(monkeypatch):
    monkeypatch.setattr(
        "wlogit.reporting.progress.require", lambda *a, **k: SimpleNamespace(tqdm=Bar)
    )
    booted(cov_kwds={"progress": True})
    assert Bar.last.total == Bar.last.done == 40
    assert "bootstrap" in Bar.last.desc
    design = survey().to_replicates("JKn")
    fit(design=design, cov_kwds={"progress": True})
    assert Bar.last.total == Bar.last.done == design.n_replicates
    model().fit_bias_reduced(
        disp=False, cov_type="bootstrap", cov_kwds={"n_boot": 7, "progress": True}
    )
    assert Bar.last.total == Bar.last.done == 7


def test_without_tqdm_it_is_said_what_to_install(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(_optional, "import_module", absent)
    with pytest.raises(ImportError, match=r"wlogit\[progress\]"):
        booted(cov_kwds={"progress": True})


# -------------------------------------------------------------------------- intercepts that moved


@pytest.mark.parametrize("mse", [False, True])
@pytest.mark.parametrize("classes", [{}, {"class_weight": "balanced"}])
@pytest.mark.parametrize("target", [None, 0.2])
def test_a_new_intercept_is_solved_in_every_replicate(target, classes, mse):
    design = survey().to_replicates("JKn", mse=mse)
    fitted = fit(design=design, **classes)
    moved = fitted.recalibrate(target)
    anew = []
    for weights in design.replicate_weights.T:
        kept = DATA.assign(own=weights)[weights > 0.0]
        refit = fit(frame=kept, sampling_weights="own", cov_type="HC0", **classes)
        anew.append(refit.recalibrate(target).params)
    apart = np.array(anew) - (moved.params.to_numpy() if mse else np.mean(anew, axis=0))
    expected = (apart.T * design.rscales) @ apart
    assert_allclose(moved.cov_params(), expected, rtol=1e-6, atol=1e-12)
    assert_allclose(moved.bse[1:], fitted.bse[1:], rtol=1e-12)
    assert_allclose(estimates(moved), anew, rtol=1e-6)


@pytest.mark.parametrize("options", [{}, {"design": True}, {"sampling_weights": "w"}])
def test_a_new_intercept_keeps_what_a_bootstrap_says_of_the_slopes(options):
    options = {**options, "design": survey()} if "design" in options else options
    fitted = booted(class_weight={0: 1, 1: 3}, **options)
    moved = fitted.recalibrate()
    assert_allclose(moved.bse[1:], fitted.bse[1:], rtol=1e-12)
    drawn = estimates(fitted)
    assert_allclose(estimates(moved)[:, 1:], drawn[:, 1:])
    assert_allclose(moved.bse, np.std(estimates(moved), axis=0, ddof=1), rtol=1e-10)
    near = fitted.with_covariance("linearized" if options else "HC0").recalibrate().bse
    assert_allclose(moved.bse, near, rtol=0.6)


def test_replicates_without_an_estimate_have_no_intercept_either():
    frame = towns()
    table = np.random.default_rng(1).poisson(1.0, (7, 5)).astype(float)
    table[0] = 1.0
    table[5] = [0.0, 0.0, 0.0, 1.0, 0.0]  # events only
    with pytest.warns(InferenceWarning, match="have no estimate"):
        results = fit("y ~ x", frame, design=with_factors(table, frame))
    moved = results.recalibrate()
    assert_allclose(moved.bse["x"], results.bse["x"], rtol=1e-12)
    assert np.isnan(estimates(moved)[5]).all()


@pytest.mark.parametrize("classes", [{}, {"class_weight": {0: 1, 1: 3}}])
def test_predictions_at_a_prevalence_know_the_share_of_events_in_every_replicate(classes):
    design, new = survey().to_replicates("JKn"), DATA.iloc[:3]
    frame = fit(design=design, **classes).get_prediction(new, prevalence=0.1).summary_frame()
    anew = []
    for weights in design.replicate_weights.T:
        kept = DATA.assign(own=weights)[weights > 0.0]
        refit = fit(frame=kept, sampling_weights="own", cov_type="HC0", **classes)
        p = refit.predict(new, prevalence=0.1)
        anew.append(np.log(p / (1.0 - p)))
    apart = np.array(anew) - np.mean(anew, axis=0)
    p = frame["predicted"].to_numpy()
    expected = np.sqrt(design.rscales @ apart**2) * p * (1.0 - p)
    assert_allclose(frame["se"], expected, rtol=1e-6)


def test_new_rows_find_the_weights_that_the_design_was_made_from():
    replicated = fit(design=survey().to_replicates("JKn"))
    auc = str(replicated.evaluate(DATA).auc())
    assert auc == str(fit(design=survey()).evaluate(DATA).auc())


def test_mean_residuals_after_a_bootstrap_of_clusters_are_those_of_clusters():
    drawn = booted(sampling_weights="w", cov_kwds={"groups": "town"})
    clustered = drawn.with_covariance("cluster", groups="town", kind="CR0")
    one, other = (r.gof_test("archer-lemeshow", groups=5) for r in (drawn, clustered))
    assert_allclose([one.statistic, one.ddf], [other.statistic, other.ddf])


# ---------------------------------------------------------------------- fits without the weights


def spread_without_weights(design):
    """Covariance by fits under the factors of the replicates alone."""
    anew = []
    for factors in (design.replicate_weights / design.sampling_weights[:, np.newaxis]).T:
        kept = DATA.assign(own=factors)[factors > 0.0]
        anew.append(fit(frame=kept, sampling_weights="own", cov_type="HC0").params)
    apart = np.array(anew) - np.mean(anew, axis=0)
    return design.scale * (apart.T * design.rscales) @ apart


@pytest.mark.parametrize("kind", ["JKn", "weights", "bootstrap"])
def test_a_report_compares_with_replicates_of_the_fit_without_weights(kind):
    made = "subbootstrap" if kind == "bootstrap" else "JKn"
    drawn = {"n_replicates": BOOT["n_boot"], "seed": BOOT["seed"]} if kind == "bootstrap" else {}
    design = survey().to_replicates(made, **drawn)
    if kind == "bootstrap":
        results = booted(design=survey())
    elif kind == "weights":
        given = ReplicateDesign(
            weights=DATA["w"],
            replicate_weights=design.replicate_weights,
            kind="JKn",
            rscales=design.rscales,
        )
        results = fit(design=given)
    else:
        results = fit(design=design)
    frame = results.weighting_report().frame
    errors = np.sqrt(np.diag(spread_without_weights(design)))
    assert_allclose(frame["se"], results.bse, rtol=1e-12)
    assert_allclose(frame["se_unweighted"], errors, rtol=1e-6)


@pytest.mark.parametrize("keywords", [{}, {"groups": "town"}])
def test_a_report_after_a_bootstrap_draws_the_same_cases_for_both_fits(keywords):
    frame = booted(sampling_weights="w", cov_kwds=keywords).weighting_report().frame
    assert_allclose(frame["se_unweighted"], booted(cov_kwds=keywords).bse, rtol=1e-7)
