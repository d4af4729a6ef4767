"""Copies, files, forgotten data, changed arrays, threads and processes."""

import copy
import io
import multiprocessing
import pickle
import pickletools
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pandas as pd
import patsy
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from wlogit import NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit, weighted_mnlogit
from wlogit.streaming import StreamedLogit

N = 97  # a length that nothing else has


@cache
def _data():
    rng = np.random.default_rng(21)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "z": rng.normal(size=N),
            "g": rng.choice(["east", "north", "south"], N),
            "counted": rng.integers(1, 5, N),
            "sampled": rng.uniform(0.5, 4.0, N),
            "o": rng.normal(size=N) / 5,
            "household": [f"household {i}" for i in np.arange(N) // 4],
            "unused": [f"secret {i}" for i in range(N)],
        },
        index=[f"person {i}" for i in range(N)],
    )
    eta = 0.7 * data["x"] - 0.4 * data["z"] + data["o"]
    data["y"] = (rng.random(N) < 1 / (1 + np.exp(-eta))).astype(int)
    return data


def data():
    return _data().copy()


WEIGHTS = {
    "none": {},
    "frequency": {"freq_weights": "counted"},
    "sampling": {"sampling_weights": "sampled"},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1.0, 1: 2.5}},
    "prevalence": {"prevalence": 0.15},
    "all three": {
        "freq_weights": "counted",
        "sampling_weights": "sampled",
        "class_weight": "balanced",
    },
    "offset": {"offset": "o", "class_weight": "balanced"},
}


def by_formula(weights, formula="y ~ x + center(z) + C(g)"):
    return weighted_logit(formula, data(), **WEIGHTS[weights]).fit(disp=False)


def by_arrays(weights):
    table = data()
    options = {
        name: table[value].to_numpy() if value in table.columns else value
        for name, value in WEIGHTS[weights].items()
        if isinstance(value, str)
    }
    options = {**WEIGHTS[weights], **options}
    exog = np.column_stack([np.ones(N), table["x"], table["z"]])
    return WeightedLogit(table["y"].to_numpy(), exog, **options).fit(disp=False)


def counts(weights):
    table = data()
    endog = np.column_stack([table["counted"] + table["y"], 5 - table["counted"]])
    exog = np.column_stack([np.ones(N), table["x"]])
    chosen = {name: value for name, value in WEIGHTS[weights].items() if name == "class_weight"}
    return WeightedLogit(endog, exog, **chosen).fit(disp=False)


def clustered(weights):
    return by_formula(weights).with_covariance("cluster", groups="household", use_t=True)


BUILDERS = {"formula": by_formula, "arrays": by_arrays, "counts": counts, "clusters": clustered}
FITS = [
    *[(builder, weights) for builder in ("formula", "arrays") for weights in WEIGHTS],
    *[("counts", "none"), ("counts", "balanced"), ("clusters", "sampling")],
]


@pytest.fixture(params=FITS, ids=lambda fit: f"{fit[0]}, {fit[1]}")
def results(request):
    builder, weights = request.param
    return BUILDERS[builder](weights)


def reported(results):
    """Every number that needs no rows."""
    weights = results.weights
    scalars = [results.llf, results.llnull, results.llr, results.llr_pvalue, results.prsquared]
    scalars += [results.aic, results.bic, results.nobs, results.df_model, results.df_resid]
    scalars += [weights.nobs, weights.total, weights.effective_size, weights.design_effect]
    parts = (results.params, results.bse, results.pvalues, results.conf_int())
    table = [np.ravel(np.asarray(part, dtype=np.float64)) for part in (*parts, scalars)]
    words = (
        results.cov_type,
        weights.kind,
        str(weights.class_weights),
        text(results.summary()),
    )
    return np.concatenate(table), words


def text(summary):
    """What a summary says, but for the clock."""
    return re.sub(r"(Date|Time):.*?(\d+:?){3}", "", summary.as_text())


def assert_same(one, other):
    assert_array_equal(reported(one)[0], reported(other)[0])
    assert reported(one)[1] == reported(other)[1]


def through_pickle(results):
    return pickle.loads(pickle.dumps(results))


def through_save(results):
    file = io.BytesIO()
    results.save(file)
    file.seek(0)
    return type(results).load(file)


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


# --------------------------------------------------------------------------- threads, processes


def one_fit(seed):
    rng = np.random.default_rng(seed)
    exog = np.column_stack([np.ones(3000), rng.normal(size=(3000, 4))])
    endog = (rng.random(3000) < 0.3).astype(int)
    weights = rng.uniform(1, 5, 3000)
    model = WeightedLogit(endog, exog, sampling_weights=weights, class_weight="balanced")
    results = model.fit(disp=False)
    return np.concatenate([results.params, results.bse, [results.llf, results.aic]])


def test_fits_in_threads_are_the_serial_fits():
    serial = [one_fit(seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(one_fit, range(8)))
    assert_array_equal(threaded, serial)


def test_one_model_may_be_fitted_in_several_threads():
    model = by_formula("all three").model
    expected = reported(model.fit(disp=False))[0]
    with ThreadPoolExecutor(4) as pool:
        fitted = list(pool.map(lambda _: reported(model.fit(disp=False))[0], range(8)))
    for found in fitted:
        assert_array_equal(found, expected)


def test_one_fit_may_be_asked_in_several_threads():
    results = by_formula("sampling")
    kinds = ("HC0", "HC1", "HC2", "HC3", "HC4", "linearized", None, "HC3")
    serial = [np.asarray(results.with_covariance(kind).bse) for kind in kinds]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda kind: np.asarray(results.with_covariance(kind).bse), kinds))
    assert_array_equal(found, serial)


