"""Words of consultations on pages: levels, rhythms, days and times, states, who is to do something."""

from datetime import date, datetime, time

from babel.dates import format_date, format_time
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koersvast.partners.models import Consultation, FollowUp, Meeting
from koersvast.policy.wording import amounts
from koersvast.web import components as c


def level_names() -> dict[str, str]:
    """The levels, as a person calls them."""
    return {
        Consultation.Level.GOVERNING: _("Governing table"),
        Consultation.Level.OFFICIAL: _("Official table"),
        Consultation.Level.OPERATIONAL: _("Operational table"),
    }


def rhythm(table: Consultation) -> str:
    """How often a table meets: every six weeks."""
    if table.rhythm == Consultation.Rhythm.WEEKS:
        told = ngettext("every week", "every {number} weeks", table.every)
    elif table.rhythm == Consultation.Rhythm.MONTHS:
        told = ngettext("every month", "every {number} months", table.every)
    elif table.rhythm == Consultation.Rhythm.YEARS:
        told = ngettext("every year", "every {number} years", table.every)
    else:
        return _("on call")
    return told.format(number=table.every)


def moment(at: datetime) -> str:
    """A day and a time: dinsdag 3 maart 2026, 10.00 uur."""
    return _("{day}, {time}").format(day=long_day(timezone.localdate(at)), time=clock(at))


def long_day(day: date) -> str:
    """A day with its weekday."""
    return str(format_date(day, format="EEEE d MMMM y", locale=_locale()))


def heading(day: date) -> str:
    """A day with its weekday, as a heading begins."""
    return _capital(long_day(day))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def month_name(day: date) -> str:
    """maart 2026."""
    return str(format_date(day, format="MMMM y", locale=_locale()))


def month_heading(day: date) -> str:
    """Maart 2026."""
    return _capital(month_name(day))


def clock(at: datetime | time) -> str:
    """A time on the clock: 10.00 uur."""
    local = timezone.localtime(at).time() if isinstance(at, datetime) else at
    if _locale() == "nl":
        return _("{clock} hours").format(clock=f"{local:%H.%M}")
    return str(format_time(local, format="HH:mm", locale=_locale()))


def span(meeting: Meeting) -> str:
    """From when to when: 10.00 tot 11.30 uur."""
    mark = "%H.%M" if _locale() == "nl" else "%H:%M"
    begin, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    return _("{begin} to {end}").format(begin=f"{begin:{mark}}", end=f"{end:{mark}}")


def _locale() -> str:
    return (get_language() or "nl").partition("-")[0]


def state_badge(meeting: Meeting, *, now: datetime) -> c.Badge:
    """Whether a meeting is to come, was held or was cancelled; one that passed without minutes asks for them."""
    if meeting.state == Meeting.State.CANCELLED:
        return c.Badge(text=_("Cancelled"), symbol="error", tone="neutral")
    if meeting.state == Meeting.State.HELD:
        return c.Badge(text=_("Held"), symbol="ok", tone="positive")
    if meeting.ends_at < now:
        return c.Badge(text=_("No minutes yet"), symbol="warning", tone="warning")
    return c.Badge(text=_("Planned"), symbol="info", tone="info")


def owner(follow_up: FollowUp) -> str:
    """Who is to do it: an organisation, a role, both, or nobody yet."""
    parts = [str(follow_up.organisation) if follow_up.organisation else "", follow_up.owner_role]
    return ", ".join(part for part in parts if part)


def due_badge(follow_up: FollowUp, *, today: date) -> c.Badge:
    """How a follow-up stands."""
    if follow_up.state == FollowUp.State.DONE:
        return c.Badge(text=_("Done"), symbol="ok", tone="positive")
    if follow_up.state == FollowUp.State.BECAME_ACTION:
        return c.Badge(text=_("Became an action"), symbol="ok", tone="positive")
    if follow_up.state == FollowUp.State.DROPPED:
        return c.Badge(text=_("Dropped"), symbol="no-change")
    if follow_up.due_on and follow_up.due_on < today:
        return c.Badge(text=_("Too late"), symbol="warning", tone="warning")
    return c.Badge(text=_("Open"), symbol="info", tone="info")


def due(follow_up: FollowUp) -> str:
    """Before which day, or that nobody said."""
    if follow_up.due_on is None:
        return _("no day agreed")
    return _("before {day}").format(day=amounts.day(follow_up.due_on))
