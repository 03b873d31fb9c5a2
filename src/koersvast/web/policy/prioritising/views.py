"""Pages of choosing priorities: the rounds, and one round while it is scored, closed and decided."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.policy.changes import prioritising as changes
from koersvast.policy.queries.prioritising import figures_for, outcome_of, own_parties, parties_of, rounds
from koersvast.web import components as c
from koersvast.web.forms import sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy.prioritising import pages
from koersvast.web.policy.prioritising.lists import href, known_round


@permitted(GET=Permission.PLAN_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """Every round, the newest first."""
    shown = {
        "rounds": [
            (row, pages.STATE[pages.state(row)], href(request, "prioritising", prioritising=row.code))
            for row in rounds()
        ],
        "scores": Permission.PRIORITIES_SCORE in request.entry.permissions
        and own_parties(request.entry.user).filter(prioritising__closed_on=None).exists(),
        "may_edit": Permission.PLAN_EDIT in request.entry.permissions,
        "empty": c.Empty(
            title=_("Nothing was chosen here yet"),
            text=_("Choose priorities together: everybody scores apart, and you see where you agree and where not."),
            symbol="info",
        ),
    }
    return render(request, "policy/prioritisings.html", shown)


@permitted(GET=Permission.PLAN_VIEW)
def one(request: TenantRequest, prioritising: str) -> HttpResponse:
    """One round: while it is open its lists and who is ready; then what came out, and what was chosen."""
    row = known_round(prioritising)
    state, found = pages.state(row), outcome_of(row)
    shown = {
        "round": row,
        "state": state,
        "badge": pages.STATE[state],
        "lead": pages.lead(row),
        "parties": parties_of(row),
        "options_count": row.options.count(),
        "criteria_count": row.criteria.count(),
        "may_edit": Permission.PLAN_EDIT in request.entry.permissions,
        "chosen": pages.chosen(row, request.entry.municipality.slug) if row.decided_on else [],
        **(pages.outcome_parts(found, row) if found else {}),
    }
    return render(request, "policy/prioritising.html", shown)


@permitted(POST=Permission.PLAN_EDIT)
def figures(request: TenantRequest, prioritising: str) -> HttpResponse:
    """Lay what the registry says beside the options."""
    row, today = known_round(prioritising), timezone.localdate()
    try:
        changes.store_figures(prioritising=row, figures=figures_for(row, today=today), on=today, by=request.entry.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The figures of today lie beside the options."))
    return redirect(href(request, "prioritising", prioritising=row.code))


@permitted(POST=Permission.PLAN_EDIT)
def close(request: TenantRequest, prioritising: str) -> HttpResponse:
    """Close the scoring, or open it again while nothing was decided."""
    row, opens = known_round(prioritising), "heropenen" in request.POST
    change = changes.reopen_scores if opens else changes.close_scores
    try:
        change(prioritising=row, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody else changed this choice just now. Look at it again."))
    else:
        messages.success(
            request, _("The scoring is open again.") if opens else _("The scoring is closed. This is what came out.")
        )
    return redirect(href(request, "prioritising", prioritising=row.code))
