"""Replicate covariances of several labels against R's ``withReplicates`` over ``multinom``.

``replicates.R`` made the values, with R 4.2.2, survey 4.1.1 and nnet 7.3.18, from ``data.csv``.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import SurveyDesign, WeightedMNLogit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "replicates.json").read_text(encoding="utf-8"))
# As text first: the default parser is off by a digit for some decimals.
DATA = pd.read_csv(FOLDER / "data.csv", dtype=str)
DATA = DATA.astype({name: float for name in DATA if name != "y"})


@pytest.mark.parametrize("name", VALUES)
def test_replicate_covariances_are_those_of_r(name: str) -> None:
    sampled = SurveyDesign(DATA, weights="iw", psu="g")
    model = WeightedMNLogit.from_formula(
        "y ~ x1 + x2 + x3",
        DATA,
        design=sampled.to_replicates("JK1", mse=name == "mse"),
        class_weight=None if name == "sampling" else "balanced",
    )
    results, known = model.fit(disp=False, cov_kwds={"df": "design"}), VALUES[name]
    assert_allclose(results.params.to_numpy().ravel(order="F"), known["coef"], rtol=1e-9)
    vcov = np.array(known["vcov"])
    assert_allclose(results.cov_params(), vcov, rtol=1e-8, atol=1e-10 * np.abs(vcov).max())
    assert results.covariance.df == known["df"]
