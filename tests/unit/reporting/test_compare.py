"""Several fits side by side: which numbers, what is said of them, and in which formats."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2

from tests.unit.reporting.comparisons import printed, said
from tests.unit.reporting.fits import fit, frame
from wlogit import compare
from wlogit.errors import InferenceWarning
from wlogit.reporting.compare import number, pvalue_text

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
