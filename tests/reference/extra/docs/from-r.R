library(sandwich)
library(survey)
disputes <- read.csv("mid.csv")
disputes$n <- 1 + (seq_len(nrow(disputes)) - 1) %% 3
formula <- conflict ~ major + contig + years
counts <- glm(formula, binomial, disputes, weights = n, epsilon = 1e-12)
sampled <- svyglm(formula, svydesign(ids = ~1, weights = ~n, data = disputes), family = quasibinomial())
round(cbind(b = coef(counts), counts = sqrt(diag(vcov(counts))), svyglm = SE(sampled),
            HC3 = sqrt(diag(vcovHC(counts, type = "HC3")))), 4)
round(exp(cbind(OR = coef(counts), confint.default(counts))), 3)
drop1(counts, test = "LRT")
pair <- data.frame(major = 0, contig = 1, years = 2)
round(unlist(predict(counts, pair, type = "response", se.fit = TRUE)[1:2]), 5)
plain <- glm(formula, binomial, disputes)
library(pROC)
ci.auc(disputes$conflict, fitted(plain))
