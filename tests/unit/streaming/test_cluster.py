"""Fits on a cluster of processes (``make test-cluster``)."""

import os
import signal
import threading
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.streaming.streams import KINDS, N, data, in_memory, quietly
from tests.unit.streaming.test_same_numbers import COVARIANCES, assert_same_matrix
from wlogit import DesignError, WeightError
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit, dask_parts

distributed = pytest.importorskip("distributed")
dd = pytest.importorskip("dask.dataframe")

pytestmark = [
    pytest.mark.cluster,
    # Of workers that are killed, and of sockets that outlive them.
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture(scope="module")
def client():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    cluster = distributed.LocalCluster(processes=True, **options)
    with cluster, distributed.Client(cluster) as connected:
        yield connected


@pytest.mark.parametrize("kind", KINDS)
def test_every_covariance_of_every_kind(client, kind):
    formula, options = KINDS[kind]
    source = dd.from_pandas(data(), npartitions=5, sort=False)
    model = StreamedLogit.from_formula(formula, source, chunk_rows=31, client=client, **options)
    found, expected = quietly(model.fit), in_memory(kind)
    assert_allclose(found.params, expected.params, rtol=1e-10, atol=1e-12)
    requests = [(name, {}) for name in COVARIANCES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, keywords in [*requests, ("cluster", {"groups": ["firm", "town"]})]:
            theirs = expected.with_covariance(name, **keywords).cov_params()
            assert_same_matrix(found.with_covariance(name, **keywords).cov_params(), theirs)


def slowly(number):
    """Some of the rows, not at once, so that there is time to kill who reads them."""
    time.sleep(0.05)
    return data().iloc[number * 20 : (number + 1) * 20]


def kill_one(client):
    """As the machine's own killer of processes does it: without a word."""
    worker, process = next(iter(client.run(os.getpid).items()))
    del worker
    os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("held", [False, True])
def test_a_worker_killed_in_a_fit_changes_no_bit(client, held):
    """In the middle of a pass, while partitions are read or while they are held in memory."""
    source = dd.from_map(slowly, range(N // 20), meta=data().iloc[:0])
    source = source.persist() if held else source
    formula, options = KINDS["product"]

    def fit(**keywords):
        model = StreamedLogit.from_formula(formula, source, client=client, **options)
        return quietly(model.fit, start_params=np.zeros(6), cov_type="HC3", **keywords)

    undisturbed = fit()
    before, killers = set(client.run(os.getpid).values()), []

    def kill_soon(params):
        if not killers:
            killers.append(threading.Timer(0.0 if held else 0.15, kill_one, [client]))
            killers[0].start()

    disturbed = fit(callback=kill_soon)
    killers[0].join()
    client.wait_for_workers(2)
    assert set(client.run(os.getpid).values()) != before
    assert_array_equal(disturbed.params, undisturbed.params)
    assert_array_equal(disturbed.cov_params(), undisturbed.cov_params())
    assert disturbed.llf == undisturbed.llf
    assert_allclose(disturbed.params, in_memory("product").params, rtol=1e-9)


def lacking(number):
    part = data().iloc[number * 60 : (number + 1) * 60]
    return part.drop(columns="far") if number == 2 else part


def changed(number):
    part = data().iloc[number * 60 : (number + 1) * 60]
    return part.assign(far=part["far"].astype(str)) if number == 3 else part


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (lacking, "partition 2 has no column 'far'"),
        (changed, "partition 3 has text in the column 'far'"),
    ],
)
def test_a_bad_partition_is_named(client, load, words):
    source = dd.from_map(load, range(4), meta=data().iloc[:0])
    with pytest.raises(DesignError, match=words):
        StreamedLogit.from_formula("y ~ u + far", source, client=client)


def test_files_are_read_by_the_workers(client, tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(dask_parts, "PART_ROWS", 50)
    frame = data()
    frame.iloc[:150].to_parquet(tmp_path / "a.parquet", row_group_size=30)
    frame.iloc[150:].to_parquet(tmp_path / "b.parquet")
    frame.to_csv(tmp_path / "all.csv", index=False)
    formula, options = KINDS["balanced"]
    for pattern, n_parts in (("*.parquet", 4), ("all.csv", 1)):
        model = StreamedLogit.from_formula(formula, tmp_path / pattern, client=client, **options)
        assert len(model.runner().site.held.items) == n_parts
        found = model.fit(disp=False)
        assert_allclose(found.params, in_memory("balanced").params, rtol=1e-9)
        there = tmp_path / f"predicted-{n_parts}"
        assert found.predict_to_parquet(there) == N
        expected = in_memory("balanced").predict(frame)
        assert_allclose(pd.read_parquet(there)["predicted"], expected, rtol=1e-9)
    bad = tmp_path / "bad.csv"
    frame.assign(a=np.where(frame.index == 155, -1.0, 1.0)).to_csv(bad)
    with pytest.raises(WeightError, match=r"row 155 of bad\.csv is -1"):
        StreamedLogit.from_formula(formula, bad, client=client, sampling_weights="a")


def test_functions_and_numbers_around_the_call_are_known_to_the_workers(client):
    shift = 1.5

    def bent(values):
        return np.abs(values - shift)

    formula = "I(share > shift / 3) ~ bent(u) + I(m * shift) + center(standardize(o))"
    source = dd.from_pandas(data(), npartitions=3)
    found = StreamedLogit.from_formula(formula, source, client=client).fit(disp=False)
    expected = weighted_logit(formula, data()).fit(disp=False)
    assert_allclose(found.params, expected.params, rtol=1e-10)
