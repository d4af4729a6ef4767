"""The sections, and how one is measured: with what, on which machine, how undisturbed."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.records import Options, Section

PACKAGES = (
    *("numpy", "scipy", "pandas", "patsy", "statsmodels", "scikit-learn", "glum", "tabmat"),
    *("pyarrow", "dask", "distributed"),
)
BUSY = ("user", "nice", "system", "irq", "softirq", "steal")
IMPORTED = {"scikit-learn": "sklearn"}
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "WLOGIT_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Module:
    """The module of a section, which has ``measure(options)``, and its environment."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)


MODULES = {
    "peers": Module("peers"),
    "newton-pass": Module("newton_pass"),
    "scaling": Module("scaling"),
    "sparse": Module("sparse"),
    "streaming": Module("streaming"),
    "dask": Module("dask_cost"),
    "penalised": Module("penalised"),
    "replicates": Module("replicates", ONE_THREAD),
    "search": Module("search", ONE_THREAD),
}


def available(name: str) -> bool:
    return importlib.util.find_spec(f"tests.benchmarks.{MODULES[name].name}") is not None


def measured(name: str, options: Options) -> Section:
    """The section, in this process."""
    module = importlib.import_module(f"tests.benchmarks.{MODULES[name].name}")
    clock, before, own = time.perf_counter(), busy_seconds(), own_seconds()
    comparisons = module.measure(options)
    taken = time.perf_counter() - clock
    others = busy_seconds() - before - (own_seconds() - own)
    run = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "seconds": round(taken),
        "rounds": options.rounds,
        "quick": options.quick,
        "other work": round(max(others, 0.0) / taken / (os.cpu_count() or 1), 3),
        "machine": machine(),
        "versions": versions(),
    }
    return Section(name, run, comparisons)


def busy_seconds() -> float:
    """Seconds that processors have worked for anybody."""
    import psutil

    times = psutil.cpu_times()
    return sum(getattr(times, kind, 0.0) for kind in BUSY)


def own_seconds() -> float:
    """Seconds that they have worked for this process and those it has started and seen end."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in who]
    return sum(one.ru_utime + one.ru_stime for one in used)


def machine() -> dict[str, str | int]:
    """Python, processors, memory and the BLAS that numpy and scipy call."""
    import psutil
    import scipy.linalg  # noqa: F401  loads scipy's BLAS beside numpy's, for threadpoolctl to see
    from threadpoolctl import threadpool_info

    pools = {
        f"{pool['internal_api']} {pool['version']} for {pool['architecture']}, "
        f"threads: {pool['num_threads']}"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "memory, GB": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "BLAS": "; ".join(sorted(pools)),
    }


def processor() -> str:
    """The name that Linux gives, else Python's."""
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor()


def versions() -> dict[str, str]:
    import wlogit

    found = {"wlogit": wlogit.__version__}
    for package in PACKAGES:
        if importlib.util.find_spec(IMPORTED.get(package, package)) is not None:
            found[package] = importlib.metadata.version(package)
    return found
