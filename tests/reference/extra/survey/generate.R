# What the cases of ../../r lack: means, totals and proportions; three stages with strata at the second;
# lonely units in domains and at later stages; and what rests on influences besides those of the
# coefficients (class weights from the sample, average effects, areas, comparisons of fits), linearized
# by hand and put through svyrecvar. Uses ../../r/data; writes three_stages.csv, values.json and
# session_info.txt.   Rscript generate.R
suppressPackageStartupMessages(library(survey))
exact <- glm.control(epsilon = 1e-300, maxit = 60)

## ---- data ---------------------------------------------------------------------------------------
set.seed(20)
rows <- list()
for (h in 1:3) for (j in 1:(2 + h)) for (g in 1:2) for (k in 1:(if (h == 1) 2 else 3)) for (i in 1:(2 + (j + k) %% 3)) {
  rows[[length(rows) + 1]] <- data.frame(region = h, town = j, zone = g, block = k, person = i,
    n1 = c(9, 12, 40)[h], n2 = c(6, 8)[g] + j, n3 = 20 + 3 * k)
}
stages <- do.call(rbind, rows)
n <- nrow(stages)
town <- rnorm(100)[10 * stages$region + stages$town]
stages$x <- round(rnorm(n), 4)
stages$y <- as.integer(runif(n) < plogis(-0.6 + 0.8 * stages$x + 0.7 * town))
stages$z <- round(rexp(n), 4)
stages$z[c(5, 31, 60)] <- NA
write.csv(stages, "three_stages.csv", row.names = FALSE, quote = FALSE)

read <- function(name) read.csv(file.path("../../r/data", name), stringsAsFactors = FALSE)
apistrat <- read("apistrat.csv"); apiclus1 <- read("apiclus1.csv"); apiclus2 <- read("apiclus2.csv")
lonely <- read("nhanes_lonely.csv"); nhanes <- read("nhanes.csv")

## ---- estimates of columns -----------------------------------------------------------------------
statistic <- function(s, design) list(value = unname(coef(s)), se = unname(SE(s)), vcov = unname(vcov(s)),
  ci = unname(confint(s, df = degf(design))), df = degf(design))
share <- function(p, design) list(value = unname(coef(p)), se = unname(SE(p)), ci = unname(attr(p, "ci")),
  df = degf(design))
strat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
clus2 <- svydesign(id = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
elementary <- subset(clus2, stype == "E")
three <- svydesign(id = ~town + block + person, strata = ~region + zone, fpc = ~n1 + n2 + n3, nest = TRUE,
  data = stages)
columns <- list(
  strat_means = statistic(svymean(~api00 + meals, strat), strat),
  strat_total = statistic(svytotal(~enroll, strat, na.rm = TRUE), strat),
  strat_share = share(svyciprop(~I(sch_wide == 1), strat), strat),
  strat_types = statistic(svymean(~stype, subset(strat, sch_wide == 1)), subset(strat, sch_wide == 1)),
  # Degrees of freedom of the rows that have a value.
  clus2_mean = statistic(svymean(~enroll, clus2, na.rm = TRUE), subset(clus2, !is.na(enroll))),
  clus2_total = statistic(svytotal(~enroll, elementary, na.rm = TRUE), subset(elementary, !is.na(enroll))),
  clus2_share = share(svyciprop(~I(awards == 1), elementary), elementary),
  three_mean = statistic(svymean(~z, three, na.rm = TRUE), three),
  three_total = statistic(svytotal(~x, three), three),
  three_weights = sum(weights(three)))

## ---- fits ---------------------------------------------------------------------------------------
svy <- function(formula, design) {
  environment(formula) <- environment()
  svyglm(formula, design = design, family = quasibinomial(), control = exact)
}
fit <- function(f) list(params = unname(coef(f)), vcov = unname(vcov(f)), df = f$df.residual)
with_options <- function(expr, ...) {
  old <- options(...); on.exit(options(old))
  force(expr)
}
nh <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes)
nl <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = lonely)
small <- subset(nh, race == 3 & agecat == "a59_")
small_lonely <- subset(nl, race == 3)
chol <- HI_CHOL ~ RIAGENDR
alone <- stages[!(stages$region == 2 & stages$town == 2 & stages$zone == 1 & stages$block > 1), ]
alone_design <- svydesign(id = ~town + block + person, strata = ~region + zone, fpc = ~n1 + n2 + n3,
  nest = TRUE, data = alone)
