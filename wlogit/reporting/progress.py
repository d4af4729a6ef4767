"""A progress bar for what takes many fits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wlogit._optional import require


@contextmanager
def progress_bar(total: int, what: str, *, shown: bool) -> Iterator[Callable[[], object]]:
    """Advance a bar by one at each call of what the context gives.

    Parameters
    ----------
    total : int
        Calls until the end; fewer end the bar early.
    what : str
        Written before the bar.
    shown : bool
        Without it nothing is written, and tqdm is not needed.
    """
    if not shown:
        yield lambda: None
        return
    with require("tqdm", extra="progress").tqdm(total=total, desc=what) as bar:
        yield bar.update
