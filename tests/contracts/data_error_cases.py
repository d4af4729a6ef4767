"""Errors about outcomes, columns, and values that are missing."""

import numpy as np
import pandas as pd

from tests.contracts.error_fits import (
    X,
    arrays,
    data,
    fit,
    formula,
    labeled,
    spoiled,
    table,
    with_hole,
)
from wlogit import (
    DesignError,
    MissingValueError,
    OutcomeError,
    WeightError,
)

HERE = "r7"  # the row that every hole is in
ERRORS = {
    # ---- the outcome and its table
    "empty": (lambda: arrays(endog=[], exog=np.empty((0, 2))), OutcomeError, ("empty", "rows")),
    "no rows left": (
        lambda: arrays(exog=np.full((60, 1), np.nan), missing="drop"),
        DesignError,
        ("no rows are left", "missing"),
    ),
    "complex column": (
        lambda: formula(frame=data().assign(x=data()["x"] + 1j)),
        DesignError,
        ("'x'", "complex", "real part"),
    ),
    "name of a file": (
        lambda: fit().predict("new.csv"),
        DesignError,
        ("'new.csv'", "read the file"),
    ),
    "nothing in the subset": (
        lambda: formula(subset=data()["x"] > 99),
        (DesignError, OutcomeError),
        ("subset", "rows"),
    ),
    "lengths": (lambda: arrays(exog=X()[:-1]), DesignError, ("60 rows", "59", "both")),
    "labels": (
        lambda: labeled(table().iloc[::-1]),
        DesignError,
        ("not aligned", "row labels", "reindex"),
    ),
    # ---- the covariates
    "dimensions": (
        lambda: arrays(exog=np.ones((60, 2, 2))),
        DesignError,
        ("3 dimensions", "rows and columns"),
    ),
    "ragged": (
        lambda: arrays(exog=[[1.0, 2.0]] * 59 + [[1.0]]),
        DesignError,
        ("exog", "rectangle of numbers"),
    ),
    "complex": (lambda: arrays(exog=X() + 0j), DesignError, ("exog", "complex", "numbers")),
    "dates": (
        lambda: labeled(table().assign(when=pd.Timestamp("2020-01-01"))),
        DesignError,
        ("'when'", "datetime", "numbers"),
    ),
    "text": (
        lambda: labeled(table().assign(g=data()["g"])),
        DesignError,
        ("'g'", "text", "formula", "get_dummies"),
    ),
    "category": (
        lambda: labeled(table().assign(g=pd.Categorical(data()["g"]))),
        DesignError,
        ("'g'", "categorical", "formula"),
    ),
    "objects": (
        lambda: labeled(table().assign(odd=[{}] * 60)),
        DesignError,
        ("'odd'", "numbers"),
    ),
    "no columns": (lambda: arrays(exog=np.empty((60, 0))), DesignError, ("no columns",)),
    "zero columns": (
        lambda: arrays(exog=np.zeros((60, 2)), aliased="drop"),
        DesignError,
        ("every column", "zero", "rows with weight"),
    ),
    "rank": (
        lambda: labeled(table().assign(sum=lambda t: t["x"] - 2 * t["z"])),
        DesignError,
        ("rank deficient", "sum = 1 x + -2 z", "Leave", 'aliased="drop"'),
    ),
    "huge column": (
        lambda: labeled(table().assign(x=lambda t: t["x"] * 1e300)),
        DesignError,
        ("'x'", "e+300", "rescale"),
    ),
    "tiny column": (
        lambda: labeled(table().assign(x=lambda t: t["x"] * 1e-160)),
        DesignError,
        ("'x'", "e-160", "rescale"),
    ),
    # ---- missing and infinite values
    "missing outcome": (
        lambda: formula(frame=with_hole("y"), missing="raise"),
        MissingValueError,
        ("outcome", HERE, "1 row", 'missing="drop"'),
    ),
    "missing covariate": (
        lambda: labeled(spoiled(np.nan)),
        MissingValueError,
        ("'x'", HERE, "1 row", 'missing="drop"'),
    ),
    "missing covariate by position": (
        lambda: arrays(exog=spoiled(np.nan).to_numpy()),
        MissingValueError,
        ("column 1", "row 7"),
    ),
    "missing offset": (
        lambda: arrays(offset=with_hole("o")["o"].to_numpy()),
        MissingValueError,
        ("offset", "row 7", 'missing="drop"'),
    ),
    "infinite covariate": (
        lambda: labeled(spoiled(np.inf), missing="drop"),
        MissingValueError,
        ("'x'", "infinite", HERE, "Take those rows out or transform"),
    ),
    "infinite offset": (
        lambda: arrays(offset=np.where(np.arange(60) == 7, np.inf, 0.0)),
        MissingValueError,
        ("offset", "infinite", "row 7", "finite"),
    ),
    "missing weight": (
        lambda: formula(frame=with_hole("w"), freq_weights="w"),
        WeightError,
        ("freq_weights", HERE, "missing", "give the row a weight, or leave it out"),
    ),
    "missing cluster": (
        lambda: fit(
            formula(frame=with_hole("cluster")),
            cov_type="cluster",
            cov_kwds={"groups": "cluster"},
        ),
        DesignError,
        ("groups", HERE, "cluster id"),
    ),
    "offset of the wrong kind": (
        lambda: formula(offset="g"),
        ValueError,
        ("offset", "numbers", "row 'r0'"),
    ),
    "offset of the wrong length": (
        lambda: arrays(offset=np.zeros(59)),
        ValueError,
        ("offset has 59 entries", "60 rows", "before subset"),
    ),
}
