"""Every figure of every sort of fit: it draws, or the fit says why it cannot."""

import pickle
from functools import cache

import numpy as np
import pytest

import wlogit.formula.api as wsmf
import wlogit.plots
from tests.unit.plots.fits import covering
from wlogit import NotAvailableError
from wlogit.datasets import load_endometrial, load_mid

FORMULA = "conflict ~ contig + years + power"
QUIET = "ignore::wlogit.errors.ConvergenceWarning"


@cache
def data():
    frame = load_mid().sample(300, random_state=1)
    frame["g"] = np.tile(["a", "b", "c"], 100)
    frame["dup"] = 2.0 * frame["years"]
    frame["power"] = frame["power"].where(np.arange(300) % 20 > 0)
    frame["sometimes"] = np.arange(300) % 3
    return frame


def model(formula=FORMULA, **options):
    return wsmf.weighted_logit(formula, data(), **options)


MAKERS = {
    "aliased": lambda: model(f"{FORMULA} + dup", aliased="drop").fit(disp=False),
    "no constant": lambda: model("conflict ~ 0 + years + power").fit(disp=False),
    "implicit constant": lambda: model(
        "conflict ~ 0 + C(g) + years + power", class_weight="balanced"
    ).fit(disp=False),
    "subset": lambda: model(subset=data()["years"] < 30).fit(disp=False),
    "rows of zero weight": lambda: model(sampling_weights="sometimes").fit(disp=False),
    "clusters, t": lambda: model(class_weight="balanced").fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": "g"}, use_t=True
    ),
    "spline": lambda: model("conflict ~ bs(years, df=4) + np.log1p(power)").fit(disp=False),
    "pickled": lambda: pickle.loads(
        pickle.dumps(model(class_weight="balanced").fit(disp=False)._results)
    ),
    "constrained": lambda: model(class_weight="balanced").fit_constrained(
        "years = -0.1", disp=False
    ),
    "bias reduced": lambda: model(class_weight="balanced").fit_bias_reduced(disp=False),
    "separated": lambda: wsmf.weighted_logit("HG ~ NV + PI + EH", load_endometrial()).fit(
        disp=False
    ),
    "unfinished": lambda: model().fit(disp=False, maxiter=1),
}
FIGURES = {
    "coefficients": lambda r, pair: wlogit.plots.coefficients(r),
    "odds_ratios": lambda r, pair: wlogit.plots.odds_ratios(r),
    "effects": lambda r, pair: wlogit.plots.margins(r.get_margeff()),
    "levels": lambda r, pair: wlogit.plots.margins(r.predictions_at({pair[0]: [0, 1, 2]})),
    "fitted_curve": lambda r, pair: wlogit.plots.fitted_curve(r, pair[0], threshold=0.5),
    "average curve": lambda r, pair: wlogit.plots.fitted_curve(r, pair[0], others="observed"),
    "decision_boundary": wlogit.plots.decision_boundary,
    "roc": lambda r, pair: wlogit.plots.roc(r, threshold=0.5),
    "precision_recall": lambda r, pair: wlogit.plots.precision_recall(r, threshold=0.5),
    "confusion": lambda r, pair: wlogit.plots.confusion(r),
    "calibration": lambda r, pair: wlogit.plots.calibration(r),
    "influence": lambda r, pair: wlogit.plots.influence(r),
    "weights": lambda r, _: wlogit.plots.weights(r),
    "sensitivity": lambda r, pair: wlogit.plots.sensitivity(r, names=pair[0]),
}
REFUSED = {
    "constrained": {"influence", "sensitivity"},
    "bias reduced": {"influence", "sensitivity"},
    "separated": {"influence", "sensitivity"},
    "unfinished": {"influence", "sensitivity"},
    # A spline is no column of the path.
    "spline": {"sensitivity"},
}


@cache
def made(sort):
    return MAKERS[sort]()


@pytest.mark.filterwarnings(
    QUIET,
    "ignore::wlogit.errors.SeparationWarning",
    "ignore::wlogit.errors.InferenceWarning",
)
@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("sort", MAKERS)
def test_it_draws_or_says_why_not(sort, figure):
    pair = ["EH", "PI"] if sort == "separated" else ["years", "power"]
    results = made(sort)
    if figure in REFUSED.get(sort, ()):
        with pytest.raises((NotAvailableError, ValueError)):
            FIGURES[figure](results, pair)
        return
    assert covering(FIGURES[figure](results, pair)) == []


@pytest.mark.parametrize("figure", sorted(set(FIGURES) - {"coefficients", "odds_ratios"}))
def test_without_its_data_a_fit_says_so(figure):
    results = model().fit(disp=False)
    results.remove_data()
    with pytest.raises(NotAvailableError, match="data of this fit were removed"):
        FIGURES[figure](results, ["years", "power"])
    assert wlogit.plots.coefficients(results).get_xlabel() == "Coefficient, 95% interval"
