# Runs the R code of the pages docs/*.md as a reader would type it, and writes what it printed beneath
# each expression: survey.R becomes survey.Rout, of which the page quotes parts. Rscript run.R [page ...]
options(width = 100, digits = 7, show.signif.stars = FALSE)
pages <- commandArgs(trailingOnly = TRUE)
if (!length(pages)) pages <- c("covariance", "survey", "case-control", "testing", "from-r")

said <- function(expression, envir) {
  lines <- capture.output({
    value <- withVisible(eval(expression, envir))
    if (value$visible) print(value$value)
  })
  lines <- sub(" +$", "", gsub("[\u2018\u2019]", "'", lines))
  lines <- lines[!grepl("^(Signif\\. codes|---$)", lines)]
  while (length(lines) && lines[length(lines)] == "") lines <- lines[-length(lines)]
  sub(" +$", "", paste("#>", lines)[seq_along(lines)])
}

run <- function(page) {
  lines <- readLines(paste0(page, ".R"))
  here <- setwd("../../../../wlogit/datasets") # where mid.csv is
  expressions <- parse(text = lines, keep.source = TRUE)
  where <- vapply(attr(expressions, "srcref"), function(at) as.integer(at)[c(1, 3)], integer(2))
  envir <- new.env(parent = globalenv())
  out <- character()
  last <- 0
  for (i in seq_along(expressions)) {
    out <- c(out, lines[seq.int(last + 1, where[2, i])])
    out <- c(out, suppressMessages(suppressWarnings(said(expressions[[i]], envir))))
    last <- where[2, i]
  }
  setwd(here)
  writeLines(out, paste0(page, ".Rout"))
}
for (page in pages) run(page)
writeLines(capture.output(sessionInfo()), "session_info.txt")
