"""Rows that dask has, or that the workers of a cluster read: sums run there, as one small graph."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

import patsy

from wlogit._optional import require
from wlogit.errors import (
    DesignError,
    MissingValueError,
    NotAvailableError,
    OutcomeError,
    WeightError,
)
from wlogit.formula.stored import every_name_kept
from wlogit.streaming.dask_parts import Parts
from wlogit.streaming.dask_worker import Job, combine_parts, fold_part, total_of_part
from wlogit.streaming.sites import Folding, PieceTask

T = TypeVar("T")

# What says by itself which row, column or part is meant.
_EXPLAINED = (
    *(WeightError, DesignError, OutcomeError, MissingValueError, NotAvailableError),
    patsy.PatsyError,
)
# Partial sums that are added by one task: few tasks, and little memory on one worker.
_FAN_IN = 8


@dataclass(frozen=True, slots=True, eq=False)
class DaskSite:
    """The workers of a cluster, or the threads of dask in this process.

    Every pass is one graph: a task for each part, which reads it and returns partial sums, and
    tasks that add these, eight at a time in the order of the parts, so that the result does not
    depend on which worker does what, or when. One sum comes back.

    Attributes
    ----------
    held : Parts
    client : distributed.Client or None
        Without one, dask decides where to run: on its default client, else in this process.
    """

    held: Parts
    client: Any = None

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns."""
        return self.held.columns

    def total(
        self, task: PieceTask[T], columns: Sequence[Any], size: int, what: str, n_rows: int | None
    ) -> T | None:
        """The sum over all pieces of at most `size` rows; None if there are no rows."""
        del n_rows
        parts = self.held.parts(columns)
        job = self._job(task, columns, size)
        found: T | None = self._total(job, list(enumerate(parts)), what)
        return found

    def first(self, task: PieceTask[T], columns: Sequence[Any], size: int) -> T | None:
        """What the task makes of the first piece; None if there are no rows."""
        job = self._job(task, columns, size, only_first=True)
        for part in enumerate(self.held.parts(columns)):
            found: T | None = self._total(job, [part], "first rows")
            if found is not None:
                return found
        return None

    def fold(self, task: Folding[T], columns: Sequence[Any], size: int, what: str) -> T | None:
        """As `total`, from the first piece to the last, on one worker after the other."""
        graph = Graph(what, self._ship(self._job(task, columns, size)))
        key: Any = None
        for number, part in enumerate(self.held.parts(columns)):
            key = graph.add("fold", fold_part, number, graph.part(part), key)
        found: T | None = self._compute(graph, key, columns)
        return found

    def of_each(self, function: Any, values: Sequence[Any], what: str) -> list[Any]:
        """What a function makes of each of some values, on the workers."""
        delayed = require("dask", extra="dask").delayed
        name = re.sub(r"\W+", "-", what)
        calls = [
            delayed(function, name=f"wlogit-{name}", traverse=False)(value) for value in values
        ]
        found: list[Any] = self._value(delayed(list)(calls))
        return found

    def _job(
        self, task: Any, columns: Sequence[Any], size: int, *, only_first: bool = False
    ) -> Job:
        kinds = {name: kind for name, kind in self.held.kinds.items() if name in columns}
        return Job(task, tuple(columns), size, kinds, only_first)

    def _total(self, job: Job, parts: list[tuple[int, Any]], what: str) -> Any:
        graph = Graph(what, self._ship(job))
        keys = [
            graph.add("rows", total_of_part, number, graph.part(part)) for number, part in parts
        ]
        while len(keys) > 1:
            groups = [keys[i : i + _FAN_IN] for i in range(0, len(keys), _FAN_IN)]
            keys = [graph.add("sum", combine_parts, *group) for group in groups]
        return self._compute(graph, keys[0], job.columns)

    def _compute(self, graph: "Graph", key: Any, columns: Sequence[Any]) -> Any:
        try:
            return self._value(graph.delayed(key))
        except Exception as error:
            if not _explained(error):
                blamed = self.held.blame(columns, self._attempt)
                if blamed is not None:
                    raise blamed from error
            raise

    def _value(self, delayed: Any) -> Any:
        (found,) = require("dask", extra="dask").compute(delayed, scheduler=self.client)
        return found

    def _attempt(self, delayed: list[Any]) -> Iterator[Any]:
        """Each value, or the exception that it raises."""
        run = require("dask.base", extra="dask").get_scheduler(scheduler=self.client)
        client = getattr(run, "__self__", None)
        if client is not None:
            for future in client.compute(delayed):
                yield future.exception() or future.result()
            return
        for one in delayed:
            try:
                yield self._value(one)
            except Exception as error:  # noqa: BLE001 - what is asked for
                yield error

    def _ship(self, job: Job) -> bytes:
        """A job as bytes, with whatever the formula uses of the caller's names."""
        cloudpickle = require("cloudpickle", extra="dask")
        try:
            with every_name_kept():
                shipped: bytes = cloudpickle.dumps(job)
        except (TypeError, AttributeError, ValueError, RuntimeError) as error:
            raise DesignError(
                f"what the formula uses cannot be sent to the workers: {error}. Compute such a "
                "column in the dask DataFrame."
            ) from error
        return shipped

    def __reduce__(self) -> NoReturn:
        raise TypeError("a source of dask cannot be pickled with a fit.")


@dataclass(slots=True, eq=False)
class Graph:
    """The tasks of one pass.

    Attributes
    ----------
    what : str
        Names the pass on dask's dashboard.
    shipped : bytes
        The job, which all tasks share.
    """

    what: str
    shipped: bytes
    name: str = field(init=False)
    tasks: dict[Any, Any] = field(init=False)
    read: list[Any] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.what = re.sub(r"\W+", "-", self.what)
        self.name = uuid4().hex
        self.tasks = {self._key("job"): self.shipped}

    def _key(self, kind: str) -> str:
        return f"wlogit-{self.what}-{kind}-{self.name}"

    def part(self, part: Any) -> Any:
        """A part as an argument of a task."""
        if not hasattr(part, "__dask_graph__"):
            return part
        self.read.append(part)
        return part.key

    def add(self, kind: str, function: Any, *arguments: Any) -> Any:
        """A task, and the key of what it returns."""
        key = (self._key(kind), len(self.tasks))
        self.tasks[key] = (function, self._key("job"), *arguments)
        return key

    def delayed(self, key: Any) -> Any:
        """What a key stands for, as dask computes it."""
        graphs = require("dask.highlevelgraph", extra="dask").HighLevelGraph
        top = self._key("result")
        tasks = {**self.tasks, top: key}
        whole = graphs.from_collections(top, tasks, dependencies=self.read)
        return require("dask.delayed", extra="dask").Delayed(top, whole)


def _explained(error: Exception) -> bool:
    """Whether an error names what is wrong; one of the cluster itself is passed on."""
    of_cluster = type(error).__module__.partition(".")[0] in ("distributed", "concurrent")
    return of_cluster or isinstance(error, _EXPLAINED)
