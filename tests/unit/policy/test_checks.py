"""Every rule of the plan check: a case in which it speaks and one in which it is silent."""

from dataclasses import replace
from datetime import date

import pytest

from koersvast.engine.quantities import Break, TargetKind, Unit
from koersvast.policy.checks import RULES, run
from koersvast.policy.checks.facts import PlanFacts, PriorityFact, TargetSetFact, WaveFact
from koersvast.policy.rulebook import rule_entries
from tests.unit.policy import plan_facts as plans
from tests.unit.policy.plan_facts import GOOD_PLAN, claim, found_by, saying, with_burglary, with_figures, with_nuisance

PERCENT = {"unit": Unit.PERCENT, "indicator": "overlast", "objective": "overlast", "period": "2022"}
MODE = Break(on=date(2021, 1, 1), kind="mode")


def objectives(**more: object) -> PlanFacts:
    changed = tuple(replace(one, **more) for one in GOOD_PLAN.objectives)  # type: ignore[arg-type] # by name
    return replace(GOOD_PLAN, objectives=changed)


def lines(**more: object) -> PlanFacts:
    changed = tuple(replace(one, **more) for one in GOOD_PLAN.lines)  # type: ignore[arg-type] # by name
    return replace(GOOD_PLAN, lines=changed)


def waves(*years: int, held: tuple[int, ...] = (2018,)) -> PlanFacts:
    made = tuple(
        WaveFact(period=str(year), respondents=plans.RESPONDENTS if year in held else None, is_planned=year not in held)
        for year in years
    )
    return replace(GOOD_PLAN, sources=(plans.POLICE, replace(plans.MONITOR, waves=made)))


def priorities(number: int, reach: str = "local") -> PlanFacts:
    more = tuple(PriorityFact(code=f"p{place}", title=f"P{place}", reach=reach) for place in range(number))
    return replace(GOOD_PLAN, priorities=(*GOOD_PLAN.priorities, *more))


def rankings(first: float, second: float, period: str = "2018") -> PlanFacts:
    return saying(claim("ranking", indicator="overlast", period=period, amount=first, compared_amount=second))


# Rule, facts in which it speaks, the variant of what it says.
SPEAKS: list[tuple[str, PlanFacts, str]] = [
    ("P01", saying(claim("target", amount=-6, compared_amount=24, label="6%", **PERCENT)), "table"),
    ("P01", objectives(wording="In 2022 met 6 % gedaald."), "table"),
    ("P02", with_burglary(baseline_amount=None), ""),
    ("P02", with_burglary(baseline_period=""), ""),
    ("P03", saying(claim("figure", period="2013", amount=17), claim("figure", period="2013", amount=13)), "value"),
    (
        "P03",
        saying(
            claim("figure", period="2017", amount=12, indicator="inbraken"),
            claim("figure", period="2017", amount=24, indicator="overlast"),
        ),
        "definition",
    ),
    ("P04", saying(claim("figure", indicator="inbraken", period="2017", amount=60)), ""),
    ("P04", saying(claim("change", indicator="inbraken", compared_period="2015", compared_amount=70)), ""),
    ("P05", saying(claim("change", indicator="overlast", period="2018", amount=24, compared_period="2016",
                         compared_amount=25)), "no_margin"),
    ("P05", saying(claim("change", indicator="inbraken", period="2018", compared_period="2015")), "noise"),
    ("P05", saying(claim("change", indicator="inbraken", period="2018", compared_period="2010")), "no_figure"),
    ("P06", with_nuisance(values={2022: 23.5}), "smallest"),
    ("P07", with_burglary(values={2019: 58, 2022: 30}), ""),
    ("P08", with_figures({2015: 90, 2016: 95, 2017: 99, 2018: 61}), "lowest"),
    ("P08", with_figures({2015: 40, 2016: 42, 2017: 39, 2018: 61}), "highest"),
    ("P09", saying(claim("trend", indicator="inbraken", compared_period="2015", period="2018")), "against"),
    ("P09", saying(claim("trend", indicator="overlast", compared_period="2015", period="2018")), "few"),
    ("P10", with_burglary(values={2021: 30}), "before"),
    ("P10", with_burglary(values={2023: 30}), "after"),
    ("P11", replace(GOOD_PLAN, indicators=(plans.BURGLARY, replace(plans.NUISANCE, breaks=(MODE,)))), "mode"),
    ("P12", replace(GOOD_PLAN, sources=(replace(plans.MONITOR, is_probability_sample=False),)), ""),
    ("P13", replace(GOOD_PLAN, indicators=(replace(plans.BURGLARY, discontinued_on=date(2015, 1, 1)),)), ""),
    ("P14", priorities(1), "no_objective"),
    ("P14", objectives(indicator=""), "no_indicator"),
    ("P15", lines(owner=""), ""),
    ("P15", lines(has_cost=False), ""),
    ("P16", saying(claim("proxy")), ""),
    ("P17", saying(claim("table", label="2014, 2015, 2013")), "order"),
    ("P17", saying(claim("table", label="2014, 2014")), "repeated"),
    ("P17", saying(claim("table", label="2014, 2015, 2016, 2017, 2013, 2017")), "both"),
    ("P18", replace(GOOD_PLAN, legal_basis="artikel 38 Politiewet"), ""),
    ("P18", saying(claim("citation", label="art. 38 van de politiewet 2012")), ""),
    ("P19", saying(claim("rhythm", amount=2, label="tweejaarlijks"), claim("rhythm", amount=1, label="elk jaar")), ""),
    ("P20", saying(claim("target", objective="inbraken", period="2022", amount=35)), "other"),
    ("P20", saying(claim("target", objective="inbraken", period="2023", amount=30)), "no_year_shifted"),
    ("P20", saying(claim("target", objective="inbraken", period="2023", amount=25)), "no_year"),
    (
        "P20",
        replace(
            with_burglary(values={2021: 35, 2022: 30}),
            claims=(claim("target", objective="inbraken", period="2022", amount=35),),
        ),
        "other_shifted",
    ),
    ("P21", saying(claim("label", indicator="overlast", label="percentage veel overlast")), ""),
    ("P22", replace(GOOD_PLAN, decisions=()), "no_decision"),
    ("P22", replace(GOOD_PLAN, decisions=(replace(GOOD_PLAN.decisions[0], body="college"),)), "not_council"),
    ("P22", replace(GOOD_PLAN, today=date(2023, 6, 1)), "too_old"),
    ("P23", priorities(6), ""),
    ("P24", waves(2018, 2020), ""),
    ("P24", replace(GOOD_PLAN, today=date(2023, 6, 1)), "not_held"),
    ("P25", waves(2018, 2022), "once"),
    ("P25", waves(2018, 2023, 2024), "late"),
    ("P26", rankings(22, 21), ""),
    ("P27", saying(claim("programme", period="2019", compared_period="2019")), "ended"),
    ("P27", saying(claim("programme", period="2019", compared_period="2020")), "will_end"),
    ("P28", lines(chain_link=""), ""),
    ("P29", saying(claim("promise", period="")), ""),
    ("P30", saying(claim("sum", amount=8, label="2 + 4 + 1")), ""),
    ("P31", saying(claim("figure", period="2013", amount=None)), "empty"),
    ("P31", with_figures({2013: 60, 2016: 58, 2017: 63, 2018: 61}), "years"),
    ("P32", replace(GOOD_PLAN, lines=()), ""),
    ("P33", with_burglary(values={2022: 65}), ""),
]  # fmt: skip

