"""Summaries of odds ratios, and with another covariance."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from tests.unit.reporting.fits import fit, frame
from wlogit import WeightedLogit
from wlogit.errors import InferenceWarning, SeparationWarning


def rows(summary):
    header, *body = [[str(cell).strip() for cell in row] for row in summary.tables[1]]
    return header, {row[0]: row[1:] for row in body}


def said(results, **options):
    return " ".join(results.summary(exponentiate=True, **options).content.notes)


def test_ratios_and_limits_are_exponentials_and_tests_those_of_the_coefficients():
    results = fit("y ~ x + a", class_weight="balanced")
    header, table = rows(results.summary(alpha=0.1, exponentiate=True))
    assert header[1:] == ["odds ratio", "z", "P>|z|", "[0.05", "0.95]"]
    expected = results.odds_ratios(0.1)
    for name, (ratio, z, pvalue, lower, upper) in table.items():
        assert float(ratio) == pytest.approx(expected.loc[name, "OR"], abs=5.1e-5)
        assert float(z) == pytest.approx(results.tvalues[name], abs=5.1e-4)
        assert float(pvalue) == pytest.approx(results.pvalues[name], abs=5.1e-4)
        assert float(lower) == pytest.approx(expected.loc[name, "lower"], abs=5.1e-4)
        assert float(upper) == pytest.approx(expected.loc[name, "upper"], abs=5.1e-4)


def test_t_is_named():
    results = fit().with_covariance("cluster", groups="firm", use_t=True)
    header, _ = rows(results.summary(exponentiate=True))
    assert header[2:4] == ["t", "P>|t|"]


def test_names_can_be_given():
    _, table = rows(fit().summary(xname=["base", "dose"], exponentiate=True))
    assert list(table) == ["base", "dose"]


def test_the_intercept_is_said_to_be_odds():
    assert "Intercept: odds of the event where every covariate is zero" in said(fit())
    assert "class weights" not in said(fit())
    assert said(fit(prevalence=0.1)).endswith("every covariate is zero, not an odds ratio.")


def test_class_weights_are_taken_out_of_the_odds_of_the_intercept():
    # Without covariates the odds are those of the sample, 20 to 40, times c1/c0 = 2.
    notes = said(fit("y ~ 1", class_weight="balanced"))
    assert "multiply them by c1/c0 = 2, without which they are 0.5." in notes


def test_the_levels_of_a_fit_without_intercept_are_odds():
    notes = said(fit("y ~ 0 + group + x", class_weight="balanced"))
    assert "group[a], group[b], group[c]: odds of the event" in notes
    assert "c1/c0 = 2." in notes


def test_without_a_free_constant_the_scale_is_named():
    model = WeightedLogit.from_formula("y ~ x", frame(), class_weight={0: 1, 1: 3})
    results = model.fit_constrained("Intercept = 0.2", disp=False)
    assert "on the scale of the class weights" in said(results)
    assert "odds of the event" not in said(fit("y ~ 0 + x"))


def test_a_constant_that_is_not_one_is_no_odds():
    X = np.column_stack([np.full(60, 4.0), frame()["x"]])
    results = WeightedLogit(frame()["y"].to_numpy(), X).fit(disp=False)
    assert "odds of the event" not in said(results)


def test_plain_summaries_do_not_speak_of_odds():
    results = fit(class_weight="balanced")
    results.summary(exponentiate=True)
    assert not re.search("[Oo]dds", results.summary().as_text())


@pytest.mark.parametrize("render", ["as_text", "as_html", "as_latex", "as_markdown", "as_csv"])
def test_every_format_has_the_ratios(render):
    results = fit("y ~ x + a", class_weight="balanced")
    text = getattr(results.summary(exponentiate=True), render)()
    assert "odds ratio" in text
    for ratio in results.odds_ratios()["OR"]:
        assert f"{ratio:.4f}" in text


def test_special_fits_have_odds_too():
    model = WeightedLogit.from_formula("y ~ x + a", frame(), class_weight="balanced")
    for results in (
        model.fit_bias_reduced(disp=False),
        model.fit_constrained("x = 0.5", disp=False),
    ):
        _, table = rows(results.summary(exponentiate=True))
        assert_allclose(float(table["x"][0]), np.exp(results.params["x"]), atol=5e-5)
    data = frame().assign(flag=((frame()["y"] == 1) & (frame()["x"] > 0)).astype(int))
    with pytest.warns(SeparationWarning):
        separated = fit("y ~ x + flag", data)
    _, table = rows(separated.summary(exponentiate=True))
    assert table["flag"][1:] == ["nan"] * 4


# -- another covariance --------------------------------------------------------------------------


@pytest.mark.parametrize("cov_type", ["HC0", "HC1", "HC2", "HC4", "linearized"])
def test_another_covariance_without_refitting(cov_type):
    results = fit(class_weight="balanced")
    summary = results.summary(cov_type=cov_type)
    other = results.with_covariance(cov_type)
    assert without_time(summary) == without_time(other.summary())
    assert dict(summary.content.left)["Covariance Type:"] == cov_type
    assert results.cov_type == "HC3"


def without_time(summary):
    return re.sub(r"Time:\s+[\d:]+|Date:.*?\d{4}", "", summary.as_text())


def test_the_naive_covariance_is_printed_as_invalid():
    with pytest.warns(InferenceWarning, match="not valid"):
        summary = fit(class_weight="balanced").summary(cov_type="nonrobust")
    assert "INVALID" in summary.as_text()


def test_the_covariance_in_use_keeps_its_keywords():
    results = fit(class_weight="balanced").with_covariance("HC1", class_weights="fixed")
    assert without_time(results.summary(cov_type="HC1")) == without_time(results.summary())
    clustered = fit().with_covariance("cluster", groups="firm")
    assert "cluster" in clustered.summary(cov_type="cluster").as_text()


def test_both_at_once_on_a_bias_reduced_fit():
    model = WeightedLogit.from_formula("y ~ x", frame(), class_weight="balanced")
    results = model.fit_bias_reduced(disp=False)
    summary = results.summary(exponentiate=True, cov_type="HC1")
    assert dict(summary.content.left)["Covariance Type:"] == "HC1"
    assert "Firth" in summary.as_text()


# -- LaTeX ---------------------------------------------------------------------------------------


def test_nothing_special_is_left_in_latex():
    names = ["a^2", "b<3", "{c}~", "d|e", "f\\g"]
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(60, 5)), columns=names)
    results = WeightedLogit(frame()["y"].to_numpy(), X, class_weight="balanced").fit(disp=False)
    for latex in (results.summary().as_latex(), results.summary(exponentiate=True).as_latex()):
        outside = re.sub(r"(?<!\\)\$[^$]*\$", "", latex)
        assert not re.search(r"[<>^~|]", outside)
        for text in (r"a\textasciicircum{}2", r"b\textless{}3", r"\{c\}", r"f\textbackslash{}g"):
            assert text in latex
