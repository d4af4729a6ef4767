"""Members about the likelihood: null model, pseudo R-squared and information criteria."""

from typing import Any

import numpy as np
from statsmodels.discrete.discrete_model import MultinomialResults

from wlogit._typing import Array
from wlogit.errors import NotAvailableError
from wlogit.inference import goodness, hypotheses
from wlogit.keywords import check_choice
from wlogit.multinomial.fit import MultinomialFit
from wlogit.views.fitted_likelihood import FittedLikelihood
from wlogit.weights.multinomial import MultinomialWeights


class LabelLikelihoodViews(FittedLikelihood, MultinomialResults):  # type: ignore[misc]
    """Log-likelihoods and what follows from them."""

    weights: MultinomialWeights
    fit_record: MultinomialFit

    def _slopes(self) -> Array:
        single = hypotheses.slope_contrast(self.model.K, self.model.constant_combination)
        return np.asarray(np.kron(np.eye(self.model.J - 1), single), dtype=np.float64)

    def _n_coefficients(self) -> float:
        return float(self.model.rank.rank * (self.model.J - 1))

    def pseudo_rsquared(self, kind: str = "mcfadden") -> float:
        """A pseudo R-squared by name; none depends on the unit of the weights.

        Parameters
        ----------
        kind : {"mcfadden", "cox_snell", "nagelkerke"}

        Returns
        -------
        float
        """
        check_choice("kind", kind, ("mcfadden", "cox_snell", "nagelkerke"))
        known: Any = kind
        return goodness.pseudo_rsquared(known, self.log_likelihoods, None)

    @property
    def im_ratio(self) -> Array:
        """Information-matrix ratio ``V V0^-1``; from HC0 when the covariance is nonrobust."""
        if not (np.all(np.isfinite(self.fit_record.user_root)) and self.converged):
            raise NotAvailableError("the fit did not converge; it has no information-matrix ratio.")
        return super().im_ratio


def null_loglike(weights: MultinomialWeights, constant: bool) -> float:
    """Log-likelihood of the constant alone, or of equal probabilities, in the weights as given."""
    if not constant:
        return -weights.total * float(np.log(len(weights.labels)))
    masses = np.asarray(weights.totals.class_masses) * np.asarray(weights.factors.values)
    return float(masses @ np.log(masses / masses.sum()))
