# AIC and BIC of survey::svyglm: sampling and class weights, fractions, no intercept, strata, clusters
# and finite populations; Takeuchi's criterion from a sandwich. Uses ../data and ../../r/data; writes
# values.json and session_info.txt.   Rscript generate.R
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail")
cases <- read.csv("../data/cases.csv"); strat <- read.csv("../../r/data/apistrat.csv"); clus <- read.csv("../../r/data/apiclus1.csv")
balanced <- function(y) { n <- table(y); as.vector(length(y) / (2 * n[as.character(y)])) }
cases$bal <- balanced(cases$y)

designs <- list(
  sampling = svydesign(id = ~1, weights = ~iw, data = cases),
  balanced_fixed = svydesign(id = ~1, weights = ~bal, data = cases),
  balanced = svydesign(id = ~1, strata = ~y, weights = ~bal, data = cases),
  clusters = svydesign(id = ~g1, weights = ~iw, data = cases),
  apistrat = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  apiclus1 = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus))
ctl <- glm.control(epsilon = 1e-300, maxit = 60)
fit <- function(formula, design) { environment(formula) <- environment(); f <- suppressWarnings(svyglm(formula, design = design, family = quasibinomial(), control = ctl)); f }
of <- function(design, largest, ...) {
  m <- fit(largest, designs[[design]]); fits <- lapply(list(largest, ...), fit, design = designs[[design]])
  aic <- suppressWarnings(lapply(fits, AIC)); bic <- lapply(fits, function(f) suppressWarnings(BIC(f, maximal = m)))
  list(daic = sapply(aic, function(a) a[["AIC"]]), eff_p = sapply(aic, function(a) a[["eff.p"]]), dbic = sapply(bic, function(b) b[["BIC"]]))
}
values <- list(
  sampling = of("sampling", y ~ x1 + x2 + z, y ~ x1, y ~ x1 + z),
  balanced_fixed = of("balanced_fixed", y ~ x1 + x2 + z, y ~ x1, y ~ x1 + z),
  balanced = of("balanced", y ~ x1 + x2 + z, y ~ x1, y ~ x1 + z),
  clusters = of("clusters", y ~ x1 + x2 + z, y ~ x1, y ~ x1 + z),
  fraction = of("sampling", share ~ x1 + x2 + z, share ~ x1, share ~ x1 + z),
  no_constant = of("sampling", y ~ 0 + x1 + x2 + z, y ~ 0 + x1, y ~ 0 + x1 + z),
  apistrat = of("apistrat", sch_wide ~ ell + meals + mobility, sch_wide ~ ell, sch_wide ~ ell + meals),
  apiclus1 = of("apiclus1", sch_wide ~ ell + meals + mobility, sch_wide ~ ell, sch_wide ~ ell + meals))

## ---- Takeuchi: HC0, centered within class where the class weights are estimated -----------------
tic <- function(w, centered, y = cases$y) {
  cases$.y <- y
  f <- suppressWarnings(glm(.y ~ x1 + x2 + z, quasibinomial, cases, weights = w, control = ctl)); X <- model.matrix(f); p <- fitted(f); n <- length(y)
  wt <- w * n / sum(w); A <- crossprod(X * sqrt(wt * p * (1 - p))); u <- X * (wt * (y - p))
  if (centered) { m <- rowsum(u, y) / as.vector(table(y)); u <- u - m[as.character(y), ] }
  l <- sum(wt * (y * log(p) + (1 - y) * log(1 - p))); -2 * l + 2 * sum(diag(solve(A, crossprod(u))))
}
values$tic <- list(none = tic(rep(1, nrow(cases)), FALSE), sampling = tic(cases$iw, FALSE), mapping = tic(ifelse(cases$y == 1, 3, 1), FALSE),
  balanced = tic(cases$bal, TRUE), fraction = tic(rep(1, nrow(cases)), FALSE, cases$share))

json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ",\n"), "}"))
  text <- if (is.character(x)) paste0("\"", x, "\"") else sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
