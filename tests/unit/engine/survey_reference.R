# What R's package survey gives of the samples in a folder: designs.csv names them, numbers.csv is written.
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
designs <- read.csv(file.path(folder, "designs.csv"), stringsAsFactors = FALSE)
found <- list()
put <- function(design, what, value) {
  found[[length(found) + 1]] <<- c(design, what, sprintf("%.17g", as.numeric(value)))
}
quiet <- suppressWarnings
written <- function(file) {
  if (length(found) == 0) return(invisible())
  table <- as.data.frame(do.call(rbind, found))
  names(table) <- c("design", "what", "value")
  write.csv(table, file.path(folder, file), row.names = FALSE, quote = 1:2)
}

made <- function(d, parts, fitting) {
  ids <- if ("units" %in% parts) ~cluster + row else if ("cluster" %in% parts) ~cluster else ~1
  strata <- if ("stratum" %in% parts) ~stratum else NULL
  fpc <- if ("units" %in% parts) ~population + units else if ("population" %in% parts) ~population else NULL
  plain <- svydesign(ids, strata = strata, weights = ~weight, fpc = fpc, data = d)
  age <- data.frame(age = 1:3, Freq = c(2000, 2500, 3000))
  sex <- data.frame(sex = 1:2, Freq = c(3600, 3900))
  both <- c(7500, 2500, 3000, 3900)
  switch(fitting,
    none = plain,
    rake = rake(plain, list(~age, ~sex), list(age, sex), control = list(maxit = 500, epsilon = 1e-13)),
    raking = calibrate(plain, ~ factor(age) + factor(sex), both, calfun = "raking", epsilon = 1e-13, maxit = 500),
    linear = calibrate(plain, ~ factor(age) + factor(sex), both, calfun = "linear"),
    poststratify = postStratify(plain, ~age, age)
  )
}

summarised <- function(name, key, one, replaced, finite) {
  put(name, key, coef(one))
  put(name, paste(key, "error"), SE(one))
  limits <- confint(one)
  put(name, paste(key, "low"), limits[1])
  put(name, paste(key, "high"), limits[2])
  put(name, paste(key, "effect"), deff(replaced))
  put(name, paste(key, "finite effect"), deff(finite))
}

of_domain <- function(name, key, X) {
  k <- function(...) paste(key, ...)
  put(name, k("freedom"), degf(X))
  # R warns, and leaves the effect out, where weights add up to less than the respondents: they never do here.
  summarised(name, k("mean"), svymean(~value, X, na.rm = TRUE), svymean(~value, X, na.rm = TRUE, deff = "replace"),
    svymean(~value, X, na.rm = TRUE, deff = TRUE))
  summarised(name, k("total"), svytotal(~value, X, na.rm = TRUE), svytotal(~value, X, na.rm = TRUE, deff = "replace"),
    svytotal(~value, X, na.rm = TRUE, deff = TRUE))
  summarised(name, k("ratio"), svyratio(~value, ~size, X, na.rm = TRUE),
    svyratio(~value, ~size, X, na.rm = TRUE, deff = "replace"), svyratio(~value, ~size, X, na.rm = TRUE, deff = TRUE))
  limits <- function(what, p) {
    put(name, k(what), coef(p)); put(name, k(what, "low"), confint(p)[1]); put(name, k(what, "high"), confint(p)[2])
  }
  limits("share", svyciprop(~ I(yes == 1), X, method = "logit"))
  limits("answered", svyciprop(~ I(over == 1), X, method = "logit", na.rm = TRUE))
  for (rule in c("math", "school", "hf6", "hf7")) for (percent in c(25.3, 51.7, 90.1)) {
    q <- svyquantile(~value, X, percent / 100, qrule = rule, na.rm = TRUE)$value
    what <- k(rule, percent)
    put(name, what, q[1]); put(name, paste(what, "low"), q[2]); put(name, paste(what, "high"), q[3])
    put(name, paste(what, "error"), q[4])
  }
  kinds <- c(second_order = "F", first_order = "Chisq", wald = "Wald", adjusted_wald = "adjWald")
  for (kind in names(kinds)) {
    for (column in c("group", "grade")) {
      f <- if (column == "group") ~ age + group else ~ sex + grade
      test <- quiet(svychisq(f, X, statistic = kinds[[kind]]))
      put(name, k(kind, column, "p"), test$p.value)
      # The Pearson statistic counts respondents without an answer too; its p value does not hang on that.
      if (kind != "first_order") put(name, k(kind, column), test$statistic)
    }
  }
  both <- svymean(~ yes + no, X)
  tie <- svycontrast(both, c(1, -1))
  put(name, k("tie"), coef(tie)); put(name, k("tie", "error"), SE(tie))
  known <- subset(X, !is.na(value))
  Y <- update(known, v1 = ifelse(group == 1 & !is.na(value), value, 0),
    v2 = ifelse(group == 2 & !is.na(value), value, 0), v3 = ifelse(group == 3 & !is.na(value), value, 0), n1 = as.numeric(group == 1 & !is.na(value)),
    n2 = as.numeric(group == 2 & !is.na(value)), n3 = as.numeric(group == 3 & !is.na(value)))
  groups <- svytotal(~ v1 + v2 + v3 + n1 + n2 + n3, Y)
  for (i in 1:2) for (j in (i + 1):3) {
    apart <- svycontrast(groups, str2lang(sprintf("v%d / n%d - v%d / n%d", i, i, j, j)))
    put(name, k("groups", i, j), coef(apart)); put(name, k("groups", i, j, "error"), SE(apart))
  }
  put(name, k("two groups p"), svyttest(value ~ sex, known)$p.value)
}

