"""
Effects, and what the weights do
================================

What a variable does to the probability of a dispute, in the population from which the disputes and
a sample of quiet dyad-years were taken; and what the weights that bring the sample to that
population cost and change. Data: King and Zeng (2001).
"""

import numpy as np

import wlogit.formula.api as wsmf
from wlogit import plots
from wlogit.datasets import MID_PREVALENCE, load_mid

disputes = load_mid()
formula = "conflict ~ major + contig * years + power + maxdem + mindem"
results = wsmf.weighted_logit(formula, data=disputes, prevalence=MID_PREVALENCE).fit(disp=False)

# %%
# Average effects of the variables through every term that they are in: slopes of numbers, and the
# change from 0 to 1 of indicators.
effects = results.get_margeff(variables="all")
print(effects.summary_frame().round(5))
ax = plots.margins(effects)

# %%
# Average predictions at levels: with every dyad-year given the same years of peace, next to each
# other or not.
ax = plots.margins(results.predictions_at({"years": [0, 5, 10, 20, 30], "contig": None}))

# %%
# What a number of years does, as a curve.
ax = plots.margins(results.predictions_at({"years": np.arange(0, 41, 2), "major": None}))

# %%
# The weights themselves: every quiet dyad-year stands for hundreds of others, and the sample is
# worth no more than its disputes and these few.
ax = plots.weights(results)

# %%
# With sampling weights that differ from case to case.
rng = np.random.default_rng(1)
sampled = disputes.assign(weight=rng.lognormal(sigma=0.8, size=len(disputes)))
model = wsmf.weighted_logit("conflict ~ contig + years", data=sampled, sampling_weights="weight")
ax = plots.weights(model.fit(disp=False))

# %%
# Were the population's share of disputes another, or had the classes been weighted otherwise, the
# coefficients would move: by no more than chance if the model is right.
path = results.sensitivity(prevalences=(MID_PREVALENCE, 0.3))
ax = plots.sensitivity(path, names=["major", "power"])

# %%
# All coefficients on one scale: how many of their standard errors they move.
ax = plots.sensitivity(path, unit="se")
