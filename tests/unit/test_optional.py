import math

import pytest

from wlogit._optional import require


def test_an_installed_package_is_imported():
    assert require("math", extra="plots") is math


def test_a_missing_package_names_the_extra_that_installs_it():
    with pytest.raises(ImportError, match=r"pip install 'wlogit\[plots\]'") as refused:
        require("no_such_package.figures", extra="plots")
    assert refused.value.name == "no_such_package"


def test_a_broken_package_raises_its_own_error(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import no_such_package")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_package'"):
        require("broken_package", extra="plots")
