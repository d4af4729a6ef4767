"""Rows that stay what they are, and expressions that mean the same in every chunk."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import chunks, data, quietly
from wlogit import DesignError
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit

OF_ALL_ROWS = [
    "I(x - x.mean())",
    "I(x / np.std(x))",
    "x.rank()",
    "np.cumsum(x)",
    "x.shift(1)",
    "pd.qcut(x, 3)",
    "pd.cut(x, 3)",
    "center(far):I(u / u.max())",
]


@pytest.mark.parametrize("term", OF_ALL_ROWS)
def test_functions_of_all_rows_are_refused(term):
    with pytest.raises(DesignError, match="another number where only some of the rows are read"):
        StreamedLogit.from_formula(f"y ~ {term}", chunks(50))


def test_outcomes_that_depend_on_all_rows_are_refused():
    with pytest.raises(DesignError, match="another number where only some of the rows are read"):
        StreamedLogit.from_formula("I(x > x.mean()) ~ far", chunks(50))


def test_functions_of_one_row_are_not():
    formula = (
        "y ~ np.exp(-x) + C(pd.cut(x, [-99, 0, 99])) + center(far) + np.maximum(x, 0)"
        " + bs(u, df=4) + x:g"
    )
    found = quietly(StreamedLogit.from_formula(formula, chunks(50)).fit)
    expected = quietly(weighted_logit(formula, data()).fit)
    assert_allclose(found.params, expected.params, rtol=1e-8)


def other_signs(frame):
    return frame.assign(x=-frame["x"])


def swapped(frame):
    return frame.assign(x=frame["far"], far=frame["x"])


def paired(*names):
    def pair(frame):
        return frame.assign(**{name: np.roll(frame[name].to_numpy(), 7) for name in names})

    return pair


CHANGES = {
    "signs": (other_signs, {}, "other numbers"),
    "columns": (swapped, {}, "other numbers"),
    "outcomes": (paired("y"), {}, "other numbers"),
    "frequency weights": (paired("m"), {"freq_weights": "m"}, "other numbers"),
    "sampling weights": (paired("a"), {"sampling_weights": "a"}, "other numbers"),
    "offset": (paired("o"), {"offset": "o"}, "other numbers"),
    "clusters": (paired("year"), {"cluster": "year"}, "other clusters or sampling units"),
    "labels": (
        lambda frame: frame.assign(year=frame["year"] + 1000),
        {"cluster": "year"},
        "another cluster in row",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_rows_that_are_paired_with_other_numbers_are_noticed(change):
    changed, options, words = CHANGES[change]
    seen = []

    def source():
        return [changed(data()) if seen else data()]

    model = StreamedLogit.from_formula("y ~ x + far", source, class_weight="balanced", **options)
    results = quietly(model.fit)
    seen.append(1)
    covariance = ("cluster", {"groups": "year"}) if "cluster" in options else ("HC1", {})
    with pytest.raises(DesignError, match=words):
        results.with_covariance(covariance[0], **covariance[1])


def test_rows_in_another_order_are_the_same_rows():
    reads = []

    def source():
        reads.append(1)
        return [data().sample(frac=1.0, random_state=len(reads))]

    model = StreamedLogit.from_formula("y ~ x + far", source, class_weight="balanced")
    expected = quietly(weighted_logit("y ~ x + far", data(), class_weight="balanced").fit)
    assert_allclose(quietly(model.fit).bse, expected.bse, rtol=1e-9)


def test_a_function_that_gives_one_iterator_is_refused():
    frames = iter([data()])
    with pytest.raises(DesignError, match="the same iterator each time"):
        StreamedLogit.from_formula("y ~ x", lambda: frames)


def test_whole_numbers_of_several_sizes_do_not_wrap_around():
    frame = data().assign(size=np.arange(240) % 100)
    frames = [frame.iloc[:120].astype({"size": "int8"}), frame.iloc[120:]]
    model = StreamedLogit.from_formula("y ~ I(size ** 2)", lambda: frames)
    expected = quietly(weighted_logit("y ~ I(size ** 2)", frame).fit)
    assert_allclose(quietly(model.fit).params, expected.params, rtol=1e-9)


def test_labels_beside_missing_ones_are_named_as_in_memory():
    frame = data().assign(size=pd.array(np.arange(240) % 3, dtype="Int64"))
    frame["size"] = frame["size"].mask(frame.index == 200)
    model = StreamedLogit.from_formula("y ~ C(size)", lambda: [frame.iloc[:120], frame.iloc[120:]])
    assert model.exog_names == weighted_logit("y ~ C(size)", frame).exog_names


def test_kept_columns_that_change_their_type_are_named(tmp_path):
    pytest.importorskip("pyarrow")
    frames = [data().assign(kept=1), data().assign(kept=0.5)]
    results = quietly(StreamedLogit.from_formula("y ~ x", lambda: frames).fit)
    with pytest.raises(DesignError, match=r"keep= is not of one type in all rows.*column kept"):
        results.predict_to_parquet(tmp_path / "p.parquet", keep=["kept"])
    assert not list(tmp_path.iterdir())


def test_a_column_hides_a_variable_of_its_name():
    pytest.importorskip("dask.dataframe")
    import threading

    import dask.dataframe as dd

    u = threading.Lock()  # It cannot be sent anywhere.
    parts = dd.from_pandas(data(), npartitions=3)
    found = quietly(StreamedLogit.from_formula("y ~ center(u)", parts).fit)
    assert_allclose(
        found.params["center(u)"], quietly(weighted_logit("y ~ u", data()).fit).params["u"]
    )
    assert not u.locked()
