"""The addresses of the interface. Each asks a scope, calls a query or a change, and says nothing of its own."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from koersvast.access.permissions import Permission
from koersvast.api import schemas
from koersvast.api.entering import CalledRequest, asks
from koersvast.api.paging import Paging, part_of
from koersvast.api.problems import Refused
from koersvast.indicators.models import Indicator
from koersvast.indicators.queries import Series, Value, indicator_detail
from koersvast.partners.queries.agreements import agreements, promises
from koersvast.partners.queries.consultations import consultation as one_table
from koersvast.partners.queries.consultations import meetings_of, tables
from koersvast.partners.queries.organisations import organisations
from koersvast.policy.models import Plan
from koersvast.policy.queries.plans import plan_overview, plans
from koersvast.policy.queries.standing import verdict_rows
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Programme, ProgressReport
from koersvast.programme.queries.actions import ActionDetail, ActionFilter, action_detail, actions, programmes
from koersvast.programme.queries.calendar import calendar
from koersvast.programme.queries.council import CouncilFilter, chosen_lines, council_lines
from koersvast.programme.queries.reviews import moments
from koersvast.programme.wording.calendar import said
from koersvast.reference.queries import area_of

router = Router(by_alias=True)
REFUSALS = dict.fromkeys((401, 403, 404, 422, 429), schemas.ProblemOut)


def answers(kind: Any) -> dict[int, Any]:
    return {200: kind, **REFUSALS}


@router.get("/programmes", response=answers(list[schemas.ProgrammeOut]))
@asks(Permission.PROGRAMME_VIEW)
def list_programmes(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Programmes, newest first."""
    return part_of(programmes(), paging, request, response)


@router.get("/programmes/{programme}/actions", response=answers(list[schemas.ActionOut]))
@asks(Permission.PROGRAMME_VIEW)
def list_actions(
    request: HttpRequest, response: HttpResponse, programme: str, paging: Query[Paging], status: str = "",
    objective: str = "", priority: str = "", partner: str = "", signal: str = "", sort: str = "number",
) -> Any:  # fmt: skip
    """The actions of a programme that fit; a sort that begins with - goes the other way."""
    found = get_object_or_404(Programme.objects.all(), code=programme)
    chosen = ActionFilter(
        status=status, objective=objective, priority=priority, partner=partner, signal=signal,
        sort=sort.removeprefix("-"), descending=sort.startswith("-"),
    )  # fmt: skip
    return part_of(actions(found, chosen=chosen, today=timezone.localdate()), paging, request, response)


@router.get("/actions/{int:number}", response=answers(schemas.ActionOut))
@asks(Permission.PROGRAMME_VIEW)
def show_action(request: HttpRequest, response: HttpResponse, number: int) -> Any:  # noqa: ARG001 by its name
    """One action; its ETag is the version that a change has to name."""
    line = _action(number).line
    response["ETag"] = f'"{line.version}"'
    return line


@router.get("/actions/{int:number}/reports", response=answers(list[schemas.ReportOut]))
@asks(Permission.PROGRAMME_VIEW)
def list_reports(request: HttpRequest, response: HttpResponse, number: int, paging: Query[Paging]) -> Any:
    """What was reported on an action, newest first."""
    return part_of(_action(number).reports, paging, request, response)


@router.post(
    "/actions/{int:number}/reports",
    response={201: schemas.ReportOut, 400: schemas.ProblemOut, 412: schemas.ProblemOut, 428: schemas.ProblemOut,
              **REFUSALS},
)  # fmt: skip
@asks(Permission.PROGRESS_REPORT)
def add_report(request: CalledRequest, number: int, said: schemas.ReportIn) -> Any:
    """Report how an action goes. If-Match names the version it is about, so that sending it twice writes it once."""
    written = report(
        action=_action(number).action, state=said.state, line=said.line, output_done=said.output_done,
        by=request.caller.application, way=ProgressReport.Way.APPLICATION, version=_named_version(request),
    )  # fmt: skip
    return Status(201, written)


