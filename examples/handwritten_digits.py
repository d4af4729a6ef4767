"""
Handwritten digits
==================

Ten labels: 1,797 images of 8 x 8 pixels, which a tutorial classifies by ten logistic regressions
of one digit against the rest. Here are its numbers, then one multinomial model in place of the ten,
and what a test set of 360 images can and cannot say about either.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.datasets import load_digits
from sklearn.metrics import classification_report, confusion_matrix, log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import wlogit.formula.api as wsmf
from wlogit.sklearn import WeightedLogitClassifier

# %%
# One digit against the rest
# --------------------------
# A fifth of the images is held back, and pixels are standardized by the others.
images, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(images, y, test_size=0.2, random_state=0)
scaler = StandardScaler()
x_train = scaler.fit_transform(x_train)
x_test = scaler.transform(x_test)

# %%
# scikit-learn's "liblinear" with `C=0.05` penalises the intercepts too.
alpha = 1 / (0.05 * len(y_train))
ovr = WeightedLogitClassifier(alpha=alpha, penalize_intercept=True, multi_class="ovr")
ovr.fit(x_train, y_train)
y_pred = ovr.predict(x_test)
print(ovr.score(x_train, y_train))
print(ovr.score(x_test, y_test))

# %%
cm = confusion_matrix(y_test, y_pred)
print(cm)


def heat_map(cm, title):
    """Counts of images by digit and prediction; shades are shares of the digit."""
    _, ax = plt.subplots(figsize=(4.6, 4.6), layout="constrained", dpi=150)
    ax.imshow(cm / cm.sum(axis=1, keepdims=True), cmap="Blues", vmin=0.0, vmax=1.0)
    ax.set(xlabel="Predicted digit", ylabel="Digit", title=title)
    ax.set_xticks(range(10))
    ax.set_yticks(range(10))
    ax.spines[:].set_visible(False)
    for (row, column), count in np.ndenumerate(cm):
        look = {"color": "white" if row == column else "black" if count else "0.75"}
        ax.text(column, row, count, ha="center", va="center", fontsize="small", **look)


heat_map(cm, "One against the rest")

# %%
print(classification_report(y_test, y_pred))

# %%
# How well is it known?
# ---------------------
# 339 of 360 are right. Of images to come, by Wilson's interval:


def share(right):
    """Share that is right, with its interval."""
    interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return f"{right.mean():.3f}, {interval.low:.3f} to {interval.high:.3f}"


print(share(y_pred == y_test))

# %%
# `results_` has the fit of every digit. How well each tells its digit from the rest, on the images
# held back (DeLong's intervals):
design = np.column_stack([np.ones(len(x_test)), x_test])
areas = {}
for digit, results in ovr.results_.items():
    labels = [results.labels[int(observed == digit)] for observed in y_test]
    area = results.evaluate(design, labels).auc()
    areas[digit] = {"AUC": area.auc, "from": area.ci[0], "to": area.ci[1]}
print(pd.DataFrame(areas).T.round(4))

# %%
# Which pixels make an eight?
# ---------------------------
# Penalised coefficients have no valid standard errors, and none are given. A lasso can be
# debiased: then each pixel has an estimate with a test, whether it was selected or not. Framed are
# the pixels that stay after Holm's correction for all 64.
lasso = WeightedLogitClassifier(alpha=0.01, L1_wt=1.0).fit(x_train, y_train == 8)
debiased = lasso.results_.debiased()
pixels = debiased.table.iloc[1:]
print(pixels.dropna().sort_values("p").head(6).round(4))
z = pixels["z"].to_numpy().reshape(8, 8)
held = pixels["p (Holm)"].to_numpy().reshape(8, 8) < 0.05
_, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), layout="constrained", dpi=150)
axes[0].imshow(images[y == 8].mean(axis=0).reshape(8, 8), cmap="Greys")
axes[0].set_title("Mean eight")
picture = axes[1].imshow(z, cmap="PuOr", vmin=-6, vmax=6)
axes[1].set_title("z of each pixel")
for row, column in np.argwhere(held):
    axes[1].add_patch(plt.Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False))
for ax in axes:
    ax.set_axis_off()
colorbar = plt.colorbar(picture, ax=axes[1], shrink=0.8)

# %%
# All digits in one model
# -----------------------
# The multinomial logit has one likelihood for all labels, and probabilities that sum to one without
# being made to. Under the same penalty (scikit-learn's `LogisticRegression(C=0.05)`):
multinomial = WeightedLogitClassifier(alpha=alpha).fit(x_train, y_train)
m_pred = multinomial.predict(x_test)
print(multinomial.score(x_train, y_train))
print(multinomial.score(x_test, y_test), "of images to come:", share(m_pred == y_test))
heat_map(confusion_matrix(y_test, m_pred), "Multinomial")

# %%
# It is right seven times more in 360. Only images on which the two disagree can tell them apart
# (McNemar's exact test):
only_m = int(((m_pred == y_test) & (y_pred != y_test)).sum())
only_ovr = int(((y_pred == y_test) & (m_pred != y_test)).sum())
test = binomtest(only_m, only_m + only_ovr)
print(f"only multinomial right: {only_m}, only one-vs-rest: {only_ovr}, p = {test.pvalue:.3f}")

# %%
# Its probabilities are another matter: the log loss is little more than a third.
for name, model in (("one-vs-rest", ovr), ("multinomial", multinomial)):
    print(f"{name}: {log_loss(y_test, model.predict_proba(x_test)):.3f}")

# %%
# A model to read
# ---------------
# Sixty-four pixels predict; they do not explain. What tells 3, 5 and 8 apart may be where there is
# ink at the sides: in tenths of black, in three fields of the image. With so few variables there
# is no need of a penalty, and `WeightedMNLogit` has standard errors, tests and effects.
gray = images.reshape(-1, 8, 8) / 1.6
fields = pd.DataFrame(
    {
        "digit": y,
        "upper_left": gray[:, 2:4, :3].mean(axis=(1, 2)),
        "lower_left": gray[:, 4:7, :3].mean(axis=(1, 2)),
        "upper_right": gray[:, 2:4, 5:].mean(axis=(1, 2)),
    }
)
three = fields[fields["digit"].isin([3, 5, 8])]
formula = "digit ~ upper_left + lower_left + upper_right"
few = wsmf.weighted_mnlogit(formula, three).fit(disp=False)
print(few.summary())
print(few.wald_test_terms())
print(few.pred_table())

# %%
# Average effects of a tenth more black on the probability of each digit, with intervals. Ink at the
# upper left speaks for a five and against a three, at the lower left for an eight.
effects = few.get_margeff().summary_frame().iloc[:, [0, 1, 4, 5]]
effects.columns = ["effect", "se", "from", "to"]
print(effects.round(3))
_, ax = plt.subplots(figsize=(4.6, 3.0), layout="constrained", dpi=150)
for place, (label, of_label) in enumerate(effects.groupby(level=0)):
    at = np.arange(len(of_label)) + 0.2 * (place - 1)
    errors = [of_label["effect"] - of_label["from"], of_label["to"] - of_label["effect"]]
    ax.errorbar(of_label["effect"], at, xerr=errors, fmt="o^s"[place], markersize=4, label=label)
ax.axvline(0.0, color="0.7", linewidth=0.8, zorder=0)
ax.set_yticks(range(3), ["upper left", "lower left", "upper right"])
ax.set_xlabel("Change of the probability for a tenth more black")
legend = ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
