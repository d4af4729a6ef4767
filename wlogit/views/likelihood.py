"""Members about the likelihood: null model, pseudo R-squared and information criteria."""

from statsmodels.discrete.discrete_model import LogitResults

from wlogit._typing import Array
from wlogit.errors import NotAvailableError
from wlogit.fitting import Fit
from wlogit.inference import goodness, hypotheses
from wlogit.inference.prediction import calibration_shift
from wlogit.views.fitted import FittedLikelihood
from wlogit.weights.weights import Weights


class LikelihoodViews(FittedLikelihood, LogitResults):  # type: ignore[misc]
    """Log-likelihoods and what follows from them."""

    weights: Weights
    fit_record: Fit

    def _slopes(self) -> Array:
        if hasattr(self, "constraints"):
            raise NotAvailableError(
                "the likelihood-ratio test of a constrained fit is not available under a "
                "pseudo-likelihood; use wald_test on the unconstrained fit."
            )
        return hypotheses.slope_contrast(self.params.size, self.model.constant_combination)

    def _n_coefficients(self) -> float:
        return self.df_model + self.k_constant

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
