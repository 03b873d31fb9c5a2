# The table book with R's survey, as one process: Rscript benchmarks/survey_r.R CSV RESPONDENTS ITEMS fixed|calibrate|rake FOUND
# Every item for everybody and by each banner: estimate, standard error and limits. The design holds what is needed only.
suppressMessages(library(survey))
given <- commandArgs(trailingOnly = TRUE)
respondents <- as.numeric(given[2]); how <- given[4]
data <- read.csv(given[1])
items <- grep("^[qyx][0-9]+$", names(data), value = TRUE)[seq_len(as.integer(given[3]))]
banners <- paste0("b", 0:9); margins <- paste0("m", 0:3)
coded <- c(banners, margins, grep("^[qy]", items, value = TRUE))
data[coded] <- lapply(data[coded], factor)
totals <- lapply(seq_along(margins), function(at) {
  many <- nlevels(data[[margins[at]]])
  parts <- 1 + 0.25 * sin(seq_len(many) - 1 + at - 1)
  setNames(data.frame(levels(data[[margins[at]]]), 10 * respondents * parts / sum(parts)), c(margins[at], "Freq"))
})
formulas <- lapply(margins, function(name) as.formula(paste0("~", name)))
plain <- svydesign(~1, strata = ~stratum, weights = ~weight, fpc = ~population, data = data)
control <- list(maxit = 200, epsilon = 1e-13)
raked <- rake(plain, formulas, totals, control = control)
if (how == "fixed") {
  raked <- svydesign(~1, strata = ~stratum, weights = weights(raked), fpc = ~population, data = data)
} else if (how == "calibrate") {
  whole <- c(10 * respondents, unlist(lapply(totals, function(one) one$Freq[-1])))
  names(whole) <- c("(Intercept)", unlist(lapply(seq_along(margins), function(at) paste0(margins[at], levels(data[[margins[at]]])[-1]))))
  raked <- calibrate(plain, as.formula(paste("~", paste(margins, collapse = "+"))), whole, calfun = "raking", epsilon = 1e-12, maxit = 200)
}
found <- list()
for (item in items) {
  asked <- subset(raked, !is.na(raked$variables[[item]]))
  asked$variables <- asked$variables[c(item, banners)]
  of <- as.formula(paste0("~", item))
  for (banner in c("all", banners)) {
    if (banner == "all") {
      one <- svymean(of, asked, na.rm = TRUE); limits <- confint(one, df = degf(asked))
      found[[length(found) + 1]] <- data.frame(item, banner, category = 0, row = seq_along(one) - 1, estimate = as.numeric(one), error = as.numeric(SE(one)))
    } else {
      one <- svyby(of, as.formula(paste0("~", banner)), asked, svymean, na.rm = TRUE); limits <- confint(one, df = degf(asked))
      estimates <- coef(one); many <- nrow(one)
      found[[length(found) + 1]] <- data.frame(item, banner, category = as.character(one[[1]]), row = rep(seq_len(length(estimates) / many) - 1, each = many), estimate = as.numeric(estimates), error = as.numeric(unlist(SE(one))))
    }
  }
}
write.csv(do.call(rbind, found), given[5], row.names = FALSE)
