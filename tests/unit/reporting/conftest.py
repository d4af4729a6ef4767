"""Fits that tables put side by side."""

import numpy as np
import pandas as pd
import pytest

from tests.unit.reporting.fits import fit
from wlogit import WeightedLogit


@pytest.fixture(scope="module")
def plain():
    return fit("y ~ x + a")


@pytest.fixture(scope="module")
def balanced():
    return fit("y ~ x + group", class_weight="balanced")


@pytest.fixture(scope="module")
def strong():
    rng = np.random.default_rng(9)
    data = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["x", "z", "w"])
    eta = -0.5 + data["x"] + 0.14 * data["z"]
    data["y"] = (rng.random(2000) < 1 / (1 + np.exp(-eta))).astype(int)
    return WeightedLogit.from_formula("y ~ x + z + w", data, class_weight="balanced").fit(
        disp=False
    )
