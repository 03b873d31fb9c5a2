"""Writing a plan and its parts. Each change adds the part, or changes the one that has this code or position."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.engine.periods import BadPeriod, Period
from koersvast.engine.quantities import Unit
from koersvast.indicators.models import Indicator, Source
from koersvast.policy.models import ApproachLine, Claim, Objective, Plan, Principle, Priority
from koersvast.reference.models import Area, Taxonomy, Theme


@dataclass(frozen=True, kw_only=True)
class PrincipleText:
    """A strategic principle; its place is its place in the list."""

    title: str
    text: str = ""


def write_plan(
    *, municipality: Municipality, code: str, title: str, first_year: int, last_year: int, analysis_first_year: int,
    analysis_last_year: int, taxonomy: Taxonomy, area: Area, by: Actor, method: str = "", strategic_frame: str = "",
    main_course: str = "", legal_basis: str = "", predecessor: Plan | None = None,
) -> Plan:  # fmt: skip
    """Add a plan, or change the plan with this code."""
    _may_edit(by, municipality)
    _own(municipality, predecessor)
    with audit.recorded(Event.PLAN_WRITTEN, by=by, municipality=municipality) as record:
        plan = Plan.objects.filter(municipality=municipality, code=code).first() or Plan(code=code)
        _fill(
            plan, municipality=municipality, title=title, first_year=first_year, last_year=last_year,
            analysis_first_year=analysis_first_year, analysis_last_year=analysis_last_year, taxonomy=taxonomy,
            area=area, method=method, strategic_frame=strategic_frame, main_course=main_course,
            legal_basis=legal_basis, predecessor=predecessor,
        )  # fmt: skip
        record.subject, record.detail = plan, {"code": code}
    return plan


def write_principles(*, plan: Plan, principles: Sequence[PrincipleText], by: Actor) -> list[Principle]:
    """Replace the strategic principles of the plan by this list."""
    _may_edit(by, plan.municipality)
    with audit.recorded(Event.PRINCIPLES_WRITTEN, by=by, municipality=plan.municipality) as record:
        plan.principles.all().delete()
        written = [Principle(plan=plan, position=place) for place in range(1, len(principles) + 1)]
        for principle, given in zip(written, principles, strict=True):
            _fill(principle, title=given.title, text=given.text)
        record.subject, record.detail = plan, {"principles": len(written)}
    return written


def write_priority(
    *, plan: Plan, code: str, position: int, reach: Priority.Reach, title: str, by: Actor, motivation: str = "",
    approach: str = "", themes: Sequence[Theme] = (),
) -> Priority:  # fmt: skip
    """Add a priority, or change the one with this code. Its themes belong to the taxonomy of the plan."""
    _may_edit(by, plan.municipality)
    if any(theme.field.taxonomy_id != plan.taxonomy_id for theme in themes):
        raise ValidationError(_("A theme is not in the list of themes that this plan uses."), code="other_taxonomy")
    with audit.recorded(Event.PRIORITY_WRITTEN, by=by, municipality=plan.municipality) as record:
        priority = plan.priorities.filter(code=code).first() or Priority(plan=plan, code=code)
        _fill(
            priority, position=position, reach=Priority.Reach(reach), title=title, motivation=motivation,
            approach=approach,
        )  # fmt: skip
        priority.themes.set(themes)
        record.subject, record.detail = priority, {"code": code}
    return priority


def write_objective(
    *, plan: Plan, code: str, position: int, title: str, by: Actor, priority: Priority | None = None,
    indicator: Indicator | None = None, source: Source | None = None, wording: str = "",
) -> Objective:  # fmt: skip
    """Add an objective, or change the one with this code. Once adopted it keeps its indicator and source."""
    municipality = plan.municipality
    _may_edit(by, municipality)
    _own(municipality, indicator, source)
    _in_plan(plan, priority)
    with audit.recorded(Event.OBJECTIVE_WRITTEN, by=by, municipality=municipality) as record:
        objective = plan.objectives.filter(code=code).first() or Objective(plan=plan, code=code)
        if objective.pk and objective.target_sets.exclude(decision=None).exists():
            _refuse_other_judge(objective, indicator=indicator, source=source)
        _fill(
            objective, position=position, title=title, priority=priority, indicator=indicator, source=source,
            wording=wording,
        )  # fmt: skip
        record.subject, record.detail = objective, {"code": code}
    return objective


def write_approach_line(
    *, plan: Plan, position: int, text: str, by: Actor, priority: Priority | None = None,
    objective: Objective | None = None, owner: str = "", due: str = "", cost_euro: Decimal | None = None,
    chain_link: str = "",
) -> ApproachLine:  # fmt: skip
    """Add a line of the approach, or change the one at this position."""
    _may_edit(by, plan.municipality)
    _in_plan(plan, priority, objective)
    with audit.recorded(Event.APPROACH_LINE_WRITTEN, by=by, municipality=plan.municipality) as record:
        known = plan.approach_lines.filter(position=position).first()
        line = known or ApproachLine(plan=plan, position=position)
        _fill(
            line, text=text, priority=priority, objective=objective, owner=owner, due=due, cost_euro=cost_euro,
            chain_link=chain_link,
        )  # fmt: skip
        record.subject, record.detail = line, {"position": position}
    return line


def write_claim(
    *, plan: Plan, code: str, position: int, document: str, place: str, kind: Claim.Kind, subject: str, by: Actor,
    indicator: Indicator | None = None, objective: Objective | None = None, period: str = "",
    amount: Decimal | None = None, unit: Unit | None = None, compared_period: str = "",
    compared_amount: Decimal | None = None, label: str = "", text: str = "", source_url: str = "",
) -> Claim:  # fmt: skip
    """Add something that a document claims, or change the claim with this code."""
    _may_edit(by, plan.municipality)
    _own(plan.municipality, indicator)
    _in_plan(plan, objective)
    for given in (period, compared_period):
        _readable(given)
    with audit.recorded(Event.CLAIM_WRITTEN, by=by, municipality=plan.municipality) as record:
        claim = plan.claims.filter(code=code).first() or Claim(plan=plan, code=code)
        _fill(
            claim, position=position, document=document, place=place, kind=Claim.Kind(kind), subject=subject,
            indicator=indicator, objective=objective, period=period, amount=amount, unit=unit.value if unit else "",
            compared_period=compared_period, compared_amount=compared_amount, label=label, text=text,
            source_url=source_url,
        )  # fmt: skip
        record.subject, record.detail = claim, {"code": code}
    return claim


def _may_edit(by: Actor, municipality: Municipality) -> None:
    authorise(by, Permission.PLAN_EDIT, municipality, on=timezone.localdate())


def _own(municipality: Municipality, *parts: Plan | Indicator | Source | None) -> None:
    """Refuse a part that another municipality owns."""
    if any(part is not None and part.municipality_id != municipality.pk for part in parts):
        raise ValidationError(_("This belongs to another municipality."), code="other_municipality")


def _in_plan(plan: Plan, *parts: Priority | Objective | None) -> None:
    if any(part is not None and part.plan_id != plan.pk for part in parts):
        raise ValidationError(_("This belongs to another plan."), code="other_plan")


def _refuse_other_judge(objective: Objective, *, indicator: Indicator | None, source: Source | None) -> None:
    """Values were adopted for one indicator, judged by one source: another would silently change what was decided."""
    judged_by = (objective.indicator_id, objective.source_id)
    if judged_by != (indicator.pk if indicator else None, source.pk if source else None):
        raise ValidationError(
            _("Values were adopted for this objective: its indicator and source stay. Make a new objective instead."),
            code="objective_is_adopted",
        )


def _readable(period: str) -> None:
    try:
        if period:
            Period.parse(period)
    except BadPeriod as error:
        raise ValidationError(
            _("%(period)s is not a year, quarter or month."), code="period_unreadable", params={"period": period}
        ) from error


def _fill(row: models.Model, **values: object) -> None:
    """Set the values, check the row with everything that its model demands, and save it."""
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
