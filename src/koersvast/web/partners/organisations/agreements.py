"""Pages of agreements and of the region: lists, one agreement, writing them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.partners.changes import agreements as changes
from koersvast.partners.models import Agreement, Organisation, RegionalPlan
from koersvast.partners.queries import agreements as queries
from koersvast.web import components as c
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.organisations import agreement_page, partner_page
from koersvast.web.partners.organisations.filters import AgreementFilter
from koersvast.web.partners.organisations.forms import AgreementForm, RegionalPlanForm
from koersvast.web.partners.organisations.words import FORM, address, may_edit, tabs
from koersvast.web.saving import form_page

edits = permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)


@permitted(GET=Permission.PARTNERS_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """All agreements by term, drawn on one axis of years."""
    today, form, entry = timezone.localdate(), AgreementFilter(request.GET or None), request.entry
    found = queries.agreements(
        today=today, text=form.chosen("zoek"), kind=form.chosen("soort"), standing=form.chosen("looptijd")
    )
    action = c.Link(label=_("Add an agreement"), href=address("agreement-new", entry))
    context = agreement_page.listing(found, entry=entry, today=today) | {
        "form": form,
        "action": address("agreements", entry),
        "tabs": tabs(entry, "agreements"),
        "actions": [action] if may_edit(entry) else [],
        "is_filtered": form.is_used(),
        "files": [
            c.Link(label=label, href=address("agreements-file", entry, form=name))
            for name, label in (("xlsx", _("Excel")), ("ods", _("OpenDocument")), ("csv", _("CSV")))
        ],
        "empty": c.Empty(
            title=_("No agreements yet"),
            text=_(
                "Covenants, protocols and agreements on sharing data, with their term. "
                "You get a warning before one ends."
            ),
            action=action if may_edit(entry) else None,
        ),
    }  # fmt: skip
    return render(request, "partners/organisations_agreements.html", context)


@permitted(GET=Permission.PARTNERS_VIEW)
def page(request: TenantRequest, agreement: str) -> HttpResponse:
    """One agreement: parties, term, purpose, and the promises under it."""
    today = timezone.localdate()
    line = _known(agreement)
    promises = list(line.agreement.promises.select_related("organisation", "agreement"))
    context = agreement_page.page(line, entry=request.entry) | {
        "rows": partner_page.promise_rows(promises, request.entry, today=today, shown_at="agreement")
    }
    return render(request, "partners/organisations_agreement.html", context)


def _known(code: str) -> queries.AgreementLine:
    found = queries.agreement(code, today=timezone.localdate())
    if found is None:
        raise Http404
    return found


@edits
def new(request: TenantRequest) -> HttpResponse:
    """Write down an agreement."""
    return _write(request, None, title=_("Add an agreement"))


@edits
def edit(request: TenantRequest, agreement: str) -> HttpResponse:
    """Change an agreement."""
    known = _known(agreement).agreement
    return _write(request, known, title=_("Change {name}").format(name=known.title))


def _write(request: TenantRequest, known: Agreement | None, *, title: str) -> HttpResponse:
    entry = request.entry
    chosen = Organisation.objects.filter(code=request.GET.get("partij", ""))
    form = AgreementForm(
        posted(request), agreement=known,
        initial=AgreementForm.values_of(known) if known else {"parties": list(chosen)},
    )  # fmt: skip

    def write() -> str:
        given = form.given()
        saved = changes.write_agreement(
            municipality=entry.municipality, by=entry.user, agreement=known,
            parties=list(given.pop("parties")), version=form.cleaned_data["version"], **given,
        )  # fmt: skip
        return address("agreement", entry, agreement=saved.code)

    home = address("agreements", entry)
    back = address("agreement", entry, agreement=known.code) if known else home
    crumbs = [c.Link(label=_("Covenants and agreements"), href=home), c.Link(label=title)]
    return form_page(
        request, form, title=title, back=back, write=write, standing=AgreementForm.values_of, template=FORM,
        crumbs=crumbs,
    )  # fmt: skip


# ── The region ───────────────────────────────────────────────────────────────────────────────────────────────────


@permitted(GET=Permission.PARTNERS_VIEW)
def region(request: TenantRequest) -> HttpResponse:
    """The plans of regional bodies as a mirror: what we brought in, what they promised, what came of it."""
    entry = request.entry
    cards = [agreement_page.body(one, entry=entry) for one in queries.mirrors(today=timezone.localdate())]
    action = c.Link(label=_("Add a regional plan"), href=address("regional-plan-new", entry))
    context = {
        "tabs": tabs(entry, "regional-plans"),
        "with_plans": [card for card in cards if card.plans],
        "without": [card for card in cards if not card.plans],
        "actions": [action] if may_edit(entry) and cards else [],
        "may_edit": may_edit(entry),
        "new_href": action.href,
        "empty": c.Empty(
            title=_("No regional bodies yet"),
            text=_(
                "Add the safety region or another regional body as a partner. "
                "Then its plans stand here beside what you asked of them."
            ),
            action=c.Link(label=_("Add a partner"), href=address("partner-new", entry))
            if may_edit(entry) else None,
        ),
    }  # fmt: skip
    return render(request, "partners/organisations_region.html", context)


@edits
def plan_new(request: TenantRequest) -> HttpResponse:
    """Add a plan of a regional body."""
    return _write_plan(request, None, title=_("Add a regional plan"))


@edits
def plan_edit(request: TenantRequest, regional_plan: int) -> HttpResponse:
    """Change how a regional plan is seen from here."""
    known = queries.regional_plan(regional_plan)
    if known is None:
        raise Http404
    return _write_plan(request, known, title=_("Change {name}").format(name=known.title))


def _write_plan(request: TenantRequest, known: RegionalPlan | None, *, title: str) -> HttpResponse:
    entry, back = request.entry, address("regional-plans", request.entry)
    body = Organisation.objects.filter(code=request.GET.get("van", "")).first()
    form = RegionalPlanForm(
        posted(request), plan=known, initial=RegionalPlanForm.values_of(known) if known else {"body": body}
    )

    def write() -> str:
        version = form.cleaned_data["version"]
        saved = changes.write_regional_plan(plan=known, by=entry.user, version=version, **form.given())
        return f"{back}#plan-{saved.pk}"

    crumbs = [c.Link(label=_("Region"), href=back), c.Link(label=title)]
    return form_page(
        request, form, title=title, back=back, write=write, standing=RegionalPlanForm.values_of, template=FORM,
        crumbs=crumbs,
    )  # fmt: skip
