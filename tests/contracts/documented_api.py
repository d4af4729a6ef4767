"""Names, arguments and attributes that the documentation promises."""

import wlogit
from wlogit import WeightedLogit, WeightedMNLogit
from wlogit.bias_reduced.results import BiasReducedResults
from wlogit.multinomial.results import WeightedMNLogitResults
from wlogit.results import WeightedLogitResults

OPTIONS = (
    "class_weight=None, freq_weights=None, sampling_weights=None, prevalence=None, "
    "design=None, offset=None, event=None"
)
FIT = (
    "start_params=None, method='newton', maxiter=50, full_output=True, disp=True, callback=None, "
    "*, tol=None, cov_type=None, cov_kwds=None, use_t=None, warn_convergence=True, "
    "**optimizer_options"
)
# What must be there, with these arguments.
BUILT = {
    wlogit: {
        "audit": "other, X=None, y=None, sample_weight=None, *, meaning=None",
        "compare": (
            "results, names=None, style='text', *, cov_types=None, statistic=None, stars=False, "
            "exponentiate=False, digits=3, conf_level=0.95, keep=None, drop=None, rename=None, "
            "footer=None"
        ),
        "compare_nested": "*results, approximation='saddlepoint', names=None",
        "show_versions": "",
    },
    WeightedLogit: {
        "__init__": f"self, endog, exog, *, {OPTIONS}, missing='raise', aliased='raise'",
        "from_formula": (
            f"formula, data, subset=None, drop_cols=None, *, {OPTIONS}, missing='drop', "
            "aliased='raise', eval_env=0"
        ),
        "fit": f"self, {FIT}",
        "fit_constrained": "self, constraints, start_params=None, **fit_kwds",
        "fit_bias_reduced": (
            "self, kind='mean', weights=None, start_params=None, maxiter=100, disp=True, "
            "callback=None, *, prediction=None, case_control='weighting', tol=None, "
            "cov_type=None, cov_kwds=None, use_t=None, warn_convergence=True"
        ),
        "check_separation": "self",
        "fit_regularized": (
            "self, start_params=None, method='l1', maxiter='defined_by_method', full_output=1, "
            "disp=1, callback=None, alpha=0, trim_mode='auto', auto_trim_tol=0.01, "
            "size_trim_tol=0.0001, qc_tol=0.03, *, L1_wt=1.0, refit=False, standardize=False, "
            "tol=None"
        ),
        "loglike": "self, params",
        "loglikeobs": "self, params",
        "score": "self, params",
        "score_obs": "self, params",
        "hessian": "self, params",
        "information": "self, params",
        "predict": "self, params, exog=None, which='mean', offset=None",
    },
    WeightedMNLogit: {
        "__init__": (
            "self, endog, exog, *, class_weight=None, freq_weights=None, sampling_weights=None, "
            "design=None, missing='raise', aliased='raise'"
        ),
        "from_formula": (
            "formula, data, subset=None, drop_cols=None, *, class_weight=None, freq_weights=None, "
            "sampling_weights=None, design=None, missing='drop', aliased='raise', eval_env=0"
        ),
        "fit": f"self, {FIT}".removesuffix(", **optimizer_options"),
        "fit_regularized": (
            "self, start_params=None, method='elastic_net', maxiter='defined_by_method', "
            "full_output=1, disp=1, callback=None, alpha=0, *, L1_wt=1.0, tol=None"
        ),
        "check_separation": "self",
        "predict": "self, params, exog=None, which='mean'",
    },
    WeightedMNLogitResults: {
        "with_covariance": (
            "self, cov_type=None, *, use_t=None, groups=None, kind=None, use_correction=None, "
            "class_weights=None, sampling=None, df=None, n_boot=None, seed=None, progress=None"
        ),
        "predict": "self, exog=None, transform=True, *, which='mean'",
        "get_prediction": "self, exog=None, transform=True, which='mean', row_labels=None",
        "conf_int": "self, alpha=0.05",
        "risk_ratios": "self, alpha=0.05",
        "pred_table": "self, *, which='mean', weighted=False",
        "get_margeff": (
            "self, at='overall', method='dydx', atexog=None, dummy=False, count=False, *, "
            "scale='calibrated', vce='delta'"
        ),
        "summary": (
            "self, yname=None, xname=None, title=None, alpha=0.05, yname_list=None, *, "
            "cov_type=None"
        ),
        "tidy": "self, exponentiate=False, conf_level=0.95",
        "glance": "self",
        "to_dict": "self",
        "to_json": "self, indent=2",
        "info_criteria": "self, crit, dk_params=0",
        "pseudo_rsquared": "self, kind='mcfadden'",
        "lr_test": "self, restricted, approximation='saddlepoint'",
        "anova": ("self, type=2, test='wald', *, approximation='saddlepoint', adjust=None"),
    },
    BiasReducedResults: {
        "conf_int": "self, alpha=0.05, cols=None, *, method='wald'",
        "penalized_lr_test": "self, hypothesis=None",
        "penalized_lr_tests": "self",
    },
    WeightedLogitResults: {
        "with_covariance": (
            "self, cov_type=None, *, use_t=None, groups=None, kind=None, use_correction=None, "
            "class_weights=None, sampling=None, df=None, n_boot=None, seed=None, progress=None"
        ),
        "predict": ("self, exog=None, transform=True, *, which=None, prevalence=None, offset=None"),
        "get_prediction": (
            "self, exog=None, transform=True, which=None, row_labels=None, average=False, "
            "agg_weights=None, *, prevalence=None, by=None, offset=None"
        ),
        "conf_int": "self, alpha=0.05, cols=None, *, method='wald'",
        "odds_ratios": "self, alpha=0.05, *, method='wald'",
        "profile": "self, cols=None, *, alpha=0.05",
        "dbic": "self, maximal",
        "report": "self, path",
        "pred_table": "self, threshold=0.5, *, which='mean', weighted=False",
        "pseudo_rsquared": "self, kind='mcfadden'",
        "lr_test": "self, restricted, approximation='saddlepoint'",
        "anova": ("self, type=2, test='wald', *, approximation='saddlepoint', adjust=None"),
        "delta_method": "self, function, names=None",
        "nonlinear_test": "self, function, null=0.0",
        "adjusted_pvalues": "self, method='holm', cols=None",
        "info_criteria": "self, crit, dk_params=0",
        "summary": (
            "self, yname=None, xname=None, title=None, alpha=0.05, yname_list=None, *, "
            "exponentiate=False, cov_type=None"
        ),
        "summary2": "self, yname=None, xname=None, title=None, alpha=0.05, float_format='%.4f'",
        "get_margeff": (
            "self, at='overall', method='dydx', atexog=None, dummy=False, count=False, *, "
            "scale='calibrated', vce='delta', variables=None, prevalence=None"
        ),
        "predictions_at": (
            "self, levels, *, others='observed', contrast=None, which='calibrated', "
            "prevalence=None, vce='delta'"
        ),
        "calibrated": "self",
        "get_influence": "self, unit='row'",
        "collinearity": "self",
        "weighting_test": "self",
        "weighting_report": "self",
        "sensitivity": "self, ratios=None, prevalences=None, *, alpha=0.05",
        "tidy": "self, exponentiate=False, conf_level=0.95",
        "glance": "self",
        "augment": "self, data=None",
        "to_dict": "self",
        "to_json": "self, indent=2",
        "auc": "self, alpha=0.05",
        "roc": "self, alpha=0.05",
        "precision_recall": "self, prevalence=None, alpha=0.05",
        "classification_report": "self, threshold=0.5, *, which='mean', alpha=0.05",
        "choose_threshold": "self, cost=None, method=None",
        "map_threshold": "self, threshold, to='calibrated'",
        "brier": "self, alpha=0.05",
        "log_loss": "self, alpha=0.05",
        "calibration": "self, bins=10, alpha=0.05",
        "gof_test": "self, kind='hosmer-lemeshow', *, groups=10",
        "link_test": "self",
        "evaluate": (
            "self, data=None, endog=None, *, cv=None, groups=None, seed=None, freq_weights=None, "
            "sampling_weights=None, offset=None, prevalence=None"
        ),
        "recalibrate": "self, prevalence=None",
        "remove_data": "self",
        "set_null_options": "self, llnull=None, attach_results=True, **kwargs",
    },
}
ATTRIBUTES = (
    *("params", "bse", "tvalues", "pvalues", "llf", "llnull", "llr", "llr_pvalue", "prsquared"),
    *("aic", "bic", "df_model", "df_resid", "nobs", "fittedvalues", "weights", "cov_type"),
    *("cov_HC0", "cov_HC1", "cov_HC2", "cov_HC3", "cov_HC4", "cov_nonrobust", "converged"),
    *("resid_dev", "resid_generalized", "resid_pearson", "resid_response", "mle_retvals"),
)
WEIGHTS = ("kind", "nobs", "total", "effective_size", "design_effect", "class_weights", "n_dropped")
# What has a name already: absent, or with these arguments first.
PLANNED = {
    wlogit: {
        "SurveyDesign": (
            "data=None, *, weights=None, strata=None, psu=None, fpc=None, nest=False, "
            "lonely_psu='fail'"
        ),
        "ReplicateDesign": "data=None, *, weights, replicate_weights, kind",
    },
    WeightedLogit: {
        "fit_regularized_path": "self, alphas=None, n_alphas=100, L1_wt=1.0, cv=None",
        "fit_bias_reduced": "self, kind='mean', weights=None",
    },
}
