# Helpers of generate.R: run R's own functions and write what they return, 17 digits, to cases/*.json.
suppressWarnings(suppressPackageStartupMessages({ library(survey); library(sandwich); library(lmtest); library(car); library(brglm2); library(glmnet); library(nnet) }))
options(contrasts = c("contr.treatment", "contr.poly"), warn = 1, survey.lonely.psu = "fail",
        survey.adjust.domain.lonely = FALSE)
invisible(Sys.setlocale("LC_COLLATE", "C"))
# epsilon=1e-300: iterate until the deviance repeats EXACTLY (or 60 iterations): coef AND the IRLS weights
# used by vcov are then at the fixed point (epsilon=1e-14 alone leaves vcov one iteration behind); every fit is also
# restarted once from its own coefficients for the same reason.
CTL <- glm.control(epsilon = 1e-300, maxit = 60)
CTLTXT <- "control=glm.control(epsilon=1e-300, maxit=60)"
Q <- suppressWarnings
D <- DD <- DES <- DES0 <- FIT <- FM <- RW <- RSC <- SCL <- R <- NULL

## ---------- JSON with 17 significant digits ----------
esc <- function(s) paste0('"', gsub("\n", "\\\\n", gsub('"', '\\\\"', gsub("\\\\", "\\\\\\\\", s))), '"')
n17 <- function(x) ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, '"Inf"', '"-Inf"'),
                   { a <- sprintf("%.15g", x); ifelse(!is.na(x) & as.numeric(a) == x, a, sprintf("%.17g", x)) }))
toJ <- function(x, ind = 0) {
  pad <- strrep(" ", ind + 1)
  if (is.null(x)) return("null")
  if (is.factor(x)) x <- as.character(x)
  if (is.data.frame(x)) x <- as.list(x)
  if (is.list(x)) {
    if (!length(x)) return("{}")
    el <- vapply(x, toJ, "", ind = ind + 1)
    if (!is.null(names(x))) return(paste0("{\n", paste0(pad, vapply(names(x), esc, ""), ": ", el, collapse = ",\n"), "\n", strrep(" ", ind), "}"))
    return(paste0("[", paste0(el, collapse = ", "), "]"))
  }
  if (is.matrix(x)) return(paste0("[", paste0(apply(x, 1, function(r) toJ(unname(as.vector(r)), ind + 1) -> z), collapse = paste0(",\n", pad)), "]") |> fixrow(x))
  one <- function(v) if (is.character(v)) ifelse(is.na(v), "null", esc(v)) else if (is.logical(v)) ifelse(is.na(v), "null", ifelse(v, "true", "false")) else n17(v)
  s <- vapply(seq_along(x), function(i) one(x[[i]]), "")
  if (!is.null(names(x))) return(paste0("{", paste0(vapply(names(x), esc, ""), ": ", s, collapse = ", "), "}"))
  if (length(x) == 1 && !inherits(x, "AsIs")) return(s)
  paste0("[", paste0(s, collapse = ", "), "]")
}
fixrow <- function(s, x) if (ncol(x) == 1) paste0("[", paste0("[", n17(x[, 1]), "]", collapse = ", "), "]") else s

TOL <- list(
  profile = list(mass_rtol = 2e-3, mass_atol = 2e-3, exact_rtol = 1e-7, why = "MASS::confint interpolates a spline through ~10 profile points; *_exact solves the profile equation by uniroot(tol 1e-13)"),
  multinom = list(rtol = 1e-9, atol = 1e-11, nnet_rtol = 1e-4, why = "nnet estimate polished by exact Newton to |grad|<1e-11"),
  glmnet = list(rtol = 1e-4, atol = 1e-6, polished_rtol = 1e-9, why = "coordinate descent thresh=1e-14; coef_polished = Newton on glmnet's active set (exact KKT solution)"),
  tight = list(rtol = 1e-9, atol = 1e-12, p_rtol = 1e-7, why = "IRLS/Newton at the exact fixed point; closed-form covariance"),
  survey = list(rtol = 1e-8, atol = 1e-12, p_rtol = 1e-7, p_saddle_rtol = 1e-5, why = "svyglm at the fixed point; saddlepoint p solved by uniroot(tol 1e-8)"),
  firth = list(rtol = 1e-7, atol = 1e-9, p_rtol = 1e-6, why = "brglm2 quasi-Fisher scoring, linear convergence, epsilon=1e-12"),
  hard = list(rtol = 1e-6, atol = 1e-10, mp_rtol = 1e-10, why = "double-precision R for comparison only; expected_mp50 (added by mp_hard.py) is the truth"))

SETDIR <- "."; SET <- "?"; INDEX <- list()
fpy <- function(f) if (is.null(f)) NULL else gsub("cbind\\([^)]*\\)", "prop", gsub("\\^", "**", gsub("factor\\(", "C(", f)))
case <- function(id, topic, tests, data, formula = NULL, weights = NULL, r_call, expected, tol = TOL$tight, notes = NULL, ...) {
  o <- c(list(id = id, set = SET, topic = topic, tests = tests, data = data, formula = formula, formula_py = fpy(formula),
              weights = if (is.null(weights)) list(kind = "none") else weights), list(...),
         list(r_call = r_call, expected = expected, tol = tol, notes = notes,
              versions = paste0("R ", getRversion(), ", survey ", packageVersion("survey"), ", sandwich ", packageVersion("sandwich"))))
  o <- o[!vapply(o, is.null, TRUE)]
  txt <- toJ(o); if (grepl("NaN|\\bNA\\b", txt) && FALSE) warning(id)
  cat(txt, "\n", file = file.path(SETDIR, "cases", paste0(id, ".json")), sep = "")
  INDEX[[length(INDEX) + 1]] <<- list(id = id, topic = topic, data = data, tests = tests)
  cat(sprintf("%-46s ok\n", id))
}
rd <- function(f) read.csv(file.path(SETDIR, "data", f), stringsAsFactors = TRUE, check.names = FALSE, na.strings = c("NA", ""))
balanced <- function(y, w = rep(1, length(y))) { W <- tapply(w, y, sum); unname(sum(w) / (2 * W[as.character(y)])) |> as.vector() }
F <- function(s) as.formula(s, env = globalenv())
vecn <- function(x) { n <- names(x); x <- as.vector(x); names(x) <- n; x }
pl <- function(x) unname(as.vector(x))

