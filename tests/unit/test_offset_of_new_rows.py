"""The offset of new rows by the name of a column, as weights are."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit

RNG = np.random.default_rng(23)
FRAME = pd.DataFrame({"x": RNG.normal(size=120), "o": RNG.normal(size=120), "p": 0.3})
FRAME["y"] = (RNG.random(120) < 1 / (1 + np.exp(-FRAME["x"]))).astype(int)
FRAME.index = [f"r{i}" for i in range(120)]
NEW = FRAME.sample(60, random_state=4)


def test_a_name_is_a_column_of_the_new_rows():
    results = weighted_logit("y ~ x", FRAME, offset="o").fit(disp=False)
    assert_allclose(results.predict(NEW, offset="p"), results.predict(NEW, offset=NEW["p"]))
    assert float(results.evaluate(NEW, offset="o").brier()) == pytest.approx(
        float(results.evaluate(NEW).brier())
    )
    assert float(results.evaluate(NEW, offset="p").brier()) == pytest.approx(
        float(results.evaluate(NEW, offset=np.full(60, 0.3)).brier())
    )
    one = results.get_prediction(NEW, offset="p").summary_frame()
    pd.testing.assert_frame_equal(one, results.get_prediction(NEW, offset=NEW["p"]).summary_frame())


def test_of_a_table_of_columns_too():
    design = FRAME[["x"]].assign(const=1.0)[["const", "x"]]
    results = WeightedLogit(FRAME["y"], design, offset=FRAME["o"]).fit(disp=False)
    new = design.loc[NEW.index].assign(p=0.3)
    assert_allclose(results.predict(new, offset="p"), results.predict(new, offset=0.3))


def test_a_name_that_is_no_column_is_said():
    results = weighted_logit("y ~ x", FRAME, offset="o").fit(disp=False)
    with pytest.raises(ValueError, match="offset='q' is not a column of the data"):
        results.predict(NEW, offset="q")


OFFSETS = {
    "Arrow decimals": lambda o: pd.Series(
        [None if pd.isna(v) else Decimal(str(v)) for v in o], o.index, dtype=object
    ).pipe(arrow_decimals),
    "decimals": lambda o: o.map(Decimal).astype(object).where(o.notna(), None),
    "Float64": lambda o: o.astype("Float64"),
}


def arrow_decimals(entries):
    pa = pytest.importorskip("pyarrow")
    kind = pd.ArrowDtype(pa.decimal128(12, 4))
    return pd.Series(pd.array(entries.tolist(), dtype=kind), entries.index)


@pytest.mark.parametrize("name", OFFSETS)
def test_a_missing_offset_of_any_type_leaves_its_row_without_a_prediction(name):
    data = FRAME.assign(o=FRAME["o"].round(3))
    data.loc[["r3", "r8"], "o"] = np.nan
    expected = weighted_logit("y ~ x", data, offset="o").fit(disp=False)
    typed = data.assign(o=OFFSETS[name](data["o"]))
    results = weighted_logit("y ~ x", typed, offset="o").fit(disp=False)
    predicted = results.predict(typed)
    assert list(predicted.index[predicted.isna()]) == ["r3", "r8"]
    assert_allclose(predicted, expected.predict(data), rtol=1e-12)
