"""The agenda and the minutes of a meeting as files, for a page and for a mail alike."""

from datetime import date

from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from koersvast.partners.models import FollowUp, Meeting
from koersvast.partners.queries.consultations import open_follow_ups_before
from koersvast.policy.wording import amounts
from koersvast.publications.blocks import Language
from koersvast.publications.compose.meeting import FollowUpText, ItemText, MeetingText, Paper, paper
from koersvast.publications.queries import MadeFile, theme_for
from koersvast.publications.writers import MEDIA_TYPES, WRITERS, Format


def meeting_file(meeting: Meeting, which: Paper, form: Format, *, language: Language, made_on: date) -> MadeFile:
    """Return the agenda or the minutes of a meeting, as `queries.consultations.meeting` gives it.

    Raises ConversionFailed, which names the block that cannot be written.
    """
    table = meeting.consultation
    with translation.override(language.value):
        document = paper(
            meeting_text(meeting), which, municipality=table.municipality.name,
            theme=theme_for(table.municipality), language=language, made_on=made_on,
        )  # fmt: skip
        stem = _("agenda") if which is Paper.AGENDA else _("minutes")
    day = timezone.localdate(meeting.starts_at)
    name = f"{stem}-{slugify(table.code)}-{day.isoformat()}.{form.value}"
    return MadeFile(WRITERS[form](document), name, MEDIA_TYPES[form])


def meeting_text(meeting: Meeting) -> MeetingText:
    """What the papers say of a meeting, in the language that is on."""
    table = meeting.consultation
    begin, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    return MeetingText(
        table=table.name,
        when=_("{day}, {begin} to {end}").format(
            day=amounts.day(begin.date()), begin=f"{begin:%H.%M}", end=f"{end:%H.%M}"
        ),
        place=meeting.place or table.place,
        chair=table.chair_role,
        seats=_seats(meeting),
        items=tuple(ItemText(title=one.title, note=one.note, outcome=one.outcome) for one in meeting.agenda.all()),
        summary=meeting.summary,
        decisions=tuple(one.text for one in meeting.decisions.all()),
        follow_ups=tuple(_follow_up(one) for one in meeting.follow_ups.all()),
        earlier=tuple(_follow_up(one) for one in open_follow_ups_before(meeting)),
        is_cancelled=meeting.state == Meeting.State.CANCELLED,
    )


def _seats(meeting: Meeting) -> tuple[str, ...]:
    """Organisations with the roles that they have at the table; nobody by name."""
    roles: dict[str, list[str]] = {}
    for member in meeting.consultation.members.all():
        role = member.role or (member.contact.role if member.contact else "")
        roles.setdefault(str(member.organisation), []).append(role)
    named = {name: [role for role in dict.fromkeys(several) if role] for name, several in roles.items()}
    return tuple(f"{name} ({', '.join(several)})" if several else name for name, several in named.items())


def _follow_up(one: FollowUp) -> FollowUpText:
    owner = ", ".join(part for part in (str(one.organisation or ""), one.owner_role) if part)
    states = {
        FollowUp.State.OPEN: _("open"),
        FollowUp.State.DONE: _("done"),
        FollowUp.State.BECAME_ACTION: _("became an action"),
        FollowUp.State.DROPPED: _("dropped"),
    }
    due = amounts.day(one.due_on) if one.due_on else _("no day agreed")
    return FollowUpText(
        text=one.text, owner=owner or _("nobody yet"), due=due, state=states[FollowUp.State(one.state)],
    )  # fmt: skip
