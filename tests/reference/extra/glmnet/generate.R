# Paths and cross-validations of glmnet, for wlogit's path: make data.csv and wide.csv, then
# values.json and session_info.txt.   Rscript generate.R
suppressPackageStartupMessages(library(glmnet))
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20240705)

# Rounded, so that the decimals in the files are the data.
n <- 240; k <- 10
X <- round(matrix(rnorm(n * k), n, k) %*% (diag(k) + 0.25), 3)
X[, 3] <- round(5 * X[, 3] + 20, 2)
X[, 10] <- rbinom(n, 1, 0.3)
colnames(X) <- paste0("x", 1:k)
eta <- -1 + 0.8 * X[, 1] - 0.6 * X[, 2] + 0.1 * (X[, 3] - 20) + 0.7 * X[, 10]
y <- rbinom(n, 1, plogis(eta))
iw <- round(exp(rnorm(n, sd = 0.6)), 3)
fold <- integer(n)
for (class in 0:1) fold[y == class] <- sample(rep(1:5, length.out = sum(y == class)))
write.csv(data.frame(X, y, iw, fold), "data.csv", row.names = FALSE, quote = FALSE)

n2 <- 40; k2 <- 70
W <- round(matrix(rnorm(n2 * k2), n2, k2), 3)
colnames(W) <- paste0("x", 1:k2)
y2 <- rbinom(n2, 1, plogis(1.5 * W[, 1] - 1.5 * W[, 2]))
write.csv(data.frame(W, y = y2), "wide.csv", row.names = FALSE, quote = FALSE)

# glmnet stops where coefficients move by 1e-7 of their scale unless told otherwise.
exact <- list(family = "binomial", thresh = 1e-20, maxit = 1e7)
path <- function(X, y, w, ...) {
  f <- do.call(glmnet, c(list(X, y, weights = w, ...), exact))
  list(lambda = f$lambda, coef = unname(rbind(f$a0, as.matrix(f$beta))), nonzero = f$df, dev_ratio = f$dev.ratio)
}
cv <- function(w, measure, lambda, ...) {
  f <- do.call(cv.glmnet, c(list(X, y, weights = w, foldid = fold, type.measure = measure, lambda = lambda, ...), exact))
  list(lambda = f$lambda, cvm = f$cvm, cvsd = unname(f$cvsd), nzero = unname(f$nzero), lambda_min = f$lambda.min, lambda_1se = f$lambda.1se)
}

one <- rep(1, n); cw <- ifelse(y == 1, 4, 1)
grid <- signif(exp(seq(log(0.15), log(0.004), length.out = 15)), 6)
factor <- c(0, 1, 1, 2, 1, 1, 0.5, 1, 1, 1.5)
values <- list(
  grids = list(
    lasso = path(X, y, one, standardize = FALSE),
    lasso_standardized_sampling = path(X, y, iw, standardize = TRUE),
    net_class = path(X, y, cw, alpha = 0.4, standardize = FALSE, nlambda = 50),
    # The factors sum to the number of columns, so that glmnet leaves them as they are.
    net_factors = path(X, y, one, alpha = 0.7, standardize = FALSE, penalty.factor = factor, nlambda = 30),
    ridge = path(X, y, one, alpha = 0, standardize = TRUE, nlambda = 20),
    wide = path(W, y2, rep(1, n2), standardize = FALSE, nlambda = 40)
  ),
  cv = list()
)
for (measure in c("deviance", "auc", "mse")) {
  values$cv[[paste0("sampling_", measure)]] <- cv(iw, measure, grid, standardize = TRUE)
  if (measure == "deviance") values$cv$class_deviance <- cv(cw, measure, grid, standardize = FALSE, alpha = 0.5)
  values$cv[[paste0("none_", measure)]] <- cv(one, measure, grid, standardize = FALSE)
}
# By hand from glmnet's fits to the training folds: criteria at population scale, and class weights
# that are computed anew from each training fold.
weighted_auc <- function(y, score, w = rep(1, length(y))) {
  pairs <- outer(score[y == 1], score[y == 0], function(a, b) (a > b) + (a == b) / 2)
  drop(w[y == 1] %*% pairs %*% w[y == 0]) / sum(w[y == 1]) / sum(w[y == 0])
}
deviance_of <- function(y, eta, w) sum(-2 * w * (y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE))) / sum(w)
# factors(y, w) gives c(c0, c1); loss(y, eta, w, factors) of the held-out rows; mass(y, w, factors) of the fold.
by_hand <- function(a, factors, loss, mass, ...) {
  raw <- matrix(NA, 5, length(grid)); m <- numeric(5)
  for (i in 1:5) {
    train <- fold != i
    c01 <- factors(y[train], a[train])
    w <- (a * ifelse(y == 1, c01[2], c01[1]))[train]
    f <- do.call(glmnet, c(list(X[train, ], y[train], weights = w, lambda = grid, ...), exact))
    eta <- predict(f, X[!train, ], type = "link")
    raw[i, ] <- apply(eta, 2, function(e) loss(y[!train], e, a[!train], c01))
    m[i] <- mass(y[!train], a[!train], c01)
  }
  cvm <- apply(raw, 2, weighted.mean, w = m)
  cvsd <- sqrt(apply(scale(raw, cvm, FALSE)^2, 2, weighted.mean, w = m) / 4)
  list(lambda = grid, cvm = cvm, cvsd = cvsd)
}
mapping <- function(y, a) c(1, 4)
balanced <- function(y, a) sum(a) / (2 * c(sum(a[y == 0]), sum(a[y == 1])))
tau <- function(y, a) { s <- sum(a * y) / sum(a); c(0.95 / (1 - s), 0.05 / s) }
in_fit <- list(loss = function(y, eta, a, c) deviance_of(y, eta, a * ifelse(y == 1, c[2], c[1])), mass = function(y, a, c) sum(a * ifelse(y == 1, c[2], c[1])))
area <- list(loss = function(y, eta, a, c) weighted_auc(y, eta, a), mass = function(y, a, c) sum(a))
brier <- list(loss = function(y, eta, a, c) weighted.mean((y - plogis(eta - log(c[2] / c[1])))^2, a), mass = area$mass)
population <- list(loss = function(y, eta, a, c) weighted.mean((y - plogis(eta))^2, a * ifelse(y == 1, c[2], c[1])), mass = in_fit$mass)
hand <- function(a, factors, how, ...) by_hand(a, factors, how$loss, how$mass, ...)
values$by_hand <- list(
  class_auc = hand(one, mapping, area, standardize = FALSE, alpha = 0.5),
  class_brier = hand(one, mapping, brier, standardize = FALSE, alpha = 0.5),
  balanced_deviance = hand(iw, balanced, in_fit, standardize = TRUE),
  balanced_auc = hand(iw, balanced, area, standardize = TRUE),
  balanced_brier = hand(iw, balanced, brier, standardize = TRUE),
  prevalence_deviance = hand(one, tau, in_fit, standardize = TRUE),
  prevalence_brier = hand(one, tau, population, standardize = TRUE)
)
values$factor <- factor
stopifnot(sum(factor) == k)
json <- function(x) {
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ",\n"), "}"))
  if (is.matrix(x)) return(paste0("[", paste(apply(x, 1, json), collapse = ",\n "), "]"))
  text <- sprintf("%.17g", x)
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
writeLines(json(values), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
