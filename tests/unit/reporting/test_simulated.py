"""What a summary says of few cases and few clusters, and that the study found it."""

import numpy as np
import pandas as pd
import pytest

from tests.studies.coverage import law
from tests.studies.coverage.draws import CLUSTER_SIZES, SKEWED_SIZES
from tests.studies.coverage.records import read
from tests.unit.reporting.fits import N, fit, frame, notes_of
from wlogit import SeparationWarning, SurveyDesign
from wlogit.reporting import simulated

RECORDS = read()


def found(names, covariance, *, what="slopes"):
    """Lowest and highest coverage over cells, in whole percent."""
    shares = []
    for name in names:
        intervals = RECORDS[name].intervals
        shares += np.atleast_1d(getattr(intervals[covariance], what)).tolist()
    return round(100 * min(shares)), round(100 * max(shares))


def of_clusters(number, *, skewed=False):
    return [
        name
        for name, r in RECORDS.items()
        if (r.cell.clusters, r.cell.skewed) == (number, skewed) and not r.cell.bootstrap
    ]


def worth(sizes):
    sizes = np.asarray(sizes, dtype=float)
    return sizes.sum() ** 2 / (sizes @ sizes)


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
        (simulated.CLUSTERS_CR2, "CR2"),
    ],
    ids=["normal", "t", "CR2"],
)
def test_numbers_of_clusters_are_those_of_the_study(table, covariance):
    for entry in table:
        assert entry.slopes == found(of_clusters(entry.number), covariance)
    assert worth(CLUSTER_SIZES) / len(CLUSTER_SIZES) == pytest.approx(simulated.UNEQUAL, abs=0.005)


@pytest.mark.parametrize(
    ("table", "covariance"),
    [
        (simulated.SKEWED, "CR1S"),
        (simulated.SKEWED_T, "CR1S, t"),
        (simulated.SKEWED_CR3, "CR3"),
    ],
    ids=["normal", "t", "CR3"],
)
def test_numbers_of_very_unequal_clusters_are_those_of_the_study(table, covariance):
    for entry, number in zip(table, (100, 200), strict=True):
        assert entry.slopes == found(of_clusters(number, skewed=True), covariance)
        assert round(worth(np.resize(SKEWED_SIZES, number))) == entry.number
    # Those worth a hundred cover as the law of the study has it.
    (enough,) = of_clusters(600, skewed=True)
    assert worth(np.resize(SKEWED_SIZES, 600)) == pytest.approx(100, abs=2)
    record = RECORDS[enough]
    assert all(law.holds(record, "slopes", share) for share in record.of_default.slopes)


@pytest.mark.parametrize(
    ("table", "covariance"),
    [(simulated.SURVEYS, "survey"), (simulated.SURVEYS_OF_DESIGN, "survey, design df")],
    ids=["residual", "design"],
)
def test_numbers_of_surveys_are_those_of_the_study(table, covariance):
    by_degrees = {}
    for name, record in RECORDS.items():
        if record.cell.design and not record.cell.bootstrap:
            strata, each = record.cell.design
            by_degrees[strata * (each - 1)] = found([name], covariance)
    assert {entry.number: entry.slopes for entry in table}.items() <= by_degrees.items()
    enough = {n: slopes for n, slopes in by_degrees.items() if n >= simulated.ENOUGH_DEGREES}
    assert enough
    assert min(low for low, _ in enough.values()) >= 94


def test_numbers_of_the_test_of_sampling_weights_are_those_of_the_study():
    rates = {}
    for record in RECORDS.values():
        if record.cell.block == "weights" and record.default == "HC3":
            rates.setdefault(record.cell.events, []).append(record.tests.get("weights"))
    known = {n: shares for n, shares in rates.items() if None not in shares}
    assert set(known) == {50, 200, 800}
    for entry in simulated.TEST_OF_SAMPLING:
        shares = known[entry.number]
        assert entry.shares == (round(100 * min(shares)), round(100 * max(shares)))
        assert entry.number < simulated.ENOUGH_FOR_TEST
    assert max(known[800]) < 0.05 + 2.0 * np.sqrt(0.05 * 0.95 / 1000)


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
    adjusted = "{} to {} %".format(*simulated.CLUSTERS_CR2[0].slopes)
    assert f'take kind="CR2", of which they have covered them in {adjusted}' in said
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
    fewer = np.minimum(groups, 98)
    assert "99 clusters are few" in notes_of(many.with_covariance("cluster", groups=fewer))


