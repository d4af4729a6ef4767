"""The software that a result was made with."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from wlogit._version import __version__

REQUIRED = ("numpy", "scipy", "pandas", "statsmodels", "patsy", "tabulate")
OPTIONAL = ("matplotlib", "scikit-learn", "pyarrow", "dask", "tqdm", "threadpoolctl")


def versions(*, optional: bool = False) -> dict[str, str]:
    """Versions of wlogit, of Python and of the packages that wlogit builds on, by name.

    Parameters
    ----------
    optional : bool
        Also of the packages that an extra brings; "not installed" where they are not there.
    """
    found = {"wlogit": __version__, "python": platform.python_version()}
    found |= {name: version(name) for name in REQUIRED}
    if optional:
        found |= {name: _version_or_none(name) for name in OPTIONAL}
    return found


def _version_or_none(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def show_versions() -> None:
    """Print the versions of wlogit, Python and the packages it uses, for a report of a problem.

    Examples
    --------
    >>> import wlogit
    >>> wlogit.show_versions()
    wlogit         ...
    python         3...
    """
    found = {**versions(optional=True), "platform": platform.platform()}
    width = max(map(len, found))
    sys.stdout.writelines(f"{name:<{width}}  {text}\n" for name, text in found.items())
