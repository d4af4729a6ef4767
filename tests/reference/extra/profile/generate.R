# Profile limits by uniroot on the exactly profiled log-likelihood: unit weights, counts, offset,
# fractions, separated outcomes, a constraint, and Rao-Scott scaled drops under sandwich covariances
# written out one row at a time. Uses ../data and ../../r/data; writes values.json and
# session_info.txt.   Rscript generate.R
cases <- read.csv("../data/cases.csv"); counts <- read.csv("../data/counts.csv")
endo <- read.csv("../../r/data/endometrial.csv"); birthwt <- read.csv("../../r/data/birthwt.csv")

loglik <- function(e, y, w) sum(w * (y * plogis(e, log.p = TRUE) + (1 - y) * plogis(-e, log.p = TRUE)))
newton <- function(X, y, w, o, b = rep(0, ncol(X))) {
  if (!ncol(X)) return(b)
  for (i in 1:500) {
    e <- drop(X %*% b) + o; p <- plogis(e); g <- crossprod(X, w * (y - p))
    s <- sqrt(diag(crossprod(X * sqrt(w * p * (1 - p))))); A <- crossprod(X * sqrt(w * p * (1 - p))) / outer(s, s)
    d <- drop(solve(A, g / s)) / s; t <- 1
    while (loglik(drop(X %*% (b + t * d)) + o, y, w) < loglik(e, y, w) - 1e-13 * abs(loglik(e, y, w)) && t > 1e-9) t <- t / 2
    b <- b + t * d; if (max(abs(t * d) * s) < 1e-13 * max(1, abs(b) * s)) break
  }
  b
}
information <- function(X, b, w, o) { p <- plogis(drop(X %*% b) + o); crossprod(X * sqrt(w * p * (1 - p))) }
balanced <- function(y, a = rep(1, length(y))) { W <- tapply(a, y, sum); as.vector(sum(a) / (2 * W[as.character(y)])) }

# Twice the drop in weights that sum to N; `top` is the supremum.
drop_at <- function(j, v, X, y, w, o, top, N) {
  others <- X[, -j, drop = FALSE]; ov <- o + X[, j] * v
  2 * N / sum(w) * (top - loglik(drop(others %*% newton(others, y, w, ov)) + ov, y, w))
}
limits <- function(X, y, w, o = rep(0, nrow(X)), N = length(y), lambda = rep(1, ncol(X)), q = qchisq(.95, 1)) {
  b <- newton(X, y, w, o); top <- loglik(drop(X %*% b) + o, y, w); se <- sqrt(diag(solve(information(X, b, w * N / sum(w), o))) * lambda)
  one <- function(j, s) { f <- function(v) drop_at(j, v, X, y, w, o, top, N) - lambda[j] * q; k <- 2; while (f(b[j] + s * k * se[j]) < 0) k <- k * 1.5
    uniroot(f, sort(c(b[j] + s * .2 * se[j], b[j] + s * k * se[j])), tol = 1e-14)$root }
  list(names = colnames(X), lower = sapply(1:ncol(X), one, s = -1), upper = sapply(1:ncol(X), one, s = 1))
}
sandwich <- function(X, y, w, b, o, type, a = NULL, N = length(y)) {   # a: sampling weights, where class weights are estimated
  p <- plogis(drop(X %*% b) + o); A <- solve(information(X, b, w, o)); u <- X * (w * (y - p)); d <- rep(1, length(y))
  if (!is.null(a)) { W1 <- sum(a * y); W0 <- sum(a * (1 - y)); T1 <- colSums(X * (w * y * (1 - p))); T0 <- -colSums(X * (w * (1 - y) * p)); u <- u - outer(a * y / W1, T1) - outer(a * (1 - y) / W0, T0) }
  if (type == "HC3") { h <- w * p * (1 - p) * rowSums((X %*% A) * X); d <- 1 / (1 - h); if (!is.null(a)) d <- d * sqrt(ifelse(y == 1, sum(y) / (sum(y) - 1), sum(1 - y) / (sum(1 - y) - 1))) }
  V <- A %*% crossprod(u * d) %*% A; if (type == "linearized") V <- V * length(y) / (length(y) - 1); V
}
scaled <- function(X, y, w, type, o = rep(0, nrow(X)), a = NULL, q = qchisq(.95, 1)) {
  b <- newton(X, y, w, o); V <- sandwich(X, y, w, b, o, type, a); V0 <- solve(information(X, b, w * length(y) / sum(w), o))
  lambda <- unname(diag(V) / diag(V0)); c(limits(X, y, w, o, lambda = lambda, q = q), list(lambda = lambda))
}

