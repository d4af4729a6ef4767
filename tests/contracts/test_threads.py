"""Fits in threads, in new processes and of arrays in any layout say the same."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.contracts.lifecycles import N, by_formula, data, reported
from wlogit import WeightedLogit
from wlogit.formula.api import weighted_logit, weighted_mnlogit
from wlogit.streaming import StreamedLogit


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
