"""What a streamed fit has beside its numbers, and what it refuses."""

import pickle
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import FORMULA, KINDS, chunks, data, in_memory, quietly, streamed
from wlogit import (
    ConvergenceWarning,
    DesignError,
    NotAvailableError,
    OutcomeError,
    SeparationError,
    WeightError,
)
from wlogit.datasets import load_endometrial
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit

BY_ROW = (
    *("fittedvalues", "resid_dev", "resid_pearson", "resid_response", "resid_generalized"),
    *("roc", "auc", "brier", "log_loss", "calibration", "pred_table", "augment", "get_influence"),
    *("predict", "get_prediction", "weighting_report", "weighting_test"),
    *("sensitivity", "link_test", "recalibrate", "profile", "precision_recall"),
)


@cache
def balanced():
    return streamed("balanced", 70)


def call(found, name):
    """A property, or a method without arguments."""
    return getattr(found, name)()


@pytest.mark.parametrize("name", BY_ROW)
def test_what_is_known_row_by_row_says_how_to_get_it(name):
    found = balanced()
    with pytest.raises(NotAvailableError, match=r"predict_to_parquet\(path\)"):
        call(found, name)


def test_tests_and_tables_are_those_in_memory():
    found, expected = balanced(), in_memory("balanced")
    assert_allclose(found.conf_int(), expected.conf_int(), rtol=1e-9)
    assert_allclose(found.tidy().iloc[:, 1:], expected.tidy().iloc[:, 1:], rtol=1e-8)
    assert_allclose(found.t_test("x = 0.3").pvalue, expected.t_test("x = 0.3").pvalue, rtol=1e-8)
    ours, theirs = (fit.wald_test("x = 0.3", scalar=True).pvalue for fit in (found, expected))
    assert_allclose(ours, theirs, rtol=1e-8)
    ours, theirs = (fit.wald_test_terms(scalar=True).table for fit in (found, expected))
    assert_allclose(ours["pvalue"].astype(float), theirs["pvalue"].astype(float), rtol=1e-7)
    for kind in ("cox_snell", "nagelkerke"):
        assert found.pseudo_rsquared(kind) == pytest.approx(expected.pseudo_rsquared(kind))
    assert found.to_dict()["covariance"]["cov_type"] == "HC3"
    assert found.glance()["nobs"].item() == expected.glance()["nobs"].item()


def test_the_summary_says_the_same_of_the_same_fit():
    found, expected = (str(fit.summary().tables[1]) for fit in (balanced(), in_memory("balanced")))
    assert found == expected
    notes = " ".join(balanced().summary().as_text().split())
    assert "scores centered within class because the class weights are estimated" in notes
    assert "9 rows left out for missing values" in notes
    assert "weighting_report" not in notes


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("balanced", {"which": "calibrated"}),
        ("balanced", {"prevalence": 0.02}),
        ("offset", {}),
        ("transforms", {"which": "linear"}),
    ],
)
def test_new_rows_are_predicted_as_in_memory(kind, options):
    new = data().iloc[5:60]
    found, expected = streamed(kind, 70), in_memory(kind)
    assert_allclose(found.predict(new, **options), expected.predict(new, **options), rtol=1e-9)
    ours, theirs = (fit.get_prediction(new).summary_frame() for fit in (found, expected))
    assert_allclose(ours, theirs, rtol=1e-8)


def test_predictions_of_all_rows_go_to_a_file(tmp_path):
    pytest.importorskip("pyarrow")
    frame = data()
    path = tmp_path / "predicted.parquet"
    assert balanced().predict_to_parquet(path, keep=["firm", "y"], chunk_rows=31) == len(frame)
    written = pd.read_parquet(path)
    assert list(written) == ["firm", "y", "predicted"]
    assert_allclose(written["firm"], frame["firm"])
    expected = in_memory("balanced").predict(frame)
    assert_allclose(written["predicted"], expected, rtol=1e-9)
    assert written["predicted"].isna().sum() == 9
    found = streamed("offset", 60)
    found.predict_to_parquet(path, chunks(50, frame.iloc[:80]), which="linear")
    expected = in_memory("offset").predict(frame.iloc[:80], which="linear")
    assert_allclose(pd.read_parquet(path)["predicted"], expected, rtol=1e-9)
    assert [file.name for file in tmp_path.iterdir()] == ["predicted.parquet"]


def test_a_file_that_fails_leaves_the_one_before(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "predicted.parquet"
    path.write_bytes(b"before")
    unseen = data().assign(g=["b"] * 200 + ["new"] * 40)
    with pytest.raises(DesignError, match="'new'"):
        balanced().predict_to_parquet(path, chunks(50, unseen))
    assert path.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(DesignError, match="no column 'nothing'"):
        balanced().predict_to_parquet(path, keep=["nothing"])
    with pytest.raises(DesignError, match="the name of the predictions"):
        balanced().predict_to_parquet(path, keep=["predicted"])


def test_separation_is_named():
    frame = load_endometrial()
    model = StreamedLogit.from_formula("HG ~ NV + PI + EH", chunks(20, frame))
    expected = weighted_logit("HG ~ NV + PI + EH", frame).check_separation()
    found = model.check_separation()
    assert (found.kind, found.directions) == (expected.kind, expected.directions)
    with pytest.raises(SeparationError, match=r"quasi-complete separation.*NV to \+infinity"):
        model.fit(disp=False)


def test_complete_separation_by_a_combination():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(400, 2)), columns=["a", "b"])
    frame["y"] = (frame["a"] - 2 * frame["b"] + 0.3 > 0).astype(int)
    model = StreamedLogit.from_formula("y ~ a + b", chunks(90, frame))
    assert model.check_separation().kind == "complete"
    with pytest.raises(SeparationError, match="complete separation"):
        model.fit(disp=False)
    # One row on the other side leaves no room.
    frame.loc[399] = [5.0, -5.0, 0]
    model = StreamedLogit.from_formula("y ~ a + b", chunks(90, frame))
    assert not model.check_separation().separated
    expected = weighted_logit("y ~ a + b", frame).fit(disp=False)
    assert_allclose(model.fit(disp=False).params, expected.params, rtol=1e-8)


