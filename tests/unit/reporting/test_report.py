"""The page of a fit: what it says, of every kind of fit, and what it never does."""

import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from wlogit import NotAvailableError, WeightedLogit
from wlogit.datasets import load_endometrial, load_mid
from wlogit.errors import InferenceWarning
from wlogit.formula.api import weighted_logit
from wlogit.inference.quadratic_forms import tail
from wlogit.reporting.report import estimates, rows, words
from wlogit.reporting.report.page import SECTIONS, page
from wlogit.reporting.report.sections import Part, Section, Writer

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.filterwarnings("ignore::wlogit.errors.ConvergenceWarning")
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


@pytest.mark.filterwarnings("error::UserWarning")
@pytest.mark.filterwarnings("ignore::wlogit.errors.ConvergenceWarning")
@pytest.mark.parametrize("name", FITS)
def test_every_kind_of_fit_has_a_page(name):
    markup = report(name)
    tree = Tree()
    tree.feed(markup)
    assert tree.errors == []
    assert tree.open == []
    anchors = [section.anchor for section in SECTIONS]
    assert [a["id"] for tag, a in tree.tags if tag == "section"] == [*anchors, "notes", "session"]
    assert all(address.startswith(("#", "data:image/")) for address in tree.addresses)
    assert "://" not in re.sub(r"data:image/[^\"]*", "", markup)
    assert all(a.get("alt") for tag, a in tree.tags if tag == "img")
    assert all(a.get("scope") in ("col", "row") for tag, a in tree.tags if tag == "th")
    assert ("html", {"lang": "en"}) in tree.tags
    assert len(markup) < 1_000_000
    said = text_of(markup)
    assert not re.search(r"\bnan\b|\bNone\b|np\.|dtype|Traceback", said), said
    assert not re.search(rf"{words.MINUS}0\.0+\b", said), said


def test_what_a_page_shows_is_what_the_fit_says():
    results = weighted_logit(DISPUTES, load_mid(), class_weight="balanced").fit(disp=False)
    said = text_of(page(results._results))
    for name in results.params.index[1:]:
        decimals = words.decimals_for(results.bse[name])
        assert f"{results.params[name]:.{decimals}f}".replace("-", words.MINUS) in said
    assert f"area under the ROC curve {results.auc().auc:.3f}" in said
    assert f"{100 * results.get_margeff(variables='all').margeff[1]:.1f}" in said
    assert "1,042 (33.3 %) are events, that is conflict = 1" in said
    assert "An event counts 2 times as much as a non-event" in said
    assert f"{results.weights.effective_size:,.0f} of 3,126 cases" in said
    for note in results.summary().content.notes:
        assert text_of(page_text(note)) in said
    most = int(np.argmax(results.get_influence().cooks_distance[0]))
    assert re.search(rf"dfbetas\) {most} ", said)


def test_influence_on_the_page_has_no_unit():
    said = []
    for unit in (1.0, 1024.0):
        frame = data().assign(w=unit * data()["w"]).dropna()
        results = weighted_logit("y ~ x + z", frame, sampling_weights="w").fit(disp=False)
        said.append(str(rows.influence(results)).partition("<figure")[0])
    assert said[0] == said[1]
    assert "weights of mean one" in said[0]


def page_text(note):
    return note.replace('"', "&quot;").replace("'", "&#x27;")


def test_small_numbers_stay_visible_and_large_ones_readable():
    shown = [words.number(v) for v in (0.0, 12.0, 3.14159, 1234.5, 1e-7, 2.5e8, -0.5)]
    expected = ["0", "12", "3.142", "1,234", "1.000e-07", "2.5e+08", "-0.5000"]
    assert shown == [text.replace("-", words.MINUS) for text in expected]
    assert words.pvalue(1e-9) == "<0.001"
    assert words.with_p(1e-9) == "p < 0.001"
    assert words.with_p(0.04) == "p = 0.040"
    assert words.percent(0.00343) == "0.34 %"
    assert words.number(-1e-9, 3) == "0.000"
    assert words.brief(1249.0) == "1,249"
    assert words.number(np.inf) == "∞"
    assert words.number(-np.inf, 2) == f"{words.MINUS}∞"


def test_names_are_text_and_not_markup():
    formula = "state ~ Q('<b>x</b>') + g"
    results = weighted_logit(formula, data(), event="<b>sick</b>").fit(disp=False)
    markup = page(results._results)
    assert "<b>" not in markup
    assert "&lt;b&gt;sick&lt;/b&gt;" in markup
    assert "&lt;b&gt;x&lt;/b&gt;" in markup
    assert "fit &amp; well" in markup


def test_separation_is_said_first_and_no_number_stands_for_infinity():
    said = text_of(report("separated"))
    assert "The covariates predict some outcomes perfectly (separation)" in said
    assert "NV ∞ n/a n/a n/a n/a ∞ n/a" in said
    assert "A joint test cannot include NV" in said


