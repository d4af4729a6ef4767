"""Several fits side by side: which numbers, what is said of them, and in which formats."""

import importlib
import re
import warnings
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2

import wlogit
from tests.unit.reporting.fits import fit, frame
from wlogit import WeightedLogit, compare
from wlogit.errors import ConvergenceWarning, InferenceWarning, SeparationWarning
from wlogit.reporting.compare import number, pvalue_text


@pytest.fixture(scope="module")
def plain():
    return fit("y ~ x + a")


@pytest.fixture(scope="module")
def balanced():
    return fit("y ~ x + group", class_weight="balanced")


def cells(comparison):
    """Labels and cells as printed, row by row."""
    return [(row.label, [cell.whole for cell in row.cells]) for row in comparison.grid.rows]


def printed(comparison):
    """Cells by label; the row below a coefficient has the label and "below"."""
    found, label = {}, ""
    for name, texts in cells(comparison):
        if name:
            found[name] = texts
            label = name
        else:
            found[f"{label} below"] = texts
    return found


def said(comparison):
    return " ".join(comparison.notes)


# -- numbers -------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_fits(plain, balanced):
    comparison = compare([plain, balanced])
    for name, results in (("(1)", plain), ("(2)", balanced)):
        tidied = results.tidy().set_index("term")
        pd.testing.assert_frame_equal(
            comparison.frame[name].loc[tidied.index], tidied, check_names=False
        )
    table = printed(comparison)
    assert table["x"] == [f"{r.params['x']:.3f}" for r in (plain, balanced)]
    assert table["x below"] == [f"({r.bse['x']:.3f})" for r in (plain, balanced)]
    assert table["a"][1] == table["a below"][1] == ""
    assert table["Cases"] == ["60", "60"]
    assert table["Log-likelihood"] == [f"{r.llf:,.1f}" for r in (plain, balanced)]
    assert table["Pseudo R2"] == [f"{r.prsquared:.3f}" for r in (plain, balanced)]
    assert table["Weights"] == ["none", "class"]
    assert table["Covariance"] == ["nonrobust", "HC3"]


def test_coefficients_come_in_the_order_of_the_fits(plain, balanced):
    frame_ = compare([plain, balanced]).frame
    assert list(frame_.index) == ["Intercept", "x", "a", "group[T.b]", "group[T.c]"]
    assert frame_["(1)"].loc["group[T.b]"].isna().all()


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("se", lambda r: f"({r.bse['x']:.2f})"),
        ("z", lambda r: f"({r.tvalues['x']:.2f})"),
        ("p", lambda r: f"({r.pvalues['x']:.2f})"),
        ("ci", lambda r: "[{:.2f}, {:.2f}]".format(*r.conf_int(0.1).loc["x"])),
    ],
)
def test_what_stands_below_a_coefficient(plain, statistic, expected):
    table = printed(compare(plain, statistic=statistic, digits=2, conf_level=0.9))
    assert table["x below"] == [expected(plain)]


def test_what_stands_below_is_named(plain):
    assert compare(plain).notes[0] == "Standard errors in parentheses."
    assert compare(plain, statistic="p").notes[0] == "p-values in parentheses."
    assert compare(plain, statistic="z").notes[0] == "z in parentheses."
    by_t = plain.with_covariance("cluster", groups="firm", use_t=True)
    assert compare([plain, by_t], statistic="z").notes[0] == "t or z in parentheses."
    level = compare(plain, statistic="ci", conf_level=0.9)
    assert level.notes[0] == "90 % intervals in brackets."


def test_odds_ratios_have_intervals(plain, balanced):
    comparison = compare([plain, balanced], exponentiate=True)
    expected = balanced.odds_ratios().loc["x"]
    table = printed(comparison)
    assert table["x"][1] == f"{expected['OR']:.3f}"
    assert table["x below"][1] == f"[{expected['lower']:.3f}, {expected['upper']:.3f}]"
    assert_allclose(comparison.frame.loc["x", ("(2)", "estimate")], expected["OR"], rtol=1e-14)
    assert_array_equal(comparison.frame.loc["x", ("(2)", "p_value")], balanced.pvalues["x"])
    assert "(1): Intercept: odds of the event" in said(comparison)
    assert "(2): Intercept: odds of the event" in said(comparison)
    assert "c1/c0 = 2" in said(comparison)


