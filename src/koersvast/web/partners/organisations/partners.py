"""Pages of partners: the list, one partner, writing it, its archive, and its contacts."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.partners.changes import organisations as changes
from koersvast.partners.models import Contact, Organisation
from koersvast.partners.queries import organisations as queries
from koersvast.partners.queries.organisations import OrganisationFilter, Signal
from koersvast.programme.queries.partners import actions_with, last_reported
from koersvast.web import components as c
from koersvast.web.forms import posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.organisations import partner_page
from koersvast.web.partners.organisations.filters import PartnerFilter
from koersvast.web.partners.organisations.forms import ContactForm, OrganisationForm, SettleForm
from koersvast.web.partners.organisations.words import FORM, address, may_edit, tabs, work_seen
from koersvast.web.saving import form_page, status_of

edits = permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)
PAGE = 60


@permitted(GET=Permission.PARTNERS_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """The organisations with which we work, with what asks attention."""
    entry, form = request.entry, PartnerFilter(request.GET or None)
    found = queries.overview(_asked(form), today=timezone.localdate(), heard=last_reported(), work=work_seen(entry))
    pages = Paginator(found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "form": form,
        "action": address("partners", entry),
        "tabs": tabs(entry, "partners"),
        "actions": [c.Link(label=_("Add a partner"), href=address("partner-new", entry))] if may_edit(entry) else [],
        "told": partner_page.counted(len(found)),
        "rows": [partner_page.row(line, entry) for line in page],
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number),
        "is_filtered": form.is_used(),
        "empty": _no_partners(request),
        "files": _files(request),
        "contacts_href": address("contacts-file", entry, form="xlsx") if may_edit(entry) else "",
    }
    part = "#list" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined] # the htmx middleware
    return render(request, f"partners/organisations_list.html{part}", context)


def _asked(form: PartnerFilter) -> OrganisationFilter:
    signal = form.chosen("let_op")
    return OrganisationFilter(
        text=form.chosen("zoek"), kind=form.chosen("soort"), archived=signal == "archive", side="outside",
        signal=cast("Signal", "" if signal == "archive" else signal),
    )  # fmt: skip


def _files(request: TenantRequest) -> list[c.Link]:
    names = (("xlsx", _("Excel")), ("ods", _("OpenDocument")), ("csv", _("CSV")))
    return [c.Link(label=label, href=address("partners-file", request.entry, form=form)) for form, label in names]


def _no_partners(request: TenantRequest) -> c.Empty:
    action = None
    if may_edit(request.entry):
        action = c.Link(label=_("Add a partner"), href=address("partner-new", request.entry))
    return c.Empty(
        title=_("There are no partners yet"),
        text=_(
            "Add the police, your welfare organisation, the housing association. "
            "After that you can write down what you promised each other."
        ),
        action=action,
        symbol="person",
    )  # fmt: skip


@permitted(GET=Permission.PARTNERS_VIEW)
def page(request: TenantRequest, organisation: str) -> HttpResponse:
    """One partner in full."""
    return partner(request, organisation)


def partner(request: TenantRequest, organisation: str, form: tuple[int, SettleForm] | None = None) -> HttpResponse:
    """Show one partner, with the form that was refused if there was one."""
    today = timezone.localdate()
    detail = queries.organisation_detail(
        organisation, today=today, with_contacts=True, heard=last_reported(), work=work_seen(request.entry)
    )
    if detail is None:
        raise Http404
    may_see = Permission.PROGRAMME_VIEW in request.entry.permissions
    actions = actions_with(detail.organisation, today=today) if may_see else []
    context = partner_page.page(detail, entry=request.entry, today=today, actions=actions, form=form)
    status = status_of(form[1]) if form else 200
    return render(request, "partners/organisations_partner.html", context, status=status)


def known_partner(code: str) -> Organisation:
    """The organisation with this code in this municipality, or 404."""
    return get_object_or_404(Organisation.objects.select_related("municipality"), code=code)


def crumbs(request: TenantRequest, one: Organisation | None = None) -> list[c.Link]:
    """The way to a page below a partner."""
    entry = request.entry
    found = [c.Link(label=_("All partners"), href=address("partners", entry))]
    if one and one.is_internal:
        found = [c.Link(label=_("Our own organisation"), href=address("own-units", entry))]
    if one:
        found.append(c.Link(label=str(one), href=address("partner", entry, organisation=one.code)))
    return found


@edits
def new(request: TenantRequest) -> HttpResponse:
    """Add a partner, or a unit of our own."""
    is_unit = request.GET.get("soort") == Organisation.Kind.UNIT
    return _write(request, None, title=_("Add a department") if is_unit else _("Add a partner"))


@edits
def edit(request: TenantRequest, organisation: str) -> HttpResponse:
    """Change a partner."""
    one = known_partner(organisation)
    return _write(request, one, title=_("Change {name}").format(name=one))


def _write(request: TenantRequest, one: Organisation | None, *, title: str) -> HttpResponse:
    entry = request.entry
    fresh = {"kind": request.GET.get("soort", "")}
    form = OrganisationForm(
        posted(request), organisation=one, initial=OrganisationForm.values_of(one) if one else fresh
    )

    def write() -> str:
        saved = changes.write_organisation(
            municipality=entry.municipality, by=entry.user, organisation=one,
            is_active=one.is_active if one else True, version=form.cleaned_data["version"], **form.given(),
        )  # fmt: skip
        return address("partner", entry, organisation=saved.code)

    back = address("partner", entry, organisation=one.code) if one else address("partners", entry)
    return form_page(
        request, form, title=title, back=back, write=write, standing=OrganisationForm.values_of,
        template=FORM, crumbs=[*crumbs(request, one), c.Link(label=title)],
    )  # fmt: skip


@permitted(POST=Permission.PARTNERS_EDIT)
def archive(request: TenantRequest, organisation: str) -> HttpResponse:
    """Put a partner in the archive, or take it out of it."""
    one = known_partner(organisation)
    step = changes.archive if one.is_active else changes.bring_back
    try:
        step(organisation=one, by=request.entry.user, version=sent_version(request))
    except Changed:
        messages.error(request, _("Somebody else changed this partner in the meantime. Look at it and choose again."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        told = _("It stands in the archive now.") if one.is_active else _("It is out of the archive again.")
        messages.success(request, told)
    return redirect(address("partner", request.entry, organisation=organisation))


# ── Contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@edits
def contact_new(request: TenantRequest, organisation: str) -> HttpResponse:
    """Add somebody to turn to."""
    return _write_contact(request, known_partner(organisation), None, title=_("Add a contact"))


@edits
def contact_edit(request: TenantRequest, organisation: str, contact: int) -> HttpResponse:
    """Change somebody, or remove them."""
    one = known_partner(organisation)
    known = get_object_or_404(Contact, pk=contact, organisation=one)
    return _write_contact(request, one, known, title=_("Change a contact person"))


def _write_contact(request: TenantRequest, one: Organisation, known: Contact | None, *, title: str) -> HttpResponse:
    entry, today = request.entry, timezone.localdate()
    form = ContactForm(
        posted(request), users=queries.who_may_report(entry.municipality, today=today),
        initial=ContactForm.values_of(known) if known else {},
    )  # fmt: skip
    back = address("partner", entry, organisation=one.code)

    def write() -> str:
        version = form.cleaned_data["version"]
        changes.write_contact(organisation=one, by=entry.user, contact=known, version=version, **form.given())
        return back + "#contactpersonen"

    more: dict[str, Any] = {
        "lead": _("Names and addresses of people who work with you. Only who works with partners sees them.")
    }
    if known:
        more["remove_href"] = address("contact-remove", entry, organisation=one.code, contact=known.pk)
    return form_page(
        request, form, title=title, back=back, write=write, standing=ContactForm.values_of,
        template=FORM, crumbs=[*crumbs(request, one), c.Link(label=title)], **more,
    )  # fmt: skip


@permitted(POST=Permission.PARTNERS_EDIT)
def contact_remove(request: TenantRequest, organisation: str, contact: int) -> HttpResponse:
    """Erase somebody: name, address and number are gone."""
    known = get_object_or_404(Contact, pk=contact, organisation=known_partner(organisation))
    changes.remove_contact(contact=known, by=request.entry.user)
    messages.success(request, _("The contact person is removed, with name, address and number."))
    return redirect(address("partner", request.entry, organisation=organisation) + "#contactpersonen")
