# The data of generate.R: small, rounded so that the decimals in the files are the data.
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20240611)

n <- 120
cases <- data.frame(
  x1 = round(rnorm(n), 3),
  x2 = round(rexp(n) - 1, 3),
  z = rbinom(n, 1, 0.4),
  e1 = round(rnorm(n), 3),
  e2 = round(runif(n), 3),
  off = round(rnorm(n, sd = 0.3), 3),
  iw = round(exp(rnorm(n, sd = 0.7)), 3),
  fw = rpois(n, 1.6),
  g1 = sample.int(14, n, replace = TRUE),
  g2 = sample.int(9, n, replace = TRUE)
)
eta <- with(cases, -1.2 + 0.7 * x1 - 0.5 * x2 + 0.6 * z + 0.4 * e1 + 0.3 * (g1 %% 3 - 1))
cases$y <- rbinom(n, 1, plogis(eta))
share <- round(plogis(eta + rnorm(n, sd = 1.5)), 2)
cases$share <- ifelse(share < 0.1, 0, ifelse(share > 0.93, 1, share))
write.csv(cases, "data/cases.csv", row.names = FALSE, quote = FALSE)

counts <- data.frame(x = round(rnorm(18), 2), z = rep(0:1, 9), g = rep(1:6, each = 3))
trials <- c(rpois(16, 4) + 1, 1, 1)
counts$events <- with(counts, rbinom(18, trials, plogis(-0.8 + 0.9 * x + 0.5 * z)))
counts$others <- trials - counts$events
write.csv(counts, "data/counts.csv", row.names = FALSE, quote = FALSE)
