"""Bad inputs of the life cycle: arrays that change, odd memory, pickles, permuted columns."""

import copy
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose, assert_array_equal

from tests.contracts.bad_inputs import Book, Holds, X, frame, refuses, w, y
from wlogit import DesignError, NotAvailableError, WeightedLogit
from wlogit.formula.api import weighted_logit

case = Book()
H = "H lifecycle"


def fit(endog=None, exog=None, weights=None, **options):
    endog = y() if endog is None else endog
    exog = X() if exog is None else exog
    weights = w() if weights is None else weights
    return WeightedLogit(endog, exog, sampling_weights=weights, **options).fit(disp=False)


def numbers(results):
    """What a fit reports."""
    scalars = [results.llf, results.llnull, results.nobs, results.aic, results.llr_pvalue]
    parts = (results.params, results.bse, np.ravel(results.cov_params()), scalars)
    return np.concatenate([np.asarray(part) for part in parts])


@case(H, "X array mutated between construction and fit", Holds())
def _():
    # X is kept by reference: what is fitted is the array as it is then, and nothing but that.
    exog = X()
    model = WeightedLogit(y(), exog, sampling_weights=w())
    exog[:, 1] *= 2.0
    assert_allclose(numbers(model.fit(disp=False)), numbers(fit(exog=exog)), rtol=1e-12)
    assert exog.flags.writeable


@case(H, "weights mutated after fit, then lazy .llf", Holds())
def _():
    endog, weights, offset = y(), w(), np.linspace(-1, 1, len(y()))
    expected = numbers(fit(offset=offset.copy()))
    model = WeightedLogit(endog, X(), sampling_weights=weights, offset=offset)
    results = model.fit(disp=False)
    endog[:], weights[:], offset[:] = 0.0, 100.0, 7.0
    assert_array_equal(numbers(results), expected)
    assert_array_equal(numbers(model.fit(disp=False)), expected)


@case(H, "fit leaves X, y, w untouched", Holds())
def _():
    inputs = (y(), X(), w())
    results = fit(*inputs)
    results.summary(), results.cov_HC3, results.resid_dev, results.predict()
    for used, fresh in zip(inputs, (y(), X(), w()), strict=True):
        assert_array_equal(used, fresh)
        assert used.flags.writeable


def same_as_plain(exog):
    assert_allclose(numbers(fit(exog=exog)), numbers(fit()), rtol=1e-13)


case(H, "F-order arrays", Holds())(lambda: same_as_plain(np.asfortranarray(X())))


@case(H, "strided view arrays", Holds())
def _():
    wide = np.zeros((2 * len(X()), 6))
    wide[::2, ::2] = X()
    same_as_plain(wide[::2, ::2])
    same_as_plain(X()[::-1][::-1])
    reversed_weights = w()[::-1].copy()[::-1]
    assert_array_equal(numbers(fit(weights=reversed_weights)), numbers(fit()))


@case(H, "memory-mapped read-only X", Holds())
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.npy"
        np.save(path, X())
        same_as_plain(np.load(path, mmap_mode="r"))


def round_trips(results):
    for again in (pickle.loads(pickle.dumps(results)), copy.deepcopy(results)):
        assert_array_equal(numbers(again), numbers(results))
        assert again.summary().tables[1].as_text() == results.summary().tables[1].as_text()


@case(H, "pickle + deepcopy of results", Holds())
def _():
    round_trips(fit())
    round_trips(weighted_logit("y ~ x1 + g", frame(), class_weight="balanced").fit(disp=False))


@case(H, "pickle of formula results with a lambda/local function in the formula", Holds())
def _():
    def squared(values):
        return values**2

    results = weighted_logit("y ~ x1 + squared(x2)", frame(), sampling_weights="w").fit(disp=False)
    again = pickle.loads(pickle.dumps(results))
    assert_array_equal(numbers(again), numbers(results))
    design = np.asarray(results.model.exog)[:4]
    predicted = again.predict(design, transform=False)
    assert_allclose(predicted, results.predict().iloc[:4], rtol=1e-13)
    refused = (DesignError, NotAvailableError)
    refuses(refused, ("formula", "transform=False"), again.predict, frame().iloc[:4])


case(H, "pickle of results", Holds())(
    lambda: round_trips(fit().with_covariance("cluster", groups=np.arange(len(y())) // 4))
)


@case(H, "predict with DataFrame whose columns are permuted (array API)", Holds())
def _():
    columns = ["const", "x1", "x2"]
    table = pd.DataFrame(X(), columns=columns)
    results = fit(exog=table)
    expected = results.predict(table)
    for new in (table[["x2", "const", "x1"]], table.assign(z=9.0)[["z", "x2", "x1", "const"]]):
        assert_allclose(results.predict(new), expected, rtol=1e-14)
        assert_allclose(results.get_prediction(new).predicted, expected, rtol=1e-14)
    for new in (table[["x1", "x2"]], table.set_axis(["a", "b", "c"], axis=1)):
        refuses(DesignError, ("const",), results.predict, new)
    assert_allclose(results.predict(table.to_numpy()), expected, rtol=1e-14)
    assert_allclose(results.predict(pd.DataFrame(X())), expected, rtol=1e-14)