## ---------- generic weighted logistic fit ----------
# R's glm default start is mustart=(w*y+0.5)/(w+1): it DIVERGES for large or very unequal weights. When that happens
# (relative score not ~0) the fit is restarted from a damped Newton solution.
relscore <- function(f) { X <- model.matrix(f); r <- f$prior.weights * (f$y - f$fitted.values); max(abs(crossprod(X, r)) / (crossprod(abs(X), abs(r)) + 1e-300)) }
dnewton <- function(X, y, w, off = 0, start = rep(0, ncol(X))) { w <- w / max(w); s <- sqrt(colSums(w * X^2) / sum(w)); s[s == 0] <- 1; Z <- sweep(X, 2, s, "/"); b <- start * s
  ll <- function(b) { e <- drop(Z %*% b) + off; sum(w * (y * plogis(e, log.p = TRUE) + (1 - y) * plogis(-e, log.p = TRUE))) }
  for (i in 1:500) { p <- plogis(drop(Z %*% b) + off); g <- crossprod(Z, w * (y - p)); d <- qr.coef(qr(sqrt(w * p * (1 - p)) * Z, tol = 1e-15), sqrt(w) * (y - p) / sqrt(p * (1 - p))); d[is.na(d)] <- 0; t <- 1; while (ll(b + t * d) < ll(b) && t > 1e-10) t <- t / 2; b <- b + t * d; if (max(abs(t * d)) < 1e-13 * max(1, abs(b))) break }
  b / s }
pol <- function(f) { ST <<- coef(f); Q(update(f, start = ST)) }
LASTSTART <- "default"
fitw <- function(formula, data, wexpr = NULL, family = "binomial") {
  DD <<- data; DD$.w <<- if (is.null(wexpr)) 1 else eval(parse(text = wexpr), data); LASTSTART <<- "default"
  go <- function(st) Q(eval(parse(text = sprintf("glm(%s, family=%s, data=DD, weights=.w, control=CTL%s)", formula, family, st)), globalenv()))
  f <- go("")
  if (is.na(relscore(f)) || relscore(f) > 1e-9) { ST <<- dnewton(model.matrix(f), f$y, f$prior.weights, if (is.null(f$offset)) 0 else f$offset)
    LASTSTART <<- "damped Newton"; cat("   R default start failed: restarted;", formula, "\n"); f <- go(", start=ST") }
  if (!anyNA(coef(f))) { ST <<- coef(f); f <- go(", start=ST") }   # second pass: IRLS weights, hence vcov, at the final estimate
  f$call$start <- NULL
  if (max(abs(f$linear.predictors)) > 29) cat("   !! |eta|>29 (R clips the logit link at 30):", formula, "\n")
  rel <- relscore(f); if (is.na(rel) || rel > 1e-9) cat("   !! relative score", rel, "in", formula, "\n")
  f
}
ST <- NULL
xl <- function(a, b) ifelse(a == 0, 0, a * b)
kern <- function(f) sum(f$prior.weights * (xl(f$y, f$linear.predictors - log1pexp(f$linear.predictors)) - xl(1 - f$y, log1pexp(f$linear.predictors))))
log1pexp <- function(e) ifelse(e > 0, e + log1p(exp(-e)), log1p(exp(e)))
tab <- function(b, V, df = Inf, level = 0.95) {
  se <- sqrt(diag(V)); st <- b / se; q <- qt(1 - (1 - level) / 2, df)
  list(vcov = unname(V), se = vecn(se), stat = vecn(st), p = vecn(2 * pt(-abs(st), df)), ci_lower = vecn(b - q * se), ci_upper = vecn(b + q * se), df = if (is.finite(df)) df else "Inf")
}
glm_exp <- function(f, quasi = TRUE) {
  b <- coef(f); S <- summary(f, dispersion = 1); V <- S$cov.unscaled; w <- f$prior.weights
  e <- list(coef = vecn(b), n_rows = length(f$y), n_rows_positive_weight = sum(w > 0), sum_weights = sum(w), rank = f$rank,
    df_resid = f$df.residual, df_null = f$df.null, deviance = f$deviance, null_deviance = f$null.deviance,
    loglik_kernel = kern(f), naive = tab(b, V))
  if (all(w == round(w))) { e$loglik_R <- as.numeric(logLik(f)); e$aic_R <- f$aic; e$bic_R_nrows <- BIC(f) }
  if (quasi) { phi <- sum(w * (f$y - f$fitted)^2 / (f$fitted * (1 - f$fitted)))/f$df.residual
    e$quasi_dispersion <- phi; e$quasi <- tab(b, V * phi, f$df.residual) }
  e
}
hc_exp <- function(f, types = c("HC0", "HC1", "HC2", "HC3"), df = Inf) setNames(lapply(types, function(t) tab(coef(f), vcovHC(f, type = t), df)), types)
cl_exp <- function(f, cl, multi = FALSE, cl23 = FALSE) {
  g <- function(type, cadj, m0 = FALSE) tab(coef(f), vcovCL(f, cluster = cl, type = type, cadjust = cadj, multi0 = m0))
  e <- list(HC0_cadjust = g("HC0", TRUE), HC0_nocadjust = g("HC0", FALSE), HC1_cadjust = g("HC1", TRUE), HC1_nocadjust = g("HC1", FALSE))
  if (multi) { e$HC0_cadjust_multi0 <- g("HC0", TRUE, TRUE); e$HC1_cadjust_multi0 <- g("HC1", TRUE, TRUE) }
  if (cl23) { e$HC2_cadjust <- g('HC2', TRUE); e$HC3_cadjust <- g('HC3', TRUE); e$HC2_nocadjust <- g('HC2', FALSE); e$HC3_nocadjust <- g('HC3', FALSE) }
  e$n_clusters <- if (is.data.frame(cl)) as.list(vapply(cl, function(v) length(unique(v)), 1L)) else length(unique(cl))
  e
}
rcall <- function(formula, wexpr = NULL, family = "binomial", extra = "") sprintf("fit <- glm(%s, family=%s, data=D%s, %s)%s", formula, family,
   if (is.null(wexpr)) "" else paste0(", weights=", wexpr), CTLTXT, if (nzchar(extra)) paste0("; ", extra) else "")
wd <- function(wexpr, wdef) if (is.null(wexpr)) NULL else c(wdef, list(r = wexpr))

