"""The registry is complete, and asks for numbers."""

import inspect

import numpy as np
import pytest

from tests.laws import prediction_statistics, statistics_registry
from tests.laws.comparison import applies
from tests.laws.statistics_registry import STATISTICS
from tests.laws.studies import KINDS, make
from wlogit.covariance.registry import KEYWORDS
from wlogit.inference import criteria, goodness

# A variance can be negative when several groupings are combined.
INDEFINITE = "two-way"


@pytest.mark.parametrize("name", KINDS)
def test_every_statistic_is_finite(name):
    fit = make(KINDS[name], seed=131).fit()
    wrong = {}
    for statistic in STATISTICS.values():
        if not applies(statistic, fit) or INDEFINITE in statistic.name:
            continue
        value = statistic(fit)
        if isinstance(value, Exception) or not np.isfinite(value).all() or value.dtype.kind != "f":
            wrong[statistic.name] = value
    assert not wrong


def test_every_estimator_and_option_is_there():
    named = " ".join(STATISTICS)
    # Those of designs and of refits have laws of their own: test_survey.py, unit/replicates.
    for cov_type in set(KEYWORDS) - {"cluster", "survey", "replicate", "bootstrap"}:
        assert f"cov_params [{cov_type}]" in named, cov_type
    for kind in ("CR0", "CR1", "CR1S"):
        assert f"cov_params [{kind}, fixed, case-control]" in named
        assert f"cov_params [two-way {kind}]" in named
    for kind in goodness.PseudoRSquared.__args__:
        assert f"pseudo_rsquared {kind}" in named
    for criterion in criteria.Criterion.__args__:
        assert criterion in named


def test_every_public_member_of_the_results_is_there():
    """A new statistic needs its laws: add it to the registry, or say here why not."""
    results = make(KINDS["none"]).fit().results._results
    members = {name for name in dir(results) if not name.startswith("_")}
    source = "".join(map(inspect.getsource, (statistics_registry, prediction_statistics)))
    missing = {name for name in members - ACCOUNTED if name not in source}
    assert not missing, sorted(missing)


ACCOUNTED = {
    # what the fit was, not what it found
    *("model", "weights", "fit_record", "covariance", "request", "log_likelihoods", "labels"),
    *("cov_type", "cov_kwds", "method", "mle_retvals", "mle_settings", "scale", "kept_notes"),
    *("df_resid_inference", "cov_params_default", "normalized_cov_params"),
    *("maximized", "has_free_constant"),
    # the same numbers, arranged; or another results object
    *("summary", "summary2", "initialize", "load", "save", "remove_data", "get_distribution"),
    *("to_dict", "to_json", "report"),
    # in margin_statistics.py
    *("get_margeff", "predictions_at", "calibrated"),
    # in table_statistics.py
    *("tidy", "glance", "augment"),
    # in classification_statistics.py
    *("auc", "roc", "precision_recall", "classification_report", "choose_threshold", "brier"),
    *("log_loss", "calibration", "gof_test", "link_test", "map_threshold", "evaluate"),
    "recalibrate",
    # in hypothesis_statistics.py
    *("lr_test", "anova", "nonlinear_test", "delta_method", "adjusted_pvalues"),
    # in profile_statistics.py
    *("profile", "tic", "daic", "dbic"),
    # in weighting_statistics.py
    *("collinearity", "weighting_test", "weighting_report", "sensitivity"),
    *("set_null_options", "res_null", "with_covariance", "t_test_pairwise", "bootstrap"),
}
