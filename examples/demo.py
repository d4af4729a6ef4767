"""
Three fits of one case-control sample
=====================================

Militarized disputes between states (King and Zeng 2001): 1,042 disputes and a sample of 2,084 of
the 302,730 dyad-years without one. The same logit is fitted with balanced class weights, weighted
to the known population share of disputes, and without weights; the last table shows what the
naive standard errors of the weighted fits would have claimed.
"""

import numpy as np
import pandas as pd

import wlogit.formula.api as wsmf
from wlogit.datasets import load_mid

FORMULA = "conflict ~ major + contig + power + maxdem + mindem + years"
disputes = load_mid()

# %%
# "Balanced" class weights, as scikit-learn computes them.
balanced = wsmf.weighted_logit(FORMULA, data=disputes, class_weight="balanced").fit(disp=False)
print(balanced.summary())

# %%
# Weights to the known share of disputes in the population.
population = wsmf.weighted_logit(FORMULA, data=disputes, prevalence=1042 / 303772).fit(disp=False)
print(population.summary())

# %%
# No weights: slopes as in the population if the model is right, intercept on the sample's scale.
unweighted = wsmf.weighted_logit(FORMULA, data=disputes).fit(disp=False)
print(unweighted.summary())

# %%
# What the inverse weighted Hessian, which other tools print, would have claimed.


def errors(results, name):
    """Valid and naive standard errors of a weighted fit, side by side."""
    naive = np.sqrt(np.diag(results.cov_nonrobust))
    ratio = naive / results.bse
    return pd.DataFrame({"valid": results.bse, "naive": naive, "naive / valid": ratio}).add_prefix(
        f"{name}: "
    )


table = pd.concat([errors(balanced, "balanced"), errors(population, "prevalence")], axis=1)
print("\nStandard errors: valid, and what a naive fit would have claimed")
print(table.round(3).to_string())
