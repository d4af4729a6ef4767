# Regenerates cases/*.json from data/*.csv.  Usage: cd here && Rscript generate.R   (then, with mpmath: python mp_hard.py)
source("lib.R"); SET <- "public"
# ---- 1 unit weights
glmcase("T01_birthwt_basic", 1, "binomial glm, three-level string factor", "birthwt.csv", "low ~ age + lwt + factor(race) + smoke + ptl + ht + ui", hc = TRUE)
glmcase("T01_birthwt_offset", 1, "offset column", "birthwt.csv", "low ~ lwt + smoke + offset(off)", notes = "offset = column off; null deviance = intercept-only fit WITH the offset")
glmcase("T01_birthwt_noint", 1, "no intercept", "birthwt.csv", "low ~ 0 + lwt + smoke + age", notes = "R's null model without an intercept is mu=0.5: df_null = n, null_deviance = 2 n log 2 (unit weights)")
glmcase("T01_birthwt_inter", 1, "factor interaction and quadratic", "birthwt.csv", "low ~ factor(race)*smoke + age + I(age^2) + smoke:age")
glmcase("T01_birthwt_cellmeans", 1, "no intercept, full dummy coding", "birthwt.csv", "low ~ 0 + factor(race) + smoke")
glmcase("T01_mtcars_small", 1, "tiny sample", "mtcars.csv", "vs ~ wt", hc = TRUE)
glmcase("T01_infert", 1, "several integer covariates", "infert.csv", "case ~ spontaneous + induced + parity + factor(education)", hc = TRUE, cl = "stratum", cl23 = TRUE)
glmcase("T01_intercept_only", 1, "intercept-only model", "birthwt.csv", "low ~ 1", hc = TRUE)
# ---- 2 frequency weights
ti <- rd("titanic.csv"); te <- rd("titanic_expanded.csv"); ff <- "survived ~ factor(Class) + factor(Sex) + factor(Age)"
fe <- fitw(ff, te); glmcase("T02_titanic_counts", 2, "frequency weights incl. zero counts; must equal the expanded data", "titanic.csv", ff, "count", col("frequency", "count"),
  more = list(expanded_data = "titanic_expanded.csv", expanded = c(glm_exp(fe), list(robust = hc_exp(fe)))), quasi = FALSE, notes = "R counts ROWS for df_resid in the weighted fit; with frequency weights a library should report the expanded$ values (n=sum of weights, HC computed on the expanded rows: meat = sum f_i u_i u_i', HC1 factor N/(N-k))")
