"""What small results show when they are displayed: a line or a table with their numbers."""

import pytest

import wlogit
import wlogit.formula.api as wsmf
from wlogit.datasets import load_mid

FORMULA = "conflict ~ contig + years + power"


@pytest.fixture(scope="module")
def results():
    return wsmf.weighted_logit(FORMULA, load_mid(), class_weight="balanced").fit(disp=False)


@pytest.fixture(scope="module")
def likelihood():
    return wsmf.weighted_logit(FORMULA, load_mid()).fit(disp=False)


SHOWN = {
    "auc": lambda r, u: (r.auc(), r.auc().auc),
    "two areas": lambda r, u: (r.auc().compare(u.auc()), r.auc().compare(u.auc()).difference),
    "roc": lambda r, u: (r.roc(), r.roc().auc.se),
    "precision-recall": lambda r, u: (
        r.precision_recall(),
        float(r.precision_recall().average_precision),
    ),
    "report": lambda r, u: (r.classification_report(), r.classification_report()["kappa"]),
    "threshold": lambda r, u: (r.choose_threshold(), r.choose_threshold().calibrated),
    "brier": lambda r, u: (r.brier(), float(r.brier())),
    "calibration": lambda r, u: (r.calibration(), r.calibration().slope.value),
    "slope": lambda r, u: (r.calibration().slope, r.calibration().slope.ci[1]),
    "link test": lambda r, u: (r.link_test(), r.link_test().statistic),
    "likelihood ratio": lambda r, u: (r.llr_test, r.llr),
    "Hosmer-Lemeshow": lambda r, u: (u.gof_test(), u.gof_test().statistic),
    "weighting test": lambda r, u: (r.weighting_test(), r.weighting_test().statistic),
    "weighting report": lambda r, u: (r.weighting_report(), r.weighting_report().design_effect),
    "collinearity": lambda r, u: (r.collinearity(), r.collinearity().condition_number),
    "influence": lambda r, u: (
        r.get_influence(),
        r.get_influence().summary_frame()["cooks_d"].iloc[0],
    ),
    "influence of cases": lambda r, u: (
        u.get_influence("case"),
        u.get_influence("case").hat_matrix_diag[3],
    ),
    "predictions": lambda r, u: (r.get_prediction(), r.get_prediction().se[2]),
    "linear": lambda r, u: (
        r.get_prediction(which="linear"),
        r.get_prediction(which="linear").predicted[0],
    ),
    "mean prediction": lambda r, u: (
        r.get_prediction(average=True),
        float(r.get_prediction(average=True).predicted[0]),
    ),
    "sensitivity": lambda r, u: (r.sensitivity(ratios=[1.0, 2.0]), 2.0),
    "audit": lambda r, u: (wlogit.audit(stock(), meaning="frequency"), 3126),
}


def stock():
    import statsmodels.formula.api as smf

    return smf.logit(FORMULA, load_mid()).fit(disp=False)


@pytest.mark.parametrize("name", SHOWN)
def test_a_small_result_shows_its_numbers_and_no_code(results, likelihood, name):
    shown, value = SHOWN[name](results, likelihood)
    text = repr(shown)
    assert text == str(shown)
    assert f"{value:.4g}" in text or f"{value:.3g}" in text
    assert not any(code in text for code in ("array(", "dataclass", "object at", "=None"))
    assert len(text) < 3000
    assert max(map(len, text.splitlines())) < 250


def test_long_tables_begin_and_say_how_long_they_are(results):
    for shown in (results.get_influence(), results.get_prediction()):
        assert str(shown).splitlines()[-1] == "(5 of 3,126 rows: see summary_frame())"
    short = str(results.get_prediction(load_mid().head(5)))
    assert "rows" not in short
    assert len(short.splitlines()) == 6
