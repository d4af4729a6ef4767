"""The facts above the coefficients."""

import numpy as np
import pandas as pd
import pytest

from tests.unit.reporting.fits import fit, frame
from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning, SeparationWarning
from wlogit.reporting.document import SummaryData


def facts(results):
    content = results.summary().content
    assert isinstance(content, SummaryData)
    return dict(content.left) | dict(content.right)


def test_an_unweighted_fit_has_the_facts_of_statsmodels():
    results = fit()
    found = facts(results)
    assert found["Model:"] == "WeightedLogit"
    assert found["Method:"] == "MLE"
    assert found["converged:"] == "True"
    assert found["Covariance Type:"] == "nonrobust"
    assert float(found["Log-Likelihood:"]) == pytest.approx(results.llf, rel=1e-4)
    assert float(found["LL-Null:"]) == pytest.approx(20 * np.log(1 / 3) + 40 * np.log(2 / 3), 1e-4)
    assert not {"Weights:", "AIC (pseudo):", "Log-Pseudolikelihood:"} & set(found)


@pytest.mark.parametrize(
    ("options", "kind", "size"),
    [
        ({"class_weight": "balanced"}, "class", "53.3"),  # 4 N1 N0 / N = 4 * 20 * 40 / 60
        ({"sampling_weights": "a"}, "sampling", "48.0"),
        ({"prevalence": 0.5}, "prevalence", "53.3"),
        (
            {"freq_weights": "m", "sampling_weights": "a", "class_weight": {0: 1, 1: 1}},
            "frequency x sampling x class",
            "48.0",
        ),
    ],
)
def test_a_pseudo_likelihood_is_called_one(options, kind, size):
    found = facts(fit(**options))
    assert found["Weights:"] == kind
    assert found["No. Rows:"] == "60"
    assert found["Effective Size:"] == size
    assert "Log-Pseudolikelihood:" in found
    assert "Log-Likelihood:" not in found
    assert {"AIC (pseudo):", "BIC (pseudo):"} <= set(found)


def test_frequency_weights_leave_a_likelihood():
    found = facts(fit(freq_weights="m"))
    assert found["Weights:"] == "frequency"
    assert "Log-Likelihood:" in found
    assert "AIC (pseudo):" not in found


def test_fractions_are_a_pseudo_likelihood_without_weights():
    found = facts(fit("share ~ x"))
    assert "Log-Pseudolikelihood:" in found
    assert "Weights:" not in found


def test_a_p_value_beyond_floating_point_is_bounded():
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000)
    y = (x + 0.2 * rng.logistic(size=4000) > 0).astype(float)
    results = WeightedLogit(y, np.column_stack([np.ones(4000), x])).fit(disp=False)
    assert facts(results)["LLR p-value:"] == "<1e-300"


def test_what_is_not_available_says_so():
    model = WeightedLogit.from_formula("y ~ x + a", frame(), class_weight="balanced")
    # The model of the constant alone does not obey the constraint.
    results = model.fit_constrained("x = 0.5", disp=False)
    assert facts(results)["LLR p-value:"] == "not available"


@pytest.mark.parametrize("options", [{"class_weight": "balanced"}, {"sampling_weights": "w"}])
def test_no_likelihood_ratio_p_value_where_no_covariance_is_valid(options):
    data = pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "x": range(6), "w": [1, 2, 1, 2, 1, 2]})
    with pytest.warns(SeparationWarning):
        results = fit(data=data, **options)
    assert facts(results)["LLR p-value:"].strip() in ("nan", "not available")
    assert facts(results)["AIC (pseudo):"] in ("nan", "not available")
    assert facts(results)["converged:"] == "False"


def test_the_summary_of_a_saturated_fraction_is_quiet():
    X = [[1.0, 0.0], [1.0, 1.0]]
    with pytest.warns(InferenceWarning, match="leverage"):
        results = WeightedLogit([0.3, 0.6], X).fit(disp=False)
    assert facts(results)["LLR p-value:"].strip() == "nan"
