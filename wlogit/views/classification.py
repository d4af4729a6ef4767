"""Members that tell events from the rest: ROC, precision and recall, thresholds."""

from collections.abc import Mapping
from typing import Any, Literal

from wlogit.evaluation import Evaluation, own_evaluation
from wlogit.held_out import evaluate_held_out, evaluate_new
from wlogit.inference.auc import AreaUnderCurve
from wlogit.inference.confusion import ClassificationReport
from wlogit.inference.prediction import calibration_shift
from wlogit.inference.roc import (
    PrecisionRecallCurve,
    RocCurve,
    ThresholdChoice,
    mapped_threshold,
)
from wlogit.keywords import check_choice
from wlogit.weights.weights import Weights


class ClassificationViews:
    """Classification at population scale, of the rows that were fitted."""

    weights: Weights
    request: Any
    # Coefficients of the same fit to other rows, and whether they are an optimum.
    _refitted: Any
    # Mean prediction that the intercept was moved to.
    _recalibrated_to: Any
    _warn_of_slopes: Any

    def evaluate(
        self,
        data: Any = None,
        endog: Any = None,
        *,
        cv: Any = None,
        groups: Any = None,
        seed: Any = None,
        freq_weights: Any = None,
        sampling_weights: Any = None,
        offset: Any = None,
        prevalence: float | None = None,
    ) -> Evaluation:
        """The same measures on new cases, or on held-out ones by cross-validation.

        A fit with a `prevalence` is of a population: events and non-events of new rows are
        weighted to that share as those of the fit were, which is right for a sample of the
        population and for another case-control sample. The new rows of any other fit are taken
        as a sample of their population, unless `prevalence` says that they are not.

        Parameters
        ----------
        data : DataFrame, mapping or array_like, optional
            New rows, as for `predict`. Those whose outcome or prediction is missing are left out.
        endog : array_like or column name, optional
            Their outcome, by the labels of the fit; by default the columns that the formula names.
        cv : int or array_like, optional
            Number of folds, or the fold of each row: every row is predicted by a fit to the other
            folds, and all are judged together. Class weights that are computed from the sample
            are computed from the training rows.
        groups : column name or array_like, optional
            Clusters: errors are of their totals, and with `cv` they share a fold. By default those
            of the covariance; none for new data.
        seed : int or numpy.random.Generator, optional
            For the dealing of folds; without it every call deals differently.
        freq_weights, sampling_weights : array_like or column name, optional
            Of new rows; by default the columns that the model took its own from.
        offset : array_like, optional
            Of new rows, as for `predict`.
        prevalence : float, optional
            Share of events in the population that the cases stand for: events and non-events are
            weighted to it. By default the `prevalence` of the model (or what it was recalibrated
            to), if it has one.

        Returns
        -------
        Evaluation
            With ``auc``, ``roc``, ``precision_recall``, ``classification_report``, ``brier``,
            ``log_loss``, ``calibration`` and ``choose_threshold``.

        Raises
        ------
        ValueError
            Options that do not go together, a prevalence outside (0, 1), new data without rows or
            without an outcome.
        OutcomeError
            A prevalence, or a measure that compares the classes, for rows of one class.
        WeightError
            The fit has frequency or sampling weights, and none are known for the new rows.
        NotAvailableError
            `cv` for fits under constraints or with bias reduction, which it does not repeat.

        Warns
        -----
        ConvergenceWarning
            Training fits without an optimum.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> print(f"{results.evaluate(cv=10, seed=1).auc().auc:.3f}")
        0.896
        """
        self._check_options(data, cv, (endog, freq_weights, sampling_weights, offset), seed)
        self._warn_of_slopes("calibrated")
        if cv is not None:
            found = evaluate_held_out(self, self._refitted, cv, groups, seed)
        elif data is None:
            found = own_evaluation(self, groups)
        else:
            weighing = {"freq_weights": freq_weights, "sampling_weights": sampling_weights}
            found = evaluate_new(self, data, endog, weighing, groups, offset)
            prevalence = self._population_share if prevalence is None else prevalence
        return found if prevalence is None else found.at_prevalence(prevalence)

    @property
    def _population_share(self) -> float | None:
        """Share of events in the population of the model, where it is known."""
        known = self.weights.factors.prevalence
        return known if known is None or self._recalibrated_to is None else self._recalibrated_to

    @staticmethod
    def _check_options(data: Any, cv: Any, of_new: tuple[Any, ...], seed: Any) -> None:
        if data is not None and cv is not None:
            raise ValueError("give data= for new rows, or cv= for held-out ones, not both.")
        if data is None and any(option is not None for option in of_new):
            raise ValueError(
                "endog=, freq_weights=, sampling_weights= and offset= are of new rows: give data=."
            )
        if cv is None and seed is not None:
            raise ValueError("seed= is for the dealing of folds: give cv=.")

    def _own_evaluation(self, which: str = "calibrated") -> Evaluation:
        self._warn_of_slopes(which)
        return own_evaluation(self)

    def auc(self, alpha: float = 0.05) -> AreaUnderCurve:
        """Area under the ROC curve, with DeLong's standard error.

        By mass: cases times sampling weight (`prevalence` included, class weights not). Under a
        cluster-robust covariance the error is of totals over clusters. The scores are taken as
        fixed, and the fit has seen the cases: the area is optimistic.

        Parameters
        ----------
        alpha : float
            One minus the level of the interval.

        Returns
        -------
        AreaUnderCurve
            With ``auc``, ``se``, ``ci`` and ``compare(other)`` for another fit to the same rows.

        References
        ----------
        DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> area = results.auc()
        >>> print(f"{area.auc:.3f} ({area.se:.4f})")
        0.897 (0.0074)
        """
        return self._own_evaluation().auc(alpha)

    def roc(self, alpha: float = 0.05) -> RocCurve:
        """ROC curve: true against false positive rate over all thresholds, by mass.

        Parameters
        ----------
        alpha : float
            One minus the level of the interval of the area.

        Returns
        -------
        RocCurve
            With arrays ``fpr``, ``tpr`` and ``thresholds`` (calibrated probabilities), ``auc``
            and ``frame``.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> results = WeightedLogit([0, 0, 1, 0, 1, 1], design).fit(disp=False)
        >>> results.roc().frame[["fpr", "tpr"]].iloc[3].round(2).tolist()
        [0.33, 0.67]
        """
        return self._own_evaluation().roc(alpha)

    def precision_recall(
        self, prevalence: float | None = None, alpha: float = 0.05
    ) -> PrecisionRecallCurve:
        """Precision against recall over all thresholds, by mass.

        Parameters
        ----------
        prevalence : float, optional
            Share of events that the precision is for; by default that in the sample, by mass.
        alpha : float
            One minus the level of the interval of the average precision.

        Returns
        -------
        PrecisionRecallCurve
            With arrays ``precision``, ``recall`` and ``thresholds``, ``average_precision`` and
            ``frame``.

        Raises
        ------
        ValueError
            A prevalence outside (0, 1).

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> results = WeightedLogit([0, 0, 1, 0, 1, 1], design).fit(disp=False)
        >>> curve = results.precision_recall(prevalence=0.1)
        >>> print(f"{float(curve.average_precision):.3f}")
        0.750
        """
        return self._own_evaluation().precision_recall(prevalence, alpha)

    def classification_report(
        self,
        threshold: float = 0.5,
        *,
        which: Literal["mean", "calibrated"] = "mean",
        alpha: float = 0.05,
    ) -> ClassificationReport:
        """Sensitivity, specificity, precision and more at a threshold, with intervals.

        Shares are by mass: cases times sampling weight (`prevalence` included, class weights
        not), of the table that ``pred_table(threshold, which=which, weighted=True)`` gives.
        Precision, NPV, accuracy and F1 hold for the share of events in the sample, or for the
        `prevalence` of the model. Under a cluster-robust covariance errors are of totals over
        clusters.

        Parameters
        ----------
        threshold : float
            A case is predicted to be an event above it.
        which : {"mean", "calibrated"}
            Scale of the threshold, as in `pred_table`; the report has it on both.
        alpha : float
            One minus the level of the intervals, which are Wilson's on effective sizes.

        Returns
        -------
        ClassificationReport
            With ``frame`` (by measure: value, se, ci_lower, ci_upper), ``table`` and
            ``thresholds``.

        Warns
        -----
        InferenceWarning
            Measures that cannot be computed, as the precision where no event is predicted; they
            are NaN, and their interval is the whole range.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> results = wsmf.weighted_logit(
        ...     "conflict ~ contig + years", load_mid(), class_weight="balanced").fit(disp=False)
        >>> results.classification_report().frame.loc[["sensitivity", "precision"]].round(3)
                     value     se  ci_lower  ci_upper
        measure
        sensitivity  0.679  0.014     0.650     0.706
        precision    0.899  0.011     0.876     0.919
        """
        judged = self._own_evaluation(which)
        return judged.classification_report(threshold, which=which, alpha=alpha)

    def choose_threshold(
        self,
        cost: Mapping[str, float] | None = None,
        method: Literal["youden", "cost"] | None = None,
    ) -> ThresholdChoice:
        """Threshold with the largest sensitivity plus specificity, or the smallest expected cost.

        Parameters
        ----------
        cost : mapping, optional
            Costs of a "false_positive" and of a "false_negative".
        method : {"youden", "cost"}, optional
            By default "cost" where costs are given, else "youden".

        Returns
        -------
        ThresholdChoice
            With the threshold on both scales, ``calibrated`` and ``mean``. It is chosen by the
            cases that it is judged on, so it looks better than it is.

        References
        ----------
        Youden (1950), Cancer 3, 32-35; Elkan (2001), IJCAI 17, 973-978.

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> results = WeightedLogit([0, 0, 1, 0, 1, 1], design).fit(disp=False)
        >>> choice = results.choose_threshold()
        >>> choice.sensitivity, round(choice.specificity, 2)
        (0.6666666666666666, 1.0)
        """
        return self._own_evaluation().choose_threshold(cost, method)

    def map_threshold(
        self, threshold: Any, to: Literal["calibrated", "mean"] = "calibrated"
    ) -> Any:
        """The same threshold on the other scale: ``calibrated = t c0 / (t c0 + (1 - t) c1)``.

        Parameters
        ----------
        threshold : float or array_like
            On the scale of the class weights ("mean") if it is mapped to "calibrated", and the
            other way round.
        to : {"calibrated", "mean"}

        Returns
        -------
        float or ndarray

        Examples
        --------
        >>> from wlogit import WeightedLogit
        >>> design = [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5]]
        >>> model = WeightedLogit([0, 0, 1, 0, 1, 1], design, class_weight={0: 1, 1: 9})
        >>> print(f"{model.fit(disp=False).map_threshold(0.5):.2f}")
        0.10
        """
        check_choice("to", to, ("calibrated", "mean"))
        self._warn_of_slopes("calibrated")
        shift = calibration_shift(self.weights)
        return mapped_threshold(threshold, shift if to == "mean" else -shift)
