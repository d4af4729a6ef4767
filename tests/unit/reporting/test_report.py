"""The page of a fit: what it says, of every kind of fit, and what it never does."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tests.unit.reporting.pages import DISPUTES, FITS, Tree, data, page_text, report, text_of
from wlogit import NotAvailableError, WeightedLogit
from wlogit.datasets import load_mid
from wlogit.formula.api import weighted_logit
from wlogit.reporting.report import rows, words
from wlogit.reporting.report.page import SECTIONS, page
from wlogit.reporting.report.sections import Part, Section, Writer

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.filterwarnings("ignore::wlogit.errors.ConvergenceWarning")


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
