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


class _Users:
    """How many sums run, and the number of threads to restore after the last."""

    def __init__(self) -> None:
        self.lock, self.count, self.before = threading.Lock(), 0, 1


_users = _Users()
# A child of a process that forks in the middle of a sum starts afresh.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_users.__init__)  # type: ignore[misc]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep numpy's OpenBLAS to one thread; other libraries are left as they are.

    The setting belongs to the process: it is restored when the last of several users leaves.
    """
    control = _openblas()
    if control is None:
        yield
        return
    get_threads, set_threads = control
    with _users.lock:
        if _users.count == 0:
            _users.before = get_threads()
            set_threads(1)
        _users.count += 1
    try:
        yield
    finally:
        with _users.lock:
            _users.count -= 1
            if _users.count == 0:
                set_threads(_users.before)


@cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], object]] | None:
    """Functions that read and set the number of threads, if numpy is linked to OpenBLAS."""
    module = next(name for name in sys.modules if name.endswith("._multiarray_umath"))
    path = sys.modules[module].__file__
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
