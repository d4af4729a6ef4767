"""Stability selection: what is counted, what is kept, and the bound it comes with."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import ConvergenceWarning, WeightedLogit
from wlogit.inference.halves import complementary_halves


def model(n=300, k=20, seed=0, **options):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, k)), columns=[f"x{j}" for j in range(k)])
    eta = 1.2 * X["x0"] - 1.2 * X["x1"] + 1.2 * X["x2"] - 1.0
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    X.insert(0, "const", 1.0)
    return WeightedLogit(y, X, **options)


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"prevalence": 0.25}])
def test_columns_with_an_effect_are_stable(options):
    stable = model(**options).stability_selection(n_pairs=20, seed=1)
    assert stable.selected == ["x0", "x1", "x2"]
    assert (stable.frequency[["x0", "x1", "x2"]] >= 0.75).all()
    assert stable.error_bound <= 1.0
    assert stable.n_pairs == 20
    assert "const" not in stable.frequency


def test_selections_are_those_of_fits_to_the_halves():
    from sklearn import linear_model as sklearn

    fitted = model(class_weight="balanced")
    alpha = 0.08
    stable = fitted.stability_selection(alpha, n_pairs=3, seed=4)
    y, X = fitted.endog, fitted.exog[:, 1:]
    generator, chosen = np.random.default_rng(4), []
    for _ in range(3):
        for half in complementary_halves(y, 1.0 - y, None, generator):
            # "balanced" of the half; the weights sum to its size.
            lasso = sklearn.LogisticRegression(
                C=1.0 / (alpha * half.sum()),
                l1_ratio=1.0,
                solver="saga",
                class_weight="balanced",
                tol=1e-8,
                max_iter=20_000,
            )
            chosen.append(lasso.fit(X[half], y[half]).coef_[0] != 0.0)
    assert_allclose(stable.frequency, np.mean(chosen, axis=0))
    assert_allclose(stable.mean_selected, np.sum(chosen) / 6)


def test_the_bound_is_that_of_the_paper():
    stable = model().stability_selection([0.1, 0.05], threshold=0.8, n_pairs=10, seed=1)
    ever = stable.frequency.sum()
    assert_allclose(stable.mean_selected, ever)
    assert_allclose(stable.error_bound, ever**2 / (0.6 * 20))
    assert (stable.frequency >= stable.frequencies.max() - 1e-12).all()
    assert stable.frequencies.shape == (2, 20)


def test_a_bound_alone_sets_the_threshold():
    stable = model().stability_selection([0.1, 0.07], pfer=2.0, n_pairs=10, seed=1)
    assert_allclose(stable.error_bound, 2.0)
    assert 0.5 < stable.threshold < 1.0
    generous = model().stability_selection(0.5, pfer=5.0, n_pairs=2, seed=1)
    assert generous.threshold > 0.5
    assert generous.selected == []
    assert generous.error_bound == 0.0


def test_a_bound_and_a_threshold_choose_the_alphas():
    alphas = np.geomspace(0.2, 0.01, 12)
    fitted = model()
    kept = fitted.stability_selection(alphas, pfer=1.0, threshold=0.7, n_pairs=10, seed=1)
    assert 1 < len(kept.alphas) < 12
    assert kept.error_bound <= 1.0
    more = alphas[: len(kept.alphas) + 1]
    without = fitted.stability_selection(more, threshold=0.7, n_pairs=10, seed=1)
    assert without.error_bound > 1.0
    cut = fitted.stability_selection(kept.alphas, threshold=0.7, n_pairs=10, seed=1)
    assert_allclose(cut.frequency, kept.frequency)


def test_a_seed_fixes_the_result_and_the_generator_moves_on():
    fitted = model()
    one, other = (fitted.stability_selection(0.07, n_pairs=5, seed=3) for _ in range(2))
    pd.testing.assert_series_equal(one.frequency, other.frequency)
    generator = np.random.default_rng(3)
    first = fitted.stability_selection(0.07, n_pairs=5, seed=generator)
    second = fitted.stability_selection(0.07, n_pairs=5, seed=generator)
    pd.testing.assert_series_equal(first.frequency, one.frequency)
    assert not second.frequency.equals(first.frequency)


def test_rows_of_a_group_stay_together():
    fitted = model()
    rows = np.arange(300)
    by_rows = fitted.stability_selection(0.07, n_pairs=5, seed=3, groups=rows)
    without = fitted.stability_selection(0.07, n_pairs=5, seed=3)
    pd.testing.assert_series_equal(by_rows.frequency, without.frequency)
    grouped = fitted.stability_selection(0.07, n_pairs=5, seed=3, groups=rows // 3)
    assert not grouped.frequency.equals(without.frequency)
    with pytest.raises(ValueError, match="2 groupings"):
        fitted.stability_selection(0.07, groups=np.column_stack([rows, rows]))


def test_rows_without_weight_are_in_no_half():
    plain = model(n=300)
    kept = np.arange(300) < 200
    weighted = WeightedLogit(
        plain.endog, pd.DataFrame(plain.exog, columns=plain.exog_names), freq_weights=1 * kept
    )
    part = WeightedLogit(
        plain.endog[kept], pd.DataFrame(plain.exog[kept], columns=plain.exog_names)
    )
    one, other = (m.stability_selection(0.07, n_pairs=5, seed=3) for m in (weighted, part))
    pd.testing.assert_series_equal(one.frequency, other.frequency)


def test_more_columns_than_rows():
    stable = model(n=120, k=150, aliased="keep").stability_selection(n_pairs=10, seed=1)
    assert stable.error_bound <= 1.0
    assert set(stable.selected) <= {"x0", "x1", "x2"}


def test_columns_without_a_penalty_are_not_selected():
    stable = model().stability_selection(0.07, penalty_factor={"x0": 0.0}, n_pairs=5, seed=1)
    assert "x0" not in stable.frequency
    assert len(stable.frequency) == 19


def test_the_summary_names_the_columns_and_the_bound():
    stable = model(k=30).stability_selection(0.07, n_pairs=10, seed=1, L1_wt=0.9)
    text = stable.summary()
    assert str(stable) == text
    said = " ".join(text.split())
    for words in ("x0", "stable", "10 pairs", "L1_wt=0.9", "more columns", "expected", "by chance"):
        assert words in said
    assert f"{stable.error_bound:.2g}" in said


def test_fits_that_do_not_converge_are_counted():
    fitted = model(n=60)
    with pytest.warns(ConvergenceWarning, match="halves of the data did not converge"):
        fitted.stability_selection(0.05, n_pairs=1, seed=1, tol=1e-300)


def test_progress_is_shown(capsys):
    model(n=60).stability_selection(0.1, n_pairs=2, seed=1, progress=True)
    assert "halves" in capsys.readouterr().err


WRONG = {
    "n_pairs": ({"n_pairs": 0}, "n_pairs=0"),
    "L1_wt": ({"L1_wt": 0.0}, "ridge"),
    "threshold": ({"threshold": 0.5}, "above 0.5"),
    "pfer": ({"pfer": 0.0}, "positive"),
    "alphas": ({"alphas": [-1.0]}, "alphas has -1"),
    "nothing penalised": ({"alphas": 0.1, "penalty_factor": np.zeros(21)}, "no column is penal"),
    "bound alone": ({"alphas": 0.005, "pfer": 0.5}, "larger alphas"),
    "bound and threshold": ({"alphas": 0.005, "pfer": 0.5, "threshold": 0.6}, "larger threshold"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(case):
    options, words = WRONG[case]
    with pytest.raises(ValueError, match=words):
        model(n=100).stability_selection(**{"n_pairs": 2, "seed": 1, **options})
