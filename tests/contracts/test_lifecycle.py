"""Copies, files, forgotten data, changed arrays, threads and processes."""

import copy
import io
import pickle
import pickletools

import numpy as np
import pandas as pd
import patsy
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.contracts.lifecycles import (
    BUILDERS,
    FITS,
    WEIGHTS,
    N,
    assert_same,
    by_arrays,
    by_formula,
    data,
    reported,
    text,
    through_pickle,
    through_save,
)
from wlogit import NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit


@pytest.fixture(params=FITS, ids=lambda fit: f"{fit[0]}, {fit[1]}")
def results(request):
    builder, weights = request.param
    return BUILDERS[builder](weights)


COPIES = {
    "pickle": through_pickle,
    "save": through_save,
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


# --------------------------------------------------------------------------------------- copies


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_says_the_same_and_computes_the_same(results, way):
    again = COPIES[way](results)
    assert type(again) is type(results)
    assert_same(again, results)
    assert_array_equal(np.asarray(again.predict()), np.asarray(results.predict()))
    assert_array_equal(again.cov_HC3, results.cov_HC3)
    assert_array_equal(np.asarray(again.resid_dev), np.asarray(results.resid_dev))
    assert_array_equal(again.model.fit(disp=False).params, results.params)


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_of_a_formula_predicts_new_rows(way):
    """With the mean that center() took at the fit, and the levels that C() saw."""
    results = by_formula("balanced")
    new = data().iloc[[3, 50]].drop(columns="y")
    again = COPIES[way](results)
    assert_array_equal(again.predict(new), results.predict(new))
    assert_allclose(again.predict(new), results.predict().iloc[[3, 50]], rtol=1e-12)


def test_a_change_to_a_deep_copy_leaves_the_original_alone():
    results = by_formula("sampling")
    before = reported(results)
    again = copy.deepcopy(results)
    again.remove_data()
    again._results.params[:] = 0.0
    again.model.data.frame = None
    after = reported(results)
    assert_array_equal(after[0], before[0])
    assert after[1] == before[1]
    assert len(results.predict()) == N


def test_the_model_alone_can_be_stored():
    for builder, weights in FITS:
        model = BUILDERS[builder](weights).model
        again = through_pickle(model)
        assert_array_equal(again.fit(disp=False).params, model.fit(disp=False).params)


def local_functions():
    def squared(values):
        return values**2

    return {"squared": squared, "shifted": lambda values: values + 1.0}


def test_a_function_that_cannot_be_stored():
    """The fit can, predicts for columns of the design, and else says what to do."""
    around = patsy.EvalEnvironment([local_functions()])
    formula = "y ~ x + squared(z) + shifted(o)"
    results = weighted_logit(formula, data(), class_weight="balanced", eval_env=around)
    results = results.fit(disp=False)
    expected = results.predict().iloc[:5]
    assert_allclose(results.predict(data().iloc[:5]), expected, rtol=1e-13)
    for again in (through_pickle(results), copy.deepcopy(results)):
        assert_same(again, results)
        columns = np.asarray(results.model.exog)[:5]
        assert_allclose(again.predict(columns, transform=False), expected, rtol=1e-13)
    with pytest.raises((ValueError, NotAvailableError), match="transform=False"):
        through_pickle(results).predict(data().iloc[:5])


# ------------------------------------------------------------------------------- forgotten data


def test_without_its_data_a_fit_says_the_same(results):
    numbers, words = reported(results)
    results.remove_data()
    after = reported(results)
    assert_array_equal(after[0], numbers)
    assert after[1] == words
    results.remove_data()
    assert_array_equal(reported(results)[0], numbers)


def test_the_summary_need_not_be_asked_for_before(results):
    """statsmodels remembers only what was shown already."""
    again = through_pickle(results)
    again.remove_data()
    assert text(again.summary()) == text(results.summary())
    assert text(again.summary2()) == text(results.summary2())


def arrays_in(thing):
    """Every array, however deep, in the attributes of an object."""
    seen, found, waiting = set(), [], [thing]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            found.append(one)
        elif isinstance(one, pd.DataFrame | pd.Series | pd.Index):
            found.append(np.asarray(one))
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        elif type(one).__module__.split(".")[0] in ("wlogit", "statsmodels", "patsy", "functools"):
            slots = [s for c in type(one).__mro__ for s in getattr(c, "__slots__", ())]
            waiting += [getattr(one, s) for s in slots if hasattr(one, s)]
            waiting += vars(one).values() if hasattr(one, "__dict__") else []
    return found


@pytest.mark.parametrize("saved", [False, True])
def test_nothing_of_the_length_of_the_data_survives(results, saved):
    again = through_pickle(results)
    if saved:
        file = io.BytesIO()
        again.save(file, remove_data=True)
    else:
        again.remove_data()
    kept = [array.shape for array in arrays_in(again) if N in array.shape]
    assert kept == []
    stored = pickle.dumps(again)
    strings = {
        argument for _, argument, _ in pickletools.genops(stored) if isinstance(argument, str)
    }
    told = [s for s in strings if s.startswith(("person", "household ", "secret"))]
    assert told == []
    for column in ("x", "z", "counted", "sampled", "o"):
        for values in (data()[column].to_numpy(), data()[column].to_numpy(dtype=np.float64)):
            # A run of the column, as an array would be stored.
            assert values[10:30].tobytes() not in stored
    assert len(stored) < 40_000


def test_the_size_does_not_grow_with_the_rows():
    sizes = []
    for times in (1, 20):
        table = pd.concat([data()] * times, ignore_index=True)
        results = weighted_logit("y ~ x + C(g)", table, sampling_weights="sampled").fit(disp=False)
        results = results.with_covariance("cluster", groups="household")
        results.remove_data()
        sizes.append(len(pickle.dumps(results)))
    assert sizes[1] < sizes[0] + 500


def test_a_fit_without_its_data_predicts_new_rows():
    for weights in WEIGHTS:
        results = by_formula(weights)
        new = data().iloc[[3, 50]]
        expected = results.predict(new)
        interval = results.get_prediction(new).summary_frame()
        calibrated = results.predict(new, which="calibrated")
        again = through_pickle(results)
        again.remove_data()
        for one in (again, through_pickle(again)):
            assert_array_equal(one.predict(new), expected)
            assert_array_equal(one.predict(new, which="calibrated"), calibrated)
            assert_array_equal(one.get_prediction(new).summary_frame(), interval)


def test_tests_of_coefficients_need_no_data(results):
    name = results.model.exog_names[1]
    calls = (
        lambda r: r.t_test(f"{name} = 0.1").pvalue,
        lambda r: r.wald_test(f"{name} = 0", scalar=True).statistic,
        lambda r: r.odds_ratios().to_numpy(),
        lambda r: r.cov_params(),
        lambda r: r.cov_nonrobust,
    )
    before = [np.asarray(call(results)) for call in calls]
    results.remove_data()
    for call, expected in zip(calls, before, strict=True):
        assert_array_equal(np.asarray(call(results)), expected)


# ------------------------------------------------------------------------------- changed arrays


def test_the_users_arrays_may_change_after_the_fit():
    table = data()
    groups = table["household"].to_numpy(copy=True)
    inputs = {
        "endog": table["y"].to_numpy(copy=True),
        "freq_weights": table["counted"].to_numpy(copy=True),
        "sampling_weights": table["sampled"].to_numpy(copy=True),
        "offset": table["o"].to_numpy(copy=True),
    }
    classes = {0: 1.0, 1: 3.0}
    exog = np.column_stack([np.ones(N), table["x"], table["z"]])
    model = WeightedLogit(exog=exog, class_weight=classes, **inputs)
    plain, clusters = model.fit(disp=False), None
    clusters = model.fit(disp=False, cov_type="cluster", cov_kwds={"groups": groups})
    before = [reported(one) for one in (plain, clusters)]
    rest = [plain.cov_HC3, plain.resid_dev, plain.predict(), model.loglike(plain.params)]
    classes[1] = 99.0
    groups[:] = "all"
    for values in inputs.values():
        values[:] = 1
    assert_array_equal(np.asarray(plain.resid_dev), np.asarray(rest[1]))
    assert_array_equal(plain.cov_HC3, rest[0])
    assert_array_equal(plain.predict(), rest[2])
    assert model.loglike(plain.params) == rest[3]
    again = model.fit(disp=False)
    for one, (numbers, words) in zip((plain, clusters), before, strict=True):
        assert_array_equal(reported(one)[0], numbers)
        assert reported(one)[1] == words
    assert_same(again, plain)


def test_the_users_design_may_change_after_the_fit():
    """X is not copied; what was reported does not ask for it again."""
    table = data()
    exog = np.column_stack([np.ones(N), table["x"], table["z"]])
    results = WeightedLogit(table["y"].to_numpy(), exog, class_weight="balanced").fit(disp=False)
    numbers, words = reported(results)
    exog[:] = 0.0
    assert_array_equal(reported(results)[0], numbers)
    assert reported(results)[1] == words


def test_the_users_frame_may_change_after_the_fit():
    table = data()
    results = weighted_logit(
        "y ~ x + C(g)", table, sampling_weights="sampled", freq_weights="counted"
    ).fit(disp=False)
    numbers, words = reported(results)
    clusters = reported(results.with_covariance("cluster", groups="household"))
    table["sampled"] = 1.0
    table["counted"] = 7
    table.loc[:, "x"] = 0.0
    table["y"] = 1 - table["y"]
    assert_array_equal(reported(results)[0], numbers)
    assert reported(results)[1] == words
    after = reported(results.with_covariance("cluster", groups="household"))
    assert_array_equal(after[0], clusters[0])


def test_what_is_handed_out_cannot_change_the_fit():
    """Not the weights, nor what the properties return."""
    results = by_arrays("sampling")
    numbers, _ = reported(results)
    for name in ("cov_HC3", "fittedvalues", "resid_dev", "cov_nonrobust"):
        handed = np.asarray(getattr(results, name))
        if handed.flags.writeable:
            handed[:] = 0.0
    assert_array_equal(reported(results)[0], numbers)
    assert np.any(np.asarray(results.fittedvalues) != 0)
    assert np.any(np.asarray(results.cov_HC3) != 0)


def test_refitting_is_bitwise_equal(results):
    model = results.model
    for _ in range(2):
        again = model.fit(disp=False)
        assert_array_equal(again.params, results.params)
        assert again.llf == results.llf
