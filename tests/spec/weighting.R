# Weights by R's survey for the hundred respondents of docs/methods/raking.md; prints the rows of weighting-r.toml.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail")
respondents <- c(8, 15, 22, 12, 20, 23)
people <- data.frame(
  sex = factor(rep(c("man", "man", "man", "woman", "woman", "woman"), respondents)),
  age = factor(rep(c("a", "b", "c", "a", "b", "c"), respondents))
)
drawn <- svydesign(~1, data = people, weights = rep(30, sum(respondents)))
sexes <- data.frame(sex = c("man", "woman"), Freq = c(1480, 1520))
ages <- data.frame(age = c("a", "b", "c"), Freq = c(900, 1150, 950))
totals <- c(`(Intercept)` = 3000, sexwoman = 1520, ageb = 1150, agec = 950)
exact <- list(maxit = 500, epsilon = 1e-13, verbose = FALSE)
fit <- function(...) calibrate(drawn, ~ sex + age, totals, epsilon = 1e-13, maxit = 500, ...)
raked <- rake(drawn, list(~sex, ~age), list(sexes, ages), control = exact)
rows <- list(
  "postStratify(d, ~age, ages)" = postStratify(drawn, ~age, ages),
  "rake(d, list(~sex, ~age), list(sexes, ages))" = raked,
  "calibrate(d, ~sex+age, totals, calfun='raking')" = fit(calfun = "raking"),
  "calibrate(d, ~sex+age, totals, calfun='linear')" = fit(calfun = "linear"),
  "calibrate(d, ~sex+age, totals, calfun='linear', bounds=c(.65,1.69))" = fit(calfun = "linear", bounds = c(.65, 1.69)),
  "calibrate(d, ~sex+age, totals, calfun='raking', bounds=c(.65,1.69))" = fit(calfun = "raking", bounds = c(.65, 1.69)),
  "calibrate(d, ~sex+age, totals, calfun='logit', bounds=c(.5,2))" = fit(calfun = "logit", bounds = c(.5, 2)),
  "trimWeights(rake(...), upper=40)" = trimWeights(raked, upper = 40),
  "trimWeights(rake(...), upper=40, lower=24, strict=TRUE)" = trimWeights(raked, upper = 40, lower = 24, strict = TRUE)
)
first <- cumsum(c(1, respondents))[1:6]
for (call in names(rows)) {
  cat('    ["', call, '", ', paste0('"', sprintf("%.8f", weights(rows[[call]])[first]), '"', collapse = ", "), "],\n", sep = "")
}
