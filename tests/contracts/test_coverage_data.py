"""The data of the coverage study are those of its programs, and its page explains every failure."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.studies.coverage import law
from tests.studies.coverage.cells import CELLS
from tests.studies.coverage.page import substitutions
from tests.studies.coverage.records import Record, read

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
RECORDS = read()


def test_every_cell_was_simulated_as_it_is_now():
    assert list(RECORDS) == [name for name in CELLS if name in RECORDS]
    for record in RECORDS.values():
        cell = record.cell
        assert (record.n, record.replications) == (cell.n, cell.replications)
        assert record.default == cell.default
        np.testing.assert_allclose(record.truth, cell.truth, atol=1e-5)
        assert set(cell.covariances()) <= set(record.intervals)


def test_the_default_keeps_its_promise_or_the_page_says_why():
    broken = {failure.record.cell.name: failure.record for failure in law.failures(RECORDS)}
    assert [name for name, record in broken.items() if law.reason(record) is None] == []
    assert set(law.REASONS) <= set(broken)


def test_a_failure_is_one_by_more_than_chance():
    enough = RECORDS["weights, sampling, by outcome, 0.05, 200 events"]
    few = RECORDS["weights, sampling, by outcome, 0.05, 20 events"]
    assert law.holds(enough, "slopes", 0.926)
    assert not law.holds(enough, "slopes", 0.924)
    assert not law.holds(enough, "intercept", 0.976)
    assert law.holds(few, "slopes", 0.99)
    assert law.holds(few, "slopes", 0.925)
    assert not law.holds(few, "intercept", 0.925)


def test_every_number_of_the_page_is_in_the_data():
    numbers = substitutions()
    text = PAGE.read_text(encoding="utf-8")
    wanted = re.findall(r"\{\{ (\S+) \}\}", text)
    assert len(wanted) > 50
    for name in wanted:
        found = numbers
        for part in name.split("."):
            found = found[part]
        assert isinstance(found, str)
    # Nor is there a share that is written out, but for those that are promised.
    assert re.findall(r"\d+\.\d+ to \d+\.\d+ %", text) == ["93.5 to 96.5 %"] * 2


def test_records_survive_writing(tmp_path):
    from tests.studies.coverage.records import write

    path = tmp_path / "some.json"
    write(RECORDS.values(), {"seed": 1}, path)
    again = read(path)
    assert again == RECORDS
    assert all(isinstance(record, Record) for record in again.values())


def test_truth_by_quadrature_is_what_a_large_sample_gives():
    """A misspecified population under balanced weights, by a fit of other software."""
    sklearn = pytest.importorskip("sklearn.linear_model")
    cell = CELLS["misspecified, balanced, 0.05, 200 events, square 0.35"]
    from tests.studies.coverage.population import covariates

    rng = np.random.default_rng(3)
    X = covariates(rng, 200_000)
    y = rng.random(len(X)) < 1.0 / (1.0 + np.exp(-cell.population.eta(X)))
    fit = sklearn.LogisticRegression(C=np.inf, class_weight="balanced", tol=1e-8)
    fit.fit(X[:, 1:], y)
    np.testing.assert_allclose(fit.intercept_[0], cell.truth[0], atol=0.08)
    np.testing.assert_allclose(fit.coef_[0], cell.truth[1:5], atol=0.08)
    assert abs(y.mean() - cell.prevalence) < 0.001
