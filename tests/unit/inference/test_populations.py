"""Unconditional errors against stacked estimating equations, differentiated numerically."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from wlogit import WeightedLogit

RNG = np.random.default_rng(8)
N = 300
X = np.column_stack([np.ones(N), RNG.normal(size=(N, 2))])
Y = (RNG.random(N) < expit(X @ [-1.0, 0.8, -0.5] + 0.3 * X[:, 1] ** 2)).astype(float)
A = RNG.gamma(3.0, 1.0, N)
GROUPS = RNG.integers(0, 40, N)
TAU, TARGET = 0.1, 0.2


def factors(kind, share):
    """c0 and c1 given the share of events in the sample."""
    if kind == "balanced":
        return 0.5 / (1.0 - share), 0.5 / share
    if kind == "prevalence":
        return (1.0 - TAU) / (1.0 - share), TAU / share
    return {"mapping": (1.0, 3.0)}.get(kind, (1.0, 1.0))


def equations(theta, kind, a, target):
    """Of coefficients, the share of events, and the average effect in each class; a row each."""
    b, share, by_class = theta[:3], theta[3], theta[4:6]
    c0, c1 = factors(kind, share)
    v = a * np.where(Y == 1.0, c1, c0)
    eta = X @ b
    score = (v * (Y - expit(eta)))[:, np.newaxis] * X
    if kind in ("balanced", "mapping"):
        eta = eta - np.log(c1 / c0)
    if target is not None:
        eta = eta + logit(target) - logit(TAU if kind == "prevalence" else share)
    effect = expit(eta) * expit(-eta) * b[1]
    classes = (a * (1.0 - Y) * (effect - by_class[0]), a * Y * (effect - by_class[1]))
    return np.column_stack([score, a * (Y - share), *classes])


def stacked_error(kind, a, target, b):
    """Standard error of the average effect by the sandwich of all equations."""
    share = np.average(Y, weights=a)
    theta = np.array([*b, share, 0.0, 0.0])
    residual = equations(theta, kind, a, target)
    for k, of in enumerate((a * (1.0 - Y), a * Y)):
        theta[4 + k] = residual[:, 4 + k].sum() / of.sum()
    psi = equations(theta, kind, a, target)
    slope = np.empty((6, 6))
    for j, unit in enumerate(1e-6 * np.eye(6)):
        up, down = (equations(theta + s * unit, kind, a, target).sum(axis=0) for s in (1, -1))
        slope[:, j] = (up - down) / 2e-6
    influence = -np.linalg.solve(slope, psi.T).T
    tau = target if target is not None else (TAU if kind == "prevalence" else None)
    if tau is None:
        # Both the shares of the classes and the effects in them are estimated.
        own = (theta[5] - theta[4]) * influence[:, 3]
        tau = theta[3]
    else:
        own = 0.0
    total = tau * influence[:, 5] + (1.0 - tau) * influence[:, 4] + own
    return tau * theta[5] + (1.0 - tau) * theta[4], total


OPTIONS = {
    "none": {},
    "balanced": {"class_weight": "balanced"},
    "mapping": {"class_weight": {0: 1, 1: 3}},
    "prevalence": {"prevalence": TAU},
}


@pytest.mark.parametrize("target", [None, TARGET])
@pytest.mark.parametrize("sampling", [False, True])
@pytest.mark.parametrize("kind", OPTIONS)
def test_unconditional_errors_are_those_of_all_equations_together(kind, sampling, target):
    a = A if sampling else np.ones(N)
    options = {**OPTIONS[kind], **({"sampling_weights": A} if sampling else {})}
    results = WeightedLogit(Y, X, **options).fit(disp=False, cov_type="HC0")
    found = results.get_margeff(vce="unconditional", prevalence=target)
    effect, influence = stacked_error(kind, a, target, results.params)
    assert_allclose(found.margeff[0], effect, rtol=1e-9)
    assert_allclose(found.margeff_se[0], np.sqrt(influence @ influence), rtol=1e-6)


@pytest.mark.parametrize("kind", OPTIONS)
def test_so_they_are_over_clusters(kind):
    results = WeightedLogit(Y, X, **OPTIONS[kind]).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": GROUPS, "kind": "CR0"}
    )
    _, influence = stacked_error(kind, np.ones(N), None, results.params)
    totals = pd.Series(influence).groupby(GROUPS).sum()
    found = results.get_margeff(vce="unconditional").margeff_se[0]
    assert_allclose(found, np.sqrt(totals @ totals), rtol=1e-6)


def test_the_mean_prediction_at_a_prevalence_is_about_the_prevalence():
    """Events and non-events weigh as in that population, not as in the sample."""
    results = WeightedLogit(Y, X).fit(disp=False)
    for prevalence in (0.02, 0.2, 0.6):
        rows = results.predictions_at({"x1": [0.0]}, prevalence=prevalence)
        assert rows.predicted.shape == (1,)
        frame = results.get_margeff(prevalence=prevalence)
        weighted = WeightedLogit(Y, X, prevalence=prevalence).fit(disp=False)
        assert_allclose(frame.margeff, weighted.get_margeff().margeff, rtol=0.25)