X <- model.matrix(~ x1 + x2 + z, cases); y <- cases$y; n <- nrow(X); one <- rep(1, n); off <- cases$off
Xc <- model.matrix(~ x + z, counts); grouped <- list(X = Xc[rep(1:nrow(Xc), 2), ], y = rep(1:0, each = nrow(Xc)), w = c(counts$events, counts$others))
keep <- grouped$w > 0
values <- list(
  unit = limits(X, y, one), unit80 = limits(X, y, one, q = qchisq(.8, 1)), offset = limits(X, y, one, off),
  frequency = limits(X, y, cases$fw, N = sum(cases$fw)),
  counts = limits(grouped$X[keep, ], grouped$y[keep], grouped$w[keep], N = sum(grouped$w)),
  sampling_HC0 = scaled(X, y, cases$iw, "HC0"), sampling_HC3 = scaled(X, y, cases$iw, "HC3", off),
  sampling_t = scaled(X, y, cases$iw, "linearized", q = qt(.975, n - ncol(X))^2),
  fraction_HC3 = scaled(X, cases$share, one, "HC3"),
  balanced_fixed = scaled(X, y, balanced(y), "HC3"), balanced_HC3 = scaled(X, y, balanced(y), "HC3", a = one),
  mapping_HC0 = scaled(X, y, ifelse(y == 1, 3, 1), "HC0"), balanced_naive = limits(X, y, balanced(y)))
# x1 = x2: the coefficient of the sum, and twice it less 0.5 for z = 2 x1 - 0.5.
S <- cbind(model.matrix(~ I(x1 + x2), cases)); values$equal <- limits(cbind(S, z = cases$z), y, one)
S <- cbind(`(Intercept)` = 1, x1 = cases$x1 + 2 * cases$z, x2 = cases$x2); values$tied <- limits(S, y, one, -.5 * cases$z)

## ---- separated ------------------------------------------------------------------------------------
# NV = 1 has events alone: the supremum and every restricted one are those of the rows with NV = 0,
# but for NV itself, whose restricted maxima are finite.
E <- model.matrix(~ NV + PI + EH, endo); rows <- endo$NV == 0
values$endometrial <- limits(E[rows, -2], endo$HG[rows], rep(1, sum(rows)))
b <- newton(E[rows, -2], endo$HG[rows], rep(1, sum(rows)), rep(0, sum(rows))); top <- loglik(drop(E[rows, -2] %*% b), endo$HG[rows], 1)
f <- function(v) drop_at(2, v, E, endo$HG, rep(1, nrow(E)), rep(0, nrow(E)), top, nrow(E)) - qchisq(.95, 1)
values$endometrial$NV <- uniroot(f, c(-1, 4), tol = 1e-14)$root
values$endometrial$drop_at_zero <- f(0) + qchisq(.95, 1)
# Sampling weights: w~ sums to all the rows.
w <- 1 + (seq_len(nrow(E)) %% 3); Er <- E[rows, -2]; wr <- w[rows]; br <- newton(Er, endo$HG[rows], wr, 0 * wr)
V <- sandwich(Er, endo$HG[rows], wr, br, 0 * wr, "HC0"); V0 <- solve(information(Er, br, wr * nrow(E) / sum(w), 0))
values$endometrial_sampling <- limits(Er, endo$HG[rows], wr, N = nrow(E) * sum(wr) / sum(w), lambda = unname(diag(V) / diag(V0)))
# Everything separated: y = 1 from x = 5.
x <- 0:9; C <- cbind(const = 1, x1 = x); yc <- as.numeric(x > 4)
g <- function(j) function(v) drop_at(j, v, C, yc, rep(1, 10), rep(0, 10), 0, 10) - qchisq(.95, 1)
values$complete <- list(const_upper = uniroot(g(1), c(-20, 2), tol = 1e-14)$root, x1_lower = uniroot(g(2), c(-1, 5), tol = 1e-14)$root)

json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ",\n"), "}"))
  text <- if (is.character(x)) paste0("\"", x, "\"") else sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
