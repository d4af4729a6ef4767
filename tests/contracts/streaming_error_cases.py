"""Error cases of streamed fits; see ``error_cases.py``. None of them needs pyarrow."""

import tempfile
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pandas as pd
import patsy

from wlogit import DesignError, NotAvailableError, OutcomeError, SeparationError
from wlogit.formula.api import weighted_logit
from wlogit.formula.building import build_design
from wlogit.streaming import StreamedLogit, prediction, separation, sources


@cache
def data():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"x": rng.normal(size=60), "g": ["a", "b", "c"] * 20})
    frame["y"] = (rng.random(60) < 1 / (1 + np.exp(-frame["x"]))).astype(int)
    frame["missing"] = np.where(frame.index == 7, np.nan, np.arange(60) % 4)
    return frame.assign(
        one="same", w=1.0, k=frame["g"], label=np.where(frame["y"] == 1, "yes", "no")
    )


def model(formula="y ~ x + g", source=None, **options):
    if source is None:
        source = read
    return StreamedLogit.from_formula(formula, source, **options)


def read():
    return [data().iloc[:25], data().iloc[25:]]


def fitted(**options):
    return model(**options).fit(disp=False)


def then(readings, changed):
    """A source that gives other data after some readings."""
    given = []

    def source():
        given.append(1)
        return [data() if len(given) <= readings else changed]

    return source


def with_cluster_missing():
    firm = np.where(data().index == 30, np.nan, 1.0 + data().index % 5)
    return lambda: [data().assign(firm=firm)]


def number_and_text():
    code = np.array([1, 2, 3] * 20, dtype=object)
    code[40:] = [str(value) for value in code[40:]]
    frame = data().assign(code=code)
    return [frame.iloc[:40].astype({"code": int}), frame.iloc[40:]]


def separated():
    return [data().assign(y=(data()["x"] > 0).astype(int))]


def mixed_outcomes():
    return [data().iloc[:25], data().iloc[25:].assign(y=data()["label"])]


def arrays():
    other = np.zeros(60)
    return StreamedLogit.from_formula("y ~ x + other", read), other


def unsettled():
    with patch.object(separation, "_READINGS", 0):
        model().check_separation()


def without_source():
    results = fitted()
    results.remove_data()
    results.with_covariance("HC1")


def files(*names):
    folder = Path(tempfile.mkdtemp())
    for name in names:
        (folder / name).write_text("y,x\n0,1\n")
    return [folder / name for name in names] or folder


def changed_type(column):
    info = patsy.dmatrix("x", data()).design_info
    return build_design(info, {"x": column}, len(column))


