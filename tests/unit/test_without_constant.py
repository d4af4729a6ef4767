"""Class weights without a free constant: whatever is calibrated says that it is not enough."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import InferenceWarning
from wlogit.errors import NotAvailableError
from wlogit.formula.api import weighted_logit
from wlogit.inference.prediction import NOT_AT_POPULATION_SCALE

RNG = np.random.default_rng(9)
DATA = pd.DataFrame({"x": RNG.normal(size=90), "z": RNG.normal(size=90)})
DATA["y"] = (RNG.random(90) < 1 / (1 + np.exp(1.0 - DATA["x"]))).astype(int)

CALIBRATED = {
    "predict": lambda fit: fit.predict(which="calibrated"),
    "a prevalence": lambda fit: fit.predict(prevalence=0.1),
    "get_prediction": lambda fit: fit.get_prediction(which="calibrated"),
    "pred_table": lambda fit: fit.pred_table(which="calibrated"),
    "get_margeff": lambda fit: fit.get_margeff(),
    "predictions_at": lambda fit: fit.predictions_at({"x": [0, 1]}),
    "auc": lambda fit: fit.auc(),
    "roc": lambda fit: fit.roc(),
    "precision_recall": lambda fit: fit.precision_recall(),
    "classification_report": lambda fit: fit.classification_report(which="calibrated"),
    "choose_threshold": lambda fit: fit.choose_threshold(),
    "map_threshold": lambda fit: fit.map_threshold(0.5),
    "brier": lambda fit: fit.brier(),
    "log_loss": lambda fit: fit.log_loss(),
    "calibration": lambda fit: fit.calibration(),
    "evaluate": lambda fit: fit.evaluate(DATA),
    "evaluate, held out": lambda fit: fit.evaluate(cv=3, seed=1),
    "tjur": lambda fit: fit.pseudo_rsquared("tjur"),
    "augment": lambda fit: fit.augment(),
}
AS_WEIGHTED = {
    "predict": lambda fit: fit.predict(),
    "get_prediction": lambda fit: fit.get_prediction(),
    "pred_table": lambda fit: fit.pred_table(),
    "get_margeff": lambda fit: fit.get_margeff(scale="weighted"),
    "predictions_at": lambda fit: fit.predictions_at({"x": [0, 1]}, which="mean"),
    "classification_report": lambda fit: fit.classification_report(),
    "cox_snell": lambda fit: fit.pseudo_rsquared("cox_snell"),
    "summary": lambda fit: fit.summary(),
}


def fit(formula="y ~ 0 + x + z", **options):
    return weighted_logit(formula, DATA, **options).fit(disp=False)


@pytest.mark.parametrize("name", CALIBRATED)
def test_what_is_calibrated_warns_once(name):
    with pytest.warns(InferenceWarning) as caught:
        CALIBRATED[name](fit(class_weight={0: 1, 1: 4}))
    assert [str(one.message) for one in caught] == [NOT_AT_POPULATION_SCALE]


@pytest.mark.parametrize("name", AS_WEIGHTED)
def test_what_is_on_the_scale_of_the_weights_does_not(name):
    AS_WEIGHTED[name](fit(class_weight={0: 1, 1: 4}))


@pytest.mark.parametrize("name", CALIBRATED)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"class_weight": {0: 2, 1: 2}},
        {"prevalence": 0.2},
        {"formula": "y ~ x + z", "class_weight": "balanced"},
    ],
)
def test_nor_where_there_is_nothing_to_take_out(name, options):
    results = fit(**options)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "without a free constant")
        CALIBRATED[name](results)


def test_they_take_the_log_ratio_out_and_the_intercept_is_refused():
    results = fit(class_weight={0: 1, 1: 4})
    with pytest.warns(InferenceWarning, match=r"only take log\(c1/c0\) out"):
        calibrated = results.predict(which="calibrated")
    moved = np.log(calibrated / (1 - calibrated)) - results.predict(which="linear")
    assert_allclose(moved, -np.log(4.0))
    with pytest.raises(NotAvailableError, match="add a constant"):
        results.calibrated()
