"""Error cases of replicate designs and bootstraps; see ``error_cases.py``."""

from functools import cache

import numpy as np
import pandas as pd

from wlogit import DesignError, ReplicateDesign, SurveyDesign, WeightError
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(23)
    frame = pd.DataFrame({"x": rng.normal(size=16)}, index=[f"r{i}" for i in range(16)])
    frame["y"] = (rng.random(16) < 0.5).astype(int)
    frame["share"] = np.linspace(0.1, 0.9, 16)
    frame["kind"] = list("abcd" * 4)
    frame["stratum"] = np.repeat(["north", "south"], 8)
    frame["town"] = np.repeat(np.arange(4), 4)
    frame["one"] = 1
    frame["w"] = 5.0 + np.arange(16) % 3
    for r in range(4):
        frame[f"rep{r}"] = frame["w"] * np.where(frame["town"] == r, 0.0, 4.0 / 3.0)
    return frame


def made(change=None, **options):
    frame = data() if change is None else data().assign(**change)
    given = {"weights": "w", "replicate_weights": "^rep", "kind": "JK1", **options}
    return ReplicateDesign(frame, **given)


def replaced(column, row, value):
    return {column: data()[column].mask(data().index == row, value)}


def factors(**options):
    return made(replicate_weights=np.ones((16, 4)), combined=False, **options)


def survey(**options):
    given = {"weights": "w", "strata": "stratum", "psu": "town", **options}
    return SurveyDesign(data(), **given)


def odd():
    towns = np.repeat([0, 1, 2, 3, 4], [3, 3, 2, 4, 4])
    return survey(psu=towns).to_replicates("BRR")


def alone(kind, **options):
    strata = data()["stratum"].where(data()["town"] != 3, "island")
    return survey(strata=strata, **options).to_replicates(kind)


def each_alone(kind):
    lonely = survey(strata="stratum", psu="stratum", lonely_psu="remove")
    return lonely.to_replicates(kind)


def census(kind, strata="stratum"):
    return survey(strata=strata, fpc=1.0).to_replicates(kind)


def large():
    n = 12_000
    return SurveyDesign(weights=np.ones(n)).to_replicates("JK1")


def in_another_order(design):
    frame = data()[::-1].set_axis(data().index)
    return weighted_logit("y ~ x", frame, design=design).fit(disp=False)


def weights_not_named():
    return in_another_order(made(weights=data()["w"], replicate_weights="^rep"))


def bootstrap(formula="y ~ x", design=None, frame=None, **keywords):
    model = weighted_logit(formula, data() if frame is None else frame, design=design)
    return model.fit(disp=False, cov_type="bootstrap", cov_kwds={"n_boot": 5, **keywords})


