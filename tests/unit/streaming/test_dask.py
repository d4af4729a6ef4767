"""A dask DataFrame, summed without a cluster; see ``test_cluster.py`` for one of processes."""

import pickle
import warnings

import numpy as np
import pandas as pd
import patsy
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.unit.streaming import test_survey
from tests.unit.streaming.streams import FORMULA, KINDS, N, data, in_memory, quietly
from tests.unit.streaming.test_same_numbers import COVARIANCES, SCALARS, assert_same_matrix
from wlogit import DesignError, NotAvailableError, WeightError
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit, building, dask_site

dask = pytest.importorskip("dask")
dd = pytest.importorskip("dask.dataframe")


@pytest.fixture(autouse=True)
def in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


def cut(ends, frame=None, **options):
    """A dask DataFrame with a partition up to each of these rows; dask knows the first one."""
    whole = data() if frame is None else frame
    starts = [0, *ends]
    pieces = [whole.iloc[a:b] for a, b in zip(starts, [*ends, len(whole)], strict=True)]
    return of_frames(pieces, **options)


def of_frames(frames, **options):
    options = {"meta": frames[0].iloc[:0], "verify_meta": False, **options}
    return dd.from_delayed([dask.delayed(frame) for frame in frames], **options)


def fit(source, formula=FORMULA, **options):
    options = {"class_weight": "balanced", **options}
    return quietly(StreamedLogit.from_formula(formula, source, **options).fit)


# ------------------------------------------------------------------------------ numbers


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # looking for a smaller example of a failure takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    cuts=st.lists(st.integers(0, N), max_size=11).map(sorted),
    chunk_rows=st.sampled_from([40, 1000]),
    covariance=st.sampled_from([*COVARIANCES, "cluster"]),
)
def test_any_partitions_and_chunks(kind, cuts, chunk_rows, covariance):
    """As in memory, with partitions of all sizes, some of them empty."""
    formula, options = KINDS[kind]
    keywords = {"groups": ["firm", "town"]} if covariance == "cluster" else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "SAMPLE_ENTRIES", 100)
        patch.setattr(building, "SAMPLE_ROWS", 40)
        model = StreamedLogit.from_formula(formula, cut(cuts), chunk_rows=chunk_rows, **options)
        found = quietly(model.fit, cov_type=covariance, cov_kwds=keywords)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = in_memory(kind).with_covariance(covariance, **keywords)
    assert_allclose(found.params, expected.params, rtol=1e-10, atol=1e-12)
    assert_same_matrix(found.cov_params(), expected.cov_params())
    for name in SCALARS:
        theirs = getattr(expected, name)
        assert_allclose(getattr(found, name), theirs, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", ["two stages", "rows with fpc", "lonely, average"])
def test_designs_whose_units_span_partitions(name):
    design, frame = test_survey.DESIGNS[name], test_survey.data()
    found = test_survey.streamed(design, cut([40, 41, 90], frame), chunk_rows=30)
    test_survey.assert_same(found, test_survey.in_memory(design))


def test_effects_are_averaged_over_all_partitions():
    theirs = in_memory("balanced").get_margeff().summary_frame()
    found = fit(cut([50, 130])).get_margeff().summary_frame()
    assert_allclose(found.loc[theirs.index], theirs, rtol=1e-8)


def test_one_small_sum_comes_back_from_each_pass(monkeypatch):
    brought = []
    plain = dask_site.DaskSite._value

    def recorded(site, delayed):
        brought.append(len(pickle.dumps(found := plain(site, delayed))))
        return found

    monkeypatch.setattr(dask_site.DaskSite, "_value", recorded)
    monkeypatch.setattr(building, "SAMPLE_ENTRIES", 100)
    monkeypatch.setattr(building, "SAMPLE_ROWS", 40)
    many = pd.concat([data()] * 40, ignore_index=True)
    fit(cut([3000, 6000], many), FORMULA + " + center(o) + standardize(u)")
    assert max(brought) < 20_000 < len(pickle.dumps(many)) / 50


def test_neither_threads_nor_their_order_change_a_bit():
    formula, options = KINDS["product"]
    alone = fit(cut([20, 90, 91, 170]), formula, **options)
    with dask.config.set(scheduler="threads", num_workers=4):
        threaded = fit(cut([20, 90, 91, 170]), formula, **options)
    assert_array_equal(threaded.params, alone.params)
    assert_array_equal(threaded.cov_params(), alone.cov_params())


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.astype({"g": "string"}),
        lambda frame: frame.astype({"g": "category"}),
        lambda frame: frame.set_axis(np.arange(N) // 3),
        lambda frame: frame.astype({"y": "Int64", "far": "float32"}),
    ],
)
def test_types_and_labels_of_rows(change):
    frame = change(data())
    assert_allclose(fit(cut([50, 130], frame)).params, in_memory("balanced").params, rtol=1e-9)


def test_categories_that_differ_from_partition_to_partition():
    parts = [data().iloc[:100], data().iloc[100:]]
    known = of_frames([part.astype({"g": "category"}) for part in parts])
    unknown = dd.from_pandas(data(), npartitions=3, sort=False).astype({"g": "category"})
    for source in (known, unknown):
        assert_allclose(fit(source).params, in_memory("balanced").params, rtol=1e-10)


