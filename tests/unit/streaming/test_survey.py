"""Survey designs of rows that are read in chunks: the numbers and words of a fit in memory."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.unit.streaming.streams import CUTS, N, chunks, cut, printed, quietly
from tests.unit.streaming.streams import data as plain
from tests.unit.streaming.test_same_numbers import assert_same_matrix
from wlogit import DataWarning, DesignError, NotAvailableError, SurveyDesign, WeightError
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit

FORMULA = "y ~ x + far + g"


@cache
def data():
    """Rows in random order, so that every stratum and unit spans chunks of any size."""
    rng = np.random.default_rng(11)
    frame = plain().copy()
    frame["region"] = rng.choice(["n", "s", "e", "w"], N)
    # Schools of a region, numbered anew in each; classes in schools.
    frame["number"] = rng.integers(1, 7, N)
    frame["school"] = frame["region"] + frame["number"].astype(str)
    frame["room"] = rng.integers(0, 3, N)
    frame["track"] = np.where(frame["room"] == 2, "b", "a")
    frame["schools"] = frame["region"].map({"n": 12.0, "s": 40.0, "e": 9.0, "w": 30.0})
    frame["rooms"] = 4.0
    frame["people"] = frame["region"].map({"n": 300.0, "s": 900.0, "e": 200.0, "w": 700.0})
    # A stratum of one school, of which all rows but two are left out.
    alone = frame.index[:12]
    frame["zone"] = frame["region"].where(~frame.index.isin(alone), "alone")
    frame["unit"] = frame["school"].where(~frame.index.isin(alone), "only")
    frame.loc[frame["school"] == "n1", "x"] = np.nan
    frame.loc[frame["school"] == "s2", "a"] = 0.0
    return frame


DESIGNS = {
    "strata and PSUs": {"weights": "a", "strata": "region", "psu": "school"},
    "nested labels": {"weights": "a", "strata": "region", "psu": "number", "nest": True},
    "PSUs alone": {"weights": "a", "psu": "school"},
    "fpc": {"weights": "a", "strata": "region", "psu": "school", "fpc": "schools"},
    "one number": {"weights": "a", "psu": "school", "fpc": 100},
    "rows as PSUs": {"weights": "a", "strata": "region"},
    "rows with fpc": {"weights": "a", "strata": "region", "fpc": "people"},
    "a sample of rows": {"weights": "a", "fpc": 0.25},
    "two stages": {
        "weights": "a",
        "strata": "region",
        "psu": ["school", "room"],
        "fpc": ["schools", "rooms"],
        "nest": True,
        "lonely_psu": "adjust",
    },
    "two stages, the second without correction": {
        "weights": "a",
        "strata": ["region", "track"],
        "psu": ["school", "room"],
        "nest": True,
    },
    "weights from fpc": {"strata": "region", "psu": "school", "fpc": "schools"},
    "weights from fpc, rows": {"strata": "region", "fpc": "people"},
    **{
        f"lonely, {policy}": {
            "weights": "a",
            "strata": "zone",
            "psu": "unit",
            "lonely_psu": policy,
        }
        for policy in ("remove", "certainty", "adjust", "average")
    },
}


def in_memory(design, frame=None, fit=None, **options):
    whole = data() if frame is None else frame
    model = weighted_logit(FORMULA, whole, design=SurveyDesign(whole, **design), **options)
    return quietly(model.fit, **(fit or {}))


def streamed(design, source, frame=None, fit=None, **options):
    named = {("sampling_weights" if key == "weights" else key): v for key, v in design.items()}
    if isinstance(source, int):
        source = chunks(source, data() if frame is None else frame)
    return quietly(
        StreamedLogit.from_formula(FORMULA, source, **named, **options).fit, **(fit or {})
    )


def assert_same(found, expected):
    assert_allclose(found.params, expected.params, rtol=1e-10, atol=1e-12)
    assert_same_matrix(found.cov_params(), expected.cov_params())
    assert_allclose(found.pvalues, expected.pvalues, rtol=1e-8)
    assert_allclose(found.conf_int(), expected.conf_int(), rtol=1e-8)
    assert (found.cov_type, found.use_t) == (expected.cov_type, expected.use_t)
    assert found.covariance.df == expected.covariance.df
    assert found.covariance.description == expected.covariance.description
    assert found.weights.kind == expected.weights.kind
    assert found.daic == pytest.approx(expected.daic, rel=1e-9)


@pytest.mark.parametrize("name", DESIGNS)
def test_numbers_and_words_are_those_in_memory(name):
    expected, found = in_memory(DESIGNS[name]), streamed(DESIGNS[name], 37)
    assert_same(found, expected)
    assert printed(found) == printed(expected)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(name=st.sampled_from(sorted(DESIGNS)), cuts=CUTS)
def test_any_way_to_cut_the_rows(name, cuts):
    options = {"class_weight": "balanced"}
    found = streamed(DESIGNS[name], cut(data(), cuts), **options)
    assert_same(found, in_memory(DESIGNS[name], **options))


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": "balanced"},
        {"class_weight": {0: 1.0, 1: 4.0}, "freq_weights": "m"},
        {"class_weight": "balanced", "offset": "o", "freq_weights": "m"},
    ],
)
@pytest.mark.parametrize("name", ["weights from fpc", "rows with fpc"])
def test_class_and_frequency_weights_beside_a_design(name, options):
    expected = in_memory(DESIGNS[name], **options)
    found = streamed(DESIGNS[name], 23, **options)
    assert_same(found, expected)
    ours, theirs = (
        fit.with_covariance("survey", df="design", sampling="case-control")
        for fit in (found, expected)
    )
    assert_same(ours, theirs)
    ours, theirs = (fit.with_covariance("HC1") for fit in (found, expected))
    assert "ignores the design" in ours.covariance.description
    assert_same(ours, theirs)


def at_row(column, value):
    frame = data().astype({column: object}) if isinstance(value, str) else data().copy()
    frame.loc[150, column] = value
    return frame


def of_region(column, region, value):
    return data().assign(**{column: lambda d: d[column].where(d["region"] != region, value)})


def left_out():
    frame = data().copy()
    frame.loc[frame.index[frame["x"].isna()][0], "a"] = -1.0
    return frame


BROKEN = {
    "psu missing": at_row("school", None),
    "stratum missing": at_row("region", np.nan),
    "fpc missing": at_row("schools", np.nan),
    "weight missing": at_row("a", np.nan),
    "negative weight of a row that is left out": left_out(),
    "fpc below the sample": of_region("schools", "s", 3.0),
    "fpc varies": at_row("schools", 77.0),
    "fpc negative": of_region("schools", "n", -2.0),
    "fpc of both kinds": of_region("schools", "s", 0.5),
    "fpc is text": at_row("schools", "many"),
    "a stratum without weight": of_region("a", "w", 0.0),
    "weights of zero": data().assign(a=0.0),
}


@pytest.mark.parametrize(
    ("name", "design"),
    [
        *((name, DESIGNS["fpc"]) for name in BROKEN),
        ("in two strata", {"weights": "a", "strata": "region", "psu": "number"}),
        ("lonely", {"weights": "a", "strata": "zone", "psu": "unit"}),
        ("one PSU", {"weights": "a", "psu": "same"}),
        ("stages of strata", {"weights": "a", "strata": ["region", "zone"], "psu": "school"}),
        ("stages of fpc", {"weights": "a", "psu": "school", "fpc": ["schools", "rooms"]}),
        ("no fraction", {"strata": "region", "psu": "school", "fpc": np.inf}),
    ],
)
def test_what_is_wrong_is_said_as_in_memory(name, design):
    frame = BROKEN.get(name, data()).assign(same=1)
    with pytest.raises((DesignError, WeightError)) as expected:
        in_memory(design, frame)
    with pytest.raises((DesignError, WeightError)) as found:
        streamed(design, 40, frame)
    assert found.type is expected.type
    said, instead = (str(error.value) for error in (found, expected))
    for frame_number in range(1, 9):
        said = said.replace(f" of frame {frame_number}", "")
    said = said.replace("sampling_weights ", "weights ")
    if name == "fpc varies":
        # Another pair of rows of the stratum.
        said, instead = (text.partition(":")[0] for text in (said, instead))
    assert said.partition(" (")[0] == instead.partition(" (")[0]


def test_neither_weights_nor_fpc_is_warned_of():
    with pytest.warns(DataWarning, match="neither sampling_weights nor fpc"):
        StreamedLogit.from_formula(FORMULA, chunks(60, data()), psu="school")


def test_units_may_change_their_type_from_chunk_to_chunk():
    frame = data().assign(code=lambda d: 2**53 + d["number"] * 10 + d["room"])
    design = {"weights": "a", "strata": "region", "psu": "code", "nest": True}

    def read():
        yield frame.iloc[:80].astype({"code": "category", "region": "category"})
        yield frame.iloc[80:90].astype({"code": "uint64"})
        yield frame.iloc[90:].astype({"code": "Int64", "region": "string"})

    model = StreamedLogit.from_formula(
        FORMULA, read, sampling_weights="a", strata="region", psu="code", nest=True
    )
    assert_same(quietly(model.fit), in_memory(design, frame))


def test_units_that_appear_later_are_noticed():
    calls = []

    def read():
        calls.append(1)
        return [data() if len(calls) < 6 else data().assign(school="new")]

    model = StreamedLogit.from_formula(FORMULA, read, sampling_weights="a", psu="school")
    with pytest.raises(DesignError, match="'school' has strata or units that were not there"):
        quietly(model.fit)


def test_other_covariances_and_tests_beside_a_design():
    found, expected = streamed(DESIGNS["fpc"], 60), in_memory(DESIGNS["fpc"])
    ours, theirs = (fit.lr_test("g") for fit in (found, expected))
    assert (ours.df, ours.ddf) == (theirs.df, theirs.ddf)
    assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cov_type, keywords in (("HC3", {}), ("cluster", {"groups": "firm"}), ("nonrobust", {})):
            ours, theirs = (fit.with_covariance(cov_type, **keywords) for fit in (found, expected))
            assert_same_matrix(ours.cov_params(), theirs.cov_params())
    with pytest.raises(NotAvailableError, match='and "survey"'):
        found.with_covariance("bootstrap")


def test_what_a_design_cannot_have_beside_it():
    source = chunks(60, data())
    for options, error, words in (
        ({"psu": "school", "cluster": "firm"}, DesignError, "two answers"),
        ({"psu": "school", "prevalence": 0.1}, WeightError, "leave one of the two out"),
        ({"psu": "nothing"}, DesignError, "psu='nothing' is not a column"),
        ({"fpc": "nothing"}, DesignError, "fpc='nothing' is not a column"),
        ({"strata": np.ones(N)}, DesignError, "strata must be the name of a column"),
        ({"nest": True}, DesignError, "nest= is of a design"),
        ({"lonely_psu": "adjust"}, DesignError, "lonely_psu= is of a design"),
        ({"psu": "school", "lonely_psu": "skip"}, ValueError, "lonely_psu"),
        ({"psu": "school", "nest": "yes"}, DesignError, "nest must be True or False"),
    ):
        with pytest.raises(error, match=words):
            StreamedLogit.from_formula(FORMULA, source, **options)
    model = StreamedLogit.from_formula(FORMULA, source, sampling_weights="a")
    with pytest.raises(ValueError, match="needs a design"):
        model.fit(disp=False, cov_type="survey")


def test_a_design_that_cannot_be_read_again_is_said_so():
    found = streamed(DESIGNS["fpc"], 60)
    found.remove_data()
    assert "survey" in str(found.summary())
    with pytest.raises(NotAvailableError, match="source of this fit is gone"):
        found.with_covariance("survey")


def test_memory_is_that_of_units():
    design = quietly(
        StreamedLogit.from_formula(
            FORMULA,
            chunks(600, pd.concat([data()] * 10)),
            sampling_weights="a",
            strata="region",
            psu="school",
        ).fit
    ).model.design
    assert len(design.stages[0].units) == data()["school"].nunique()
