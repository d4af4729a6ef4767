"""Optional packages and version pairs: say what to install instead of failing far away."""

from importlib import import_module, metadata
from types import ModuleType


def require(module: str, *, extra: str) -> ModuleType:
    """Import an optional package, or say which extra of wlogit installs it.

    Parameters
    ----------
    module : str
        What to import, as in ``import module``.
    extra : str
        The extra of wlogit that brings it.

    Raises
    ------
    ImportError
        If the package is not installed. A package that is there but broken raises its own error.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise ImportError(
            f"this needs {package}, which is not installed; run: pip install 'wlogit[{extra}]'",
            name=package,
        ) from error


def check_versions() -> None:
    """Refuse pandas 3 beside statsmodels < 0.15, which does not import and says nothing useful.

    Raises
    ------
    ImportError
        If that pair is installed.
    """
    pandas, statsmodels = metadata.version("pandas"), metadata.version("statsmodels")
    if _release(pandas) >= (3, 0) and _release(statsmodels) < (0, 15):
        raise ImportError(
            f"pandas {pandas} needs statsmodels >= 0.15, but {statsmodels} is installed; "
            "run: pip install 'statsmodels>=0.15' (or 'pandas<3')"
        )


def _release(version: str) -> tuple[int, int]:
    """Major and minor number of a version."""
    major, minor = version.split(".")[:2]
    return int(major), int(minor)
