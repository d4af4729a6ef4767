"""What the weights and the columns of a fit do to it, for the registry of statistics."""

import numpy as np

from tests.laws.statistic import COVARIANCES, Statistic, negated

# A path has class weights of its own.
CLASSES = frozenset({"class"})
# The fit it is compared with depends on which weights are class weights.
COMPARED = frozenset({"weighted", "class"})


def weighting():
    yield Statistic("collinearity vif", lambda fit: fit.results.collinearity().vif, "coefficient")
    yield Statistic("collinearity condition number", _condition, "coefficient")
    yield Statistic("collinearity terms", _terms, tags=frozenset({"formula"}))
    yield Statistic("weighting_test", _test, tags=COMPARED)
    yield Statistic("weighting_test [CR1S]", _clustered_test, tags=COMPARED | {"own scheme"})
    yield Statistic("weighting_test z", _differences, "coefficient", flip=negated, tags=COMPARED)
    yield Statistic("weighting_report effects", _effects, "coefficient")
    yield Statistic("weighting_report efficiency", _efficiency, "coefficient", tags=COMPARED)
    yield Statistic("weighting_report classes", _classes, flip=_upside_down, tags=COMPARED)
    yield Statistic("sensitivity slopes", _path, "coefficient", flip=_turned, tags=CLASSES)
    yield Statistic("sensitivity mean", _mean_on_path, flip=_other_share, tags=CLASSES)


def _condition(fit):
    return fit.results.collinearity().condition_number


def _terms(fit):
    return fit.results.collinearity().terms


def _test(fit):
    test = fit.results.weighting_test()
    return [test.statistic, test.df, test.pvalue]


def _clustered_test(fit):
    test = fit.under(COVARIANCES["CR1S"]).weighting_test()
    return [test.statistic, test.df, test.pvalue]


def _differences(fit):
    differences = fit.results.weighting_test().differences
    return differences["t" if "t" in differences else "z"]


def _effects(fit):
    return fit.results.weighting_report().frame["misspecification_effect"]


def _efficiency(fit):
    return fit.results.weighting_report().frame["relative_efficiency"].to_numpy()[-2:]


def _classes(fit):
    return fit.results.weighting_report().classes[["cases", "share", "effective_size"]]


def _upside_down(table):
    return np.asarray(table)[::-1]


def _on_path(fit):
    ratio = 0.4 if fit.study.flipped else 2.5
    frame = fit.results.sensitivity(ratios=[ratio]).frame
    return frame.set_index("name")[["estimate", "se", "ci_lower", "ci_upper"]]


def _path(fit):
    return _on_path(fit).loc[["x1", "x2"]]


def _turned(table):
    estimate, error, low, high = np.asarray(table).T
    return np.column_stack([-estimate, error, -high, -low])


def _mean_on_path(fit):
    names = _on_path(fit)
    mean = "mean calibrated prediction"
    # Without a constant class weights cannot be taken out.
    return names.loc[mean] if mean in names.index else np.array([0.5, 0.0, 0.5, 0.5])


def _other_share(row):
    estimate, error, low, high = row
    return np.array([1.0 - estimate, error, 1.0 - high, 1.0 - low])
