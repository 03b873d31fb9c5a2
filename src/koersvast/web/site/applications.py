"""The page of applications: a token is made, shown once, and withdrawn."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koersvast.access.changes import NEVER_FOR_APPLICATIONS, make_token, revoke_token
from koersvast.access.models import ApplicationToken
from koersvast.access.permissions import Permission
from koersvast.access.queries import application_tokens
from koersvast.web.forms import ChangeForm, day_field, posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.saving import status_of, written

USUAL_TERM = timedelta(days=365)
MAY = {
    Permission.FIGURES_VIEW: gettext_lazy("read figures"),
    Permission.PLAN_VIEW: gettext_lazy("read plans, objectives and verdicts"),
    Permission.PROGRAMME_VIEW: gettext_lazy("read the programme and the calendar"),
    Permission.PROGRESS_REPORT: gettext_lazy("report progress"),
    Permission.PROGRAMME_EDIT: gettext_lazy("keep the programme; needed to report on every action"),
    Permission.REVIEW_VIEW: gettext_lazy("read the moments of looking back"),
    Permission.PARTNERS_VIEW: gettext_lazy("read partners, agreements, promises and meetings"),
    Permission.COUNCIL_VIEW: gettext_lazy("read what the council asked"),
}


class TokenForm(ChangeForm):
    """What application it is, what for, what it may do and until when."""

    name = forms.CharField(
        label=gettext_lazy("Which application?"), max_length=80, help_text=gettext_lazy("Such as begrotingsapp.")
    )
    purpose = forms.CharField(label=gettext_lazy("What does it do with the data?"), max_length=200)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What may it do?"), widget=forms.CheckboxSelectMultiple,
        choices=[(one.value, text) for one, text in MAY.items() if one not in NEVER_FOR_APPLICATIONS],
    )  # fmt: skip
    expires_on = day_field(gettext_lazy("Until and including which day?"))


@permitted(GET=Permission.SETTINGS_EDIT, POST=Permission.SETTINGS_EDIT)
def applications(request: TenantRequest) -> HttpResponse:
    """The tokens of the municipality; makes one, which is shown once."""
    municipality, made = request.entry.municipality, []
    start = {"expires_on": timezone.localdate() + USUAL_TERM}
    form = TokenForm(posted(request), initial=start)

    def write() -> None:
        given = form.given() | {"scopes": [Permission(one) for one in form.cleaned_data["scopes"]]}
        made.append(make_token(municipality=municipality, by=request.entry.user, **given).text)

    if request.method == "POST" and written(form, write):
        form = TokenForm(initial=start)
    today = timezone.localdate()
    shown: dict[str, Any] = {
        "form": form,
        "fresh": made[0] if made else "",
        "tokens": [
            {"row": one, "counts": one.revoked_at is None and one.expires_on >= today, "may": _may(one)}
            for one in application_tokens(municipality)
        ],
    }
    response = render(request, "site/applications.html", shown, status=status_of(form) if form.is_bound else 200)
    response["Cache-Control"] = "no-store, private"
    return response


def _may(row: ApplicationToken) -> list[str]:
    return [str(MAY.get(Permission(one), one)) for one in row.scopes]


@permitted(POST=Permission.SETTINGS_EDIT)
def withdraw(request: TenantRequest, token: int) -> HttpResponse:
    """Shut an application out from its next request on."""
    row = get_object_or_404(
        ApplicationToken.objects.select_related("municipality"), pk=token, municipality=request.entry.municipality
    )
    try:
        revoke_token(row, by=request.entry.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The token is withdrawn. The application is shut out from now on."))
    return redirect("applications", municipality=request.entry.municipality.slug)