glmcase <- function(id, topic, tests, file, formula, wexpr = NULL, wdef = NULL, hc = FALSE, cl = NULL, cl2 = NULL, quasi = TRUE, data = NULL, notes = NULL, tol = TOL$tight, more = list(), cl23 = FALSE) {
  D <- if (is.null(data)) rd(file) else data
  f <- fitw(formula, D, wexpr); ls <- LASTSTART; e <- glm_exp(f, quasi); if (ls != 'default') { e$R_default_start_diverges <- TRUE; notes <- paste(c(notes, "R's glm() with its default start diverges here (mustart=(w*y+.5)/(w+1)); the reference was obtained with start= a damped Newton solution"), collapse='; ') }
  if (isTRUE(hc)) e$robust <- hc_exp(f)
  ex <- if (isTRUE(hc)) "vcovHC(fit, type=c('HC0','HC1','HC2','HC3'))" else ""
  if (!is.null(cl)) { e$cluster <- cl_exp(f, D[[cl]], cl23 = cl23); if (cl23 && is.null(wexpr)) { v2 <- clubSandwich::vcovCR(f, cluster = D[[cl]], type = 'CR2'); ct <- clubSandwich::coef_test(f, vcov = v2, test = 'Satterthwaite'); e$cluster$clubSandwich_CR2 <- list(vcov = unname(as.matrix(v2)), se = setNames(ct$SE, names(coef(f))), satt_df = setNames(if ('df_Satt' %in% names(ct)) ct$df_Satt else ct$df, names(coef(f))), p = setNames(ct$p_Satt, names(coef(f)))) }; ex <- paste0(ex, sprintf("; vcovCL(fit, cluster=D$%s, type=, cadjust=)", cl)) }
  if (!is.null(cl2)) { e$cluster_twoway <- cl_exp(f, D[cl2], TRUE); ex <- paste0(ex, sprintf("; vcovCL(fit, cluster=D[c('%s')], multi0=)", paste(cl2, collapse = "','"))) }
  case(id, topic, tests, file, formula, wd(wexpr, wdef), rcall(formula, wexpr, extra = ex), c(e, more), tol, notes, cluster = if (is.null(cl)) cl2 else cl)
  invisible(f)
}

## ---------- survey ----------
svycase <- function(id, tests, file, design, formula, opts = list(), terms = NULL, smaller = NULL, maximal = NULL, newdata = NULL,
                    contrasts = NULL, subset = NULL, notes = NULL, repfile = NULL, aic = TRUE, mkD = NULL, tol = TOL$survey, anova = FALSE) {
  old <- do.call(options, opts); on.exit(options(old))
  D <<- rd(file); if (!is.null(repfile)) RW <<- as.matrix(rd(repfile))
  DES <<- eval(parse(text = design), globalenv())
  full_degf <- degf(DES)
  if (!is.null(subset)) DES <<- eval(parse(text = sprintf("subset(DES, %s)", subset)), globalenv())
  fm <- F(formula); FM <<- fm
  fit <- Q(eval(bquote(svyglm(.(fm), design = DES, family = quasibinomial(), control = CTL)), globalenv())); ST <<- coef(fit)
  fit <- Q(eval(bquote(svyglm(.(fm), design = DES, family = quasibinomial(), control = CTL, start = ST)), globalenv())); fit$call$start <- NULL; FIT <<- fit
  b <- coef(fit); V <- vcov(fit); df <- fit$df.residual
  at <- attributes(V); V <- matrix(V, length(b), dimnames = list(names(b), names(b)))
  e <- list(coef = vecn(b), t = tab(b, V, df), z = tab(b, V), degf_design = degf(DES), degf_before_subset = full_degf, df_resid = df,
    n_rows_fit = length(fit$y), deviance_scaled = fit$deviance, null_deviance_scaled = fit$null.deviance, naive_cov = unname(fit$naive.cov), sum_weights = sum(weights(DES, "sampling")))
  ci <- confint(fit); e$confint_R <- list(lower = setNames(ci[, 1], names(b)), upper = setNames(ci[, 2], names(b)))
  if (max(abs(fit$linear.predictors)) > 29) cat("   !! |eta|>29 (R clips the logit link at 30)", id, "\n")
  e$summary_dispersion <- as.numeric(summary(fit)$dispersion)
  if (aic) { a <- Q(AIC(fit)); e$AIC <- as.list(vecn(a)); e$psrsq <- list(cox_snell = psrsq(fit, "Cox-Snell"), nagelkerke = Q(psrsq(fit, "Nagelkerke"))) }
  if (!is.null(terms)) e$tests <- lapply(setNames(terms, terms), function(tt) {
    t1 <- Q(regTermTest(fit, F(tt))); t2 <- Q(regTermTest(fit, F(tt), df = Inf)); l1 <- Q(regTermTest(fit, F(tt), method = "LRT")); l2 <- Q(regTermTest(fit, F(tt), method = "LRT", df = Inf))
    l3 <- Q(regTermTest(fit, F(tt), method = "LRT", lrt.approximation = "satterthwaite")); l4 <- Q(regTermTest(fit, F(tt), method = "LRT", df = Inf, lrt.approximation = "satterthwaite"))
    w1 <- Q(regTermTest(fit, F(tt), method = "WorkingWald"))
    list(wald_F = as.numeric(t1$Ftest), wald_df = t1$df, wald_ddf = t1$ddf, wald_p = as.numeric(t1$p), wald_chisq = as.numeric(t2$chisq), wald_chisq_p = as.numeric(t2$p),
      lrt_chisq = as.numeric(l1$chisq), lrt_lambda = pl(sort(Re(l1$lambda), decreasing = TRUE)) |> I(), lrt_ddf = l1$ddf, lrt_p_saddle_F = as.numeric(l1$p), lrt_p_saddle_chisq = as.numeric(l2$p),
      lrt_p_satt_F = as.numeric(l3$p), lrt_p_satt_chisq = as.numeric(l4$p), working_wald_chisq = as.numeric(w1$chisq), working_wald_p_saddle_F = as.numeric(w1$p)) })
  if (anova) for (m in c("Wald", "LRT")) { a <- Q(anova(fit, method = m)); e[[paste0("anova_seq_", m)]] <- lapply(a, function(z) if (m == "Wald") list(term = z$test.terms, F = as.numeric(z$Ftest), df = z$df, ddf = z$ddf, p = as.numeric(z$p)) else
      list(term = z$test.terms, chisq = as.numeric(z$chisq), df = z$df, ddf = z$ddf, lambda = I(pl(sort(Re(z$lambda), decreasing = TRUE))), p_saddle_F = as.numeric(z$p))) }
  if (!is.null(smaller)) { f0 <- Q(eval(bquote(svyglm(.(F(smaller)), design = DES, family = quasibinomial(), control = CTL)), globalenv()))
    mm <- if (is.null(maximal)) fit else Q(eval(bquote(svyglm(.(F(maximal)), design = DES, family = quasibinomial(), control = CTL)), globalenv()))
    e$compare <- list(smaller = smaller, maximal = if (is.null(maximal)) formula else maximal, BIC_fit = as.list(setNames(pl(BIC(fit, maximal = mm)), c("p", "BIC", "neff"))), BIC_smaller = as.list(setNames(pl(BIC(f0, maximal = mm)), c("p", "BIC", "neff"))), AIC_smaller = as.list(vecn(Q(AIC(f0)))))
    for (m in c("LRT", "Wald")) { a <- Q(anova(f0, fit, method = m, force = TRUE)); e$compare[[paste0("anova_", m)]] <- c(list(stat = as.numeric(if (m == "LRT") a$chisq else a$Ftest), df = a$df, ddf = a$ddf, p = as.numeric(a$p)), if (m == "LRT") list(lambda = I(pl(sort(Re(a$lambda), decreasing = TRUE))))) } }
  if (!is.null(newdata)) { nd <- newdata; for (v in names(nd)) if (is.character(nd[[v]])) nd[[v]] <- factor(nd[[v]], levels = levels(factor(D[[v]])))
    pk <- predict(fit, nd, type = "link", se.fit = TRUE); pr <- predict(fit, nd, type = "response", se.fit = TRUE)
    e$predict <- list(newdata = as.list(newdata), link = pl(coef(pk)), link_se = pl(SE(pk)), response = pl(coef(pr)), response_se = pl(SE(pr))) }
  if (!is.null(contrasts)) e$svycontrast <- lapply(contrasts, function(k) { r <- svycontrast(fit, k$k); list(spec = k$spec, estimate = as.numeric(coef(r)), se = as.numeric(SE(r))) })
  if (inherits(DES, "svyrep.design")) { e$rep <- list(type = DES$type, scale = DES$scale, rscales = I(pl(DES$rscales)), mse = isTRUE(DES$mse), n_rep = ncol(weights(DES, "analysis"))); if (!is.null(DES$rho) && !is.na(DES$rho)) e$rep$rho <- DES$rho
    fr <- Q(eval(bquote(svyglm(.(fm), design = DES, family = quasibinomial(), control = CTL, return.replicates = TRUE)), globalenv()))
    e$replicate_coefs <- unname(matrix(as.numeric(fr$replicates), nrow = nrow(fr$replicates))) }
  case(id, 4, tests, file, formula, list(kind = "sampling", note = "see design"), sprintf("DES <- %s%s; fit <- svyglm(%s, design=DES, family=quasibinomial(), %s)", design, if (is.null(subset)) "" else sprintf("; DES <- subset(DES, %s)", subset), formula, CTLTXT),
       e, tol, notes, design = design, options = if (length(opts)) opts else NULL, subset = subset, repweights_file = repfile)
  invisible(fit)
}

