"""What is not compared of the reference cases, and why."""

from fnmatch import fnmatch

from tests.reference import hypothesis_checks, label_checks, profile_checks
from tests.reference.cases import Case

ROWS_NOT_CASES = "R counts rows where wlogit counts cases (the expanded block has the latter)"
BINOMIAL = "has the binomial coefficients, which do not depend on the parameters"
NOT_BUILT = "wlogit does not offer it yet"
ABOUT_THE_CASE = "says something about the case, not about the fit"
REPEATS_AS_MEAN = "type= was given outside control=, so brglm2 fitted AS_mean; extra/ has AS_median"
NOT_IDENTIFIED = "1e15 in R where a replicate does not identify a slope; see extra/replicates"
# What is not compared, by case:block, and why.
SKIPPED = {
    "*:quasi": "wlogit estimates no dispersion",
    "*.quasi": "wlogit estimates no dispersion",
    "*quasi_dispersion": "wlogit estimates no dispersion",
    "*:summary_dispersion": "wlogit estimates no dispersion",
    "*n_rows": "counts rows of weight zero too; n_rows_positive_weight is compared",
    "T02_*:df_resid": ROWS_NOT_CASES,
    "T02_*:df_null": ROWS_NOT_CASES,
    "T02_*:n_rows_positive_weight": ROWS_NOT_CASES,
    "T02_*:bic_R_nrows": ROWS_NOT_CASES,
    "T14_rare_counts:df_resid": ROWS_NOT_CASES,
    "T14_rare_counts:df_null": ROWS_NOT_CASES,
    "T14_rare_counts:n_rows_positive_weight": ROWS_NOT_CASES,
    "T14_rare_counts:bic_R_nrows": ROWS_NOT_CASES,
    "T14_zero_weights:bic_R_nrows": "counts rows of weight zero; the dropped block does not",
    "T02_*_grouped:loglik_R": BINOMIAL,
    "T02_*_grouped:aic_R": BINOMIAL,
    "T02_*_grouped:robust.HC[123]": "of rows as units (R), not of the cases in them (wlogit)",
    "T01_birthwt_cellmeans:null_deviance": "see test_indicators_of_every_level_span_the_constant",
    "T01_birthwt_cellmeans:df_null": "see test_indicators_of_every_level_span_the_constant",
    "*:cluster.HC2_*": "vcovCL's transposed form, neither CR2 nor CR3",
    "*:cluster.HC3_*": "vcovCL's transposed form, neither CR2 nor CR3",
    "*:cluster*.HC1_nocadjust": "a factor that no kind of wlogit has; CR0 and CR1S are compared",
    "*_multi0": "replaces the last intersection by single rows, which wlogit does not offer",
    "T05_*:AS_median": REPEATS_AS_MEAN,
    "T05_*:AS_mixed": REPEATS_AS_MEAN,
    "T05_*:MPL_Jeffreys": REPEATS_AS_MEAN,
    "T05_*:max_abs_diff_brglm2_vs_hand": ABOUT_THE_CASE,
    "T09_*:vcov_used": "an input",
    "T10_*:second_formula": "an input",
    "T10_*:lrm_weighted_note": ABOUT_THE_CASE,
    "T10_*:weighted_auc_formula": ABOUT_THE_CASE,
    "T11_*:definitions": ABOUT_THE_CASE,
    "T11_*:covratio_R": "a ratio of determinants with an estimated dispersion; wlogit has none",
    "*:svycontrast.1": "not linear in the coefficients",
    "*:svycontrast.2": "not linear in the coefficients",
    "*:predict.newdata": "an input",
    "T04_rep_scd_brr_given:[tz]": NOT_IDENTIFIED,
    "T04_rep_scd_brr_given:confint_R": NOT_IDENTIFIED,
    "T04_rep_scd_brr_given:replicate_coefs": NOT_IDENTIFIED,
    "*:tau": "an input",
    "*:ybar": "a mean of the data",
    "*:expanded_data": ABOUT_THE_CASE,
    "*:R_default_start_diverges": ABOUT_THE_CASE,
    "*:mp50.iterations": ABOUT_THE_CASE,
    "*:mp50.note": ABOUT_THE_CASE,
    "*:mp50.R_max_rel_diff": ABOUT_THE_CASE,
    "*:mp50.coef_40_digits": "more digits than a float has; mp50.coef is compared",
    **label_checks.SKIPPED,
    **profile_checks.SKIPPED,
    **hypothesis_checks.SKIPPED,
}


def skipped(case: Case, block: str) -> bool:
    return any(fnmatch(f"{case.id}:{block}", pattern) for pattern in SKIPPED)
