"""What a pass over rows on dask costs, part by part; a fit on dask beside one that is streamed.

The parts are measured on one processor, as they run in one task: reading Parquet, making the
design, summing. With the bytes of a row, those that a task returns, and the time that dask's
scheduler takes for a task, they give the cost of a pass over any number of rows on any number of
workers: the page on distribution computes it from these constants.
"""

import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.records import Comparison, Options

COLUMNS = 50
ROWS, QUICK_ROWS = 1_000_000, 50_000
TASKS, QUICK_TASKS = 4_000, 200
PARTS = ("read and decode", "design", "sums")
MOST_ROUNDS = 3

FIT = """
import json, resource, sys, time
from wlogit.streaming import StreamedLogit

def main():
    how, path, formula = sys.argv[1:]
    client = None
    if how == "dask":
        import distributed
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
        client = distributed.Client(cluster)
        client.run(__import__, "wlogit.streaming")
    clock = time.perf_counter()
    results = StreamedLogit.from_formula(formula, path, client=client).fit(disp=False)
    print(json.dumps({"clock": time.perf_counter() - clock, "llf": results.llf}))
    if client is not None:
        client.close()
        cluster.close()

if __name__ == "__main__":
    main()
"""


def formula():
    return "y ~ " + " + ".join(f"x{j}" for j in range(COLUMNS))


def measure(options: Options) -> list[Comparison]:
    """The parts of a pass, the scheduler's share, and whole fits, in turns."""
    rows = QUICK_ROWS if options.quick else ROWS
    rounds = range(min(options.rounds, MOST_ROUNDS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        write_problem(path, rows)
        (Path(folder) / "fit.py").write_text(FIT, encoding="utf-8")
        parts, fits = {name: [] for name in PARTS}, {"streamed": [], "dask": []}
        for _ in rounds:
            found, sizes = parts_of_a_pass(path, rows)
            for name, seconds in found.items():
                parts[name].append(seconds)
            for how, seconds in fits.items():
                seconds.append(fit_alone(folder, how, path))
        sizes["bytes of a row in the file"] = path.stat().st_size / rows
    tasks = scheduled(QUICK_TASKS if options.quick else TASKS, [1 for _ in rounds])
    facts = {PARTS[0]: {name: float(f"{size:.5g}") for name, size in sizes.items()}}
    about = {"rows": rows, "columns": COLUMNS + 1}
    return [
        Comparison(
            "parts",
            f"a pass over {COLUMNS} columns on one processor, seconds for a million rows",
            PARTS[0],
            parts,
            facts=facts,
            about=about,
        ),
        Comparison(
            "scheduler",
            "a task of dask: of the clock, and of the processor that schedules it, seconds",
            "of the clock",
            tasks,
            about={"workers": 2},
        ),
        Comparison(
            "fits",
            f"from the path of {rows:,} rows of {COLUMNS} columns to a fit with HC1, seconds",
            "streamed",
            fits,
            about={**about, "workers": 2},
        ),
    ]


def write_problem(path, rows):
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        rng.normal(size=(rows, COLUMNS)), columns=[f"x{j}" for j in range(COLUMNS)]
    )
    eta = frame.to_numpy() @ (0.2 * rng.normal(size=COLUMNS)) - 1.0
    frame["y"] = (rng.random(rows) < 1.0 / (1.0 + np.exp(-eta))).astype(np.int8)
    frame.to_parquet(path, row_group_size=131_072)


def parts_of_a_pass(path, rows):
    """Seconds of a processor for a million rows of each part, and the sizes in bytes."""
    import numpy as np

    from wlogit.core.blocksum import beside_others
    from wlogit.streaming import StreamedLogit
    from wlogit.streaming.runner import Reading
    from wlogit.streaming.sources import pieces
    from wlogit.streaming.sums import DerivativeSums

    model = StreamedLogit.from_formula(formula(), path)
    runner, k = model.runner(), COLUMNS + 1
    task = DerivativeSums(model.frame, model.weights, np.zeros(k))
    taken, partial = dict.fromkeys(PARTS, 0.0), None
    with beside_others():
        start = time.process_time()
        for piece in pieces(runner.site.source, runner.reader.columns, runner.size):
            read = time.process_time()
            chunk = runner.reader(piece)
            designed = time.process_time()
            task(chunk)
            done = time.process_time()
            if partial is None:
                partial = len(pickle.dumps(Reading(runner.reader, task)(piece)))
            for name, seconds in zip(
                PARTS, (read - start, designed - read, done - designed), strict=True
            ):
                taken[name] += seconds * 1e6 / rows
            start = time.process_time()
    return taken, {"bytes that a task returns": partial}


def fit_alone(folder, how, path):
    """Seconds of a fit, in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(Path(folder, "fit.py")), how, str(path), formula()],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)["clock"]


def scheduled(n_tasks, rounds):
    """Seconds for a task that returns the sums of a pass at once.

    The scheduler runs in this process: where others keep the machine busy, its own time says more.
    """
    import distributed

    found = {"of the clock": [], "of the scheduler": []}
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        site = nothing_to_read(n_tasks, client)
        for _ in rounds:
            clock, own = time.perf_counter(), time.process_time()
            site.total(Ready(COLUMNS + 1), (), 1, "nothing", None)
            found["of the clock"].append((time.perf_counter() - clock) / n_tasks)
            found["of the scheduler"].append((time.process_time() - own) / n_tasks)
    return found


class Ready:
    """Sums of a pass over no rows."""

    def __init__(self, k):
        self.k = k

    def __call__(self, piece):
        import numpy as np

        return np.zeros((self.k, self.k))

    def combine(self, first, second):
        return first + second


class OneRow:
    """A part that is there already."""

    def frames(self, columns, size):
        import pandas as pd

        from wlogit.streaming.sources import Places

        frame = pd.DataFrame(index=[0])
        yield frame, Places("here", frame.index)


def nothing_to_read(n_tasks, client):
    from wlogit.streaming.dask_parts import Files
    from wlogit.streaming.dask_site import DaskSite

    return DaskSite(Files([OneRow() for _ in range(n_tasks)], (), {}), client)
