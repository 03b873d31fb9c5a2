"""The municipality itself: its departments and teams, as they belong to one another, with the work of each."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.partners.models import Organisation
from koersvast.partners.queries.organisations import OrganisationFilter, by_part, overview
from koersvast.programme.queries.actions import current_programme
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.organisations import partner_page
from koersvast.web.partners.organisations.words import address, may_edit, tabs, work_seen


@permitted(GET=Permission.PARTNERS_VIEW)
def page(request: TenantRequest) -> HttpResponse:
    """Our own departments, each under what it belongs to."""
    entry, today = request.entry, timezone.localdate()
    sees_programme = Permission.PROGRAMME_VIEW in entry.permissions
    lines = overview(OrganisationFilter(side="units"), today=today, work=work_seen(entry))
    add = c.Link(
        label=_("Add a department"), href=f"{address('partner-new', entry)}?soort={Organisation.Kind.UNIT.value}"
    )
    programme = current_programme(today=today) if sees_programme else None
    context = {
        "title": entry.municipality.name,
        "kicker": _("Our own organisation"),
        "tabs": tabs(entry, "own-units"),
        "actions": [add] if may_edit(entry) else [],
        "rows": [
            partner_page.row(line, entry, depth=depth)
            for depth, line in by_part(lines)
        ],
        "plan_href": address("programme-units", entry, programme=programme.code) if programme else "",
        "empty": c.Empty(
            title=_("No departments yet"),
            text=_(
                "Add the departments and teams that work on safety. An action can then have one of them as its owner."
            ),
            action=add if may_edit(entry) else None,
            symbol="person",
        ),
    }  # fmt: skip
    return render(request, "partners/organisations_units.html", context)
