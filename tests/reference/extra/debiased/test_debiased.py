"""The debiased lasso against one made of glmnet's nodewise regressions.

``generate.R`` made the data and the values; ``session_info.txt`` names the versions.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
DATA = np.genfromtxt(FOLDER / "data.csv", delimiter=",", names=True)
X = np.column_stack([np.ones(len(DATA)), *(DATA[f"x{j}"] for j in range(1, 41))])
OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "frequency": {"freq_weights": DATA["fw"]},
    "mapping": {"class_weight": {0: 3, 1: 1}},
}

# glmnet's coordinate descent stops at changes of 1e-14; its coefficients hold eight digits.
TOLERANCE = 1e-7


@pytest.fixture(scope="module", params=VALUES)
def case(request):
    model = WeightedLogit(DATA["y"], X, **OPTIONS[request.param])
    expected = VALUES[request.param]
    lasso = model.fit_regularized(method="elastic_net", alpha=expected["alpha"], disp=False)
    return lasso, expected


def close(actual, expected):
    assert_allclose(np.asarray(actual), expected, rtol=TOLERANCE, atol=TOLERANCE)


def test_the_lasso(case):
    lasso, expected = case
    close(lasso.params, expected["lasso"])


def test_one_step_from_the_lasso(case):
    lasso, expected = case
    debiased = lasso.debiased(start="penalized")
    close(debiased.step.effective_size, expected["effective_size"])
    close(debiased.step.penalty, expected["penalty"])
    close(debiased.params[1:], expected["params"])
    assert np.isnan(debiased.params["const"])


@pytest.mark.parametrize("cov_type", ["HC0", "HC1"])
def test_sandwich_errors(case, cov_type):
    lasso, expected = case
    debiased = lasso.debiased(start="penalized", cov_type=cov_type)
    close(debiased.bse[1:], expected[f"bse_{cov_type}"])


def test_model_based_errors_of_a_likelihood(case):
    lasso, expected = case
    if lasso.weights.likelihood:
        close(lasso.debiased(start="penalized").bse[1:], expected["bse_model"])