for (i in seq_len(nrow(designs))) {
  one <- designs[i, ]
  options(survey.lonely.psu = one$lonely, survey.adjust.domain.lonely = one$domain == "True")
  d <- read.csv(file.path(folder, one$file))
  d$row <- seq_len(nrow(d))
  parts <- strsplit(one$parts, " ")[[1]]
  X <- made(d, parts, one$fitting)
  w <- weights(X)
  for (row in seq(1, nrow(d), by = 37)) put(one$name, paste("weight", row - 1), w[row])
  quiet(of_domain(one$name, "all", X))
  quiet(of_domain(one$name, "domain", subset(X, domain == 1)))
}
written("numbers.csv")

# Replicates: the factors that R drew, for the designs that it can replicate, and what it makes of them.
found <- list()
options(survey.lonely.psu = "fail")
for (i in which(grepl("^(simple|strata|clusters|fitted)", designs$name) & !grepl("raking", designs$name))) {
  one <- designs[i, ]
  d <- read.csv(file.path(folder, one$file)); d$row <- seq_len(nrow(d))
  parts <- strsplit(one$parts, " ")[[1]]
  plain <- made(d, parts, "none")
  set.seed(i)
  drawn <- list(bootstrap = quiet(as.svrepdesign(plain, type = "subbootstrap", replicates = 12, compress = FALSE)),
    jackknife = if ("cluster" %in% parts) as.svrepdesign(plain, type = "JKn", compress = FALSE)
      else if (one$name == "simple") as.svrepdesign(plain, type = "JK1", compress = FALSE))
  write.table(as.matrix(drawn$bootstrap$repweights), file.path(folder, paste0("factors", i - 1, ".csv")), sep = ",",
    row.names = FALSE, col.names = FALSE)
  age <- data.frame(age = 1:3, Freq = c(2000, 2500, 3000)); sex <- data.frame(sex = 1:2, Freq = c(3600, 3900))
  for (kind in names(drawn)) {
    R <- drawn[[kind]]
    if (is.null(R)) next
    R <- switch(one$fitting,
      none = R,
      rake = rake(R, list(~age, ~sex), list(age, sex), control = list(maxit = 500, epsilon = 1e-13)),
      linear = calibrate(R, ~ factor(age) + factor(sex), c(7500, 2500, 3000, 3900), compress = FALSE),
      poststratify = postStratify(R, ~age, age, compress = FALSE))
    t <- SE(svytotal(~ yes + size, R)); m <- SE(svymean(~ yes + size, subset(R, domain == 1)))
    for (j in 1:2) {
      put(one$name, paste(kind, "total", c("yes", "size")[j]), t[j])
      put(one$name, paste(kind, "mean", c("yes", "size")[j]), m[j])
    }
  }
}
written("replicates.csv")
