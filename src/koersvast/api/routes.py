"""The addresses of the interface. Each asks a scope, calls a query or a change, and says nothing of its own."""

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from koersvast.access.conflicts import locked
from koersvast.access.permissions import Permission
from koersvast.api import schemas
from koersvast.api.entering import CalledRequest, asks
from koersvast.api.paging import Paging, part_of
from koersvast.api.problems import Refused
from koersvast.partners.queries.organisations import organisations
from koersvast.policy.models import Plan
from koersvast.policy.queries.plans import plans
from koersvast.policy.queries.standing import verdict_rows
from koersvast.programme.changes.progress import report
from koersvast.programme.models import Programme, ProgressReport
from koersvast.programme.queries.actions import ActionDetail, ActionFilter, action_detail, actions, programmes

router = Router()
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
def show_action(request: HttpRequest, response: HttpResponse, number: int) -> Any:
    """One action; its ETag is the version that a change has to name."""
    line = _action(number).line
    response["ETag"] = f'"{line.version}"'
    return line


@router.get("/actions/{int:number}/progress-reports", response=answers(list[schemas.ReportOut]))
@asks(Permission.PROGRAMME_VIEW)
def list_reports(request: HttpRequest, response: HttpResponse, number: int, paging: Query[Paging]) -> Any:
    """What was reported on an action, newest first."""
    return part_of(_action(number).reports, paging, request, response)


@router.post(
    "/actions/{int:number}/progress-reports",
    response={201: schemas.ReportOut, 400: schemas.ProblemOut, 412: schemas.ProblemOut, 428: schemas.ProblemOut,
              **REFUSALS},
)  # fmt: skip
@asks(Permission.PROGRESS_REPORT)
def add_report(request: CalledRequest, number: int, said: schemas.ReportIn) -> Any:
    """Report how an action goes. If-Match names the version it is about, so that sending it twice writes it once."""
    version = _named_version(request)
    with transaction.atomic():
        action = locked(_action(number).action, version=version)
        written = report(
            action=action, state=said.state, line=said.line, output_done=said.output_done,
            by=request.caller.application, way=ProgressReport.Way.APPLICATION,
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
