"""The pages of docs/ that show R beside wlogit: R printed what they quote, and wlogit agrees.

``run.R`` ran the code of the pages, ``session_info.txt`` names the versions. Every decimal number
in what R printed is compared with wlogit's on the same page, to the digits printed.
"""

import doctest
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.simulation.test_tests import REPORTED

HERE = Path(__file__).parent
DOCS = HERE.parents[3] / "docs"
PAGES = ("case-control", "covariance", "from-r", "survey", "testing")
RACES = ("black", "hispanic", "other", "white")
# glm stops where the deviance moves by 1e-8 of itself, and p-values move by more than estimates.
STOPPED = 1e-5
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@cache
def names_of(page: str) -> dict[str, Any]:
    """What the Python code of a page leaves behind."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for example in doctest.DocTestParser().get_examples("".join(blocks(page, "pycon"))):
        if example.exc_msg is None:
            exec(compile(example.source, page, "exec"), names)  # noqa: S102  our own page
    return names


class Printed:
    """The lines that R printed on a page; each is compared once."""

    def __init__(self, page: str) -> None:
        lines = "".join(blocks(page, "r")).splitlines()
        self.left = [line[2:].strip() for line in lines if line.startswith("#>")]

    def agrees(self, start: str, *values: float) -> None:
        """The next line that starts so has these numbers, to the digits printed."""
        line, texts = self.next(start)
        assert len(texts) == len(values), line
        for text, value in zip(texts, values, strict=True):
            assert abs(value - float(text)) <= 0.5 * last_digit(text) + STOPPED * abs(value), line

    def next(self, start: str) -> tuple[str, list[str]]:
        """The next line that starts so, and the numbers in its rest."""
        line = next(line for line in self.left if line.startswith(start))
        self.left.remove(line)
        return line, NUMBER.findall(line.removeprefix(start))

    def all_compared(self) -> None:
        assert not [line for line in self.left if re.search(r"\d\.\d", line)]


def last_digit(text: str) -> float:
    """What one unit in the last digit printed is worth."""
    mantissa, _, exponent = text.partition("e")
    return float(10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))


def as_r(name: str) -> str:
    """A coefficient's name in R."""
    return re.sub(r"\[T\.(.*)\]$", r"\1", name).replace("Intercept", "(Intercept)")


