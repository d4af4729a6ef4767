"""
Logistic regression in Python, with inference
=============================================

Two examples of ten points each, from a tutorial that fits them with scikit-learn and with
statsmodels. Here are its numbers, from one package, and what they leave open: one of the two has no
maximum-likelihood estimate, and ten points say little about either.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix

from wlogit import WeightedLogit, plots
from wlogit.sklearn import WeightedLogitClassifier

# %%
# The first example
# -----------------
x = np.arange(10).reshape(-1, 1)
y = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])

# %%
# scikit-learn penalises by default, with `C=1`, and its solver "liblinear" penalises the intercept
# like a slope. wlogit penalises when asked to: `alpha` is `1 / (C n)`.


def classifier(C):
    """What LogisticRegression(solver="liblinear", C=C) fits to ten points."""
    return WeightedLogitClassifier(alpha=1 / (C * len(x)), penalize_intercept=True)


model = classifier(C=1).fit(x, y)
print(model.classes_, model.intercept_, model.coef_)
print(model.predict_proba(x))
print(model.predict(x), model.score(x, y))
print(confusion_matrix(y, model.predict(x)))
print(classification_report(y, model.predict(x)))

# %%
# The tutorial prints an intercept of -1.04608067 and a slope of 0.51491375: liblinear stops when it
# is near. Asked for more, it finds the optimum above.
for tol in (1e-4, 1e-10):
    theirs = LogisticRegression(solver="liblinear", C=1.0, tol=tol).fit(x, y)
    print(f"tol={tol:g}:", theirs.intercept_, theirs.coef_)

# %%
# The figure of the tutorial: cases in green, the one that is predicted wrongly as a red cross, the
# probability as a full line with its values at the cases, and the linear predictor as a dashed one.


def draw(model, y, ax, title):
    """Cases, probabilities and linear predictor."""
    across = np.linspace(-0.3, 9.3, 200).reshape(-1, 1)
    ax.plot(across, model.decision_function(across), "k--", linewidth=0.9, label="linear predictor")
    ax.plot(across, model.predict_proba(across)[:, 1], "k", linewidth=1.2, label="probability")
    ax.plot(x, model.predict_proba(x)[:, 1], "s", color="0.5", markersize=4)
    right = model.predict(x) == y
    ax.plot(x[right], y[right], "o", color="#009E73", markersize=6, label="predicted rightly")
    ax.plot(x[~right], y[~right], "X", color="#D55E00", markersize=7, label="predicted wrongly")
    ax.axvline(-model.intercept_[0] / model.coef_[0, 0], color="0.7", linewidth=0.8, zorder=0)
    ax.set(xlabel="x", ylabel="y, probability", ylim=(-0.15, 1.15), title=title)


_, ax = plt.subplots(figsize=(4.2, 3.2), layout="constrained", dpi=150)
draw(model, y, ax, "C = 1")
legend = ax.legend(fontsize="x-small", loc="center right", frameon=False)

# %%
ax = plots.confusion(model.results_)

# %%
# Less penalty, and every case is predicted rightly.
weaker = classifier(C=10).fit(x, y)
print(weaker.intercept_, weaker.coef_)
print(weaker.predict_proba(x))
print(weaker.predict(x), weaker.score(x, y))
print(confusion_matrix(y, weaker.predict(x)))
print(classification_report(y, weaker.predict(x)))

# %%
# It could not be otherwise: all zeros lie below all ones. Then the likelihood rises for ever with
# the slope, and the coefficients are what the penalty says, whichever one chooses.
for C in (1, 10, 100, 1000):
    print(f"C = {C}: slope {classifier(C).fit(x, y).coef_[0, 0]:.2f}")
design = pd.DataFrame(sm.add_constant(x), columns=["const", "x"])
separated = WeightedLogit(y, design)
print(separated.check_separation())

# %%
# Firth's estimate is finite without a penalty to choose. Intervals from its profile say how little
# ten points know of the slope; that it is positive they do know.
firth = separated.fit_bias_reduced(disp=False)
print(firth.params.round(3).to_dict())
print(firth.conf_int(method="profile").round(3))
print(firth.penalized_lr_tests().round(4))

# %%
# And nine or ten of ten right: of how many to come?
for name, fit in (("C = 1", model), ("C = 10", weaker)):
    share = fit.results_.classification_report().frame.loc["accuracy"]
    print(f"{name}: {share['value']:.1f}, {share['ci_lower']:.2f} to {share['ci_upper']:.2f}")

# %%
# The second example
# ------------------
# The second case becomes a one, so that no point separates the two.
y = np.array([0, 1, 0, 0, 1, 1, 1, 1, 1, 1])
second = classifier(C=10).fit(x, y)
print("intercept:", second.intercept_)
print("coef:", second.coef_)
print("p_pred:", second.predict_proba(x), sep="\n")
print("y_pred:", second.predict(x))
print("score_:", second.score(x, y))
print("conf_m:", confusion_matrix(y, second.predict(x)), sep="\n")
print("report:", classification_report(y, second.predict(x)), sep="\n")

# %%
_, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained", sharey=True, dpi=150)
draw(weaker, np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1]), axes[0], "First example, C = 10")
draw(second, y, axes[1], "Second example, C = 10")
axes[1].set_ylabel("")
legend = axes[1].legend(fontsize="x-small", loc="center right", frameon=False)

# %%
# The same in the way of statsmodels
# ----------------------------------
# `WeightedLogit` in the place of `Logit`; the numbers are those of statsmodels.
X = sm.add_constant(x)
result = WeightedLogit(y, X).fit(method="newton")
print(result.params)
print(result.predict(X))
print((result.predict(X) >= 0.5).astype(int))
print(result.pred_table())
print(result.summary())
print(result.summary2())

# %%
# The tutorial finds that the two packages differ and puts it down to "different iterative and
# approximate procedures". It is the penalty: without it, the classifier has the same coefficients.
unpenalised = WeightedLogitClassifier().fit(x, y)
print(unpenalised.intercept_, unpenalised.coef_)

# %%
# The curve with its interval, and the two cases on the wrong side of one half.
ax = plots.fitted_curve(result, threshold=0.5)

# %%
# The boundary itself is `-b0 / b1`, and varies as they do (delta method).
b0, b1 = result.params
gradient = np.array([-1 / b1, b0 / b1**2])
error = np.sqrt(gradient @ result.cov_params() @ gradient)
print(f"boundary at x = {-b0 / b1:.2f} ({error:.2f})")