def test_the_statistics_below_can_be_chosen(balanced):
    footer = ["n_rows", "effective_size", "df_resid", "llr", "llr_pvalue", "aic", "bic"]
    comparison = compare(balanced, footer=footer, digits=2)
    row = balanced.glance().iloc[0]
    table = printed(comparison)
    assert table["Rows"] == ["60"]
    assert table["Effective size"] == ["53.3"]
    assert table["LR p-value"] == [f"{row['llr_pvalue']:.2f}"]
    assert table["AIC"] == [f"{row['aic']:,.1f}"]
    assert list(comparison.statistics.index) == [*footer, "weights", "covariance"]
    for name in footer:
        assert comparison.statistics.loc[name, "(1)"] == row[name]
    assert "Cases" not in table


def test_numbers_say_something_at_any_size():
    assert number(1234.5678, 3) == "1234.568"
    assert number(-0.0004, 3) == "-0.0004"
    assert number(0.0, 2) == "0.00"
    assert number(2.5e9, 3) == "2.5e+09"
    assert number(np.inf, 3) == "inf"
    assert number(np.nan, 3) == ""
    assert number(1.6, 0) == "2"
    assert pvalue_text(1e-300, 3) == "<0.001"
    assert pvalue_text(0.0006, 3) == "0.001"
    assert pvalue_text(0.2, 2) == "0.20"


# -- several covariances of one fit ----------------------------------------------------------------


def test_covariances_of_one_fit_side_by_side(balanced):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the table says what a warning would
        comparison = compare(balanced, cov_types=["nonrobust", "HC0", None])
    table = printed(comparison)
    assert table["Covariance"] == ["nonrobust (not valid)", "HC0", "HC3"]
    assert len(set(table["x"])) == 1
    with pytest.warns(InferenceWarning):
        others = [balanced.with_covariance(kind) for kind in ("nonrobust", "HC0", "HC3")]
    assert table["x below"] == [f"({other.bse['x']:.3f})" for other in others]
    assert "(1): INVALID standard errors" in said(comparison)
    assert "Not comparable" not in said(comparison)


def test_it_is_the_same_as_comparing_the_results(plain):
    by_name = compare(plain, cov_types=["HC0", "HC2"])
    by_hand = compare([plain.with_covariance("HC0"), plain.with_covariance("HC2")])
    assert str(by_name) == str(by_hand)
    pd.testing.assert_frame_equal(by_name.frame, by_hand.frame)


def test_several_fits_by_several_covariances(plain, balanced):
    comparison = compare([plain, balanced], ["A", "B"], cov_types=["HC0", "HC1"])
    assert comparison.grid.names == ("A, HC0", "A, HC1", "B, HC0", "B, HC1")
    renamed = compare([plain, balanced], list("pqrs"), cov_types=["HC0", "HC1"])
    assert renamed.grid.names == ("p", "q", "r", "s")


def test_the_naive_covariance_of_a_likelihood_is_valid(plain):
    assert printed(compare(plain, cov_types="nonrobust"))["Covariance"] == ["nonrobust"]


def test_clusters_keep_their_groups(plain):
    clustered = plain.with_covariance("cluster", groups="firm")
    comparison = compare([plain, clustered], cov_types=[None])
    assert printed(comparison)["Covariance"] == ["nonrobust", "cluster"]
    assert "12 clusters" in said(comparison)


# -- stars ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strong():
    rng = np.random.default_rng(9)
    data = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["x", "z", "w"])
    eta = -0.5 + data["x"] + 0.14 * data["z"]
    data["y"] = (rng.random(2000) < 1 / (1 + np.exp(-eta))).astype(int)
    return WeightedLogit.from_formula("y ~ x + z + w", data, class_weight="balanced").fit(
        disp=False
    )


