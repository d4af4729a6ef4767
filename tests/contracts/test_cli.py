"""The command line, end to end on the bundled data: what it prints, refuses and returns."""

import doctest
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.contracts.commands import CSV, ENDOMETRIAL, FORMULA, in_a_process, said
from wlogit import SurveyDesign, cli
from wlogit.datasets import load_mid
from wlogit.formula.api import weighted_logit
from wlogit.formula.vetting import ARGUMENTS, KEYWORDS

# --------------------------------------------------------------------------------------- fits


def test_it_prints_the_summary_of_the_library():
    done = in_a_process("fit", CSV, FORMULA, "--class-weight", "balanced")
    model = weighted_logit(FORMULA, load_mid(), class_weight="balanced")
    assert (done.returncode, done.stderr) == (0, "")
    assert said(done.stdout) == said(model.fit(disp=False).summary())


@pytest.mark.parametrize("style", ["markdown", "latex"])
def test_other_formats_are_those_of_the_summary(run, style):
    code, out, err = run("fit", CSV, FORMULA, "--format", style)
    summary = weighted_logit(FORMULA, load_mid()).fit(disp=False).summary()
    assert (code, err) == (0, "")
    assert said(out) == said(getattr(summary, f"as_{style}")())


def test_json_is_the_archive_of_the_fit(run):
    code, out, err = run("fit", CSV, FORMULA, "--class-weight", "balanced", "--format", "json")
    fit = weighted_logit(FORMULA, load_mid(), class_weight="balanced").fit(disp=False)
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(fit.to_json())


