"""Memory and time of a streamed fit against a fit in memory.

Every fit runs in a process of its own, in which libraries are loaded first; time is that from a
path, or a table in memory, to a fit with HC3, in seconds of processors (``user + system``) and of
the clock, for each million rows.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.records import Comparison, Options, Target

COLUMNS, PART = 20, 500_000
FORMULA = "y ~ " + " + ".join(f"x{j}" for j in range(COLUMNS))
# Rows of the fit in memory, of which time for each row does not depend much.
IN_MEMORY = 1_000_000
SIZES, QUICK_IN_MEMORY, QUICK_SIZES = (1_000_000, 10_000_000), 50_000, (50_000, 200_000)
ROUNDS = 3
MOST_MEGABYTES, MOST_TIME = 700.0, 3.0
CLOCKS = {"processors": "seconds of processors", "clock": "seconds of the clock"}

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
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6

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


def fit_alone(how, path, rows):
    """Time and memory of one fit, "streamed" or "in memory", in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, how, str(path), str(rows), FORMULA],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def measure(options: Options) -> list[Comparison]:
    """A streamed fit for each size, and one in memory, in turns."""
    in_memory = QUICK_IN_MEMORY if options.quick else IN_MEMORY
    sizes = QUICK_SIZES if options.quick else SIZES
    fits = [("in memory", in_memory), *(("streamed", rows) for rows in sizes)]
    found = {f"{how}, {rows:,} rows": [] for how, rows in fits}
    with tempfile.TemporaryDirectory() as folder:
        for rows in {rows for _, rows in fits}:
            write_problem(Path(folder, f"{rows}.parquet"), rows)
        for _ in range(min(options.rounds, ROUNDS)):
            for name, (how, rows) in zip(found, fits, strict=True):
                found[name].append(fit_alone(how, Path(folder, f"{rows}.parquet"), rows))
    return [compared(found, clock, sizes[-1]) for clock in CLOCKS]


def compared(found, clock, largest):
    """Times of one clock; memory is told with that of the processors."""
    base, *_, last = found
    first = clock == "processors"
    peaks = {name: [1e6 * run["peak"] for run in runs] for name, runs in found.items()}
    time = Target.within(last, MOST_TIME, base)
    memory = Target.memory(last, MOST_MEGABYTES, 1e6, "MB resident")
    return Comparison(
        key=clock,
        title=f"{COLUMNS} columns in Parquet, {CLOCKS[clock]}",
        base=base,
        seconds={name: [run[clock] for run in runs] for name, runs in found.items()},
        peaks=peaks if first else {},
        about={"columns": COLUMNS, "rows": largest},
        unit=f"{CLOCKS[clock]} for each million rows",
        targets=[time, memory] if first else [],
    )