def test_stars_are_off_by_default(strong):
    assert "*" not in str(compare(strong))


def test_stars_follow_the_p_values(strong):
    table = printed(compare(strong, stars=True))
    levels = {"x": "***", "z": "**", "w": ""}
    for name, stars in levels.items():
        low, high = {"***": (0, 0.001), "**": (0.001, 0.01), "": (0.05, 1)}[stars]
        assert low <= strong.pvalues[name] < high, "the data are not those this test needs"
        assert table[name] == [f"{strong.params[name]:.3f}{stars}"]
    assert "* p < 0.05, ** p < 0.01, *** p < 0.001." in compare(strong, stars=True).notes


def test_no_stars_where_p_values_are_not_valid(strong):
    comparison = compare(strong, cov_types=["nonrobust", "HC3"], stars=True)
    assert printed(comparison)["x"] == [f"{strong.params['x']:.3f}{s}" for s in ("", "***")]
    assert "none for (1), whose p-values are not valid" in said(comparison)


# -- which coefficients ----------------------------------------------------------------------------


def test_keep_drop_and_rename(plain, balanced):
    chosen = compare([plain, balanced], keep=["x", "Intercept"])
    assert list(chosen.frame.index) == ["x", "Intercept"]
    left = compare([plain, balanced], drop=["Intercept", "group[T.c]"])
    assert list(left.frame.index) == ["x", "a", "group[T.b]"]
    called = compare([plain, balanced], rename={"a": "Age or group", "group[T.b]": "Age or group"})
    assert list(called.frame.index) == ["Intercept", "x", "Age or group", "group[T.c]"]
    table = printed(called)
    assert table["Age or group"] == [
        f"{plain.params['a']:.3f}",
        f"{balanced.params['group[T.b]']:.3f}",
    ]


# -- words ---------------------------------------------------------------------------------------


def test_weights_and_covariance_are_said_in_words_once(plain, balanced):
    comparison = compare([plain, balanced, balanced.with_covariance("HC0")])
    notes = comparison.notes
    assert "(1): No weights." in notes
    assert '(2), (3): Class weights ("balanced"): 0: 0.75, 1: 1.5.' in notes
    assert any(note.startswith("(2): Covariance HC3: sandwich") for note in notes)
    assert any(note.startswith("(3): Covariance HC0: sandwich") for note in notes)
    assert "(2), (3): Reference levels: group = a." in notes
    assert len(set(notes)) == len(notes)


def test_what_is_true_of_all_columns_names_none(balanced):
    comparison = compare([balanced, balanced.with_covariance("HC0")])
    assert 'Class weights ("balanced"): 0: 0.75, 1: 1.5.' in comparison.notes


def test_the_event_is_a_note_or_a_row(plain):
    assert "The event is y = 1." in compare(plain).notes
    other = fit("y ~ x", data=frame().assign(y=np.where(frame()["y"] == 1, "ill", "well")))
    assert "The event is y = well." in compare(other).notes
    table = printed(compare([plain, other, fit("share ~ x"), fit("events + others ~ x")]))
    assert table["Event"] == ["y = 1", "y = well", "", ""]


def test_counts_and_fractions_are_named():
    notes = said(compare([fit("share ~ x"), fit("events + others ~ x")]))
    assert "(1): The outcome is a fraction" in notes
    assert "(2): The outcome is counts" in notes


def test_likelihoods_of_other_weights_are_not_comparable(plain, balanced):
    assert "Not comparable between columns" in said(compare([plain, balanced]))
    nested = compare([plain, fit("y ~ x")])
    assert "Not comparable" not in said(nested)
    fewer = fit("y ~ x", data=frame().iloc[:50])
    assert "Not comparable" in said(compare([plain, fewer]))
    assert "Not comparable" not in said(compare([plain, balanced], footer=["nobs"]))


