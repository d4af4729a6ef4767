"""Example data."""

from importlib import resources
from typing import Final

import pandas as pd

__all__ = ["MID_PREVALENCE", "load_mid"]

MID_PREVALENCE: Final = 1042 / 303_772
"""Share of dyad-years with a dispute in the population that `load_mid` was sampled from."""


def load_mid() -> pd.DataFrame:
    """Militarized interstate disputes: a case-control sample of pairs of countries.

    King and Zeng (2001) keep all 1,042 dyad-years in which a dispute began and a random 2,084 of
    the 302,730 without one, so that a third of the rows are events where the population has
    0.34 percent (`MID_PREVALENCE`).

    Returns
    -------
    DataFrame
        3,126 rows, one per dyad-year, no missing values:

        - ``conflict``: 1 if a dispute began in the year, else 0;
        - ``major``: 1 if at least one of the two is a major power;
        - ``contig``: 1 if the two share a border;
        - ``power``: index of the balance of military power between the two, from 0 to 1;
        - ``maxdem``, ``mindem``: the higher and the lower democracy score of the two, from -10
          (autocracy) to 10 (democracy);
        - ``years``: years of peace since the last dispute of the two.

    References
    ----------
    King and Zeng (2001), Explaining Rare Events in International Relations, International
    Organization 55, 693-715.

    Examples
    --------
    >>> from wlogit.datasets import MID_PREVALENCE, load_mid
    >>> disputes = load_mid()
    >>> disputes.shape
    (3126, 7)
    >>> round(float(disputes["conflict"].mean()), 4), round(MID_PREVALENCE, 4)
    (0.3333, 0.0034)
    """
    with resources.files(__name__).joinpath("mid.csv").open("rb") as file:
        # The one column of fractions, by Python's float: pandas 2 rounds some in the last bit.
        return pd.read_csv(file, converters={"power": float})