@router.get("/organisations", response=answers(list[schemas.OrganisationOut]))
@asks(Permission.PARTNERS_VIEW)
def list_organisations(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Organisations and units, by name; without the people who work there."""
    return part_of(list(organisations()), paging, request, response)


@router.get("/plans", response=answers(list[schemas.PlanOut]))
@asks(Permission.PLAN_VIEW)
def list_plans(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Plans, newest first."""
    return part_of(plans(), paging, request, response)


@router.get("/plans/{plan}/verdicts", response=answers(list[schemas.VerdictOut]))
@asks(Permission.PLAN_VIEW)
def list_verdicts(request: HttpRequest, response: HttpResponse, plan: str, paging: Query[Paging]) -> Any:
    """What the figures say of every agreed year, as they are known today."""
    found = get_object_or_404(Plan.objects.select_related("municipality", "taxonomy", "area"), code=plan)
    today = timezone.localdate()
    return part_of(verdict_rows(found, known_on=today, today=today), paging, request, response)


@router.get("/plans/{plan}", response=answers(schemas.PlanDetailOut))
@asks(Permission.PLAN_VIEW)
def show_plan(request: HttpRequest, plan: str) -> Any:  # noqa: ARG001 by its name
    """A plan with its priorities, the themes that are kept in view, and all objectives."""
    found = plan_overview(get_object_or_404(Plan.objects.select_related("municipality", "taxonomy", "area"), code=plan))
    reaches = (("local", found.local), ("regional", found.regional), ("kept_in_view", found.kept_in_view))
    names = ("code", "title", "first_year", "last_year", "legal_basis", "method", "loose_objectives")
    priorities = [
        {
            "code": one.code,
            "title": one.title,
            "reach": reach,
            "motivation": one.motivation,
            "objectives": one.objectives,
        }
        for reach, those in reaches
        for one in those
    ]
    return {name: getattr(found, name) for name in names} | {"priorities": priorities}


@router.get("/indicators", response=answers(list[schemas.IndicatorOut]))
@asks(Permission.FIGURES_VIEW)
def list_indicators(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Indicators of the municipality, in the order of the register."""
    found = [
        {"code": one.code, "name": str(one), "unit": one.unit, "direction": one.direction, "source": one.source.code}
        for one in Indicator.objects.select_related("source").order_by("position", "code")
    ]
    return part_of(found, paging, request, response)


@router.get("/indicators/{indicator}/series", response=answers(list[schemas.SeriesOut]))
@asks(Permission.FIGURES_VIEW)
def list_series(
    request: CalledRequest, response: HttpResponse, indicator: str, paging: Query[Paging],
    known_on: Annotated[date | None, Query(alias="knownOn")] = None,
) -> Any:  # fmt: skip
    """The figures of an indicator by source, as they were known on a day; without a day as they are known now."""
    area = area_of(request.caller.municipality.code)
    found = indicator_detail(indicator, area=area, known_on=known_on) if area else None
    if found is None:
        raise Http404
    return part_of([_series(one) for one in found.series], paging, request, response)


def _series(one: Series) -> dict[str, Any]:
    names = ("indicator", "name", "source", "source_label", "area", "known_on")
    return {name: getattr(one, name) for name in names} | {
        "unit": str(one.unit), "values": [_value(value) for value in one.values],
    }  # fmt: skip


def _value(one: Value) -> dict[str, Any]:
    return {
        "period": one.period.code, "amount": one.amount, "missing": str(one.missing) if one.missing else None,
        "low": one.margin.low if one.margin else None, "high": one.margin.high if one.margin else None,
        "no_margin_because": one.no_margin_because, "certainty": str(one.certainty), "as_of": one.as_of,
        "definition": one.definition_number, "respondents": one.respondents,
    }  # fmt: skip


@router.get("/agreements", response=answers(list[schemas.AgreementOut]))
@asks(Permission.PARTNERS_VIEW)
def list_agreements(request: HttpRequest, response: HttpResponse, paging: Query[Paging], term: str = "") -> Any:
    """Covenants and other agreements, those that end soonest first."""
    found = [schemas.AgreementOut.of(one) for one in agreements(today=timezone.localdate(), standing=term)]
    return part_of(found, paging, request, response)


@router.get("/promises", response=answers(list[schemas.PromiseOut]))
@asks(Permission.PARTNERS_VIEW)
def list_promises(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], direction: str = "", state: str = ""
) -> Any:
    """What was promised, both ways, open ones first."""
    return part_of(promises(direction=direction, state=state, today=timezone.localdate()), paging, request, response)


@router.get("/consultations", response=answers(list[schemas.ConsultationOut]))
@asks(Permission.PARTNERS_VIEW)
def list_consultations(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """Consultations, by name; without who sits there."""
    return part_of([one.table for one in tables(now=timezone.now())], paging, request, response)


@router.get("/consultations/{consultation}/meetings", response=answers(list[schemas.MeetingOut]))
@asks(Permission.PARTNERS_VIEW)
def list_meetings(request: HttpRequest, response: HttpResponse, consultation: str, paging: Query[Paging]) -> Any:
    """The meetings of a consultation with what was decided, without minutes."""
    table = one_table(consultation)
    if table is None:
        raise Http404
    return part_of(list(meetings_of(table).prefetch_related("decisions")), paging, request, response)


@router.get("/plans/{plan}/reviews", response=answers(list[schemas.ReviewOut]))
@asks(Permission.REVIEW_VIEW)
def list_reviews(request: HttpRequest, response: HttpResponse, plan: str, paging: Query[Paging]) -> Any:
    """The moments at which a plan is looked back on."""
    found = get_object_or_404(Plan.objects.select_related("municipality"), code=plan)
    return part_of(moments(found, today=timezone.localdate()), paging, request, response)


@router.get("/calendar-moments", response=answers(list[schemas.MomentOut]))
@asks(Permission.PROGRAMME_VIEW)
def list_moments(request: CalledRequest, response: HttpResponse, paging: Query[Paging]) -> Any:
    """What law, plan and programme ask, by day. Plans of the region and items of the council by their own scopes."""
    caller = request.caller
    found = calendar(caller.municipality, today=timezone.localdate(), permissions=caller.application.scopes)
    rows = [
        {
            "rule": one.rule.code, "title": said(one, "title"), "why": said(one, "why"), "due_on": one.due_on,
            "level": str(one.level), "warns": one.warns, "source": one.rule.source,
            "mark": one.mark.state if one.mark else None,
        }
        for one in found
    ]  # fmt: skip
    return part_of(rows, paging, request, response)


@router.get("/council-items", response=answers(list[schemas.CouncilItemOut]))
@asks(Permission.COUNCIL_VIEW)
def list_council_items(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], kind: str = "", term: str = ""
) -> Any:
    """What the council asked and was promised, the most urgent first; never who asked it."""
    lines = chosen_lines(council_lines(today=timezone.localdate()), CouncilFilter(kind=kind, term=term))
    return part_of([one.item for one in lines], paging, request, response)


def _action(number: int) -> ActionDetail:
    found = action_detail(number, today=timezone.localdate())
    if found is None:
        raise Http404
    return found


def _named_version(request: HttpRequest) -> int:
    """The version in If-Match; without one 428, and one that no row can have is 412."""
    named = request.headers.get("If-Match", "").strip()
    if not named:
        raise Refused(HTTPStatus.PRECONDITION_REQUIRED, "version_missing", "Name the version in the header If-Match.")
    bare = named.strip('"')
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 10):
        raise Refused(HTTPStatus.PRECONDITION_FAILED, "changed", "Fetch the action again; its ETag is its version.")
    return int(bare)