def test_pseudo_likelihoods_are_named(plain, balanced):
    assert "(2): a pseudo-likelihood; log-likelihoods are in the weights as given." in said(
        compare([plain, balanced])
    )
    forms = said(compare([plain, balanced], footer=["aic", "llr_pvalue"]))
    assert "AIC and BIC" in forms
    assert "Rao and Scott" in forms
    assert "pseudo-likelihood" not in said(compare(plain))


def test_what_a_nonrobust_column_has_of_a_pseudo_likelihood_is_not_valid(plain, balanced):
    naive = {"cov_types": ["nonrobust", "HC3"], "footer": ["aic", "llr_pvalue"]}
    table = compare(balanced, **naive)
    given = "a pseudo-likelihood; log-likelihoods are in the weights as given"
    forms = "AIC and BIC have their pseudo-likelihood forms, LR p-values are Rao and Scott's"
    assert table.notes[-2:] == (
        f"(2): {given}, {forms}.",
        f"(1): {given}, INVALID AIC, LR p-value: cov_type nonrobust takes it for a likelihood.",
    )
    weights, slopes = balanced.weights, balanced.df_model
    ratio, llf = balanced.llr, balanced.llf * balanced.nobs / weights.total
    wrong = table.statistics["(1)"]
    assert wrong["llr_pvalue"] == pytest.approx(chi2.sf(ratio, slopes))
    assert wrong["aic"] == pytest.approx(2.0 * (slopes + 1.0) - 2.0 * llf)
    only = said(compare(balanced, **{**naive, "footer": ["llf"]}))
    assert f"{given}." in only
    assert "INVALID" not in only.replace("INVALID standard errors", "")
    assert "INVALID" not in said(compare(plain, **naive))


def test_fractions_without_weights_are_not_blamed_on_weights():
    fractions = fit("share ~ x")
    told = " ".join(fractions.summary().content.notes)
    assert "for fractions the usual inverse Hessian is not a covariance" in told
    table = said(compare(fractions, cov_types=["nonrobust"]))
    assert "the inverse Hessian, which is not a covariance for fractions." in table
    assert "weights" not in table.replace("No weights.", "").replace("weights as given", "")


def test_the_calibrated_intercept_is_said(balanced):
    value = balanced.params.iloc[0] - np.log(2.0)
    assert f"calibrated intercept {value:.4f} (" in said(compare(balanced))
    (naive, right) = (
        note
        for note in compare(balanced, cov_types=["nonrobust", "HC3"]).notes
        if "calibrated intercept" in note
    )
    assert naive.endswith(f"{value:.4f}.")
    assert right.endswith(").")


# -- other kinds of fit --------------------------------------------------------------------------


def test_a_penalised_fit_has_no_standard_errors(plain):
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    lasso = model.fit_regularized(alpha=12.0, disp=False)
    assert 0.0 in set(lasso.params), "the penalty is too small for this test"
    comparison = compare([plain, lasso], stars=True)
    table = printed(comparison)
    for name, value in lasso.params.items():
        assert table[name][1] == (f"{value:.3f}" if value else "0")
        assert table[f"{name} below"][1] == ""
    assert table["Covariance"] == ["nonrobust", "none"]
    assert table["Pseudo R2"][1] == ""
    assert "(2): Penalised (lasso, alpha = 12)" in said(comparison)
    assert "no standard errors are valid" in said(comparison)


def test_bias_reduced_and_constrained_fits():
    model = WeightedLogit.from_formula("y ~ x + a", frame(), class_weight="balanced")
    firth, constrained = (
        model.fit_bias_reduced(disp=False),
        model.fit_constrained("x = 0.5", disp=False),
    )
    comparison = compare([firth, constrained], footer=["aic", "llr_pvalue"])
    table = printed(comparison)
    assert table["Covariance"] == ["nonrobust", "HC3"]
    assert table["AIC"][0] == ""
    assert table["LR p-value"][1] == ""
    assert "(1): Firth's adjusted score" in said(comparison)
    assert "(2): Model has been estimated subject to linear equality constraints." in said(
        comparison
    )
    assert "INVALID" not in said(comparison)
    assert table["x"][1] == "0.500"
    assert table["x below"][1] == "(fixed)"
    assert "set by a constraint" in said(comparison)
    assert "fixed" not in said(compare(firth))


