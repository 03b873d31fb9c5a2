"""The page of the plan check: findings by severity and rule, counts, and where each can be repaired."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koersvast.policy.queries.checking import CheckReport, Finding
from koersvast.policy.wording import amounts
from koersvast.web import components as c
from koersvast.web.policy import plan_page
from koersvast.web.policy.forms import FindingFilter

SEVERITIES: Mapping[str, str] = {"error": "error", "warning": "warning", "note": "advice"}


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One finding, ready to show."""

    id: str
    rule: str
    place_key: str
    place: str
    href: str
    message: str
    remedy: str
    answer: str
    answered_by: str


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """The findings of one rule, with its basis."""

    code: str
    title: str
    basis: str
    count: int
    number: str
    remedy: str
    """What helps at every place; empty when the places need different things."""
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, kw_only=True)
class SeverityView:
    """The rules of one severity that found something."""

    id: str
    badge: c.Badge
    title: str
    number: str
    rules: tuple[RuleView, ...]


def context(report: CheckReport, wanted: FindingFilter, *, municipality: str) -> dict[str, Any]:
    """Everything that the page shows: the findings that the filter lets through, counts, and the rules."""
    found = [one for one in report.findings if _is_wanted(one, wanted)]
    return {
        "report": report,
        "form": wanted,
        "number": len(found),
        "figures": figures(report),
        "severities": severities(found, municipality=municipality, plan=report.plan_code),
        "rules": rules_table(report),
        "tabs": plan_page.pages(report.plan_code, municipality=municipality, here="plan-check"),
    }


def _is_wanted(finding: Finding, wanted: FindingFilter) -> bool:
    text = f"{finding.code} {finding.title} {finding.place} {finding.message}"
    return wanted.lets_through(severity=finding.severity, is_answered=finding.answer is not None, text=text)


def severities(findings: Iterable[Finding], *, municipality: str, plan: str) -> list[SeverityView]:
    """Group findings, that come most severe first and by rule, under their severity and rule."""
    shown, names = [], severity_names()
    for severity, of_severity in groupby(findings, key=lambda one: one.severity):
        known = list(of_severity)
        rules = tuple(
            _rule(list(of_rule), municipality=municipality, plan=plan)
            for _code, of_rule in groupby(known, key=lambda one: one.code)
        )
        badge = c.SEVERITY[SEVERITIES[severity]]
        shown.append(
            SeverityView(id=severity, badge=badge, title=names[severity], number=_findings(len(known)), rules=rules)
        )
    return shown


def _findings(number: int) -> str:
    return ngettext("{number} finding", "{number} findings", number).format(number=number)


def _rule(findings: list[Finding], *, municipality: str, plan: str) -> RuleView:
    first, shared = findings[0], len({one.remedy for one in findings}) == 1
    return RuleView(
        code=first.code,
        title=first.title,
        basis=_basis(first.basis),
        count=len(findings),
        number=_findings(len(findings)),
        remedy=first.remedy if shared else "",
        findings=tuple(
            FindingView(
                id=f"{one.code}-{number}",
                rule=one.code,
                place_key=one.place_key,
                place=one.place,
                href=_href(one.place_key, municipality=municipality, plan=plan),
                message=one.message,
                remedy="" if shared else one.remedy,
                answer=one.answer.text if one.answer else "",
                answered_by=_("{name}, {day}").format(name=one.answer.name, day=amounts.day(one.answer.answered_on))
                if one.answer
                else "",
            )
            for number, one in enumerate(findings, start=1)
        ),
    )


def _href(place: str, *, municipality: str, plan: str) -> str:
    """The page where the place of a finding is shown; empty for a passage of a document."""
    kind, _colon, rest = place.partition(":")
    code = rest.partition("/")[0]
    where = {"municipality": municipality, "plan": plan}
    if kind == "objective" and code:
        return reverse("objective", kwargs=where | {"objective": code})
    if kind == "indicator" and code:
        return reverse("indicator", args=[municipality, code])
    if kind == "action" and code:
        return reverse("action", args=[municipality, int(code)])
    if kind == "programme" and code:
        return reverse("programme-table", args=[municipality, code])
    if kind == "plan" and code == "programme":
        return reverse("programme", args=[municipality])
    if kind == "plan":
        return reverse("plan", kwargs=where)
    return ""


def severity_names() -> dict[str, str]:
    """The severities as headings."""
    return {"error": _("Defects"), "warning": _("Warnings"), "note": _("Advice")}


def _basis(text: str) -> str:
    """What a rule rests on, without the addresses of files: they say nothing to who reads the page."""
    named = [part for part in text.split("; ") if not part.startswith("docs/")]
    return "; ".join(named) or _("the method of calculation of Koersvast")


def figures(report: CheckReport) -> list[c.KeyFigure]:
    """How many findings of each severity are open, and how many were answered."""
    names = severity_names()
    found = [
        c.KeyFigure(
            label=names[severity],
            value=str(sum(one.severity == severity for one in report.open_findings)),
            note=_("without an answer"),
        )
        for severity in names
    ]
    answered = len(report.findings) - len(report.open_findings)
    return [*found, c.KeyFigure(label=_("Answered"), value=str(answered), note=_("with a name and a reason"))]


def rules_table(report: CheckReport) -> c.DataTable:
    """All rules that looked, with what they rest on and from when they hold."""
    return c.DataTable(
        id="regels",
        caption=_("All rules of the plan check"),
        columns=[
            c.Column(label=_("Rule")),
            c.Column(label=_("Severity")),
            c.Column(label=_("What it rests on")),
            c.Column(label=_("Holds from")),
            c.Column(label=_("Findings"), numeric=True),
        ],
        groups=[
            c.RowGroup(
                rows=[
                    c.Row(
                        head=c.Cell(text=f"{rule.code} {rule.title}"),
                        cells=[
                            c.Cell(badge=c.SEVERITY[SEVERITIES[rule.severity]]),
                            c.Cell(text=_basis(rule.basis)),
                            c.Cell(text=amounts.day(rule.valid_from)),
                            c.Cell(text=str(rule.findings), numeric=True),
                        ],
                    )
                    for rule in report.rules
                ]
            )
        ],
    )
