"""What a summary says of few cases and few clusters, and that the study found it."""

import numpy as np
import pytest

from tests.studies.coverage.records import read
from tests.unit.reporting.fits import N, fit, frame, notes_of
from wlogit.reporting import simulated

RECORDS = read()


def found(names, covariance, *, what="slopes"):
    """Lowest and highest coverage over cells, in whole percent."""
    shares = []
    for name in names:
        intervals = RECORDS[name].intervals
        shares += np.atleast_1d(getattr(intervals[covariance], what)).tolist()
    return round(100 * min(shares)), round(100 * max(shares))


def of_clusters(number):
    return [
        name for name, r in RECORDS.items() if r.cell.clusters == number and not r.cell.bootstrap
    ]


@pytest.mark.parametrize("entry", simulated.CENTERED, ids=lambda entry: str(entry.number))
def test_numbers_of_the_default_are_those_of_the_study(entry):
    cell = [f"events, balanced, 0.05, {entry.number} events"]
    assert entry.slopes == found(cell, "HC3 centered")
    assert entry.intercept == found(cell, "HC3 centered", what="intercept")[0]


@pytest.mark.parametrize("entry", simulated.WITHOUT_LEVERAGE, ids=lambda entry: str(entry.number))
def test_numbers_of_hc0_are_those_of_the_study(entry):
    cell = [f"events, balanced, 0.05, {entry.number} events"]
    assert entry.slopes == found(cell, "HC0 centered")


@pytest.mark.parametrize(("events", "entry"), list(zip((20, 50), simulated.SAMPLING, strict=True)))
def test_numbers_of_unequal_weights_are_those_of_the_study(events, entry):
    name = f"weights, sampling, by covariate, 0.05, {events} events"
    assert entry.slopes == found([name], "HC3")
    draw, effective = RECORDS[name].cell.draw, []
    for seed in range(200):
        sample = draw(np.random.default_rng(seed))
        a = sample.options["sampling_weights"][sample.y == 1]
        effective.append(a.sum() ** 2 / (a @ a))
    assert np.mean(effective) == pytest.approx(entry.number, abs=0.6)


@pytest.mark.parametrize(
    ("table", "covariance"),
    [
        (simulated.CLUSTERS, "CR1S"),
        (simulated.CLUSTERS_T, "CR1S, t"),
        (simulated.ADJUSTED_CLUSTERS, "CR2"),
    ],
    ids=["normal", "t", "CR2"],
)
def test_numbers_of_clusters_are_those_of_the_study(table, covariance):
    for entry in table:
        assert entry.slopes == found(of_clusters(entry.number), covariance)


# -- what is said --------------------------------------------------------------------------------


def few(n_events, **options):
    return fit(data=frame().assign(y=(np.arange(N) < n_events).astype(int)), **options)


def test_few_cases_under_balanced_weights_come_with_coverage():
    low, high = simulated.CENTERED[1].slopes
    said = notes_of(few(17, class_weight="balanced"))
    assert f"covered slopes in {low} to {high} % of samples" in said
    assert "in simulations with 15" in said
    assert "simulations" not in notes_of(few(17, class_weight={0: 1, 1: 2}))


@pytest.mark.parametrize("cov_type", ["HC0", "HC1", "linearized"])
def test_what_has_no_leverage_is_too_small_with_few_cases(cov_type):
    said = notes_of(few(25, class_weight="balanced").with_covariance(cov_type))
    assert f"{cov_type} is too small with few cases of a label (25 here)" in said
    assert "take HC3" in said
    for other in ("HC2", "HC3"):
        held = few(25, class_weight="balanced").with_covariance(other)
        assert "too small" not in notes_of(held)


def test_unequal_sampling_weights_leave_fewer_events():
    data = frame()
    events = np.flatnonzero(data["y"] == 1)
    weights = np.ones(N)
    weights[events[: len(events) // 2]] = 6.0
    a = weights[events]
    worth = a.sum() ** 2 / (a @ a)
    said = notes_of(fit(sampling_weights=weights))
    assert f"leave the {len(events)} cases of 1 worth {worth:.1f} equal ones" in said
    assert "worth" not in notes_of(fit(sampling_weights=np.where(data["y"] == 1, 6.0, 1.0)))
    assert "worth" not in notes_of(fit(sampling_weights=weights).with_covariance("HC0"))


def test_few_clusters_come_with_what_to_take():
    results = fit().with_covariance("cluster", groups=np.arange(N) % 20)
    low, high = simulated.CLUSTERS[0].slopes
    said = notes_of(results)
    assert "20 clusters are few: in simulations with 20 of unequal sizes" in said
    assert f"covered slopes in {low} to {high} % of samples" in said
    by_t = notes_of(fit().with_covariance("cluster", groups=np.arange(N) % 20, use_t=True))
    assert "covered slopes in {} to {} %".format(*simulated.CLUSTERS_T[0].slopes) in by_t
    adjusted = fit().with_covariance("cluster", groups=np.arange(N) % 20, kind="CR2")
    assert "clusters are few" not in notes_of(adjusted)


def test_a_hundred_clusters_are_enough():
    data = frame()
    many = fit(data=data.loc[data.index.repeat(2)].reset_index(drop=True))
    groups = np.arange(2 * N) % 100
    assert "clusters are few" not in notes_of(many.with_covariance("cluster", groups=groups))
