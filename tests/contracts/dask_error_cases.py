"""Error cases of fits on dask; see ``error_cases.py``. None of them needs dask."""

import pickle
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pandas as pd
import patsy

from tests.contracts.streaming_error_cases import model, read
from wlogit import DesignError
from wlogit.streaming import dask_worker, prediction
from wlogit.streaming.dask_site import DaskSite


def of(package, **attributes):
    """Something of a package that may not be installed."""
    return type("Thing", (), {"__module__": f"{package}.parts", **attributes})()


def client(**attributes):
    return of("distributed", scheduler_info=None, **{"asynchronous": False, **attributes})


class Unclear:
    """A job of which patsy refuses the formula."""

    def total(self, number, part):
        raise patsy.PatsyError("no such function", patsy.origin.Origin("f(x)", 0, 1))


def unsendable():
    def dumps(job):
        raise TypeError("cannot pickle a lock")

    site = DaskSite(SimpleNamespace(kinds={}, parts=lambda columns: [0]))
    with patch.dict(sys.modules, cloudpickle=SimpleNamespace(dumps=dumps)):
        site.first(None, (), 1)


def missing_file():
    raise FileNotFoundError("no such file")


ERRORS = {
    "dask, progress": (
        lambda: model(source=of("dask"), progress=True),
        ValueError,
        ("progress", "dashboard", "ProgressBar"),
    ),
    "dask, not a frame": (
        lambda: model(source=of("dask")),
        DesignError,
        ("Thing of dask", "dask DataFrame"),
    ),
    "dask, client": (
        lambda: model(source=read, client="localhost:8786"),
        TypeError,
        ("distributed.Client", "str"),
    ),
    "dask, asynchronous client": (
        lambda: model(source=read, client=client(asynchronous=True)),
        TypeError,
        ("asynchronous", "plain Client"),
    ),
    "dask, function with a client": (
        lambda: model(source=read, client=client()),
        DesignError,
        ("client=", "files", "dask.dataframe.from_map"),
    ),
    "dask, names that cannot be sent": (
        unsendable,
        DesignError,
        ("cannot be sent", "cannot pickle a lock", "dask DataFrame"),
    ),
    "dask, pickled": (
        lambda: pickle.dumps(DaskSite(None)),
        TypeError,
        ("dask", "cannot be pickled"),
    ),
    "dask, file that a worker does not see": (
        lambda: dask_worker.FilePart(SimpleNamespace(sizes=missing_file), "a.parquet").sizes(),
        DesignError,
        ("worker", "a.parquet", "no such file", "same paths"),
    ),
    "dask, formula on a worker": (
        lambda: dask_worker.total_of_part(pickle.dumps(Unclear()), 0, None),
        patsy.PatsyError,
        ("no such function",),
    ),
    "dask, type of a partition": (
        lambda: dask_worker.check_kinds(pd.DataFrame({"x": ["a"]}), {"x": "number"}, "partition 7"),
        DesignError,
        ("partition 7", "text", "'x'", "numbers"),
    ),
    "dask, folder of predictions": (
        lambda: prediction.refuse_folders_there(Path(tempfile.gettempdir())),
        DesignError,
        ("is there already", "new folder"),
    ),
    "dask, folder that is not seen": (
        lambda: prediction.refuse_unseen(Path("nowhere/at/all")),
        DesignError,
        ("workers", "nowhere", "share"),
    ),
}