## ---------- Firth / mean & median bias reduction ----------
firth_pll <- function(X, y, w, b, off = 0) { eta <- drop(X %*% b) + off; p <- plogis(eta); I <- crossprod(X * sqrt(w * p * (1 - p))); sum(w * (y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE))) + 0.5 * as.numeric(determinant(I)$modulus) }
firth_solve <- function(X, y, w, free = seq_len(ncol(X)), b = rep(0, ncol(X)), tol = 1e-12, maxit = 5000) {
  for (it in 1:maxit) { p <- plogis(drop(X %*% b)); Wd <- w * p * (1 - p); I <- crossprod(X * sqrt(Wd)); h <- rowSums((X %*% solve(I)) * X) * Wd
    U <- crossprod(X, w * (y - p) + h * (0.5 - p))[free]; d <- solve(I[free, free, drop = FALSE], U); st <- min(1, 5 / max(abs(d)))
    l0 <- firth_pll(X, y, w, b); repeat { bn <- b; bn[free] <- b[free] + st * d; if (firth_pll(X, y, w, bn) >= l0 - 1e-10 || st < 1e-6) break; st <- st / 2 }
    b <- bn; if (max(abs(d)) < tol) break }
  list(b = b, pll = firth_pll(X, y, w, b), it = it, U = max(abs(U)))
}
firthcase <- function(id, tests, file, formula, wexpr = NULL, wdef = NULL, profile = TRUE, separated = NULL, notes = NULL, infinite = NULL, types = c("AS_mean", "AS_median", "AS_mixed", "MPL_Jeffreys")) {
  D <- rd(file); DD <<- D; DD$.w <<- if (is.null(wexpr)) 1 else eval(parse(text = wexpr), D)
  e <- list()
  for (ty in types) { f <- Q(eval(parse(text = sprintf("glm(%s, family=binomial, data=DD, weights=.w, method='brglmFit', type='%s', control=list(epsilon=1e-12, maxit=10000))", formula, ty)), globalenv()))
    V <- Q(summary(f)$cov.unscaled); b <- coef(f); V <- V[names(b), names(b)]
    e[[ty]] <- c(list(coef = vecn(b), deviance = f$deviance, converged = isTRUE(f$converged), iterations = f$iter), tab(b, V)); if (ty == "AS_mean") fm <- f }
  X <- model.matrix(fm); y <- fm$y; w <- fm$prior.weights; fs <- firth_solve(X, y, w)
  e$hand_firth_coef <- setNames(fs$b, colnames(X)); e$penalized_loglik <- fs$pll; e$max_abs_diff_brglm2_vs_hand <- max(abs(fs$b - coef(fm)))
  if (max(abs(fs$b - coef(fm))) > 1e-6) cat("  !! firth mismatch", max(abs(fs$b - coef(fm))), "\n")
  null <- firth_solve(X, y, w, free = 1); e$penalized_lr_global <- list(chisq = 2 * (fs$pll - null$pll), df = ncol(X) - 1, p = pchisq(2 * (fs$pll - null$pll), ncol(X) - 1, lower.tail = FALSE), note = "2*(pll_full - pll_null); pll_null maximises over the intercept with the FULL-model information determinant (other betas fixed at 0), as logistf does")
  if (profile) { se <- sqrt(diag(solve(crossprod(X * sqrt(w * plogis(drop(X %*% fs$b)) * plogis(-drop(X %*% fs$b))))))); K <- qchisq(.95, 1)
    pr <- sapply(seq_along(fs$b), function(j) { g <- function(v) { b0 <- fs$b; b0[j] <- v; 2 * (fs$pll - firth_solve(X, y, w, free = setdiff(seq_along(b0), j), b = b0, tol = 1e-10)$pll) - K }
      sd <- function(s) { k <- 2; while (g(fs$b[j] + s * k * se[j]) < 0 && k < 200) k <- k * 1.5; uniroot(g, sort(c(fs$b[j], fs$b[j] + s * k * se[j])), tol = 1e-11)$root }
      z <- firth_solve(X, y, w, free = setdiff(seq_along(fs$b), j), b = { b0 <- fs$b; b0[j] <- 0; b0 }, tol = 1e-11); ch <- 2 * (fs$pll - z$pll)
      c(sd(-1), sd(1), ch, pchisq(ch, 1, lower.tail = FALSE)) })
    e$profile_penalized <- list(ci_lower = setNames(pr[1, ], colnames(X)), ci_upper = setNames(pr[2, ], colnames(X)), lr_chisq = setNames(pr[3, ], colnames(X)), lr_p = setNames(pr[4, ], colnames(X)), rtol = 1e-6) }
  e$separated <- separated; e$infinite_mle <- infinite
  case(id, 5, tests, file, formula, wd(wexpr, wdef), sprintf("glm(%s, family=binomial, data=D%s, method='brglmFit', type=c('AS_mean','AS_median','AS_mixed','MPL_Jeffreys'), control=list(epsilon=1e-12,maxit=10000))", formula, if (is.null(wexpr)) "" else paste0(", weights=", wexpr)), e, TOL$firth, notes)
}

