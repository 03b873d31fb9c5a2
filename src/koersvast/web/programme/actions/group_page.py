"""Actions under headings: each objective, partner or unit with a table, its sums and what to know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.policy.queries.standing import PlanStanding
from koersvast.programme.models import Programme
from koersvast.programme.queries.actions import ActionGroup
from koersvast.web import components as c
from koersvast.web.programme.actions import pages

GROUPS_PER_PAGE = 20
LINES_SHOWN = 25


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What stands beside a heading: where it leads, a verdict with its sentence, and where to add an action."""

    href: str = ""
    badge: c.Badge | None = None
    sentence: str = ""
    add_href: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Actions under one heading. `more` leads to those that do not fit; `alone` to a page of this group only."""

    id: str
    name: str
    heading: Heading
    line: str
    table: c.DataTable | None
    more: c.Link | None
    alone: str


def context(
    groups: Sequence[ActionGroup], *, programme: Programme, asked: QueryDict, filter_name: str, without: str,
    empty: str, headings: Mapping[str, Heading] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Twenty headings on a page; one alone (`alone` in the address) with all its actions, to print."""
    alone = asked.get("alone", "")
    wanted = [group for group in groups if not alone or (group.part and group.part.code == alone)]
    paginator = Paginator(wanted, GROUPS_PER_PAGE)
    page = paginator.get_page(asked.get("page"))
    shown = [
        _group(
            group, number=number, programme=programme, filter_name=filter_name, without=without, empty=empty,
            heading=(headings or {}).get(group.part.code if group.part else "", Heading()), is_whole=bool(alone),
        )
        for number, group in enumerate(page.object_list, start=1)
    ]  # fmt: skip
    return {
        "groups": shown, "page": page, "page_numbers": paginator.get_elided_page_range(page.number),
        "is_alone": bool(alone),
    }  # fmt: skip


def _group(
    group: ActionGroup, *, number: int, programme: Programme, filter_name: str, without: str, empty: str,
    heading: Heading, is_whole: bool,
) -> Group:  # fmt: skip
    slug, name = programme.municipality.slug, group.part.name if group.part else without
    lines = group.lines if is_whole else group.lines[:LINES_SHOWN]
    table = reverse("programme-table", kwargs={"municipality": slug, "programme": programme.code})
    asked = {filter_name: group.part.code} if group.part else {}
    left, caption = len(group.lines) - len(lines), _("Actions: {name}").format(name=name)
    more = ngettext("Show the one other action", "Show all {number} actions", left).format(number=len(group.lines))
    return Group(
        id=f"groep-{number}", name=name, heading=heading,
        line=pages.group_line(group) if group.lines else empty,
        table=pages.table(lines, municipality=slug, caption=caption, id=f"acties-{number}") if lines else None,
        more=c.Link(label=more, href=f"{table}?{urlencode(asked)}") if left and asked else None,
        alone=f"?{urlencode({'alone': group.part.code})}" if group.part and not is_whole else "",
    )  # fmt: skip


def objective_headings(standing: PlanStanding, *, programme: Programme, may_edit: bool) -> dict[str, Heading]:
    """For each objective its verdict of today with the sentence behind it."""
    where = {"municipality": programme.municipality.slug}
    new = reverse("action-new", kwargs={**where, "programme": programme.code})
    return {
        one.code: Heading(
            href=reverse("objective", kwargs={**where, "plan": programme.plan.code, "objective": one.code}),
            badge=c.evidence_badge(one.evidence), sentence=one.sentence,
            add_href=f"{new}?{urlencode({'objective': one.code})}" if may_edit else "",
        )
        for one in standing.objectives
    }  # fmt: skip
