"""Columns as the formula reads them."""

from decimal import Decimal

import numpy as np
import pandas as pd
import patsy
import pytest

from wlogit.formula import building
from wlogit.formula.api import weighted_logit

KEPT_AS_OBJECTS = {
    "integers": lambda x: x.astype(object),
    "decimals": lambda x: x.map(lambda value: Decimal(int(value))),
    "mixed numbers": lambda x: x.astype(object).where(x > 1, x.astype(float)),
}


@pytest.mark.parametrize("kept", KEPT_AS_OBJECTS)
def test_numbers_kept_as_objects_are_numbers(kept):
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "x": np.arange(30) % 7})
    objects = data.assign(x=KEPT_AS_OBJECTS[kept](data["x"]))
    expected, found = (weighted_logit("y ~ x", each).fit(disp=False) for each in (data, objects))
    assert list(found.params.index) == ["Intercept", "x"]
    np.testing.assert_array_equal(found.params, expected.params)
    np.testing.assert_array_equal(found.predict(objects), expected.predict(data))
    assert weighted_logit("y ~ C(x)", objects.iloc[:7]).exog_names[1].startswith("C(x)[T.1")


def test_a_missing_number_among_objects_is_a_missing_row():
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0] * 5, "x": np.arange(30) % 7})
    objects = data.assign(x=data["x"].astype(object).where(data.index != 3, None))
    results = weighted_logit("y ~ x", objects).fit(disp=False)
    expected = weighted_logit("y ~ x", data.drop(index=3)).fit(disp=False)
    np.testing.assert_allclose(results.params, expected.params, rtol=1e-12)


@pytest.mark.parametrize("coding", ["C(g)", "C(g, Sum)", "C(g):x", "C(s, Treatment('b'))"])
def test_patsy_does_not_walk_along_categories(coding, monkeypatch):
    rng = np.random.default_rng(0)
    n = 20_000
    data = pd.DataFrame(
        {
            "y": rng.integers(0, 2, n),
            "g": rng.integers(0, 4, n),
            "s": rng.choice(["a", "b"], n),
            "x": rng.normal(size=n),
        }
    )

    def walked(*_given):
        raise AssertionError

    monkeypatch.setattr(building, "categorical_to_int", walked)
    model = weighted_logit(f"y ~ {coding}", data)
    expected = patsy.dmatrix(coding, data)
    assert model.exog_names == expected.design_info.column_names
    np.testing.assert_array_equal(model.exog, expected)
