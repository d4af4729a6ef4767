"""Formula interface in statsmodels' spelling: ``weighted_logit(formula, data, ...)``."""

from wlogit.model import WeightedLogit
from wlogit.multinomial.model import WeightedMNLogit

weighted_logit = WeightedLogit.from_formula
weighted_mnlogit = WeightedMNLogit.from_formula

__all__ = ["weighted_logit", "weighted_mnlogit"]
