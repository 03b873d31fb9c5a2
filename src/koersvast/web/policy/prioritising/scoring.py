"""Scoring: one party, apart from the others, one option at a time; good on a phone."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from koersvast.access.permissions import Permission
from koersvast.policy.changes import prioritising as changes
from koersvast.policy.models import Option, ScoringParty
from koersvast.policy.queries.prioritising import own_parties, scores_of_party
from koersvast.web.forms import posted
from koersvast.web.gate import TenantRequest, permitted
from koersvast.web.policy.prioritising.forms import ScoreForm
from koersvast.web.policy.prioritising.lists import href
from koersvast.web.saving import status_of, written

scores = permitted(GET=Permission.PRIORITIES_SCORE, POST=Permission.PRIORITIES_SCORE)


@dataclass(frozen=True, kw_only=True)
class OptionLine:
    """An option with how much of it was scored."""

    option: Option
    given: int
    asked: int
    href: str


@permitted(GET=Permission.PRIORITIES_SCORE)
def mine(request: TenantRequest) -> HttpResponse:
    """The rounds in which the visitor scores."""
    shown = {
        "parties": [
            (one, href(request, "prioritising-score", prioritising=one.prioritising.code, party=one.code))
            for one in own_parties(request.entry.user)
        ]
    }
    return render(request, "policy/prioritising_mine.html", shown)


def _party(request: TenantRequest, prioritising: str, party: str) -> ScoringParty:
    """The party, for its own person; for who may edit the plan one that comes in on paper. Else 404."""
    found = get_object_or_404(
        ScoringParty.objects.select_related("prioritising__municipality", "user"),
        prioritising__code=prioritising, code=party,
    )  # fmt: skip
    on_paper = found.user_id is None and Permission.PLAN_EDIT in request.entry.permissions
    if found.user_id != request.entry.user.pk and not on_paper:
        raise Http404
    return found


def _parts(party: ScoringParty) -> dict[str, str]:
    return {"prioritising": party.prioritising.code, "party": party.code}


@permitted(GET=Permission.PRIORITIES_SCORE)
def party_page(request: TenantRequest, prioritising: str, party: str) -> HttpResponse:
    """All options with what this party gave, and handing in."""
    found = _party(request, prioritising, party)
    lines = _lines(request, found)
    shown = {
        "party": found,
        "round": found.prioritising,
        "lines": lines,
        "first": next((one for one in lines if one.given < one.asked), lines[0] if lines else None),
        "given": sum(one.given for one in lines),
        "asked": sum(one.asked for one in lines),
        "is_open": found.prioritising.closed_on is None,
        "finish_href": href(request, "prioritising-finish", **_parts(found)),
    }
    return render(request, "policy/prioritising_party.html", shown)


def _lines(request: TenantRequest, party: ScoringParty) -> list[OptionLine]:
    given, asked = scores_of_party(party), party.prioritising.criteria.count()
    return [
        OptionLine(
            option=one, asked=asked, given=sum(option == one.code for option, _criterion in given),
            href=href(request, "prioritising-option", option=one.code, **_parts(party)),
        )
        for one in party.prioritising.options.all()
    ]  # fmt: skip


@scores
def option_page(request: TenantRequest, prioritising: str, party: str, option: str) -> HttpResponse:
    """One option with its figures, and a number for each criterion."""
    found = _party(request, prioritising, party)
    row = get_object_or_404(Option, prioritising=found.prioritising, code=option)
    criteria, given = list(found.prioritising.criteria.all()), scores_of_party(found)
    start = {one.code: _text(given.get((row.code, one.code))) for one in criteria}
    form = ScoreForm(posted(request), criteria=criteria, initial=start)

    def write() -> None:
        changes.give_scores(
            party=found, by=request.entry.user,
            points={(row.code, name): points for name, points in form.points().items()},
            seen={(row.code, name): points for name, points in form.seen().items()},
        )  # fmt: skip

    if request.method == "POST" and written(form, write):
        messages.success(request, _("Saved: {option}.").format(option=row.title))
        return redirect(_next(request, found, row))
    lines = _lines(request, found)
    shown = {
        "party": found, "round": found.prioritising, "option": row, "form": form, "figures": row.figures,
        "is_open": found.prioritising.closed_on is None and found.finished_on is None,
        "number": [one.option.pk for one in lines].index(row.pk) + 1, "total": len(lines),
        "back": href(request, "prioritising-score", **_parts(found)),
    }  # fmt: skip
    return render(request, "policy/prioritising_option.html", shown, status=status_of(form) if form.is_bound else 200)


def _text(score: Any) -> str:
    return format(score.points.normalize(), "f") if score else ""


def _next(request: TenantRequest, party: ScoringParty, option: Option) -> str:
    lines = _lines(request, party)
    at = [one.option.pk for one in lines].index(option.pk)
    if "verder" in request.POST and at + 1 < len(lines):
        return lines[at + 1].href
    return href(request, "prioritising-score", **_parts(party))


@permitted(POST=Permission.PRIORITIES_SCORE)
def finish(request: TenantRequest, prioritising: str, party: str) -> HttpResponse:
    """Hand the scores in, or take them back while the round is open."""
    found = _party(request, prioritising, party)
    hands_in = "terug" not in request.POST
    try:
        changes.finish_scores(party=found, by=request.entry.user, finished=hands_in)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(
            request, _("Your scores are handed in. Thank you.") if hands_in else _("You can change your scores again.")
        )
    return redirect(href(request, "prioritising-score", **_parts(found)))