ff2 <- "survived ~ factor(Class)*factor(Sex) + factor(Age)"; fe <- fitw(ff2, te); glmcase("T02_titanic_counts_inter", 2, "frequency weights, interaction", "titanic.csv", ff2, "count", col("frequency", "count"), more = list(expanded = c(glm_exp(fe), list(robust = hc_exp(fe)))), quasi = FALSE)
B <- rd("birthwt.csv"); Be <- B[rep(seq_len(nrow(B)), B$fw), ]; fe <- fitw("low ~ age + lwt + smoke + ht", Be)
glmcase("T02_birthwt_fw", 2, "integer frequency weights 1..4 vs expanded", "birthwt.csv", "low ~ age + lwt + smoke + ht", "fw", col("frequency", "fw"), hc = TRUE, more = list(expanded = c(glm_exp(fe), list(robust = hc_exp(fe)))), notes = "robust (HC on weighted rows: u_i=w_i(y-p)x) differs from expanded$robust (u_i per replicate): weights as importance vs frequency")
E <- rd("esoph.csv"); f <- pol(Q(glm(cbind(ncases, ncontrols) ~ agegp + alc + tob, binomial, E, control = CTL)))
case("T02_esoph_grouped", 2, "grouped binomial successes/failures", "esoph.csv", "cbind(ncases, ncontrols) ~ agegp + alc + tob", list(kind = "grouped", successes = "ncases", failures = "ncontrols"), "glm(cbind(ncases, ncontrols) ~ agegp + alc + tob, binomial)", c(glm_exp(f), list(robust = hc_exp(f))), notes = "deviance is against the saturated grouped model; loglik_R includes binomial coefficients; loglik_kernel = sum s*log p + f*log(1-p)")
L <- rd("lizards.csv"); f <- pol(Q(glm(cbind(grahami, opalinus) ~ height + diameter + light + time, binomial, L, control = CTL)))
case("T02_lizards_grouped", 2, "grouped binomial", "lizards.csv", "cbind(grahami, opalinus) ~ height + diameter + light + time", list(kind = "grouped", successes = "grahami", failures = "opalinus"), "glm(cbind(grahami, opalinus) ~ ., binomial)", c(glm_exp(f), list(robust = hc_exp(f))))
# ---- 3 class weights, robust, cluster
fb <- "low ~ age + lwt + factor(race) + smoke + ht"
glmcase("T03_birthwt_balanced", 3, "class weight 'balanced' n/(2 n_c): naive, quasi, HC0-HC3", "birthwt.csv", fb, "balanced(low)", bal, hc = TRUE)
glmcase("T03_birthwt_c10", 3, "class weight {0:1,1:10}", "birthwt.csv", fb, "ifelse(low==1,10,1)", c10, hc = TRUE)
glmcase("T03_birthwt_iw", 3, "non-integer importance weights", "birthwt.csv", fb, "iw", col("importance", "iw"), hc = TRUE)
glmcase("T03_birthwt_iw_x_balanced", 3, "importance weights times weighted-balanced class weights", "birthwt.csv", fb, "iw*balanced(low, iw)", list(kind = "product", column = "iw", class = "balanced", class_counts = "weighted by iw: W/(2 W_c)"), hc = TRUE)
glmcase("T03_birthwt_iw_x_rowbalanced", 3, "importance weights times row-count-balanced class weights", "birthwt.csv", fb, "iw*balanced(low)", list(kind = "product", column = "iw", class = "balanced", class_counts = "row counts n/(2 n_c)"), hc = TRUE)
glmcase("T03_infert_cluster_bal", 3, "balanced + cluster by stratum", "infert.csv", "case ~ spontaneous + induced + age + parity", "balanced(case)", bal, hc = TRUE, cl = "stratum", cl23 = TRUE)
glmcase("T03_infert_cluster_few", 3, "one-way cluster on 'pooled' (unequal sizes), c10 weights", "infert.csv", "case ~ spontaneous + induced", "ifelse(case==1,10,1)", c10, cl = "pooled")
glmcase("T03_petersen_twoway", 3, "two-way clustering firm/year, unit weights", "petersen.csv", "ybin ~ x", cl = "firm", cl2 = c("firm", "year"), hc = TRUE)
glmcase("T03_petersen_twoway_bal", 3, "two-way clustering, balanced weights, rarer outcome", "petersen.csv", "ybin3 ~ x", "balanced(ybin3)", bal, cl = "firm", cl2 = c("firm", "year"), hc = TRUE)
glmcase("T03_petersen_year", 3, "only 10 clusters", "petersen.csv", "ybin ~ x", cl = "year")
glmcase("T03_chile_factor", 3, "5-region factor, income, balanced", "chile.csv", "yes ~ factor(region) + statusquo + age + factor(education) + factor(sex)", "balanced(yes)", bal, hc = TRUE, cl = "region", notes = "only 5 clusters with 10 coefficients: cluster vcov is rank 5, expect zero/tiny eigenvalues")
# ---- 4 survey
nd <- list(ell = c(5, 30, 70), meals = c(10, 50, 90), mobility = c(10, 20, 5))
fa <- "sch_wide ~ ell + meals + mobility"; trm <- c("~ell", "~meals + mobility", "~ell + meals + mobility")
cons <- list(list(k = c(ell = 10, meals = -10), spec = "10*ell - 10*meals"), list(k = quote(exp(10 * ell)), spec = "exp(10*ell) (delta method)"), list(k = quote(ell / meals), spec = "ell/meals (delta)"))
svycase("T04_apistrat_weights", "weights only, no strata", "apistrat.csv", "svydesign(id=~1, weights=~pw, data=D)", fa, terms = trm, newdata = nd, contrasts = cons, anova = TRUE, smaller = "sch_wide ~ ell")
# replicate weights: random numbers and Hadamard matrices of R are kept in data/rep_*.csv
dc <- "svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=D)"; dp <- "svydesign(id=~SDMVPSU, strata=~SDMVSTRA, weights=~WTMEC2YR, nest=TRUE, data=D)"
repcase("jk1", "JK1", "apiclus1.csv", dc, "as.svrepdesign(DES0, type='JK1')", "sch_wide ~ ell + meals", "pw", terms = "~ell + meals")
repcase("jk1_mse", "JK1 mse=TRUE", "apiclus1.csv", dc, "as.svrepdesign(DES0, type='JK1', mse=TRUE)", "sch_wide ~ ell + meals", "pw", mse = TRUE)
repcase("jkn", "JKn", "nhanes_pairs.csv", dp, "as.svrepdesign(DES0, type='JKn')", "HI_CHOL ~ factor(race) + RIAGENDR", "WTMEC2YR", terms = "~factor(race)")
repcase("brr", "BRR", "nhanes_pairs.csv", dp, "as.svrepdesign(DES0, type='BRR')", "HI_CHOL ~ factor(race) + RIAGENDR", "WTMEC2YR", terms = "~factor(race)")
repcase("fay", "Fay rho=0.3, mse=TRUE", "nhanes_pairs.csv", dp, "as.svrepdesign(DES0, type='Fay', fay.rho=0.3, mse=TRUE)", "HI_CHOL ~ factor(race) + RIAGENDR", "WTMEC2YR", mse = TRUE)
repcase("boot", "Canty-Davison bootstrap (50)", "apiclus1.csv", dc, "as.svrepdesign(DES0, type='bootstrap', replicates=50)", "sch_wide ~ ell + meals", "pw")
repcase("subboot", "Rao-Wu n-1 bootstrap (60)", "apistrat.csv", "svydesign(id=~1, strata=~stype, weights=~pw, data=D)", "as.svrepdesign(DES0, type='subbootstrap', replicates=60)", "sch_wide ~ ell + meals", "pw")
{ D <- rd("scd.csv"); S <- data.frame(ESA = rep(D$ESA, 2), ambulance = rep(D$ambulance, 2), y = rep(1:0, each = 6), n = c(D$alive, D$arrests - D$alive)); write.table(S, "data/scd_long.csv", sep = ",", row.names = FALSE, quote = FALSE) }
svycase("T04_rep_scd_brr_given", "svrepdesign BRR with hand-given replicate factors (survey manual), not combined", "scd_long.csv", "svrepdesign(weights=~n, repweights=2*cbind(c(1,0,1,0,1,0), c(1,0,0,1,0,1), c(0,1,1,0,0,1), c(0,1,0,1,1,0))[c(1:6,1:6),], type='BRR', combined.weights=FALSE, data=D)", "y ~ ambulance", aic = FALSE, notes = "toy; replicate analysis weight = n * factor")
# ---- 5 Firth
firthcase("T05_endometrial_firth", "quasi-complete separation on NV", "endometrial.csv", "HG ~ NV + PI + EH", separated = TRUE, infinite = list(NV = "+Inf"), notes = "detect_separation() moved to package detectseparation (absent); separation confirmed by LP in the cross-check")
firthcase("T05_endometrial_weighted", "separated with class weights", "endometrial.csv", "HG ~ NV + PI + EH", "ifelse(HG==1,3,1)", list(kind = "class", spec = list(`0` = 1, `1` = 3)), separated = TRUE, infinite = list(NV = "+Inf"), notes = "weights act as frequency weights in score, information and hat values")
firthcase("T05_birthwt_firth", "no separation, moderate n", "birthwt.csv", "low ~ age + lwt + smoke + ht", separated = FALSE)
firthcase("T05_birthwt_firth_fw", "frequency weights (equals expanded data)", "birthwt.csv", "low ~ age + lwt + smoke + ht", "fw", col("frequency", "fw"), separated = FALSE)
firthcase("T05_mtcars_firth", "tiny sample", "mtcars.csv", "vs ~ wt + am", separated = FALSE)
# ---- 6 rare events
relogitcase("T06_mid_zelig", "King-Zeng prior correction and weighting on the paper's data", "mid.csv", "conflict ~ major + contig + power + maxdem + mindem + years", 1042 / 303772)
relogitcase("T06_infert_tau", "case-control sample, tau=0.05", "infert.csv", "case ~ spontaneous + induced", 0.05)
# ---- 7 glmnet
px <- c("npreg", "glu", "bp", "skin", "bmi", "ped", "age")
for (st in c(FALSE, TRUE)) { s <- if (st) "std" else "raw"
  netcase(paste0("T07_pima_lasso_", s), "lasso with sampling-like weights", "pima.csv", "type", px, "sw", col("importance", "sw"), 1, c(.1, .03, .005), st)
  netcase(paste0("T07_pima_ridge_bal_", s), "ridge with balanced class weights", "pima.csv", "type", px, "balanced(type)", bal, 0, c(1, .1, .001), st)
  netcase(paste0("T07_pima_enet_", s), "elastic net alpha=.4, penalty.factor", "pima.csv", "type", px, "ifelse(type==1,10,1)", c10, .4, c(.2, .05, .01), st, pf = c(0, 1, 1, 2, 1, .5, 1)) }
