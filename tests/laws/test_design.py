"""Law 7: an invertible map of the columns maps the coefficients and nothing else."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.comparison import assert_same
from tests.laws.statistics_registry import STATISTICS
from tests.laws.studies import DESIGNS, EXAMPLES, KINDS, SOME, make, studies
from tests.laws.transformations import as_array, rebased
from wlogit import WeightedLogit


def mixing(study, seed):
    """A well-conditioned matrix that hides the constant among the columns."""
    k = study.design.shape[1]
    noise = np.random.default_rng(seed).normal(size=(k, k))
    return np.linalg.qr(noise)[0] * np.linspace(0.5, 2.0, k)


@pytest.mark.parametrize("name", KINDS)
@EXAMPLES
@given(data=st.data())
def test_an_invertible_map_of_the_columns(name, data):
    study = as_array(data.draw(studies(KINDS[name])))
    other, options = rebased(study, mixing(study, data.draw(st.integers(0, 99))))
    assert_same(study.fit(), other.fit(), **options)


@pytest.mark.parametrize("name", SOME)
def test_the_origin_and_unit_of_covariates_do_not_matter(name):
    study = as_array(make(KINDS[name], seed=66, offset=True))
    basis = np.eye(study.design.shape[1])
    for column, origin, unit in ((-2, 700.0, 3e-6), (-1, -40.0, 2e5)):
        basis[:, column] *= unit
        basis[0, column] = origin * unit
    other, options = rebased(study, basis)
    # Digits that the data do not hold once they are far from the origin.
    assert_same(study.fit(), other.fit(), rtol=1e-7, **options)


@pytest.mark.parametrize("name", SOME)
def test_a_cubic_in_the_year_is_a_cubic_in_the_years_since(name):
    """Columns that are nearly collinear: a wrong digit of a product would be squared."""
    study = make(KINDS[name], seed=68, n=80, offset=True)
    frame = study.frame.assign(t=(study.frame["id"] * 7) % 31 - 15.0)
    since = as_array(replace(study, frame=frame, right="t + I(t**2) + I(t**3)"))
    # (1, s, s^2, s^3) = (1, t, t^2, t^3) @ basis, with s = 2005 + t; all exact.
    basis = np.zeros((4, 4))
    for power in range(4):
        for k in range(power + 1):
            basis[k, power] = comb(power, k) * 2005.0 ** (power - k)
    left, right = since.fit(), replace(since, basis=basis).fit()
    names = ("llf", "llnull", "llr_pvalue", "aic", "bic")
    names += ("info_criteria tic", "fittedvalues", "resid_pearson", "score_test [HC3]")
    for statistic in (STATISTICS[name] for name in names):
        expected, found = statistic(left), statistic(right)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8, err_msg=statistic.name)
    for kind in ("nonrobust", "HC0", "HC3", "CR1S"):
        expected, found = (STATISTICS[f"cov_params [{kind}]"](fit)[-1, -1] for fit in (left, right))
        np.testing.assert_allclose(found, expected, rtol=1e-6, err_msg=kind)


@pytest.mark.parametrize("name", KINDS)
def test_a_power_of_two_in_a_column_changes_no_digit(name):
    study = as_array(make(KINDS[name], seed=67))
    units = np.exp2(np.resize([0, -21, 13, 5, -4], study.design.shape[1]))
    left = study.fit().results
    right = rebased(study, np.diag(units))[0].fit().results
    np.testing.assert_array_equal(right.params * units, left.params)
    np.testing.assert_array_equal(right.llf, left.llf)
    for cov_type in ("nonrobust", "HC0", "HC3"):
        before, after = (getattr(results, f"cov_{cov_type}") for results in (left, right))
        np.testing.assert_array_equal(after * np.outer(units, units), before, err_msg=cov_type)


@pytest.mark.parametrize("name", SOME)
def test_an_implicit_constant_is_a_constant(name):
    """The same model with a column for every category in place of a constant."""
    explicit, implicit = (make(KINDS[name], seed=71, right=right) for right in DESIGNS[:2])
    left, right = explicit.fit(), implicit.fit()
    basis = np.linalg.lstsq(explicit.design, implicit.design, rcond=None)[0]
    options = rebased(explicit, basis)[1]
    # Contrasts are of the last two columns, which both have.
    assert_same(left, right, **options, skip=lambda s: "formula" in s.tags)


@pytest.mark.parametrize("name", SOME)
def test_an_offset_along_the_columns_moves_the_coefficients(name):
    study = make(KINDS[name], seed=69)
    shift = np.random.default_rng(69).normal(0.0, 0.5, study.design.shape[1])
    start = study.frame["offset"] if "offset" in study.options else 0.0
    moved = study.of(study.frame.assign(offset=start + study.design @ shift))
    left, right = study.fit(), moved.given(offset="offset").fit()

    def found(statistic, value):
        return value + shift if statistic.name == "params" else value

    assert_same(left, right, found=found, skip=_depends_on_the_offset)


def _depends_on_the_offset(statistic):
    """Coefficients by themselves, restrictions on them, and the null model.

    So do predictions at levels: they change columns of the design, and the offset stays that of the
    columns as they were.
    """
    if statistic.name.startswith("predictions_at"):
        return True
    if statistic.name in ("params", "llf") or statistic.name.startswith("predict"):
        return False
    if "constrained" in statistic.name or "printed" in statistic.tags:
        return True
    kept = (
        "bse",
        "score_test",
        "info_criteria",
        "aic",
        "bic",
        "t_test sd",
        "cov_",
        "resid",
        "shift",
    )
    return not statistic.name.startswith(kept)


def test_a_constant_in_the_offset_is_a_constant_in_the_design():
    study = make(KINDS["frequency x sampling x balanced"], seed=73, offset=True)
    moved = study.of(study.frame.assign(offset=study.frame["offset"] + 0.7))
    left, right = study.fit(), moved.fit()

    def found(statistic, value):
        constant = np.arange(len(value)) == 0 if statistic.level == "params" else 0.0
        return value + 0.7 * constant if statistic.level == "params" else value

    assert_same(left, right, found=found, skip=_of_the_intercept)


def _of_the_intercept(statistic):
    return statistic.level == "coefficient" or statistic.tags & {"formula", "coordinates"}


RESTRICTED = [
    (None, {}),
    *((kind, {}) for kind in ("nonrobust", "HC1", "HC3", "linearized")),
    ("cluster", {"groups": ("c1",)}),
]


@pytest.mark.parametrize("name", KINDS)
def test_equal_coefficients_are_the_coefficient_of_the_sum(name):
    """A constrained fit is the fit of fewer columns, degrees of freedom and criteria included."""
    study = make(KINDS[name], seed=74, offset=True)
    left, fewer = study.fit(), replace(study, right="I(x1 + x2) + C(g)").fit()
    for cov_type, options in RESTRICTED:
        constrained = left.constrained(cov_type, **options)
        plain = fewer.results.with_covariance(cov_type, **fewer.keywords(options))
        _assert_same_model(constrained, plain)


def _assert_same_model(constrained, plain):
    np.testing.assert_allclose(constrained.params[:-1], plain.params, rtol=1e-9)
    found, expected = (np.asarray(results.cov_params()) for results in (constrained, plain))
    np.testing.assert_allclose(found[:-1, :-1], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found[-1], found[-2], rtol=1e-9, atol=1e-12)
    same = ("nobs", "llf", "llnull", "llr", "df_model", "df_resid", "prsquared", "aic", "bic")
    for statistic in (*same, "fittedvalues", "resid_dev", "resid_pearson"):
        before, after = (getattr(results, statistic) for results in (plain, constrained))
        np.testing.assert_allclose(after, before, rtol=1e-9, err_msg=statistic)
    for criterion in ("tic", "gbic", "aic_naive", "bic_naive"):
        before, after = (results.info_criteria(criterion) for results in (plain, constrained))
        np.testing.assert_allclose(after, before, rtol=1e-9, err_msg=criterion)
    if plain.weights.likelihood:  # refused otherwise
        np.testing.assert_allclose(constrained.llr_pvalue, plain.llr_pvalue, rtol=1e-9)


@pytest.mark.parametrize("seed", [8, 64])
def test_the_optimum_is_found_where_a_far_origin_is_hidden_among_the_columns(seed):
    rng = np.random.default_rng(seed)
    n = 60
    near, z = 3.0 * rng.normal(size=n), np.exp(rng.gamma(2.0, 0.7, n))
    group = rng.integers(0, 2, n)
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(-near / 3.0))).astype(int)
    mixed = np.linalg.qr(rng.normal(size=(4, 4)))[0] * np.linspace(0.5, 2.0, 4)
    plain, far = (
        WeightedLogit(y, np.column_stack([np.ones(n), group, x, z]) @ basis).fit(disp=False)
        for x, basis in ((near, np.eye(4)), (3000.0 + near, mixed))
    )
    np.testing.assert_allclose(far.fittedvalues, plain.fittedvalues, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(far.llf, plain.llf, rtol=1e-8)