def test_every_page_that_shows_r_is_compared():
    pages = [path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(page for page in pages if blocks(page, "r")) == sorted(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_r_printed_what_the_page_quotes(page):
    recorded = (HERE / f"{page}.Rout").read_text(encoding="utf-8")
    for block in blocks(page, "r"):
        assert block in recorded, block


def test_case_control():
    page, r = names_of("case-control"), Printed("case-control")
    for row, values in pd.DataFrame(page["predicted"]).iterrows():
        r.agrees(str(row + 1), *values)
    known, sets, linearized = page["known"], page["sets"], page["kinds"]["linearized"]
    for name, *values in zip(known.params.index, known.params, linearized, strict=True):
        r.agrees(as_r(name), *values)
    for name, values in pd.DataFrame(page["table"]).iterrows():
        r.agrees(as_r(name), *values)
    # Nothing of wlogit's: the ends that confint makes up.
    r.next("[1] -4746")
    profile, lr = page["separated"].conf_int(method="profile"), page["separated"].lr_test("NV")
    r.agrees("[1]", profile.loc["NV", 0])
    r.agrees("9.357643012", lr.pvalue)
    assert lr.statistic == pytest.approx(9.357643012, rel=STOPPED)
    for name in ("spontaneous", "induced"):
        r.agrees(name, sets.params[name], sets.bse[name])
    # The conditional logit.
    r.next("spontaneous")
    r.next("induced")
    r.all_compared()


def test_covariance():
    page, r = names_of("covariance"), Printed("covariance")
    for table in ("same", "table"):
        for name, values in pd.DataFrame(page[table]).iterrows():
            r.agrees(as_r(name), *values)
    joint = page["joint"]
    r.agrees("1", joint.statistic, joint.df_num, joint.df_denom)
    r.all_compared()


def test_from_r():
    page, r = names_of("from-r"), Printed("from-r")
    counts, anova = page["counts"], page["counts"].anova(test="lr")
    for name, row in pd.DataFrame(page["errors"]).iterrows():
        r.agrees(as_r(name), *row)
    r.next("OR  2.5 % 97.5 %")
    for name, row in counts.odds_ratios().iterrows():
        r.agrees(as_r(name), *row.iloc[:3])
    r.agrees("<none>", *2.0 * np.array([-counts.llf, 4.0 - counts.llf]))
    for name, row in anova.iterrows():
        line, (df, deviance, _, statistic, *_) = r.next(name)
        assert abs(row["statistic"] - float(statistic)) < 0.006, line
        assert abs(row["statistic"] - 2.0 * counts.llf - float(deviance)) < 0.06, line
        assert row["df"] == float(df), line
    predicted = counts.get_prediction(page["pair"]).summary_frame().iloc[0]
    r.agrees("0.91776", predicted["se"])
    assert predicted["predicted"] == pytest.approx(0.91776, abs=6e-6)
    area = page["weighted_logit"](page["formula"], page["disputes"]).fit(disp=False).auc()
    line, limits = r.next("95% CI:")
    assert np.allclose(area.ci, [abs(float(limit)) for limit in limits], 0.0, 6e-5), line
    r.all_compared()


def test_survey():
    page, r = names_of("survey"), Printed("survey")
    results, part = page["results"], page["part"]
    for estimate in (page["design"].mean("HI_CHOL"), part.mean("HI_CHOL")):
        r.agrees("HI_CHOL", float(estimate), estimate.se[0])
    r.agrees("[1]", part.df)
    table = np.column_stack([results.params, results.bse, results.tvalues, results.pvalues])
    for name, row in zip(results.params.index, table, strict=True):
        r.agrees(as_r(name), *row)
    for name, se in page["replicated"].bse.items():
        r.agrees(as_r(name), se)
    passed = page["schools"].mean("passed")
    r.agrees("passed", float(passed), passed.se[0])
    wald, lr = results.anova().loc["race"], results.lr_test("race")
    r.agrees("F =", wald["statistic"], wald["df"], wald["ddf"], wald["pvalue"])
    eigenvalues = np.sort(lr.eigenvalues)[::-1]
    r.agrees("Working 2logLR =", lr.statistic / eigenvalues.mean(), lr.pvalue)
    r.agrees("(scale factors:", *eigenvalues / eigenvalues.mean(), lr.ddf)
    people = page["people"]
    known = page["adults"].subset(people["HI_CHOL"].notna())
    averages = results.predictions_at({"race": None})
    for race, value, se in zip(RACES, averages.predicted, averages.se, strict=True):
        rows = np.zeros(len(people))
        rows[known.in_domain] = results.predict(people[known.in_domain].assign(race=race))
        # What the page says that svypredmeans does: variances added.
        r.agrees(race, value, np.hypot(se, known.mean(rows).se[0]))
    unconditional = results.predictions_at({"race": None}, vce="unconditional")
    for race, value, se in zip(RACES, unconditional.predicted, unconditional.se, strict=True):
        line, (mean, jackknife) = r.next(race)
        assert abs(value - float(mean)) <= 0.6 * last_digit(mean), line
        assert abs(se / float(jackknife) - 1.0) < 0.02, line
    r.all_compared()


def test_testing():
    page, r = names_of("testing"), Printed("testing")
    main, both, fits = page["main"], page["both"], page["fits"]
    tests = [main.lr_test("race", how) for how in ("saddlepoint", "satterthwaite")]
    r.agrees("p ", *[test.pvalue for test in tests])
    sums = page["fit"]("HI_CHOL ~ race + C(agecat, Sum) * female")
    for table in (both.anova(), sums.anova(type=3)):
        for name, row in table.iterrows():
            term = as_r(name).replace("C(agecat, Sum)", "agecat")
            r.agrees(f"{term} ", row["df"], row["statistic"], row["pvalue"])
    for larger, smaller in ((main, fits[1]), (both, main)):
        test = larger.lr_test(smaller)
        eigenvalues = np.sort(test.eigenvalues)[::-1]
        r.agrees("Working 2logLR =", test.statistic / eigenvalues.mean(), test.pvalue)
        r.agrees("(scale factors:", *eigenvalues / eigenvalues.mean(), test.ddf)
    ratio = main.delta_method(page["ratio"])
    r.agrees("contrast", ratio.values[0], ratio.se[0])
    for criterion in ("daic", "dbic"):
        for number, value in enumerate(page["criteria"][criterion], start=1):
            line, texts = r.next(f"[{number},]")
            assert abs(value - float(texts[1])) < 0.6 * last_digit(texts[1]), line
    for method, apart in (("wald", 0.0), ("profile", 0.002)):
        r.next("2.5 % 97.5 %")
        for name, limits in main.conf_int(method=method).iterrows():
            line, texts = r.next(as_r(name))
            # R divides the drop of the likelihood by a dispersion, and draws a spline.
            assert np.allclose(limits, [float(text) for text in texts], 0.0, 0.0006 + apart), line
    r.next("[1] 0.95")
    r.all_compared()


def test_the_rates_of_rejection_are_those_of_the_simulation():
    table = (DOCS / "testing.md").read_text(encoding="utf-8").partition("| test | rejects |")[2]
    shares = [float(share) / 100.0 for share in re.findall(r"([\d.]+) %", table)[:5]]
    names = (
        "naive likelihood ratio",
        "naive Wald",
        "likelihood ratio, saddlepoint",
        "Wald",
        "score",
    )
    assert shares == pytest.approx([REPORTED[name] for name in names], abs=6e-4)
