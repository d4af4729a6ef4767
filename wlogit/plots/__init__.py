"""Figures: every function takes results and a matplotlib Axes, and returns the Axes."""

from wlogit.plots.boundary import decision_boundary
from wlogit.plots.curve import fitted_curve
from wlogit.plots.forest import coefficients, odds_ratios
from wlogit.plots.heatmap import confusion
from wlogit.plots.leverage import influence
from wlogit.plots.paths import cross_validation, path
from wlogit.plots.weighing import weights

__all__ = [
    "coefficients",
    "confusion",
    "cross_validation",
    "decision_boundary",
    "fitted_curve",
    "influence",
    "odds_ratios",
    "path",
    "weights",
]
