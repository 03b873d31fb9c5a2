"""Codeboek: the questions of a wave to work through, and one question to change."""

from collections import Counter
from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.access.permissions import Permission
from koersvast.surveys import changes
from koersvast.surveys.models import CodebookEntry, Wave
from koersvast.web import components as c
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.surveys.forms.codebook import CodebookForm
from koersvast.web.surveys.parts import codebook as parts
from koersvast.web.surveys.parts.steps import count, journey
from koersvast.web.surveys.views.wave_frame import frame, wave_or_404

ENTRIES_A_PAGE = 50


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def overview(request: TenantRequest, wave: int) -> HttpResponse:
    """The questions in groups; a post confirms all that are sure, or one."""
    found = wave_or_404(request, wave)
    if request.method == "POST":
        return _confirm(request, found)
    rows = list(found.entries.all())
    query = request.GET.get("zoek", "").strip()[:100]
    wanted = [row for row in rows if _holds(row, query)]
    counts = Counter(parts.group_of(row) for row in wanted)
    chosen = _chosen(request.GET.get("groep", ""), counts)
    paginator = Paginator([row for row in wanted if parts.group_of(row) == chosen], ENTRIES_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    left = sum(row.confirmed_at is None and parts.group_of(row) != "buiten" for row in rows)
    return render(
        request,
        "surveys/codebook.html",
        frame(found, step=2, label=_("Codebook"))
        | {
            "title": _("Codebook"),
            "lead": _lead(rows, left),
            "tabs": parts.tabs(counts, chosen=chosen, query=urlencode({"": query})[1:] if query else ""),
            "group": parts.GROUPS[chosen],
            "query": query,
            "cards": parts.cards(page.object_list, wave=found),
            "page": page,
            "page_numbers": list(paginator.get_elided_page_range(page.number)),
            "sure": count(counts["zeker"]) if chosen == "zeker" and not query and counts["zeker"] else "",
            "is_done": bool(rows) and not left,
            "next_href": journey(found).cards[2].href,
            "empty": _empty(found, bool(rows)),
        },
    )


@permitted(GET=Permission.SURVEY_MANAGE, POST=Permission.SURVEY_MANAGE)
def entry(request: TenantRequest, wave: int, code: str) -> HttpResponse:
    """One question: its words, answers, cuts, base; a post keeps and confirms it."""
    found = wave_or_404(request, wave)
    row = _row(found, code)
    others = [one.entry for one in found.entries.all() if one.code != code]
    form = CodebookForm(request.POST or None, entry=row.entry, others=others)
    if request.method == "POST" and request.POST.get("action") not in {"more", "show"}:
        told = form.entry()
        if told is not None:
            changes.confirm_entry(row, entry=told, by=request.entry.user)
            messages.success(request, _("“{question}” is kept and confirmed.").format(question=told.text_nl[:120]))
            return HttpResponseRedirect(_after(found, row))
    waits = request.method == "POST" and request.POST.get("action") in {"more", "show"}
    return render(
        request,
        "surveys/entry.html",
        frame(found, step=2, label=_("Codebook"))
        | {
            "title": row.entry.text_nl,
            "lead": "",
            "badges": [parts.badge_of(row)],
            "form": form,
            "row": row,
            "card": parts.cards([row], wave=found)[0],
            "back": reverse("codebook", args=[found.municipality.slug, found.pk]),
        },
        status=422 if form.has_errors and not waits else 200,
    )


def _confirm(request: TenantRequest, found: Wave) -> HttpResponse:
    """Confirm one entry as it is proposed, or all of which there is no doubt."""
    code = request.POST.get("code", "")
    if code:
        row = _row(found, code)
        changes.confirm_entry(row, by=request.entry.user)
        messages.success(request, _("“{question}” is confirmed.").format(question=row.entry.text_nl[:120]))
        return HttpResponseRedirect(_after(found, row))
    if request.POST.get("action") != "sure":
        return HttpResponse(status=400)
    number = len(changes.confirm_sure_ones(found, by=request.entry.user))
    text = ngettext("{number} question is confirmed.", "{number} questions are confirmed.", number)
    messages.success(request, text.format(number=count(number)))
    return HttpResponseRedirect(reverse("codebook", args=[found.municipality.slug, found.pk]))


def _after(found: Wave, row: CodebookEntry) -> str:
    """On to the next question that needs a look, in the order of the file; else back to the list."""
    address = reverse("codebook", args=[found.municipality.slug, found.pk])
    left = [
        one
        for one in found.entries.filter(confirmed_at=None).exclude(pk=row.pk)
        if parts.group_of(one) == "kijken" and one.position > row.position
    ]
    return f"{address}?groep=kijken#vraag-{left[0].code}" if left else f"{address}?groep=kijken"


def _row(found: Wave, code: str) -> CodebookEntry:
    row = found.entries.filter(code=code).first()
    if row is None:
        raise Http404
    return row


def _holds(row: CodebookEntry, query: str) -> bool:
    said = f"{row.code} {row.content['text_nl']} {' '.join(row.content['variables'])}".casefold()
    return all(word in said for word in query.casefold().split())


def _chosen(asked: str, counts: Counter[str]) -> str:
    """The group that was asked for; else the first with something to do."""
    if asked in parts.GROUPS:
        return asked
    return next((code for code in parts.GROUPS if counts[code]), "kijken")


def _lead(rows: Sequence[CodebookEntry], left: int) -> str:
    if not rows:
        return ""
    if not left:
        return _("All questions are confirmed.")
    text = ngettext("{number} question still waits for you.", "{number} questions still wait for you.", left)
    return text.format(number=count(left))


def _empty(found: Wave, has_rows: bool) -> c.Empty:
    if has_rows:
        return c.Empty(title=_("Nothing in this group"), text=_("Choose another group, or search for something else."))
    file = c.Link(label=_("Bring in a file"), href=reverse("wave-file", args=[found.municipality.slug, found.pk]))
    return c.Empty(
        title=_("There is no codebook yet"),
        text=_("The codebook is made from the file with answers. Bring that in first."),
        action=file,
        symbol="check-list",
    )