@pytest.mark.parametrize("name", ["separated", "all separated", "separated classes"])
def test_under_separation_nothing_is_shown_that_follows_from_infinite_coefficients(name):
    said = text_of(report(name))
    for title in ("Effects", "Calibration", "ROC and classification"):
        assert f"{title} Not shown. Under separation coefficients have no finite estimate" in said
    assert "Collinearity needs a fit that has converged to finite coefficients" in said
    # A likelihood has its ratio at the limit; its distribution under weights needs a covariance.
    refused = "Test of all slopes: not shown. The test of all slopes under weights needs" in said
    assert refused == (name == "separated classes")
    for nonsense in ("e\N{MINUS SIGN}", "area under the ROC curve", "p = n/a", "counts 1 times"):
        assert nonsense not in said
    assert ("An event counts as much as a non-event" in said) == (name == "separated classes")


@pytest.mark.parametrize("name", ["class", "prevalence", "product", "clusters, t", "sampling"])
def test_the_p_value_of_all_slopes_follows_from_what_is_printed(name):
    said = text_of(report(name))
    shown = re.search(
        r"by saddlepoint\): statistic ([\d.,]+), df (\d+), p (\S+ \S+)\. .*? weighted by "
        r"([\d., ]+)\.",
        said,
    )
    test = FITS[name]().llr_test
    if name == "clusters, t":
        assert shown is None
        return
    statistic = float(shown.group(1).replace(",", ""))
    weights = np.array([float(weight) for weight in shown.group(4).split(", ")])
    assert statistic == pytest.approx(test.statistic, rel=1e-3)
    assert len(weights) == int(shown.group(2)) == test.df
    assert tail(statistic, weights) == pytest.approx(test.pvalue, rel=0.03)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((name, None) for name in ("none", "frequency", "class", "counts", "weighted counts")),
        ("sampling", "by their sampling weights"),
        ("product", "by their sampling weights"),
        ("prevalence", "to the prevalence"),
    ],
)
@pytest.mark.filterwarnings("ignore::wlogit.errors.InferenceWarning")
def test_a_table_that_counts_says_so_where_measures_do_not(name, how):
    text = "This table counts cases; the measures above weigh them"
    said = text_of(report(name))
    assert (text in said) == (how is not None)
    assert how is None or f"{text} {how}, and differ" in said
    found = FITS[name]()
    if how is None:
        counts = found.pred_table(0.5, which="calibrated").to_numpy()
        measured = found.classification_report(0.5, which="calibrated")["sensitivity"]
        assert measured == pytest.approx(counts[1, 1] / counts[1].sum(), rel=1e-12)


def test_effects_are_of_variables():
    said = text_of(report("interaction"))
    assert "With the other variables held fixed, and on average" in said
    assert "A variable with several columns, as in products and powers, moves them all" in said


def test_a_fit_that_did_not_converge_shows_no_inference():
    said = text_of(report("stopped"))
    assert "none of the numbers below can be relied on" in said
    assert said.count("Not shown. The fit did not converge") == 6
    assert "area under the ROC curve" not in said


def test_standard_errors_that_are_not_valid_are_said_first():
    with pytest.warns(InferenceWarning):
        results = weighted_logit("y ~ x", data(), sampling_weights="w").fit(
            disp=False, cov_type="nonrobust"
        )
    assert "The standard errors below are not valid" in text_of(page(results._results))
    assert "not valid" not in text_of(report("Firth of classes"))


def test_what_the_statistics_warn_of_is_in_the_page_and_not_said_twice():
    said = text_of(report("no constant"))
    cautions = said.partition("Said while the sections were computed")[2]
    assert cautions.count("without a free constant, class weights change the slopes") == 1


@pytest.mark.parametrize(
    ("options", "words_of_it"),
    [
        ({}, "on the scale of these cases, with 44.0 % events; that is the population unless"),
        ({"class_weight": "balanced"}, "44.0 % events, and class weights are taken out"),
        ({"prevalence": 0.01}, "those of a population with 1.0 % events, as stated"),
        ({"sampling_weights": "w"}, "those of the population sampled, with 44.4 % events."),
    ],
)
def test_the_population_of_the_probabilities_is_said(options, words_of_it):
    results = weighted_logit("y ~ x", data(), **options).fit(disp=False)
    assert f"{data()['y'].mean():.3f}" == "0.440"
    assert words_of_it in text_of(page(results._results))


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({}, False),
        ({"class_weight": "balanced"}, False),
        ({"freq_weights": "n"}, False),
        ({"prevalence": 0.01}, True),
        ({"sampling_weights": "w"}, True),
    ],
    ids=str,
)
def test_plain_words_say_of_which_cases_effects_are(options, known):
    frame = data()
    results = weighted_logit("y ~ x", frame, **options).fit(disp=False)
    said = text_of(page(results._results))
    plain = said.partition("In plain words")[2].partition("Coefficients and odds ratios")[0]
    counts = frame["n"] if "freq_weights" in options else np.ones(len(frame))
    share = 100.0 * np.average(frame["y"], weights=counts)
    told = f"on the scale of these cases, of which {share:.1f} % are events:"
    assert (told in plain) is not known
    assert "these cases" in plain or known


