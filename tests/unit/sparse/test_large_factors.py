"""A formula with a large factor: patsy's columns and the numbers of the dense design."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import NotAvailableError
from wlogit import exog as exog_module
from wlogit.core.arrow import arrow_root
from wlogit.core.factors import inverse_root
from wlogit.exog import CompactExog
from wlogit.fitting import objective_of
from wlogit.formula import compact, new_rows
from wlogit.formula.api import weighted_logit

N = 900


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "g": rng.integers(3, 11, N),
            "h": rng.choice(list("abcdef"), N),
            "w": rng.uniform(0.5, 2.0, N),
            "psu": rng.integers(0, 40, N),
        },
        index=[f"row {i}" for i in range(N)],
    )
    odds = np.exp(0.5 * frame["x"] - 0.2 * (frame["g"] % 3))
    frame["y"] = (rng.random(N) < odds / (1 + odds)).astype(int)
    frame.loc[["row 5", "row 9"], "x"] = np.nan
    frame.loc["row 7", "h"] = None
    return frame


@pytest.fixture
def by_index(monkeypatch):
    """Factors of three columns are large."""

    def switch():
        monkeypatch.setattr(compact, "LARGE_DESIGN", 0)
        monkeypatch.setattr(new_rows, "LARGE_DESIGN", 0)
        monkeypatch.setattr(compact, "MANY_COLUMNS", 2)
        monkeypatch.setattr(compact, "_MANY_ROWS", 0)

    return switch


FORMULAS = (
    "y ~ x + C(g)",
    "y ~ 0 + C(g) + x",
    "y ~ 0 + x + h",
    "y ~ h + C(g, Treatment(reference=5))",
    "y ~ x:C(g) + h",
    "y ~ C(h):C(g) + x",
    "y ~ x * h + C(g % 3)",
    "y ~ C(h, Sum):C(g)",
    "y ~ C(g, Poly) + h",
    "y ~ center(w):C(g) + g",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_columns_and_numbers_are_those_of_the_dense_design(formula, data, by_index):
    options = {"sampling_weights": "w", "class_weight": "balanced"}
    new = data.drop(columns="y").iloc[::7]
    dense = weighted_logit(formula, data, **options).fit(disp=False)
    by_index()
    thin = weighted_logit(formula, data, **options).fit(disp=False)
    assert isinstance(thin.model.exog, CompactExog)
    assert list(thin.params.index) == list(dense.params.index)
    assert_allclose(thin.model.exog.toarray(), dense.model.exog, rtol=0, atol=1e-12)
    assert thin.model.k_constant == dense.model.k_constant
    assert_allclose(thin.params, dense.params, rtol=1e-9, atol=1e-11)
    assert_allclose(thin.cov_params(), dense.cov_params(), rtol=1e-8, atol=1e-12)
    pd.testing.assert_series_equal(thin.predict(new), dense.predict(new), rtol=1e-10)
    terms = [r.wald_test_terms(scalar=True).summary_frame().to_numpy(float) for r in (thin, dense)]
    assert_allclose(terms[0], terms[1], rtol=1e-6, atol=1e-12)


def test_what_needs_terms_and_rows_works_by_index(data, by_index):
    formula, small = "y ~ x + C(g) + h", {"disp": False}
    dense = weighted_logit(formula, data).fit(**small)
    by_index()
    thin = weighted_logit(formula, data).fit(**small)
    assert_allclose(thin.anova().to_numpy(float), dense.anova().to_numpy(float), rtol=1e-8)
    again = pickle.loads(pickle.dumps(thin))
    for member in (
        lambda r: r.get_margeff().margeff_se,
        lambda r: r.get_prediction(average=True, by="h").summary_frame(),
        lambda r: r.get_prediction(data.iloc[:9]).summary_frame(),
        lambda r: r.score_test(exog_extra="np.square(x)").pvalue,
        lambda r: r.with_covariance("cluster", groups="psu").bse,
        lambda r: r.model.fit_constrained("x = 0.3, h[T.b] = h[T.c]", **small).bse,
        lambda r: r.lr_test("C(g)").statistic,
        lambda r: weighted_logit(formula, data, drop_cols=["x"]).fit(**small).bse,
        lambda r: weighted_logit(formula, data, subset=data["g"] < 9).fit(**small).bse,
    ):
        found, expected = member(again), member(dense)
        assert_allclose(np.asarray(found, float), np.asarray(expected, float), rtol=1e-7)
    again.remove_data()
    assert again.model.exog is None
    assert_allclose(again.predict(data.iloc[10:20]), dense.predict(data.iloc[10:20]))


def test_levels_without_rows_or_weight_and_separated_levels_are_named(data, by_index):
    data = data.assign(h=data["h"].astype("category").cat.add_categories("z"))
    weightless = data.assign(w=np.where(data["g"] == 4, 0.0, data["w"]))
    sure = data.assign(y=np.where(data["g"] == 6, 1, data["y"]))
    said = []
    for _ in range(2):
        here = []
        for formula, frame in (("y ~ h + x", data), ("y ~ C(g) + x", weightless)):
            with pytest.raises(ValueError, match="rank deficient") as raised:
                weighted_logit(formula, frame, sampling_weights="w")
            here.append(str(raised.value))
        kept = weighted_logit("y ~ C(g) + x", weightless, sampling_weights="w", aliased="drop")
        here.append(kept.aliased)
        here.append(weighted_logit("y ~ C(g) + x", sure).check_separation().directions)
        said.append(here)
        by_index()
    assert said[0] == said[1]


@pytest.mark.slow
def test_a_large_factor_takes_little_memory_and_refuses_to_be_dense():
    rng = np.random.default_rng(0)
    n, levels = 1_000_000, 1_000
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    frame["g"] = rng.integers(0, levels, n)
    frame["y"] = (rng.random(n) < 0.3).astype(int)
    results = weighted_logit("y ~ a + b + c + C(g)", frame, class_weight="balanced").fit(disp=False)
    assert abs(results.model.score(results.params)).max() < 1e-6
    with pytest.raises(NotAvailableError, match="dense array of 1,000,000 rows"):
        results.get_influence()
    assert n * levels > exog_module.MOST_DENSE


def test_most_of_an_information_that_is_diagonal_is_eliminated_first():
    rng = np.random.default_rng(5)
    level = np.r_[np.arange(200), rng.integers(0, 200, 3000)]
    whole = np.column_stack([np.ones(3200), rng.normal(size=(3200, 3))])
    square = np.column_stack([whole, np.eye(200)[level][:, 1:]])
    square = square.T @ square / 16.0
    found, usual = inverse_root(square), np.linalg.inv(square)
    assert arrow_root(square) is not None
    assert_allclose(found.inverse, usual, rtol=1e-9, atol=1e-12 * np.abs(usual).max())
    scale = np.sqrt(np.diag(square))
    assert found.condition <= 5.0 * np.linalg.cond(square / scale / scale[:, np.newaxis])
    # Neither a full matrix nor a singular one is of this kind.
    assert arrow_root(square + 1e-9) is None
    square[:, 7] = square[7] = 0.0
    assert arrow_root(square) is None


def test_start_values_of_many_rows_come_from_a_sample_held_by_index(by_index):
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"x": rng.normal(size=60_000), "g": rng.integers(0, 6, 60_000)})
    frame["y"] = (rng.random(60_000) < 0.4).astype(int)
    by_index()
    objective = objective_of(weighted_logit("y ~ x + C(g)", frame))
    assert objective.large
    assert objective.sampled(8).matrix.compact is not None
