"""Recording what was chosen: for every option what it becomes and why."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.policy.changes import prioritising as changes
from koersvast.policy.models import Option
from koersvast.policy.queries.prioritising import outcome_of
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy.prioritising import pages
from koersvast.web.policy.prioritising.forms import ChoiceForm, DecisionForm
from koersvast.web.policy.prioritising.lists import href, known_round
from koersvast.web.saving import status_of, written


@permitted(GET=Permission.PLAN_ADOPT, POST=Permission.PLAN_ADOPT)
def decide(request: TenantRequest, prioritising: str) -> HttpResponse:
    """The decision, with every option in the order of what came out."""
    row = known_round(prioritising)
    here = href(request, "prioritising", prioritising=row.code)
    found = outcome_of(row)
    if found is None or row.decided_on:
        return redirect(here)
    start = {"version": row.version, "decided_on": timezone.localdate()}
    form = DecisionForm(posted(request), initial=start)
    options = _in_order(list(row.options.all()), [one.code for one in found.options])
    choices = [ChoiceForm(posted(request), option=one, has_plan=row.plan_id is not None) for one in options]
    wrong: list[ChoiceForm] = []
    if request.method == "POST":
        wrong = [one for one in choices if not one.is_valid()]

        def write() -> None:
            changes.decide(
                prioritising=row, choices=[one.choice() for one in choices], by=request.entry.user,
                version=form.cleaned_data["version"], **form.given(),
            )  # fmt: skip

        if not wrong and written(form, write, standing=lambda _row: {}):
            messages.success(request, _("The choice is recorded. It does not change any more."))
            return redirect(here)
    shown = {
        "round": row, "form": form, "back": here,
        "choices": [(one, pages.said_of(found, one.option.code)) for one in choices],
    }  # fmt: skip
    return render(request, "policy/prioritising_decide.html", shown, status=422 if wrong else status_of(form))


def _in_order(options: list[Option], codes: list[str]) -> list[Option]:
    return sorted(options, key=lambda one: codes.index(one.code) if one.code in codes else len(codes))
