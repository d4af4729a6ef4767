"""Designs of chunks are those that patsy builds."""

import pickle

import numpy as np
import pandas as pd
import patsy
import pytest
from numpy.testing import assert_array_equal

from tests.unit.streaming.streams import chunks, data
from wlogit import DesignError
from wlogit.formula.building import build_design
from wlogit.streaming.formula import read_formula_in_chunks
from wlogit.streaming.local import LocalSite
from wlogit.streaming.sources import FrameSource

FORMULAS = [
    "x + far",
    "0 + g + x",
    "g * h",
    "g:h:x",
    "x:g:far + h",
    "C(year, Sum):h - 1",
    "C(g, Treatment('c')) + Q('far')",
    "poly(u, 3) if False else x",
    "bs(u, df=5):h",
    "np.column_stack([u, far]):g",
    "I(x > 0) + flag:g",
    "1",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_columns_are_those_of_patsy(formula):
    frame = data().dropna().assign(g=lambda d: pd.Categorical(d["g"]))
    env = patsy.EvalEnvironment.capture(0)
    expected = patsy.dmatrix(formula, frame, eval_env=env)
    info = expected.design_info
    assert_array_equal(build_design(info, frame, len(frame)), np.asarray(expected))


def test_rows_with_missing_values_have_missing_entries():
    frame = data().assign(g=lambda d: pd.Categorical(d["g"].where(d.index % 7 != 0)))
    info = patsy.dmatrix("g * x + far", frame).design_info
    gone = frame["g"].isna() | frame["x"].isna()
    built = build_design(info, frame, len(frame))
    assert_array_equal(np.isnan(built).any(axis=1), gone)
    assert_array_equal(built[~gone], patsy.dmatrix("g * x + far", frame[~gone], eval_env=0))


def test_text_in_a_column_of_numbers_is_named():
    info = patsy.dmatrix("u", data()).design_info
    with pytest.raises(DesignError, match="'u' is no number in some of the rows"):
        build_design(info, {"u": pd.Series(["a", "b"])}, 2)
    with pytest.raises(DesignError, match="'u' has 2 columns in some rows and 1 in others"):
        build_design(info, {"u": np.ones((3, 2))}, 3)


def reader_of(formula, frame):
    site = LocalSite(FrameSource(chunks(50, frame)))
    return read_formula_in_chunks(formula, site, 50, patsy.EvalEnvironment.capture(0), None)


def test_a_reader_can_be_sent_elsewhere():
    """With levels, transforms and functions of numpy: what a worker needs for its chunks."""
    frame = data()
    reader, n_rows = reader_of("label ~ g + center(far) + np.log(u) + C(year)", frame)
    assert n_rows == len(frame)
    sent = pickle.loads(pickle.dumps(reader))
    some = frame.iloc[100:140].reset_index(drop=True)
    assert_array_equal(sent(some, None).design, reader(some, None).design)
    assert_array_equal(sent(some, None).outcome.values, reader(some, None).outcome.values)


def test_only_text_and_the_outcome_are_read_for_their_levels():
    asked = []

    class Asked(FrameSource):
        def frames(self, columns, size):
            asked.append(columns)
            return super().frames(columns, size)

    site = LocalSite(Asked(chunks(50)))
    env = patsy.EvalEnvironment.capture(0)
    read_formula_in_chunks("y ~ x + g + C(year) + far", site, 50, env, None)
    assert asked[1] == ("g", "year", "y")
