"""Sums over cache-sized blocks of rows, on threads, with the same result on any number of them."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from wlogit._typing import AnyArray

Partial = tuple[AnyArray, ...]
Kernel = Callable[[slice], Partial]

BLOCK_ROWS = 8192
# Fewer for wide blocks, whose products BLAS would otherwise put on threads of its own.
_BLOCK_ENTRIES, _FEWER, _NARROW = 2**18, 2**17, 32
_GROUP = 4
_MANY_ROWS = 200_000
_THREAD_ENTRIES = 2_000_000
# Products of wider blocks are left to BLAS, which uses threads of its own.
_WIDE = 256


def blocks(n: int, width: int = 1, size: int | None = None) -> list[slice]:
    """Consecutive slices that cover ``n`` rows; so few rows each that the block stays in cache."""
    if size is None:
        entries = _BLOCK_ENTRIES if width <= _NARROW else _FEWER
        size = min(BLOCK_ROWS, max(entries // max(width, 1), 256))
    return [slice(start, min(start + size, n)) for start in range(0, max(n, 1), size)]


def sample_of_blocks(n: int, width: int = 1) -> list[slice]:
    """Every sixteenth block of many rows, all blocks of few: enough for what needs no digits."""
    parts = blocks(n, width)
    return parts[::16] if n >= _MANY_ROWS else parts


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
    if len(parts) == 1:
        return kernel(parts[0])
    groups = [parts[i : i + _GROUP] for i in range(0, len(parts), _GROUP)]

    def total(group: Sequence[slice]) -> Partial:
        return _pairwise([kernel(part) for part in group])

    if threads is None:
        large = len(parts) * (parts[0].stop - parts[0].start) * width >= _THREAD_ENTRIES
        threads = thread_count() if large and width <= _WIDE else 1
    if threads == 1 or len(groups) == 1:
        return _pairwise([total(group) for group in groups])
    with ThreadPoolExecutor(min(threads, len(groups))) as pool:
        return _pairwise(list(pool.map(total, groups)))


def thread_count() -> int:
    """Threads to use for large sums: WLOGIT_NUM_THREADS, else one for each processor."""
    requested = os.environ.get("WLOGIT_NUM_THREADS", "")
    if requested.isdigit() and int(requested) > 0:
        return int(requested)
    return os.cpu_count() or 1


def _pairwise(partials: list[Partial]) -> Partial:
    while len(partials) > 1:
        odd = partials[-1:] if len(partials) % 2 else []
        pairs = zip(partials[::2], partials[1::2], strict=False)
        partials = [tuple(a + b for a, b in zip(*pair, strict=True)) for pair in pairs] + odd
    return partials[0]
