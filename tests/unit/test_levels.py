"""Levels of intervals: every member that takes alpha refuses what is none, in the same words."""

import inspect
from functools import cache

import numpy as np
import pandas as pd
import pytest

import wlogit
from wlogit.datasets import load_mid
from wlogit.formula.api import weighted_logit
from wlogit.results import WeightedLogitResults

FORMULA = "conflict ~ contig + years"


@cache
def data():
    return load_mid().iloc[::4]


@cache
def fit(formula=FORMULA):
    return weighted_logit(formula, data()).fit(disp=False)


@cache
def bias_reduced():
    return weighted_logit(FORMULA, data()).fit_bias_reduced(disp=False)


@cache
def multinomial():
    years = pd.qcut(data()["years"].rank(method="first"), 3, labels=["few", "some", "many"])
    table = data().assign(span=years.astype(str))
    return wlogit.WeightedMNLogit.from_formula("span ~ contig", table).fit(disp=False)


def members(kind):
    """Public members that take alpha."""
    found = inspect.getmembers(kind, callable)
    return [
        name
        for name, member in found
        if not name.startswith("_") and "alpha" in inspect.signature(member).parameters
    ]


POSITIONAL = {"t_test_pairwise": ("C(region)",)}
OBJECTS = {
    "effects": lambda: fit().get_margeff(),
    "effects of variables": lambda: fit().get_margeff(variables="all"),
    "averages": lambda: fit().predictions_at({"contig": None}),
    "averages at one point": lambda: fit().predictions_at({"contig": None}, others="mean"),
    "contrasts": lambda: fit().predictions_at({"contig": None}, contrast="pairwise"),
    "predictions": lambda: fit().get_prediction(),
    "linear predictions": lambda: fit().get_prediction(which="linear"),
    "a mean": lambda: fit().get_prediction(average=True),
    "evaluation": lambda: fit().evaluate(),
    "effects on labels": lambda: multinomial().get_margeff(),
    "predictions of labels": lambda: multinomial().get_prediction(),
}
CALLS = {
    **{f"fit, {name}": (fit, name) for name in members(WeightedLogitResults)},
    **{
        f"{owner}, {name}": (make, name)
        for owner, make in OBJECTS.items()
        for name in members(type(make()))
    },
    "labels, summary": (multinomial, "summary"),
    "labels, summary2": (multinomial, "summary2"),
    "bias-reduced, conf_int": (bias_reduced, "conf_int"),
}
NO_LEVELS = [95, 1, 0, -0.05, 5.0, np.nan, np.inf, None, "5 %", np.float64(2.0)]


def test_the_members_are_found():
    assert {"auc", "brier", "conf_int", "odds_ratios", "sensitivity", "summary", "summary2"} <= set(
        members(WeightedLogitResults)
    )
    assert all(members(type(make())) for make in OBJECTS.values())


@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_level_is_refused(call):
    make, name = CALLS[call]
    member = getattr(make(), name)
    for alpha in NO_LEVELS:
        with pytest.raises(ValueError, match=r"^alpha=.* must lie between 0 and 1; for 95 %"):
            member(*POSITIONAL.get(name, ()), alpha=alpha)


def test_profile_limits_and_two_scores_as_well():
    with pytest.raises(ValueError, match="alpha=95"):
        bias_reduced().conf_int(95, method="profile")
    with pytest.raises(ValueError, match="alpha=95"):
        wlogit.compare_auc([0, 1, 0, 1], [1, 2, 3, 4], [1, 3, 2, 4], alpha=95)


def test_the_message_has_the_number_without_its_type():
    with pytest.raises(ValueError, match=r"^alpha=2\.0 must lie") as raised:
        fit().conf_int(np.float64(2.0))
    assert str(raised.value).endswith("for 95 % intervals alpha=0.05.")
