"""Members about the likelihood: null model, pseudo R-squared and information criteria."""

from typing import Any

from statsmodels.discrete.discrete_model import LogitResults

from wlogit import criteria
from wlogit._typing import Array
from wlogit.fitting import Fit
from wlogit.inference import goodness, hypotheses
from wlogit.inference.prediction import calibration_shift
from wlogit.nested import null_contrast
from wlogit.views.fitted_likelihood import FittedLikelihood
from wlogit.weights.weights import Weights


class LikelihoodViews(FittedLikelihood, LogitResults):  # type: ignore[misc]
    """Log-likelihoods and what follows from them."""

    weights: Weights
    fit_record: Fit

    def _slopes(self) -> Array:
        if hasattr(self, "constraints"):
            return null_contrast(self)
        return hypotheses.slope_contrast(self.params.size, self.model.constant_combination)

    def _n_coefficients(self) -> float:
        return self.df_model + self.k_constant

    @property
    def tic(self) -> float:
        """Takeuchi's criterion in HC0, whatever the covariance in use."""
        return float(self.info_criteria("tic"))

    @property
    def daic(self) -> float:
        """Design-based AIC in the covariance in use, as R's ``AIC.svyglm``."""
        return float(self.info_criteria("daic"))

    def dbic(self, maximal: Any) -> float:
        """Design-based BIC of this model as a part of the largest one considered.

        Parameters
        ----------
        maximal : WeightedLogitResults
            A fit of the same cases that contains this one; the same for all models compared. Its
            covariance in use counts.

        Returns
        -------
        float
            Deviance of the largest model, plus the Wald statistic there of what this model leaves
            out, ``p log N`` and the logarithm of the determinant of the design effects of what it
            leaves out, as R's ``BIC.svyglm``; for a likelihood, about Schwarz's BIC.

        Raises
        ------
        DesignError
            This model is not nested in the largest one, or is of other rows.
        OutcomeError, WeightError
            Another outcome, or other weights.
        NotAvailableError
            Fits that are not maxima of their likelihoods.

        References
        ----------
        Lumley and Scott (2015), Journal of Survey Statistics and Methodology 3, 1-18.

        Examples
        --------
        >>> import wlogit.formula.api as wsmf
        >>> from wlogit.datasets import load_mid
        >>> maximal, smaller = (
        ...     wsmf.weighted_logit(formula, load_mid(), class_weight="balanced").fit(disp=False)
        ...     for formula in ("conflict ~ contig + years", "conflict ~ contig"))
        >>> bool(maximal.dbic(maximal) < smaller.dbic(maximal))
        True
        """
        return criteria.dbic(self, maximal)

    def pseudo_rsquared(self, kind: goodness.PseudoRSquared = "mcfadden") -> float:
        """A pseudo R-squared by name; none depends on the unit of the weights.

        Parameters
        ----------
        kind : {"mcfadden", "cox_snell", "nagelkerke", "tjur", "efron", "mckelvey_zavoina"}
            The last three are at population scale: calibrated probabilities, averaged without
            class weights.
        """
        fitted = None
        if kind in goodness.BY_ROWS:
            self._warn_of_slopes("calibrated")
            shift = calibration_shift(self.weights)
            fitted = goodness.Fitted.build(self.weights, self.fittedvalues, shift)
        return goodness.pseudo_rsquared(kind, self.log_likelihoods, fitted)
