# Bias-reduced fits: brglm2 where it has the method, else the estimating equations written out, one
# case at a time, under "by hand". Uses ../data and ../../r/data; writes values.json and
# session_info.txt.   Rscript generate.R
suppressPackageStartupMessages({ library(brglm2); library(sandwich) })

cases <- read.csv("../data/cases.csv")
counts <- read.csv("../data/counts.csv")
endometrial <- read.csv("../../r/data/endometrial.csv")

exact <- function(type) brglmControl(type = type, epsilon = 1e-13, maxit = 10000, slowit = 1)
# In this version the type of brglm2 is read off control= only.
reduced <- function(formula, data, type, ...) {
  environment(formula) <- environment()
  dots <- list(...)
  f <- suppressWarnings(do.call(glm, c(list(formula, family = binomial(), data = data,
    method = "brglmFit", control = exact(type)), dots)))
  stopifnot(f$converged, f$type == type)
  f
}
plain <- function(V) unname(matrix(as.numeric(V), nrow(V)))
report <- function(f) list(coef = unname(coef(f)), vcov = plain(vcov(f)),
  kernel = sum(with(f, prior.weights * (y * log(fitted.values) + (1 - y) * log1p(-fitted.values)))))

## ---- mean and median, brglm2 ---------------------------------------------------------------------
main <- y ~ x1 + x2 + z
brglm <- list()
for (type in c("AS_mean", "AS_median")) {
  short <- sub("AS_", "", type)
  brglm[[paste0(short, "_endometrial")]] <- report(reduced(HG ~ NV + PI + EH, endometrial, type))
  brglm[[paste0(short, "_none")]] <- report(reduced(main, cases, type))
  brglm[[paste0(short, "_offset")]] <- report(reduced(main, cases, type, offset = cases$off))
  brglm[[paste0(short, "_frequency")]] <- report(reduced(main, cases[cases$fw > 0, ], type, weights = cases$fw[cases$fw > 0]))
  brglm[[paste0(short, "_frequency_offset")]] <- report(reduced(main, cases[cases$fw > 0, ], type,
    weights = cases$fw[cases$fw > 0], offset = cases$off[cases$fw > 0]))
  brglm[[paste0(short, "_counts")]] <- report(reduced(cbind(events, others) ~ x + z, counts, type))
  brglm[[paste0(short, "_raw")]] <- report(reduced(main, cases, type, weights = cases$iw))
}
hc <- list()
for (type in c("AS_mean", "AS_median")) {
  f <- reduced(main, cases, type)
  # estfun of a glm: working residuals times working weights, no adjustment.
  class(f) <- c("glm", "lm")
  hc[[sub("AS_", "", type)]] <- setNames(lapply(paste0("HC", 0:3), function(k) plain(vcovHC(f, type = k))), paste0("HC", 0:3))
}

