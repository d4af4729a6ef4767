"""Error cases of survey designs; see ``error_cases.py``."""

from functools import cache

import numpy as np
import pandas as pd

from wlogit import DesignError, NotAvailableError, SurveyDesign, WeightedLogit, WeightError
from wlogit.formula.api import weighted_logit


@cache
def data():
    rng = np.random.default_rng(41)
    frame = pd.DataFrame({"x": rng.normal(size=24)}, index=[f"r{i}" for i in range(24)])
    frame["y"] = (rng.random(24) < 0.5).astype(int)
    frame["stratum"] = np.repeat(["north", "south"], 12)
    frame["town"] = np.repeat(np.arange(8), 3)
    frame["again"] = np.tile(np.repeat(np.arange(4), 3), 2)
    frame["house"] = np.tile(np.arange(3), 8)
    frame["size"] = np.repeat([40.0, 60.0], 12)
    return frame.assign(w=1.0 + np.arange(24) % 3)


def made(change=None, **options):
    frame = data() if change is None else data().assign(**change)
    return SurveyDesign(frame, **{"weights": "w", **options})


def replaced(column, row, value):
    return {column: data()[column].mask(data().index == row, value)}


def nothing_in(stratum):
    return {"w": data()["w"].where(data()["stratum"] != stratum, 0.0)}


def alone():
    return {"stratum": data()["stratum"].where(data()["town"] != 3, "island")}


def fit(design, formula="y ~ x", frame=None, **options):
    model = weighted_logit(formula, data() if frame is None else frame, design=design, **options)
    return model.fit(disp=False)


def of_arrays(labels):
    frame = data()
    design = np.column_stack([np.ones(24), frame["x"]])
    if labels:
        return WeightedLogit(
            pd.Series(frame["y"]),
            pd.DataFrame(design, index=frame.index),
            design=made(psu="town").subset(frame["town"] > 1),
        )
    return WeightedLogit(frame["y"].to_numpy(), design, design=made(psu="town"))


def average_of_none():
    design = made(alone(), strata="stratum", psu="town", lonely_psu="average")
    design = design.subset(data()["town"] == 3)
    return fit(design, "y ~ 1", data().assign(**alone()))


def every_town_alike():
    return data().assign(x=np.tile([0, 0, 0, 1, 1, 1], 4), y=np.tile([0, 0, 1, 0, 1, 1], 4))


