"""One call for every error, and words that its message must have."""

import numpy as np
import pandas as pd

from tests.contracts.audit_error_cases import ERRORS as AUDIT_ERRORS
from tests.contracts.bias_error_cases import ERRORS as BIAS_ERRORS
from tests.contracts.classification_error_cases import ERRORS as CLASSIFICATION_ERRORS
from tests.contracts.cli_error_cases import ERRORS as CLI_ERRORS
from tests.contracts.cluster_error_cases import ERRORS as CLUSTER_ERRORS
from tests.contracts.column_error_cases import ERRORS as COLUMN_ERRORS
from tests.contracts.dask_error_cases import ERRORS as DASK_ERRORS
from tests.contracts.data_error_cases import ERRORS as DATA_ERRORS
from tests.contracts.error_fits import (
    clusters,
    data,
    fit,
    formula,
    one_event,
    raising_on_separation,
    without_data,
)
from tests.contracts.formula_error_cases import ERRORS as FORMULA_ERRORS
from tests.contracts.hypothesis_error_cases import ERRORS as HYPOTHESIS_ERRORS
from tests.contracts.margin_error_cases import ERRORS as MARGIN_ERRORS
from tests.contracts.multinomial_error_cases import ERRORS as MULTINOMIAL_ERRORS
from tests.contracts.path_error_cases import ERRORS as PATH_ERRORS
from tests.contracts.plots_error_cases import ERRORS as PLOTS_ERRORS
from tests.contracts.profile_error_cases import ERRORS as PROFILE_ERRORS
from tests.contracts.replicate_error_cases import ERRORS as REPLICATE_ERRORS
from tests.contracts.result_error_cases import ERRORS as RESULT_ERRORS
from tests.contracts.selection_error_cases import ERRORS as SELECTION_ERRORS
from tests.contracts.sklearn_error_cases import ERRORS as SKLEARN_ERRORS
from tests.contracts.sparse_error_cases import ERRORS as SPARSE_ERRORS
from tests.contracts.streaming_error_cases import ERRORS as STREAMING_ERRORS
from tests.contracts.survey_error_cases import ERRORS as SURVEY_ERRORS
from tests.contracts.table_error_cases import ERRORS as TABLE_ERRORS
from tests.contracts.weighting_error_cases import ERRORS as WEIGHTING_ERRORS
from wlogit import (
    DesignError,
    NotAvailableError,
    OutcomeError,
    SeparationError,
    WeightError,
)