ERRORS = {
    "replicates, no weights": (lambda: made(weights=None), DesignError, ("weights=",)),
    "replicates, unknown keyword": (
        lambda: made(replicate_weight="^rep"),
        TypeError,
        ("'replicate_weight'", "'replicate_weights'"),
    ),
    "replicates, names without a table": (
        lambda: ReplicateDesign(weights="w", replicate_weights="^rep", kind="JK1"),
        DesignError,
        ("no table", "ReplicateDesign(data, ...)"),
    ),
    "replicates, no rows": (
        lambda: ReplicateDesign(data().iloc[:0], weights="w", replicate_weights="^r", kind="JK1"),
        DesignError,
        ("no rows",),
    ),
    "replicates, absent columns": (
        lambda: made(replicate_weights=["rep0", "rep9"]),
        DesignError,
        ("'rep9'", "1 of 2"),
    ),
    "replicates, no pattern": (
        lambda: made(replicate_weights="rep["),
        DesignError,
        ("'rep['", "regular expression"),
    ),
    "replicates, pattern without match": (
        lambda: made(replicate_weights="^brr"),
        DesignError,
        ("'^brr'", "'x'"),
    ),
    "replicates, pattern with the weights": (
        lambda: made(replicate_weights="^rep|^w$"),
        DesignError,
        ("'w'", "sampling weights", "narrow"),
    ),
    "replicates, one column": (
        lambda: made(replicate_weights="rep0"),
        DesignError,
        ("1 column", "at least two"),
    ),
    "replicates, other rows": (
        lambda: made(replicate_weights=np.ones((15, 4))),
        DesignError,
        ("15 rows", "16"),
    ),
    "replicates, labels": (
        lambda: made({"rep1": "many"}),
        WeightError,
        ("rep1", "label"),
    ),
    "replicates, missing": (
        lambda: made(replaced("rep2", "r5", np.nan)),
        WeightError,
        ("'r5'", "rep2", "missing"),
    ),
    "replicates, negative": (
        lambda: made(replaced("rep3", "r7", -1.0)),
        WeightError,
        ("'r7'", "rep3", "negative"),
    ),
    "replicates, none in one": (lambda: made({"rep1": 0.0}), WeightError, ("rep1", "leave it out")),
    "replicates, kind": (lambda: made(kind="ACS"), ValueError, ("'ACS'", "'SDR'")),
    "replicates, combined": (lambda: made(combined="yes"), DesignError, ("combined", "'yes'")),
    "replicates, mse": (lambda: made(mse="yes"), DesignError, ("mse", "'yes'")),
    "replicates, rho without Fay": (lambda: made(rho=0.3), DesignError, ("rho", '"Fay"', "'JK1'")),
    "replicates, Fay without rho": (lambda: made(kind="Fay"), DesignError, ('"Fay"', "needs rho")),
    "replicates, rho": (lambda: made(kind="Fay", rho=1.0), DesignError, ("rho is 1", "[0, 1)")),
    "replicates, rho of text": (
        lambda: made(kind="Fay", rho="half"),
        DesignError,
        ("rho", "'half'"),
    ),
    "replicates, no rscales": (
        lambda: made(kind="JKn"),
        DesignError,
        ('"JKn"', "rscales", "(n_h - 1) / n_h"),
    ),
    "replicates, rscales of text": (
        lambda: made(rscales=["a", "b", "c", "d"]),
        DesignError,
        ("rscales", "numbers"),
    ),
    "replicates, too few rscales": (
        lambda: made(rscales=[1.0, 1.0]),
        DesignError,
        ("rscales", "(2,)", "4 replicates"),
    ),
    "replicates, negative rscales": (
        lambda: made(rscales=[1.0, -1.0, 1.0, 1.0]),
        DesignError,
        ("replicate 2", "-1"),
    ),
    "replicates, no rscales above zero": (
        lambda: made(rscales=0.0),
        DesignError,
        ("rscales are all zero",),
    ),
    "replicates, rscales of SDR": (
        lambda: made(kind="SDR", rscales=0.5),
        DesignError,
        ("'SDR'", '"other"'),
    ),
    "replicates, no scale": (lambda: made(kind="other"), DesignError, ('"other"', "scale")),
    "replicates, scale of BRR": (
        lambda: made(kind="BRR", scale=1.0),
        DesignError,
        ("'BRR'", "0.25", '"other"'),
    ),
    "replicates, negative scale": (lambda: made(scale=-1.0), DesignError, ("scale is -1",)),
    "replicates, scale of zero": (lambda: made(scale=0), DesignError, ("scale is 0", "positive")),
    "replicates, missing scale": (lambda: made(scale=np.nan), DesignError, ("scale is missing",)),
    "replicates, empty subset": (
        lambda: made().subset(np.zeros(16, bool)),
        DesignError,
        ("subset()", "no row"),
    ),
    "replicates, rows in another order": (
        lambda: in_another_order(made()),
        DesignError,
        ("column 'w'", "in row 'r", "another order"),
    ),
    "replicates by name, rows in another order": (
        weights_not_named,
        DesignError,
        ("column 'rep0'", "row 'r0'", "another order"),
    ),
    "to_replicates, rows in another order": (
        lambda: in_another_order(survey().subset(data()["one"] > 0).to_replicates("JKn")),
        DesignError,
        ("column 'w'", "in row 'r", "another order"),
    ),
    "to_replicates, kind": (
        lambda: survey().to_replicates("SDR"),
        ValueError,
        ("'SDR'", "'subbootstrap'"),
    ),
    "to_replicates, mse": (lambda: survey().to_replicates("JKn", mse=2), DesignError, ("mse", "2")),
    "to_replicates, Fay": (
        lambda: survey().to_replicates("Fay", rho=1.5),
        DesignError,
        ("rho", "1.5"),
    ),
    "to_replicates, rho": (
        lambda: survey().to_replicates("BRR", rho=0.5),
        DesignError,
        ("rho", "'BRR'"),
    ),
    "to_replicates, seed of a jackknife": (
        lambda: survey().to_replicates("JKn", seed=1),
        DesignError,
        ("'JKn'", "seed"),
    ),
    "to_replicates, one replicate": (
        lambda: survey().to_replicates("bootstrap", n_replicates=1),
        ValueError,
        ("n_replicates=1", "at least 2"),
    ),
    "to_replicates, JK1 with strata": (
        lambda: survey().to_replicates("JK1"),
        DesignError,
        ('"JK1"', '"JKn"'),
    ),
    "to_replicates, JKn without strata": (
        lambda: survey(strata=None).to_replicates("JKn"),
        DesignError,
        ('"JKn"', '"JK1"'),
    ),
    "to_replicates, BRR without strata": (
        lambda: survey(strata=None).to_replicates("BRR"),
        DesignError,
        ("'BRR'", "strata"),
    ),
    "to_replicates, odd strata": (odd, DesignError, ("odd", "the stratum of row 'r0'", "JKn")),
    "to_replicates, one PSU": (
        lambda: alone("bootstrap", lonely_psu="adjust"),
        DesignError,
        ("one PSU", "'bootstrap'", "'remove'"),
    ),
    "to_replicates, one PSU in each, jackknife": (
        lambda: each_alone("JKn"),
        DesignError,
        ("every stratum has one PSU", "jackknife"),
    ),
    "to_replicates, one PSU in each, bootstrap": (
        lambda: each_alone("subbootstrap"),
        DesignError,
        ("every stratum has one PSU", "bootstrap"),
    ),
    "to_replicates, census": (
        lambda: census("JKn"),
        DesignError,
        ("the sample is the population",),
    ),
    "to_replicates, census without strata": (
        lambda: census("JK1", None),
        DesignError,
        ("the sample is the population",),
    ),
    "to_replicates, too many": (large, DesignError, ("12,000 PSUs", '"bootstrap"')),
    "bootstrap of replicates": (
        lambda: bootstrap(design=made()),
        ValueError,
        ("replicates of its own", '"replicate"'),
    ),
    "bootstrap, n_boot": (lambda: bootstrap(n_boot=1.5), ValueError, ("n_boot=1.5", "whole")),
    "bootstrap, seed": (lambda: bootstrap(seed=-1), ValueError, ("seed=-1",)),
    "bootstrap, groups under a design": (
        lambda: bootstrap(design=survey(), groups="town"),
        ValueError,
        ("PSUs", "groups"),
    ),
    "bootstrap, df without a design": (
        lambda: bootstrap(df="design"),
        ValueError,
        ("df", "design"),
    ),
    "bootstrap, groups within class": (
        lambda: bootstrap(groups="town", sampling="case-control"),
        ValueError,
        ("case-control", "groups="),
    ),
    "bootstrap, fractions within class": (
        lambda: bootstrap("share ~ x", sampling="case-control"),
        ValueError,
        ("fractions", "counts"),
    ),
    "bootstrap, two groupings": (
        lambda: bootstrap(groups=["town", "stratum"]),
        ValueError,
        ("one grouping", "not of 2"),
    ),
    "bootstrap, one cluster": (
        lambda: bootstrap(groups="one"),
        DesignError,
        ("one cluster", "at least two"),
    ),
}
