"""Laws 4 and 13: the order of the rows, labels, names and types carry no information."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.studies import EXAMPLES, KINDS, SOME, Kind, make, studies
from tests.laws.transformations import as_shuffled_series, reordered
from wlogit import WeightedLogit
from wlogit.reporting.summary import summarize


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_the_order_of_the_rows_does_not_matter(name, data):
    study = data.draw(studies(KINDS[name]))
    other, options = reordered(study, data.draw(st.integers(0, 99)))
    left, right = study.fit(), other.fit()
    assert_same(left, right, **options)
    summaries = [summarize(fit.results._results) for fit in (left, right)]
    assert summaries[0] == summaries[1]


@pytest.mark.parametrize("name", SOME)
def test_series_are_matched_by_their_labels(name):
    study = make(KINDS[name], seed=29, offset=True)
    other, options = as_shuffled_series(study, 29)
    assert_same(study.fit(), other.fit(), rtol=0.0, atol=0.0, **options)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.outcome == "binary"])
def test_series_are_matched_to_arrays_with_labels_too(name):
    study = make(KINDS[name], seed=31, offset=True)
    frame = study.frame.set_axis([f"row {i}" for i in study.frame["id"]])
    exog = frame[["x1", "x2"]].assign(const=1.0)
    per_row = ("freq_weights", "sampling_weights", "offset")
    order = np.random.default_rng(2).permutation(len(frame))
    fits = []
    for rows in (slice(None), order):
        options = {k: frame[v].iloc[rows] if k in per_row else v for k, v in study.options.items()}
        model = WeightedLogit(frame["y"], exog, **options)
        groups = frame["c1"].iloc[rows]
        fits.append(model.fit(disp=False, cov_type="cluster", cov_kwds={"groups": groups}))
    np.testing.assert_array_equal(fits[1].params, fits[0].params)
    np.testing.assert_array_equal(fits[1].cov_params(), fits[0].cov_params())


def test_single_precision_is_widened_before_any_arithmetic(monkeypatch):
    study = make(KINDS["frequency x sampling x balanced"], seed=29, offset=True)
    columns = ["x1", "x2"]
    study = study.of(study.frame.assign(**study.frame[columns].astype(np.float32).astype(float)))
    wide = study.fit()
    plain = WeightedLogit._set_constant

    def narrow(model, hasconst):
        model.exog = model.data.exog = np.asarray(model.exog).astype(np.float32)
        plain(model, hasconst)

    monkeypatch.setattr(WeightedLogit, "_set_constant", narrow)
    assert_same(wide, study.fit())


# ------------------------------------------------------------------------------ relabelling

RELABEL = {
    "text": lambda ids: ids.map("cluster {}".format),
    "other numbers": lambda ids: 1000 - 7 * ids,
    "floats": lambda ids: ids.astype(float) / 3.0,
    "categories": lambda ids: ids.astype("category"),
    "categories, some unused": lambda ids: pd.Categorical(ids, categories=range(40, -1, -1)),
    "Int64": lambda ids: ids.astype("Int64"),
    "dates": lambda ids: pd.Timestamp("2020-01-01") + pd.to_timedelta(ids, "D"),
}


@pytest.mark.parametrize("how", RELABEL)
def test_the_names_of_clusters_do_not_matter(how):
    study = make(KINDS["frequency x sampling x balanced"], seed=37)
    named = {column: RELABEL[how](study.frame[column]) for column in ("c1", "c2")}
    results = study.fit().results
    for kind in ("CR0", "CR1S"):
        for columns in (["c1"], ["c1", "c2"]):
            before = [study.frame[column] for column in columns]
            after = [pd.Series(named[column], study.frame.index) for column in columns]
            expected, found = (
                results.with_covariance("cluster", groups=groups, kind=kind)
                for groups in (before, after)
            )
            np.testing.assert_allclose(found.cov_params(), expected.cov_params(), rtol=1e-13)


@pytest.mark.parametrize("name", KINDS)
def test_the_names_of_columns_do_not_matter(name):
    study = make(KINDS[name], seed=41)
    names = {"x1": "income", "x2": "class_", "g": "Intercept_", "y": "params", "share": "llf"}
    renamed = study.frame.rename(columns=names)
    formula = {"binary": "params", "fraction": "llf"}.get(study.outcome, "successes + failures")
    left = study.fit()
    model = WeightedLogit.from_formula(
        f"{formula} ~ income + class_ + C(Intercept_)", renamed, **study.options
    )
    right = model.fit(disp=False)
    for statistic in ("params", "bse", "pvalues", "llf", "llnull", "llr_pvalue", "aic", "bic"):
        expected, found = (np.asarray(getattr(r, statistic)) for r in (left.results, right))
        np.testing.assert_array_equal(found, expected, err_msg=statistic)


# ----------------------------------------------------------------------------------- types

# Numbers that every one of the types below holds exactly.
EXACT = {"x1": lambda x: np.round(x * 64.0) / 64.0, "sampling": lambda a: np.ceil(a * 8.0) / 8.0}
TYPES = {
    "x1": ("float32", "Float64", "Float32"),
    # Not booleans: for a formula they are a factor, whose column comes first.
    "x2": ("int64", "int8", "uint8", "float32", "Int64", "Float64"),
    "y": ("bool", "int8", "uint8", "float32", "float64", "Int64", "boolean", "object"),
    "sampling": ("float32", "Float64", "object"),
    "frequency": ("float64", "float32", "int8", "uint8", "Int64", "Float64", "object"),
    "offset": ("float32", "Float64"),
    "g": ("category", "object", "string"),
    "c1": ("int8", "float32", "category", "string", "Int64"),
}


@cache
def exact():
    study = make(KINDS["frequency x sampling x mapping"], seed=43, offset=True)
    frame = study.frame.assign(
        x1=EXACT["x1"](study.frame["x1"]),
        sampling=EXACT["sampling"](study.frame["sampling"]),
        offset=EXACT["x1"](study.frame["offset"]),
    )
    return study.of(frame).fit(remember=True)


@pytest.mark.parametrize(("column", "dtype"), [(c, t) for c in TYPES for t in TYPES[c]])
def test_the_type_of_a_column_does_not_matter(column, dtype):
    study = exact().study
    typed = study.of(study.frame.astype({column: dtype}))
    assert_same(exact(), typed.fit(), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool", ">f8", "Int64", "boolean"])
def test_nor_does_the_type_of_an_array(dtype):
    study = exact().study
    frame = study.frame[["x2"]].assign(const=1)
    weights = study.frame["sampling"].to_numpy()
    fits = [
        WeightedLogit(endog, exog, sampling_weights=weights).fit(disp=False)
        for typed in (frame.astype("float64"), frame.astype(dtype))
        for endog, exog in (
            (study.frame["y"].to_numpy(), typed.to_numpy()),
            (study.frame["y"].astype(dtype), typed),
        )
    ]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.params, fits[0].params, rtol=1e-13)
        np.testing.assert_allclose(fit.cov_params(), fits[0].cov_params(), rtol=1e-13)


LAYOUTS = {
    "columns first": np.asfortranarray,
    "every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "backwards": lambda X: X[::-1].copy()[::-1],
    "read-only": lambda X: np.broadcast_to(X, X.shape),
    "a list": lambda X: X.tolist(),
}


@pytest.mark.parametrize("how", LAYOUTS)
def test_nor_does_the_layout_of_an_array(how):
    study = make(KINDS["frequency x sampling x balanced"], seed=45)
    weights = {
        "freq_weights": study.frame["frequency"].to_numpy(),
        "sampling_weights": study.frame["sampling"].to_numpy(),
    }
    plain, other = (
        WeightedLogit(study.frame["y"].to_numpy(), exog, class_weight="balanced", **weights)
        for exog in (study.design, LAYOUTS[how](study.design))
    )
    left, right = plain.fit(disp=False), other.fit(disp=False)
    np.testing.assert_allclose(right.params, left.params, rtol=1e-13)
    np.testing.assert_allclose(right.cov_params(), left.cov_params(), rtol=1e-13)


OUTCOMES = {
    "text": (["no", "yes"], None),
    "text, event named": (["zebra", "ant"], "ant"),
    "categories in their order": (pd.Categorical.from_codes([0, 1], ["yes", "no"]), None),
    "ordered categories": (pd.Categorical.from_codes([0, 1], ["lo", "hi"], ordered=True), None),
    "numbers, event named": ([2, 1], 1),
    "booleans": ([False, True], None),
    "missing-aware booleans": (pd.array([False, True], dtype="boolean"), None),
}


@cache
def numbered(name):
    return make(KINDS[name], seed=47).fit(remember=True)


@pytest.mark.parametrize("how", OUTCOMES)
@pytest.mark.parametrize("name", ["none", "balanced", "frequency x sampling x mapping"])
def test_the_labels_of_the_outcome_do_not_matter(how, name):
    labels, event = OUTCOMES[how]
    study = numbered(name).study
    y = study.frame["y"].to_numpy()
    taken = labels.take(y) if hasattr(labels, "take") else np.array(labels)[y]
    mapping = study.options.get("class_weight")
    changes = {"event": event}
    if isinstance(mapping, dict):
        changes["class_weight"] = dict(zip(list(labels), mapping.values(), strict=True))
    labelled = study.of(study.frame.assign(y=taken)).given(**changes)
    assert_same(numbered(name), labelled.fit(), rtol=0.0, atol=0.0)


def test_codes_of_categories_and_their_labels_are_the_same_factor():
    study = make(Kind(sampling=True), seed=53)
    coded = study.frame.assign(g=study.frame["g"].map({"a": 10, "b": 20, "c": 30}))
    assert_same(study.fit(), study.of(coded).fit(), rtol=0.0, atol=0.0)


def test_unused_levels_and_columns_do_not_matter():
    study = make(Kind(sampling=True), seed=59)
    more = study.frame.assign(g=pd.Categorical(study.frame["g"], list("abc")), unused=np.nan)
    shuffled = more[sorted(more.columns, reverse=True)]
    assert_same(study.fit(), study.of(shuffled).fit(), rtol=0.0, atol=0.0)


@EXAMPLES
@given(labels=st.sampled_from(["text", "dates", "repeated", "float"]))
def test_row_labels_do_not_matter(labels):
    study = make(KINDS["frequency x sampling x balanced"], seed=61)
    index = {
        "text": [f"r{i}" for i in study.frame["id"]],
        "dates": pd.date_range("2020-01-01", periods=len(study.frame)),
        "repeated": study.frame["id"] % 5,
        "float": study.frame["id"] / 3.0,
    }[labels]
    assert_same(study.fit(), study.of(study.frame.set_axis(index)).fit(), rtol=0.0, atol=0.0)
