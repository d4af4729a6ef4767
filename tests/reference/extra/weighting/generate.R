# Collinearity by car::vif and a singular value decomposition; the test that weights matter by the
# influences of two glm fits, written out one case at a time. Uses ../data and ../../r/data; writes
# values.json and session_info.txt.   Rscript generate.R
suppressPackageStartupMessages(library(car))

cases <- read.csv("../data/cases.csv")
birthwt <- read.csv("../../r/data/birthwt.csv")
balanced <- function(y, a = rep(1, length(y))) { W <- tapply(a, y, sum); as.vector(sum(a) / (2 * W[as.character(y)])) }
fit <- function(formula, data, w) {
  data$.w <- w; environment(formula) <- environment()
  suppressWarnings(glm(formula, binomial, data, weights = .w, epsilon = 1e-300, maxit = 60))
}

## ---- collinearity -------------------------------------------------------------------------------
belsley <- function(f) {
  X <- model.matrix(f); Z <- X * sqrt(f$weights); Z <- sweep(Z, 2, sqrt(colSums(Z^2)), "/")
  s <- svd(Z); phi <- t(sweep(s$v^2, 2, s$d^2, "/")); list(columns = colnames(X), indices = s$d[1] / s$d, proportions = sweep(phi, 2, colSums(phi), "/"))
}
vifs <- function(f) { v <- suppressWarnings(suppressMessages(vif(f))); if (is.matrix(v)) list(names = rownames(v), gvif = unname(v[, 1]), df = unname(v[, 2]), scaled = unname(v[, 3])) else list(names = names(v), gvif = unname(v), df = rep(1, length(v)), scaled = sqrt(unname(v))) }
d <- birthwt
fits <- list(
  none = fit(low ~ age + lwt + factor(race) + smoke + ht, d, rep(1, nrow(d))),
  balanced = fit(low ~ age + lwt + factor(race) + smoke + ht, d, balanced(d$low)),
  sampling = fit(low ~ age + lwt + factor(race) * smoke, d, d$iw),
  no_constant = fit(low ~ 0 + age + lwt + smoke, d, balanced(d$low)),
  powers = fit(low ~ lwt + I(lwt^2) + I(lwt^3), d, d$iw))
collinearity <- lapply(fits, function(f) c(vifs(f), belsley(f)))

## ---- do the weights matter? ---------------------------------------------------------------------
influence_of <- function(formula, D, v, a, type, centered) {
  f <- fit(formula, D, v); X <- model.matrix(f); y <- f$y; p <- f$fitted.values
  A <- solve(crossprod(X * sqrt(v * p * (1 - p)))); u <- X * (v * (y - p)); d <- rep(1, length(y))
  if (centered) {
    W1 <- sum(a * y); W0 <- sum(a * (1 - y)); T1 <- colSums(X * (v * y * (1 - p))); T0 <- -colSums(X * (v * (1 - y) * p))
    u <- u - outer(a * y / W1, T1) - outer(a * (1 - y) / W0, T0)
  }
  if (type == "HC3") {
    h <- v * p * (1 - p) * rowSums((X %*% A) * X); d <- 1 / (1 - h)
    if (centered) d <- d * sqrt(ifelse(y == 1, sum(y) / (sum(y) - 1), sum(1 - y) / (sum(1 - y) - 1)))
  }
  if (type == "HC1") d <- rep(sqrt(length(y) / (length(y) - ncol(X))), length(y))
  list(b = coef(f), psi = (u * d) %*% A)
}
compare <- function(D, v, v0, a, type, centered, groups = NULL, formula = y ~ x1 + x2 + z) {
  w <- influence_of(formula, D, v, a, type, centered); u <- influence_of(formula, D, v0, a, type, FALSE)
  delta <- (w$b - u$b)[-1]; psi <- (w$psi - u$psi)[, -1]
  if (!is.null(groups)) psi <- rowsum(psi, groups)
  V <- crossprod(psi); X2 <- drop(delta %*% solve(V, delta))
  list(weighted = unname(w$b[-1]), unweighted = unname(u$b[-1]), difference = unname(delta), se = unname(sqrt(diag(V))), covariance = unname(V),
       statistic = X2, df = length(delta), pvalue = pchisq(X2, length(delta), lower.tail = FALSE))
}
one <- rep(1, nrow(cases)); y <- cases$y; iw <- cases$iw; tau <- 0.04; ybar <- mean(y)
prev <- ifelse(y == 1, tau / ybar, (1 - tau) / (1 - ybar)); map <- ifelse(y == 1, 3, 1)
expanded <- cases[rep(seq_len(nrow(cases)), cases$fw), ]; m1 <- rep(1, nrow(expanded))
tests <- list()
for (type in c("HC0", "HC1", "HC3")) {
  tests[[paste0("balanced_", type)]] <- compare(cases, balanced(y), one, one, type, TRUE)
  tests[[paste0("fixed_", type)]] <- compare(cases, balanced(y), one, one, type, FALSE)
  tests[[paste0("mapping_", type)]] <- compare(cases, map, one, one, type, FALSE)
  tests[[paste0("prevalence_", type)]] <- compare(cases, prev, one, one, type, TRUE)
  tests[[paste0("sampling_", type)]] <- compare(cases, iw, one, one, type, FALSE)
  tests[[paste0("sampling_balanced_", type)]] <- compare(cases, iw * balanced(y, iw), iw, iw, type, TRUE)
  tests[[paste0("frequency_balanced_", type)]] <- compare(expanded, balanced(expanded$y), m1, m1, type, TRUE)
}
tests$cluster_sampling <- compare(cases, iw, one, one, "HC0", FALSE, cases$g1)
tests$cluster_balanced <- compare(cases, balanced(y), one, one, "HC0", TRUE, cases$g1)

## ---- write --------------------------------------------------------------------------------------
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ",\n"), "}"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ",\n "), "]"))
  text <- if (is.character(x)) paste0("\"", x, "\"") else sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
writeLines(json(list(collinearity = collinearity, tests = tests)), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
