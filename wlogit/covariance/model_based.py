"""Inverse information: the covariance under a true likelihood."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wlogit.covariance.base import Covariance, ScoreParts


@dataclass(frozen=True, slots=True)
class ModelBased:
    """``A^-1`` in the weights as given."""

    description: ClassVar[str] = (
        "inverse of the observed information, valid for a correct likelihood"
    )

    def __call__(self, parts: ScoreParts) -> Covariance:
        """Estimate."""
        root = parts.matrix.to_user(parts.root)
        matrix = root @ root.T * parts.unit
        description = self.description
        if not parts.weights.likelihood:
            description = "inverse weighted information: not a covariance under these weights"
        return Covariance(
            (matrix + matrix.T) / 2.0, np.eye(root.shape[1]), "nonrobust", description
        )