def test_a_report_is_written_beside_the_table(run, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "fit.html"
    code, out, err = run("fit", CSV, FORMULA, "--report", str(path))
    assert code == 0
    assert said(out) == said(weighted_logit(FORMULA, load_mid()).fit(disp=False).summary())
    assert err == f"wlogit: report: {path}\n"
    assert "Logistic regression of conflict" in path.read_text(encoding="utf-8")


def test_a_report_of_a_separated_fit_has_its_exit_code(run, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "fit.html"
    code, _, err = run("fit", ENDOMETRIAL, "HG ~ NV + PI", "--report", str(path))
    assert code == 3
    assert "separation" in path.read_text(encoding="utf-8")
    assert err.splitlines()[-1] == f"wlogit: report: {path}"


@pytest.mark.parametrize("where", ["no/fit.html", "."])
def test_a_report_that_cannot_be_written_is_one_line(run, tmp_path, monkeypatch, where):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    code, out, err = run("fit", CSV, FORMULA, "--report", where)
    assert (code, out) == (1, "")
    assert err.startswith("wlogit: error: ")
    assert err.count("\n") == 1


def test_a_report_without_matplotlib_says_what_to_install_before_the_fit(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, out, err = run("fit", CSV, FORMULA, "--report", "fit.html")
    assert (code, out) == (1, "")
    assert "pip install 'wlogit[plots]'" in err


OPTIONS = {
    "labels": (["--class-weight", "alive:1,died:10"], {"class_weight": {"alive": 1, "died": 10}}),
    "event": (["--event", "alive"], {"event": "alive"}),
    "frequency": (["--freq-weights", "n"], {"freq_weights": "n"}),
    "sampling": (["--sampling-weights", "w"], {"sampling_weights": "w"}),
    "prevalence": (["--prevalence", "0.1"], {"prevalence": 0.1}),
    "offset": (["--offset", "start"], {"offset": "start"}),
    "products": (
        ["--freq-weights", "n", "--sampling-weights", "w", "--class-weight", "balanced"],
        {"freq_weights": "n", "sampling_weights": "w", "class_weight": "balanced"},
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_that_of_the_model(run, csv, trial, name):
    flags, options = OPTIONS[name]
    code, out, err = run("fit", csv, "alive ~ dose", *flags)
    assert (code, err) == (0, "")
    assert said(out) == said(weighted_logit("alive ~ dose", trial, **options).fit(disp=0).summary())


@pytest.mark.parametrize(
    ("flags", "cov_type", "cov_kwds"),
    [
        (["--cov", "HC1"], "HC1", {}),
        (["--cluster", "center"], "cluster", {"groups": "center"}),
        (["--cov", "cluster", "--cluster", "center"], "cluster", {"groups": "center"}),
    ],
)
def test_the_covariance_is_that_of_the_fit(run, csv, trial, flags, cov_type, cov_kwds):
    code, out, _ = run("fit", csv, "alive ~ dose", *flags)
    fit = weighted_logit("alive ~ dose", trial).fit(disp=0, cov_type=cov_type, cov_kwds=cov_kwds)
    assert code == 0
    assert said(out) == said(fit.summary())


def test_columns_of_a_design(run, csv, trial):
    flags = ["--sampling-weights", "w", "--strata", "n", "--psu", "center", "--nest"]
    code, out, err = run("fit", csv, "alive ~ dose", *flags)
    design = SurveyDesign(trial, weights="w", strata="n", psu="center", nest=True)
    assert (code, err) == (0, "")
    fit = weighted_logit("alive ~ dose", trial, design=design).fit(disp=0)
    assert said(out) == said(fit.summary())
    code, out, _ = run("fit", csv, "alive ~ dose", *flags, "--fpc", "0.5", "--cov", "survey")
    assert code == 1


@pytest.mark.parametrize(
    ("outcome", "flags", "options"),
    [
        ("code", ["--event", "2"], {"event": 2}),
        (
            "code",
            ["--event", "2.0", "--class-weight", "1:1,2:3"],
            {"event": 2, "class_weight": {1: 1, 2: 3}},
        ),
        ("late", ["--class-weight", "False:1,true:3"], {"class_weight": {False: 1, True: 3}}),
        ("late", ["--event", "False"], {"event": False}),
        ("Q('alive')", ["--event", "alive"], {"event": "alive"}),
        ("I(code > 1)", ["--class-weight", "0:1,1:3"], {"class_weight": {False: 1, True: 3}}),
        ("n + code", ["--class-weight", "0:1,1:3"], {"class_weight": {0: 1, 1: 3}}),
    ],
)
def test_labels_are_those_of_the_data(run, csv, trial, outcome, flags, options):
    code, out, err = run("fit", csv, f"{outcome} ~ dose", *flags)
    assert (code, err) == (0, "")
    assert said(out) == said(
        weighted_logit(f"{outcome} ~ dose", trial, **options).fit(disp=0).summary()
    )


@pytest.mark.parametrize("name", ["t.tsv", "t.csv.gz", "t.tsv.gz", "t.parquet"])
def test_tables_of_other_kinds(run, trial, tmp_path, name):
    path = tmp_path / name
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
        trial.to_parquet(path)
    else:
        trial.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
    code, out, _ = run("fit", str(path), "alive ~ dose")
    assert code == 0
    assert said(out) == said(weighted_logit("alive ~ dose", trial).fit(disp=0).summary())


def test_a_table_from_standard_input():
    text = Path(CSV).read_text(encoding="utf-8")
    done = in_a_process("fit", "-", FORMULA, input=text)
    assert done.returncode == 0
    assert said(done.stdout) == said(weighted_logit(FORMULA, load_mid()).fit(disp=0).summary())


def test_a_column_that_repeats_others_may_be_left_out(run, csv):
    code, out, _ = run("fit", csv, "alive ~ dose + twice", "--aliased", "drop")
    assert code == 0
    assert "twice is left out: it equals 2 dose" in out


def test_a_separated_fit_is_printed_and_told_by_its_exit_code(run):
    code, out, err = run("fit", ENDOMETRIAL, "HG ~ NV + PI + EH")
    assert code == 3
    assert "NV" in out
    assert err.startswith("wlogit: warning: quasi-complete separation")
    assert err.count("\n") == 1


def test_the_demo_fits_three_models(run):
    code, out, err = run("demo")
    assert (code, err) == (0, "")
    balanced = weighted_logit(cli.DEMO_FORMULA, load_mid(), class_weight="balanced").fit(disp=0)
    assert said(balanced.summary()) in said(out)
    assert out.count("Regression Results") == 3


def test_the_demo_writes_the_report_of_its_first_fit(run, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "demo.html"
    code, _, err = run("demo", "--report", str(path))
    assert (code, err) == (0, f"wlogit: report: {path}\n")
    assert "An event counts 2 times as much" in path.read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------- docs


PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
COMMAND = re.compile(r"^\$ wlogit (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def test_the_commands_of_the_page_print_what_it_shows(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    load_mid().to_csv("disputes.csv", index=False)
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    commands = [found for block in blocks for found in COMMAND.findall(block)]
    assert len(commands) >= 4
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    for command, shown in commands:
        _, out, err = run(*shlex.split(command))
        assert doctest.OutputChecker().check_output(shown, out + err, flags), out + err


def test_the_page_lists_every_option_and_function():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in (*KEYWORDS, *ARGUMENTS) if f"`{name}`" not in text] == []
    fit = cli._parser()._subparsers._group_actions[0].choices["fit"]
    flags = [action.option_strings[-1] for action in fit._actions if action.option_strings]
    assert [flag for flag in flags if flag != "--help" and flag not in text] == []
    for code in (0, 1, 2, 3):
        assert f"\n| {code} | " in text
