# glm() on every rung, as tight as it goes, in double precision.
# Run by python -m tests.numerics: Rscript ladder.R FOLDER writes FOLDER/r.json.
# FOLDER has a file for each problem, with y, w and the columns of X in hexadecimal, so that no digit
# is lost; the names of its lines are in names.txt.
folder <- commandArgs(trailingOnly = TRUE)[1]
exact <- function(values) paste0("[", paste(sprintf("%.17g", values), collapse = ", "), "]")

fit <- function(file) {
  columns <- read.table(file, colClasses = "numeric")
  y <- columns[[1]]
  w <- columns[[2]]
  X <- as.matrix(columns[-(1:2)])
  said <- character()
  result <- withCallingHandlers(
    tryCatch({
      fitted <- glm(y ~ X - 1, family = binomial(), weights = w,
                    control = list(epsilon = 1e-14, maxit = 200))
      list(params = unname(coef(fitted)), bse = unname(sqrt(diag(vcov(fitted)))))
    }, error = function(e) list(error = conditionMessage(e))),
    warning = function(w) {
      said <<- unique(c(said, conditionMessage(w)))
      invokeRestart("muffleWarning")
    })
  # Weights that do not count are warned of always.
  said <- said[!grepl("non-integer", said)]
  quoted <- gsub('"', "'", paste(c(result$error, said), collapse = "; "))
  if (!is.null(result$error) || anyNA(result$params))
    return(sprintf('{"params": null, "bse": null, "says": "%s"}', quoted))
  sprintf('{"params": %s, "bse": %s, "says": "%s"}', exact(result$params), exact(result$bse), quoted)
}

names <- readLines(file.path(folder, "names.txt"))
files <- file.path(folder, sprintf("%03d.txt", seq_along(names)))
entries <- sprintf('  "%s": %s', names, vapply(files, fit, ""))
writeLines(c("{", paste(entries, collapse = ",\n"), "}"), file.path(folder, "r.json"))
capture.output(sessionInfo(), file = file.path(folder, "session_info.txt"))
