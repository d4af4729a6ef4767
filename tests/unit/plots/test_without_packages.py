"""Where an optional package is absent, what needs it says which extra brings it."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name={package!r})

sys.meta_path.insert(0, Refused())
import numpy as np, wlogit, wlogit.plots
x = np.column_stack([np.ones(40), np.arange(40) % 7, np.arange(40) % 5])
y = (np.arange(40) % 3 == 0).astype(int)
path = wlogit.WeightedLogit(y, x).fit_regularized_path(n_alphas=3, cv=2, seed=1)
try:
    {call}
except ImportError as error:
    print(error)
"""
CALLS = {
    "path.plot()": ("matplotlib", "plots"),
    'path.plot(kind="cv")': ("matplotlib", "plots"),
    "wlogit.plots.coefficients(path.model.fit(disp=False))": ("matplotlib", "plots"),
    "path.model.fit_regularized_path([0.1], progress=True)": ("tqdm", "progress"),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_extra_is_named(call):
    package, extra = CALLS[call]
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(package=package, call=call)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"needs {package}" in done.stdout
    assert f"pip install 'wlogit[{extra}]'" in done.stdout
