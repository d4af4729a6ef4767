"""Run the study: two processes, a file for every cell that is done, all of them in the end."""

import json
import multiprocessing
import platform
import time
import zlib
from dataclasses import asdict
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np

import wlogit
from tests.studies.coverage import records
from tests.studies.coverage.cells import CELLS, TESTED, Cell
from tests.studies.coverage.measure import Measured, measure
from tests.studies.coverage.records import ROOT, Record

SEED = 20261122
CHUNK = 50
Chunk = list[tuple[int, np.random.SeedSequence]]
CHECKPOINTS = ROOT / "build" / "coverage"


def seeds(cell: Cell, replications: int) -> list[np.random.SeedSequence]:
    """One for each replication, whatever else is run and by how many processes."""
    return np.random.SeedSequence([SEED, zlib.crc32(cell.name.encode())]).spawn(replications)


def samples(name: str, chunk: Chunk) -> tuple[list[Measured], float]:
    """What samples of a cell give, and the seconds of processor that they took."""
    start, cell = time.process_time(), CELLS[name]
    found = [
        measure(cell, np.random.default_rng(seed), tests=number < TESTED) for number, seed in chunk
    ]
    return found, time.process_time() - start


def run_cell(cell: Cell, replications: int, pool: Pool) -> tuple[Record, float]:
    """The record of a cell, and its seconds of processor."""
    every = list(enumerate(seeds(cell, replications)))
    chunks = [every[i : i + CHUNK] for i in range(0, replications, CHUNK)]
    found: list[Measured] = []
    seconds = 0.0
    for part, took in pool.imap(partial(samples, cell.name), chunks):
        found += part
        seconds += took
    return Record.of(cell, found), seconds


def run(only: str = "", replications: int | None = None, processes: int = 2) -> list[Record]:
    """Every cell whose name contains `only`; those done before are read.

    The data of the page are written anew with each cell, unless replications are given.
    """
    wanted = [cell for name, cell in CELLS.items() if only in name]
    done = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        for number, cell in enumerate(wanted, 1):
            times = replications or cell.replications
            file = _file(cell, times)
            if not file.exists():
                _keep(*run_cell(cell, times, pool), file)
            record, seconds = _kept(file)
            done.append(record)
            print(f"{number}/{len(wanted)} {cell.name}: {seconds:.0f} s", flush=True)
            if replications is None:
                write_data()
    return done


def write_data() -> None:
    """The data of the page, of all cells that are done."""
    files = {name: _file(cell, cell.replications) for name, cell in CELLS.items()}
    kept = [_kept(file) for file in files.values() if file.exists()]
    about = {
        "seed": SEED,
        "processor_minutes": round(sum(seconds for _, seconds in kept) / 60.0),
        "wlogit": wlogit.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    records.write([record for record, _ in kept], about)


def _file(cell: Cell, replications: int) -> Path:
    return CHECKPOINTS / f"{zlib.crc32(cell.name.encode()):08x}-{replications}.json"


def _kept(file: Path) -> tuple[Record, float]:
    found = json.loads(file.read_text(encoding="utf-8"))
    return Record.read(found["record"]), found["seconds"]


def _keep(record: Record, seconds: float, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial_file = file.with_suffix(".part")
    kept = {"seconds": round(seconds, 1), "record": asdict(record)}
    partial_file.write_text(json.dumps(kept), encoding="utf-8")
    partial_file.replace(file)
