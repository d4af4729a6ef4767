# Score tests of terms by survey::svyscoretest (method = "pseudoscore"), which survey has since
# version 4.2. An older survey runs its file R/svyscoretest.R, named in the second argument, within
# its own namespace. Uses ../../r/data; writes svyscoretest.json.
#   Rscript svyscoretest.R [path of R/svyscoretest.R]
suppressPackageStartupMessages({ library(survey); library(jsonlite) })
file <- commandArgs(trailingOnly = TRUE)
if (length(file)) {
  space <- new.env(parent = asNamespace("survey")); sys.source(file[1], space)
  svyscoretest <- space$svyscoretest.svyglm
}
exact <- list(epsilon = 1e-300, maxit = 60)

nhanes <- read.csv("../../r/data/nhanes.csv")
nhanes <- nhanes[!is.na(nhanes$HI_CHOL), ]
nhanes$race <- factor(nhanes$race); nhanes$agecat <- factor(nhanes$agecat)
birthwt <- read.csv("../../r/data/birthwt.csv"); birthwt$race <- factor(birthwt$race)
designs <- list(
  nhanes = svydesign(ids = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nhanes),
  birthwt = svydesign(ids = ~1, weights = ~iw, data = birthwt))

case <- function(data, formula, how, term, python, extra) {
  design <<- designs[[data]]
  fit <- suppressWarnings(svyglm(formula, design, family = quasibinomial, control = exact))
  arguments <- list(fit, term, method = "pseudoscore"); names(arguments)[2] <- how
  r <- suppressWarnings(do.call(svyscoretest, arguments))
  list(data = data, formula = python, extra = extra, how = how, statistic = r[["X2"]], df = r[["df"]], ddf = r[["ddf"]], p = r[["p"]])
}
cases <- list(
  case("nhanes", HI_CHOL ~ race + RIAGENDR, "add.terms", ~agecat, "HI_CHOL ~ C(race) + RIAGENDR", "C(agecat)"),
  case("nhanes", HI_CHOL ~ agecat, "add.terms", ~RIAGENDR, "HI_CHOL ~ C(agecat)", "RIAGENDR"),
  case("nhanes", HI_CHOL ~ race + agecat + RIAGENDR, "drop.terms", ~race, "HI_CHOL ~ C(agecat) + RIAGENDR", "C(race)"),
  case("birthwt", low ~ lwt + smoke, "add.terms", ~ht, "low ~ lwt + smoke", "ht"),
  case("birthwt", low ~ age + lwt + race, "add.terms", ~smoke + ht, "low ~ age + lwt + C(race)", "smoke + ht"))
write_json(cases, "svyscoretest.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
