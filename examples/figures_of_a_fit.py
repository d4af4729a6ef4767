"""
Figures of a fit
================

A paper needs a handful of figures of a logistic regression: what the coefficients are, what the
model predicts, and how well. These are of militarized disputes between states (King and Zeng 2001),
fitted with balanced class weights. Every probability is at population scale unless it is asked for
on the scale of the class weights, and says which it is.

Every function takes ``ax=`` and returns it; without one it draws on a new figure as wide as a
column of a journal.
"""

import matplotlib.pyplot as plt

import wlogit.formula.api as wsmf
from wlogit import plots
from wlogit.datasets import load_mid

disputes = load_mid()
formula = "conflict ~ major + contig + power + maxdem + mindem + years"
results = wsmf.weighted_logit(formula, data=disputes, class_weight="balanced").fit(disp=False)

# %%
# Coefficients
# ------------
# Odds ratios with the intervals of the covariance in use, and their numbers beside.
ax = plots.odds_ratios(results)

# %%
# Fits side by side: without weights, with balanced class weights, and weighted to the known share
# of disputes in the population, where the model says something else about major powers.
unweighted = wsmf.weighted_logit(formula, data=disputes).fit(disp=False)
population = wsmf.weighted_logit(formula, data=disputes, prevalence=1042 / 303772).fit(disp=False)
ax = plots.coefficients([unweighted, results, population])

# %%
# Where Wald's intervals can be trusted: the signed root of the drop of the likelihood along each
# coefficient, against the straight line that a Wald interval takes it for. Marks are at the limits.
ax = plots.profile(unweighted, names=["major", "contig", "power"])

# %%
# What the model predicts
# -----------------------
# The probability of a dispute by years of peace, between neighbors; the other variables are held at
# their means. Disputes lie along the upper edge and other dyad-years along the lower one.
ax = plots.fitted_curve(results, "years", at={"contig": 1}, threshold=0.5)

# %%
# With a single variable, observed shares can be compared with the curve. Here both are on the scale
# of the class weights, where a classifier's threshold of one half is meant.
single = wsmf.weighted_logit("conflict ~ years", data=disputes, class_weight="balanced")
ax = plots.fitted_curve(single.fit(disp=False), which="mean", data="shares", threshold=0.5)

# %%
# Where the prediction turns, over two variables, again on the scale of the class weights. ``at=``
# holds others; here there are none.
pair = wsmf.weighted_logit("conflict ~ power + years", data=disputes, class_weight="balanced")
ax = plots.decision_boundary(pair.fit(disp=False), which="mean")

# %%
# How well it tells events from the rest
# --------------------------------------
# Areas have DeLong's interval. The fit has seen these cases, so that they flatter it.
contiguity = wsmf.weighted_logit("conflict ~ contig", data=disputes).fit(disp=False)
ax = plots.roc({"all variables": results, "contiguity alone": contiguity}, threshold=0.5)

# %%
# Precision depends on how common events are: in the sample one in three, in the population one in
# three hundred.
ax = plots.precision_recall(results, threshold=0.5)
ax = plots.precision_recall(results, prevalence=1042 / 303772)

# %%
# Cases by observed and predicted class, with shares of the observed class.
ax = plots.confusion(results)

# %%
# How far the probabilities are right
# -----------------------------------
# Observed shares in tenths of the cases, and as a smooth curve, against predicted probabilities.
ax = plots.calibration(results)

# %%
# Which rows matter
# -----------------
# The area of a bubble is Cook's distance; the most influential rows have their label.
ax = plots.influence(results)

# %%
# Several in one figure
# ---------------------
_, axes = plt.subplots(2, 2, figsize=(7.2, 6.4), layout="constrained", dpi=150)
plots.coefficients(results, axes[0, 0])
plots.fitted_curve(results, "years", axes[0, 1])
plots.roc(results, axes[1, 0])
ax = plots.calibration(results, axes[1, 1])
