"""Partners and agreements as files. Names of people are in them only when asked, and then the audit says so."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.connectors.tables_out import About, Labels, OutTable, Value, write_csv, write_ods, write_xlsx
from koersvast.partners.changes.organisations import record_export
from koersvast.partners.queries import agreements as agreement_queries
from koersvast.partners.queries.organisations import OrganisationFilter, current_contacts, overview
from koersvast.partners.wording import AGREEMENT_KIND, ORGANISATION_KIND, TERM
from koersvast.programme.queries.partners import last_reported
from koersvast.web.gate import Entry, TenantRequest, permitted
from koersvast.web.partners.organisations.words import work_seen

WRITERS: Mapping[str, tuple[Callable[..., bytes], str]] = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ods": (write_ods, "application/vnd.oasis.opendocument.spreadsheet"),
}


@permitted(GET=Permission.PARTNERS_VIEW)
def partners_file(request: TenantRequest, form: str) -> HttpResponse:
    """Every partner and unit with what is open, without names of people."""
    work = work_seen(request.entry)
    lines = overview(OrganisationFilter(), today=timezone.localdate(), heard=last_reported(), work=work)
    sees_programme = Permission.PROGRAMME_VIEW in request.entry.permissions
    headings = [
        _("code"), _("organisation"), _("short name"), _("kind"), _("belongs to"), _("what it does"),
        _("open actions"), _("agreements in force"), _("tables"), _("open promises to us"), _("open promises by us"),
        _("promises past their day"), _("last heard of"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [
            line.code, line.name, line.short_name or None, str(ORGANISATION_KIND[line.kind]), line.parent_name or None,
            line.task or None, line.actions if sees_programme else None, line.agreements, line.tables,
            line.promised_to_us, line.promised_by_us, line.late_promises, line.last_heard_on,
        ]
        for line in lines
    ]  # fmt: skip
    return _file(form, "partners", _about(request.entry, _("Partners and units")), headings, rows)


@permitted(GET=Permission.PARTNERS_VIEW)
def agreements_file(request: TenantRequest, form: str) -> HttpResponse:
    """Every agreement with its term and parties."""
    headings = [
        _("code"), _("agreement"), _("kind"), _("what it is for"), _("parties"), _("from"), _("until"),
        _("look at it again on"), _("how it stands"), _("legal basis"), _("who looks after it"), _("document"),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for line in agreement_queries.agreements(today=timezone.localdate()):
        one = line.agreement
        rows.append([
            one.code, one.title, str(AGREEMENT_KIND[one.kind]), one.purpose,
            "; ".join(party.name for party in line.parties), one.starts_on, one.ends_on, one.review_on,
            str(TERM[line.term]), one.legal_basis or None, one.owner_role or None, one.document or None,
        ])  # fmt: skip
    return _file(form, "convenanten", _about(request.entry, _("Covenants and agreements")), headings, rows)


@permitted(POST=Permission.PARTNERS_EDIT)
def contacts_file(request: TenantRequest, form: str) -> HttpResponse:
    """The contacts who work there now, with name, address and number; the audit says that they were taken out."""
    if form not in WRITERS:
        raise Http404
    today, entry = timezone.localdate(), request.entry
    found = list(current_contacts(today=today))
    record_export(municipality=entry.municipality, contacts=len(found), by=entry.user)
    headings = [_("organisation"), _("name"), _("role"), _("e-mail address"), _("phone")]
    rows: list[list[Value]] = [
        [one.organisation.name, one.name, one.role or None, one.email or None, one.phone or None] for one in found
    ]
    return _file(form, "contactpersonen", _about(entry, _("Contact persons")), headings, rows)


def _about(entry: Entry, title: str) -> About:
    return About(
        title=title, source=_("Partners of {name}").format(name=entry.municipality.name),
        licence=_("not applicable"), vintage=timezone.localdate().isoformat(),
    )  # fmt: skip


def _file(form: str, name: str, about: About, headings: list[str], rows: list[list[Value]]) -> HttpResponse:
    if form not in WRITERS:
        raise Http404
    write, media_type = WRITERS[form]
    content: Any = write(OutTable(about=about, headings=headings, rows=rows), labels=_labels())
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _labels() -> Labels:
    """The words around a table in the language of the reader."""
    return Labels(
        title=_("Title"), source=_("Source"), licence=_("Licence"), vintage=_("As known on"),
        definitions=_("Definitions"), data_sheet=_("Data"), about_sheet=_("About"), yes=_("yes"), no=_("no"),
    )  # fmt: skip
