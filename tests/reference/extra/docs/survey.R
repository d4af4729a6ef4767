library(survey)
data(nhanes)
nhanes$race <- c("hispanic", "white", "black", "other")[nhanes$race]
nhanes$female <- nhanes$RIAGENDR - 1
design <- svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes)
svymean(~HI_CHOL, design, na.rm = TRUE)

adults <- subset(design, agecat != "(0,19]")
fit <- svyglm(HI_CHOL ~ race + agecat + female, adults, family = quasibinomial())
round(summary(fit)$coefficients, 4)

part <- subset(design, race == "other" & agecat == "(59,Inf]")
svymean(~HI_CHOL, part, na.rm = TRUE)
degf(part)

pupils <- data.frame(passed = c(1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1))
pupils$school <- rep(1:5, each = 3)
pupils$pupils <- rep(c(12, 20, 15, 30, 18), each = 3)
pupils$pupil <- 1:15
pupils$schools <- 30
schools <- svydesign(id = ~school + pupil, fpc = ~schools + pupils, data = pupils)
svymean(~passed, schools)

jackknife <- as.svrepdesign(design, type = "JKn")
replicated <- svyglm(HI_CHOL ~ race + agecat + female, subset(jackknife, agecat != "(0,19]"),
                     family = quasibinomial())
round(cbind(SE(replicated)), 4)

regTermTest(fit, ~race)
regTermTest(fit, ~race, method = "LRT")

known <- update(subset(adults, !is.na(HI_CHOL)), agecat = droplevels(agecat))
others <- svyglm(HI_CHOL ~ agecat + female, known, family = quasibinomial())
svypredmeans(others, ~factor(race))
averages <- function(w, data) {
  data$w <- w / mean(w)
  data <- data[data$agecat != "(0,19]" & !is.na(data$HI_CHOL), ]
  fit <- suppressWarnings(glm(HI_CHOL ~ race + agecat + female, binomial, data, weights = w))
  sapply(c(black = "black", hispanic = "hispanic", other = "other", white = "white"), function(group)
    weighted.mean(predict(fit, transform(data, race = group), type = "response"), data$w))
}
withReplicates(jackknife, averages)
