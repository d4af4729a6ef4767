"""Figures: every function takes results and a matplotlib Axes, and returns the Axes."""

from wlogit.plots.paths import cross_validation, path

__all__ = ["cross_validation", "path"]