## ---------- rare events ----------
relogitcase <- function(id, tests, file, formula, tau, notes = NULL) {
  D <<- rd(file); fm <- F(formula); Z <- function(...) do.call(Zelig:::relogit, list(formula = fm, data = D, ...)); e <- list(tau = tau, ybar = mean(model.response(model.frame(F(formula), D))))
  kz <- function(f, w, w1, tau) { X <- model.matrix(f); p <- f$fitted.values; Wd <- p * (1 - p) * w; A <- solve(crossprod(X * sqrt(Wd))); Qd <- rowSums((X %*% A) * X); xi <- 0.5 * Qd * ((1 + w1) * p - w1); drop(A %*% crossprod(X, Wd * xi)) }
  for (cc in c("prior", "weighting")) for (bc in c(TRUE, FALSE)) {
    f <- Q(Z(tau = tau, bias.correct = bc, case.control = cc, control = CTL)); b <- coef(f); V <- Q(summary.glm(structure(f, class = c("glm", "lm")), dispersion = 1)$cov.unscaled)
    key <- paste0(cc, if (bc) "_bc" else "_nobc"); g <- structure(f, class = c("glm", "lm")); 
    plain <- fitw(formula, D, if (cc == "weighting") sprintf("ifelse(%s==1, %.17g, %.17g)", all.vars(F(formula))[1], tau / e$ybar, (1 - tau) / (1 - e$ybar)) else NULL)
    e[[key]] <- list(coef = vecn(b), vcov_naive = unname(V), se_naive = vecn(sqrt(diag(V))))
    if (cc == "weighting") e[[key]]$HC0 <- tab(b, vcovHC(plain, type = "HC0"))
    hb <- coef(plain); if (bc) { y <- D[[all.vars(F(formula))[1]]]; w1 <- tau / e$ybar; w <- ifelse(plain$y == 1, w1, (1 - tau) / (1 - e$ybar)); hb <- hb - kz(plain, w, w1, tau) }
    if (cc == "prior") hb[1] <- hb[1] - log((1 - tau) / tau * e$ybar / (1 - e$ybar))
    if (max(abs(hb - b)) > 1e-6) cat("   !! relogit hand mismatch", key, max(abs(hb - b)), "\n"); e[[key]]$coef_hand <- vecn(hb) }
  f0 <- Q(Z(tau = NULL, bias.correct = TRUE, control = CTL)); e$no_tau_bc <- list(coef = vecn(coef(f0)))
  e$uncorrected_mle <- vecn(coef(fitw(formula, D)))
  case(id, 6, tests, file, formula, NULL, sprintf("Zelig:::relogit(%s, data=D, tau=%.17g, case.control=c('prior','weighting'), bias.correct=c(TRUE,FALSE), %s)", formula, tau, CTLTXT), e, list(rtol = 1e-8, atol = 1e-10, why = "IRLS at fixed point; bias term one weighted least squares"), notes)
}
`%||%` <- function(a, b) if (is.null(a)) b else a

bal <- list(kind = "class", spec = "balanced"); c10 <- list(kind = "class", spec = list(`0` = 1, `1` = 10))
col <- function(k, c) list(kind = k, column = c)
hard <- function(id, tests, file, formula, wexpr = NULL, wdef = NULL, ...) glmcase(id, 14, tests, file, formula, wexpr, wdef, tol = TOL$hard, ...)
## ---------- glmnet ----------
netcase <- function(id, tests, file, y, xs, wexpr = NULL, wdef = NULL, alpha, lambda, standardize, pf = rep(1, length(xs)), notes = NULL) {
  D <- rd(file); X <- as.matrix(D[xs]); Y <- D[[y]]; w <- if (is.null(wexpr)) rep(1, nrow(D)) else eval(parse(text = wexpr), D)
  n <- length(Y); wn <- w / sum(w); pfs <- pf * length(pf) / sum(pf)
  sdw <- sqrt(colSums(wn * sweep(X, 2, colSums(wn * X))^2)); s <- if (standardize) sdw else rep(1, ncol(X))
  res <- lapply(lambda, function(l) {
    g <- Q(glmnet(X, Y, family = "binomial", weights = w, alpha = alpha, lambda = l, standardize = standardize, penalty.factor = pf, thresh = 1e-14, maxit = 1e7))
    b <- as.numeric(coef(g)); act <- which(c(TRUE, b[-1] != 0)); sg <- sign(b); XX <- cbind(1, X); l1 <- c(0, l * alpha * pfs * s); l2 <- c(0, l * (1 - alpha) * pfs * s^2)
    bp <- b; for (it in 1:50) { p <- plogis(drop(XX %*% bp)); gr <- -crossprod(XX, wn * (Y - p))[, 1] + l2 * bp + l1 * sg; H <- crossprod(XX * sqrt(wn * p * (1 - p))) + diag(l2); d <- numeric(length(bp)); d[act] <- solve(H[act, act, drop = FALSE], gr[act]); bp <- bp - d; if (max(abs(d)) < 1e-15 * max(1, abs(bp))) break }
    p <- plogis(drop(XX %*% bp)); g0 <- crossprod(XX, wn * (Y - p))[, 1] - l2 * bp; ina <- setdiff(seq_along(b), act)
    kk <- max(c(0, abs(g0[act] - l1[act] * sign(bp[act])), if (length(ina)) pmax(0, abs(g0[ina]) - l1[ina])))
    if (any(sign(bp[act[-1]]) != sg[act[-1]]) || kk > 1e-10 || max(abs(bp - b)) > 1e-4) cat("   !! glmnet polish", id, l, kk, max(abs(bp - b)), "\n")
    obj <- -sum(wn * (Y * plogis(drop(XX %*% bp), log.p = TRUE) + (1 - Y) * plogis(-drop(XX %*% bp), log.p = TRUE))) + sum(l1 * abs(bp)) + sum(l2 * bp^2) / 2
    list(lambda = l, coef_glmnet = setNames(b, c("(Intercept)", xs)), coef_polished = setNames(bp, c("(Intercept)", xs)), kkt_max_violation = kk, objective = obj, n_active = length(act) - 1, max_abs_diff = max(abs(bp - b)), sklearn_C = 1 / (l * sum(w))) })
  case(id, 7, tests, file, paste(y, "~", paste(xs, collapse = " + ")), wd(wexpr, wdef), sprintf("glmnet(X, y, family='binomial', weights=w, alpha=%g, lambda=l (one at a time), standardize=%s, penalty.factor=c(%s), thresh=1e-14)", alpha, standardize, paste(pf, collapse = ",")),
       list(path = res), TOL$glmnet, notes, alpha = alpha, standardize = standardize, penalty_factor = pf, penalty_factor_rescaled = pfs, sd_used = setNames(s, xs),
       objective = "minimise -(1/sum(w)) * sum_i w_i*loglik_i + lambda * sum_j pf_j * [ alpha*s_j*|b_j| + (1-alpha)/2 * s_j^2*b_j^2 ], intercept unpenalised; pf rescaled to mean 1 (penalty_factor_rescaled); s_j = weighted population sd (1/sum(w)) if standardize else 1; b reported on the original scale")
}

