"""Pages about fits of many kinds, and how to read them."""

import re
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd

from wlogit import WeightedLogit
from wlogit.datasets import load_endometrial
from wlogit.formula.api import weighted_logit
from wlogit.reporting.report.page import page

DISPUTES = "conflict ~ major + contig + power + maxdem + mindem + years"
VOID = {"meta", "img", "link", "br", "hr", "input"}


@cache
def data():
    rng = np.random.default_rng(1)
    n = 250
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["g"], frame["w"] = rng.choice(["a", "b", "c"], n), rng.uniform(0.5, 3, n)
    frame["n"], frame["o"] = rng.integers(0, 4, n), rng.normal(size=n)
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(0.3 - 0.6 * frame["x"]))).astype(int)
    frame["s"] = rng.binomial(5, 0.4, n)
    frame["f"], frame["share"] = 5 - frame["s"], frame["s"] / 5
    frame["<b>x</b>"] = frame["x"]
    frame["state"] = np.where(frame["y"] == 1, "<b>sick</b>", "fit & well")
    frame.loc[3, "z"] = np.nan
    return frame


def logit(formula, **options):
    return lambda: weighted_logit(formula, data(), **options).fit(disp=False)


def reduced(formula, kind="mean", **options):
    return lambda: weighted_logit(formula, data(), **options).fit_bias_reduced(kind, disp=False)


FITS = {
    "none": logit("y ~ x + z + g"),
    "interaction": logit("y ~ x*z + C(g)"),
    "class": logit("y ~ x + g", class_weight="balanced"),
    "mapping": logit("y ~ x + g", class_weight={0: 5, 1: 1}),
    "sampling": logit("y ~ x + g", sampling_weights="w"),
    "prevalence": logit("y ~ x + g", prevalence=0.01),
    "frequency": logit("y ~ x + g", freq_weights="n"),
    "product": logit("y ~ x", freq_weights="n", sampling_weights="w", class_weight="balanced"),
    "counts": logit("s + f ~ x + g"),
    "weighted counts": logit("s + f ~ x + g", class_weight="balanced"),
    "fractions": logit("share ~ x + g"),
    "offset": logit("y ~ x + g", offset="o"),
    "separated": lambda: weighted_logit("HG ~ NV + PI + EH", load_endometrial()).fit(disp=False),
    "all separated": lambda: WeightedLogit(
        [0, 0, 0, 1, 1, 1], np.column_stack([np.ones(6), np.arange(6.0)])
    ).fit(disp=False),
    "separated classes": lambda: weighted_logit(
        "y ~ x", pd.DataFrame({"y": [0, 0, 0, 1, 1, 1], "x": range(6)}), class_weight="balanced"
    ).fit(disp=False),
    "stopped": lambda: weighted_logit("y ~ x", data()).fit(disp=False, maxiter=1),
    "constant": logit("y ~ 1"),
    "weighted constant": logit("y ~ 1", class_weight="balanced"),
    "no constant": logit("y ~ x + z - 1", class_weight={0: 1, 1: 3}),
    "implicit constant": logit("y ~ 0 + C(g)", class_weight="balanced"),
    "arrays": lambda: WeightedLogit(
        data()["y"].to_numpy(), np.column_stack([np.ones(250), data()["x"]])
    ).fit(disp=False),
    "Firth": lambda: weighted_logit("HG ~ NV + PI + EH", load_endometrial()).fit_bias_reduced(
        disp=False
    ),
    "Firth of classes": reduced("y ~ x", class_weight="balanced"),
    "median": reduced("y ~ x", "median"),
    "King and Zeng": reduced("y ~ x", "king-zeng", prevalence=0.1),
    "constrained": lambda: weighted_logit("y ~ x + z", data()).fit_constrained("x = z", disp=False),
    "clusters, t": lambda: weighted_logit("y ~ x", data()).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": "n"}, use_t=True
    ),
    "aliased": logit("y ~ x + I(2 * x)", aliased="drop"),
}


@cache
def report(name):
    return page(FITS[name]()._results)


def text_of(markup):
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style>.*?</style>", "", markup)).split())


class Tree(HTMLParser):
    """Checks that elements are closed in order, and collects tags and addresses."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.addresses, self.errors = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.addresses += [v for k, v in attrs if k in ("src", "href", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)


def page_text(note):
    return note.replace('"', "&quot;").replace("'", "&#x27;")
