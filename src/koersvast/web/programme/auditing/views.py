"""Pages of the self-test: what an audit office would ask, answered by the municipality itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.indicators.wording import language_now
from koersvast.policy.models import Plan
from koersvast.policy.queries.plans import current_plan, plans
from koersvast.programme.auditing import Tally, norms
from koersvast.programme.changes import auditing as changes
from koersvast.programme.models import NormScore, SelfAudit
from koersvast.programme.queries.auditing import AskedNorm, audit_sets, audits, seen
from koersvast.programme.queries.council import places_to_choose
from koersvast.web import components as c
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.auditing import pages
from koersvast.web.programme.auditing.forms import AnswerForm, CloseForm
from koersvast.web.saving import status_of, written


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """A self-test in the list."""

    row: SelfAudit
    tally: Tally
    counts: tuple[tuple[c.Badge, int], ...]
    href: str


writes = permitted(GET=Permission.PROGRAMME_EDIT, POST=Permission.PROGRAMME_EDIT)


def plan_asked(request: TenantRequest) -> Plan | None:
    """The plan in the address, else the plan of today, else the newest one."""
    if code := request.GET.get("plan", ""):
        return get_object_or_404(Plan.objects.select_related("municipality"), code=code)
    return current_plan(today=timezone.localdate()) or next(iter(plans()), None)


def _may_edit(request: TenantRequest) -> bool:
    return Permission.PROGRAMME_EDIT in request.entry.permissions


def _audit(request: TenantRequest, number: int) -> SelfAudit:
    """A self-test that the visitor may read: an open one only by who keeps the programme."""
    found = get_object_or_404(SelfAudit.objects.select_related("plan__municipality", "municipality"), pk=number)
    if found.closed_on is None and not _may_edit(request):
        raise Http404
    return found


def _href(request: TenantRequest, name: str, **parts: Any) -> str:
    return reverse(name, kwargs={"municipality": request.entry.municipality.slug, **parts})


@permitted(GET=Permission.PROGRAMME_VIEW)
def overview(request: TenantRequest) -> HttpResponse:
    """The self-test that is open, and the earlier ones."""
    plan = plan_asked(request)
    found = audits(plan, closed_only=not _may_edit(request)) if plan else []
    lines = [_line(request, row, tally) for row, tally in found]
    shown = {
        "plan": plan,
        "others": [one for one in plans() if plan is None or one.pk != plan.pk],
        "open": next((one for one in lines if one.row.closed_on is None), None),
        "closed": [one for one in lines if one.row.closed_on is not None],
        "may_edit": _may_edit(request),
        "empty": c.Empty(
            title=_("There is no plan yet"), text=_("The self-test is of a plan. Write one first."), symbol="info"
        ),
    }
    return render(request, "programme/self_audits.html", shown)


def _line(request: TenantRequest, row: SelfAudit, found: Tally) -> AuditLine:
    href = _href(request, "self-audit", self_audit=row.pk)
    return AuditLine(row=row, tally=found, counts=pages.counts(found), href=href)


@permitted(POST=Permission.PROGRAMME_EDIT)
def start(request: TenantRequest) -> HttpResponse:
    """Begin a self-test of a plan."""
    plan = get_object_or_404(Plan.objects.select_related("municipality"), code=request.POST.get("plan", ""))
    try:
        made = changes.start_audit(plan=plan, by=request.entry.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(_href(request, "self-audits") + f"?plan={plan.code}")
    return redirect(_href(request, "self-audit", self_audit=made.pk))


@permitted(GET=Permission.PROGRAMME_VIEW)
def one(request: TenantRequest, self_audit: int) -> HttpResponse:
    """One self-test: all norms with their questions and answers."""
    return _page(request, _audit(request, self_audit))


def _page(request: TenantRequest, row: SelfAudit, form: CloseForm | None = None) -> HttpResponse:
    found = audit_sets(row, seen=seen(row.plan, today=timezone.localdate()) if row.closed_on is None else {})
    tallies = [norm.tally for one in found for norm in one.norms]
    shown = {
        "audit": row,
        "sets": pages.sets(found, self_audit=row, municipality=request.entry.municipality.slug),
        "answered": sum(one.answered for one in tallies),
        "total": sum(one.total for one in tallies),
        "may_edit": _may_edit(request) and row.closed_on is None,
        "form": form or CloseForm(initial={"version": row.version}),
        "back": _href(request, "self-audits") + f"?plan={row.plan.code}",
    }
    return render(request, "programme/self_audit.html", shown, status=status_of(form) if form else 200)


@permitted(POST=Permission.PROGRAMME_EDIT)
def close(request: TenantRequest, self_audit: int) -> HttpResponse:
    """Close a self-test."""
    row, form = _audit(request, self_audit), CloseForm(request.POST)

    def write() -> object:
        return changes.close_audit(
            self_audit=row, by=request.entry.user, version=form.cleaned_data["version"], **form.given()
        )

    if not written(form, write, standing=lambda now: {"note": now.note}):
        return _page(request, row, form)
    messages.success(request, _("The self-test is closed. It stays as it is."))
    return redirect(_href(request, "self-audit", self_audit=row.pk))


@writes
def norm(request: TenantRequest, self_audit: int, norm: str) -> HttpResponse:
    """The questions of one norm, to answer; each is saved by itself."""
    row = _audit(request, self_audit)
    if norm not in norms():
        raise Http404
    if row.closed_on is not None:  # somebody closed it in the meantime
        return redirect(_href(request, "self-audit", self_audit=row.pk))
    asked = _asked(row, norm)
    forms = _forms(request, asked)
    if request.method == "POST":
        refused = [form for form, save in _saves(request, row, asked, forms) if form.has_changed() and not save()]
        if not refused:
            messages.success(request, _("Your answers are saved."))
            return redirect(_next(request, row, norm))
    shown = {
        "audit": row, "name": norms()[norm].name(language_now()),
        "asked": [
            (pages.question_card(one, municipality=request.entry.municipality.slug), form)
            for one, form in zip(asked.asked, forms, strict=True)
        ],
        "back": _href(request, "self-audit", self_audit=row.pk),
    }  # fmt: skip
    return render(request, "programme/self_audit_norm.html", shown, status=max(status_of(form) for form in forms))


def _asked(row: SelfAudit, code: str) -> AskedNorm:
    found = audit_sets(row, seen=seen(row.plan, today=timezone.localdate()))
    return next(norm for one in found for norm in one.norms if norm.norm.code == code)


def _forms(request: TenantRequest, asked: AskedNorm) -> list[AnswerForm]:
    places = places_to_choose()
    return [
        AnswerForm(
            posted(request),
            places=places,
            prefix=AnswerForm.prefix_of(one.question),
            initial=AnswerForm.values_of(one.score),
        )
        for one in asked.asked
    ]


def _saves(
    request: TenantRequest, row: SelfAudit, asked: AskedNorm, forms: list[AnswerForm]
) -> list[tuple[AnswerForm, Callable[[], bool]]]:
    return [
        (form, partial(_save, request, row, one.question.code, form))
        for one, form in zip(asked.asked, forms, strict=True)
    ]


def _save(request: TenantRequest, row: SelfAudit, question: str, form: AnswerForm) -> bool:
    def write() -> None:
        given = form.cleaned_data
        if not given["score"] and not given["text"].strip():
            changes.take_back(self_audit=row, question=question, by=request.entry.user, version=given["version"])
            return
        changes.answer(
            self_audit=row, question=question, score=given["score"], text=given["text"], proofs=form.proofs(),
            by=request.entry.user, version=given["version"],
        )  # fmt: skip

    return written(form, write, standing=_standing)


def _standing(row: NormScore) -> dict[str, Any]:
    return AnswerForm.values_of(row)


def _next(request: TenantRequest, row: SelfAudit, code: str) -> str:
    """On to the norm after this one; after the last one back to the whole."""
    codes = list(norms())
    after = codes[codes.index(code) + 1 :]
    if "verder" in request.POST and after:
        return _href(request, "self-audit-norm", self_audit=row.pk, norm=after[0])
    return _href(request, "self-audit", self_audit=row.pk) + f"#{code}"
