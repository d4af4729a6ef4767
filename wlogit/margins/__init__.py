"""Marginal effects and average predictions of a fit."""
