# Estimates and standard errors of a table book by R's survey, and differences between the columns of a banner with
# their covariance: Rscript table_book.R FOLDER reads book.csv and writes numbers.csv.
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
data <- read.csv(file.path(folder, "book.csv"))
for (name in c("answer", "age", "m0", "m1")) data[[name]] <- factor(data[[name]])
strata <- svydesign(~1, strata = ~stratum, weights = ~weight, fpc = ~population, data = data)
clusters <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = data)
sizes <- function(name) setNames(data.frame(levels(data[[name]]), as.numeric(table(data[[name]])) * 30 + c(70, 0, 140, 0)[seq_len(nlevels(data[[name]]))]), c(name, "Freq"))
totals <- list(sizes("m0"), sizes("m1"))
totals[[2]]$Freq <- totals[[2]]$Freq * sum(totals[[1]]$Freq) / sum(totals[[2]]$Freq)
whole <- c(sum(totals[[1]]$Freq), totals[[1]]$Freq[-1], totals[[2]]$Freq[-1])
names(whole) <- c("(Intercept)", paste0("m0", levels(data$m0)[-1]), paste0("m1", levels(data$m1)[-1]))
designs <- list(
  strata = strata,
  clusters = clusters,
  rake = rake(strata, list(~m0, ~m1), totals, control = list(maxit = 500, epsilon = 1e-14)),
  calibrate = calibrate(strata, ~m0 + m1, whole, calfun = "raking", epsilon = 1e-14, maxit = 500)
)
found <- NULL
note <- function(design, what, number) found <<- rbind(found, data.frame(design, what, number = as.numeric(number)))
for (name in names(designs)) for (item in c("answer", "mark")) {
  rows <- if (item == "mark") 1 else nlevels(data$answer)
  for (row in seq_len(rows)) {
    value <- if (item == "mark") data$mark else as.numeric(data$answer == levels(data$answer)[row])
    known <- !is.na(value) & !is.na(data$age)
    ages <- levels(data$age)
    parts <- list()
    for (one in seq_along(ages)) {
      inside <- known & data$age == ages[one]
      inside[is.na(inside)] <- FALSE
      parts[[paste0("n", one)]] <- ifelse(inside, value, 0)
      parts[[paste0("b", one)]] <- as.numeric(inside)
    }
    design <- do.call(update, c(list(designs[[name]]), parts))
    totals <- svytotal(as.formula(paste("~", paste(names(parts), collapse = "+"))), design)
    for (one in seq_along(ages)) {
      table <- svyratio(as.formula(paste0("~n", one)), as.formula(paste0("~b", one)), design)
      note(name, paste(item, row - 1, one - 1, "estimate"), coef(table))
      note(name, paste(item, row - 1, one - 1, "error"), SE(table))
      for (other in seq_along(ages)) if (other > one) {
        apart <- str2lang(sprintf("n%d / b%d - n%d / b%d", one, one, other, other))
        note(name, paste(item, row - 1, one - 1, other - 1, "difference"), SE(svycontrast(totals, apart)))
      }
    }
  }
}
write.csv(found, file.path(folder, "numbers.csv"), row.names = FALSE)
