"""Sums over cache-sized blocks of rows, on threads, with the same result on any number of them."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

from wlogit._typing import AnyArray
from wlogit.core.blas import one_blas_thread

Partial = tuple[AnyArray, ...]
Kernel = Callable[[slice], Partial]

BLOCK_ROWS = 32768
_BLOCK_ENTRIES = 2**19
_GROUP = 2
_HEAD_ROWS = 8192
# Blocks that give several threads something to do.
_FEW = 8
_MANY_ROWS, _MANY_ENTRIES = 200_000, 4_000_000
_THREAD_ENTRIES = 1_000_000
# Products of wider blocks are left to BLAS, which uses threads of its own.
_WIDE = 256
# Fewer entries than BLAS would split.
_ALONE = 4096


def blocks(n: int, width: int = 1, size: int | None = None) -> list[slice]:
    """Consecutive slices that cover ``n`` rows; so few rows each that the block stays in cache."""
    if size is None:
        if n * width <= _ALONE:
            return [slice(0, n)]
        size = min(BLOCK_ROWS, max(_BLOCK_ENTRIES // max(width, 1), 256))
        if n * width >= _THREAD_ENTRIES:
            size = min(size, max(n // _FEW, 2048))
    return [slice(start, min(start + size, n)) for start in range(0, max(n, 1), size)]


def sample_of_blocks(n: int, width: int = 1) -> list[slice]:
    """The heads of some blocks of much data, all blocks of little: where digits do not matter."""
    parts = blocks(n, width)
    if n < _MANY_ROWS and n * width < _MANY_ENTRIES:
        return parts
    return [slice(part.start, min(part.stop, part.start + _HEAD_ROWS)) for part in parts[::16]]


def sum_over_blocks(
    kernel: Kernel,
    rows: int | Sequence[slice],
    *,
    width: int = 1,
    threads: int | None = None,
) -> Partial:
    """Sum what ``kernel`` returns over blocks of rows.

    Blocks are added pairwise in a fixed tree, so the rounding neither grows with the number of
    rows nor depends on the threads.

    Parameters
    ----------
    kernel : callable
        Maps a block of rows to a tuple of arrays; called from several threads.
    rows : int or sequence of slice
        Number of rows, or the blocks themselves.
    width : int
        Columns that the kernel reads; with the rows it decides whether threads pay.
    threads : int, optional
        Default: the environment variable WLOGIT_NUM_THREADS, else the number of processors;
        one where the work is small.
    """
    parts = blocks(rows, width) if isinstance(rows, int) else rows
    size = (parts[0].stop - parts[0].start) * width
    if len(parts) == 1 and size <= _ALONE:
        return kernel(parts[0])
    groups = [parts[i : i + _GROUP] for i in range(0, len(parts), _GROUP)]
    if threads is None:
        large = len(parts) * size >= _THREAD_ENTRIES
        threads = thread_count() if large and width <= _WIDE else 1
    with one_blas_thread() if width <= _WIDE else nullcontext():
        return _pairwise(_on_threads(kernel, groups, min(threads, len(groups))))


def _on_threads(kernel: Kernel, groups: Sequence[Sequence[slice]], threads: int) -> list[Partial]:
    """The sum over each group; the calling thread works like the others."""
    sums: list[Partial] = [()] * len(groups)
    errors: list[BaseException] = []
    ticket = itertools.count()

    def work() -> None:
        try:
            while (i := next(ticket)) < len(groups) and not errors:
                sums[i] = _pairwise([kernel(part) for part in groups[i]])
        except BaseException as error:  # noqa: BLE001 - raised by the caller
            errors.append(error)

    others = [threading.Thread(target=work, daemon=True) for _ in range(threads - 1)]
    for thread in others:
        thread.start()
    work()
    for thread in others:
        thread.join()
    if errors:
        raise errors[0]
    return sums


_alone: ContextVar[bool] = ContextVar("_alone", default=False)


@contextmanager
def beside_others() -> Iterator[None]:
    """Use one thread, where many sums run at a time: the processors are taken."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


def thread_count() -> int:
    """Threads to use for large sums: WLOGIT_NUM_THREADS, else one for each processor."""
    requested = os.environ.get("WLOGIT_NUM_THREADS", "")
    if requested.isdigit() and int(requested) > 0:
        return int(requested)
    return 1 if _alone.get() else os.cpu_count() or 1


def _pairwise(partials: list[Partial]) -> Partial:
    while len(partials) > 1:
        odd = partials[-1:] if len(partials) % 2 else []
        pairs = zip(partials[::2], partials[1::2], strict=False)
        partials = [tuple(a + b for a, b in zip(*pair, strict=True)) for pair in pairs] + odd
    return partials[0]
