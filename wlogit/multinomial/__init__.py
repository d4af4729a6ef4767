"""Multinomial logit: any number of labels, with class, frequency and sampling weights."""
