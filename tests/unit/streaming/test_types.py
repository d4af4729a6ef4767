"""Types and names of columns that a formula could mistake, read in pieces."""

import numpy as np
import pandas as pd
import pytest

from wlogit import DesignError
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit


def pieces(data):
    return lambda: [data.iloc[:17], data.iloc[17:]]


def table():
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.integers(0, 100, 60), "y": rng.integers(0, 2, 60)})
    return data.assign(g=np.array(["a", "b", "nan"])[np.arange(60) % 3])


SAME = {
    "the text nan": ("y ~ g + x", lambda data: data),
    "the text nan, coded": ("y ~ C(g) + x", lambda data: data),
    "squares of eight bits": ("y ~ I(x ** 2 / 1000)", lambda data: data.astype({"x": "int8"})),
    "differences without a sign": ("y ~ I(x - 50)", lambda data: data.astype({"x": "uint8"})),
    "an outcome of eight bits": ("I(x * x > 2500) ~ g", lambda data: data.astype({"x": "int8"})),
    "a column named C": ("y ~ C(g) + x", lambda data: data.assign(C=1.0)),
    "a column named np": ("y ~ np.sqrt(x)", lambda data: data.assign(np=1.0)),
}


@pytest.mark.parametrize("name", SAME)
def test_a_stream_has_the_numbers_of_plain_columns(name):
    formula, change = SAME[name]
    plain = table()
    expected = weighted_logit(formula, plain).fit(disp=False)
    results = StreamedLogit.from_formula(formula, pieces(change(plain))).fit(disp=False)
    assert list(results.params.index) == list(expected.params.index)
    np.testing.assert_allclose(results.params, expected.params, rtol=1e-9)
    np.testing.assert_allclose(results.bse, expected.bse, rtol=1e-9)


def test_a_column_that_hides_a_function_is_refused():
    with pytest.raises(DesignError, match="'C', which hides"):
        StreamedLogit.from_formula("y ~ C(g) + C", pieces(table().assign(C=1.0)))
