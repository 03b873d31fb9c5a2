"""The page with everything that can be taken along, and the files themselves."""

import io
import logging
import zipfile
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.policy.models import Plan
from koersvast.policy.queries.packages import export_package
from koersvast.policy.queries.plans import current_plan, plans
from koersvast.publications.blocks import Language
from koersvast.publications.converters import ConversionFailed
from koersvast.publications.queries import DataFormat, DataSubject, FontsMissing, MadeFile, data_file, report_file
from koersvast.publications.writers import Format
from koersvast.web.components import Callout
from koersvast.web.gate import TenantRequest, must_hold, permitted
from koersvast.web.publications import shelves
from koersvast.web.publications.forms import DocumentForm

logger = logging.getLogger(__name__)
# ZIP has no time zone and begins in 1980; a fixed moment makes the same content the same bytes.
ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)


@permitted(GET=Permission.DOCUMENT_MAKE)
def documents(request: TenantRequest) -> HttpResponse:
    """What can be made, with the choice of day and language."""
    return _page(request, _form(request))


@permitted(POST=Permission.DOCUMENT_MAKE)
def document_file(request: TenantRequest) -> HttpResponseBase:
    """Make the chosen file and hand it out."""
    what, _dot, extension = request.POST.get("file", "").partition(".")
    if what == shelves.PACKAGE:
        must_hold(request.entry, Permission.PLAN_EDIT)
        return _handed_out(_package(request))
    form = _form(request)
    if not form.is_valid():
        return _page(request, form, status=422)
    if what == shelves.FIGURES:
        return redirect(_figures_address(request, extension, form.cleaned_data["known_on"]))
    try:
        made = _made(what, extension, form)
    except ConversionFailed as failure:
        logger.exception("A document cannot be made: %s", failure.block)
        return _page(request, form, status=500, trouble=_trouble(failure.block))
    except FontsMissing as missing:
        return _page(request, form, status=500, trouble=Callout(title=str(missing), tone="negative"))
    return _handed_out(made)


def _form(request: TenantRequest) -> DocumentForm:
    chosen = current_plan(today=timezone.localdate())
    return DocumentForm(
        request.POST or None, plans=Plan.objects.filter(pk__in=[one.pk for one in plans()]), chosen=chosen
    )


def _page(
    request: TenantRequest, form: DocumentForm, *, status: int = 200, trouble: Callout | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "trouble": trouble,
        "has_plan": bool(plans()),
        "reports": shelves.reports(),
        "data": shelves.data(),
        "package": shelves.package() if Permission.PLAN_EDIT in request.entry.permissions else None,
    }
    return render(request, "publications/documents.html", context, status=status)


def _made(what: str, extension: str, form: DocumentForm) -> MadeFile:
    """Make a report or a file with data; 404 for what is not on the shelves."""
    given = form.cleaned_data
    plan, known_on, language = given["plan"], given["known_on"], Language(given["language"])
    try:
        if what == shelves.REPORT:
            # Judged from the chosen day, as on the pages; the cover has the day on which the file is made.
            today = timezone.localdate()
            return report_file(
                plan, Format(extension), known_on=known_on, today=known_on, language=language, made_on=today
            )
        subject, data_form = DataSubject(what), DataFormat(extension)
    except ValueError:
        raise Http404 from None
    return data_file(plan, subject, data_form, known_on=known_on, today=known_on, language=language)


def _figures_address(request: TenantRequest, extension: str, known_on: date) -> str:
    if extension not in {form.value for form in DataFormat}:
        raise Http404
    address = reverse("analysis-data", kwargs={"municipality": request.entry.municipality.slug, "form": extension})
    return f"{address}?{urlencode({'known_on': known_on.isoformat()})}"


def _package(request: TenantRequest) -> MadeFile:
    municipality = request.entry.municipality
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(export_package(municipality).items()):
            packed.writestr(zipfile.ZipInfo(f"{municipality.slug}/{name}", ZIP_MOMENT), content, zipfile.ZIP_DEFLATED)
    return MadeFile(out.getvalue(), f"koersvast-{municipality.slug}.zip", "application/zip")


def _handed_out(made: MadeFile) -> HttpResponse:
    response = HttpResponse(made.content, content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _trouble(block: str) -> Callout:
    where = _("It went wrong at this part: {block}.").format(block=block) if block else ""
    return Callout(
        title=_("The document could not be made"),
        text=" ".join(
            part for part in (where, _("Nothing was lost. Try another form, or tell your administrator.")) if part
        ),
        tone="negative",
    )