# Multinomial logits: nnet::multinom, then exact Newton.
mnlcase <- function(id, tests, file, formula, wexpr = NULL, wdef = NULL, notes = NULL, hc = TRUE) {
  D <- rd(file); DD <<- D; DD$.w <<- if (is.null(wexpr)) 1 else eval(parse(text = wexpr), D); fm <- F(formula)
  f <- eval(bquote(multinom(.(fm), data = DD, weights = .w, reltol = 1e-15, abstol = 1e-15, maxit = 5000, trace = FALSE, Hess = TRUE)), globalenv())
  X <- model.matrix(fm, DD); y <- model.response(model.frame(fm, DD)); lv <- levels(y); w <- DD$.w; K <- length(lv) - 1; p <- ncol(X); Y <- outer(as.integer(y), 2:(K + 1), "==") * 1
  B <- t(coef(f)); if (K == 1) B <- matrix(coef(f), p); for (it in 1:100) { E <- exp(X %*% B); P <- E / (1 + rowSums(E)); g <- as.vector(crossprod(X, w * (Y - P))); H <- matrix(0, K * p, K * p)
    for (a in 1:K) for (c in 1:K) H[(a - 1) * p + 1:p, (c - 1) * p + 1:p] <- crossprod(X, X * (w * P[, a] * ((a == c) - P[, c]))); d <- solve(H, g); B <- B + matrix(d, p); if (max(abs(d)) < 1e-13 * max(1, abs(B))) break }
  E <- exp(X %*% B); P <- E / (1 + rowSums(E)); V <- solve(H); nm <- paste(rep(lv[-1], each = p), colnames(X), sep = ":"); b <- setNames(as.vector(B), nm)
  ll <- sum(w * log(rowSums(cbind(1 - rowSums(P), P) * outer(as.integer(y), 1:(K + 1), "=="))))
  S <- do.call(cbind, lapply(1:K, function(a) X * (w * (Y[, a] - P[, a])))); HC0 <- V %*% crossprod(S) %*% V; n <- nrow(X)
  ed <- max(abs(B - (if (K == 1) matrix(coef(f), p) else t(coef(f))))); if (ed > 1e-3) cat("   !! multinom", ed, "\n")
  e <- list(reference_level = lv[1], coef = b, naive = tab(b, V), HC0 = tab(b, HC0), HC1_factor = n / (n - K * p), loglik = ll, deviance = -2 * ll, edf = K * p, aic = -2 * ll + 2 * K * p, n = n, sum_weights = sum(w), max_abs_gradient = max(abs(g)), nnet_max_abs_diff = ed, order = "parameter order: response level (excluding the first) outer, model-matrix column inner", HC1_note = "HC1 = HC0*n/(n-K*p), rows counted; p=columns per equation")
  case(id, 12, tests, file, formula, wd(wexpr, wdef), sprintf("multinom(%s, data=D, weights=w, reltol=1e-15, maxit=5000) then exact Newton", formula), e, TOL$multinom, notes)
}

inflcase <- function(id, tests, file, formula, wexpr = NULL, wdef = NULL, notes = NULL) {
  D <- rd(file); f <- fitw(formula, D, wexpr); i <- influence(f); X <- model.matrix(f); A <- summary(f, dispersion = 1)$cov.unscaled; h <- hatvalues(f); rP <- residuals(f, "pearson")
  hand <- (X * (f$prior.weights * (f$y - f$fitted)) / (1 - h)) %*% A
  e <- list(coef = vecn(coef(f)), fitted = pl(f$fitted), hat = pl(h), res_deviance = pl(residuals(f, "deviance")), res_pearson = pl(rP), res_working = pl(residuals(f, "working")), res_response = pl(residuals(f, "response")),
    rstandard_deviance = pl(rstandard(f, type = "deviance")), rstandard_pearson = pl(rstandard(f, type = "pearson")), rstudent = pl(rstudent(f)), cooks_distance = pl(cooks.distance(f)), dffits_R = pl(dffits(f)), covratio_R = pl(covratio(f)), sigma_R = pl(i$sigma),
    dfbeta_R = unname(dfbeta(f)), dfbetas_R = unname(dfbetas(f)), dfbeta_onestep_pearson = unname(hand),
    definitions = list(hat = "w p(1-p) x'(X'WX)^-1 x", cooks = "(rP/(1-h))^2 * h / p, dispersion 1", rstandard = "res/sqrt(1-h)", rstudent = "sign(rD)*sqrt(rD^2 + h*rP^2/(1-h))", dfbeta_R = "b - b(-i) approximated from DEVIANCE residuals: (X'WX)^-1 x sqrt(W) rD/(1-h) (R's lm.influence quirk)", dfbeta_onestep_pearson = "textbook one-step (Pregibon): (X'WX)^-1 x w(y-p)/(1-h)", sigma_R = "lm.influence sigma(-i) from deviance residuals: sqrt((sum rD^2 - rD_i^2/(1-h_i))/(n-p-1))", dfbetas_R = "dfbeta_R/(sigma_R*sqrt(diag((X'WX)^-1)))", dffits_R = "rD*sqrt(h)/(sigma_R*(1-h))"))
  case(id, 11, tests, file, formula, wd(wexpr, wdef), rcall(formula, wexpr, extra = "hatvalues/cooks.distance/dfbeta/dfbetas/rstandard/rstudent/dffits/covratio"), e, list(rtol = 1e-8, atol = 1e-11, why = "closed forms at the fixed point"), notes)
}

