# Multinomial logits with weights, for wlogit's: makes data.csv, then values.json and
# session_info.txt.   Rscript generate.R
# Coefficients: nnet::multinom, then Newton with a numerical Hessian of nothing but the definition.
# Covariances: sums over cases written out one by one, and stacked equations differentiated
# numerically. Penalised fits: glmnet.
suppressPackageStartupMessages({ library(nnet); library(numDeriv); library(glmnet) })
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20240917)

n <- 180
x1 <- round(rnorm(n), 3); x2 <- round(2 * rnorm(n) + 5, 2); x3 <- rbinom(n, 1, 0.4)
eta <- cbind(0, 0.3 + 0.7 * x1 - 0.1 * x2, -1.2 - 0.4 * x1 + 0.2 * x2 + 0.5 * x3)
p <- exp(eta) / rowSums(exp(eta))
y <- c("a", "b", "c")[apply(p, 1, function(q) sample(3, 1, prob = q))]
f <- rpois(n, 1.2); iw <- round(exp(rnorm(n, sd = 0.6)), 3); g <- sample(25, n, replace = TRUE)
D <- data.frame(y, x1, x2, x3, f, iw, g)
write.csv(D, "data.csv", row.names = FALSE, quote = FALSE)

labels <- sort(unique(y)); J <- 3; q <- 2
X <- cbind(1, x1, x2, x3); k <- ncol(X)
code <- match(y, labels)

probs <- function(b, X) {
  e <- exp(cbind(0, X %*% matrix(b, k)))
  e / rowSums(e)
}
# Residuals of the labels but the first, one row for each case.
residuals_of <- function(b, X, code) outer(code, 2:J, `==`) - probs(b, X)[, -1, drop = FALSE]
fit <- function(X, code, w) {
  start <- multinom(factor(code) ~ X - 1, weights = w, trace = FALSE, reltol = 1e-15, maxit = 5000)
  b <- as.vector(t(coef(start)))
  score <- function(b) as.vector(t(X) %*% (w * residuals_of(b, X, code)))
  for (i in 1:8) b <- b + solve(information(b, X, w), score(b))
  stopifnot(max(abs(score(b))) < 1e-10 * sum(w))
  b
}
block <- function(pr, x) kronecker(diag(pr[-1]) - tcrossprod(pr[-1]), tcrossprod(x))
information <- function(b, X, w) {
  P <- probs(b, X); A <- 0
  for (i in seq_len(nrow(X))) if (w[i] > 0) A <- A + w[i] * block(P[i, ], X[i, ])
  A
}
power <- function(M, r) {  # principal power of a matrix with real eigenvalues
  e <- eigen(M); Re(e$vectors %*% diag(e$values^r) %*% solve(e$vectors))
}
# The sandwiches by their definitions: m cases of importance v in a row, centered by class or not.
sandwiches <- function(b, m, v, a, centered) {
  A <- information(b, X, m * v); V <- solve(A); P <- probs(b, X); R <- residuals_of(b, X, code)
  U <- t(sapply(1:n, function(i) v[i] * kronecker(R[i, ], X[i, ])))
  W <- as.vector(tapply(m * a, code, sum)); N <- as.vector(tapply(m, code, sum)); total <- sum(m)
  T <- sapply(1:J, function(j) colSums((m * U)[code == j, ]))
  share <- a / W[code]
  if (!centered) share <- 0 * share
  nk <- if (centered) sqrt(N / (N - 1)) else rep(1, J)
  meat <- list(HC0 = 0, HC2 = 0, HC3 = 0)
  S <- U - share * t(T[, code])
  for (i in 1:n) {
    x <- kronecker(diag(q), t(X[i, ]))                     # q x kq
    Q <- v[i] * (diag(P[i, -1]) - tcrossprod(P[i, -1])) %*% (x %*% V %*% t(x))
    for (type in names(meat)) {
      M <- switch(type, HC0 = diag(q), HC2 = power(diag(q) - Q, -0.5), HC3 = solve(diag(q) - Q))
      s <- kronecker(M, diag(k)) %*% S[i, ]
      if (type != "HC0") s <- s * nk[code[i]]
      meat[[type]] <- meat[[type]] + m[i] * tcrossprod(s)
    }
  }
  totals <- rowsum(m * S, g)
  G <- nrow(totals[rowSums(abs(totals)) > 0, ])
  meat$linearized <- if (centered) Reduce(`+`, lapply(1:n, function(i) m[i] * nk[code[i]]^2 * tcrossprod(S[i, ]))) else meat$HC0 * total / (total - 1)
  meat$HC1 <- meat$HC0 * total / (total - k * q)
  meat$cluster <- crossprod(totals) * G * (total - 1) / ((G - 1) * (total - k * q))
  lapply(meat, function(M) V %*% M %*% V)
}
# HC0 under estimated class weights from the stacked equations, with no formula for centering: the
# coefficients and the logarithms of the label weights are estimated together.
stacked <- function(b, m, a) {
  W <- as.vector(tapply(m * a, code, sum)); full <- sum(W)
  psi <- function(theta) {
    b <- theta[1:(k * q)]; c <- exp(theta[-(1:(k * q))])
    U <- (a * c[code]) * residuals_of(b, X, code)[, rep(1:q, each = k)] * X[, rep(1:k, q)]
    # c_j = W / (J W_j):   a ( 1(y = j) J c_j - 1 ) sums to zero.
    cbind(U, a * (outer(code, 1:J, `==`) * rep(J * c, each = n) - 1))
  }
  theta <- c(b, log(full / (J * W)))
  A <- jacobian(function(theta) colSums(m * psi(theta)), theta)
  V <- solve(A) %*% crossprod(sqrt(m) * psi(theta)) %*% t(solve(A))
  list(vcov = V[1:(k * q), 1:(k * q)], theta = theta, joint = V)
}
# Average effects at population scale, and their delta-method errors with calibrated intercepts.
effects <- function(b, logc, mass, joint) {
  mean_effect <- function(theta) {
    B <- matrix(theta[1:(k * q)], k); c <- theta[-(1:(k * q))]
    B[1, ] <- B[1, ] - (c[-1] - c[1])
    P <- probs(as.vector(B), X); slopes <- cbind(0, B)
    as.vector(sapply(1:J, function(l) sapply(2:k, function(j) {
      rate <- slopes[j, l] - P %*% slopes[j, ]
      sum(mass * P[, l] * rate) / sum(mass)
    })))
  }
  theta <- c(b, logc); G <- jacobian(mean_effect, theta)
  list(effect = mean_effect(theta), se = sqrt(diag(G %*% joint %*% t(G))))
}

