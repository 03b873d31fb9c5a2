"""What the pages of agreements and of the region show: terms as bars on one axis of years, facts, and the mirror."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.partners.queries.agreements import AgreementLine, BodyMirror, MirrorLine
from koersvast.partners.terms import IN_FORCE, Term
from koersvast.partners.wording import AGREEMENT_KIND, ORGANISATION_KIND
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.gate import Entry
from koersvast.web.partners.organisations import words
from koersvast.web.partners.organisations.words import address, may_edit

# The bars are drawn on an axis of so many units; the page stretches it to its width.
WIDTH = 1000.0
# A year before and after what is known keeps bars off the edge, and shows that one goes on.
MARGIN_YEARS = 1
MOST_YEARS = 16


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A year on the axis and where it begins."""

    year: int
    at: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One agreement on the axis. `fades` when it has no last day; `review_at` is where it is looked at again."""

    title: str
    href: str
    kind: str
    term: str
    parties: str
    badges: Sequence[c.Badge]
    start: float
    width: float
    tone: str
    fades: bool
    review_at: float | None
    description: str


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The years that are drawn, and where today is."""

    first: date
    last: date

    @property
    def ticks(self) -> list[Tick]:
        years = range(self.first.year, self.last.year + 1)
        return [Tick(year=year, at=self.at(date(year, 1, 1))) for year in years]

    def at(self, day: date) -> float:
        """Where a day lies, within the axis."""
        share = (day - self.first).days / ((self.last - self.first).days + 1)
        return round(min(max(share, 0.0), 1.0) * WIDTH, 1)


def axis(lines: Sequence[AgreementLine], *, today: date) -> Axis:
    """Years that hold every known day and today, at most so many back from the newest."""
    days = [day for line in lines for day in (line.agreement.starts_on, line.agreement.ends_on) if day] + [today]
    last = max(days).year + MARGIN_YEARS
    first = max(min(days).year, last - MOST_YEARS + 1)
    return Axis(first=date(first, 1, 1), last=date(last, 12, 31))


def bar(line: AgreementLine, drawn: Axis, entry: Entry) -> Bar:
    """One agreement with its bar; an unknown first day starts at the edge, no last day runs to the other."""
    one = line.agreement
    start = drawn.at(one.starts_on) if one.starts_on else 0.0
    end = drawn.at(one.ends_on) if one.ends_on else WIDTH
    tone = words.TERM_BADGE[line.term][1]
    review = words.review_badge(line.review)
    return Bar(
        title=one.title, href=address("agreement", entry, agreement=one.code), kind=str(AGREEMENT_KIND[one.kind]),
        term=words.term_text(one), parties=_parties(line),
        badges=[words.term_badge(line.term), *([review] if review else [])],
        start=start, width=max(round(end - start, 1), 6.0), tone=tone, fades=one.ends_on is None,
        review_at=drawn.at(one.review_on) if one.review_on and drawn.first <= one.review_on <= drawn.last else None,
        description=_("{title}: {term}.").format(title=one.title, term=words.term_text(one)),
    )  # fmt: skip


def _parties(line: AgreementLine) -> str:
    return amounts.listing([str(party) for party in line.parties])


def listing(lines: Sequence[AgreementLine], *, entry: Entry, today: date) -> dict[str, Any]:
    """The list of agreements: a sentence, bars, and the same as a table."""
    drawn = axis(lines, today=today)
    return {
        "told": _told(lines),
        "ending": ending(lines, entry),
        "bars": [bar(line, drawn, entry) for line in lines],
        "ticks": drawn.ticks,
        "today_at": drawn.at(today),
        "table": table(lines),
    }


def _told(lines: Sequence[AgreementLine]) -> str:
    in_force = sum(line.term in IN_FORCE for line in lines)
    ended = sum(line.term is Term.ENDED for line in lines)
    to_begin = len(lines) - in_force - ended
    told = [
        (in_force, ngettext("{number} in force", "{number} in force now", in_force)),
        (to_begin, ngettext("{number} begins later", "{number} begin later", to_begin)),
        (ended, ngettext("{number} has ended", "{number} have ended", ended)),
    ]
    return amounts.listing([text.format(number=number) for number, text in told if number])


def table(lines: Sequence[AgreementLine]) -> c.DataTable:
    """The same terms as a table."""
    rows = [
        c.Row(
            head=c.Cell(text=line.agreement.title),
            cells=[
                c.Cell(text=str(AGREEMENT_KIND[line.agreement.kind])),
                _day(line.agreement.starts_on, _("not known")),
                _day(line.agreement.ends_on, _("none agreed")),
                _day(line.agreement.review_on, _("none agreed")),
                c.Cell(text=_parties(line)),
            ],
        )
        for line in lines
    ]
    heads = (_("Agreement"), _("Kind of agreement"), _("From"), _("Until"), _("Look at it again on"), _("Parties"))
    return c.DataTable(
        id="looptijden", caption=_("Terms of agreements"), columns=[c.Column(label=head) for head in heads],
        groups=[c.RowGroup(rows=rows)],
    )  # fmt: skip


