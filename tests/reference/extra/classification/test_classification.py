"""Errors of shares, losses and calibration slopes against R's survey package.

``generate.R`` made the values; ``session_info.txt`` names the versions.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.reference.cases import read_data
from wlogit.evaluation import Evaluation
from wlogit.inference.scored import CaseSampling, Scored
from wlogit.weights.outcome import read_outcome
from wlogit.weights.resolve import resolve_weights

FOLDER = Path(__file__).parent
VALUES: dict[str, Any] = json.loads((FOLDER / "values.json").read_text(encoding="utf-8"))
DATA = read_data("pima.csv")
N = len(DATA)

# svyratio is a closed form; svyglm stops at its fixed point in double precision.
RTOL = 1e-9


def evaluation(sampling: CaseSampling) -> Evaluation:
    outcome = read_outcome(DATA["type"].to_numpy(float))
    weights = resolve_weights(outcome, sampling_weights=DATA["sw"].to_numpy(float))
    design = np.column_stack([np.ones(N), DATA[["glu", "bmi", "age", "ped"]]])
    eta = 0.3 + 0.8 * (design @ np.array(VALUES["coefficients"]))
    return Evaluation(Scored.of_rows(weights, eta, 0.0, sampling))


SAMPLINGS = {
    "independent": CaseSampling(),
    "clustered": CaseSampling((np.arange(N) % VALUES["clusters"],)),
    "case_control": CaseSampling(centering="number"),
}


@pytest.mark.parametrize("design", ["independent", "clustered"])
def test_shares_are_those_of_svyratio(design):
    report = evaluation(SAMPLINGS[design]).classification_report(VALUES["threshold"]).frame
    # Ours have the multinomial error at equal weights; survey's has N/(N - 1).
    factor = np.sqrt(N / (N - 1.0)) if design == "independent" else 1.0
    for name in ("sensitivity", "specificity", "precision", "npv", "f1", "accuracy", "prevalence"):
        expected = VALUES[design][name]
        found = report.loc[name, ["value", "se"]].tolist()
        assert_allclose(
            [found[0], found[1] * factor], [expected["value"], expected["se"]], rtol=RTOL
        )


@pytest.mark.parametrize("design", SAMPLINGS)
def test_losses_and_calibration_are_those_of_survey(design):
    given = evaluation(SAMPLINGS[design])
    calibration = given.calibration()
    for name, found in (
        ("brier", given.brier()),
        ("log_loss", given.log_loss()),
        ("slope", calibration.slope),
        ("intercept", calibration.intercept),
    ):
        expected = VALUES[design][name]
        assert_allclose([found.value, found.se], [expected["value"], expected["se"]], rtol=RTOL)
