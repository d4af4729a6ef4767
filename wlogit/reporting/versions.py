"""The software that a result was made with."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from wlogit._version import __version__
from wlogit.core.blocksum import thread_count

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


def machinery() -> dict[str, str]:
    """The platform, the BLAS that numpy was built with, and the threads of wlogit, by name."""
    # Its stubs do not know that a mode returns what it else prints.
    show_config: Any = np.show_config
    blas = show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    return {
        "platform": platform.platform(),
        "blas": " ".join(str(blas[part]) for part in ("name", "version") if part in blas),
        "threads": str(thread_count()),
    }


def show_versions() -> None:
    """Print what a report of a problem should tell of the software and the machine.

    Versions of wlogit, Python, the packages it uses and those it can use; the platform, the BLAS
    of numpy, and how many threads wlogit uses for many rows (``WLOGIT_NUM_THREADS``, or all).

    Examples
    --------
    >>> import wlogit
    >>> wlogit.show_versions()
    wlogit         ...
    python         3...
    """
    found = versions(optional=True) | machinery()
    width = max(map(len, found))
    sys.stdout.writelines(f"{name:<{width}}  {text}\n" for name, text in found.items())
