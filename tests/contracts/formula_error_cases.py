"""Error cases of texts of formulas and of columns they read; see ``error_cases.py``."""

import numpy as np
import pandas as pd

from wlogit import DesignError
from wlogit.formula.api import weighted_logit

DATA = pd.DataFrame({"y": [0, 1, 1, 0, 1, 0, 0, 1], "x": np.arange(8.0), "C": np.arange(8) % 3})


def formula(text, **columns):
    return weighted_logit(text, DATA.assign(**columns))


def unreadable(text):
    return lambda: formula(text)


def lists_of_arrow():
    import pyarrow as pa

    entries = pd.arrays.ArrowExtensionArray(pa.array([[1], [2, 3]] * 4))
    return formula("y ~ z", z=pd.Series(entries))


ERRORS = {
    "neither numbers nor labels": (
        lists_of_arrow,
        DesignError,
        ("'z'", "list", "neither numbers nor labels", "convert"),
    ),
    "a column that hides a function": (
        lambda: formula("y ~ C + C(x)"),
        DesignError,
        ("'C'", "hides", "rename"),
    ),
    "a column without an entry": (
        lambda: formula("y ~ x + z", z=None),
        DesignError,
        ("no rows", "'z'", "missing in every row"),
    ),
    "a function for a column": (
        unreadable("y ~ x + center"),
        DesignError,
        ("center is a function", "center(...)"),
    ),
    "a function of a module": (
        lambda: weighted_logit("y ~ np.log", DATA),
        DesignError,
        ("np.log is a function", "np.log(...)"),
    ),
    "a module for a column": (
        lambda: weighted_logit("y ~ np", DATA),
        DesignError,
        ("np is a module", "no column"),
    ),
    "no code": (unreadable("y ~ x ;"), DesignError, ("'y ~ x ;'", "cannot be read", 'Q("')),
    "two words": (unreadable("y ~ x ==="), DesignError, ("'y ~ x ==='", "cannot be read")),
}
