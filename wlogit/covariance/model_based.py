"""Inverse information: the covariance under a true likelihood."""

from dataclasses import dataclass

from wlogit.covariance.base import Covariance, ScoreParts


@dataclass(frozen=True, slots=True)
class ModelBased:
    """``A^-1`` in the weights as given."""

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        matrix = parts.matrix.covariance_to_user(parts.bread * parts.unit)
        description = "inverse of the observed information, valid for a correct likelihood"
        if not parts.weights.likelihood:
            description = "inverse weighted information: not a covariance under these weights"
        return Covariance((matrix + matrix.T) / 2.0, "nonrobust", description)
