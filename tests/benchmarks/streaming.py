"""Memory and time of a streamed fit against a fit in memory, as a Markdown table.

Run ``python -m tests.benchmarks.streaming [ROWS ...]``. Every fit runs in a process of its own, in
which libraries are loaded first; time is that from a path, or a table in memory, to a fit with
HC3, in seconds of processors (``user + system``) and of the clock, for each million rows.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

COLUMNS, PART = 20, 500_000
FORMULA = "y ~ " + " + ".join(f"x{j}" for j in range(COLUMNS))
# Rows of the fit in memory, of which time for each row does not depend much.
IN_MEMORY = 1_000_000

WORKER = """
import json, resource, sys, time
import pandas, pyarrow.dataset, pyarrow.parquet
from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit

def processors():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

def peak():
    # Unlike ru_maxrss, that of this process alone, not of the one that started it.
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

how, path, rows, formula = sys.argv[1:]
rows = int(rows)
data = path
if how == "in memory":
    data = next(pyarrow.parquet.ParquetFile(path).iter_batches(rows)).to_pandas()
loaded = peak()
clock, used = time.perf_counter(), processors()
make = weighted_logit if how == "in memory" else StreamedLogit.from_formula
results = make(formula, data, class_weight="balanced").fit(disp=False)
print(json.dumps({
    "clock": (time.perf_counter() - clock) / rows * 1e6,
    "processors": (processors() - used) / rows * 1e6,
    "loaded": loaded,
    "peak": peak(),
    "iterations": results.mle_retvals["iterations"],
    "covariance": results.cov_type,
}))
"""


def write_problem(path, rows):
    """A Parquet file of normal covariates and an outcome of about a third events."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    slopes, writer = 0.3 * rng.normal(size=COLUMNS), None
    for start in range(0, rows, PART):
        x = rng.normal(size=(min(PART, rows - start), COLUMNS))
        events = rng.random(len(x)) < 1.0 / (1.0 + np.exp(1.0 - x @ slopes))
        columns = {f"x{j}": x[:, j] for j in range(COLUMNS)}
        table = pa.table({"y": events.astype(np.int8), **columns})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def measure(how, path, rows):
    """Time and memory of one fit, "streamed" or "in memory", in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, how, str(path), str(rows), FORMULA],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def table(sizes):
    """A row for each size, and one for a fit in memory."""
    header = ["fit", "rows", "seconds per 1e6 rows", "of processors", "peak memory, MB"]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    with tempfile.TemporaryDirectory() as folder:
        for how, rows in [("in memory", IN_MEMORY), *(("streamed", rows) for rows in sizes)]:
            path = Path(folder, f"{rows}.parquet")
            if not path.exists():
                write_problem(path, rows)
            found = measure(how, path, rows)
            times = f"{found['clock']:.2f} | {found['processors']:.2f}"
            lines.append(f"| {how} | {rows:,} | {times} | {found['peak']:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table([int(float(size)) for size in sys.argv[1:]] or [1_000_000, 10_000_000]))
