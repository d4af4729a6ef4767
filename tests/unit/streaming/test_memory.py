"""Memory does not grow with the number of rows."""

from pathlib import Path

import pytest

from tests.benchmarks import streaming

pytest.importorskip("pyarrow")
if not Path("/proc/self/status").exists():
    pytest.skip("peak memory is read where Linux has it", allow_module_level=True)


@pytest.mark.big
def test_ten_million_rows_in_700_megabytes_and_three_times_the_time(tmp_path):
    path, rows = tmp_path / "all.parquet", 10_000_000
    streaming.write_problem(path, rows)
    found = streaming.fit_alone("streamed", path, rows)
    in_memory = streaming.fit_alone("in memory", path, streaming.IN_MEMORY)
    assert found["covariance"] == "HC3"
    assert found["peak"] < 700.0
    # Seconds of processors: other work on the machine has no say.
    assert found["processors"] < 3.0 * in_memory["processors"]


def test_four_times_the_rows_take_no_more_memory(tmp_path):
    peaks = []
    for rows in (200_000, 800_000):
        streaming.write_problem(tmp_path / f"{rows}.parquet", rows)
        peaks.append(streaming.fit_alone("streamed", tmp_path / f"{rows}.parquet", rows)["peak"])
    # The rows in memory would take 110 megabytes more.
    assert peaks[1] < peaks[0] + 70.0
