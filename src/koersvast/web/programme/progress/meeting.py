"""Reporting at the table: the actions of everybody who sits there, on one page, while the meeting goes on."""

from decimal import Decimal

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from koersvast.access.permissions import Permission
from koersvast.indicators.wording.numbers import format_day
from koersvast.partners.queries.consultations import meeting as known_meeting
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Action, ProgressReport
from koersvast.programme.queries.standing import actions_at_table, standings
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.progress import cards


@permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)
def at_table(request: TenantRequest, consultation: str, meeting: int) -> HttpResponse:
    """Report on the actions of the organisations at a table; what is written stands at the action with the meeting."""
    found = known_meeting(consultation, meeting)
    if found is None:
        raise Http404
    entry, today = request.entry, timezone.localdate()
    where = {"municipality": entry.municipality.slug, "consultation": consultation, "meeting": meeting}

    def write(action: Action, state: str, line: str, output_done: Decimal | None) -> ProgressReport:
        return report(
            action=action, state=state, line=line, by=entry.user, way=ProgressReport.Way.MEETING,
            output_done=output_done, meeting=found,
        )  # fmt: skip

    lines = standings(actions_at_table(found, entry.municipality), today=today)
    refused: dict[int, cards.Given] = {}
    if request.method == "POST":
        outcome = cards.take_in(request.POST, lines, write=write)
        cards.tell(request, outcome)
        if not outcome.refused:
            return redirect(reverse("meeting-progress", kwargs=where))
        refused, lines = outcome.refused, standings(actions_at_table(found, entry.municipality), today=today)
    going = [one for one in lines if not one.is_settled or one.number in refused]
    slug = entry.municipality.slug
    shown = {
        "cards": cards.cards(
            going, given=refused,
            link=lambda number: reverse("action", kwargs={"municipality": slug, "action": number}),
        ),
        "kicker": f"{found.consultation.name}, {format_day(timezone.localdate(found.starts_at))}",
        "back": reverse("meeting", kwargs=where),
        "show_owner": True,
        "problems": cards.problems(refused),
    }  # fmt: skip
    return render(request, "programme/progress_meeting.html", shown, status=422 if shown["problems"] else 200)
