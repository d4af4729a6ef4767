# Replicate covariances of multinomial logits, for wlogit's: from data.csv to replicates.json.
#   Rscript replicates.R
# survey::withReplicates over nnet::multinom, which Newton steps then take to rounding. Balanced label
# weights are computed from the weights of each replicate.
suppressPackageStartupMessages({ library(survey); library(nnet) })
D <- read.csv("data.csv")
X <- model.matrix(~ x1 + x2 + x3, D)
code <- match(D$y, sort(unique(D$y))); J <- 3; k <- ncol(X)

newton <- function(b, w) {
  for (i in 1:6) {
    e <- exp(cbind(0, X %*% matrix(b, k))); P <- (e / rowSums(e))[, -1]
    score <- as.vector(crossprod(X, w * (outer(code, 2:J, `==`) - P)))
    A <- do.call(rbind, lapply(1:(J - 1), function(j) do.call(cbind, lapply(1:(J - 1), function(l)
      crossprod(X, w * P[, j] * ((j == l) - P[, l]) * X)))))
    b <- b + solve(A, score)
  }
  stopifnot(max(abs(score)) < 1e-9 * sum(w))
  b
}
estimate <- function(balanced) function(w, data) {
  if (balanced) w <- w * (sum(w) / (J * as.vector(tapply(w, code, sum))))[code]
  start <- multinom(factor(code) ~ X - 1, weights = w, trace = FALSE, reltol = 1e-12, maxit = 2000)
  newton(as.vector(t(coef(start))), w)
}
sampled <- svydesign(~g, weights = ~iw, data = D)
replicated <- function(design, balanced) {
  found <- withReplicates(design, estimate(balanced))
  list(coef = as.vector(coef(found)), vcov = unname(unclass(vcov(found))[, ]), df = degf(design))
}
jackknife <- as.svrepdesign(sampled, type = "JK1")
about <- as.svrepdesign(sampled, type = "JK1", mse = TRUE)
values <- list(sampling = replicated(jackknife, FALSE), balanced = replicated(jackknife, TRUE),
               mse = replicated(about, TRUE))
writeLines(jsonlite::toJSON(values, digits = NA, auto_unbox = TRUE, matrix = "rowmajor"), "replicates.json")
