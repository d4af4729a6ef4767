"""Bias reduction: Firth's estimate, the median, the empirical and King and Zeng's."""
