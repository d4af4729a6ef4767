"""WeightedMNLogit: a multinomial logit that knows what its weights mean."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import patsy

from wlogit._typing import Array
from wlogit.construction import RankedDesign, finish_formula, kept_numbers
from wlogit.designs import check_design, domain_of, matched
from wlogit.errors import NotAvailableError
from wlogit.fitting import FitOptions
from wlogit.formula.design import read_formula
from wlogit.keywords import check_choice, reject_unknown
from wlogit.multinomial.fit import fit_labels
from wlogit.multinomial.hooks import MultinomialLikelihood
from wlogit.multinomial.inputs import read_inputs, stored_codes
from wlogit.multinomial.regularized import RegularizedLabelFits
from wlogit.multinomial.results import build_results
from wlogit.multinomial.separation import find_label_separation
from wlogit.rows import Rows
from wlogit.separated import SeparationResult
from wlogit.survey.design import SurveyDesign
from wlogit.survey.replicates import ReplicateDesign
from wlogit.weights.labelled import read_labels
from wlogit.weights.multinomial import resolve_label_weights
from wlogit.weights.weights import ClassWeightSource

OPTIONS = ("class_weight", "freq_weights", "sampling_weights", "design", "missing", "aliased")
FOR_TWO_LABELS = {
    "offset": "WeightedLogit has one, and of several labels none is what it would be added to",
    "prevalence": "give sampling_weights= of share in the population by share in the sample",
    "event": "the first label is the reference; order its categories to choose another",
}
LabelWeights = Literal["balanced"] | Mapping[Any, float] | None


@dataclass(frozen=True, slots=True)
class StoredLabels:
    """What a model knows of itself beyond its public options, for when it is built again.

    Attributes
    ----------
    rows : Rows or None
        Rows of an evaluated formula; outcome and design are then already read.
    formula : str or None
    class_source : str or None
        Where the class weights came from, when they are stored as a mapping.
    """

    rows: Rows | None = None
    formula: str | None = None
    class_source: ClassWeightSource | None = None


class WeightedMNLogit(RankedDesign, RegularizedLabelFits, MultinomialLikelihood):
    """Multinomial logistic regression with class, frequency and sampling weights.

    Parameters
    ----------
    endog : array_like, shape (n,)
        The outcome: labels of any kind, in categorical or sorted order. The first is the
        reference.
    exog : array_like, shape (n, k)
        The design. No constant is added.
    class_weight : {"balanced"} or dict, optional
        How much a case of each label counts. "balanced" weighs the labels equally. Moves the
        intercept of a label by ``log(c_j / c_0)``; standard errors then come from a sandwich.
    freq_weights : array_like or column name, optional
        How many cases a row stands for; whole numbers. The likelihood stays a likelihood.
    sampling_weights : array_like or column name, optional
        Inverse sampling probabilities, in any unit.
    design : SurveyDesign or ReplicateDesign, optional
        How the rows were sampled; as in `WeightedLogit`.
    missing : {"raise", "drop", "none"}
        What to do with rows whose outcome or covariates are missing. "none" is read as "raise".
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
    class weight); the log-likelihood is ``sum m v log p_y``, with p the softmax of
    ``(0, x'b_1, ..., x'b_{J-1})``. A label that only rows of zero weight have has no coefficients.
    With two labels every number is that of `WeightedLogit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from wlogit import WeightedMNLogit
    >>> x = pd.DataFrame({"const": 1.0, "km": [0, 1, 2, 3, 4, 5, 6, 7, 8]})
    >>> y = ["bus", "car", "bus", "walk", "car", "bus", "walk", "walk", "car"]
    >>> model = WeightedMNLogit(y, x, class_weight={"bus": 1, "car": 1, "walk": 2})
    >>> results = model.fit(disp=False)
    >>> results.cov_type
    'HC3'
    >>> results.params.round(2)
    y       car  walk
    const -1.31  -1.6
    km     0.40   0.6
    """

    def __init__(
        self,
        endog: Any,
        exog: Any,
        *,
        class_weight: LabelWeights = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        design: SurveyDesign | ReplicateDesign | None = None,
        missing: Literal["raise", "drop", "none"] = "raise",
        aliased: Literal["raise", "drop", "keep"] = "raise",
        **private: Any,
    ) -> None:
        stored, hasconst = _read_private(private)
        check_choice("missing", missing, ("raise", "drop", "none"))
        check_choice("aliased", aliased, ("raise", "drop", "keep"))
        check_design(design, sampling_weights, None)
        inputs = read_inputs(endog, exog, missing, stored.rows, design)
        rows = inputs.rows
        self.design = None if design is None else matched(design, rows)
        if self.design is not None:
            sampling_weights = self.design.sampling_weights
        weights = resolve_label_weights(
            inputs.outcome,
            class_weight=class_weight,
            freq_weights=kept_numbers(rows, freq_weights, "freq_weights"),
            sampling_weights=kept_numbers(rows, sampling_weights, "sampling_weights"),
            row_labels=rows.labels,
            n_dropped=inputs.dropped,
        )
        if stored.class_source is not None:
            factors = replace(weights.factors, source=stored.class_source)
            weights = replace(weights, factors=factors)
        self.weights = weights
        self.rows: Rows = rows
        self._configure(inputs.table, aliased)
        super().__init__(
            stored_codes(inputs, rows, weights.row_cases.codes_or_first),
            self._kept_table(inputs.table).as_exog(),
            check_rank=False,
            missing="none",
            hasconst=False,
        )
        self.data.ynames = inputs.outcome.name or "y"
        self._name_columns(inputs.table)
        self._set_constant(hasconst)
        self._set_equations()
        self._store_options()
        if stored.formula is not None:
            self.formula = stored.formula
        self.column_names = self._kept_table(inputs.table).columns

    def _set_equations(self) -> None:
        """Degrees of freedom of all labels, and their names for tests."""
        equations = self.J - 1
        self.df_model = float((self.rank.rank - self.k_constant) * equations)
        self.df_resid = float(self.weights.nobs - self.rank.rank * equations)
        names = [self._ynames_map[j] for j in range(1, self.J)]
        self.data.cov_names = pd.MultiIndex.from_product(
            (names, self.data.xnames), names=(self.data.ynames, None)
        )

    def _store_options(self) -> None:
        """Attributes from which ``type(model)(endog, exog, **model._get_init_kwds())`` rebuilds."""
        weights, cases = self.weights, self.weights.row_cases
        n = (weights.n_rows,)
        factors = weights.factors
        self.class_weight = None
        if factors.source is not None:
            self.class_weight = dict(enumerate(factors.values))
        self._init_keys = ["class_weight"] if factors.source is not None else []
        # Without frequency weights the attribute is absent: statsmodels acts on its presence.
        if weights.has_frequency:
            self.freq_weights = np.broadcast_to(cases.multiplicity, n)
            self._init_keys.append("freq_weights")
        self.sampling_weights = None
        if weights.has_sampling:
            self.sampling_weights = np.broadcast_to(cases.sampling, n)
            self._init_keys.append("sampling_weights" if self.design is None else "design")
        self.stored = StoredLabels(class_source=factors.source)
        self._init_keys.append("stored")
        self._data_attr = [
            *self._data_attr,
            *("freq_weights", "sampling_weights", "stored", "data.frame"),
        ]

    @classmethod
    def from_formula(
        cls,
        formula: str,
        data: Any,
        subset: Any = None,
        drop_cols: Iterable[str] | None = None,
        *,
        class_weight: LabelWeights = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        design: SurveyDesign | ReplicateDesign | None = None,
        missing: Literal["raise", "drop", "none"] = "drop",
        aliased: Literal["raise", "drop", "keep"] = "raise",
        eval_env: int | patsy.EvalEnvironment = 0,
        **unknown: Any,
    ) -> "WeightedMNLogit":
        """Build a model from a formula and a table.

        Parameters
        ----------
        formula : str
            In patsy's language: ``"y ~ x1 + C(group)"``; y holds labels of any kind. A formula is
            Python code and is executed.
        data : DataFrame, or mapping of columns
        subset : boolean mask or labels, optional
            Rows to use, as in ``data.loc[subset]``. Weights stay with their rows.
        drop_cols : iterable of str, optional
            Columns of the design to leave out.
        class_weight, freq_weights, sampling_weights, design, aliased
            As in `WeightedMNLogit`; weights may be names of columns. An array has one entry per
            row of `data`, before `subset` and missing rows.
        missing : {"drop", "raise", "none"}
        eval_env : int or patsy.EvalEnvironment
            Where names outside the data are looked up; 0 is the caller.

        Returns
        -------
        WeightedMNLogit

        Examples
        --------
        >>> import pandas as pd
        >>> import wlogit.formula.api as wsmf
        >>> trips = pd.DataFrame({
        ...     "mode": ["bus", "car", "walk"] * 4,
        ...     "km": [4, 9, 1, 6, 3, 2, 5, 12, 3, 2, 7, 4]})
        >>> model = wsmf.weighted_mnlogit("mode ~ km", trips, class_weight="balanced")
        >>> model.fit(disp=False).params.round(2)
        mode        car  walk
        Intercept -3.14  2.50
        km         0.55 -0.77
        """
        _reject_options(unknown, (*OPTIONS, "eval_env"), "from_formula")
        check_choice("missing", missing, ("raise", "drop", "none"))
        env = eval_env
        if not isinstance(env, patsy.EvalEnvironment):
            env = patsy.EvalEnvironment({}) if env == -1 else patsy.EvalEnvironment.capture(1 + env)
        check_design(design, sampling_weights, None)
        domain = None if design is None else partial(domain_of, design)
        evaluated = read_formula(formula, data, subset, drop_cols, env, read_labels, domain)
        model = cls(
            evaluated.outcome,
            evaluated.table,
            class_weight=class_weight,
            freq_weights=freq_weights,
            sampling_weights=sampling_weights,
            design=design,
            missing=missing,
            aliased=aliased,
            stored=StoredLabels(rows=evaluated.rows, formula=formula),
        )
        finish_formula(model, evaluated)
        return model

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
    ) -> Any:
        """Maximise the weighted likelihood by Newton's method.

        Parameters
        ----------
        start_params : array_like, shape (k, J - 1) or (k (J - 1),), optional
        method : {"newton"}
        maxiter : int
            Most iterations.
        full_output : bool
            Kept for statsmodels' positional order; `mle_retvals` is always filled.
        disp : bool
            Print statsmodels' convergence lines.
        callback : callable, optional
            Called with the coefficients, one label after the other, after each iteration.
        tol : float, optional
            Stop when ``U' A^-1 U`` is below tol times the weight of the rarest label; default
            1e-14.
        cov_type : str, optional
            "nonrobust", "HC0" to "HC3", "linearized", "cluster", "bootstrap", and with a design
            "survey" or "replicate". By default that of the design, else "nonrobust" for a true
            likelihood and "HC3" for a pseudo-likelihood.
        cov_kwds : dict, optional
            Keywords of the covariance: see `WeightedMNLogitResults.with_covariance`.
        use_t : bool, optional
            Use the t distribution; by default the normal, and t with a design.
        warn_convergence : bool
            Warn when the optimum was not reached.

        Returns
        -------
        WeightedMNLogitResults

        Warns
        -----
        ConvergenceWarning, SeparationWarning
            No finite estimate was reached; which coefficients of which label diverge, and what to
            do.
        """
        reject_unknown(unknown, FIT_KEYWORDS, "fit")
        check_choice("method", method, ("newton",))
        if not isinstance(full_output, bool | int):
            raise TypeError("full_output must be True or False.")
        self.require_data()
        self.require_full_rank()
        options = FitOptions(start_params, method, maxiter, disp, callback, tol, warn_convergence)
        return build_results(self, fit_labels(self, options), cov_type, cov_kwds, use_t)

    def check_separation(self) -> SeparationResult:
        """Find out whether a finite maximum-likelihood estimate exists, without fitting.

        Returns
        -------
        SeparationResult
            With ``separated``, ``kind``, ``columns`` (as "label: column") and ``directions``.

        Raises
        ------
        NotAvailableError
            For more pairs of rows and labels than fit in memory.

        Notes
        -----
        Labels are separated if some coefficients put the linear predictor of no row's own label
        below that of another, and that of some row above. The likelihood then rises for ever.

        References
        ----------
        Albert and Anderson (1984), Biometrika 71, 1-10.
        """
        self.require_data()
        self.require_full_rank()
        verdict = find_label_separation(self._objective(working=True), self.exog)
        if verdict is None:
            raise NotAvailableError(
                "there are too many pairs of rows and labels to look for separation; fit() looks "
                "for coefficients that run away."
            )
        return verdict.named(self.exog_names, self.labels)


FIT_KEYWORDS = (
    *("start_params", "method", "maxiter", "full_output", "disp", "callback"),
    *("tol", "cov_type", "cov_kwds", "use_t", "warn_convergence"),
)


def _reject_options(given: Iterable[str], known: Iterable[str], where: str) -> None:
    for name in given:
        if name in FOR_TWO_LABELS:
            raise TypeError(
                f"{where} takes no {name!r}, which is for two labels: {FOR_TWO_LABELS[name]}."
            )
    reject_unknown(given, known, where)


def _read_private(private: Mapping[str, Any]) -> tuple[StoredLabels, bool | None]:
    """The private keywords of the constructor: what is stored, and statsmodels' ``hasconst``."""
    stored = private.get("stored", StoredLabels())
    if not isinstance(stored, StoredLabels) or set(private) - {"stored", "hasconst"}:
        unknown = next(name for name in private if name != "hasconst")
        _reject_options([unknown], OPTIONS, "WeightedMNLogit")
    return stored, private.get("hasconst")
