"""Which rows belong to a subpopulation."""

from typing import Any

import numpy as np
import pandas as pd

from wlogit._typing import BoolArray
from wlogit.errors import DesignError
from wlogit.survey.columns import DesignRows
from wlogit.weights.columns import column_kind, shorten


def read_mask(mask: Any, rows: DesignRows) -> BoolArray:
    """Rows of a mask, missing entries outside; shape (n,).

    Parameters
    ----------
    mask : array_like of bool, or name of such a column
    rows : DesignRows

    Raises
    ------
    DesignError
        Numbers or labels instead of booleans, or another number of rows.
    """
    labels = rows.any_labels(mask, "mask")
    levels = pd.Series(labels.levels.astype(object))
    if len(levels) and column_kind(levels) != "boolean":
        raise DesignError(
            f"mask has the entry {shorten(levels.iloc[0])}; it needs True or False for every row "
            'of the design, as data["age"] > 60 gives.'
        )
    true = np.append(levels.to_numpy(dtype=np.bool_), False)
    return np.asarray(true[labels.codes])