## ---------- LR / Wald / score / Anova ----------
testcase <- function(id, tests, file, formula, formula0, wexpr = NULL, wdef = NULL, cl = NULL, anova23 = TRUE, seq = TRUE, notes = NULL) {
  D <- rd(file); f0 <- fitw(formula0, D, wexpr); f <- fitw(formula, D, wexpr); e <- list(formula0 = formula0)
  a <- Q(anova(f0, f, test = "LRT")); r <- Q(anova(f0, f, test = "Rao")); e$lrt <- list(chisq = a$Deviance[2], df = a$Df[2], p = a$`Pr(>Chi)`[2]); e$rao <- list(chisq = r$Rao[2], df = r$Df[2], p = r$`Pr(>Chi)`[2])
  X <- model.matrix(f); U <- crossprod(X, f0$prior.weights * (f0$y - f0$fitted)); Ai <- crossprod(X * sqrt(f0$prior.weights * f0$fitted * (1 - f0$fitted))); e$score_hand <- drop(t(U) %*% solve(Ai, U))
  S <- X * (f0$prior.weights * (f0$y - f0$fitted)); e$score_robust_HC0_hand <- (function() { k <- setdiff(colnames(X), colnames(model.matrix(f0))); if (length(k) != e$lrt$df) return(NULL); o <- setdiff(colnames(X), k); C <- cbind(diag(length(k)), -t(solve(Ai[o, o], Ai[o, k]))); ord <- c(k, o); B <- crossprod(S)[ord, ord]; u <- U[k, ]; as.numeric(t(u) %*% solve(C %*% B %*% t(C), u)) })()
  wt <- function(V, test) { z <- Q(waldtest(f0, f, vcov = V, test = test)); list(stat = z[[if (test == "F") "F" else "Chisq"]][2], df = abs(z$Df[2]), df_resid = z$Res.Df[2], p = z[[if (test == "F") "Pr(>F)" else "Pr(>Chisq)"]][2]) }
  nv <- summary(f, dispersion = 1)$cov.unscaled
  e$wald <- list(naive_chisq = wt(nv, "Chisq"), naive_F = wt(nv, "F"), HC0_chisq = wt(vcovHC(f, type = "HC0"), "Chisq"), HC1_chisq = wt(vcovHC(f, type = "HC1"), "Chisq"), HC1_F = wt(vcovHC(f, type = "HC1"), "F"), HC3_chisq = wt(vcovHC(f, type = "HC3"), "Chisq"))
  if (!is.null(cl)) e$wald$CL_HC0_cadjust_chisq <- wt(vcovCL(f, cluster = D[[cl]], type = "HC0"), "Chisq")
  f <- fitw(formula, D, wexpr); if (seq) { s <- Q(anova(f, test = "LRT")); e$anova_sequential <- list(term = rownames(s)[-1], df = s$Df[-1], deviance = s$Deviance[-1], resid_df = s$`Resid. Df`[-1], resid_dev = s$`Resid. Dev`[-1], p = s$`Pr(>Chi)`[-1]) }
  if (anova23) { op <- options(contrasts = c("contr.sum", "contr.poly")); fs <- fitw(formula, D, wexpr)
    for (ty in c("II", "III")) for (st in c("LR", "Wald")) { z <- Q(suppressMessages(Anova(fs, type = ty, test.statistic = st))); z <- z[rownames(z) != "Residuals", ]; e[[paste0("Anova_", ty, "_", st)]] <- list(term = rownames(z), chisq = z[[if (st == "LR") "LR Chisq" else "Chisq"]], df = z$Df, p = z$`Pr(>Chisq)`) }
    e$Anova_note <- "factors coded contr.sum (matters for type III and for type-III Wald); LR = change in weighted deviance"; e$coef_contr_sum <- vecn(coef(fs)); options(op) }
  case(id, 8, tests, file, formula, wd(wexpr, wdef), rcall(formula, wexpr, extra = "anova(fit0, fit, test='LRT'|'Rao'); lmtest::waldtest(fit0, fit, vcov=.); car::Anova(fit, type=, test.statistic=)"), e, TOL$tight, notes)
}

## ---------- marginal effects (exact, by hand) ----------
amecase <- function(id, tests, file, formula, cont = NULL, binary = NULL, factors = NULL, wexpr = NULL, wdef = NULL, avg = "1", vcov = "naive", atmeans = FALSE, emm = NULL, notes = NULL, cl = NULL) {
  D <- rd(file); f <- fitw(formula, D, wexpr); b <- coef(f); tt <- delete.response(terms(f)); MX <- function(d) model.matrix(tt, model.frame(tt, d, xlev = f$xlevels))
  V <- switch(vcov, naive = summary(f, dispersion = 1)$cov.unscaled, HC0 = vcovHC(f, type = "HC0"), HC1 = vcovHC(f, type = "HC1"), CL = vcovCL(f, cluster = D[[cl]], type = "HC0"))
  aw <- eval(parse(text = avg), DD); aw <- rep_len(aw, nrow(D)); aw <- aw / sum(aw); X <- MX(D); out <- list()
  rec <- function(fun, grad, name) { est <- fun(b); g <- grad(b); ng <- numDeriv::grad(fun, b); if (max(abs(g - ng)) > 1e-6 * max(1, abs(g))) cat("  !! AME gradient", name, "\n"); se <- sqrt(drop(g %*% V %*% g)); out[[name]] <<- list(estimate = est, se = se, z = est / se, p = 2 * pnorm(-abs(est / se)), ci_lower = est - qnorm(.975) * se, ci_upper = est + qnorm(.975) * se) }
  for (v in cont) { up <- dn <- D; up[[v]] <- D[[v]] + 1; dn[[v]] <- D[[v]] - 1; dX <- (MX(up) - MX(dn)) / 2
    rec(function(b) { p <- plogis(drop(X %*% b)); sum(aw * p * (1 - p) * drop(dX %*% b)) }, function(b) { p <- plogis(drop(X %*% b)); d <- p * (1 - p); drop(crossprod(X, aw * d * (1 - 2 * p) * drop(dX %*% b)) + crossprod(dX, aw * d)) }, paste0("dydx:", v)) }
  disc <- function(v, hi, lo, name) { u <- l <- D; if (is.factor(D[[v]])) { u[[v]] <- factor(hi, levels = levels(D[[v]])); l[[v]] <- factor(lo, levels = levels(D[[v]])) } else { u[[v]] <- hi; l[[v]] <- lo }
    X1 <- MX(u); X0 <- MX(l); rec(function(b) sum(aw * (plogis(drop(X1 %*% b)) - plogis(drop(X0 %*% b)))), function(b) { p1 <- plogis(drop(X1 %*% b)); p0 <- plogis(drop(X0 %*% b)); drop(crossprod(X1, aw * p1 * (1 - p1)) - crossprod(X0, aw * p0 * (1 - p0))) }, name)
    rec(function(b) sum(aw * plogis(drop(X1 %*% b))), function(b) { p1 <- plogis(drop(X1 %*% b)); drop(crossprod(X1, aw * p1 * (1 - p1))) }, paste0("avgpred:", v, "=", hi)) }
  for (v in binary) disc(v, 1, 0, paste0("discrete:", v, ":1-0"))
  for (v in factors) { lv <- if (is.factor(D[[v]])) levels(D[[v]]) else sort(unique(D[[v]])); for (k in lv[-1]) disc(v, k, lv[1], paste0("discrete:", v, ":", k, "-", lv[1])) }
  e <- list(coef = vecn(b), vcov_used = vcov, effects = out)
  if (atmeans) { xb <- colSums(aw * X); for (j in names(b)[-1]) rec(function(b) { p <- plogis(sum(xb * b)); p * (1 - p) * b[[j]] }, function(b) { p <- plogis(sum(xb * b)); d <- p * (1 - p); g <- d * (1 - 2 * p) * b[[j]] * xb; g[[match(j, names(b))]] <- g[[match(j, names(b))]] + d; g }, paste0("atmeans_column:", j)); e$effects <- out; e$column_means_used <- vecn(xb) }
  if (!is.null(emm)) { em <- as.data.frame(Q(emmeans::emmeans(f, F(paste("~", emm)), type = "response"))); e$emmeans <- list(by = emm, level = as.character(em[[1]]), prob = em$prob, se = em$SE, lcl = em$asymp.LCL, ucl = em$asymp.UCL, note = "covariates at their UNWEIGHTED means; factors, and covariates with two values (cov.keep), averaged with equal weights; SE by delta method on prob; CI by back-transforming the logit interval")
    pr <- as.data.frame(Q(pairs(emmeans::emmeans(f, F(paste("~", emm))), adjust = "none"))); e$emmeans_pairs_logodds <- list(contrast = as.character(pr$contrast), estimate = pr$estimate, se = pr$SE, z = pr$z.ratio, p = pr$p.value) }
  case(id, 9, tests, file, formula, wd(wexpr, wdef), paste0(rcall(formula, wexpr), "; exact delta method by hand (margins package absent)", if (!is.null(emm)) sprintf("; emmeans(fit, ~%s, type='response')", emm) else ""), e, TOL$tight, notes, averaging_weights = avg,
       definitions = "dydx: sum(a*p(1-p)*d eta/dv) with a=averaging weights/sum; discrete: average of p(v=hi)-p(v=lo) with all other columns as observed; atmeans_column: p(1-p)*b_j at the (a-weighted) means of the model-matrix columns")
}

