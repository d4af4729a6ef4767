"""tidy, glance and augment against broom's; ``generate.R`` beside made the values."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit.formula.api import weighted_logit

FOLDER = Path(__file__).parent
VALUES = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
CASES, COUNTS = (
    pd.DataFrame(np.genfromtxt(FOLDER.parent / "data" / name, delimiter=",", names=True))
    for name in ("cases.csv", "counts.csv")
)
MAIN = "y ~ x1 + x2 + z"
FITS = {
    "plain": (MAIN, CASES, {}),
    "offset": (MAIN, CASES, {"offset": "off"}),
    "frequency": (MAIN, CASES[CASES["fw"] > 0], {"freq_weights": "fw"}),
    "counts": ("events + others ~ x + z", COUNTS, {}),
}
# As the values of the folder above: a few hundred units in the last place.
RTOL = 1e-11


@pytest.fixture(params=FITS)
def case(request):
    formula, data, options = FITS[request.param]
    return weighted_logit(formula, data, **options).fit(disp=False), VALUES[request.param]


def test_tidy(case):
    results, values = case
    table = results.tidy(conf_level=0.9)
    for name, expected in values["tidy"].items():
        assert_allclose(table[name], expected, rtol=1e-10 if name == "p_value" else RTOL)


def test_tidy_of_odds_ratios(case):
    results, values = case
    table, plain = results.tidy(exponentiate=True, conf_level=0.9), values["tidy"]
    for name, expected in values["odds"].items():
        assert_allclose(table[name], expected, rtol=RTOL)
    for name in ("conf_low", "conf_high"):
        assert_allclose(table[name], np.exp(plain[name]), rtol=RTOL)


def test_glance(case):
    results, values = case
    table, expected = results.glance().iloc[0], values["glance"]
    if results.model.outcome_kind == "counts":
        # R has binomial coefficients in the likelihood of counts.
        expected = {}
    if results.weights.has_frequency:
        # R counts rows, wlogit counts cases.
        expected = {name: expected[name] for name in ("llf", "aic")}
    for name, value in expected.items():
        assert_allclose(table[name], value[0], rtol=RTOL)


def test_augment(case):
    results, values = case
    table = results.augment()
    for name, expected in values["augment"].items():
        assert_allclose(table[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)
