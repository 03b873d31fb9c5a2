"""Our own number for each call in R of the table `reference-r`; the calls are the keys."""

from collections.abc import Callable

import numpy as np

from koersvast.engine import counts, evidence, survey, trend
from koersvast.engine.breaks import MonotoneTrend, monotone_trend
from koersvast.engine.dispersion import Dispersion, estimate_dispersion
from koersvast.engine.harm import weighted_interval
from koersvast.engine.periods import Period
from koersvast.engine.places import mixed_score, poisson_score
from koersvast.engine.quantities import Break, Direction, Reading, Unit
from tests.spec.comparisons import COMPARISONS, twelve, yearly

_N = 1244


def _nb_tail(events: int) -> float:
    """P(count > events) at level 20 with dispersion 4.8."""
    return 1 - counts.chance_at_most(events, level=20, dispersion=Dispersion(phi=4.8))


def _phi(*values: float) -> float:
    return estimate_dispersion(values, middle_years=range(len(values))).phi


def _share_at_most() -> float:
    reading = Reading(period=Period.of_year(2021), value=57, unit=Unit.PERCENT, respondents=_N)
    found = evidence.weigh(reading, agreed=55, direction=Direction.LOWER_IS_BETTER).probability
    assert found is not None
    return found


def _gamma(level: float, count: float) -> float:
    spread = Dispersion().spread()
    return float(counts.level_probability(np.float64(level), np.float64(count), spread=spread))


def _burglaries() -> counts.CountChange:
    return counts.compare_counts(125, 40, dispersion=estimate_dispersion([125, 71, 46, 76], middle_years=range(4)))


def _smallest_share() -> float:
    points = survey.smallest_detectable_change(24, earlier_respondents=_N, later_respondents=_N, downwards=True)
    assert points is not None
    return 24 - points


def _converted() -> float:
    change = trend.judge_change(
        Reading(period=Period.of_year(2017), value=36, unit=Unit.PERCENT, respondents=_N),
        Reading(period=Period.of_year(2021), value=28, unit=Unit.PERCENT, respondents=_N),
        direction=Direction.LOWER_IS_BETTER,
        breaks=[Break(on=Period.of_year(2021).start, kind="mode", factor=0.8, factor_se=0.05)],
    )
    assert change.p_value is not None
    return change.p_value


def _falling() -> MonotoneTrend:
    return monotone_trend(yearly("125, 98, 71, 46, 76, 40, 42, 32, 28, 41, 30, 13"))