def large_fit(seed):
    """So many rows that the sums of one fit are on threads themselves."""
    rng = np.random.default_rng(seed)
    exog = np.column_stack([np.ones(120_000), rng.normal(size=(120_000, 3))])
    endog = (rng.random(120_000) < 0.3).astype(int)
    results = WeightedLogit(endog, exog, class_weight="balanced").fit(disp=False)
    return np.concatenate([results.params, results.bse, [results.llf]])


def several_labels(seed):
    rng = np.random.default_rng(seed)
    table = data().assign(label=rng.integers(0, 3, N))
    results = weighted_mnlogit("label ~ x + z", table, sampling_weights="sampled").fit(disp=False)
    return np.concatenate([np.ravel(results.params), np.ravel(results.bse)])


def without_bias(seed):
    table = data().sample(frac=1.0, random_state=seed)
    results = weighted_logit("y ~ x + z", table).fit_bias_reduced(disp=False)
    return np.concatenate([results.params, results.bse])


def streamed(seed):
    table = data().sample(frac=1.0, random_state=seed)

    def parts():
        yield from (table.iloc[:50], table.iloc[50:])

    model = StreamedLogit.from_formula("y ~ x + z", parts, class_weight="balanced")
    results = model.fit(disp=False)
    return np.concatenate([results.params, results.bse])


def test_fits_of_every_kind_in_threads_are_the_serial_fits(monkeypatch):
    monkeypatch.setenv("WLOGIT_NUM_THREADS", "2")
    calls = [(fit, seed) for seed in (1, 2) for fit in (large_fit, several_labels, without_bias)]
    calls += [(streamed, 1), (streamed, 2), (one_fit, 1), (large_fit, 3)]
    serial = [fit(seed) for fit, seed in calls]
    with ThreadPoolExecutor(5) as pool:
        threaded = list(pool.map(lambda call: call[0](call[1]), calls))
    for found, expected in zip(threaded, serial, strict=True):
        assert_array_equal(found, expected)


def in_layout(values, layout, folder):
    """The same numbers, held in another way."""
    if layout == "memory-mapped":
        np.save(folder / f"{len(list(folder.iterdir()))}.npy", values)
        return np.load(max(folder.iterdir(), key=lambda path: int(path.stem)), mmap_mode="r")
    made = {
        "read-only": np.copy,
        "column-major": np.asfortranarray,
        "every other row": lambda v: np.repeat(v, 2, axis=0)[::2],
        "backwards": lambda v: v[::-1].copy()[::-1],
        "other byte order": lambda v: v.astype(v.dtype.newbyteorder()),
    }[layout](values)
    made.flags.writeable = False
    return made


LAYOUTS = (
    *("read-only", "memory-mapped", "column-major", "every other row", "backwards"),
    "other byte order",
)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_how_arrays_are_held_changes_nothing(layout, dtype, tmp_path):
    """Read-only, in files, strided, of single precision: none is written to, all give one fit."""
    table = data()
    exog = np.column_stack([np.ones(N), table["x"], table["z"]]).astype(dtype)
    given = [exog, table["y"].to_numpy(), table["sampled"].to_numpy().astype(dtype)]
    given.append(table["o"].to_numpy().astype(dtype))
    held = [in_layout(values, layout, tmp_path) for values in given]

    def numbers(X, y, w, o):
        results = WeightedLogit(y, X, sampling_weights=w, offset=o).fit(disp=False)
        clustered = results.with_covariance("cluster", groups=np.arange(N) // 4)
        parts = [results.params, results.bse, clustered.bse, results.predict(), [results.llf]]
        return np.concatenate([np.asarray(part) for part in parts])

    expected = numbers(*(np.asarray(values, dtype=np.float64) for values in given))
    assert_allclose(numbers(*held), expected, rtol=1e-12)
    for values, original in zip(held, given, strict=True):
        assert_array_equal(values, original)


@pytest.mark.parametrize("unit", [1e-100, 1e-20, 1e20, 1e100])
def test_huge_and_tiny_units_divide_out(unit):
    """Of a column and of the weights: z values and log-odds are those of ordinary units."""
    table = data()
    exog = np.column_stack([np.ones(N), table["x"], table["z"]])

    def numbers(X, w):
        results = WeightedLogit(table["y"].to_numpy(), X, sampling_weights=w).fit(disp=False)
        return np.concatenate([results.tvalues, results.predict(which="linear")])

    weights = table["sampled"].to_numpy()
    expected = numbers(exog, weights)
    assert_allclose(numbers(exog * [1.0, unit, 1.0], weights), expected, rtol=1e-10)
    assert_allclose(numbers(exog, weights * unit), expected, rtol=1e-10)


def test_a_new_process_agrees():
    """Spawned, as on every platform; what it gets and gives back goes through pickle."""
    results = by_formula("all three")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert_array_equal(pool.apply(one_fit_elsewhere, (5,)), one_fit(5))
        new = data().iloc[:4]
        assert_array_equal(pool.apply(predict_elsewhere, (results, new)), results.predict(new))
        for fit in (several_labels, without_bias, streamed):
            assert_array_equal(pool.apply(fit, (1,)), fit(1))


def one_fit_elsewhere(seed):
    return one_fit(seed)


def predict_elsewhere(results, new):
    return np.asarray(results.predict(new))
