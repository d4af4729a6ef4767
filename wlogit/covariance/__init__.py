"""Var(params) from scores, bread and weights; knows nothing of models."""
