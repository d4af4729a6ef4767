# Values that the cases of ../r lack: HC4, class and importance weights beside fractions, counts and
# frequencies, scores centered within class, pseudo-likelihood tests and criteria. Writes values.json
# and session_info.txt.   Rscript make_data.R && Rscript generate.R
#
# Wherever R has a function it is used (sandwich, survey, anova.glm). What no package of R has is
# written out from the estimating equations, one case at a time, under "by hand".
suppressPackageStartupMessages({ library(survey); library(sandwich) })

# Iterate until the deviance repeats exactly, then once more from there: the working weights in
# vcov are those of the step before.
exact <- glm.control(epsilon = 1e-300, maxit = 60)
fit <- function(formula, data, w = NULL, family = quasibinomial()) {
  data$.w <- if (is.null(w)) rep(1, nrow(data)) else w
  environment(formula) <- environment()
  first <- suppressWarnings(glm(formula, family, data, weights = .w, control = exact))
  start <- coef(first)
  suppressWarnings(glm(formula, family, data, weights = .w, control = exact, start = start))
}
svyfit <- function(formula, design) {
  environment(formula) <- environment()
  first <- suppressWarnings(svyglm(formula, design, family = quasibinomial(), control = exact))
  start <- coef(first)
  second <- suppressWarnings(svyglm(formula, design, family = quasibinomial(), control = exact, start = start))
  second$call$start <- NULL # regTermTest repeats the call with other columns
  second
}
plain <- function(V) unname(matrix(as.numeric(V), nrow(V)))
kinds <- c("HC0", "HC1", "HC2", "HC3", "HC4")
robust <- function(f) setNames(lapply(kinds, function(k) plain(vcovHC(f, type = k))), kinds)
with_coef <- function(f, ...) list(coef = unname(coef(f)), ...)

cases <- read.csv("data/cases.csv")
counts <- read.csv("data/counts.csv")
one <- rep(1, nrow(cases))
# Class weights c1, c0 from the masses of the classes.
factors <- function(kind, y, a, m = 1, tau = 0.04) {
  W1 <- sum(m * a * y); W0 <- sum(m * a * (1 - y)); W <- W1 + W0
  switch(kind, balanced = c(W / (2 * W1), W / (2 * W0)), mapping = c(3, 1),
         prevalence = c(tau * W / W1, (1 - tau) * W / W0), none = c(1, 1))
}
weigh <- function(kind, y, a, m = 1) {
  c10 <- factors(kind, y, a, m)
  a * (c10[1] * y + c10[2] * (1 - y))
}

## ---- sandwiches, class weights taken as known ---------------------------------------------------
main <- y ~ x1 + x2 + z
hc <- list()
for (kind in c("none", "balanced", "mapping", "prevalence")) {
  hc[[kind]] <- (function(f) with_coef(f, vcov = robust(f)))(fit(main, cases, weigh(kind, cases$y, one)))
  key <- paste0("importance_", kind)
  hc[[key]] <- (function(f) with_coef(f, vcov = robust(f)))(fit(main, cases, weigh(kind, cases$y, cases$iw)))
}
long <- cases[rep(seq_len(nrow(cases)), cases$fw), ]
for (kind in c("none", "balanced")) {
  f <- fit(main, long, weigh(kind, long$y, rep(1, nrow(long))))
  hc[[paste0("frequency_", kind)]] <- with_coef(f, vcov = robust(f))
  f <- fit(main, long, weigh(kind, long$y, long$iw))
  hc[[paste0("frequency_importance_", kind)]] <- with_coef(f, vcov = robust(f))
}
# Fractions: a case counts a (c1 y + c0 (1 - y)), and its response is the share that c1 y has in it.
for (a in c("one", "iw")) for (kind in c("none", "balanced", "mapping")) {
  aa <- if (a == "one") one else cases$iw
  c10 <- factors(kind, cases$share, aa)
  cases$.r <- c10[1] * cases$share / (c10[1] * cases$share + c10[2] * (1 - cases$share))
  f <- fit(.r ~ x1 + x2 + z, cases, weigh(kind, cases$share, aa))
  hc[[paste0("fraction_", if (a == "iw") "importance_", kind)]] <- with_coef(f, vcov = robust(f))
}
# Counts: the coefficients by cbind, the sandwiches on one row per case.
f <- fit(cbind(events, others) ~ x + z, counts, family = binomial())
counts_fit <- with_coef(f, vcov = plain(vcov(f)))
rows <- rep(seq_len(nrow(counts)), counts$events + counts$others)
single <- counts[rows, c("x", "z", "g")]
single$y <- unlist(mapply(function(s, f) c(rep(1, s), rep(0, f)), counts$events, counts$others))
for (kind in c("none", "balanced", "mapping")) {
  f <- fit(y ~ x + z, single, weigh(kind, single$y, rep(1, nrow(single))))
  hc[[paste0("counts_", kind)]] <- with_coef(f, vcov = robust(f))
}

