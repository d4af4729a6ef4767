"""CR2 and CR3 on numbers with another way to them; clubSandwich is in tests/reference."""

import tracemalloc
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from wlogit import WeightedLogit
from wlogit.covariance import satterthwaite
from wlogit.covariance.centering import ClassScheme
from wlogit.covariance.cluster_adjusted import AdjustedClusters
from wlogit.covariance.influence import case_influences
from wlogit.formula.api import weighted_logit

KINDS = ("CR2", "CR3")


def sample(n=90, clusters=12, seed=0):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.integers(0, 2, n).astype(float)})
    data["g"] = rng.integers(0, clusters, n)
    data["y"] = (rng.random(n) < 1.0 / (1.0 + np.exp(0.5 - data["x"]))).astype(float)
    data["share"] = rng.beta(0.6, 0.6, n)
    data["w"], data["m"] = rng.gamma(2.0, size=n), rng.integers(0, 4, n)
    data["events"], data["others"] = rng.integers(0, 3, n), rng.integers(0, 3, n)
    return data


def clustered(formula="y ~ x + z", kind="CR2", data=None, groups="g", options=None, **more):
    keywords = {"groups": groups, "kind": kind, **more}
    model = weighted_logit(formula, sample() if data is None else data, **(options or {}))
    return model.fit(disp=False, cov_type="cluster", cov_kwds=keywords)


