"""Which rows a classifier and a search work on: left out, labelled, grouped, changed later."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import GroupKFold, PredefinedSplit, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wlogit.formula.api import weighted_logit
from wlogit.sklearn import WeightedLogitClassifier, select_class_weight

N = 300
COLUMNS = ["a", "b"]
GRID = [{0: 1, 1: 1}, {0: 1, 1: 5}]
# The second half is held out first; the rows without weight are among the first.
HALVES = [(np.arange(0, 150), np.arange(150, 300)), (np.arange(150, 300), np.arange(0, 150))]
LEFT_OUT = np.arange(40)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(8)
    data = pd.DataFrame(rng.normal(size=(N, 2)), columns=COLUMNS)
    data["y"] = (rng.random(N) < 1 / (1 + np.exp(0.5 - data["a"] + 0.5 * data["b"]))).astype(int)
    data["w"] = np.exp(rng.normal(size=N) / 2.0)
    data["w0"] = data["w"].where(~data.index.isin(LEFT_OUT), 0.0)
    data["gap"] = data["a"].where(~data.index.isin(LEFT_OUT))
    data["g"] = rng.integers(0, 6, N)
    data.index = [f"r{i}" for i in rng.permutation(N)]
    return data


def areas(data, splits, left_out=LEFT_OUT):
    """Mean AUC of each entry of the grid by scikit-learn alone, without the rows left out."""
    found = []
    for class_weight in GRID:
        folds = []
        for pair in splits:
            train, test = (np.setdiff1d(rows, left_out) for rows in pair)
            model = LogisticRegression(C=1e12, tol=1e-12, max_iter=10000, class_weight=class_weight)
            fit, held = data.iloc[train], data.iloc[test]
            model.fit(fit[COLUMNS], fit["y"], fit["w"])
            score = model.decision_function(held[COLUMNS])
            folds.append(roc_auc_score(held["y"], score, sample_weight=held["w"]))
        found.append(np.mean(folds))
    return found


def searched(data, **options):
    return select_class_weight(
        WeightedLogitClassifier(),
        data[COLUMNS],
        data["y"],
        GRID,
        sample_weight=data["w0"],
        **options,
    )


def modelled(data, formula="y ~ a + b", weights="w0", **options):
    model = weighted_logit(formula, data, sampling_weights=weights)
    return select_class_weight(model, grid=GRID, **options)


SEARCHES = {
    "estimator": searched,
    "model, rows of weight zero": modelled,
    "model, missing rows": lambda data, **options: modelled(
        data, "y ~ gap + b", weights="w", **options
    ),
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_folds_that_name_rows_name_those_of_the_data(search, frame):
    expected = areas(frame, HALVES)
    masks = [tuple(np.isin(np.arange(N), rows) for rows in pair) for pair in HALVES]
    numbered = PredefinedSplit((np.arange(N) < 150).astype(int))
    for cv in (HALVES, iter(HALVES), masks, numbered):
        assert_allclose(search(frame, cv=cv).table["auc"], expected, rtol=1e-6)


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_splitters_that_count_see_the_rows_that_are_left(search, frame):
    kept = np.setdiff1d(np.arange(N), LEFT_OUT)
    splits = [(kept[a], kept[b]) for a, b in TimeSeriesSplit(3).split(kept)]
    found = search(frame, cv=TimeSeriesSplit(3))
    assert_allclose(found.table["auc"], areas(frame, splits), rtol=1e-6)


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_groups_are_those_of_the_rows_as_passed(search, frame):
    kept = np.setdiff1d(np.arange(N), LEFT_OUT)
    groups = frame["g"].to_numpy()
    splits = [(kept[a], kept[b]) for a, b in GroupKFold(3).split(kept, groups=groups[kept])]
    expected = areas(frame, splits)
    assert_allclose(
        search(frame, cv=GroupKFold(3), groups=groups).table["auc"], expected, rtol=1e-6
    )
    if search is not searched:
        shuffled = frame["g"].sample(frac=1.0, random_state=1)
        for given in ("g", shuffled):
            found = search(frame, cv=GroupKFold(3), groups=given)
            assert_allclose(found.table["auc"], expected, rtol=1e-6)


class Halves:
    """A splitter of another package, which may number the rows by what it keeps."""

    def split(self, X, y=None, groups=None):
        yield from HALVES

    def get_n_splits(self, X=None, y=None, groups=None):
        return 2


def test_a_splitter_of_unknown_make_sees_every_row(frame):
    expected = areas(frame, HALVES)
    assert_allclose(searched(frame, cv=Halves()).table["auc"], expected, rtol=1e-6)
    assert_allclose(modelled(frame, cv=Halves()).table["auc"], expected, rtol=1e-6)


def test_a_search_works_where_metadata_are_routed(frame):
    plain = searched(frame, cv=HALVES).table["auc"]
    with sklearn.config_context(enable_metadata_routing=True):
        assert_allclose(searched(frame, cv=HALVES).table["auc"], plain)
        select_class_weight(WeightedLogitClassifier(), frame[COLUMNS], frame["y"], GRID, cv=2)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        found = select_class_weight(
            make_pipeline(scaler, WeightedLogitClassifier()),
            *(frame[COLUMNS], frame["y"], GRID),
            cv=HALVES,
            sample_weight=frame["w0"],
        )
        assert_allclose(found.table["auc"], plain, rtol=1e-6)


def test_a_scorer_sees_the_estimator_and_the_rows_of_its_data(frame):
    def by_first(estimator, X, y, sample_weight=None):
        assert isinstance(estimator, WeightedLogitClassifier)
        assert list(X.columns) == COLUMNS
        return roc_auc_score(y, X["a"], sample_weight=sample_weight)

    held = frame.iloc[150:]
    expected = [
        roc_auc_score(part["y"], part["a"], sample_weight=part["w0"])
        for part in (held, frame.iloc[40:150])
    ]
    assert_allclose(searched(frame, cv=HALVES, scoring=by_first).table["mean"], np.mean(expected))
    made = make_scorer(roc_auc_score, response_method="decision_function")
    assert_allclose(
        searched(frame, cv=HALVES, scoring=made).table["mean"], areas(frame, HALVES), rtol=1e-6
    )


# ------------------------------------------------------------------------------- labels of rows


def of_labels(X, y, weight=None):
    return WeightedLogitClassifier().fit(X, y, weight).coef_


def test_rows_without_labels_of_their_own_go_by_position(frame):
    X, y, w = frame[COLUMNS], frame["y"], frame["w"]
    expected = of_labels(X.to_numpy(), y.to_numpy(), w.to_numpy())
    assert_allclose(of_labels(X, y, w), expected)
    assert_allclose(of_labels(X.to_numpy(), y, w), expected)
    assert_allclose(of_labels(X, y.to_numpy(), w.reset_index(drop=True)), expected)
    assert_allclose(of_labels(X.reset_index(drop=True), y, w), expected)


def test_predictors_of_a_pipeline_have_no_labels(frame):
    shuffled = frame.sample(frac=1.0, random_state=2)
    pipeline = make_pipeline(StandardScaler(), WeightedLogitClassifier())
    found = pipeline.fit(shuffled[COLUMNS], shuffled["y"])
    expected = pipeline.fit(shuffled[COLUMNS].to_numpy(), shuffled["y"].to_numpy())
    assert_allclose(found[-1].coef_, expected[-1].coef_)


# ------------------------------------------------------------------- data that change afterwards


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"fit_intercept": False},
        {"alpha": 0.05, "L1_wt": 0.5},
        {"bias_reduction": "empirical"},
        {"sample_weight_is": "frequency"},
    ],
    ids=str,
)
@pytest.mark.parametrize("labels", [2, 3])
def test_results_are_of_the_data_that_were_fitted(labels, parameters, frame):
    X, weight = frame[COLUMNS].to_numpy(), np.ceil(frame["w"].to_numpy())
    y = frame["y"].to_numpy() + (labels - 2) * (frame["b"].to_numpy() > 0.4)
    if labels == 3 and "bias_reduction" in parameters:
        parameters = {**parameters, "multi_class": "ovr"}

    def numbers(classifier):
        results = classifier.results_
        every = results.values() if isinstance(results, dict) else [results]
        parts = [np.ravel(r.params) for r in every]
        parts += [np.ravel(r.bse) for r in every if hasattr(r, "bse")]
        return np.concatenate(parts)

    expected = numbers(WeightedLogitClassifier(**parameters).fit(X, y, weight))
    mine, weights, outcome = X.copy(), weight.copy(), y.copy()
    classifier = WeightedLogitClassifier(**parameters).fit(mine, outcome, weights)
    mine[:], weights[:], outcome[:] = mine[::-1].copy(), 2.0 * weights, outcome[::-1].copy()
    assert_allclose(numbers(classifier), expected, rtol=1e-9, atol=1e-12)


def test_results_of_penalised_labels_keep_features_that_repeat_others(frame):
    X = frame[COLUMNS].assign(c=frame["a"] - 2.0 * frame["b"])
    y = frame["y"] + (frame["b"] > 0.4)
    classifier = WeightedLogitClassifier(alpha=0.05).fit(X, y)
    results = classifier.results_
    assert_allclose(results.coefs_by_label[["a", "b", "c"]], classifier.coef_, rtol=1e-6)
    assert_allclose(results.predict(), classifier.predict_proba(X), rtol=1e-7)
