"""The variance of a total over several stages, against a recursion over the units."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import SurveyDesign
from wlogit.core import blocksum
from wlogit.core.stage_sums import UnitSquares, gram_of_stages


def recursion(frame, stages, values, carried=1.0):
    """Variance of a total by the definition, one stratum and one unit after the other."""
    (stratum, unit, size), later = stages[0], stages[1:]
    total = np.zeros((values.shape[1],) * 2)
    for _, rows in frame.groupby(stratum):
        units = [part for _, part in rows.groupby(unit)]
        n, fraction = len(units), len(units) / rows[size].iloc[0]
        sums = np.array([values[part["at"]].sum(axis=0) for part in units])
        spread = sums - sums.mean(axis=0)
        total += carried * (1.0 - fraction) * n / (n - 1.0) * spread.T @ spread
        if later:
            total += sum(recursion(part, later, values, carried * fraction) for part in units)
    return total


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    rows = [
        {"h": h, "j": j, "s": s, "k": k, "i": i}
        for h in range(3)
        for j in range(3 + h)
        for s in range(2)
        for k in range(2 + s)
        for i in range(2 + (j + k) % 2)
    ]
    frame = pd.DataFrame(rows)
    frame["n1"], frame["n2"], frame["n3"] = 9.0 + frame["h"], 6.0 + frame["j"], 7.0 + frame["k"]
    frame["w"] = rng.uniform(1, 3, len(frame))
    order = rng.permutation(len(frame))
    return frame.iloc[order].reset_index(drop=True).assign(at=np.arange(len(frame)))


STAGES = [("h", "j", "n1"), ("s", "k", "n2"), ("h", "i", "n3")]


def test_three_stages(frame):
    design = SurveyDesign(
        frame,
        weights="w",
        strata=["h", "s"],
        psu=["j", "k", "i"],
        fpc=["n1", "n2", "n3"],
        nest=True,
    )
    values = np.random.default_rng(4).normal(size=(len(frame), 2))
    assert_allclose(
        design.covariance_of_totals(values), recursion(frame, STAGES, values), rtol=1e-12
    )
    two = SurveyDesign(
        frame, weights="w", strata=["h", "s"], psu=["j", "k"], fpc=["n1", "n2"], nest=True
    )
    assert_allclose(
        two.covariance_of_totals(values), recursion(frame, STAGES[:2], values), rtol=1e-12
    )


@pytest.mark.parametrize("paired", [False, True])
def test_many_blocks_of_rows_that_are_units_themselves(paired, monkeypatch):
    monkeypatch.setattr(blocksum, "BLOCK_ROWS", 300)
    n = 9000
    rng = np.random.default_rng(6)
    stratum = rng.permutation(np.arange(n) // 2 if paired else np.arange(n) % 7)
    values = rng.normal(size=(n, 3)) + 50.0
    there = rng.random(n) < 0.9
    design = SurveyDesign(weights=np.ones(n), strata=stratum)
    found = design.take(np.flatnonzero(there)).covariance_of_totals(values[there])
    values[~there] = 0.0
    frame = pd.DataFrame(values).groupby(stratum)
    spread = values - frame.transform("mean").to_numpy()
    size = frame.transform("size").to_numpy()
    expected = spread.T @ (spread * (size / (size - 1.0))[:, np.newaxis])
    assert_allclose(found, expected, rtol=1e-11)


def test_units_without_rows_count_as_zero():
    stage = UnitSquares(
        units=np.array([2, 0]),
        strata=np.zeros(4, dtype=np.intp),
        sizes=np.array([4.0]),
        scale=np.array([2.0]),
        centered=np.array([1.0]),
    )
    values = np.array([[3.0], [5.0]])
    found = gram_of_stages(lambda rows: [(np.ones(()), values[rows])], [stage], 2)
    totals = np.array([5.0, 0.0, 3.0, 0.0])
    assert_allclose(found, 2.0 * np.sum((totals - totals.mean()) ** 2))
