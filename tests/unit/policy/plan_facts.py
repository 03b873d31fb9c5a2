"""Facts for the tests of the plan check: a plan in which no rule finds anything, and ways to spoil it.

A town with one registration and one survey. Burglaries 60, 58, 63, 61 in 2015-2018; nuisance 24 % of 4,000 respondents.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from koersvast.engine.periods import Period
from koersvast.engine.quantities import Direction, Reading, TargetKind, Unit
from koersvast.engine.series import Series
from koersvast.policy.checks import RULES, run
from koersvast.policy.checks.facts import (
    ClaimFact,
    DecisionFact,
    IndicatorFact,
    LineFact,
    ObjectiveFact,
    PlanFacts,
    PriorityFact,
    SourceFact,
    TargetSetFact,
    WaveFact,
)
from koersvast.policy.checks.findings import Found
from koersvast.policy.rulebook import law_entries

RESPONDENTS = 4000


def readings(values: Mapping[int, float], *, unit: Unit = Unit.COUNT, series: str = "politie") -> Series:
    """Yearly figures as a series."""
    return Series(
        name=series,
        readings=tuple(
            Reading(
                period=Period.of_year(year),
                value=value,
                unit=unit,
                series=series,
                respondents=RESPONDENTS if unit is Unit.PERCENT else None,
            )
            for year, value in values.items()
        ),
    )


BURGLARY = IndicatorFact(
    code="inbraken", name="Inbraken", unit=Unit.COUNT, direction=Direction.LOWER_IS_BETTER, source="politie",
    wordings=("Geregistreerde inbraken",),
)  # fmt: skip
NUISANCE = IndicatorFact(
    code="overlast", name="Overlast", unit=Unit.PERCENT, direction=Direction.LOWER_IS_BETTER, source="monitor",
    wordings=("komt weleens voor",),
)  # fmt: skip
POLICE = SourceFact(code="politie", name="Politie")
MONITOR = SourceFact(
    code="monitor", name="Monitor", is_survey=True, is_probability_sample=True, interval_years=2,
    waves=tuple(
        WaveFact(period=str(year), respondents=RESPONDENTS, is_planned=year > 2018) for year in (2018, 2020, 2022)
    ),
)  # fmt: skip
BURGLARY_TARGETS = TargetSetFact(
    kind=TargetKind.RELATIVE, values={2022: 30}, stated_change=-50, baseline_amount=61, baseline_period="2018",
    baseline_source="politie",
)  # fmt: skip
NUISANCE_TARGETS = TargetSetFact(
    kind=TargetKind.POINTS, values={2022: 18}, stated_change=-6, baseline_amount=24, baseline_period="2018",
    baseline_source="monitor",
)  # fmt: skip
BURGLARY_OBJECTIVE = ObjectiveFact(
    code="inbraken", title="Minder inbraken", priority="veilig", indicator="inbraken", source="politie",
    wording="In 2022 de helft van 61.", agreed=BURGLARY_TARGETS,
)  # fmt: skip
NUISANCE_OBJECTIVE = ObjectiveFact(
    code="overlast", title="Minder overlast", priority="veilig", indicator="overlast", source="monitor",
    wording="In 2022 6 procentpunten minder.", agreed=NUISANCE_TARGETS,
)  # fmt: skip
LINE = LineFact(
    position=1, text="Voorlichten", priority="veilig", objective="inbraken", owner="Gemeente", due="2020",
    has_cost=True, chain_link="prevention",
)  # fmt: skip
GOOD_PLAN = PlanFacts(
    code="plan", title="Plan", first_year=2019, last_year=2022, today=date(2020, 6, 1),
    legal_basis="artikel 38b, eerste lid, Politiewet 2012",
    priorities=(PriorityFact(code="veilig", title="Veilig wonen", reach="local"),),
    objectives=(BURGLARY_OBJECTIVE, NUISANCE_OBJECTIVE),
    lines=(LINE, replace(LINE, position=2, objective="overlast")),
    decisions=(DecisionFact(number=1, kind="adoption", body="gemeenteraad", decided_on=date(2018, 12, 17)),),
    indicators=(BURGLARY, NUISANCE),
    sources=(POLICE, MONITOR),
    series={
        ("inbraken", "politie"): readings({2015: 60, 2016: 58, 2017: 63, 2018: 61}),
        ("overlast", "monitor"): readings({2018: 24}, unit=Unit.PERCENT, series="monitor"),
    },
    law=law_entries(),
)  # fmt: skip


def claim(kind: str, **more: object) -> ClaimFact:
    """Something that a document says."""
    given: dict[str, object] = {
        "code": f"{kind}-1", "document": "Plan", "place": "4.1", "subject": "Onderwerp", "label": "iets", **more,
    }  # fmt: skip
    return ClaimFact(kind=kind, **given)  # type: ignore[arg-type] # test data by name


def saying(*claims: ClaimFact) -> PlanFacts:
    """The good plan with these claims."""
    numbered = (replace(one, code=f"claim-{place}") for place, one in enumerate(claims))
    return replace(GOOD_PLAN, claims=tuple(numbered))


def with_burglary(**more: object) -> PlanFacts:
    """The good plan with another agreement on burglaries."""
    agreed = replace(BURGLARY_TARGETS, **more)  # type: ignore[arg-type] # test data by name
    return replace(GOOD_PLAN, objectives=(replace(BURGLARY_OBJECTIVE, agreed=agreed), NUISANCE_OBJECTIVE))


def with_nuisance(**more: object) -> PlanFacts:
    """The good plan with another agreement on nuisance."""
    agreed = replace(NUISANCE_TARGETS, **more)  # type: ignore[arg-type] # test data by name
    return replace(GOOD_PLAN, objectives=(BURGLARY_OBJECTIVE, replace(NUISANCE_OBJECTIVE, agreed=agreed)))


def with_figures(values: Mapping[int, float]) -> PlanFacts:
    """The good plan with other burglary figures."""
    return replace(GOOD_PLAN, series={**GOOD_PLAN.series, ("inbraken", "politie"): readings(values)})


def found_by(code: str, facts: PlanFacts) -> tuple[Found, ...]:
    """What one rule finds."""
    assert code in RULES
    return run(facts, [code])
