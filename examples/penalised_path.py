"""
The path of a lasso with more columns than rows
===============================================

Four hundred patients with sampling weights and five hundred proteins, of which the first four
matter. The lasso is fitted over a falling penalty, and ten-fold cross-validation chooses one: the
best, and the largest within one standard error of it.
"""

import numpy as np
import pandas as pd

import wlogit.plots
from wlogit import WeightedLogit

rng = np.random.default_rng(7)
names = [f"p{j}" for j in range(1, 501)]
common = rng.normal(size=(400, 1))
proteins = pd.DataFrame(0.5 * common + rng.normal(size=(400, 500)), columns=names)
effects = pd.Series({"p1": 1.0, "p2": -0.9, "p3": 0.8, "p4": -0.7})
eta = proteins[effects.index] @ effects - 1
sick = (rng.random(400) < 1 / (1 + np.exp(-eta))).astype(int).rename("sick")
weight = pd.Series(np.where(rng.random(400) < 0.5, 1.0, 3.0))

exog = pd.concat([pd.Series(1.0, proteins.index, name="const"), proteins], axis=1)
model = WeightedLogit(sick, exog, sampling_weights=weight, aliased="keep")
path = model.fit_regularized_path(n_alphas=40, alpha_min_ratio=0.1, standardize=True, cv=10, seed=1)
print(path)

# %%
# Coefficients against the penalty, which falls to the right: the proteins that matter come first
# and stay largest. Only the largest have a name and a color.
ax = wlogit.plots.path(path, max_labels=8)

# %%
# Held-out deviance, with one standard error on either side. The path overfits where the fits go on
# explaining the data at hand.
ax = wlogit.plots.cross_validation(path)
