"""Collinearity: what it is invariant to, where closed forms hold, and what it says."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from statsmodels.stats.outliers_influence import variance_inflation_factor

from wlogit import NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit

N = 200


def data(seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=N)
    frame = pd.DataFrame({"x": x, "z": 0.9 * x + 0.3 * rng.normal(size=N), "u": rng.normal(size=N)})
    frame["g"] = rng.choice(["a", "b", "c"], N)
    frame["y"] = (rng.random(N) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    return frame.assign(w=rng.uniform(0.2, 3.0, N), m=rng.integers(1, 4, N))


def collinearity(formula="y ~ x + z + C(g)", frame=None, **options):
    frame = data() if frame is None else frame
    return weighted_logit(formula, frame, **options).fit(disp=False).collinearity()


def test_where_every_curvature_is_the_same_it_is_that_of_statsmodels():
    # Each row once with either outcome: the estimate is zero, and p (1 - p) one quarter.
    design = np.column_stack([np.ones(N), data()[["x", "z", "u"]]])
    both = WeightedLogit(np.repeat([0, 1], N), np.vstack([design, design]))
    found = both.fit(disp=False).collinearity()
    expected = [variance_inflation_factor(design, j) for j in (1, 2, 3)]
    assert_allclose(found.vif, expected, rtol=1e-10)
    unit = design / np.linalg.norm(design, axis=0)
    assert_allclose(found.condition_number, np.linalg.cond(unit), rtol=1e-10)


def test_it_is_the_loss_of_precision_of_one_coefficient():
    results = weighted_logit("y ~ x + z", data(), sampling_weights="w").fit(disp=False)
    p = np.asarray(results.predict())
    weight = data()["w"].to_numpy() * p * (1.0 - p)
    x = data()["x"].to_numpy()
    alone = 1.0 / (weight @ (x - np.average(x, weights=weight)) ** 2)
    assert_allclose(results.collinearity().vif["x"], results.cov_nonrobust[1, 1] / alone)


def test_it_does_not_depend_on_coding_units_or_the_kind_of_constant():
    explicit = collinearity().terms
    for formula in (
        "y ~ 0 + C(g) + x + z",
        "y ~ x + z + C(g, Sum)",
        'y ~ x + z + C(g, Treatment("c"))',
    ):
        other = collinearity(formula).terms
        assert_allclose(np.sort(other["GVIF"]), np.sort(explicit["GVIF"]), rtol=1e-9)
        assert sorted(other["df"]) == [1, 1, 2]
    moved = data().assign(x=1e6 + 1e-3 * data()["x"])
    assert_allclose(collinearity(frame=moved).terms["GVIF"], explicit["GVIF"], rtol=1e-8)


def test_columns_that_add_up_to_the_constant_are_taken_together():
    design = np.column_stack([pd.get_dummies(data()["g"]).to_numpy(float), data()["x"]])
    results = WeightedLogit(data()["y"].to_numpy(), design).fit(disp=False)
    found = results.collinearity()
    assert list(found.terms.index) == ["x1 + x2 + x3", "x4"]
    assert list(found.vif.index) == ["x4"]
    with_constant = collinearity("y ~ C(g) + x")
    assert_allclose(found.terms["GVIF"], with_constant.terms["GVIF"], rtol=1e-9)


def test_columns_that_were_dropped_are_left_out():
    frame = data().assign(copy=data()["x"])
    found = collinearity("y ~ x + z + copy", frame, aliased="drop")
    assert list(found.terms.index) == ["x", "z"]
    assert_allclose(found.terms["GVIF"], collinearity("y ~ x + z").terms["GVIF"], rtol=1e-10)


def test_a_dependency_is_named():
    rng = np.random.default_rng(9)
    frame = data().assign(near=lambda d: d["x"] + d["u"] + 1e-3 * rng.normal(size=N))
    found = collinearity("y ~ x + u + near + z", frame)
    ((index, names),) = found.dependencies
    assert index == found.condition_number > 100.0
    assert set(names) == {"x", "u", "near"}
    assert f"Condition index {index:.4g}: x, u, near are nearly dependent." in str(found)
    assert collinearity("y ~ x + u").dependencies == ()
    assert "nearly dependent" not in str(collinearity("y ~ x + u"))


def test_one_column_and_a_constant_have_nothing_in_common():
    assert collinearity("y ~ x").vif.to_dict() == {"x": pytest.approx(1.0)}
    only = collinearity("y ~ 1")
    assert only.vif.empty
    assert only.terms.empty
    assert only.condition_number == pytest.approx(1.0)


def test_a_fit_without_its_data_refuses():
    results = weighted_logit("y ~ x", data()).fit(disp=False)
    results.remove_data()
    with pytest.raises(NotAvailableError, match="remove_data"):
        results.collinearity()


def test_a_bias_reduced_fit_that_left_the_class_weights_out_has_that_information():
    model = weighted_logit("y ~ x + z", data(), class_weight="balanced")
    reduced = model.fit_bias_reduced(disp=False)
    plain = weighted_logit("y ~ x + z", data()).fit_bias_reduced(disp=False)
    assert_allclose(reduced.collinearity().vif, plain.collinearity().vif, rtol=1e-10)
