"""One call for every error and warning, and words that its message must have."""

from functools import cache

import numpy as np
import pandas as pd

from tests.contracts.audit_error_cases import ERRORS as AUDIT_ERRORS
from tests.contracts.bias_error_cases import ERRORS as BIAS_ERRORS
from tests.contracts.classification_error_cases import ERRORS as CLASSIFICATION_ERRORS
from tests.contracts.cli_error_cases import ERRORS as CLI_ERRORS
from tests.contracts.cluster_error_cases import ERRORS as CLUSTER_ERRORS
from tests.contracts.column_error_cases import ERRORS as COLUMN_ERRORS
from tests.contracts.dask_error_cases import ERRORS as DASK_ERRORS
from tests.contracts.hypothesis_error_cases import ERRORS as HYPOTHESIS_ERRORS
from tests.contracts.margin_error_cases import ERRORS as MARGIN_ERRORS
from tests.contracts.multinomial_error_cases import ERRORS as MULTINOMIAL_ERRORS
from tests.contracts.path_error_cases import ERRORS as PATH_ERRORS
from tests.contracts.plots_error_cases import ERRORS as PLOTS_ERRORS
from tests.contracts.profile_error_cases import ERRORS as PROFILE_ERRORS
from tests.contracts.replicate_error_cases import ERRORS as REPLICATE_ERRORS
from tests.contracts.selection_error_cases import ERRORS as SELECTION_ERRORS
from tests.contracts.sklearn_error_cases import ERRORS as SKLEARN_ERRORS
from tests.contracts.sparse_error_cases import ERRORS as SPARSE_ERRORS
from tests.contracts.streaming_error_cases import ERRORS as STREAMING_ERRORS
from tests.contracts.survey_error_cases import ERRORS as SURVEY_ERRORS
from tests.contracts.table_error_cases import ERRORS as TABLE_ERRORS
from tests.contracts.weighting_error_cases import ERRORS as WEIGHTING_ERRORS
from wlogit import (
    ConvergenceWarning,
    DataWarning,
    DesignError,
    InferenceWarning,
    MissingValueError,
    NotAvailableError,
    OutcomeError,
    SeparationError,
    SeparationWarning,
    SurveyDesign,
    WeightedLogit,
    WeightError,
)
from wlogit.formula.api import weighted_logit

LABELS = [f"r{i}" for i in range(60)]


@cache
def _data():
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {
            "x": rng.normal(size=60),
            "z": rng.normal(size=60),
            "g": rng.choice(["a", "b", "c"], 60),
            "o": rng.normal(size=60) / 10,
            "w": rng.integers(1, 4, 60),
            "cluster": np.arange(60) % 12,
        },
        index=LABELS,
    )
    data["y"] = (rng.random(60) < 1 / (1 + np.exp(-data["x"]))).astype(int)
    data["twice"] = 2 * data["x"]
    return data


def data(**columns):
    return _data().assign(**columns)


def with_hole(column):
    changed = data()
    changed[column] = changed[column].astype(object if column == "g" else float)
    changed.loc["r7", column] = None if column == "g" else np.nan
    return changed


def X():  # noqa: N802  a matrix
    return np.column_stack([np.ones(60), data()["x"], data()["z"]])


def y():
    return data()["y"].to_numpy()


def table():
    return pd.DataFrame(X(), columns=["const", "x", "z"], index=LABELS)


def spoiled(value):
    values = table()
    values.iloc[7, 1] = value
    return values


def arrays(endog=None, exog=None, **options):
    return WeightedLogit(y() if endog is None else endog, X() if exog is None else exog, **options)


def labeled(exog, **options):
    return WeightedLogit(data()["y"], exog, **options)


def formula(text="y ~ x + z", frame=None, **options):
    return weighted_logit(text, data() if frame is None else frame, **options)


def fit(model=None, **options):
    return (formula() if model is None else model).fit(disp=False, **options)


def balanced(**options):
    return fit(formula(class_weight="balanced"), **options)


def aliased():
    return fit(formula("y ~ x + twice + C(g)", aliased="drop"))


def without_data():
    results = fit(formula("y ~ x + z + C(g)", freq_weights="w"))
    results.remove_data()
    return results


def penalised(**options):
    return formula().fit_regularized(
        **{"method": "elastic_net", "alpha": 0.1, "disp": False, **options}
    )


def wide():
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(6), rng.normal(size=(6, 8))])
    return WeightedLogit([0, 1, 0, 1, 0, 1], design, aliased="keep")


def constrained(**options):
    return formula(**options).fit_constrained("x = 0.5", disp=False)


def separated(**options):
    return arrays(endog=(X()[:, 1] > 0).astype(int), **options)


def raising_on_separation():
    model = separated()
    model.raise_on_perfect_prediction = True
    return fit(model)


def clusters(groups, **options):
    return fit(cov_type="cluster", cov_kwds={"groups": groups, **options})


def one_event():
    return fit(arrays(endog=(np.arange(60) == 5).astype(int), class_weight="balanced"))


