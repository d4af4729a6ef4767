# CR2 and CR3 of clubSandwich with Satterthwaite degrees of freedom, contrasts and HTZ tests, on data
# with every case in a row of its own. Uses ../data and ../../r/data; writes values.json and
# session_info.txt.   Rscript generate.R
suppressPackageStartupMessages(library(clubSandwich))

cases <- read.csv("../data/cases.csv"); counts <- read.csv("../data/counts.csv")
infert <- read.csv("../../r/data/infert.csv", stringsAsFactors = TRUE)
fit <- function(formula, data, w = rep(1, nrow(data))) {
  data$.w <- w; environment(formula) <- environment()
  suppressWarnings(glm(formula, binomial, data, weights = .w, epsilon = 1e-300, maxit = 60))
}
# IRLS leaves the covariance one step behind the coefficients; a second fit from these does not.
again <- function(formula, data, w = rep(1, nrow(data))) {
  f <- fit(formula, data, w); data$.w <- w; environment(formula) <- environment(); start <- coef(f)
  suppressWarnings(glm(formula, binomial, data, weights = .w, start = start, epsilon = 1e-300, maxit = 60))
}
htz <- function(f, V, rows) {
  C <- diag(length(coef(f)))[rows, , drop = FALSE]; t <- Wald_test(f, constraints = C, vcov = V, test = "HTZ")
  list(rows = rows - 1, Fstat = t$Fstat, delta = t$delta, df_num = t$df_num, df_denom = t$df_denom, p = t$p_val)
}
contrast <- function(f, V, l) {
  t <- linear_contrast(f, V, matrix(l, 1), test = "Satterthwaite", p_values = TRUE)
  list(l = l, est = t$Est, se = t$SE, df = t$df, lower = t$CI_L, upper = t$CI_U, p = t$p_val)
}
block <- function(f, cluster, type, joint, l) {
  V <- vcovCR(f, cluster = cluster, type = type); ct <- coef_test(f, V, test = "Satterthwaite"); ci <- conf_int(f, V)
  list(names = names(coef(f)), coef = unname(coef(f)), vcov = unname(as.matrix(V)), df = ct$df_Satt, p = ct$p_Satt,
       lower = ci$CI_L, upper = ci$CI_U, joint = lapply(joint, function(r) htz(f, V, r)), contrast = contrast(f, V, l))
}
both <- function(f, cluster, joint, l) list(CR2 = block(f, cluster, "CR2", joint, l), CR3 = block(f, cluster, "CR3", joint, l))

m <- y ~ x1 + x2 + z; joint <- list(2:4, 3:4, 1:4); l <- c(0, 1, -1, 0.5)
out <- list()
w <- seq_len(nrow(infert)) %% 7 + 0.5
fi <- case ~ spontaneous + induced + parity + factor(education); li <- c(0, 1, -1, 0, 0, 0)
out$infert <- both(again(fi, infert), infert$stratum, list(2:4, 5:6), li)
out$infert_weighted <- both(again(fi, infert, w), infert$stratum, list(2:4, 5:6), li)
out$infert_education <- both(again(case ~ spontaneous + induced + parity, infert), interaction(infert$parity, infert$age > 31, drop = TRUE), list(2:4), c(0, 1, -1, 0))
out$none <- both(again(m, cases), cases$g1, joint, l)
out$sampling <- both(again(m, cases, cases$iw), cases$g1, joint, l)
out$mapping <- both(again(m, cases, ifelse(cases$y == 1, 3, 1)), cases$g1, joint, l)
out$fixed <- both(again(m, cases, ifelse(cases$y == 1, mean(1 - cases$y), mean(cases$y))), cases$g1, joint, l)
e <- cases[rep(seq_len(nrow(cases)), cases$fw), ]
out$frequency <- both(again(m, e), e$g1, joint, l)
out$frequency_sampling <- both(again(m, e, e$iw), e$g1, joint, l)
out$fraction <- both(again(share ~ x1 + x2 + z, cases), cases$g1, joint, l)
out$offset <- both(again(y ~ x1 + x2 + z + offset(off), cases), cases$g1, joint, l)
out$no_constant <- both(again(y ~ 0 + x1 + x2 + z, cases), cases$g1, list(1:2), c(1, -1, 0))
c2 <- rbind(counts[rep(seq_len(nrow(counts)), counts$events), ], counts[rep(seq_len(nrow(counts)), counts$others), ])
c2$y <- rep(1:0, c(sum(counts$events), sum(counts$others)))
out$counts <- both(again(y ~ x + z, c2), c2$g, list(2:3), c(0, 1, 1))
out$counts_mapping <- both(again(y ~ x + z, c2, ifelse(c2$y == 1, 2.5, 1)), c2$g, list(2:3), c(0, 1, 1))
out$few <- both(again(y ~ x1 + x2, cases), cases$g2, list(2:3), c(0, 1, -1))

# A coefficient that rests on one cluster alone: CR2 takes the Moore-Penrose root. CR3 of clubSandwich
# has no inverse there; here it is taken where there is one, in coordinates of equal variances.
cases$own <- as.numeric(cases$g1 == cases$g1[1])
f <- again(y ~ x1 + x2 + own, cases, cases$iw); V <- vcovCR(f, cluster = cases$g1, type = "CR2"); ct <- coef_test(f, V, test = "Satterthwaite")
out$singular_CR2 <- list(vcov = unname(as.matrix(V)), df = ct$df_Satt)
p <- fitted(f); c0 <- cases$iw * p * (1 - p); X <- model.matrix(f); A <- solve(crossprod(X * sqrt(c0))); M <- 0
for (g in unique(cases$g1)) {
  i <- cases$g1 == g; Q <- sqrt(c0[i]) * X[i, , drop = FALSE]; E <- eigen(diag(sum(i)) - Q %*% A %*% t(Q), symmetric = TRUE)
  P <- E$vectors %*% (ifelse(E$values > 1e-10, 1 / E$values, 0) * t(E$vectors))
  s <- t(Q) %*% P %*% (sqrt(cases$iw[i] / (p * (1 - p))[i]) * (cases$y - p)[i]); M <- M + s %*% t(s)
}
out$singular_CR3 <- list(vcov = unname(A %*% M %*% A))

# Two groupings by inclusion and exclusion.
for (type in c("CR2", "CR3")) {
  f <- again(m, cases, cases$iw); one <- function(g) as.matrix(vcovCR(f, cluster = g, type = type))
  df <- function(g) coef_test(f, vcovCR(f, cluster = g, type = type), test = "Satterthwaite")$df_Satt
  out[[paste0("two_way_", type)]] <- list(vcov = unname(one(cases$g1) + one(cases$g2) - one(interaction(cases$g1, cases$g2, drop = TRUE))),
    df_first = df(cases$g1), df_second = df(cases$g2))
}
writeLines(jsonlite::toJSON(out, digits = NA, auto_unbox = TRUE), "values.json")
writeLines(c(R.version.string, capture.output(sessionInfo())), "session_info.txt")