gaps <- apistrat; gaps$meals[c(3, 50, 120, 199)] <- NA
nothing <- apistrat; nothing$pw[c(1, 2, 150)] <- 0
gap_design <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = gaps)
zero_design <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = nothing)
counted <- apiclus1[rep(seq_len(nrow(apiclus1)), 1 + seq_len(nrow(apiclus1)) %% 3), ]
fits <- list(
  three = fit(svy(y ~ x, three)),
  three_domain = fit(svy(y ~ x, subset(three, x > -0.5))),
  alone_adjust = with_options(fit(svy(y ~ x, alone_design)), survey.lonely.psu = "adjust"),
  alone_average = with_options(fit(svy(y ~ x, alone_design)), survey.lonely.psu = "average"),
  alone_remove = with_options(fit(svy(y ~ x, alone_design)), survey.lonely.psu = "remove"),
  domain_adjust = with_options(fit(svy(chol, small)), survey.lonely.psu = "adjust"),
  domain_average = with_options(fit(svy(chol, small)), survey.lonely.psu = "average"),
  domain_average_in = with_options(suppressWarnings(fit(svy(chol, small))), survey.lonely.psu = "average",
    survey.adjust.domain.lonely = TRUE),
  lonely_domain_average = with_options(fit(svy(chol, small_lonely)), survey.lonely.psu = "average"),
  lonely_domain_adjust_in = with_options(suppressWarnings(fit(svy(chol, small_lonely))),
    survey.lonely.psu = "adjust", survey.adjust.domain.lonely = TRUE),
  missing = fit(svy(sch_wide ~ ell + meals, gap_design)),
  zero = fit(svy(sch_wide ~ ell + meals, zero_design)),
  counted = fit(svy(sch_wide ~ ell + meals, svydesign(id = ~dnum, weights = ~pw, data = counted))))
by_design <- svy(sch_wide ~ ell + meals, strat)
wald <- regTermTest(by_design, ~ell + meals)
stata <- confint(by_design, ddf = degf(strat))
tests <- list(wald_F = c(wald$Ftest), wald_p = c(wald$p), wald_ddf = wald$ddf, design_ci = unname(stata),
  design_p = unname(2 * pt(-abs(coef(by_design) / SE(by_design)), degf(strat))))