REFERENCE: dict[str, Callable[[], float]] = {
    "poisson.test(40)$conf.int[1]": lambda: counts.count_interval(40).low,
    "poisson.test(40)$conf.int[2]": lambda: counts.count_interval(40).high,
    "poisson.test(5)$conf.int[1]": lambda: counts.count_interval(5).low,
    "poisson.test(5)$conf.int[2]": lambda: counts.count_interval(5).high,
    "poisson.test(0)$conf.int[2]": lambda: counts.count_interval(0).high,
    "2*(pbinom(39,111,.5)+dbinom(40,111,.5)/2)": lambda: counts.compare_counts(71, 40).p_value,
    "2*(pbinom(261,605,.5)+dbinom(262,605,.5)/2)": lambda: counts.compare_counts(343, 262).p_value,
    "2*(pbinom(39,111,28500/56500)+dbinom(40,111,28500/56500)/2)": lambda: (
        counts.compare_counts(71, 40, earlier_exposure=28000, later_exposure=28500).p_value
    ),
    "pgamma(35,25+.5)": lambda: _gamma(35, 25),
    "pgamma(20,28+.5)": lambda: _gamma(20, 28),
    "pnbinom(27,size=20/3.8,mu=20,lower.tail=FALSE)": lambda: _nb_tail(27),
    "pnbinom(28,size=20/3.8,mu=20,lower.tail=FALSE)": lambda: _nb_tail(28),
    "summary(glm(c(125,71,46,76,40)~I(1:5),family=quasipoisson))$dispersion": lambda: _phi(125, 71, 46, 76, 40),
    "summary(glm(c(27,40,30,13)~I(1:4),family=quasipoisson))$dispersion": lambda: _phi(27, 40, 30, 13),
    "summary(glm(c(343,292,282,241)~I(1:4),family=quasipoisson))$dispersion": lambda: _phi(343, 292, 282, 241),
    "prop.test(759,1244,correct=FALSE)$conf.int[1]": lambda: survey.wilson(75900 / _N, respondents=_N).low / 100,
    "prop.test(759,1244,correct=FALSE)$conf.int[2]": lambda: survey.wilson(75900 / _N, respondents=_N).high / 100,
    "pbeta(.55,.57*1244+.5,.43*1244+.5)": _share_at_most,
    "ppois(35,40)": lambda: counts.chance_at_most(35, level=40),
    "1-ppois(35,35)": lambda: counts.chance_target_missed(35, direction=Direction.LOWER_IS_BETTER),
    "2*pnorm(-.02/sqrt(.63*.37/1244+.61*.39/1244))": lambda: (
        survey.compare_shares(63, 61, earlier_respondents=_N, later_respondents=_N).p_value
    ),
    "pnorm(.04/s-qnorm(.975))+pnorm(-.04/s-qnorm(.975)); s=sqrt(.24*.76/1244+.2*.8/1244)": lambda: survey.power(
        24, 20, earlier_respondents=_N, later_respondents=_N
    ),
    "SE(svymean(~y, svydesign(~1, data=d, weights=rep(1,1244)))), 759 of 1,244": lambda: (
        survey.share_error_points(75900 / _N, respondents=_N) / 100
    ),
    "uniroot(function(l) pnbinom(39,size=l/3,mu=l,lower.tail=FALSE)-.025,c(1,60))$root": lambda: (
        counts.count_interval(40, dispersion=Dispersion(phi=4)).low
    ),
    "uniroot(function(l) pnbinom(40,size=l/3,mu=l)-.025,c(30,150))$root": lambda: (
        counts.count_interval(40, dispersion=Dispersion(phi=4)).high
    ),
    "sum(dpois(y,40)[p<.05 & y<71]); p the mid-p values of 71 against y": lambda: counts.chance_change_shows(71, 40),
    "qlo/(1-qlo); mid-p tail of 40 in 111 at qlo .025": lambda: counts.compare_counts(71, 40).ratio_low,
    "qhi/(1-qhi); mid-p tail of 40 in 111 at qhi .975": lambda: counts.compare_counts(71, 40).ratio_high,
    "2*pnorm(-abs(qnorm(p0/2))/sqrt(10.446184)); p0 the mid-p value of 125 against 40": lambda: _burglaries().p_value,
    "2*pt(-abs(qnorm(p0/2))/sqrt(10.446184),2); p0 the mid-p value of 125 against 40": lambda: (
        _burglaries().cautious_p_value or 0.0
    ),
    "100*uniroot(function(q) power(.24,q,1244)-.8,c(.1,.23))$root": _smallest_share,
    "2*pnorm(-abs(.288-.28)/sqrt(.64*.36*.64/1244+(.36*.05)^2+.28*.72/1244))": _converted,
    "SE(svycontrast(svymean(~x+y,d),c(1,-1))), x 274, y 261, both 124 of 1,244": lambda: (
        survey.compare_in_sample(27400 / _N, 26100 / _N, both_percent=12400 / _N, respondents=_N).standard_error / 100
    ),
    "qnorm((ppois(39,55)+ppois(40,55))/2)": lambda: float(poisson_score(np.array(40.0), np.array(55.0))),
    "qnorm((pnbinom(39,size=1/.09,mu=55)+pnbinom(40,size=1/.09,mu=55))/2)": lambda: float(
        mixed_score(np.array(40.0), np.array(55.0), tau=0.3)
    ),
    "exp(coef(glm.nb(x~offset(log(n)))))*1000; the twelve places of shrinkage": lambda: twelve().mean_per_1000 or 0.0,
    "glm.nb(x~offset(log(n)))$theta; the twelve places of shrinkage": lambda: twelve().shape or 0.0,
    'cor.test(1:12,y,method="kendall")$p.value; y 125,98,71,46,76,40,42,32,28,41,30,13': lambda: (
        _falling().p_value or 0.0
    ),
    "median(outer(1:12,1:12,function(i,j) ifelse(j>i,(y[j]-y[i])/(j-i),NA)),na.rm=TRUE)": lambda: (
        _falling().slope or 0.0
    ),
    "qgamma(.025,1895^2/415675,scale=415675/1895)": lambda: weighted_interval(1895, variance=415675, heaviest=365)[0],
    "qgamma(.975,2260^2/548900,scale=548900/2260)": lambda: weighted_interval(1895, variance=415675, heaviest=365)[1],
    "2*pt(-abs(qnorm((pnbinom(39,size=1/v,mu=E)+pnbinom(40,size=1/v,mu=E))/2)),339); "
    "E=896/17, v=.09*(1+1/341)+1/32000": lambda: float(
        str(COMPARISONS["place-comparison"]("40", "28000", "32000", "17000000", "0.3")[3])
    ),
    "2*pnorm(-abs(qnorm(p0/2))/sqrt(1+(1/1060+1/1729)/(1/40+1/71))); p0 of 71 and 40 at 1060/1729": lambda: float(
        str(COMPARISONS["regional-trend"]("71", "40", "1800", "1100")[4])
    ),
}