one <- rep(1, n)
case <- function(m, a, c, centered) {
  v <- a * c[code]; b <- fit(X, code, m * v)
  list(coef = b, loglik = sum(m * v * log(probs(b, X)[cbind(1:n, code)])),
       naive = solve(information(b, X, m * v)), cov = sandwiches(b, m, v, a, centered))
}
balanced <- function(m, a) { W <- as.vector(tapply(m * a, code, sum)); sum(W) / (J * W) }
values <- list(
  none = case(one, one, rep(1, J), FALSE),
  frequency = case(f, one, rep(1, J), FALSE),
  mapping = case(one, one, c(1, 0.5, 3), FALSE),
  sampling = case(one, iw, rep(1, J), FALSE),
  balanced = case(one, one, balanced(one, one), TRUE),
  product = case(f, iw, balanced(f, iw), TRUE)
)
for (name in c("balanced", "product")) {
  m <- if (name == "product") f else one; a <- if (name == "product") iw else one
  found <- stacked(values[[name]]$coef, m, a)
  values[[name]]$stacked <- found$vcov
  values[[name]]$margins <- effects(values[[name]]$coef, found$theta[-(1:(k * q))], m * a, found$joint)
}

# glmnet's objective: -sum w log p / sum w + lambda [ (1 - alpha)/2 |b|^2 + alpha |b|_1 ].
net <- function(w, alpha, lambda) {
  fitted <- glmnet(X[, -1], factor(y), family = "multinomial", weights = w, alpha = alpha, standardize = FALSE,
                   lambda = lambda * 4^(8:0), type.multinomial = "ungrouped", thresh = 1e-20, maxit = 1e7)
  last <- length(fitted$lambda)
  list(alpha = alpha, lambda = lambda, intercept = unname(fitted$a0[, last]),
       coef = unname(sapply(fitted$beta, function(b) as.vector(b[, last]))))
}
values$glmnet <- list(
  lasso = net(one, 1, 0.01), lasso_strong = net(one, 1, 0.04), lasso_sampling = net(iw, 1, 0.015),
  net_sampling = net(iw, 0.4, 0.02), ridge = net(one, 0, 0.05), ridge_class = net(c(1, 0.5, 3)[code], 0, 0.02)
)
writeLines(jsonlite::toJSON(values, digits = NA, auto_unbox = TRUE, matrix = "rowmajor"), "values.json")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), "session_info.txt")
