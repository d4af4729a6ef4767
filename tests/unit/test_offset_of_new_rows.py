"""The offset of new rows by the name of a column, as weights are."""

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
