"""Error cases of columns of formulas, and of rows that change; see ``error_cases.py``."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from tests.contracts.streaming_error_cases import data, fitted, model, read
from wlogit import DesignError
from wlogit.formula.api import weighted_logit


def one_iterator():
    frames = iter(read())
    return model(source=lambda: frames)


def with_later_clusters(change):
    """A fit of clusters that change once it has been made."""
    frames = [data().assign(firm=data().index % 7)]
    results = fitted(source=lambda: frames, cluster="firm")
    frames[0] = frames[0].assign(firm=change(frames[0]["firm"].to_numpy()))
    results.with_covariance("cluster", groups="firm")


def kept_of_two_types():
    results = fitted()
    frames = [data().assign(kept=1), data().assign(kept=0.5)]
    target = Path(tempfile.mkdtemp()) / "p.parquet"
    results.predict_to_parquet(target, lambda: frames, keep="kept")


def large_labels():
    labels = pd.Series(2**60 + np.arange(60), dtype="Int64").mask(data()["missing"].isna())
    return weighted_logit("y ~ C(label)", data().assign(label=labels))


def difference_of_dates():
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(data().index, unit="D")
    return weighted_logit("y ~ I(when - when.min())", data().assign(when=when))


ERRORS = {
    "streaming, one iterator": (
        one_iterator,
        DesignError,
        ("same iterator", "anew"),
    ),
    "streaming, function of all rows": (
        lambda: model("y ~ I(x - x.mean())"),
        DesignError,
        ("I(x - x.mean())", "only some of the rows", "center(x)"),
    ),
    "streaming, other clusters": (
        lambda: with_later_clusters(lambda firm: np.roll(firm, 1)),
        DesignError,
        ("other clusters", "stay the same"),
    ),
    "streaming, clusters that are new": (
        lambda: with_later_clusters(lambda firm: firm + 100),
        DesignError,
        ("'firm'", "row 0 of frame 1", "stay the same"),
    ),
    "streaming, kept columns of two types": (
        kept_of_two_types,
        DesignError,
        ("keep=", "column kept", "one type"),
    ),
    "formula, transform of missing values": (
        lambda: weighted_logit("y ~ center(missing)", data()),
        DesignError,
        ("'center(missing)'", "missing values", "dropna"),
    ),
    "formula, large labels beside missing ones": (
        large_labels,
        DesignError,
        ("'label'", "missing", "astype('string')"),
    ),
    "formula, difference of dates": (
        difference_of_dates,
        DesignError,
        ("I(when - when.min())", "dates", "np.timedelta64"),
    ),
}
