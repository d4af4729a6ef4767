"""X is read where it lies: no copy of it, whatever its layout, type or place."""

import tracemalloc

import numpy as np
import pytest

from wlogit import WeightedLogit

ROWS, COLUMNS = 200_000, 24


def on_disk(X, folder):
    np.save(folder / "X.npy", X)
    return np.load(folder / "X.npy", mmap_mode="r")


LAYOUTS = {
    "C": lambda X, _: X,
    "F": lambda X, _: np.asfortranarray(X),
    "strided": lambda X, _: np.repeat(X, 2, axis=0)[::2],
    "reversed": lambda X, _: X[::-1].copy()[::-1],
    "single precision": lambda X, _: X.astype(np.float32),
    "on disk": on_disk,
}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(ROWS, COLUMNS)).astype(np.float32).astype(np.float64)
    X[:, 0] = 1.0
    return X, (rng.random(ROWS) < 1.0 / (1.0 + np.exp(1.0 - X[:, 1]))).astype(float)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_copy_is_made_of_the_covariates(data, layout, tmp_path):
    X, y = data
    expected = WeightedLogit(y, X, class_weight="balanced").fit(disp=False)
    given = LAYOUTS[layout](X, tmp_path)
    tracemalloc.start()
    results = WeightedLogit(y, given, class_weight="balanced").fit(disp=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shares_memory(results.model.exog, given)
    # Blocks of rows, a sample and vectors of the length of the data.
    assert peak < 0.75 * X.nbytes
    np.testing.assert_allclose(results.params, expected.params, rtol=1e-9)
    np.testing.assert_allclose(results.bse, expected.bse, rtol=1e-9)
