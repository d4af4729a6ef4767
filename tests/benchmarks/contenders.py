"""The programs compared, each as a function of one problem that returns the fitted parameters."""

from __future__ import annotations

import importlib.util
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Problem:
    """One data set: arrays, or for the formula scenario a frame with a string column.

    ``weights`` is the likelihood weight of each row (mean 1) however it came about, None for the
    unweighted scenario.
    """

    scenario: str
    y: np.ndarray
    X: np.ndarray | None
    weights: np.ndarray | None
    frame: pd.DataFrame | None = None
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program under one way of calling it.

    ``tolerances`` are tried in order until the parameters agree with the reference, unless the
    program is not asked to be ``exact``; the first is its own default.
    """

    name: str
    package: str
    scenarios: tuple[str, ...]
    covariance: str
    fit: Callable[[Problem, float | None], np.ndarray]
    tolerances: tuple[float | None, ...] = (None,)
    exact: bool = True

    @property
    def installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None


def wlogit_fit(problem: Problem, _tolerance: float | None) -> np.ndarray:
    from wlogit import WeightedLogit

    options = {
        "none": {},
        "balanced": {"class_weight": "balanced"},
        "sampling": {"sampling_weights": problem.weights},
    }[problem.scenario]
    results = WeightedLogit(problem.y, problem.X, **options).fit(disp=False)
    results.cov_params()
    return np.asarray(results.params)


def fit_alone(build: Callable) -> Callable:
    """The fit and its covariance, of a model that is built once for each problem."""
    models: dict = {}

    def fit(problem: Problem, _tolerance: float | None) -> np.ndarray:
        if id(problem.y) not in models:
            models[id(problem.y)] = build(problem)
        results = models[id(problem.y)].fit(disp=False)
        results.cov_params()
        return np.asarray(results.params)

    return fit


def wlogit_model(problem: Problem) -> object:
    from wlogit import WeightedLogit

    return WeightedLogit(problem.y, problem.X)


def statsmodels_model(problem: Problem) -> object:
    from statsmodels.discrete.discrete_model import Logit

    return Logit(problem.y, problem.X)


def wlogit_formula(problem: Problem, _tolerance: float | None) -> np.ndarray:
    from wlogit.formula.api import weighted_logit

    model = weighted_logit(problem.formula, problem.frame, sampling_weights="weight")
    results = model.fit(disp=False)
    print(results.summary(), file=io.StringIO())
    return np.asarray(results.params)


def statsmodels_logit(problem: Problem, _tolerance: float | None) -> np.ndarray:
    from statsmodels.discrete.discrete_model import Logit

    results = Logit(problem.y, problem.X).fit(disp=False)
    results.cov_params()
    return np.asarray(results.params)


def statsmodels_glm(problem: Problem, tolerance: float | None) -> np.ndarray:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    weights = {} if problem.weights is None else {"var_weights": problem.weights}
    stop = {} if tolerance is None else {"tol": tolerance}
    robust = {} if problem.weights is None else {"cov_type": "HC0"}
    results = GLM(problem.y, problem.X, Binomial(), **weights).fit(**robust, **stop)
    results.cov_params()
    return np.asarray(results.params)


def statsmodels_formula(problem: Problem, tolerance: float | None) -> np.ndarray:
    import statsmodels.formula.api as smf
    from statsmodels.genmod.families import Binomial

    model = smf.glm(
        problem.formula, problem.frame, family=Binomial(), var_weights=problem.frame["weight"]
    )
    stop = {} if tolerance is None else {"tol": tolerance}
    results = model.fit(cov_type="HC0", **stop)
    print(results.summary(), file=io.StringIO())
    return np.asarray(results.params)


def sklearn_fit(solver: str) -> Callable:
    def fit(problem: Problem, tolerance: float | None) -> np.ndarray:
        from sklearn.linear_model import LogisticRegression

        stop = {} if tolerance is None else {"tol": tolerance}
        classes = "balanced" if problem.scenario == "balanced" else None
        rows = problem.weights if problem.scenario == "sampling" else None
        model = LogisticRegression(
            C=np.inf,
            solver=solver,
            fit_intercept=False,
            class_weight=classes,
            max_iter=10_000,
            **stop,
        )
        return model.fit(problem.X, problem.y, sample_weight=rows).coef_[0]

    return fit


def glum_fit(problem: Problem, tolerance: float | None) -> np.ndarray:
    from glum import GeneralizedLinearRegressor

    model = GeneralizedLinearRegressor(
        family="binomial",
        alpha=0,
        fit_intercept=False,
        gradient_tol=tolerance,
        robust=problem.weights is not None,
    )
    model.fit(problem.X, problem.y, problem.weights, store_covariance_matrix=True)
    model.std_errors()
    return model.coef_


def glum_formula(problem: Problem, tolerance: float | None) -> np.ndarray:
    from glum import GeneralizedLinearRegressor

    frame = problem.frame
    model = GeneralizedLinearRegressor(
        family="binomial", alpha=0, formula=problem.formula, gradient_tol=tolerance, drop_first=True
    )
    model.fit(frame, sample_weight=frame["weight"], store_covariance_matrix=True)
    print(model.coef_table(), file=io.StringIO())
    numeric = 5
    return np.concatenate([[model.intercept_], model.coef_[numeric:], model.coef_[:numeric]])


ARRAYS = ("none", "balanced", "sampling")
TIGHTER = (None, 1e-6, 1e-8, 1e-10, 1e-12)
LOOSE = "default tolerance"

GLM = "statsmodels GLM"
LOGIT = "statsmodels Logit"
NEWTON_CHOLESKY = "scikit-learn newton-cholesky"
LBFGS = "scikit-learn lbfgs"
FORMULA, SMF = "wlogit, formula to summary", "statsmodels smf.glm to summary"

CONTENDERS = (
    Contender("wlogit", "wlogit", ARRAYS, "HC3", wlogit_fit),
    Contender("wlogit", "wlogit", ("fit alone",), "nonrobust", fit_alone(wlogit_model)),
    Contender(LOGIT, "statsmodels", ("fit alone",), "nonrobust", fit_alone(statsmodels_model)),
    Contender(FORMULA, "wlogit", ("formula",), "HC3", wlogit_formula),
    Contender(LOGIT, "statsmodels", ("none",), "nonrobust", statsmodels_logit),
    Contender(GLM, "statsmodels", ARRAYS, "HC0", statsmodels_glm, TIGHTER),
    Contender(SMF, "statsmodels", ("formula",), "HC0", statsmodels_formula, TIGHTER),
    Contender("glum", "glum", ARRAYS, "HC1", glum_fit, TIGHTER),
    Contender("glum, formula to table", "glum", ("formula",), "HC1", glum_formula, TIGHTER),
    Contender(
        NEWTON_CHOLESKY, "sklearn", ARRAYS, "none", sklearn_fit("newton-cholesky"), TIGHTER
    ),
    Contender(LBFGS, "sklearn", ARRAYS, "none", sklearn_fit("lbfgs"), TIGHTER),
    Contender(
        f"{NEWTON_CHOLESKY}, {LOOSE}", "sklearn", ARRAYS, "none", sklearn_fit("newton-cholesky"),
        exact=False,
    ),
    Contender(f"{LBFGS}, {LOOSE}", "sklearn", ARRAYS, "none", sklearn_fit("lbfgs"), exact=False),
)  # fmt: skip


def contenders(scenario: str) -> list[Contender]:
    """The installed programs that can do the scenario, wlogit first."""
    return [c for c in CONTENDERS if scenario in c.scenarios and c.installed]


def quiet_fit(contender: Contender, problem: Problem, tolerance: float | None) -> np.ndarray:
    """One fit without the program's remarks about weights or tolerances."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(contender.fit(problem, tolerance), dtype=float)