# Rule, facts that come close to what it looks for but are in order.
SILENT: list[tuple[str, PlanFacts]] = [
    ("P01", saying(claim("target", amount=-6, compared_amount=24, label="6 procentpunten", **PERCENT))),
    ("P01", saying(claim("target", amount=-50, compared_amount=61, label="50%", indicator="inbraken"))),
    ("P02", objectives(agreed=None)),
    ("P03", saying(claim("figure", period="2013", amount=17), claim("figure", period="2014", amount=13))),
    ("P03", saying(claim("figure", period="2013", amount=17), claim("figure", period="2013", amount=17))),
    ("P04", saying(claim("figure", indicator="inbraken", period="2017", amount=63))),
    ("P04", saying(claim("figure", indicator="inbraken", period="2030", amount=63))),
    ("P05", saying(claim("change", indicator="inbraken", period="2018", amount=61, compared_period="2010",
                         compared_amount=150))),
    ("P06", with_nuisance(values={2022: 12})),
    ("P07", with_burglary(values={2022: 20})),
    ("P08", with_figures({2017: 90, 2018: 61})),
    ("P09", replace(
        with_figures({2014: 400, 2015: 300, 2016: 220, 2017: 160, 2018: 61}),
        claims=(claim("trend", indicator="inbraken", compared_period="2014", period="2018"),),
    )),
    ("P10", with_burglary(values={2020: 50, 2022: 30})),
    ("P11", replace(GOOD_PLAN, indicators=(replace(plans.NUISANCE, breaks=(replace(MODE, factor=1.1),)),))),
    ("P11", replace(GOOD_PLAN, indicators=(replace(plans.NUISANCE, breaks=(replace(MODE, on=date(2023, 1, 1)),)),))),
    ("P12", replace(GOOD_PLAN, sources=(replace(plans.MONITOR, is_probability_sample=None),))),
    ("P13", replace(GOOD_PLAN, objectives=(), indicators=(replace(plans.BURGLARY, discontinued_on=date(2015, 1, 1)),))),
    ("P14", priorities(3, "kept_in_view")),
    ("P15", GOOD_PLAN),
    ("P16", saying(claim("label"))),
    ("P17", saying(claim("table", label="2013, 2014, 2015"))),
    ("P18", saying(claim("citation", label="artikel 38 Gemeentewet"))),
    ("P18", saying(claim("citation", label="artikel 38b Politiewet"))),
    ("P19", saying(claim("rhythm", amount=2, label="tweejaarlijks"), claim("rhythm", amount=2, label="om het jaar"))),
    ("P19", saying(claim("rhythm", amount=2, subject="A"), claim("rhythm", amount=1, subject="B"))),
    ("P20", saying(claim("target", objective="inbraken", period="2022", amount=30))),
    ("P20", saying(claim("target", objective="inbraken", period="2022", amount=-50, compared_amount=61))),
    ("P21", saying(claim("label", indicator="overlast", label="Komt weleens voor."))),
    ("P22", replace(GOOD_PLAN, today=date(2023, 6, 1), has_successor=True)),
    ("P23", priorities(5)),
    ("P24", replace(GOOD_PLAN, today=date(2023, 2, 1))),
    ("P25", waves(2018, 2020, 2022)),
    ("P26", rankings(33, 22)),
    ("P26", rankings(22, 21, period="1999")),
    ("P27", saying(claim("programme", period="2021", compared_period="2022"))),
    ("P28", lines(chain_link="aftercare")),
    ("P29", saying(claim("promise", period="2019-01"))),
    ("P30", saying(claim("sum", amount=7, label="2 + 4 + 1"))),
    ("P31", replace(
        with_figures({2013: 60, 2015: 58}), explained=frozenset({("inbraken", "politie", "2014")})
    )),
    ("P32", lines(objective="", priority="veilig")),
    ("P33", with_burglary(values={2022: 61})),
    ("P33", with_burglary(kind=TargetKind.KEEP, values={2022: 65})),
]  # fmt: skip


