# Tests of hypotheses: tails of mixtures of chi-squares (survey::pchisqsum, pFsum), Rao-Scott and Wald
# tests with and without denominator degrees of freedom (survey::regTermTest), car::Anova with a
# sandwich, score tests by the design-based variance of projected scores (what svyscoretest of later
# versions of survey calls the pseudo-score), car::deltaMethod, p.adjust. Uses ../../r/data; writes
# values.json and session_info.txt.   Rscript generate.R
suppressPackageStartupMessages({ library(survey); library(car); library(sandwich); library(jsonlite) })

birthwt <- read.csv("../../r/data/birthwt.csv")
birthwt$race <- factor(birthwt$race); birthwt$smoke <- factor(birthwt$smoke)
exact <- list(epsilon = 1e-300, maxit = 60)
fit <- function(formula, w, contrasts = NULL) {
  d <- birthwt; d$.w <- w; environment(formula) <- environment()
  suppressWarnings(glm(formula, binomial, d, weights = .w, contrasts = contrasts, control = exact))
}

## ---- tails --------------------------------------------------------------------------------------
mixtures <- list(c(1), c(2.5), c(1, 1, 1), c(0.4, 1.3, 2.9), c(0.01, 0.5, 0.5, 4, 7))
tails <- list()
for (a in mixtures) for (x in c(0.05, 0.7, 2, 3, 6, 12, 40)) for (ddf in c(Inf, 3, 30, 400)) {
  # pFsum() forgets the method where ddf is infinite.
  p <- sapply(c("saddlepoint", "satterthwaite"), function(m)
    if (is.finite(ddf)) pFsum(x * sum(a), rep(1, length(a)), a, ddf = ddf, method = m, lower.tail = FALSE)
    else pchisqsum(x * sum(a), rep(1, length(a)), a, method = m, lower.tail = FALSE))
  tails[[length(tails) + 1]] <- list(x = x * sum(a), eigenvalues = I(a), ddf = if (is.finite(ddf)) ddf else "Inf", saddlepoint = p[[1]], satterthwaite = p[[2]])
}

## ---- terms of a survey fit, whose units are the rows ---------------------------------------------
design <- svydesign(ids = ~1, weights = ~iw, data = birthwt)
full <- svyglm(low ~ age + lwt + race * smoke + ht, design, family = quasibinomial, control = exact)
terms_of <- list("~race:smoke", "~lwt", "~age + ht")
rao_scott <- lapply(terms_of, function(t) {
  one <- function(...) { r <- suppressWarnings(regTermTest(full, as.formula(t), ...)); r }
  l <- lapply(list(F = NULL, chisq = Inf), function(df) lapply(c(saddlepoint = "saddlepoint", satterthwaite = "satterthwaite"),
    function(m) as.numeric(one(method = "LRT", df = df, lrt.approximation = m)$p)))
  r <- one(method = "LRT"); w <- one(); wi <- one(df = Inf)
  list(terms = t, statistic = as.numeric(r$chisq), ddf = r$ddf, lambda = I(sort(Re(r$lambda))), p = l,
       wald = list(F = as.numeric(w$Ftest), p = as.numeric(w$p), chisq = as.numeric(wi$chisq), p_chisq = as.numeric(wi$p)))
})

## ---- scores of added columns ---------------------------------------------------------------------
pseudo_score <- function(small, large) {
  f0 <- suppressWarnings(svyglm(small, design, family = quasibinomial, control = exact))
  X <- model.matrix(large, birthwt); p <- fitted(f0); w <- birthwt$iw / mean(birthwt$iw)
  old <- match(colnames(model.matrix(f0)), colnames(X)); new <- setdiff(seq_len(ncol(X)), old)
  A <- crossprod(X * (w * p * (1 - p)), X)
  S <- X * (birthwt$low - p)
  projected <- S[, new, drop = FALSE] - S[, old] %*% solve(A[old, old], A[old, new])
  total <- svytotal(projected, design)
  u <- coef(total); V <- vcov(total)
  list(added = I(colnames(X)[new]), statistic = as.numeric(u %*% solve(V, u)), df = length(new))
}
scores <- list(
  list(small = "low ~ lwt + smoke", extra = "np.log(age) + lwt:ht", value = pseudo_score(low ~ lwt + smoke, ~ lwt + smoke + log(age) + lwt:ht)),
  list(small = "low ~ lwt + C(race)", extra = "C(race):lwt", value = pseudo_score(low ~ lwt + race, ~ lwt + race + lwt:race)))

## ---- Anova with a sandwich, by coding -------------------------------------------------------------
balanced <- function(y) { W <- table(y); as.vector(sum(W) / (2 * W[as.character(y)])) }
interacting <- low ~ age + race * smoke + lwt
codings <- list(Sum = c("contr.sum", "contr.poly"), Treatment = c("contr.treatment", "contr.poly"))
anovas <- list()
for (w in c("none", "balanced")) for (coding in names(codings)) {
  op <- options(contrasts = codings[[coding]])
  f <- fit(interacting, if (w == "none") rep(1, nrow(birthwt)) else balanced(birthwt$low))
  for (kind in c("HC0", "HC3")) for (type in 2:3) {
    a <- suppressWarnings(suppressMessages(Anova(f, type = type, test.statistic = "Wald", vcov. = vcovHC(f, kind))))
    a <- a[rownames(a) != "Residuals", ]
    anovas[[length(anovas) + 1]] <- list(weights = w, coding = coding, kind = kind, type = type, term = rownames(a), chisq = a$Chisq, df = a$Df, p = a$`Pr(>Chisq)`)
  }
  options(op)
}

## ---- functions of the coefficients, and many tests -------------------------------------------------
f <- fit(low ~ age + lwt + ht, balanced(birthwt$low)); V <- vcovHC(f, "HC0")
delta <- lapply(c("ht / lwt", "exp(ht)", "ht^2 / (1 + exp(age)) - lwt"), function(g) {
  d <- deltaMethod(f, g, vcov. = V); list(function_ = g, value = d$Estimate, se = d$SE) })
raw <- c(0.001, 0.2, 0.04, 0.012, 0.5, 0.049)
adjusted <- lapply(c(bonferroni = "bonferroni", holm = "holm", `simes-hochberg` = "hochberg", hommel = "hommel", fdr_bh = "BH", fdr_by = "BY"), function(m) p.adjust(raw, m))

write_json(list(tails = tails, rao_scott = rao_scott, scores = scores, anovas = anovas, delta = delta,
                adjusted = list(raw = raw, by = adjusted)), "values.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
writeLines(capture.output(sessionInfo()), "session_info.txt")