ERRORS = {
    # ---- options and keywords
    "unknown keyword": (
        lambda: formula(class_weights="balanced"),
        TypeError,
        ("'class_weights'", "class_weight"),
    ),
    "weights to the fit": (
        lambda: fit(freq_weights=data()["w"]),
        TypeError,
        ("'freq_weights'", "WeightedLogit(..., freq_weights=", "from_formula"),
    ),
    "unknown choice": (lambda: formula(missing="omit"), ValueError, ("'omit'", "'drop'")),
    "optimizer option": (
        lambda: fit(method="bfgs", ftol=1e-9),
        TypeError,
        ("'ftol'", "bfgs", "gtol"),
    ),
    "full_output": (lambda: fit(full_output="yes"), TypeError, ("full_output", "True or False")),
    "method": (lambda: fit(method="irls"), ValueError, ("'irls'", "newton", "bfgs")),
    "start shape": (
        lambda: fit(start_params=[0.0, 0.0]),
        ValueError,
        ("start_params", "(2,)", "3 columns"),
    ),
    "start value": (
        lambda: fit(start_params=[0.0, np.nan, 0.0]),
        ValueError,
        ("start_params", "finite"),
    ),
    # ---- the formula
    "no outcome": (lambda: formula("~ x"), OutcomeError, ("no outcome", '"y ~ x"')),
    "no tilde": (lambda: formula("y x"), OutcomeError, ("'y x'", '"~"', '"y ~ x"')),
    "backticks": (
        lambda: formula("y ~ `x`"),
        DesignError,
        ("backticks", "Q("),
    ),
    "a second constant": (
        lambda: formula("y ~ Intercept + x", data(Intercept=1.0)),
        DesignError,
        ("'Intercept'", "constant", "rename"),
    ),
    "dates in a formula": (
        lambda: formula("y ~ when", data(when=pd.Timestamp("2020-01-01"))),
        DesignError,
        ("'when'", "dates", "number", "C(when)"),
    ),
    "three outcomes": (
        lambda: formula("y + x + z ~ w"),
        OutcomeError,
        ("left-hand side", "successes + failures"),
    ),
    "two outcomes, not counts": (
        lambda: formula("y + g ~ x"),
        OutcomeError,
        ("two", "counts", "successes and failures"),
    ),
    "column to drop": (
        lambda: formula(drop_cols=["x", "zz"]),
        DesignError,
        ("drop_cols", "'zz'", "'z'"),
    ),
    "part of a term to drop": (
        lambda: formula("y ~ x + C(g)", drop_cols=["C(g)[T.b]"]),
        DesignError,
        ("drop_cols", "'C(g)'", "all its columns"),
    ),
    "subset in words": (
        lambda: formula(subset="x > 0"),
        (DesignError, ValueError, TypeError),
        ("subset", "mask"),
    ),
    "no right-hand side": (lambda: formula("y ~ 0"), DesignError, ("no columns", "right-hand")),
    "repeated column": (
        lambda: formula(frame=pd.concat([data(), data()[["x"]]], axis=1)),
        DesignError,
        ("'x'", "several columns", "rename"),
    ),
    # ---- the covariance
    "cov_type": (lambda: fit(cov_type="HC5"), ValueError, ("'HC5'", "HC0", "cluster")),
    "unused key": (
        lambda: fit(cov_type="HC1", cov_kwds={"groups": "cluster"}),
        ValueError,
        ("'HC1'", "groups", "class_weights, sampling"),
    ),
    "no groups": (lambda: fit(cov_type="cluster"), ValueError, ("groups=", "column name")),
    "one cluster": (
        lambda: clusters(np.zeros(60)),
        DesignError,
        ("one cluster", "positive weight", "at least two"),
    ),
    "cluster kind": (lambda: clusters("cluster", kind="CR7"), ValueError, ("'CR7'", "'CR1S'")),
    "conflict": (
        lambda: clusters("cluster", kind="CR1", use_correction=False),
        ValueError,
        ("use_correction=False", "kind='CR0'", "kind='CR1'", "one of the two"),
    ),
    "flag": (
        lambda: clusters("cluster", use_correction="small"),
        ValueError,
        ("use_correction", "True or False", "'small'"),
    ),
    "groups by another name": (
        lambda: clusters("clusters"),
        ValueError,
        ("groups='clusters'", "'cluster'"),
    ),
    "nothing estimated": (
        lambda: fit(cov_type="HC3", cov_kwds={"class_weights": "estimated"}),
        WeightError,
        ("class_weights", "class_weight= or prevalence="),
    ),
    "one case in a class": (one_event, WeightError, ("class 1", "1 cases", 'cov_type="HC0"')),
    "statsmodels' way": (
        lambda: fit()._get_robustcov_results("HC1"),
        NotAvailableError,
        ("covariance", "with_covariance"),
    ),
    # ---- separation
    "separation": (
        raising_on_separation,
        SeparationError,
        (
            "complete separation",
            "x1 to +infinity",
            "fit_bias_reduced()",
            "fit_regularized(",
            "leave out x1",
        ),
    ),
}
# Everything that needs the rows, once they are gone.
AFTER_REMOVAL = {
    "fittedvalues": lambda r: r.fittedvalues,
    "resid_dev": lambda r: r.resid_dev,
    "resid_pearson": lambda r: r.resid_pearson,
    "predict": lambda r: r.predict(),
    "get_prediction": lambda r: r.get_prediction(),
    "get_distribution": lambda r: r.get_distribution(),
    "pred_table": lambda r: r.pred_table(),
    "cov_HC3": lambda r: r.cov_HC3,
    "with_covariance": lambda r: r.with_covariance("HC1"),
    "tic": lambda r: r.info_criteria("tic"),
    "tjur": lambda r: r.pseudo_rsquared("tjur"),
    "score_test": lambda r: r.score_test(exog_extra=np.ones(60)),
    "null model": lambda r: r.set_null_options(),
    "fit": lambda r: r.model.fit(disp=False),
    "fit_constrained": lambda r: r.model.fit_constrained("x = 0", disp=False),
    "loglike": lambda r: r.model.loglike(r.params),
    "score": lambda r: r.model.score(r.params),
    "hessian": lambda r: r.model.hessian(r.params),
}
ERRORS |= {
    f"after remove_data, {name}": (
        lambda call=call: call(without_data()),
        NotAvailableError,
        ("data of this fit were removed", "remove_data"),
    )
    for name, call in AFTER_REMOVAL.items()
}
ERRORS |= DATA_ERRORS | RESULT_ERRORS

ERRORS |= CLASSIFICATION_ERRORS | MARGIN_ERRORS | WEIGHTING_ERRORS | AUDIT_ERRORS
ERRORS |= SKLEARN_ERRORS | MULTINOMIAL_ERRORS | SURVEY_ERRORS | REPLICATE_ERRORS
ERRORS |= PROFILE_ERRORS | SPARSE_ERRORS | STREAMING_ERRORS | DASK_ERRORS
ERRORS |= HYPOTHESIS_ERRORS
ERRORS |= FORMULA_ERRORS
ERRORS |= CLUSTER_ERRORS | COLUMN_ERRORS
ERRORS |= BIAS_ERRORS | CLI_ERRORS | PATH_ERRORS | PLOTS_ERRORS | SELECTION_ERRORS | TABLE_ERRORS
