"""BLAS on one thread while the rows are summed on threads of our own.

Two levels of threads fight for the same processors, and the rounding of a product would depend on
how BLAS happens to split it.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg  # noqa: F401  brings its BLAS, which may be another than numpy's

_OF_SCIPY = "scipy.linalg._fblas"

Control = tuple[Callable[[], int], Callable[[int], object]]


class _Users:
    """How many sums run, and the numbers of threads to restore after the last."""

    def __init__(self) -> None:
        self.lock, self.count = threading.Lock(), 0
        self.before: list[int] = []


_users = _Users()
# A child of a process that forks in the middle of a sum starts afresh.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_users.__init__)  # type: ignore[misc]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep the OpenBLAS of numpy and of scipy to one thread; other libraries are left as they are.

    The setting belongs to the process: it is restored when the last of several users leaves.
    """
    controls = _openblas()
    with _users.lock:
        if _users.count == 0:
            _users.before = [get_threads() for get_threads, _ in controls]
            for _, set_threads in controls:
                set_threads(1)
        _users.count += 1
    try:
        yield
    finally:
        with _users.lock:
            _users.count -= 1
            if _users.count == 0:
                for (_, set_threads), before in zip(controls, _users.before, strict=True):
                    set_threads(before)


@cache
def _openblas() -> tuple[Control, ...]:
    """Functions that read and set the number of threads, of each library that is an OpenBLAS."""
    numpys = [name for name in sys.modules if name.endswith("._multiarray_umath")][:1]
    modules = [sys.modules[name] for name in (*numpys, _OF_SCIPY) if name in sys.modules]
    controls = [_control(module.__file__) for module in modules]
    return tuple(control for control in controls if control is not None)


def _control(path: str | None) -> Control | None:
    if path is None:
        return None
    library = ctypes.CDLL(path)
    # Builds differ in what they put around the names.
    for prefix, suffix in (("scipy_", "64_"), ("", "64_"), ("scipy_", ""), ("", "")):
        try:
            get_threads = getattr(library, f"{prefix}openblas_get_num_threads{suffix}")
            set_threads = getattr(library, f"{prefix}openblas_set_num_threads{suffix}")
        except AttributeError:
            continue
        return get_threads, set_threads
    return None