def test_a_calibrated_fit_says_so(balanced):
    calibrated = balanced.calibrated()
    comparison = compare([balanced, calibrated], cov_types=["nonrobust", "HC0"])
    table = printed(comparison)
    assert table["Intercept"][3] == f"{balanced.params['Intercept'] - np.log(2.0):.3f}"
    assert table["Intercept below"][3] == f"({calibrated.with_covariance('HC0').bse.iloc[0]:.3f})"
    assert table["Covariance"][2] == "nonrobust (not valid)"
    assert "(3), (4): Calibrated: log(c1/c0) = 0.6931" in said(comparison)
    odds = said(compare(calibrated, exponentiate=True))
    assert "class weights multiply" not in odds


def test_columns_that_were_not_selected_are_zero():
    model = WeightedLogit.from_formula("y ~ x + a", frame())
    refitted = model.fit_regularized(alpha=[0.0, 0.0, 30.0], disp=False, refit=True)
    table = printed(compare(refitted, stars=True))
    assert "0" in [texts[0] for texts in table.values()]
    assert "(fixed)" in [texts[0] for texts in table.values()]
    assert "IGNORES" in said(compare(refitted))


def test_separated_and_unfinished_fits(plain):
    data = frame().assign(flag=((frame()["y"] == 1) & (frame()["x"] > 0)).astype(int))
    with pytest.warns(SeparationWarning):
        separated = fit("y ~ x + flag", data)
    with pytest.warns(ConvergenceWarning):
        unfinished = fit("y ~ x", fitting={"maxiter": 1})
    comparison = compare([plain, separated, unfinished], stars=True)
    table = printed(comparison)
    assert table["flag below"] == ["", "", ""]
    assert table["x below"][2] == ""
    assert "(2): Quasi-complete separation" in said(comparison)
    assert "(3): Maximum Likelihood optimization failed to converge" in said(comparison)


def test_a_fit_without_its_data_is_compared_the_same(balanced):
    again = fit("y ~ x + group", class_weight="balanced")
    again.remove_data()
    assert str(compare(again)) == str(compare(balanced))


def test_a_fit_of_statsmodels(plain):
    stock = smf.logit("y ~ x + a", frame()).fit(disp=False)
    comparison = compare([plain, stock])
    for label, (ours, theirs) in printed(comparison).items():
        assert ours == theirs, label
    assert "Covariance nonrobust: inverse of the observed information" in said(comparison)
    assert "(1)" not in said(comparison)


