"""Figures: every function takes results and a matplotlib Axes, and returns the Axes."""

from wlogit.plots.boundary import decision_boundary
from wlogit.plots.curve import fitted_curve
from wlogit.plots.effects import margins
from wlogit.plots.forest import coefficients, odds_ratios
from wlogit.plots.heatmap import confusion
from wlogit.plots.leverage import influence
from wlogit.plots.paths import cross_validation, path
from wlogit.plots.profile import profile
from wlogit.plots.receiver import precision_recall, roc
from wlogit.plots.reliability import calibration
from wlogit.plots.sensitivities import sensitivity
from wlogit.plots.weighing import weights

__all__ = [
    "calibration",
    "coefficients",
    "confusion",
    "cross_validation",
    "decision_boundary",
    "fitted_curve",
    "influence",
    "margins",
    "odds_ratios",
    "path",
    "precision_recall",
    "profile",
    "roc",
    "sensitivity",
    "weights",
]
