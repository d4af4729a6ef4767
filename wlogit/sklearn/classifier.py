"""WeightedLogitClassifier: scikit-learn's interface, wlogit's inference."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from wlogit._optional import require
from wlogit._typing import AnyArray, Array
from wlogit._warn import warn_user
from wlogit.core import likelihood
from wlogit.errors import InferenceWarning
from wlogit.keywords import check_choice
from wlogit.sklearn.classifier_fit import ClassifierFit
from wlogit.sklearn.linear import fit_linear
from wlogit.sklearn.multinomial import fit_multinomial
from wlogit.sklearn.plan import BiasReduction, MultiClass, Plan, SampleWeightIs
from wlogit.sklearn.problem import all_labels, one_against_rest, two_labels
from wlogit.sklearn.sample import Sample, read_features, read_sample
from wlogit.sklearn.start import Start

_base: Any = require("sklearn.base", extra="sklearn")
_validation: Any = require("sklearn.utils.validation", extra="sklearn")


class WeightedLogitClassifier(_base.ClassifierMixin, _base.BaseEstimator):  # type: ignore[misc]
    """Logistic regression for scikit-learn, with weights that are known and inference behind it.

    Two labels are fitted by `WeightedLogit`, more by `WeightedMNLogit`; the results, with valid
    standard errors under the weights, are in `results_`.

    Parameters
    ----------
    class_weight : {"balanced"} or dict, optional
        As in scikit-learn: how much a case of each label counts; labels that a dict leaves out
        count once. "balanced" weighs classes by the inverse of their sample weight.
    alpha : float
        Strength of the penalty, relative to the sum of all weights. Zero, the default, is maximum
        likelihood; scikit-learn's default is not. See the notes for its `C`.
    L1_wt : float
        Share of the lasso in the penalty, as scikit-learn's ``l1_ratio``: 0 is ridge, 1 the lasso.
    fit_intercept : bool
        Add a constant.
    bias_reduction : {"mean", "median", "empirical", "king-zeng"}, optional
        Fit by `WeightedLogit.fit_bias_reduced`; "mean" is Firth's estimate, which is finite under
        separation. For two labels, or each against the rest.
    multi_class : {"multinomial", "ovr"}
        With more than two labels: all together, by `WeightedMNLogit`, or each against the rest.
        Against the rest, a mapping weighs every row by its own label, and "balanced" each label
        against the rest.
    penalize_intercept : bool
        Penalise the constant like the rest, as scikit-learn's solver "liblinear" does with
        ``intercept_scaling=1``.
    calibrated : bool
        Take the class weights out of the probabilities again. By default these are on the scale of
        the class weights, as scikit-learn's are.
    cov_type : str, optional
        Covariance of `results_`; see `WeightedLogit.fit`.
    max_iter : int
        Most iterations.
    tol : float, optional
        Tolerance, as in `WeightedLogit.fit` or `WeightedLogit.fit_regularized`.
    sample_weight_is : {"sampling", "frequency"}
        What the ``sample_weight`` of `fit` is: inverse sampling probabilities (or any other
        importance), or the number of cases that a row stands for. Coefficients are the same,
        standard errors are not.
    warm_start : bool
        Start from where the last fit of this classifier ended, with the intercept moved to the
        class weights of now; multinomial fits do not. Changes the time that a fit takes, not its
        result.

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        The labels, sorted; of two the last is the event.
    coef_ : ndarray, shape (1, p) or (K, p)
        Multinomial ones sum to zero over the labels, but for a lasso.
    intercept_ : ndarray, shape (1,) or (K,)
        Moved by ``-log(c1 / c0)`` where `calibrated`.
    n_iter_ : ndarray, shape (1,) or (K,)
    n_features_in_ : int
    feature_names_in_ : ndarray, shape (p,)
        Where X was a DataFrame.

    Notes
    -----
    What is minimised is ``-l(b) / sum w + alpha [(1 - L1_wt) / 2 b'b + L1_wt |b|]``, w being
    sample weight times class weight, without the intercept in the penalty unless
    `penalize_intercept`. scikit-learn's ``LogisticRegression(C=C, l1_ratio=r)`` has the same
    optimum for ``alpha = 1 / (C * sum of w)`` and ``L1_wt = r``; its C means another penalty in
    every fold and under every class weight, alpha means the same.

    `predict` gives the label with the highest of the probabilities that `predict_proba` gives. On
    the scale of the class weights these decide by the costs that the weights stand for; calibrated,
    by what is more frequent in the population.

    Of features that are combinations of others the later ones have a coefficient of zero. Where
    the features separate the labels, a `SeparationWarning` says so, and `coef_` are those of a
    slight ridge, to predict from.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from wlogit.sklearn import WeightedLogitClassifier
    >>> X, y = make_classification(weights=[0.9], flip_y=0.1, random_state=1)
    >>> classifier = WeightedLogitClassifier(class_weight="balanced").fit(X[:, :2], y)
    >>> classifier.predict_proba(X[:2, :2]).round(2)
    array([[0.53, 0.47],
           [0.56, 0.44]])
    >>> classifier.calibrated_.predict_proba(X[:2, :2]).round(2)
    array([[0.89, 0.11],
           [0.9 , 0.1 ]])
    >>> classifier.results_.cov_type
    'HC3'
    """

    def __init__(
        self,
        class_weight: Literal["balanced"] | Mapping[Any, float] | None = None,
        alpha: float = 0.0,
        L1_wt: float = 0.0,
        fit_intercept: bool = True,
        bias_reduction: BiasReduction | None = None,
        multi_class: MultiClass = "multinomial",
        penalize_intercept: bool = False,
        calibrated: bool = False,
        cov_type: str | None = None,
        max_iter: int = 100,
        tol: float | None = None,
        sample_weight_is: SampleWeightIs = "sampling",
        warm_start: bool = False,
    ) -> None:
        self.class_weight = class_weight
        self.alpha = alpha
        self.L1_wt = L1_wt
        self.fit_intercept = fit_intercept
        self.bias_reduction = bias_reduction
        self.multi_class = multi_class
        self.penalize_intercept = penalize_intercept
        self.calibrated = calibrated
        self.cov_type = cov_type
        self.max_iter = max_iter
        self.tol = tol
        self.sample_weight_is = sample_weight_is
        self.warm_start = warm_start

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> WeightedLogitClassifier:
        """Fit the weighted logit.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, p)
            The features, without a constant.
        y : array_like, shape (n,)
            Labels; the last in sorted order is the event.
        sample_weight : array_like, shape (n,), optional
            What these are, `sample_weight_is` says. Rows of weight zero are left out.

            Rows go by position, as everywhere in scikit-learn: where X, y and the weights carry
            row labels that pair them otherwise, none is preferred, and an error says so.

        Returns
        -------
        WeightedLogitClassifier
            Itself.

        Raises
        ------
        ValueError
            Parameters that cannot be, row labels at odds, one class only (`OutcomeError`), or
            impossible weights (`WeightError`); scikit-learn's own for what is no table of numbers.

        Warns
        -----
        SeparationWarning, ConvergenceWarning
        """
        plan = self._plan()
        sample = read_sample(self, X, y, sample_weight)
        self.classes_ = sample.classes
        self._results: Any = None
        self._fits = self._fit_each(sample, plan, self._read_starts(len(sample.classes)))
        self.coef_ = np.vstack([fit.coef for fit in self._fits])
        self.n_iter_ = np.array([fit.n_iter for fit in self._fits], dtype=np.int32)
        self._set_intercept()
        return self

    def _plan(self) -> Plan:
        check_choice("multi_class", self.multi_class, ("multinomial", "ovr"))
        check_choice("sample_weight_is", self.sample_weight_is, ("sampling", "frequency"))
        plan = Plan(
            self.class_weight,
            self.alpha,
            self.L1_wt,
            self.penalize_intercept,
            self.fit_intercept,
            self.bias_reduction,
            self.cov_type,
            self.max_iter,
            self.tol,
        )
        plan.check()
        return plan

    def _read_starts(self, n_classes: int) -> list[Start | None]:
        """Where the fits start; what a search has left here is used once."""
        together = n_classes == 2 or self.multi_class == "multinomial"
        needed = 1 if together else n_classes
        given = self.__dict__.pop("_starts", None)
        if given is None and self.warm_start and hasattr(self, "_fits"):
            given = self._ends()
        return list(given) if given is not None and len(given) == needed else [None] * needed

    def _ends(self) -> list[Start]:
        """Where the fits ended."""
        return [fit.end for fit in self._fits]

    def _fit_each(
        self, sample: Sample, plan: Plan, starts: list[Start | None]
    ) -> Sequence[ClassifierFit[Any]]:
        weight_is = self.sample_weight_is
        if len(sample.classes) == 2:
            return [fit_linear(two_labels(sample, plan.class_weight, weight_is), plan, starts[0])]
        if self.multi_class == "multinomial":
            return [fit_multinomial(all_labels(sample, plan.class_weight, weight_is), plan)]
        fits = []
        for position, start in enumerate(starts):
            problem = one_against_rest(sample, position, plan.class_weight, weight_is)
            fits.append(fit_linear(problem, plan, start))
        return fits

    def _set_intercept(self) -> None:
        """The intercepts of the scale that predictions are on."""
        self.intercept_ = np.hstack([fit.intercept for fit in self._fits])
        if not self.calibrated:
            return
        if not all(fit.alike for fit in self._fits):
            raise ValueError(
                "one against the rest cannot take out weights that differ within the rest; "
                'use multi_class="multinomial" for calibrated probabilities.'
            )
        if not all(fit.free_intercept for fit in self._fits):
            warn_user(
                "without a free intercept, class weights change the slopes too: calibrated "
                "probabilities do not take them out.",
                InferenceWarning,
            )
        self.intercept_ = self.intercept_ - np.hstack([fit.shift for fit in self._fits])

    @property
    def results_(self) -> Any:
        """Results with inference, computed when first asked for; a dict of them by label for "ovr".

        Of the fit on the scale of the class weights. Those of a penalised fit are
        `RegularizedResults`, with ``debiased()`` and ``refit()``.
        """
        _validation.check_is_fitted(self)
        if self._results is None:
            every = [fit.results() for fit in self._fits]
            labels = self.classes_.tolist()
            self._results = every[0] if len(every) == 1 else dict(zip(labels, every, strict=True))
        return self._results

    @property
    def calibrated_(self) -> WeightedLogitClassifier:
        """The same fit with probabilities at population scale, as with ``calibrated=True``."""
        _validation.check_is_fitted(self)
        twin: WeightedLogitClassifier = copy.copy(self)
        twin.calibrated = True
        twin._set_intercept()
        return twin

    def remove_data(self) -> None:
        """Compute `results_` and drop all that has the length of the data, before keeping it.

        Until then a classifier holds copies of X, y and the weights for its `results_`, which are
        of the data as they were, and so does its pickle.
        """
        results = self.results_
        for one in results.values() if isinstance(results, dict) else [results]:
            one.remove_data()
        self._fits = [fit.without_data() for fit in self._fits]

    def decision_function(self, X: Any) -> Array:
        """Linear predictors.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, p)

        Returns
        -------
        ndarray, shape (n,) or (n, K)
            Of the last of two labels, or of each.
        """
        _validation.check_is_fitted(self)
        features = read_features(self, X, reset=False)
        scores: Array = features @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.coef_) == 1 else scores

    def predict(self, X: Any) -> AnyArray:
        """The most probable label of each row, by `predict_proba`.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, p)

        Returns
        -------
        ndarray, shape (n,)
        """
        scores = self.decision_function(X)
        best = (scores > 0.0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        labels: AnyArray = self.classes_[best]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """Probabilities of the labels, on the scale of the class weights unless `calibrated`.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, p)

        Returns
        -------
        ndarray, shape (n, K)
            Columns in the order of `classes_`.
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            event, other = likelihood.probabilities(scores)
            return np.column_stack([other, event])
        return np.asarray(np.exp(self._log_shares(scores)))

    def predict_log_proba(self, X: Any) -> Array:
        """Logarithms of what `predict_proba` gives, without loss of digits.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, p)

        Returns
        -------
        ndarray, shape (n, K)
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return -np.logaddexp(0.0, np.column_stack([scores, -scores]))
        return self._log_shares(scores)

    def _log_shares(self, scores: Array) -> Array:
        """Logarithms of the probabilities of several labels, shape (n, K)."""
        # Against the rest, probabilities of each label divided by their sum.
        logs = scores if len(self._fits) == 1 else -np.logaddexp(0.0, -scores)
        return np.asarray(logs - np.logaddexp.reduce(logs, axis=1, keepdims=True))
