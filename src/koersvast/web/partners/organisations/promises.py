"""Pages of promises both ways: all of them, writing one, and saying what became of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.partners.changes import agreements as changes
from koersvast.partners.models import Organisation, Promise
from koersvast.partners.queries import agreements as queries
from koersvast.web import components as c
from koersvast.web.forms import posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.partners.organisations import partner_page
from koersvast.web.partners.organisations.filters import PromiseFilter
from koersvast.web.partners.organisations.forms import PromiseForm, SettleForm
from koersvast.web.partners.organisations.partners import crumbs, known_partner, partner
from koersvast.web.partners.organisations.words import FORM, address, tabs
from koersvast.web.saving import form_page, written

edits = permitted(GET=Permission.PARTNERS_EDIT, POST=Permission.PARTNERS_EDIT)
PAGE = 60


@permitted(GET=Permission.PARTNERS_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """All promises, what they promised us and what we promised them."""
    today, form = timezone.localdate(), PromiseFilter(request.GET or None)
    found = queries.promises(
        direction=form.chosen("richting"), state=form.chosen("stand"), text=form.chosen("zoek"), today=today
    )
    pages = Paginator(found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(request.entry, "promises"),
        "form": form,
        "action": address("promises", request.entry),
        "number": len(found),
        "rows": partner_page.promise_rows(list(page), request.entry, today=today, shown_at="promises"),
        "page": page,
        "page_numbers": pages.get_elided_page_range(page.number),
        "is_filtered": form.is_used(),
        "empty": c.Empty(
            title=_("No promises yet"),
            text=_("Open a partner and write down what you promised each other, and by when."),
            action=c.Link(label=_("To the partners"), href=address("partners", request.entry)),
            symbol="check-list",
        ),
    }
    return render(request, "partners/organisations_promises.html", context)


def known_promise(number: int) -> Promise:
    """The promise with this number in this municipality, or 404."""
    found = queries.promise(number)
    if found is None:
        raise Http404
    return found


@edits
def new(request: TenantRequest, organisation: str) -> HttpResponse:
    """Write down a promise with a partner."""
    one = known_partner(organisation)
    return _write(request, one, None, title=_("Write down a promise"))


@edits
def edit(request: TenantRequest, promise: int) -> HttpResponse:
    """Change a promise that is open."""
    known = known_promise(promise)
    return _write(request, known.organisation, known, title=_("Change a promise"))


def _write(request: TenantRequest, one: Organisation, known: Promise | None, *, title: str) -> HttpResponse:
    entry = request.entry
    fresh = {"direction": request.GET.get("van", Promise.Direction.TO_US)}
    form = PromiseForm(posted(request), organisation=one, initial=PromiseForm.values_of(known) if known else fresh)
    back = address("partner", entry, organisation=one.code)

    def write() -> str:
        version = form.cleaned_data["version"]
        changes.write_promise(organisation=one, by=entry.user, promise=known, version=version, **form.given())
        return back + "#toezeggingen"

    return form_page(
        request, form, title=title, kicker=str(one), back=back, write=write, standing=PromiseForm.values_of,
        template=FORM, crumbs=[*crumbs(request, one), c.Link(label=title)],
    )  # fmt: skip


@permitted(POST=Permission.PARTNERS_EDIT)
def settle(request: TenantRequest, promise: int) -> HttpResponse:
    """Say that a promise was kept, not kept or has lapsed; or open it again."""
    known = known_promise(promise)
    if request.POST.get("do") == "open":
        return _opened_again(request, known)
    form = SettleForm(request.POST, prefix=SettleForm.prefix_of(known))

    def write() -> None:
        given = form.given()
        changes.settle_promise(
            promise=known, by=request.entry.user, state=Promise.State(given["state"]), note=given["note"],
            on=given["on"], version=form.cleaned_data["version"],
        )  # fmt: skip

    if not written(form, write, standing=SettleForm.values_of):
        return partner(request, known.organisation.code, (known.pk, form))
    messages.success(request, _("Saved."))
    return _back(request, known)


def _opened_again(request: TenantRequest, known: Promise) -> HttpResponse:
    """Nothing was typed here, so who comes second is told and looks again."""
    try:
        changes.settle_promise(
            promise=known, state=Promise.State.OPEN, by=request.entry.user, version=sent_version(request)
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody else changed this promise in the meantime. Look at it and choose again."))
    else:
        messages.success(request, _("The promise is open again."))
    return _back(request, known)


def _back(request: TenantRequest, known: Promise) -> HttpResponse:
    """To the list where the button stood, else to the partner."""
    if request.POST.get("at") == "promises":
        return redirect(address("promises", request.entry))
    return redirect(address("partner", request.entry, organisation=known.organisation.code) + "#toezeggingen")
