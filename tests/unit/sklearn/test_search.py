"""Search over class weights: scikit-learn's numbers, and what it says beside them."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wlogit import ConvergenceWarning, WeightedLogit
from wlogit.formula.api import weighted_logit
from wlogit.sklearn import WeightedLogitClassifier, select_class_weight

GRID = [None, "balanced", {"no": 1, "yes": 20}]
FOLDS = StratifiedKFold(4, shuffle=True, random_state=3)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(11)
    n = 600
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    event = rng.random(n) < 1 / (1 + np.exp(2.0 - X["a"] + 0.5 * X["b"]))
    y = pd.Series(np.where(event, "yes", "no"), name="y")
    return X, y, rng.integers(1, 4, n).astype(float)


def by_hand(X, y, weight, class_weight, logit=None):
    """Mean measures over the folds, from scikit-learn alone."""
    rows = []
    for train, test in FOLDS.split(X, y):
        model = logit or LogisticRegression(C=1e12, tol=1e-10, max_iter=5000)
        model.set_params(class_weight=class_weight).fit(X.iloc[train], y[train], weight[train])
        proba = model.predict_proba(X.iloc[test])[:, 1]
        events = (y[test] == "yes").to_numpy()
        shares = {label: weight[train][y[train] == label].sum() for label in ("no", "yes")}
        factor = {"no": 1.0, "yes": 1.0}
        if class_weight == "balanced":
            factor = {label: 1.0 / share for label, share in shares.items()}
        elif class_weight:
            factor = class_weight
        odds = proba / (1 - proba) * factor["no"] / factor["yes"]
        calibrated = odds / (1 + odds)
        keywords = {"sample_weight": weight[test]}
        rows.append(
            {
                "auc": roc_auc_score(events, proba, **keywords),
                "brier": brier_score_loss(events, proba, **keywords),
                "brier_calibrated": brier_score_loss(events, calibrated, **keywords),
                "log_loss": log_loss(events, proba, **keywords),
                "log_loss_calibrated": log_loss(events, calibrated, **keywords),
                "mean_probability": np.average(proba, weights=weight[test]),
                "mean_probability_calibrated": np.average(calibrated, weights=weight[test]),
            }
        )
    return pd.DataFrame(rows).mean()


@pytest.mark.parametrize("weighted", [False, True])
def test_every_measure_by_hand(weighted, data):
    X, y, weight = data
    given = weight if weighted else None
    search = select_class_weight(
        WeightedLogitClassifier(), X, y, GRID, cv=FOLDS, sample_weight=given
    )
    for row, class_weight in enumerate(GRID):
        used = weight if weighted else np.ones(len(y))
        expected = by_hand(X, y, used, class_weight)
        assert_allclose(
            search.table.loc[row, expected.index].astype(float), expected, rtol=1e-5, err_msg=row
        )
    assert_allclose(search.table["mean"], search.table["auc"])


@pytest.mark.parametrize("scoring", ["neg_brier_score", "balanced_accuracy", "roc_auc"])
def test_the_score_is_that_of_a_grid_search(scoring, data):
    X, y, _ = data
    if scoring == "neg_brier_score":
        y = (y == "yes").astype(int)
    grid = [None, "balanced", {label: 1 + 9 * (label in (1, "yes")) for label in set(y)}]
    ours = select_class_weight(WeightedLogitClassifier(), X, y, grid, scoring, FOLDS)
    theirs = GridSearchCV(
        WeightedLogitClassifier(), {"class_weight": grid}, scoring=scoring, cv=FOLDS
    ).fit(X, y)
    assert_allclose(ours.table["mean"], theirs.cv_results_["mean_test_score"], rtol=1e-7)
    assert_allclose(ours.table["std"], theirs.cv_results_["std_test_score"], rtol=1e-5)
    assert ours.best_class_weight == theirs.best_params_["class_weight"]
    assert ours.best_score == pytest.approx(theirs.best_score_)
    expected = theirs.best_estimator_.results_
    assert_allclose(ours.best_results.bse, expected.bse, rtol=1e-7)


def test_the_default_grid_is_by_label(data):
    X, y, _ = data
    search = select_class_weight(WeightedLogitClassifier(), X, y, cv=3)
    assert search.table["class_weight"].tolist() == [
        {"no": 100, "yes": 1},
        {"no": 10, "yes": 1},
        {"no": 1, "yes": 1},
        {"no": 1, "yes": 10},
        {"no": 1, "yes": 100},
    ]
    assert search.n_splits == 3
    assert search.share == pytest.approx((y == "yes").mean())


def test_folds_are_no_more_than_the_rarer_class_has_rows(data):
    X, y, _ = data
    few = np.flatnonzero(y == "yes")[:4]
    rows = np.concatenate([few, np.flatnonzero(y == "no")[:60]])
    search = select_class_weight(
        WeightedLogitClassifier(alpha=0.1), X.iloc[rows], y.iloc[rows], [None]
    )
    assert search.n_splits == 12


def test_a_pipeline_is_searched_like_its_classifier(data):
    X, y, weight = data
    pipeline = make_pipeline(StandardScaler(), WeightedLogitClassifier())
    scaled = select_class_weight(pipeline, X, y, GRID, cv=FOLDS, sample_weight=weight)
    plain = select_class_weight(
        WeightedLogitClassifier(), X, y, GRID, cv=FOLDS, sample_weight=weight
    )
    numbers = scaled.table.columns.drop("class_weight")
    assert_allclose(
        scaled.table[numbers].astype(float), plain.table[numbers].astype(float), rtol=1e-6
    )
    assert scaled.best_estimator.steps[-1][1].class_weight == scaled.best_class_weight


def test_a_calibrated_classifier_is_scored_as_it_predicts(data):
    X, y, _ = data
    search = select_class_weight(WeightedLogitClassifier(calibrated=True), X, y, GRID, cv=FOLDS)
    assert_allclose(search.table["brier"], search.table["brier_calibrated"])
    plain = select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=FOLDS)
    assert_allclose(search.table["brier"], plain.table["brier_calibrated"], rtol=1e-7)


@pytest.mark.parametrize("kind", ["sampling", "frequency"])
def test_a_model_is_searched_with_its_own_weights(kind, data):
    X, y, weight = data
    frame = X.assign(y=y, w=weight)
    name = "freq_weights" if kind == "frequency" else "sampling_weights"
    model = weighted_logit("y ~ a + b", frame, class_weight="balanced", **{name: "w"})
    ours = select_class_weight(model, grid=GRID, cv=FOLDS)
    theirs = select_class_weight(
        WeightedLogitClassifier(sample_weight_is=kind), X, y, GRID, cv=FOLDS, sample_weight=weight
    )
    numbers = theirs.table.columns.drop("class_weight")
    assert_allclose(
        ours.table[numbers].astype(float), theirs.table[numbers].astype(float), rtol=1e-6
    )
    assert_allclose(ours.best_results.params, theirs.best_results.params, rtol=1e-8)
    assert_allclose(ours.best_results.bse, theirs.best_results.bse, rtol=1e-8)
    assert ours.best_results.predict(frame.head(2)).shape == (2,)
    best = weighted_logit("y ~ a + b", frame, class_weight=ours.best_class_weight, **{name: "w"})
    direct = best.fit(disp=False)
    assert ours.best_results.weights.kind == direct.weights.kind
    assert_allclose(ours.best_results.bse, direct.bse, rtol=1e-8)
    again = type(model)(
        ours.best_results.model.endog,
        ours.best_results.model.exog,
        **ours.best_results.model._get_init_kwds(),
    ).fit(disp=False)
    assert_allclose(again.bse, direct.bse, rtol=1e-8)


def test_an_offset_stays_with_its_rows(data):
    X, y, _ = data
    offset = 0.5 * X["a"].to_numpy()
    design = np.column_stack([np.ones(len(y)), X])
    model = WeightedLogit(y, design, offset=offset)
    search = select_class_weight(model, grid=[None, "balanced"], cv=FOLDS)
    plain = select_class_weight(WeightedLogit(y, design), grid=[None, "balanced"], cv=FOLDS)
    numbers = plain.table.columns.drop("class_weight")
    # The offset is a multiple of a column, which only moves its coefficient.
    assert_allclose(
        search.table[numbers].astype(float), plain.table[numbers].astype(float), rtol=1e-6
    )


def test_rows_of_weight_zero_have_no_part(data):
    X, y, weight = data
    weight = np.where(np.arange(len(y)) % 3 == 0, 0.0, weight)
    kept = weight > 0
    all_rows = select_class_weight(
        WeightedLogitClassifier(), X, y, GRID, cv=3, sample_weight=weight
    )
    model = WeightedLogit(y, np.column_stack([np.ones(len(y)), X]), sampling_weights=weight)
    others = (
        select_class_weight(model, grid=GRID, cv=3),
        select_class_weight(
            WeightedLogitClassifier(), X[kept], y[kept], GRID, cv=3, sample_weight=weight[kept]
        ),
    )
    numbers = all_rows.table.columns.drop("class_weight")
    for other in others:
        assert_allclose(
            other.table[numbers].astype(float), all_rows.table[numbers].astype(float), rtol=1e-6
        )
        assert other.share == pytest.approx(all_rows.share)


def test_groups_stay_together(data):
    X, y, _ = data
    groups = np.arange(len(y)) // 10
    search = select_class_weight(
        WeightedLogitClassifier(), X, y, [None], cv=GroupKFold(3), groups=groups
    )
    assert search.n_splits == 3


def test_processes_give_the_same_numbers(data):
    X, y, _ = data
    alone = select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=FOLDS)
    two = select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=FOLDS, n_jobs=2)
    numbers = alone.table.columns.drop("class_weight")
    assert_allclose(two.table[numbers].astype(float), alone.table[numbers].astype(float), rtol=1e-7)


def test_what_is_printed(data):
    X, y, _ = data
    search = select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=FOLDS)
    said = str(search)
    assert said.startswith(f"Best: {search.best_score:f} using {{'class_weight': ")
    for mean, std, weight in zip(search.table["mean"], search.table["std"], GRID, strict=True):
        assert f"{mean:f} ({std:f}) with: {{'class_weight': {weight!r}}}" in said
    assert "Ranking hardly depends on the class weights: AUC 0.7" in said
    assert "calibration does: predicted shares" in said
    assert f"where {search.share:.3f} is observed" in said


def test_the_figure(data):
    X, y, _ = data
    search = select_class_weight(WeightedLogitClassifier(), X, y, GRID, cv=FOLDS)
    ax = search.plot()
    right = next(other for other in ax.figure.axes if other.get_ylabel() == "Brier score")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1:1", "balanced", "1:20"]
    assert_allclose(right.lines[0].get_ydata(), search.table["brier"])
    assert_allclose(right.lines[1].get_ydata(), search.table["brier_calibrated"])
    assert search.plot(ax) is ax


def test_a_training_fit_without_an_optimum_is_said():
    x = np.concatenate([np.linspace(-2, -0.1, 20), [0.3], np.linspace(0.1, 2, 20)])
    y = np.concatenate([np.zeros(20), [0], np.ones(20)]).astype(int)
    model = WeightedLogit(y, np.column_stack([np.ones(41), x]))
    folds = [
        (np.flatnonzero(np.arange(41) % 4 != part), np.flatnonzero(np.arange(41) % 4 == part))
        for part in range(4)
    ]
    with pytest.warns(ConvergenceWarning, match=r"1 of 4 training fits"):
        select_class_weight(model, grid=[None], cv=folds)
