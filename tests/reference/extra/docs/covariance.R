library(survey)
library(sandwich)
disputes <- read.csv("mid.csv")
disputes$w <- ifelse(disputes$conflict == 1, 1.5, 0.75) # balanced
fit <- glm(conflict ~ major + contig + years, quasibinomial, disputes, weights = w, epsilon = 1e-12)
by_outcome <- svydesign(ids = ~1, strata = ~conflict, weights = ~w, data = disputes)
centered <- svyglm(conflict ~ major + contig + years, by_outcome, family = quasibinomial())
round(cbind(HC3 = sqrt(diag(vcovHC(fit, type = "HC3"))), stratified = SE(centered)), 4)

library(clubSandwich)
test <- coef_test(fit, vcov = "CR2", cluster = disputes$years, test = "Satterthwaite")
round(as.data.frame(test)[c("SE", "tstat", "df_Satt", "p_Satt")], 4)
