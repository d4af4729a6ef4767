# The three tables of broom for fits without weights, with counts of cases and with an offset. broom's
# intervals are profiles, so those of confint.default (Wald) stand beside. Uses ../data; writes
# values.json and session_info.txt.   Rscript generate.R
suppressPackageStartupMessages(library(broom))

cases <- read.csv("../data/cases.csv")
counts <- read.csv("../data/counts.csv")
exact <- glm.control(epsilon = 1e-300, maxit = 60)
# Iterated until the deviance repeats exactly, then once more: the working weights are one step behind.
fitted_exactly <- function(formula, data, ...) {
  environment(formula) <- environment()
  arguments <- list(formula, family = binomial(), data = data, control = exact, ...)
  first <- suppressWarnings(do.call(glm, arguments))
  suppressWarnings(do.call(glm, c(arguments, list(start = coef(first)))))
}
report <- function(f, level = 0.9) {
  coefficients <- as.data.frame(tidy(f))
  limits <- suppressMessages(confint.default(f, level = level))
  ratios <- as.data.frame(tidy(f, exponentiate = TRUE))
  g <- as.data.frame(glance(f))
  rows <- as.data.frame(augment(f, type.predict = "link", type.residuals = "deviance", se_fit = TRUE))
  list(
    tidy = list(estimate = coefficients$estimate, std_error = coefficients$std.error,
      statistic = coefficients$statistic, p_value = coefficients$p.value,
      conf_low = unname(limits[, 1]), conf_high = unname(limits[, 2])),
    odds = list(estimate = ratios$estimate, std_error = ratios$std.error),
    glance = list(llf = g$logLik, aic = g$AIC, bic = g$BIC, df_resid = g$df.residual, nobs = g$nobs),
    augment = list(linear_predictor = rows$.fitted, linear_predictor_se = rows$.se.fit,
      fitted = unname(fitted(f)), resid_dev = rows$.resid, leverage = rows$.hat, cooks_distance = rows$.cooksd,
      resid_pearson = unname(residuals(f, "pearson")), resid_studentized = unname(rstandard(f, type = "pearson"))))
}

present <- cases[cases$fw > 0, ]
values <- list(
  plain = report(fitted_exactly(y ~ x1 + x2 + z, data = cases)),
  offset = report(fitted_exactly(y ~ x1 + x2 + z, data = cases, offset = cases$off)),
  frequency = report(fitted_exactly(y ~ x1 + x2 + z, data = present, weights = present$fw)),
  counts = report(fitted_exactly(cbind(events, others) ~ x + z, data = counts)))

## ---- write --------------------------------------------------------------------------------------
json <- function(x) {
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    return(paste0("{", paste0("\"", names(x), "\": ", inner, collapse = ", "), "}"))
  }
  paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ", "), "]")
}
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
