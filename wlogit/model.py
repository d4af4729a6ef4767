"""WeightedLogit: a logistic regression that knows what its weights mean."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import patsy
from statsmodels.discrete.discrete_model import BinaryModel
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import Logit as LogitLink

from wlogit import _compat
from wlogit._typing import Array
from wlogit.core import likelihood
from wlogit.core.linalg import Rank, rank_and_aliases
from wlogit.core.model_matrix import ModelMatrix
from wlogit.core.rowblocks import weighted_gram, weighted_sums
from wlogit.errors import DesignError, NotAvailableError, WeightError
from wlogit.formula.design import read_formula, rebuild, reference_levels
from wlogit.inference.prediction import calibration_shift
from wlogit.inputs import Inputs, check_outcome_size, drop_missing, read_arrays
from wlogit.keywords import reject_unknown
from wlogit.rows import Rows
from wlogit.weights.outcome import Outcome
from wlogit.weights.resolve import resolve_weights
from wlogit.weights.weights import ClassWeightSource, Weights

OPTIONS = (
    "class_weight",
    "freq_weights",
    "sampling_weights",
    "prevalence",
    "offset",
    "event",
    "missing",
    "aliased",
)
Missing = Literal["raise", "drop", "none"]
ClassWeight = Literal["balanced"] | Mapping[Any, float] | None


class StoredClassWeight(dict[int, float]):
    """Class weights of a fitted model, keyed 0 and 1, that remember how they came about."""

    def __init__(self, weights: dict[int, float], source: ClassWeightSource | None) -> None:
        super().__init__(weights)
        self.source = source


class WeightedLogit(BinaryModel):  # type: ignore[misc]
    """Logistic regression with class, frequency and sampling weights.

    Parameters
    ----------
    endog : array_like, shape (n,) or (n, 2)
        The outcome: 0/1, booleans, two labels (the last in sorted or categorical order is the
        event), fractions in [0, 1], or two columns of counts (successes, failures).
    exog : array_like, shape (n, k)
        The design. No constant is added.
    class_weight : {"balanced"} or dict, optional
        How much a case of each label counts. "balanced" weighs the classes equally. Moves the
        intercept by ``log(c1 / c0)``; standard errors then come from a sandwich.
    freq_weights : array_like or column name, optional
        How many cases a row stands for; whole numbers. The likelihood stays a likelihood.
    sampling_weights : array_like or column name, optional
        Inverse sampling probabilities, in any unit.
    prevalence : float, optional
        Known population share of events, for a case-control sample (King and Zeng 2001).
    offset : array_like or column name, optional
        Added to the linear predictor.
    event : label, optional
        Which label is the event; needed for numbers other than 0 and 1.
    missing : {"raise", "drop", "none"}
        What to do with rows whose outcome, covariates or offset are missing. "none" is read as
        "raise".
    aliased : {"raise", "drop"}
        What to do with columns that are linear combinations of earlier ones.

    Raises
    ------
    WeightError, OutcomeError, DesignError, MissingValueError
        Naming the row, column or label, and the way out.

    Notes
    -----
    Every row has a multiplicity m (frequency weights) and an importance v (sampling weight times
    class weight); the log-likelihood is ``sum m v [r eta - log(1 + exp(eta))]``. ``loglike``,
    ``score`` and ``hessian`` are in the weights as given.

    Examples
    --------
    >>> import numpy as np
    >>> from wlogit import WeightedLogit
    >>> x = np.column_stack([np.ones(8), [0, 1, 2, 3, 4, 5, 6, 7]])
    >>> y = [0, 0, 1, 0, 0, 1, 0, 1]
    >>> results = WeightedLogit(y, x, class_weight="balanced").fit(disp=False)
    >>> results.cov_type
    'HC3'
    >>> results.weights.class_weights
    {0: 0.8, 1: 1.3333333333333333}
    """

    _continuous_ok = True
    _formula_max_endog = None

    def __init__(
        self,
        endog: Any,
        exog: Any,
        *,
        class_weight: ClassWeight = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        prevalence: float | None = None,
        offset: Any = None,
        event: Hashable | None = None,
        missing: Missing = "raise",
        aliased: Literal["raise", "drop"] = "raise",
        **private: Any,
    ) -> None:
        reject_unknown(private, (*_compat.PRIVATE_KEYWORDS, *OPTIONS), "WeightedLogit")
        _check_choice("missing", missing, ("raise", "drop", "none"))
        _check_choice("aliased", aliased, ("raise", "drop"))
        inputs = _read(endog, exog, offset, event, missing, private)
        rows = inputs.rows
        weights = resolve_weights(
            inputs.outcome,
            class_weight=class_weight,
            freq_weights=_kept(rows, freq_weights, "freq_weights"),
            sampling_weights=_kept(rows, sampling_weights, "sampling_weights"),
            prevalence=prevalence,
            row_labels=rows.labels,
            n_dropped=inputs.dropped,
        )
        if isinstance(class_weight, StoredClassWeight):
            weights = replace(
                weights, factors=replace(weights.factors, source=class_weight.source)
            )
        self.weights: Weights = weights
        self.outcome_kind = inputs.outcome.kind
        self.rows: Rows = rows
        self._configure(inputs, aliased, private.get("hasconst"))
        table = inputs.table if self.rank.rank == self.n_columns else inputs.table.select(self.kept)
        super().__init__(
            _stored_endog(inputs, rows),
            table.as_exog(),
            offset=inputs.offset,
            check_rank=False,
            missing="none",
            hasconst=False,
        )
        self._set_constant(private.get("hasconst"))
        self._store_options(inputs, prevalence, private)
        self.offset_name = offset if isinstance(offset, str) else None
        self.column_names = table.columns

    def _configure(self, inputs: Inputs, aliased: str, hasconst: bool | None) -> None:
        """Rank of the weighted design, aliased columns and degrees of freedom."""
        table = inputs.table
        self.n_columns = table.values.shape[1]
        self._constant = find_constant(table.values)
        matrix = ModelMatrix(table.values, constant=self._constant)
        self.rank: Rank = rank_and_aliases(matrix, self.weights.row_weight)
        self.kept: tuple[int, ...] = self.rank.kept
        names = table.columns or _default_names(table.values)
        self.aliased: dict[Any, dict[Any, float]] = {
            names[j]: {
                names[i]: float(c) for i, c in zip(self.kept, coefs, strict=True) if abs(c) > 1e-10
            }
            for j, coefs in self.rank.aliased.items()
        }
        if self.aliased and aliased == "raise":
            raise DesignError(_alias_message(self.aliased))
        if not self.kept:
            raise DesignError("every column of the design is zero on the rows with weight.")

    def _set_constant(self, hasconst: bool | None) -> None:
        """The constant, explicit or implicit, on the rows that carry weight."""
        combination = self.rank.constant_combination if hasconst is not False else None
        if combination is not None:
            combination = combination[list(self.kept)]
        self.constant_combination: Array | None = combination
        explicit = np.flatnonzero(combination) if combination is not None else np.zeros(0, int)
        self.k_constant = self.data.k_constant = int(
            combination is not None if hasconst is None else hasconst
        )
        self.data.const_idx = int(explicit[0]) if explicit.size == 1 else None
        self.df_model = float(self.rank.rank - self.k_constant)
        constant = self.kept.index(self._constant) if self._constant in self.kept else None
        plain = ModelMatrix(self.exog, constant=constant)
        self.matrix: ModelMatrix = plain.standardized(self.weights.row_weight)

    def _store_options(self, inputs: Inputs, prevalence: float | None, private: Mapping[str, Any]) -> None:
        """Attributes from which ``type(self)(endog, exog, **self._get_init_kwds())`` rebuilds."""
        weights, sorts = self.weights, self.weights.cases
        trials = inputs.outcome.trials if inputs.outcome.kind == "counts" else None
        frequency = np.asarray(sum(sort.multiplicity for sort in sorts))
        self.n_trials = trials
        self.freq_weights = None
        if weights.has_frequency:
            self.freq_weights = np.broadcast_to(frequency, (weights.n_rows,))
            if trials is not None:
                self.freq_weights = np.divide(
                    frequency, trials, out=np.zeros(weights.n_rows), where=trials > 0
                )
        self.sampling_weights = (
            np.broadcast_to(sorts[0].sampling, (weights.n_rows,)) if weights.has_sampling else None
        )
        self.prevalence = prevalence
        factors = weights.factors
        self.class_weight = None
        if factors.source in ("balanced", "mapping"):
            self.class_weight = StoredClassWeight(
                {0: factors.non_event, 1: factors.event}, factors.source
            )
        self.event = None
        self.dropped_columns = tuple(self.aliased)
        keys = ["class_weight", "freq_weights", "sampling_weights", "prevalence", "n_trials"]
        self._init_keys = [key for key in keys if getattr(self, key) is not None]
        if inputs.offset is not None:
            self._init_keys.append("offset")
        self._data_attr = [
            *self._data_attr, "offset", "freq_weights", "sampling_weights", "n_trials", "data.frame",
        ]
        if "formula" in private:
            self.formula = private["formula"]

    @classmethod
    def from_formula(
        cls,
        formula: str,
        data: Any,
        subset: Any = None,
        drop_cols: Iterable[str] | None = None,
        *,
        class_weight: ClassWeight = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        prevalence: float | None = None,
        offset: Any = None,
        event: Hashable | None = None,
        missing: Missing = "drop",
        aliased: Literal["raise", "drop"] = "raise",
        eval_env: int | patsy.EvalEnvironment = 0,
        **unknown: Any,
    ) -> "WeightedLogit":
        """Build a model from a formula and a table.

        Parameters
        ----------
        formula : str
            In patsy's language: ``"y ~ x1 + C(group)"``, or ``"successes + failures ~ x"``. A
            formula is Python code and is executed.
        data : DataFrame, or mapping of columns
        subset : boolean mask or labels, optional
            Rows to use, as in ``data.loc[subset]``. Weights stay with their rows.
        drop_cols : iterable of str, optional
            Columns of the design to leave out.
        class_weight, freq_weights, sampling_weights, prevalence, offset, event, aliased
            As in `WeightedLogit`; weights and offset may be names of columns. An array has one
            entry per row of `data`, before `subset` and missing rows.
        missing : {"drop", "raise", "none"}
        eval_env : int or patsy.EvalEnvironment
            Where names outside the data are looked up; 0 is the caller.

        Returns
        -------
        WeightedLogit

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> model = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", data=load_mid(), prevalence=1042 / 303772)
        >>> model.fit(disp=False).params.round(2).to_dict()
        {'Intercept': -6.07, 'contig': 3.81, 'years': -0.11}
        """
        reject_unknown(unknown, (*OPTIONS, "eval_env"), "from_formula")
        _check_choice("missing", missing, ("raise", "drop", "none"))
        env = eval_env
        if not isinstance(env, patsy.EvalEnvironment):
            env = (
                patsy.EvalEnvironment({}) if env == -1 else patsy.EvalEnvironment.capture(1 + env)
            )
        design = read_formula(formula, data, subset, drop_cols, env, event)
        model = cls(
            design.outcome,
            design.table,
            class_weight=class_weight,
            freq_weights=freq_weights,
            sampling_weights=sampling_weights,
            prevalence=prevalence,
            offset=offset,
            missing=missing,
            aliased=aliased,
            rows=design.rows,
            formula=formula,
        )
        _finish_formula(model, design)
        return model

    # -- hooks of statsmodels ------------------------------------------------------------------

    def initialize(self) -> None:
        """Degrees of freedom in cases, not rows."""
        self.df_model = float(self.rank.rank)
        self.df_resid = float(self.weights.nobs - self.rank.rank)

    def _get_init_kwds(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self._init_keys}

    def _check_kwargs(self, kwargs: Any, keys_extra: Any = None, error: Any = None) -> None:
        reject_unknown(kwargs, (*_compat.PRIVATE_KEYWORDS, "missing"), type(self).__name__)

    @property
    def design_info(self) -> patsy.DesignInfo | None:
        """patsy's description of the design; None without a formula."""
        return _compat.design_info(self.data)

    @property
    def reference_levels(self) -> dict[str, Any]:
        """The level of each factor of the formula that has no column of its own."""
        info = self.design_info
        return {} if info is None else reference_levels(info)

    @cached_property
    def link(self) -> LogitLink:
        """The logit link."""
        return LogitLink()

    @cached_property
    def family(self) -> Binomial:
        """The binomial family."""
        return Binomial()

    def cdf(self, X: Any) -> Array:
        """``1 / (1 + exp(-X))``, without overflow."""
        return likelihood.expit(np.asarray(X))

    def pdf(self, X: Any) -> Array:
        """``exp(-X) / (1 + exp(-X))^2``, without overflow."""
        return likelihood.curvature(np.asarray(X))

    # -- likelihood, in the weights as given ---------------------------------------------------

    def linear_predictor(self, params: Any) -> Array:
        """``X b + offset`` on the rows of the model; shape (n,)."""
        eta = self.exog @ np.asarray(params)
        offset = getattr(self, "offset", None)
        return np.asarray(eta if offset is None else eta + offset)

    def loglike(self, params: Any) -> float:
        """``sum w [r eta - log(1 + exp(eta))]`` in the weights as given.

        Finite for any finite linear predictor. Binomial coefficients of counts are left out.
        """
        return self.loglikeobs(params).sum()[()]

    def loglikeobs(self, params: Any) -> Array:
        """Contribution of each row to the log-likelihood, weight included; shape (n,)."""
        w, r = self.weights.row_weight, self.weights.row_response
        return np.asarray(w * likelihood.loglike(self.linear_predictor(params), r))

    def score(self, params: Any) -> Array:
        """``sum w (r - p) x``, the gradient of `loglike`; shape (k,)."""
        return weighted_sums(ModelMatrix(self.exog), self.score_factor(params))

    def score_obs(self, params: Any) -> Array:
        """Score of each row, weight included; shape (n, k)."""
        return self.score_factor(params)[:, None] * self.exog

    def score_factor(self, params: Any) -> Array:
        """``w (r - p)``, the derivative of `loglikeobs` by the linear predictor; shape (n,)."""
        w, r = self.weights.row_weight, self.weights.row_response
        return np.asarray(w * likelihood.residual(self.linear_predictor(params), r))

    def hessian(self, params: Any) -> Array:
        """``-sum w p q x x'``; shape (k, k)."""
        return -self.information(params)

    def hessian_factor(self, params: Any) -> Array:
        """``-w p q``, the second derivative by the linear predictor; shape (n,)."""
        return -self.weights.row_weight * likelihood.curvature(self.linear_predictor(params))

    def information(self, params: Any) -> Array:
        """``sum w p q x x'``, observed and expected information alike; shape (k, k)."""
        return weighted_gram(ModelMatrix(self.exog), -self.hessian_factor(params))

    def _deriv_score_obs_dendog(self, params: Any) -> Array:
        weight = np.broadcast_to(self.weights.row_weight, (self.weights.n_rows,))
        return weight[:, None] * self.exog

    def predict(
        self, params: Any, exog: Any = None, which: str = "mean", offset: Any = None
    ) -> Array:
        """Predict from given coefficients.

        Parameters
        ----------
        params : array_like, shape (k,)
        exog : array_like, shape (n, k), optional
            The design; by default that of the model, with its offset.
        which : {"mean", "linear", "var", "calibrated"}
            "mean" and "linear" are on the scale of the class weights; "calibrated" takes
            ``log(c1 / c0)`` off the linear predictor.
        offset : array_like, optional
            Zero for a given `exog`.

        Returns
        -------
        ndarray, shape (n,)
        """
        if exog is None:
            eta = self.linear_predictor(params)
            own = getattr(self, "offset", None)
            if offset is not None:
                eta = eta + np.asarray(offset) - (0.0 if own is None else own)
        else:
            eta = np.dot(exog, params) + (0.0 if offset is None else np.asarray(offset))
        if which == "linear":
            return np.asarray(eta)
        if which == "mean":
            return likelihood.expit(eta)
        if which == "var":
            return likelihood.curvature(eta)
        if which == "calibrated":
            return likelihood.expit(eta - calibration_shift(self.weights))
        raise ValueError('`which` must be one of "mean", "linear", "calibrated" or "var".')

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
        **optimizer_options: Any,
    ) -> Any:
        """Maximise the weighted likelihood.

        Parameters
        ----------
        start_params : array_like, shape (k,), optional
        method : str
            "newton" (default), or any optimiser of statsmodels by its name: "bfgs", "lbfgs",
            "nm", "powell", "cg", "ncg", "basinhopping", "minimize". All give the same answer:
            what they find is finished by Newton steps.
        maxiter : int
            Most iterations.
        full_output : bool
            Kept for statsmodels' positional order; `mle_retvals` is always filled.
        disp : bool
            Print statsmodels' convergence lines.
        callback : callable, optional
            Called with the coefficients after each iteration.
        tol : float, optional
            Stop when ``U' A^-1 U <= tol min(sum w r, sum w (1 - r))``; default 1e-14. Other
            methods than "newton" understand it as statsmodels documents.
        cov_type : str, optional
            "nonrobust", "HC0" to "HC4", "linearized" or "cluster". By default "nonrobust" for a
            true likelihood and "HC3" for a pseudo-likelihood.
        cov_kwds : dict, optional
            Keywords of the covariance: see `WeightedLogitResults.with_covariance`.
        use_t : bool, optional
            Use the t distribution; by default the normal.
        warn_convergence : bool
            Warn when the optimum was not reached.
        **optimizer_options
            Options that statsmodels documents for the method.

        Returns
        -------
        WeightedLogitResults

        Raises
        ------
        TypeError
            Unknown option. `SeparationError` if ``raise_on_perfect_prediction`` is set.

        Warns
        -----
        ConvergenceWarning, SeparationWarning
            No finite estimate was reached; what diverges and what to do.
        """
        from wlogit.fitting import FitOptions, fit_model
        from wlogit.results import build_results

        if not isinstance(full_output, bool | int):
            raise TypeError("full_output must be True or False.")
        options = FitOptions(
            start_params, method, maxiter, disp, callback, tol, warn_convergence, optimizer_options
        )
        return build_results(self, fit_model(self, options), cov_type, cov_kwds, use_t)

    def fit_constrained(
        self, constraints: Any, start_params: Any = None, **fit_kwds: Any
    ) -> Any:
        """Fit under linear constraints ``R b = q``.

        Parameters
        ----------
        constraints : str, list of str or tuple (R, q)
            As in ``t_test``: ``"x1 = x2, x3 = 1"``.
        start_params : array_like, optional
            In the unconstrained coordinates.
        **fit_kwds
            Arguments of `fit`, the covariance included.

        Returns
        -------
        WeightedLogitResults
            With the covariance of the constrained estimate.
        """
        from wlogit.constrained import fit_constrained

        return fit_constrained(self, constraints, start_params, fit_kwds)

    def fit_regularized(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: statsmodels' penalty depends on the number of rows, not on the weights."""
        raise NotAvailableError(
            "penalised fits under weights are not available in this version: statsmodels' "
            "fit_regularized scales the penalty by rows and would ignore the weights."
        )

    # -- pickling ------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        for name in ("link", "family"):
            state.pop(name, None)
        # patsy's DesignInfo cannot be pickled; it is rebuilt from formula and frame.
        state["data"] = copy(self.data)
        _compat.detach_design_info(state["data"])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        frame = getattr(self.data, "frame", None)
        if hasattr(self, "formula") and frame is not None:
            info = rebuild(self.formula, frame)
            if info is not None:
                _compat.attach_design_info(self.data, info)


def _read(
    endog: Any, exog: Any, offset: Any, event: Any, missing: str, private: Mapping[str, Any]
) -> Inputs:
    """Outcome, design and offset on the kept rows, from arrays or from an evaluated formula."""
    if "rows" in private:
        rows: Rows = private["rows"]
        on_all_rows = rows.numbers(offset, "offset", ValueError)
        kept_offset = None if on_all_rows is None else rows.take(on_all_rows)
        inputs = drop_missing(endog, exog, rows, kept_offset, missing)
        return _with_labels(inputs)
    n_trials = private.get("n_trials")
    outcome, table, rows, offset = read_arrays(endog, exog, offset, event, n_trials)
    check_outcome_size(outcome)
    return drop_missing(outcome, table, rows, offset, missing)


def _with_labels(inputs: Inputs) -> Inputs:
    return replace(inputs, table=replace(inputs.table, index=inputs.rows.labels))


def _kept(rows: Rows, value: Any, role: str) -> Array | None:
    numbers = rows.numbers(value, role, WeightError)
    return None if numbers is None else np.asarray(rows.take(numbers))


def _stored_endog(inputs: Inputs, rows: Rows) -> Any:
    values = np.array(inputs.outcome.values, dtype=np.float64)
    if inputs.table.index is None and rows.index is None:
        return values
    return pd.Series(values, index=rows.labels, name=inputs.outcome.name or "y", copy=False)


def _finish_formula(model: WeightedLogit, design: Any) -> None:
    model.data.frame = design.frame
    model.data.ynames = design.outcome_name
    _compat.attach_design_info(model.data, design.design_info)


def _default_names(values: Array) -> list[str]:
    return [f"x{j + 1}" for j in range(values.shape[1])]


def _alias_message(aliased: Mapping[Any, Mapping[Any, float]]) -> str:
    parts = []
    for name, equal in aliased.items():
        terms = " + ".join(f"{c:.4g} {other}" for other, c in equal.items()) or "0"
        parts.append(f"{name} = {terms}")
    return (
        "the design is rank deficient on the rows with weight: "
        + "; ".join(parts)
        + '. Leave those columns out, or use aliased="drop".'
    )


def find_constant(values: Array) -> int | None:
    """The first column that holds one non-zero number throughout."""
    for j in range(values.shape[1]):
        first = values[0, j]
        if first != 0.0 and values[-1, j] == first and bool(np.all(values[:, j] == first)):
            return j
    return None


def _check_choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        raise ValueError(f"{name}={value!r} is not known; use one of {options}.")
