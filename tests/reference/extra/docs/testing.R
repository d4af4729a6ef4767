library(survey)
data(nhanes)
nhanes$race <- c("hispanic", "white", "black", "other")[nhanes$race]
nhanes$female <- nhanes$RIAGENDR - 1
nhanes$agecat <- relevel(nhanes$agecat, "(19,39]")
design <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes)
adults <- update(subset(design, agecat != "(0,19]" & !is.na(HI_CHOL)), agecat = droplevels(agecat))
main <- svyglm(HI_CHOL ~ race + agecat + female, adults, family = quasibinomial())
satterthwaite <- regTermTest(main, ~race, method = "LRT", lrt.approximation = "satterthwaite")
rbind(p = c(regTermTest(main, ~race, method = "LRT")$p, satterthwaite$p))

library(car)
both <- svyglm(HI_CHOL ~ race + agecat * female, adults, family = quasibinomial())
Anova(both, type = 2, test.statistic = "F")
sums <- update(both, contrasts = list(agecat = "contr.sum"))
Anova(sums, type = 3, test.statistic = "F")

sex <- svyglm(HI_CHOL ~ agecat + female, adults, family = quasibinomial())
anova(main, sex)
anova(both, main)

svycontrast(main, quote(`agecat(39,59]` / `agecat(59,Inf]`))

age <- svyglm(HI_CHOL ~ agecat, adults, family = quasibinomial())
print(AIC(age, sex, main, both), digits = 7)
print(BIC(age, sex, main, both, maximal = both), digits = 7)

round(confint(main), 3)
round(confint(main, method = "likelihood"), 3)
