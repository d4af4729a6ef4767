"""Penalty paths: their grid, what they hold, what cross-validation chooses, how they are shown."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import rel_entr

from wlogit import ConvergenceWarning, NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit

RNG = np.random.default_rng(12)
N, K = 150, 8
X = pd.DataFrame(RNG.normal(size=(N, K)), columns=[f"x{j}" for j in range(1, K + 1)])
X.insert(0, "const", 1.0)
Y = pd.Series((RNG.random(N) < 1 / (1 + np.exp(0.8 - X["x1"] + 0.7 * X["x2"]))) * 1, name="y")
W = pd.Series(np.round(RNG.exponential(size=N), 2) + 0.01)


def model(**options):
    return WeightedLogit(Y, X, **options)


@pytest.fixture(scope="module")
def path():
    return model(class_weight="balanced").fit_regularized_path(cv=5, seed=4, n_alphas=30)


# ------------------------------------------------------------------------------------ the grid


@pytest.mark.parametrize("L1_wt", [1.0, 0.3])
@pytest.mark.parametrize("standardize", [False, True])
def test_the_grid_starts_where_the_first_coefficient_leaves_zero(L1_wt, standardize):
    options = {"L1_wt": L1_wt, "standardize": standardize}
    weighted = model(sampling_weights=W, offset=0.1 * X["x8"])
    largest = weighted.fit_regularized_path(n_alphas=5, **options).alphas[0]
    around = weighted.fit_regularized_path([1.0001 * largest, 0.999 * largest], **options)
    assert_array_equal(around.table["n_nonzero"], [0, 1])


def test_the_start_of_ridge_is_that_of_a_thousandth_of_lasso():
    """Of glmnet: ridge has no alpha at which all coefficients are zero."""
    lasso, ridge = (model().fit_regularized_path(n_alphas=3, L1_wt=w).alphas[0] for w in (1, 0))
    assert ridge == pytest.approx(1000 * lasso, rel=1e-12)


def test_the_grid_is_even_on_the_log_scale():
    alphas = model().fit_regularized_path(n_alphas=12, alpha_min_ratio=0.01).alphas
    assert alphas[-1] == pytest.approx(0.01 * alphas[0])
    assert_allclose(np.diff(np.log(alphas)), np.log(0.01) / 11, rtol=1e-10)


def test_alphas_as_given_are_sorted_and_all_fitted():
    given = [1e-9, 0.05, 1e-10, 0.05, 1e-8, 1e-7, 0.0]
    path = model().fit_regularized_path(given)
    assert_array_equal(path.alphas, sorted(set(given), reverse=True))
    # Without a penalty the fit is that of maximum likelihood.
    assert_allclose(path.coefs.iloc[-1], model().fit(disp=False).params, atol=1e-7)


def test_factors_by_name_are_those_by_position():
    by_name = model().fit_regularized_path(n_alphas=8, penalty_factor={"x2": 0.0, "x5": 3.0})
    factors = np.ones(K + 1)
    factors[[2, 5]] = 0.0, 3.0
    by_place = model().fit_regularized_path(n_alphas=8, penalty_factor=factors)
    assert_array_equal(by_name.coefs, by_place.coefs)
    assert_array_equal(by_name.penalty_factor, np.r_[0.0, factors[1:]])
    assert (by_name.coefs["x2"] != 0.0).all()
    series = pd.Series(factors, X.columns).sample(frac=1, random_state=1)
    assert_array_equal(
        model().fit_regularized_path(n_alphas=8, penalty_factor=series).coefs, by_place.coefs
    )


def test_a_fit_of_a_path_with_factors_has_them():
    path = model().fit_regularized_path(n_alphas=8, penalty_factor={"x2": 0.0, "x5": 3.0})
    one = path.at(path.alphas[5])
    assert_allclose(one.alpha, path.alphas[5] * path.penalty_factor)
    assert_allclose(one.params, path.coefs.iloc[5], rtol=1e-7, atol=1e-8)


def test_a_column_never_penalised_is_in_the_null_fit():
    path = model().fit_regularized_path(n_alphas=8, penalty_factor={"x1": 0.0})
    null = WeightedLogit(Y, X[["const", "x1"]]).fit(disp=False).params
    assert_allclose(path.coefs.iloc[0][["const", "x1"]], null, rtol=1e-7)


def test_a_model_without_a_constant_penalises_every_column():
    path = WeightedLogit(Y, X.drop(columns="const")).fit_regularized_path(n_alphas=10)
    assert path.constant is None
    assert not path.coefs.iloc[0].any()
    assert path.table["n_nonzero"].iloc[-1] == K


# -------------------------------------------------------------------------------- what it holds


def test_each_fit_is_that_of_fit_regularized(path):
    for alpha in path.alphas[[0, 7, 20]]:
        cold = path.model.fit_regularized(method="elastic_net", alpha=alpha, disp=False)
        assert_allclose(path.coefs.loc[alpha], cold.params, rtol=1e-7, atol=1e-8)
        assert_allclose(path.at(alpha).params, cold.params, rtol=1e-7, atol=1e-8)
        assert path.at(alpha).alpha == alpha
        ratio = 1.0 - cold.llf / path.model.fit(disp=False).llnull
        assert path.table.loc[alpha, "deviance_ratio"] == pytest.approx(ratio, rel=1e-7)


def test_between_the_alphas_of_the_grid_there_is_a_fit_too(path):
    alpha = 0.6 * path.alphas[10] + 0.4 * path.alphas[11]
    cold = path.model.fit_regularized(method="elastic_net", alpha=alpha, disp=False)
    assert_allclose(path.at(alpha).params, cold.params, rtol=1e-7, atol=1e-8)


def test_every_fit_is_certified(path):
    assert (path.kkt_residuals < 1e-10).all()
    assert path.table["converged"].all()
    assert list(path.coefs.columns) == list(X.columns)
    assert path.coefs.index.name == "alpha"


def test_what_is_handed_out_is_a_copy(path):
    before = path.coefs
    given, table = path.coefs, path.table
    given.iloc[:], table["n_nonzero"] = 0.0, -1
    pd.testing.assert_frame_equal(path.coefs, before)
    assert (path.table["n_nonzero"] >= 0).all()


def test_fractions_explain_deviance_beyond_that_of_their_own():
    share = np.clip(1 / (1 + np.exp(0.5 - X["x1"])) + RNG.normal(scale=0.05, size=N), 0, 1)
    path = WeightedLogit(share, X).fit_regularized_path(n_alphas=20)
    fit = WeightedLogit(share, X).fit(disp=False)
    null = np.sum(WeightedLogit(share, X[["const"]]).fit(disp=False).resid_dev ** 2)
    whole = 1.0 - np.sum(fit.resid_dev**2) / null
    ratio = path.table["deviance_ratio"].iloc[-1]
    assert 0.9 < ratio <= whole + 1e-9


def test_a_fit_that_does_not_converge_is_said():
    apart = WeightedLogit((X["x1"] > 0) * 1, X)
    with pytest.warns(ConvergenceWarning, match=r"1 of 2 fits .* alpha=0 on"):
        path = apart.fit_regularized_path([0.1, 0.0])
    assert_array_equal(path.table["converged"], [True, False])


# ----------------------------------------------------------------------------- cross-validation


def test_the_choices_are_those_of_the_means(path):
    cv = path.cv
    best = cv["mean"].argmin()
    assert path.alpha_best == path.alphas[best] == cv["alpha"][best]
    reach = cv["mean"][best] + cv["se"][best]
    assert path.alpha_1se == max(cv["alpha"][cv["mean"] <= reach])
    assert_allclose(path.best.params, path.coefs.loc[path.alpha_best], rtol=1e-7, atol=1e-8)
    assert_allclose(path.one_se.params, path.coefs.loc[path.alpha_1se], rtol=1e-7, atol=1e-8)
    assert_allclose(
        path.fold_scores.loc[path.alphas[3]].std(ddof=1) / np.sqrt(5), cv["se"][3], rtol=0.1
    )


@pytest.mark.parametrize("kind", ["counted", "fractions"])
def test_a_fold_is_judged_by_a_fit_to_the_other_rows(kind):
    """Offset, frequency and balanced class weights, each fold fitted as data of its own."""
    offset, folds = 0.3 * X["x7"], pd.Series(np.arange(N) % 3)
    y = Y if kind == "counted" else (0.2 + 0.6 * Y + 0.2 * (np.arange(N) % 2))
    count = pd.Series(np.arange(N) % 4)
    options = {"class_weight": "balanced", "offset": offset, "freq_weights": count}
    whole = WeightedLogit(y, X, **options)
    alphas = [0.1, 0.02]
    deviance, brier = (
        whole.fit_regularized_path(alphas, cv=folds, criterion=c) for c in ("deviance", "brier")
    )
    for k in range(3):
        fitted, held = folds != k, folds == k
        part = {name: of[fitted] for name, of in options.items() if name != "class_weight"}
        training = WeightedLogit(y[fitted], X[fitted], class_weight="balanced", **part)
        c0, c1 = training.weights.class_weights.values()
        for alpha in alphas:
            one = training.fit_regularized(method="elastic_net", alpha=alpha, disp=False)
            how = {"exog": X[held], "offset": offset[held]}
            p, r = one.predict(**how), y[held] * c1 / (y[held] * c1 + (1 - y[held]) * c0)
            w = count[held] * (y[held] * c1 + (1 - y[held]) * c0)
            loss = 2 * (rel_entr(r, p) + rel_entr(1 - r, 1 - p))
            assert_allclose(
                deviance.fold_scores.loc[alpha, k], np.average(loss, weights=w), rtol=1e-7
            )
            p = one.predict(which="calibrated", **how)
            error = y[held] * (1 - p) ** 2 + (1 - y[held]) * p**2
            assert_allclose(
                brier.fold_scores.loc[alpha, k], np.average(error, weights=count[held]), rtol=1e-7
            )


def test_larger_is_better_for_the_auc():
    path = model().fit_regularized_path(cv=5, seed=4, n_alphas=20, criterion="auc")
    cv = path.cv
    assert path.alpha_best == cv["alpha"][cv["mean"].argmax()]
    reach = cv["mean"].max() - cv["se"][cv["mean"].argmax()]
    assert path.alpha_1se == max(cv["alpha"][cv["mean"] >= reach])
    assert 0.5 < cv["mean"].max() < 0.9


def test_folds_as_given_are_those_of_the_seed(path):
    again = path.model.fit_regularized_path(path.alphas, cv=path.folds)
    assert_allclose(again.cv["mean"], path.cv["mean"], rtol=1e-9)
    assert sorted(again.fold_scores.columns) == [1, 2, 3, 4, 5]
    shuffled = path.folds.sample(frac=1, random_state=2)
    assert_allclose(
        path.model.fit_regularized_path(path.alphas, cv=shuffled).cv["mean"], again.cv["mean"]
    )


def test_folds_and_groups_may_be_columns_and_rows_may_be_missing():
    data = X.assign(y=Y, city=np.arange(N) // 5, part=np.arange(N) % 4, w=W)
    data.loc[[3, 50], "x2"] = np.nan
    made = weighted_logit("y ~ x1 + x2 + x3", data, sampling_weights="w")
    parted = made.fit_regularized_path(cv="part", n_alphas=6)
    assert list(parted.fold_scores.columns) == [0, 1, 2, 3]
    pd.testing.assert_series_equal(
        parted.folds.astype(int), data["part"].drop([3, 50]), check_names=False
    )
    grouped = made.fit_regularized_path(cv=3, groups="city", seed=1, n_alphas=6)
    of_city = grouped.folds.groupby(data["city"]).nunique()
    assert (of_city == 1).all()


def test_a_seed_decides_the_folds():
    one, two, other = (
        model().fit_regularized_path(cv=4, seed=s, n_alphas=5).fold_scores for s in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not np.allclose(one, other)


def test_a_path_without_folds_says_how_to_get_them():
    path = model().fit_regularized_path(n_alphas=4)
    assert path.chosen == {}
    for name in ("cv", "best", "one_se", "alpha_best", "alpha_1se", "fold_scores", "folds"):
        assert not hasattr(path, name)
    with pytest.raises(NotAvailableError, match="cv=10"):
        path.cv  # noqa: B018  asking is what raises


def test_the_data_are_left_as_they_were():
    kept = X.copy(), Y.copy(), W.copy()
    model(sampling_weights=W).fit_regularized_path(cv=3, seed=1, n_alphas=4)
    for now, before in zip((X, Y, W), kept, strict=True):
        assert now.equals(before)


# ---------------------------------------------------------------------------- words and pictures


def test_the_summary_marks_what_was_chosen(path):
    text = path.summary()
    assert str(path) == text
    assert f"Lasso path: {len(path.alphas)} alphas" in text
    assert f"best: alpha={path.alpha_best:.4g}" in text
    (line,) = [line for line in text.splitlines() if re.search(r"\s1 SE$", line)]
    one_se = path.table.loc[path.alpha_1se]
    assert line.split()[1] == str(int(one_se["n_nonzero"]))
    assert line.split()[2] == f"{one_se['deviance_ratio']:.4f}"
    assert len(text.splitlines()) < 25
    plain = model().fit_regularized_path(n_alphas=3, L1_wt=0.0, standardize=True).summary()
    assert "Ridge path of standardized columns: 3 alphas" in plain
    assert "std err" not in plain


def test_a_path_survives_pickling(path):
    copy = pickle.loads(pickle.dumps(path))
    pd.testing.assert_frame_equal(copy.coefs, path.coefs)
    pd.testing.assert_frame_equal(copy.cv, path.cv)
    assert_allclose(copy.one_se.params, path.one_se.params)


def test_it_plots_itself(path):
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    ax = path.plot(max_labels=3)
    assert len(ax.texts) == 3
    assert {text.get_text() for text in ax.texts} == set(
        path.coefs.iloc[-1].drop("const").abs().nlargest(3).index
    )
    assert path.plot(kind="cv").get_ylabel() == "Deviance of a case, held out"
    assert {line.get_label() for line in path.plot(x="l1").get_lines()} >= {"best", "x1"}
    plt.close("all")


def test_a_progress_bar_counts_every_fit(capsys):
    model().fit_regularized_path([0.1, 0.05], cv=3, seed=1, progress=True)
    shown = capsys.readouterr().err
    assert "penalised fits" in shown
    assert "8/8" in shown
    model().fit_regularized_path([0.1, 0.05], cv=3, seed=1)
    assert capsys.readouterr().err == ""