## ---- survey: linearized, strata = ~y, poststratified --------------------------------------------
# strata = ~y centers the scores at their class means: case-control sampling, and with unit
# sampling weights also what estimated class weights give. postStratify centers as estimated
# class weights do whatever the sampling weights: its variance uses residuals within class.
linearized <- strata <- post <- list()
poststratified <- function(ids, kind, a) {
  d <- svydesign(ids = ids, weights = a, data = cases)
  W <- tapply(a, cases$y, sum)
  target <- switch(kind, balanced = c(0.5, 0.5), prevalence = c(0.96, 0.04)) * sum(a)
  postStratify(d, ~y, data.frame(y = c(0, 1), Freq = target))
}
for (kind in c("none", "balanced", "mapping", "prevalence")) for (a in c("one", "iw")) {
  aa <- if (a == "one") one else cases$iw
  key <- paste0(if (a == "iw") "importance_", kind)
  cases$.v <- weigh(kind, cases$y, aa)
  linearized[[key]] <- plain(vcov(svyfit(main, svydesign(ids = ~1, weights = ~.v, data = cases))))
  strata[[key]] <- plain(vcov(svyfit(main, svydesign(ids = ~1, strata = ~y, weights = ~.v, data = cases))))
  if (kind %in% c("balanced", "prevalence")) {
    f <- svyfit(main, poststratified(~1, kind, aa)); g <- svyfit(main, poststratified(~g1, kind, aa))
    post[[key]] <- list(coef = unname(coef(f)), single = plain(vcov(f)), clusters = plain(vcov(g)))
  }
}
n <- nrow(single)
single$.v <- weigh("balanced", single$y, rep(1, n))
strata$counts_balanced <- plain(vcov(svyfit(y ~ x + z, svydesign(ids = ~1, strata = ~y, weights = ~.v, data = single))))

## ---- clusters, class weights taken as known -----------------------------------------------------
clusters <- list()
cl <- function(f, g) list(CR0 = plain(vcovCL(f, g, type = "HC0", cadjust = FALSE)),
                          CR1 = plain(vcovCL(f, g, type = "HC0", cadjust = TRUE)),
                          CR1S = plain(vcovCL(f, g, type = "HC1", cadjust = TRUE)))
for (kind in c("none", "balanced", "mapping")) {
  f <- fit(main, cases, weigh(kind, cases$y, cases$iw))
  clusters[[kind]] <- list(one_way = cl(f, cases$g1), two_way = cl(f, cases[c("g1", "g2")]))
}
f <- fit(y ~ x + z, single, single$.v)
clusters$counts_balanced <- list(one_way = cl(f, single$g))

