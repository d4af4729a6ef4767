"""What a search over class weights found, in words, numbers and a figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from wlogit.plots.style import BLUE, GREEN, VERMILLION, axes_of, legend_above, line_handle

MEASURES = (
    "auc",
    *("brier", "brier_calibrated", "log_loss", "log_loss_calibrated"),
    *("mean_probability", "mean_probability_calibrated"),
)


@dataclass(frozen=True, slots=True, eq=False)
class ClassWeightSearch:
    """Class weights with their cross-validated scores; `print` shows all of it.

    Attributes
    ----------
    table : DataFrame
        A row for each class weight: mean, standard deviation over the folds and rank of the score;
        then means over the folds of the AUC, and of Brier score, log loss and mean probability as
        predicted and calibrated.
    best_class_weight : object
        Of the highest score.
    best_estimator : estimator or model
        With these class weights, fitted to all rows (a model is not fitted).
    best_results : WeightedLogitResults or RegularizedResults
        Its results, with inference that is valid under the class weights. It takes them as given:
        that they were chosen is not in the standard errors.
    scoring : str
        Name of the score.
    n_splits : int
        Training and test sets for each class weight.
    share : float
        Share of events among the cases.
    cv_results : mapping
        All that scikit-learn's ``GridSearchCV`` keeps.
    """

    table: pd.DataFrame
    best_class_weight: Any
    best_estimator: Any
    best_results: Any
    scoring: str
    n_splits: int
    share: float
    cv_results: Mapping[str, Any] = field(repr=False)

    @property
    def best_score(self) -> float:
        """Mean of the score under the best class weight."""
        return float(self.table["mean"].iloc[int(np.argmin(self.table["rank"]))])

    @property
    def note(self) -> str:
        """What the choice of class weights changes, with the numbers found."""
        table = self.table
        spread = float(np.nanmean(self.cv_results["std_test_auc"]))
        moves = float(table["auc"].max() - table["auc"].min())
        hardly = moves <= max(spread, 0.005)
        ranking = (
            f"Ranking {'hardly depends' if hardly else 'depends'} on the class weights: AUC "
            f"{_range(table['auc'])}, where folds vary by {spread:.3f}"
        )
        calibration = (
            f"calibration does{'' if hardly else ', too'}: predicted shares of "
            f"{_range(table['mean_probability'])} where {self.share:.3f} is observed, "
            f"Brier score {_range(table['brier'], 4)}"
        )
        return (
            f"{ranking}; {calibration}. Calibrated, the shares are "
            f"{_range(table['mean_probability_calibrated'])} and the Brier score "
            f"{_range(table['brier_calibrated'], 4)}."
        )

    def __str__(self) -> str:
        """The lines of a grid search, the measures side by side, and the note."""
        lines = [f"Best: {self.best_score:f} using {{'class_weight': {self.best_class_weight!r}}}"]
        for mean, std, weight in zip(
            self.table["mean"], self.table["std"], self.table["class_weight"], strict=True
        ):
            lines.append(f"{mean:f} ({std:f}) with: {{'class_weight': {weight!r}}}")
        shown = self.table.drop(columns=["mean", "std", "rank"]).rename(columns=_spoken)
        shown["class weight"] = [repr(weight) for weight in shown["class weight"]]
        return "\n".join(
            [*lines, "", shown.to_string(index=False, float_format="%.4f"), "", fill(self.note, 88)]
        )

    def plot(self, ax: Any = None) -> Any:
        """AUC and Brier score, as predicted and calibrated, against the class weights.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            Of the AUC, with the standard deviation over the folds; the Brier scores have the axis
            on the right.
        """
        ax = axes_of(ax)
        place = np.arange(len(self.table))
        spread = self.cv_results["std_test_auc"]
        ax.errorbar(place, self.table["auc"], spread, color=BLUE, marker="o", **_LOOK)
        ax.set_ylabel("AUC")
        ax.set_xticks(place, [_label(weight) for weight in self.table["class_weight"]])
        ax.set_xlabel("Weight of non-events : events")
        right = ax.twinx()
        for name, color, marker, style in _LOSSES:
            right.plot(place, self.table[name], style, color=color, marker=marker, **_LOOK)
        right.set_ylim(bottom=0.0)
        right.set_ylabel("Brier score")
        right.yaxis.label.set_fontsize(ax.yaxis.label.get_fontsize())
        right.tick_params(labelsize=ax.yaxis.get_ticklabels()[0].get_fontsize())
        for side in ("top", "left", "bottom"):
            right.spines[side].set_visible(False)
        right.spines["right"].set_linewidth(ax.spines["left"].get_linewidth())
        names = ("AUC", "Brier, as predicted", "Brier, calibrated")
        looks = (("-", BLUE, "o"), ("--", VERMILLION, "s"), ("-.", GREEN, "^"))
        handles = [
            line_handle(name, linestyle=style, color=color, marker=marker, markersize=3)
            for name, (style, color, marker) in zip(names, looks, strict=True)
        ]
        legend_above(ax, handles)
        return ax


_LOOK: dict[str, Any] = {"markersize": 3, "linewidth": 1.2}
_LOSSES = (("brier", VERMILLION, "s", "--"), ("brier_calibrated", GREEN, "^", "-."))


def _range(values: Any, digits: int = 3) -> str:
    low, high = f"{np.min(values):.{digits}f}", f"{np.max(values):.{digits}f}"
    return low if low == high else f"{low} to {high}"


def _spoken(column: str) -> str:
    return column.replace("_", " ")


def _label(class_weight: Any) -> str:
    if isinstance(class_weight, Mapping):
        return ":".join(f"{weight:g}" for weight in class_weight.values())
    return "1:1" if class_weight is None else str(class_weight)
