"""What is on the calendar of a municipality: the facts of plan, programme, surveys, region, reviews and council."""

from collections.abc import Iterator
from datetime import date

from koersvast.access.models import Municipality
from koersvast.access.permissions import Permission
from koersvast.indicators.models import Measurement, Source
from koersvast.partners.models import RegionalPlan
from koersvast.policy.models import Decision, Target
from koersvast.policy.queries.plans import current_plan
from koersvast.programme.calendar import (
    DUTY_YEARS,
    Fact,
    Mark,
    Moment,
    moments,
    next_yearly,
    unjudged_years,
    yearly_facts,
    years_later,
)
from koersvast.programme.models import CalendarEntry, CalendarMark, CheckMoment, CouncilItem, Programme


def calendar(municipality: Municipality, *, today: date, permissions: frozenset[Permission]) -> list[Moment]:
    """Return every moment that is not over, in order of its day, in a constant number of queries.

    Plans of regional bodies and items of the council come along only for who holds the permission to see those.
    """
    facts = [
        *yearly_facts(today), *_plan(municipality, today), *_programme(municipality), *_reviews(municipality),
        *_own(municipality, today),
        *(_regional(municipality) if Permission.PARTNERS_VIEW in permissions else ()),
        *(_council(municipality) if Permission.COUNCIL_VIEW in permissions else ()),
    ]  # fmt: skip
    return moments(facts, marks=_marks(municipality), today=today)


def _marks(municipality: Municipality) -> dict[tuple[str, str], Mark]:
    return {
        (one.rule, one.occurrence): Mark(state=one.state, note=one.note, marked_on=one.marked_on)
        for one in CalendarMark.objects.filter(municipality=municipality)
    }


def _plan(municipality: Municipality, today: date) -> Iterator[Fact]:
    """The duty counts from the newest adoption; the surveys from the plan of today."""
    adopted = Decision.objects.filter(plan__municipality=municipality, kind=Decision.Kind.ADOPTION)
    newest = adopted.select_related("plan").order_by("-plan__first_year", "decided_on", "number").first()
    if newest is not None:
        yield Fact(
            rule="four_years", occurrence=f"plan:{newest.plan_id}", name=newest.plan.title,
            due_on=years_later(newest.decided_on, DUTY_YEARS),
        )  # fmt: skip
    plan = current_plan(today=today)
    if plan is not None:
        yield from _surveys(plan.pk, today)


def _surveys(plan: int, today: date) -> Iterator[Fact]:
    sources = Source.objects.filter(kind=Source.Kind.SURVEY)
    agreed = Target.objects.filter(
        target_set__objective__plan=plan, target_set__objective__source__in=sources, target_set__superseded_by=None,
        is_adopted=True,
    ).values_list("target_set__objective__source__code", "year")  # fmt: skip
    targets: dict[str, set[int]] = {}
    for code, year in agreed:
        targets.setdefault(code, set()).add(year)
    measured: dict[str, set[int]] = {}
    names: dict[str, str] = {}
    for one in Measurement.objects.filter(source__code__in=targets).select_related("source"):
        year = int(one.period[:4])
        measured.setdefault(one.source.code, set()).add(year)
        names[one.source.code] = one.source.label_nl
        if one.is_planned and year >= today.year:
            yield Fact(
                rule="survey", occurrence=f"{one.source.code}:{one.period}", due_on=date(year, 9, 1), year=year,
                name=one.source.label_nl,
            )  # fmt: skip
    for code, years in targets.items():
        for year in unjudged_years(years, measured.get(code, set())):
            yield Fact(
                rule="survey_after_target", occurrence=f"{code}:{year}", due_on=date(year, 12, 31), year=year,
                name=names.get(code, code),
            )  # fmt: skip


def _programme(municipality: Municipality) -> Iterator[Fact]:
    """The programme that ends last: once a later one is made, the moment is that of the later one."""
    last = Programme.objects.filter(municipality=municipality).order_by("-last_day", "-pk").first()
    if last is not None:
        yield Fact(
            rule="programme_term", occurrence=f"programme:{last.pk}", due_on=last.last_day, name=last.title,
            part=last.code,
        )  # fmt: skip


def _reviews(municipality: Municipality) -> Iterator[Fact]:
    for one in CheckMoment.objects.filter(municipality=municipality, closed_on=None):
        yield Fact(
            rule="review", occurrence=f"review:{one.pk}", due_on=one.planned_on, name=one.title, part=str(one.pk)
        )


def _own(municipality: Municipality, today: date) -> Iterator[Fact]:
    """Own moments; one that comes back every year shows its next time and is never late."""
    for one in CalendarEntry.objects.filter(municipality=municipality, done_on=None):
        due = next_yearly(one.due_on, today=today) if one.every_year else one.due_on
        yield Fact(
            rule="own", occurrence=f"{one.pk}:{due.year}", due_on=due, name=one.title, part=str(one.pk),
            lapses=one.every_year,
        )  # fmt: skip


def _regional(municipality: Municipality) -> Iterator[Fact]:
    for one in RegionalPlan.objects.filter(body__municipality=municipality):
        yield Fact(rule="regional_end", occurrence=f"regional:{one.pk}", due_on=one.last_day, name=one.title)
        if one.our_input_on:
            yield Fact(rule="regional_input", occurrence=f"regional:{one.pk}", due_on=one.our_input_on, name=one.title)


def _council(municipality: Municipality) -> Iterator[Fact]:
    waiting = CouncilItem.objects.filter(municipality=municipality, state=CouncilItem.State.OPEN, due_on__isnull=False)
    for number, title, due in waiting.values_list("number", "title", "due_on"):
        if due is not None:
            yield Fact(rule="council", occurrence=f"item:{number}", due_on=due, name=title, part=str(number))