@pytest.mark.parametrize("called", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_covariances_of_statsmodels_are_called_what_they_are(plain, called):
    stock = smf.logit("y ~ x + a", frame()).fit(disp=False, cov_type=called)
    comparison = compare([plain.with_covariance("HC0"), stock])
    table = printed(comparison)
    assert table["Covariance"] == ["HC0", "HC0"]
    assert len(set(table["x below"])) == 1
    assert (f"where it is called {called}" in said(comparison)) == (called != "HC0")


def test_statsmodels_null_model_is_not_taken_over_without_a_constant():
    X = frame()[["x", "a"]]
    stock = sm.Logit(frame()["y"], X).fit(disp=False)
    table = printed(compare(stock, footer=["llnull", "pseudo_rsquared", "llf"]))
    assert table["Null log-likelihood"] == table["Pseudo R2"] == [""]
    assert table["Log-likelihood"] == [f"{stock.llf:.1f}"]


def test_an_unfinished_fit_of_statsmodels_is_not_valid(plain):
    with pytest.warns(sm.tools.sm_exceptions.ConvergenceWarning):
        stock = smf.logit("y ~ x + a", frame()).fit(maxiter=1, disp=False)
    comparison = compare([plain, stock], stars=True)
    assert printed(comparison)["Covariance"] == ["nonrobust", "nonrobust (not valid)"]
    assert "(2): Did not converge" in said(comparison)


# -- formats ---------------------------------------------------------------------------------------

# What would be markup in HTML, LaTeX or Markdown.
NAMES = ["<const>", "a|b*", "x_1 & 50%", "f{g}^h~i\\j$#"]
STYLES = ("text", "markdown", "html", "latex")


@pytest.fixture(scope="module")
def hostile():
    rng = np.random.default_rng(6)
    X = pd.DataFrame(np.column_stack([np.ones(60), rng.normal(size=(60, 3))]), columns=NAMES)
    y = pd.Series(np.where(frame()["y"] == 1, "{yes_&}", "<no>"), name="y_<i>|#")
    model = WeightedLogit(y, X, class_weight="balanced", event="{yes_&}")
    results = model.fit(disp=False)
    names = ["<b>", "A & B_{c}"]
    return compare([results, results.with_covariance("HC0")], names, stars=True, statistic="ci")


@pytest.mark.parametrize("style", STYLES)
def test_the_style_is_what_print_gives(plain, style):
    comparison = compare(plain, style=style)
    assert str(comparison) == repr(comparison) == getattr(comparison, f"as_{style}")()
    assert comparison._repr_html_() == comparison.as_html()


def test_decimals_are_in_line_in_text(strong):
    lines = compare(strong, cov_types=["HC0", "nonrobust"], stars=True).as_text().splitlines()
    top, heading, rule, *rows = lines[: lines.index("-" * len(lines[0]), 3)]
    assert set(top) == {"="}
    assert set(rule) == {"-"}
    assert len({tuple(m.start() for m in re.finditer(r"\.\d", row)) for row in rows}) == 1
    assert max(map(len, rows)) <= len(top)
    assert heading.split() == ["(1)", "(2)"]


def test_text_has_every_cell_and_note(hostile):
    text = " ".join(hostile.as_text().split())
    for label, texts in cells(hostile):
        assert " ".join([label, *texts]).strip() in text
    for i, note in enumerate(hostile.notes, 1):
        assert f"[{i}] {note}" in text
    assert all(line == line.rstrip() for line in hostile.as_text().splitlines())


def split_markdown(line):
    """Cells of a row, at bars that are not escaped, with escapes undone."""
    found = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    return [re.sub(r"\\([\\`*<|])", r"\1", cell) for cell in found]


def test_markdown_has_every_cell_and_note(hostile):
    table, notes = hostile.as_markdown().split("\n\n")
    heading, rule, *rows = map(split_markdown, table.splitlines())
    assert heading == ["", "<b>", "A & B_{c}"]
    assert len(rule) == 3
    assert rows == [[label, *texts] for label, texts in cells(hostile)]
    assert "<no>" not in re.sub(r"\\<", "", notes)
    assert notes.count("\n") == len(hostile.notes)


def test_html_is_well_formed_and_keeps_names_as_text(hostile):
    tree = ET.fromstring(f"<div>{hostile.as_html()}</div>")
    rows = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    assert rows[0] == ["", "<b>", "A & B_{c}"]
    assert rows[1:] == [[label, *texts] for label, texts in cells(hostile)]
    assert ["".join(item.itertext()) for item in tree.iter("li")] == list(hostile.notes)
    scopes = {cell.get("scope") for cell in tree.iter("th")}
    assert scopes == {"row", "col"}


def latex_columns(line):
    """How many columns a row of a tabular fills."""
    return len(re.split(r"(?<!\\)&", row_of(line)))


def row_of(line):
    return line.removesuffix(r" \\")


def test_latex_would_compile(hostile):
    """Braces and environments close, rows fill the columns, nothing special is left over."""
    latex = hostile.as_latex()
    body = re.sub(r"^%.*\n", "", latex)
    bare = re.sub(r"\\[{}\\]", "", body)
    depth = np.cumsum([{"{": 1, "}": -1}.get(character, 0) for character in bare])
    assert depth.min() == 0
    assert depth[-1] == 0
    stack = []
    for what, name in re.findall(r"\\(begin|end){(\w+)}", body):
        if what == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert stack == []
    (inside,) = re.findall(r"\\toprule\n(.*)\\bottomrule", body, re.DOTALL)
    rows = [line for line in inside.splitlines() if line != r"\midrule"]
    assert inside.count(r"\midrule") == 2
    assert all(row.endswith(r" \\") for row in rows)
    assert {latex_columns(row) for row in rows} == {1 + len(hostile.grid.names)}
    columns = re.search(r"\\begin{tabular}{(.*)}\n", body)[1]
    assert columns == "l" + "c" * len(hostile.grid.names)
    plain_text = re.sub(r"\$[^$]*\$", "", re.sub(r"\\[&%#_$]", "", body))
    for line in plain_text.splitlines():
        assert not re.search(r"[%#_$<>|]", line), line
    outside = plain_text.replace(inside, "")
    assert "&" not in re.sub(r"(?s)\\toprule.*\\bottomrule", "", outside)
    assert not re.search(r"\^(?!{)|~", plain_text)


def test_latex_escapes_every_special_character_of_a_name(hostile):
    latex = hostile.as_latex()
    for text in (
        r"\textless{}const\textgreater{}",
        r"a\textbar{}b*",
        r"x\_1 \& 50\%",
        r"f\{g\}\textasciicircum{}h\textasciitilde{}i\textbackslash{}j\$\#",
        r"A \& B\_\{c\}",
    ):
        assert text in latex


def test_latex_has_minus_signs_stars_and_every_note(plain, strong):
    latex = compare(plain).as_latex()
    assert f"[r]{{$-${abs(plain.params['Intercept']):.3f}}}" in latex
    assert f"[r]{{({plain.bse['x']:.3f}}}\\makebox[0.45em][l]{{)}}" in latex
    starred = compare(strong, stars=True).as_latex()
    assert f"[r]{{{strong.params['x']:.3f}}}\\makebox[1.35em][l]{{$^{{***}}$}}" in starred


def test_numbers_of_a_column_stand_in_boxes_of_one_width(strong):
    comparison = compare(strong, cov_types=["HC0", "nonrobust"], stars=True)
    (body,) = re.findall(r"(?s)\\midrule\n(.*?)\\midrule", comparison.as_latex())
    for column in zip(*(row_of(line).split(" & ")[1:] for line in body.splitlines()), strict=True):
        assert len({tuple(re.findall(r"\\makebox\[(\S+?em)\]", cell)) for cell in column}) == 1
    tree = ET.fromstring(f"<div>{comparison.as_html()}</div>")
    rows = [list(row.iter("td"))[-2:] for row in next(tree.iter("tbody")).iter("tr")]
    for cells_ in zip(*rows, strict=True):
        assert len({tuple(box.get("style") for box in cell) for cell in cells_}) == 1


def test_latex_of_intervals_has_minus_signs_and_notes(plain):
    limits = compare(plain, statistic="ci")
    low, high = plain.conf_int().loc["Intercept"]
    assert low < 0 < high or high < 0
    assert f"[$-${abs(low):.3f}, " in limits.as_latex()
    assert limits.as_latex().count(r"\item ") == len(limits.notes)


def test_brackets_are_no_options_of_latex(plain):
    latex = compare(plain, ["[A]"], rename={"x": "[x]", "a": "* a"}).as_latex()
    assert not re.search(r"(?m)^[\[*]", latex)
    assert not re.search(r"\\item\s*\[", latex)
    assert "\n{}[x] & " in latex
    assert "\n{}* a & " in latex


def test_a_comparison_is_exported():
    assert wlogit.compare is compare
    assert importlib.import_module("wlogit.api").compare is compare
