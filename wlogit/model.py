"""WeightedLogit: a logistic regression that knows what its weights mean."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import patsy

from wlogit._statsmodels.wrapper import WeightedLogitResultsWrapper
from wlogit._typing import Array
from wlogit.bias_reduced.api import BiasReducedFits
from wlogit.calibrated import calibrated
from wlogit.constrained import fit_constrained
from wlogit.construction import (
    RankedDesign,
    Stored,
    finish_formula,
    kept_numbers,
    read_inputs,
    read_private,
    remember_columns,
    store_options,
    stored_endog,
)
from wlogit.designs import check_design, domain_of, matched
from wlogit.fitting import FitOptions, fit_model
from wlogit.formula.design import read_formula
from wlogit.keywords import OPTIONS, check_choice, reject_unknown
from wlogit.likelihood_hooks import WeightedLikelihood
from wlogit.recalibrated import recalibrated
from wlogit.regularized.api import RegularizedFits
from wlogit.regularized.path_api import RegularizedPaths
from wlogit.regularized.stability import StabilitySelection
from wlogit.results import build_results
from wlogit.rows import Rows
from wlogit.separated import SeparationCheck
from wlogit.survey.protocol import Design
from wlogit.weights.outcome import read_outcome
from wlogit.weights.resolve import resolve_weights

Missing = Literal["raise", "drop", "none"]
ClassWeight = Literal["balanced"] | Mapping[Any, float] | None


class WeightedLogit(
    RankedDesign,
    BiasReducedFits,
    RegularizedFits,
    RegularizedPaths,
    StabilitySelection,
    SeparationCheck,
    WeightedLikelihood,
):
    """Logistic regression with class, frequency and sampling weights.

    Parameters
    ----------
    endog : array_like, shape (n,) or (n, 2)
        The outcome: 0/1, booleans, two labels (the last in sorted or categorical order is the
        event), fractions in [0, 1], or two columns of counts (successes, failures).
    exog : array_like or sparse matrix, shape (n, k)
        The design. No constant is added. A sparse matrix of scipy's, or a table of pandas' sparse
        columns, is never made dense.
    class_weight : {"balanced"} or dict, optional
        How much a case of each label counts. "balanced" weighs the classes equally. Moves the
        intercept by ``log(c1 / c0)``; standard errors then come from a sandwich.
    freq_weights : array_like or column name, optional
        How many cases a row stands for; whole numbers. The likelihood stays a likelihood.
    sampling_weights : array_like or column name, optional
        Inverse sampling probabilities, in any unit.
    prevalence : float, optional
        Known population share of events, for a case-control sample (King and Zeng 2001).
    design : SurveyDesign or ReplicateDesign, optional
        How the rows were sampled; made from the same rows. It brings the sampling weights, and
        standard errors that know of strata, PSUs and finite populations. Rows outside its domain,
        in no `subset`, or with missing values stay in the design and out of the fit.
    offset : array_like or column name, optional
        Added to the linear predictor.
    event : label, optional
        Which label is the event; needed for numbers other than 0 and 1.
    missing : {"raise", "drop", "none"}
        What to do with rows whose outcome, covariates or offset are missing. "none" is read as
        "raise".
    aliased : {"raise", "drop", "keep"}
        What to do with columns that are linear combinations of earlier ones. "keep" is for
        penalised fits, which have an optimum all the same; the other fits then raise.

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

    # Results reach their other forms through the model, which may know of both.
    _calibrate = staticmethod(calibrated)
    _recalibrate = staticmethod(recalibrated)

    def __init__(
        self,
        endog: Any,
        exog: Any,
        *,
        class_weight: ClassWeight = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        prevalence: float | None = None,
        design: Design | None = None,
        offset: Any = None,
        event: Hashable | None = None,
        missing: Missing = "raise",
        aliased: Literal["raise", "drop", "keep"] = "raise",
        **private: Any,
    ) -> None:
        stored, hasconst = read_private(private)
        check_choice("missing", missing, ("raise", "drop", "none"))
        check_choice("aliased", aliased, ("raise", "drop", "keep"))
        check_design(design, sampling_weights, prevalence)
        inputs = read_inputs(endog, exog, offset, event, missing, stored, design)
        rows = inputs.rows
        self.design = None if design is None else matched(design, rows)
        if self.design is not None:
            sampling_weights = self.design.sampling_weights
        weights = resolve_weights(
            inputs.outcome,
            class_weight=class_weight,
            freq_weights=kept_numbers(rows, freq_weights, "freq_weights"),
            sampling_weights=kept_numbers(rows, sampling_weights, "sampling_weights"),
            prevalence=prevalence,
            row_labels=rows.labels,
            n_dropped=inputs.dropped,
        )
        if stored.class_source is not None:
            factors = replace(weights.factors, source=stored.class_source)
            weights = replace(weights, factors=factors)
        self.weights = weights
        self.outcome_kind = inputs.outcome.kind
        self.rows: Rows = rows
        self._configure(inputs.table, aliased)
        table = self._kept_table(inputs.table)
        super().__init__(
            stored_endog(inputs, rows),
            table.as_exog(),
            offset=inputs.offset,
            check_rank=False,
            missing="none",
            hasconst=False,
        )
        self._hold_compact(table)
        self._name_columns(inputs.table)
        self._set_constant(hasconst)
        store_options(self, inputs, prevalence)
        if stored.formula is not None:
            self.formula = stored.formula
        named = sampling_weights if design is None else design.weights_name
        remember_columns(self, inputs, offset, freq_weights=freq_weights, sampling_weights=named)
        self.column_names = table.columns

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
        design: Design | None = None,
        offset: Any = None,
        event: Hashable | None = None,
        missing: Missing = "drop",
        aliased: Literal["raise", "drop", "keep"] = "raise",
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
        class_weight, freq_weights, sampling_weights, prevalence, design, offset, event, aliased
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
        {'Intercept': -5.36, 'contig': 3.79, 'years': -0.12}
        """
        reject_unknown(unknown, (*OPTIONS, "eval_env"), "from_formula")
        check_choice("missing", missing, ("raise", "drop", "none"))
        env = eval_env
        if not isinstance(env, patsy.EvalEnvironment):
            env = patsy.EvalEnvironment({}) if env == -1 else patsy.EvalEnvironment.capture(1 + env)
        read = partial(read_outcome, event=event)
        check_design(design, sampling_weights, prevalence)
        domain = None if design is None else partial(domain_of, design)
        evaluated = read_formula(formula, data, subset, drop_cols, env, read, domain)
        model = cls(
            evaluated.outcome,
            evaluated.table,
            class_weight=class_weight,
            freq_weights=freq_weights,
            sampling_weights=sampling_weights,
            prevalence=prevalence,
            design=design,
            offset=offset,
            missing=missing,
            aliased=aliased,
            stored=Stored(rows=evaluated.rows, formula=formula),
        )
        finish_formula(model, evaluated)
        return model

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
    ) -> WeightedLogitResultsWrapper:
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
            "nonrobust", "HC0" to "HC4", "linearized", "cluster", "survey", "replicate" or
            "bootstrap". By default that of the design, else "nonrobust" for a true likelihood and
            "HC3" for a pseudo-likelihood.
        cov_kwds : dict, optional
            Keywords of the covariance: see `WeightedLogitResults.with_covariance`.
        use_t : bool, optional
            Use the t distribution; by default the normal, and t with a design.
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
        if not isinstance(full_output, bool | int):
            raise TypeError("full_output must be True or False.")
        self.require_data()
        self.require_full_rank()
        options = FitOptions(
            start_params, method, maxiter, disp, callback, tol, warn_convergence, optimizer_options
        )
        return build_results(self, fit_model(self, options), cov_type, cov_kwds, use_t)

    def fit_constrained(
        self, constraints: Any, start_params: Any = None, **fit_kwds: Any
    ) -> WeightedLogitResultsWrapper:
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
        self.require_full_rank()
        return fit_constrained(self, constraints, start_params, fit_kwds)