def test_many_clusters_of_which_one_has_half_of_the_rows_are_few():
    data = frame()
    many = fit(data=data.loc[data.index.repeat(4)].reset_index(drop=True))
    groups = np.maximum(np.arange(4 * N), 2 * N)  # 120 rows of one, and 119 single ones
    said = notes_of(many.with_covariance("cluster", groups=groups))
    ones = 2 * N + 1, *[1] * (2 * N - 1)
    assert f"120 clusters of very unequal sizes, worth {worth(ones):.1f} equal ones, are" in said
    low, high = simulated.SKEWED[0].slopes
    assert "in simulations with some worth 16 such 95 % intervals have" in said
    assert f"covered slopes in {low} to {high} % of samples" in said
    assert 'take kind="CR3", of which' in said


def test_without_standard_errors_there_is_nothing_to_cover():
    data = frame().assign(x=lambda d: d["y"] + 0.0)
    with pytest.warns(SeparationWarning):
        separated = fit(data=data, fitting={"cov_type": "cluster", "cov_kwds": {"groups": "firm"}})
    assert "clusters are few" not in notes_of(separated)


def test_what_weighs_in_a_cluster_is_the_weights_of_its_rows():
    groups = np.arange(N)
    weights = np.where(groups == 0, 60.0, 1.0)
    said = notes_of(
        fit(sampling_weights=weights).with_covariance("cluster", groups=groups, kind="CR1")
    )
    assert f"60 clusters of very unequal sizes, worth {worth(weights):.1f} equal ones" in said
    counted = fit(freq_weights=weights).with_covariance("cluster", groups=groups)
    assert f"worth {worth(weights):.1f} equal ones" in notes_of(counted)


def survey(strata, **kwds):
    """Sixty rows in strata of two sampling units."""
    rows = np.arange(N)
    design = SurveyDesign(strata=rows % strata, psu=rows % (2 * strata), weights=np.ones(N))
    return fit(design=design, fitting={"cov_kwds": kwds})


@pytest.mark.parametrize(
    ("kwds", "table"),
    [({}, simulated.SURVEYS), ({"df": "design"}, simulated.SURVEYS_OF_DESIGN)],
    ids=["residual", "design"],
)
def test_few_degrees_of_freedom_of_a_survey_come_with_coverage(kwds, table):
    said = notes_of(survey(12, **kwds))
    low, high = table[0].slopes
    assert "12 degrees of freedom of the design (sampling units less strata) are few" in said
    assert (
        f"in simulations with 10, 95 % t intervals have covered slopes in {low} to {high}" in said
    )
    assert "with 25, 95 % t intervals" in notes_of(survey(28, **kwds))


@pytest.mark.parametrize(("units", "few"), [(51, True), (52, False)])
def test_fifty_degrees_of_freedom_of_a_survey_are_enough(units, few):
    psu = np.minimum(np.arange(N), units - 1)
    design = SurveyDesign(strata=(psu >= 9).astype(int), psu=psu, weights=np.ones(N))
    assert design.degrees_of_freedom(np.ones(N, dtype=bool)) == units - 2
    assert ("degrees of freedom of the design (" in notes_of(fit(design=design))) == few


def sampled(n_events, n=900, **options):
    rng = np.random.default_rng(8)
    x = rng.normal(size=n)
    y = (np.arange(n) < n_events).astype(int)
    data = pd.DataFrame({"y": y, "x": x, "a": 1.0 + rng.random(n)})
    return fit(data=data, sampling_weights="a", **options)


@pytest.mark.parametrize(("n_events", "entry"), [(30, 0), (120, 0), (399, 1)])
def test_a_test_of_sampling_weights_says_that_it_rejects_too_often(n_events, entry):
    known = simulated.TEST_OF_SAMPLING[entry]
    test = sampled(n_events).weighting_test()
    low, high = known.shares
    said = (
        f"With {n_events} cases of 1 this test of sampling weights rejects too often: in "
        f"simulations with {known.number}, a right model in {low} to {high} % of samples at 5 %."
    )
    assert test.conclusion.endswith(said)
    assert said in str(test)


def test_of_many_cases_or_of_class_weights_it_does_not():
    assert "too often" not in sampled(400).weighting_test().conclusion
    assert "too often" not in sampled(50, class_weight="balanced").weighting_test().conclusion
    assert "too often" in sampled(850).weighting_test().conclusion  # 50 of the other label
