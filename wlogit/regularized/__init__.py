"""Penalised fits: lasso, ridge and elastic net."""
