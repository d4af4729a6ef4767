"""Comparisons of residuals, influence and penalised fits; registered in ``test_r.py``."""

from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from tests.reference.cases import Case
from tests.reference.comparing import Check, close, coefficients, numbers, registry

CHECKS: dict[str, Check] = {}
checks = registry(CHECKS)


# Influence: R's dfbeta of a glm drops the row from least squares on deviance residuals; ours is
# Pregibon's step, on Pearson residuals.
INFLUENCE = {
    "hat": lambda fit, deleted: deleted.hat_matrix_diag,
    "res_pearson": lambda fit, deleted: fit.resid_pearson,
    "res_deviance": lambda fit, deleted: fit.resid_dev,
    "res_response": lambda fit, deleted: fit.resid_response,
    "res_working": lambda fit, deleted: working_residuals(fit),
    "fitted": lambda fit, deleted: fit.predict(),
    "rstandard_pearson": lambda fit, deleted: deleted.resid_studentized,
    "rstandard_deviance": lambda fit, deleted: deleted.resid_deviance_studentized,
    "rstudent": lambda fit, deleted: deleted.resid_likelihood,
    "cooks_distance": lambda fit, deleted: deleted.cooks_distance[0],
    "dfbeta_onestep_pearson": lambda fit, deleted: deleted.d_params,
}


@checks(*INFLUENCE)
def check_influence(case: Case, block: str, expected: Any) -> None:
    fit = case.fit()
    close(case, by_row(case, INFLUENCE[block](fit, fit.get_influence())), expected)


@checks("dfbeta_R", "dfbetas_R", "dffits_R", "sigma_R")
def check_deviance_steps(case: Case, block: str, expected: Any) -> None:
    fit = case.fit()
    deleted, deviance = fit.get_influence(), np.asarray(fit.resid_dev)
    rest = 1.0 - deleted.hat_matrix_diag
    explained = (deviance @ deviance - deviance**2 / rest) / (fit.df_resid - 1.0)
    sigma = np.sqrt(explained)
    step = deviance / np.asarray(fit.resid_pearson)
    found = {
        "sigma_R": lambda: sigma,
        "dffits_R": lambda: deviance * np.sqrt(1.0 - rest) / (sigma * rest),
        "dfbeta_R": lambda: deleted.d_params * step[:, np.newaxis],
        "dfbetas_R": lambda: deleted.dfbetas * (step / sigma)[:, np.newaxis],
    }
    close(case, by_row(case, found[block]()), expected)


def working_residuals(fit: Any) -> np.ndarray:
    p = np.asarray(fit.predict())
    return np.asarray(fit.resid_response) / (p * (1.0 - p))


def by_row(case: Case, values: Any) -> np.ndarray:
    """Columns in the order of R's coefficients."""
    values = np.asarray(values)
    if values.ndim == 1:
        return values
    results = case.fit()
    order = coefficients(results, np.arange(values.shape[1]), case.content["expected"]["coef"])
    return values[:, order]


# Penalised fits: lambda is alpha times the rescaled factors, alpha of glmnet is L1_wt.
@checks("path")
def check_penalised(case: Case, block: str, expected: list[dict[str, Any]]) -> None:
    content = case.content
    model = case.model()
    factors = np.array([0.0, *content["penalty_factor_rescaled"]])
    for step in expected:
        results = model.fit_regularized(
            method="elastic_net",
            alpha=step["lambda"] * factors,
            L1_wt=content["alpha"],
            standardize=content["standardize"],
            disp=False,
        )
        named = step["coef_polished"]
        actual = coefficients(results, results.params, named)
        assert_allclose(actual, numbers(named), rtol=content["tol"]["polished_rtol"], atol=0.0)
        close(case, actual, numbers(step["coef_glmnet"]))
        assert results.nnz_params == step["n_active"] + 1
        loss = -results.penalized_llf / results.weights.total
        assert_allclose(loss, step["objective"], rtol=1e-12)
