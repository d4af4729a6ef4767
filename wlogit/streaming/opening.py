"""What the user passes as a source, and where it is read."""

from typing import Any

from wlogit.errors import DesignError
from wlogit.streaming.dask_parts import Files, Partitions, files_of, kinds_of_schema, split
from wlogit.streaming.dask_site import DaskSite
from wlogit.streaming.dask_worker import sizes_of
from wlogit.streaming.local import LocalSite
from wlogit.streaming.sites import Site
from wlogit.streaming.sources import ParquetSource, open_source, refuse_empty


def open_site(source: Any, client: Any, *, progress: bool) -> Site:
    """Where a source is read: on a cluster, if dask has it or a client is given; else here.

    Parameters
    ----------
    source : object
        As in `StreamedLogit.from_formula`.
    client : distributed.Client or None
    progress : bool

    Raises
    ------
    DesignError, TypeError, ValueError
        A source that cannot be read there, or options that do not go together.
    """
    of_dask = _package(source) in ("dask", "dask_expr")
    if client is None and not of_dask:
        return LocalSite(open_source(source), progress)
    if client is not None:
        _check_client(client)
    if progress:
        raise ValueError(
            "progress=True is for rows that are read in this process; dask shows its own: the "
            "dashboard of the client (client.dashboard_link), or dask.diagnostics.ProgressBar."
        )
    if of_dask:
        if not (hasattr(source, "to_delayed") and hasattr(source, "dtypes") and source.ndim == 2):
            raise DesignError(
                f"the source is a {type(source).__name__} of dask; it must be a dask DataFrame."
            )
        return DaskSite(Partitions(source), client)
    return _of_files(source, client)


def _of_files(source: Any, client: Any) -> Site:
    opened = open_source(source)
    files = files_of(opened)
    schema = opened.dataset.schema  # type: ignore[attr-defined]
    site = DaskSite(Files(files, tuple(schema.names), kinds_of_schema(schema)), client)
    if isinstance(opened, ParquetSource):
        sizes = site.of_each(sizes_of, files, "row groups")
        parts = [part for file, own in zip(files, sizes, strict=True) for part in split(file, own)]
        if not parts:
            refuse_empty()
        site = DaskSite(Files(parts, site.columns, site.held.kinds), client)
    return site


def _check_client(client: Any) -> None:
    if _package(client) != "distributed" or not hasattr(client, "scheduler_info"):
        raise TypeError(
            f"client must be a distributed.Client, not of type {type(client).__name__}."
        )
    if client.asynchronous:
        raise TypeError("client is asynchronous; a fit waits for its sums, make a plain Client.")


def _package(value: Any) -> str:
    return type(value).__module__.partition(".")[0]
