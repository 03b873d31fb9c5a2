"""Pages of a programme in its views, and of one action: read and reported on. It is written in `writing`."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.policy.queries.standing import standing
from koersvast.programme.changes.progress import report
from koersvast.programme.council import Place
from koersvast.programme.models import Action, Programme, ProgressReport
from koersvast.programme.queries import actions as known
from koersvast.programme.queries.progress import may_report
from koersvast.web.council_block import council_here
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.programme.actions import group_page, pages, table_page, timing
from koersvast.web.programme.actions.downloads import WRITERS
from koersvast.web.programme.actions.forms import FilterForm, ReportForm

sees = permitted(GET=Permission.PROGRAMME_VIEW)
EVERYTHING = known.ActionFilter()
BARS_PER_PAGE = 100


def _programme(code: str) -> Programme:
    return get_object_or_404(Programme.objects.select_related("plan", "municipality", "predecessor"), code=code)


def _shown(
    request: TenantRequest, programme: Programme, *, here: str,
    make: Callable[[list[known.ActionLine]], dict[str, Any]], template: str = "",
) -> HttpResponse:  # fmt: skip
    today = timezone.localdate()
    lines = known.actions(programme, chosen=EVERYTHING, today=today)
    shown = pages.head(programme, lines, today=today, here=here) | make(lines)
    may_edit = Permission.PROGRAMME_EDIT in request.entry.permissions
    shown |= {"keeps": may_edit, "may_edit": may_edit and programme.state != Programme.State.CLOSED}
    shown["successor"] = programme.successors.exists()
    return render(request, f"programme/{template or here.replace('-', '_')}.html", shown)


@sees
def programme_of_today(request: TenantRequest) -> HttpResponse:
    """Lead on to the programme that runs today, else the last one; say so where there is none."""
    found = known.current_programme(today=timezone.localdate())
    if found is None:
        may_edit = Permission.PROGRAMME_EDIT in request.entry.permissions
        return render(request, "programme/no_programme.html", {"may_edit": may_edit})
    return redirect("programme-table", municipality=request.entry.municipality.slug, programme=found.code)


@sees
def programme(request: TenantRequest, programme: str) -> HttpResponse:
    """The actions as a table that can be searched, filtered and sorted."""
    found = _programme(programme)
    form = FilterForm(request.GET, programme=found)
    chosen = form.chosen()

    def make(every: list[known.ActionLine]) -> dict[str, Any]:
        others = [one for one in known.programmes() if one.pk != found.pk]
        return {"form": form, "others": others} | table_page.context(
            known.fitting(every, chosen), chosen=chosen, asked=request.GET, total=len(every),
            municipality=request.entry.municipality.slug,
        )  # fmt: skip

    return _shown(request, found, here="programme-table", make=make)


@sees
def by_objective(request: TenantRequest, programme: str) -> HttpResponse:
    """For each objective how it stands and what is done for it; an action that serves two stands under both."""
    chosen, today = _programme(programme), timezone.localdate()
    may_edit = Permission.PROGRAMME_EDIT in request.entry.permissions and chosen.state != Programme.State.CLOSED

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        verdicts = standing(chosen.plan, known_on=today, today=today)
        return {"what": _("An action that serves two objectives stands twice.")} | group_page.context(
            known.grouped(lines, "objective", parts=known.objectives_of(chosen)), programme=chosen, asked=request.GET,
            filter_name="objective", without=_("Without an objective"),
            empty=_("No action serves this objective yet."),
            headings=group_page.objective_headings(verdicts, programme=chosen, may_edit=may_edit),
        )  # fmt: skip

    return _shown(request, chosen, here="programme-objectives", make=make, template="programme_groups")


@sees
def by_partner(request: TenantRequest, programme: str) -> HttpResponse:
    """For each partner outside the town hall what they do."""
    chosen = _programme(programme)

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        lead = _("Under each partner what it does itself and what it contributes to.")
        return {"what": lead, "alone_label": _("Only this partner, to print")} | group_page.context(
            known.grouped(lines, "partner"), programme=chosen, asked=request.GET, filter_name="partner",
            without=_("Without a partner"), empty="",
        )  # fmt: skip

    return _shown(request, chosen, here="programme-partners", make=make, template="programme_groups")


@sees
def by_unit(request: TenantRequest, programme: str) -> HttpResponse:
    """For each unit of the municipality its own part: the plan of a department."""
    chosen = _programme(programme)

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        lead = _("What each unit of the municipality does itself: input for the plan of the department.")
        return {"what": lead, "alone_label": _("Only this unit, to print")} | group_page.context(
            known.grouped(lines, "unit"), programme=chosen, asked=request.GET, filter_name="partner",
            without=_("Not done by a unit of the municipality"), empty="",
        )  # fmt: skip

    return _shown(request, chosen, here="programme-units", make=make, template="programme_groups")


@sees
def chain(request: TenantRequest, programme: str) -> HttpResponse:
    """Where on the safety chain something is done, and where nothing is."""
    chosen = _programme(programme)

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        rows = known.coverage(lines, known.priorities_of(chosen))
        return {"table": pages.chain_table(rows), "holes": pages.holes(rows)}

    return _shown(request, chosen, here="programme-chain", make=make)


@sees
def three_w(request: TenantRequest, programme: str) -> HttpResponse:
    """What do we want, what will we do, what may it cost."""
    chosen = _programme(programme)

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        found = known.three_w(chosen, lines)
        slug = request.entry.municipality.slug
        return {
            "table": pages.three_w_table(found, municipality=slug),
            "covers": pages.cover_table(found),
            "forms": list(WRITERS),
        }

    return _shown(request, chosen, here="programme-3w", make=make)


@sees
def timeline(request: TenantRequest, programme: str) -> HttpResponse:
    """The actions as bars over the quarters of the programme, by priority."""
    chosen, slug, today = _programme(programme), request.entry.municipality.slug, timezone.localdate()

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        drawn = sorted((line for line in lines if timing.has_a_day(line)), key=timing.by_start)
        paginator = Paginator(drawn, BARS_PER_PAGE)
        page = paginator.get_page(request.GET.get("page"))
        groups = known.grouped(list(page.object_list), "priority", parts=known.priorities_of(chosen))
        shown = timing.timeline(
            groups, first=chosen.first_day, last=chosen.last_day, today=today, municipality=slug,
            without=_("Without a priority"),
        )  # fmt: skip
        dayless = [line for line in lines if not timing.has_a_day(line)]
        return {
            "timeline": shown, "page": page, "page_numbers": paginator.get_elided_page_range(page.number),
            "dayless": [
                (line.number, line.title, pages.action_href(line.number, municipality=slug)) for line in dayless
            ],
        }  # fmt: skip

    return _shown(request, chosen, here="programme-timeline", make=make)


@sees
def month(request: TenantRequest, programme: str) -> HttpResponse:
    """What begins and what has to be ready, day by day."""
    chosen, today = _programme(programme), timezone.localdate()
    nearest = max(chosen.first_day, known.judged_on(chosen, today=today))
    first = timing.month_of(request.GET.get("month", ""), otherwise=nearest)

    def make(lines: list[known.ActionLine]) -> dict[str, Any]:
        return {"month": timing.month(lines, first=first, today=today, municipality=request.entry.municipality.slug)}

    return _shown(request, chosen, here="programme-month", make=make)


@sees
def action(request: TenantRequest, action: int) -> HttpResponse:
    """One action in full, with what was reported on it."""
    return _action_page(request, action)


def _action_page(request: TenantRequest, number: int, form: ReportForm | None = None) -> HttpResponse:
    found = known.action_detail(number, today=timezone.localdate())
    if found is None:
        raise Http404
    entry = request.entry
    reports = Permission.PROGRESS_REPORT in entry.permissions and may_report(
        entry.user, found.action, on=timezone.localdate()
    )
    shown = pages.detail(found, municipality=entry.municipality.slug) | {
        "keeps": Permission.PROGRAMME_EDIT in entry.permissions,
        "may_edit": Permission.PROGRAMME_EDIT in entry.permissions and found.action.programme.state != "closed",
        "form": (form or ReportForm(action=found.action)) if reports else None,
        **council_here(entry, Place(kind="action", code=str(found.action.number))),
    }
    return render(request, "programme/action.html", shown, status=422 if form is not None else 200)


@permitted(POST=Permission.PROGRESS_REPORT)
def action_report(request: TenantRequest, action: int) -> HttpResponse:
    """Record a state and one line."""
    chosen = get_object_or_404(Action.objects.select_related("municipality", "programme"), number=action)
    if not may_report(request.entry.user, chosen, on=timezone.localdate()):
        raise Http404  # not theirs to report on: the same as an action that is not there
    form = ReportForm(request.POST, action=chosen)
    if form.is_valid() and _reported(request, chosen, form):
        messages.success(request, _("Thank you. The progress is recorded."))
        return redirect("action", municipality=request.entry.municipality.slug, action=action)
    return _action_page(request, action, form)


def _reported(request: TenantRequest, chosen: Action, form: ReportForm) -> bool:
    given = form.cleaned_data
    try:
        report(
            action=chosen, state=given["state"], line=given["line"], by=request.entry.user,
            way=ProgressReport.Way.PAGE, output_done=given.get("output_done"),
        )  # fmt: skip
    except ValidationError as refused:
        form.add_error("line", refused)
        return False
    return True
