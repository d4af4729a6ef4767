"""A sparse matrix of covariates gives the numbers of the dense one, for every kind of weight."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from tests.contracts import weighted_fits
from wlogit import DesignError, NotAvailableError, SurveyDesign, WeightedLogit
from wlogit import exog as exog_module

COVARIANCES = {
    "nonrobust": {},
    "HC1": {},
    "HC3": {},
    "HC4": {},
    "linearized": {},
    "cluster": {"groups": np.arange(weighted_fits.N) // 4},
    "two-way": {"groups": [np.arange(weighted_fits.N) // 4, np.arange(weighted_fits.N) % 29]},
    "CR2": {"groups": np.arange(weighted_fits.N) // 4, "kind": "CR2"},
}


def columns(kind):
    """A constant, two numbers far apart, and factors: one, two, or columns without a pattern."""
    data = weighted_fits.data()
    rng = np.random.default_rng(7)
    g = pd.get_dummies(data["g"]).to_numpy(float)[:, 1:]
    h = pd.get_dummies(rng.integers(0, 5, len(data))).to_numpy(float)[:, 1:]
    loose = rng.normal(size=(len(data), 3)) * (rng.random((len(data), 3)) < 0.2)
    numbers = [np.ones(len(data)), 1e4 + data["x"], data["z"]]
    parts = {"factor": [g], "factors": [g, h * 3.0], "loose": [g, loose, loose[:, ::-1] ** 2]}
    return np.column_stack([*numbers, *parts[kind]])


def pair(exog, **options):
    data = weighted_fits.data()
    given = {
        key: data[value] if isinstance(value, str) and value in data else value
        for key, value in options.items()
    }
    made = (WeightedLogit(data["y"], x, **given) for x in (exog, sparse.csc_matrix(exog)))
    return [model.fit(disp=False) for model in made]


# The nonrobust covariance warns where the weights make it wrong.
@pytest.mark.filterwarnings("ignore:cov_type nonrobust")
@pytest.mark.parametrize("weights", weighted_fits.WEIGHTS)
def test_every_covariance_is_that_of_the_dense_matrix(weights):
    dense, thin = pair(columns("factors"), **weighted_fits.WEIGHTS[weights])
    assert_allclose(thin.params, dense.params, rtol=1e-9, atol=1e-12)
    tables = [str(results.summary().tables[1]) for results in (thin, dense)]
    assert tables[0] == tables[1]
    for name, keywords in COVARIANCES.items():
        cov_type = "cluster" if name in ("two-way", "CR2") else name
        expected = dense.with_covariance(cov_type, **keywords).cov_params()
        found = thin.with_covariance(cov_type, **keywords).cov_params()
        size = np.sqrt(np.outer(*[np.diag(dense.cov_params())] * 2))
        assert_allclose(found / size, expected / size, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("kind", ["factor", "loose"])
def test_members_of_rows_and_of_new_rows_are_those_of_the_dense_matrix(kind):
    exog = columns(kind)
    dense, thin = pair(exog, class_weight="balanced")
    members = {
        "fittedvalues": lambda r, _: r.fittedvalues,
        "resid_dev": lambda r, _: r.resid_dev,
        "prediction": lambda r, _: r.get_prediction(which="calibrated").summary_frame(),
        "average": lambda r, _: r.get_prediction(average=True).summary_frame(),
        "new rows": lambda r, x: r.predict(x[:7]),
        "errors of new rows": lambda r, x: r.get_prediction(x[:7]).se,
        "leverage": lambda r, _: r.get_influence().hat_matrix_diag,
        "effects": lambda r, _: r.get_margeff().margeff_se,
        "score": lambda r, _: r.model.score(0.9 * r.params),
        "score of rows": lambda r, _: r.model.score_obs(0.9 * r.params),
        "hessian": lambda r, _: r.model.hessian(r.params),
        "null": lambda r, _: r.llnull,
        "profile": lambda r, _: r.conf_int(method="profile", cols=[2]),
        "penalised": lambda r, _: r.model.fit_regularized(alpha=2.0, disp=False).params,
        "Firth": lambda r, _: r.model.fit_bias_reduced().params,
    }
    for name, member in members.items():
        expected, found = member(dense, exog), member(thin, sparse.csr_matrix(exog))
        scale = np.abs(np.asarray(expected)).max()
        assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-8 * scale, err_msg=name)


def test_the_matrix_is_neither_changed_nor_made_dense(monkeypatch):
    monkeypatch.setattr(exog_module, "MOST_DENSE", 100)
    exog = sparse.coo_matrix(columns("factors"))
    before = exog.copy()
    results = WeightedLogit(weighted_fits.y(), exog).fit(disp=False, cov_type="HC3")
    results.get_prediction().summary_frame()
    assert (before != exog).nnz == 0
    assert (sparse.csr_array(exog) != results.model.exog.tocsr()).nnz == 0
    again = WeightedLogit(results.model.endog, results.model.exog)
    assert again.exog is results.model.exog
    for refused in (
        lambda: np.asarray(results.model.exog),
        results.get_influence,
        lambda: results.get_margeff(at="mean"),
        lambda: results.model.fit_regularized(alpha=1.0),
        results.model.fit_bias_reduced,
        lambda: results.with_covariance("bootstrap", n_boot=9),
        lambda: results.with_covariance("cluster", groups=np.arange(160) // 4, kind="CR3"),
    ):
        with pytest.raises(NotAvailableError, match="dense array of 160 rows and 9 columns"):
            refused()


def test_columns_and_names_of_a_table_of_sparse_columns_are_kept():
    data = weighted_fits.data()
    table = pd.get_dummies(data[["g"]], sparse=True, drop_first=True, dtype=float)
    table.insert(1, "x", data["x"])
    table["const"] = pd.arrays.SparseArray(np.ones(len(data)), fill_value=1.0)
    plain = table.astype(float)
    dense = WeightedLogit(data["y"], plain).fit(disp=False)
    thin = WeightedLogit(data["y"], table).fit(disp=False)
    pd.testing.assert_series_equal(thin.params, dense.params, rtol=1e-9)
    assert thin.model.exog.tocsr().nnz < plain.size
    pd.testing.assert_series_equal(thin.predict(table[:3]), dense.predict(plain[:3]))


def test_missing_aliased_and_separated_columns_are_named_as_in_the_dense_matrix():
    exog = columns("factor")
    gone = exog.copy()
    gone[5, 3] = np.nan
    full = np.column_stack([exog, 1.0 - exog[:, 3] - exog[:, 4]])
    trap = np.column_stack([exog, weighted_fits.y() * exog[:, 3]])
    for values, options in (
        (gone, {}),
        (gone, {"missing": "drop"}),
        (full, {}),
        (exog * 1e150, {}),
    ):
        said = []
        for x in (values, sparse.csr_matrix(values)):
            try:
                said.append(str(WeightedLogit(weighted_fits.y(), x, **options).weights.n_dropped))
            except ValueError as error:
                said.append(str(error))
        assert said[0] == said[1]
    checks = [
        WeightedLogit(weighted_fits.y(), x).check_separation()
        for x in (trap, sparse.csr_array(trap))
    ]
    assert checks[0].directions == checks[1].directions
    assert checks[1].separated


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_totals_of_sampled_units_are_those_of_the_dense_matrix(class_weight):
    data, exog = weighted_fits.data(), columns("factors")
    psu = np.arange(len(data)) // 4
    design = SurveyDesign(weights=data["sampled"].to_numpy(), strata=psu % 5, psu=psu)
    options = {"design": design, "class_weight": class_weight}
    dense, thin = (
        WeightedLogit(data["y"].to_numpy(), x, **options).fit(disp=False)
        for x in (exog, sparse.csr_array(exog))
    )
    assert_allclose(thin.bse, dense.bse, rtol=1e-9)
    traces = [results.covariance.whitened.trace() for results in (thin, dense)]
    assert_allclose(traces[0], traces[1], rtol=1e-8)


def test_a_message_on_many_levels_names_the_first_and_counts_them():
    level = np.arange(200) % 40
    trap = sparse.csr_array(np.column_stack([np.ones(200), np.eye(40)[level]]))
    y = (np.arange(200) * 7 % 11 < 5).astype(int)
    with pytest.raises(DesignError, match=r"x40 = 1 const \+ -1 x1 \+ .* \(40 in all\)") as raised:
        WeightedLogit(y, trap)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("n", [40, 4_000])
def test_no_column_that_is_mostly_filled(n):
    group = np.arange(n) % 4
    X, y = np.eye(4)[group], np.arange(n) % 3 == 0
    results = WeightedLogit(y, sparse.csr_array(X)).fit(disp=False)
    share = np.array([y[group == j].mean() for j in range(4)])
    assert_allclose(results.params, np.log(share / (1.0 - share)), rtol=1e-11)
    events = np.array([y[group == j].sum() for j in range(4)])
    assert_allclose(results.bse, np.sqrt(1.0 / (events * (1.0 - share))), rtol=1e-11)