finish <- function() { tp <- vapply(INDEX, function(i) as.integer(i$topic), 1L); cat("cases:", length(INDEX), "\n"); print(table(tp)) }

# Profile limits: MASS::confint, and by uniroot on exactly profiled deviances.
profcase <- function(id, tests, file, formula, wexpr = NULL, wdef = NULL, notes = NULL, level = .95) {
  D <- rd(file); f <- fitw(formula, D, wexpr); X <- model.matrix(f); y <- f$y; w <- f$prior.weights; o <- if (is.null(f$offset)) rep(0, length(y)) else f$offset
  ci <- Q(suppressMessages(confint(f, level = level))); K <- qchisq(level, 1); b <- coef(f); VV <- summary(f, dispersion = 1)$cov.unscaled; se <- sqrt(diag(VV))
  ex <- t(sapply(seq_along(b), function(j) { g <- function(v) { ov <- o + X[, j] * v; Xj <- X[, -j, drop = FALSE]; ee <- drop(if (ncol(Xj)) Xj %*% dnewton(Xj, y, w, ov, b[-j] + (v - b[j]) * VV[-j, j] / VV[j, j]) else 0) + ov; -2 * sum(w * (y * plogis(ee, log.p = TRUE) + (1 - y) * plogis(-ee, log.p = TRUE))) - f$deviance - K }
    sd <- function(s) { k <- 2; while (g(b[j] + s * k * se[j]) < 0 && k < 100) k <- k * 1.3; uniroot(g, sort(c(b[j] + s * 0.5 * se[j], b[j] + s * k * se[j])), tol = 1e-13)$root }; c(sd(-1), sd(1)) }))
  if (max(abs(ex - ci) / se) > .02) cat("   !! profile vs MASS", max(abs(ex - ci) / se), "\n")
  case(id, 13, tests, file, formula, wd(wexpr, wdef), rcall(formula, wexpr, extra = "MASS:::confint.glm(fit) (profile likelihood)"), list(coef = vecn(b), level = level, ci_mass = list(lower = vecn(ci[, 1]), upper = vecn(ci[, 2])), ci_exact = list(lower = setNames(ex[, 1], names(b)), upper = setNames(ex[, 2], names(b))), definition = "limits solve deviance(profile) - deviance(mle) = qchisq(level,1); weighted deviance, dispersion 1", max_abs_diff_mass_exact = max(abs(ex - ci))), TOL$profile, notes)
}

# replicate designs: replicate (analysis) weights exported next to the data
exprep <- function(name, file, dtext, rtext) { D <<- rd(file); DES0 <<- eval(parse(text = dtext), globalenv()); set.seed(4711); R <<- Q(eval(parse(text = rtext), globalenv())); A <- weights(R, "analysis"); colnames(A) <- paste0("r", seq_len(ncol(A)))
  fn <- paste0("rep_", name, ".csv"); if (!file.exists(file.path("data", fn)) || Sys.getenv("REWRITE_REP") == "1") write.table(apply(A, 2, n17), file.path("data", fn), sep = ",", row.names = FALSE, quote = FALSE)
  list(file = fn, scale = R$scale, rscales = R$rscales, type = R$type, mse = isTRUE(R$mse), rho = R$rho) }
repcase <- function(name, tests, file, dtext, rtext, formula, wcol, mse = FALSE, ...) { r <- exprep(name, file, dtext, rtext)
  RSC <<- r$rscales; SCL <<- r$scale
  if (!grepl("boot", name)) svycase(paste0("T04_rep_", name), paste0(tests, " (direct as.svrepdesign)"), file, sprintf("{DES0 <- %s; set.seed(4711); %s}", dtext, rtext), formula, notes = paste0("exported analysis weights: data/", r$file, if (grepl("brr|fay", name)) "; the replicates depend on R's Hadamard matrix, so take them from there" else ""), aic = FALSE, ...)
  svycase(paste0("T04_rep_", name, "_exported"), paste0(tests, " (from exported replicate weights)"), file, sprintf("svrepdesign(weights=~%s, repweights=RW, type='other', scale=SCL, rscales=RSC, combined.weights=TRUE, mse=%s, data=D)", wcol, mse), formula, repfile = r$file, aic = FALSE, notes = "SCL/RSC = expected.rep scale/rscales; degf = rank(analysis replicate weights)-1", ...) }
