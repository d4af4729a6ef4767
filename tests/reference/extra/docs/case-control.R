library(survey)
disputes <- read.csv("mid.csv")
tau <- 1042 / 303772
share <- mean(disputes$conflict)
formula <- conflict ~ major + contig + power + maxdem + mindem + years
pairs <- data.frame(contig = 0:1, years = c(20, 2), major = 0, power = 0.5, maxdem = 8, mindem = -7)

sample <- glm(formula, binomial, disputes)
prior <- log((1 - tau) / tau * share / (1 - share))

disputes$w <- ifelse(disputes$conflict == 1, tau / share, (1 - tau) / (1 - share))
by_outcome <- svydesign(ids = ~1, strata = ~conflict, weights = ~w, data = disputes)
known <- svyglm(formula, by_outcome, family = quasibinomial())
cbind(moved = plogis(predict(sample, pairs) - prior), prevalence = predict(known, pairs, type = "response"))
round(summary(known)$coefficients[, 1:2], 4)

events <- disputes[disputes$conflict == 1, ][seq(1, 1042, 40), ]
rare <- rbind(events, disputes[disputes$conflict == 0, ])
ml <- glm(conflict ~ major + contig + years, binomial, rare, epsilon = 1e-12)
library(brglm2)
firth <- update(ml, method = "brglmFit", type = "AS_mean")
round(cbind(ML = coef(ml), summary(firth)$coefficients[, 1:2]), 4)

data(endometrial)
separated <- suppressWarnings(glm(HG ~ NV + PI + EH, binomial, endometrial, epsilon = 1e-12))
unname(confint(separated)["NV", ])
with_NV <- function(b) suppressWarnings(
  glm(HG ~ PI + EH, binomial, endometrial, offset = b * endometrial$NV, epsilon = 1e-12))
rise <- function(b) deviance(with_NV(b)) - deviance(separated)
uniroot(function(b) rise(b) - qchisq(0.95, 1), c(0, 5), tol = 1e-10)$root
c(LR = rise(0), p = pchisq(rise(0), 1, lower.tail = FALSE))

library(sandwich)
library(survival)
sets <- glm(case ~ spontaneous + induced + age + parity + education, binomial, infert, epsilon = 1e-12)
robust <- sqrt(diag(vcovCL(sets, cluster = ~stratum)))
round(cbind(adjusted = coef(sets), SE = robust)[c("spontaneous", "induced"), ], 4)
conditional <- clogit(case ~ spontaneous + induced + strata(stratum), infert)
round(summary(conditional)$coefficients[, c("coef", "se(coef)")], 2)
