# Replicate designs of R's survey for what the cases of ../../r lack: jackknife weights with finite
# population corrections, a census stratum and lonely PSUs, half samples, means and totals, SDR and JK2,
# guessed scales, degrees of freedom of domains. Writes sample.csv, values.json and session_info.txt.
#   Rscript generate.R
suppressPackageStartupMessages(library(survey))
set.seed(20240517)

# 6 strata: 2, 2, 4, 2, 2 (a census) and 2 PSUs; labels of PSUs are used again in other strata.
sizes <- c(2, 2, 4, 2, 2, 2)
population <- c(9, 12, 30, 7, 2, 15)
psus <- data.frame(stratum = rep(seq_along(sizes), sizes), psu = unlist(lapply(sizes, seq_len)))
S <- psus[rep(seq_len(nrow(psus)), times = sample(3:7, nrow(psus), replace = TRUE)), ]
S$fpc <- population[S$stratum]
S$w <- round(population[S$stratum] / sizes[S$stratum] * runif(nrow(S), 0.7, 1.6), 3)
S$x <- round(rnorm(nrow(S)) + S$stratum / 5, 4)
S$y <- rbinom(nrow(S), 1, plogis(-0.3 + 0.6 * S$x))
S <- S[sample(nrow(S)), ]
write.csv(S, "sample.csv", row.names = FALSE, quote = FALSE)
S <- read.csv("sample.csv")

exact <- glm.control(epsilon = 1e-300, maxit = 60)
fit <- function(design, ...) svyglm(y ~ x, design, family = quasibinomial(), control = exact, ...)
rows <- function(m) lapply(seq_len(nrow(m)), function(i) unname(m[i, ]))
named_rows <- function(m) setNames(rows(as.matrix(m)), seq_len(nrow(m)))
estimate <- function(s) list(value = unname(coef(s)), se = unname(as.vector(SE(s))))
values <- list()

plain <- svydesign(~psu, strata = ~stratum, weights = ~w, nest = TRUE, data = S)
finite <- svydesign(~psu, strata = ~stratum, weights = ~w, fpc = ~fpc, nest = TRUE, data = S)
describe <- function(d) {
  f <- fit(d)
  sub <- subset(d, x > 0)
  list(weights = named_rows(weights(d, "analysis")), scale = d$scale, rscales = d$rscales, df = degf(d),
    vcov = named_rows(vcov(f)), df_resid = f$df.residual, mean = estimate(svymean(~x + y, d)),
    total = estimate(svytotal(~x + y, d)), domain_df = degf(sub), domain_mean = estimate(svymean(~x, sub)),
    domain_vcov = named_rows(vcov(fit(sub))), domain_df_resid = fit(sub)$df.residual)
}
values$JKn <- describe(as.svrepdesign(plain, type = "JKn"))
values$JKn_fpc <- describe(as.svrepdesign(finite, type = "JKn"))
values$JKn_mse <- describe(as.svrepdesign(plain, type = "JKn", mse = TRUE))
values$BRR <- describe(as.svrepdesign(plain, type = "BRR"))
values$Fay <- describe(as.svrepdesign(plain, type = "Fay", fay.rho = 0.3))
whole <- svydesign(~interaction(stratum, psu), weights = ~w, data = S)
values$JK1 <- describe(as.svrepdesign(whole, type = "JK1"))
for (type in c("bootstrap", "subbootstrap")) {
  d <- as.svrepdesign(plain, type = type, replicates = 20)
  values[[type]] <- list(scale = d$scale, rscales = d$rscales)
}

# A stratum with one PSU left, under the policies that leave it in some way.
lonely <- S[!(S$stratum == 2 & S$psu == 2), ]
alone <- svydesign(~psu, strata = ~stratum, weights = ~w, nest = TRUE, data = lonely)
for (policy in c("remove", "certainty", "adjust", "average")) {
  options(survey.lonely.psu = policy)
  d <- as.svrepdesign(alone, type = "JKn", compress = TRUE)
  values[[paste0("lonely_", policy)]] <- list(weights = named_rows(weights(d, "analysis")), scale = d$scale,
    rscales = d$rscales, mean = estimate(svymean(~x, d)))
}
options(survey.lonely.psu = "fail")

# Given replicate weights: the same table under each kind.
A <- weights(as.svrepdesign(plain, type = "JKn"), "analysis")
F <- weights(as.svrepdesign(plain, type = "JKn"), "replication")
given <- function(...) suppressWarnings(svrepdesign(weights = ~w, data = S, ...))
kinds <- list(
  JK1 = given(repweights = A, type = "JK1"),
  JK1_factors = given(repweights = F, type = "JK1", combined.weights = FALSE),
  JKn_factors = given(repweights = F, type = "JKn", combined.weights = FALSE),
  BRR = given(repweights = A, type = "BRR"),
  Fay = given(repweights = A, type = "Fay", rho = 0.25),
  JK2 = given(repweights = A, type = "JK2"),
  SDR = given(repweights = A, type = "successive-difference"),
  SDR_mse = given(repweights = A, type = "successive-difference", mse = TRUE),
  bootstrap = given(repweights = A, type = "bootstrap"),
  other = given(repweights = A, type = "other", scale = 0.7, rscales = seq(0, 1, length.out = ncol(A))))
for (name in names(kinds)) {
  d <- kinds[[name]]
  values[[paste0("given_", name)]] <- list(scale = d$scale, rscales = rep_len(d$rscales, ncol(A)),
    vcov = named_rows(vcov(fit(d))), mean = estimate(svymean(~x, d)), df = degf(d))
}

# The example of the manual: its first replicate does not identify the slope, and R leaves it out
# unless glm is made so precise that it takes the slope for identified.
data(scd)
long <- data.frame(ambulance = rep(scd$ambulance, 2), y = rep(1:0, each = 6), n = c(scd$alive, scd$arrests - scd$alive))
halves <- 2 * cbind(c(1, 0, 1, 0, 1, 0), c(1, 0, 0, 1, 0, 1), c(0, 1, 1, 0, 0, 1), c(0, 1, 0, 1, 1, 0))
d <- suppressWarnings(svrepdesign(weights = ~n, repweights = halves[c(1:6, 1:6), ], type = "BRR",
  combined.weights = FALSE, data = long))
f <- suppressWarnings(svyglm(y ~ ambulance, d, family = quasibinomial(), control = glm.control(epsilon = 1e-12)))
values$scd <- list(vcov = named_rows(vcov(f)))

json <- function(x) {
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    return(paste0("{", paste0("\"", names(x), "\": ", inner, collapse = ", "), "}"))
  }
  paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ", "), "]")
}
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
