"""A small town with a plan for the policy tests: burglaries from two sources, a survey, two objectives.

The same codes are used in every municipality that is built with it, so that a leak between two of them shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

from koersvast.access.audit import Actor
from koersvast.access.models import Municipality
from koersvast.engine.periods import Period
from koersvast.engine.quantities import TargetKind
from koersvast.indicators.models import Definition, Delivery, Indicator, Measurement, Observation, Source
from koersvast.policy.changes import plans, targets
from koersvast.policy.models import Objective, Plan, Priority
from koersvast.reference.models import Area, Field, Taxonomy, Theme

PLAN_SERIES = {2014: 71, 2015: 46, 2016: 76, 2017: 40}
PUBLISHED = {2017: 42, 2018: 27, 2019: 40, 2020: 30, 2021: 13, 2022: 28}
NUISANCE = {2013: 27, 2017: 24}
ADOPTED_ON = date(2018, 12, 17)
TODAY = date(2024, 6, 1)


@dataclass(frozen=True, kw_only=True)
class Town:
    """Everything of the town that a test may want to hold."""

    municipality: Municipality
    area: Area
    police: Source
    published: Source
    survey: Source
    burglary: Indicator
    nuisance: Indicator
    plan: Plan
    priority: Priority
    burglary_objective: Objective
    nuisance_objective: Objective
    by: Actor


def build(municipality: Municipality, *, by: Actor) -> Town:
    """Build the town inside the scope of `municipality`, with two drafts that are not adopted yet."""
    theme, area = _reference(municipality)
    police = source(municipality, "politie", kind="registration")
    published = source(municipality, "open-data", kind="registration")
    survey = source(municipality, "monitor", kind="survey", interval_years=4, is_probability_sample=False)
    Measurement.objects.create(source=survey, period="2017", respondents=1244)
    Measurement.objects.create(source=survey, period="2021", is_planned=True)
    burglary = indicator(municipality, "woninginbraken", theme=theme, source=police, unit="count")
    nuisance = indicator(municipality, "overlast-omwonenden", theme=theme, source=survey, unit="percent")
    observe(burglary, police, area, PLAN_SERIES, as_of=date(2018, 10, 1))
    observe(burglary, published, area, PUBLISHED, as_of=date(2023, 3, 1))
    observe(nuisance, survey, area, NUISANCE, as_of=date(2018, 3, 1))
    plan = plans.write_plan(
        municipality=municipality, code="ivb-2019", title="Beleidsplan 2019-2022", first_year=2019, last_year=2022,
        analysis_first_year=2013, analysis_last_year=2017, taxonomy=theme.field.taxonomy, area=area, by=by,
        legal_basis="artikel 38b, eerste lid, Politiewet 2012",
    )  # fmt: skip
    priority = plans.write_priority(
        plan=plan, code="woninginbraken", position=1, reach=Priority.Reach.LOCAL, title="Woninginbraken",
        themes=[theme], by=by,
    )  # fmt: skip
    burglary_objective = plans.write_objective(
        plan=plan, code="woninginbraken", position=1, title="Aantal woninginbraken", priority=priority,
        indicator=burglary, source=published, wording="In 2022 gedaald met 50 % ten opzichte van 2017.", by=by,
    )  # fmt: skip
    nuisance_objective = plans.write_objective(
        plan=plan, code="woonoverlast", position=2, title="Overlast door omwonenden", priority=priority,
        indicator=nuisance, wording="In 2021 met 4 % gedaald.", by=by,
    )  # fmt: skip
    town = Town(
        municipality=municipality, area=area, police=police, published=published, survey=survey, burglary=burglary,
        nuisance=nuisance, plan=plan, priority=priority, burglary_objective=burglary_objective,
        nuisance_objective=nuisance_objective, by=by,
    )  # fmt: skip
    draft_both(town)
    return town


def draft_both(town: Town) -> None:
    """Draft the two agreements of the plan."""
    targets.draft_targets(
        objective=town.burglary_objective, kind=TargetKind.RELATIVE, stated_change=Decimal(-50),
        values={2019: Decimal(35), 2020: Decimal(30), 2021: Decimal(25), 2022: Decimal(20)},
        baseline_amount=Decimal(40), baseline_period="2017", baseline_source=town.police,
        baseline_definition=Definition.objects.get(indicator=town.burglary), by=town.by,
    )  # fmt: skip
    targets.draft_targets(
        objective=town.nuisance_objective, kind=TargetKind.POINTS, stated_change=Decimal(-4),
        values={2021: Decimal(20)}, baseline_amount=Decimal(24), baseline_period="2017",
        baseline_source=town.survey, baseline_definition=Definition.objects.get(indicator=town.nuisance), by=town.by,
    )  # fmt: skip


def adopt(town: Town) -> None:
    """Adopt both drafts."""
    targets.adopt(
        plan=town.plan, body="gemeenteraad", decided_on=ADOPTED_ON, document="Beleidsplan 2019-2022", by=town.by
    )


def source(municipality: Municipality, code: str, *, kind: str, **more: object) -> Source:
    """Add a source."""
    return Source.objects.create(
        municipality=municipality, code=code, name_nl=code.title(), name_en=code.title(), label_nl=code.title(),
        label_en=code.title(), kind=kind, holder="Houder", **more,
    )  # fmt: skip


def indicator(municipality: Municipality, code: str, *, theme: Theme, source: Source, unit: str) -> Indicator:
    """Add an indicator with one definition; lower is better."""
    added = Indicator.objects.create(
        municipality=municipality, code=code, name_nl=code.replace("-", " ").capitalize(), name_en=f"{code} (en)",
        theme=theme, perspective="objective" if unit == "count" else "subjective", unit=unit, direction="lower",
        source=source,
    )  # fmt: skip
    Definition.objects.create(indicator=added, number=1, valid_from=date(2010, 1, 1), text_nl=f"{code}: komt voor")
    return added


def observe(
    indicator: Indicator, source: Source, area: Area, amounts: Mapping[int, float], *, as_of: date, **more: object
) -> None:
    """Store yearly figures as one delivery."""
    identity = sha256(f"{indicator.code}{source.code}{as_of}{amounts}".encode()).hexdigest()
    delivery = Delivery.objects.create(
        municipality=indicator.municipality, source=source, file_name="cijfers.csv", snapshot="0" * 64,
        identity=identity, as_of=as_of, state="stored", received_at=datetime(2023, 3, 1, tzinfo=UTC),
        received_by="operator:tests", closed_at=datetime(2023, 3, 1, tzinfo=UTC), closed_by="operator:tests",
    )  # fmt: skip
    definition = Definition.objects.get(indicator=indicator, number=1)
    for line, (year, amount) in enumerate(amounts.items(), start=2):
        period = Period.of_year(year)
        Observation.objects.create(
            indicator=indicator, source=source, area=area, period=period.code, period_start=period.start,
            period_end=period.end, amount=Decimal(str(amount)), as_of=as_of, delivery=delivery, line=line,
            **{"definition": definition, **more},
        )  # fmt: skip


def _reference(municipality: Municipality) -> tuple[Theme, Area]:
    taxonomy, _ = Taxonomy.objects.get_or_create(
        code="kernbeleid", defaults={"name_nl": "Kernbeleid", "name_en": "Core", "valid_from": date(2010, 1, 1)}
    )
    field, _ = Field.objects.get_or_create(taxonomy=taxonomy, code="1", defaults={"name_nl": "Wonen", "name_en": "H"})
    theme, _ = Theme.objects.get_or_create(field=field, code="1.3", defaults={"name_nl": "Inbraak", "name_en": "B"})
    area, _ = Area.objects.get_or_create(
        code=municipality.code, valid_from=2010, defaults={"name": municipality.name, "kind": "municipality"}
    )
    return theme, area