WEIGHTS = {
    "none": ("y ~ x + z", {}),
    "sampling": ("y ~ x + z", {"sampling_weights": "w"}),
    "mapping": ("y ~ x + z", {"class_weight": {0: 1.0, 1: 4.0}}),
    "fraction": ("share ~ x + z", {"sampling_weights": "w"}),
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(("kind", "single"), [("CR2", "HC2"), ("CR3", "HC3")])
def test_clusters_of_one_case_give_the_sandwich_of_cases(kind, single, weights):
    formula, options = WEIGHTS[weights]
    results = clustered(formula, kind, groups=np.arange(90), options=options)
    expected = results.with_covariance(single)
    assert_allclose(results.cov_params(), expected.cov_params(), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spread", [1.0, 1e4, 1e8])
def test_very_unequal_weights_keep_their_digits(kind, spread):
    data = sample(n=36, clusters=4, seed=3)
    data["w"] = spread ** (np.arange(36) % 7 / 6.0)
    results = clustered(kind=kind, data=data, options={"sampling_weights": "w"})
    expected, degrees = _dense(results, data, 0.5 if kind == "CR2" else 1.0)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert_allclose(results.cov_params() / scale, expected / scale, atol=1e-10)
    assert_allclose(results.covariance.df_each, degrees, rtol=1e-8)


def _dense(results, data, power):
    """The textbook formulas with matrices of n rows, at fifty digits."""
    mp = pytest.importorskip("mpmath")
    with mp.workdps(50):
        X, eta = np.asarray(results.model.exog), np.asarray(results.fittedvalues)
        p = [1 / (1 + mp.exp(-mp.mpf(float(e)))) for e in eta]
        w = [mp.mpf(float(one)) for one in data["w"]]
        Z = mp.matrix(
            [[mp.mpf(float(x)) * q * (1 - q) for x in row] for row, q in zip(X, p, strict=True)]
        )
        W = [v / (q * (1 - q)) for v, q in zip(w, p, strict=True)]
        weigh = lambda rows: mp.diag([W[i] for i in rows])  # noqa: E731
        every = range(len(eta))
        A = (Z.T * weigh(every) * Z) ** -1
        hat = mp.eye(len(eta)) - Z * A * Z.T * weigh(every)
        residual = mp.matrix([mp.mpf(float(y)) - q for y, q in zip(data["y"], p, strict=True)])
        theta = mp.diag([1 / one for one in W])
        sigma = hat * theta * hat.T
        rows, scores = [], []
        for g in sorted(set(data["g"])):
            at = [i for i in every if data["g"].iloc[i] == g]
            part = mp.matrix([[Z[i, j] for j in range(Z.cols)] for i in at])
            inner = mp.matrix([[hat[i, j] for j in at] for i in at])
            adjust = inner**-1
            if power == 0.5:
                own = mp.diag([1 / W[i] for i in at])
                root = mp.diag([mp.sqrt(1 / W[i]) for i in at])
                values, vectors = mp.eigsy(root * inner * own * root)
                adjust = root * vectors * mp.diag([1 / mp.sqrt(v) for v in values])
                adjust = adjust * vectors.T * root
            E = A * part.T * weigh(at) * adjust
            scores.append(E * mp.matrix([residual[i] for i in at]))
            wide = mp.matrix(Z.cols, len(eta))
            for column, i in enumerate(at):
                for j in range(Z.cols):
                    wide[j, i] = E[j, column]
            rows.append(wide)
        total = sum((s * s.T for s in scores[1:]), start=scores[0] * scores[0].T)
        degrees = []
        for j in range(Z.cols):
            P = [[(a[j, :] * sigma * b[j, :].T)[0] for b in rows] for a in rows]
            trace = sum(P[g][g] for g in range(len(rows)))
            degrees.append(float(trace**2 / sum(one**2 for line in P for one in line)))
        return np.array(total.tolist(), dtype=float), degrees


@pytest.mark.parametrize("weights", ["balanced", "prevalence"])
def test_centered_cr3_is_the_jackknife_that_computes_class_weights_anew(weights):
    rng = np.random.default_rng(5)
    n, G = 3000, 120
    g = np.repeat(np.arange(G), n // G)
    X = np.column_stack([np.ones(n), rng.normal(size=n) + rng.normal(size=G)[g]])
    y = rng.random(n) < 1.0 / (1.0 + np.exp(1.5 - 0.7 * X[:, 1] - 0.8 * rng.normal(size=G)[g]))
    options = {"prevalence": 0.1} if weights == "prevalence" else {"class_weight": "balanced"}

    def fit(rows):
        return WeightedLogit(y[rows].astype(float), X[rows], **options).fit(disp=False)

    whole = fit(np.ones(n, bool))
    drops = np.array([fit(g != one).params - whole.params for one in range(G)])
    found = whole.with_covariance("cluster", groups=g, kind="CR3").cov_params()
    # Deleting a cluster for good is more than the one step that CR3 takes.
    assert_allclose(found, drops.T @ drops, rtol=0.04)
    # Without centering the intercept's is another one.
    fixed = whole.with_covariance("cluster", groups=g, kind="CR3", class_weights="fixed")
    assert fixed.cov_params()[0, 0] > 1.2 * found[0, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_balanced_weights_settle_the_constant_alone(kind):
    results = clustered("y ~ 1", kind, options={"class_weight": "balanced"})
    assert_allclose(results.params, 0.0, atol=1e-12)
    assert_allclose(results.cov_params(), 0.0, atol=1e-20)


INFLUENCED = {
    **WEIGHTS,
    "balanced": ("y ~ x + z", {"class_weight": "balanced", "sampling_weights": "w"}),
    "frequency": ("y ~ x + z", {"freq_weights": "m"}),
    "counts": ("events + others ~ x + z", {"class_weight": {0: 1.0, 1: 4.0}}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weights", INFLUENCED)
def test_influences_of_cases_total_to_the_adjusted_scores(weights, kind):
    formula, options = INFLUENCED[weights]
    data = sample()
    results = clustered(formula, kind, data, options=options)._results
    parts = results._score_parts()
    estimator = AdjustedClusters(
        (data["g"].to_numpy(),), kind, ClassScheme.default(results.weights)
    )
    influences = case_influences(parts, estimator)
    found = estimator.covariance_of(influences, parts)[:3, :3]
    assert_allclose(found, results.covariance.matrix, rtol=1e-11)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weights", INFLUENCED)
def test_degrees_of_freedom_without_those_of_all_contrasts(weights, kind):
    formula, options = INFLUENCED[weights]
    results = clustered(formula, kind, options=options)
    with patch.object(satterthwaite, "MOST_FOR_CONTRASTS", 2):
        few = clustered(formula, kind, options=options)
    assert_allclose(few.covariance.df_each, results.covariance.df_each, rtol=1e-11)
    # Of others, the fewest of the coefficients involved.
    both = np.array([[0.0, 1.0, 1.0]])
    assert few.covariance.f_reference(both)[1] == few.covariance.df_each[1:].min()
    assert results.covariance.f_reference(both)[1] != few.covariance.df_each[1:].min()


@pytest.mark.parametrize("kind", KINDS)
def test_a_hopeless_row_leaves_the_others_alone_and_a_wrong_one_counts(kind):
    data = sample().assign(o=0.0)
    far = pd.DataFrame({"x": [0.0], "z": [0.0], "g": [0], "y": [0.0], "o": [-800.0]})
    plain = clustered(kind=kind, data=data, options={"offset": "o"})
    with_row = clustered(kind=kind, data=pd.concat([data, far]), options={"offset": "o"})
    assert_allclose(with_row.cov_params(), plain.cov_params(), rtol=1e-12)
    assert_allclose(with_row.covariance.df_each, plain.covariance.df_each, rtol=1e-12)
    # With an event there the score is one, whatever the curvature.
    wrong = pd.concat([data, far.assign(y=1.0, g=99)])
    near = pd.concat([data, far.assign(y=1.0, g=99, o=-60.0)])
    found, expected = (clustered(kind=kind, data=d, options={"offset": "o"}) for d in (wrong, near))
    assert_allclose(found.cov_params(), expected.cov_params(), rtol=1e-9)


def test_several_rows_of_a_contrast_that_repeat_each_other_count_once():
    covariance = clustered().covariance
    rows = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    again = np.vstack([rows, rows.sum(axis=0)])
    assert_allclose(covariance.f_reference(again), covariance.f_reference(rows), rtol=1e-11)


def test_what_a_constraint_fixes_has_no_degrees_of_freedom_to_lose():
    model = weighted_logit("y ~ x + z", sample())
    keywords = {"groups": "g", "kind": "CR2"}
    results = model.fit_constrained("z = 0.3", disp=False, cov_type="cluster", cov_kwds=keywords)
    reduced = clustered("y ~ x", options={"offset": 0.3 * sample()["z"]})
    assert_allclose(results.covariance.df_each[:2], reduced.covariance.df_each, rtol=1e-8)
    assert np.isinf(results.covariance.df_each[2])
    assert_allclose(results.conf_int().loc["z"], 0.3)


def test_each_interval_and_test_has_its_own_degrees_of_freedom():
    results = clustered()
    degrees = results.covariance.df_each
    rows = np.eye(3)
    assert_allclose(results.t_test(rows).df_denom, degrees, rtol=1e-12)
    assert_allclose(results.t_test(rows).pvalue, results.pvalues, rtol=1e-11)
    assert_allclose(results.t_test(rows).conf_int(), results.conf_int(), rtol=1e-11)
    assert_allclose(np.log(results.odds_ratios()[["lower", "upper"]]), results.conf_int())
    assert_allclose(results.tidy()["p_value"], results.pvalues)
    at = pd.DataFrame({"x": [0.0, 1.0], "z": [0.0, 0.0]})
    linear = results.get_prediction(at, which="linear").summary_frame()
    expected = results.t_test([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]).conf_int()
    assert_allclose(linear[["ci_lower", "ci_upper"]], expected, rtol=1e-10)
    effects = results.get_margeff(at="zero").summary_frame()
    assert effects.shape[0] == 2
    text = results.summary().as_text()
    assert f"x {degrees[1]:.1f}" in text.replace("\n    ", " ")


def test_back_to_a_covariance_without_them():
    results = clustered()
    assert results.use_t
    assert not results.with_covariance("HC3").use_t
    normal = results.with_covariance("cluster", groups="g", kind="CR2", use_t=False)
    assert np.all(normal.pvalues < results.pvalues)


def test_the_rows_of_large_clusters_are_read_piece_by_piece():
    rng = np.random.default_rng(1)
    n = 150_000
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    y = (rng.random(n) < 0.3).astype(float)
    results = WeightedLogit(y, X).fit(disp=False)
    groups = rng.integers(0, 5, n)
    tracemalloc.start()
    results.with_covariance("cluster", groups=groups, kind="CR3")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The codes and the order of the rows, and blocks of a few megabytes.
    assert peak < 6 * n * 8 + 40e6
