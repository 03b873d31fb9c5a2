"""Cijfers invoeren: upload, say which column is what, look at what would happen, take over or discard."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.sheets import Sheet
from koersvast.connectors.snapshot import SnapshotStore
from koersvast.connectors.tabular import open_table
from koersvast.indicators import changes, queries
from koersvast.indicators.changes.feed_deliveries import restage
from koersvast.indicators.changes.survey_deliveries import is_of_a_survey
from koersvast.indicators.models import Delivery, Observation, Source
from koersvast.indicators.wording import format_day, format_moment, language_now
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, must_hold, permitted
from koersvast.web.indicators.forms import ColumnsForm, UploadForm, WithdrawForm
from koersvast.web.indicators.parts import deliveries as parts

LINES_A_PAGE = 50


@permitted(GET=Permission.FIGURES_VIEW, POST=Permission.FIGURES_IMPORT)
def overview(request: TenantRequest) -> HttpResponse:
    """Upload a file, and see every delivery before it."""
    sources = Source.objects.filter(municipality=request.entry.municipality)
    form = UploadForm(request.POST or None, request.FILES or None, sources=sources)
    refused: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            return _to(request, _staged(request, form))
        except changes.FileRefused as refusal:
            refused = parts.refusal(refusal.problems)
    slug = request.entry.municipality.slug
    paginator = Paginator(queries.deliveries(request.entry.municipality), LINES_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "indicators/figures.html",
        {
            "title": _("Enter figures"),
            "lead": _("Upload a file with figures. You first see what it would change; only then do you take it over."),
            "form": form if Permission.FIGURES_IMPORT in request.entry.permissions else None,
            "steps": c.steps(_steps(), current=1),
            "refused": c.Callout(title=_("This file cannot be read"), items=refused, tone="negative"),
            "templates": _templates(slug),
            "page": page,
            "page_numbers": list(paginator.get_elided_page_range(page.number)),
            "table": parts.history(list(page.object_list), municipality=slug) if page.object_list else None,
            "empty": c.Empty(
                title=_("No file has come in yet"),
                text=_("Choose a file above, or download a template first."),
                symbol="upload",
            ),
        },
        status=422 if form.errors or refused else 200,
    )


@permitted(GET=Permission.FIGURES_VIEW, POST=Permission.FIGURES_IMPORT)
def delivery(request: TenantRequest, number: int) -> HttpResponse:
    """What a delivery would do or has done; a post takes it over or discards it."""
    found = _delivery(number)
    if request.method == "POST":
        return _decide(request, found)
    if found.state == Delivery.State.STAGED:
        must_hold(request.entry, Permission.FIGURES_IMPORT)
        if found.staged.get("needs_mapping"):
            return redirect("delivery-columns", municipality=request.entry.municipality.slug, number=number)
        return _preview(request, found)
    return _closed(request, found)


@permitted(GET=Permission.FIGURES_IMPORT, POST=Permission.FIGURES_IMPORT)
def columns(request: TenantRequest, number: int) -> HttpResponse:
    """Say which column is what; remembered for files with the same headings."""
    found = _delivery(number)
    if found.state != Delivery.State.STAGED or found.table or is_of_a_survey(found):
        return _to(request, found)
    sheet = _sheet(found)
    known = changes.mapping_of(found)
    form = ColumnsForm(request.POST or None, sheet=sheet, known=known, file_name=found.file_name)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["remember_as"].strip()
        found = changes.map_columns(found, mapping=form.mapping(), remember_as=name, by=request.entry.user)
        return _to(request, found)
    return render(
        request,
        "indicators/columns.html",
        {
            "crumbs": _crumbs(request, found.file_name),
            "title": _("Which column is what?"),
            "lead": _("These headings are new. Say once what they hold; next time the file is recognised."),
            "steps": c.steps(_steps(), current=1),
            "form": form,
            "sample": _sample(sheet),
        },
        status=422 if form.errors else 200,
    )


@permitted(GET=Permission.FIGURES_IMPORT, POST=Permission.FIGURES_IMPORT)
def withdraw(request: TenantRequest, number: int) -> HttpResponse:
    """Take a number back, with the reason."""
    found = Observation.objects.filter(pk=number).select_related("indicator__municipality", "source").first()
    if found is None:
        raise Http404
    form = WithdrawForm(request.POST or None)
    back = reverse("indicator", args=[request.entry.municipality.slug, found.indicator.code])
    if request.method == "POST" and form.is_valid():
        try:
            changes.withdraw(found, reason=form.cleaned_data["reason"], by=request.entry.user)
            messages.success(request, _("The figure is withdrawn."))
        except changes.AlreadyClosed:
            messages.info(request, _("This figure was withdrawn before."))
        return HttpResponseRedirect(back)
    table = parts.brought([found], municipality=request.entry.municipality.slug)
    return render(
        request,
        "indicators/withdraw.html",
        {
            "crumbs": [c.Link(label=found.indicator.name, href=back), c.Link(label=_("Withdraw"))],
            "title": _("Withdraw a figure"),
            "lead": found.indicator.name,
            "form": form,
            "table": table,
            "back": back,
        },
        status=422 if form.errors else 200,
    )


def _staged(request: TenantRequest, form: UploadForm) -> Delivery:
    given: UploadedFile[Any] = form.cleaned_data["file"]
    return changes.stage_figures(
        given.read(),
        municipality=request.entry.municipality,
        file_name=Path(given.name or "file").name,
        as_of=form.cleaned_data["as_of"],
        source=form.cleaned_data["source"],
        by=request.entry.user,
        ask_unknown_headers=True,
    )


def _decide(request: TenantRequest, found: Delivery) -> HttpResponse:
    """Take over or discard, and say what came of it."""
    try:
        if request.POST.get("action") == "discard":
            changes.discard(found, by=request.entry.user)
            messages.info(request, _("The delivery is discarded. Nothing was stored."))
        elif request.POST.get("action") == "take-over":
            changes.take_over(found, by=request.entry.user)
            messages.success(request, _("The figures are taken over."))
        else:
            return HttpResponse(status=400)
    except changes.AlreadyClosed:
        messages.info(request, _("This delivery was closed before; nothing changed."))
    except changes.HasRefusedLines:
        messages.error(request, _("Nothing was stored: correct the refused lines first, or discard the delivery."))
    except changes.NeedsMapping:
        messages.error(request, _("Say first which column is what."))
    except changes.StaleDelivery:
        messages.warning(request, _("Other figures were taken over in the meantime. Look at the new preview."))
        restage(found, by=request.entry.user)
    return _to(request, found)


def _preview(request: TenantRequest, found: Delivery) -> HttpResponse:
    chosen = request.GET.get("lines", "")
    page = queries.staged_lines(
        found,
        outcome=chosen if chosen in c.ROW_STATE else "",
        page=_page_number(request),
        per_page=LINES_A_PAGE,
    )
    paginator = Paginator(range(page.pages), 1)
    return render(
        request,
        "indicators/delivery.html",
        {
            "crumbs": _crumbs(request, found.file_name),
            "delivery": found,
            "title": found.file_name,
            "badges": [parts.state_badge(found)],
            "lead": _("As of {day}. Nothing is stored yet.").format(day=format_day(found.as_of)),
            "steps": c.steps(_steps(), current=2),
            "origin": _origin(found),
            "figures": parts.summary(page, found),
            "callouts": parts.problems_of_file(found),
            "diff": parts.preview(page) if page.lines else None,
            "chosen": chosen,
            "page": paginator.get_page(page.page),
            "page_numbers": list(paginator.get_elided_page_range(page.page)),
            "can_take_over": not found.refused and bool(found.staged.get("lines")),
            "changes_nothing": not (found.refused or found.new or found.revised or found.withdrawn),
        },
    )


def _closed(request: TenantRequest, found: Delivery) -> HttpResponse:
    paginator = Paginator(queries.delivery_observations(found), LINES_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    slug = request.entry.municipality.slug
    return render(
        request,
        "indicators/delivery_closed.html",
        {
            "crumbs": _crumbs(request, found.file_name),
            "title": found.file_name,
            "badges": [parts.state_badge(found)],
            "lead": _closed_lead(found),
            "facts": parts.facts(found),
            "note": found.note_en if language_now() == "en" else found.note_nl,
            "table": parts.brought(list(page.object_list), municipality=slug) if page.object_list else None,
            "page": page,
            "page_numbers": list(paginator.get_elided_page_range(page.number)),
        },
    )


def _closed_lead(found: Delivery) -> str:
    moment = format_moment(found.closed_at) if found.closed_at else ""
    if found.state == Delivery.State.DISCARDED:
        return _("Discarded on {moment}. Nothing was stored.").format(moment=moment)
    return _("Taken over on {moment}: {new} new, {changed} changed, {same} unchanged.").format(
        moment=moment, new=found.new, changed=found.revised, same=found.same
    )


def _delivery(number: int) -> Delivery:
    found = Delivery.objects.filter(pk=number).select_related("source", "municipality").first()
    if found is None:
        raise Http404
    return found


def _sheet(found: Delivery) -> Sheet:
    data = SnapshotStore(Path(settings.SNAPSHOTS)).read(found.snapshot)
    opened = open_table(data)
    if opened.sheet is None:
        raise Http404
    return opened.sheet


def _sample(sheet: Sheet) -> c.DataTable:
    """The first lines of a file, with the letters of its columns, as a person sees it in Excel."""
    width = min(sheet.width, 12)
    letters = [c.Column(label=_("Line")), *(c.Column(label=chr(ord("A") + place)) for place in range(width))]
    rows = [
        c.Row(head=c.Cell(text=str(row[0].row)), cells=[c.Cell(text=cell.text[:40]) for cell in row[:width]])
        for row in list(sheet.filled_rows())[:8]
    ]
    return c.DataTable(
        id="voorbeeld", caption=_("The first lines of the file"), columns=letters, groups=[c.RowGroup(rows=rows)]
    )


def _origin(found: Delivery) -> str:
    if found.staged.get("mapping_origin") == "remembered":
        return _("The headings were recognised from an earlier file.")
    return ""


def _page_number(request: TenantRequest) -> int:
    given = request.GET.get("page", "1")
    return int(given) if given.isdecimal() and len(given) < 7 else 1


def _to(request: TenantRequest, found: Delivery) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("delivery", args=[request.entry.municipality.slug, found.pk]))


def _crumbs(request: TenantRequest, label: str) -> list[c.Link]:
    return [
        c.Link(label=_("Enter figures"), href=reverse("figures", args=[request.entry.municipality.slug])),
        c.Link(label=label),
    ]


def _steps() -> list[str]:
    return [_("Choose a file"), _("Look at the differences"), _("Take over")]


def _templates(slug: str) -> list[c.Link]:
    made = []
    for form, label in (
        ("xlsx", _("Template for Excel")),
        ("csv", _("Template as CSV")),
        ("ods", _("Template as ODS")),
    ):
        made.append(c.Link(label=label, href=reverse("figures-template", args=[slug, form])))
    return made