## ---- linearized by hand -------------------------------------------------------------------------
variance <- function(psi, design) unname(svyrecvar(as.matrix(psi), design$cluster, design$strata, design$fpc))
# A weighted logit, class weights c1 and c0 included, and influences on it; "estimated" centers them.
logit <- function(y, x, a, c1 = 1, c0 = 1, estimated = FALSE) {
  v <- a * ifelse(y == 1, c1, c0)
  arguments <- list(x, y, weights = v / mean(v), family = quasibinomial(), control = exact)
  first <- do.call(glm.fit, arguments)
  b <- do.call(glm.fit, c(arguments, list(start = first$coefficients)))$coefficients
  p <- as.vector(plogis(x %*% b))
  inverse <- solve(crossprod(x, x * (v * p * (1 - p))))
  u <- x * (v * (y - p))
  w1 <- sum(a * y); w0 <- sum(a * (1 - y))
  e <- a * y / w1 - a * (1 - y) / w0
  if (estimated) {
    t1 <- colSums(u * y); t0 <- colSums(u * (1 - y))
    u <- u - outer(a * y / w1, t1) - outer(a * (1 - y) / w0, t0)
  }
  list(b = unname(b), influence = u %*% inverse, p = p, e = e, shift = log(c1 / c0))
}
y <- apiclus1$sch_wide; a <- apiclus1$pw; x <- cbind(1, apiclus1$ell, apiclus1$meals)
clus1 <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1)
balance <- c(sum(a) / (2 * sum(a * y)), sum(a) / (2 * sum(a * (1 - y))))
plain <- logit(y, x, a)
balanced <- logit(y, x, a, balance[1], balance[2], estimated = TRUE)
fixed <- logit(y, x, a, balance[1], balance[2])
# Intercept at population scale: the class weights vary with the sample.
moved <- balanced$influence
moved[, 1] <- moved[, 1] + balanced$e
# Average effects p q b_j at population scale, with the sampling error of the average.
effects <- function(found, influence) {
  p <- plogis(as.vector(x %*% found$b) - found$shift); slope <- p * (1 - p)
  g <- a / sum(a)
  ame <- colSums(g * outer(slope, found$b[-1]))
  psi <- sapply(1:2, function(j) {
    gradient <- colSums(g * slope * (1 - 2 * p) * x) * found$b[1 + j]
    gradient[1 + j] <- gradient[1 + j] + sum(g * slope)
    influence %*% gradient + g * (slope * found$b[1 + j] - ame[j])
  })
  list(value = ame, vcov = variance(psi, clus1))
}
# Average probability were meals 50 everywhere.
average <- function(found, influence) {
  x <- cbind(1, apiclus1$ell, 50)
  p <- plogis(as.vector(x %*% found$b) - found$shift); g <- a / sum(a)
  psi <- influence %*% colSums(g * p * (1 - p) * x) + g * (p - sum(g * p))
  list(value = sum(g * p), vcov = variance(psi, clus1))
}
# Area under the curve: shares of the other class below, ties half; scores as given.
area <- function(score) {
  v <- sapply(seq_along(y), function(i) {
    other <- y != y[i]
    below <- (score < score[i]) + 0.5 * (score == score[i])
    if (y[i] == 0) below <- (score > score[i]) + 0.5 * (score == score[i])
    sum(a[other] * below[other]) / sum(a[other])
  })
  auc <- sum((a * v)[y == 1]) / sum(a[y == 1])
  psi <- ifelse(y == 1, a / sum(a[y == 1]), a / sum(a[y == 0])) * (v - auc)
  list(value = auc, vcov = variance(psi, clus1), psi = psi)
}
first <- area(as.vector(x %*% plain$b)); second <- area(apiclus1$ell)
p <- plain$p
brier <- sum(a * (y - p)^2) / sum(a)
slope_fit <- logit(y, cbind(1, as.vector(x %*% plain$b)), a)
# An intercept at which the mean probability is the share of events.
recalibrated <- local({
  eta <- as.vector(x %*% fixed$b); target <- sum(a * y) / sum(a)
  move <- uniroot(function(s) sum(a * plogis(eta + s)) / sum(a) - target, c(-5, 5), tol = 1e-15)$root
  for (i in 1:20) { q <- plogis(eta + move); move <- move - (sum(a * q) / sum(a) - target) / (sum(a * q * (1 - q)) / sum(a)) }
  q <- plogis(eta + move); d <- a * q * (1 - q)
  influence <- fixed$influence
  direction <- colSums(d * x) / sum(d)
  influence[, 1] <- influence[, 1] - influence %*% direction - a * (q - y) / sum(d)
  list(params = fixed$b + c(move, 0, 0), vcov = variance(influence, clus1))
})
weighting <- local({
  y <- apiclus2$sch_wide; a <- apiclus2$pw; x <- cbind(1, apiclus2$ell, apiclus2$meals)
  design <- svydesign(id = ~dnum, weights = ~pw, data = apiclus2)
  weighted <- logit(y, x, a); unweighted <- logit(y, x, rep(1, length(y)))
  difference <- (weighted$b - unweighted$b)[-1]
  spread <- variance((weighted$influence - unweighted$influence)[, -1], design)
  list(difference = difference, vcov = spread, statistic = c(difference %*% solve(spread, difference)))
})
# A multinomial logit of the type of school, by Newton's method; score (1(y = j) - p_j) x of each label.
types <- local({
  label <- match(apiclus1$stype, c("E", "H", "M")); b <- matrix(0, ncol(x), 2)
  for (i in 1:60) {
    e <- exp(cbind(0, x %*% b)); p <- (e / rowSums(e))[, -1]
    u <- a * (outer(label, 2:3, "==") - p)
    score <- cbind(x * u[, 1], x * u[, 2])
    information <- matrix(0, 6, 6)
    for (j in 1:2) for (l in 1:2)
      information[3 * j - 2:0, 3 * l - 2:0] <- crossprod(x, x * (a * p[, j] * ((j == l) - p[, l])))
    b <- b + matrix(solve(information, colSums(score)), ncol(x))
  }
  list(params = as.vector(b), vcov = variance(score %*% solve(information), clus1), df = degf(clus1) + 1 - 6)
})
# Mean residuals in tenths of the weights by fitted probability, and their F test (Archer, Lemeshow).
residual_means <- function(formula, design, groups) {
  f <- svy(formula, design)
  p <- fitted(f); w <- weights(design); r <- f$y - p
  below <- sapply(p, function(one) sum(w[p < one - 1e-12])) / sum(w)
  design <- update(design, r = r, tenth = factor(floor(groups * below + 1e-9)))
  means <- svyglm(r ~ 0 + tenth, design)
  g <- length(coef(means)); df <- degf(design)
  wald <- c(coef(means) %*% solve(vcov(means), coef(means)))
  statistic <- (df - g + 2) / (df * g) * wald
  list(statistic = statistic, df = g - 1, ddf = df - g + 2, p = pf(statistic, g - 1, df - g + 2, lower.tail = FALSE),
    means = unname(coef(means)), se = unname(SE(means)))
}
grouped <- list(
  strat = residual_means(sch_wide ~ ell + meals, strat, 10),
  nhanes = residual_means(HI_CHOL ~ race + RIAGENDR, subset(nh, agecat == "a39_59"), 6))
linearized <- list(
  types = types,
  balanced = list(params = balanced$b, vcov = variance(balanced$influence, clus1)),
  fixed = list(params = fixed$b, vcov = variance(fixed$influence, clus1)),
  calibrated = list(params = balanced$b - c(balanced$shift, 0, 0), vcov = variance(moved, clus1)),
  effects = effects(plain, plain$influence),
  effects_balanced = effects(balanced, moved),
  average_balanced = average(balanced, moved),
  recalibrated = recalibrated,
  auc = first[1:2],
  auc_difference = list(value = first$value - second$value, vcov = variance(first$psi - second$psi, clus1)),
  brier = list(value = brier, vcov = variance(a * ((y - p)^2 - brier) / sum(a), clus1)),
  calibration_slope = list(value = slope_fit$b[2], vcov = variance(slope_fit$influence[, 2], clus1)),
  weighting = weighting)

## ---- write --------------------------------------------------------------------------------------
json <- function(x) {
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    return(paste0("{", paste0("\"", names(x), "\": ", inner, collapse = ", "), "}"))
  }
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ", "), "]"))
  paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ", "), "]")
}
values <- list(columns = columns, fits = fits, tests = tests, linearized = linearized, grouped = grouped)
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
