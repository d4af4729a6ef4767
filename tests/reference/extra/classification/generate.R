# Measures at a threshold, mean losses and calibration slopes by R's survey package: shares are
# ratios of totals (svyratio), losses are means (svymean), calibration is a svyglm of the outcome on
# the linear predictor. Run in this folder: Rscript generate.R. Writes values.json and
# session_info.txt. Data: ../../r/data/pima.csv, with its weights sw and clusters of 14 rows.
suppressPackageStartupMessages({ library(survey); library(jsonlite) })

pima <- read.csv("../../r/data/pima.csv")
pima$y <- as.numeric(pima$type)
pima$cl <- (seq_len(nrow(pima)) - 1) %% 38
exact <- glm.control(epsilon = 1e-300, maxit = 60)
first <- suppressWarnings(glm(y ~ glu + bmi + age + ped, binomial, pima, control = exact))
score <- suppressWarnings(glm(y ~ glu + bmi + age + ped, binomial, pima, control = exact,
                              start = coef(first)))
pima$eta <- 0.3 + 0.8 * as.vector(predict(score))
pima$p <- plogis(pima$eta)
pima$hit <- as.numeric(pima$p > 0.4)
pima <- transform(pima, tp = y * hit, tn = (1 - y) * (1 - hit), not_y = 1 - y, not_hit = 1 - hit,
                  right = y * hit + (1 - y) * (1 - hit), both = y + hit, twice = 2 * y * hit,
                  one = 1, loss = (y - p)^2, log_loss = -(y * log(p) + (1 - y) * log(1 - p)))

ratio <- function(top, bottom, design) {
  found <- svyratio(reformulate(top), reformulate(bottom), design)
  list(value = as.vector(coef(found)), se = as.vector(SE(found)))
}
refit <- function(formula, design) {
  environment(formula) <- environment()
  first <- suppressWarnings(svyglm(formula, design, family = quasibinomial(), control = exact))
  start <- coef(first)
  suppressWarnings(svyglm(formula, design, family = quasibinomial(), control = exact,
                          start = start))
}
last <- function(fit) {
  k <- length(coef(fit))
  list(value = unname(coef(fit)[k]), se = unname(sqrt(vcov(fit)[k, k])))
}
measures <- function(design) list(
  sensitivity = ratio("tp", "y", design), specificity = ratio("tn", "not_y", design),
  precision = ratio("tp", "hit", design), npv = ratio("tn", "not_hit", design),
  f1 = ratio("twice", "both", design), accuracy = ratio("right", "one", design),
  prevalence = ratio("y", "one", design))
scores <- function(design) list(
  brier = ratio("loss", "one", design), log_loss = ratio("log_loss", "one", design),
  slope = last(refit(y ~ eta, design)), intercept = last(refit(y ~ 1 + offset(eta), design)))

cases <- svydesign(ids = ~1, weights = ~sw, data = pima)
clusters <- svydesign(ids = ~cl, weights = ~sw, data = pima)
classes <- svydesign(ids = ~1, strata = ~y, weights = ~sw, data = pima)
values <- list(
  coefficients = unname(coef(score)), threshold = 0.4, clusters = 38,
  independent = c(measures(cases), scores(cases)),
  clustered = c(measures(clusters), scores(clusters)),
  case_control = scores(classes))
write_json(values, "values.json", digits = 17, auto_unbox = TRUE, pretty = TRUE)
writeLines(capture.output(sessionInfo()), "session_info.txt")