netcase("T07_pima_lasso_unit", "lasso unit weights", "pima.csv", "type", px, NULL, NULL, 1, c(.15, .05, .01), TRUE)
# ---- 8 tests
testcase("T08_birthwt_unit", "LR/Rao/Wald, Anova II/III", "birthwt.csv", "low ~ age + factor(race)*smoke + lwt", "low ~ lwt + smoke")
testcase("T08_birthwt_bal", "same with balanced weights", "birthwt.csv", "low ~ age + factor(race) + smoke + lwt + ht", "low ~ lwt + smoke", "balanced(low)", bal)
testcase("T08_infert_cl", "importance weights {0:1,1:10} with cluster Wald", "infert.csv", "case ~ factor(education) + spontaneous + induced + age", "case ~ spontaneous + age", "ifelse(case==1,10,1)", c10, cl = "stratum")
{ z <- rd("titanic.csv"); write.table(z[z$count > 0, ], "data/titanic_nonzero.csv", sep = ",", row.names = FALSE, quote = FALSE) }
testcase("T08_titanic_fw", "frequency weights", "titanic_nonzero.csv", "survived ~ factor(Class) + factor(Sex)*factor(Age)", "survived ~ factor(Sex) + factor(Age)", "count", col("frequency", "count"), notes = "zero-count rows dropped; HC here treats each count ROW as one unit (importance meaning), Wald F df_resid row-based; chi-square LR/Rao equal those of the expanded data")
testcase("T08_chile", "larger factor model", "chile.csv", "yes ~ factor(region) + factor(sex)*factor(education) + statusquo + income", "yes ~ factor(sex) + statusquo + income")
# ---- 9 marginal effects
amecase("T09_birthwt_ame", "AME continuous, binary, factor", "birthwt.csv", "low ~ age + lwt + factor(race) + smoke", cont = c("age", "lwt"), binary = "smoke", factors = "race", atmeans = TRUE, emm = "race")
amecase("T09_birthwt_ame_bal_hc1", "class-weighted fit, weighted average, HC1", "birthwt.csv", "low ~ age + lwt + factor(race) + smoke", cont = c("age", "lwt"), binary = "smoke", factors = "race", wexpr = "balanced(low)", wdef = bal, avg = ".w", vcov = "HC1")
amecase("T09_birthwt_ame_quad_inter", "quadratic and interaction", "birthwt.csv", "low ~ age + I(age^2) + lwt*smoke", cont = c("age", "lwt"), binary = "smoke")
amecase("T09_birthwt_iw_unwavg", "weighted fit, unweighted average, HC0", "birthwt.csv", "low ~ age + lwt + smoke", cont = c("age", "lwt"), binary = "smoke", wexpr = "iw", wdef = col("importance", "iw"), avg = "1", vcov = "HC0", emm = "smoke")
amecase("T09_infert_cluster", "cluster vcov", "infert.csv", "case ~ spontaneous + induced + factor(education)", cont = c("spontaneous", "induced"), factors = "education", wexpr = "balanced(case)", wdef = bal, avg = "1", vcov = "CL", cl = "stratum", emm = "education")

