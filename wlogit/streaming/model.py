"""StreamedLogit: a weighted logit of rows that are read in chunks, as often as it takes."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
import patsy

from wlogit import _compat
from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array, IntArray
from wlogit.construction import alias_names
from wlogit.core.model_matrix import ModelMatrix
from wlogit.errors import NotAvailableError
from wlogit.estimation import forget_arrays
from wlogit.fitting import FIT_KEYWORDS, FitOptions
from wlogit.keywords import check_choice, reject_unknown
from wlogit.model import ClassWeight
from wlogit.recalibrated import recalibrated
from wlogit.separated import SeparationResult
from wlogit.streaming.building import (
    Options,
    Prepared,
    StreamedRows,
    frame_of,
    prepare,
    rank_of_part,
)
from wlogit.streaming.calibrated import streamed_calibrated
from wlogit.streaming.fit import fit_streamed, streamed_verdict
from wlogit.streaming.keywords import refuse_keywords
from wlogit.streaming.likelihood import StreamedLikelihood
from wlogit.streaming.opening import open_site
from wlogit.streaming.results import build_streamed_results
from wlogit.streaming.runner import ChunkRunner
from wlogit.streaming.sampled import DesignColumns
from wlogit.survey.stages import LonelyPsu

KEYWORDS = (
    *("formula", "source", "class_weight", "freq_weights", "sampling_weights", "prevalence"),
    *("offset", "event", "missing", "aliased", "cluster", "strata", "psu", "fpc", "nest"),
    *("lonely_psu", "chunk_rows", "client", "progress", "eval_env"),
)


class StreamedLogit(StreamedLikelihood):
    """Weighted logistic regression of data that are read in chunks of rows.

    Made by `from_formula`. Memory does not grow with the number of rows; the numbers are those of
    `WeightedLogit` but for rounding.

    Attributes
    ----------
    weights : Weights
        Kind, number of cases, effective size and class weights.
    """

    _calibrate = staticmethod(streamed_calibrated)
    _recalibrate = staticmethod(recalibrated)

    def __init__(self, prepared: Prepared) -> None:
        names = prepared.names
        self.weights = prepared.weights
        self.rank, self.kept = prepared.rank, prepared.rank.kept
        self.n_columns = len(names)
        self.aliased = alias_names(prepared.rank, names)
        self.rank_deficiency = ""
        kept = list(self.kept)
        head = prepared.moments.head[kept]
        columns = [names[j] for j in kept]
        table = pd.DataFrame(head[np.newaxis], columns=columns)
        super().__init__(np.zeros(1), table, check_rank=False, missing="none", hasconst=False)
        self._name(prepared, columns)
        self._set_up(prepared, head)
        self._set_constant(prepared)
        # What statsmodels has stored is one row, of which nothing may be computed.
        forget_arrays(self)
        self.data.orig_endog = self.data.orig_exog = None
        self.design = prepared.design
        self._prepared: Prepared | None = prepared

    def without(self, columns: IntArray) -> "StreamedLogit":
        """The model without some columns of its design; nothing is read.

        Parameters
        ----------
        columns : ndarray of int
            Their positions.

        Returns
        -------
        StreamedLogit

        Raises
        ------
        NotAvailableError
            After ``remove_data``, or for a pickled fit of a function's frames.

        Examples
        --------
        >>> from wlogit.datasets import load_mid
        >>> from wlogit.streaming import StreamedLogit
        >>> model = StreamedLogit.from_formula("conflict ~ contig + years", lambda: [load_mid()])
        >>> model.without([1]).exog_names
        ['Intercept', 'years']
        """
        self.runner()
        prepared = cast("Prepared", self._prepared)
        kept = tuple(np.delete(np.array(self.kept), columns).tolist())
        return type(self)(replace(prepared, rank=rank_of_part(prepared.rank, kept)))

    def _name(self, prepared: Prepared, columns: list[str]) -> None:
        """Names, as a model in memory has them."""
        reader = prepared.runner.reader
        self.formula, self.formula_columns = prepared.formula, frozenset(reader.formula.columns)
        self.column_names, self.outcome_kind = columns, reader.formula.outcome.kind
        self.data.xnames, self.data.ynames = columns, reader.formula.outcome.name
        self.data.frame = None
        _compat.attach_design_info(self.data, reader.formula.info)
        roles = reader.roles
        self.has_offset, self.offset_name = "offset" in roles, roles.get("offset")
        self.weight_columns = {role: name for role, name in roles.items() if role != "offset"}

    def _set_up(self, prepared: Prepared, head: Array) -> None:
        """What the sums need: the rows, a sample of them, and working coordinates."""
        every = len(self.kept) == self.n_columns
        kept = list(self.kept)
        sample = prepared.census.sample
        if not every:
            sample = tuple(replace(chunk, values=chunk.values[:, kept]) for chunk in sample)
        column = prepared.moments.constant_column
        constant = kept.index(column) if column in kept else None
        self.sample = sample
        self.frame: ModelMatrix = frame_of(head, constant, sample)
        self._largest = self._in_working(prepared.moments.largest[kept])
        runner = prepared.runner
        reader = replace(runner.reader, kept=None if every else self.kept)
        self._runner: ChunkRunner | None = replace(runner, reader=reader)
        self.rows = StreamedRows(self.weights.n_rows, None)
        self.groups = prepared.options.groups
        self.class_weight, self.prevalence = None, prepared.options.prevalence
        self.event, self.matrix, self.offset = None, None, None
        self._init_keys: list[str] = []
        self._data_attr: list[str] = [*self._data_attr, "data.frame"]

    def _set_constant(self, prepared: Prepared) -> None:
        combination = prepared.rank.constant_combination
        if combination is not None:
            combination = combination[list(self.kept)]
        self.constant_combination = combination
        explicit = np.flatnonzero(combination) if combination is not None else np.zeros(0, int)
        self.k_constant = self.data.k_constant = int(combination is not None)
        self.data.const_idx = int(explicit[0]) if explicit.size == 1 else None
        self.df_model = float(self.rank.rank - self.k_constant)

    def _in_working(self, largest: Array) -> Array:
        """A bound of the sizes of the entries in working coordinates."""
        shift = 0.0 if self.frame.shift is None else np.abs(self.frame.shift)
        scale = 1.0 if self.frame.scale is None else self.frame.scale
        return np.asarray((largest + shift) * scale)

    @classmethod
    def from_formula(
        cls,
        formula: str,
        source: Any,
        *,
        class_weight: ClassWeight = None,
        freq_weights: str | None = None,
        sampling_weights: str | None = None,
        prevalence: float | None = None,
        offset: str | None = None,
        event: Hashable | None = None,
        missing: Literal["drop", "raise"] = "drop",
        aliased: Literal["raise", "drop"] = "raise",
        cluster: str | Sequence[str] | None = None,
        strata: str | Sequence[str] | None = None,
        psu: str | Sequence[str] | None = None,
        fpc: str | float | Sequence[str | float] | None = None,
        nest: bool = False,
        lonely_psu: LonelyPsu | None = None,
        chunk_rows: int | None = None,
        client: Any = None,
        progress: bool = False,
        eval_env: int | patsy.EvalEnvironment = 0,
        **unknown: Any,
    ) -> "StreamedLogit":
        """Read what a fit has to know of all rows: levels, class weights, rank, cases.

        Parameters
        ----------
        formula : str
            As for `WeightedLogit.from_formula`. Stateful transforms such as ``center``,
            ``standardize`` and ``bs`` are those of all rows.
        source : path, pattern, list of paths, pyarrow dataset, callable or dask DataFrame
            Parquet, CSV or Feather files, of which only the columns that are used are read; a
            function without arguments that gives the frames of all rows, from the first one on,
            each time that it is called; or a dask DataFrame, whose partitions are read where they
            are.
        class_weight, prevalence, event, aliased
            As in `WeightedLogit`. "balanced" counts the cases of all rows.
        freq_weights, sampling_weights, offset : str, optional
            Columns.
        missing : {"drop", "raise"}
            What to do with rows whose outcome, covariates or offset are missing.
        cluster : str or sequence of str, optional
            Columns of clusters, which may span chunks; the default covariance is then "cluster".
        strata, psu, fpc : str or sequence of str, optional
            Columns of a survey design, for each stage as in `SurveyDesign`; an `fpc` may be a
            number. Strata and units may span chunks, and the default covariance is then "survey".
            `sampling_weights` are those of the design; without them they follow from `fpc`.
        nest, lonely_psu : optional
            As in `SurveyDesign`; strata with one PSU fail by default.
        chunk_rows : int, optional
            Rows that are in memory at a time; by default about 130,000, fewer in wide designs. It
            changes rounding only.
        client : distributed.Client, optional
            The workers of this cluster read the files, or have the partitions. A dask DataFrame
            without it is summed where dask would compute it.
        progress : bool
            Show a progress bar for each reading of the rows; needs tqdm. Not with dask, which has
            a dashboard.
        eval_env : int or patsy.EvalEnvironment
            Where names outside the data are looked up; 0 is the caller.

        Returns
        -------
        StreamedLogit

        Raises
        ------
        DesignError, OutcomeError, WeightError, MissingValueError
            Naming the row in its file, the column or the label.

        Notes
        -----
        The rows are read once for levels (only columns of text, and the outcome), once more if
        the formula has stateful transforms, once for the units of a survey design, and once for
        cases, weights and the rank of the design. Rows with missing values stay in a survey
        design, as rows outside its domain.

        Examples
        --------
        >>> from wlogit.datasets import load_mid
        >>> from wlogit.streaming import StreamedLogit
        >>> model = StreamedLogit.from_formula(
        ...     "conflict ~ contig + years", lambda: [load_mid()], prevalence=1042 / 303772)
        >>> model.fit(disp=False).params.round(2).to_dict()
        {'Intercept': -5.36, 'contig': 3.79, 'years': -0.12}
        """
        refuse_keywords(unknown, KEYWORDS)
        check_choice("missing", missing, ("raise", "drop"))
        check_choice("aliased", aliased, ("raise", "drop"))
        env = eval_env
        if not isinstance(env, patsy.EvalEnvironment):
            env = patsy.EvalEnvironment({}) if env == -1 else patsy.EvalEnvironment.capture(1 + env)
        roles = {
            "freq_weights": freq_weights,
            "sampling_weights": sampling_weights,
            "offset": offset,
        }
        options = Options(
            class_weight,
            prevalence,
            event,
            missing,
            aliased,
            {role: name for role, name in roles.items() if name is not None},
            _names(cluster),
            _checked_rows(chunk_rows),
            DesignColumns.read((strata, psu, fpc), sampling_weights, nest, lonely_psu),
        )
        return cls(prepare(formula, open_site(source, client, progress=progress), options, env))

    # -- fitting -------------------------------------------------------------------------------

    def fit(
        self,
        start_params: Any = None,
        method: str = "newton",
        maxiter: int = 50,
        full_output: bool = True,
        disp: bool = True,
        callback: Callable[[Array], object] | None = None,
        *,
        tol: float | None = None,
        cov_type: str | None = None,
        cov_kwds: Mapping[str, Any] | None = None,
        use_t: bool | None = None,
        warn_convergence: bool = True,
        **unknown: Any,
    ) -> WeightedLogitResultsWrapper:
        """Maximise the weighted likelihood; each iteration reads the rows once.

        Parameters
        ----------
        start_params : array_like, shape (k,), optional
            By default the fit of the rows that are kept as a sample.
        method : {"newton"}
        maxiter : int
            Most iterations.
        full_output : bool
            Kept for statsmodels' positional order; `mle_retvals` is always filled.
        disp : bool
            Print statsmodels' convergence lines.
        callback : callable, optional
            Called with the coefficients after each iteration.
        tol : float, optional
            As in `WeightedLogit.fit`.
        cov_type : str, optional
            "nonrobust", "HC0" to "HC4", "linearized", "cluster" or "survey". By default "cluster"
            where the model has clusters, "survey" where it has a design, else as
            `WeightedLogit.fit`.
        cov_kwds : dict, optional
            Keywords of the covariance; ``groups`` are names of columns, by default the clusters
            of the model.
        use_t : bool, optional
            Use the t distribution; by default under "survey" alone.
        warn_convergence : bool
            Warn when the optimum was not reached.

        Returns
        -------
        StreamedLogitResults

        Raises
        ------
        SeparationError
            The covariates separate the outcome: which coefficients diverge.
        """
        reject_unknown(unknown, FIT_KEYWORDS, "fit")
        check_choice("method", method, ("newton",))
        if not isinstance(full_output, bool | int):
            raise TypeError("full_output must be True or False.")
        options = FitOptions(start_params, method, maxiter, disp, callback, tol, warn_convergence)
        fit = fit_streamed(self, options)
        return build_streamed_results(self, fit, cov_type, cov_kwds, use_t)

    def check_separation(self) -> SeparationResult:
        """Find out whether a finite maximum-likelihood estimate exists, without fitting.

        Returns
        -------
        SeparationResult
            With ``separated``, ``kind``, ``columns`` and ``directions``; the latter are those of
            one direction that separates, of which there may be more.

        Raises
        ------
        NotAvailableError
            Where many readings of the rows have not settled it.

        Examples
        --------
        >>> from wlogit.datasets import load_endometrial
        >>> from wlogit.streaming import StreamedLogit
        >>> model = StreamedLogit.from_formula("HG ~ NV + PI + EH", lambda: [load_endometrial()])
        >>> model.check_separation().directions
        {'NV': inf}
        """
        verdict = self.separation_verdict()
        if verdict is None:
            raise NotAvailableError(
                "whether the outcome is separated was not settled by reading the rows many times."
            )
        return SeparationResult.of(verdict, self.exog_names)

    def separation_verdict(self) -> Any:
        """The verdict on separation; None where it was not settled."""
        return streamed_verdict(self)


def _names(cluster: Any) -> tuple[Any, ...]:
    if cluster is None:
        return ()
    return tuple(cluster) if isinstance(cluster, list | tuple) else (cluster,)


def _checked_rows(chunk_rows: Any) -> int | None:
    if chunk_rows is None:
        return None
    whole = isinstance(chunk_rows, int | np.integer) and not isinstance(chunk_rows, bool)
    if not whole or chunk_rows < 1:
        raise ValueError(f"chunk_rows is {chunk_rows!r}; it must be a positive whole number.")
    return int(chunk_rows)