HERE = "r7"  # the row that every hole is in
ERRORS = {
    # ---- the outcome and its table
    "empty": (lambda: arrays(endog=[], exog=np.empty((0, 2))), OutcomeError, ("empty", "rows")),
    "no rows left": (
        lambda: arrays(exog=np.full((60, 1), np.nan), missing="drop"),
        DesignError,
        ("no rows are left", "missing"),
    ),
    "complex column": (
        lambda: formula(frame=data().assign(x=data()["x"] + 1j)),
        DesignError,
        ("'x'", "complex", "real part"),
    ),
    "name of a file": (
        lambda: fit().predict("new.csv"),
        DesignError,
        ("'new.csv'", "read the file"),
    ),
    "nothing in the subset": (
        lambda: formula(subset=data()["x"] > 99),
        (DesignError, OutcomeError),
        ("subset", "rows"),
    ),
    "lengths": (lambda: arrays(exog=X()[:-1]), DesignError, ("60 rows", "59", "both")),
    "labels": (
        lambda: labeled(table().iloc[::-1]),
        DesignError,
        ("not aligned", "row labels", "reindex"),
    ),
    # ---- the covariates
    "dimensions": (
        lambda: arrays(exog=np.ones((60, 2, 2))),
        DesignError,
        ("3 dimensions", "rows and columns"),
    ),
    "ragged": (
        lambda: arrays(exog=[[1.0, 2.0]] * 59 + [[1.0]]),
        DesignError,
        ("exog", "rectangle of numbers"),
    ),
    "complex": (lambda: arrays(exog=X() + 0j), DesignError, ("exog", "complex", "numbers")),
    "dates": (
        lambda: labeled(table().assign(when=pd.Timestamp("2020-01-01"))),
        DesignError,
        ("'when'", "datetime", "numbers"),
    ),
    "text": (
        lambda: labeled(table().assign(g=data()["g"])),
        DesignError,
        ("'g'", "text", "formula", "get_dummies"),
    ),
    "category": (
        lambda: labeled(table().assign(g=pd.Categorical(data()["g"]))),
        DesignError,
        ("'g'", "categorical", "formula"),
    ),
    "objects": (
        lambda: labeled(table().assign(odd=[{}] * 60)),
        DesignError,
        ("'odd'", "numbers"),
    ),
    "no columns": (lambda: arrays(exog=np.empty((60, 0))), DesignError, ("no columns",)),
    "zero columns": (
        lambda: arrays(exog=np.zeros((60, 2)), aliased="drop"),
        DesignError,
        ("every column", "zero", "rows with weight"),
    ),
    "rank": (
        lambda: labeled(table().assign(sum=lambda t: t["x"] - 2 * t["z"])),
        DesignError,
        ("rank deficient", "sum = 1 x + -2 z", "Leave", 'aliased="drop"'),
    ),
    "huge column": (
        lambda: labeled(table().assign(x=lambda t: t["x"] * 1e300)),
        DesignError,
        ("'x'", "e+300", "rescale"),
    ),
    "tiny column": (
        lambda: labeled(table().assign(x=lambda t: t["x"] * 1e-160)),
        DesignError,
        ("'x'", "e-160", "rescale"),
    ),
    # ---- missing and infinite values
    "missing outcome": (
        lambda: formula(frame=with_hole("y"), missing="raise"),
        MissingValueError,
        ("outcome", HERE, "1 row", 'missing="drop"'),
    ),
    "missing covariate": (
        lambda: labeled(spoiled(np.nan)),
        MissingValueError,
        ("'x'", HERE, "1 row", 'missing="drop"'),
    ),
    "missing covariate by position": (
        lambda: arrays(exog=spoiled(np.nan).to_numpy()),
        MissingValueError,
        ("column 1", "row 7"),
    ),
    "missing offset": (
        lambda: arrays(offset=with_hole("o")["o"].to_numpy()),
        MissingValueError,
        ("offset", "row 7", 'missing="drop"'),
    ),
    "infinite covariate": (
        lambda: labeled(spoiled(np.inf), missing="drop"),
        MissingValueError,
        ("'x'", "infinite", HERE, "Take those rows out or transform"),
    ),
    "infinite offset": (
        lambda: arrays(offset=np.where(np.arange(60) == 7, np.inf, 0.0)),
        MissingValueError,
        ("offset", "infinite", "row 7", "finite"),
    ),
    "missing weight": (
        lambda: formula(frame=with_hole("w"), freq_weights="w"),
        WeightError,
        ("freq_weights", HERE, "missing", "give the row a weight, or leave it out"),
    ),
    "missing cluster": (
        lambda: fit(
            formula(frame=with_hole("cluster")),
            cov_type="cluster",
            cov_kwds={"groups": "cluster"},
        ),
        DesignError,
        ("groups", HERE, "cluster id"),
    ),
    "offset of the wrong kind": (
        lambda: formula(offset="g"),
        ValueError,
        ("offset", "numbers", "row 'r0'"),
    ),
    "offset of the wrong length": (
        lambda: arrays(offset=np.zeros(59)),
        ValueError,
        ("offset has 59 entries", "60 rows", "before subset"),
    ),
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

ERRORS |= CLASSIFICATION_ERRORS | MARGIN_ERRORS | WEIGHTING_ERRORS | AUDIT_ERRORS
ERRORS |= SKLEARN_ERRORS | MULTINOMIAL_ERRORS | SURVEY_ERRORS | REPLICATE_ERRORS
ERRORS |= PROFILE_ERRORS | SPARSE_ERRORS | STREAMING_ERRORS | DASK_ERRORS
ERRORS |= HYPOTHESIS_ERRORS
ERRORS |= CLUSTER_ERRORS | COLUMN_ERRORS
ERRORS |= BIAS_ERRORS | CLI_ERRORS | PATH_ERRORS | PLOTS_ERRORS | SELECTION_ERRORS | TABLE_ERRORS


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
