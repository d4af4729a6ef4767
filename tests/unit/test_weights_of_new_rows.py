"""New rows have the weights of the columns that the model took its own from, or it is said."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.core.likelihood import expit
from wlogit.errors import DataWarning, WeightError
from wlogit.formula.api import weighted_logit

N = 300
RNG = np.random.default_rng(17)
FRAME = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "g": RNG.choice(list("ab"), N),
        "w": RNG.uniform(0.2, 5.0, N),
        "n": RNG.integers(1, 4, N),
    },
    index=[f"r{i}" for i in range(N)],
)
FRAME["y"] = (RNG.random(N) < expit(FRAME["x"].to_numpy() - 1.0)).astype(int)
COLUMNS = {
    "frequency": {"freq_weights": "n"},
    "sampling": {"sampling_weights": "w"},
    "both": {"freq_weights": "n", "sampling_weights": "w", "class_weight": "balanced"},
}
SHUFFLED = FRAME.sample(frac=1.0, random_state=3)


def fit(**options):
    return weighted_logit("y ~ x", FRAME, **options).fit(disp=False)


def mass(frame, options):
    return np.prod([frame[options[role]] for role in options if role != "class_weight"], axis=0)


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_rows_of_the_fit_are_judged_alike_as_new_ones(kind):
    results = fit(**COLUMNS[kind])
    for measure in ("brier", "log_loss", "auc"):
        own = float(getattr(results, measure)())
        assert_allclose(float(getattr(results.evaluate(SHUFFLED), measure)()), own, rtol=1e-12)


@pytest.mark.parametrize("kind", COLUMNS)
def test_averages_of_changed_rows_keep_their_weights(kind):
    results, changed = fit(**COLUMNS[kind]), SHUFFLED.assign(x=SHUFFLED["x"] + 1.0)
    predicted = np.asarray(results.predict(changed))
    expected = np.average(predicted, weights=mass(changed, COLUMNS[kind]))
    assert_allclose(results.get_prediction(changed, average=True).predicted, expected, rtol=1e-12)
    by = results.get_prediction(changed, average=True, by="g").predicted
    in_b = (changed["g"] == "b").to_numpy()
    weights = mass(changed, COLUMNS[kind])[in_b]
    assert_allclose(by[1], np.average(predicted[in_b], weights=weights), rtol=1e-12)


def test_columns_are_still_known_without_the_data():
    results = fit(**COLUMNS["both"])
    before = float(results.evaluate(FRAME).brier())
    results.remove_data()
    assert_allclose(float(results.evaluate(FRAME).brier()), before, rtol=1e-12)


def test_rows_without_the_column_are_not_judged_as_equal():
    results = fit(**COLUMNS["sampling"])
    with pytest.raises(WeightError, match=r"sampling_weights.*'w'.*ones"):
        results.evaluate(FRAME.drop(columns="w"))
    equal = results.evaluate(FRAME.drop(columns="w"), sampling_weights=np.ones(N)).brier()
    loss = (FRAME["y"] - np.asarray(results.predict(FRAME))) ** 2
    assert_allclose(float(equal), loss.mean(), rtol=1e-12)


def test_an_average_of_rows_without_weights_says_so():
    results = fit(sampling_weights=FRAME["w"])
    with pytest.warns(DataWarning, match=r"sampling_weights.*equal.*agg_weights="):
        found = results.get_prediction(FRAME, average=True).predicted
    assert_allclose(found, np.mean(results.predict(FRAME)), rtol=1e-12)
    assert_allclose(results.get_prediction(FRAME, average=True, agg_weights=1).predicted, found)


def test_weights_that_were_arrays_are_asked_for():
    design = np.column_stack([np.ones(N), FRAME["x"]])
    results = WeightedLogit(FRAME["y"].to_numpy(), design, freq_weights=FRAME["n"].to_numpy())
    with pytest.raises(WeightError, match=r"freq_weights=.*ones"):
        results.fit(disp=False).evaluate(design, FRAME["y"].to_numpy())


def test_a_missing_weight_of_a_new_row_is_named():
    results = fit(**COLUMNS["sampling"])
    broken = FRAME.assign(w=FRAME["w"].where(FRAME.index != "r7"))
    with pytest.raises(WeightError, match="r7"):
        results.get_prediction(broken, average=True)
    with pytest.raises(WeightError, match="r7"):
        results.evaluate(broken)
