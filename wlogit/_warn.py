"""Warnings that point at the user's line, however deep they arise."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_PACKAGE = str(Path(__file__).parent)
_silent: ContextVar[tuple[type[Warning], ...]] = ContextVar("_silent", default=())


@contextmanager
def silent(category: type[Warning]) -> Iterator[None]:
    """Leave out our warnings of a category, in this thread: for what says the same in its result.

    Parameters
    ----------
    category : type of Warning
    """
    token = _silent.set((*_silent.get(), category))
    try:
        yield
    finally:
        _silent.reset(token)


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn at the innermost frame outside this package.

    Parameters
    ----------
    message : str
    category : type of Warning
    """
    if issubclass(category, _silent.get()):
        return
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
