"""Commands run in this process, tables for them, and the data of a tutorial."""

import numpy as np
import pandas as pd
import pytest

from wlogit import cli


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


@pytest.fixture(scope="module")
def imbalanced():
    """The data set of the tutorial on imbalanced classification: one in a hundred is an event."""
    from sklearn.datasets import make_classification  # not needed by most of the folder

    return make_classification(
        n_samples=10000,
        n_features=2,
        n_redundant=0,
        n_clusters_per_class=1,
        weights=[0.99],
        flip_y=0,
        random_state=2,
    )