## ---- by hand: centered scores, calibrated intercept ---------------------------------------------
# One case at a time: y, a, the class weights, x. `how`: "estimated" totals T_k over masses W_k,
# "case-control" with a fixed mapping: class means T_k / N_k. Returns the covariance of each kind,
# and the variance of the intercept less log(c1 / c0) when that ratio is estimated.
by_hand <- function(X, y, a, kind, b, how) {
  c10 <- factors(kind, y, a); N <- nrow(X); k <- ncol(X)
  p <- plogis(drop(X %*% b))
  A <- matrix(0, k, k); U <- matrix(0, N, k); T1 <- T0 <- numeric(k)
  W1 <- sum(a * y); W0 <- sum(a * (1 - y)); N1 <- sum(y); N0 <- sum(1 - y)
  for (i in 1:N) {
    e <- a[i] * c10[1] * y[i]; f <- a[i] * c10[2] * (1 - y[i])
    A <- A + (e + f) * p[i] * (1 - p[i]) * tcrossprod(X[i, ])
    U[i, ] <- (e * (1 - p[i]) - f * p[i]) * X[i, ]
    T1 <- T1 + e * (1 - p[i]) * X[i, ]; T0 <- T0 - f * p[i] * X[i, ]
  }
  B <- solve(A)
  out <- list()
  for (type in kinds) {
    M <- matrix(0, k, k); calibrated <- 0
    for (i in 1:N) {
      v <- a[i] * (c10[1] * y[i] + c10[2] * (1 - y[i]))
      h <- v * p[i] * (1 - p[i]) * drop(X[i, ] %*% B %*% X[i, ])
      d <- switch(type, HC0 = 1, HC1 = N / (N - k), HC2 = 1 / (1 - h), HC3 = 1 / (1 - h)^2,
                  HC4 = (1 - h)^-min(4, N * h / k))
      size <- if (type %in% c("HC0", "HC1")) 1 else y[i] * N1 / (N1 - 1) + (1 - y[i]) * N0 / (N0 - 1)
      share <- if (how == "estimated") c(a[i] * y[i] / W1, a[i] * (1 - y[i]) / W0)
               else c(y[i] / N1, (1 - y[i]) / N0)
      u <- sqrt(d * size) * (U[i, ] - share[1] * T1 - share[2] * T0)
      M <- M + tcrossprod(u)
      calibrated <- calibrated + (drop(B %*% u)[1] + a[i] * y[i] / W1 - a[i] * (1 - y[i]) / W0)^2
    }
    out[[type]] <- list(vcov = B %*% M %*% B, calibrated_variance = calibrated)
  }
  out
}
centered <- list()
X <- model.matrix(main, cases)
add <- function(key, X, y, a, kind, how) {
  c10 <- factors(kind, y, a); v <- a * (c10[1] * y + c10[2] * (1 - y)); r <- a * c10[1] * y / v
  d <- data.frame(r = r); d$X <- X
  b <- coef(fit(r ~ X - 1, d, v))
  centered[[key]] <<- by_hand(X, y, a, kind, unname(b), how)
}
for (a in c("one", "iw")) {
  aa <- if (a == "one") one else cases$iw; tag <- if (a == "iw") "importance_"
  for (kind in c("balanced", "prevalence")) {
    add(paste0(tag, kind), X, cases$y, aa, kind, "estimated")
    add(paste0("fraction_", tag, kind), X, cases$share, aa, kind, "estimated")
  }
  for (kind in c("none", "mapping")) {
    add(paste0("case-control_", tag, kind), X, cases$y, aa, kind, "case-control")
    add(paste0("case-control_fraction_", tag, kind), X, cases$share, aa, kind, "case-control")
  }
}
add("counts_balanced", model.matrix(~ x + z, single), single$y, rep(1, n), "balanced", "estimated")
add("frequency_importance_balanced", model.matrix(main, long), long$y, long$iw, "balanced", "estimated")

## ---- pseudo-likelihood: null model, criteria, Rao-Scott, R squared ------------------------------
kernel <- function(eta, r, w) sum(w * (r * plogis(eta, log.p = TRUE) + (1 - r) * plogis(-eta, log.p = TRUE)))
pseudo <- list()
for (kind in c("none", "balanced", "prevalence")) for (a in c("one", "iw")) {
  if (kind == "none" && a == "one") next
  aa <- if (a == "one") one else cases$iw
  w <- weigh(kind, cases$y, aa); N <- length(w); unit <- N / sum(w)
  f <- fit(main, cases, w); f0 <- fit(y ~ 1, cases, w)
  l <- kernel(f$linear.predictors, cases$y, w); l0 <- kernel(f0$linear.predictors, cases$y, w)
  V0 <- solve(crossprod(X * sqrt(unit * w * f$fitted.values * (1 - f$fitted.values))))
  k <- ncol(X)
  vcovs <- list(HC0_fixed = vcovHC(f, type = "HC0"), HC3_fixed = vcovHC(f, type = "HC3"))
  if (kind != "none") for (t in c("HC0", "HC3"))
    vcovs[[paste0(t, "_estimated")]] <- by_hand(X, cases$y, aa, kind, unname(coef(f)), "estimated")[[t]]$vcov
  tests <- lapply(vcovs, function(V) {
    trace <- sum(diag(solve(V0) %*% V))
    lambda <- sort(Re(eigen(solve(V0[-1, -1]) %*% V[-1, -1])$values))
    x2 <- 2 * unit * (l - l0)
    list(aic = -2 * unit * l + 2 * trace, lambda = lambda, llr = x2,
         llr_pvalue = pchisqsum(x2, rep(1, k - 1), lambda, method = "satterthwaite", lower.tail = FALSE))
  })
  s <- svyfit(main, svydesign(ids = ~1, weights = w, data = cases))
  lrt <- suppressWarnings(regTermTest(s, ~ x1 + x2 + z, method = "LRT", df = Inf,
                                      lrt.approximation = "satterthwaite"))
  q <- f$fitted.values
  c10 <- factors(kind, cases$y, aa)
  p <- if (kind == "balanced") plogis(f$linear.predictors - log(c10[1] / c10[2])) else q
  mass <- if (kind == "prevalence") w else aa
  mean_of <- function(values, by = mass) sum(by * values) / sum(by)
  eta <- f$linear.predictors
  pseudo[[paste0(if (a == "iw") "importance_", kind)]] <- list(
    llf = l, llnull = l0, bic = -2 * unit * l + k * log(N), aic_naive = -2 * l + 2 * k,
    bic_naive = -2 * l + k * log(N),
    tests = tests,
    svyglm = list(llr = as.numeric(lrt$chisq), llr_pvalue = as.numeric(lrt$p),
                  lambda = sort(Re(lrt$lambda)), cox_snell = suppressWarnings(psrsq(s, "Cox-Snell")),
                  nagelkerke = suppressWarnings(psrsq(s, "Nagelkerke"))),
    rsquared = list(
      mcfadden = 1 - l / l0,
      tjur = mean_of(p, mass * cases$y) - mean_of(p, mass * (1 - cases$y)),
      efron = 1 - mean_of((cases$y - p)^2) / mean_of((cases$y - mean_of(cases$y))^2),
      mckelvey_zavoina = (function(v) v / (v + pi^2 / 3))(mean_of((eta - mean_of(eta))^2))))
}
# The null model with an offset, and without a constant.
offset_fit <- fit(y ~ x1 + x2 + z + offset(off), cases, weigh("balanced", cases$y, one))
offset_null <- fit(y ~ offset(off), cases, weigh("balanced", cases$y, one))
w <- weigh("balanced", cases$y, one)
nulls <- list(coef = unname(coef(offset_fit)),
              offset = kernel(offset_null$linear.predictors, cases$y, w),
              offset_alone = kernel(cases$off, cases$y, w), nothing = kernel(0 * w, cases$y, w))

