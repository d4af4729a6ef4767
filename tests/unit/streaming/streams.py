"""Data in chunks, and fits of the same data in memory."""

import re
import warnings
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from wlogit.formula.api import weighted_logit
from wlogit.streaming import StreamedLogit

N = 240
FORMULA = "y ~ x + far + g"

KINDS = {
    "none": (FORMULA, {}),
    "frequency": (FORMULA, {"freq_weights": "m"}),
    "sampling": (FORMULA, {"sampling_weights": "a"}),
    "balanced": (FORMULA, {"class_weight": "balanced"}),
    "mapping": (FORMULA, {"class_weight": {0: 1.0, 1: 7.0}, "freq_weights": "m"}),
    "prevalence": (FORMULA, {"prevalence": 0.05, "sampling_weights": "a"}),
    "product": (
        FORMULA,
        {"class_weight": "balanced", "sampling_weights": "a", "freq_weights": "m"},
    ),
    "fractions": ("share ~ x + far + g", {"class_weight": {0: 1.0, 1: 3.0}}),
    "counts": ("events + others ~ x + far", {"class_weight": "balanced", "freq_weights": "m"}),
    "labels": ("label ~ x + g", {"class_weight": {"yes": 2.0, "no": 1.0}}),
    "named event": ("label ~ x + g", {"event": "no", "class_weight": "balanced"}),
    "coded outcome": ("coded ~ x + g", {"event": 2}),
    "boolean": ("flag ~ x", {}),
    "offset": (FORMULA, {"offset": "o", "class_weight": "balanced"}),
    "offset without constant": ("y ~ 0 + x + far", {"offset": "o", "sampling_weights": "a"}),
    "no constant": ("y ~ 0 + x + far", {"freq_weights": "m"}),
    "implicit constant": ("y ~ 0 + g + x", {"class_weight": "balanced"}),
    "categories alone": ("y ~ C(year, Sum) * h", {"sampling_weights": "a"}),
    "transforms": ("y ~ center(far) + standardize(m) + bs(u, df=4) + np.log(u)", {}),
    "interactions": ("y ~ x:g + C(year):far + flag", {"class_weight": "balanced"}),
    "aliased": ("y ~ x + I(2 * x - 1) + g", {"aliased": "drop", "class_weight": "balanced"}),
    "saturated row": ("share ~ u + alone", {"sampling_weights": "a"}),
}


@cache
def data():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=N),
            "u": rng.uniform(1.0, 2.0, N),
            "g": rng.choice(["b", "a", "c"], N),
            "h": pd.Categorical(rng.choice(["low", "high"], N), categories=["low", "high"]),
            "year": rng.choice([2001, 2005, 2003], N),
            "m": rng.integers(0, 4, N),
            "a": rng.uniform(0.2, 5.0, N),
            "o": rng.normal(size=N) / 3,
            "firm": rng.integers(0, 25, N),
            "town": rng.choice(["p", "q", "r", "s", "t", "v"], N),
        }
    )
    frame["far"] = 1990.0 + rng.integers(0, 20, N)
    # A level that occurs at the end only.
    frame.loc[N - 14 :, "g"] = "late"
    frame["alone"] = (frame.index == 30).astype(float)
    eta = 0.8 * frame["x"] - 0.4 + 0.5 * (frame["g"] == "b") + frame["o"]
    frame["y"] = (rng.random(N) < 1.0 / (1.0 + np.exp(-eta))).astype(int)
    frame["label"] = np.where(frame["y"] == 1, "yes", "no")
    frame["coded"] = frame["y"] + 1
    frame["flag"] = rng.random(N) < 0.5
    frame["share"] = rng.choice([0.0, 0.25, 0.5, 1.0], N)
    frame.loc[30, "share"] = 0.5
    frame["events"], frame["others"] = rng.integers(0, 4, N), rng.integers(0, 4, N)
    frame.loc[rng.choice(N, 9, replace=False), "x"] = np.nan
    frame.loc[rng.choice(N, 4, replace=False), "label"] = None
    return frame


def chunks(size, frame=None):
    """A source: the frames of all rows, the third one without any."""
    whole = data() if frame is None else frame

    def read():
        for number, start in enumerate(range(0, len(whole), size)):
            if number == 2:
                yield whole.iloc[:0]
            yield whole.iloc[start : start + size]

    return read


# Where rows are cut into chunks: anywhere, and a few of one row each.
CUTS = st.one_of(
    st.lists(st.integers(0, N), max_size=9).map(sorted),
    st.integers(0, N - 12).map(lambda start: list(range(start, start + 12))),
)


def cut(frame, cuts):
    """A source: the frames between these places."""
    ends = [0, *cuts, len(frame)]
    return lambda: (frame.iloc[a:b] for a, b in pairwise(ends))


def quietly(fit, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(disp=False, **options)


def printed(results):
    """The summary without the class of the model, the date and the time."""
    text = re.sub(r"\d\d:\d\d:\d\d|Date: .*? {3}", "", str(results.summary()))
    return re.sub("(Weighted|Streamed)Logit", "Logit", text).partition("=\n")[2]


@cache
def in_memory(kind):
    formula, options = KINDS[kind]
    return quietly(weighted_logit(formula, data(), **options).fit)


def streamed(kind, size, **more):
    formula, options = KINDS[kind]
    model = StreamedLogit.from_formula(formula, chunks(size), **options, **more)
    return quietly(model.fit)
