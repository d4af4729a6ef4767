# The debiased lasso by glmnet: van de Geer, Buhlmann, Ritov and Dezeure (2014), equations 5 to 9.
# Run in this folder: Rscript generate.R. Writes data.csv, values.json and session_info.txt.
library(glmnet)
library(jsonlite)

set.seed(20240701)
n <- 120
k <- 40
noise <- matrix(rnorm(n * k), n, k)
x <- noise
for (j in 2:k) x[, j] <- 0.5 * x[, j - 1] + sqrt(0.75) * noise[, j]
x <- round(x + rep(c(0, 1, -0.5, 2), 10)[col(x)], 4)
colnames(x) <- paste0("x", seq_len(k))
eta <- 0.4 + 1.2 * (x[, 1]) - 1.2 * (x[, 6] - 1)
y <- as.integer(runif(n) < plogis(eta))
fw <- sample(1:2, n, replace = TRUE)
write.csv(data.frame(y = y, fw = fw, x), "data.csv", row.names = FALSE)

lasso_quadratic <- function(R, target, lambda, penalised = rep(1, ncol(R))) {
  # argmin g'Rg / 2 - target'g + lambda sum penalised |g|, as a regression on the root of R.
  root <- chol(R)
  response <- backsolve(root, target, transpose = TRUE)
  size <- nrow(root)
  # glmnet makes the penalty factors sum to the number of columns.
  fit <- glmnet(root * sqrt(size), response * sqrt(size), intercept = FALSE, standardize = FALSE,
                lambda = lambda * mean(penalised), penalty.factor = penalised,
                thresh = 1e-28, maxit = 1e7)
  as.vector(fit$beta)
}

debias <- function(mult, imp, alpha) {
  w <- mult * imp
  fit <- glmnet(x, y, family = "binomial", weights = w, standardize = FALSE, lambda = alpha,
                thresh = 1e-28, maxit = 1e7)
  b0 <- as.numeric(fit$a0)
  b <- as.vector(fit$beta)
  p <- plogis(b0 + as.vector(x %*% b))
  bend <- imp * p * (1 - p)
  curvature <- mult * bend
  total <- sum(curvature)
  size <- total^2 / sum(mult * bend^2)
  lambda <- sqrt(log(k) / size) / 4
  m <- colSums(curvature * x) / total
  centered <- sweep(x, 2, m)
  s <- sqrt(colSums(curvature * centered^2))
  z <- sweep(centered, 2, s, "/")
  R <- crossprod(z, curvature * z)
  theta <- matrix(0, k, k)
  for (j in seq_len(k)) {
    g <- lasso_quadratic(R[-j, -j], R[-j, j], lambda)
    tau2 <- 1 - sum(R[-j, j] * g)
    theta[j, -j] <- -g / tau2
    theta[j, j] <- 1 / tau2
  }
  # Rows of the slopes for (intercept, slopes) in the coordinates of x.
  slopes <- sweep(sweep(theta, 1, s, "/"), 2, s, "/")
  rows <- cbind(-as.vector(slopes %*% m), slopes)
  design <- cbind(1, x)
  residual <- imp * (y - p)
  score <- colSums(mult * residual * design)
  information <- crossprod(design, curvature * design)
  meat <- crossprod(design, mult * residual^2 * design)
  nobs <- sum(mult)
  nonzero <- 1 + sum(b != 0)
  list(alpha = alpha, lasso = c(b0, b), effective_size = size, penalty = lambda,
       params = as.vector(b + rows %*% score),
       bse_model = sqrt(diag(rows %*% information %*% t(rows))),
       bse_HC0 = sqrt(diag(rows %*% meat %*% t(rows))),
       bse_HC1 = sqrt(diag(rows %*% meat %*% t(rows)) * nobs / (nobs - nonzero)))
}

one <- rep(1, n)
values <- list(
  none = debias(one, one, 0.06),
  frequency = debias(fw, one, 0.05),
  mapping = debias(one, ifelse(y == 1, 1, 3), 0.06)
)
write(toJSON(values, digits = NA, auto_unbox = TRUE, pretty = TRUE), "values.json")
writeLines(capture.output(sessionInfo()), "session_info.txt")