def test_splines_get_their_knots_from_all_partitions():
    knots = (1.3, 1.5)  # noqa: F841  named in the formula
    formula = "y ~ bs(u, knots=knots) + cr(far, df=3) - 1 + center(standardize(u) * m)"
    expected = weighted_logit(formula, data()).fit(disp=False)
    found = fit(cut([50, 51, 200]), formula, class_weight=None, eval_env=1)
    assert_allclose(found.fit_record.llf, expected.llf, rtol=1e-12)
    assert_allclose(found.params, expected.params, rtol=1e-7, atol=1e-10)


class LastSeen:
    """A transform that is no sum over rows."""

    def __init__(self):
        self.last = 0.0

    def memorize_chunk(self, x):
        self.last = 0.5 * self.last + float(np.asarray(x)[-1])

    def memorize_finish(self):
        pass

    def transform(self, x):
        return x - self.last


def test_a_transform_of_the_user_learns_from_one_partition_after_the_other():
    since = patsy.stateful_transform(LastSeen)  # noqa: F841  named in the formula
    found = fit(cut([70, 100]), "y ~ since(far) + x", eval_env=1)
    last = 0.0
    for end in (70, 100, N):
        last = 0.5 * last + data()["far"].iloc[end - 1]
    expected = fit(cut([70]), f"y ~ I(far - {last!r}) + x")
    assert_allclose(found.params, expected.params, rtol=1e-9)


# ------------------------------------------------------------------------------ bad partitions


def with_third(change):
    """Four partitions, the third of which is changed."""
    frames = [data().iloc[start : start + 60] for start in range(0, N, 60)]
    return of_frames([*frames[:2], change(frames[2]), frames[3]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda part: part.drop(columns="far"), "partition 2 has no column 'far'"),
        (
            lambda part: part.assign(far=part["far"].astype(str)),
            "partition 2 has text in the column 'far'",
        ),
        (
            lambda part: part.assign(g=np.arange(len(part))),
            # Old versions call a column of text one of objects, which may be anything.
            "partition 2 has numbers in the column 'g'|'g' is 0 in row 120 of partition 2",
        ),
        (
            lambda part: part.assign(far=pd.Timestamp("2020-01-01")),
            "partition 2 has dates in the column 'far'",
        ),
    ],
)
def test_a_bad_partition_is_named(change, words):
    with pytest.raises(DesignError, match=words):
        fit(with_third(change))


def test_what_cannot_be_made_is_named_by_partition():
    source = cut([60, 120]).map_partitions(_failing, meta=data().iloc[:0])
    with pytest.raises(DesignError, match="partition 1 cannot be read: ZeroDivisionError: 1/0"):
        fit(source)
    frames = [data().iloc[:60], data().iloc[60:].drop(columns="far")]
    with pytest.raises(DesignError, match="partition 1 cannot be read: ValueError"):
        fit(of_frames(frames, verify_meta=True))


def _failing(part):
    if 60 in part.index:
        raise ZeroDivisionError("1/0")
    return part


def test_a_bad_row_is_named_by_its_label_in_its_partition():
    labels = [f"id-{i}" for i in range(N)]
    frame = data().assign(w=1.0).set_axis(labels)
    frame.loc["id-131", "w"] = -1.0
    with pytest.raises(WeightError, match="row 'id-131' of partition 1 is -1"):
        fit(cut([100, 200], frame), sampling_weights="w")
    with pytest.raises(patsy.PatsyError, match="no_such_function"):
        fit(cut([100]), "y ~ np.no_such_function(x)")


def test_no_rows_and_other_things_of_dask_are_refused():
    with pytest.raises(DesignError, match="no rows"):
        fit(cut([], data().iloc[:0]))
    with pytest.raises(DesignError, match="must be a dask DataFrame"):
        fit(cut([100])["x"])
    with pytest.raises(ValueError, match="dashboard"):
        fit(cut([100]), progress=True)


# ------------------------------------------------------------------------------ afterwards


def test_predictions_are_written_by_the_workers(tmp_path):
    pytest.importorskip("pyarrow")
    results, there = fit(cut([100, 100, 180])), tmp_path / "predicted"
    assert results.predict_to_parquet(there, keep="firm", chunk_rows=50) == N
    written = pd.read_parquet(there)
    assert_allclose(written["predicted"], in_memory("balanced").predict(data()), rtol=1e-9)
    assert_array_equal(written["firm"], data()["firm"])
    with pytest.raises(DesignError, match="is there already"):
        results.predict_to_parquet(there)
    with pytest.raises(DesignError, match="no column 'nothing'"):
        results.predict_to_parquet(tmp_path / "other", keep="nothing")
    assert [path.name for path in tmp_path.iterdir()] == ["predicted"]


def test_a_pickled_fit_predicts_but_has_lost_its_rows():
    results = fit(cut([100]))
    sent = pickle.loads(pickle.dumps(results))
    new = data().head(9)
    assert_array_equal(sent.predict(new), results.predict(new))
    with pytest.raises(NotAvailableError, match="source of this fit is gone"):
        sent.with_covariance("HC1")
