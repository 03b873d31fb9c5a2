"""Proposals for an agenda in words: a title that stands by itself, and a note that says why it is due."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.policy.wording import amounts
from koersvast.programme.proposals import Kind, Proposal

TITLE_LENGTH = 200
ABOUT_TWO_MONTHS, ABOUT_TWO_YEARS = 61, 730


def title_of(proposal: Proposal) -> str:
    """What stands on the agenda, in at most 200 characters."""
    subject = proposal.subject
    whole = {
        Kind.FOLLOW_UP: _("Follow-up: {subject}"),
        Kind.PROMISE: _("What we promised: {subject}") if proposal.is_ours else _("What was promised to us: {subject}"),
        Kind.AGREEMENT: _("{subject} ends"),
        Kind.REVIEW: _("{subject} is due for review"),
        Kind.CHECK: _("Check moment: {subject}"),
        Kind.LAPSED: _("{subject} is over: close it or make a new one"),
    }.get(proposal.kind, _("Action {number}: {subject}"))
    told = whole.format(subject=subject, number=proposal.origin.rpartition(":")[2])
    return told if len(told) <= TITLE_LENGTH else f"{told[: TITLE_LENGTH - 1]}…"


def note_of(proposal: Proposal) -> str:
    """Why it is due, for whom, and what was said last."""
    parts = [proposal.owner, _why(proposal), _day(proposal), _earlier(proposal)]
    told = _("{parts}.").format(parts="; ".join(part for part in parts if part)) if any(parts) else ""
    if len(title_of(proposal)) == TITLE_LENGTH:
        told = f"{proposal.subject}\n{told}"
    if proposal.last_line and proposal.kind is Kind.STUCK:
        return _("{told} Reason: {reason}").format(told=told, reason=proposal.last_line)
    if proposal.last_line:
        return _("{told} Last said: “{line}”").format(told=told, line=proposal.last_line)
    return told


def _why(proposal: Proposal) -> str:
    days = proposal.days or 0
    if proposal.kind is Kind.LATE and days:
        return _late(days)
    if proposal.kind is Kind.SILENT:
        weeks = days // 7
        if not weeks:
            return _("nobody has reported yet")
        return ngettext("silent for {weeks} week", "silent for {weeks} weeks", weeks).format(weeks=weeks)
    return _("it is stuck") if proposal.kind is Kind.STUCK else ""


def _late(days: int) -> str:
    """How late, in the unit that people would use."""
    if days < ABOUT_TWO_MONTHS:
        return ngettext("{days} day too late", "{days} days too late", days).format(days=days)
    if days < ABOUT_TWO_YEARS:
        months = round(days / 30.44)
        return ngettext("{months} month too late", "{months} months too late", months).format(months=months)
    return ngettext("{years} year too late", "{years} years too late", days // 365).format(years=days // 365)


def _day(proposal: Proposal) -> str:
    if proposal.due_on is None:
        return ""
    if proposal.kind in {Kind.AGREEMENT, Kind.LAPSED}:
        return _("on {day}").format(day=amounts.day(proposal.due_on))
    if proposal.kind in {Kind.REVIEW, Kind.CHECK}:
        return _("planned for {day}").format(day=amounts.day(proposal.due_on))
    return _("before {day}").format(day=amounts.day(proposal.due_on))


def _earlier(proposal: Proposal) -> str:
    if proposal.earlier_on is None:
        return ""
    return _("also on the agenda of {day}").format(day=amounts.day(proposal.earlier_on))
