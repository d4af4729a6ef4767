"""Fresh samples of the coverage study: the promise holds in them, and the data are not stale.

The seeds are those of the study, so that a change of any estimate shows; a thousand samples have a
Monte Carlo error of 0.7 points.
"""

from functools import cache

import numpy as np
import pytest

from tests.studies.coverage import law
from tests.studies.coverage.cells import CELLS
from tests.studies.coverage.measure import measure
from tests.studies.coverage.records import Record, read
from tests.studies.coverage.run import seeds

pytestmark = pytest.mark.slow

SAMPLES = 1000
PROMISED = [
    "events, balanced, 0.05, 20 events",
    "events, balanced, 0.05, 50 events",
    "events, balanced, 0.2, 200 events",
    "weights, none, 0.05, 20 events",
    "weights, 1:10, 0.05, 50 events",
    "weights, prevalence, 0.01, 200 events",
    "weights, sampling, by outcome, 0.05, 200 events",
    "misspecified, sampling, by outcome, 0.05, 200 events, square 0.35",
]
OTHERS = [
    "clusters, balanced, 0.2, 80 events, 20 clusters, correlation 0.3",
    "survey, sampling, design, 0.2, 300 events, 25 x 2 PSUs, correlation 0.1",
]


@cache
def fresh(name: str) -> Record:
    cell = CELLS[name]
    found = [measure(cell, np.random.default_rng(seed)) for seed in seeds(cell, SAMPLES)]
    return Record.of(cell, found)


@pytest.mark.parametrize("name", PROMISED)
def test_the_default_keeps_its_promise(name):
    record = fresh(name)
    own = record.of_default
    assert all(law.holds(record, "slopes", share) for share in own.slopes), own
    assert law.holds(record, "intercept", own.intercept), own


@pytest.mark.parametrize("name", [name for name in [*PROMISED, *OTHERS] if name in read()])
def test_the_data_are_what_the_programs_give(name):
    kept, again = read()[name], fresh(name)
    # Far more than chance: the samples are among those of the data.
    for covariance, intervals in again.intervals.items():
        known = kept.intervals[covariance].coverage
        np.testing.assert_allclose(intervals.coverage, known, atol=0.04)
    for test, rate in again.tests.items():
        assert rate == pytest.approx(kept.tests[test], abs=0.04)


def test_cr2_covers_with_twenty_clusters():
    for correlation in ("0.05", "0.3"):
        name = f"clusters, balanced, 0.2, 80 events, 20 clusters, correlation {correlation}"
        assert min(fresh(name).intervals["CR2"].slopes) >= 0.91
