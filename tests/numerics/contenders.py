"""The programs compared, each as its users call it, the peers at their tightest tolerance."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.numerics.problems import Array, Problem
from wlogit import WeightedLogit


@dataclass(frozen=True)
class Found:
    """What a program finds.

    Attributes
    ----------
    params : ndarray, shape (k,)
        The constant first.
    bse : ndarray, shape (k,), or None
        Standard errors by the inverse information.
    hc3 : ndarray, shape (k,), or None
        What wlogit prints by default with sampling weights.
    """

    params: Array
    bse: Array | None = None
    hc3: Array | None = None


def wlogit(problem: Problem) -> Found:
    """As it comes."""
    keywords = {"none": {}, "counts": {"freq_weights": problem.w}}
    keywords["sampling"] = {"sampling_weights": problem.w}
    results = WeightedLogit(problem.y, problem.X, **keywords[problem.weights]).fit(disp=False)
    if problem.weights != "sampling":
        return Found(results.params, results.bse)
    return Found(results.params, np.sqrt(np.diag(results.cov_nonrobust)), results.bse)


def statsmodels_logit(problem: Problem) -> Found | None:
    """Only without weights, which it does not take."""
    from statsmodels.api import Logit

    if problem.weights != "none":
        return None
    results = Logit(problem.y, problem.X).fit(disp=False, tol=1e-14, maxiter=200)
    return Found(results.params, results.bse)


def statsmodels_glm(problem: Problem) -> Found:
    """Iteratively reweighted least squares, by a pseudo-inverse."""
    from statsmodels.api import GLM, families

    name = "var_weights" if problem.weights == "sampling" else "freq_weights"
    model = GLM(problem.y, problem.X, family=families.Binomial(), **{name: problem.w})
    results = model.fit(tol=1e-15, tol_criterion="params", maxiter=200)
    return Found(results.params, results.bse)


def scikit_learn(problem: Problem) -> Found:
    """Without standard errors, which it does not have."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    model.fit(problem.X[:, 1:], problem.y, sample_weight=problem.w)
    return Found(np.concatenate([model.intercept_, model.coef_[0]]))


def glum(problem: Problem) -> Found:
    """Its covariance has a factor N / (N - k), N the sum of the weights, that is taken out."""
    from glum import GeneralizedLinearRegressor

    model = GeneralizedLinearRegressor(
        family="binomial", alpha=0.0, gradient_tol=1e-14, max_iter=100
    )
    data = (problem.X[:, 1:], problem.y)
    model.fit(*data, sample_weight=problem.w)
    covariance = model.covariance_matrix(
        *data, sample_weight=problem.w, dispersion=1.0, robust=False, expected_information=True
    )
    total = problem.w.sum()
    bse = np.sqrt(np.diag(covariance) * (total - problem.X.shape[1]) / total)
    return Found(np.concatenate([[model.intercept_], model.coef_]), bse)


PROGRAMS: dict[str, Callable[[Problem], Found | None]] = {
    "wlogit": wlogit,
    "statsmodels Logit": statsmodels_logit,
    "statsmodels GLM": statsmodels_glm,
    "scikit-learn": scikit_learn,
    "glum": glum,
}


def attempt(program: str, problem: Problem) -> tuple[Found | None, str]:
    """What a program finds, if it has such fits, and the class of its error or warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = PROGRAMS[program](problem)
        except Exception as error:  # noqa: BLE001  whatever it raises
            return None, type(error).__name__
    said = {warning.category.__name__ for warning in caught} - {"FutureWarning"}
    return found, ", ".join(sorted(said))