ERRORS = {
    "design, nothing": (SurveyDesign, DesignError, ("data", "weights")),
    "design, no rows": (
        lambda: SurveyDesign(data().iloc[:0], weights="w"),
        DesignError,
        ("no rows",),
    ),
    "design, names without a table": (
        lambda: SurveyDesign(weights="w", psu="town"),
        DesignError,
        ("'w'", "SurveyDesign(data, ...)"),
    ),
    "design, unknown column": (
        lambda: made(strata="stratun"),
        DesignError,
        ("strata='stratun'", "'stratum'"),
    ),
    "design, missing stratum": (
        lambda: made(replaced("stratum", "r5", None), strata="stratum"),
        DesignError,
        ("strata is missing", "'r5'", "outside the domain"),
    ),
    "design, missing size": (
        lambda: made(replaced("size", "r5", np.nan), strata="stratum", fpc="size"),
        DesignError,
        ("fpc is missing", "'r5'"),
    ),
    "design, missing weight": (
        lambda: made(replaced("w", "r5", np.nan)),
        WeightError,
        ("weights in row 'r5' is missing",),
    ),
    "design, negative weight": (
        lambda: made(replaced("w", "r5", -1.0)),
        WeightError,
        ("weights in row 'r5' is -1",),
    ),
    "design, PSU in two strata": (
        lambda: made(strata="stratum", psu="again"),
        DesignError,
        ("PSU 0", "'north', 'south'", "nest=True"),
    ),
    "design, later unit in two strata": (
        lambda: made(
            {"part": np.arange(24) % 2, "house": 0},
            strata=["stratum", "part"],
            psu=["town", "house"],
        ),
        DesignError,
        ("unit of stage 2 0", "nest=True"),
    ),
    "design, one PSU": (lambda: made({"town": 1}, psu="town"), DesignError, ("one PSU",)),
    "design, lonely PSU": (
        lambda: made(alone(), strata="stratum", psu="town"),
        DesignError,
        ("only one PSU", "stratum 'island'", "lonely_psu", "'adjust'"),
    ),
    "design, lonely unit of stage 2": (
        lambda: made({"n": 40, "house": 0}, psu=["town", "house"], fpc=["n", 9]),
        DesignError,
        ("only one unit of stage 2", "the unit of stage 1 of row 'r0'", "and 5 more"),
    ),
    "design, policy": (lambda: made(lonely_psu="center"), ValueError, ("lonely_psu", "'adjust'")),
    "design, no stratum for an average": (
        average_of_none,
        DesignError,
        ("lonely_psu='average'", "'adjust'"),
    ),
    "design, sample larger than the stratum": (
        lambda: made({"size": 3}, strata="stratum", psu="town", fpc="size"),
        DesignError,
        ("stratum 'north'", "has 3", "4 were sampled"),
    ),
    "design, varying size": (
        lambda: made(replaced("size", "r5", 41.0), strata="stratum", psu="town", fpc="size"),
        DesignError,
        ("varies within stratum 'north'", "'r0' has 40", "'r5' 41"),
    ),
    "design, fractions and sizes": (
        lambda: made(replaced("size", "r5", 0.5), strata="stratum", fpc="size"),
        DesignError,
        ("'r5' has 0.5", "population sizes"),
    ),
    "design, negative size": (
        lambda: made(replaced("size", "r5", -40.0), strata="stratum", fpc="size"),
        DesignError,
        ("fpc is negative", "'r5'"),
    ),
    "design, weights from infinite populations": (
        lambda: SurveyDesign(data(), psu="town", fpc=np.inf),
        DesignError,
        ("'r0'", "weights="),
    ),
    "design, stratum without weight": (
        lambda: made(nothing_in("south"), strata="stratum"),
        DesignError,
        ("zero", "stratum 'south'"),
    ),
    "design, stages of strata": (
        lambda: made(strata=["stratum", "town"], psu="town"),
        DesignError,
        ("2 stages, psu for 1",),
    ),
    "design, stages of fpc": (
        lambda: made(psu=["town", "house"], fpc="size"),
        DesignError,
        ("fpc is given for 1 stages, psu for 2", "numpy.inf"),
    ),
    "design, mask of numbers": (
        lambda: made().subset("size"),
        DesignError,
        ("mask", "40.0", "True or False"),
    ),
    "design, empty subset": (
        lambda: made().subset(data()["size"] > 100),
        DesignError,
        ("no row with a positive weight",),
    ),
    "design, mean of labels": (
        lambda: made().mean("stratum"),
        DesignError,
        ("'north'", "proportion()"),
    ),
    "design, mean of infinity": (
        lambda: made(replaced("x", "r5", np.inf)).mean("x"),
        DesignError,
        ("infinite", "'r5'"),
    ),
    "design, mean of nothing": (
        lambda: made({"x": np.nan}).mean("x"),
        DesignError,
        ("x", "no row of the domain"),
    ),
    "design, proportion of nothing": (
        lambda: made({"z": [None] * 24}).proportion("z"),
        DesignError,
        ("all are missing",),
    ),
    "design, category outside the domain": (
        lambda: fit(
            made(inside := {"g": pd.Categorical(list("abc") * 8)}).subset(data()["house"] > 0),
            "y ~ g",
            data().assign(**inside),
        ),
        DesignError,
        ("rank deficient", "g = 'a'", "astype(str)"),
    ),
    "design, reference outside the domain": (
        lambda: fit(
            made().subset(data()["house"] > 0),
            "y ~ C(g, Treatment('a'))",
            data().assign(g=list("abc") * 8),
        ),
        DesignError,
        ("level 'a'", "no row", "domain"),
    ),
    "design, nest in words": (
        lambda: made(strata="stratum", psu="again", nest="no"),
        DesignError,
        ("nest must be True or False", "'no'"),
    ),
    "design, lonely in words": (
        lambda: made(lonely_in_domain="yes"),
        DesignError,
        ("lonely_in_domain must be True or False", "'yes'"),
    ),
    "design, proportion of several": (
        lambda: made().proportion(["stratum", "size"]),
        DesignError,
        ("one column, not 2", "stratum, size"),
    ),
    "design, one number of several": (
        lambda: float(made().mean(["x", "size"])),
        TypeError,
        ("2 estimates", ".values"),
    ),
    "design, level of an interval": (
        lambda: made().mean("x").ci(5),
        ValueError,
        ("alpha=5", "between 0 and 1"),
    ),
    "model, no design": (lambda: fit({"psu": "town"}), TypeError, ("design=", "SurveyDesign")),
    "model, design and sampling weights": (
        lambda: fit(made(), sampling_weights="w"),
        WeightError,
        ("sampling_weights=", "SurveyDesign(data, weights=...)"),
    ),
    "model, design and prevalence": (
        lambda: fit(made(), prevalence=0.1),
        WeightError,
        ("prevalence=", "design"),
    ),
    "model, other number of rows": (
        lambda: fit(made(), frame=data().iloc[:20]),
        DesignError,
        ("24 rows", "20", "subset(mask)"),
    ),
    "model, other labels": (
        lambda: fit(made(), frame=data().rename({"r3": "other"})),
        DesignError,
        ("'other'", "Make the design from the data"),
    ),
    "model, other order without labels": (
        lambda: fit(
            SurveyDesign(data().reset_index(drop=True), weights="w"),
            frame=data().iloc[::-1].reset_index(drop=True),
        ),
        DesignError,
        ("column 'w'", "row 0", "another order"),
    ),
    "model, other order of labels that occur twice": (
        lambda: fit(
            SurveyDesign(data().set_axis(["a", "b"] * 12), weights="w"),
            frame=data().set_axis(["b", "a"] * 12),
        ),
        DesignError,
        ("occur twice", "another order"),
    ),
    "model, arrays without labels": (
        lambda: of_arrays(labels=False),
        DesignError,
        ("'r0', 'r1', 'r2'", "labels of the design"),
    ),
    "covariance of a design without one": (
        lambda: weighted_logit("y ~ x", data()).fit(cov_type="survey", disp=False),
        ValueError,
        ("design=...", "SurveyDesign"),
    ),
    "covariance of another design": (
        lambda: fit(made()).with_covariance("replicate"),
        ValueError,
        ("'replicate'", "'survey'"),
    ),
    "bias reduction under a design": (
        lambda: weighted_logit("y ~ x", data(), design=made()).fit_bias_reduced("empirical"),
        ValueError,
        ("survey design", "to_replicates"),
    ),
    "debiased lasso under a design": (
        lambda: (
            weighted_logit("y ~ x", data(), design=made())
            .fit_regularized(method="elastic_net", alpha=0.01, disp=False)
            .debiased()
        ),
        NotAvailableError,
        ("survey design", '"cluster"'),
    ),
    "mean residuals, one group": (
        lambda: fit(made()).gof_test("archer-lemeshow", groups=1),
        ValueError,
        ("groups=1", "at least 2"),
    ),
    "mean residuals, groups of text": (
        lambda: fit(made()).gof_test("archer-lemeshow", groups="a"),
        ValueError,
        ("groups='a'", "whole number"),
    ),
    "mean residuals, probabilities alike": (
        lambda: fit(made(), "y ~ 1").gof_test("archer-lemeshow"),
        NotAvailableError,
        ("all alike",),
    ),
    "mean residuals, too many groups": (
        lambda: fit(made(psu="town")).gof_test("archer-lemeshow"),
        NotAvailableError,
        ("10 groups", "7 degrees of freedom", "groups=7"),
    ),
    "mean residuals, none that vary": (
        lambda: fit(
            made(psu=np.arange(24) // 6, weights=np.ones(24)), frame=every_town_alike()
        ).gof_test("archer-lemeshow", groups=2),
        NotAvailableError,
        ("do not vary", "fewer groups="),
    ),
    "mean residuals, class weights": (
        lambda: fit(made(), class_weight="balanced").gof_test("archer-lemeshow"),
        NotAvailableError,
        ("class weights", "calibration()"),
    ),
    "degrees of freedom": (
        lambda: fit(made()).with_covariance("survey", df="none"),
        ValueError,
        ("df='none'", "'residual'", "'design'"),
    ),
}