## ---- score tests --------------------------------------------------------------------------------
score <- list()
unit0 <- fit(main, cases, family = binomial()); unit1 <- fit(y ~ x1 + x2 + z + e1 + e2, cases, family = binomial())
rao <- anova(unit0, unit1, test = "Rao")
score$unit <- list(statistic = rao$Rao[2], pvalue = rao$`Pr(>Chi)`[2])
long0 <- fit(main, long, family = binomial()); long1 <- fit(y ~ x1 + x2 + z + e1 + e2, long, family = binomial())
rao <- anova(long0, long1, test = "Rao")
score$frequency <- list(statistic = rao$Rao[2], pvalue = rao$`Pr(>Chi)`[2])
# Generalized (Boos 1992), by hand: all columns at the restricted estimate.
full <- model.matrix(~ x1 + x2 + z + e1 + e2, cases)
boos <- function(kind, a, M) {
  w <- weigh(kind, cases$y, a)
  b <- c(coef(fit(main, cases, w)), 0, 0)
  p <- plogis(drop(full %*% b)); A <- crossprod(full * sqrt(w * p * (1 - p)))
  B <- solve(A); V <- M(unname(b)); s <- drop(B %*% crossprod(full, w * (cases$y - p)))[5:6]
  x2 <- drop(s %*% solve(V[5:6, 5:6], s))
  list(statistic = x2, pvalue = pchisq(x2, 2, lower.tail = FALSE))
}
fixed_vcov <- function(kind, a, type) function(b) {   # sandwich on a glm object held at b
  w <- weigh(kind, cases$y, a); p <- plogis(drop(full %*% b)); B <- solve(crossprod(full * sqrt(w * p * (1 - p))))
  U <- w * (cases$y - p) * full; h <- w * p * (1 - p) * rowSums((full %*% B) * full); N <- nrow(full)
  d <- switch(type, HC0 = rep(1, N), HC1 = rep(N / (N - 6), N), HC3 = 1 / (1 - h)^2)
  B %*% crossprod(U * sqrt(d)) %*% B
}
cluster_vcov <- function(a) function(b) {
  p <- plogis(drop(full %*% b)); B <- solve(crossprod(full * sqrt(a * p * (1 - p))))
  S <- rowsum(a * (cases$y - p) * full, cases$g1); G <- nrow(S); N <- nrow(full)
  B %*% crossprod(S) %*% B * G * (N - 1) / ((G - 1) * (N - 6))
}
for (type in c("HC0", "HC1", "HC3")) {
  score[[paste0("importance_", type)]] <- boos("none", cases$iw, fixed_vcov("none", cases$iw, type))
  score[[paste0("balanced_", type)]] <- boos("balanced", one, function(b)
    by_hand(full, cases$y, one, "balanced", b, "estimated")[[type]]$vcov)
  score[[paste0("mapping_", type)]] <- boos("mapping", cases$iw, fixed_vcov("mapping", cases$iw, type))
}
score$importance_cluster <- boos("none", cases$iw, cluster_vcov(cases$iw))

## ---- write --------------------------------------------------------------------------------------
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ",\n"), "}"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ",\n "), "]"))
  text <- sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
values <- list(hc = hc, counts = counts_fit, linearized = linearized, strata = strata, poststratified = post,
               clusters = clusters, centered = centered, pseudo = pseudo, nulls = nulls, score = score)
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
