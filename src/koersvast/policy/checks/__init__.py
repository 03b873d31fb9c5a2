"""The plan check: small pure rules over the facts of a plan. A rule finds; it never says, and never decides.

Each rule is total: whatever the facts, it answers with findings and raises nothing. Its severity, its source (law,
method, audit office) and the days between which it holds stand in `policy/data/checks.toml`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from koersvast.policy.checks import agreements, claims, plan
from koersvast.policy.checks.facts import PlanFacts
from koersvast.policy.checks.findings import Found

type Rule = Callable[[PlanFacts], Iterator[Found]]

RULES: Mapping[str, Rule] = {
    "P01": agreements.percent_or_points,
    "P02": agreements.no_baseline,
    "P03": claims.two_values,
    "P04": claims.differs_from_registry,
    "P05": claims.noise_as_change,
    "P06": agreements.too_small_to_show,
    "P07": agreements.met_by_chance,
    "P08": agreements.extreme_baseline,
    "P09": claims.trend_without_support,
    "P10": agreements.ends_elsewhere,
    "P11": agreements.break_ahead,
    "P12": plan.no_probability_sample,
    "P13": plan.discontinued,
    "P14": plan.priority_without_objective,
    "P15": plan.line_without_agreements,
    "P16": claims.stand_in,
    "P17": claims.columns_out_of_order,
    "P18": claims.other_article,
    "P19": claims.two_rhythms,
    "P20": agreements.drift,
    "P21": claims.relabelled,
    "P22": plan.too_old_or_undecided,
    "P23": plan.too_many_priorities,
    "P24": agreements.year_without_measurement,
    "P25": agreements.measured_too_late_or_once,
    "P26": claims.ranking_of_equals,
    "P27": claims.programme_ended,
    "P28": plan.line_off_the_chain,
    "P29": claims.promise_without_date,
    "P30": claims.does_not_add_up,
    "P31": plan.gap_without_reason,
    "P32": plan.objective_without_action,
    "P33": agreements.looser_than_last,
}


def run(facts: PlanFacts, codes: Iterable[str] = tuple(RULES)) -> tuple[Found, ...]:
    """Let the rules with these codes look at the facts; findings in the order of the codes."""
    return tuple(found for code in codes for found in RULES[code](facts))
