"""Calls that warn, the class of the warning and words that it must have."""

import numpy as np

from tests.contracts.error_fits import (
    X,
    arrays,
    balanced,
    clusters,
    data,
    fit,
    formula,
    penalised,
    separated,
    y,
)
from wlogit import (
    ConvergenceWarning,
    DataWarning,
    InferenceWarning,
    SeparationWarning,
    SurveyDesign,
)
from wlogit.formula.api import weighted_logit


def leverage():
    exog = np.column_stack([X(), np.arange(60) == 7])
    endog = np.where(np.arange(60) == 7, 0.5, y())
    return fit(arrays(endog=endog, exog=exog))


def outside():
    elsewhere = np.linspace(-1, 1, 60)
    assert elsewhere.size
    return weighted_logit("y ~ x + elsewhere", data())


WARNINGS = {
    "average, missing covariates": (
        lambda: fit().get_prediction(data().assign(x=[np.nan, *[0.5] * 59]), average=True),
        DataWarning,
        ("1 row", "left out of the average", "60", "missing values"),
    ),
    "penalty, steps": (
        lambda: penalised(maxiter=1, alpha=0.001),
        ConvergenceWarning,
        ("penalised fit did not converge", "maxiter=1", "KKT residual"),
    ),
    "design, no weights": (
        lambda: SurveyDesign(data(), psu="cluster"),
        DataWarning,
        ("neither weights nor fpc", "counts equally", "weights="),
    ),
    "design, too few degrees of freedom": (
        lambda: fit(formula(design=SurveyDesign(data(), weights="w", psu=np.arange(60) % 2))),
        InferenceWarning,
        ("degrees of freedom", "not defined", '{"df": "design"}'),
    ),
    "nonrobust, class weights": (
        lambda: balanced(cov_type="nonrobust"),
        InferenceWarning,
        ("nonrobust", "class weights", "not valid", '"HC3"'),
    ),
    "nonrobust, sampling weights": (
        lambda: fit(formula(sampling_weights="w")).with_covariance("nonrobust"),
        InferenceWarning,
        ("nonrobust", "sampling weights", "not valid"),
    ),
    "nonrobust, fractions": (
        lambda: fit(arrays(endog=np.linspace(0, 1, 60)), cov_type="nonrobust"),
        InferenceWarning,
        ("nonrobust", "fractional", "not valid"),
    ),
    "leverage": (leverage, InferenceWarning, ("row 7", "leverage", "too small")),
    "few clusters": (
        lambda: clusters(np.arange(60) % 3),
        InferenceWarning,
        ("3 clusters", "3 coefficients", "not valid"),
    ),
    "few resamples": (
        lambda: fit(formula(), cov_type="bootstrap", cov_kwds={"n_boot": 2, "seed": 1}),
        InferenceWarning,
        ("2 replicates", "3 coefficients", "singular", "not valid", "resamples"),
    ),
    "separation": (
        lambda: fit(separated()),
        SeparationWarning,
        (
            "complete separation",
            "x1 to +infinity",
            "not defined",
            "fit_bias_reduced()",
            "leave out x1",
        ),
    ),
    "maxiter": (
        lambda: fit(maxiter=1),
        ConvergenceWarning,
        ("failed to converge", "maxiter=1", "raise it", "No standard errors"),
    ),
    "codes of a type 3 test": (
        lambda: fit(formula("y ~ x * C(g)")).anova(type=3),
        InferenceWarning,
        ("type=3 tests x", "reference level of C(g)", "C(g, Sum)", "type=2"),
    ),
    "outside": (outside, DataWarning, ("'elsewhere'", "not a column", "by position")),
}