# ---- 11 influence
inflcase("T11_birthwt_unit", "influence, unit weights", "birthwt.csv", "low ~ age + lwt + smoke + ht")
inflcase("T11_birthwt_iw", "influence, prior weights", "birthwt.csv", "low ~ age + lwt + smoke + ht", "iw", col("importance", "iw"))
inflcase("T11_birthwt_bal", "influence, class weights", "birthwt.csv", "low ~ age + lwt + factor(race)", "balanced(low)", bal)
inflcase("T11_mtcars", "tiny sample, high leverage", "mtcars.csv", "vs ~ wt + am")
# ---- 12 multinomial
mnlcase("T12_womenlf_unit", "3-level outcome", "womenlf.csv", "partic ~ hincome + children")
mnlcase("T12_womenlf_bal", "class weights n/(3 n_k)", "womenlf.csv", "partic ~ hincome + children + region", "(function(y) { t <- table(y); as.vector(length(y)/(length(t)*t[as.character(y)])) })(partic)", list(kind = "class", spec = "balanced (n/(K n_k))"))
mnlcase("T12_chile_vote", "4-level outcome, n=2431", "chile.csv", "vote ~ statusquo + sex + age", "ifelse(vote=='A',3,1)", list(kind = "class", spec = list(A = 3, N = 1, U = 1, Y = 1)))
# ---- 13 profile
profcase("T13_birthwt_unit", "profile CI unit weights", "birthwt.csv", "low ~ age + lwt + smoke + ht")
profcase("T13_birthwt_bal", "profile CI class weights", "birthwt.csv", "low ~ age + lwt + smoke + ht", "balanced(low)", bal)
profcase("T13_birthwt_iw90", "90% profile CI importance weights, factor", "birthwt.csv", "low ~ lwt + factor(race) + smoke", "iw", col("importance", "iw"), level = .9)
profcase("T13_mtcars", "asymmetric small-sample profile", "mtcars.csv", "vs ~ wt + am")
# ---- 14 hard
hard("T14_scale", "columns 1e-6..1e6", "hard_scale.csv", "y ~ a + b + f", hc = TRUE)
hard("T14_collinear", "two columns with correlation 1-5e-9, plus 1e-6 and 1e6 scaled columns", "hard_scale.csv", "y ~ c + d + b + f")
hard("T14_nearsep", "one overlapping point only", "hard_nearsep.csv", "y ~ x + z")
hard("T14_rare", "5 events in 20000", "hard_rare.csv", "y ~ x + z", hc = TRUE)
hard("T14_rare_bal", "5 events in 20000, balanced class weights", "hard_rare.csv", "y ~ x + z", "balanced(y)", bal, hc = TRUE)
hard("T14_rare_counts", "rare events about 1e-4, frequency weights, N=4e6", "hard_rare_counts.csv", "y ~ d + s + t", "count", col("frequency", "count"), quasi = FALSE)
hard("T14_weights_mixed", "weights from 0, 1e-8, 1, 1e6 mixed", "hard_weights.csv", "y ~ x1 + x2", "w", col("importance", "w"), notes = "zero-weight rows must have no influence")
hard("T14_weights_1e6", "all weights about 1e6 (scale invariance of coef; vcov scales 1e-6)", "hard_weights.csv", "y ~ x1 + x2", "w6", col("importance", "w6"), hc = TRUE)
hard("T14_weights_1e-8", "all weights about 1e-8", "hard_weights.csv", "y ~ x1 + x2", "w8", col("importance", "w8"), hc = TRUE)
HW <- rd("hard_weights.csv"); zz <- HW; zz$w01 <- as.numeric(HW$w > .1 & HW$w < 10); write.table(zz, "data/hard_zero.csv", sep = ",", row.names = FALSE, quote = FALSE)
sub <- rd("hard_zero.csv"); fs <- fitw("y ~ x1 + x2", sub[sub$w01 == 1, ])
hard("T14_zero_weights", "0/1 weights equal dropping the rows", "hard_zero.csv", "y ~ x1 + x2", "w01", col("frequency", "w01"), more = list(dropped = c(glm_exp(fs), list(robust = hc_exp(fs)))), notes = "'dropped' is the truth: sandwich::vcovHC on a fit that keeps zero-weight rows scales by (n_pos/n)^2 (bread uses n_pos, sandwich divides by n) - a sandwich quirk, do not copy")
finish()
