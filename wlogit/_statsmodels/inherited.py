"""Names that our classes take over from statsmodels unchanged, each with why it is right.

A test compares these with what the classes really inherit, so that a new release of statsmodels
that adds a name fails the test, and uses each under frequency and class weights.
"""

from typing import Final

ACCEPTED: Final[dict[str, str]] = {
    # model
    "cov_params_func_l1": "inverse of our information; for statsmodels' l1 fit alone, refused",
    "endog_names": "a name, which no weight changes",
    "exog_names": "names, which no weight changes",
    "get_distribution": "Bernoulli with the probabilities of our predict, one case for each row",
    # results
    "bse": "roots of the diagonal of cov_params",
    "cov_params": "our cov_params_default, the covariance in use, or contrasts of it",
    "f_test": "our wald_test by the F distribution",
    "initialize": "stores params and model",
    "load": "unpickles",
    "normalized_cov_params": "every results object has its own: our inverse information",
    "pvalues": "tails of tvalues, on the degrees of freedom of the covariance or in cases",
    "save": "pickles, after our remove_data if asked",
    "t_test": "linear in params and cov_params",
    "tvalues": "params over bse",
    "use_t": "a flag, which pvalues and the tests read",
}
"""Public names."""

INTERNAL: Final[dict[str, str]] = {
    # model
    "_check_perfect_pred": "a callback of statsmodels' fit, which ours does without",
    "_deriv_mean_dparams": "p q x of each row by our linear predictor",
    "_derivative_exog": "effects in each row by our pdf and predict; statsmodels' margins average",
    "_derivative_exog_helper": "as _derivative_exog",
    "_derivative_predict": "as _derivative_exog",
    "_handle_data": "stores arrays; missing rows and weights are settled before",
    "_kwargs_allowed": "read by statsmodels' _check_kwargs, which ours replaces",
    # results and their wrapper
    "_attrs": "statsmodels' table of what gets labels",
    "_get_endog_name": "names",
    "_get_wald_nonlinear": "delta method on params and cov_params",
    "_methods": "as _attrs",
    "_summary_cache": "keeps what a summary printed",
}
"""Names with an underscore: statsmodels' own code may call them."""
