"""Optional packages: say what to install instead of failing far away."""

from importlib import import_module
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
