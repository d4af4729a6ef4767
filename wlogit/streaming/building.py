"""The readings that come before a fit: what the formula, the weights and the design are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array
from wlogit.construction import deficiency_message
from wlogit.core.linalg import Rank
from wlogit.core.model_matrix import ModelMatrix
from wlogit.designs import refuse_prevalence
from wlogit.errors import DesignError, NotAvailableError
from wlogit.rows import Rows
from wlogit.streaming.census import (
    Census,
    Moments,
    TakeCensus,
    rank_from_moments,
    rank_of_skeleton,
)
from wlogit.streaming.chunks import (
    Chunk,
    ChunkReader,
    check_column,
    check_columns,
    check_groups,
)
from wlogit.streaming.formula import read_formula_in_chunks
from wlogit.streaming.levels import DistinctLabels
from wlogit.streaming.runner import ChunkRunner
from wlogit.streaming.sampled import DesignColumns, StreamedDesign, design_of
from wlogit.streaming.sites import Site
from wlogit.streaming.sums import TriangularFactor
from wlogit.weights.class_weight import class_factors
from wlogit.weights.columns import check_one_kind
from wlogit.weights.outcome import Outcome
from wlogit.weights.resolve import check_masses, check_two_classes, check_weights
from wlogit.weights.weights import Weights

# Rows of a chunk unless something else is asked for, and entries of its design at most.
CHUNK_ROWS, _CHUNK_ENTRIES, _FEWEST_ROWS = 131_072, 2**23, 1024
# Entries of the design that are kept as a sample.
SAMPLE_ENTRIES, SAMPLE_ROWS = 2_000_000, 20_000

NO_ROWS = (
    "a streamed fit keeps no rows. Give new rows, or read predictions from "
    "predict_to_parquet(path), which writes one for each row of the source; what needs the rows "
    "themselves takes a fit in memory, of a part of them if need be."
)


@dataclass(frozen=True, slots=True)
class StreamedWeights(Weights):
    """Weights of rows that are not in memory."""

    def require_cases(self) -> None:
        """Raise NotAvailableError for anything that is known row by row only."""
        if not self.cases:
            raise NotAvailableError(NO_ROWS)


@dataclass(frozen=True, slots=True)
class StreamedRows(Rows):
    """The rows of a streamed fit; those of which something was said have a name.

    Attributes
    ----------
    named : tuple
        What the positions in messages stand for.
    """

    named: tuple[object, ...] = ()

    def name(self, position: int) -> str:
        """How a message names a row."""
        return repr(self.named[position])


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a streamed model, as they were given; how the rows were sampled besides."""

    class_weight: Any
    prevalence: float | None
    event: Any
    missing: str
    aliased: str
    roles: Mapping[str, Any]
    groups: tuple[Any, ...]
    chunk_rows: int | None
    design: DesignColumns | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Everything that is known of a streamed model before it is fitted.

    Attributes
    ----------
    runner : ChunkRunner
    options : Options
    formula : str
    weights : StreamedWeights
    census : Census
    moments : Moments
    rank : Rank
    design : StreamedDesign or None
    """

    runner: ChunkRunner
    options: Options
    formula: str
    weights: StreamedWeights
    census: Census
    moments: Moments
    rank: Rank
    design: StreamedDesign | None

    @property
    def names(self) -> list[str]:
        """Names of the columns of the design."""
        return list(self.runner.reader.formula.info.column_names)


def prepare(formula: str, site: Site, options: Options, env: patsy.EvalEnvironment) -> Prepared:
    """Read all rows as often as it takes to know what is to be fitted.

    Raises
    ------
    DesignError, OutcomeError, WeightError, MissingValueError
        Naming the row and the column.
    """
    columns = site.columns
    check_columns(columns, options.roles)
    check_groups(columns, options.groups)
    check_design(columns, options)
    size = options.chunk_rows or CHUNK_ROWS
    reader, n_rows = read_formula_in_chunks(formula, site, size, env, options.event)
    k = len(reader.info.column_names)
    if options.chunk_rows is None:
        size = max(min(size, _CHUNK_ENTRIES // k), _FEWEST_ROWS)
    design = None
    if options.design is not None:
        design = design_of(options.design, site, size, n_rows)
    # Weights that follow from the design are those of units.
    units = None if design is None or design.reader.weights is None else design.reader
    chunks = ChunkReader(reader, options.roles, {}, options.missing, units=units)
    runner = ChunkRunner(site, chunks, size, n_rows)
    sampled = max(SAMPLE_ENTRIES // k, SAMPLE_ROWS)
    census = runner.run(TakeCensus(min(1.0, sampled / n_rows)), "cases")
    if census.moments is None:
        raise DesignError("no rows are left to fit: every row is missing or left out.")
    weights = _weights(census, runner, options)
    frame = frame_of(census.moments.head, census.moments.constant_column, census.sample)
    rank = _rank(census.moments, frame, weights, runner)
    check_rank(rank, reader.names, options.aliased)
    return Prepared(runner, options, formula, weights, census, census.moments, rank, design)


def check_design(columns: tuple[Any, ...], options: Options) -> None:
    """Refuse a design of what is no column of the source, and what it has already.

    Raises
    ------
    DesignError, WeightError
    """
    if options.design is None:
        return
    for role, name in options.design.roles:
        check_column(columns, role, name)
    refuse_prevalence(options.prevalence)
    if options.groups:
        raise DesignError(
            "cluster= and a design (strata=, psu=, fpc=) are two answers to what varies together: "
            'leave one out. with_covariance("cluster", groups=...) gives clusters beside a design.'
        )


def _weights(census: Census, runner: ChunkRunner, options: Options) -> StreamedWeights:
    """The weights of all rows, from the sums over their cases."""
    counts, outcome = census.counts, runner.reader.formula.outcome
    for role, positive in zip(("freq_weights", "sampling_weights"), counts.positive, strict=True):
        if not positive:
            check_weights(np.zeros(1), role, None)
    masses = (float(counts.class_masses[0]), float(counts.class_masses[1]))
    check_masses(masses)
    occurring = np.flatnonzero(counts.occurring).astype(np.float64)
    found = Outcome(occurring, np.ones(()), "binary", outcome.labels, outcome.name)
    check_two_classes(found, masses)
    factors = class_factors(options.class_weight, options.prevalence, outcome.labels, masses)
    return StreamedWeights(
        n_rows=census.n_rows,
        cases=(),
        factors=factors,
        totals=counts.totals(factors),
        labels=outcome.labels,
        has_frequency="freq_weights" in options.roles,
        has_sampling="sampling_weights" in options.roles or options.design is not None,
        fractional=counts.fractional,
        shares=np.zeros(0),
        n_dropped=dict(census.dropped),
    )


def frame_of(head: Array, constant: int | None, sample: tuple[Chunk, ...]) -> ModelMatrix:
    """One row of the design, in the working coordinates that suit the rows in memory."""
    one = ModelMatrix(head[np.newaxis], constant=constant)
    values = [chunk.values for chunk in sample]
    present = [chunk.present for chunk in sample]
    if not values or not np.concatenate(present).any():
        return one
    matrix = ModelMatrix(np.vstack(values), constant=constant)
    return replace(matrix.standardized(np.concatenate(present)), values=one.values)


def _rank(
    moments: Moments, frame: ModelMatrix, weights: StreamedWeights, runner: ChunkRunner
) -> Rank:
    """The rank of all rows with weight; where it is in doubt, from an orthogonal factor."""
    if moments.size == 0.0:
        check_masses((0.0, 0.0))
    clear = rank_from_moments(moments)
    if clear is not None:
        return clear
    constant = moments.constant_column
    task = TriangularFactor(frame, weights, None, ones=constant is None)
    (upper,) = runner.run(task, "rank")
    ones = upper.shape[1] - 1 if constant is None else constant
    others = [j for j in range(upper.shape[1]) if j != ones]
    upper = np.asarray(np.linalg.qr(upper[:, [ones, *others]], mode="r"))
    unit = upper[0, 0] / frame.block(slice(0, 1))[0, ones] if constant is not None else upper[0, 0]
    mean, factor = np.zeros(len(moments.sums)), np.zeros((len(upper) - 1, len(moments.sums)))
    mean[others] = upper[0, 1:] / unit
    factor[:, others] = upper[1:, 1:] / abs(unit)
    scale = np.ones_like(mean) if frame.scale is None else frame.scale
    shift = np.zeros_like(mean) if frame.shift is None else frame.shift
    return rank_of_skeleton(mean / scale + shift, factor / scale, moments)


def rank_of_part(rank: Rank, kept: tuple[int, ...]) -> Rank:
    """The rank of some of the columns that are kept.

    Parameters
    ----------
    rank : Rank
    kept : tuple of int
    """
    combination = rank.constant_combination
    if combination is not None and not set(np.flatnonzero(combination)) <= set(kept):
        combination = None
    return Rank(len(kept), kept, {}, combination is not None, combination)


def check_rank(rank: Rank, names: list[str], aliased: str) -> None:
    """Refuse a design of less than full rank, unless its aliased columns are to be dropped."""
    message = deficiency_message(rank, names)
    if message and (aliased == "raise" or not rank.kept):
        raise DesignError(message)


def labels_of_groups(runner: ChunkRunner, groups: tuple[Any, ...]) -> ChunkReader:
    """The reader with the distinct labels of these columns of clusters, all of them known."""
    check_groups(runner.site.columns, groups)
    known = dict(runner.reader.groups)
    for name in groups:
        if name not in known:
            task = DistinctLabels(name)
            labels = runner.site.total(task, (name,), runner.size, "clusters", runner.n_rows)
            known[name] = pd.Index([]) if labels is None else labels
            check_one_kind(known[name], f"column {name!r}", DesignError)
    return replace(runner.reader, groups={name: known[name] for name in groups})
