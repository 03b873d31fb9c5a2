"""Pages of tables: the overview, who sits where, one table, and writing it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.permissions import Permission
from koersvast.partners.changes import consultations as changes
from koersvast.partners.models import Consultation
from koersvast.partners.queries import consultations as queries
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.consultations import table_page
from koersvast.web.partners.consultations.forms import PlanForm, TableForm, seat_forms
from koersvast.web.saving import form_page

may_edit = permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)
NEXT_MEETINGS = 6


def known_table(code: str) -> Consultation:
    """The table with this code in this municipality, or 404."""
    table = queries.consultation(code)
    if table is None:
        raise Http404
    return table


@permitted(GET=Permission.PARTNERS_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """All tables with what comes next, and ways to the lists."""
    now = timezone.now()
    context = table_page.overview(
        queries.tables(now=now), queries.coming_meetings(now, number=NEXT_MEETINGS), entry=request.entry
    )
    return render(request, "partners/consultations_overview.html", context)


@permitted(GET=Permission.PARTNERS_VIEW)
def seats(request: TenantRequest) -> HttpResponse:
    """Who sits where: organisations by tables."""
    context = table_page.seats(queries.seat_matrix(), entry=request.entry)
    return render(request, "partners/consultations_seats.html", context)


@permitted(GET=Permission.PARTNERS_VIEW)
def page(request: TenantRequest, consultation: str) -> HttpResponse:
    """One table: who sits there, its meetings, what is still open."""
    return _page(request, known_table(consultation), PlanForm())


def _page(request: TenantRequest, table: Consultation, form: PlanForm) -> HttpResponse:
    context = table_page.table(table, form=form, entry=request.entry, now=timezone.now())
    return render(request, "partners/consultations_table.html", context, status=422 if form.errors else 200)


@may_edit
def new(request: TenantRequest) -> HttpResponse:
    """A new table."""
    return _written(request, None, title=_("A new consultation"))


@may_edit
def edit(request: TenantRequest, consultation: str) -> HttpResponse:
    """Change a table and who sits there."""
    table = known_table(consultation)
    return _written(request, table, title=_("Change {title}").format(title=table.name))


def _written(request: TenantRequest, table: Consultation | None, *, title: str) -> HttpResponse:
    form = TableForm(posted(request), initial=TableForm.values_of(table) if table else {})
    seats = seat_forms(request, table)
    where = {"municipality": request.entry.municipality.slug}

    def write() -> str:
        if not seats.is_valid():
            raise ValidationError(_("Something is wrong with a seat; see below."))
        saved = changes.write_consultation(
            municipality=request.entry.municipality, by=request.entry.user, consultation=table,
            members=[seat for one in seats if (seat := one.seat())], version=form.cleaned_data["version"],
            **form.given(),
        )  # fmt: skip
        return reverse("consultation", kwargs=where | {"consultation": saved.code})

    back = reverse("consultation", kwargs=where | {"consultation": table.code}) if table else _home(request)
    return form_page(
        request, form, title=title, back=back, write=write, standing=TableForm.values_of, seats=seats,
        template="partners/consultations_edit.html",
    )  # fmt: skip


def _home(request: TenantRequest) -> str:
    return reverse("consultations", kwargs={"municipality": request.entry.municipality.slug})


@permitted(POST=Permission.PARTNERS_EDIT)
def plan(request: TenantRequest, consultation: str) -> HttpResponse:
    """Plan the meetings that the rhythm asks, or cancel those of an earlier rhythm."""
    table = known_table(consultation)
    if "cancel_old" in request.POST:
        number = changes.cancel_outside_rhythm(consultation=table, by=request.entry.user)
        told = ngettext("{number} meeting was cancelled.", "{number} meetings were cancelled.", number)
        messages.success(request, told.format(number=number))
        return _back(request, table)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _page(request, table, form)
    try:
        planned = changes.plan_meetings(
            consultation=table, until=form.cleaned_data["until"], by=request.entry.user,
            since=timezone.localdate() + timedelta(days=1),
        )  # fmt: skip
    except ValidationError as refused:
        form.take_over(refused)
        return _page(request, table, form)
    for told in table_page.planned_sentences(planned):
        messages.success(request, told)
    return _back(request, table)


def _back(request: TenantRequest, table: Consultation) -> HttpResponse:
    where: dict[str, Any] = {"municipality": request.entry.municipality.slug, "consultation": table.code}
    return redirect(reverse("consultation", kwargs=where) + "#vergaderingen")
