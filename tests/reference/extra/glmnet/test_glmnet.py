"""Paths and cross-validations of glmnet: the grid, the fits, where a path ends, what is chosen.

``generate.R`` made the data and the values; ``session_info.txt`` names the versions.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit import WeightedLogit

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
# Not read_csv, whose default is off by a digit for some decimals.
DATA, WIDE = (
    pd.DataFrame(np.genfromtxt(FOLDER / name, delimiter=",", names=True))
    for name in ("data.csv", "wide.csv")
)
SAMPLING: dict[str, Any] = {"sampling_weights": DATA["iw"].to_numpy()}
CLASS: dict[str, Any] = {"class_weight": {0: 1, 1: 4}}

# glmnet stops where a cycle over the coefficients changes the deviance by less than 1e-20 of it.
RTOL, ATOL = 1e-7, 1e-8
# A sum of some hundred terms.
EXACT = 1e-12


def with_constant(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame[[name for name in frame if name.startswith("x")]]
    return pd.concat([pd.Series(1.0, frame.index, name="const"), frame], axis=1)


def model(**options: Any) -> WeightedLogit:
    return WeightedLogit(DATA["y"], with_constant(DATA), **options)


PATHS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "lasso": ({}, {}),
    "lasso_standardized_sampling": (SAMPLING, {"standardize": True}),
    "net_class": (CLASS, {"L1_wt": 0.4, "n_alphas": 50}),
    "net_factors": (
        {},
        {"L1_wt": 0.7, "n_alphas": 30, "penalty_factor": [0.0, *VALUES["factor"]]},
    ),
    "ridge": ({}, {"L1_wt": 0.0, "n_alphas": 20, "standardize": True}),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_path(name: str) -> None:
    weights, options = PATHS[name]
    compare(model(**weights).fit_regularized_path(**options), VALUES["grids"][name], options)


def test_a_path_with_more_columns_than_rows() -> None:
    # Almost saturated at the end: so flat that the deviance moves less than the coefficients.
    wide = WeightedLogit(WIDE["y"], with_constant(WIDE), aliased="keep")
    expected = VALUES["grids"]["wide"]
    compare(wide.fit_regularized_path(n_alphas=40), expected, {}, flat=10.0)


def compare(
    path: Any, expected: dict[str, Any], options: dict[str, Any], flat: float = 1.0
) -> None:
    assert_allclose(path.alphas, expected["lambda"], rtol=EXACT * 1e2)
    # The first fit of glmnet has an infinite penalty, whatever it is called: none of ridge's is.
    ours = slice(1, None) if options.get("L1_wt") == 0.0 else slice(None)
    coefs = np.array(expected["coef"]).T
    assert_allclose(path.coefs.iloc[ours], coefs[ours], rtol=flat * RTOL, atol=flat * ATOL)
    ratios = path.table["deviance_ratio"]
    assert_allclose(ratios.iloc[ours], np.array(expected["dev_ratio"])[ours], rtol=RTOL, atol=1e-9)
    assert_array_equal(path.table["n_nonzero"].iloc[ours], np.array(expected["nonzero"])[ours])


WEIGHTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "none": ({}, {}),
    "sampling": (SAMPLING, {"standardize": True}),
    "class": (CLASS, {"L1_wt": 0.5}),
    "balanced": (SAMPLING | {"class_weight": "balanced"}, {"standardize": True}),
    "prevalence": ({"prevalence": 0.05}, {"standardize": True}),
}


def validated(key: str, expected: dict[str, Any]) -> Any:
    kind, measure = key.split("_")
    weights, options = WEIGHTS[kind]
    return model(**weights).fit_regularized_path(
        expected["lambda"],
        cv=DATA["fold"],
        criterion="brier" if measure == "mse" else measure,
        **options,
    )


@pytest.mark.parametrize("key", VALUES["cv"])
def test_cv_glmnet(key: str) -> None:
    expected = VALUES["cv"][key]
    path = validated(key, expected)
    # glmnet's mean squared error sums both classes: twice the Brier score.
    unit = 2.0 if key.endswith("mse") else 1.0
    assert_allclose(unit * path.cv["mean"], expected["cvm"], rtol=1e-9)
    assert_allclose(unit * path.cv["se"], expected["cvsd"], rtol=1e-8)
    assert_array_equal(path.cv["n_nonzero"], expected["nzero"])
    assert path.alpha_best == expected["lambda_min"]
    assert path.alpha_1se == expected["lambda_1se"]


@pytest.mark.parametrize("key", VALUES["by_hand"])
def test_class_weights_of_training_folds_and_criteria_at_population_scale(key: str) -> None:
    expected = VALUES["by_hand"][key]
    path = validated(key, expected)
    assert_allclose(path.cv["mean"], expected["cvm"], rtol=1e-9)
    assert_allclose(path.cv["se"], expected["cvsd"], rtol=1e-8)
