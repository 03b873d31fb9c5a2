"""The pages where one objective is read, decided on, or set aside."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.conflicts import Changed, last_writer
from koersvast.access.permissions import Permission
from koersvast.engine.quantities import EvidenceVerdict
from koersvast.indicators.wording.numbers import format_moment
from koersvast.policy.models import CourseDecision, Objective, TargetSet
from koersvast.policy.wording import amounts
from koersvast.programme.changes import reviews as changes
from koersvast.programme.models import CheckMoment, ObjectiveReview
from koersvast.programme.queries.actions import current_programme
from koersvast.programme.queries.reviews import Step, decisions_to_choose, is_finished, last_review, readers_offered
from koersvast.programme.queries.reviews import step as step_of
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.reviews import pages, words
from koersvast.web.programme.reviews.forms import DecisionForm, ReadingForm, SkipForm
from koersvast.web.programme.reviews.views import chosen_moment

Choice = CourseDecision.Choice


def _objective(moment: CheckMoment, code: str) -> Objective:
    known = Objective.objects.select_related(
        "plan__area", "plan__municipality", "priority", "indicator__source", "source"
    )
    return get_object_or_404(known, plan=moment.plan, code=code)


@permitted(GET=Permission.REVIEW_VIEW, POST=Permission.REVIEW_RECORD)
def step(request: TenantRequest, moment: int, objective: str) -> HttpResponse:
    """Read one objective together: figures first, then what was concluded."""
    row = chosen_moment(moment)
    if row.known_on is None:
        return redirect("review", municipality=request.entry.municipality.slug, moment=moment)
    chosen = _objective(row, objective)
    if request.method != "POST":
        return _page(request, row, chosen)
    seen = step_of(row, chosen, today=timezone.localdate())
    form = _reading_form(row, chosen, seen, data=request.POST)
    if not form.is_valid():
        return _page(request, row, chosen, reading=form)
    try:
        review = changes.record_review(
            moment=row, objective=chosen, by=request.entry.user, version=form.cleaned_data["version"], **form.given()
        )
    except ValidationError as refused:
        form.take_over(refused)
        return _page(request, row, chosen, reading=form)
    except Changed as changed:
        return _conflict(request, row, chosen, form, changed)
    if "decide" in request.POST or not is_finished(review):
        messages.success(request, _("The reading is kept. Now the decision."))
        return redirect(_here(request, row, chosen) + "#besluit")
    messages.success(request, _("The reading is kept."))
    return _onward(request, seen)


def _here(request: TenantRequest, moment: CheckMoment, objective: Objective) -> str:
    return pages.href("review-step", request.entry.municipality.slug, moment=moment.pk, objective=objective.code)


def _onward(request: TenantRequest, seen: Step) -> HttpResponse:
    """To the next objective; after the last one back to the moment."""
    slug = request.entry.municipality.slug
    if seen.next_code:
        return redirect("review-step", municipality=slug, moment=seen.moment.pk, objective=seen.next_code)
    return redirect("review", municipality=slug, moment=seen.moment.pk)


def _page(
    request: TenantRequest, moment: CheckMoment, objective: Objective, *, reading: ReadingForm | None = None,
    deciding: DecisionForm | None = None, skipping: SkipForm | None = None, more: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    seen = step_of(moment, objective, today=timezone.localdate())
    shown = pages.step_page(seen, municipality=request.entry.municipality)
    may_record = Permission.REVIEW_RECORD in request.entry.permissions and moment.closed_on is None
    shown |= {"may_record": may_record, "draft": None, **(more or {})}
    if may_record:
        draft = objective.target_sets.filter(decision=None).first()
        programme = current_programme(today=timezone.localdate())
        shown |= {
            "programme_code": programme.code if programme and programme.state != programme.State.CLOSED else "",
            "reading_form": reading or _reading_form(moment, objective, seen),
            "decision_form": deciding or _decision_form(request, seen, draft=draft),
            "skip_form": skipping or SkipForm(initial={"version": _version(seen)}, prefix="later"),
            "draft": _draft_text(draft, seen) if draft else None,
            "may_adopt": Permission.PLAN_ADOPT in request.entry.permissions,
        }
    refused = any(form is not None and form.errors for form in (reading, deciding, skipping))
    return render(request, "programme/review_step.html", shown, status=422 if refused else 200)


def _version(seen: Step) -> int:
    return seen.review.version if seen.review else 0


def _reading_form(moment: CheckMoment, objective: Objective, seen: Step, *, data: Any = None) -> ReadingForm:
    review = seen.review
    start: dict[str, Any] = {"version": _version(seen)}
    if review:
        start |= {name: getattr(review, name) for name in ("read_by_others", "reading", "reason_code", "reason_text")}
        start["readers"] = [one.pk for one in review.readers.all()]
    elif before := last_review(moment, objective):
        start |= {"read_by_others": before.read_by_others, "readers": [one.pk for one in before.readers.all()]}
    offered = readers_offered(moment, objective)
    return ReadingForm(data, offered=offered, asks_reason=seen.asks_reason, initial=start)


def _decision_form(request: TenantRequest, seen: Step, *, draft: TargetSet | None, data: Any = None) -> DecisionForm:
    agreed = _agreed(seen)
    choices = words.choices(
        on_course=seen.standing.evidence is EvidenceVerdict.ON_COURSE,
        may_adopt=Permission.PLAN_ADOPT in request.entry.permissions,
        has_agreement=bool(agreed) or draft is not None,
    )
    before = CourseDecision.objects.filter(review__moment=seen.moment).order_by("-recorded_at", "-pk").first()
    start = {"version": _version(seen), "decided_on": timezone.localdate()}
    if before:
        start |= {"body": before.body, "document": before.document, "decided_on": before.decided_on}
    return DecisionForm(
        data, choices=choices, decisions=decisions_to_choose(seen.moment, seen.objective),
        agreed=[] if draft else agreed, initial=start,
    )  # fmt: skip


def _agreed(seen: Step) -> list[tuple[int, Decimal]]:
    """The adopted values that can still be agreed anew: of the years after the one that is looked back on."""
    adopted = seen.objective.target_sets.exclude(decision=None).order_by("-number").first()
    if adopted is None:
        return []
    values = [(one.year, _bare(one.agreed)) for one in adopted.targets.all()]
    return [pair for pair in values if pair[0] > seen.year] or values[-1:]


def _bare(value: Decimal) -> Decimal:
    bare = value.normalize()
    return bare.quantize(Decimal(1)) if bare == bare.to_integral_value() else bare


def _draft_text(draft: TargetSet, seen: Step) -> dict[str, Any]:
    """The open draft in words, and the titles of the drafts that one decision would adopt with it."""
    unit = seen.standing.unit
    values = [f"{one.year}: {amounts.amount(one.agreed, unit)}" for one in draft.targets.all()] if unit else []
    others = TargetSet.objects.filter(objective__plan=seen.objective.plan, decision=None).exclude(pk=draft.pk)
    return {"values": "; ".join(values), "others": [one.objective.title for one in others.select_related("objective")]}


def _conflict(
    request: TenantRequest, moment: CheckMoment, objective: Objective, form: ReadingForm, changed: Changed
) -> HttpResponse:
    """Show what somebody else kept meanwhile beside what was typed; saving again chooses what was typed."""
    row = changed.row
    if not isinstance(row, ObjectiveReview):
        return redirect("review", municipality=request.entry.municipality.slug, moment=moment.pk)
    writer = last_writer(row)
    again = request.POST.copy()
    again["version"] = str(row.version)
    fresh = _reading_form(moment, objective, step_of(moment, objective, today=timezone.localdate()), data=again)
    fresh.is_valid()
    more = {
        "conflict": pages.conflict({"readers": [], **form.given()}, row),
        "conflict_who": writer.user.name if writer and writer.user else "",
        "conflict_when": format_moment(timezone.localtime(writer.at)) if writer else "",
    }
    response = _page(request, moment, objective, reading=fresh, more=more)
    response.status_code = 409
    return response


@permitted(POST=Permission.REVIEW_RECORD)
def decision(request: TenantRequest, moment: int, objective: str) -> HttpResponse:
    """Record what was decided on the course of an objective."""
    row = chosen_moment(moment)
    chosen = _objective(row, objective)
    review = get_object_or_404(
        ObjectiveReview.objects.select_related("moment__plan__municipality", "objective__plan__municipality"),
        moment=row, objective=chosen,
    )  # fmt: skip
    seen = step_of(row, chosen, today=timezone.localdate())
    draft = chosen.target_sets.filter(decision=None).first()
    form = _decision_form(request, seen, draft=draft, data=request.POST)
    if not form.is_valid():
        return _page(request, row, chosen, deciding=form)
    try:
        made = changes.decide(
            review=review, by=request.entry.user, version=form.cleaned_data["version"], **form.given()
        )
    except ValidationError as refused:
        form.take_over(refused)
        return _page(request, row, chosen, deciding=form)
    except Changed:
        messages.error(request, _("Somebody else changed this reading just now. Look at it, and decide again."))
        return redirect(_here(request, row, chosen))
    if made.choice == Choice.ADJUST_MEASURES:
        messages.success(request, _("The decision is kept. Now adjust the actions themselves."))
        return redirect(_here(request, row, chosen) + "#gedaan-kop")
    messages.success(request, _("The decision is kept, and stands in the ledger."))
    return _onward(request, seen)


@permitted(POST=Permission.REVIEW_RECORD)
def skip(request: TenantRequest, moment: int, objective: str) -> HttpResponse:
    """Set an objective aside, with the reason."""
    row = chosen_moment(moment)
    chosen, form = _objective(row, objective), SkipForm(request.POST, prefix="later")
    if row.known_on is None:
        return redirect("review", municipality=request.entry.municipality.slug, moment=moment)
    if not form.is_valid():
        return _page(request, row, chosen, skipping=form)
    given = form.cleaned_data
    try:
        changes.set_aside(
            moment=row, objective=chosen, reason=given["reason"], by=request.entry.user, version=given["version"]
        )
    except ValidationError as refused:
        form.take_over(refused)
        return _page(request, row, chosen, skipping=form)
    except Changed:
        messages.error(request, _("Somebody else read this objective just now. This is what they kept."))
        return redirect(_here(request, row, chosen))
    messages.success(request, _("Set aside, with your reason."))
    return _onward(request, step_of(row, chosen, today=timezone.localdate()))