def test_aliased_columns_are_named():
    with pytest.raises(DesignError, match=r"I\(2 \* x - 1\) = -1 Intercept \+ 2 x"):
        StreamedLogit.from_formula("y ~ x + I(2 * x - 1)", chunks(40))
    with pytest.raises(DesignError, match="rank deficient"):
        StreamedLogit.from_formula("y ~ x + I(0 * far)", chunks(40))


def test_too_few_iterations_give_no_standard_errors():
    model = StreamedLogit.from_formula(FORMULA, chunks(60))
    with pytest.warns(ConvergenceWarning, match="maxiter=0"):
        found = model.fit(np.ones(6), maxiter=0, disp=False)
    assert np.isnan(found.bse).all()


def test_a_fit_of_files_is_pickled_with_its_source(tmp_path):
    pytest.importorskip("pyarrow")
    data().to_parquet(tmp_path / "all.parquet")
    model = StreamedLogit.from_formula(FORMULA, tmp_path / "all.parquet", class_weight="balanced")
    found = pickle.loads(pickle.dumps(quietly(model.fit)))
    assert_allclose(found.cov_HC0, in_memory("balanced").cov_HC0, rtol=1e-8)
    assert str(found.summary())


def test_a_fit_of_a_function_is_pickled_without_it():
    found = pickle.loads(pickle.dumps(balanced()))
    assert_allclose(found.bse, in_memory("balanced").bse, rtol=1e-9)
    with pytest.raises(NotAvailableError, match="source of this fit is gone"):
        found.with_covariance("HC0")


def test_remove_data_forgets_the_source():
    found = streamed("balanced", 70)
    found.remove_data()
    assert str(found.summary())
    with pytest.raises(NotAvailableError, match="source of this fit is gone"):
        found.with_covariance("HC1")
    assert_allclose(found.predict(data().iloc[:9]), in_memory("balanced").predict(data().iloc[:9]))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"freq_weights": "nothing"}, DesignError, "not a column of the source"),
        ({"sampling_weights": np.ones(240)}, DesignError, "name of a column"),
        ({"cluster": "nothing"}, DesignError, "not a column of the source"),
        ({"weights": "a"}, TypeError, "weights"),
        ({"chunk_rows": 0}, ValueError, "positive whole number"),
        ({"missing": "keep"}, ValueError, "missing"),
        ({"class_weight": "balanced", "prevalence": 0.1}, WeightError, "give one of them"),
        ({"class_weight": {0: 1.0}}, WeightError, "no weight for the label 1"),
        ({"event": "win"}, OutcomeError, "'win' is not a label"),
    ],
)
def test_options_are_checked(options, error, words):
    with pytest.raises(error, match=words):
        StreamedLogit.from_formula(FORMULA, chunks(60), **options)


def test_weights_of_zero_are_refused_as_in_memory():
    frame = data().assign(m=0)
    with pytest.raises(WeightError, match="freq_weights are all zero"):
        StreamedLogit.from_formula(FORMULA, chunks(60, frame), freq_weights="m")
    frame = data().assign(m=lambda d: 1 - d["y"])
    with pytest.raises(OutcomeError, match="every row with 1 has weight zero"):
        StreamedLogit.from_formula(FORMULA, chunks(60, frame), freq_weights="m")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["a", "b", "c"], "3 labels"),
        (["a", "a", "a"], "only the label 'a'"),
        ([None, None, None], "every row is missing"),
    ],
)
def test_an_outcome_without_two_labels(values, words):
    frame = data().assign(label=np.array(values * 80, dtype=object))
    with pytest.raises((OutcomeError, DesignError), match=words):
        StreamedLogit.from_formula("label ~ far", chunks(60, frame))


def test_clusters_by_name_only_and_of_simple_kinds():
    found = balanced()
    with pytest.raises(DesignError, match="name of a column"):
        found.with_covariance("cluster", groups=np.arange(240))
    with pytest.raises(NotAvailableError, match="reads them in chunks"):
        found.with_covariance("cluster", groups="firm", kind="CR3")
    frame = data().assign(one="same")
    model = StreamedLogit.from_formula(FORMULA, chunks(60, frame))
    with pytest.raises(DesignError, match="need at least two"):
        model.fit(disp=False, cov_type="cluster", cov_kwds={"groups": "one"})


def test_what_a_streamed_model_has_not():
    model = balanced().model
    for name in ("fit_regularized", "fit_constrained", "loglikeobs", "score_obs"):
        with pytest.raises(NotAvailableError, match="streamed fit"):
            getattr(model, name)(np.zeros(6))
    with pytest.raises(ValueError, match="bfgs"):
        model.fit(method="bfgs")
    assert KINDS


def test_a_summary_says_what_few_clusters_mean_and_what_needs_memory():
    found, expected = streamed("product", 70), in_memory("product")
    cluster = {"cov_type": "cluster", "groups": "firm"}
    found, expected = found.with_covariance(**cluster), expected.with_covariance(**cluster)
    worth = expected.covariance.equal_clusters
    assert_allclose(found.covariance.equal_clusters, worth, rtol=1e-12)
    said = " ".join(found.summary().content.notes)
    assert "clusters are few: in simulations" in said
    assert 'those of kind="CR2", which needs a fit in memory, in' in said
    assert 'take kind="CR2"' in " ".join(expected.summary().content.notes)
