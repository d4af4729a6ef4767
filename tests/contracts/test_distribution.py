"""The wheel and the sdist hold what they should, and work where nothing else is installed."""

import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.dist

ROOT = Path(__file__).parents[2]
SMOKE = """
import warnings
from importlib import metadata
warnings.simplefilter("error")
import wlogit
from wlogit.datasets import MID_PREVALENCE, load_mid
from wlogit.formula.api import weighted_logit
assert wlogit.__version__ == metadata.version("wlogit")
model = weighted_logit("conflict ~ contig + years", load_mid(), prevalence=MID_PREVALENCE)
results = model.fit(disp=False)
assert results.converged and "HC3" in str(results.summary())
print("ok")
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True)
    return folder


def test_the_wheel_is_pure_and_holds_the_package_alone(built):
    (wheel,) = built.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {re.split("[/-]", name, maxsplit=1)[0] for name in names} == {"wlogit"}
    data = {"wlogit/datasets/mid.csv", "wlogit/datasets/endometrial.csv"}
    data.add("wlogit/reporting/report/style.css")
    assert {"wlogit/py.typed", *data} <= set(names)
    unwanted = re.compile(r"(^|/)(tests?/|test_|conftest)|\.pyc$")
    assert not [name for name in names if unwanted.search(name)]


def test_the_sdist_holds_what_the_suite_needs(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = ("README.md", "LICENSE", "Makefile", "tests/conftest.py", "tests/reference/r/lib.R")
    assert set(needed) <= names


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_works_in_a_clean_environment(built, kind, tmp_path):
    (archive,) = built.glob(kind)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", archive], check=True)
    done = subprocess.run(
        [python, "-c", SMOKE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "ok", done.stderr
    script = python.with_name("wlogit")
    done = subprocess.run([script, "demo"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
