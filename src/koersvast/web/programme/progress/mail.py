"""The page of the weekly mail: who will get it, what it says, who stopped it, and what came of the last ones."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.access.permissions import Permission
from koersvast.indicators.wording.numbers import format_day
from koersvast.partners.models import Contact
from koersvast.programme.changes.weekly_mail import choose_mail
from koersvast.programme.letters import context
from koersvast.programme.models import WeeklyMail
from koersvast.programme.queries.weekly_mail import letters, recent_mails, stopped
from koersvast.programme.weekly import week_of
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted

SHOWN_FOR = timedelta(weeks=8)
OUTCOME = {
    "": gettext_lazy("handed over"),
    "refused": gettext_lazy("refused by the mail server: look whether the address is right"),
    "unsure": gettext_lazy("broke off halfway: perhaps arrived, not sent again this week"),
    "open": gettext_lazy("begun, not known how it ended; not sent again this week"),
}


@permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)
def weekly_mail(request: TenantRequest) -> HttpResponse:
    """Who gets the mail of this week and what it says; stops or begins the mail to a contact."""
    if request.method == "POST":
        return _choose(request)
    municipality, today = request.entry.municipality, timezone.localdate()
    found = letters(municipality, today=today)
    shown = {
        "sends": bool(settings.MAIL_URL) and not settings.DEMO,
        "is_demo": settings.DEMO,
        "letters": found,
        "example": context(found[0], {one.contact.pk: _("(the link comes here)") for one in found[0].asked})
        if found
        else None,
        "stopped": stopped(),
        "week": week_of(today),
        "past": _past(recent_mails(municipality, since=today - SHOWN_FOR)),
    }
    return render(request, "programme/weekly_mail.html", shown)


def _choose(request: TenantRequest) -> HttpResponse:
    number, gets = request.POST.get("contact", ""), request.POST.get("mail") == "aan"
    known = number if number.isascii() and number.isdecimal() and len(number) < 10 else "0"
    contact = get_object_or_404(Contact.objects.select_related("organisation__municipality"), pk=int(known))
    choose_mail(contact=contact, gets=gets, by=request.entry.user)
    messages.success(
        request, _("The weekly mail goes there again.") if gets else _("No weekly mail goes there any more.")
    )
    return redirect("weekly-mail", municipality=request.entry.municipality.slug)


def _past(mails: Iterable[WeeklyMail]) -> c.DataTable | None:
    """The mails of the last weeks, counted by day and by what came of them; nobody by name or address."""
    number = Counter((timezone.localdate(one.claimed_at), _outcome(one)) for one in mails)
    if not number:
        return None
    rows = [
        c.Row(
            head=c.Cell(text=format_day(day)),
            cells=[c.Cell(text=str(count), numeric=True), c.Cell(text=str(OUTCOME[outcome]))],
        )
        for (day, outcome), count in sorted(number.items(), reverse=True)
    ]
    labels = (_("Day of the mail"), _("Mails"), _("What came of it"))
    return c.DataTable(
        id="weekmails", caption=_("The last eight weeks"), columns=[c.Column(label=label) for label in labels],
        groups=[c.RowGroup(rows=rows)],
    )  # fmt: skip


def _outcome(mail: WeeklyMail) -> str:
    return "open" if mail.state == WeeklyMail.State.CLAIMED else mail.error