def _day(day: date | None, missing: str) -> c.Cell:
    return c.Cell(text=amounts.day(day)) if day else c.Cell(missing=missing)


def page(line: AgreementLine, *, entry: Entry) -> dict[str, Any]:
    """One agreement."""
    one = line.agreement
    review = words.review_badge(line.review)
    found = [
        (_("Term of the agreement"), words.term_text(one)),
        (_("Look at it again on"), amounts.day(one.review_on) if one.review_on else ""),
        (_("Legal basis"), one.legal_basis),
        (_("Who looks after it with us"), one.owner_role),
        (_("Document"), one.document),
    ]
    return {
        "title": one.title,
        "kicker": str(AGREEMENT_KIND[one.kind]),
        "agreement": one,
        "badges": [words.term_badge(line.term), *([review] if review else [])],
        "facts": [(name, value) for name, value in found if value],
        "warning": _warning(line),
        "parties": [
            c.Link(label=party.name, href=address("partner", entry, organisation=party.code),
                   note=str(ORGANISATION_KIND[party.kind]))
            for party in line.parties
        ],
        "actions": [c.Link(label=_("Change this agreement"), href=address("agreement-edit", entry, agreement=one.code))]
        if may_edit(entry)
        else [],
        "crumbs": [
            c.Link(label=_("Covenants and agreements"), href=address("agreements", entry)),
            c.Link(label=one.title),
        ],
    }  # fmt: skip


def _warning(line: AgreementLine) -> c.Callout | None:
    """What to do about an agreement that ends, or that has ended."""
    ends_on = line.agreement.ends_on
    if ends_on is None or line.term not in {Term.ENDS_WITHIN_A_YEAR, Term.ENDS_WITHIN_A_QUARTER, Term.ENDED}:
        return None
    day = amounts.day(ends_on)
    if line.term is Term.ENDED:
        text = _("It ended on {day}. Nothing binds the parties any more. Was it prolonged? Then change the last day.")
        return c.Callout(text=text.format(day=day), tone="neutral")
    text = _(
        "It ends on {day}. Talk with the parties about going on, changing it or stopping, and change the last day."
    )
    tone: c.Tone = "warning" if line.term is Term.ENDS_WITHIN_A_QUARTER else "info"
    return c.Callout(text=text.format(day=day), tone=tone)


def ending(lines: Sequence[AgreementLine], entry: Entry) -> list[c.Link]:
    """The agreements that end within a quarter, to show above all others."""
    return [
        c.Link(
            label=line.agreement.title, href=address("agreement", entry, agreement=line.agreement.code),
            note=_("ends on {day}").format(day=amounts.day(line.agreement.ends_on)),
        )
        for line in lines
        if line.term is Term.ENDS_WITHIN_A_QUARTER and line.agreement.ends_on
    ]  # fmt: skip


# ── The region ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class PlanCard:
    """A regional plan as a mirror: what we brought in, what they promised, what came of it."""

    number: int
    title: str
    years: str
    is_current: bool
    our_input: str
    input_day: str
    input_badge: c.Badge
    their_promise: str
    report: str
    report_day: str
    report_badge: c.Badge
    document: str
    document_url: str
    edit_href: str


@dataclass(frozen=True, kw_only=True)
class BodyCard:
    """A regional body with its plans."""

    name: str
    href: str
    kind: str
    code: str
    plans: Sequence[PlanCard]


def body(mirror: BodyMirror, *, entry: Entry) -> BodyCard:
    """One body on the page of the region."""
    return BodyCard(
        name=mirror.body.name, href=address("partner", entry, organisation=mirror.body.code),
        kind=str(ORGANISATION_KIND[mirror.body.kind]), code=mirror.body.code,
        plans=[_plan(line, entry) for line in mirror.plans],
    )  # fmt: skip


def _plan(line: MirrorLine, entry: Entry) -> PlanCard:
    plan = line.plan
    return PlanCard(
        number=plan.pk, title=plan.title, years=words.years(plan), is_current=line.is_current,
        our_input=plan.our_input,
        input_day=_("was due on {day}").format(day=amounts.day(plan.our_input_on))
        if plan.our_input_on and plan.our_input else "",
        input_badge=words.ripe_badge(line.our_input, plan.our_input_on, done=_("Brought in")),
        their_promise=plan.their_promise, report=plan.report,
        report_day=amounts.day(plan.reported_on) if plan.reported_on else "",
        report_badge=words.ripe_badge(line.report, plan.reports_on, done=_("Report received")),
        document=plan.document, document_url=plan.document_url,
        edit_href=address("regional-plan-edit", entry, regional_plan=plan.pk) if may_edit(entry) else "",
    )  # fmt: skip