ERRORS = {
    "streaming, generator": (
        lambda: model(source=iter(read())),
        DesignError,
        ("generator", "several times", "function"),
    ),
    "streaming, frame": (lambda: model(source=data()), DesignError, ("in memory", "WeightedLogit")),
    "streaming, no file": (
        lambda: model(source="nowhere/*.parquet"),
        DesignError,
        ("no file", "nowhere"),
    ),
    "streaming, a file twice": (
        lambda: sources.refuse_repeated(["a.csv", "folder/../a.csv"]),
        DesignError,
        ("a.csv", "given twice"),
    ),
    "streaming, format": (
        lambda: model(source=files("a.txt")),
        DesignError,
        ("format", "'a.txt'", ".parquet", "pyarrow.dataset"),
    ),
    "streaming, formats": (
        lambda: model(source=files("a.csv", "b.parquet")),
        DesignError,
        ("several formats", "csv", "parquet"),
    ),
    "streaming, empty folder": (lambda: model(source=files()), DesignError, ("no files",)),
    "streaming, rows": (
        lambda: sources.refuse_rows("a.csv", ValueError("invalid value 'word'")),
        DesignError,
        ("a.csv", "'word'", "schema"),
    ),
    "streaming, no frames": (
        lambda: model(source=data),
        DesignError,
        ("DataFrame", "iterable of frames"),
    ),
    "streaming, no rows": (lambda: model(source=list), DesignError, ("no rows",)),
    "streaming, frame lacks a column": (
        lambda: model(source=lambda: [data(), data().drop(columns="x")]),
        DesignError,
        ("frame 2", "'x'"),
    ),
    "streaming, fewer rows later": (
        lambda: model(source=then(5, data().iloc[:50])).fit(disp=False),
        DesignError,
        ("60 rows", "50 now", "stay the same"),
    ),
    "streaming, other numbers later": (
        lambda: model(source=then(5, data().assign(x=data()["x"] + 1.0))).fit(disp=False),
        DesignError,
        ("other numbers", "stay the same"),
    ),
    "streaming, labels of two kinds": (
        lambda: model("y ~ C(code)", source=number_and_text),
        DesignError,
        ("'code'", "number 1", "text '1'", "astype(str)"),
    ),
    "streaming, clusters of two kinds": (
        lambda: fitted(source=number_and_text, cluster="code"),
        DesignError,
        ("'code'", "number 1", "text '1'"),
    ),
    "streaming, all missing": (
        lambda: model(source=lambda: [data().assign(x=np.nan)]),
        DesignError,
        ("no rows are left",),
    ),
    "streaming, unknown name": (
        lambda: model("y ~ x + nothing"),
        DesignError,
        ("no column 'nothing'",),
    ),
    "streaming, repeated name": (
        lambda: model(source=lambda: [pd.concat([data(), data()[["x"]]], axis=1)]),
        DesignError,
        ("several columns", "'x'", "rename"),
    ),
    "streaming, array of the caller": (arrays, DesignError, ("'other'", "put it into the data")),
    "streaming, no design": (
        lambda: model("y ~ 0"),
        DesignError,
        ("no columns", "right-hand side"),
    ),
    "streaming, new level": (
        lambda: model(source=then(5, data().assign(g="new"))).fit(disp=False),
        DesignError,
        ("'g'", "'new'", "row 0 of frame 1", "stay the same"),
    ),
    "streaming, new label": (
        lambda: model("label ~ x", then(4, data().assign(label="perhaps"))).fit(disp=False),
        OutcomeError,
        ("'label'", "'perhaps'", "row 0 of frame 1", "stay the same"),
    ),
    "streaming, kinds of outcome": (
        lambda: model(source=mixed_outcomes),
        OutcomeError,
        ("'y'", "labels", "numbers", "one kind"),
    ),
    "streaming, columns of a factor": (
        lambda: changed_type(np.ones((3, 2))),
        DesignError,
        ("'x'", "2 columns", "1 in others"),
    ),
    "streaming, text for a number": (
        lambda: changed_type(np.array(["a", "b"], dtype=object)),
        DesignError,
        ("'x'", "no number"),
    ),
    "streaming, weights by array": (
        lambda: model(freq_weights=np.ones(60)),
        DesignError,
        ("freq_weights", "name of a column", "chunks"),
    ),
    "streaming, no such column": (
        lambda: model(cluster="firm"),
        DesignError,
        ("groups='firm'", "x, g, y"),
    ),
    "streaming, cluster missing": (
        lambda: fitted(source=with_cluster_missing(), cluster="firm"),
        DesignError,
        ("missing", "row 30 of frame 1", "'firm'"),
    ),
    "streaming, one cluster": (
        lambda: fitted(cluster="one"),
        DesignError,
        ("one cluster", "at least two"),
    ),
    "streaming, rank": (
        lambda: model("y ~ x + I(2 * x)"),
        DesignError,
        ("I(2 * x) = 2 x", 'aliased="drop"'),
    ),
    "streaming, chunk_rows": (
        lambda: model(chunk_rows=0.5),
        ValueError,
        ("chunk_rows", "0.5", "positive whole number"),
    ),
    "streaming, full_output": (
        lambda: model().fit(full_output="yes"),
        TypeError,
        ("full_output", "True or False"),
    ),
    "streaming, start": (
        lambda: model().fit([0.0]),
        ValueError,
        ("start_params", "(1,)", "4 columns"),
    ),
    "streaming, infinite start": (
        lambda: model().fit(np.full(4, np.inf)),
        ValueError,
        ("start_params", "finite"),
    ),
    "streaming, separation": (
        lambda: model("y ~ x", separated).fit(disp=False),
        SeparationError,
        ("complete separation", "x to +infinity", "leave out", "fit_bias_reduced"),
    ),
    "streaming, separation not settled": (
        unsettled,
        NotAvailableError,
        ("separated", "not settled"),
    ),
    "streaming, penalty": (
        lambda: model().fit_regularized(),
        NotAvailableError,
        ("no penalty", "WeightedLogit"),
    ),
    "streaming, constraints": (
        lambda: model().fit_constrained("x = 1"),
        NotAvailableError,
        ("no constraints", "formula"),
    ),
    "streaming, rows of the model": (
        lambda: model().loglikeobs(np.zeros(4)),
        NotAvailableError,
        ("keeps no rows", "predict_to_parquet"),
    ),
    "streaming, rows of the results": (
        lambda: fitted().predict(),
        NotAvailableError,
        ("keeps no rows", "predict_to_parquet"),
    ),
    "streaming, averages of rows": (
        lambda: fitted()._score_parts(),
        NotAvailableError,
        ("keeps no rows",),
    ),
    "streaming, weights of rows": (
        lambda: fitted().weights.row_weight,
        NotAvailableError,
        ("keeps no rows",),
    ),
    "streaming, adjusted clusters": (
        lambda: fitted().with_covariance("cluster", groups="g", kind="CR2"),
        NotAvailableError,
        ("chunks", '"CR1S"', "at once"),
    ),
    "streaming, bootstrap": (
        lambda: fitted().with_covariance("bootstrap"),
        NotAvailableError,
        ("at once", "chunks", '"survey"'),
    ),
    "streaming, nested fits of other data": (
        lambda: fitted().lr_test(
            fitted(formula="y ~ v", source=lambda: [data().assign(v=data()["x"] ** 2)])
        ),
        DesignError,
        ("different data", "one source"),
    ),
    "streaming, nested fits of other rows": (
        lambda: fitted(formula="y ~ x + missing").lr_test(fitted(formula="y ~ x")),
        DesignError,
        ("different rows", "59 here", "60 in", "row 7 of frame 1"),
    ),
    "streaming, nested fits of other outcomes": (
        lambda: fitted().lr_test(fitted(formula="label ~ x")),
        OutcomeError,
        ("other outcomes", "[0, 1]", "['no', 'yes']"),
    ),
    "streaming, nested fit in memory": (
        lambda: fitted().lr_test(weighted_logit("y ~ x", data()).fit(disp=False)),
        TypeError,
        ("StreamedLogit", "WeightedLogit", "both alike"),
    ),
    "streaming, effects": (
        lambda: fitted().get_margeff(at="mean"),
        NotAvailableError,
        ("average effects", 'at="overall"', "keeps no rows", "predict_to_parquet"),
    ),
    "streaming, source gone": (
        without_source,
        NotAvailableError,
        ("source of this fit is gone", "make the model again"),
    ),
    "streaming, design": (
        lambda: model(design=object()),
        TypeError,
        ("'design'", "strata=, psu= and fpc=", "sampling_weights="),
    ),
    "streaming, clusters and a design": (
        lambda: model(psu="g", cluster="g"),
        DesignError,
        ("cluster=", "two answers", "with_covariance"),
    ),
    "streaming, options of a design": (
        lambda: model(nest=True),
        DesignError,
        ("nest=", "strata=, psu= or fpc="),
    ),
    "streaming, nest": (
        lambda: model(psu="g", nest="yes"),
        DesignError,
        ("nest", "True or False", "'yes'"),
    ),
    "streaming, new unit": (
        lambda: model(source=then(6, data().assign(k="new")), psu="k", sampling_weights="w").fit(
            disp=False
        ),
        DesignError,
        ("'k'", "strata or units", "stay the same"),
    ),
    "streaming, predictions over the data": (
        lambda: prediction.refuse_to_replace(
            SimpleNamespace(dataset=SimpleNamespace(files=["a.parquet"])), Path("a.parquet")
        ),
        DesignError,
        ("a.parquet", "would be replaced", "another file"),
    ),
    "streaming, name of predictions": (
        lambda: fitted().predict_to_parquet("p.parquet", keep=["predicted"]),
        DesignError,
        ("'predicted'", "rename"),
    ),
}
