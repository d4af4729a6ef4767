"""Errors of what is asked of a fit."""

import numpy as np
import pandas as pd

from tests.contracts.error_fits import (
    X,
    aliased,
    arrays,
    balanced,
    constrained,
    data,
    fit,
    formula,
    labeled,
    penalised,
    table,
    wide,
    with_hole,
)
from wlogit import (
    DesignError,
    NotAvailableError,
    WeightedLogit,
)

ERRORS = {
    # ---- predictions
    "columns": (
        lambda: fit(arrays()).predict(np.ones((2, 5))),
        DesignError,
        ("5 columns", "3"),
    ),
    "a column is gone": (
        lambda: fit(labeled(table())).predict(table()[["const", "z"]]),
        DesignError,
        ("'x'", "const"),
    ),
    "a variable is gone": (
        lambda: fit().predict(data()[["x"]]),
        DesignError,
        ("new data", "no column 'z'"),
    ),
    "unseen category": (
        lambda: fit(formula("y ~ g")).predict(data(g="new").iloc[:2]),
        DesignError,
        ("'new'", "not seen", "'a', 'b', 'c'"),
    ),
    "no offset": (
        lambda: fit(arrays(offset=np.zeros(60))).predict(X()[:2]),
        ValueError,
        ("offset", "new rows", "0 for none"),
    ),
    "offset length": (
        lambda: fit(arrays(offset=np.zeros(60))).predict(X()[:2], offset=[1, 2, 3]),
        ValueError,
        ("offset", "3 entries", "2 rows"),
    ),
    "offset column": (
        lambda: fit(formula(offset="o")).predict(data()[["x", "z"]]),
        ValueError,
        ("'o'", "offset"),
    ),
    "which": (lambda: fit().predict(which="odds"), ValueError, ("calibrated", "linear")),
    "which, of a model": (
        lambda: formula().predict([0.0, 0.0, 0.0], which="odds"),
        ValueError,
        ("which", "calibrated", "linear"),
    ),
    "which, with errors": (
        lambda: fit().get_prediction(which="odds"),
        ValueError,
        ("'odds'", "mean", "linear"),
    ),
    "prevalence and scale": (
        lambda: fit().predict(which="linear", prevalence=0.1),
        ValueError,
        ("prevalence=", "calibrated", "'linear'"),
    ),
    "prevalence": (
        lambda: fit().predict(prevalence=1.5),
        ValueError,
        ("prevalence=1.5", "between 0 and 1"),
    ),
    "intervals": (lambda: fit().conf_int(method="lr"), ValueError, ("'lr'", "wald")),
    "criterion": (lambda: fit().info_criteria("aicc"), ValueError, ("'aicc'", "'aic'", "'tic'")),
    "pseudo R2": (lambda: fit().pseudo_rsquared("r2"), ValueError, ("'r2'", "'tjur'")),
    # ---- tests
    "hypothesis": (
        lambda: fit().score_test(exog_extra=data()["w"], hypothesis="any"),
        ValueError,
        ("'any'", "joint", "separate"),
    ),
    "nothing restricted": (
        lambda: fit().score_test(params_constrained=[0.0, 0.0, 0.0]),
        ValueError,
        ("exog_extra", "k_constraints"),
    ),
    "separate, robust": (
        lambda: balanced().score_test(exog_extra=data()["w"], hypothesis="separate"),
        ValueError,
        ("separate", "nonrobust"),
    ),
    "restricted, robust": (
        lambda: balanced().score_test(params_constrained=[0.0, 0.0, 0.0], k_constraints=1),
        ValueError,
        ("'HC3'", "fit_constrained", "nonrobust"),
    ),
    "extra, constrained": (
        lambda: constrained().score_test(exog_extra=data()["w"]),
        NotImplementedError,
        ("exog_extra", "constraints"),
    ),
    "influence, constrained": (
        lambda: constrained().get_influence(),
        NotAvailableError,
        ("influence", "constrained fits"),
    ),
    "constraints twice": (
        lambda: formula().fit_constrained("x = 0, 2 * x = 0"),
        ValueError,
        ("constraints", "repeat or contradict", "leave some out"),
    ),
    "penalty, unknown": (
        lambda: formula().fit_regularized(method="l2"),
        ValueError,
        ("'l2'", "not supported", "'l1' or 'elastic_net'"),
    ),
    "penalty, share": (
        lambda: penalised(L1_wt=1.5),
        ValueError,
        ("L1_wt=1.5", "0 (ridge)", "1 (lasso)"),
    ),
    "penalty, options of the other": (
        lambda: formula().fit_regularized(alpha=1.0, standardize=True),
        ValueError,
        ("standardize=", "'elastic_net'", "'l1'"),
    ),
    "penalty, trimming": (
        lambda: penalised(trim_mode="size"),
        ValueError,
        ("trim_mode", "size_trim_tol", "'l1'", "exact"),
    ),
    "penalty, steps": (
        lambda: penalised(maxiter="many"),
        ValueError,
        ("maxiter='many'", "defined_by_method"),
    ),
    "penalty, labels": (
        lambda: penalised(alpha=pd.Series({"x": 1.0, "q": 1.0})),
        ValueError,
        ("alpha", "'q'", "no column", "Intercept, x, z"),
    ),
    "penalty, a label is missing": (
        lambda: penalised(alpha={"x": 1.0, "z": 1.0}),
        ValueError,
        ("alpha", "'Intercept'", "each column"),
    ),
    "penalty, shape": (
        lambda: penalised(alpha=[1.0, 1.0]),
        ValueError,
        ("alpha", "(2,)", "3 columns", "'Intercept'"),
    ),
    "penalty, negative": (
        lambda: penalised(alpha=[0.0, 1.0, -1.0]),
        ValueError,
        ("alpha of 'z'", "-1", "not negative"),
    ),
    "penalty, start": (
        lambda: penalised(start_params=[0.0, np.inf, 0.0]),
        ValueError,
        ("start_params", "(3,)", "finite"),
    ),
    "penalty, full output": (
        lambda: penalised(full_output="yes"),
        TypeError,
        ("full_output",),
    ),
    "penalty, names": (
        lambda: penalised().summary(xname=["a"]),
        ValueError,
        ("xname", "1 names", "3 coefficients"),
    ),
    "penalty, errors": (
        lambda: penalised().bse,
        NotAvailableError,
        ("bse", "debiased()", "refit=True"),
    ),
    "penalty, tvalues": (
        lambda: penalised().tvalues,
        NotAvailableError,
        ("tvalues", "debiased()", "refit=True"),
    ),
    "penalty, pvalues": (
        lambda: penalised().pvalues,
        NotAvailableError,
        ("pvalues", "debiased()", "refit=True"),
    ),
    "penalty, conf_int": (
        lambda: penalised().conf_int,
        NotAvailableError,
        ("conf_int", "debiased()", "refit=True"),
    ),
    "penalty, cov_params": (
        lambda: penalised().cov_params,
        NotAvailableError,
        ("cov_params", "debiased()", "refit=True"),
    ),
    "more columns than rows": (
        lambda: wide().fit(disp=False),
        DesignError,
        ("9 columns", "6 rows", "fit_regularized"),
    ),
    "score, singular": (
        lambda: fit().score_test(
            exog_extra=np.random.default_rng(1).normal(size=(60, 3)),
            cov_type="cluster",
            cov_kwds={"groups": np.arange(60) % 2},
        ),
        DesignError,
        ("tested scores", "singular", "more columns to test than clusters"),
    ),
    "score, not converged": (
        lambda: fit(maxiter=1).score_test(exog_extra=np.ones(60)),
        NotAvailableError,
        ("did not converge", "score test"),
    ),
    "rows of extra": (
        lambda: fit().score_test(exog_extra=np.ones(59)),
        ValueError,
        ("exog_extra", "59 entries", "60 rows"),
    ),
    "holes in extra": (
        lambda: fit().score_test(exog_extra=with_hole("x")["x"]),
        ValueError,
        ("exog_extra", "missing"),
    ),
    "extra adds nothing": (
        lambda: fit().score_test(exog_extra=data()["twice"]),
        DesignError,
        ("exog_extra", "linear combination", "nothing to test"),
    ),
    "joint test, unconverged": (
        lambda: fit(maxiter=1).wald_test("x = 0, z = 0"),
        NotAvailableError,
        ("joint test", "x, z", "not defined"),
    ),
    "terms, aliased": (
        lambda: aliased().wald_test_terms(combine_terms=["x"]),
        NotAvailableError,
        ("aliased", "wald_test with the names"),
    ),
    "pairs, aliased": (
        lambda: aliased().t_test_pairwise("C(g)"),
        NotAvailableError,
        ("aliased", "t_test with the names"),
    ),
    # ---- what this version does not compute
    "influence, not converged": (
        lambda: formula().fit(maxiter=0, disp=False, warn_convergence=False).get_influence(),
        NotAvailableError,
        ("influence", "converged"),
    ),
    "influence, cases of counts": (
        lambda: (
            WeightedLogit([[1, 2], [2, 1], [1, 1]], [[1.0], [1.0], [1.0]])
            .fit(disp=False)
            .get_influence(unit="case")
        ),
        NotAvailableError,
        ("counts", "two sorts", 'unit="row"'),
    ),
    "average prediction, weights of levels": (
        lambda: fit().get_prediction(average=True, by="g", agg_weights=2.0),
        ValueError,
        ("by=", "average=True", "agg_weights"),
    ),
    "average prediction, no level": (
        lambda: fit().get_prediction(average=True, by=[None, *range(len(data()) - 1)]),
        DesignError,
        ("by", "missing in row", "every row"),
    ),
    "zeros": (lambda: formula()._fit_zeros([0]), NotAvailableError, ("fit_constrained",)),
    "collinear": (lambda: formula()._fit_collinear(), NotAvailableError, ('aliased="drop"',)),
}
