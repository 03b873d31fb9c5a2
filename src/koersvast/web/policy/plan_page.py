"""The page of a plan: facts, coverage of the safety chain, decisions as a line in time, links to its other pages."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from koersvast.policy.queries.ledger import DecisionLine
from koersvast.policy.queries.plans import ApproachEntry, PlanOverview, PriorityPart
from koersvast.reference.queries import safety_chain
from koersvast.web import components as c


def context(plan: PlanOverview, *, municipality: str) -> dict[str, Any]:
    """Everything that the page shows of a plan."""
    return {
        "plan": plan,
        "facts": facts(plan),
        "sections": sections(plan),
        "chain": chain_table(plan),
        "entries": decisions(plan.decisions),
        "tabs": pages(plan.code, municipality=municipality, here="plan", drafts=plan.drafts),
    }


def facts(plan: PlanOverview) -> list[tuple[str, str]]:
    """Name and value of what the plan says about itself; what it does not say is left out."""
    found = [
        (_("Period"), _("{first} to {last}").format(first=plan.first_year, last=plan.last_year)),
        (_("Area"), plan.area_name),
        (_("Legal basis, as the plan cites it"), plan.legal_basis),
        (_("Method"), plan.method),
        (_("Themes"), plan.taxonomy_name),
        (
            _("Years of the safety analysis"),
            _("{first} to {last}").format(first=plan.analysis_first_year, last=plan.analysis_last_year),
        ),
        (_("Earlier plan"), plan.predecessor_title),
    ]
    return [(name, value) for name, value in found if value]


def pages(plan: str, *, municipality: str, here: str, drafts: int = 0) -> list[c.Link]:
    """The pages of one plan as tabs; adopting is only there while a draft waits."""
    names = [("plan", _("The plan")), ("ledger", _("Decisions")), ("plan-check", _("Plan check"))]
    if drafts or here == "adopt":
        names.append(("adopt", _("Adopt")))
    where = {"municipality": municipality, "plan": plan}
    return [
        c.Link(label=label, href=reverse(name, kwargs=where), current=name == here, note=_note(name, drafts))
        for name, label in names
    ]


def _note(name: str, drafts: int) -> str:
    return str(drafts) if name == "adopt" and drafts else ""


def sections(plan: PlanOverview) -> list[c.Link]:
    """The parts of the page that have something in them."""
    parts = [
        ("koers", _("Frame and course"), plan.strategic_frame or plan.main_course or plan.principles),
        ("lokaal", _("Local priorities"), plan.local),
        ("regionaal", _("Regional priorities"), plan.regional),
        ("in-beeld", _("Kept in view"), plan.kept_in_view),
        ("overig", _("Without a priority"), plan.loose_objectives or plan.loose_lines),
        ("keten", _("On the safety chain"), _all_lines(plan)),
        ("besluiten", _("Decisions"), plan.decisions),
    ]
    return [c.Link(label=label, href=f"#{anchor}") for anchor, label, filled in parts if filled]


def _priorities(plan: PlanOverview) -> list[PriorityPart]:
    return [*plan.local, *plan.regional, *plan.kept_in_view]


def _all_lines(plan: PlanOverview) -> list[ApproachEntry]:
    return [line for part in _priorities(plan) for line in part.approach_lines] + list(plan.loose_lines)


def chain_table(plan: PlanOverview) -> c.DataTable | None:
    """Which priority does something on which link of the safety chain; the holes are in words."""
    if not _all_lines(plan):
        return None
    links = safety_chain()
    rows = [_chain_row(part.title, part.approach_lines, [link.code for link in links]) for part in _priorities(plan)]
    if plan.loose_lines:
        rows.append(_chain_row(_("Without a priority"), plan.loose_lines, [link.code for link in links]))
    return c.DataTable(
        id="veiligheidsketen",
        caption=_("Lines of the approach on the safety chain"),
        subtitle=_("How many lines each priority has on each link"),
        columns=[
            c.Column(label=_("Priority")),
            *(c.Column(label=link.name, numeric=True) for link in links),
            c.Column(label=_("No place given"), numeric=True, starts_block=True),
        ],
        groups=[c.RowGroup(rows=rows)],
    )


def _chain_row(title: str, lines: Sequence[ApproachEntry], links: Sequence[str]) -> c.Row:
    numbers = [sum(line.chain_link == link for line in lines) for link in links]
    placeless = sum(line.chain_link not in links for line in lines)
    return c.Row(head=c.Cell(text=title), cells=[*map(_count, numbers), _count(placeless, starts_block=True)])


def _count(number: int, *, starts_block: bool = False) -> c.Cell:
    if number:
        return c.Cell(text=str(number), numeric=True, starts_block=starts_block)
    return c.Cell(missing=_("none"), numeric=True, starts_block=starts_block)


def decisions(lines: Sequence[DecisionLine]) -> list[c.TimelineEntry]:
    """The decisions on a plan, oldest first."""
    return [
        c.TimelineEntry(
            date=line.date_text,
            title=_("Decision {number}: {kind} by {body}").format(
                number=line.number, kind=line.kind_text, body=line.body
            ),
            text=line.reason,
            href=line.document_url,
            facts=[(_("Document"), line.document), (_("Objectives in it"), str(line.objectives))],
        )
        for line in lines
    ]