def test_new_cases_are_likely_to_be_predicted_less_well():
    assert "new ones are likely to be predicted less well" in text_of(report("none"))


def test_a_recalibrated_fit_is_of_its_prevalence():
    results = weighted_logit("y ~ x", data(), class_weight="balanced").fit(disp=False)
    said = text_of(page(results.recalibrate(0.05)._results))
    assert "solved anew for a mean prediction of 5.0 %" in said
    assert "on the scale of these cases" not in said
    assert "recalibrated to a share of events of 0.05, and these cases have 0.44" in said
    assert "calibration intercept" not in said
    assert "sensitivity: events called events" not in said
    assert "area under the ROC curve" in said
    assert "on the scale of these cases" in text_of(page(results.calibrated()._results))


def test_a_link_test_without_an_answer_says_so():
    exog = np.column_stack([np.ones(6), [1, 2, 2, 1, 3, 1]])
    results = WeightedLogit([0, 1, 0, 1, 1, 0], exog).fit(disp=False)
    section = Section("tests", "Tests", (Part("Link test", estimates.link_test),))
    writer = Writer(results)
    assert "no finite optimum" in text_of(writer.write(section))
    assert set(writer.cautions.values()) <= {"Tests"}


def test_a_warning_of_another_kind_is_passed_on():
    def make(results):
        import warnings

        warnings.warn("a release will change this", FutureWarning, stacklevel=1)
        return words.code("made")

    section = Section("a", "A", (Part("A part", make, of_a_fit=False),))
    with pytest.warns(FutureWarning, match="a release"):
        Writer(FITS["none"]()).write(section)


def test_a_fault_is_not_taken_for_a_refusal():
    def fail(results):
        raise ValueError("a fault")

    section = Section("a", "A", (Part("A part", fail, of_a_fit=False),))
    with pytest.raises(ValueError, match="a fault"):
        Writer(FITS["none"]()).write(section)
    with pytest.raises(AttributeError):
        Writer(FITS["none"]()).write(
            Section("a", "A", (Part("A part", lambda r: r.no_such_member, of_a_fit=False),))
        )


def test_one_reason_for_several_parts_is_said_once():
    def refuse(results):
        raise NotAvailableError("there is a reason.")

    parts = (Part("First", refuse, of_a_fit=False), Part("Second", refuse, of_a_fit=False))
    made = (Part("Third", lambda results: words.code("x"), of_a_fit=False),)
    writer = Writer(FITS["none"]())
    assert "Not shown. There is a reason." in text_of(writer.write(Section("a", "A", parts)))
    said = text_of(writer.write(Section("a", "A", parts + made)))
    assert "First, second: not shown. There is a reason." in said


def test_a_hundred_thousand_rows_are_a_page_of_bounded_size(tmp_path):
    rng = np.random.default_rng(2)
    n = 100_000
    x = rng.normal(size=(n, 2))
    frame = pd.DataFrame(x, columns=["a", "b"])
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(3 - x[:, 0]))).astype(int)
    weighted_logit("y ~ a + b", frame, class_weight="balanced").fit(disp=False).report(
        tmp_path / "fit.html"
    )
    assert (tmp_path / "fit.html").stat().st_size < 2_000_000


def test_many_columns_are_drawn_in_part(tmp_path):
    rng = np.random.default_rng(3)
    exog = pd.DataFrame(rng.normal(size=(600, 50)), columns=[f"column_{j}" for j in range(50)])
    results = WeightedLogit(rng.integers(0, 2, 600), exog.assign(const=1.0)).fit(disp=False)
    assert "The first 40 of 50 columns" in text_of(page(results._results))


def test_the_page_is_a_file_that_is_overwritten(tmp_path):
    path = tmp_path / "fit.html"
    path.write_text("old")
    assert FITS["none"]().report(path) is None
    FITS["none"]().report(str(path))
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(FileNotFoundError):
        FITS["none"]().report(tmp_path / "no" / "fit.html")


def test_figures_leave_the_session_as_it_was():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    page(FITS["none"]()._results)
    assert dict(mpl.rcParams) == before
    code = (
        "import sys, wlogit, numpy as np;"
        "x = np.column_stack([np.ones(8), [0, 1, 2, 3, 4, 5, 6, 7]]);"
        "r = wlogit.WeightedLogit([0, 0, 1, 0, 0, 1, 0, 1], x).fit(disp=False);"
        "r.report(sys.argv[1]); assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "/dev/null"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_matplotlib_it_says_what_to_install_before_any_work(tmp_path, monkeypatch):
    results = FITS["none"]()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"wlogit\[plots\]"):
        results.report(tmp_path / "fit.html")
    assert not (tmp_path / "fit.html").exists()


def test_a_fit_without_its_data_is_refused(tmp_path):
    results = FITS["none"]()
    results.remove_data()
    with pytest.raises(NotAvailableError, match="remove_data"):
        results.report(tmp_path / "fit.html")
    assert not (tmp_path / "fit.html").exists()
