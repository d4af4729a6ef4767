"""Formula interface in statsmodels' spelling: ``weighted_logit(formula, data, ...)``."""

from wlogit.model import WeightedLogit

weighted_logit = WeightedLogit.from_formula

__all__ = ["weighted_logit"]