def test_plan_in_order_has_no_finding() -> None:
    assert run(GOOD_PLAN) == ()


@pytest.mark.parametrize(("code", "facts", "variant"), SPEAKS)
def test_rule_speaks(code: str, facts: PlanFacts, variant: str) -> None:
    assert variant in {found.variant for found in found_by(code, facts)}


@pytest.mark.parametrize(("code", "facts"), SILENT)
def test_rule_is_silent(code: str, facts: PlanFacts) -> None:
    assert found_by(code, facts) == ()


def test_every_rule_has_a_case_that_speaks_and_one_that_is_silent() -> None:
    assert {code for code, *_ in SPEAKS} == {code for code, *_ in SILENT} == set(RULES)


def test_every_rule_has_its_severity_and_source() -> None:
    assert list(rule_entries()) == list(RULES) == [f"P{number:02d}" for number in range(1, 34)]
    assert all(entry.basis_nl and entry.basis_en and entry.title_nl for entry in rule_entries().values())


def test_first_year_that_chance_meets_is_the_one_that_is_named() -> None:
    [found] = found_by("P07", with_burglary(values={2019: 58, 2020: 57, 2022: 30}))
    assert found.values["year"] == 2019


def test_target_of_35_on_a_baseline_of_40_is_met_by_chance_once_in_four() -> None:
    facts = replace(
        with_figures({2014: 71, 2015: 46, 2016: 76, 2017: 40}),
        objectives=(
            replace(
                plans.BURGLARY_OBJECTIVE,
                agreed=TargetSetFact(
                    kind=TargetKind.RELATIVE, values={2019: 35, 2022: 20}, stated_change=-50, baseline_amount=40,
                    baseline_period="2017", baseline_source="politie",
                ),
            ),
        ),
    )  # fmt: skip
    [chance] = found_by("P07", facts)
    assert chance.values["met_chance"] == pytest.approx(0.24, abs=0.005)
    assert chance.values["missed_chance"] == pytest.approx(0.46, abs=0.005)
    [extreme] = found_by("P08", facts)
    assert extreme.values["mean_estimate"] == 58.25
    assert extreme.values["against_mean_share"] == pytest.approx(-0.66, abs=0.005)


def test_change_of_four_points_is_shown_by_1244_people_two_times_out_of_three() -> None:
    monitor = replace(
        plans.MONITOR, waves=(WaveFact(period="2018", respondents=1244), WaveFact(period="2022", is_planned=True))
    )
    facts = replace(with_nuisance(values={2022: 20}), sources=(plans.POLICE, monitor), series={})
    [found] = found_by("P06", facts)
    assert found.values["power_chance"] == pytest.approx(0.67, abs=0.005)


def test_findings_at_one_plan_can_be_answered_apart() -> None:
    old = replace(GOOD_PLAN, today=date(2023, 6, 1), decisions=(replace(GOOD_PLAN.decisions[0], body="college"),))
    keys = [found.place.key for found in found_by("P22", old)]
    assert sorted(keys) == ["plan:not_council", "plan:too_old"]
