"""Pages of the council: what it was promised, what it asked, and what came of it."""

from dataclasses import asdict
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed
from koersvast.access.permissions import Permission
from koersvast.programme.changes import council as changes
from koersvast.programme.council import STILL_OPEN, Term
from koersvast.programme.models import CouncilItem
from koersvast.programme.queries.council import bound_place, chosen_lines, council_lines, counts, line_of
from koersvast.web import components as c
from koersvast.web.forms import ChangeForm, posted, sent_version
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.council import pages, words
from koersvast.web.programme.council.forms import AskForm, ItemForm, LookForm, SettleForm, WithdrawForm
from koersvast.web.saving import form_page, status_of, written

A_PAGE = 60
writes = permitted(GET=Permission.COUNCIL_EDIT, POST=Permission.COUNCIL_EDIT)


def _href(request: TenantRequest, name: str, **parts: Any) -> str:
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


def _item(number: int) -> CouncilItem:
    return get_object_or_404(
        CouncilItem.objects.select_related("municipality", "objective__plan", "action"), number=number
    )


@permitted(GET=Permission.COUNCIL_VIEW)
def council(request: TenantRequest) -> HttpResponse:
    """Everything that the council asked or was promised, what is late first."""
    today, form = timezone.localdate(), LookForm(request.GET)
    lines = council_lines(today=today)
    page = Paginator(chosen_lines(lines, form.chosen()), A_PAGE).get_page(request.GET.get("page"))
    number = counts(lines)
    shown = {
        "form": form,
        "counts": [(words.TERM[one], number[one]) for one in Term if one in STILL_OPEN and number[one]],
        "groups": pages.groups(page, municipality=request.entry.municipality.slug, today=today),
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number)),
        "empty": _nothing(bool(lines)),
        "may_edit": Permission.COUNCIL_EDIT in request.entry.permissions,
        "may_ask": Permission.COUNCIL_ASK in request.entry.permissions,
    }
    return render(request, "programme/council.html", shown)


def _nothing(any_there: bool) -> c.Empty:
    if any_there:
        return c.Empty(title=_("Nothing fits what you look for"), text=_("Choose fewer conditions."), symbol="search")
    text = _("Here comes what the council asks and is promised about safety, so that no term is forgotten.")
    return c.Empty(title=_("The council asked nothing yet"), text=text, symbol="info")


@permitted(GET=Permission.COUNCIL_VIEW)
def item(request: TenantRequest, council_item: int) -> HttpResponse:
    """One item: what was asked, about what, and what came of it."""
    return _item_page(request, _item(council_item))


def _item_page(request: TenantRequest, row: CouncilItem, refused: ChangeForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    line = line_of(row, today=today)
    start = {"version": row.version, "settled_on": today}
    shown = {
        "item": row,
        "kind": words.KIND[row.kind],
        "badges": [words.TERM[line.term]],
        "is_open": line.is_open,
        "when": pages.when(line, today=today),
        "facts": pages.facts(line),
        "place": pages.place_link(bound_place(row.place), request.entry.municipality.slug),
        "may_edit": Permission.COUNCIL_EDIT in request.entry.permissions,
        "settle_form": refused if isinstance(refused, SettleForm) else SettleForm(initial=start),
        "withdraw_form": refused if isinstance(refused, WithdrawForm) else WithdrawForm(initial=start),
    }
    return render(request, "programme/council_item.html", shown, status=status_of(refused) if refused else 200)


@writes
def item_new(request: TenantRequest) -> HttpResponse:
    """Write down what the council asked or was promised."""
    form = ItemForm(posted(request), initial={"raised_on": timezone.localdate(), "kind": CouncilItem.Kind.COMMITMENT})

    def write() -> str:
        row = changes.write_item(municipality=request.entry.municipality, draft=form.draft(), by=request.entry.user)
        return _href(request, "council-item", council_item=row.number)

    return form_page(
        request, form, title=_("Add a commitment, motion or question"), back=_href(request, "council"), write=write,
        standing=_standing, save=_("Write it down"),
    )  # fmt: skip


@writes
def item_edit(request: TenantRequest, council_item: int) -> HttpResponse:
    """Change an item that is still open."""
    row = _item(council_item)
    here = _href(request, "council-item", council_item=row.number)
    form = ItemForm(posted(request), initial=_standing(row))

    def write() -> str:
        changes.write_item(
            municipality=request.entry.municipality, draft=form.draft(), by=request.entry.user, item=row,
            version=form.cleaned_data["version"],
        )  # fmt: skip
        return here

    title = _("Change: {title}").format(title=row.title)
    return form_page(request, form, title=title, back=here, write=write, standing=_standing)


def _standing(row: CouncilItem) -> dict[str, Any]:
    return asdict(changes.draft_of(row)) | {"version": row.version}


@permitted(GET=Permission.COUNCIL_ASK, POST=Permission.COUNCIL_ASK)
def ask(request: TenantRequest) -> HttpResponse:
    """Ask a question, at the place in a plan or report that the visitor came from."""
    form = AskForm(posted(request), initial={"place": request.GET.get("over", "")})

    def write() -> str:
        row = changes.ask(municipality=request.entry.municipality, by=request.entry.user, **form.given())
        return _href(request, "council-item", council_item=row.number)

    return form_page(
        request, form, title=_("Ask a question"), back=_href(request, "council"), write=write, standing=_standing,
        saved=_("Your question is written down. The answer comes to stand here."),
        save=_("Ask this question"),
        lead=_("About: {place}").format(place=form.about()) if form.about() else "",
    )  # fmt: skip


@permitted(POST=Permission.COUNCIL_EDIT)
def settle(request: TenantRequest, council_item: int) -> HttpResponse:
    """Write what the answer is."""
    row, form = _item(council_item), SettleForm(request.POST)
    return _ended(request, row, form, changes.settle_item, _("The answer is written down."))


@permitted(POST=Permission.COUNCIL_EDIT)
def withdraw(request: TenantRequest, council_item: int) -> HttpResponse:
    """Say that it no longer stands."""
    row, form = _item(council_item), WithdrawForm(request.POST)
    return _ended(request, row, form, changes.withdraw_item, _("It no longer stands."))


def _ended(request: TenantRequest, row: CouncilItem, form: ChangeForm, change: Any, told: str) -> HttpResponse:
    def write() -> object:
        return change(item=row, by=request.entry.user, version=form.cleaned_data["version"], **form.given())

    if not written(form, write, standing=partial(_answered, form=form)):
        return _item_page(request, _item(row.number), form)
    messages.success(request, told)
    return redirect(_href(request, "council-item", council_item=row.number))


def _answered(row: CouncilItem, *, form: ChangeForm) -> dict[str, Any]:
    """What stands there now, by the names of the fields."""
    known = {"answer": row.answer, "reason": row.answer, "settled_on": row.settled_on, "document": row.document}
    return {name: known[name] for name in form.fields if name in known}


@permitted(POST=Permission.COUNCIL_EDIT)
def reopen(request: TenantRequest, council_item: int) -> HttpResponse:
    """Open an item again."""
    row = _item(council_item)
    try:
        changes.reopen_item(item=row, by=request.entry.user, version=sent_version(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except Changed:
        messages.error(request, _("Somebody else changed this just now. This is how it stands; try again."))
    else:
        messages.success(request, _("It is open again."))
    return redirect(_href(request, "council-item", council_item=row.number))