## ---- by hand ------------------------------------------------------------------------------------
design <- function(d) cbind(1, d$x1, d$x2, d$z)
newton <- function(X, r, w, off = 0, b = rep(0, ncol(X))) {
  for (i in 1:200) {
    p <- plogis(drop(X %*% b) + off)
    d <- solve(crossprod(X * sqrt(w * p * (1 - p))), crossprod(X, w * (r - p)))
    b <- b + drop(d); if (max(abs(d)) < 1e-15) break
  }
  b
}
class_weights <- function(kind, y, m) {
  N1 <- sum(m * y); N0 <- sum(m * (1 - y)); N <- N1 + N0
  switch(kind, none = c(1, 1), balanced = c(N / (2 * N1), N / (2 * N0)), mapping = c(3, 1),
         prevalence = c(0.04 * N / N1, 0.96 * N / N0))
}
# Kosmidis and Lunardon (2024): b + A^-1 (d-term + u-term / 2), case by case. Scores are centered
# within class where the class weights are estimated.
empirical <- function(X, y, a, m, kind) {
  N1 <- sum(m * a * y); N0 <- sum(m * a * (1 - y)); N <- N1 + N0
  cw <- switch(kind, none = c(1, 1), mapping = c(3, 1), balanced = c(N / (2 * N1), N / (2 * N0)),
               prevalence = c(0.04 * N / N1, 0.96 * N / N0))
  event <- a * cw[1] * y; other <- a * cw[2] * (1 - y); v <- event + other; r <- event / v
  b <- newton(X, r, m * v); p <- plogis(drop(X %*% b)); q <- 1 - p; k <- ncol(X)
  A <- matrix(0, k, k); T1 <- T0 <- rep(0, k)
  for (i in seq_along(y)) {
    A <- A + m[i] * v[i] * p[i] * q[i] * X[i, ] %o% X[i, ]
    T1 <- T1 + m[i] * event[i] * q[i] * X[i, ]; T0 <- T0 - m[i] * other[i] * p[i] * X[i, ]
  }
  B <- solve(A); estimated <- kind %in% c("balanced", "prevalence"); M <- matrix(0, k, k)
  U <- matrix(0, length(y), k)
  for (i in seq_along(y)) {
    u <- v[i] * (r[i] - p[i]) * X[i, ]
    if (estimated) u <- u - a[i] * y[i] / N1 * T1 - a[i] * (1 - y[i]) / N0 * T0
    U[i, ] <- u; M <- M + m[i] * u %o% u
  }
  V <- B %*% M %*% B; adjustment <- rep(0, k)
  for (i in seq_along(y)) {
    x <- X[i, ]
    adjustment <- adjustment + m[i] * v[i] * p[i] * q[i] * x *
      (sum(x * (B %*% U[i, ])) + 0.5 * (1 - 2 * p[i]) * sum(x * (V %*% x)))
  }
  drop(b + B %*% adjustment)
}
one <- rep(1, nrow(cases)); kl <- list()
for (kind in c("none", "balanced", "mapping", "prevalence")) {
  kl[[kind]] <- empirical(design(cases), cases$y, one, one, kind)
  kl[[paste0("frequency_", kind)]] <- empirical(design(cases), cases$y, one, cases$fw, kind)
  kl[[paste0("importance_", kind)]] <- empirical(design(cases), cases$y, cases$iw, one, kind)
  kl[[paste0("fraction_", kind)]] <- empirical(design(cases), cases$share, one, one, kind)
}

# FLIC and FLAC (Puhr et al. 2017) from brglm2's Firth fit, on rows written out.
flic <- function(X, y, m, b) {
  eta <- drop(X[, -1, drop = FALSE] %*% b[-1])
  c(newton(matrix(1, nrow(X), 1), y, m, eta, b[1]), b[-1])
}
flac <- function(X, y, m, b) {
  p <- plogis(drop(X %*% b)); W <- m * p * (1 - p)
  h <- W * rowSums((X %*% solve(crossprod(X * sqrt(W)))) * X)
  n <- nrow(X); XX <- rbind(X, X, X); g <- rep(c(0, 1, 1), each = n)
  newton(cbind(XX, g), c(y, y, 1 - y), c(m, h / 2, h / 2))[seq_along(b)]
}
puhr <- list()
for (which in c("none", "frequency")) {
  m <- if (which == "none") one else cases$fw
  keep <- m > 0; d <- cases[keep, ]; d$.m <- m[keep]
  b <- unname(coef(reduced(main, d, "AS_mean", weights = d$.m)))
  puhr[[paste0("flic_", which)]] <- flic(design(d), d$y, m[keep], b)
  puhr[[paste0("flac_", which)]] <- flac(design(d), d$y, m[keep], b)
}

# Penalised likelihood with the determinant of all columns, maximised by optim and nlm.
pll <- function(X, y, w, b) {
  p <- plogis(drop(X %*% b))
  sum(w * (y * plogis(drop(X %*% b), log.p = TRUE) + (1 - y) * plogis(-drop(X %*% b), log.p = TRUE))) +
    0.5 * as.numeric(determinant(crossprod(X * sqrt(w * p * (1 - p))))$modulus)
}
restricted <- function(X, y, w, free) {
  f <- function(v) { b <- rep(0, ncol(X)); b[free] <- v; -pll(X, y, w, b) }
  z <- optim(rep(0, length(free)), f, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
  z <- nlm(f, z$par, gradtol = 1e-10, steptol = 1e-12, iterlim = 500)
  -z$minimum
}
lr <- list()
for (which in c("none", "frequency")) {
  m <- if (which == "none") one else cases$fw
  X <- design(cases); top <- restricted(X, cases$y, m, 1:4)
  lr[[which]] <- list(penalized_loglik = top, x1 = 2 * (top - restricted(X, cases$y, m, c(1, 3, 4))),
    x1_z = 2 * (top - restricted(X, cases$y, m, c(1, 3))), all = 2 * (top - restricted(X, cases$y, m, 1)))
}

## ---- write --------------------------------------------------------------------------------------
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ",\n"), "}"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ",\n "), "]"))
  text <- sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
writeLines(json(list(brglm = brglm, hc = hc, empirical = kl, puhr = puhr, lr = lr)), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
