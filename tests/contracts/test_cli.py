"""The command line, end to end on the bundled data: what it prints, refuses and returns."""

import doctest
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wlogit import SurveyDesign, cli, datasets
from wlogit.datasets import load_mid
from wlogit.formula.api import weighted_logit
from wlogit.formula.vetting import ARGUMENTS, KEYWORDS

CSV = str(Path(datasets.__file__).with_name("mid.csv"))
ENDOMETRIAL = str(Path(datasets.__file__).with_name("endometrial.csv"))
FORMULA = "conflict ~ contig + years"


@pytest.fixture
def run(capsys):
    """Run a command in this process: exit code, stdout, stderr."""

    def run(*arguments):
        try:
            code = cli.main(list(arguments))
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def trial():
    """Labels as text, weights, counts and awkward names."""
    rng = np.random.default_rng(3)
    n = 120
    frame = pd.DataFrame({"dose": rng.normal(size=n), "age at entry": rng.normal(60, 9, n)})
    frame["alive"] = np.where(rng.random(n) < 1 / (1 + np.exp(-frame["dose"])), "died", "alive")
    frame["w"] = 1.0 + rng.integers(0, 4, n) / 2
    frame["n"] = rng.integers(1, 4, n)
    frame["center"] = rng.integers(0, 12, n)
    frame["late"] = frame["alive"] == "died"
    frame["code"] = np.where(frame["late"], 2, 1)
    return frame.assign(start=rng.normal(size=n), twice=2 * frame["dose"])


@pytest.fixture(scope="module")
def csv(trial, tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "trial.csv"
    trial.to_csv(path, index=False)
    return str(path)


def said(summary):
    """A summary without its date and time."""
    return re.sub(r"Date:.*?\d{4}|Time:\s+[\d:]+", "", str(summary)).strip()


def in_a_process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "wlogit", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


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


# -------------------------------------------------------------------------------------- errors

REFUSED = {
    "no file": (["no.csv", "y ~ x"], ["no.csv", "No such file"]),
    "a folder": ([str(Path(CSV).parent), "y ~ x"], ["directory"]),
    "not a table": ([__file__, "y ~ x"], [__file__, "cannot be read as a table"]),
    "a column": ([CSV, "conflict ~ contgi"], ["'contgi' is not a column", "'contig'?"]),
    "no column alike": ([CSV, "conflict ~ zzz"], ["'zzz'", "the columns are 'conflict'"]),
    "a weight column": ([CSV, FORMULA, "--freq-weights", "n"], ["--freq-weights", "'n'"]),
    "a cluster column": ([CSV, FORMULA, "--cluster", "country"], ["groups", "'country'"]),
    "an offset column": ([CSV, FORMULA, "--offset", "start"], ["offset", "'start'"]),
    "a text formula": ([CSV, "conflict"], ['"~"']),
    "half a formula": ([CSV, "conflict ~ contig +"], ["formula", "expression ended"]),
    "backticks": ([CSV, "conflict ~ `contig`"], ["backticks"]),
    "a value": ([CSV, "conflict ~ log(contig, out=years)"], ["log takes 1 argument"]),
    "a name": ([CSV, "conflict ~ total years"], ["'total years' is no expression", "Q("]),
    "a negative weight": ([CSV, FORMULA, "--sampling-weights", "mindem"], ["sampling_weights"]),
    "a label": ([CSV, FORMULA, "--class-weight", "0:1,yes:2"], ["'yes'", "labels are 0, 1"]),
    "a label in two ways": (
        [CSV, FORMULA, "--class-weight", "0:1,1:2,1.0:3"],
        ["two weights", "1"],
    ),
    "a label without weight": ([CSV, FORMULA, "--class-weight", "1:2"], ["no weight for", "0"]),
    "an event": ([CSV, FORMULA, "--event", "war"], ["--event 'war'", "0, 1"]),
    "percent": ([CSV, FORMULA, "--prevalence", "5"], ["prevalence", "between 0 and 1"]),
    "an outcome": ([CSV, "years ~ contig"], ["years", "0 and 1"]),
    "aliased": ([CSV, "conflict ~ years + I(2 * years)"], ["rank deficient", '--aliased "drop"']),
    "a function of numbers": (
        [CSV, "conflict ~ cr(C(contig), df=3)"],
        ["cannot be evaluated on these data"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_data_that_cannot_be_used_are_refused_in_one_line(run, case):
    arguments, words = REFUSED[case]
    code, out, err = run("fit", *arguments)
    assert (code, out) == (1, "")
    assert err.startswith("wlogit: error: ")
    assert err.count("\n") == 1
    assert [word for word in words if word not in err] == [], err


@pytest.mark.parametrize("formula", ["y ~ x + day", "y ~ x:Q('day')", "y ~ C(x)"])
def test_levels_that_name_the_rows_are_refused_before_the_fit(run, tmp_path, monkeypatch, formula):
    name = "x" if "C(" in formula else "day"
    days = pd.DataFrame({"y": [0, 1] * 40, "x": np.arange(80.0)})
    days["day"] = [f"2020-{i}" for i in days["x"]]
    days.to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.setattr(cli, "weighted_logit", None)
    code, _, err = run("fit", str(tmp_path / "t.csv"), formula)
    assert code == 1
    assert err.startswith(f"wlogit: error: the column {name!r} is a category of 80 levels in 80")
    assert err.count("\n") == 1


@pytest.mark.parametrize("formula", ["y ~ day", "y ~ where(name == 'n 1', 1, 0) + x"])
def test_fewer_levels_and_other_uses_of_text_are_fitted(run, tmp_path, formula):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=80), "y": rng.integers(0, 2, 80)})
    frame = frame.assign(day=np.arange(80) % 4, name=[f"n {i // 2 * 2 % 79}" for i in range(80)])
    frame = frame.assign(day="d" + frame["day"].astype(str))
    frame.loc[:20, "name"] = "n 1"
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert run("fit", str(tmp_path / "t.csv"), formula)[0] == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("use sampling_weights=.", "use --sampling-weights."),
        ("prevalence=, or offset='a'", "--prevalence, or --offset 'a'"),
        ("give event= or (aliased=).", "give --event or (--aliased)."),
        ("prevalence=.5", "--prevalence .5"),
    ],
)
def test_arguments_are_called_options(capsys, said, told):
    cli.say("warning", said)
    assert capsys.readouterr().err == f"wlogit: warning: {told}\n"


