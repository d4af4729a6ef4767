"""Law 2: only the ratios of sampling and class weights matter.

Every statistic says by which power of c it is multiplied under v -> c v. Those with a power other
than zero are the exceptions of the law, and those of which only the sums are: `weights.total`,
`pred_table(weighted=True)`.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.statistics_registry import STATISTICS
from tests.laws.studies import EXAMPLES, KINDS, Kind, make, studies
from tests.laws.transformations import scaled

# statistics.md 16, law 2: what may depend on the unit of the weights.
EXEMPT = (
    *("llf", "llnull", "constrained llf", "cov_nonrobust", "resid_pearson", "resid_dev"),
    *("info_criteria aic_naive", "info_criteria bic_naive", "lr_test naive"),
    # l, U, A at given coefficients
    *("loglike", "loglikeobs", "score", "score_obs", "hessian", "information"),
    # residuals, and changes in units of a model-based error
    *("resid_studentized", "dfbetas", "cooks_distance"),
    # sums of the weights, and the class weights as given
    *("weights.total", "weights.class_weights", "pred_table of weights"),
)


def test_the_exceptions_are_those_of_the_law():
    depend = {name for name, statistic in STATISTICS.items() if statistic.unit != 0.0}
    assert {name for name in depend if "[nonrobust]" not in name} == set(EXEMPT)


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_the_unit_of_the_weights_does_not_matter(name, data):
    study, _ = scaled(data.draw(studies(KINDS[name])), 1.0)
    c = 10.0 ** data.draw(st.floats(-12.0, 12.0))
    other, options = scaled(study, c)
    assert_same(study.fit(), other.fit(), rtol=1e-10, **options)


@pytest.mark.parametrize("c", [1e-200, 1e200])
@pytest.mark.parametrize("classes", [None, "balanced", "prevalence"])
def test_nor_do_extreme_units(c, classes):
    study = make(Kind(frequency=True, sampling=True, classes=classes), seed=11)
    other, options = scaled(study, c)
    assert_same(study.fit(), other.fit(), rtol=1e-10, **options)


@pytest.mark.parametrize(
    "name", [name for name, kind in KINDS.items() if kind.classes == "mapping"]
)
@EXAMPLES
@given(data=st.data())
def test_the_unit_of_class_weights_does_not_matter(name, data):
    study = data.draw(studies(KINDS[name]))
    c = 10.0 ** data.draw(st.floats(-12.0, 12.0))
    mapping = {label: c * weight for label, weight in study.options["class_weight"].items()}
    left, right = study.fit(), study.given(class_weight=mapping).fit()

    def expected(statistic, value):
        if statistic.name == "weights.class_weights":
            return c * value
        # Class weights never enter the averaging mass.
        unit = 0.0 if statistic.name == "pred_table of weights" else statistic.unit
        return None if unit is None else value * c**unit

    assert_same(left, right, rtol=1e-10, expected=expected)


@pytest.mark.parametrize("name", KINDS)
def test_a_power_of_two_changes_no_digit(name):
    """Of the estimate, its likelihood and the information; sandwiches may round."""
    study, _ = scaled(make(KINDS[name], seed=13), 1.0)
    left, right = study.fit().results, scaled(study, 2.0**-38)[0].fit().results
    np.testing.assert_array_equal(right.params, left.params)
    np.testing.assert_array_equal(right.llf * 2.0**38, left.llf)
    np.testing.assert_array_equal(right.cov_nonrobust * 2.0**-38, left.cov_nonrobust)
    for kind in ("HC0", "HC3"):
        before, after = (getattr(results, f"cov_{kind}") for results in (left, right))
        np.testing.assert_allclose(after, before, rtol=1e-12)


def test_the_naive_criteria_are_those_of_the_weights_as_given():
    results = make(KINDS["frequency x sampling x balanced"], seed=13).fit().results
    k = len(results.params)
    np.testing.assert_allclose(results.info_criteria("aic_naive"), -2.0 * results.llf + 2.0 * k)
    penalty = k * np.log(results.nobs)
    np.testing.assert_allclose(results.info_criteria("bic_naive"), -2.0 * results.llf + penalty)


def test_a_constant_sampling_weight_is_none_but_for_being_a_pseudo_likelihood():
    study = make(Kind(), seed=17)
    plain = study.fit().results.with_covariance("HC3")
    weighted = study.of(study.frame.assign(sampling=3.7)).given(sampling_weights="sampling")
    found = weighted.fit().results
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-12)
    np.testing.assert_allclose(found.bse, plain.bse, rtol=1e-12)
    assert found.cov_type == "HC3"
