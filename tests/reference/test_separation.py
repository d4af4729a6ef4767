"""What the reference cases say of separation, without fitting and with any weights."""

import numpy as np
import pytest

from tests.reference.cases import Case, all_cases, load
from wlogit import WeightedLogit
from wlogit.datasets import load_endometrial

CASES = [case for case in all_cases() if "separated" in case.content["expected"]]
# Fits of maximum likelihood in R, finite and converged: no case of theirs is separated.
FINITE = [case for case in all_cases() if case.id.startswith(("T01", "T02", "T03", "T14"))]


def model(case: Case, **options):
    formula, offset = case.formula()
    options = options or case.weight_options()
    return WeightedLogit.from_formula(formula, case.data, offset=offset, **options)


def infinite(case: Case) -> dict[str, float]:
    named = case.content["expected"].get("infinite_mle") or {}
    return {name: float(limit) for name, limit in named.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_separated_and_infinite_as_stated(case):
    check = model(case).check_separation()
    assert check.separated == case.content["expected"]["separated"]
    assert check.directions == infinite(case)
    assert check.columns == list(infinite(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_weights_do_not_change_it(case):
    rng = np.random.default_rng(0)
    for weights in ({"class_weight": "balanced"}, {"prevalence": 0.01}):
        assert model(case, **weights).check_separation().directions == infinite(case)
    weight = 10.0 ** rng.uniform(-6, 6, len(case.data))
    check = model(case, sampling_weights=weight).check_separation()
    assert check.directions == infinite(case)


@pytest.mark.parametrize("case", FINITE, ids=lambda case: case.id)
def test_estimates_that_are_finite_in_r_are_found_so(case):
    assert model(case).check_separation().kind == "none"


def test_the_package_ships_the_data_of_the_endometrial_case():
    assert len(CASES) >= 5
    assert load_endometrial().equals(load("T05_endometrial_firth").data)