def test_rows_longer_than_the_header_are_not_cut(run, tmp_path):
    (tmp_path / "t.csv").write_text("y,x\n0,1,5\n1,2,6\n")
    code, _, err = run("fit", str(tmp_path / "t.csv"), "y ~ x")
    assert code == 1
    assert "cannot be read as a table" in err


def test_a_table_with_other_separators_is_named(run, trial, tmp_path):
    trial.to_csv(tmp_path / "t.csv", sep=";")
    code, _, err = run("fit", str(tmp_path / "t.csv"), "alive ~ dose")
    assert code == 1
    assert "has one column" in err
    assert "commas" in err


def test_a_broken_parquet_file_is_one_line(run, tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "t.parquet").write_text("not parquet")
    code, _, err = run("fit", str(tmp_path / "t.parquet"), "y ~ x")
    assert code == 1
    assert err.count("\n") == 1


def test_parquet_without_pyarrow_says_what_to_install(run, tmp_path, monkeypatch):
    (tmp_path / "t.parquet").touch()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = run("fit", str(tmp_path / "t.parquet"), "y ~ x")
    assert code == 1
    assert "pip install 'wlogit[streaming]'" in err


MISUSED = {
    "two class weights": [CSV, FORMULA, "--class-weight", "balanced", "--prevalence", "0.1"],
    "unread class weights": [CSV, FORMULA, "--class-weight", "0:1,1:many"],
    "no colon": [CSV, FORMULA, "--class-weight", "heavy"],
    "an option": [CSV, FORMULA, "--stratum", "contig"],
    "no design": [CSV, FORMULA, "--cov", "survey"],
    "nothing to nest": [CSV, FORMULA, "--strata", "contig", "--nest"],
    "a covariance": [CSV, FORMULA, "--cov", "HC9"],
    "a format": [CSV, FORMULA, "--format", "pdf"],
    "no formula": [CSV],
    "clusters of another covariance": [CSV, FORMULA, "--cov", "HC1", "--cluster", "contig"],
    "no clusters": [CSV, FORMULA, "--cov", "cluster"],
    "a number": [CSV, FORMULA, "--prevalence", "rare"],
    "a label twice": [CSV, FORMULA, "--class-weight", "0:1,1:2, 1:3"],
    "an option twice": [CSV, FORMULA, "--class-weight", "balanced", "--class-weight", "0:1,1:2"],
    "a column twice": [CSV, FORMULA, "--freq-weights", "contig", "--freq-weights", "major"],
}


@pytest.mark.parametrize("case", MISUSED)
def test_a_command_that_cannot_be_read_shows_its_usage(run, case):
    code, out, err = run("fit", *MISUSED[case])
    assert (code, out) == (2, "")
    assert err.startswith("usage: wlogit ")
    assert re.search("^wlogit( fit)?: error: ", err, re.MULTILINE)


def test_no_command_shows_the_help(run):
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "wlogit fit disputes.csv" in err


def test_the_help_is_enough(run):
    code, out, _ = run("fit", "--help")
    assert code == 0
    flags = ["--class-weight", "--freq-weights", "--sampling-weights", "--prevalence", "--offset"]
    flags += ["--event", "--cov", "--cluster", "--report", "--format"]
    flags += ["--strata", "--psu", "--fpc", "--nest"]
    assert [flag for flag in flags if f"  {flag}" not in out] == []
    assert "exit codes:" in out
    assert max(map(len, out.splitlines())) <= 88


def test_the_examples_of_the_help_can_be_parsed():
    commands = re.findall(r"^  (wlogit fit .*?)(?: >.*)?$", cli.EXAMPLES, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        assert cli._parser().parse_args(shlex.split(command)[1:]).formula


def test_a_closed_pipe_ends_it_without_words():
    command = [sys.executable, "-m", "wlogit", "fit", CSV, FORMULA]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_an_interrupt_has_no_trace(run, monkeypatch):
    def interrupt(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "read_table", interrupt)
    assert run("fit", CSV, FORMULA) == (130, "", "")


def test_a_fault_of_ours_keeps_its_trace(run, monkeypatch):
    monkeypatch.setattr(cli, "read_table", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("fit", CSV, FORMULA)


def test_a_warning_is_one_line_and_said_once(run, monkeypatch):
    import warnings

    def warn(path):
        for _ in range(2):
            warnings.warn("too few\ncases", UserWarning, stacklevel=1)
        warnings.warn("a release will change this", FutureWarning, stacklevel=1)
        return load_mid()

    monkeypatch.setattr(cli, "read_table", warn)
    code, _, err = run("fit", CSV, FORMULA)
    assert (code, err) == (0, "wlogit: warning: too few cases\n")


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
