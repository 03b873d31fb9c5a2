"""The start page: where every objective stands, and what asks attention, made ready to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from koersvast.engine.quantities import EvidenceVerdict
from koersvast.indicators.models import Measurement, Source
from koersvast.policy.queries.checking import CheckReport
from koersvast.policy.queries.standing import ObjectiveStanding, PlanStanding
from koersvast.policy.wording import amounts
from koersvast.programme.calendar import Moment
from koersvast.programme.wording.calendar import said
from koersvast.web import components as c
from koersvast.web.sparklines import Sparkline, sparkline

# What asks a decision first; what goes well comes last.
ORDER = (
    EvidenceVerdict.OFF_COURSE,
    EvidenceVerdict.CANNOT_TELL,
    EvidenceVerdict.NOT_COMPARABLE,
    EvidenceVerdict.NOT_MEASURED,
    EvidenceVerdict.ON_COURSE,
)
HERO_ORDER = (
    EvidenceVerdict.ON_COURSE,
    EvidenceVerdict.OFF_COURSE,
    EvidenceVerdict.CANNOT_TELL,
    EvidenceVerdict.NOT_MEASURED,
    EvidenceVerdict.NOT_COMPARABLE,
)
MOST_LINKS = 3
MOST_WARNINGS = 3
CALLS: Mapping[str, Promise] = {
    "off_course": gettext_lazy("Off course: look at the approach or the agreement"),
    "not_measured": gettext_lazy("Agreed, but not measured: plan a measurement or drop it"),
    "not_comparable": gettext_lazy("Cannot be compared with what was agreed: decide anew"),
    "not_met": gettext_lazy("Not met, but it can still be chance: follow it closely"),
    "outlook": gettext_lazy("Unlikely to be met if the trend goes on"),
    "draft": gettext_lazy("Draft target values wait for a decision"),
    "no_agreement": gettext_lazy("Nothing was agreed yet"),
    "provisional": gettext_lazy("Judged with a provisional figure"),
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The objectives with one verdict."""

    id: str
    badge: c.Badge
    number: str
    cards: tuple[c.ObjectiveCard, ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One kind of thing that asks attention, with the pages where something can be done about it."""

    badge: c.Badge
    title: c.Text
    links: tuple[c.Link, ...]
    folded: str = ""
    """How many objectives there are, where the links are folded away because they are many."""


def context(
    standing: PlanStanding, report: CheckReport, *, municipality: str, is_today: bool, warned: Sequence[Moment] = ()
) -> dict[str, Any]:
    """Everything that the page shows; `warned` is what the calendar warns of."""
    return {
        "standing": standing,
        "hero": hero(standing, is_today=is_today),
        "groups": groups(standing, municipality=municipality),
        "calls": [*calendar_call(warned, municipality), *calls(standing, report, municipality=municipality)],
    }


def hero(standing: PlanStanding, *, is_today: bool) -> c.Hero:
    """The question, the answer in one sentence, the counts."""
    day = amounts.day(standing.known_on)
    known = _("as known today") if is_today else _("as known on {day}").format(day=day)
    return c.Hero(
        kicker=f"{standing.plan_title} · {known}",
        title=_("Are we on course?"),
        sentence=standing.sentence,
        counts=[
            c.VerdictCount(badge=c.EVIDENCE[verdict], number=standing.counts[verdict], href=f"#{_anchor(verdict)}")
            for verdict in HERO_ORDER
        ],
    )


def groups(standing: PlanStanding, *, municipality: str) -> list[Group]:
    """The cards by verdict, the most urgent verdict first; objectives without agreement are at the end."""
    coming = next_measurements(standing)
    found = []
    for verdict in ORDER:
        lines = [line for line in standing.objectives if line.headline and line.evidence is verdict]
        cards = tuple(_card(line, standing, municipality, coming.get(line.source_code, "")) for line in lines)
        if cards:
            found.append(
                Group(id=_anchor(verdict), badge=c.EVIDENCE[verdict], number=_objectives(len(cards)), cards=cards)
            )
    bare = tuple(_card(line, standing, municipality, "") for line in standing.objectives if line.headline is None)
    if bare:
        nothing = c.Badge(text=_("Nothing agreed yet"), symbol="not-measured")
        found.append(Group(id="geen-afspraak", badge=nothing, number=_objectives(len(bare)), cards=bare))
    return found


def _objectives(number: int) -> str:
    return ngettext("{number} objective", "{number} objectives", number).format(number=number)


def _anchor(verdict: EvidenceVerdict) -> str:
    return verdict.value.replace("_", "-")


def _card(line: ObjectiveStanding, standing: PlanStanding, municipality: str, coming: str) -> c.ObjectiveCard:
    where = {"municipality": municipality, "plan": standing.plan_code, "objective": line.code}
    headline = line.headline
    year = headline.year if headline else ""
    nothing = c.Badge(text=_("Nothing agreed yet"), symbol="not-measured")
    return c.ObjectiveCard(
        theme=line.priority_title,
        title=line.title,
        href=reverse("objective", kwargs=where),
        sentence=line.sentence,
        evidence=c.EVIDENCE[headline.evidence] if headline else nothing,
        attained=c.ATTAINED[line.attained],
        observed=headline.observed_text if headline else "",
        observed_label=_("Measured {year}").format(year=year),
        agreed=headline.agreed_text if headline else "",
        agreed_label=_("Agreed {year}").format(year=year),
        sparkline=_sparkline(line) if line.series else None,
        reasons=line.reasons,
        note=coming,
    )


def _sparkline(line: ObjectiveStanding) -> Sparkline:
    """Measured and agreed values per year; years that were not measured stay open."""
    observed = {point.year: point.value for point in line.series}
    agreed = {moment.year: moment.agreed for moment in line.path}
    years = range(min([*observed, *agreed]), max([*observed, *agreed]) + 1)
    first, last = line.series[0], line.series[-1]
    said = _("From {first} in {first_year} to {last} in {last_year}.").format(
        first=first.text, first_year=first.period, last=last.text, last_year=last.period
    )
    if len(observed) == 1:
        said = _("{last} in {last_year}.").format(last=last.text, last_year=last.period)
    if line.headline:
        said += " " + _("Agreed: {agreed} in {year}.").format(agreed=line.headline.agreed_text, year=line.headline.year)
    shown = [year for year in years if year in observed or year in agreed]
    return sparkline(
        [str(year) for year in shown],
        observed=[observed.get(year) for year in shown],
        agreed=[agreed.get(year) for year in shown],
        description=said,
    )


def next_measurements(standing: PlanStanding) -> dict[str, str]:
    """When each source of the plan comes with figures again, as a sentence by source code."""
    codes = {line.source_code for line in standing.objectives if line.source_code}
    coming: dict[str, str] = {}
    planned = Measurement.objects.filter(source__code__in=codes, is_planned=True, period__gte=str(standing.today.year))
    for code, period in planned.order_by("-period").values_list("source__code", "period"):
        coming[code] = _("Next measurement: {period}.").format(period=period)
    for code, kind in Source.objects.filter(code__in=codes).values_list("code", "kind"):
        every_year = kind == Source.Kind.REGISTRATION
        other = _("Registered every year.") if every_year else _("No next measurement is planned.")
        coming.setdefault(code, other)
    return coming


def calls(standing: PlanStanding, report: CheckReport, *, municipality: str) -> list[Call]:
    """What asks attention, most urgent first, with the plan check behind it."""
    where = {"municipality": municipality, "plan": standing.plan_code}
    by_code: dict[str, list[c.Link]] = {}
    for one in standing.attention:
        href = reverse("objective", kwargs=where | {"objective": one.objective_code})
        by_code.setdefault(one.code, []).append(
            c.Link(label=one.title, href=href, note=_year(one.objective_code, standing))
        )
    found = [
        Call(
            badge=_urgency(code, standing),
            title=CALLS[code],
            links=tuple(links),
            folded=_objectives(len(links)) if len(links) > MOST_LINKS else "",
        )
        for code, links in by_code.items()
    ]
    return found + _check_calls(report.open_findings, href=reverse("plan-check", kwargs=where))


def calendar_call(warned: Sequence[Moment], municipality: str) -> list[Call]:
    """What the calendar warns of, in one call with at most three lines; none when it is quiet."""
    if not warned:
        return []
    href = reverse("calendar", kwargs={"municipality": municipality})
    links = tuple(c.Link(label=said(one, "title"), href=href) for one in warned[:MOST_WARNINGS])
    badge = c.Badge(text=_("Calendar of the cycle"), symbol="warning", tone="warning")
    title = ngettext("{number} moment asks attention", "{number} moments ask attention", len(warned))
    return [Call(badge=badge, title=title.format(number=len(warned)), links=links)]


def _year(objective: str, standing: PlanStanding) -> str:
    line = next(line for line in standing.objectives if line.code == objective)
    return str(line.headline.year) if line.headline else ""


def _urgency(code: str, standing: PlanStanding) -> c.Badge:
    urgency = next(one.urgency for one in standing.attention if one.code == code)
    if urgency == 1:
        return c.Badge(text=_("Now"), symbol="error", tone="negative")
    if urgency <= 3:
        return c.Badge(text=_("Mind this"), symbol="warning", tone="warning")
    return c.Badge(text=_("Good to know"), symbol="info", tone="info")


def _check_calls(findings: Sequence[object], *, href: str) -> list[Call]:
    if not findings:
        return []
    title = ngettext(
        "The plan check has {number} finding without an answer",
        "The plan check has {number} findings without an answer",
        len(findings),
    ).format(number=len(findings))
    link = c.Link(label=_("To the plan check"), href=href)
    return [Call(badge=c.Badge(text=_("Mind this"), symbol="warning", tone="warning"), title=title, links=(link,))]
