"""What the command line refuses, and how it ends when it is stopped."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.contracts.commands import CSV, FORMULA
from wlogit import cli
from wlogit.datasets import load_mid

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
