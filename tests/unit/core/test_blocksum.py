"""Sums over blocks: complete, accurate, and the same on any number of threads."""

import threading

import numpy as np
import pytest

from wlogit.core.blocksum import BLOCK_ROWS, blocks, sum_over_blocks, thread_count


@pytest.mark.parametrize("n", [0, 1, BLOCK_ROWS, BLOCK_ROWS + 1, 5 * BLOCK_ROWS - 3])
def test_blocks_cover_every_row_once(n):
    covered = np.zeros(n, dtype=int)
    for rows in blocks(n):
        covered[rows] += 1
    assert np.all(covered == 1)


def test_wide_rows_come_in_smaller_blocks():
    assert blocks(1_000_000, 500)[0].stop < blocks(1_000_000, 5)[0].stop == BLOCK_ROWS


def test_few_rows_come_in_blocks_for_several_threads():
    assert len(blocks(100_000, 20)) >= 8
    assert len(blocks(9_000, 3)) == 1


def test_threads_change_no_digit():
    values = np.random.default_rng(1).normal(size=1_000_003)

    def kernel(rows):
        return values[rows].sum(), np.cumsum(values[rows])[-1:]

    results = [sum_over_blocks(kernel, len(values), threads=count) for count in (1, 2, 5)]
    for total, last in results[1:]:
        assert total == results[0][0]
        assert last == results[0][1]


def test_rounding_does_not_grow_with_the_rows():
    values = np.full(3_000_000, 0.1)
    (total,) = sum_over_blocks(lambda rows: (values[rows].sum(),), len(values))
    assert total == pytest.approx(300_000.0, rel=1e-15)


def test_small_sums_stay_on_the_calling_thread():
    names = set()

    def kernel(rows):
        names.add(threading.get_ident())
        return (np.ones(1) * (rows.stop - rows.start),)

    assert sum_over_blocks(kernel, 100_000)[0] == 100_000
    assert names == {threading.get_ident()}


def test_an_error_in_a_thread_reaches_the_caller():
    def kernel(rows):
        if rows.start:
            message = "no"
            raise ValueError(message)
        return (np.zeros(1),)

    with pytest.raises(ValueError, match="no"):
        sum_over_blocks(kernel, 1_000_000, threads=2)


@pytest.mark.parametrize(("setting", "expected"), [("3", 3), ("0", None), ("many", None)])
def test_the_environment_sets_the_threads(monkeypatch, setting, expected):
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    monkeypatch.setenv("WLOGIT_NUM_THREADS", setting)
    assert thread_count() == (expected or 7)
